"""What is being done for a file at the moment, as the page shows it: one piece of work on a thread of its own."""

import threading
import time
from typing import TYPE_CHECKING, Literal

from importer.errors import ImporterError
from importer.run import Listener

if TYPE_CHECKING:
    from importer.api import Client, Waiting

Kind = Literal["check", "plan", "import", "undo-plan", "undo", "report"]
WAIT_TOLD_S = 2.0
"""Shorter waits are not worth a word."""
LEARNING = 0.05
"""Share of each new time in the mean."""


class Work(Listener):
    """One check, plan or import. Its facts may be read at any time; `version` changes with them.

    read: contacts of the workspace. rows: of the file. requests, done: writing ones. resumed: rows that an earlier
    run has settled. waits: why nothing is sent, and until when, in seconds since 1970. error: what ended it.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self.stop = threading.Event()
        self.finished = threading.Event()
        self.version = 0
        self.read = self.rows = self.requests = self.requests_done = self.resumed = 0
        self.waits: tuple[str, float] | None = None
        self.has_started = False
        self.error: ImporterError | None = None
        self._client: Client | None = None
        self._left: dict[str, int] = {}  # requests by their budget
        self._turn = threading.Lock()
        self._last_s = self._mean_s = 0.0

    def _changed(self) -> None:
        self.version += 1

    def checked(self, rows: int) -> None:
        """So many rows of the file are checked."""
        self.rows = rows
        self._changed()

    def reading(self, contacts: int) -> None:
        """So many contacts of the workspace have been read."""
        self.read = contacts
        self._changed()

    def resuming(self, rows: int) -> None:
        """An earlier run has settled so many rows."""
        self.resumed = rows
        self._changed()

    def started(self, contacts: int, other: int, client: "Client") -> None:
        """The plan is being carried out."""
        self.requests, self._client, self.has_started = contacts + other, client, True
        self._left = {"contacts": contacts, "other": other}
        self._last_s = time.monotonic()
        self._changed()

    def done(self, requests: int, scope: str) -> None:
        """So many more requests of a budget are through."""
        with self._turn:
            self.requests_done += requests
            self._left[scope] = self._left.get(scope, 0) - requests
            self._learn(requests)
            if self.waits and self.waits[1] <= time.time():
                self.waits = None
            self._changed()

    def waiting(self, waiting: "Waiting") -> None:
        """Nothing is sent for a while."""
        if waiting.seconds < WAIT_TOLD_S:
            return
        with self._turn:
            until = time.time() + waiting.seconds
            self.waits = waiting.reason, max(until, self.waits[1] if self.waits else 0.0)
            self._last_s = time.monotonic() + waiting.seconds
            self._changed()

    def _learn(self, requests: int) -> None:
        """How long a request takes lately: a mean that forgets, and that leaves announced waits out."""
        now = time.monotonic()
        if requests and now > self._last_s:
            each = (now - self._last_s) / requests
            self._mean_s = each if self._mean_s == 0 else self._mean_s + (each - self._mean_s) * LEARNING
            self._last_s = now

    @property
    def left_s(self) -> float | None:
        """Seconds that are still needed, as far as anybody can say."""
        client, left = self._client, {scope: max(number, 0) for scope, number in self._left.items()}
        if client is None:
            return None
        allowed = (client.time_for(scope, number) for scope, number in left.items())
        return max(*allowed, sum(left.values()) * self._mean_s)
