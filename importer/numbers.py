"""Numbers as people write them → plain decimal text, the only form that the server reads."""

import re
from decimal import Decimal, InvalidOperation

from importer import platform
from importer.cells import plain_marks, plain_number, read_text
from importer.issues import CellRefused, Issue
from importer.model import ShownNumber
from importer.options import Locale

_AMOUNT = re.compile(r"([-+]?) ?(?:(?:[Rr]\$|\$|€) ?)?(-?)([0-9., ]*[0-9])(?: ?€)?")
_BLANKS_GROUP = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_ONE_SIGN = re.compile(r"([0-9]*)([.,])([0-9]+)")
_GROUPED = {sign: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+") for sign in ".,"}


def parse_numeric(cell: object, locale: Locale, notes: list[Issue]) -> str:
    """Plain decimal text without useless zeros: -1234.5 of "R$ -1.234,50"; "" if the cell is blank.

    Raises:
        CellRefused: number-invalid, number-ambiguous, value-too-long, what `read_text` raises.
    """
    if isinstance(cell, ShownNumber):
        cell = cell.value
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return "" if cell != cell else _short(plain_number(cell))
    text = read_text(cell, notes)
    if not isinstance(cell, str):  # a date, true or false
        raise CellRefused("number-invalid", text)
    if text.isascii() and text.isdecimal():
        return _short(_without_zeros(text))
    return _short(_read(text, locale.decimal)) if text else ""


def same_number(wanted: str, stored: str) -> bool:
    """Whether two plain decimals have one value."""
    try:
        return Decimal(wanted) == Decimal(stored)
    except InvalidOperation:
        return False


def _read(text: str, decimal: str | None) -> str:
    match = _AMOUNT.fullmatch(plain_marks(text))
    if match is None or (match[1] and match[2]):
        raise CellRefused("number-invalid", text)
    negative = "-" in (match[1], match[2])
    readings = [f"-{value}" if negative and value != "0" else value for value in _readings(match[3], decimal)]
    if len(readings) > 1:
        raise CellRefused("number-ambiguous", text, one=readings[0], other=readings[1])
    if not readings:
        raise CellRefused("number-invalid", text)
    return readings[0]


def _readings(body: str, decimal: str | None) -> list[str]:
    """What digits with signs and blanks may mean: nothing, one number, or two."""
    if " " in body:
        # the blanks group the thousands, so that a sign can only be the decimal one
        fits = _BLANKS_GROUP.fullmatch(body) and (
            decimal is None or body.strip("0123456789 ") in ("", decimal)
        )
        return [_decimal(body.replace(" ", ""))] if fits else []
    if body.isdecimal():
        return [_without_zeros(body)]
    if one := _ONE_SIGN.fullmatch(body):
        return _one_sign(body, one[1], one[2], one[3], decimal)
    last = max(body, key=lambda sign: body.rindex(sign) if sign in ".," else -1)
    other = "," if last == "." else "."
    if other not in body:
        return [_without_zeros(body.replace(last, ""))] if _GROUPED[last].fullmatch(body) else []
    whole, _, fraction = body.rpartition(last)
    fits = _GROUPED[other].fullmatch(whole) and fraction.isdecimal() and decimal in (None, last)
    return [_decimal(f"{whole.replace(other, '')}.{fraction}")] if fits else []


def _one_sign(body: str, whole: str, sign: str, fraction: str, decimal: str | None) -> list[str]:
    as_decimal = _decimal(body)
    may_group = len(fraction) == 3 and 0 < len(whole) <= 3 and whole[0] != "0"
    if decimal is None:
        return [as_decimal, whole + fraction] if may_group else [as_decimal]
    if sign == decimal:
        return [as_decimal]
    return [whole + fraction] if may_group else []


def _decimal(text: str) -> str:
    """Canonical form of digits with one sign or none."""
    whole, _, fraction = text.replace(",", ".").partition(".")
    fraction = fraction.rstrip("0")
    return f"{_without_zeros(whole)}.{fraction}" if fraction else _without_zeros(whole)


def _without_zeros(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _short(number: str) -> str:
    if len(number) > platform.VALUE_MAX:
        raise CellRefused("value-too-long", number, count=len(number), limit=platform.VALUE_MAX)
    return number
