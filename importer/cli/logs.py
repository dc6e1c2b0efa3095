"""--log-json: what would be a progress bar, as JSON lines on stderr, for programs that watch."""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from importer.cli.choices import Choices
from importer.cli.progress import Bar
from importer.messages import Catalogue
from importer.run import Listener

if TYPE_CHECKING:
    from importer.api import Client, Waiting

EVERY_S = 10.0
"""So often progress is told."""


def log_line(level: str, event: str, **facts: object) -> str:
    """A line of the log."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": level, "event": event, **facts}, default=str)


class JsonLog(Listener):
    """Writes a line for each event; of progress, one every ten seconds and the last."""

    def __init__(self) -> None:
        self.has_started = False
        self._lock = threading.Lock()
        self._requests = self._done = 0
        self._told_at = 0.0
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.has_started:
            self._progress()

    def clear(self) -> None:
        """There is nothing to wipe."""

    def reading(self, contacts: int) -> None:
        """So many contacts have been read."""
        self._print("info", "reading", contacts=contacts)

    def waiting(self, waiting: "Waiting") -> None:
        """Nothing is sent for a while."""
        self._print("info", "waiting", reason=str(waiting.reason), seconds=round(waiting.seconds, 3))

    def resuming(self, rows: int) -> None:
        """An earlier run is continued."""
        self._print("info", "resuming", rows=rows)

    def started(self, requests: int, client: "Client") -> None:
        """The plan is being carried out."""
        self.has_started, self._requests, self._client = True, requests, client
        self._told_at = time.monotonic()
        self._print("info", "started", requests=requests)

    def done(self, requests: int) -> None:
        """Some more requests are through."""
        with self._lock:
            self._done += requests
            is_due = time.monotonic() - self._told_at >= EVERY_S
            if is_due:
                self._told_at = time.monotonic()
        if is_due:
            self._progress()

    def _progress(self) -> None:
        left = max(self._requests - self._done, 0)
        seconds = self._client.time_for("contacts", left) if self._client else 0.0
        self._print("info", "progress", done=self._done, requests=self._requests, left_s=round(seconds, 1))

    def _print(self, level: str, event: str, **facts: object) -> None:
        print(log_line(level, event, **facts), file=sys.stderr, flush=True)


def listener_for(choices: Choices, words: Catalogue) -> Bar | JsonLog:
    """What tells how the call goes on."""
    return JsonLog() if choices.log_json else Bar(words, silent=choices.quiet or choices.as_json)
