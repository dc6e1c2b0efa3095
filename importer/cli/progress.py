"""The progress bar: tqdm, with a time that knows the server's rate and what is being waited for."""

import sys
import threading
import time
from typing import TYPE_CHECKING, Never

from importer.messages import Catalogue
from importer.run import Listener
from importer.wording import describe_duration

if TYPE_CHECKING:
    from tqdm import tqdm

    from importer.api import Client, Waiting

WAIT_TOLD_S = 2.0
"""Shorter waits are not worth a word."""
LEARNING = 0.05
"""Share of each new time in the mean."""


class Bar(Listener):
    """Shows progress on stderr. Only a terminal gets a bar; a file or pipe gets a line for each long wait."""

    def __init__(self, words: Catalogue, *, silent: bool = False) -> None:
        self._words = words
        self._silent = silent
        self._is_terminal = sys.stderr.isatty() and not silent
        self._bar: tqdm[Never] | None = None
        self._client: Client | None = None
        self._left = 0
        self._last_s = self._mean_s = 0.0
        self.has_started = False
        self._waits_until = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        elif self._is_terminal:
            self._note("")

    def reading(self, contacts: int) -> None:
        """Say how many contacts of the workspace have been read."""
        if self._is_terminal:
            self._note(self._words.say("screen.reading", count=contacts))

    def resuming(self, rows: int) -> None:
        """Say that an earlier run is continued."""
        self._print(self._words.say("screen.resuming", count=rows))

    def started(self, requests: int, client: "Client") -> None:
        """Draw the bar."""
        self._client, self._left, self.has_started = client, requests, True
        self._last_s = time.monotonic()
        if self._is_terminal and requests:
            from tqdm import tqdm

            self._note("")
            self._bar = tqdm(
                total=requests,
                unit="",
                file=sys.stderr,
                bar_format="{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt}  {desc}",
            )
            self._show()

    def clear(self) -> None:
        """Wipe the line that says what is being read."""
        if self._is_terminal and self._bar is None:
            self._note("")

    def done(self, requests: int) -> None:
        """Move the bar on."""
        with self._lock:
            self._left -= requests
            self._learn(requests)
            if self._bar is not None:
                self._bar.update(requests)
                self._show()

    def waiting(self, waiting: "Waiting") -> None:
        """Say what is being waited for, and until when."""
        if waiting.seconds < WAIT_TOLD_S:
            return
        with self._lock:
            until = time.time() + waiting.seconds
            if until < self._waits_until + WAIT_TOLD_S:  # the other threads wait for the same
                return
            self._waits_until = until
            self._last_s = time.monotonic() + waiting.seconds
            at = time.strftime("%H:%M:%S", time.localtime(until))
            text = self._words.say(f"screen.waiting.{waiting.reason}", until=at)
            if self._bar is not None:
                self._bar.set_description_str(text)
            else:
                self._print(text)

    def _show(self) -> None:
        if self._bar is None or self._client is None:
            return
        left = max(self._left, 0)
        allowed = self._client.time_for("contacts", left)
        seconds = max(allowed, left * self._mean_s)
        self._bar.set_description_str(
            self._words.say("screen.left", time=describe_duration(seconds, self._words)), refresh=False
        )

    def _learn(self, requests: int) -> None:
        """How long a request takes lately: a mean that forgets, and that leaves announced waits out."""
        now = time.monotonic()
        if requests and now > self._last_s:
            each = (now - self._last_s) / requests
            self._mean_s = each if self._mean_s == 0 else self._mean_s + (each - self._mean_s) * LEARNING
            self._last_s = now

    def _note(self, text: str) -> None:
        """A line that the next one overwrites."""
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    def _print(self, text: str) -> None:
        if not self._silent:
            print(text, file=sys.stderr, flush=True)
