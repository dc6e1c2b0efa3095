"""Pace: the server's sliding window kept here, too, so that requests leave as early as they may, not earlier.

The server lets a request pass if fewer than its budget passed in the last hour. There is one `Pace` for each
of its two budgets (`platform.scope_of`).
"""

import threading
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from importer import platform
from importer.api.waits import Clock

MARGIN_S = 0.5
"""A request counts from when it reaches the server, so its slot comes free later than by our clock."""
TICK_S = 0.001
"""No wait is shorter, so that a clock of floating numbers always moves."""


class Blocked(NamedTuple):
    """What keeps a request from leaving: either a hold, or the request that has to be out of the window first.

    held_until: see `Log.hold`; None: it is not that. left: when that other request left.
    """

    held_until: float | None = None
    left: float = 0.0


class Log(Protocol):
    """When requests left, as times of one clock. Each method is one atomic step, whoever shares the log."""

    def take(self, now: float, since: float, budget: int) -> "Blocked | None":
        """Note a request that leaves `now`, if nothing is held and fewer than `budget` left after `since`: None.

        Else note nothing and answer what stands in the way.
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

    def take(self, now: float, since: float, budget: int) -> Blocked | None:
        """See `Log`."""
        with self._lock:
            if self._held_until > now:
                return Blocked(self._held_until)
            del self._stamps[: bisect_right(self._stamps, since)]
            if len(self._stamps) < budget:
                insort(self._stamps, now)
                return None
            return Blocked(left=self._stamps[len(self._stamps) - budget])

    def note(self, stamp: float, since: float) -> None:
        """Note a request that leaves whatever else is known; those that left until `since` are forgotten."""
        with self._lock:
            del self._stamps[: bisect_right(self._stamps, since)]
            insort(self._stamps, stamp)

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

    budget: requests in any `window_s` seconds, our share of the `whole` that the server allows everybody together.
    clock: in seconds, the one that the log's times are of.
    """

    def __init__(
        self,
        budget: int = platform.REQUESTS_PER_HOUR,
        window_s: float = platform.WINDOW_S,
        *,
        clock: Clock,
        wait: Wait,
        log: Log | None = None,
        whole: int | None = None,
    ) -> None:
        if budget < 1:
            raise ValueError(budget)
        self._budget = budget
        self._whole = max(budget, whole or budget)
        self._window_s = window_s + MARGIN_S
        self._clock = clock
        self._wait = wait
        self._log = MemoryLog() if log is None else log
        self._others = Others()
        self._first: float | None = None  # when we sent the first

    def take(self) -> float:
        """Return when the next request may leave, and count it; the answer names it for `give_back`."""
        while True:
            now = self._clock()
            blocked = self._log.take(now, now - self._window_s, self._budget)
            if blocked is None:
                self._first = now if self._first is None else self._first
                return now
            if blocked.held_until is not None:
                self._wait(max(blocked.held_until - now, TICK_S), "throttled")
            else:
                self._wait(max(blocked.left + self._window_s - now, TICK_S), "pace")

    def give_back(self, taken: float) -> None:
        """The request did not reach the server, or the server did not count it."""
        self._log.give_back(taken)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for `seconds`, as the server asked."""
        self._log.hold(self._clock() + seconds)

    def note_others(self) -> None:
        """The server lets no more through though we have budget left: others draw on the same."""
        now = self._clock()
        own = len(self._log.after(now - self._window_s))
        if self._first is None or now - self._first < self._window_s:
            # what others have sent so far may have been all that they wanted: they are taken for one more of us
            own = max(own, self._whole // 2)
        self._others = Others(max(self._whole - own, 0), now + self._window_s)

    def time_for(self, requests: int) -> float:
        """Seconds from now until the last of so many more requests may leave; 0 for none.

        What sending itself takes is not in it. Others who draw on the budget are taken to go on as they did lately.
        """
        if requests < 1:
            return 0.0
        now = self._clock()
        sent = self._log.after(now - self._window_s)
        left_by_others = self._whole - self._others.count(now, self._whole - len(sent))
        budget = max(1, min(self._budget, left_by_others))
        rounds, place = divmod(requests - 1, budget)
        start = max(now, self._log.held_until())
        blocking = len(sent) + place - budget
        leaves = start if blocking < 0 else max(start, sent[blocking] + self._window_s)
        return leaves + rounds * self._window_s - now

    def is_free(self) -> bool:
        """Whether a request could leave now."""
        now = self._clock()
        is_held = self._log.held_until() > now
        return not is_held and len(self._log.after(now - self._window_s)) < self._budget


class Others(Struct, frozen=True):
    """What others take of a budget, as a refusal that came early has told. until: so long it is believed."""

    requests: int = 0
    until: float = float("-inf")

    def count(self, now: float, room: int) -> int:
        """Requests of others in each window. room: what we have left of the last one, so that they sent no more."""
        return min(self.requests, room) if now < self.until else 0
