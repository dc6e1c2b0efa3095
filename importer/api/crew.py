"""Threads that make requests side by side, and that nobody waits for who cannot wait."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")
Item = TypeVar("Item")


class Crew:
    """So many threads, to be used in a `with` block. What is not begun when the block ends early is not begun at all.

    The block's end waits for what is under way, unless a KeyboardInterrupt ends it: requests may take a minute, and
    whoever asks twice to stop has said that they do not matter. They are as lost as those of a killed process.
    """

    def __init__(self, threads: int) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._ended = False
        # no daemon would be waited for by Python itself at its end
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = kind is not None
        for _ in self._threads:
            self._tasks.put(None)
        if kind is None or issubclass(kind, Exception):
            for thread in self._threads:
                thread.join()

    def submit(self, work: Callable[..., T], *given: object) -> "Future[T]":
        """Have `work` done by the next thread that is free."""
        future: Future[T] = Future()
        self._tasks.put(partial(self._do, future, work, given))
        return future

    def map(self, work: Callable[[Item], T], items: Iterable[Item]) -> Iterator[T]:
        """What `work` makes of each item, in order; never far ahead of whoever takes it."""
        under_way = deque[Future[T]]()
        for item in items:
            under_way.append(self.submit(work, item))
            if len(under_way) >= 2 * len(self._threads):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def _do(self, future: "Future[Any]", work: Callable[..., object], given: tuple[object, ...]) -> None:
        if self._ended or not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work(*given))
        except BaseException as error:  # noqa: BLE001 - it is for whoever asks for the result
            future.set_exception(error)
