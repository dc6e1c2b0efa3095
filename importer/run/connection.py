"""Where a job goes, and who is told how it goes on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from importer import platform

if TYPE_CHECKING:
    from importer.api import Client, Waiting


@dataclass(frozen=True, slots=True)
class Connection:
    """The workspace to import into.

    settle_s: how long the server needs for a new field or group, in seconds. clock, sleep: what time is and how it
    passes, in seconds; sleep: None for a real one that a stop ends.
    """

    url: str
    token: str = field(repr=False)
    insecure: bool = False
    settle_s: float = platform.SETTLE_S
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], object] | None = field(default=None, repr=False)


class Listener:
    """Is told how a job goes on; this one keeps still. Methods may be called from several threads."""

    def reading(self, contacts: int) -> None:
        """So many contacts of the workspace have been read."""

    def waiting(self, waiting: "Waiting") -> None:
        """Nothing is sent for a while."""

    def resuming(self, rows: int) -> None:
        """An earlier run of the same job has settled so many rows."""

    def started(self, requests: int, client: "Client") -> None:
        """The plan is being carried out; it takes so many writing requests."""

    def done(self, requests: int) -> None:
        """So many more of them are through."""


QUIET = Listener()


@contextmanager
def connected(
    connection: Connection, listener: Listener = QUIET, stop: threading.Event | None = None
) -> Iterator["Client"]:
    """A client of the workspace, closed with the context."""
    from importer.api import connect

    with connect(
        connection.url,
        connection.token,
        insecure=connection.insecure,
        settle_s=connection.settle_s,
        clock=connection.clock,
        sleep=connection.sleep,
        on_wait=listener.waiting,
        stop=stop,
    ) as client:
        yield client
