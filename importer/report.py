"""Plan or journal + rows → the Report: one line for each row of the file, and totals that add up to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from importer.errors import ImporterError
from importer.issues import Issue
from importer.kinds import Kind, Kinds
from importer.messages import Catalogue, catalogue
from importer.model import Column, DefinitionLine, FileInfo, MappedColumn, Outcome, Row, Status, Summary
from importer.steps import as_first
from importer.wording import describe_changes, describe_issues

if TYPE_CHECKING:
    import pandas as pd

Line = tuple[Row, Outcome]


class Report(Struct, frozen=True):
    """What came, or would come, of a file.

    columns: of the file, as each row's cells. issues: of the file as a whole. lines: one (row, outcome) for each
    row, in order; may be called again. files: those that were written. definitions: one for each row of the sheets that
    list fields or groups.
    """

    summary: Summary
    columns: tuple[Column, ...]
    issues: tuple[Issue, ...]
    lines: Callable[[], Iterator[Line]]
    mapped: tuple[MappedColumn, ...] = ()  # what the columns were taken for
    kinds: tuple[Kind, ...] = ()
    files: tuple[Path, ...] = ()
    failure: ImporterError | None = None  # what ended the job before its end
    definitions: tuple[DefinitionLine, ...] = ()

    @property
    def totals(self) -> dict[Status, int]:
        """Rows by what became of them; they add up to `summary.rows`."""
        return dict(self.summary.totals)

    @property
    def blocked(self) -> bool:
        """Whether something about the file as a whole stops the import."""
        return any(issue.is_error for issue in self.issues)

    @property
    def exit_code(self) -> int:
        """0 every row went (or is clean), 1 some did not, or are not as meant, 2 the file cannot be used, 4 stopped."""
        if self.failure:
            return self.failure.exit_code
        if self.blocked:
            return 2
        if self.summary.ended == "stopped":
            return 4
        did_not_go = [Status.INVALID, Status.REFUSED, Status.KEPT]
        if self.summary.ended != "planned":
            did_not_go.append(Status.NOT_SENT)
        totals = (self.summary.totals, self.summary.definitions)
        return int(self.summary.differs > 0 or any(of.get(status) for of in totals for status in did_not_go))

    def to_frame(self, words: Catalogue | None = None) -> "pd.DataFrame":
        """One row a row: its number, status, uuid, what was done and what is wrong in words, then its cells."""
        import pandas as pd

        words = words or catalogue()
        return pd.DataFrame.from_records(
            [
                (
                    row.number,
                    str(outcome.status),
                    outcome.uuid,
                    describe_changes(outcome.changes, words),
                    describe_issues(outcome.issues, words),
                    *row.cells,
                )
                for row, outcome in self.lines()
            ],
            columns=["row", "status", "uuid", "done", "issues", *(column.header for column in self.columns)],
        )


def named(info: FileInfo, title: str | None) -> FileInfo:
    """The file as it is told: under the title that the user knows it by, if there is one."""
    return replace(info, path=title) if title else info


def fold(
    rows: Iterable[Row],
    outcomes: Iterable[tuple[Outcome, int]],
    outcome_of: Callable[[int], tuple[Outcome, int] | None],
    *,
    only_known: bool = False,
) -> Iterator[Line]:
    """Each row with what the journal knows of it; a row that it does not know, or not to its end, was not sent.

    only_known: rows that it does not know are left out, for an undo does not concern them.
    outcomes: with the number of what they still await, in row order. outcome_of: the same of one row, for rows that
    were sent together with it.
    """

    def of_row(number: int) -> Outcome | None:
        found = outcome_of(number)
        return _so_far(*found) if found else None

    known = iter(outcomes)
    following = next(known, None)
    for row in rows:
        while following is not None and following[0].row < row.number:
            following = next(known, None)
        if following is None or following[0].row != row.number:
            if only_known:
                continue
            yield row, Outcome(row.number, Status.NOT_SENT)
            continue
        yield row, as_first(_so_far(*following), of_row)


def _so_far(outcome: Outcome, pending: int) -> Outcome:
    return replace(outcome, status=Status.NOT_SENT) if pending else outcome


def counted(report: Report, lines: Iterable[Line]) -> Report:
    """The report with what its lines, given once more, add up to."""
    totals, codes, rows, kinds = dict.fromkeys(Status, 0), Counter[str](), 0, Kinds()
    last = verified = differs = 0
    for row, outcome in lines:
        if not last < row.number == outcome.row:
            raise AssertionError("a row has no line, or two")
        last = row.number
        rows += 1
        totals[outcome.status] += 1
        codes.update({issue.code for issue in outcome.issues})
        kinds.add(outcome.issues)
        verified += outcome.differences == ()
        differs += bool(outcome.differences)
    summary = replace(
        report.summary,
        totals=totals,
        issues=dict(codes),
        rows=rows,
        verified=verified,
        differs=differs,
        definitions=Counter(line.outcome.status for line in report.definitions),
    )
    return replace(report, summary=summary, kinds=tuple(kinds))
