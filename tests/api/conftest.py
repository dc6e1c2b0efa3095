"""A clock that only the code under test moves, and a server that puts the bytes we choose on the wire."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from msgspec import Struct

from importer.api import Client, Waiting, connect


class FakeClock:
    """Seconds that pass when somebody sleeps, and at no other time."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.slept.append(seconds)


class CommonClock:
    """Time for several threads: it runs on to the next awakening when all of them sleep."""

    def __init__(self, threads: int, now: float) -> None:
        self.now = now
        self._awake = threads
        self._targets: list[float] = []
        self._changed = threading.Condition()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._changed:
            target = self.now + seconds
            self._targets.append(target)
            self._leave()
            self._changed.wait_for(lambda: self.now >= target, timeout=30)

    def end(self) -> None:
        """A thread has done its work."""
        with self._changed:
            self._leave()

    def _leave(self) -> None:
        self._awake -= 1
        if self._awake == 0 and self._targets:
            self.now = min(self._targets)
            self._awake = sum(target <= self.now for target in self._targets)
            self._targets = [target for target in self._targets if target > self.now]
            self._changed.notify_all()


class Heard(Struct, frozen=True):
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = bytes | Callable[[socket.socket], None]


class Wire:
    """Answers each request with the next of `replies` (the last one for ever), and notes what it heard.

    The connection closes after an answer that is no HTTP, and after one that is a function.
    """

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.heard: list[Heard] = []
        self.greeting = b""  # sent in place of listening, to whoever connects
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.join()
        self._threads[0].join(5)

    def join(self) -> None:
        """Return when every connection is closed."""
        for thread in self._threads[1:]:
            thread.join(5)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        if self.greeting:
            with connection:
                connection.sendall(self.greeting)
            return
        with connection, connection.makefile("rb") as incoming, suppress(OSError):
            while (heard := _read_request(incoming)) is not None:
                with self._lock:
                    self.heard.append(heard)
                    reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if callable(reply):
                    reply(connection)
                    return
                connection.sendall(reply)
                if not reply.startswith(b"HTTP/1.1 ") or b"Connection: close" in reply:
                    return


def _read_request(incoming: Any) -> Heard | None:
    first = incoming.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := incoming.readline().decode("latin-1").strip():
        key, _, value = line.partition(":")
        headers[key.lower()] = value.strip()
    return Heard(first[0], first[1], headers, incoming.read(int(headers.get("content-length", 0))))


class Say:
    """Answers to give."""

    @staticmethod
    def raw(status: int, body: bytes, kind: str, **headers: str) -> bytes:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Type: {kind}"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body

    @classmethod
    def json(cls, status: int, body: object, **headers: str) -> bytes:
        return cls.raw(status, json.dumps(body).encode(), "application/json", **headers)

    @classmethod
    def html(cls, status: int) -> bytes:
        return cls.raw(status, b"<!doctype html><title>Hello</title>", "text/html")

    @classmethod
    def error(cls) -> bytes:
        return cls.raw(500, b"Server Error (500)\n", "text/plain")

    @staticmethod
    def nothing() -> bytes:
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    @staticmethod
    def close(connection: socket.socket) -> None:
        """Hang up without a word."""

    @staticmethod
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    @classmethod
    def cut(cls, reply: bytes, keep: int) -> Callable[[socket.socket], None]:
        """The beginning of an answer only."""
        return lambda connection: connection.sendall(reply[:keep])

    @classmethod
    def contact(cls, status: int = 200, **more: object) -> bytes:
        return cls.json(status, {"uuid": "c1", "name": "Ana Exemplo", "urns": ["tel:+5582900000001"], **more})

    @classmethod
    def page(cls, *results: object, then: str | None = None) -> bytes:
        return cls.json(200, {"next": then, "previous": None, "results": list(results)})

    @classmethod
    def workspace(cls) -> bytes:
        return cls.json(
            200, {"uuid": "w1", "name": "Exemplo", "country": "BR", "timezone": "America/Sao_Paulo"}
        )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def common_clock() -> type[CommonClock]:
    return CommonClock


@pytest.fixture
def say() -> type[Say]:
    return Say


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.stop()


@pytest.fixture
def waits() -> list[Waiting]:
    """What was waited for."""
    return []


@pytest.fixture
def client(wire: Wire, clock: FakeClock, waits: list[Waiting]) -> Iterator[Client]:
    """Talks to `wire`; its time is `clock`."""
    with connect(
        wire.url, "token-exemplo", settle_s=5.0, clock=clock, sleep=clock.sleep, on_wait=waits.append
    ) as client:
        yield client


@pytest.fixture
def met(client: Client, wire: Wire, say: type[Say]) -> Client:
    """The client after a first good answer; nothing noted of it."""
    wire.replies = [say.workspace()]
    client.workspace()
    wire.heard.clear()
    return client
