"""failed.xlsx: the rows to mend, as they were, with the reason behind them; mended, it is imported again.

Not in it are rows that were not sent because the job stopped: they need no mending, and the same command
run again sends them.
"""

from collections.abc import Sequence
from pathlib import Path

from importer.messages import Catalogue
from importer.model import Column, Outcome, Row
from importer.wording import describe_issues
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
        self._table = GrowingTable(
            self._book,
            catalogue.say("report.sheet.failed"),
            [
                *((column.header, self._styles.file_header) for column in columns),
                *((own_header(name, catalogue), self._styles.own_header) for name in _OWN_WIDTHS),
            ],
            widths={self._own + place: width for place, width in enumerate(_OWN_WIDTHS.values())},
            sheet_rows=sheet_rows,
        )

    def add(self, row: Row, outcome: Outcome) -> None:
        """Write one row."""
        reason = describe_issues(outcome.issues, self._catalogue)
        line = self._table.next_line(texts_high(reason, _OWN_WIDTHS["reason"]))
        sheet, styles = self._table.sheet, self._styles
        shaded = shades(outcome.issues, self._positions)
        for position, cell in enumerate(row.cells):
            put_value(sheet, line, position, cell, styles, shaded.get(position), self._cut_mark)
        sheet.write_number(line, self._own, row.number, styles.centred)
        put_text(sheet, line, self._own + 1, reason, styles.wrapped, self._cut_mark)
        self._table.measure([text_of(cell) for cell in row.cells], 0)

    def close(self) -> None:
        """Write the file."""
        self._table.close()
        finish_book(self._book)

    def abandon(self) -> None:
        """Write nothing."""
        abandon_book(self._book)
