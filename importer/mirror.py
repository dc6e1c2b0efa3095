"""The mirror: a workspace's contacts as last seen, in a file, so that the next run asks only for what changed since.

It is a copy and nothing more: one that cannot be trusted is made anew. Several processes may use one at once: each
writes down what the server has shown it, and what was seen later counts.
"""

import json
import re
import sqlite3
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from importer.errors import MirrorFailed
from importer.journal.lock import make_private
from importer.model import Contact, Group, Record, Workspace
from importer.platform import PHONE_SCHEMES
from importer.snapshot import identity_of, scheme_of
from importer.urns import normalise

FORMAT = 1
BUSY_S = 20.0
"""So long one process waits while another one writes a page."""
AHEAD = 500
"""Records whose contacts are looked up together."""
NOTED = 200
"""Answers to our own requests that are written down together."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    modified INTEGER NOT NULL,     -- microseconds since 1970, by the server's clock
    content TEXT NOT NULL,         -- JSON, see _content
    digest INTEGER NOT NULL,       -- of uuid and content, so that a damaged row is noticed
    read REAL NOT NULL,            -- when the server showed it, seconds since 1970
    walk INTEGER NOT NULL          -- number of the latest walk that met it
);
CREATE INDEX contacts_modified ON contacts (modified);
CREATE TABLE urns (key INTEGER NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (key, contact)) WITHOUT ROWID;
CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    members INTEGER NOT NULL DEFAULT 0,
    apart INTEGER NOT NULL DEFAULT 0    -- by how much the server counted more when all contacts had been read
);
CREATE TABLE habits (schemes TEXT PRIMARY KEY, contacts INTEGER NOT NULL) WITHOUT ROWID;
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def micros_of(moment: str) -> int:
    """Microseconds since 1970 of a time as the server writes it."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> str:
    """The time as the server reads it."""
    return f"{_EPOCH + micros * _MICROSECOND:%Y-%m-%dT%H:%M:%S.%fZ}"


def path_of(folder: Path, url: str, workspace: Workspace) -> Path:
    """Where the mirror of a workspace is; `url`: of its server."""
    host = re.sub(r"[^a-z0-9.-]", "_", urlsplit(url).hostname or "")
    return folder / f"{host}-{re.sub(r'[^a-z0-9-]', '_', workspace.uuid.lower())}.db"


def contacts_in(path: Path) -> tuple[int, float] | None:
    """How many contacts the mirror at `path` holds, and when it last caught up with the server, in seconds since 1970.

    None: there is none that holds all contacts. It is only looked at.
    """
    with (
        suppress(sqlite3.Error, ValueError, TypeError),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db,
    ):
        facts = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM meta")}
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == FORMAT and facts.get("whole"):
            return int(db.execute("SELECT count(*) FROM contacts").fetchone()[0]), float(facts["seen"])
    return None


class Mirror:
    """One workspace's mirror, as the `Contacts` of a snapshot. Any thread may use it.

    workspace: as it is now; contacts are shown with the groups that it has, by the names that they have.
    wall: the time of day, seconds since 1970.

    Raises:
        MirrorFailed: any method, if the file is damaged or the disk fails.
    """

    def __init__(self, path: Path, workspace: Workspace, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self.wall = wall
        self._turn = threading.RLock()
        self._found: dict[int, list[Contact]] = {}  # by key of a URN, for the records just ahead
        self._found_by_uuid: dict[str, Contact | None] = {}
        self._noted: list[Contact] = []
        self._walk = 0
        self._began = 0.0
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.parent.chmod(0o700)
            make_private(path)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
            weakref.finalize(self, self._db.close)
        self._fields = [[field.key, field.value_type] for field in reversed(workspace.fields)]
        self._place = [workspace.uuid, workspace.country, workspace.timezone]
        self.take_groups(workspace.groups)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA cache_size = -16000")
        with self._transaction():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version != FORMAT:
                for (name,) in self._db.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                ).fetchall():
                    self._db.execute(f'DROP TABLE "{name}"')
                for statement in TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {FORMAT}")

    # ------------------------------------------------------------------------------------------- trust

    @property
    def until(self) -> int:
        """Every change up to this moment of the server's clock has been seen; see `micros_of`."""
        return int(self._fact("until", 0))

    @property
    def deleted_until(self) -> int:
        """The same for deletions."""
        return int(self._fact("deleted_until", 0))

    def is_trusted(self, max_age_s: float) -> bool:
        """Whether it may be brought up to date, rather than made anew.

        It must hold all contacts, have been listed as a whole less than `max_age_s` ago, and be of this workspace as
        it is: what a field's value reads like follows its type, and a field made again has none of the old values.
        """
        now, fields = self.wall(), self._fact("fields")
        return (
            bool(self._fact("whole"))
            and self._fact("seen") <= now  # else a clock has been set back, and no age is certain
            and now - self._fact("listed") <= max_age_s
            and self._fact("place") == self._place
            and self._fields[: len(fields)] == fields
        )

    def counts_as(self, groups: Iterable[Group]) -> bool:
        """Whether groups have as many members here as the server says."""
        return all(sum(self._members(group.uuid)) == group.count for group in groups)

    def _members(self, uuid: str) -> tuple[int, int]:
        """How many members a group has here, and by how much the server counts more."""
        return self._one("SELECT members, apart FROM groups WHERE uuid = ?", (uuid,)) or (0, 0)

    # ------------------------------------------------------------------------------------------- walks

    def begin_walk(self) -> int:
        """The number of a new walk over the server's contacts."""
        with self._transaction():
            walk = int(self._fact("walks", 0)) + 1
            self._set(walks=walk)
        self._walk = walk
        return walk

    def begin_listing(self) -> int:
        """The number of a walk over all contacts; until `end_listing` nobody trusts the mirror."""
        walk = self.begin_walk()
        self._began = self.wall()
        with self._transaction():
            self._set(whole=False)
            self._db.execute("UPDATE groups SET apart = 0")
        return walk

    def end_listing(self, walk: int, until: int, deleted_until: int) -> None:
        """All contacts have been put: forget those that the walk has not met."""
        with self._transaction():
            # what other processes have read meanwhile is kept
            gone = self._db.execute(
                "SELECT uuid FROM contacts WHERE walk < ? AND read < ?", (walk, self._began)
            ).fetchall()
            self._remove([uuid for (uuid,) in gone])
            self._set(
                whole=True, listed=self._began, seen=self.wall(), until=until, deleted_until=deleted_until,
                fields=self._fields, place=self._place,
            )  # fmt: skip
        self._forget_found()

    def take_counts(self, groups: Iterable[Group]) -> None:
        """Note by how much the server counts otherwise, though all contacts have been read."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO groups (uuid, apart) VALUES (?, ?)"
                " ON CONFLICT (uuid) DO UPDATE SET apart = excluded.apart",
                [(group.uuid, group.count - self._members(group.uuid)[0]) for group in groups],
            )

    def distrust(self) -> None:
        """Something is not as it should be: the next to come lists all contacts anew."""
        with self._transaction():
            self._set(whole=False)

    def advance(self, until: int, deleted_until: int = 0) -> None:
        """A walk has come so far, the oldest change first."""
        with self._transaction():
            self._set(
                until=max(until, self.until),
                deleted_until=max(deleted_until, self.deleted_until),
                seen=self.wall(),
            )

    def put(self, contacts: Iterable[Contact], walk: int | None = None) -> None:
        """Write down what the server has shown just now. walk: that met them; by default the latest of ours."""
        number = self._walk if walk is None else walk
        shown = {contact.uuid: contact for contact in contacts}
        with self._transaction():
            known = {
                uuid: (ident, modified, content, of_walk)
                for uuid, ident, modified, content, of_walk in self._db.execute(
                    "SELECT uuid, contacts.id, modified, content, walk FROM json_each(?) JOIN contacts ON uuid = value",
                    (_encode(list(shown)),),
                )
            }
            tally = _Tally()
            for contact in shown.values():
                self._put(contact, known.get(contact.uuid), number, tally)
            self._count(tally)
        self._forget_found()

    def _put(
        self, contact: Contact, known: tuple[int, int, str, int] | None, walk: int, tally: "_Tally"
    ) -> None:
        modified, content = micros_of(contact.modified_on), self._content(contact)
        now = self.wall()
        if known:
            ident, was_modified, was, of_walk = known
            if was == content or (of_walk >= walk and was_modified > modified):
                self._db.execute(
                    "UPDATE contacts SET read = ?, walk = max(walk, ?) WHERE id = ?", (now, walk, ident)
                )
                return
            tally.add(was, -1)
            self._db.execute(
                "UPDATE contacts SET modified = ?, content = ?, digest = ?, read = ?, walk = max(walk, ?) WHERE id = ?",
                (modified, content, _digest(contact.uuid, content), now, walk, ident),
            )
            old = {_key(urn) for urn in json.loads(was)[2]}
        else:
            cursor = self._db.execute(
                "INSERT INTO contacts (uuid, modified, content, digest, read, walk) VALUES (?, ?, ?, ?, ?, ?)",
                (contact.uuid, modified, content, _digest(contact.uuid, content), now, walk),
            )
            ident, old = cursor.lastrowid or 0, set()
        tally.add(content, 1)
        new = {_key(urn) for urn in contact.urns}
        for key in old - new:
            self._db.execute("DELETE FROM urns WHERE key = ? AND contact = ?", (key, ident))
        self._db.executemany("INSERT INTO urns VALUES (?, ?)", [(key, ident) for key in new - old])

    def remove(self, uuids: Iterable[str]) -> None:
        """Forget contacts that are gone."""
        with self._transaction():
            self._remove(list(uuids))
        self._forget_found()

    def _remove(self, uuids: Sequence[str]) -> None:
        tally = _Tally()
        for uuid in uuids:
            found = self._one("SELECT id, content FROM contacts WHERE uuid = ?", (uuid,))
            if found is None:
                continue
            ident, content = found
            tally.add(content, -1)
            keys = {_key(urn) for urn in json.loads(content)[2]}
            self._db.executemany(
                "DELETE FROM urns WHERE key = ? AND contact = ?", [(key, ident) for key in keys]
            )
            self._db.execute("DELETE FROM contacts WHERE id = ?", (ident,))
        self._count(tally)

    def _count(self, tally: "_Tally") -> None:
        self._db.executemany(
            "UPDATE groups SET members = members + ? WHERE id = ?",
            [(change, group) for group, change in tally.groups.items() if change],
        )
        self._db.executemany(
            "INSERT INTO habits VALUES (?, ?) ON CONFLICT DO UPDATE SET contacts = contacts + excluded.contacts",
            [(schemes, change) for schemes, change in tally.habits.items() if change],
        )

    # ---------------------------------------------------------------------------------- our own answers

    def note(self, contact: Contact) -> None:
        """Take an answer to a request of ours; many of them are written down together."""
        with self._turn:
            self._noted.append(contact)
            is_enough = len(self._noted) >= NOTED
        if is_enough:
            self.flush()

    def flush(self) -> None:
        """Write down what was noted. Where that fails, it is read again another time."""
        with self._turn:
            noted, self._noted = self._noted, []
            with suppress(MirrorFailed):
                self.put(noted)

    # ------------------------------------------------------------------------------------------ contacts

    def __len__(self) -> int:
        found = self._one("SELECT count(*) FROM contacts")
        return int(found[0]) if found else 0

    def contact(self, uuid: str) -> Contact | None:
        """See `Contacts`."""
        if uuid in (found := self._found_by_uuid):
            return found[uuid]
        with self._told(), self._turn:
            return next(self._contacts_where("uuid = ?", (uuid,)), None)

    def sharing(self, urn: str) -> Sequence[Contact]:
        """See `Contacts`. The keys of different URNs may be equal, so there may be others among them."""
        key = _key(urn)
        if (found := self._found.get(key)) is not None:
            return found
        with self._told(), self._turn:
            return list(self._contacts_where("id IN (SELECT contact FROM urns WHERE key = ?)", (key,)))

    def ahead(self, records: Iterable[Record]) -> Iterator[Record]:
        """See `Contacts`."""
        left = iter(records)
        while some := list(islice(left, AHEAD)):
            self._find(some)
            yield from some
        self._forget_found()

    def _find(self, records: Sequence[Record]) -> None:
        wanted = [record.wanted for record in records if record.status == "valid"]
        keys = {_key(urn) for one in wanted for urn in one.urns}
        uuids = {one.uuid for one in wanted if one.uuid}
        with self._told(), self._turn:
            # a contact has several keys, so who has them comes first, and then each contact once
            sql = "SELECT urns.key, contact FROM json_each(?) JOIN urns ON urns.key = value"
            holders = self._db.execute(sql, (_encode(list(keys)),)).fetchall()
            sql = (
                "SELECT id, uuid, content, digest FROM contacts WHERE id IN (SELECT value FROM json_each(?))"
            )
            stored = self._db.execute(sql, (_encode(list({ident for _, ident in holders})),))
            by_id = {ident: self._contact(*of_it) for ident, *of_it in stored}
            found: dict[int, list[Contact]] = {key: [] for key in keys}
            for key, ident in holders:
                if ident in by_id:  # another process may have removed it just now
                    found[key].append(by_id[ident])
            by_uuid: dict[str, Contact | None] = dict.fromkeys(uuids)
            if uuids:
                sql = "uuid IN (SELECT value FROM json_each(?))"
                by_uuid |= {one.uuid: one for one in self._contacts_where(sql, (_encode(list(uuids)),))}
            self._found, self._found_by_uuid = found, by_uuid

    def _forget_found(self) -> None:
        with self._turn:
            self._found, self._found_by_uuid = {}, {}

    def _contacts_where(self, condition: str, values: Sequence[object]) -> Iterator[Contact]:
        sql = f"SELECT uuid, content, digest FROM contacts WHERE {condition}"  # noqa: S608 - our own words only
        return (self._contact(*stored) for stored in self._db.execute(sql, values).fetchall())

    # ------------------------------------------------------------------------------ what is known of them

    def near(self, modified: int) -> set[str]:
        """UUIDs of the contacts that were changed then or later."""
        with self._told(), self._turn:
            found = self._db.execute("SELECT uuid FROM contacts WHERE modified >= ?", (modified,))
            return {uuid for (uuid,) in found}

    def has_rivals(self, uuids: Iterable[str]) -> bool:
        """Whether others are said to have just the URN that one of these has: one of the two is out of date."""
        sql = (
            "SELECT one.content, other.content FROM json_each(?) JOIN contacts one ON one.uuid = value"
            " JOIN urns mine ON mine.contact = one.id JOIN urns theirs ON theirs.key = mine.key"
            " JOIN contacts other ON other.id = theirs.contact WHERE other.id != one.id"
        )
        with self._told(), self._turn:
            return any(
                not _exact_urns(one).isdisjoint(_exact_urns(other))
                for one, other in self._db.execute(sql, (_encode(list(uuids)),))
            )

    def habits(self) -> Counter[frozenset[str]]:
        """How many contacts have phone numbers under which schemes."""
        with self._told(), self._turn:
            found = self._db.execute("SELECT schemes, contacts FROM habits WHERE contacts > 0").fetchall()
        return Counter({frozenset(schemes.split()): count for schemes, count in found})

    def read_before(self, moment: float) -> bool:
        """Whether there is a contact that the server showed last before `moment`, by our clock."""
        return self._one("SELECT 1 FROM contacts WHERE read < ? LIMIT 1", (moment,)) is not None

    def ages(self, uuids: Iterable[str]) -> Mapping[str, tuple[float, int]]:
        """When contacts were read, by our clock, and changed, by the server's."""
        with self._told(), self._turn:
            sql = "SELECT uuid, read, modified FROM json_each(?) JOIN contacts ON uuid = value"
            found = self._db.execute(sql, (_encode(list(uuids)),)).fetchall()
        return {uuid: (read, modified) for uuid, read, modified in found}

    def page_from(self, modified: int, length: int) -> int:
        """The last change on a page of `length` contacts that begins at a change."""
        sql = "SELECT modified FROM contacts WHERE modified >= ? ORDER BY modified LIMIT 1 OFFSET ?"
        found = self._one(sql, (modified, length - 1))
        return int(found[0]) if found else micros_of("9999-01-01T00:00:00Z")

    # ---------------------------------------------------------------------------------------- rows, groups

    def take_groups(self, groups: Iterable[Group]) -> None:
        """The workspace's groups, newest first: contacts are in those that it has."""
        with self._told(), self._turn:
            self._groups = {group.uuid: group.name for group in reversed(tuple(groups))}
            self._ids: dict[str, int] = dict(self._db.execute("SELECT uuid, id FROM groups").fetchall())
            self._shown: dict[tuple[int, ...], tuple[Group, ...]] = {}
            self._forget_found()

    def _group_id(self, group: Group) -> int:
        if group.uuid not in self._groups:  # made since the groups were read
            self._groups[group.uuid] = group.name
            self._shown = {}
        if group.uuid not in self._ids:
            self._db.execute("INSERT OR IGNORE INTO groups (uuid) VALUES (?)", (group.uuid,))
            self._ids = dict(self._db.execute("SELECT uuid, id FROM groups").fetchall())
            self._shown = {}
        return self._ids[group.uuid]

    def _groups_of(self, ids: Sequence[int]) -> tuple[Group, ...]:
        """The groups of a contact, oldest first, as the server shows them."""
        key = tuple(ids)
        if key not in self._shown:
            if not set(key) <= set(self._ids.values()):  # another process has met them
                self._ids = dict(self._db.execute("SELECT uuid, id FROM groups").fetchall())
            among = set(key)
            self._shown[key] = tuple(
                Group(uuid, name) for uuid, name in self._groups.items() if self._ids.get(uuid) in among
            )
        return self._shown[key]

    def _content(self, contact: Contact) -> str:
        groups = sorted(self._group_id(group) for group in contact.groups)
        flags = contact.blocked + 2 * contact.stopped
        return _encode([
            contact.name, contact.language, contact.urns, groups, dict(contact.fields), flags,
            contact.created_on, contact.modified_on,
        ])  # fmt: skip

    def _contact(self, uuid: str, content: str, digest: int) -> Contact:
        if _digest(uuid, content) != digest:
            raise _Damaged(uuid)
        name, language, urns, groups, fields, flags, created_on, modified_on = json.loads(content)
        return Contact(
            uuid, name, language, tuple(urns), self._groups_of(groups) if groups else (), fields,
            bool(flags & 1), bool(flags & 2), created_on, modified_on,
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------- the file

    def _fact(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - JSON
        found = self._one("SELECT value FROM meta WHERE name = ?", (name,))
        return json.loads(found[0]) if found else default

    def _set(self, **facts: object) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [(name, _encode(fact)) for name, fact in facts.items()],
        )

    def _one(self, sql: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a row
        with self._told(), self._turn:
            return self._db.execute(sql, values).fetchone()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told(), self._turn:
            is_inner = self._db.in_transaction
            if is_inner:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into one error; a damaged one is removed, to be made anew."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise MirrorFailed("mirror-failed", path=str(self.path), reason=str(error)) from error
        except (sqlite3.Error, ValueError, _Damaged) as error:
            remove(self.path)
            raise MirrorFailed("mirror-failed", path=str(self.path), reason=str(error)) from error


class _Damaged(Exception):
    """A row is not as it was written."""


class _Tally:
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


@lru_cache(maxsize=10_000)
def _key(urn: str) -> int:
    """A number that is the same for all notations of a URN."""
    text = identity_of(urn).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def _exact_urns(content: str) -> set[str]:
    """The URNs of a contact as the server compares them."""
    return {normalise(urn) for urn in json.loads(content)[2]}


def _digest(uuid: str, content: str) -> int:
    return crc32(content.encode("ascii"), crc32(uuid.encode("utf-8", "surrogatepass")))


def remove(path: Path) -> None:
    """Remove a mirror with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
