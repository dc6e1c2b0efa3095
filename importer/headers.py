"""The header row: cleaning headers, telling them apart, and finding the row that holds them."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from importer.evidence import is_mail, is_phone
from importer.model import ErrorCell, ShownNumber, UncalculatedCell
from importer.synonyms import find_synonym

_PREFIXED = re.compile(r"(urn|field|group)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_KEYS = ("urn:", "urns", "uuid")

Knows = Callable[[str], str]
"""The text of the target that a cleaned header has by itself, without its neighbours; "" if none."""


def clean_header(cell: object) -> str:
    """A header cell as one line: breaks and no-break blanks are blanks, invisible characters are gone."""
    text = _text_of(cell)
    if not text.isascii():
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(text.split())


def normal_header(text: str) -> str:
    """The form in which headers are compared: without case, accents, format characters and punctuation."""
    if text.isascii():
        return _blank_out(text.lower())
    # twice, since taking a letter apart may give a capital (the telephone sign gives TEL) and the reverse
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text.casefold())
    return _blank_out("".join(char for char in text if not _invisible(char)))


def usual_target(header: str) -> str:
    """What a cleaned header names by the platform's convention or by habit, be it known as of no use; else ""."""
    prefixed = split_prefix(header)
    if prefixed and prefixed[1]:
        return f"{prefixed[0]}:"
    if is_system_header(header):
        return ""
    found = find_synonym(normal_header(header))
    return found.target if found else ""


def find_header(rows: Sequence[Sequence[object]], knows: Knows = usual_target) -> int | None:
    """The index in `rows` of the header row; None if no row looks like one.

    knows: what a header names.
    It is the first row with a cell that names a key, unless a row above it has at least two cells that name
    targets, and more of them; a row with a phone number or mail address in it is data.
    """
    several: tuple[int, int] | None = None  # the first row that names several targets, and how many
    for index, row in enumerate(rows):
        headers = [header for cell in row if (header := clean_header(cell))]
        targets = [target for header in headers if (target := knows(header))]
        count = len(targets)
        if not count or any(map(_holds_key_value, row)):
            continue
        if any(map(_is_key, targets)):
            return several[0] if several and several[1] > count else index
        if count > 1 and several is None:
            several = index, count
    return several[0] if several else None


def names_key(header: str, knows: Knows = usual_target) -> bool:
    """Whether a cleaned header, for itself, names a URN or the UUID of a contact."""
    return _is_key(knows(header))


def repeats_header(cells: Sequence[object], headers: Sequence[str]) -> bool:
    """Whether a row says the header again: every filled cell repeats its header, and most headers are there.

    cells: one for each of `headers`, in their order.
    """
    repeated = 0
    for cell, header in zip(cells, headers, strict=False):
        if cell is None or cell == "":
            continue
        if isinstance(cell, str) and _begins_otherwise(cell, header):
            return False
        text = clean_header(cell)
        if not text:
            continue
        if text != header and (not header or normal_header(text) != _normal_of(header)):
            return False
        repeated += 1
    return repeated > 0 and 2 * repeated >= sum(1 for header in headers if header)


def split_prefix(header: str) -> tuple[str, str] | None:
    """("urn", "Tel") of "URN: Tel": the platform's way to name a column; None for any other header."""
    found = _PREFIXED.fullmatch(header)
    return (found[1].lower(), found[2].strip()) if found else None


def is_system_header(header: str) -> bool:
    """Whether a program named the column for itself (_uuid, _tags, __version__): never of a person."""
    return header.startswith("_")


def _is_key(target: str) -> bool:
    return target.startswith(_KEYS)


def _begins_otherwise(cell: str, header: str) -> bool:
    """Whether the first letter tells that a cell is not its header, as it does in nearly every row."""
    first = cell[0]
    return first.isascii() and first.isalnum() and first.lower() != _normal_of(header)[:1]


@cache
def _normal_of(header: str) -> str:
    """Only for headers, of which there are few; cells would fill the cache."""
    return normal_header(header)


def _invisible(char: str) -> bool:
    return unicodedata.combining(char) != 0 or unicodedata.category(char) == "Cf"


def _blank_out(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def _text_of(cell: object) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell
        case ErrorCell(text=text) | ShownNumber(shown=text):
            return text
        case UncalculatedCell():
            return ""
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)


def _holds_key_value(cell: object) -> bool:
    """Whether the cell holds a phone number or mail address."""
    text = _text_of(cell)
    return is_mail(text) or is_phone(text)
