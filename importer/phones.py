"""Phone numbers as people and spreadsheets write them → E.164. Nothing is ever added to a number.

A number counts as valid if the numbering plan has it and a person may answer it.
"""

import re
import unicodedata
from functools import lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    REGION_CODE_FOR_NON_GEO_ENTITY,
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    number_type,
    parse,
)

from importer.issues import CellRefused, Issue
from importer.numbering import CALLING_CODE_MAX, Reading, read_ordinary, region_of
from importer.options import Locale

INTERNATIONAL_MIN = 11
"""From so many digits on, a number without + may be an international one."""
E164_MAX = 15
SHOWN_MIN = 10
"""A number in scientific notation that shows fewer digits than this has lost its last ones."""

_UNANSWERED = frozenset(
    (
        PhoneNumberType.UNKNOWN,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
    )
)
_PUNCTUATION = str.maketrans("", "", " ()[].-")
_WRITTEN_AS_FLOAT = re.compile(r"([0-9]{8,})[.,]00?")
_SCIENTIFIC = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?[Ee]\+?([0-9]{1,3})")
BRAZIL = "55"
WITHOUT_NINTH_DIGIT = "[1-9][1-9][6-9][0-9]{7}"
"""The pattern of a Brazilian mobile number, without the country's code, as they were."""
_WITHOUT_NINTH_DIGIT = re.compile(rf"\+{BRAZIL}{WITHOUT_NINTH_DIGIT}")
LENGTH_WITHOUT_NINTH_DIGIT = 13
"""Characters of its E.164 form."""
_WITH_NINTH_DIGIT = re.compile(r"\+55[1-9][1-9]9[6-9][0-9]{7}")


def parse_phone(
    text: str, locale: Locale, notes: list[Issue], *, international: bool = False, area: str = ""
) -> str:
    """The E.164 form of one number, such as +5582993311220.

    With `+` or `00` in front it is international; else national in the locale's country, and only if that is
    no number, and there are 11 digits or more, international after all.
    international: such numbers are the habit of the column, and no warning is due.
    area: the code from a column of its own (31, 031, (31), or with its country +55 31), put in front of a
    number that has none yet.

    Raises:
        CellRefused: phone-invalid, phone-no-country, phone-precision-lost.
    """
    expanded = _expanded(text)
    dialled = _dialled(text if expanded is None else expanded)
    if dialled and area and not dialled.startswith(("+", "00")):
        dialled = _joined(area, dialled, locale.country)
    if not dialled:
        raise CellRefused("phone-invalid", text)
    phone, assumed = _read(text, dialled, locale.country, habit=international)
    if expanded is not None:
        notes.append(Issue.of("phone-from-number", text, phone=phone))
    if assumed and not international:
        notes.append(Issue.of("phone-country-assumed", text, phone=phone))
    if _WITHOUT_NINTH_DIGIT.fullmatch(phone):
        notes.append(Issue.of("phone-missing-ninth-digit", text))
    return phone


def is_written_as_number(text: str) -> bool:
    """Whether a spreadsheet wrote the number in its own way: 5.58E+12, 5511900000001.0."""
    return bool(_WRITTEN_AS_FLOAT.fullmatch(text) or _SCIENTIFIC.fullmatch(text))


def lacks_ninth_digit(e164: str) -> bool:
    """Whether it may be a Brazilian mobile number as they were before they got a ninth digit."""
    return len(e164) == LENGTH_WITHOUT_NINTH_DIGIT and _WITHOUT_NINTH_DIGIT.fullmatch(e164) is not None


def match_forms(e164: str) -> tuple[str, ...]:
    """The number itself, then the same one with or without Brazil's ninth digit, if it may have one."""
    if _WITH_NINTH_DIGIT.fullmatch(e164):
        return (e164, e164[:5] + e164[6:])
    if _WITHOUT_NINTH_DIGIT.fullmatch(e164):
        return (e164, f"{e164[:5]}9{e164[5:]}")
    return (e164,)


def match_key(e164: str) -> str:
    """Equal for all forms of a number."""
    return f"{e164[:5]}9{e164[5:]}" if lacks_ninth_digit(e164) else e164


def country_of(e164: str) -> str | None:
    """ISO 3166 code of the number's country; None if it belongs to none.

    Of the countries that share a calling code it is the main one, where the number belongs to none of them.
    """
    regions = _regions_of(e164[:4])
    if not regions:
        return None
    region = regions[0] if len(regions) == 1 else region_of(e164) or regions[0]
    return None if region == REGION_CODE_FOR_NON_GEO_ENTITY else str(region)


def has_shared_code(start: str) -> bool:
    """Whether several countries share the calling code that a number begins with; or may, as it is no such beginning.

    start: + and its first three digits.
    """
    return len(start) < len("+123") or len(_regions_of(start)) != 1


def calling_code(start: str) -> str:
    """The calling code that a number begins with, without +; "" if it begins with none.

    start: + and its first three digits.
    """
    for length in (2, 1, 3):
        code = start[1 : 1 + length]
        if code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return code
    return ""


@lru_cache(maxsize=1000)
def _regions_of(start: str) -> tuple[str, ...]:
    """The regions of the calling code that a number begins with. start: + and its first three digits."""
    code = calling_code(start)
    return tuple(COUNTRY_CODE_TO_REGION_CODE[int(code)]) if code else ()


def country_named(text: str) -> str:
    """The country, ISO 3166, of a calling code (55, +55) or of its own two letters; "" for neither.

    Of the countries that share a calling code it is the main one.
    """
    if text.isascii() and text.upper() in SUPPORTED_REGIONS:
        return text.upper()
    digits = text.removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= CALLING_CODE_MAX):
        return ""
    region = COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ("",))[0]
    return "" if region == REGION_CODE_FOR_NON_GEO_ENTITY else str(region)


# ----------------------------------------------------------------------------------------------- reading


def _read(text: str, dialled: str, country: str | None, *, habit: bool) -> tuple[str, bool]:
    """E.164, and whether the country code is an assumption."""
    if dialled.startswith(("+", "00")):
        phone = _valid(dialled if dialled[0] == "+" else "+" + dialled[2:], None)
        if phone is None:
            raise CellRefused("phone-invalid", text)
        return phone, False
    long = len(dialled) >= INTERNATIONAL_MIN
    if country is None and not (habit and long):
        raise CellRefused("phone-no-country", text)
    if country is not None and (phone := _valid(dialled, country)):
        return phone, False
    if long and (phone := _valid("+" + dialled, None)):
        return phone, True
    raise CellRefused("phone-invalid", text)


def _valid(dialled: str, country: str | None) -> str | None:
    """E.164 of a number that a person may answer, dialled with + or from `country`; None if it is none."""
    reading = read_ordinary(dialled, country) or _ask(dialled, country)
    if reading is None:
        return None
    phone, answered = reading
    if answered or (_WITHOUT_NINTH_DIGIT.fullmatch(phone) and _valid(match_key(phone), None)):
        return phone
    return None


def _ask(dialled: str, country: str | None) -> Reading | None:
    """What libphonenumber makes of the digits; the one place that asks it."""
    try:
        number = parse(dialled, country)
    except NumberParseException:
        return None
    return str(format_number(number, PhoneNumberFormat.E164)), number_type(number) not in _UNANSWERED


def _dialled(text: str) -> str:
    """The digits, with + in front if there is one; "" where there are letters or anything else."""
    if not text.isascii():
        text = _ascii(text)
    bare = text.translate(_PUNCTUATION)
    return bare if bare.removeprefix("+").isdecimal() else ""


def _joined(area: str, dialled: str, country: str | None) -> str:
    """Area code and number, or just the number where it has this code already; "" if unreadable."""
    code = _dialled(area.removesuffix(".0")).lstrip("0")
    if not code:
        return ""
    joined = code + dialled
    alone = country is not None and dialled.lstrip("0").startswith(code) and _valid(dialled, country)
    return dialled if alone and not _valid(joined, country) else joined


def _ascii(text: str) -> str:
    """Digits of any script as 0-9, dashes, brackets and blanks of any kind as one, unseen marks dropped."""
    return "".join(_plain(letter) for letter in text)


@lru_cache(maxsize=1024)
def _plain(letter: str) -> str:
    match unicodedata.category(letter):
        case "Nd":
            return str(unicodedata.decimal(letter))
        case "Cf":
            return ""
        case "Zs" | "Ps" | "Pe" | "Pd":
            return " "
    return {"+": "+", "\uff0b": "+", "\uff0e": ".", "\u2212": "-", "\u00b7": ".", "\t": " "}.get(
        letter, letter
    )


def _expanded(text: str) -> str | None:
    """All digits of a number that a spreadsheet wrote in its own way; None if it is not written so."""
    if match := _WRITTEN_AS_FLOAT.fullmatch(text):
        return match[1]
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return None
    whole, fraction, exponent = match[1].lstrip("0"), match[2] or "", int(match[3])
    shown = whole + fraction
    length = len(whole) + exponent
    if not whole or length > E164_MAX or shown[length:].strip("0"):
        raise CellRefused("phone-invalid", text)
    if len(shown) < min(length, SHOWN_MIN):
        raise CellRefused("phone-precision-lost", text)
    return shown[:length].ljust(length, "0")
