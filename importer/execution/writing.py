"""Contacts being written, several at a time: what came of some and what goes next is one entry of the journal."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from importer.api import Crew
from importer.errors import Unusable
from importer.execution.batches import Line
from importer.execution.contacts import Sent
from importer.journal import Intent, Journal

Item = TypeVar("Item")
Writes = TypeVar("Writes", contravariant=True)


class Writer(Protocol[Writes]):
    """What writes one contact; see `ContactWriter`."""

    def intent(self, item: Writes, /) -> Intent:
        """What the journal is to know before it is sent."""

    def send(self, item: Writes, number: int, body: Mapping[str, object], /) -> Sent:
        """Send it; in a thread of its own."""


class Writing(Generic[Item]):
    """To be used in a `with` block, whose end waits for what is under way and writes down what came of it.

    As many are under way as there are threads, and no intent is in the journal of what waits for one. stop: is set if
    the block ends early, so that nobody goes on waiting.
    """

    def __init__(self, writer: Writer[Item], journal: Journal, threads: int, stop: threading.Event) -> None:
        self._writer, self._journal, self._stop = writer, journal, stop
        self._threads, self._crew = threads, Crew(threads)
        self.running: list[Future[Sent]] = []
        """What is under way, or has come to its end since `go_on`."""

    def __enter__(self) -> Self:
        self._crew.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stop.set()
        self._crew.__exit__(kind, error, trace)
        with suppress(Unusable):  # what has ended the block is told
            self._note(self._ended()[0])

    @property
    def room(self) -> int:
        """How many may be begun."""
        return self._threads - sum(not future.done() for future in self.running)

    def lines(self, items: Iterator[Item]) -> Iterator[Line]:
        """Write all of these, each taken when there is room for it; yields the lines as they come."""
        while (now := list(islice(items, self.room))) or self.running:
            yield from self.go_on(now)
            wait(self.running, return_when=FIRST_COMPLETED)

    def go_on(self, items: Sequence[Item]) -> list[Line]:
        """Begin to write these, for which there must be room; returns the lines of those that have been written.

        Raises whatever one of them has met.
        """
        ended, failure = self._ended()
        intents = [] if failure else [self._writer.intent(item) for item in items]
        steps = self._note(ended, intents)
        if failure:
            raise failure
        for item, step, intent in zip(items, steps, intents, strict=True):
            self.running.append(self._crew.submit(self._writer.send, item, step, intent.request))
        return [sent.line for sent in ended]

    def _note(self, ended: Iterable[Sent], intents: Iterable[Intent] = ()) -> list[int]:
        return self._journal.note((done for sent in ended for done in sent.done), intents)

    def _ended(self) -> tuple[list[Sent], BaseException | None]:
        """How those went that have come to their end, and what one of them has met."""
        ended = [future for future in self.running if future.done()]
        self.running = [future for future in self.running if future not in ended]
        failures = [error for future in ended if (error := future.exception())]
        sent = [future.result() for future in ended if not future.exception()]
        return sent, failures[0] if failures else None
