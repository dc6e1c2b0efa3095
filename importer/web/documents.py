"""Plans and results as JSON: what the page shows of them, also when the program has been started again."""

from typing import Any

from importer.issues import Issue
from importer.journal.forms import definition_from_json, definition_to_json, issue_from_json, issue_to_json
from importer.kinds import Kind
from importer.model import DefinitionLine
from importer.report import Report

Json = dict[str, Any]
PLAN, RESULT, REPORT, UNDO, UNDO_REPORT = "plan.db", "result.db", "report", "undo.db", "undo"
"""In a desk's folder: the lines of plan, result and undo, and the folders of their files."""


def plan_document(report: Report) -> Json:
    """What a plan comes to."""
    summary = report.summary
    return {
        **_common(report),
        "writes": summary.writes,
        "estimate_s": summary.estimate_s,
        "countries": dict(summary.countries),
        "acts": dict(summary.acts),
        "destroyed": summary.destroyed,
        "groups_deleted": list(summary.groups_deleted),
    }


def result_document(report: Report) -> Json:
    """What an import came to."""
    summary = report.summary
    return {
        **_common(report),
        "job": summary.job,
        "finished": summary.finished.isoformat() if summary.finished else None,
        "writes": summary.writes,
        "files": [path.name for path in report.files],
    }


def undo_document(report: Report) -> Json:
    """What an undo comes to, or came to."""
    summary = report.summary
    return {
        **_common(report),
        "writes": summary.writes,
        "estimate_s": summary.estimate_s,
        "groups_deleted": list(summary.groups_deleted),
        "groups_kept": list(summary.groups_kept),
        "fields_kept": list(summary.fields_kept),
    }


def _common(report: Report) -> Json:
    summary = report.summary
    return {
        "rows": summary.rows,
        "totals": {str(status): count for status, count in summary.totals.items() if count},
        "fields": list(summary.fields_created),
        "groups": list(summary.groups_created),
        "definitions": [definition_to_json(line) for line in report.definitions],
        "issues": [issue_to_json(issue) for issue in report.issues],
        "kinds": [
            {"example": issue_to_json(kind.example), "count": kind.count, "rows": list(kind.rows)}
            for kind in report.kinds
        ],
    }


def definitions_in(document: Json) -> list[DefinitionLine]:
    """Rows about fields and groups; none in a document of an older version."""
    return [definition_from_json(one) for one in document.get("definitions", ())]


def issues_in(document: Json) -> list[Issue]:
    """The issues of the file as a whole."""
    return [issue_from_json(one) for one in document["issues"]]


def kinds_in(document: Json) -> list[Kind]:
    """What is wrong with rows."""
    return [Kind(issue_from_json(one["example"]), one["count"], one["rows"]) for one in document["kinds"]]
