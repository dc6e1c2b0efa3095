"""Rows of which each cell is sure: what their columns say → what they want."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar, cast

from importer.column_readers import Values
from importer.model import LEAVE, Action, Leave, Wanted
from importer.options import NinthDigit
from importer.phones import LENGTH_WITHOUT_NINTH_DIGIT
from importer.schema import Schema, TypedColumn
from importer.urns import distinct, identity
from importer.validate import NAME_PARTS

T = TypeVar("T")
SaidByColumn = Sequence[tuple[TypedColumn, Values]]
"""What each column says in some rows."""

URNS, GROUPS = ("urn", "urns"), ("groups", "group")
KEYS = ("uuid", *URNS)
_PLAIN_SCHEMES = (("mailto",), ("ext",))
"""Of which a normalised URN is its own identity."""
_TEL = "tel:+"
_SHORT = len("tel:") + LENGTH_WITHOUT_NINTH_DIGIT


def of_kinds(said: SaidByColumn, *kinds: str) -> Iterator[tuple[TypedColumn, Values]]:
    """The columns of these kinds."""
    return ((column, values) for column, values in said if column.target.kind in kinds)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What rows want, column by column; of URNs and fields "" where a row says nothing, see `Wanted`.

    urns: one or more columns of them. fields: columns by key.
    """

    uuids: Sequence[str | None]
    names: Sequence[str | None | Leave]
    languages: Sequence[str | None | Leave]
    urns: Sequence[Sequence[str]]
    groups: Sequence[tuple[str, ...]]
    fields: Mapping[str, Sequence[str | None]]
    action: Action

    def __len__(self) -> int:
        return len(self.names)


def wishes_of(said: SaidByColumn, count: int, schema: Schema) -> Wishes:
    """What `count` rows want, column by column."""
    every, _, _ = _urn_columns(said)
    fields: dict[str, Sequence[str | None]] = {
        key: [value] * count for key, value in schema.constants.fields.items()
    }
    for column, values in of_kinds(said, "field"):
        key, texts = column.target.name, cast("Sequence[str]", values)
        before = fields.get(key)
        fields[key] = (
            texts if before is None else [text or old for text, old in zip(texts, before, strict=True)]
        )
    return Wishes(
        _uuids(said, count),
        _names(said, count),
        _languages(said, count, schema),
        every,
        groups_joined(said, count, schema.constants.groups),
        fields,
        schema.constants.action,
    )


def wanteds(said: SaidByColumn, count: int, schema: Schema) -> Iterator[Wanted]:
    """What `count` rows want, as `check_row` would say of them."""
    urns, any_scheme = _urns(said, count)
    return map(
        Wanted,
        _uuids(said, count),
        _names(said, count),
        _languages(said, count, schema),
        urns,
        groups_joined(said, count, schema.constants.groups),
        repeat(()),
        repeat(False),
        _fields(said, count, schema),
        repeat(schema.constants.action),
        any_scheme,
    )


def _uuids(said: SaidByColumn, count: int) -> Sequence[str | None]:
    uuids: Sequence[str | None] = [None] * count
    for _, values in of_kinds(said, "uuid"):
        uuids = [text or None for text in cast("Sequence[str]", values)]
    return uuids


def _languages(said: SaidByColumn, count: int, schema: Schema) -> Sequence[str | None | Leave]:
    languages: Sequence[str | None | Leave] = [schema.constants.language] * count
    for _, values in of_kinds(said, "language"):
        texts = cast("Sequence[str]", values)
        languages = [text or code for text, code in zip(texts, languages, strict=True)]
    return languages


def _names(said: SaidByColumn, count: int) -> Sequence[str | Leave]:
    """Full names, else those that stand in parts."""
    names: Sequence[str | Leave] = [LEAVE] * count
    parts: dict[str, list[str]] = {}
    for column, values in of_kinds(said, "name", *NAME_PARTS):
        kind, texts = column.target.kind, cast("Sequence[str]", values)
        if kind == "name":
            names = [text or name for text, name in zip(texts, names, strict=True)]
        else:
            before = parts.get(kind, [""] * count)
            parts[kind] = [text or old for text, old in zip(texts, before, strict=True)]
    if not parts:
        return names
    in_parts = [parts[kind] for kind in NAME_PARTS if kind in parts]
    joined = (" ".join(filter(None, words)) for words in zip(*in_parts, strict=True))
    return [(whole or LEAVE) if name is LEAVE else name for whole, name in zip(joined, names, strict=True)]


_UrnColumns = list[Sequence[str]]


def _urn_columns(said: SaidByColumn) -> tuple[_UrnColumns, _UrnColumns, _UrnColumns]:
    """The URNs of each column, then those of them of columns that name no scheme, then the others."""
    every: _UrnColumns = []
    free: _UrnColumns = []
    named: _UrnColumns = []
    for column, values in of_kinds(said, *URNS):
        for scheme in column.schemes or ("",):
            found = _urns_of(column, scheme, cast("Sequence[str]", values))
            every.append(found)
            (free if column.any_scheme else named).append(found)
    return every, free, named


def _urns(said: SaidByColumn, count: int) -> tuple[list[tuple[str, ...]], Iterable[frozenset[str]]]:
    """The URNs of each row, and those of them whose column names no scheme."""
    every, free, named = _urn_columns(said)
    if not every:
        return [()] * count, repeat(frozenset())
    urns = [_distinct(row) for row in zip(*every, strict=True)]
    if not free:
        return urns, repeat(frozenset())
    if not named:
        return urns, [frozenset(row).difference(("",)) for row in zip(*free, strict=True)]
    both = zip(zip(*free, strict=True), zip(*named, strict=True), strict=True)
    return urns, [frozenset(some).difference(others, ("",)) for some, others in both]


def _urns_of(column: TypedColumn, scheme: str, said: Sequence[str]) -> Sequence[str]:
    """The URNs that cells of a column say; "" for none."""
    if column.is_phone and scheme != "tel":
        return [phone and f"{scheme}:{phone[len(_TEL) :]}" for phone in said]
    return said


def _distinct(urns: Iterable[str]) -> tuple[str, ...]:
    found = tuple(filter(None, urns))
    return found if len(found) < 2 else distinct(found)


def groups_joined(said: SaidByColumn, count: int, constants: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    """The groups that each row joins."""
    every = [cast("Sequence[tuple[str, ...]]", values) for _, values in of_kinds(said, *GROUPS)]
    if not every:
        return [_no_two_alike((constants,))] * count
    known: dict[tuple[object, ...], tuple[str, ...]] = {}
    found = []
    for row in zip(*every, strict=True):
        if row not in known:
            known[row] = _no_two_alike((constants, *row))
        found.append(known[row])
    return found


def _no_two_alike(sets: Iterable[Iterable[str]]) -> tuple[str, ...]:
    groups: dict[str, str] = {}
    for names in sets:
        for name in names:
            groups.setdefault(name.casefold(), name)
    return tuple(groups.values())


def _fields(said: SaidByColumn, count: int, schema: Schema) -> Iterable[dict[str, str | None]]:
    constants = schema.constants.fields
    fields = [
        (column.target.name, cast("Sequence[str]", values)) for column, values in of_kinds(said, "field")
    ]
    if not fields:
        return (dict(constants) for _ in range(count))
    keys = [key for key, _ in fields]
    rows = zip(*(values for _, values in fields), strict=True)
    if constants:
        return ({**constants, **{k: v for k, v in zip(keys, row, strict=True) if v}} for row in rows)
    return ({k: v for k, v in zip(keys, row, strict=True) if v} for row in rows)


def keys_said(said: SaidByColumn, ninth_digit: NinthDigit) -> list[Sequence[str]]:
    """What `keys_of` gives for the rows: for each key column their keys, "" for none."""
    return [
        _keys(column, cast("Sequence[str]", values), ninth_digit) for column, values in of_kinds(said, *KEYS)
    ]


def _keys(column: TypedColumn, said: Sequence[str], ninth_digit: NinthDigit) -> Sequence[str]:
    if column.target.kind == "uuid":
        return [uuid and f"uuid:{uuid}" for uuid in said]
    if column.schemes in _PLAIN_SCHEMES:
        return said
    if not column.is_phone:
        return [urn and identity(urn, ninth_digit) for urn in said]
    if ninth_digit == "keep" or _SHORT not in set(map(len, said)):
        return said
    return [identity(urn, ninth_digit) if len(urn) == _SHORT else urn for urn in said]
