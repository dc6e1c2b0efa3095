"""A whole import over forty hours of a simulated clock: no request leaves early, none late by more than a second.

All of the program is at work: the threads of the import, its journal, its pace on disk. The server is one that answers
in the same process and counts moments; by the practice server's own throttle it lets through what the platform would.
"""

import json
import os
import threading
from collections import Counter, deque
from functools import partial
from itertools import takewhile
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from importer import platform
from importer.api.shared_log import PaceFile
from importer.mirror import moment_of
from importer.model import Status
from importer.options import Options
from importer.platform import API_PATH, WINDOW_S, scope_of
from importer.run import Connection, Listener, import_file
from importer.sandbox import Rates
from importer.sandbox.throttle import Throttle

URL = "https://flows.example"
HOURS = 40
ROWS = int(os.environ.get("WENI_HOURS_ROWS", "3000"))
"""WENI_HOURS_ROWS=100000 takes as many at the platform's own rate; else it is a part of it in as many hours."""
RATE = ROWS // HOURS
BATCH = 4
"""Contacts of a request that puts them into a group, so that few make more requests than an hour allows."""
MEMBERS = BATCH * (RATE + 3)
"""Contacts that only join a group."""
LATE_S = 1.0
REST_S = WINDOW_S / RATE / 2
"""After each of the first requests, so that later their slots come free one by one."""


class Server(httpx.BaseTransport):
    """A workspace with contacts that have one URN each; and when requests arrived, against when they could have.

    late_s: the longest that a request of each budget was late. waited: how many had to. passed, refused: how many.
    """

    def __init__(self, clock, members: int) -> None:
        self._clock, self._turn = clock, threading.Lock()
        self._throttle = Throttle(Rates(RATE, RATE), clock)
        self._last = {scope: deque[float](maxlen=RATE) for scope in ("contacts", "other")}
        self.late_s = dict.fromkeys(self._last, 0.0)
        self.waited, self.passed = Counter[str](), Counter[str]()
        self.refused = 0
        self.began = float("inf")
        self.groups = dict[str, str]()  # name by UUID
        self.joined = set[str]()
        self._tick = int(clock.now * 1_000_000) - members
        self._all = dict[str, dict]()  # by UUID, what was changed last at the end
        for n in range(members):
            self._write({"urns": [f"ext:e{n}"]})

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._turn:
            path = request.url.path.removeprefix(f"{API_PATH}/").removesuffix(".json")
            if self._throttle.admit(scope_of(path)) is not None:
                self.refused += 1
                return httpx.Response(429, headers={"Retry-After": "1"})
            self._note(scope_of(path))
            query = dict(parse_qsl(request.url.query.decode()))
            body = json.loads(request.content) if request.method == "POST" else None
            status, answer = getattr(self, f"_{path}")(query, body)
        return httpx.Response(status, content="" if answer is None else json.dumps(answer))

    def _note(self, scope: str) -> None:
        """From `began` on there is always something to be sent of either budget, until all is."""
        last, now = self._last[scope], self._clock.now
        if len(last) == RATE and (free := last[0] + WINDOW_S) > self.began:
            self.late_s[scope] = max(self.late_s[scope], now - free)
            self.waited[scope] += 1
        last.append(now)
        self.passed[scope] += 1

    # ------------------------------------------------------------------------------------------ what is there

    def _workspace(self, query, body):
        return 200, {"uuid": "w", "name": "Horas", "country": "BR", "timezone": "America/Sao_Paulo"}

    def _fields(self, query, body):
        return 200, {"results": []}

    def _groups(self, query, body):
        if body is None:
            return 200, {"results": [{"uuid": u, "name": name} for u, name in self.groups.items()]}
        uuid = f"g{len(self.groups)}"
        self.groups[uuid] = body["name"]
        return 201, {"uuid": uuid, "name": body["name"]}

    def _contacts(self, query, body):
        if body is not None:
            return 201, self._write(body)
        after, limit, newest = query.get("after", ""), int(query["limit"]), reversed(self._all.values())
        found = list(takewhile(lambda one: one["modified_on"] >= after, newest))
        if "deleted" in query:
            found = []
        if "reverse" in query:
            found.reverse()
        page, following = found[:limit], None
        if found[limit:]:
            assert "reverse" in query or "after" not in query
            left = {**query, "after": found[limit]["modified_on"]}
            following = f"{request_url('contacts')}?{urlencode(left)}"
        return 200, {"results": page, "next": following}

    def _contact_actions(self, query, body):
        for uuid in body["contacts"]:
            self.joined.add(uuid)
            self._write(self._all.pop(uuid), uuid)
        return 204, None

    def _write(self, body, uuid=""):
        self._tick = max(self._tick + 1, int(self._clock.now * 1_000_000))
        uuid, now = uuid or f"c{len(self._all)}", moment_of(self._tick)
        self._all[uuid] = {"created_on": now, **body, "uuid": uuid, "modified_on": now}
        return self._all[uuid]

    @property
    def made(self):
        return len(self._all)


def request_url(endpoint: str) -> str:
    return f"{URL}{API_PATH}/{endpoint}.json"


class Pauses(Listener):
    """Tells the server when the import begins, and takes a rest after each of the first requests."""

    def __init__(self, clock, server: Server) -> None:
        self._clock, self._server = clock, server

    def started(self, *_: object) -> None:
        self._server.began = self._clock.now

    def done(self, count: int, scope: str) -> None:
        if self._server.passed[scope] < RATE:
            self._clock.sleep(REST_S * count)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_forty_hours_of_an_import(virtual_time, make_csv, monkeypatch):
    clock = virtual_time
    server = Server(clock, MEMBERS)
    monkeypatch.setattr("importer.execution.writing.Crew", clock.crew())
    monkeypatch.setattr("importer.execution.beside.Crew", clock.crew())
    monkeypatch.setattr("importer.execution.beside.wait", clock.wait)
    monkeypatch.setattr("importer.api.connection.PaceFile", partial(PaceFile, wall=clock, start="one"))
    monkeypatch.setattr(httpx, "HTTPTransport", lambda **_: server)
    monkeypatch.setattr(platform, "BATCH", BATCH)
    path = make_csv(
        "Name,URN:Ext,Groups",
        *(f",e{n},VIP" for n in range(MEMBERS)),
        *(f"Nome {n},n{n}," for n in range(ROWS)),
    )
    started, planned = clock.now, []

    def confirm(plan):
        planned.append(plan.summary.estimate_s)
        return True

    report = import_file(
        path,
        Options(rate=RATE, canary=0),
        Connection(URL, "t" * 40, clock=clock, sleep=clock.sleep),
        confirm=confirm,
        listener=Pauses(clock, server),
    )
    took_s = clock.now - started
    assert report.failure is None
    assert (report.totals[Status.CREATED], report.totals[Status.UPDATED]) == (ROWS, MEMBERS)
    assert (server.made, len(server.joined)) == (ROWS + MEMBERS, MEMBERS)
    assert server.refused == 0  # by the server's own count of the last hour, none came early
    assert max(server.late_s.values()) < LATE_S
    assert server.waited["contacts"] >= ROWS - RATE
    assert server.waited["other"] > 0
    # as many hours as the rate takes, and as was told
    windows = (server.passed["contacts"] - 1) // RATE
    assert windows * WINDOW_S <= took_s < (windows + 1) * (WINDOW_S + LATE_S)
    assert planned[0] == pytest.approx(took_s, rel=0.1)
    print(f"{ROWS} rows, {took_s / 3600:.1f} h, late by {server.late_s} s at most, {dict(server.passed)}")
