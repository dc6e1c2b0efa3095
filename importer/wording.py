"""What became of a row, in words: changes old → new, and issues with what to do about them. Pure.

One line for each change or issue, so that a cell, a terminal and a page can show them alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from importer.issues import Issue
from importer.messages import Catalogue, quote
from importer.model import Change, DefinitionLine, Difference

_NAMED = ("name", "language", "urns", "groups", "status", "uuid", "label", "type", "members")


def describe_changes(changes: Iterable[Change], catalogue: Catalogue) -> str:
    """One line a change, "" for none; what is removed is said to be removed."""
    return "\n".join(_describe_change(change, catalogue) for change in changes)


def describe_differences(differences: Iterable[Difference] | None, catalogue: Catalogue) -> str:
    """What came of reading a contact back: one line a difference, "" where nobody has."""
    if differences is None:
        return ""
    lines = [describe_difference(one, catalogue) for one in differences]
    return "\n".join(lines) or catalogue.say("report.verified")


def describe_difference(difference: Difference, catalogue: Catalogue) -> str:
    """One attribute of a contact that is not as it was meant."""
    meant, found = (
        _quoted(value) if isinstance(value, tuple) else quote(value)
        for value in (difference.meant, difference.found)
    )
    name = _attribute(difference.attribute, catalogue)
    return catalogue.say("report.differs", attribute=name, meant=meant, found=found)


def describe_issues(issues: Iterable[Issue], catalogue: Catalogue) -> str:
    """One line an issue, with its column and remedy; errors first, "" for none.

    A remedy that several issues of the row share is given once.
    """
    return "\n".join(_issue_lines(sorted(issues, key=lambda issue: not issue.is_error), catalogue))


def describe_definition(line: DefinitionLine, catalogue: Catalogue) -> str:
    """What is wrong with a row about a field or group, each issue with its cell (Groups!B4)."""
    return describe_issues(map(placed(line), line.outcome.issues), catalogue)


def placed(line: DefinitionLine) -> Callable[[Issue], Issue]:
    """What names the cell of an issue of this row as spreadsheets do."""

    def place(issue: Issue) -> Issue:
        cell = f"{line.sheet}!{issue.letter}{line.outcome.row}"
        return issue.at(issue.row, cell, issue.letter)

    return place


def describe_duration(seconds: float, catalogue: Catalogue) -> str:
    """A length of time as people say it, rounded up to a minute: under a minute, 20 min, 9 h 20 min."""
    minutes = -int(-seconds // 60)
    if seconds < 60:
        return catalogue.say("report.under-a-minute")
    if minutes < 60:
        return catalogue.say("report.minutes", minutes=minutes)
    return catalogue.say("report.hours", hours=minutes // 60, minutes=minutes % 60)


def _describe_change(change: Change, catalogue: Catalogue) -> str:
    name = _attribute(change.attribute, catalogue)
    return catalogue.say("report.change", attribute=name, change=_old_to_new(change, catalogue))


def _old_to_new(change: Change, catalogue: Catalogue) -> str:
    old, new = change.old, change.new
    if change.attribute == "status":
        old, new = (catalogue.say(f"report.contact-status.{one}") for one in (old, new))
    if isinstance(old, tuple) or isinstance(new, tuple):
        return _list_change(_items(old), _items(new), catalogue)
    if new is None:
        return catalogue.say("report.removed", old=quote(old))
    if old is None:
        return catalogue.say("report.set", new=quote(new))
    return catalogue.say("report.replaced", old=quote(old), new=quote(new))


def _attribute(attribute: str, catalogue: Catalogue) -> str:
    if attribute in _NAMED:
        return catalogue.say(f"report.attribute.{attribute}")
    return attribute.removeprefix("field:")


def _items(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, tuple) else ()


def _list_change(old: Sequence[str], new: Sequence[str], catalogue: Catalogue) -> str:
    gone = [item for item in old if item not in new]
    come = [item for item in new if item not in old]
    if not gone and not come:
        return catalogue.say("report.reordered", items=_quoted(new))
    parts = []
    if come:
        parts.append(catalogue.say("report.list-added", items=_quoted(come)))
    if gone:
        parts.append(catalogue.say("report.list-removed", items=_quoted(gone)))
    return "; ".join(parts)


def _quoted(items: Sequence[str]) -> str:
    return ", ".join(quote(item) for item in items)


def _issue_lines(issues: Iterable[Issue], catalogue: Catalogue) -> Iterator[str]:
    said: set[str] = set()
    for issue in issues:
        hint = catalogue.hint(issue)
        text = catalogue.message(issue) if hint in said else f"{catalogue.message(issue)} {hint}".strip()
        said.add(hint)
        if place := issue.column or issue.letter:
            text = catalogue.say("report.at", column=place, text=text)
        yield text if issue.is_error else catalogue.say("report.warning", text=text)
