"""Contacts read back after they were written: some hundred by the page, a few one by one, whichever is cheaper."""

from collections.abc import Callable, Collection, Iterable

from importer import platform
from importer.api import Client
from importer.model import Contact
from importer.survey import before_late, look_up
from importer.urns import identity

OnRead = Callable[[int], None]
"""Is told how many contacts have been read so far."""


class Present:
    """Some contacts as they are now, of those that were changed since a certain moment.

    uuids: of the contacts that matter. urns: those of which it matters who has them. since: the latest change before
    any of the contacts was written, as the server writes times; "" for none.
    """

    def __init__(
        self, client: Client, uuids: Collection[str], urns: Iterable[str] = (), since: str = ""
    ) -> None:
        self._client = client
        self._uuids = frozenset(uuids)
        self._urns = tuple(dict.fromkeys(urns))
        self._holders: dict[str, str | None] = {identity(urn): None for urn in self._urns}
        self._held: dict[str, set[str]] = {}  # UUID → identities of those URNs
        self.until = since
        self.contacts: dict[str, Contact] = {}

    def contact(self, uuid: str) -> Contact | None:
        """The contact of a UUID; None: it was deleted."""
        return self.contacts.get(uuid)

    def holder(self, urn: str) -> str | None:
        """UUID of the contact that has one of the URNs asked about."""
        return self._holders.get(identity(urn))

    def note(self, contact: Contact, urns: tuple[str, ...] | None = None) -> None:
        """See `Seen`: `catch_up` reads it, as it reads whatever else was changed."""

    def forget(self, uuids: Iterable[str]) -> None:
        """Drop contacts that were deleted."""
        for uuid in uuids:
            self.contacts.pop(uuid, None)
            self._release(uuid)

    def read(self, on_read: OnRead = lambda _: None) -> None:
        """Read them all, in pages for as long as these cost less than a look-up each."""
        worth = len(self._uuids) + len(self._urns)
        if not worth:
            return
        since = before_late(self.until)
        if self._list(since, worth, on_read):
            self._settle_missing(since)
        else:
            known = [("uuid", uuid) for uuid in self._uuids if uuid not in self.contacts]
            for contact in look_up(self._client, [*known, *(("urn", urn) for urn in self._urns)]):
                self._take(contact)

    def catch_up(self) -> None:
        """Read what was changed since."""
        for page in self._client.contact_pages(after=before_late(self.until)):
            self._take_page(page)

    def _list(self, since: str | None, worth: int, on_read: OnRead) -> bool:
        """Whether the list ended before its pages had cost what look-ups would."""
        read, full = 0, platform.PAGE
        for number, page in enumerate(self._client.contact_pages(after=since), 1):
            self._take_page(page)
            read += len(page)
            on_read(read)
            if number >= worth and len(page) >= full:
                return False
            full = max(full, len(page)) if number > 1 else len(page)
        return True

    def _settle_missing(self, since: str | None) -> None:
        """Who was not in the list is deleted, or has not been changed at all."""
        missing = self._uuids - self.contacts.keys()
        if missing:
            for page in self._client.contact_pages(after=since, deleted=True):
                missing -= {contact.uuid for contact in page}
        for contact in look_up(self._client, [("uuid", uuid) for uuid in sorted(missing)]):
            self._take(contact)

    def _take_page(self, page: Iterable[Contact]) -> None:
        for contact in page:
            self.until = max(self.until, contact.modified_on)
            self._take(contact)

    def _take(self, contact: Contact) -> None:
        if contact.uuid in self._uuids:
            self.contacts[contact.uuid] = contact
        if self._holders:
            self._release(contact.uuid)
            keys = {identity(urn) for urn in contact.urns} & self._holders.keys()
            self._holders |= dict.fromkeys(keys, contact.uuid)
            self._held[contact.uuid] = keys

    def _release(self, uuid: str) -> None:
        for key in self._held.pop(uuid, ()):
            if self._holders[key] == uuid:
                self._holders[key] = None
