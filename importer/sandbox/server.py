"""uvicorn on a thread of its own, started and stopped at once."""

import asyncio
import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

KEEP_ALIVE_S = 75
"""Longer than clients keep an idle connection, so that none is closed just when it is used again."""
STOP_S = 5.0


class Protocol(H11Protocol):
    """Tells the application which connection a request came by, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection, and send small answers at once."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        # asyncio does this only for sockets that name their protocol; an answer in two parts would wait 40 ms
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Server(uvicorn.Server):
    """uvicorn, but it stops at once when asked, and takes part in no signals."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
            )
        )
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked: asyncio.Event | None = None

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until asked to stop; the whole life of the thread."""
        asyncio.run(self.serve(sockets=[listener]))

    async def main_loop(self) -> None:
        """Wait without waking up."""
        self._loop, self._asked = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        await self._asked.wait()

    def ask_to_stop(self) -> None:
        """From any thread."""
        if self._loop is not None and self._asked is not None:
            self._loop.call_soon_threadsafe(self._asked.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, and wait for requests that are being served."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        deadline = time.monotonic() + STOP_S / 2
        pause_s = 0.0
        while self.server_state.connections or self.server_state.tasks:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(pause_s)
            pause_s = 0.005
        for server in self.servers:
            await server.wait_closed()
