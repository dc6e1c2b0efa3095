"""failed.xlsx: the rows to mend, as they were, with the reason behind them; mended, it is imported again.

Not in it are rows that were not sent because the job stopped: they need no mending, and the same command
run again sends them.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from importer.issues import Severity
from importer.messages import Catalogue
from importer.model import Column, DefinitionLine, Outcome, Row
from importer.wording import describe_definition, describe_issues
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
from importer.writers.texts import text_of
from importer.writers.values import put_value
from importer.writers.words import own_header

_OWN_WIDTHS = {"row": 12, "reason": 70}


class FailedBook:
    """The rows to mend. Numbers, dates and yes/no stay what they were, texts stay texts."""

    def __init__(
        self, path: Path, columns: Sequence[Column], catalogue: Catalogue, *, sheet_rows: int = SHEET_ROWS
    ) -> None:
        self._catalogue = catalogue
        self._book = open_book(path, path.parent)
        self._styles = Styles(self._book)
        self._cut_mark = catalogue.say("report.cut")
        self._positions = {column.letter: position for position, column in enumerate(columns)}
        self._own = len(columns)
        self._columns, self._sheet_rows = columns, sheet_rows
        self._table: GrowingTable | None = None  # none where only fields and groups are to be mended

    def _make_table(self, title: str, columns: Sequence[Column]) -> GrowingTable:
        return GrowingTable(
            self._book,
            title,
            [
                *((column.header, self._styles.file_header) for column in columns),
                *((own_header(name, self._catalogue), self._styles.own_header) for name in _OWN_WIDTHS),
            ],
            widths={len(columns) + place: width for place, width in enumerate(_OWN_WIDTHS.values())},
            sheet_rows=self._sheet_rows,
        )

    def add(self, row: Row, outcome: Outcome) -> None:
        """Write one row."""
        if self._table is None:
            self._table = self._make_table(self._catalogue.say("report.sheet.failed"), self._columns)
        reason = describe_issues(outcome.issues, self._catalogue)
        shaded = shades(outcome.issues, self._positions)
        self._put(self._table, row, reason, shaded, self._own)

    def _put(
        self, table: GrowingTable, row: Row, reason: str, shaded: Mapping[int, Severity], own: int
    ) -> None:
        line = table.next_line(texts_high(reason, _OWN_WIDTHS["reason"]))
        sheet, styles = table.sheet, self._styles
        for position, cell in enumerate(row.cells):
            put_value(sheet, line, position, cell, styles, shaded.get(position), self._cut_mark)
        sheet.write_number(line, own, row.number, styles.centred)
        put_text(sheet, line, own + 1, reason, styles.wrapped, self._cut_mark)
        table.measure([text_of(cell) for cell in row.cells], 0)

    def close(self, definitions: Sequence[DefinitionLine] = ()) -> None:
        """Write the file. definitions: rows about fields and groups, which go into sheets called as theirs."""
        if self._table:
            self._table.close()
        for name, lines in groupby(definitions, lambda line: line.sheet):
            some = list(lines)
            columns = some[0].columns
            table = self._make_table(name, columns)
            positions = {column.letter: position for position, column in enumerate(columns)}
            for line in some:
                shaded = shades(line.outcome.issues, positions)
                self._put(table, line.row, describe_definition(line, self._catalogue), shaded, len(columns))
            table.close()
        finish_book(self._book)

    def abandon(self) -> None:
        """Write nothing."""
        abandon_book(self._book)
