"""Forty hours in a minute: a job's requests on a simulated clock, against the practice server's own throttle.

What leaves is compared with what the throttle would have let through: nothing early (it never answers 429), nothing
late by more than a second.
"""

import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from importer.api.client import SCOPES, Client
from importer.api.shared_log import PaceFile
from importer.api.waits import Waiter, silent
from importer.model import Status
from importer.options import Options
from importer.platform import API_PATH, REQUESTS_PER_HOUR, WINDOW_S, scope_of
from importer.run import Connection, import_file
from importer.run.connection import PACE_FILE
from importer.sandbox import Rates, Sandbox, SandboxOptions
from importer.sandbox.throttle import Throttle

URL = "https://flows.example"
LATE_S = 1.0


class SimulatedClock:
    """Time for threads that all draw on one budget: a sleep ends at its sleeper's own time, be it past already."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.is_quiet: Callable[[], bool] = lambda: True  # nothing is on its way: time leaps over nobody
        self._lock = threading.Lock()
        self._read = threading.local()

    def __call__(self) -> float:
        self._read.at = self.now
        return self._read.at

    def sleep(self, seconds: float) -> None:
        while not self.is_quiet():
            time.sleep(0.001)
        with self._lock:
            self.now = max(self.now, getattr(self._read, "at", self.now) + seconds)


class Slots:
    """When the next request of a budget could have left at the earliest."""

    def __init__(self, rate: int) -> None:
        self._passed = deque[float](maxlen=rate)
        self.latest_s = 0.0

    def note(self, now: float, came_up: float) -> None:
        full = len(self._passed) == self._passed.maxlen
        free_at = self._passed[0] + WINDOW_S if full else came_up
        self.latest_s = max(self.latest_s, now - max(free_at, came_up))
        self._passed.append(now)


class Server(httpx.BaseTransport):
    """Answers every request well that the practice server's throttle lets through; in this process."""

    def __init__(self, clock: SimulatedClock, travel_s: float) -> None:
        self.clock, self.travel_s = clock, travel_s
        self.throttle = Throttle(Rates(), clock)
        self.slots = {scope: Slots(REQUESTS_PER_HOUR) for scope in SCOPES}
        self.came_up = clock()
        self.passed = dict.fromkeys(SCOPES, 0)
        self.refused = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        scope = scope_of(request.url.path.removeprefix(f"{API_PATH}/").removesuffix(".json"))
        self.clock.now += self.travel_s
        wait_s = self.throttle.admit(scope)
        if wait_s is not None:
            self.refused += 1
            return httpx.Response(429, json={"detail": "…"}, headers={"Retry-After": str(wait_s)})
        self.passed[scope] += 1
        self.slots[scope].note(self.clock.now, self.came_up)
        if scope == "other":
            return httpx.Response(204)
        return httpx.Response(201, json={"uuid": "c1", **json.loads(request.content)})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_thousand_requests_leave_neither_early_nor_late(tmp_path: Path) -> None:
    """At the level of the client, with the log on disk, which a second client shares as another process would.

    They write 100,000 contacts over 40 hours; now and then they put some into a group, from the other budget.
    """
    clock, travel_s = SimulatedClock(), 0.2
    started = clock()
    server = Server(clock, travel_s)
    clients = []
    for _ in range(2):
        file = PaceFile(tmp_path / "pace.db", clock, wall=clock, start="one")
        logs = {scope: file.log("flows.example", "t", scope) for scope in SCOPES}
        waiter = Waiter(clock, clock.sleep, threading.Event(), silent)
        http = httpx.Client(transport=server)
        clients.append(
            Client(http, URL + API_PATH, waiter, settle_s=0, per_hour=REQUESTS_PER_HOUR, logs=logs,
                   on_close=file.close)
        )  # fmt: skip
    told_s = clients[0].time_for("contacts", 100_000)
    for number in range(100_000):
        client = clients[number % 3 == 0]
        server.came_up = clock.now + travel_s
        client.create_contact({"name": f"Nome {number}"})
        if number % 50 == 0:
            server.came_up = clock.now + travel_s
            client.contact_action("add", ["c1"], "VIP")
    took_s = clock() - started
    for client in clients:
        client.close()
    assert server.refused == 0
    assert server.passed == {"contacts": 100_000, "other": 2_000}
    assert max(slots.latest_s for slots in server.slots.values()) < LATE_S
    # the hour that the first 2,500 take, if any, and the half second that a request may be on its way
    assert 39 * WINDOW_S <= took_s < 39 * (WINDOW_S + LATE_S) + (REQUESTS_PER_HOUR + 2000) * travel_s
    assert told_s == pytest.approx(39 * (WINDOW_S + 0.5))


def noted(path: Path) -> int:
    """Requests that have been noted so far."""
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT max(rowid) FROM calls").fetchone()[0] or 0
    finally:
        db.close()


def test_a_whole_import_leaves_neither_early_nor_late(make_csv: Callable[..., Path], state: Path) -> None:
    """From the file to the report, four requests at a time, at a practice server of 100 requests an hour."""
    clock, came = SimulatedClock(), list[float]()
    rows, rate = 420, 100
    path = make_csv("Name,URN:Tel", *(f"Nome {n},+558290000{n:04d}" for n in range(rows)))
    with Sandbox(SandboxOptions(rates=Rates(rate, rate)), clock) as sandbox:
        sandbox.fault_plan = lambda number, method, where: (
            came.append(clock.now) if where.startswith("contacts") else None
        )
        connection = Connection(
            sandbox.url, sandbox.token, settle_s=0, clock=clock, sleep=clock.sleep, shares_pace=True
        )
        clock.is_quiet = lambda: (
            noted(state / PACE_FILE) == sum(one.ended is not None for one in sandbox.requests)
        )
        started = clock.now
        report = import_file(path, Options(rate=rate), connection)
        assert report.totals[Status.CREATED] == len(sandbox.contacts()) == rows
        assert not [served for served in sandbox.requests if served.status == 429]
    slots = Slots(rate)
    for now in came:
        slots.note(now, started)
    assert slots.latest_s < LATE_S
    assert came[-1] - started == pytest.approx((len(came) - 1) // rate * WINDOW_S, abs=5)
