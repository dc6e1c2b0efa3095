"""Reads of the workspace what one file needs, in the fewest requests: the whole listing or a look-up a key.

Nobody can ask how many contacts a workspace has. So pages are listed for as long as they have cost less than the
look-ups would; whichever way turns out dearer, the cost never passes twice that of the cheaper one, and one more.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from importer import platform
from importer.api import Client
from importer.errors import Rejected
from importer.model import Contact, Record, Wanted, Workspace
from importer.options import NinthDigit
from importer.questions import PhoneHabit
from importer.repeats import Repeats
from importer.snapshot import Snapshot
from importer.urns import normalise, stored_forms

LOOKUP_ROWS = 20_000
"""Beyond so many rows nobody waits for look-ups: they alone would take eight hours."""
THREADS = 4
LATE_S = 30.0
"""A change may be seen so long after the moment that the server dates it to."""

Lookup = tuple[str, str]
"""("uuid", UUID) or ("urn", URN): one request."""
OnRead = Callable[[int], None]
"""Is told how many contacts have been read so far."""


def read_workspace(client: Client) -> Workspace:
    """The workspace with its fields and groups: three requests."""
    fields, groups = tuple(client.list_fields()), tuple(client.list_groups())
    return replace(client.workspace(), fields=fields, groups=groups)


class Survey:
    """The contacts of a workspace that a file may mean, as last seen.

    repeats: has noted the keys of the file's rows. snapshot: grows and changes with what is read.
    habit: how the contacts that were read keep their phone numbers.
    until: modified_on of the latest change seen, by the server's clock; "" where there was no contact.
    """

    def __init__(self, client: Client, repeats: Repeats) -> None:
        self.snapshot = Snapshot(ninth_digit=repeats.ninth_digit)
        self.habit = PhoneHabit()
        self.until = ""
        self._client = client
        self._repeats = repeats

    def read(self, records: Iterable[Record], largest_group: int, on_read: OnRead = lambda _: None) -> None:
        """Read all that the valid ones of `records` may mean. largest_group: the workspace has so many contacts."""
        # what is changed from here on will be later than the latest change
        newest = next(self._client.contact_pages(limit=1, reverse=False), [])
        if not newest:
            return
        self._take_page(newest)
        lookups = _lookups(records, self._repeats.ninth_digit)
        worth = None if lookups is None else len(lookups)
        lists = worth is None or worth > largest_group // platform.BIG_PAGE
        if lists and self._list(worth, on_read):
            return
        unknown = [one for one in lookups or () if not _is_known(self.snapshot, one)]
        for contact in look_up(self._client, unknown):
            self.habit.note(contact)
            self._take(contact)

    def catch_up(self) -> None:
        """Read what was changed since."""
        for page in self._client.contact_pages(after=before_late(self.until)):
            self._take_page(page)

    def _list(self, worth: int | None, on_read: OnRead) -> bool:
        """List contacts until there are no more (True) or the pages have cost what they are `worth` (False).

        The oldest change comes first, so that a contact which is changed meanwhile comes again and is not missed.
        """
        read, full = 0, platform.PAGE
        for number, page in enumerate(self._client.contact_pages(limit=platform.BIG_PAGE, reverse=True), 1):
            self._take_page(page)
            for contact in page:
                self.habit.note(contact)
            read += len(page)
            on_read(read)
            if worth is not None and number >= worth and len(page) >= full:  # a shorter page is the last
                return False
            full = len(page) if number == 1 else max(full, len(page))
        return True

    def _take_page(self, page: Iterable[Contact]) -> None:
        """Take the contacts of a walk, which come in the order of their changes."""
        for contact in page:
            self.until = max(self.until, contact.modified_on)
            self._take(contact)

    def _take(self, contact: Contact) -> None:
        """Keep a contact that the file may mean; let go of one that has lost the URN by which it was meant."""
        known = self.snapshot.contacts.get(contact.uuid)
        if not self._repeats.may_mean(contact):
            self.snapshot.forget(contact.uuid)
        elif contact != known:
            self.snapshot.add(contact)


def before_late(moment: str) -> str | None:
    """Where to begin reading so that no change after `moment` is missed; None: at the beginning.

    moment: as the server writes its times, or "".
    """
    if not moment:
        return None
    return f"{datetime.fromisoformat(moment) - timedelta(seconds=LATE_S):%Y-%m-%dT%H:%M:%S.%fZ}"


def _lookups(records: Iterable[Record], ninth_digit: NinthDigit) -> list[Lookup] | None:
    """All look-ups that would be needed; None if there are so many that nobody would wait for them."""
    needed: dict[Lookup, None] = {}
    for number, record in enumerate(record for record in records if record.status == "valid"):
        if number == LOOKUP_ROWS:
            return None
        needed |= dict.fromkeys(lookups_for(record.wanted, ninth_digit))
    return list(needed)


def lookups_for(wanted: Wanted, ninth_digit: NinthDigit) -> Iterator[Lookup]:
    """What to ask for to know every contact that a row may mean, or whose URN it might take."""
    if wanted.uuid:
        yield "uuid", wanted.uuid
    for urn in wanted.urns:
        for form in stored_forms(urn, ninth_digit):
            yield "urn", form


def _is_known(snapshot: Snapshot, lookup: Lookup) -> bool:
    kind, key = lookup
    if kind == "uuid":
        return key in snapshot.contacts
    return any(normalise(key) == normalise(urn) for contact in snapshot.holders(key) for urn in contact.urns)


def look_up(client: Client, lookups: Iterable[Lookup]) -> Iterator[Contact]:
    """The contacts that are found, one request a look-up, some side by side."""

    def ask(lookup: Lookup) -> Contact | None:
        kind, key = lookup
        try:
            return client.find_contact(uuid=key) if kind == "uuid" else client.find_contact(urn=key)
        except Rejected:  # what is no URN to the server no contact has
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        yield from (contact for contact in pool.map(ask, lookups) if contact is not None)
