"""Columns: what a cell of each kind of column becomes, in the exact form in which it is sent.

A type of fields is one entry in `COLUMN_TYPES`. A cell that says nothing gives "".
"""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from importer import platform
from importer.cells import is_clear, plain_text, read_text, split_quoted
from importer.dates import date_readings, parse_datetime, same_instant
from importer.issues import CellRefused, Issue
from importer.numbers import parse_numeric, same_number
from importer.options import Locale

__all__ = (
    "COLUMN_TYPES", "ColumnType", "date_readings", "parse_datetime", "parse_groups",
    "parse_numeric", "parse_text_value", "parse_uuid", "parse_yes_no", "read_name", "same_text", "same_value",
)  # fmt: skip

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GOOGLES = frozenset(("* mycontacts", "* starred"))
"""Google's own labels, which say nothing."""
_GOOGLES_BARE = frozenset(("mycontacts", "starred"))
"""The same as its Outlook CSV has them: the first is nobody's group, and beside it neither is the second."""
_LEAVE = "-"
_YES = frozenset(("true", "verdadeiro", "verdadero", "sim", "sí", "si", "s", "yes", "y", "x", "1"))
_NO = frozenset(("false", "falso", "não", "nao", "no", "n", "0"))


def read_name(cell: object, notes: list[Issue]) -> str:
    """A contact's name.

    Raises:
        CellRefused: name-too-long, what `read_text` raises.
    """
    name = read_text(cell, notes)
    if len(name) > platform.NAME_MAX:
        raise CellRefused("name-too-long", name, count=len(name), limit=platform.NAME_MAX)
    return name


def parse_uuid(cell: object) -> str:
    """A contact's UUID, in small letters.

    Raises:
        CellRefused: uuid-invalid, clear-on-key, what `read_text` raises.
    """
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    text = read_text(cell, [])
    uuid = text.lower()
    if text and not _UUID.fullmatch(uuid):
        raise CellRefused("uuid-invalid", text)
    return uuid


def parse_groups(
    cell: object, notes: list[Issue], separator: str = ""
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the groups to join, and of those to leave, which are written with - in front.

    separator: what stands between names, where that is certain; "" where any may.
    Names that differ in case only are one, the first spelling stays.

    Raises:
        CellRefused: group-name-invalid, what `read_text` raises.
    """
    joined: dict[str, str] = {}
    left: dict[str, str] = {}
    names = split_quoted(read_text(cell, notes), separator)
    dropped = _GOOGLES | _GOOGLES_BARE if any(name == "myContacts" for name in names) else _GOOGLES
    for name in names:
        if name.casefold() in dropped:
            continue
        groups, bare = (left, name[1:].lstrip()) if name.startswith(_LEAVE) else (joined, name)
        if not platform.is_group_name(bare):
            raise CellRefused("group-name-invalid", name)
        groups.setdefault(bare.casefold(), bare)
    return tuple(joined.values()), tuple(left.values())


def parse_yes_no(cell: object) -> bool | None:
    """True, False, or None for a blank cell.

    Raises:
        CellRefused: group-value-invalid, what `read_text` raises.
    """
    if isinstance(cell, bool):
        return cell
    text = read_text(cell, [])
    if not text:
        return None
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellRefused("group-value-invalid", text)


# ------------------------------------------------------------------------------------------------ fields


def parse_text_value(cell: object, locale: Locale, notes: list[Issue]) -> str:  # noqa: ARG001 - a type's signature
    """The value of a text field.

    Raises:
        CellRefused: value-too-long, what `read_text` raises.
    """
    text = read_text(cell, notes)
    if len(text) > platform.VALUE_MAX:
        raise CellRefused("value-too-long", text, count=len(text), limit=platform.VALUE_MAX)
    return text


def _parse_place(value_type: str) -> "Parse":
    def parse(cell: object, locale: Locale, notes: list[Issue]) -> str:  # noqa: ARG001 - a type's signature
        text = read_text(cell, notes)
        if text:
            raise CellRefused("value-not-known", text, value_type=value_type)
        return text

    return parse


def same_text(wanted: str, stored: str) -> bool:
    """Whether a cell that shows the text stored would be read as the one wanted."""
    return wanted.strip() == stored.strip() or wanted == plain_text(stored)


Parse = Callable[[object, Locale, list[Issue]], str]


class ColumnType(Struct, frozen=True):
    """A type of fields.

    parse: a cell → the text to send, "" if it says nothing; raises CellRefused.
    same: whether the server shows the second where the first was sent.
    """

    parse: Parse
    same: Callable[[str, str], bool] = same_text


COLUMN_TYPES: Mapping[str, ColumnType] = {
    "text": ColumnType(parse_text_value),
    "numeric": ColumnType(parse_numeric, same_number),
    "datetime": ColumnType(parse_datetime, same_instant),
    # without the platform's maps, of which a check cannot know, the server would store nothing
    "state": ColumnType(_parse_place("state")),
    "district": ColumnType(_parse_place("district")),
    "ward": ColumnType(_parse_place("ward")),
}
"""By the server's value types."""


def same_value(value_type: str, wanted: str | None, stored: str | None) -> bool:
    """Whether writing `wanted` would change nothing.

    wanted: as `COLUMN_TYPES` makes it; None or "" to clear. stored: as the server shows it, None where it is
    empty or cannot be read as this type.
    """
    if not wanted or stored is None:
        return not wanted and not stored
    return wanted == stored or COLUMN_TYPES[value_type].same(wanted, stored)
