"""--log-json: what would be a progress bar, as JSON lines on stderr, for programs that watch."""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from importer.cli.choices import Choices
from importer.cli.progress import Bar
from importer.issues import Phrase
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

    def __init__(self, words: Catalogue) -> None:
        self._words = words
        self._left: dict[str, int] = {}  # requests by budget
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

    def pace_not_kept(self, reason: "str | Phrase") -> None:
        """Other processes cannot see our calls, nor we theirs."""
        said = self._words.say(reason.key, **reason.facts) if isinstance(reason, Phrase) else reason
        self._print("warning", "pace-not-kept", reason=said)

    def started(self, contacts: int, other: int, client: "Client") -> None:
        """The plan is being carried out."""
        self._client, self._left, self.has_started = client, {"contacts": contacts, "other": other}, True
        self._requests, self._told_at = contacts + other, time.monotonic()
        self._print("info", "started", requests=self._requests, contacts=contacts, other=other)

    def done(self, requests: int, scope: str) -> None:
        """Some more requests are through."""
        with self._lock:
            self._left[scope] = self._left.get(scope, 0) - requests
            self._done += requests
            is_due = time.monotonic() - self._told_at >= EVERY_S
            if is_due:
                self._told_at = time.monotonic()
        if is_due:
            self._progress()

    def _progress(self) -> None:
        left = [(scope, max(requests, 0)) for scope, requests in self._left.items()]
        waits = [self._client.time_for(scope, requests) for scope, requests in left if self._client]
        left_s = round(max(waits, default=0.0), 1)
        self._print("info", "progress", done=self._done, requests=self._requests, left_s=left_s)

    def _print(self, level: str, event: str, **facts: object) -> None:
        print(log_line(level, event, **facts), file=sys.stderr, flush=True)


def listener_for(choices: Choices, words: Catalogue) -> Bar | JsonLog:
    """What tells how the call goes on."""
    return JsonLog(words) if choices.log_json else Bar(words, silent=choices.quiet or choices.as_json)
