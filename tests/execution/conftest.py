"""A workspace of many contacts, for what is sent by the hundred; a clock for many hours."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial

import pytest

from importer.api import Crew
from importer.run import Connection
from importer.sandbox import Sandbox, SandboxOptions


@pytest.fixture
def crowd(tmp_path, clock):
    """A practice server with so many contacts, named and numbered; a connection, and a file that names them all."""
    servers = []

    def make(count, group="VIP", **columns):
        people = [{"name": f"Nome {n}", "urns": [f"ext:e{n}"]} for n in range(count)]
        (tmp_path / "crowd.json").write_text(json.dumps({"groups": ["Velho"], "contacts": people}))
        server = Sandbox(SandboxOptions(rates=None, preload=tmp_path / "crowd.json"))
        server.start()
        servers.append(server)
        path = tmp_path / "crowd.csv"
        header = ",".join(["URN:Ext", "Groups", *columns])
        rows = [",".join([f"e{n}", group, *columns.values()]) for n in range(count)]
        path.write_text("\n".join([header, *rows]) + "\n")
        return server, Connection(server.url, server.token, settle_s=0, clock=clock, sleep=clock.sleep), path

    yield make
    for server in servers:
        server.stop()


class VirtualTime:
    """A clock for the threads of a whole import, which moves only when all who have something to do sleep.

    Then it moves to the moment at which the first of them wakes. So nothing depends on how quick the machine is, and
    many hours take as long as the work that is done in them. Nobody is woken but who is due: whoever makes everything
    still moves the clock, for all.
    """

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self._turn = threading.RLock()
        self._read = threading.local()
        self._sleepers: dict[int, tuple[float, threading.Lock]] = {}  # by thread, when they wake
        self._crews: dict[int, int] = {}  # threads of each
        self._tasks: dict[Future, tuple[int, int]] = {}  # not yet done: crew and thread (0: not begun)
        self._main = threading.get_ident()
        self._main_may_go: Callable[[], bool] | None = None  # None: it does not wait for others

    def __call__(self) -> float:
        at = self.now
        if getattr(self._read, "at", None) is None:  # nobody sleeps too long who has read the clock before
            self._read.at = at
        return at

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass, from when the thread last read the clock."""
        until = (getattr(self._read, "at", None) or self.now) + seconds
        self._read.at = None
        if until <= self.now:
            return
        asleep = threading.Lock()
        asleep.acquire()
        with self._turn:
            self._sleepers[threading.get_ident()] = until, asleep
            self._move()
        asleep.acquire()

    def _move(self) -> None:
        """Go on to the next moment at which somebody wakes, if nobody has anything to do before."""
        if not self._sleepers or not self._is_still():
            return
        self.now = min(until for until, _ in self._sleepers.values())
        for thread, (until, asleep) in list(self._sleepers.items()):
            if until <= self.now:
                del self._sleepers[thread]
                asleep.release()

    def _is_still(self) -> bool:
        if self._main not in self._sleepers and (self._main_may_go is None or self._main_may_go()):
            return False
        begun, waiting = Counter[int](), set[int]()
        for task, (crew, thread) in self._tasks.items():
            if task.done():
                continue
            if not thread:
                waiting.add(crew)
            elif thread in self._sleepers:
                begun[crew] += 1
            else:
                return False
        return all(begun[crew] == self._crews[crew] for crew in waiting)

    # ------------------------------------------------------------------------------ what others are doing

    def crew(self) -> type[Crew]:
        """The program's own threads, whose work this clock is told of."""
        time = self

        class Timed(Crew):
            def __init__(self, threads: int) -> None:
                time._crews[id(self)] = threads
                self._given = set[Future]()
                super().__init__(threads)

            def submit(self, work, *given):
                with time._turn:
                    task = super().submit(partial(time._begin, self, work), *given)
                    time._tasks.setdefault(task, (id(self), 0))
                    self._given.add(task)
                    task.add_done_callback(self._given.discard)
                task.add_done_callback(time._end)
                return task

            def _do(self, future, work, given):
                self._doing.future = future
                super()._do(future, work, given)

            _doing = threading.local()

            def __exit__(self, *error):
                leave = partial(super().__exit__, *error)
                return time._let_main(lambda: not self._given, leave)

        return Timed

    def _begin(self, crew, work, *given):
        with self._turn:
            self._tasks[crew._doing.future] = id(crew), threading.get_ident()
        return work(*given)

    def _end(self, task: Future) -> None:
        with self._turn:
            self._tasks.pop(task, None)
            self._move()

    def wait(self, tasks, **how):
        """As `concurrent.futures.wait`, until the first is done."""
        return self._let_main(lambda: any(task.done() for task in tasks), partial(wait, tasks, **how))

    def _let_main(self, may_go: Callable[[], bool], do: Callable[[], object]) -> object:
        """Let the main thread wait in `do`, which returns when `may_go`."""
        with self._turn:
            self._main_may_go = may_go
            self._move()
        try:
            return do()
        finally:
            self._main_may_go = None


@pytest.fixture
def virtual_time():
    return VirtualTime()
