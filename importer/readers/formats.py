"""Number formats of workbooks: which make a number a date or an identifier, and what it then is."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from importer.model import ShownNumber

# ECMA-376 part 1, 18.8.30; 27-36 and 50-58 are dates in East Asian programs, and are never anything else
_BUILTIN_DATES = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
_BUILTIN_TIMES = frozenset((18, 19, 20, 21, 32, 33, 34, 35, 45, 47))
_BUILTIN_SPANS = frozenset((46,))

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|[_*](.)', re.DOTALL)
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_GENERAL = re.compile(r"general|standard|geral", re.IGNORECASE)
_HALF = re.compile(r"am/pm|a/p", re.IGNORECASE)
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*")
_LITERAL = frozenset(" $-+():!^&'~{}<>=")
"""Characters that a format shows as they stand, even without quotes (the slash may mean a fraction)."""

_DAY_S = 86_400
# naive on purpose: a workbook knows no time zone
_MIDNIGHT = _START_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_START_1900, _START_MARCH_1900 = datetime(1899, 12, 31), datetime(1899, 12, 30)  # noqa: DTZ001
_LAST_SERIAL = 2_958_465  # 9999-12-31


class NumberFormat(Struct, frozen=True):
    """What a format makes of a number: a date (with_date), a time (with_time), a span, or zeros to fill in.

    masks: (condition, mask) of a format of zeros and literal characters; in a mask "0" stands for a digit,
    and a literal 0 cannot be told from one, so such formats have none.
    """

    with_date: bool = False
    with_time: bool = False
    span: bool = False
    masks: tuple[tuple[tuple[str, Decimal] | None, str], ...] = ()

    @property
    def plain(self) -> bool:
        """Whether a number under it is just a number."""
        return not (self.with_date or self.with_time or self.span or self.masks)


PLAIN = NumberFormat()


def format_of(number: int, code: str | None) -> NumberFormat:
    """The format of an id and, where the workbook declares one, its code, which wins."""
    if code is not None:
        return format_of_code(code)
    if number in _BUILTIN_DATES:
        return NumberFormat(with_date=True, with_time=number == 22)
    if number in _BUILTIN_TIMES:
        return NumberFormat(with_time=True)
    return NumberFormat(span=True) if number in _BUILTIN_SPANS else PLAIN


@lru_cache(maxsize=4096)
def format_of_code(code: str) -> NumberFormat:
    """What a format code says of a number, by its first section."""
    first = _QUOTED.sub(_without_semicolon, code).split(";")[0]
    bare = _QUOTED.sub("", first)
    if _ELAPSED.search(bare):
        return NumberFormat(span=True)
    bare = _BRACKETS.sub("", bare)
    if _GENERAL.search(bare):
        return PLAIN
    halves = _HALF.sub("h", bare).lower()
    with_date = any(char in halves for char in "yd") or ("m" in halves and not any(c in halves for c in "hs"))
    with_time = any(char in halves for char in "hs")
    if with_date or with_time:
        # 0.00E+00 holds none of the letters; a unit such as "s" stands in quotes
        return NumberFormat(with_date=with_date, with_time=with_time)
    return NumberFormat(masks=_masks(code))


def shown_number(value: int, kind: NumberFormat) -> int | ShownNumber:
    """`value` as a format of zeros shows it; itself where that makes no difference."""
    for condition, mask in kind.masks:
        if condition is None or _holds(value, *condition):
            shown = _fill(mask, value)
            return value if shown == str(value) else ShownNumber(value, shown)
    return value


def moment(serial: float, kind: NumberFormat, epoch_1904: bool) -> date | datetime | time | timedelta | None:
    """A number under a date format, rounded to the second; None if no date has this number.

    A date that shows no time and has none is a date; a time below one day is a time; [h]:mm is a timedelta.
    """
    if not abs(serial) <= _LAST_SERIAL:
        return None
    seconds = round(serial * _DAY_S)
    if kind.span:
        return timedelta(seconds=seconds)
    if seconds < 0:
        return None
    days, rest = divmod(seconds, _DAY_S)
    if not days and (kind.with_time or rest) and not (epoch_1904 and kind.with_date):
        return (_MIDNIGHT + timedelta(seconds=rest)).time()
    # in the 1900 system day 60 is a 29 February that never was: the days before it count from a day later
    start = _START_1904 if epoch_1904 else _START_1900 if days < 60 else _START_MARCH_1900
    try:
        at = start + timedelta(days, rest)
    except OverflowError:
        return None
    return at if rest or kind.with_time else at.date()


def _without_semicolon(found: re.Match[str]) -> str:
    """Quoted text keeps its place, but no semicolon of its own ends the section."""
    return found[0].replace(";", " ")


def _masks(code: str) -> tuple[tuple[tuple[str, Decimal] | None, str], ...]:
    masks: list[tuple[tuple[str, Decimal] | None, str]] = []
    for section in _QUOTED.sub(_without_semicolon, code).split(";")[:3]:
        condition = next((_CONDITION.fullmatch(text) for text in _BRACKETS.findall(section)), None)
        mask = _mask(_BRACKETS.sub(_currency, section))
        if mask is None:
            return () if not masks or masks[0][0] else tuple(masks[:1])
        masks.append(((condition[1], Decimal(condition[2])) if condition else None, mask))
    # without conditions the second section is for negative numbers, the third for zero
    return tuple(masks) if masks[0][0] else tuple(masks[:1])


def _currency(found: re.Match[str]) -> str:
    """[$R$-416] shows R$; colours, locales and conditions show nothing."""
    symbol = found[1][1:].partition("-")[0] if found[1].startswith("$") else ""
    return f'"{symbol}"'


def _mask(section: str) -> str | None:
    """A section as a mask; None unless it is of zeros and literal characters only."""
    mask, at, zeros = "", 0, 0
    while at < len(section):
        if quoted := _QUOTED.match(section, at):
            text = quoted[1] or quoted[2] or ""
            if "0" in text:
                return None
            mask += " " if quoted[0].startswith("_") else text
            at = quoted.end()
            continue
        char = section[at]
        if char != "0" and char not in _LITERAL:
            return None
        zeros += char == "0"
        mask += char
        at += 1
    return mask if zeros else None


def _fill(mask: str, value: int) -> str:
    """Digits put in for the zeros from the right; what is left over goes before the first."""
    template, places = _template(mask)
    digits = str(value).rjust(places, "0")
    over = len(digits) - places + 1
    return (template % (digits[:over], *digits[over:])).strip()


@lru_cache(maxsize=4096)
def _template(mask: str) -> tuple[str, int]:
    """The mask with %s for each zero, and how many there are."""
    return mask.replace("%", "%%").replace("0", "%s"), mask.count("0")


def _holds(value: int, sign: str, limit: Decimal) -> bool:
    match sign:
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case "=":
            return value == limit
        case _:
            return value != limit
