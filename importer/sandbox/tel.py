"""Phone numbers as the server keeps them; the trap of eleven digits without a country code included."""

import string
from functools import lru_cache

import phonenumbers

KEYPAD = str.maketrans(string.ascii_lowercase, "22233344455566677778889999")
KEPT = frozenset(string.digits + string.ascii_lowercase + "+")
SPREADSHEET_TAILS = ("e+11", "e+12")
QUALIFIED = 11
"""From so many characters on a number is taken to begin with its country code, unless with 0."""


@lru_cache(4096)
def normalise_tel(path: str, country: str | None) -> str | None:
    """E.164 as seen from a country, or bare digits that could be a number there; None: no phone number."""
    number = bare(path)
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is not None and phonenumbers.is_possible_number(parsed):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = number.replace("+", "")
    return digits if len(digits) in possible_lengths(country) else None


def bare(path: str) -> str:
    """Digits, after a `+` where there was one or where there could have been."""
    text = path.strip().lower()
    if text.endswith(SPREADSHEET_TAILS):
        text = text[:-4]
    text = "".join(char for char in text if char in KEPT).translate(KEYPAD)
    if len(text) >= QUALIFIED and text[0] not in "+0":
        return f"+{text}"
    return text


@lru_cache(64)
def possible_lengths(country: str | None) -> frozenset[int]:
    """How many digits a national number of the country may have."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None) if country else None
    general = None if metadata is None else metadata.general_desc
    if general is None:
        return frozenset()
    lengths = general.possible_length + general.possible_length_local_only
    return frozenset(length for length in lengths if length > 0)


def other_ninth_digit(digits: str) -> str | None:
    """A Brazilian mobile number (55, area, 8 or 9 digits) with the ninth digit, or without; None: no such."""
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        return digits[:4] + digits[5:]
    if digits.startswith("55") and len(digits) == 12:
        return f"{digits[:4]}9{digits[4:]}"
    return None
