"""The sandbox as a whole: `with Sandbox(SandboxOptions()) as sandbox: … sandbox.url …`."""

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from starlette.applications import Starlette

from importer.errors import Unusable
from importer.sandbox import contacts, fields, groups
from importer.sandbox.app import Api, make_app
from importer.sandbox.hooks import change_status, make_dynamic_group, make_hooks
from importer.sandbox.line import FaultPlan, Line, Served, Trouble
from importer.sandbox.opening import USUAL, open_store
from importer.sandbox.options import Faults, SandboxOptions
from importer.sandbox.server import STOP_S, Server
from importer.sandbox.service import Service
from importer.sandbox.throttle import Throttle

BACKLOG = 2048


class Sandbox:
    """A practice server on loopback: `with Sandbox(SandboxOptions()) as sandbox: … sandbox.url …`.

    clock: the present time in seconds since 1970; throttle, settling and times follow it.

    Raises:
        Unusable: the file of the workspace or the preload cannot be used; no such time zone; no free port.
    """

    def __init__(self, options: SandboxOptions = USUAL, clock: Callable[[], float] = time.time) -> None:
        self.options = options
        self.token = options.token
        store, preload = open_store(options, clock)
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
        self._server: Server | None = None
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
        self._server = Server(self.app)
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
