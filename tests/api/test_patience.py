"""How long one request is tried again."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.api.faults import Failure, Fault
from importer.api.patience import FAILING_MAX_S, FAILURES_MAX, THROTTLED_MAX_S, Patience, read_retry_after

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"


def pauses(fault: Fault, *, sent: bool, met: bool, took_s: float = 0.0, seed: int = 1) -> list[float]:
    patience = Patience(Random(seed).random)
    found = []
    while (pause := patience.after_failure(Failure(fault, sent=sent, took_s=took_s), met=met)) is not None:
        found.append(pause)
    return found


@settings(deadline=None)
@given(seed=st.integers(), took_s=st.floats(0, 70))
def test_pauses_grow_with_chance_and_end(seed: int, took_s: float) -> None:
    """Each is up to twice the one before, up to a minute; all together last a quarter of an hour."""
    found = pauses(Fault.SERVER_ERROR, sent=True, met=True, took_s=took_s, seed=seed)
    for times, pause in enumerate(found):
        longest = min(60.0, 0.5 * 2**times)
        assert longest / 2 <= pause <= longest
    assert len(found) < FAILURES_MAX
    assert FAILING_MAX_S - 60 - took_s <= sum(found) + took_s * len(found) <= FAILING_MAX_S


@pytest.mark.parametrize(
    ("fault", "sent", "tries"),
    [(Fault.HOST_NOT_FOUND, False, 4), (Fault.REFUSED, False, 4), (Fault.CERTIFICATE, False, 1),
     (Fault.GARBLED, True, 3)],
)  # fmt: skip
def test_a_server_that_never_answered_is_given_up_soon(fault: Fault, sent: bool, tries: int) -> None:
    found = pauses(fault, sent=sent, met=False)
    assert len(found) + 1 == tries
    assert sum(found) < 5
    assert len(pauses(fault, sent=sent, met=True)) > 15


def test_a_server_that_fails_from_the_start_gets_a_minute() -> None:
    assert 20 < sum(pauses(Fault.SERVER_ERROR, sent=True, met=False)) < 60


def test_the_first_retry_after_is_believed_to_the_second() -> None:
    assert Patience(lambda: 1.0).after_throttle(3582.0) == 3582.0
    assert Patience(lambda: 1.0).after_throttle(0.0) == 0.0
    assert Patience(lambda: 1.0).after_throttle(10.0**9) == 3660.0


@pytest.mark.parametrize("asked", [None, 0.0, 1.0, 30.0, 3600.0])
def test_a_storm_of_429_is_met_with_growing_pauses_and_ends(asked: float | None) -> None:
    patience = Patience(lambda: 1.0)
    found = []
    while (pause := patience.after_throttle(asked)) is not None:
        found.append(pause)
    assert found == sorted(found)
    assert THROTTLED_MAX_S - 3600 <= sum(found) <= THROTTLED_MAX_S
    assert len(found) <= THROTTLED_MAX_S / 60 + 10


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("3582", None, 3582.0), (" 0 ", None, 0.0), ("Sun, 22 Nov 2026 12:01:30 GMT", DATE, 90.0),
        ("Sun, 22 Nov 2026 12:01:30 -0000", DATE, 90.0), ("Sun, 22 Nov 2026 11:00:00 GMT", DATE, None),
        (None, DATE, None), ("", None, None), ("-5", None, None), ("1.5", None, None), ("soon", DATE, None),
        ("٣", None, None), ("9" * 400, None, 999999999.0),
        ("Sun, 22 Nov 99999999999999999999 12:00:00 GMT", DATE, None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", DATE, None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, date: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, date) == seconds


def test_without_a_date_of_the_server_ours_is_taken() -> None:
    assert read_retry_after("Thu, 01 Jan 2120 00:00:00 GMT", "no date") > 10**9
    assert read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", None) is None
