"""Waiting: the one place where this package lets time pass, so that a stop ends every wait at once."""

import threading
from collections.abc import Callable

from msgspec import Struct

from importer.errors import Interrupted

TURN_S = 10.0
"""So long after a machine woke up, at most, a wait may end later than it should."""

Clock = Callable[[], float]
Sleep = Callable[[float], object]


class Waiting(Struct, frozen=True):
    """A wait that begins, for progress.

    reason: "pace" (the hour's requests are used up), "throttled" (the server said so), "settling" (new fields
    and groups are not known everywhere yet) or "fault" (something failed and is tried again).
    seconds: how long at most; until: the same as a time of the client's clock.
    scope: the budget concerned, "contacts" or "other"; "" where it is all of them.
    fault: for the reason "fault", what failed; one of `faults.Fault`'s values.
    """

    reason: str
    seconds: float
    until: float
    scope: str = ""
    fault: str = ""


OnWait = Callable[[Waiting], None]


def silent(waiting: Waiting) -> None:
    """Tell nobody."""


class Waiter:
    """Sleeps on an event, so that setting it ends the sleep; safe to share between threads.

    sleep: None for the real thing; tests let a clock of their own run on.
    on_wait: called from whichever thread waits.
    """

    def __init__(self, clock: Clock, sleep: Sleep | None, stop: threading.Event, on_wait: OnWait) -> None:
        self.clock = clock
        self._stop = stop
        self._sleep: Sleep = self._rest if sleep is None else sleep
        self._on_wait = on_wait

    def wait(self, seconds: float, reason: str, scope: str = "", fault: str = "") -> None:
        """Let `seconds` pass; Interrupted as soon as the program is to stop."""
        self.check()
        self._on_wait(Waiting(reason, seconds, self.clock() + seconds, scope, fault))
        self._sleep(seconds)
        self.check()

    def _rest(self, seconds: float) -> None:
        """Sleep in short turns: the system's own wait would begin anew where the machine was asleep meanwhile."""
        until = self.clock() + seconds
        while (left_s := until - self.clock()) > 0 and not self._stop.wait(min(left_s, TURN_S)):
            pass

    def check(self) -> None:
        """Raise Interrupted if the program is to stop."""
        if self._stop.is_set():
            raise Interrupted("interrupted")
