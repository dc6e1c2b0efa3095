"""How many contacts a workspace has, as far as one request and what is known already can tell."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from importer import platform
from importer.errors import ImporterError
from importer.jobs import mirror_folder
from importer.model import Contact, Workspace
from importer.run.connection import Connection, Listener, connected

if TYPE_CHECKING:
    from importer.api import Waiting


class Headcount(Struct, frozen=True):
    """Contacts of a workspace. is_exact: else so many at least. seen: the time that this is told of; None: now."""

    contacts: int
    is_exact: bool = True
    seen: datetime | None = None


class _Impatient(Listener):
    """Would rather know nothing than wait for it."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def waiting(self, waiting: "Waiting") -> None:  # noqa: ARG002 - of whatever kind
        """Stop instead."""
        self.stop.set()


def count_contacts(
    connection: Connection, workspace: Workspace, state: Path | None = None
) -> Headcount | None:
    """How many contacts there are; None: nobody can tell just now. Takes one request, and never waits for the pace.

    The server counts groups only: beyond its first page, the mirror knows, or else no fewer than the largest group has.
    """
    from importer.mirror import contacts_in, path_of

    listener, url = _Impatient(), connection.url
    page: list[Contact] = []
    with (
        suppress(ImporterError),
        connected(connection, listener, listener.stop, state=state) as client,
    ):
        url = client.url
        page, is_all = client.newest_contacts(platform.PAGE)
        if is_all:
            return Headcount(len(page))
    kept = contacts_in(path_of(mirror_folder(state), url, workspace))
    least = max([len(page), *(group.count for group in workspace.groups)])
    if kept and kept[0] >= least:
        return Headcount(kept[0], seen=datetime.fromtimestamp(kept[1], UTC))
    return Headcount(least, is_exact=False) if least else None
