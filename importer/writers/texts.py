"""What a cell is as text, and what of a text a workbook can hold."""

from datetime import datetime, time, timedelta
from decimal import Decimal

CELL_MAX = 32_767
"""UTF-16 units that one cell of a workbook can hold."""

_CONTROLS = [code for code in range(32) if chr(code) not in "\t\n\r"]
_UNWRITABLE = dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\ufffd")
_SHOWN = {**_UNWRITABLE, **{code: chr(0x2400 + code) for code in _CONTROLS}}
_DROPPED = {**_UNWRITABLE, **dict.fromkeys(_CONTROLS)}


def text_of(cell: object) -> str:
    """What a cell as read says, "" for a blank one: numbers in plain decimals, dates in ISO 8601."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return _plain(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case time():
            return cell.isoformat()
        case timedelta():
            return _hours(cell)
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
    """Whether a workbook holds `text` just as it is, and XlsxWriter takes it for nothing else; quick."""
    return text.isprintable() and len(text) <= CELL_MAX // 2 and not text.startswith("<r>")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _plain(number: float) -> str:
    if number != number or number in (float("inf"), float("-inf")):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")


def _hours(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
