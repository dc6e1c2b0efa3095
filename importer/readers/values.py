"""Values as workbooks write them: numbers with every digit, numbers under a format, escaped characters."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from importer.readers.formats import NumberFormat, moment, shown_number

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WHOLE_BELOW = 1e21
"""From here on a float that is whole has more digits than anybody meant."""


def exact_number(text: str) -> int | float:
    """A number with every digit that the file has; an int where it is whole, 5.5E+12 too. Raises ValueError."""
    try:
        if len(text) < 100:  # Python refuses to read thousands of digits
            return int(text)
    except ValueError:
        pass
    number = float(text)
    if number.is_integer() and abs(number) < _WHOLE_BELOW:
        return int(Decimal(text.strip()))
    return number


def exact_numbers(texts: Sequence[str]) -> list[int | float]:
    """`exact_number` of each, which most columns need not be asked for one by one."""
    try:
        if len(max(texts, key=len)) < 100:
            return list(map(int, texts))
    except ValueError:
        pass
    # what has no fraction may have more digits than a float keeps
    return [
        number if number % 1 else exact_number(text)
        for number, text in zip(map(float, texts), texts, strict=True)
    ]


def whole(number: float) -> int | float:
    """An int where the number is one."""
    return int(number) if abs(number) < _WHOLE_BELOW and number == int(number) else number


def under_format(number: float, kind: NumberFormat, *, epoch_1904: bool) -> object:
    """What a number is under a format: itself, a date, a time, a span, or a shown number."""
    if kind.masks:
        return shown_number(number, kind) if isinstance(number, int) and number >= 0 else number
    if kind.with_date or kind.with_time or kind.span:
        at = moment(number, kind, epoch_1904)
        return number if at is None else at
    return number


def iso_moment(text: str) -> date | datetime | time | str:
    """2021-05-06T10:20:30.700, rounded to the second; the text where it is no moment.

    Without a time of day it is a date; on a day before 1900, which stands for none, a time.
    """
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=None)
        at = (at + timedelta(microseconds=500_000)).replace(microsecond=0)
    except (ValueError, OverflowError):
        return text
    if at.year < 1900:
        return at.time()
    return at if at.time() != time() else at.date()


def unescape(text: str) -> str:
    """_x000D_ and its like are the characters they stand for."""
    if "_x" not in text or not _ESCAPE.search(text):
        return text
    said = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # two halves of a character outside the first plane are joined, a lone one stays
    return said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
