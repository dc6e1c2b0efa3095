"""Escapes: what a cell has to hold so that reading it gives a value. The way back of `columns`, `urns` and `languages`.

Most values are their own cell. What a cell would say otherwise (`--`, `[example]`, `'=`, 1.234) is written in another
way that is read as just this value; each is read again before it is used. Of a value that no cell gives the answer is
None: its cell stays blank, which leaves what is there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from unicodedata import is_normalized

from importer import platform
from importer.cells import EXACT_BELOW, is_blank, is_clear, plain_text, read_text
from importer.columns import COLUMN_TYPES, parse_groups, same_text, same_value
from importer.dates import same_instant
from importer.examples import is_marked
from importer.issues import CellRefused
from importer.languages import parse_language
from importer.numbering import read_ordinary
from importer.options import Locale
from importer.urns import identity, parse_urns

T = TypeVar("T", bound=object)

# ordinary values, whose cell is known without reading it: tests/test_escapes.py holds that both ways agree
_WHOLE = re.compile("0|-?[1-9][0-9]{0,13}", re.ASCII)
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,8})\.[0-9]{0,4}[1-9]", re.ASCII)
_MOMENT = re.compile(
    r"(?:19[1-9][0-9]|20[0-9]{2})-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.000000)?"
    r"[-+](?:0[0-9]|1[0-3]):[0-5][0-9]"
)
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_MAIL = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*@(?:[a-z0-9]+\.)+[a-z]{2,63}")
_SHORT = 60
"""Characters of a mail address of which no part can be too long."""

_CALCULATED = re.compile(r"[=@]|[-+](?![\d\s().,-]*$)|[-+]$")
"""How a text begins that a spreadsheet program would calculate if it found it in a text file."""
_UNWRITABLE = re.compile("[\ufffe\uffff]")
"""What no workbook can hold."""
_SHOWN = {"%25": "%", "%23": "#", "%3F": "?", "%3f": "?"}
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - before it, spreadsheet programs count the days differently


def guarded(text: str) -> str:
    """`text` as spreadsheets write a text that is not to be taken for anything else."""
    return f'="{text.replace(chr(34), chr(34) * 2)}"'


def text_cell(value: str, *, in_workbook: bool) -> str | None:
    """A name or the value of a text field.

    in_workbook: whether the cell has a type; in a text file every program takes it for what it looks like.
    """
    if _is_ordinary_text(value):
        return value
    plain = plain_text(value)  # the rest is invisible, and no workbook holds it
    safe = guarded(plain)
    is_risky = not in_workbook and _CALCULATED.match(plain) is not None
    cells = (safe,) if is_risky else (plain, safe)
    return _first(cells, lambda cell: same_text(read_text(cell, []), value))


def language_cell(value: str, locale: Locale) -> str | None:
    """A language. One in capitals, which reading would put right, has no cell; nor has one that nobody knows."""
    return _first((value,), lambda cell: parse_language(cell, locale, []) == value)


def field_cell(value: str, value_type: str, locale: Locale, *, in_workbook: bool) -> object:
    """The value of a field, as the server shows it: a number or a date where a workbook has room for all of it."""
    if value_type in ("numeric", "datetime"):
        cell = _ordinary_cell(value, value_type, locale, in_workbook=in_workbook)
        if cell is not None:
            return cell
    cells: Iterable[object]
    match value_type:
        case "numeric":
            # 1.234 could be a thousand; with one more zero it could not
            texts = (value, f"{value}0") if "." in value else (value,)
            cells = (*_numbers(value), *texts) if in_workbook else texts
        case "datetime":
            cells = (*_moments(value, locale), value) if in_workbook else (value,)
        case _:
            return text_cell(value, in_workbook=in_workbook)
    return _first(cells, lambda cell: _is_read_as(cell, value_type, locale, value))


def urn_cell(urn: str, locale: Locale) -> str | None:
    """The cell of a URN in a column of its scheme."""
    scheme, _, path = urn.partition(":")
    if scheme not in platform.WRITABLE_SCHEMES:
        return None
    if _is_ordinary_path(scheme, path, locale):
        return path
    shown = re.sub("%25|%23|%3[Ff]", lambda found: _SHOWN[found[0]], path.partition("#")[0])
    cells = (shown, f"+{shown}", f"{scheme}:{shown}", guarded(f"{scheme}:{shown}"))

    def is_read(cell: str) -> bool:
        found = parse_urns(cell, scheme, locale, [])
        if len(found) != 1 or not found[0].startswith(f"{scheme}:"):
            return False
        return identity(found[0], "keep") == identity(urn, "keep")

    return _first(cells, is_read)


def groups_cell(names: Sequence[str]) -> str | None:
    """Names of groups in one cell, each in quotation marks, so that any separator may be in them."""
    text = "; ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)
    return _first((text,), lambda cell: parse_groups(cell, [])[0] == tuple(names))


def groups_to_leave_cell(name: str) -> str | None:
    """A cell of groups that says nothing but to leave one."""
    cells = (f"-{name}", f'"-{name.replace(chr(34), chr(34) * 2)}"')
    return _first(cells, lambda cell: parse_groups(cell, []) == ((), (name,)))


def _is_ordinary_text(value: str) -> bool:
    """Whether a text is its own cell, whatever reads it: no mark, guard, error value or blank at its ends."""
    return (
        value[:1].isalnum()
        and value[0] != "E"
        and value[-1] != " "
        and value.isprintable()
        and (value.isascii() or is_normalized("NFC", value))
    )


def _ordinary_cell(value: str, value_type: str, locale: Locale, *, in_workbook: bool) -> object:
    """The cell of a number or a moment as nearly all of them are; None: it takes a closer look."""
    if value_type == "numeric":
        if _WHOLE.fullmatch(value):
            return int(value) if in_workbook else value
        return float(value) if in_workbook and _FRACTION.fullmatch(value) else None
    if not _MOMENT.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not in_workbook:
        return value
    cell = moment.replace(tzinfo=None)
    on_clocks = moment.replace(tzinfo=locale.zone)
    offset = moment.utcoffset()
    # a time that the clocks showed twice, or never, has two offsets
    is_clear_cut = on_clocks.utcoffset() == offset == on_clocks.replace(fold=1).utcoffset()
    return cell if is_clear_cut else None


def _is_ordinary_path(scheme: str, path: str, locale: Locale) -> bool:
    """Whether what stands behind a scheme is its own cell."""
    if scheme == "mailto":
        return len(path) <= _SHORT and _MAIL.fullmatch(path) is not None
    if scheme == "tel":
        return _E164.fullmatch(path) is not None and read_ordinary(path, None) == (path, True)
    e164 = f"+{path}"  # of whatsapp, whose digits are read as if they were dialled in the workspace's country
    return scheme == "whatsapp" and (
        locale.country is not None
        and _E164.fullmatch(e164) is not None
        and read_ordinary(path, locale.country) == (e164, True)
    )


def _first(cells: Iterable[T], is_read: Callable[[T], bool]) -> T | None:
    """The first cell that is read as the value."""
    for cell in cells:
        if is_blank(cell) or is_clear(cell) or is_marked(cell):
            continue
        if isinstance(cell, str) and _UNWRITABLE.search(cell):
            continue
        try:
            if is_read(cell):
                return cell
        except CellRefused:
            continue
    return None


def _is_read_as(cell: object, value_type: str, locale: Locale, value: str) -> bool:
    return same_value(value_type, COLUMN_TYPES[value_type].parse(cell, locale, []), value)


def _numbers(value: str) -> tuple[int | float, ...]:
    """The number, if a spreadsheet keeps all of its digits."""
    try:
        number = float(value)
    except ValueError:
        return ()
    if abs(number) >= EXACT_BELOW:
        return ()
    return (int(number),) if number.is_integer() else (number,)


def _moments(value: str, locale: Locale) -> tuple[datetime, ...]:
    """The moment on the clocks of the workspace, if a spreadsheet keeps all of it and it was there only once."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ()
    if moment.tzinfo is None or moment.microsecond:
        return ()
    try:
        local = moment.astimezone(locale.zone)
    except (OverflowError, ValueError):
        return ()
    is_shown_so = local.utcoffset() == moment.utcoffset()  # else the offset that somebody wrote would be lost
    cell = local.replace(tzinfo=None, fold=0)  # a cell knows no second 23:30 of the night when clocks go back
    return (cell,) if is_shown_so and cell >= _FIRST_DAY and same_instant(value, local.isoformat()) else ()
