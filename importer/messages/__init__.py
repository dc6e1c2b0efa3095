"""Every sentence a user reads, by language. The rules never hold one: they name it and give the facts.

A language is a module of this package with two tables: ISSUES (code → what is wrong, what to do) and
SENTENCES (key → text). Texts are for `str.format` with the facts by name.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from string import Formatter

from importer.errors import ImporterError
from importer.issues import Issue, Phrase

LANGUAGES = {"en": "en"}
"""Language tag → module of this package."""

SHOWN_MAX = 60
"""Characters of a cell that a sentence quotes."""


class Catalogue:
    """The sentences of one language."""

    def __init__(self, issues: Mapping[str, tuple[str, str]], sentences: Mapping[str, str]) -> None:
        self.issues = issues
        self.sentences = sentences

    def message(self, issue: Issue) -> str:
        """What is wrong."""
        return self._fill(self.issues[issue.code][0], _facts(issue))

    def hint(self, issue: Issue) -> str:
        """What to do about it."""
        return self._fill(self.issues[issue.code][1], _facts(issue))

    def say(self, key: str, **facts: object) -> str:
        """Any other sentence; KeyError if there is none of this key."""
        return self._fill(self.sentences[key], facts)

    def explain(self, error: ImporterError) -> str:
        """An error in one sentence or two: what happened, what to do."""
        issue = getattr(error, "issue", None)
        if isinstance(issue, Issue):
            return f"{self.message(issue)} {self.hint(issue)}"
        return self.say(f"error.{error.key}", **error.details)

    def _fill(self, text: str, facts: Mapping[str, object]) -> str:
        said = {
            name: self.say(fact.key, **fact.facts) if isinstance(fact, Phrase) else fact
            for name, fact in facts.items()
        }
        return text.format_map(_Facts(said))


@cache
def catalogue(language: str = "en") -> Catalogue:
    """The sentences in `language`; KeyError if the program does not speak it."""
    module = import_module(f"importer.messages.{LANGUAGES[language]}")
    return Catalogue(module.ISSUES, module.SENTENCES)


class _Facts(dict[str, object]):
    """A fact that nobody gave shows as …: a sentence with a gap is no reason to lose a report."""

    def __missing__(self, name: str) -> str:
        return "…"


def placeholders(text: str) -> set[str]:
    """The names of the facts that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


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
