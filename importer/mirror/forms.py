"""How the mirror keeps contacts, and how what it keeps is counted.

A contact is one text: its parts, of which the last ones are its name, its language and the values of its fields; the
keys of these are kept once for all contacts that have the same. To take it apart costs a third of what JSON does. Of a
plan most contacts are as their rows say: an index of their looks tells, and nobody reads their text.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import add, itemgetter
from typing import AnyStr
from zlib import crc32

from xxhash import xxh3_64_intdigest

from importer.cells import AMONG, BETWEEN
from importer.glances.shapes import Shape, are_lines, joined
from importer.mirror.file import Damaged, MirrorFile, encode
from importer.model import Contact, Group
from importer.packed import as_bytes
from importer.platform import PHONE_SCHEMES
from importer.snapshot import Kept, scheme_of
from importer.urns import SHORT, identity, normalise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AS_JSON, _NUL = "\x1a", "\x00"
_BEFORE = 4
"""So many parts come before the name, the language and the values of fields."""
_TEL, _DIGITS_MAX = "tel:+", 18
_PHONES = Shape(rf"tel:\+(?!55[0-9]{{{SHORT - len(_TEL) - 2}}}\n)[1-9][0-9]{{0,{_DIGITS_MAX - 1}}}+")
"""Phones that have one form only, and their number as it stands in JSON."""
_ODD = re.compile(f"[{_NUL}{_AS_JSON}{BETWEEN}{AMONG}\ud800-\udfff]")


def _word(text: str | None) -> str:
    """A text as it stands, "" for None; an odd one, which might not come back as it is, as JSON behind a mark."""
    if text is None:
        return ""
    return text if text and not _ODD.search(text) else _AS_JSON + encode(text)


def _text(word: str) -> str | None:
    return json.loads(word[1:]) if word.startswith(_AS_JSON) else word or None


def _texts(words: str) -> list[str]:
    if _AS_JSON in words:
        return [str(_text(word)) for word in words.split(AMONG)]
    return words.split(AMONG) if words else []


def urns_in(content: str) -> list[str]:
    """The URNs of a contact."""
    return _texts(content.partition(BETWEEN)[0])


def micros_of(moment: str) -> int:
    """Microseconds since 1970 of a time as the server writes it."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> str:
    """The time as the server reads it."""
    return f"{_EPOCH + micros * _MICROSECOND:%Y-%m-%dT%H:%M:%S.%fZ}"


def _hashes(texts: Iterable[bytes], seed: int = 0) -> list[int]:
    """Of 63 bits, which SQLite and JSON take for whole numbers."""
    return [xxh3_64_intdigest(text, seed) >> 1 for text in texts]


def looks_of(shape: str, texts: Iterable[bytes]) -> list[int]:
    """Numbers that tell whether a contact of a shape says just what one of these texts says, see `Wishes.rows`."""
    return _hashes(texts, int(shape))


def look_in(content: str) -> int | None:
    """The same of a contact; None of one that says anything odd or has no URN."""
    urns, _, shape, _, said = content.split(BETWEEN, _BEFORE)
    if not urns or _AS_JSON in content:
        return None
    (look,) = looks_of(shape, [as_bytes(f"{urns}{BETWEEN}{said}")])
    return look


def groups_in(content: str) -> str:
    """The ids of a contact's groups, and by what damage to them is noticed."""
    ids = content.split(BETWEEN, 2)[1]
    return f"{ids}{BETWEEN}{crc32(ids.encode())}"


def new_key_of(urn: str) -> int:
    """A number that is the same for all notations of a URN: a phone's own, of others a hash."""
    text = identity(urn)
    number = text[len(_TEL) :]
    if text.startswith(_TEL) and number.isdecimal() and len(number) <= _DIGITS_MAX:
        return int(number)
    (key,) = _hashes([text.encode("utf-8", "surrogatepass")])
    return key


def keys_of(urns: Sequence[str]) -> str:
    """The same of many, as JSON; null for "". Most are phones of which nobody needs to look at each."""
    text = joined(urns)
    if not are_lines(text, len(urns)):
        return encode([new_key_of(urn) if urn else None for urn in urns])
    numbers = text.replace(f"\n{_TEL}", "\n")[1:-1]
    if "\n\n" in text or not _PHONES.fits(text):
        keys = [number or "null" for number in numbers.split("\n")]
        for at, urn in _PHONES.misfits(text).items():
            keys[at] = str(new_key_of(urn))
        return f"[{','.join(keys)}]"
    return f"[{numbers.replace(chr(10), ',')}]"


key_of = lru_cache(maxsize=10_000)(new_key_of)
"""The same, of URNs that are asked about again and again."""


def exact_urns(content: str) -> set[str]:
    """The URNs of a contact as the server compares them."""
    return set(map(normalise, urns_in(content)))


def digest_of(uuid: str, content: str) -> int:
    """By which a damaged row is noticed."""
    return crc32(content.encode("utf-8", "surrogatepass"), crc32(uuid.encode("utf-8", "surrogatepass")))


def _digests_of(uuids: Iterable[str], contents: Iterable[str]) -> tuple[int, ...]:
    """The same of many; nothing odd among them, so that none holds what stands between."""
    texts = _NUL.join(map(add, uuids, contents)).encode("utf-8", "surrogatepass")
    return tuple(map(crc32, texts.split(_NUL.encode())))


def arranged(
    has: Sequence[str], wanted: Sequence[str], between: AnyStr, before: int = 2
) -> Callable[[AnyStr], AnyStr]:
    """What gives, of a text with the values of some fields, the same with the values of other fields, "" for those that
    are not among them.

    has, wanted: the keys of the fields. between: stands between the parts. before: how many come before the values.
    """
    if tuple(has) == tuple(wanted):
        return lambda text: text
    at_of = {key: at for at, key in enumerate(has, before)}
    pick = itemgetter(*range(before), *(at_of.get(key, -1) for key in wanted))
    nothing = between[:0]
    return lambda text: between.join(pick([*text.split(between), nothing]))


class Tally:
    """Changes of what is counted: members by id of the group, contacts by their phones' schemes."""

    def __init__(self) -> None:
        self.groups: Counter[int] = Counter()
        self.habits: Counter[str] = Counter()

    def add(self, content: str, change: int) -> None:
        """Count a contact in (1) or out (-1)."""
        urns, groups, _ = content.split(BETWEEN, 2)
        for group in groups.split():
            self.groups[int(group)] += change
        schemes = sorted(set(map(scheme_of, _texts(urns))).intersection(PHONE_SCHEMES))
        if schemes:
            self.habits[" ".join(schemes)] += change


class Forms:
    """Contacts as rows of the file, and back, in the groups that the workspace has, by the names that it gives.

    groups: the workspace's, newest first.
    """

    def __init__(self, file: MirrorFile, groups: Iterable[Group]) -> None:
        self._file = file
        self._shapes: dict[str, tuple[str, ...]] = {}  # keys of fields by id
        self._shape_ids: dict[tuple[str, ...], str] = {}
        self.take_groups(groups)

    def another(self, file: MirrorFile) -> "Forms":
        """The same, of another connection."""
        return Forms(file, [Group(uuid, name) for uuid, name in reversed(self._groups.items())])

    def take_groups(self, groups: Iterable[Group]) -> None:
        """The workspace's groups, newest first: contacts are in those that it has."""
        with self._file.told(), self._file.turn:
            self._groups = {group.uuid: group.name for group in reversed(tuple(groups))}
            self._ids: dict[str, int] = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            self._forget_shown()

    def _forget_shown(self) -> None:
        self._shown: dict[str, tuple[Group, ...]] = {}  # by ids
        self._joined: dict[str, tuple[Group, ...]] = {}  # by ids and what tells of damage

    def _group_id(self, group: Group) -> int:
        if group.uuid not in self._groups:  # made since the groups were read
            self._groups[group.uuid] = group.name
            self._forget_shown()
        if group.uuid not in self._ids:
            self._file.db.execute("INSERT OR IGNORE INTO groups (uuid) VALUES (?)", (group.uuid,))
            self._ids = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            self._forget_shown()
        return self._ids[group.uuid]

    def _groups_of(self, ids: str) -> tuple[Group, ...]:
        """The groups of a contact, oldest first, as the server shows them."""
        if ids not in self._shown:
            among = set(map(int, ids.split()))
            if not among <= set(self._ids.values()):  # another process has met them
                self._ids = dict(self._file.db.execute("SELECT uuid, id FROM groups").fetchall())
            self._shown[ids] = tuple(
                Group(uuid, name) for uuid, name in self._groups.items() if self._ids.get(uuid) in among
            )
        return self._shown[ids]

    def joined(self, groups: str) -> tuple[Group, ...]:
        """The groups of a contact, of `groups_in`.

        Raises:
            Damaged: they are not as they were written.
        """
        if groups not in self._joined:
            ids, _, checked = groups.partition(BETWEEN)
            if checked != str(crc32(ids.encode())):
                raise Damaged(groups)
            self._joined[groups] = self._groups_of(ids)
        return self._joined[groups]

    def _shape_id(self, keys: tuple[str, ...]) -> str:
        if keys not in self._shape_ids:
            self._file.db.execute("INSERT OR IGNORE INTO shapes (keys) VALUES (?)", (encode(keys),))
            self._read_shapes()
        return self._shape_ids[keys]

    def _shape(self, ident: str) -> tuple[str, ...]:
        if ident not in self._shapes:  # another process has met it
            self._read_shapes()
            if ident not in self._shapes:
                raise Damaged(ident)
        return self._shapes[ident]

    @contextmanager
    def certain(self) -> Iterator[None]:
        """Forget the numbers of groups and keys where what is written down in the block is not there after all."""
        try:
            yield
        except BaseException:
            self._ids, self._shapes, self._shape_ids = {}, {}, {}
            self._forget_shown()
            raise

    def shapes(self) -> dict[str, tuple[str, ...]]:
        """The keys of fields that contacts may have, by what stands for them; the newest last."""
        self._read_shapes()
        return dict(self._shapes)

    def _read_shapes(self) -> None:
        for ident, keys in self._file.db.execute("SELECT id, keys FROM shapes").fetchall():
            self._shapes[str(ident)] = shape = tuple(json.loads(keys))
            self._shape_ids[shape] = str(ident)

    def content(self, contact: Contact) -> str:
        """What is kept of a contact; within a transaction."""
        groups = sorted(self._group_id(group) for group in contact.groups)
        keys = tuple(sorted(contact.fields))  # as rows have theirs
        return BETWEEN.join((
            AMONG.join(map(_word, contact.urns)), " ".join(map(str, groups)), self._shape_id(keys),
            AMONG.join((
                str(contact.blocked + 2 * contact.stopped),
                _word(contact.created_on or None), _word(contact.modified_on or None),
            )),
            _word(contact.name), _word(contact.language), *(_word(contact.fields[key]) for key in keys),
        ))  # fmt: skip

    def contact(self, uuid: str, content: str, digest: int) -> Contact:
        """The contact that was kept.

        Raises:
            Damaged: it is not as it was written.
        """
        if digest_of(uuid, content) != digest:
            raise Damaged(uuid)
        parts = content.split(BETWEEN, _BEFORE)
        _, groups, shape, *_ = parts
        return _contact(uuid, parts, self._groups_of(groups), self._shape(shape))

    def kept(self, stored: Iterable[tuple[int, str, str, int]]) -> Kept:
        """The contacts that were kept, column by column, without those that say anything odd.

        stored: of each the place of its key, its UUID, its content and the digest of both.

        Raises:
            Damaged: one is not as it was written.
        """
        found = [one for one in stored if _AS_JSON not in one[2]]
        if not found:
            return Kept.of({})
        places, uuids, contents, digests = zip(*found, strict=True)
        if _digests_of(uuids, contents) != digests:
            raise Damaged(uuids)
        parts = [content.split(BETWEEN, _BEFORE) for content in contents]
        urns, groups, shapes, _, all_said = zip(*parts, strict=True)
        groups_of = {ids: self._groups_of(ids) for ids in {*groups}}
        keys_of = {shape: self._shape(shape) for shape in {*shapes}}

        def said(keys: Sequence[str]) -> Iterable[str]:
            readers = {shape: arranged(has, keys, BETWEEN) for shape, has in keys_of.items()}
            return [readers[shape](one) for shape, one in zip(shapes, all_said, strict=True)]

        def whole(place: int) -> Contact:
            one = parts[place]
            return _contact(uuids[place], one, groups_of[one[1]], keys_of[one[2]])

        return Kept(places, uuids, urns, [groups_of[ids] for ids in groups], said, whole)


def _contact(uuid: str, parts: Sequence[str], groups: tuple[Group, ...], keys: Iterable[str]) -> Contact:
    """A contact of its parts; groups and keys of fields: those that the parts name by their numbers."""
    urns, _, _, about, said = parts
    flags, created_on, modified_on = about.split(AMONG)
    words = said.split(BETWEEN)
    name, language, *values = map(_text, words) if _AS_JSON in said else [word or None for word in words]
    return Contact(
        uuid,
        name,
        language,
        tuple(_texts(urns)),
        groups,
        dict(zip(keys, values, strict=True)),
        flags in ("1", "3"),
        flags in ("2", "3"),
        _text(created_on) or "",
        _text(modified_on) or "",
    )
