"""The sandbox as a server on this machine: a thread of its own, started and stopped at once."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from importer.errors import Unusable
from importer.sandbox import contacts, fields, groups
from importer.sandbox.app import Api, make_app
from importer.sandbox.hooks import change_status, make_dynamic_group, make_hooks
from importer.sandbox.line import FaultPlan, Line, Served, Trouble
from importer.sandbox.options import Faults, SandboxOptions
from importer.sandbox.preload import Preload
from importer.sandbox.service import Service
from importer.sandbox.store import Facts, Store
from importer.sandbox.throttle import Throttle
from importer.sandbox.values import DATES

BACKLOG = 2048
KEEP_ALIVE_S = 75
"""Longer than clients keep an idle connection, so that none is closed just when it is used again."""
STOP_S = 5.0
USUAL = SandboxOptions()


class Sandbox:
    """A practice server on loopback: `with Sandbox(SandboxOptions()) as sandbox: … sandbox.url …`.

    clock: the present time in seconds since 1970; throttle, settling and times follow it.

    Raises:
        Unusable: the file of the workspace or the preload cannot be used; no such time zone; no free port.
    """

    def __init__(self, options: SandboxOptions = USUAL, clock: Callable[[], float] = time.time) -> None:
        self.options = options
        self.token = options.token
        store, preload = _open_store(options, clock)
        self._service = Service(store, clock, options.settle_s, options.suspended, options.ninth_digit)
        if preload is not None and store.is_new:
            try:
                preload.fill(self._service)
            except BaseException:
                store.close()
                if options.db is not None:
                    options.db.unlink(missing_ok=True)
                raise
        self._throttle = Throttle(options.rates, clock)
        trouble = Trouble(options.faults or Faults())
        self._line = Line(
            Api(self._service, self._throttle, options.token), trouble, options.latency_ms / 1000
        )
        self.app: Starlette = make_app(self._line, make_hooks(self._service, self.reset))
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    # ------------------------------------------------------------------------------------ starting, stopping

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve from a thread of its own; `url` is known afterwards."""
        try:
            listener = socket.create_server((self.options.host, self.options.port), backlog=BACKLOG)
        except OSError as error:
            self._service.store.close()
            address = f"{self.options.host}:{self.options.port}"
            raise Unusable("sandbox-port", address=address, reason=str(error)) from error
        self.url = f"http://{self.options.host}:{listener.getsockname()[1]}"
        self._server = _Server(self.app)
        self._thread = threading.Thread(
            target=self._server.serve_on, args=(listener,), name="sandbox", daemon=True
        )
        self._thread.start()
        self._server.ready.wait(STOP_S)

    def stop(self) -> None:
        """Close every connection, the port and the file; calling it again does nothing."""
        if self._server is not None and self._thread is not None:
            self._server.ask_to_stop()
            self._thread.join(STOP_S)
        self._server = self._thread = None
        self._service.store.close()

    # ------------------------------------------------------------------------------------------- for tests

    @property
    def requests(self) -> list[Served]:
        """Every request to the API since the last reset, oldest first."""
        return self._line.log

    @property
    def writes(self) -> list[Served]:
        """Those that asked for a change."""
        return [served for served in self._line.log if served.writes]

    @property
    def fault_plan(self) -> FaultPlan | None:
        """Number of the request (from 1), method, path → the fault it meets; None: chance decides."""
        return self._line.trouble.plan

    @fault_plan.setter
    def fault_plan(self, plan: FaultPlan | None) -> None:
        self._line.trouble.plan = plan

    def contacts(self) -> list[dict[str, object]]:
        """Every contact that is not deleted, as the API shows it, oldest first."""
        store = self._service.store
        with store.lock:
            found = store.contacts("status <> 'deleted'", (), "ORDER BY id")
            return [contacts.show(store, contact) for contact in found]

    def fields(self) -> list[dict[str, object]]:
        """Every field as the API shows it, oldest first."""
        with self._service.store.lock:
            return [fields.show(field) for field in self._service.store.fields.values()]

    def groups(self) -> list[dict[str, object]]:
        """Every group as the API shows it, oldest first."""
        store = self._service.store
        with store.lock:
            members = store.all_members()
            return [groups.show(group, members.get(group.id, 0)) for group in store.groups.values()]

    def reset(self) -> None:
        """An empty workspace, full budgets, an empty log, and chances from the seed again."""
        with self._service.store.lock:
            self._service.store.empty()
            self._throttle.reset()
            self._line.reset()

    def add_dynamic_group(self, name: str, query: str) -> None:
        """A group with a query such as `age > 10`, without members until contacts are written."""
        with self._service.store.lock:
            make_dynamic_group(self._service, name, query)

    def set_status(self, uuid: str, status: str) -> None:
        """Make a contact active, blocked, stopped or archived."""
        with self._service.store.lock:
            change_status(self._service, uuid, status)


def serve(options: SandboxOptions, ready: Callable[[Sandbox], None] = lambda _: None) -> None:
    """Serve until Ctrl-C. ready: called once the address is known."""
    with Sandbox(options) as sandbox:
        ready(sandbox)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


# --------------------------------------------------------------------------------------------- the workspace


def _open_store(options: SandboxOptions, clock: Callable[[], float]) -> tuple[Store, Preload | None]:
    """The workspace with its facts as they are to be, and what a new one is to be filled with."""
    preload = None if options.preload is None else Preload(options.preload)
    told = {} if preload is None else preload.facts
    facts = Facts(**{**_facts_of(USUAL), **told, **_changed_facts(options)})
    _check_facts(facts)
    store = Store(options.db, clock, facts)
    if not store.is_new and _changed_facts(options):
        store.facts = replace(store.facts, **_changed_facts(options))
        store.keep_facts()
    return store, preload


def _facts_of(options: SandboxOptions) -> dict[str, str]:
    return {
        field.name: getattr(options, field.name) for field in dataclass_fields(Facts) if field.name != "uuid"
    }


def _changed_facts(options: SandboxOptions) -> dict[str, str]:
    """What the options say otherwise than by default."""
    return {name: value for name, value in _facts_of(options).items() if value != getattr(USUAL, name)}


def _check_facts(facts: Facts) -> None:
    try:
        ZoneInfo(facts.timezone)
    except (KeyError, OSError, ValueError) as error:
        raise Unusable("sandbox-timezone", value=facts.timezone) from error
    if facts.date_style not in DATES:
        raise Unusable("sandbox-date-style", value=facts.date_style, known=", ".join(DATES))


# ----------------------------------------------------------------------------------------------- the server


class _Protocol(H11Protocol):
    """Tells the application which connection a request came by, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        # asyncio does this only for sockets that name their protocol; an answer in two parts would wait 40 ms
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Server(uvicorn.Server):
    """uvicorn, but it stops at once when asked, and takes part in no signals."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
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
