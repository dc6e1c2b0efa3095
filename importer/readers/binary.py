"""The binary workbooks (.xls, .xlsb): cells from calamine, overlaid with what only their records tell."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import Unusable
from importer.issues import Issue
from importer.model import ErrorCell, FileInfo
from importer.readers.biff import Encrypted, Look, look_at_xls, look_at_xlsb
from importer.readers.compound import CompoundFile
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.formats import shown_number
from importer.readers.ooxml import Package, unescape
from importer.readers.sheets import RawRow, Source, Span

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_CELLS_MAX = 32_000_000
"""calamine holds a sheet as a full rectangle of some 32 bytes a cell."""


def open_xls(path: Path, compound: CompoundFile, info: FileInfo) -> Source:
    """The sheets of an Excel 97-2003 workbook. Raises Unusable."""
    with whatever_breaks(info):
        try:
            looks = look_at_xls(compound)
        except Encrypted as error:
            raise Unusable.file(Issue.of("file-encrypted"), info) from error
    return _open(path, looks, info)


def open_xlsb(path: Path, package: Package, main: str, info: FileInfo) -> Source:
    """The sheets of an Excel binary workbook. Raises Unusable."""
    with whatever_breaks(info):
        for name in package.names():  # calamine unpacks whole parts, so each is held to the limit
            package.open(name).close()
        looks = look_at_xlsb(package, main)
    return _open(path, looks, info)


def _open(path: Path, looks: dict[str, Look], info: FileInfo) -> Source:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if any(look.bottom * look.right > _CELLS_MAX for look in looks.values()):
        raise Unusable.file(Issue.of("file-too-large", limit=f"{_CELLS_MAX:,} cells"), info)
    with _calamine_breaks(info):
        book = CalamineWorkbook.from_path(path)
        sheets = [
            BinarySheet(
                book, each.name, each.visible == SheetVisibleEnum.Visible, looks.get(each.name, Look()), info
            )
            for each in book.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet
        ]
    if not sheets:
        raise unreadable("no-sheet", info)
    return Source(info, sheets)


@contextmanager
def _calamine_breaks(info: FileInfo) -> Iterator[None]:
    """Tells what calamine raises as an unusable file; its panics are no Exception to Python."""
    from python_calamine import CalamineError, PasswordError

    with whatever_breaks(info):
        try:
            yield
        except PasswordError as error:
            raise Unusable.file(Issue.of("file-encrypted")) from error
        except CalamineError as error:
            raise unreadable("broken") from error
        except BaseException as error:
            if type(error).__name__ == "PanicException":
                raise unreadable("broken") from error
            raise


@dataclass(slots=True)
class BinarySheet:
    """A worksheet of a binary workbook."""

    book: "CalamineWorkbook"
    name: str
    visible: bool
    look: Look
    info: FileInfo
    ragged: bool = False
    _sheet: "CalamineSheet | None" = None

    def rows(self) -> Iterator[RawRow]:
        """See Sheet."""
        sheet, look = self._opened(), self.look
        left = sheet.start[1] if sheet.start else 0
        for index, given in enumerate(sheet.iter_rows()):
            cells: list[object] = [None] * left
            cells.extend(map(_true_value, given))
            for column, said in look.cells.get(index, {}).items():
                cells.extend([None] * (column + 1 - len(cells)))
                if isinstance(said, ErrorCell):
                    cells[column] = said
                elif isinstance(value := cells[column], int) and value >= 0:
                    cells[column] = shown_number(value, said)
            yield RawRow(index + 1, cells, index in look.hidden_rows)

    def spans(self) -> Sequence[Span]:
        """See Sheet."""
        spans = self._opened().merged_cell_ranges or []
        return [Span(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in spans]

    def hidden_columns(self) -> frozenset[int]:
        """See Sheet."""
        return frozenset(self.look.hidden_columns)

    def holds_only(self, columns: frozenset[int]) -> bool:  # noqa: ARG002
        """See Sheet."""
        return False

    def _opened(self) -> "CalamineSheet":
        if self._sheet is None:
            with _calamine_breaks(self.info):
                self._sheet = self.book.get_sheet_by_name(self.name)
        return self._sheet


def _true_value(
    cell: int | float | str | bool | time | date | datetime | timedelta,
) -> object:
    """Whole numbers as int, moments rounded to the second, blanks as None."""
    match cell:
        case str():
            return unescape(cell) or None
        case float() if cell.is_integer() and abs(cell) < 1e21:
            return int(cell)
        case datetime() | time() if cell.microsecond:
            if isinstance(cell, datetime):
                return (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
            whole = datetime.combine(date.min, cell) + timedelta(microseconds=500_000)
            return whole.replace(microsecond=0).time()
        case _:
            return cell
