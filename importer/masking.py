"""Phone numbers and e-mail addresses in sentences that may leave the machine, as logs or in a ticket. Pure."""

import re

_MAIL = re.compile(r"[^\s<>\"'“”:;,()\[\]]+@[^\s<>\"'“”:;,()\[\]]*[^\s<>\"'“”:;,()\[\].]")
_NUMBER = re.compile(r"(?<![\w-])\+?(?:\d[ ().-]{0,2}){8,}\d(?![\w-])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\b")
_DIGIT = re.compile(r"\d")
SHOWN = 2
"""Last digits of a number that stay, so that people can tell which one is meant."""


def mask(text: str) -> str:
    """The text with e-mail addresses as •••@••• and, of numbers of nine digits or more, only the last two."""
    return _NUMBER.sub(_masked_number, _MAIL.sub("•••@•••", text))


def _masked_number(match: re.Match[str]) -> str:
    number = match[0]
    if _DAY.match(number):
        return number
    hidden = len(_DIGIT.findall(number)) - SHOWN
    return _DIGIT.sub("•", number, count=hidden)
