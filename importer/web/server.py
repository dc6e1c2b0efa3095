"""The page's server: where it listens, and how it starts and ends."""

import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from msgspec import Struct

from importer.errors import Unusable
from importer.run import Connection
from importer.web.app import make_app
from importer.web.guard import Guard
from importer.web.workshop import Workshop

BACKLOG = 128
UPLOAD_MAX = 512 * 1024 * 1024
"""Bytes that a file may have."""
LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


class PageOptions(Struct, frozen=True):
    """How the page is served.

    host, port: where it listens; 0 is any port that is free. password: whoever knows it may come in; needed for
    another host than this machine. connection: a workspace that every visitor is connected with. language: of
    visitors whose browser says nothing. state: the folder of all files, the user's own by default.
    """

    host: str = "127.0.0.1"
    port: int = 8600
    password: str = ""
    connection: Connection | None = None
    language: str = "en"
    state: Path | None = None
    upload_max: int = UPLOAD_MAX

    def __repr__(self) -> str:
        """Without the password, wherever it is shown."""
        return f"PageOptions({self.host!r}, {self.port})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for tracebacks in colour."""
        return [("host", self.host), ("port", self.port)]

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in LOOPBACK


class Page:
    """The page, served from a thread of its own: `with Page(PageOptions()) as page: … page.url …`.

    url: the address to begin with; it holds the secret.

    Raises:
        Unusable: the port is taken, or others would reach the page without a password.
    """

    def __init__(self, options: PageOptions) -> None:
        if not options.is_local and not options.password:
            raise Unusable("web-needs-password", host=options.host)
        self.options = options
        self._secret = secrets.token_urlsafe(24)
        self.workshop = Workshop(options.state, options.connection)
        try:
            family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
            self._listener = socket.create_server(
                (options.host, options.port), backlog=BACKLOG, family=family
            )
        except OSError as error:
            address = f"{options.host}:{options.port}"
            raise Unusable("web-port", address=address, reason=error.strerror or str(error)) from None
        self.port = self._listener.getsockname()[1]
        app = make_app(
            self.workshop, options.language, options.upload_max, asks_password=bool(options.password)
        )
        guard = Guard(
            app,
            hosts=self._hosts(),
            any_address=not options.is_local,
            cookie=f"weni-{self.port}",  # browsers give a cookie to all ports of a host
            secret=self._secret,
            password=options.password,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                guard,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._thread: threading.Thread | None = None

    def _hosts(self) -> set[str]:
        if self.options.is_local:
            return set(LOOPBACK)
        return {*LOOPBACK, self.options.host.lower(), socket.gethostname().lower()}

    @property
    def address(self) -> str:
        """Where the page is, without the secret."""
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"http://{host}:{self.port}/"

    @property
    def url(self) -> str:
        """The address that lets its visitor in."""
        return f"{self.address}?key={self._secret}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="page", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all that is under way, so that it can be gone on with, and serve no longer."""
        self.workshop.close()
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(5)
        self._listener.close()
