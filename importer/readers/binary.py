"""What the two binary workbook formats (.xls, .xlsb) have in common: codes of errors, packed numbers, rows.

Why not calamine: it gives error cells as blanks and tells neither number formats nor hidden rows, so that the
records must be read anyway; it holds a sheet as a full rectangle; and it panics, aloud, on damaged files.
"""

import struct
from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec import Struct

from importer.model import ErrorCell
from importer.readers.formats import PLAIN, NumberFormat
from importer.readers.sheets import CELL_MAX_COLUMN, RawRow
from importer.readers.values import under_format, whole

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
           0x2A: "#N/A", 0x2B: "#GETTING_DATA"}  # fmt: skip

Cell = tuple[int, int, object]
"""Row and column, both from 0, and the value."""


class Styles(Struct, frozen=True):
    """The number format of each cell style, and from when days are counted."""

    formats: Sequence[NumberFormat]
    epoch_1904: bool

    def value(self, number: float, style: int) -> object:
        """What a number is in a cell of this style."""
        kind = self.formats[style] if style < len(self.formats) else PLAIN
        return under_format(whole(number), kind, epoch_1904=self.epoch_1904)


def error_cell(code: int) -> ErrorCell:
    """The error of this code."""
    return ErrorCell(_ERRORS.get(code, "#N/A"))


def unpack_rk(packed: int) -> float:
    """A number in 30 bits: whole or the upper half of a double, as it is or times a hundred."""
    if packed & 2:
        number: float = (packed >> 2) - (1 << 30 if packed & 0x80000000 else 0)
    else:
        (number,) = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))
    return number / 100 if packed & 1 else number


def rows_of(cells: Iterable[Cell], hidden: Container[int]) -> Iterator[RawRow]:
    """The cells as rows; `hidden` may still grow while they are read."""
    row, line = -1, list[object]()
    for at, column, value in cells:
        if at != row:
            if line:
                yield RawRow(row + 1, line, row in hidden)
            row, line = at, []
        if column < CELL_MAX_COLUMN:
            line.extend([None] * (column + 1 - len(line)))
            line[column] = value
    if line:
        yield RawRow(row + 1, line, row in hidden)
