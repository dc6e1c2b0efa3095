"""Parts of some work done in a second process, beside the rest."""

import os
import pickle
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO
from typing import Any, TypeVar

Thing = TypeVar("Thing")


def can_share() -> bool:
    """Whether a second process can begin with all that this one knows, and has a processor to itself.

    With a thread beside the only one, that one's locks might be held for ever in the other process.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


class Turns:
    """Numbers from 0 on, each of which is given to one of two processes, to the one that asks first.

    So both end at the same time, however fast each of them is. taken: what this process was given.

    Where the system gives no file for it, the process that makes them is given all.
    """

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self._are_over = False
        self._maker = os.getpid()
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.memfd_create("turns")
            weakref.finalize(self, os.close, self._file)

    def shared(self, things: Iterable[Thing]) -> Iterator[tuple[int, Thing]]:
        """Of things that both go through those that this process is given, with their numbers."""
        if self._are_over:
            yield from ((number, thing) for number, thing in enumerate(things) if number not in self.taken)
            return
        mine = self._take()
        for number, thing in enumerate(things):
            if number == mine:
                self.taken.add(number)
                yield number, thing
                mine = self._take(number)

    def end(self) -> None:
        """All have been given: whoever asks from now on is given what the other process was given."""
        self._are_over = True

    def _take(self, last: int = -1) -> int | None:
        """The next number for this process, the last one being done; None for none."""
        if self._file is None:
            return last + 1 if os.getpid() == self._maker else None
        import fcntl  # not on every system

        fcntl.lockf(self._file, fcntl.LOCK_EX)  # no process takes it with it into its grave
        try:
            number = int.from_bytes(os.pread(self._file, 8, 0))
            os.pwrite(self._file, (number + 1).to_bytes(8), 0)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        return number


@contextmanager
def beside(*works: Callable[..., Any]) -> Iterator[list[Callable[..., Callable[[], Any]]]]:
    """Have some work done in a second process, which begins with all that this one knows now.

    Gives for each work what begins it there, with arguments, and returns what waits for its result; one is waited for
    before the next is begun. Arguments and results must be such that pickle can take them.

    Where the other process comes to nothing, of whatever reason, this one does its work in its place, so that an error
    is raised here as if there were no other. It ends with the block at the latest.
    """
    ends, process = list[int](), None
    try:
        for _ in range(2):
            ends += os.pipe()
        process = os.fork()
    except OSError:  # there are too many files, or processes, or there is too little memory
        for end in ends:
            os.close(end)
    if process is None:
        yield [partial(partial, work) for work in works]
        return
    asked, asking, answered, answering = ends
    if not process:
        try:
            os.close(asking)  # so that its end is noticed
            os.close(answered)
            _serve(works, asked, answering)
        finally:
            os._exit(0)  # whatever comes, the rest of the program is not for this process
    os.close(asked)
    os.close(answering)
    questions, answers = os.fdopen(asking, "wb", buffering=0), os.fdopen(answered, "rb")

    def begin(number: int, *arguments: object) -> Callable[[], Any]:
        with suppress(OSError):
            _write(questions, (number, arguments))

        def result() -> Any:  # noqa: ANN401 - whatever the work gives
            with suppress(EOFError, OSError, pickle.UnpicklingError):  # the last: it was ended while it wrote
                return pickle.load(answers)  # noqa: S301 - written by this program just now
            return works[number](*arguments)

        return result

    try:
        yield [partial(begin, number) for number in range(len(works))]
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        questions.close()
        answers.close()


def _serve(works: Sequence[Callable[..., Any]], asked: int, answering: int) -> None:
    """Do what the first process asks for, one after another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is asked, and ends this one
    # an error will happen to the first process, too, and be told there
    with suppress(Exception), os.fdopen(asked, "rb") as questions, os.fdopen(answering, "wb", 0) as answers:
        while True:
            number, arguments = pickle.load(questions)  # noqa: S301 - as above
            _write(answers, works[number](*arguments))


def _write(file: FileIO, thing: object) -> None:
    left = memoryview(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
    while left:
        left = left[file.write(left) :]
