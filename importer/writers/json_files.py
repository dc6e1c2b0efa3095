"""report.jsonl and summary.json: the report for machines."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import to_builtins
from msgspec.structs import asdict

from importer.issues import Issue
from importer.messages import Catalogue
from importer.model import DefinitionLine, Outcome, Status, Summary
from importer.writers.texts import text_of

VERSION = 1
"""Of summary.json; grows when a key changes its meaning."""

_LARGEST = 1e300
"""Numbers from here on, and what is none, are written as texts."""
_ACTIONS = {Status.CREATED: "create", Status.UPDATED: "update", Status.DELETED: "delete"}


class RowsFile:
    """report.jsonl: one object a row, in the order of the rows; those about fields and groups first.

    Half a surrogate pair, which UTF-8 cannot hold, is written as JSON's own escape.
    """

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")

    def add(self, outcome: Outcome) -> None:
        """Write one row's object."""
        self._file.write(json.dumps(outcome_document(outcome, self._catalogue), ensure_ascii=False) + "\n")

    def define(self, line: DefinitionLine) -> None:
        """Write the object of a row about a field or group."""
        document = definition_document(line, self._catalogue)
        self._file.write(json.dumps(document, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def abandon(self) -> None:
        """Write nothing more."""
        with suppress(OSError):  # it would write what is left
            self._file.close()


def outcome_document(outcome: Outcome, catalogue: Catalogue) -> dict[str, object]:
    """A row's object. action: create, update, delete, or None where nothing was (or would be) written."""
    return {
        "row": outcome.row,
        "status": outcome.status.value,
        "uuid": outcome.uuid,
        "action": _ACTIONS.get(outcome.status),
        "changes": [
            {"attribute": change.attribute, "old": _plain(change.old), "new": _plain(change.new)}
            for change in outcome.changes
        ],
        "issues": [issue_document(issue, catalogue) for issue in outcome.issues],
        "requests": outcome.requests,
        "into": outcome.into,
        "verified": None if outcome.differences is None else not outcome.differences,
        "differences": [
            {"attribute": one.attribute, "meant": _plain(one.meant), "found": _plain(one.found)}
            for one in outcome.differences or ()
        ],
    }


def definition_document(line: DefinitionLine, catalogue: Catalogue) -> dict[str, object]:
    """The object of a row of the sheets Fields and Groups: as any other, with its sheet. kind: field or group."""
    own = {"sheet": line.sheet, "kind": line.kind, "name": line.name}
    return {**own, **outcome_document(line.outcome, catalogue)}


def issue_document(issue: Issue, catalogue: Catalogue) -> dict[str, object]:
    """An issue with its sentences; "" for no column."""
    return {
        "code": issue.code,
        "severity": issue.severity.value,
        "column": issue.column,
        "letter": issue.letter,
        "value": _plain(issue.value),
        "message": catalogue.message(issue),
        "hint": catalogue.hint(issue),
    }


def summary_document(summary: Summary, catalogue: Catalogue) -> dict[str, object]:
    """All of `summary`: every status has its total, times are ISO 8601, durations in seconds."""
    return {
        "version": VERSION,
        "job": summary.job,
        "command": summary.command,
        "undoes": summary.undoes or None,
        "file": asdict(summary.file),
        "workspace": summary.workspace,
        "url": summary.url,
        "started": summary.started.isoformat(),
        "finished": summary.finished.isoformat() if summary.finished else None,
        "ended": summary.ended,
        "rows": summary.rows,
        "totals": {status.value: summary.totals.get(status, 0) for status in Status},
        "fields_created": list(summary.fields_created),
        "groups_created": list(summary.groups_created),
        "groups_deleted": list(summary.groups_deleted),
        "groups_kept": list(summary.groups_kept),
        "fields_kept": list(summary.fields_kept),
        "definitions": {status.value: summary.definitions.get(status, 0) for status in Status},
        "reads": summary.reads,
        "writes": summary.writes,
        "estimate_s": summary.estimate_s,
        "costs": to_builtins(summary.costs) if summary.costs else None,
        "countries": dict(summary.countries),
        "acts": dict(summary.acts),
        "removals": summary.removals,
        "verified": summary.verified,
        "differs": summary.differs,
        "issues": dict(summary.issues),
        "file_issues": [issue_document(issue, catalogue) for issue in summary.file_issues],
    }


def write_document(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON document, indented."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        json.dump(document, file, ensure_ascii=False, indent=2)
        file.write("\n")


def _plain(value: object) -> object:
    """A value as JSON has it: dates in ISO 8601, other cells as they read."""
    match value:
        case None | str() | bool():
            return value
        case int() | float():
            return value if abs(value) < _LARGEST else text_of(value)
        case tuple() | list() | set() | frozenset():
            return [_plain(item) for item in value]
        case _:
            return text_of(value)
