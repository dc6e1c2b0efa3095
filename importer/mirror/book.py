"""One workspace's mirror: what was seen is put in, and asked for by the URNs and UUIDs of rows."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from importer.errors import MirrorFailed
from importer.mirror.file import MirrorFile, encode
from importer.mirror.finding import Finder
from importer.mirror.forms import (
    Forms,
    Tally,
    digest_of,
    exact_urns,
    groups_in,
    key_of,
    look_in,
    micros_of,
    urns_in,
)
from importer.model import Contact, Group, Workspace

NOTED = 200
"""Answers to our own requests that are written down together."""
_SHARE = (
    "UPDATE contacts SET shares = 1 WHERE NOT shares AND id IN (SELECT contact FROM urns WHERE key IN"
    " (SELECT urns.key FROM {} GROUP BY urns.key HAVING count(*) > 1))"
)
"""Notes contacts that share a key. One that no longer does stays noted until all are listed anew."""


class Mirror(Finder):
    """One workspace's mirror. Any thread may use it.

    workspace: as it is now; contacts are shown with the groups that it has, by the names that they have.
    wall: the time of day, seconds since 1970.

    Raises:
        MirrorFailed: any method, if the file is damaged or the disk fails.
    """

    def __init__(self, path: Path, workspace: Workspace, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self.wall = wall
        file = MirrorFile(path)
        super().__init__(file, Forms(file, workspace.groups))
        self._noted: list[Contact] = []
        self._walk = 0
        self._began = 0.0
        self._fields = [[field.key, field.value_type] for field in reversed(workspace.fields)]
        self._place = [workspace.uuid, workspace.country, workspace.timezone]

    # ------------------------------------------------------------------------------------------- trust

    @property
    def until(self) -> int:
        """Every change up to this moment of the server's clock has been seen; see `micros_of`."""
        return int(self._file.fact("until", 0))

    @property
    def deleted_until(self) -> int:
        """The same for deletions."""
        return int(self._file.fact("deleted_until", 0))

    def is_trusted(self, max_age_s: float) -> bool:
        """Whether it may be brought up to date, rather than made anew.

        It must hold all contacts, have been listed as a whole less than `max_age_s` ago, and be of this workspace as
        it is: what a field's value reads like follows its type, and a field made again has none of the old values.
        """
        now, fields = self.wall(), self._file.fact("fields")
        return (
            bool(self._file.fact("whole"))
            and self._file.fact("seen") <= now  # else a clock has been set back, and no age is certain
            and now - self._file.fact("listed") <= max_age_s
            and self._file.fact("place") == self._place
            and self._fields[: len(fields)] == fields
        )

    def counts_as(self, groups: Iterable[Group]) -> bool:
        """Whether groups have as many members here as the server says."""
        return all(sum(self._members(group.uuid)) == group.count for group in groups)

    def _members(self, uuid: str) -> tuple[int, int]:
        """How many members a group has here, and by how much the server counts more."""
        return self._file.one("SELECT members, apart FROM groups WHERE uuid = ?", (uuid,)) or (0, 0)

    # ------------------------------------------------------------------------------------------- walks

    def begin_walk(self) -> int:
        """The number of a new walk over the server's contacts."""
        with self._file.transaction():
            walk = int(self._file.fact("walks", 0)) + 1
            self._file.set(walks=walk)
        self._walk = walk
        return walk

    def begin_listing(self) -> int:
        """The number of a walk over all contacts; until `end_listing` nobody trusts the mirror."""
        walk = self.begin_walk()
        self._began = self.wall()
        with self._file.transaction():
            self._file.set(whole=False)
            self._file.db.execute("UPDATE groups SET apart = 0")
        return walk

    def end_listing(self, walk: int, until: int, deleted_until: int) -> None:
        """All contacts have been put: forget those that the walk has not met."""
        with self._file.transaction():
            # what other processes have read meanwhile is kept
            gone = self._file.db.execute(
                "SELECT uuid FROM contacts WHERE walk < ? AND read < ?", (walk, self._began)
            ).fetchall()
            self._remove([uuid for (uuid,) in gone])
            self._file.db.execute("UPDATE contacts SET shares = 0 WHERE shares")
            self._file.db.execute(_SHARE.format("urns"))
            self._file.set(
                whole=True, listed=self._began, seen=self.wall(), until=until, deleted_until=deleted_until,
                fields=self._fields, place=self._place,
            )  # fmt: skip
        self._forget_found()

    def take_counts(self, groups: Iterable[Group]) -> None:
        """Note by how much the server counts otherwise, though all contacts have been read."""
        with self._file.transaction():
            self._file.db.executemany(
                "INSERT INTO groups (uuid, apart) VALUES (?, ?)"
                " ON CONFLICT (uuid) DO UPDATE SET apart = excluded.apart",
                [(group.uuid, group.count - self._members(group.uuid)[0]) for group in groups],
            )

    def distrust(self) -> None:
        """Something is not as it should be: the next to come lists all contacts anew."""
        with self._file.transaction():
            self._file.set(whole=False)

    def advance(self, until: int, deleted_until: int = 0) -> None:
        """A walk has come so far, the oldest change first."""
        with self._file.transaction():
            self._file.set(
                until=max(until, self.until),
                deleted_until=max(deleted_until, self.deleted_until),
                seen=self.wall(),
            )

    def put(self, contacts: Iterable[Contact], walk: int | None = None) -> None:
        """Write down what the server has shown just now. walk: that met them; by default the latest of ours."""
        number = self._walk if walk is None else walk
        shown = {contact.uuid: contact for contact in contacts}
        with self._forms.certain(), self._file.transaction():
            known = {
                uuid: (ident, modified, content, of_walk)
                for uuid, ident, modified, content, of_walk in self._file.db.execute(
                    "SELECT uuid, contacts.id, modified, content, walk FROM json_each(?) JOIN contacts ON uuid = value",
                    (encode(list(shown)),),
                )
            }
            tally, keys = Tally(), set[int]()
            for contact in shown.values():
                keys |= self._put(contact, known.get(contact.uuid), number, tally)
            self._note_sharing(keys)
            self._count(tally)
        self._forget_found()

    def _note_sharing(self, keys: Iterable[int]) -> None:
        """Note which contacts share one of these keys."""
        some = "json_each(?) CROSS JOIN urns ON urns.key = value"
        self._file.db.execute(_SHARE.format(some), (encode(list(keys)),))

    def _put(
        self, contact: Contact, known: tuple[int, int, str, int] | None, walk: int, tally: Tally
    ) -> set[int]:
        """Write down one contact; returns keys that it did not have before."""
        modified, content = micros_of(contact.modified_on), self._forms.content(contact)
        now, found_by = self.wall(), (groups_in(content), look_in(content))
        if known:
            ident, was_modified, was, of_walk = known
            if was == content or (of_walk >= walk and was_modified > modified):
                self._file.db.execute(
                    "UPDATE contacts SET read = ?, walk = max(walk, ?) WHERE id = ?", (now, walk, ident)
                )
                return set()
            tally.add(was, -1)
            self._file.db.execute(
                "UPDATE contacts SET modified = ?, content = ?, digest = ?, read = ?, groups = ?, look = ?,"
                " walk = max(walk, ?) WHERE id = ?",
                (modified, content, digest_of(contact.uuid, content), now, *found_by, walk, ident),
            )
            old = {key_of(urn) for urn in urns_in(was)}
        else:
            cursor = self._file.db.execute(
                "INSERT INTO contacts (uuid, modified, content, digest, read, walk, groups, look)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (contact.uuid, modified, content, digest_of(contact.uuid, content), now, walk, *found_by),
            )
            ident, old = cursor.lastrowid or 0, set()
        tally.add(content, 1)
        new = {key_of(urn) for urn in contact.urns}
        for key in old - new:
            self._file.db.execute("DELETE FROM urns WHERE key = ? AND contact = ?", (key, ident))
        self._file.db.executemany("INSERT INTO urns VALUES (?, ?)", [(key, ident) for key in new - old])
        return new - old

    def remove(self, uuids: Iterable[str]) -> None:
        """Forget contacts that are gone."""
        with self._file.transaction():
            self._remove(list(uuids))
        self._forget_found()

    def _remove(self, uuids: Sequence[str]) -> None:
        tally = Tally()
        for uuid in uuids:
            found = self._file.one("SELECT id, content FROM contacts WHERE uuid = ?", (uuid,))
            if found is None:
                continue
            ident, content = found
            tally.add(content, -1)
            keys = {key_of(urn) for urn in urns_in(content)}
            self._file.db.executemany(
                "DELETE FROM urns WHERE key = ? AND contact = ?", [(key, ident) for key in keys]
            )
            self._file.db.execute("DELETE FROM contacts WHERE id = ?", (ident,))
        self._count(tally)

    def _count(self, tally: Tally) -> None:
        self._file.db.executemany(
            "UPDATE groups SET members = members + ? WHERE id = ?",
            [(change, group) for group, change in tally.groups.items() if change],
        )
        self._file.db.executemany(
            "INSERT INTO habits VALUES (?, ?) ON CONFLICT DO UPDATE SET contacts = contacts + excluded.contacts",
            [(schemes, change) for schemes, change in tally.habits.items() if change],
        )

    # ---------------------------------------------------------------------------------- our own answers

    def note(self, contact: Contact) -> None:
        """Take an answer to a request of ours; many of them are written down together."""
        with self._file.turn:
            self._noted.append(contact)
            is_enough = len(self._noted) >= NOTED
        if is_enough:
            self.flush()

    def flush(self) -> None:
        """Write down what was noted. Where that fails, it is read again another time."""
        with self._file.turn:
            noted, self._noted = self._noted, []
            with suppress(MirrorFailed):
                self.put(noted)

    # ------------------------------------------------------------------------------ what is known of them

    def near(self, modified: int) -> set[str]:
        """UUIDs of the contacts that were changed then or later."""
        with self._file.told(), self._file.turn:
            found = self._file.db.execute("SELECT uuid FROM contacts WHERE modified >= ?", (modified,))
            return {uuid for (uuid,) in found}

    def has_rivals(self, uuids: Iterable[str]) -> bool:
        """Whether others are said to have just the URN that one of these has: one of the two is out of date."""
        sql = "SELECT uuid, content FROM json_each(?) CROSS JOIN contacts ON uuid = value WHERE shares"
        with self._file.told(), self._file.turn:
            for uuid, content in self._file.db.execute(sql, (encode(list(uuids)),)).fetchall():
                exact = exact_urns(content)
                sql = (
                    "SELECT content FROM json_each(?) CROSS JOIN urns ON urns.key = value"
                    " CROSS JOIN contacts ON contacts.id = contact WHERE uuid != ?"
                )
                others = self._file.db.execute(sql, (encode(list(map(key_of, exact))), uuid))
                if any(not exact.isdisjoint(exact_urns(other)) for (other,) in others):
                    return True
        return False

    def habits(self) -> Counter[frozenset[str]]:
        """How many contacts have phone numbers under which schemes."""
        with self._file.told(), self._file.turn:
            found = self._file.db.execute(
                "SELECT schemes, contacts FROM habits WHERE contacts > 0"
            ).fetchall()
        return Counter({frozenset(schemes.split()): count for schemes, count in found})

    def read_before(self, moment: float) -> bool:
        """Whether there is a contact that the server showed last before `moment`, by our clock."""
        return self._file.one("SELECT 1 FROM contacts WHERE read < ? LIMIT 1", (moment,)) is not None

    def ages(self, uuids: Iterable[str]) -> Mapping[str, tuple[float, int]]:
        """When contacts were read, by our clock, and changed, by the server's."""
        with self._file.told(), self._file.turn:
            sql = "SELECT uuid, read, modified FROM json_each(?) JOIN contacts ON uuid = value"
            found = self._file.db.execute(sql, (encode(list(uuids)),)).fetchall()
        return {uuid: (read, modified) for uuid, read, modified in found}

    def page_from(self, modified: int, length: int) -> int:
        """The last change on a page of `length` contacts that begins at a change."""
        sql = "SELECT modified FROM contacts WHERE modified >= ? ORDER BY modified LIMIT 1 OFFSET ?"
        found = self._file.one(sql, (modified, length - 1))
        return int(found[0]) if found else micros_of("9999-01-01T00:00:00Z")

    # ---------------------------------------------------------------------------------------- rows, groups

    def take_groups(self, groups: Iterable[Group]) -> None:
        """The workspace's groups, newest first: contacts are in those that it has."""
        self._forms.take_groups(groups)
        self._forget_found()
