"""Parts of some work done in a second process, beside the rest."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def can_share() -> bool:
    """Whether a second process can begin with all that this one knows, and has a processor to itself.

    With a thread beside the only one, that one's locks might be held for ever in the other process.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


@contextmanager
def beside(*works: Callable[..., Any]) -> Iterator[list[Callable[..., Callable[[], Any]]]]:
    """Have some work done in a second process, which begins with all that this one knows now.

    Gives for each work what begins it there, with arguments, and returns what waits for its result; one is waited for
    before the next is begun. Arguments and results must be such that pickle can take them.

    Where the other process comes to nothing, of whatever reason, this one does its work in its place, so that an error
    is raised here as if there were no other. It ends with the block at the latest.
    """
    from multiprocessing import get_context  # most files need it not

    context = get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(works, there, here), daemon=True)
    process.start()
    there.close()

    def begin(number: int, *arguments: object) -> Callable[[], Any]:
        with suppress(OSError):
            here.send((number, arguments))

        def result() -> Any:  # noqa: ANN401 - whatever the work gives
            with suppress(EOFError, OSError):
                return here.recv()
            return works[number](*arguments)

        return result

    try:
        yield [partial(begin, number) for number in range(len(works))]
    finally:
        process.kill()
        process.join()
        here.close()


def _serve(works: Sequence[Callable[..., Any]], there: "Connection", here: "Connection") -> None:
    """Do what the first process asks for, one after another."""
    here.close()  # so that its end is noticed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is asked, and ends this one
    with suppress(Exception):  # it will happen to the first process, too, and be told there
        while True:
            number, arguments = there.recv()
            there.send(works[number](*arguments))
