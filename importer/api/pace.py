"""Pace: the server's sliding window kept here, too, so that requests leave as early as they may, not earlier.

The server lets a request pass if fewer than its budget passed in the last hour. There is one `Pace` for each
of its two budgets (`platform.scope_of`).
"""

import threading
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from typing import Protocol

from importer import platform
from importer.api.waits import Clock

MARGIN_S = 0.5
"""A request counts from when it reaches the server, so its slot comes free later than by our clock."""
TICK_S = 0.001
"""No wait is shorter, so that a clock of floating numbers always moves."""


class Log(Protocol):
    """When requests left, as times of one clock. Each method is one atomic step, whoever shares the log."""

    def take(self, now: float, since: float, budget: int) -> float | None:
        """Note a request that leaves `now`, if fewer than `budget` left after `since`, and answer None.

        Else note nothing and answer when the one left that has to be out of the window first.
        """

    def give_back(self, stamp: float) -> None:
        """Strike out a request noted at `stamp`: the server did not count it."""

    def after(self, since: float) -> Sequence[float]:
        """The requests that left after `since`, oldest first."""

    def hold(self, until: float) -> None:
        """Let nothing leave before `until`; an earlier time than one given before changes nothing."""

    def held_until(self) -> float:
        """The latest time given to `hold`."""


class MemoryLog:
    """A log that lasts as long as the process."""

    def __init__(self) -> None:
        self._stamps: list[float] = []
        self._held_until = float("-inf")
        self._lock = threading.Lock()

    def take(self, now: float, since: float, budget: int) -> float | None:
        """See `Log`."""
        with self._lock:
            del self._stamps[: bisect_right(self._stamps, since)]
            if len(self._stamps) < budget:
                insort(self._stamps, now)
                return None
            return self._stamps[len(self._stamps) - budget]

    def give_back(self, stamp: float) -> None:
        """See `Log`."""
        with self._lock:
            if stamp in self._stamps:
                self._stamps.remove(stamp)

    def after(self, since: float) -> Sequence[float]:
        """See `Log`."""
        with self._lock:
            return self._stamps[bisect_right(self._stamps, since) :]

    def hold(self, until: float) -> None:
        """See `Log`."""
        with self._lock:
            self._held_until = max(self._held_until, until)

    def held_until(self) -> float:
        """See `Log`."""
        return self._held_until


Wait = Callable[[float, str], None]
"""Lets so many seconds pass for a reason ("pace" or "throttled"); raises to break off."""


class Pace:
    """Lets requests of one budget leave: at once while there is budget, then each as a slot comes free.

    budget: requests in any `window_s` seconds. clock: in seconds, the one that the log's times are of.
    """

    def __init__(
        self,
        budget: int = platform.REQUESTS_PER_HOUR,
        window_s: float = platform.WINDOW_S,
        *,
        clock: Clock,
        wait: Wait,
        log: Log | None = None,
    ) -> None:
        if budget < 1:
            raise ValueError(budget)
        self._budget = budget
        self._window_s = window_s + MARGIN_S
        self._clock = clock
        self._wait = wait
        self._log = MemoryLog() if log is None else log

    def take(self) -> float:
        """Return when the next request may leave, and count it; the answer names it for `give_back`."""
        while True:
            now = self._clock()
            held_s = self._log.held_until() - now
            if held_s > 0:
                self._wait(max(held_s, TICK_S), "throttled")
                continue
            blocking = self._log.take(now, now - self._window_s, self._budget)
            if blocking is None:
                return now
            self._wait(max(blocking + self._window_s - now, TICK_S), "pace")

    def give_back(self, taken: float) -> None:
        """The request did not reach the server, or the server did not count it."""
        self._log.give_back(taken)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for `seconds`, as the server asked."""
        self._log.hold(self._clock() + seconds)

    def time_for(self, requests: int) -> float:
        """Seconds from now until the last of so many more requests may leave; 0 for none.

        What sending itself takes is not in it.
        """
        if requests < 1:
            return 0.0
        now = self._clock()
        rounds, place = divmod(requests - 1, self._budget)
        sent = self._log.after(now - self._window_s)
        start = max(now, self._log.held_until())
        blocking = len(sent) + place - self._budget
        leaves = start if blocking < 0 else max(start, sent[blocking] + self._window_s)
        return leaves + rounds * self._window_s - now

    def is_free(self) -> bool:
        """Whether a request could leave now."""
        return self.time_for(1) <= 0
