"""Patience: how long one request is tried again, and with which pauses. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from importer import platform
from importer.api.faults import Failure, Fault

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
FAILURES_MAX = 40
FAILING_MAX_S = 15 * 60.0
"""So long may a server be down, or a laptop without a network, and nobody has to do anything."""

UNMET_FAILURES_MAX = {Fault.CERTIFICATE: 1, Fault.GARBLED: 3}
"""So often may a server fail that never answered before: it is likely not the one that was meant."""
UNMET_CONNECTING_MAX = 4
UNMET_MAX_S = 60.0

THROTTLED_MAX_S = 3 * platform.WINDOW_S
"""As long as others may keep us out: each wait ends in an hour, but they can be quicker."""
ASKED_MAX_S = platform.WINDOW_S + 60.0
"""No slot takes longer to come free; a server that asks for more is mistaken."""

NOT_SETTLED_MAX = 3
"""So often is a refusal repeated that says a new field or group is not known yet."""


class Patience:
    """What is left of it for one request. random: from 0 to 1, so that threads do not come back together."""

    def __init__(self, random: Callable[[], float]) -> None:
        self.failures = 0
        self._failing_s = 0.0
        self._refused_in_a_row = 0
        self._throttled_s = 0.0
        self._not_settled = 0
        self._suspicions = 0
        self._random = random

    def after_failure(self, failure: Failure, *, met: bool) -> float | None:
        """The seconds to wait before trying again; None: no more.

        met: whether this server has ever answered as the API does.
        """
        self.failures += 1
        pause = self._growing(self.failures)
        self._failing_s += failure.took_s + pause
        return None if self._is_enough(failure, met=met) else pause

    def after_throttle(self, asked_s: float | None) -> float | None:
        """The same after a 429. asked_s: what its Retry-After said; None: nothing of use."""
        self._refused_in_a_row += 1
        # once is believed to the second; being refused again and again is not for the asking in vain
        floor = (
            self._growing(self._refused_in_a_row) if self._refused_in_a_row > 1 or asked_s is None else 0.0
        )
        pause = max(floor, min(asked_s or 0.0, ASKED_MAX_S))
        self._throttled_s += pause
        return pause if self._throttled_s <= THROTTLED_MAX_S else None

    def after_suspicion(self) -> bool:
        """Whether it is certain that the server fails on this request only, as it answers others.

        It may just have come back when it answered the other one, so that is the case if it fails once more.
        """
        self._suspicions += 1
        return self._suspicions > 1

    def after_not_settled(self) -> bool:
        """Whether to ask once more after waiting for a new field or group."""
        self._not_settled += 1
        return self._not_settled <= NOT_SETTLED_MAX

    def _growing(self, times: int) -> float:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(times - 1, 16))
        return float(longest * (1 + self._random()) / 2)

    def _is_enough(self, failure: Failure, *, met: bool) -> bool:
        if met:
            return self.failures >= FAILURES_MAX or self._failing_s >= FAILING_MAX_S
        most = UNMET_FAILURES_MAX.get(failure.fault, FAILURES_MAX if failure.sent else UNMET_CONNECTING_MAX)
        return self.failures >= most or self._failing_s >= UNMET_MAX_S


def read_retry_after(value: str | None, date: str | None) -> float | None:
    """The seconds that a Retry-After asks for, a number or a date; None if it is missing or makes no sense.

    date: the Date of the same answer, so that the server's clock need not be right.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = _read_date(text)
    if until is None:
        return None
    seconds = (until - (_read_date(date or "") or datetime.now(UTC))).total_seconds()
    return seconds if seconds >= 0 else None


def _read_date(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
