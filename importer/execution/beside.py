"""What is sent by the hundred while contacts are written one by one: the server counts the two apart."""

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import Any, Self

from importer import platform
from importer.api import Crew
from importer.errors import Interrupted
from importer.execution.batches import Batches


class Beside:
    """A thread that sends full hundreds, to be used in a `with` block, whose end waits for the one under way.

    What it meets is raised by whatever is called next, and at the block's end in place of an Interrupted.
    stop: is set when it fails, so that nobody goes on waiting.
    """

    def __init__(self, batches: Batches, stop: threading.Event) -> None:
        self._batches, self._stop = batches, stop
        self._crew = Crew(1)
        self._is_open = True
        self._sending: Future[None] | None = None

    def __enter__(self) -> Self:
        self._crew.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        self._crew.__exit__(kind, error, trace)
        if self._sending and (kind is None or issubclass(kind, Interrupted)) and not self._sending.cancel():
            self._sending.result()

    def go_on(self) -> None:
        """Send what is a hundred by now, unless that is under way."""
        if self._sending and self._sending.done():
            self._sending.result()
            self._sending = None
        if self._sending is None and self._batches.has(platform.BATCH):
            self._sending = self._crew.submit(self._send)

    def wait_with(self, running: Iterable[Future[Any]]) -> None:
        """Wait until some of these are done, or what is sent beside them."""
        pending = [*running, *([self._sending] if self._sending else [])]
        if pending:
            wait(pending, return_when=FIRST_COMPLETED)

    def _send(self) -> None:
        try:
            self._batches.send(platform.BATCH, lambda: self._is_open)
        except BaseException:
            self._stop.set()
            raise
