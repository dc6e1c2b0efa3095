"""Every sentence a user reads, by language. The rules never hold one: they name it and give the facts.

A language is a folder of this package with DIGITS, how it writes numbers, and a module for each of AREAS: `issues`
has ISSUES (code → what is wrong, what to do), the others SENTENCES (key → text; the area of a key is its first word).
Texts are for `str.format` with the facts by name; a number may also be written {count:,} (in groups of three digits),
{number:.} (plain decimal text, with the language's decimal sign) and {count:row|rows} (the word that goes with it).
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from string import Formatter
from typing import NamedTuple

from msgspec.structs import replace

from importer.errors import ImporterError, Unusable
from importer.issues import Issue, Phrase
from importer.masking import mask

LANGUAGES = ("en", "pt", "es")
"""ISO 639-1 codes of the languages that the program speaks, each a folder of this package."""

AREAS = ("errors", "exports", "help", "purge", "reasons", "report", "screen", "templates", "undo", "web")
"""Modules of each language that hold its SENTENCES."""

SHOWN_MAX = 60
"""Characters of a cell that a sentence quotes."""


class Digits(NamedTuple):
    """How a language writes numbers.

    sign: between groups of three digits. point: before decimals. first: the least number that is grouped.
    """

    sign: str
    point: str
    first: int = 1_000

    def write(self, number: int) -> str:
        """`number` in groups of three digits."""
        return f"{number:,}".replace(",", self.sign if abs(number) >= self.first else "")


class Catalogue:
    """The sentences of one language."""

    def __init__(
        self,
        language: str,
        issues: Mapping[str, tuple[str, str]],
        sentences: Mapping[str, str],
        digits: Digits,
    ) -> None:
        self.language = language
        self.issues = issues
        self.sentences = sentences
        self._digits = digits

    def message(self, issue: Issue) -> str:
        """What is wrong."""
        return self._fill(self.issues[issue.code][0], _facts(issue))

    def hint(self, issue: Issue) -> str:
        """What to do about it."""
        return self._fill(self.issues[issue.code][1], _facts(issue))

    def say(self, key: str, /, **facts: object) -> str:
        """Any other sentence; KeyError if there is none of this key."""
        return self._fill(self.sentences[key], facts)

    def number(self, number: int) -> str:
        """A whole number as the language writes it."""
        return self._digits.write(number)

    def explain(self, error: ImporterError, *, masked: bool = True) -> str:
        """An error in one sentence or two: what happened, what to do.

        masked: without the phone numbers and e-mail addresses that it is about, as it may be pasted into a ticket.
        """
        issue = getattr(error, "issue", None)
        if isinstance(issue, Issue):
            issue = _masked_issue(issue) if masked else issue
            return f"{self.message(issue)} {self.hint(issue)}"
        return self.say(f"error.{error.key}", **(_masked(error.details) if masked else error.details))

    def _fill(self, text: str, facts: Mapping[str, object]) -> str:
        return text.format_map(_Facts((name, self._fact(fact)) for name, fact in facts.items()))

    def _fact(self, fact: object) -> "_Fact":
        if isinstance(fact, Phrase):
            fact = self.say(fact.key, **fact.facts)
        return _Fact(fact, self._digits)


def language_of(tag: str) -> str | None:
    """The language of ours that a tag (pt-BR) or the name of a locale (pt_BR.UTF-8) means; None for any other."""
    language = re.split(r"[-_.@]", tag.strip().casefold(), maxsplit=1)[0]
    return language if language in LANGUAGES else None


@cache
def catalogue(language: str = "en") -> Catalogue:
    """The sentences in `language`, one of LANGUAGES or a tag of one.

    Raises:
        Unusable: the program does not speak it.
    """
    if (known := language_of(language)) is None:
        raise Unusable("language-not-spoken", value=language, known=", ".join(LANGUAGES))
    if known != language:
        return catalogue(known)
    package = f"importer.messages.{known}"
    sentences: dict[str, str] = {}
    for area in AREAS:
        sentences |= import_module(f"{package}.{area}").SENTENCES
    issues = import_module(f"{package}.issues").ISSUES
    return Catalogue(known, issues, sentences, Digits(*import_module(package).DIGITS))


class _Facts(dict[str, "_Fact"]):
    """A fact that nobody gave shows as …: a sentence with a gap is no reason to lose a report."""

    def __missing__(self, name: str) -> "_Fact":
        return _Fact("…", Digits("", ""))


class _Fact:
    """A fact in a sentence: as it is, as {count:,} or {number:.}, or the word that goes with it as {count:row|rows}."""

    def __init__(self, fact: object, digits: Digits) -> None:
        self._fact, self._digits = fact, digits

    def __format__(self, spec: str) -> str:
        if "|" in spec:
            one, several = spec.split("|")
            return one if self._fact == 1 else several
        if spec == "," and isinstance(self._fact, int):
            return self._digits.write(self._fact)
        return str(self._fact).replace(".", self._digits.point) if spec == "." else str(self._fact)


def placeholders(text: str) -> set[str]:
    """The names of the facts that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


_OPEN = ("path", "file", "folder", "host", "url", "job", "address", "option")
"""Facts that say where something is; they are told as they are."""


def _masked(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: fact if name in _OPEN else _masked_fact(fact) for name, fact in facts.items()}


def _masked_fact(fact: object) -> object:
    match fact:
        case str():
            return mask(fact)
        case Phrase():
            return Phrase(fact.key, _masked(fact.facts))
        case _:
            return fact


def _masked_issue(issue: Issue) -> Issue:
    value, column = _masked_fact(issue.value), mask(issue.column)
    return replace(issue, value=value, column=column, details=_masked(issue.details))


def _facts(issue: Issue) -> dict[str, object]:
    return {
        "letter": issue.letter,
        **issue.details,
        "value": quote(issue.value),
        "row": issue.row,
        "column": issue.column or issue.letter,
    }


def quote(value: object) -> str:
    """A cell as a sentence quotes it: in quotation marks, on one line, cut where it is long."""
    text = " ".join(str("" if value is None else getattr(value, "text", value)).split())
    return f"“{text[: SHOWN_MAX - 1]}…”" if len(text) > SHOWN_MAX else f"“{text}”"
