"""Cells as text: what a text field stores of any cell, and the two that mean something else, blank and --.

Every other rule reads a cell through `read_text` first, so that what a person sees is what counts.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from importer.issues import CellRefused, Issue
from importer.model import ErrorCell, ShownNumber, UncalculatedCell

CLEAR = "--"
"""The cell that empties a value."""

EXACT_BELOW = 10**15
"""A spreadsheet keeps 15 digits: of a larger whole number the last ones may be lost."""

LONGEST_BITS = 4096
"""Of a whole number; far more than a value may have, and than Python prints."""

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
BETWEEN, AMONG = "\x1e", "\x1f"
"""Stand between texts that are kept as one, and between the items of one of them; no text of a cell has them."""
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f]")
_GUARDED = re.compile(r'="((?:[^"]|"")*)"')
_QUOTED = re.compile(r'(?:^|(?<=[;|,\n:]))[^\S\n]*"((?:[^"]|"")*)"[^\S\n]*(?=$|[;|,\n]|:::)')
_HIDDEN = re.compile(r"\0([0-9]+)\0")
_SUSPECT = frozenset("='#E")
_ERROR_WORDS = re.compile(
    r"#(?:N/[AD]|¡?REF!|NAME\?|NOME\?|¿NOMBRE\?|NOM\?|VALUE!|¡?VALOR!|VALEUR!|¡?DIV/0!|NUM!|NÚM!|¡NUM!|NOMBRE!"
    r"|NULL!|¡?NULO!|NUL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|ERROR!|ERRO!)"
    r"|#{3,}"  # a date or number that did not fit into its column when it was saved as text
    r"|Err:\d{3}",
    re.IGNORECASE,
)


def is_blank(cell: object) -> bool:
    """Whether the cell says nothing: empty, or only blanks and characters that show nothing."""
    if isinstance(cell, str):
        text = cell.strip()
        if not text:
            return True
        if text[0].isprintable():
            return text == '=""'
        return all(unicodedata.category(letter) in ("Cf", "Cc") or letter.isspace() for letter in text)
    return cell is None or (isinstance(cell, float) and cell != cell)  # NaN, as programs' tables have it


def is_clear(cell: object) -> bool:
    """Whether the cell is exactly `--`."""
    return isinstance(cell, str) and cell.strip() == CLEAR


def read_text(cell: object, notes: list[Issue]) -> str:
    """The cell as the text that a field stores; "" if it is blank.

    Text is trimmed and in Unicode NFC, its line breaks are LF; guards such as `="007"` come off. A number is
    plain decimal, a number shown as an identifier (00042) what is shown, a date ISO 8601, a yes `true`.

    Raises:
        CellRefused: cell-error, formula-not-calculated, number-precision-lost, text-not-storable.
    """
    if isinstance(cell, str):
        text = cell.strip()
        if not text.isprintable():
            text = _cleaned(text, notes)
        elif not text.isascii():
            text = unicodedata.normalize("NFC", text)
        return _unguarded(text) if text and text[0] in _SUSPECT else text
    if is_blank(cell):
        return ""
    match cell:
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return _identifier(cell, plain_number(cell))
        case ShownNumber():
            return _identifier(cell.value, read_text(cell.shown, notes))
        case date() | time() | timedelta():
            return _iso(cell)
        case ErrorCell() | UncalculatedCell():
            raise _refusal(cell)
    return read_text(str(cell), notes)


def plain_text(text: str) -> str:
    """A text as it comes out of a cell that holds it: trimmed, line breaks LF, in NFC, without control characters."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    if is_blank(text):
        return ""
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))).strip()


_SEPARATORS = (":::", ";", "|", "\n", ",")


def split_values(text: str, *, slash: bool, only: str = "") -> list[str]:
    """The values of a cell that may hold several: split at the first kind of separator found, none twice.

    slash: whether `/` separates as well, as it does between phones only. only: the one that is known to separate.
    """
    for separator in (only,) if only else (*_SEPARATORS, "/") if slash else _SEPARATORS:
        if separator in text:
            return list(dict.fromkeys(part.strip() for part in text.split(separator) if not is_blank(part)))
    return [] if is_blank(text) else [text.strip()]


def split_quoted(text: str, only: str = "") -> list[str]:
    """As `split_values`, but of texts: what is in double quotes is not split, and loses the quotes."""
    if '"' not in text:
        return split_values(text, slash=False, only=only)
    quoted: list[re.Match[str]] = []

    def hide(part: re.Match[str]) -> str:
        quoted.append(part)
        return f"\0{len(quoted) - 1}\0"  # NUL cannot be in a text

    def show(value: str) -> str:
        if hidden := _HIDDEN.fullmatch(value):
            return quoted[int(hidden[1])][1].replace('""', '"').strip()
        return _HIDDEN.sub(lambda part: quoted[int(part[1])][0], value).strip()  # quotes amid it are its own

    values = map(show, split_values(_QUOTED.sub(hide, text), slash=False, only=only))
    return list(dict.fromkeys(value for value in values if not is_blank(value)))


def plain_marks(text: str) -> str:
    """The text with blanks of any kind as one, the true minus as a hyphen, and without unseen marks."""
    return text if text.isascii() else "".join(map(_plain_mark, text))


def plain_number(value: float) -> str:
    """A number as plain decimal text, with the 15 digits at most that a spreadsheet keeps of a fraction.

    Raises:
        CellRefused: cell-error, where it is no finite number.
    """
    if isinstance(value, int):
        if value.bit_length() < LONGEST_BITS:
            return str(value)
        raise CellRefused("cell-error", "\u221e")
    if not math.isfinite(value):
        raise CellRefused("cell-error", str(value))
    text = format(Decimal(f"{value:.15g}"), "f")
    return "0" if text == "-0" else text


def to_second(moment: datetime) -> datetime:
    """Rounded to the second: a spreadsheet keeps a moment as a fraction of days, which is never exact."""
    if not moment.microsecond:
        return moment
    try:
        return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        return moment.replace(microsecond=0)


def _plain_mark(letter: str) -> str:
    match unicodedata.category(letter):
        case "Cf":
            return ""
        case "Zs":
            return " "
    return "-" if letter == "\u2212" else letter


def _cleaned(text: str, notes: list[Issue]) -> str:
    if _NOT_STORABLE.search(text):
        # the character itself could not be printed either
        raise CellRefused("text-not-storable", _NOT_STORABLE.sub("\ufffd", text))
    if is_blank(text):
        return ""
    text, removed = _CONTROLS.subn("", _LINE_BREAKS.sub("\n", text))
    if removed:
        notes.append(Issue.of("control-characters-removed", text.strip()))
    return unicodedata.normalize("NFC", text).strip()


def _unguarded(text: str) -> str:
    """What a spreadsheet would show of a text that was guarded against being calculated."""
    if guarded := _GUARDED.fullmatch(text):
        return guarded[1].replace('""', '"').strip()
    if text.startswith("'="):  # written so by the platform's own export
        return text[1:]
    if _ERROR_WORDS.fullmatch(text):
        raise CellRefused("cell-error", text)
    return text


def _refusal(cell: ErrorCell | UncalculatedCell) -> CellRefused:
    if isinstance(cell, ErrorCell):
        return CellRefused("cell-error", cell.text.encode("utf-8", "replace").decode())
    return CellRefused("formula-not-calculated", cell.formula.encode("utf-8", "replace").decode())


def _identifier(value: float, shown: str) -> str:
    if abs(value) >= EXACT_BELOW:
        raise CellRefused("number-precision-lost", shown)
    return shown


def _iso(moment: date | time | timedelta) -> str:
    match moment:
        case datetime():
            moment = to_second(moment)
            whole_day = moment.tzinfo is None and not (moment.hour or moment.minute or moment.second)
            return moment.date().isoformat() if whole_day else moment.isoformat()
        case date():
            return moment.isoformat()
        case time():
            return moment.isoformat("seconds")
    return _duration(moment)


def _duration(span: timedelta) -> str:
    """Hours, minutes and seconds, the hours beyond 24 where there are more."""
    seconds = round(abs(span).total_seconds())
    sign = "-" if span < timedelta(0) else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
