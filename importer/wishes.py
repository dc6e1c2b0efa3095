"""What rows want of which each cell is sure: a text a row, so that it is put aside, compared and read back quickly."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from importer.cells import BETWEEN
from importer.model import LEAVE, Action, Leave, Wanted
from importer.schema import Schema
from importer.urns import distinct

CLEARED = "\0"
"""Stands for what is to be cleared."""
_AFTER = "\x1d"
"""Stands behind each of many texts that are put aside as one. No text of a cell has such characters."""


class Wishes(Struct, frozen=True):
    """What rows want; "" where a row says nothing, see `Wanted`.

    urns: one or more columns of them. keys: of the fields that the rows speak of, sorted.
    said: by each row: the name, the language and what these fields are to be, with BETWEEN between.
    """

    uuids: Sequence[str]
    urns: Sequence[Sequence[str]]
    groups: Sequence[tuple[str, ...]]
    keys: tuple[str, ...]
    said: Sequence[str]
    action: Action

    def __len__(self) -> int:
        return len(self.said)

    def __reduce__(self) -> tuple[Callable[..., "Wishes"], tuple[object, ...]]:
        """Pickled as a few long texts, which takes a tenth of the time."""
        uuids = _together(self.uuids) if any(self.uuids) else ""
        said, urns = _together(self.said), list(map(_together, self.urns))
        return _taken_apart, (uuids, urns, self.groups, self.keys, said, self.action)


def _together(texts: Iterable[str]) -> str | bytes:
    """As bytes where Latin letters do, which is the quickest way to write and to read them."""
    together = _AFTER.join((*texts, ""))
    try:
        return together.encode("latin-1")
    except UnicodeEncodeError:
        return together


def _apart(texts: str | bytes) -> list[str]:
    return (texts.decode("latin-1") if isinstance(texts, bytes) else texts).split(_AFTER)[:-1]


def _taken_apart(
    uuids: str | bytes,
    urns: Iterable[str | bytes],
    groups: Sequence[tuple[str, ...]],
    keys: tuple[str, ...],
    said: str | bytes,
    action: Action,
) -> Wishes:
    rows = _apart(said)
    return Wishes(
        _apart(uuids) if uuids else [""] * len(rows), list(map(_apart, urns)), groups, keys, rows, action
    )


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
        name, language, *values = wishes.said[at].split(BETWEEN)
        urns = [column[at] for column in wishes.urns]
        yield Wanted(
            wishes.uuids[at] or None,
            _value(name),
            _value(language),
            _distinct(urns),
            wishes.groups[at],
            (),
            False,
            {key: None if text == CLEARED else text for key, place in fields if (text := values[place])},
            wishes.action,
            _of_any_scheme(urns, is_free) if any(is_free) else frozenset(),
        )


def _distinct(urns: Iterable[str]) -> tuple[str, ...]:
    found = tuple(filter(None, urns))
    return found if len(found) < 2 else distinct(found)


def _of_any_scheme(urns: Sequence[str], is_free: Sequence[bool]) -> frozenset[str]:
    """Those of a row's URNs of which no column names the scheme."""
    named = {urn for urn, free in zip(urns, is_free, strict=True) if not free}
    return frozenset(urns).difference(named, ("",))
