"""Templates, in the visitor's language, with what they may call."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from importer.errors import ImporterError
from importer.issues import Issue
from importer.messages import LANGUAGES, Catalogue, catalogue, language_of
from importer.model import DefinitionLine
from importer.web.documents import definitions_in
from importer.wording import describe_changes, describe_duration, describe_issues, placed
from importer.writers.texts import text_of
from importer.writers.words import status_words

if TYPE_CHECKING:
    from importer.web.visitors import Visitor
    from importer.web.workshop import Workshop

NAMES = {"en": "English", "pt": "Português", "es": "Español"}
TAGS = {"en": "en", "pt": "pt-BR", "es": "es"}
PARTS_OF_TIME = {"year": "%Y", "month": "%m", "day": "%d", "time": "%H:%M"}
_PREFERENCE = re.compile(r"\s*([A-Za-z0-9-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


class Shower:
    """Fills templates. language: where neither the visitor nor the browser says one."""

    def __init__(self, language: str) -> None:
        self._language = language

    def words(self, request: Request) -> Catalogue:
        """The sentences in the visitor's language."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        chosen = visitor.language if visitor else ""
        return catalogue(chosen or _asked_for(request.headers.get("accept-language", "")) or self._language)

    def show(self, request: Request, name: str, status: int = 200, /, **facts: object) -> Response:
        """A page."""
        words = self.words(request)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        saying = Saying(words)
        text = (
            _templates()
            .get_template(name)
            .render(
                say=saying.say,
                words=saying,
                number=words.number,
                text_of=text_of,
                tag=TAGS[words.language],
                language=words.language,
                languages={one: NAMES[one] for one in LANGUAGES},
                connected=visitor.connected if visitor else None,
                here=request.url.path,
                is_inside=visitor is not None,
                **facts,
            )
        )
        return HTMLResponse(text, status)


class Defined(NamedTuple):
    """A row about a field or group as the page shows it: changes each with whether it removes something."""

    place: str
    name: str
    status: str
    changes: list[tuple[str, bool]]
    issues: list[tuple[str, bool]]


class Saying:
    """The sentences of one language as templates call them; where the page has its own way to say it, that."""

    def __init__(self, words: Catalogue) -> None:
        self._words = words
        self.language = words.language

    def say(self, key: str, /, **facts: object) -> str:
        """A sentence of the page."""
        return self._words.say(f"web.{key}", **facts)

    def definitions(self, document: Mapping[str, Any], *, planned: bool) -> list[Defined]:
        """Rows about fields and groups of a plan or result, of which there is something to tell."""
        lines = (
            line for line in definitions_in(dict(document)) if line.outcome.changes or line.outcome.issues
        )
        return [self._defined(line, planned=planned) for line in lines]

    def _defined(self, line: DefinitionLine, *, planned: bool) -> Defined:
        outcome, words = line.outcome, self._words
        issues = [(describe_issues([placed(line)(issue)], words), issue.is_error) for issue in outcome.issues]
        return Defined(
            f"{line.sheet}!{outcome.row}",
            line.name,
            status_words(outcome.status, words, dry_run=planned),
            self.changes(outcome.changes),
            issues,
        )

    def of(self, key: str, /, **facts: object) -> str:
        """Any other sentence."""
        return self._words.say(key, **facts)

    def has(self, key: str) -> bool:
        """Whether the page has such a sentence."""
        return f"web.{key}" in self._words.sentences

    def message(self, issue: Issue) -> str:
        """What is wrong, without what stands beside it on the page anyway."""
        own = f"web.message.{issue.code}"
        return self._words.say(own) if own in self._words.sentences else self._words.message(issue)

    def hint(self, issue: Issue) -> str:
        """What to do about it: here there are buttons where a terminal has options."""
        own = f"web.hint.{issue.code}"
        if own in self._words.sentences:
            column = issue.column or issue.letter
            return self._words.say(own, **{**issue.details, "value": issue.value, "column": column})
        return self._words.hint(issue)

    def explain(self, error: ImporterError) -> str:
        """An error: what happened, what to do."""
        issue = getattr(error, "issue", None)
        if isinstance(issue, Issue):
            return f"{self.message(issue)} {self.hint(issue)}"
        own = f"web.error.{error.key}"
        if own in self._words.sentences:
            return self._words.say(own, **error.details)
        return self._words.explain(error)

    def duration(self, seconds: float) -> str:
        """A length of time."""
        return describe_duration(seconds, self._words)

    def when(self, moment: str) -> str:
        """A moment (ISO 8601) by the clock of this machine."""
        local = datetime.fromisoformat(moment).astimezone()
        return self.say("when", **{name: f"{local:{form}}" for name, form in PARTS_OF_TIME.items()})

    def changes(self, changes: Iterable[Any]) -> list[tuple[str, bool]]:
        """Each change in words, and whether it removes something."""
        return [(describe_changes([change], self._words), change.removes) for change in changes]


@cache
def _templates() -> Environment:
    """All templates; each is compiled when it is first shown."""
    return Environment(
        loader=PackageLoader("importer.web", "pages"),
        autoescape=True,  # a cell is text, whatever it looks like
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _asked_for(header: str) -> str | None:
    """The language of ours that the browser likes best."""
    best: tuple[float, str] | None = None
    for part in header.split(","):
        if (found := _PREFERENCE.fullmatch(part)) and (language := language_of(found[1])):
            weight = float(found[2] or 1)
            if weight > 0 and (best is None or weight > best[0]):
                best = weight, language
    return best[1] if best else None


def shower_of(request: Request) -> Shower:
    """The templates of this application."""
    shower: Shower = request.app.state.shower
    return shower


def workshop_of(request: Request) -> "Workshop":
    """The workshop of this application."""
    workshop: Workshop = request.app.state.workshop
    return workshop


def show(request: Request, name: str, status: int = 200, /, **facts: object) -> Response:
    """A page."""
    return shower_of(request).show(request, name, status, **facts)


def failed(request: Request, error: Exception) -> Response:
    """A page that is not there, or cannot be had like this."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    known: Mapping[int, str] = {404: "missing", 405: "missing", 413: "too-large"}
    return show(request, "failed.html", status, why=known.get(status, "unclear"))
