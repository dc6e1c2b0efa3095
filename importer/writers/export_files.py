"""Exported contacts as files: a workbook with typed cells, or a text file; nobody meets half a file."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from importer.writers.drafts import Drafts
from importer.writers.texts import text_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

WORKBOOK, TEXT = ".xlsx", ".csv"
KINDS = (WORKBOOK, TEXT)
SHEET_ROWS = 1_048_575
"""Contacts that a sheet has room for, below its header; those beyond go into a further file."""
MEASURED_ROWS = 500
NARROWEST, WIDEST = 9, 42


def paths_for(path: Path, contacts: int, sheet_rows: int = SHEET_ROWS) -> tuple[Path, ...]:
    """The files that so many contacts take: FILE.xlsx, and FILE-2.xlsx … where one sheet is too short for them."""
    files = 1 if path.suffix.lower() == TEXT else max(1, -(-contacts // sheet_rows))
    return (path, *(path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, files + 1)))


class _File(Protocol):
    """One file in the making."""

    def add(self, cells: Sequence[object]) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class ExportFiles:
    """Writes rows into files, a further one where a sheet is full; nothing is seen before `close`.

    paths: see `paths_for`; of one folder, which is created. title: of the sheet.

    Raises:
        Unusable: the folder cannot be written, or an older file not replaced; any method, if the disk fails.
    """

    def __init__(
        self, paths: Sequence[Path], headers: Sequence[str], title: str, sheet_rows: int = SHEET_ROWS
    ) -> None:
        self._headers, self._title = tuple(headers), title
        self._rows_of_file = sheet_rows if paths[0].suffix.lower() == WORKBOOK else None
        self._drafts = Drafts(paths[0].absolute().parent, tuple(path.name for path in paths), "export")
        self._paths = tuple(paths)
        self._names: Iterator[str] = iter(self._drafts.names)
        self._rows = 0
        with self._drafts.told():
            self._file = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.abandon()
        self._drafts.discard()

    def add(self, cells: Sequence[object]) -> tuple[str, int]:
        """Write a row; returns the name of its file and its number there, as a spreadsheet counts."""
        with self._drafts.told():
            if self._rows == self._rows_of_file:
                self._file.close()
                self._file, self._rows = self._open(), 0
            self._file.add(cells)
            self._rows += 1
        return self._name, self._rows + 1

    def close(self) -> tuple[Path, ...]:
        """Finish the files and put them in their places."""
        with self._drafts.told():
            self._file.close()
        self._drafts.publish()
        return self._paths

    def _open(self) -> _File:
        self._name = next(self._names)
        path = self._drafts.path(self._name)
        if path.suffix.lower() == TEXT:
            return _TextFile(path, self._headers)
        return _Workbook(path, self._headers, self._title)


class _TextFile:
    """UTF-8 with a byte order mark, by which spreadsheet programs know it; commas between."""

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(headers)

    def add(self, cells: Sequence[object]) -> None:
        texts = ("" if cell is None else cell if type(cell) is str else text_of(cell) for cell in cells)
        self._writer.writerow(
            text if "\r" not in text else text.replace("\r\n", "\n").replace("\r", "\n") for text in texts
        )

    def close(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        with suppress(OSError):  # it would write what is left
            self._file.close()


class _Workbook:
    """One sheet, row by row; memory holds one of them."""

    def __init__(self, path: Path, headers: Sequence[str], title: str) -> None:
        # the workbook's writer takes as long to import as the rest of the program
        from importer.writers.quick_rows import QuickRows
        from importer.writers.sheets import open_book, put_text
        from importer.writers.styles import Styles

        self._book = open_book(path, path.parent)
        self._styles = Styles(self._book)
        self._sheet: Worksheet = self._book.add_worksheet(title)
        self._sheet.freeze_panes(1, 2)
        # phones and codes are texts on purpose: no green corners
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._widths = [len(header) + 3 for header in headers]
        self._line = 0
        for position, header in enumerate(headers):
            put_text(self._sheet, 0, position, header, self._styles.file_header, "")
        self._quick = QuickRows(self._sheet, self._styles, len(headers))

    def add(self, cells: Sequence[object]) -> None:
        self._line += 1
        if not self._quick.add(self._line, cells):
            self._add_slowly(cells)
        if self._line <= MEASURED_ROWS:
            for position, cell in enumerate(cells):
                self._widths[position] = max(self._widths[position], len(text_of(cell)) + 1)

    def _add_slowly(self, cells: Sequence[object]) -> None:
        from importer.writers.values import put_value

        for position, cell in enumerate(cells):
            put_value(self._sheet, self._line, position, cell, self._styles, None, "")

    def close(self) -> None:
        from importer.writers.sheets import finish_book

        self._sheet.autofilter(0, 0, self._line, len(self._widths) - 1)
        for position, width in enumerate(self._widths):
            self._sheet.set_column(position, position, min(max(width, NARROWEST), WIDEST))
        finish_book(self._book)

    def abandon(self) -> None:
        from importer.writers.sheets import abandon_book

        abandon_book(self._book)
