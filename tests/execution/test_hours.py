"""A whole import over forty hours of a simulated clock: no request leaves early, none late by more than a second.

The clock knows what is under way: it moves only when every thread that has something to do sleeps, and then to the
moment at which the first of them wakes. So nothing depends on how quick the machine is.
"""

import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial

import pytest

from importer.api import Crew
from importer.model import Status
from importer.options import Options
from importer.platform import BATCH, WINDOW_S, scope_of
from importer.run import Connection, Listener, import_file
from importer.sandbox import Rates, Sandbox, SandboxOptions
from importer.sandbox.contacts import make_contact

HOURS = 40
ROWS = int(os.environ.get("WENI_HOURS_ROWS", "400"))
"""WENI_HOURS_ROWS=100000 takes as many at the platform's own rate, in as many hours; by default it is all smaller."""
RATE = ROWS // HOURS
MEMBERS = BATCH * (RATE + 3) if ROWS < 10_000 else 5_000
"""Contacts that only join a group: more batches than an hour allows, where that is not too many."""
LATE_S = 1.0
REST_S = WINDOW_S / RATE / 2
"""After each of the first requests, so that later their slots come free one by one."""


class VirtualTime:
    """A clock for several threads and what they wait for."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self._changed = threading.Condition(threading.RLock())
        self._read = threading.local()
        self._sleepers: dict[int, float] = {}  # by thread, when they wake
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
        me, until = threading.get_ident(), (getattr(self._read, "at", None) or self.now) + seconds
        self._read.at = None
        with self._changed:
            self._sleepers[me] = until
            self._changed.notify_all()
            while self.now < until:
                if self._is_still():
                    self.now = min(self._sleepers.values())
                    self._changed.notify_all()
                else:
                    self._changed.wait()
            del self._sleepers[me]

    def _is_still(self) -> bool:
        """Whether all who have something to do sleep, and nobody is about to wake."""
        if any(until <= self.now for until in self._sleepers.values()):
            return False
        if self._main not in self._sleepers and (self._main_may_go is None or self._main_may_go()):
            return False
        left = {task: where for task, where in self._tasks.items() if not task.done()}
        begun = Counter(crew for crew, thread in left.values() if thread)
        waiting = Counter(crew for crew, thread in left.values() if not thread)
        if any(begun[crew] < self._crews[crew] for crew in waiting):
            return False
        return all(thread in self._sleepers for _, thread in left.values() if thread)

    # ------------------------------------------------------------------------------ what others are doing

    def note_crew(self, crew: object, threads: int) -> None:
        with self._changed:
            self._crews[id(crew)] = threads

    def note_task(self, crew: object, task: Future) -> None:
        with self._changed:
            self._tasks[task] = (id(crew), 0)
        task.add_done_callback(self._end)

    def begin(self, crew: object, task: Future) -> None:
        with self._changed:
            self._tasks[task] = (id(crew), threading.get_ident())

    def _end(self, task: Future) -> None:
        with self._changed:
            del self._tasks[task]
            self._changed.notify_all()

    def main_waits(self, may_go: Callable[[], bool], do: Callable[[], object]) -> object:
        """Let the main thread wait in `do`, which returns when `may_go`."""
        with self._changed:
            self._main_may_go = may_go
            self._changed.notify_all()
        try:
            return do()
        finally:
            with self._changed:
                self._main_may_go = None

    def crew(self) -> type[Crew]:
        """The program's own threads, whose work this clock is told of."""
        time = self

        class Timed(Crew):
            def __init__(self, threads: int) -> None:
                time.note_crew(self, threads)
                self._given: list[Future] = []
                super().__init__(threads)

            def submit(self, work, *given):
                is_noted = threading.Event()
                task: Future

                def do():
                    is_noted.wait()
                    time.begin(self, task)
                    return work(*given)

                task = super().submit(do)
                time.note_task(self, task)
                is_noted.set()
                self._given.append(task)
                return task

            def __exit__(self, *error):
                given = self._given
                return time.main_waits(
                    lambda: all(task.done() for task in given), partial(super().__exit__, *error)
                )

        return Timed

    def wait(self, tasks, **how):
        """As `concurrent.futures.wait`, until the first is done."""
        return self.main_waits(lambda: any(task.done() for task in tasks), partial(wait, tasks, **how))


class Watch(Listener):
    """When requests arrived at the server, against when they could have left at the earliest."""

    def __init__(self, clock: VirtualTime, sandbox: Sandbox) -> None:
        self._clock, self._sandbox = clock, sandbox
        self._passed = {scope: deque[float](maxlen=RATE) for scope in ("contacts", "other")}
        self.late_s = dict.fromkeys(self._passed, 0.0)
        self.waited = dict.fromkeys(self._passed, 0)  # requests that had to
        sandbox.fault_plan = self._arrive

    def started(self, *_: object) -> None:
        """From now on there is always something to be sent, of contacts and of others, until all is."""
        self._began = self._clock.now

    def done(self, count: int, scope: str) -> None:
        """Take a rest where there still is budget."""
        if len(self._passed[scope]) < RATE:
            self._clock.sleep(REST_S * count)

    def _arrive(self, number: int, method: str, path: str) -> None:
        scope = scope_of(path.removesuffix(".json"))
        passed, now = self._passed[scope], self._clock.now
        if len(passed) == RATE and (free := passed[0] + WINDOW_S) > getattr(self, "_began", now):
            self.late_s[scope] = max(self.late_s[scope], now - free)
            self.waited[scope] += 1
        passed.append(now)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_forty_hours_of_an_import(make_csv, monkeypatch, tmp_path):
    clock = VirtualTime()
    monkeypatch.setattr("importer.execution.execute.Crew", clock.crew())
    monkeypatch.setattr("importer.execution.beside.Crew", clock.crew())
    monkeypatch.setattr("importer.execution.beside.wait", clock.wait)
    path = make_csv(
        "Name,URN:Ext,Groups",
        *(f",e{n},VIP" for n in range(MEMBERS)),
        *(f"Nome {n},n{n}," for n in range(ROWS)),
    )
    with Sandbox(SandboxOptions(rates=Rates(RATE, RATE)), clock=clock) as sandbox:
        for n in range(MEMBERS):
            make_contact(sandbox._service, {"urns": [f"ext:e{n}"]})
        clock.now += WINDOW_S
        watch, started = Watch(clock, sandbox), clock.now
        connection = Connection(sandbox.url, sandbox.token, clock=clock, sleep=clock.sleep)
        planned = []

        def confirm(plan):
            planned.append(plan.summary.estimate_s)
            return True

        report = import_file(path, Options(rate=RATE, canary=0), connection, confirm=confirm, listener=watch)
        took_s = clock.now - started
        statuses = Counter(request.status for request in sandbox.requests)
        sent = Counter(scope_of(request.path.removesuffix(".json")) for request in sandbox.requests)
        joined = next(group["count"] for group in sandbox.groups())
    assert report.failure is None
    assert (report.totals[Status.CREATED], report.totals[Status.UPDATED], joined) == (ROWS, MEMBERS, MEMBERS)
    assert statuses[429] == 0  # by the server's own count of the last hour, none came early
    assert max(watch.late_s.values()) < LATE_S
    assert watch.waited["contacts"] >= ROWS - RATE
    assert watch.waited["other"] > 0 or ROWS >= 10_000
    # as many hours as the rate takes, and as was told
    windows = (sent["contacts"] - 1) // RATE
    assert windows * WINDOW_S <= took_s < (windows + 1) * (WINDOW_S + LATE_S)
    assert planned[0] == pytest.approx(took_s, rel=0.1)
    print(f"{ROWS} rows, {took_s / 3600:.1f} h, late by {watch.late_s} s at most, {dict(sent)} requests")
