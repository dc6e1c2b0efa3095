"""What a text means to the server as a number and as a datetime."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.sandbox.values import Reading, Value, read_datetime, read_number, read_value

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def reading(style: str = "day_first", zone: ZoneInfo = SAO_PAULO) -> Reading:
    now = datetime(2026, 11, 22, 18, 30, 15, 123456, tzinfo=UTC)
    return Reading(zone, style, lambda: now.astimezone(zone))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2020-01-31T09:27:39.5-03:00", "2020-01-31T09:27:39.500000-03:00"),
        ("2020-01-31T09:27:39.123456789Z", "2020-01-31T09:27:39.123456Z"),
        ("2020-01-31T09:27+00:00", "2020-01-31T09:27:00.000000Z"),
        ("31/01/2020 10:20:30.25", "2020-01-31T10:20:30.250000-03:00"),
        ("31/01/2020 0930", "2020-01-31T09:30:00.000000-03:00"),
        ("31/01/2020 9", "2020-01-31T09:00:00.000000-03:00"),
        ("31/01/2020 12am", "2020-01-31T00:00:00.000000-03:00"),
        ("31/01/2020 12:05 pm", "2020-01-31T12:05:00.000000-03:00"),
        ("31/01/2020 24:00", "2020-02-01T00:00:00.000000-03:00"),
        ("31 01 2020 10:20", "2020-01-31T10:20:00.000000-03:00"),
        (r"31\01\2020 10:20", "2020-01-31T10:20:00.000000-03:00"),
        ("31_01_2020 10:20", "2020-01-31T10:20:00.000000-03:00"),
        ("99/99/2020 ou 31/01/2020 10:20", "2020-01-31T10:20:00.000000-03:00"),
        ("31/01/26 10:20", "2026-01-31T10:20:00.000000-03:00"),
        ("31/01/27 10:20", "1927-01-31T10:20:00.000000-03:00"),
        ("2020-02-30T09:00:00Z", None),
        ("2020-01-31T10:20:30-3:00", "2020-01-31T20:30:00.000000-03:00"),
        ("31/01/2020 10:75", "2020-01-31T15:30:15.123456-03:00"),
        ("31/01/2020 091530", "2020-01-31T15:30:15.123456-03:00"),
        ("31/01/2020", "2020-01-31T15:30:15.123456-03:00"),
        ("2020-01-31T09:27:15", "2020-01-31T15:30:15.123456-03:00"),
        ("às 10:20, 31/01/2020", "2020-01-31T15:30:15.123456-03:00"),
        ("0/1/2020", None),
        ("31/13/2020", None),
        ("00/00/0000", None),
        ("+55 82 99331-1220", None),
        ("", None),
    ],
)
def test_datetimes(text: str, meant: str | None) -> None:
    """A time without a zone is local; none at all is the present one (15:30:15 in São Paulo)."""
    assert read_datetime(text, reading()) == meant


@pytest.mark.parametrize(
    ("style", "text", "day"),
    [
        ("day_first", "03/04/2020 10:00", "2020-04-03"),
        ("month_first", "03/04/2020 10:00", "2020-03-04"),
        ("month_first", "31/01/2020 10:00", None),
        ("year_first", "2020/03/04 10:00", "2020-03-04"),
        ("year_first", "20.3.4 10:00", "2020-03-04"),
        ("month_first", "2020-03-04 10:00", "2020-03-04"),
    ],
)
def test_the_workspace_says_what_comes_first(style: str, text: str, day: str | None) -> None:
    meant = read_datetime(text, reading(style))
    assert (meant and meant[:10]) == day


def test_a_workspace_at_utc() -> None:
    assert read_datetime("31/01/2020 10:00", reading(zone=ZoneInfo("UTC"))) == "2020-01-31T10:00:00.000000Z"


def test_summer_time_of_that_year() -> None:
    """São Paulo had it until 2019."""
    assert read_datetime("15/01/2019 12:00", reading()) == "2019-01-15T12:00:00.000000-02:00"
    assert read_datetime("15/01/2020 12:00", reading()) == "2020-01-15T12:00:00.000000-03:00"


@given(st.text(max_size=40))
def test_any_text_means_something_or_nothing(text: str) -> None:
    """Never an error; and what is meant is exact, so that writing it again means the same."""
    meant = read_datetime(text, reading())
    assert meant is None or read_datetime(meant, reading()) == meant


@given(st.text(st.sampled_from("0123456789/-:. TZampE+"), max_size=30))
def test_text_that_looks_like_a_date_is_no_error(text: str) -> None:
    value = read_value(text, reading()) if text else Value("x")
    assert value.when is None or datetime.fromisoformat(value.when).tzinfo is not None


@given(st.datetimes(min_value=datetime(1900, 1, 1)), st.sampled_from(["Z", "-03:00", "+05:30"]))  # noqa: DTZ001
def test_a_datetime_with_a_zone_is_exact(moment: datetime, zone: str) -> None:
    text = moment.isoformat(timespec="microseconds") + zone
    assert read_datetime(text, reading()) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_plain_decimals_keep_their_value(number: Decimal) -> None:
    shown = read_number(f"{number:f}")
    assert shown is not None
    assert Decimal(shown) == number
    assert read_number(shown) == shown
    assert not (("." in shown) and shown.endswith("0"))


@pytest.mark.parametrize("text", ["-", ".", "-.", "1.", "--1", "1e3", "+1", "1,5", "١", "1 ", "0x1", "inf"])
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("-0.00", "0"), ("000", "0"), ("-007.50", "-7.5"), ("9" * 600, "9" * 600)]
)
def test_numbers_are_shown_without_useless_zeros(text: str, number: str) -> None:
    assert read_number(text) == number
