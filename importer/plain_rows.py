"""Rows of which each cell is sure: what their columns say → what they want."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import cast

from importer.cells import AMONG, BETWEEN
from importer.column_readers import Values
from importer.options import NinthDigit
from importer.packed import Packed
from importer.schema import Schema, TypedColumn
from importer.urns import SHORT, identity
from importer.validate import NAME_PARTS
from importer.wishes import Wishes, as_text

SaidByColumn = Sequence[tuple[TypedColumn, Values]]
"""What each column says in some rows."""

URNS, GROUPS = ("urn", "urns"), ("groups", "group")
KEYS = ("uuid", *URNS)
_PLAIN_SCHEMES = (("mailto",), ("ext",))
"""Of which a normalised URN is its own identity."""
_TEL = "tel:+"


def of_kinds(said: SaidByColumn, *kinds: str) -> Iterator[tuple[TypedColumn, Values]]:
    """The columns of these kinds."""
    return ((column, values) for column, values in said if column.target.kind in kinds)


def wishes_of(said: SaidByColumn, count: int, schema: Schema) -> Wishes:
    """What `count` rows want."""
    every = _urn_columns(said)
    fields: dict[str, Sequence[str]] = {
        key: [as_text(value)] * count for key, value in schema.constants.fields.items()
    }
    for column, values in of_kinds(said, "field"):
        key, texts = column.target.name, cast("Sequence[str]", values)
        before = fields.get(key)
        fields[key] = (
            texts if before is None else [text or old for text, old in zip(texts, before, strict=True)]
        )
    keys = tuple(sorted(fields))
    words = (
        _together(every, count),
        _names(said, count),
        _languages(said, count, schema),
        *(fields[key] for key in keys),
    )
    return Wishes(
        Packed.of(_uuids(said, count)),
        list(map(Packed.of, every)),
        groups_joined(said, count, schema.constants.groups),
        keys,
        Packed.of(map(BETWEEN.join, zip(*words, strict=True))),
        schema.constants.action,
    )


def _together(every: Sequence[Sequence[str]], count: int) -> Iterable[str]:
    """The URNs of each row, with AMONG between."""
    if not every:
        return [""] * count
    rows: Iterable[Iterable[str]] = zip(*every, strict=True)
    if any("" in urns for urns in every):
        rows = map(filter, repeat(None), rows)
    return map(AMONG.join, rows)


def _uuids(said: SaidByColumn, count: int) -> Sequence[str]:
    uuids: Sequence[str] = [""] * count
    for _, values in of_kinds(said, "uuid"):
        uuids = cast("Sequence[str]", values)
    return uuids


def _languages(said: SaidByColumn, count: int, schema: Schema) -> Sequence[str]:
    languages: Sequence[str] = [as_text(schema.constants.language)] * count
    for _, values in of_kinds(said, "language"):
        texts = cast("Sequence[str]", values)
        languages = [text or code for text, code in zip(texts, languages, strict=True)]
    return languages


def _names(said: SaidByColumn, count: int) -> Sequence[str]:
    """Full names, else those that stand in parts."""
    names: Sequence[str] = [""] * count
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
    return [name or whole for whole, name in zip(joined, names, strict=True)]


def _urn_columns(said: SaidByColumn) -> list[Sequence[str]]:
    """The URNs of each column, under each of its schemes."""
    return [
        _urns_of(column, scheme, cast("Sequence[str]", values))
        for column, values in of_kinds(said, *URNS)
        for scheme in column.schemes or ("",)
    ]


def _urns_of(column: TypedColumn, scheme: str, said: Sequence[str]) -> Sequence[str]:
    """The URNs that cells of a column say; "" for none."""
    if column.is_phone and scheme != "tel":
        return [phone and f"{scheme}:{phone[len(_TEL) :]}" for phone in said]
    return said


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
    if ninth_digit == "keep" or SHORT not in set(map(len, said)):
        return said
    return [identity(urn, ninth_digit) if len(urn) == SHORT else urn for urn in said]
