"""The pace, against the server's own rule on a simulated clock."""

import threading
from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.api.pace import MARGIN_S, MemoryLog, Pace


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float, reason: str) -> None:
        self.now += seconds


class Throttle:
    """The server's side: a request passes if fewer than `budget` passed in the last `window_s`."""

    def __init__(self, budget: int, window_s: float) -> None:
        self.budget = budget
        self.window_s = window_s
        self.passed: list[float] = []

    def free_at(self) -> float:
        if len(self.passed) < self.budget:
            return float("-inf")
        return self.passed[-self.budget] + self.window_s

    def take(self, now: float) -> bool:
        if now < self.free_at():
            return False
        self.passed.append(now)
        return True


@settings(deadline=None)
@given(
    budget=st.integers(1, 7),
    idle=st.lists(st.floats(0, 40), min_size=1, max_size=60),
    travel=st.lists(st.floats(0, 0.45), min_size=1, max_size=60),
)
def test_nothing_is_sent_early_and_nothing_late(budget: int, idle: list[float], travel: list[float]) -> None:
    """Whenever requests come up, and however long each is on its way: no 429, and no second given away."""
    clock, server = Clock(), Throttle(budget, 30.0)
    pace = Pace(budget, 30.0, clock=clock, wait=clock.wait)
    for pause, way in zip(idle, travel, strict=False):
        clock.now += pause
        earliest = max(clock.now, server.free_at())
        left = pace.take()
        assert left == clock.now
        assert left - earliest < 1
        assert server.take(left + way)


@settings(deadline=None)
@given(budget=st.integers(1, 5), gaps=st.lists(st.floats(0, 20), max_size=12), more=st.integers(1, 25))
def test_time_for_tells_when_the_last_of_more_requests_leaves(
    budget: int, gaps: list[float], more: int
) -> None:
    clock = Clock()
    pace = Pace(budget, 30.0, clock=clock, wait=clock.wait)
    for gap in gaps:
        clock.now += gap
        pace.take()
    asked_at, told = clock.now, pace.time_for(more)
    for _ in range(more):
        left = pace.take()
    assert told == pytest.approx(left - asked_at, abs=0.01)


@settings(deadline=None)
@given(
    budget=st.integers(1, 5),
    gaps=st.lists(st.floats(0, 20), max_size=8),
    held=st.floats(0, 90),
    more=st.integers(1, 9),
)
def test_time_for_knows_that_the_server_asked_to_wait(
    budget: int, gaps: list[float], held: float, more: int
) -> None:
    clock = Clock()
    pace = Pace(budget, 30.0, clock=clock, wait=clock.wait)
    for gap in gaps:
        clock.now += gap
        pace.take()
    pace.hold(held)
    asked_at, told = clock.now, pace.time_for(more)
    for _ in range(more):
        left = pace.take()
    assert left - asked_at > held - 0.001
    assert told == pytest.approx(left - asked_at, abs=0.01)


def test_a_hundred_thousand_contacts_take_thirty_nine_hours() -> None:
    """2,500 leave at once, then as many an hour; the last after floor(99,999 / 2,500) hours."""
    clock, server = Clock(), Throttle(2500, 3600.0)
    pace = Pace(clock=clock, wait=clock.wait)
    assert pace.time_for(100_000) == pytest.approx(39 * (3600 + MARGIN_S))
    started = clock.now
    for _ in range(100_000):
        earliest = max(clock.now, server.free_at())
        assert pace.take() - earliest < 1
        assert server.take(clock.now)
    assert 39 * 3600 <= clock.now - started < 39 * 3601


def test_a_request_that_did_not_count_is_given_back() -> None:
    clock = Clock()
    pace = Pace(2, 30.0, clock=clock, wait=clock.wait)
    taken = [pace.take(), pace.take()]
    assert not pace.is_free()
    pace.give_back(taken[0])
    assert pace.is_free()
    pace.give_back(99.0)  # of no request
    assert pace.take() == 100.0
    assert not pace.is_free()


def test_the_server_is_believed_over_our_own_count() -> None:
    """Requests of others use up the budget, too; a shorter wait asked for later changes nothing."""
    clock = Clock()
    reasons: list[tuple[float, str]] = []

    def wait(seconds: float, reason: str) -> None:
        clock.wait(seconds, reason)
        reasons.append((seconds, reason))

    pace = Pace(10, 30.0, clock=clock, wait=wait)
    pace.hold(20)
    pace.hold(5)
    assert pace.take() == 120.0
    assert reasons == [(20.0, "throttled")]


def test_two_paces_that_share_a_log_share_the_budget() -> None:
    """The log is all that has to be shared, whoever keeps it."""
    clock, log = Clock(), MemoryLog()
    one, other = (Pace(2, 30.0, clock=clock, wait=clock.wait, log=log) for _ in range(2))
    assert one.take() == other.take() == 100.0
    assert one.take() == pytest.approx(130.0 + MARGIN_S)
    other.hold(50)
    assert one.time_for(1) == pytest.approx(50)


def test_a_wait_can_be_broken_off() -> None:
    clock = Clock()

    def stop(seconds: float, reason: str) -> None:
        raise InterruptedError(reason)

    pace = Pace(1, 30.0, clock=clock, wait=stop)
    pace.take()
    with pytest.raises(InterruptedError, match="pace"):
        pace.take()
    assert len(MemoryLog().after(0)) == 0
    assert pace.time_for(1) == pytest.approx(30 + MARGIN_S)


@settings(max_examples=20, deadline=None)
@given(budget=st.integers(1, 6), threads=st.integers(2, 5))
def test_threads_never_send_more_than_the_budget_together(budget: int, threads: int) -> None:
    clock, lock = Clock(), threading.Lock()
    left: list[float] = []

    def wait(seconds: float, reason: str) -> None:
        with lock:
            clock.now += seconds

    pace = Pace(budget, 30.0, clock=clock, wait=wait)

    def send() -> None:
        for _ in range(8):
            taken = pace.take()
            with lock:
                left.append(taken)

    workers = [threading.Thread(target=send) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    left.sort()
    assert len(left) == 8 * threads
    assert max(bisect_right(left, stamp + 30) - index for index, stamp in enumerate(left)) <= budget


# ------------------------------------------------------------------------------------------------ others


class Shared:
    """A server's budget that somebody else draws on, too: so many requests, evenly, in each window."""

    def __init__(self, budget: int, window_s: float, others: int) -> None:
        self.server = Throttle(budget, window_s)
        self.step_s = window_s / others
        self.next_s = 0.0

    def send(self, pace: Pace, clock: Clock) -> int:
        """Send one request until it passes; returns how often it was refused."""
        refused = 0
        while True:
            left = pace.take()
            self.let_others_send(left)
            if self.server.take(left):
                return refused
            pace.give_back(left)
            pace.note_others()
            pace.hold(max(self.server.free_at() - clock.now, 1))
            refused += 1

    def let_others_send(self, now: float) -> None:
        while self.next_s <= now:
            self.server.take(self.next_s)
            self.next_s += self.step_s


@pytest.mark.parametrize("others", [20, 50, 80])
def test_others_who_draw_on_the_same_budget_are_learned_from_early_refusals(others: int) -> None:
    """At first two are taken to share alike; after a window what they leave us is known."""
    clock = Clock()
    pace = Pace(100, 3600.0, clock=clock, wait=clock.wait, whole=100)
    shared = Shared(100, 3600.0, others)
    clock.now = 5000.0
    shared.let_others_send(clock.now)
    alone = pace.time_for(1000)
    while not shared.send(pace, clock):
        pass
    assert pace.time_for(1000) > alone
    for _ in range(2 * (100 - others)):
        shared.send(pace, clock)
    told, asked_at = pace.time_for(400), clock.now
    for _ in range(400):
        shared.send(pace, clock)
    assert told == pytest.approx(clock.now - asked_at, abs=3700)  # what leaves within one window is one


def test_others_are_forgotten_once_they_are_gone() -> None:
    clock = Clock()
    pace = Pace(100, 3600.0, clock=clock, wait=clock.wait, whole=100)
    alone = pace.time_for(1000)
    for _ in range(30):
        pace.take()
    pace.note_others()
    learned = pace.time_for(1000)
    assert learned > alone + 3600
    for _ in range(65):  # more than they seemed to leave
        pace.take()
    assert pace.time_for(935) < learned - 3600
    clock.now += 3700
    assert pace.time_for(1000) == pytest.approx(alone)


def test_a_smaller_share_is_kept_and_known() -> None:
    clock = Clock()
    pace = Pace(60, 3600.0, clock=clock, wait=clock.wait, whole=100)
    assert pace.time_for(60) == 0
    assert pace.time_for(61) == pytest.approx(3600 + MARGIN_S)
    for _ in range(60):
        assert pace.take() == 100
    assert pace.take() == pytest.approx(3700 + MARGIN_S)


@pytest.mark.parametrize("budget", [0, -1])
def test_no_budget_is_no_pace(budget: int) -> None:
    with pytest.raises(ValueError, match=str(budget)):
        Pace(budget, clock=Clock(), wait=Clock().wait)
