"""What headers usually mean: whole words and phrases in four languages, in the normal form of headers.

The table is data (data/synonyms.json): target → language → normal forms. In it `#` stands for a number of
one or two digits, and `urn:tel#landline` for phones that no message reaches; `contact` is a
person's name or phone, which only the values tell. Parts of a header never match.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

from importer.platform import SCHEMES

LANDLINE = "#landline"
_NUMBER = re.compile(r"(?<=[^\d ]) ?\d{1,2}\b")


class Synonym(NamedTuple):
    """What a normal form means: the target's text (with LANDLINE behind it for such phones), its language."""

    target: str
    language: str


def find_synonym(normal: str) -> Synonym | None:
    """What the whole normal form `normal` usually means, or None if it is not in the table.

    "telefone 3" and "phone1" are found under their numberless siblings "telefone #" and "phone #".
    """
    table = _table()
    if found := table.get(normal):
        return found
    if normal.startswith("urn ") and normal[4:] in SCHEMES:
        return Synonym(f"urn:{normal[4:]}", "en")
    numberless, count = _NUMBER.subn(" #", normal)
    return table.get(numberless) if count == 1 else None


def synonyms_of(target: str) -> tuple[str, ...]:
    """All normal forms that mean `target`."""
    return tuple(word for words in _tables()[target].values() for word in words)


def synonyms() -> Iterator[tuple[str, str]]:
    """Every normal form with its target's text."""
    return ((word, found.target) for word, found in _table().items())


def is_false_friend(normal: str, target: str) -> bool:
    """Whether a header of this normal form is known to look like `target` and to mean something else."""
    kind = target.removesuffix(LANDLINE)
    return any(kind.startswith(never) for never in _false_friends().get(normal, ()))


@cache
def _false_friends() -> dict[str, list[str]]:
    """Normal form → beginnings of the targets that it never has."""
    text = resources.files("importer").joinpath("data", "false-friends.json").read_text("utf-8")
    friends: dict[str, list[str]] = {}
    for target, words in json.loads(text).items():
        for word in words:
            friends.setdefault(word, []).append(target)
    return friends


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = resources.files("importer").joinpath("data", "synonyms.json").read_text("utf-8")
    tables: dict[str, dict[str, list[str]]] = json.loads(text)
    return tables


@cache
def _table() -> dict[str, Synonym]:
    return {
        word: Synonym(target, language)
        for target, languages in _tables().items()
        for language, words in languages.items()
        for word in words
    }
