"""Across rows: which rows mean the same contact, and whether they agree.

First every record is noted by its keys (`Repeats.note`), which is compact; then only the records of rows that share
one are looked at again (`settle`).
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, compress
from typing import Literal, NamedTuple

from msgspec.structs import replace

from importer.columns import same_value
from importer.issues import Issue, Phrase
from importer.model import LEAVE, Action, Contact, Record, Wanted
from importer.options import NinthDigit
from importer.urns import distinct, identity, normalise
from importer.validate import too_many

Duplicates = Literal["merge", "first", "last", "error"]
_NO_KEY = hash("")


def keys_of(wanted: Wanted, ninth_digit: NinthDigit = "match") -> Iterator[str]:
    """Texts that two rows share if, and only if, they mean the same contact."""
    if wanted.uuid:
        yield f"uuid:{wanted.uuid}"
    for urn in wanted.urns:
        yield identity(urn, ninth_digit)


class _Noted(NamedTuple):
    """Hashes of the keys of some rows, column by column; `_NO_KEY` where a row has none, or has it in another column.

    numbers: of the rows.
    """

    numbers: "array[int]"
    columns: Sequence["array[int]"]


class SharedKeys:
    """Notes keys of rows and tells which rows share one.

    Holds one hash (not the text) for each key, so rows are only *suspected* of sharing it.

    noted: what was noted here. repeated: keys that several rows have, those merged among them. Both are pickled, for a
    process that hashes alike.
    """

    def __init__(self) -> None:
        self.noted: list[_Noted] = []
        self.repeated: set[int] = set()
        self._seen: set[int] = set()
        self._merged: list[SharedKeys] = []
        self._unseen: list[_Noted] = []  # not yet among those seen

    def __getstate__(self) -> tuple[list[_Noted], set[int]]:
        return list(chain(self.noted, *(others.noted for others in self._merged))), self.repeated

    def __setstate__(self, state: tuple[list[_Noted], set[int]]) -> None:
        self.noted, self.repeated = state
        self._seen, self._merged, self._unseen = set(), [], self.noted[:]

    def note(self, numbers: Iterable[int], columns: Iterable[Iterable[str]]) -> None:
        """Note the keys of several rows, of which none was noted before.

        columns: each has a key of every row, "" for none.
        """
        hashes, seen = [list(map(hash, keys)) for keys in columns], self._known()
        found = set(chain.from_iterable(hashes))
        found.discard(_NO_KEY)
        if len(found) < sum(len(column) - column.count(_NO_KEY) for column in hashes):
            hashes = _once_a_row(hashes)
            times = Counter(chain.from_iterable(hashes))
            self.repeated.update(key for key in found if times[key] > 1)
        self.repeated |= found & seen
        seen |= found
        self.noted.append(_Noted(array("q", numbers), [array("q", column) for column in hashes]))

    def merge(self, others: "SharedKeys") -> None:
        """Note what was noted of other rows as well; nothing is merged with those."""
        seen = self._known()
        self.repeated |= others.repeated
        for noted in others.noted:
            for column in noted.columns:
                self.repeated |= seen.intersection(column)
        self._merged.append(others)
        self._unseen += others.noted

    def _known(self) -> set[int]:
        """All keys; those of others are only added when somebody asks."""
        if self._unseen:
            self._seen.update(*(column for noted in self._unseen for column in noted.columns))
            self._seen.discard(_NO_KEY)
            self._unseen = []
        return self._seen

    def __len__(self) -> int:
        """How many different keys the rows have."""
        return len(self._known())

    def has_more_than(self, count: int) -> bool:
        """Whether the rows have more different keys; most often those that were noted here tell."""
        return len(self._seen) > count or len(self) > count

    def __contains__(self, key: str) -> bool:
        """Whether a row may have this key."""
        return hash(key) in self._known()

    @property
    def suspects(self) -> set[int]:
        """The rows that share a key with another one."""
        return self.rows_with(self.repeated).union(*(one.rows_with(self.repeated) for one in self._merged))

    def rows_with(self, keys: Set[int]) -> set[int]:
        """Of the rows that were noted here those that have one of some keys, of which these are the hashes."""
        is_among = keys.__contains__
        return {
            row
            for noted in (self.noted if keys else ())
            for column in noted.columns
            for row in compress(noted.numbers, map(is_among, column))
        }


def _once_a_row(columns: Sequence[Sequence[int]]) -> list[list[int]]:
    """The columns without keys that a row has from an earlier one: it may well say the same twice."""
    once: list[list[int]] = []
    for column in columns:
        rows = zip(column, *once, strict=True)
        once.append([_NO_KEY if key in before else key for key, *before in rows])
    return once


class Repeats:
    """Notes the keys of valid rows; which rows are *suspected* of repeating one another `settle` then decides."""

    def __init__(self, ninth_digit: NinthDigit = "match") -> None:
        self.ninth_digit = ninth_digit
        self.shared = SharedKeys()

    def note(self, record: Record) -> None:
        """Note one row; rows with errors say nothing about a contact."""
        if not (record.invalid or record.skipped):
            self.note_keys([record.row], [[key] for key in keys_of(record.wanted, self.ninth_digit)])

    def note_keys(self, numbers: Iterable[int], columns: Iterable[Iterable[str]]) -> None:
        """Note the keys of several valid rows; see `SharedKeys.note`."""
        self.shared.note(numbers, columns)

    def merge(self, others: "Repeats") -> None:
        """Note what was noted of other rows as well."""
        self.shared.merge(others.shared)

    @property
    def suspects(self) -> set[int]:
        """The rows that share a key with another one."""
        return self.shared.suspects

    def rows_with(self, keys: Set[int]) -> set[int]:
        """See `SharedKeys`."""
        return self.shared.rows_with(keys)

    @property
    def keys(self) -> int:
        """How many different keys the noted rows have."""
        return len(self.shared)

    def has_more_than(self, count: int) -> bool:
        """Whether they have more different keys."""
        return self.shared.has_more_than(count)

    def may_mean(self, contact: Contact) -> bool:
        """Whether a noted row may mean this contact of the workspace."""
        keys = (f"uuid:{contact.uuid}", *(identity(urn, self.ninth_digit) for urn in contact.urns))
        return any(key in self.shared for key in keys)


def settle(
    records: Sequence[Record],
    duplicates: Duplicates,
    types: Mapping[str, str],
    ninth_digit: NinthDigit = "match",
) -> dict[int, Record]:
    """What becomes of rows that may mean the same contact, by row; rows that repeat no other are left out.

    records: all suspects, in row order. types: value types of fields, by key.
    """
    settled: dict[int, Record] = {}
    for cluster in clusters(records, ninth_digit):
        settled |= {record.row: record for record in settle_cluster(cluster, duplicates, types)}
    return settled


def clusters(records: Sequence[Record], ninth_digit: NinthDigit = "match") -> list[list[Record]]:
    """The records that belong together, directly or through others; each list in row order, none of one record."""
    parent: dict[int, int] = {record.row: record.row for record in records}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def join(one: int, other: int) -> None:
        first, later = sorted((root(one), root(other)))
        parent[later] = first

    owner: dict[str, Record] = {}
    exact: dict[str, int] = {}  # of rows with a UUID, by URN
    for record in records:
        for key in keys_of(record.wanted, ninth_digit):
            holder = owner.setdefault(key, record)
            if holder is not record and not _named_apart(holder.wanted, record.wanted):
                join(holder.row, record.row)
        if record.wanted.uuid:
            for urn in map(normalise, record.wanted.urns):
                join(exact.setdefault(urn, record.row), record.row)
    groups: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault(root(record.row), []).append(record)
    return [group for group in groups.values() if len(group) > 1]


def _named_apart(one: Wanted, other: Wanted) -> bool:
    """Whether two rows say by their UUIDs that they mean two contacts, though one person may be behind both: the number
    of one is another's under another scheme, or without its ninth digit.
    """
    return bool(one.uuid and other.uuid and one.uuid != other.uuid)


def settle_cluster(
    cluster: Sequence[Record], duplicates: Duplicates, types: Mapping[str, str]
) -> list[Record]:
    """Records that mean the same contact, as the option says: one of them stands for all, or all are held back."""
    first, *others = cluster
    if duplicates == "error":
        repeated = [_conflict("repeated", others[0]), *(_conflict("repeated", first) for _ in others)]
        return list(map(_with, cluster, repeated))
    if duplicates in ("first", "last"):
        kept = first if duplicates == "first" else cluster[-1]
        left_out = Issue.of("row-left-out", other_row=kept.row)
        return [r if r is kept else replace(_with(r, left_out), skipped=True) for r in cluster]
    if contradicted := contradictions(cluster, types):
        return list(map(_with, cluster, contradicted))
    wanted = unite(record.wanted for record in cluster)
    if issues := list(too_many(wanted)):
        return [_with(record, *issues) for record in cluster]
    repeated_one = Issue.of("row-repeated", other_row=first.row)
    return [
        replace(first, wanted=wanted),
        *(replace(_with(record, repeated_one), into=first.row) for record in others),
    ]


def _with(record: Record, *issues: Issue) -> Record:
    return replace(record, issues=(*record.issues, *(issue.at(record.row) for issue in issues)))


def _conflict(attribute: str, other: Record) -> Issue:
    """What is told at a record: the contact's other row, and on what they contradict each other."""
    kind, _, name = attribute.partition(":")
    reason = Phrase("conflict.row", {"reason": Phrase(f"conflict.{kind}", {"field": name}), "row": other.row})
    return Issue.of("row-conflict", reason=reason, other_row=other.row)


def contradictions(cluster: Sequence[Record], types: Mapping[str, str]) -> list[Issue]:
    """Of records of one contact, what is to be told at each, if any contradicts another; else nothing.

    A record that contradicts none itself is held back with the others: which of them is right, nobody knows.
    """
    if all(record.wanted == cluster[0].wanted for record in cluster):
        return []
    joined = {name.casefold() for record in cluster for name in record.wanted.groups}
    said = [_said(record.wanted, joined) for record in cluster]
    first: dict[str, int] = {}  # the first that says anything of an attribute, as an index
    rival: dict[str, int] = {}  # the first that says something else
    differs: list[list[str]] = [[] for _ in cluster]  # attributes that each says otherwise than the first
    for index, statements in enumerate(said):
        for attribute, value in statements.items():
            leader = first.setdefault(attribute, index)
            before = said[leader][attribute]
            if value != before and not _is_same(attribute, value, before, types):
                rival.setdefault(attribute, index)
                differs[index].append(attribute)
    if not rival:
        return []
    issues = []
    for index, statements in enumerate(said):
        contradicted = next((attribute for attribute in statements if attribute in rival), next(iter(rival)))
        other = first if contradicted in differs[index] or contradicted not in statements else rival
        issues.append(_conflict(contradicted, cluster[other[contradicted]]))
    return issues


def _said(wanted: Wanted, joined: set[str]) -> dict[str, object]:
    """What a record says, by attribute as `conflict.` names it. joined: groups that any record joins."""
    said: dict[str, object] = {"action": wanted.action}
    if wanted.uuid:
        said["uuid"] = wanted.uuid
    if wanted.name is not LEAVE:
        said["name"] = wanted.name
    if wanted.language is not LEAVE:
        said["language"] = wanted.language
    said |= {f"field:{key}": value for key, value in wanted.fields.items()}
    joins, leaves = ({name.casefold() for name in names} for names in (wanted.groups, wanted.groups_left))
    if wanted.clear_groups:
        leaves |= joined - joins
    said |= {f"groups:{name}": False for name in leaves} | {f"groups:{name}": True for name in joins}
    return said


def _is_same(attribute: str, one: object, other: object, types: Mapping[str, str]) -> bool:
    kind, _, key = attribute.partition(":")
    if kind == "field" and isinstance(one, str) and isinstance(other, str):
        return same_value(types.get(key, "text"), one, other)
    return one == other


def unite(parts: Iterable[Wanted]) -> Wanted:
    """One `Wanted` that says all that the parts say; they must not contradict each other."""
    uuid: str | None = None
    name, language = LEAVE, LEAVE
    urns: list[str] = []
    groups: dict[str, str] = {}
    groups_left: dict[str, str] = {}
    fields: dict[str, str | None] = {}
    clear = False
    action: Action = "upsert"
    of_named_scheme: set[str] = set()
    for part in parts:
        uuid = uuid or part.uuid
        name = part.name if name is LEAVE else name  # type: ignore[assignment]
        language = part.language if language is LEAVE else language  # type: ignore[assignment]
        urns += part.urns
        for one in part.groups:
            groups.setdefault(one.casefold(), one)
        for one in part.groups_left:
            groups_left.setdefault(one.casefold(), one)
        clear = clear or part.clear_groups
        for key, value in part.fields.items():
            fields.setdefault(key, value)
        action = part.action
        of_named_scheme |= set(part.urns) - part.any_scheme
    return Wanted(
        uuid,
        name,
        language,
        distinct(urns),
        tuple(groups.values()),
        tuple(groups_left.values()),
        clear,
        fields,
        action,
        frozenset(urns) - of_named_scheme,
    )
