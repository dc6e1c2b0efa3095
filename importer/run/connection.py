"""Where a job goes, and who is told how it goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from importer import platform
from importer.clock import steady
from importer.jobs import state_folder

if TYPE_CHECKING:
    from importer.api import Client, Waiting
    from importer.issues import Phrase
    from importer.report import Report

PACE_FILE = "pace.db"
"""In the state folder."""


class Connection(Struct, frozen=True):
    """The workspace to import into.

    settle_s: how long the server needs for a new field or group, in seconds. clock, sleep: what time is and how it
    passes, in seconds; sleep: None for a real one that a stop ends.
    shares_pace: whether our calls are noted in the state folder, so that other processes and later ones leave room for
    them; None: unless the server is on this machine, as a practice server forgets them when it ends.
    """

    url: str
    token: str
    insecure: bool = False
    settle_s: float = field(default_factory=lambda: platform.SETTLE_S)
    clock: Callable[[], float] = steady
    sleep: Callable[[float], object] | None = None
    shares_pace: bool | None = None

    def __repr__(self) -> str:
        """Without the token, wherever it is shown."""
        return f"Connection({self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for tracebacks in colour."""
        return [("url", self.url)]


class Listener:
    """Is told how a job goes on; this one keeps still. Methods may be called from several threads."""

    def reading(self, contacts: int) -> None:
        """So many contacts of the workspace have been read."""

    def waiting(self, waiting: "Waiting") -> None:
        """Nothing is sent for a while."""

    def pace_not_kept(self, reason: "str | Phrase") -> None:
        """Other processes cannot see our calls, nor we theirs."""

    def resuming(self, rows: int) -> None:
        """An earlier run of the same job has settled so many rows."""

    def started(self, contacts: int, other: int, client: "Client") -> None:
        """The plan is being carried out; it takes so many writing requests of each of the two budgets."""

    def verifying(self, contacts: int) -> None:
        """So many contacts have been read back after the import."""

    def done(self, requests: int, scope: str) -> None:
        """So many more of them are through. scope: their budget, "contacts" or "other"."""


QUIET = Listener()
Confirm = Callable[["Report"], bool]
"""Is shown the plan and says whether to go on."""


@contextmanager
def connected(
    connection: Connection,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
    *,
    rate: int | None = None,
    state: Path | None = None,
) -> Iterator["Client"]:
    """A client of the workspace, closed with the context.

    rate: requests an hour of each budget; None: all that the server allows. state: see `state_folder`.
    """
    from importer.api import connect

    with connect(
        connection.url,
        connection.token,
        insecure=connection.insecure,
        settle_s=connection.settle_s,
        per_hour=platform.REQUESTS_PER_HOUR if rate is None else rate,
        clock=connection.clock,
        sleep=connection.sleep,
        on_wait=listener.waiting,
        stop=stop,
        pace_file=state_folder(state) / PACE_FILE if _shares_pace(connection) else None,
        on_unkept=listener.pace_not_kept,
    ) as client:
        yield client


def _shares_pace(connection: Connection) -> bool:
    from importer.api import is_loopback, read_address

    if connection.shares_pace is not None:
        return connection.shares_pace
    address = read_address(connection.url, insecure=connection.insecure)
    return not is_loopback(urlsplit(address).hostname or "")
