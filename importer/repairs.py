"""Repairs: what a person can decide once for many rows, and what a repair writes into a cell. Pure.

A repair either says how the file is to be read (options, targets), or what cells are to hold instead. What is offered
goes by the kind of issue; nothing here is done unless somebody chooses it.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from importer.cells import split_quoted
from importer.issues import Issue
from importer.kinds import Kind
from importer.targets import parse_target

COUNTRY, LANGUAGE, CHOICE = "country", "language", "choice"


class Offer(Struct, frozen=True):
    """A repair that fits a kind of issue.

    name: of the repair, which its sentence goes by. asks: what is to be chosen with it: "" for nothing, COUNTRY,
    LANGUAGE, or CHOICE among `choices`. choice: what is chosen unless another is. facts: of the sentence.
    values: where each is decided by itself, with the rows that have it.
    """

    name: str
    issue: Issue
    asks: str = ""
    choices: tuple[str, ...] = ()
    choice: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)

    def about(self, value: str) -> "Offer":
        """The same for one of the values."""
        return replace(self, issue=replace(self.issue, value=value), facts={**self.facts, "value": value})


class Reading(Struct, frozen=True):
    """How the file is read otherwise. options: by the names of `Options`. targets: by the column's letter.

    values: what cells of a column stand for, by the column's letter and the cell's text.
    """

    options: Mapping[str, object] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


UNDERSTOOD = {"language-normalised": "code", "phone-from-number": "phone", "phone-country-assumed": "phone"}
"""Warnings that tell what a cell was taken for, and which of their details is that."""

_OFFERED: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "phone-no-country": (("country", COUNTRY, ()), ("prefix", COUNTRY, ())),
    "phone-invalid": (("prefix", COUNTRY, ()),),
    "phone-country-assumed": (("as-understood", "", ()), ("prefix", COUNTRY, ())),
    "phone-from-number": (("as-understood", "", ()),),
    "phone-missing-ninth-digit": (("ninth-digit", "", ()),),
    "language-normalised": (("as-understood", "", ()),),
    "language-unknown": (("language", LANGUAGE, ()),),
    "date-ambiguous": (("date_order", CHOICE, ("dmy", "mdy")),),
    "number-ambiguous": (("decimal", CHOICE, (",", ".")),),
    "row-conflict": (("duplicates", CHOICE, ("first", "last")),),
    "row-no-key": (("create_without_key", "", ()),),
    "row-too-long": (("drop-surplus", "", ()),),
    "quote-unbalanced": (("as-read", "", ()),),
}
"""By code: the repairs, what each asks, and among what."""

_NO_CELL = frozenset(("row-repeats-header", "row-too-long", "quote-unbalanced"))
"""Errors that are told at a cell, but that no blank cell mends."""


def offers(kind: Kind) -> Iterator[Offer]:
    """What can be done about a kind of issue, the best first."""
    issue = kind.example
    for name, asks, choices in _OFFERED.get(issue.code, ()):
        # a row that contradicts itself has no other row that could be taken
        if name != "duplicates" or "other_row" in issue.details:
            yield Offer(name, issue, asks, choices, next(iter(choices), ""), {"value": issue.value})
    if issue.is_error:
        if issue.letter and issue.code not in _NO_CELL:
            yield Offer("empty", issue)
        yield Offer("leave-out", issue)


def questions(issue: Issue) -> Iterator[Offer]:
    """What can be answered to an issue of the file as a whole."""
    details = issue.details
    match issue.code:
        case "phone-scheme-differs":
            schemes = str(details["other"]), str(details["scheme"])
            yield Offer("phone_scheme", issue, CHOICE, schemes, schemes[0])
        case "field-type-possible":
            yield Offer("type", issue, facts=details)
        case "field-similar":
            yield Offer("similar-field", issue, facts=details)
        case "group-similar":
            yield Offer("similar-group", issue, facts={"value": issue.value, **details})


def reading_of(offer: Offer, choice: str, keys: Mapping[str, str]) -> Reading | None:
    """How the file is read otherwise where an offer is taken; None: it writes into cells instead.

    keys: of the workspace's fields, by label.
    """
    issue, details = offer.issue, offer.issue.details
    match offer.name:
        case "country" | "date_order" | "decimal" | "duplicates" | "phone_scheme":
            return Reading({offer.name: choice})
        case "create_without_key":
            return Reading({offer.name: True})
        case "language":
            return Reading(values={issue.letter: {str(issue.value): choice}})
        case "type":
            return Reading(targets={issue.letter: f"field:{details['key']}:{details['value_type']}"})
        case "similar-field":
            other = str(details["other"])
            return Reading(targets={issue.letter: f"field:{keys.get(other, other)}"})
    return None


# -------------------------------------------------------------------------------------------------- cells

_NO_DIGIT = re.compile(r"\D")


def texts_for(name: str, text: str, issue: Issue, calling_code: str = "") -> list[str]:
    """What a repair may write into a cell that says `text`; the first that is right is taken.

    calling_code: of the country that was chosen, as 55.
    """
    make = _TEXTS.get(name)
    return make(text, issue, calling_code) if make else []


def _with_prefix(text: str, issue: Issue, code: str) -> list[str]:  # noqa: ARG001 - one shape for all
    digits = _NO_DIGIT.sub("", text)
    if not digits:
        return []
    international = [f"+{digits}"] if digits.startswith(code) else []
    return [*international, f"+{code}{digits.lstrip('0')}"]


def _with_ninth_digit(text: str, issue: Issue, code: str) -> list[str]:  # noqa: ARG001
    digits = _NO_DIGIT.sub("", text).lstrip("0")
    if digits.startswith("55") and len(digits) == len("559933112200"):
        digits = digits[2:]
    return [f"+55{digits[:2]}9{digits[2:]}"] if len(digits) == len("9933112200") else []


def _as_understood(text: str, issue: Issue, code: str) -> list[str]:  # noqa: ARG001
    # of several values in a cell the issue tells one
    said = str(issue.details.get(UNDERSTOOD.get(issue.code, ""), ""))
    return [said] if said and text.strip() == str(issue.value).strip() else []


def _as_read(text: str, issue: Issue, code: str) -> list[str]:  # noqa: ARG001
    return [text.strip()]


def _nothing(text: str, issue: Issue, code: str) -> list[str]:  # noqa: ARG001
    return [""]


_TEXTS: Mapping[str, Callable[[str, Issue, str], list[str]]] = {
    "prefix": _with_prefix,
    "ninth-digit": _with_ninth_digit,
    "as-understood": _as_understood,
    "as-read": _as_read,
    "drop-surplus": _nothing,
    "empty": _nothing,
}


def with_other_group(text: str, name: str, other: str) -> str | None:
    """A cell with names of groups in which one is written as another; None where it is not among them."""
    names = split_quoted(text)
    meant = {name.casefold(): other, f"-{name.casefold()}": f"-{other}"}
    if not any(one.casefold() in meant for one in names):
        return None
    return "; ".join(meant.get(one.casefold(), one) for one in names)


def is_target(text: str) -> bool:
    """Whether a text is a target that a column can have."""
    try:
        parse_target(text)
    except ValueError:
        return False
    return True
