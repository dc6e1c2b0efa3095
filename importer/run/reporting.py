"""What every door's report has in common."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from importer.examine import Examined
from importer.issues import Issue
from importer.model import Summary
from importer.report import Line, Report, named


def report_on(summary: Summary, examined: Examined, lines: Callable[[], Iterator[Line]]) -> Report:
    """A report whose lines are still to be counted."""
    file = named(summary.file, examined.options.title)
    definitions = examined.definitions.lines
    defined = Counter(line.outcome.status for line in definitions)
    summary = replace(summary, file=file, file_issues=examined.issues, definitions=defined)
    return Report(
        summary,
        examined.table.columns,
        examined.issues,
        lines,
        examined.mapping.columns,
        definitions=definitions,
    )


def issues_with_left_out(examined: Examined) -> tuple[Issue, ...]:
    """What is to be said of a file whose contacts alone are dealt with."""
    sheets = ", ".join(sheet.name for sheet in examined.table.definitions)
    told = (Issue.of("definitions-left-out", sheets=sheets),) if sheets else ()
    return (*examined.issues, *told)


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
