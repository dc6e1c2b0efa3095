"""What a cell is as text, and what of a text a workbook can hold."""

from datetime import date, datetime, time, timedelta

from importer.cells import plain_number, read_text
from importer.issues import CellRefused

CELL_MAX = 32_767
"""UTF-16 units that one cell of a workbook can hold."""

_CONTROLS = [code for code in range(32) if chr(code) not in "\t\n\r"]
_UNWRITABLE = dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\ufffd")
_SHOWN = {**_UNWRITABLE, **{code: chr(0x2400 + code) for code in _CONTROLS}}
_DROPPED = {**_UNWRITABLE, **dict.fromkeys(_CONTROLS)}


def text_of(cell: object) -> str:
    """What a cell as read says, "" for a blank one; a text stays as it is, errors show their words."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return _number(cell)
        case datetime() | date() | time() | timedelta():
            return read_text(cell, [])
        case _:
            return str(cell)


def storable(text: str, cut_mark: str, *, drop_controls: bool = False) -> str:
    """`text` as one cell of a workbook can hold it; line ends become LF.

    Control characters are shown as their symbols (␇), or dropped as a reader would; what no file can hold
    (half a surrogate pair) becomes �. What is too long is cut and ends with `cut_mark`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED if drop_controls else _SHOWN)
    if len(text) <= CELL_MAX // 2 or _units(text) <= CELL_MAX:
        return text
    room = 2 * (CELL_MAX - _units(cut_mark))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + cut_mark


def is_plain(text: str) -> bool:
    """Whether a workbook holds `text` just as it is, and XlsxWriter takes it for nothing else; quick.

    True of several texts in a row is true of each.
    """
    return text.isprintable() and len(text) <= CELL_MAX // 2 and "<r>" not in text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _number(number: float) -> str:
    try:
        return plain_number(number) if number == number else ""
    except CellRefused as refused:
        return str(refused.issue.value)
