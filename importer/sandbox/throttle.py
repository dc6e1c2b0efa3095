"""The server's throttle: how many requests each budget lets through within an hour."""

import math
from collections import deque
from collections.abc import Callable

from importer.platform import WINDOW_S
from importer.sandbox.options import Rates

Clock = Callable[[], float]


class Throttle:
    """A sliding log of the requests that passed, for each budget."""

    def __init__(self, rates: Rates | None, clock: Clock) -> None:
        self._rates = rates or Rates(None, None)
        self._clock = clock
        self._passed: dict[str, deque[float]] = {"contacts": deque(), "other": deque()}

    def admit(self, scope: str) -> int | None:
        """Let a request pass and count it: None. Or the whole seconds until the oldest is an hour old."""
        rate = self._rates.of(scope)
        if rate is None:
            return None
        passed, now = self._passed[scope], self._clock()
        while passed and passed[0] <= now - WINDOW_S:
            passed.popleft()
        if len(passed) >= rate:
            return max(1, math.ceil(passed[0] + WINDOW_S - now))
        passed.append(now)
        return None

    def reset(self) -> None:
        """Forget every request."""
        for passed in self._passed.values():
            passed.clear()
