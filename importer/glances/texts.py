"""Glances at texts, identifiers, addresses and numbers."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from importer import platform
from importer.cells import CLEAR
from importer.glances import Glance, Said, Texts, no_glance
from importer.glances.shapes import Shape, are_lines, joined, with_prefix
from importer.options import Locale

_ERROR = re.compile(r"\nE[Rr][Rr]:")
_BEGINNINGS = r"0-9A-Za-zÀ-ɏ(@&_"
"""What an ordinary text begins with; all these are printable and stay as they are in NFC."""
_SIGNS = r"%#?:"
"""That would be escapes in a URN, or divide it."""


def _ordinary(longest: int, further: str) -> Shape:
    """Texts in Latin letters that are stored as they stand."""
    return Shape(
        rf"(?!E[Rr][Rr]:)[{_BEGINNINGS}][{_BEGINNINGS} .,;/)'+!\"°ªº*|–=\-{further}]{{0,{longest - 1}}}+(?<! )"
    )


def are_plain(texts: Texts) -> bool:
    """Whether each is blank, or just what `read_text` makes of it, and means nothing else. In doubt, no."""
    fenced = joined(texts)
    # no printable character is a line break, nor any blank but the plain one
    if not are_lines(fenced, len(texts)) or not fenced.replace("\n", "").isprintable():
        return False
    if not fenced.isascii() and not unicodedata.is_normalized("NFC", fenced):
        return False
    if "\n " in fenced or " \n" in fenced or f"\n{CLEAR}\n" in fenced:
        return False
    if "\n=" in fenced or "\n#" in fenced or "\n'" in fenced or "\n[" in fenced:  # guards, errors, examples
        return False
    return "\nE" not in fenced or _ERROR.search(fenced) is None


def exceptions(texts: Texts, are_sure: Callable[[Texts], bool], first: int = 0) -> Iterator[int]:
    """Where those texts stand that alone are not sure. A few among many are found by halving."""
    if not texts or are_sure(texts):
        return
    if len(texts) == 1:
        yield first
        return
    half = len(texts) // 2
    yield from exceptions(texts[:half], are_sure, first)
    yield from exceptions(texts[half:], are_sure, first + half)


def _glance_at_ordinary(ordinary: Shape, are_sure: Callable[[Texts], bool], texts: Texts) -> list[int]:
    """Where those stand that are neither ordinary nor, looked at closer, sure."""
    text = joined(texts)
    if not are_lines(text, len(texts)):
        return list(exceptions(texts, are_sure))
    others = list(ordinary.misfits(text))
    return [others[at] for at in exceptions([texts[at] for at in others], are_sure)]


def glance_at_texts(longest: int) -> Glance:
    """Texts that are stored as they stand."""
    ordinary = _ordinary(longest, _SIGNS)

    def are_sure(texts: Texts) -> bool:
        return max(map(len, texts)) <= longest and are_plain(texts)

    def glance(texts: Texts, unsure: list[int]) -> Said:
        unsure += _glance_at_ordinary(ordinary, are_sure, texts)
        return lambda: texts

    return glance


def glance_at_ids(scheme: str) -> Glance:
    """URNs of a scheme in which anything goes that needs no escape."""
    prefix = f"{scheme}:"
    longest = platform.URN_MAX - len(prefix)
    ordinary = _ordinary(longest, "")

    def are_sure(texts: Texts) -> bool:
        together = "".join(texts)
        if any(sign in together for sign in _SIGNS):
            return False
        return max(map(len, texts)) <= longest and are_plain(texts)

    def glance(texts: Texts, unsure: list[int]) -> Said:
        unsure += _glance_at_ordinary(ordinary, are_sure, texts)
        text = joined(texts)
        if not are_lines(text, len(texts)):
            return lambda: [one and prefix + one for one in texts]
        return lambda: with_prefix(text, prefix)

    return glance


# ------------------------------------------------------------------------------- values of a certain shape

_MAILS = Shape(
    r"(?=.{1,64}\n)[a-z0-9_]++(?:[.+-][a-z0-9_]++)*+@(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)++[a-z]{2,63}+"
)
_NUMBERS = {
    sign: Shape(rf"(?:0|[1-9][0-9]{{0,14}}+)(?:[{sign}][0-9]{{1,2}}+)?+") for sign in (".", ",", ".,")
}
"""By the signs that may be the decimal one. Three digits behind it might be a thousand's."""


def glance_at_mails(texts: Texts, unsure: list[int]) -> Said:
    """Addresses without any oddity."""
    text = joined(texts)
    if not text.isascii():  # the small letters of a few others are those of ASCII
        text = joined([text if text.isascii() else "?" for text in texts])
    if not are_lines(text, len(texts)):
        return no_glance(texts, unsure)
    low = text.lower()
    unsure += _MAILS.misfits(low)
    return lambda: with_prefix(low, "mailto:")


def glance_at_numbers(locale: Locale) -> Glance:
    """Numbers without groups of thousands or currency."""
    shape = _NUMBERS[locale.decimal or ".,"]

    def glance(texts: Texts, unsure: list[int]) -> Said:
        text = joined(texts)
        if not are_lines(text, len(texts)):
            return no_glance(texts, unsure)
        unsure += shape.misfits(text)
        if "," not in text and "." not in text:
            return lambda: texts
        return lambda: [
            text if text.isdecimal() else text.replace(",", ".").rstrip("0").rstrip(".") for text in texts
        ]

    return glance
