"""How the mirror keeps contacts, and how what it keeps is counted."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

from importer.mirror.file import Damaged, MirrorFile, encode
from importer.model import Contact, Group
from importer.platform import PHONE_SCHEMES
from importer.snapshot import identity_of, scheme_of
from importer.urns import normalise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros_of(moment: str) -> int:
    """Microseconds since 1970 of a time as the server writes it."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> str:
    """The time as the server reads it."""
    return f"{_EPOCH + micros * _MICROSECOND:%Y-%m-%dT%H:%M:%S.%fZ}"


@lru_cache(maxsize=10_000)
def key_of(urn: str) -> int:
    """A number that is the same for all notations of a URN."""
    text = identity_of(urn).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def exact_urns(content: str) -> set[str]:
    """The URNs of a contact as the server compares them."""
    return {normalise(urn) for urn in json.loads(content)[2]}


def digest_of(uuid: str, content: str) -> int:
    """By which a damaged row is noticed."""
    return crc32(content.encode("ascii"), crc32(uuid.encode("utf-8", "surrogatepass")))


class Tally:
    """Changes of what is counted: members by id of the group, contacts by their phones' schemes."""

    def __init__(self) -> None:
        self.groups: Counter[int] = Counter()
        self.habits: Counter[str] = Counter()

    def add(self, content: str, change: int) -> None:
        """Count a contact in (1) or out (-1)."""
        _, _, urns, groups, *_ = json.loads(content)
        for group in groups:
            self.groups[group] += change
        schemes = sorted({scheme_of(urn) for urn in urns}.intersection(PHONE_SCHEMES))
        if schemes:
            self.habits[" ".join(schemes)] += change


class Forms:
    """Contacts as rows of the file, and back, in the groups that the workspace has, by the names that it gives."""

    def __init__(self, file: MirrorFile) -> None:
        self._file = file

    def take_groups(self, groups: Iterable[Group]) -> None:
        """The workspace's groups, newest first: contacts are in those that it has."""
        with self._file.told(), self._file.turn:
            self._groups = {group.uuid: group.name for group in reversed(tuple(groups))}
            self._ids: dict[str, int] = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            self._shown: dict[tuple[int, ...], tuple[Group, ...]] = {}

    def _group_id(self, group: Group) -> int:
        if group.uuid not in self._groups:  # made since the groups were read
            self._groups[group.uuid] = group.name
            self._shown = {}
        if group.uuid not in self._ids:
            self._file.db.execute("INSERT OR IGNORE INTO groups (uuid) VALUES (?)", (group.uuid,))
            self._ids = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            self._shown = {}
        return self._ids[group.uuid]

    def _groups_of(self, ids: Sequence[int]) -> tuple[Group, ...]:
        """The groups of a contact, oldest first, as the server shows them."""
        key = tuple(ids)
        if key not in self._shown:
            if not set(key) <= set(self._ids.values()):  # another process has met them
                self._ids = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            among = set(key)
            self._shown[key] = tuple(
                Group(uuid, name) for uuid, name in self._groups.items() if self._ids.get(uuid) in among
            )
        return self._shown[key]

    def content(self, contact: Contact) -> str:
        """What is kept of a contact; within a transaction."""
        groups = sorted(self._group_id(group) for group in contact.groups)
        flags = contact.blocked + 2 * contact.stopped
        return encode([
            contact.name, contact.language, contact.urns, groups, dict(contact.fields), flags,
            contact.created_on, contact.modified_on,
        ])  # fmt: skip

    def contact(self, uuid: str, content: str, digest: int) -> Contact:
        """The contact that was kept.

        Raises:
            Damaged: it is not as it was written.
        """
        if digest_of(uuid, content) != digest:
            raise Damaged(uuid)
        name, language, urns, groups, fields, flags, created_on, modified_on = json.loads(content)
        return Contact(
            uuid, name, language, tuple(urns), self._groups_of(groups) if groups else (), fields,
            bool(flags & 1), bool(flags & 2), created_on, modified_on,
        )  # fmt: skip
