"""What the values of a column look like, whatever its header says."""

import re
from collections.abc import Iterable
from datetime import date, time
from enum import Enum, auto

from importer.model import ErrorCell, ShownNumber, UncalculatedCell

PHONE_DIGITS = range(8, 16)
MOST = 0.9
"""The share of a column's values that settles what they are."""

_MAIL = re.compile(r"[^\s@]@[^\s@]+\.\w")
_PHONE = re.compile(r"(?:tel:|whatsapp:)?\+?[\d\s().\u2010-\u2015-]{8,}", re.IGNORECASE)
_FLOAT = re.compile(r"\d+(?:\.0|[.,]\d+e\+?1[0-5])", re.IGNORECASE)
_YEARS = re.compile(r"(?:19|20)\d\d\D(?:19|20)\d\d")
_DATE = re.compile(r"(?:\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\d{4}[-./]\d{1,2}[-./]\d{1,2})(?:[T ].*)?")
_PARTS = re.compile(r":::|[;|,/\n]")
_YES_NO = frozenset(
    ("true", "verdadeiro", "verdadero", "vrai", "sim", "sí", "si", "s", "yes", "y", "oui", "x",
     "false", "falso", "faux", "não", "nao", "no", "n", "non")
)  # fmt: skip
_FEW_DIGITS = 5


class Look(Enum):
    """What a cell looks like."""

    BLANK = auto()
    MAIL = auto()
    PHONE = auto()
    YES_NO = auto()
    DATE = auto()
    NUMBER = auto()  # a few digits, too few for a phone even without its area code
    WORDS = auto()  # letters without a digit
    OTHER = auto()


def look_of(cell: object) -> Look:
    """What one cell looks like; where it holds several values, the first that tells."""
    match cell:
        case None | ErrorCell() | UncalculatedCell():
            return Look.BLANK
        case bool():
            return Look.YES_NO
        case date() | time():
            return Look.DATE
        case ShownNumber(shown=shown):
            return _look_of_text(shown)
        case _:
            return _look_of_text(str(cell))


def share(looks: Iterable[Look], *kinds: Look) -> float:
    """Which part of the filled cells looks like one of `kinds`, from 0 to 1; 0 where all are blank."""
    filled = [look for look in looks if look is not Look.BLANK]
    return sum(look in kinds for look in filled) / len(filled) if filled else 0.0


def is_mail(text: str) -> bool:
    """Whether there is a mail address in the text."""
    return "@" in text and _MAIL.search(text) is not None


def is_phone(text: str) -> bool:
    """Whether the text, or one of several values in it, can be a phone number."""
    return any(map(_is_phone, _PARTS.split(text)))


def _look_of_text(text: str) -> Look:
    text = text.strip()
    if not text:
        return Look.BLANK
    if is_mail(text):
        return Look.MAIL
    if text.casefold() in _YES_NO:
        return Look.YES_NO
    if _DATE.fullmatch(text):
        return Look.DATE
    if is_phone(text):
        return Look.PHONE
    digits, letters = sum(map(str.isdigit, text)), any(map(str.isalpha, text))
    if letters:
        return Look.OTHER if digits else Look.WORDS
    return Look.NUMBER if 0 < digits <= _FEW_DIGITS else Look.OTHER


def _is_phone(text: str) -> bool:
    text = "".join(char for char in text.strip() if char.isprintable())
    if _FLOAT.fullmatch(text):
        return True
    if not _PHONE.fullmatch(text) or _DATE.fullmatch(text) or _YEARS.fullmatch(text):
        return False
    return sum(map(str.isdigit, text)) in PHONE_DIGITS
