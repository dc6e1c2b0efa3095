"""Reads of the workspace what one file needs, in the fewest requests: the whole listing or a look-up a key.

Nobody can ask how many contacts a workspace has. So pages are listed for as long as they have cost less than the
look-ups would; whichever way turns out dearer, the cost never passes twice that of the cheaper one.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from importer import platform
from importer.api import Client
from importer.model import Contact, Record, Wanted, Workspace
from importer.repeats import Repeats
from importer.snapshot import Snapshot
from importer.urns import normalise, stored_forms

LOOKUP_ROWS = 20_000
"""Beyond so many rows nobody waits for look-ups: they alone would take eight hours."""
THREADS = 4

Lookup = tuple[str, str]
"""("uuid", UUID) or ("urn", URN): one request."""
OnRead = Callable[[int], None]
"""Is told how many contacts have been read so far."""


def read_workspace(client: Client) -> Workspace:
    """The workspace with its fields and groups: three requests."""
    fields, groups = tuple(client.list_fields()), tuple(client.list_groups())
    return replace(client.workspace(), fields=fields, groups=groups)


def read_contacts(
    client: Client,
    workspace: Workspace,
    records: Iterable[Record],
    repeats: Repeats,
    on_read: OnRead = lambda _: None,
) -> Snapshot:
    """The contacts that the valid ones of `records` may mean, whose keys `repeats` has noted."""
    lookups = _lookups(records)
    snapshot = Snapshot()
    largest_group = max((group.count for group in workspace.groups), default=0)
    worth = None if lookups is None else len(lookups)
    lists = worth is None or worth > largest_group // platform.BIG_PAGE
    if lists and _list(client, snapshot, repeats, worth, on_read):
        return snapshot
    for contact in look_up(client, [one for one in lookups or () if not _is_known(snapshot, one)]):
        snapshot.add(contact)
    return snapshot


def _lookups(records: Iterable[Record]) -> list[Lookup] | None:
    """All look-ups that would be needed; None if there are so many that nobody would wait for them."""
    needed: dict[Lookup, None] = {}
    for number, record in enumerate(record for record in records if record.status == "valid"):
        if number == LOOKUP_ROWS:
            return None
        needed |= dict.fromkeys(lookups_for(record.wanted))
    return list(needed)


def lookups_for(wanted: Wanted) -> Iterator[Lookup]:
    """What to ask for to know every contact that a row may mean, or whose URN it might take."""
    if wanted.uuid:
        yield "uuid", wanted.uuid
    for urn in wanted.urns:
        for form in stored_forms(urn):
            yield "urn", form


def _list(client: Client, snapshot: Snapshot, repeats: Repeats, worth: int | None, on_read: OnRead) -> bool:
    """List contacts until there are no more (True) or the pages have cost what they are `worth` (False).

    The oldest change comes first, so that a contact which is changed meanwhile comes again and is not missed.
    """
    read = 0
    for number, page in enumerate(client.contact_pages(limit=platform.BIG_PAGE, reverse=True), 1):
        for contact in page:
            if repeats.may_mean(contact):
                snapshot.add(contact)
        read += len(page)
        on_read(read)
        if number == worth and len(page) >= platform.PAGE:  # a shorter page is the last
            return False
    return True


def _is_known(snapshot: Snapshot, lookup: Lookup) -> bool:
    kind, key = lookup
    if kind == "uuid":
        return key in snapshot.contacts
    return any(normalise(key) == normalise(urn) for contact in snapshot.holders(key) for urn in contact.urns)


def look_up(client: Client, lookups: Iterable[Lookup]) -> Iterator[Contact]:
    """The contacts that are found, one request a look-up, some side by side."""

    def ask(lookup: Lookup) -> Contact | None:
        kind, key = lookup
        return client.find_contact(uuid=key) if kind == "uuid" else client.find_contact(urn=key)

    with ThreadPoolExecutor(THREADS) as pool:
        yield from (contact for contact in pool.map(ask, lookups) if contact is not None)
