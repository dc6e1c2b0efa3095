"""Who is meant by URNs and UUIDs: the mirror's contacts as they are looked up."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat

from importer.mirror.file import MirrorFile, encode
from importer.mirror.forms import Forms, key_of, keys_of
from importer.mirror.looks import LoadedLooks
from importer.model import Contact, Group, Record
from importer.snapshot import Kept

AHEAD = 500
"""Records whose contacts are looked up together."""
_LOOKS_A_ROW = 8
"""To read how so many contacts look takes as long as to look one up."""
_LOOKS_MAX = 1_000_000
"""More would take too much memory: these a hundred and forty megabytes."""


class Finder:
    """The contacts of a mirror, as the `Contacts` of a snapshot. Any thread may use it.

    Raises:
        MirrorFailed: any method, if the file is damaged or the disk fails.
    """

    def __init__(self, file: MirrorFile, forms: Forms) -> None:
        self._file, self._forms = file, forms
        self._found: dict[int, list[Contact]] = {}  # by key of a URN, for the records just ahead
        self._found_by_uuid: dict[str, Contact | None] = {}

    def another(self) -> "Finder":
        """See `Contacts`. No process may use a connection that another one has opened."""
        file = self._file.another()
        return Finder(file, self._forms.another(file))

    def __len__(self) -> int:
        found = self._file.one("SELECT count(*) FROM contacts")
        return int(found[0]) if found else 0

    def contact(self, uuid: str) -> Contact | None:
        """See `Contacts`."""
        if uuid in (found := self._found_by_uuid):
            return found[uuid]
        with self._file.told(), self._file.turn:
            return next(self._contacts_where("uuid = ?", (uuid,)), None)

    def sharing(self, urn: str) -> Sequence[Contact]:
        """See `Contacts`. The keys of different URNs may be equal, so there may be others among them."""
        key = key_of(urn)
        if (found := self._found.get(key)) is not None:
            return found
        with self._file.told(), self._file.turn:
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
        keys = {key_of(urn) for one in wanted for urn in one.urns}
        uuids = {one.uuid for one in wanted if one.uuid}
        with self._file.told(), self._file.turn:
            # a contact has several keys, so who has them comes first, and then each contact once
            sql = "SELECT urns.key, contact FROM json_each(?) JOIN urns ON urns.key = value"
            holders = self._file.db.execute(sql, (encode(list(keys)),)).fetchall()
            sql = (
                "SELECT id, uuid, content, digest FROM contacts WHERE id IN (SELECT value FROM json_each(?))"
            )
            stored = self._file.db.execute(sql, (encode(list({ident for _, ident in holders})),))
            by_id = {ident: self._forms.contact(*of_it) for ident, *of_it in stored}
            found: dict[int, list[Contact]] = {key: [] for key in keys}
            for key, ident in holders:
                if ident in by_id:  # another process may have removed it just now
                    found[key].append(by_id[ident])
            by_uuid: dict[str, Contact | None] = dict.fromkeys(uuids)
            if uuids:
                sql = "uuid IN (SELECT value FROM json_each(?))"
                by_uuid |= {one.uuid: one for one in self._contacts_where(sql, (encode(list(uuids)),))}
            self._found, self._found_by_uuid = found, by_uuid

    def looks(self, rows: int) -> LoadedLooks | None:
        """See `Contacts`."""
        if not len(self) <= min(_LOOKS_MAX, rows * _LOOKS_A_ROW):
            return None
        sql = (  # one text for all that are in the same groups, out of the index alone
            "SELECT groups, group_concat(look) FROM contacts INDEXED BY contacts_looks"
            " WHERE look IS NOT NULL AND NOT shares GROUP BY groups"
        )
        by_look: dict[int, tuple[Group, ...]] = {}
        with self._file.told(), self._file.turn:
            for groups, looks in self._file.db.execute(sql):
                by_look.update(zip(map(int, looks.split(",")), repeat(self._forms.joined(groups))))
            return LoadedLooks(by_look, self._forms.shapes())

    def sole(self, uuids: Sequence[str], urns: Sequence[str]) -> Kept:
        """See `Contacts`."""
        asked = []
        if any(uuids):
            urns = ["" if uuid else urn for uuid, urn in zip(uuids, urns, strict=True)]
            asked.append((encode([uuid or None for uuid in uuids]), "contacts ON uuid = value"))
        if any(urns):
            of_urn = "urns ON urns.key = value CROSS JOIN contacts ON contacts.id = contact"
            asked.append((keys_of(urns), of_urn))
        sql = "SELECT json_each.key, uuid, content, digest FROM json_each(?) CROSS JOIN {} WHERE NOT shares"
        stored: list[tuple[int, str, str, int]] = []
        with self._file.told(), self._file.turn:
            for keys, table in asked:
                stored += self._file.db.execute(sql.format(table), (keys,))
            return self._forms.kept(sorted(stored))

    def _forget_found(self) -> None:
        with self._file.turn:
            self._found, self._found_by_uuid = {}, {}

    def _contacts_where(self, condition: str, values: Sequence[object]) -> Iterator[Contact]:
        sql = f"SELECT uuid, content, digest FROM contacts WHERE {condition}"  # noqa: S608 - our own words only
        return (self._forms.contact(*stored) for stored in self._file.db.execute(sql, values).fetchall())
