"""A part of some work done in a second process, beside the rest."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")


def can_share() -> bool:
    """Whether a second process can begin with all that this one knows, and has a processor to itself.

    With a thread beside the only one, that one's locks might be held for ever in the other process.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do `work` in a second process; gives what waits for its result, which must be such that pickle can take it.

    Where the other process comes to nothing, of whatever reason, this one does its work in its place, so that an error
    is raised here as if there were no other. It ends with the block at the latest.
    """
    from multiprocessing import get_context  # most files need it not

    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, sending), daemon=True)
    process.start()
    sending.close()

    def result() -> T:
        with suppress(EOFError):
            found: T = receiving.recv()
            return found
        return work()

    try:
        yield result
    finally:
        process.kill()
        process.join()
        receiving.close()


def _send(work: Callable[[], T], sending: "Connection") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is asked, and ends this one
    with suppress(Exception):  # it will happen to the first process, too, and be told there
        sending.send(work())
