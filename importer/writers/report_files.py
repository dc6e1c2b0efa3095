"""The report of a job as files: report.xlsx, report.jsonl, failed.xlsx and summary.json."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from importer.messages import Catalogue
from importer.model import Column, DefinitionLine, Outcome, Row, Status, Summary
from importer.writers.drafts import Drafts
from importer.writers.json_files import RowsFile, summary_document, write_document
from importer.writers.tally import Tally

if TYPE_CHECKING:
    from importer.writers.failed_book import FailedBook

REPORT, ROWS, FAILED, SUMMARY = "report.xlsx", "report.jsonl", "failed.xlsx", "summary.json"
NAMES = (ROWS, REPORT, FAILED, SUMMARY)
"""In the order of their publishing: who sees summary.json sees the others."""


class ReportFiles:
    """Writes a report row by row; nothing is seen in `folder` before `close`.

    failed.xlsx is there only if a row has to be mended, and goes away with the next report that has none.
    Used in a `with` block: leaving it without `close` leaves an older report as it was.

    folder: is created. columns: the table's, in order; every row has a cell for each.
    dry_run: what would be done is told, not what was done. mends: whether failed.xlsx makes sense.

    Raises:
        Unusable: the folder or an older report in it cannot be written; any method, if the disk fails.
    """

    def __init__(
        self,
        folder: Path,
        columns: Sequence[Column],
        catalogue: Catalogue,
        *,
        dry_run: bool = False,
        mends: bool = True,
    ) -> None:
        # The workbook's writer takes as long to import as the rest of the program.
        from importer.writers.report_book import ReportBook

        self._columns, self._catalogue = tuple(columns), catalogue
        self._mends = mends
        self._tally = Tally()
        self._definitions: list[DefinitionLine] = []  # a workspace has some hundreds of fields and groups
        self._failed: FailedBook | None = None
        self._drafts = Drafts(folder, NAMES)
        try:
            with self._drafts.told():
                self._book = ReportBook(self._drafts.path(REPORT), self._columns, catalogue, dry_run=dry_run)
                self._rows = RowsFile(self._drafts.path(ROWS), catalogue)
        except BaseException:
            self._drafts.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.abandon()
        self._book.abandon()
        if self._failed:
            self._failed.abandon()
        self._drafts.discard()

    def add(self, row: Row, outcome: Outcome) -> None:
        """Write what became of `row`; once for every row, in their order."""
        with self._drafts.told():
            self._tally.add(outcome)
            self._book.add(row, outcome)
            self._rows.add(outcome)
            if self._mends and needs_mending(outcome):
                self._open_failed().add(row, outcome)

    def define(self, line: DefinitionLine) -> None:
        """Write what became of a row about a field or group."""
        with self._drafts.told():
            self._definitions.append(line)
            self._rows.define(line)

    def close(self, summary: Summary) -> tuple[Path, ...]:
        """Finish the files and put them in the place of older ones; the paths of those there are.

        Raises:
            ValueError: the rows that came are not those that `summary` counts (an error of the program).
        """
        self._compare(summary)
        with self._drafts.told():
            self._rows.close()
            self._book.close(summary, self._tally, self._definitions)
            wrong = [line for line in self._definitions if self._mends and needs_mending(line.outcome)]
            if wrong or self._failed:
                self._open_failed().close(wrong)
            write_document(self._drafts.path(SUMMARY), summary_document(summary, self._catalogue))
        return self._drafts.publish()

    def _open_failed(self) -> "FailedBook":
        from importer.writers.failed_book import FailedBook

        if self._failed is None:
            self._failed = FailedBook(self._drafts.path(FAILED), self._columns, self._catalogue)
        return self._failed

    def _compare(self, summary: Summary) -> None:
        counted = {status: count for status, count in self._tally.statuses.items() if count}
        told_of = {status: count for status, count in summary.totals.items() if count}
        if counted != told_of or sum(counted.values()) != summary.rows:
            raise ValueError(f"{summary.rows} rows, {told_of} in the summary, {counted} in the report")


def needs_mending(outcome: Outcome) -> bool:
    """Whether a person has to do something about the row before it can go in as meant."""
    return outcome.status in (Status.INVALID, Status.REFUSED) or any(
        issue.is_error for issue in outcome.issues
    )
