"""The workspace's fields, groups and contacts, in memory or in a file.

One process has a file to itself, so the few fields and groups are kept in memory as well.
Only the thread that holds `lock` may use a store.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import RLock
from uuid import uuid4

from msgspec import Struct

from importer.sandbox.database import Database, Facts
from importer.sandbox.records import ACTIVE, Contact, Field, Group
from importer.sandbox.urns import identity_of
from importer.sandbox.values import Value

COLUMNS = "id, uuid, name, language, status, field_values, created_on, modified_on"


class Slice(Struct, frozen=True):
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
        self.touched: set[str] = set()
        self._clock = clock
        self._db = Database(path, facts)
        self.is_new = self._db.is_new
        self.transaction = self._db.transaction
        rows = self._db.run("SELECT id, key, label, value_type, made_at FROM fields ORDER BY id")
        self.fields = {row[1]: Field(*row) for row in rows}
        rows = self._db.run("SELECT id, uuid, name, query, made_at FROM groups ORDER BY id")
        self.groups = {row[0]: Group(*row) for row in rows}
        self._last_tick = self._db.count("SELECT COALESCE(MAX(modified_on), 0) FROM contacts")

    def close(self) -> None:
        """Put everything into the one file, and let go of it."""
        with self.lock:
            self._db.close()

    @property
    def facts(self) -> Facts:
        """What the workspace is."""
        return self._db.facts

    @facts.setter
    def facts(self, facts: Facts) -> None:
        self._db.keep_facts(facts)

    def empty(self) -> None:
        """Delete every contact, field and group."""
        with self.transaction():
            for table in ("members", "urns", "contacts", "groups", "fields"):
                self._db.run(f"DELETE FROM {table}")  # noqa: S608 - of the tuple above
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
        self.fields[key] = Field(self._db.add(sql, row), *row)
        return self.fields[key]

    def save_field(self, field: Field) -> None:
        """Write label and type of a changed field."""
        row = (field.label, field.value_type, field.id)
        self._db.run("UPDATE fields SET label = ?, value_type = ? WHERE id = ?", row)

    def add_group(self, name: str, query: str | None, made_at: float) -> Group:
        """A new group."""
        row = (str(uuid4()), name, query, made_at)
        sql = "INSERT INTO groups (uuid, name, query, made_at) VALUES (?, ?, ?, ?)"
        group = Group(self._db.add(sql, row), *row)
        self.groups[group.id] = group
        return group

    def save_group(self, group: Group) -> None:
        """Write the name of a changed group."""
        self._db.run("UPDATE groups SET name = ? WHERE id = ?", (group.name, group.id))

    def delete_group(self, group: Group) -> None:
        """The members just lose it."""
        with self.transaction():
            self._db.run("DELETE FROM members WHERE grp = ?", (group.id,))
            self._db.run("DELETE FROM groups WHERE id = ?", (group.id,))
        del self.groups[group.id]

    def members(self, group: Group) -> int:
        """How many contacts are in a group."""
        return self._db.count("SELECT COUNT(*) FROM members WHERE grp = ?", (group.id,))

    def all_members(self) -> dict[int, int]:
        """Members by id of the group; groups without any are not there."""
        return dict(self._db.run("SELECT grp, COUNT(*) FROM members GROUP BY grp"))

    # -------------------------------------------------------------------------------------- reading contacts

    def contacts(self, conditions: str, values: Sequence[object], tail: str = "") -> list[Contact]:
        """The contacts that meet SQL `conditions`; `tail`: ORDER BY and LIMIT."""
        sql = f"SELECT {COLUMNS} FROM contacts WHERE {conditions} {tail}"  # noqa: S608 - our own words only
        rows = self._db.run(sql, values).fetchall()
        if not rows:
            return []
        ids = json.dumps([row[0] for row in rows])
        urns: dict[int, list[str]] = {row[0]: [] for row in rows}
        groups: dict[int, list[int]] = {row[0]: [] for row in rows}
        sql = (
            "SELECT urns.contact, urn FROM json_each(?) AS wanted"
            " JOIN urns ON urns.contact = wanted.value ORDER BY urns.contact, position"
        )
        for contact, urn in self._db.run(sql, (ids,)):
            urns[contact].append(urn)
        sql = "SELECT contact, grp FROM json_each(?) AS wanted JOIN members ON contact = wanted.value"
        for contact, group in self._db.run(sql, (ids,)):
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
        return dict(self._db.run(sql, (json.dumps(list(identities)),)))

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
            contact.id = self._db.add(sql, row)
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
                    self._db.run(sql, (self.tick(), robbed))
                self._db.run("DELETE FROM urns WHERE contact = ?", (contact.id,))
                self._add_urns(contact)
            contact.modified_on = self.tick()
            sql = (
                "UPDATE contacts SET name = ?, folded = ?, language = ?, status = ?, field_values = ?,"
                " modified_on = ? WHERE id = ?"
            )
            self._db.run(sql, (*_own(contact), contact.modified_on, contact.id))
            left = [(contact.id, group) for group in before.groups - contact.groups]
            self._db.run_each("DELETE FROM members WHERE contact = ? AND grp = ?", left)
            self._add_members(contact, contact.groups - before.groups)
        self.touched.add(contact.uuid)

    def _add_urns(self, contact: Contact) -> None:
        rows = [(identity_of(urn), contact.id, place, urn) for place, urn in enumerate(contact.urns)]
        self._db.run_each("INSERT OR REPLACE INTO urns VALUES (?, ?, ?, ?)", rows)

    def _add_members(self, contact: Contact, groups: Iterable[int]) -> None:
        self._db.run_each("INSERT INTO members VALUES (?, ?)", [(contact.id, group) for group in groups])


def new_contact(now: int) -> Contact:
    """An empty contact that is not yet in the store."""
    return Contact(0, str(uuid4()), None, None, ACTIVE, {}, (), frozenset(), now, now)


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
