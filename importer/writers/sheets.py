"""Workbooks written row by row: memory holds one row, whatever the length."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from importer.writers.texts import is_plain, storable

SHEET_ROWS = 1_048_576
"""Rows of one sheet, the header among them."""
MEASURED_ROWS = 500
"""So many rows decide how wide the columns are."""
NARROWEST, WIDEST = 9, 42
_TEXT_HEIGHT, _HIGHEST = 15.5, 405  # points
_WRAP_LOSS = 3  # characters at the end of a line that stay blank because words are not cut


class _Target:
    """The file that a workbook is packed into. It fails once: what the half archive wants to write when it is thrown
    away, which nobody could catch, goes nowhere.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._at = 0
        self._failed = False

    def write(self, content: bytes) -> int:
        self._try(lambda: self._file.write(content))
        self._at += len(content)
        return len(content)

    def flush(self) -> None:
        self._try(self._file.flush)

    def seek(self, offset: int) -> int:
        self._try(lambda: self._file.seek(offset))
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._try(self._file.close)

    def abandon(self) -> None:
        """Write nothing more."""
        self._failed = True
        with suppress(OSError):
            self._file.close()

    def _try(self, do: Callable[[], object]) -> None:
        if not self._failed:
            try:
                do()
            except OSError:
                self._failed = True
                raise


def open_book(path: Path, scratch: Path) -> Workbook:
    """A workbook whose rows must come in order; `scratch` holds them until it is closed.

    Texts stay texts: only write_string, write_number, write_datetime and write_blank are used on cells.
    """
    return Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(scratch), "use_zip64": True, "in_memory": False}
    )


def finish_book(book: Workbook) -> None:
    """Write the file.

    Raises:
        OSError: the disk is full, or the like.
    """
    target = book.filename = _Target(Path(book.filename))
    try:
        book.close()
        target.close()
    except FileCreateError as error:
        raise OSError(*error.args[0].args) from error
    finally:
        target.abandon()


def abandon_book(book: Workbook) -> None:
    """Let go of the scratch files without writing anything."""
    for sheet in book.worksheets():
        with suppress(OSError):  # it would write what is left
            sheet.row_data_fh.close()


def put_text(
    sheet: Worksheet, line: int, position: int, text: str, style: Format | None, cut_mark: str,
    *, drop_controls: bool = False,
) -> None:  # fmt: skip
    """Write `text` as a text, whatever it looks like; lines and positions count from 0."""
    if not is_plain(text):
        text = storable(text, cut_mark, drop_controls=drop_controls)
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would take it for its own mark-up of rich text and write it unescaped.
            sheet.write_rich_string(line, position, text[0], text[1], text[2:], style)
            return
    sheet.write_string(line, position, text, style)


def set_height(sheet: Worksheet, line: int, texts_high: int) -> None:
    """Make a line high enough for wrapped text, before it is written; not every program does so by itself."""
    if texts_high > 1:
        sheet.set_row(line, min(texts_high * _TEXT_HEIGHT, _HIGHEST))


def texts_high(text: str, width: int) -> int:
    """Lines that `text` takes where it is wrapped in a column of `width` characters."""
    return sum(-(-max(len(part), 1) // (width - _WRAP_LOSS)) for part in text.split("\n"))


def fit_on_paper(sheet: Worksheet) -> None:
    """Print all columns side by side, on A4 across."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


class GrowingTable:
    """A table that grows downwards, and goes on in a further sheet where one is full.

    headers: with the style of each. frozen: columns that stay in sight beside the header.
    widths: in characters, by position; the others are found by `measure`.
    """

    def __init__(
        self,
        book: Workbook,
        title: str,
        headers: Sequence[tuple[str, Format]],
        *,
        frozen: int = 0,
        widths: Mapping[int, int],
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self.sheet: Worksheet
        self._book, self._title, self._headers, self._frozen = book, title, headers, frozen
        self._fixed = widths
        self._measured = [len(header) + 3 for header, _ in headers]
        self._measurings = 0
        self._sheet_rows = sheet_rows
        self._sheets = 0
        self._line = 0
        self._begin_sheet()

    def next_line(self, texts_high: int = 1) -> int:
        """The line (from 0) of `sheet` that the next row is to be written to, so many lines of text high."""
        if self._line + 1 == self._sheet_rows:
            self._end_sheet()
            self._begin_sheet()
        self._line += 1
        set_height(self.sheet, self._line, texts_high)
        # The line before last is on the disk; XlsxWriter would keep the heights of all to the end.
        for heights in (self.sheet.row_info, self.sheet.row_sizes):
            heights.pop(self._line - 2, None)
        return self._line

    def measure(self, texts: Iterable[str], start: int) -> None:
        """Let the first rows' texts, from column `start` on, have a say in the widths."""
        if self._measurings < MEASURED_ROWS:
            self._measurings += 1
            for position, text in enumerate(texts, start):
                self._measured[position] = max(self._measured[position], len(text) + 1)

    def close(self) -> None:
        """Give the last sheet its filter and widths; after the last row."""
        self._end_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self.sheet = self._book.add_worksheet(
            self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        )
        self.sheet.freeze_panes(1, self._frozen)
        self.sheet.repeat_rows(0)
        # Said outright, so that wrapped text shows its first line and does not run over its neighbours.
        self.sheet.set_default_row(_TEXT_HEIGHT)
        fit_on_paper(self.sheet)
        # Phones and codes are texts on purpose: no green corners.
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{SHEET_ROWS}"})
        for position, (header, style) in enumerate(self._headers):
            put_text(self.sheet, 0, position, header, style, "…")
        self._line = 0

    def _end_sheet(self) -> None:
        # In this mode rows leave memory at once, but filter and widths are written at the very end.
        if self._headers:
            self.sheet.autofilter(0, 0, self._line, len(self._headers) - 1)
        for position, width in enumerate(self._measured):
            fitting = min(max(width, NARROWEST), WIDEST)
            self.sheet.set_column(position, position, self._fixed.get(position, fitting))
