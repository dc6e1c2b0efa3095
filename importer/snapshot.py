"""The snapshot: the workspace's contacts that a file may mean, as they were read for one job."""

from collections.abc import Iterable

from importer.model import Contact, Wanted
from importer.options import NinthDigit
from importer.urns import identity, normalise


def scheme_of(urn: str) -> str:
    """Tel of tel:+5582993311220."""
    return urn.partition(":")[0]


class Snapshot:
    """Contacts by UUID and by URN. Whoever fills it leaves out contacts that no row can mean."""

    def __init__(self, contacts: Iterable[Contact] = (), ninth_digit: NinthDigit = "match") -> None:
        self.ninth_digit = ninth_digit
        self.contacts: dict[str, Contact] = {}
        self._holders: dict[str, list[tuple[str, str]]] = {}  # identity → (URN as stored, UUID)
        for contact in contacts:
            self.add(contact)

    def add(self, contact: Contact) -> None:
        """Keep a contact; one that is known already is replaced by what was seen later."""
        self.forget(contact.uuid)
        self.contacts[contact.uuid] = contact
        for urn in contact.urns:
            self._holders.setdefault(self._identity(urn), []).append((normalise(urn), contact.uuid))

    def forget(self, uuid: str) -> None:
        """Drop a contact that is gone."""
        contact = self.contacts.pop(uuid, None)
        for urn in contact.urns if contact else ():
            held = self._holders[self._identity(urn)]
            held[:] = [holder for holder in held if holder[1] != uuid]

    def holders(self, urn: str) -> list[Contact]:
        """The contacts that `urn` means: those that have just this URN, else the same number under its
        scheme in another notation, else under another scheme. More than one: it cannot be told which.
        """
        held = self._holders.get(self._identity(urn), [])
        exact = normalise(urn)
        scheme = scheme_of(urn)
        for fits in (
            [uuid for stored, uuid in held if stored == exact],
            [uuid for stored, uuid in held if scheme_of(stored) == scheme],
            [uuid for _, uuid in held],
        ):
            if fits:
                return [self.contacts[uuid] for uuid in dict.fromkeys(fits)]
        return []

    def _identity(self, urn: str) -> str:
        return identity(urn, self.ninth_digit)

    def meant(self, wanted: Wanted) -> list[Contact]:
        """The contacts that a row means: that of its UUID, or those of its URNs."""
        if wanted.uuid:
            contact = self.contacts.get(wanted.uuid)
            return [contact] if contact else []
        found = {contact.uuid: contact for urn in wanted.urns for contact in self.holders(urn)}
        return list(found.values())
