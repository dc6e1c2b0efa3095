"""The line between client and server: what it delays, spoils or cuts, and a log of every request."""

import asyncio
import random
import socket
import struct
import sys
import time
from collections.abc import Callable

from msgspec import Struct, field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.sandbox.app import TOUCHED
from importer.sandbox.options import FAULT_KINDS, Faults

FaultPlan = Callable[[int, str, str], str | None]
"""Number of the request (from 1), method, path → a key of `FAULT_KINDS`, or None."""

GATEWAY_PAGE = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center></body></html>"
WEB_PAGE = b"<!DOCTYPE html><html><body><h1>Welcome</h1><p>Please log in.</p></body></html>"
NO_JSON = b"<b>Warning</b>: this is not JSON"
UNDONE = (
    "500", "502", "503", "429", "429-bare", "429-wrong", "html", "html-500", "drop-before", "reset-before", "stall"
)  # fmt: skip


class Served(Struct):
    """One request to the API. path: below /api/v2/. query: as it came, without `?`.

    status: None while it is being answered, and where no answer was sent.
    wrote: it was a POST or DELETE that was done (2xx), whether or not the client was told.
    contacts: uuids of those it changed, but for those that lost a URN to them.
    started, ended: seconds of a clock that only grows; requests whose times overlap were under way at once.
    """

    number: int
    method: str
    path: str
    query: str
    status: int | None = None
    wrote: bool = False
    contacts: frozenset[str] = frozenset()
    fault: str | None = None
    started: float = 0.0
    ended: float | None = None

    @property
    def writes(self) -> bool:
        """Whether it asked for a change, done or not."""
        return self.method not in ("GET", "HEAD")


class Trouble(Struct):
    """Decides which request meets which fault: by `plan`, where it says something, else by chance."""

    faults: Faults
    plan: FaultPlan | None = None
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin the row of chances again."""
        self._random.seed(self.faults.seed)

    def next(self, number: int, method: str, path: str) -> str | None:
        """The fault of this request."""
        planned = self.plan(number, method, path) if self.plan else None
        if planned is not None and planned not in FAULT_KINDS:
            raise KeyError(planned)
        if planned is not None or not self.faults.chances:
            return planned
        draw = self._random.random()
        for kind, chance in self.faults.chances.items():
            if draw < chance:
                return kind
            draw -= chance
        return None


class Line:
    """Stands before the application; only what goes to the API passes here.

    log: grows with every request; only the newest half is kept once it is very long.
    """

    LONGEST_LOG = 200_000

    def __init__(self, app: ASGIApp, trouble: Trouble, latency_s: float = 0.0) -> None:
        self._app = app
        self.trouble = trouble
        self._latency_s = latency_s
        self._count = 0
        self.log: list[Served] = []

    def reset(self) -> None:
        """Number requests from 1 again."""
        self._count = 0
        self.log.clear()
        self.trouble.reset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        served = self._note(scope)
        # the request is taken whole, so that closing the connection is all the client sees
        body = await _read(receive)
        if body is None:
            served.ended = time.perf_counter()
            return
        served.fault = self.trouble.next(served.number, served.method, served.path)
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        try:
            if served.fault in UNDONE:
                await self._refuse(served, scope, receive, send)
            else:
                await self._serve(served, body, scope, receive, send)
        finally:
            served.ended = time.perf_counter()

    def _note(self, scope: Scope) -> Served:
        self._count += 1
        if len(self.log) >= self.LONGEST_LOG:
            del self.log[: self.LONGEST_LOG // 2]
        path = scope["path"].rpartition("/api/v2/")[2]
        query = scope["query_string"].decode("latin-1")
        served = Served(self._count, scope["method"], path, query, started=time.perf_counter())
        self.log.append(served)
        return served

    async def _refuse(self, served: Served, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or not, without asking the server."""
        if served.fault in ("drop-before", "reset-before"):
            await hang_up(scope, receive, reset=served.fault == "reset-before")
        elif served.fault == "stall":
            await asyncio.sleep(self.trouble.faults.slow_s)
            await hang_up(scope, receive)
        elif served.fault == "html":
            await self._reply(served, send, 200, WEB_PAGE, b"text/html; charset=utf-8")
        elif served.fault == "500":
            await self._reply(served, send, 500, b"Internal Server Error", b"text/plain; charset=utf-8")
        elif served.fault in _RETRY_AFTER:
            wait_s = self.trouble.faults.retry_after_s
            text = f'{{"detail":"Request was throttled. Expected available in {wait_s} seconds."}}'
            headers = _RETRY_AFTER[served.fault](wait_s)
            await self._reply(served, send, 429, text.encode(), b"application/json", *headers)
        elif served.fault == "html-500":
            await self._reply(served, send, 500, GATEWAY_PAGE % (500, 500), b"text/html")
        else:
            status = int(served.fault or 0)
            await self._reply(served, send, status, GATEWAY_PAGE % (status, status), b"text/html")

    async def _serve(self, served: Served, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the server do the work, then deliver its answer as well as the fault allows."""
        start, content = await _ask(self._app, scope, body)
        served.wrote = served.writes and start["status"] < 300
        served.contacts = scope.get(TOUCHED, frozenset())
        match served.fault:
            case None:
                await self._deliver(served, send, start, content)
                if served.method == "HEAD":
                    _spoil(scope, content)
            case "504":
                await self._reply(served, send, 504, GATEWAY_PAGE % (504, 504), b"text/html")
            case "slow":
                await asyncio.sleep(self.trouble.faults.slow_s / 2)
                await self._deliver(served, send, start, content, pause_s=self.trouble.faults.slow_s / 2)
            case "non-json":
                status = 200 if start["status"] == 204 else start["status"]
                await self._reply(served, send, status, NO_JSON, b"application/json")
            case "truncated" if content:
                await send(start)
                await send(_part(content[: len(content) // 2], more=True))
                await hang_up(scope, receive)
            case _:
                await hang_up(scope, receive, reset=served.fault == "reset-after")

    async def _deliver(
        self, served: Served, send: Send, start: Message, content: bytes, pause_s: float = 0.0
    ) -> None:
        served.status = start["status"]
        await send(start)
        if pause_s:
            half = len(content) // 2
            await send(_part(content[:half], more=True))
            await asyncio.sleep(pause_s)
            content = content[half:]
        await send(_part(content))

    async def _reply(
        self,
        served: Served,
        send: Send,
        status: int,
        content: bytes,
        media_type: bytes,
        *more: tuple[bytes, bytes],
    ) -> None:
        headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(content)), *more]
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await self._deliver(served, send, start, content)


async def _read(receive: Receive) -> bytes | None:
    """The whole body of a request; None if the client has gone in the middle of it."""
    content = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        content = content + bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return content


async def _ask(app: ASGIApp, scope: Scope, body: bytes) -> tuple[Message, bytes]:
    """The application's answer, not yet sent: how it starts, and its content."""
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


def _part(content: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


_RETRY_AFTER: dict[str, Callable[[int], list[tuple[bytes, bytes]]]] = {
    "429": lambda wait_s: [(b"retry-after", str(wait_s).encode())],
    "429-bare": lambda _: [],
    "429-wrong": lambda _: [(b"retry-after", b"soon")],
}
"""Headers of each 429."""


async def hang_up(scope: Scope, receive: Receive, *, reset: bool = False) -> None:
    """Close the connection without another byte, and wait until it is closed, so that nobody tries to answer.

    reset: not as if the answer were over, but as where a machine goes down.

    Raises:
        ConnectionResetError: the application is called directly, so there is no connection.
    """
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("the sandbox has dropped the connection")
    if reset:
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _spoil(scope: Scope, content: bytes) -> None:
    """The real server answers a HEAD with a body, which the client takes for the next answer."""
    transport = scope.get("state", {}).get("transport")
    if transport is not None:
        transport.write(content)
