"""The workspace on SQLite, in memory or in a file.

One process has a file to itself, so the few fields and groups are kept in memory as well.
Only the thread that holds `lock` may use a store.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import RLock
from uuid import uuid4

from importer.errors import Unusable
from importer.sandbox.records import ACTIVE, Contact, Field, Group
from importer.sandbox.urns import identity_of
from importer.sandbox.values import Value

APPLICATION_ID = 0x57454E49
"""Marks our files: `WENI`."""
FORMAT = 1
BUSY_S = 0.5
"""How long to wait for another sandbox that may just be stopping."""

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE fields (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    value_type TEXT NOT NULL, made_at REAL NOT NULL
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, query TEXT,
    made_at REAL NOT NULL
);
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT, folded TEXT, language TEXT,
    status TEXT NOT NULL, field_values TEXT NOT NULL,
    created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL UNIQUE
);
CREATE INDEX deleted_contacts ON contacts (modified_on) WHERE status = 'deleted';
CREATE TABLE urns (
    identity TEXT PRIMARY KEY, contact INTEGER NOT NULL, position INTEGER NOT NULL, urn TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX urns_of_contact ON urns (contact, position);
CREATE TABLE members (
    contact INTEGER NOT NULL, grp INTEGER NOT NULL, PRIMARY KEY (contact, grp)
) WITHOUT ROWID;
CREATE INDEX members_of_group ON members (grp, contact);
"""

COLUMNS = "id, uuid, name, language, status, field_values, created_on, modified_on"


@dataclass(slots=True)
class Facts:
    """What workspace.json tells of the workspace, beside its fields and groups."""

    name: str
    country: str
    timezone: str
    date_style: str
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which contacts a list has: SQL conditions with their values, order, place and length.

    column: modified_on or id. mark: the value of the contact beside the page; None: from the start.
    backward: the page before the mark, not the one after it.
    """

    conditions: tuple[str, ...]
    values: tuple[object, ...]
    column: str = "modified_on"
    descending: bool = True
    mark: int | None = None
    backward: bool = False


class Store:
    """One workspace.

    touched: uuids of the contacts written since somebody emptied it.

    Raises:
        Unusable: sandbox-db-busy, sandbox-db-invalid.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float], facts: Facts) -> None:
        self.lock = RLock()
        self._clock = clock
        self._depth = 0
        self.touched: set[str] = set()
        self._path = str(path)
        try:
            self._db = sqlite3.connect(
                ":memory:" if path is None else path,
                timeout=BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise Unusable("sandbox-db-invalid", path=str(path), reason=str(error)) from error
        try:
            self._open(facts)
        except sqlite3.Error as error:
            self._db.close()
            key = "sandbox-db-busy" if "locked" in str(error) else "sandbox-db-invalid"
            raise Unusable(key, path=str(path), reason=str(error)) from error
        except Unusable:
            self._db.close()
            raise
        self._read_facts()
        self._read_fields_and_groups()
        self._last_tick: int = self._one("SELECT COALESCE(MAX(modified_on), 0) FROM contacts")

    # ------------------------------------------------------------------------------------------- the file

    def _open(self, facts: Facts) -> None:
        # held until the end: a second sandbox on this file would not see what this one keeps in memory
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.is_new = not self._one("SELECT COUNT(*) FROM sqlite_master")
        marks = (self._one("PRAGMA application_id"), self._one("PRAGMA user_version"))
        if not self.is_new and marks != (APPLICATION_ID, FORMAT):
            raise Unusable("sandbox-db-invalid", path=self._path, reason="it holds something else")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        with self.transaction():
            if self.is_new:
                self._make(facts)

    def _make(self, facts: Facts) -> None:
        for statement in SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {FORMAT}")
        self.facts = replace(facts, uuid=str(uuid4()))
        self.keep_facts()

    def close(self) -> None:
        """Put everything into the one file, and let go of it."""
        with self.lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one is part of the outer."""
        if not self._depth:
            self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if not self._depth:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        if not self._depth:
            self._db.execute("COMMIT")

    def _one(self, sql: str, values: Sequence[object] = ()) -> int:
        value = self._db.execute(sql, values).fetchone()[0]
        return int(value)

    # ------------------------------------------------------------------------------------------ workspace

    def keep_facts(self) -> None:
        """Write `facts` down."""
        self._db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", asdict(self.facts).items())

    def _read_facts(self) -> None:
        self.facts = Facts(**dict(self._db.execute("SELECT name, value FROM facts")))

    def _read_fields_and_groups(self) -> None:
        rows = self._db.execute("SELECT id, key, label, value_type, made_at FROM fields ORDER BY id")
        self.fields = {row[1]: Field(*row) for row in rows}
        rows = self._db.execute("SELECT id, uuid, name, query, made_at FROM groups ORDER BY id")
        self.groups = {row[0]: Group(*row) for row in rows}

    def empty(self) -> None:
        """Delete every contact, field and group."""
        with self.transaction():
            for table in ("members", "urns", "contacts", "groups", "fields"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - of the tuple above
        self.fields, self.groups = {}, {}

    def tick(self) -> int:
        """The present moment in microseconds, never the same twice, so that changes have a certain order."""
        self._last_tick = max(self._last_tick + 1, int(self._clock() * 1_000_000))
        return self._last_tick

    # -------------------------------------------------------------------------------------- fields, groups

    def add_field(self, key: str, label: str, value_type: str, made_at: float) -> Field:
        """A new field."""
        row = (key, label, value_type, made_at)
        sql = "INSERT INTO fields (key, label, value_type, made_at) VALUES (?, ?, ?, ?)"
        self.fields[key] = Field(_new_id(self._db.execute(sql, row)), *row)
        return self.fields[key]

    def save_field(self, field: Field) -> None:
        """Write label and type of a changed field."""
        row = (field.label, field.value_type, field.id)
        self._db.execute("UPDATE fields SET label = ?, value_type = ? WHERE id = ?", row)

    def add_group(self, name: str, query: str | None, made_at: float) -> Group:
        """A new group."""
        row = (str(uuid4()), name, query, made_at)
        sql = "INSERT INTO groups (uuid, name, query, made_at) VALUES (?, ?, ?, ?)"
        group = Group(_new_id(self._db.execute(sql, row)), *row)
        self.groups[group.id] = group
        return group

    def save_group(self, group: Group) -> None:
        """Write the name of a changed group."""
        self._db.execute("UPDATE groups SET name = ? WHERE id = ?", (group.name, group.id))

    def delete_group(self, group: Group) -> None:
        """The members just lose it."""
        with self.transaction():
            self._db.execute("DELETE FROM members WHERE grp = ?", (group.id,))
            self._db.execute("DELETE FROM groups WHERE id = ?", (group.id,))
        del self.groups[group.id]

    def members(self, group: Group) -> int:
        """How many contacts are in a group."""
        return self._one("SELECT COUNT(*) FROM members WHERE grp = ?", (group.id,))

    def all_members(self) -> dict[int, int]:
        """Members by id of the group; groups without any are not there."""
        return dict(self._db.execute("SELECT grp, COUNT(*) FROM members GROUP BY grp"))

    # -------------------------------------------------------------------------------------- reading contacts

    def contacts(self, conditions: str, values: Sequence[object], tail: str = "") -> list[Contact]:
        """The contacts that meet SQL `conditions`; `tail`: ORDER BY and LIMIT."""
        sql = f"SELECT {COLUMNS} FROM contacts WHERE {conditions} {tail}"  # noqa: S608 - our own words only
        rows = self._db.execute(sql, values).fetchall()
        if not rows:
            return []
        ids = json.dumps([row[0] for row in rows])
        urns: dict[int, list[str]] = {row[0]: [] for row in rows}
        groups: dict[int, list[int]] = {row[0]: [] for row in rows}
        sql = (
            "SELECT urns.contact, urn FROM json_each(?) AS wanted"
            " JOIN urns ON urns.contact = wanted.value ORDER BY urns.contact, position"
        )
        for contact, urn in self._db.execute(sql, (ids,)):
            urns[contact].append(urn)
        sql = "SELECT contact, grp FROM json_each(?) AS wanted JOIN members ON contact = wanted.value"
        for contact, group in self._db.execute(sql, (ids,)):
            groups[contact].append(group)
        return [_contact(row, urns[row[0]], groups[row[0]]) for row in rows]

    def contact(self, uuid: str) -> Contact | None:
        """By uuid, deleted ones too."""
        return next(iter(self.contacts("uuid = ?", (uuid,))), None)

    def owner(self, identity: str) -> Contact | None:
        """The contact that has a URN."""
        condition = "id = (SELECT contact FROM urns WHERE identity = ?)"
        return next(iter(self.contacts(condition, (identity,))), None)

    def owners(self, identities: Iterable[str]) -> dict[str, int]:
        """Those of the URNs that contacts have, with the contacts' ids."""
        sql = "SELECT identity, contact FROM json_each(?) AS wanted JOIN urns ON identity = wanted.value"
        return dict(self._db.execute(sql, (json.dumps(list(identities)),)))

    def page(self, part: Slice, length: int) -> tuple[list[Contact], bool]:
        """One page of contacts, in the order of the list, and whether there are more in that direction."""
        descending = part.descending is not part.backward
        conditions, values = list(part.conditions) or ["1"], list(part.values)
        if part.mark is not None:
            conditions.append(f"{part.column} {'<' if descending else '>'} ?")
            values.append(part.mark)
        tail = f"ORDER BY {part.column} {'DESC' if descending else 'ASC'} LIMIT ?"
        found = self.contacts(" AND ".join(conditions), [*values, length + 1], tail)
        more = len(found) > length
        found = found[:length]
        return (found[::-1] if part.backward else found), more

    # -------------------------------------------------------------------------------------- writing contacts

    def add_contact(self, contact: Contact) -> None:
        """Write a new contact, whose id is filled in."""
        sql = (
            "INSERT INTO contacts"
            " (uuid, name, folded, language, status, field_values, created_on, modified_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        with self.transaction():
            row = (contact.uuid, *_own(contact), contact.created_on, contact.modified_on)
            contact.id = _new_id(self._db.execute(sql, row))
            self._add_urns(contact)
            self._add_members(contact, contact.groups)
        self.touched.add(contact.uuid)

    def save_contact(self, contact: Contact, before: Contact) -> None:
        """Write a contact that was changed, now.

        URNs are taken from whoever has them, which is a change of those contacts, too.
        """
        with self.transaction():
            if contact.urns != before.urns:
                for robbed in {*self.owners(contact.identities).values()} - {contact.id}:
                    sql = "UPDATE contacts SET modified_on = ? WHERE id = ?"
                    self._db.execute(sql, (self.tick(), robbed))
                self._db.execute("DELETE FROM urns WHERE contact = ?", (contact.id,))
                self._add_urns(contact)
            contact.modified_on = self.tick()
            sql = (
                "UPDATE contacts SET name = ?, folded = ?, language = ?, status = ?, field_values = ?,"
                " modified_on = ? WHERE id = ?"
            )
            self._db.execute(sql, (*_own(contact), contact.modified_on, contact.id))
            left = [(contact.id, group) for group in before.groups - contact.groups]
            self._db.executemany("DELETE FROM members WHERE contact = ? AND grp = ?", left)
            self._add_members(contact, contact.groups - before.groups)
        self.touched.add(contact.uuid)

    def _add_urns(self, contact: Contact) -> None:
        rows = [(identity_of(urn), contact.id, place, urn) for place, urn in enumerate(contact.urns)]
        self._db.executemany("INSERT OR REPLACE INTO urns VALUES (?, ?, ?, ?)", rows)

    def _add_members(self, contact: Contact, groups: Iterable[int]) -> None:
        self._db.executemany("INSERT INTO members VALUES (?, ?)", [(contact.id, group) for group in groups])


def new_contact(now: int) -> Contact:
    """An empty contact that is not yet in the store."""
    return Contact(0, str(uuid4()), None, None, ACTIVE, {}, (), frozenset(), now, now)


def _new_id(cursor: sqlite3.Cursor) -> int:
    return cursor.lastrowid or 0


def _own(contact: Contact) -> tuple[object, ...]:
    """The columns that change."""
    values = {key: (value.text, value.number, value.when) for key, value in contact.values.items()}
    folded = None if contact.name is None else contact.name.lower()
    return contact.name, folded, contact.language, contact.status, json.dumps(values)


def _contact(
    row: tuple[int, str, str | None, str | None, str, str, int, int], urns: list[str], groups: list[int]
) -> Contact:
    ident, uuid, name, language, status, values, created_on, modified_on = row
    read = {} if values == "{}" else {key: Value(*value) for key, value in json.loads(values).items()}
    return Contact(
        ident, uuid, name, language, status, read, tuple(urns), frozenset(groups), created_on, modified_on
    )
