"""The summary sheet of report.xlsx: totals, what was created, the time it takes, what is wrong by kind."""

from collections.abc import Iterator

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from importer.issues import Issue
from importer.messages import Catalogue
from importer.model import Status, Summary
from importer.wording import describe_duration
from importer.writers.sheets import fit_on_paper, put_text, set_height, texts_high
from importer.writers.styles import Styles
from importer.writers.tally import Tally
from importer.writers.words import status_words

_COLUMN_WIDTHS = (34, 13, 15, 28, 60, 60)

Cell = tuple[str | int, Format]


def write_summary(
    book: Workbook, styles: Styles, summary: Summary, tally: Tally, catalogue: Catalogue, *, dry_run: bool
) -> None:
    """Add the sheet to `book`."""
    sheet = book.add_worksheet(catalogue.say("report.sheet.summary"))
    sheet.hide_gridlines(2)
    fit_on_paper(sheet)
    for position, width in enumerate(_COLUMN_WIDTHS):
        sheet.set_column(position, position, width)
    page = _Page(styles, catalogue, dry_run=dry_run)
    for line, cells in enumerate(page.lines(summary, tally)):
        set_height(sheet, line, _high(cells, styles.wrapped))
        for position, (value, style) in enumerate(cells):
            if isinstance(value, int):
                sheet.write_number(line, position, value, style)
            elif value:
                put_text(sheet, line, position, value, style, catalogue.say("report.cut"))


class _Page:
    """The sheet as lines of cells; an empty line is a gap.

    No cell begins with a column's header: a reader would take its line for the header of a table.
    """

    def __init__(self, styles: Styles, catalogue: Catalogue, *, dry_run: bool) -> None:
        self._styles, self._catalogue, self._dry_run = styles, catalogue, dry_run

    def lines(self, summary: Summary, tally: Tally) -> Iterator[list[Cell]]:
        title = self._catalogue.say(f"report.title.{summary.command}", file=summary.file.path)
        yield [(title, self._styles.title)]
        yield []
        yield from self._facts(summary)
        yield []
        yield from self._totals(summary, tally)
        if any(summary.definitions.values()):
            yield []
            yield self._section("definitions")
            for status in Status:
                if count := summary.definitions.get(status, 0):
                    words = status_words(status, self._catalogue, dry_run=self._dry_run)
                    yield [(words, self._styles.status(status)), (count, self._styles.centred)]
        said: set[str] = set()
        if summary.file_issues:
            yield []
            yield self._section("file-issues")
            for issue in summary.file_issues:
                yield self._issue(issue, "", said)
        if kinds := list(tally.kinds):
            yield []
            yield self._section("issues")
            yield self._headers("code", "severity", "count", "column", "example", "hint")
            for kind in kinds:
                yield self._issue(kind.example, kind.count, said)

    def _facts(self, summary: Summary) -> Iterator[list[Cell]]:
        for label, value in _facts(summary, self._catalogue, dry_run=self._dry_run):
            if value:
                name = self._catalogue.say(f"report.label.{label}")
                yield [(name, self._styles.label), (value, self._styles.left)]

    def _totals(self, summary: Summary, tally: Tally) -> Iterator[list[Cell]]:
        plain = self._styles.top
        yield self._section("rows")
        for status in Status:
            if count := tally.statuses[status]:
                words = status_words(status, self._catalogue, dry_run=self._dry_run)
                means = self._catalogue.say(f"report.means.{_meaning(status, summary.command)}")
                yield [(words, self._styles.status(status)), (count, self._styles.centred), (means, plain)]
        yield [(self._catalogue.say("report.total"), self._styles.label), (summary.rows, self._styles.total)]

    def _issue(self, issue: Issue, count: int | str, said: set[str]) -> list[Cell]:
        """A line about an issue, with its remedy unless `said` has it."""
        wrapped = self._styles.wrapped
        message, hint = self._catalogue.message(issue), self._catalogue.hint(issue)
        if issue.row is not None:
            message = self._catalogue.say("report.example", row=issue.row, message=message)
        cells = [
            (issue.code, self._styles.top),
            (self._catalogue.say(f"report.severity.{issue.severity}"), self._styles.cell(issue.severity)),
            (count, self._styles.centred),
            (self._place(issue), wrapped),
            (message, wrapped),
            ("" if hint in said else hint, wrapped),
        ]
        said.add(hint)
        return cells

    def _place(self, issue: Issue) -> str:
        if issue.letter and issue.column:
            return self._catalogue.say("report.issues.place", letter=issue.letter, column=issue.column)
        return issue.letter

    def _section(self, name: str) -> list[Cell]:
        return [(self._catalogue.say(f"report.section.{name}"), self._styles.section)]

    def _headers(self, *names: str) -> list[Cell]:
        return [(self._catalogue.say(f"report.issues.{name}"), self._styles.file_header) for name in names]


def _meaning(status: Status, command: str) -> str:
    """What a status is called among the sentences that explain them."""
    if command == "check" and status is Status.NOT_SENT:
        return "checked"
    in_undo = command == "undo" and status in (Status.DELETED, Status.UPDATED, Status.UNCHANGED)
    return f"undo-{status}" if in_undo else status


def _high(cells: list[Cell], wrapped: Format) -> int:
    sized = zip(cells, _COLUMN_WIDTHS, strict=False)
    return max(
        (texts_high(str(text), width) for (text, style), width in sized if style is wrapped), default=1
    )


def _facts(summary: Summary, catalogue: Catalogue, *, dry_run: bool) -> Iterator[tuple[str, str | int]]:
    """Label (part of a sentence's key) and value; "" where there is nothing to say."""
    planned = "-planned" if dry_run else ""
    file = summary.file
    yield "file", file.path
    yield "sheet", file.sheet or ""
    yield "encoding", file.encoding or ""
    yield "workspace", summary.workspace
    yield "url", summary.url
    yield "job", summary.job
    yield "undoes", summary.undoes
    yield "started", summary.started.isoformat(sep=" ", timespec="seconds")
    if summary.finished:
        yield "finished", summary.finished.isoformat(sep=" ", timespec="seconds")
    yield "ended", catalogue.say(f"report.ended.{summary.ended}")
    yield f"fields{planned}", ", ".join(summary.fields_created)
    yield f"groups{planned}", ", ".join(summary.groups_created)
    yield f"groups-deleted{planned}", ", ".join(summary.groups_deleted)
    yield "groups-kept", ", ".join(summary.groups_kept)
    yield "fields-kept", ", ".join(summary.fields_kept)
    yield "reads", summary.reads
    yield f"writes{planned}", summary.writes
    yield "verified", summary.verified
    yield "differs", summary.differs
    if summary.estimate_s is not None:
        yield "estimate", describe_duration(summary.estimate_s, catalogue)
    if summary.costs:
        yield "loop", describe_duration(summary.costs.loop_s, catalogue)
    yield "countries", ", ".join(f"{country}: {count}" for country, count in summary.countries.items())
