"""Languages: codes, tags and names as people write them → the ISO 639-3 code that the server knows."""

import re
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from importer import platform
from importer.cells import read_text
from importer.headers import normal_header
from importer.issues import CellRefused, Issue, Phrase
from importer.options import Locale

_TAG = re.compile(r"([A-Za-z]{2,3})[-_][A-Za-z0-9]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_REGION = re.compile(r"(?: [-–—] |, ?|: ?)")
_CLOSE_ENOUGH = 80
"""Of 100: so alike must a name be to be suggested."""
_LONGEST = 80
"""Letters of a name."""
_SUGGESTED_FROM = 4
"""Letters; what is shorter is like too much."""

_NAMED_AS_COUNTRY = frozenset((
    "AZ", "BG", "DE", "ES", "FI", "FJ", "FR", "HR", "HT", "HU", "ID", "IS", "IT", "LT", "LV", "MG", "MK",
    "MN", "MT", "NL", "NO", "PL", "PT", "RO", "RU", "RW", "SK", "SO", "TH", "TO", "TR", "UZ",
))  # fmt: skip
"""Codes that mean a country and the language spoken there, so that it does not matter which was meant."""


def parse_language(cell: object, locale: Locale, notes: list[Issue]) -> str:
    """The ISO 639-3 code of a language, in small letters; "" if the cell is blank.

    Raises:
        CellRefused: language-unknown, what `read_text` raises. What has been withdrawn from ISO 639-3 since
        the server's list was made is taken, what was added is not.
    """
    text = read_text(cell, notes)
    if not text:
        return ""
    code = text.lower()
    if code in platform.language_codes():
        if code in platform.retired_language_codes():
            notes.append(Issue.of("language-retired", text))
        return code
    meant = _meant(text, locale.country)
    if meant is None:
        close = _suggestion(text)
        raise CellRefused(
            "language-unknown", text, suggestion=Phrase("did-you-mean", {"other": close}) if close else ""
        )
    notes.append(Issue.of("language-normalised", text, code=meant))
    return meant


@lru_cache(maxsize=4096)
def _meant(text: str, country: str | None) -> str | None:
    """The code that a shorter or older code, a tag or a name stands for."""
    known = _known()
    if len(text) > _LONGEST:
        return None
    if len(text) == 2:
        is_country = text.upper() == country and country not in _NAMED_AS_COUNTRY
        return None if is_country else known.codes.get(text.lower())
    if tag := _TAG.fullmatch(text):
        base = tag[1].lower()
        return base if base in platform.language_codes() else known.codes.get(base)
    return known.codes.get(text.lower()) or _named(text)


def _named(text: str) -> str | None:
    names = _known().names
    if found := names.get(normal_header(text)):
        return found
    if found := names.get(normal_header(_IN_BRACKETS.sub("", text))):
        return found
    name, *rest = _REGION.split(text, maxsplit=1)
    # "Portuguese - Brazil" is one language, "Portuguese, English" are two
    return names.get(normal_header(name)) if rest and normal_header(rest[0]) and not _named(rest[0]) else None


@lru_cache(maxsize=4096)
def _suggestion(text: str) -> str:
    """The code that may have been meant; "" if none comes near."""
    known = _known()
    if older := known.older.get(text.lower()):
        return older
    if not _SUGGESTED_FROM <= len(text) <= _LONGEST:
        return ""
    from rapidfuzz import fuzz, process

    found = process.extractOne(
        normal_header(text), known.names.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE_ENOUGH
    )
    return known.names[found[0]] if found else ""


class _Known(NamedTuple):
    """Everything → ISO 639-3 code: other codes, names in plain form, codes younger than the server's list."""

    codes: dict[str, str]
    names: dict[str, str]
    older: dict[str, str]


@cache
def _known() -> _Known:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in _lines("languages-names.txt"):
        code, others, called = line.split("\t")
        codes |= dict.fromkeys(others.split(), code)
        names |= dict.fromkeys(filter(None, called.split("|")), code)
    older = dict(line.split() for line in _lines("languages-replaced.txt"))
    return _Known(codes, names, older)


def _lines(name: str) -> list[str]:
    text = resources.files("importer").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]
