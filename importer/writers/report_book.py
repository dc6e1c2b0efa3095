"""report.xlsx: a line for every row of the file, and a summary sheet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from importer.issues import Severity
from importer.messages import Catalogue
from importer.model import Column, DefinitionLine, Outcome, Row, Status, Summary
from importer.wording import describe_changes, describe_definition, describe_issues
from importer.writers.sheets import (
    SHEET_ROWS,
    GrowingTable,
    abandon_book,
    finish_book,
    open_book,
    put_text,
    texts_high,
)
from importer.writers.styles import Styles, shades
from importer.writers.summary_sheet import write_summary
from importer.writers.tally import Tally
from importer.writers.texts import is_plain, text_of
from importer.writers.words import describe_done, own_header, status_words

_OWN_WIDTHS = {"row": 12, "status": 17, "uuid": 38, "done": 46, "issues": 64}
_OWN = len(_OWN_WIDTHS)
_DEFINED_WIDTHS = {"place": 18, "status": 17, "defined": 30, "group-uuid": 38, "done": 46, "issues": 64}


class ReportBook:
    """What became of every row, in words, in front of the row's own cells.

    Every cell of the file is written as text, so that nothing is calculated, linked or rounded.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[Column],
        catalogue: Catalogue,
        *,
        dry_run: bool = False,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self._catalogue = catalogue
        self._dry_run = dry_run
        self._book = open_book(path, path.parent)
        self._styles = Styles(self._book)
        self._cut_mark = catalogue.say("report.cut")
        self._words = {status: status_words(status, catalogue, dry_run=dry_run) for status in Status}
        self._positions = {column.letter: position for position, column in enumerate(columns)}
        names = ["planned" if name == "done" and dry_run else name for name in _OWN_WIDTHS]
        self._table = GrowingTable(
            self._book,
            catalogue.say("report.sheet.rows"),
            [
                *((own_header(name, catalogue), self._styles.own_header) for name in names),
                *((column.header, self._styles.file_header) for column in columns),
            ],
            frozen=2,
            widths=dict(enumerate(_OWN_WIDTHS.values())),
            sheet_rows=sheet_rows,
        )

    def add(self, row: Row, outcome: Outcome) -> None:
        """Write the line of one row."""
        styles, catalogue = self._styles, self._catalogue
        done = describe_done(outcome, catalogue)
        issues = describe_issues(outcome.issues, catalogue) if outcome.issues else ""
        line = self._table.next_line(self._height(outcome.status, done, issues))
        sheet = self._table.sheet
        sheet.write_number(line, 0, row.number, styles.centred)
        sheet.write_string(line, 1, self._words[outcome.status], styles.status(outcome.status))
        if outcome.uuid:
            sheet.write_string(line, 2, outcome.uuid, styles.top)
        if done:
            put_text(sheet, line, 3, done, styles.wrapped, self._cut_mark)
        if issues:
            put_text(sheet, line, 4, issues, styles.wrapped, self._cut_mark)
        self._write_cells(line, row.cells, shades(outcome.issues, self._positions))

    def close(self, summary: Summary, tally: Tally, definitions: Sequence[DefinitionLine] = ()) -> None:
        """Add the rows about fields and groups and the summary, and write the file."""
        self._table.close()
        if definitions:
            self._write_definitions(definitions)
        write_summary(self._book, self._styles, summary, tally, self._catalogue, dry_run=self._dry_run)
        finish_book(self._book)

    def _write_definitions(self, lines: Sequence[DefinitionLine]) -> None:
        """A sheet of their own, without headers that a reader would take for a table's."""
        styles, catalogue, cut_mark = self._styles, self._catalogue, self._cut_mark
        names = ["planned" if name == "done" and self._dry_run else name for name in _DEFINED_WIDTHS]
        table = GrowingTable(
            self._book,
            catalogue.say("report.sheet.definitions"),
            [(own_header(name, catalogue), styles.own_header) for name in names],
            widths=dict(enumerate(_DEFINED_WIDTHS.values())),
        )
        for one in lines:
            outcome = one.outcome
            done = describe_changes(outcome.changes, catalogue)
            issues = describe_definition(one, catalogue)
            high = max(
                texts_high(done, _DEFINED_WIDTHS["done"]), texts_high(issues, _DEFINED_WIDTHS["issues"])
            )
            at = table.next_line(high)
            sheet = table.sheet
            put_text(sheet, at, 0, f"{one.sheet}!{outcome.row}", styles.top, cut_mark)
            sheet.write_string(at, 1, self._words[outcome.status], styles.status(outcome.status))
            put_text(sheet, at, 2, one.name, styles.top, cut_mark)
            put_text(sheet, at, 3, outcome.uuid or "", styles.top, cut_mark)
            put_text(sheet, at, 4, done, styles.wrapped, cut_mark)
            put_text(sheet, at, 5, issues, styles.wrapped, cut_mark)
        table.close()

    def abandon(self) -> None:
        """Write nothing."""
        abandon_book(self._book)

    def _height(self, status: Status, done: str, issues: str) -> int:
        high = texts_high(issues, _OWN_WIDTHS["issues"]) if issues else 1
        if not done or status is Status.CREATED:
            # What is new about a new contact stands in the row itself: no need to show all of it.
            return high
        return max(high, texts_high(done, _OWN_WIDTHS["done"]))

    def _write_cells(self, line: int, cells: Sequence[object], shaded: Mapping[int, Severity]) -> None:
        sheet, style, cut_mark = self._table.sheet, self._styles.top, self._cut_mark
        texts = [cell if type(cell) is str else text_of(cell) for cell in cells]
        plain = is_plain(
            "".join(texts)
        )  # asked once a row, for it costs as much as a twentieth of the writing
        for position, text in enumerate(texts, _OWN):
            if not text:
                continue
            if plain:
                sheet.write_string(line, position, text, style)
            else:
                put_text(sheet, line, position, text, style, cut_mark)
        for position, severity in shaded.items():
            # Written over the plain cell; a blank one is coloured, too.
            shade = self._styles.cell(severity)
            if texts[position]:
                put_text(sheet, line, _OWN + position, texts[position], shade, cut_mark)
            else:
                sheet.write_blank(line, _OWN + position, None, shade)
        self._table.measure(texts, _OWN)
