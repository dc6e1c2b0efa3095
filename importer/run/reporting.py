"""What every door's report has in common."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from importer.examine import Examined
from importer.model import Summary
from importer.report import Line, Report, named


def report_on(summary: Summary, examined: Examined, lines: Callable[[], Iterator[Line]]) -> Report:
    """A report whose lines are still to be counted."""
    file = named(summary.file, examined.options.title)
    summary = replace(summary, file=file, file_issues=examined.issues)
    return Report(summary, examined.table.columns, examined.issues, lines, examined.mapping.columns)


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
