"""Forty hours in a minute: a job's requests on a simulated clock, against the practice server's own throttle.

What leaves is compared with what the throttle would have let through: nothing early (it never answers 429), nothing
late by more than a second.
"""

import json
import os
import threading
from collections import deque
from pathlib import Path

import httpx
import pytest

from importer.api.client import SCOPES, Client
from importer.api.lending import Lending
from importer.api.pace import MARGIN_S, Pace
from importer.api.shared_log import PaceFile
from importer.api.waits import Waiter, silent
from importer.platform import API_PATH, REQUESTS_PER_HOUR, WINDOW_S, scope_of
from importer.sandbox import Rates
from importer.sandbox.throttle import Throttle

URL = "https://flows.example"
LATE_S = 1.0


class SimulatedClock:
    """Time for threads that all draw on one budget: a sleep ends at its sleeper's own time, be it past already."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self._lock = threading.Lock()
        self._read = threading.local()

    def __call__(self) -> float:
        self._read.at = self.now
        return self._read.at

    def sleep(self, seconds: float) -> None:
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
def test_many_hours_on_disk(tmp_path: Path) -> None:
    """Two paces share the log on disk, as two processes do; WENI_HOURS_ROWS is how many requests, by default 10,000."""
    clock = SimulatedClock()
    started = clock()
    files = [PaceFile(tmp_path / "pace.db", clock, wall=clock, start="one") for _ in range(2)]
    paces = [
        Pace(clock=clock, wait=lambda s, _: clock.sleep(s), log=file.log("h", "t", "contacts"))
        for file in files
    ]
    throttle, slots = Throttle(Rates(), clock), Slots(REQUESTS_PER_HOUR)
    requests = int(os.environ.get("WENI_HOURS_ROWS", "10000"))
    hours = (requests - 1) // REQUESTS_PER_HOUR
    assert paces[0].time_for(requests) == pytest.approx(hours * (WINDOW_S + MARGIN_S))
    for number in range(requests):
        came_up = clock.now
        paces[number % 3 == 0].take()
        assert throttle.admit("contacts") is None
        slots.note(clock.now, came_up)
    for file in files:
        file.close()
    assert slots.latest_s < LATE_S
    assert hours * WINDOW_S <= clock() - started < hours * (WINDOW_S + LATE_S)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_client_sends_neither_early_nor_late(tmp_path: Path) -> None:
    """Two clients that share the log on disk write 3,000 contacts, and now and then put some into a group."""
    clock, travel_s = SimulatedClock(), 0.2
    started = clock()
    server = Server(clock, travel_s)
    clients = []
    for _ in range(2):
        file = PaceFile(tmp_path / "pace.db", clock, wall=clock, start="one")
        logs = {scope: file.log("flows.example", "t", scope) for scope in SCOPES}
        waiter = Waiter(clock, clock.sleep, threading.Event(), silent)
        http = Lending(lambda: server)
        clients.append(
            Client(http, URL + API_PATH, waiter, settle_s=0, per_hour=REQUESTS_PER_HOUR, logs=logs,
                   on_close=file.close)
        )  # fmt: skip
    told_s = clients[0].time_for("contacts", 3_000)
    for number in range(3_000):
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
    assert server.passed == {"contacts": 3_000, "other": 60}
    assert max(slots.latest_s for slots in server.slots.values()) < LATE_S
    assert WINDOW_S <= took_s < WINDOW_S + LATE_S + (REQUESTS_PER_HOUR + 60) * travel_s
    assert told_s == pytest.approx(WINDOW_S + MARGIN_S)
