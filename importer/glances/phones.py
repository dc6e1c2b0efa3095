"""A glance at phone numbers: each cell's URN of the scheme tel."""

import re
from functools import cache

from importer.glances import Said, Texts, no_glance
from importer.glances.shapes import Shape, are_lines, joined, with_prefix
from importer.numbering import plan_of, read_ordinary
from importer.options import Locale
from importer.phones import BRAZIL, WITHOUT_NINTH_DIGIT, lacks_ninth_digit

_PUNCTUATION = " ()-"
_WITHOUT = str.maketrans("", "", _PUNCTUATION)
_NO_DIGITS = re.compile(rf"\n[{_PUNCTUATION}]+(?=\n)")
_NONE = "(?!)"
_FEW = 200
"""To make the pattern for all numbers takes longer than to look at so many one by one."""


def _bare(text: str) -> str:
    """Without punctuation. To translate takes a quarter of the time where all is ASCII, else eighteen times as long."""
    if text.isascii():
        return text.translate(_WITHOUT)
    for sign in _PUNCTUATION:
        text = text.replace(sign, "")
    return text


class PhoneGlance:
    """URNs of numbers in the ordinary forms.

    The numbers of the locale's country are seen all at once, dialled from home or with its code, but for the first few;
    others one by one.
    """

    def __init__(self, locale: Locale, few: int = _FEW) -> None:
        self._country = locale.country
        plan = plan_of(locale.country) if locale.country else None
        self._plus, self._prefix = (plan.plus, plan.prefix) if plan else ("+", "")
        self._begin = f"tel:{self._plus}"
        self._few = few

    def __call__(self, texts: Texts, unsure: list[int]) -> Said:
        """See `Glance`."""
        text = joined(texts)
        bare = _bare(text)
        if not are_lines(bare, len(texts)):
            return no_glance(texts, unsure)
        others = {at: self._read(digits) for at, digits in self._unlike(bare, len(texts)).items()}
        if "\n\n" in bare:  # some are blank, or nothing but punctuation
            others |= {text.count("\n", 0, found.start()): None for found in _NO_DIGITS.finditer(text)}
        unsure += [at for at, value in others.items() if value is None]

        def values() -> list[str]:
            numbers = bare.replace(f"\n{self._plus}", "\n")
            if self._prefix:
                numbers = numbers.replace(f"\n{self._prefix}", "\n")
            found = with_prefix(numbers, self._begin)
            for at, value in others.items():
                found[at] = value or ""
            return found

        return values

    def _unlike(self, bare: str, count: int) -> dict[int, str]:
        """Numbers that are to be looked at one by one, by where they stand."""
        if self._few < count:
            self._few = 0
            return _shape(self._country).misfits(bare)
        self._few -= count
        return {at: digits for at, digits in enumerate(bare[1:-1].split("\n")) if digits}

    def _read(self, digits: str) -> str | None:
        """The URN of the number that somebody dials so; None if it cannot be told."""
        if not (digits.isascii() and digits.removeprefix("+").isdecimal()):
            return None
        if digits.startswith("00"):
            digits = f"+{digits[2:]}"
        reading = read_ordinary(digits, None if digits[0] == "+" else self._country)
        if reading is None or not reading[1] or lacks_ninth_digit(reading[0]):
            return None
        return f"tel:{reading[0]}"


@cache
def _shape(country: str | None) -> Shape:
    """That of numbers dialled in a country, as its own people do."""
    plan = plan_of(country) if country else None
    if plan is None:
        return Shape(_NONE)
    # of these is to be told what they lack
    return Shape(plan.dialled(but=WITHOUT_NINTH_DIGIT if plan.code == BRAZIL else _NONE))
