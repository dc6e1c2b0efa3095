"""Across rows: which rows mean the same contact, and whether they agree.

First every record is noted by its keys (`Repeats.note`), which is compact; then only the records of rows that share
one are looked at again (`settle`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from importer.issues import Issue, Phrase
from importer.model import LEAVE, Contact, Record, Wanted
from importer.urns import identity

Duplicates = Literal["merge", "first", "last", "error"]


def keys_of(wanted: Wanted) -> Iterator[str]:
    """Texts that two rows share if, and only if, they mean the same contact."""
    if wanted.uuid:
        yield f"uuid:{wanted.uuid}"
    for urn in wanted.urns:
        yield identity(urn)


class Repeats:
    """Notes the keys of valid rows and tells which rows share one.

    Holds one hash (not the text) for each key, so rows are only *suspected* of being repeats: `settle` decides.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self.suspects: set[int] = set()

    def note(self, record: Record) -> None:
        """Note one row; rows with errors say nothing about a contact."""
        if record.invalid or record.skipped:
            return
        for key in keys_of(record.wanted):
            first = self._first.setdefault(hash(key), record.row)
            if first != record.row:
                self.suspects |= {first, record.row}

    def may_mean(self, contact: Contact) -> bool:
        """Whether a noted row may mean this contact of the workspace."""
        keys = (f"uuid:{contact.uuid}", *(identity(urn) for urn in contact.urns))
        return any(hash(key) in self._first for key in keys)


def settle(records: Sequence[Record], duplicates: Duplicates) -> dict[int, Record]:
    """What becomes of rows that may mean the same contact, by row; rows that repeat no other are left out.

    records: all suspects, in row order.
    """
    settled: dict[int, Record] = {}
    for cluster in clusters(records):
        settled |= {record.row: record for record in settle_cluster(cluster, duplicates)}
    return settled


def clusters(records: Sequence[Record]) -> list[list[Record]]:
    """The records that belong together, directly or through others; each list in row order, none of one record."""
    parent: dict[int, int] = {record.row: record.row for record in records}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    owner: dict[str, int] = {}
    for record in records:
        for key in keys_of(record.wanted):
            one, other = sorted((root(owner.setdefault(key, record.row)), root(record.row)))
            parent[other] = one
    groups: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault(root(record.row), []).append(record)
    return [group for group in groups.values() if len(group) > 1]


def settle_cluster(cluster: Sequence[Record], duplicates: Duplicates) -> list[Record]:
    """Records that mean the same contact, as the option says: one of them stands for all, or all are held back."""
    if duplicates == "error":
        return [_with(record, _conflict("repeated", cluster, record)) for record in cluster]
    if duplicates in ("first", "last"):
        kept = cluster[0 if duplicates == "first" else -1]
        left_out = Issue.of("row-left-out", other_row=kept.row)
        return [r if r is kept else replace(_with(r, left_out), skipped=True) for r in cluster]
    contradicted = contradiction(cluster)
    if contradicted:
        return [_with(record, _conflict(contradicted, cluster, record)) for record in cluster]
    first, *others = cluster
    merged = replace(first, wanted=unite(record.wanted for record in cluster))
    repeated = Issue.of("row-repeated", other_row=first.row)
    return [merged, *(replace(_with(record, repeated), into=first.row) for record in others)]


def _with(record: Record, issue: Issue) -> Record:
    return replace(record, issues=(*record.issues, issue.at(record.row)))


def _conflict(attribute: str, cluster: Sequence[Record], record: Record) -> Issue:
    """What is told at `record`: the contact's other row, and on what they contradict each other."""
    other = next(other for other in cluster if other is not record)
    kind, _, field = attribute.partition(":")
    reason = Phrase(
        "conflict.row", {"reason": Phrase(f"conflict.{kind}", {"field": field}), "row": other.row}
    )
    return Issue.of("row-conflict", reason=reason, other_row=other.row)


def contradiction(cluster: Sequence[Record]) -> str | None:
    """The first attribute on which records of one contact contradict each other, as `conflict.` names it."""
    seen: dict[str, object] = {}
    for record in cluster:
        wanted = record.wanted
        said: dict[str, object] = {f"field:{key}": value for key, value in wanted.fields.items()}
        said["action"] = wanted.action
        if wanted.uuid:
            said["uuid"] = wanted.uuid
        if wanted.name is not LEAVE:
            said["name"] = wanted.name
        if wanted.language is not LEAVE:
            said["language"] = wanted.language
        for attribute, value in said.items():
            if seen.setdefault(attribute, value) != value:
                return attribute
        joined, left = ({n.casefold() for n in names} for names in (wanted.groups, wanted.groups_left))
        for name in joined | left:
            if seen.setdefault(f"group:{name}", name in joined) != (name in joined):
                return "groups"
    return None


def unite(parts: Iterable[Wanted]) -> Wanted:
    """One `Wanted` that says all that the parts say; they must not contradict each other."""
    uuid: str | None = None
    name, language = LEAVE, LEAVE
    urns: dict[str, None] = {}
    groups: dict[str, str] = {}
    groups_left: dict[str, str] = {}
    fields: dict[str, str | None] = {}
    clear, action = False, "upsert"
    for part in parts:
        uuid = uuid or part.uuid
        name = part.name if name is LEAVE else name  # type: ignore[assignment]
        language = part.language if language is LEAVE else language  # type: ignore[assignment]
        urns |= dict.fromkeys(part.urns)
        for one in part.groups:
            groups.setdefault(one.casefold(), one)
        for one in part.groups_left:
            groups_left.setdefault(one.casefold(), one)
        clear = clear or part.clear_groups
        fields |= part.fields
        action = part.action
    return Wanted(
        uuid,
        name,
        language,
        tuple(urns),
        tuple(groups.values()),
        tuple(groups_left.values()),
        clear,
        fields,
        action,
    )
