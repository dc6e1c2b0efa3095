"""The progress bar: tqdm, with a time that knows the server's rate and what is being waited for."""

import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Never

from importer.messages import Catalogue
from importer.run import Listener
from importer.wording import describe_duration

if TYPE_CHECKING:
    from tqdm import tqdm

    from importer.api import Client, Waiting
    from importer.issues import Phrase

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
        self._left: dict[str, int] = {}  # requests by budget
        self._last_s = self._mean_s = 0.0
        self.has_started = False
        self._waits: dict[str, _Wait] = {}  # by budget
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

    def verifying(self, contacts: int) -> None:
        """Say how many contacts have been read back."""
        text = self._words.say("screen.verifying", count=contacts)
        if self._bar is not None:
            self._bar.set_description_str(text)
        elif self._is_terminal:
            self._note(text)

    def resuming(self, rows: int) -> None:
        """Say that an earlier run is continued."""
        self._print(self._words.say("screen.resuming", count=rows))

    def pace_not_kept(self, reason: "str | Phrase") -> None:
        """Say that other processes do not see our requests, nor we theirs."""
        self._print(self._words.say("screen.pace-not-kept", reason=reason))

    def started(self, contacts: int, other: int, client: "Client") -> None:
        """Draw the bar."""
        self._client, self._left, self.has_started = client, {"contacts": contacts, "other": other}, True
        self._last_s = time.monotonic()
        if self._is_terminal and contacts + other:
            from tqdm import tqdm

            self._note("")
            self._bar = tqdm(
                total=contacts + other,
                unit="",
                file=sys.stderr,
                bar_format="{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt}  {desc}",
                dynamic_ncols=True,
            )
            self._show()
            self._bar.refresh()

    def clear(self) -> None:
        """Wipe the line that says what is being read."""
        if self._is_terminal and self._bar is None:
            self._note("")

    def done(self, requests: int, scope: str) -> None:
        """Move the bar on."""
        with self._lock:
            self._left[scope] = self._left.get(scope, 0) - requests
            self._waits.pop(scope, None)
            self._learn(requests)
            if self._bar is not None:
                self._show()
                self._bar.update(requests)

    def waiting(self, waiting: "Waiting") -> None:
        """Say what is being waited for, and until when."""
        if waiting.seconds < WAIT_TOLD_S:
            return
        with self._lock:
            wait = _Wait(time.time() + waiting.seconds, waiting.reason)
            known = self._waits.get(waiting.scope)
            if known and wait.until < known.until + WAIT_TOLD_S:  # the other threads wait for the same
                return
            self._waits[waiting.scope] = wait
            self._last_s = time.monotonic() + waiting.seconds
            if self._bar is not None:
                self._show()
                self._bar.refresh()
            else:
                self._print(self._say_wait(waiting.scope, wait))

    def _show(self) -> None:
        """What is being waited for, if anything, and how long it takes from here."""
        if self._bar is None or self._client is None:
            return
        now = time.time()
        self._waits = {scope: wait for scope, wait in self._waits.items() if wait.until > now}
        said = [self._say_wait(scope, wait) for scope, wait in sorted(self._waits.items())]
        said.append(self._words.say("screen.left", time=describe_duration(self._seconds_left(), self._words)))
        self._bar.set_description_str(" · ".join(said), refresh=False)

    def _say_wait(self, scope: str, wait: "_Wait") -> str:
        at = time.strftime("%H:%M:%S", time.localtime(wait.until))
        text = self._words.say(f"screen.waiting.{wait.reason}", until=at)
        both = all(self._left.get(one, 0) > 0 for one in ("contacts", "other"))
        return self._words.say(f"screen.waiting-of.{scope}", text=text) if scope and both else text

    def _seconds_left(self) -> float:
        left = {scope: max(requests, 0) for scope, requests in self._left.items()}
        allowed = [self._client.time_for(scope, requests) for scope, requests in left.items() if self._client]
        return max([*allowed, sum(left.values()) * self._mean_s])

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


class _Wait(NamedTuple):
    """A wait under way. until: by the wall clock."""

    until: float
    reason: str
