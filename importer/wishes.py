"""What rows want of which each cell is sure: a text a row, so that it is put aside, compared and read back quickly."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from importer.cells import AMONG, BETWEEN
from importer.model import LEAVE, Action, Leave, Wanted
from importer.packed import Packed
from importer.schema import Schema
from importer.urns import distinct

CLEARED = "\0"
"""Stands for what is to be cleared."""


class Wishes(Struct, frozen=True):
    """What rows want; "" where a row says nothing, see `Wanted`.

    urns: one or more columns of them. keys: of the fields that the rows speak of, sorted.
    rows: each row's URNs, with AMONG between, its name, its language and what these fields are to be, with BETWEEN
    between.
    """

    uuids: Packed
    urns: Sequence[Packed]
    groups: Sequence[tuple[str, ...]]
    keys: tuple[str, ...]
    rows: Packed
    action: Action

    def __len__(self) -> int:
        return len(self.groups)


def as_text(value: str | Leave | None) -> str:
    """What stands for a value in what rows say."""
    return "" if value is LEAVE else CLEARED if value is None else value


def _value(text: str) -> str | Leave | None:
    return LEAVE if not text else None if text == CLEARED else text


def wanteds(wishes: Wishes, places: Iterable[int], schema: Schema) -> Iterator[Wanted]:
    """What the rows at these places want, as `check_row` would say of them."""
    is_free = [
        column.any_scheme for column in schema.of_kinds("urn", "urns") for _ in column.schemes or ("",)
    ]
    in_order = dict.fromkeys((*schema.constants.fields, *(c.target.name for c in schema.of_kinds("field"))))
    fields = [(key, wishes.keys.index(key)) for key in in_order]
    for at in places:
        urns, name, language, *values = wishes.rows[at].split(BETWEEN)
        yield Wanted(
            wishes.uuids[at] or None,
            _value(name),
            _value(language),
            distinct(urns.split(AMONG)) if urns else (),
            wishes.groups[at],
            (),
            False,
            {key: None if text == CLEARED else text for key, place in fields if (text := values[place])},
            wishes.action,
            _of_any_scheme([column[at] for column in wishes.urns], is_free) if any(is_free) else frozenset(),
        )


def _of_any_scheme(urns: Sequence[str], is_free: Sequence[bool]) -> frozenset[str]:
    """Those of a row's URNs of which no column names the scheme."""
    named = {urn for urn, free in zip(urns, is_free, strict=True) if not free}
    return frozenset(urns).difference(named, ("",))
