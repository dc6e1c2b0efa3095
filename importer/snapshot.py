"""The snapshot: the workspace's contacts that a file may mean, as a plan asks for them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from importer.cells import AMONG, BETWEEN
from importer.model import Contact, Group, Record, Wanted
from importer.options import NinthDigit
from importer.urns import identity, normalise

identity_of = lru_cache(maxsize=10_000)(identity)
"""`identity`, which a plan asks of the same few URNs again and again."""


def scheme_of(urn: str) -> str:
    """Tel of tel:+5582993311220."""
    return urn.partition(":")[0]


class Kept(Struct, frozen=True):
    """Contacts, column by column.

    places: of the keys by which they were found, one for each. urns: of each, with AMONG between.
    whole: one of the contacts, by its place among them.
    said: the name and the language of each, and what fields with these keys say, with BETWEEN between; "" is nothing.
    """

    places: Sequence[int]
    uuids: Sequence[str]
    urns: Sequence[str]
    groups: Sequence[tuple[Group, ...]]
    said: Callable[[Sequence[str]], Iterable[str]]
    whole: Callable[[int], Contact]

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of(cls, found: Mapping[int, Contact]) -> "Kept":
        """These contacts, by the places of their keys."""
        contacts = list(found.values())

        def said(keys: Sequence[str]) -> Iterable[str]:
            return (BETWEEN.join(_words(one, keys)) for one in contacts)

        return cls(
            list(found),
            [one.uuid for one in contacts],
            [AMONG.join(one.urns) for one in contacts],
            [one.groups for one in contacts],
            said,
            contacts.__getitem__,
        )


def _words(contact: Contact, keys: Iterable[str]) -> Iterator[str]:
    return (word or "" for word in (contact.name, contact.language, *map(contact.fields.get, keys)))


class Looks(Protocol):
    """How contacts look of whom nobody else has any URN in any notation."""

    def groups_of(self, rows: Sequence[bytes], keys: tuple[str, ...]) -> Sequence[tuple[Group, ...] | None]:
        """For each row the groups of a contact that has just its URNs and says just what it says, None for nobody.

        rows, keys: see `Wishes`.
        """


class Contacts(Protocol):
    """Where a snapshot has its contacts from: the mirror's file, or `Memory`."""

    def __len__(self) -> int:
        """How many there are."""

    def another(self) -> "Contacts":
        """The same contacts, for another process, which may ask while this one does."""

    def contact(self, uuid: str) -> Contact | None:
        """The contact with this UUID."""

    def sharing(self, urn: str) -> Sequence[Contact]:
        """The contacts that have `urn` in any notation (`identity` of the ninth digit's *match*), in any order."""

    def ahead(self, records: Iterable[Record]) -> Iterator[Record]:
        """The same records, while what they mean is looked up for many of them at a time."""

    def looks(self, rows: int) -> "Looks | None":
        """How all look, as they are now, for whoever asks about so many rows; None: that does not pay."""

    def sole(self, uuids: Sequence[str], urns: Sequence[str]) -> Kept:
        """The contacts that have one of these UUIDs or, where that is "", the URN in its place; in that order. Without
        those of which another contact has any URN in any notation, and any of which it cannot be told at a glance.
        """


class Memory:
    """Some contacts. Whoever fills it leaves out those that no row can mean."""

    def __init__(self, contacts: Iterable[Contact] = ()) -> None:
        self._contacts: dict[str, Contact] = {}
        self._sharing: dict[str, dict[str, None]] = {}  # identity → UUIDs
        for contact in contacts:
            self.add(contact)

    def __len__(self) -> int:
        return len(self._contacts)

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._contacts.values())

    def add(self, contact: Contact) -> None:
        """Keep a contact; one that is known already is replaced by what was seen later."""
        self.forget(contact.uuid)
        self._contacts[contact.uuid] = contact
        for urn in contact.urns:
            self._sharing.setdefault(identity_of(urn), {})[contact.uuid] = None

    def forget(self, uuid: str) -> None:
        """Drop a contact that is gone."""
        contact = self._contacts.pop(uuid, None)
        for urn in contact.urns if contact else ():
            self._sharing[identity_of(urn)].pop(uuid, None)

    def another(self) -> "Memory":
        """See `Contacts`."""
        return self

    def contact(self, uuid: str) -> Contact | None:
        """See `Contacts`."""
        return self._contacts.get(uuid)

    def sharing(self, urn: str) -> Sequence[Contact]:
        """See `Contacts`."""
        return [self._contacts[uuid] for uuid in self._sharing.get(identity_of(urn), ())]

    def ahead(self, records: Iterable[Record]) -> Iterator[Record]:
        """See `Contacts`."""
        return iter(records)

    def looks(self, rows: int) -> None:
        """See `Contacts`."""

    def sole(self, uuids: Sequence[str], urns: Sequence[str]) -> Kept:
        """See `Contacts`."""
        found = map(self._sole, uuids, urns)
        return Kept.of({place: contact for place, contact in enumerate(found) if contact})

    def _sole(self, uuid: str, urn: str) -> Contact | None:
        if uuid:
            known = self._contacts.get(uuid)
            found = [known] if known else []
        else:
            found = list(self.sharing(urn)) if urn else []
        if len(found) != 1 or any(len(self._sharing[identity_of(urn)]) > 1 for urn in found[0].urns):
            return None
        texts = (*found[0].urns, *_words(found[0], found[0].fields))
        return None if any(BETWEEN in text or AMONG in text for text in texts) else found[0]


class Snapshot:
    """Which contacts of the workspace a row means."""

    def __init__(self, contacts: Iterable[Contact] = (), ninth_digit: NinthDigit = "match") -> None:
        self.contacts: Contacts = Memory(contacts)
        self.ninth_digit = ninth_digit

    @classmethod
    def of(cls, contacts: Contacts, ninth_digit: NinthDigit) -> "Snapshot":
        """One that asks `contacts`, as they are then."""
        snapshot = cls(ninth_digit=ninth_digit)
        snapshot.contacts = contacts
        return snapshot

    def another(self) -> "Snapshot":
        """The same, for another process."""
        return Snapshot.of(self.contacts.another(), self.ninth_digit)

    def contact(self, uuid: str) -> Contact | None:
        """The contact with this UUID."""
        return self.contacts.contact(uuid)

    def holders(self, urn: str) -> list[Contact]:
        """The contacts that `urn` means, by UUID: those that have just this URN, else the same number under its
        scheme in another notation, else under another scheme. More than one: it cannot be told which.
        """
        sharing = self.contacts.sharing(urn)
        if not sharing or (len(sharing) == 1 and urn in sharing[0].urns):  # nearly always
            return list(sharing)
        key, exact, scheme = identity_of(urn, self.ninth_digit), normalise(urn), scheme_of(urn)
        same: list[Contact] = []
        of_scheme: list[Contact] = []
        others: list[Contact] = []
        for contact in sharing:
            alike = [one for one in contact.urns if identity_of(one, self.ninth_digit) == key]
            if any(normalise(one) == exact for one in alike):
                same.append(contact)
            elif any(scheme_of(one) == scheme for one in alike):
                of_scheme.append(contact)
            elif alike:
                others.append(contact)
        return sorted(same or of_scheme or others, key=lambda contact: contact.uuid)

    def meant(self, wanted: Wanted) -> list[Contact]:
        """The contacts that a row means: that of its UUID, or those of its URNs."""
        if wanted.uuid:
            contact = self.contact(wanted.uuid)
            return [contact] if contact else []
        found = {contact.uuid: contact for urn in wanted.urns for contact in self.holders(urn)}
        return list(found.values())
