"""A narrow look at the records of .xls and .xlsb files: errors, formats of zeros, hidden rows and columns."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from importer.model import ErrorCell
from importer.readers.compound import CompoundFile
from importer.readers.formats import NumberFormat, format_of
from importer.readers.ooxml import Package
from importer.readers.sheets import CELL_MAX_COLUMN

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
           0x2A: "#N/A", 0x2B: "#GETTING_DATA"}  # fmt: skip
_RECORD_MAX = 2**24


@dataclass(slots=True)
class Look:
    """What the records of a sheet tell besides its cells; rows and columns count from 0.

    cells: row → column → the error it shows, or the format that a number is shown under.
    bottom, right: one more than the last row and column that have a cell.
    """

    cells: dict[int, dict[int, ErrorCell | NumberFormat]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    bottom: int = 0
    right: int = 0

    def reach(self, row: int, column: int) -> None:
        """A cell lies here."""
        self.bottom, self.right = max(self.bottom, row + 1), max(self.right, column + 1)

    def error(self, row: int, column: int, code: int) -> None:
        """A cell shows an error."""
        self.cells.setdefault(row, {})[column] = ErrorCell(_ERRORS.get(code, "#N/A"))

    def number(self, row: int, column: int, style: int, formats: list[NumberFormat]) -> None:
        """A cell holds a number of this style."""
        if style < len(formats) and formats[style].masks:
            self.cells.setdefault(row, {})[column] = formats[style]

    def hide_columns(self, first: int, last: int) -> None:
        """Columns are hidden."""
        self.hidden_columns.update(range(first, min(last + 1, CELL_MAX_COLUMN)))


# ------------------------------------------------------------------------------------------------- .xls

_BOF, _EOF, _FILEPASS, _SHEET, _FORMAT, _XF = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0
_ROW, _COLINFO, _BOOLERR, _FORMULA, _NUMBER, _RK, _MULRK = 0x208, 0x7D, 0x205, 0x06, 0x203, 0x27E, 0xBD
_OTHER_CELLS = (0xFD, 0x204, 0x201, 0xD6)  # shared text, text, blank, rich text
_BIFF8 = 0x600


class Encrypted(Exception):
    """The workbook asks for a password."""


def look_at_xls(compound: CompoundFile) -> dict[str, Look]:
    """What each sheet of a BIFF 8 workbook tells, by name; nothing of older ones.

    Raises Encrypted, struct.error, LookupError.
    """
    if "Workbook" not in compound:
        return {}
    stream = compound.read("Workbook")
    codes: dict[int, str] = {}
    styles: list[int] = []
    places: list[tuple[str, int]] = []
    for kind, body in _xls_records(stream, 0):
        if kind == _FILEPASS:
            raise Encrypted
        if kind == _SHEET and len(body) >= 8:
            places.append((_xls_text(body, 6, 1), struct.unpack_from("<I", body)[0]))
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _xls_text(body, 2, 2)
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
    formats = [format_of(number, codes.get(number)) for number in styles]
    return {name: _look_at_xls_sheet(stream, place, formats) for name, place in places}


def _look_at_xls_sheet(stream: bytes, place: int, formats: list[NumberFormat]) -> Look:
    look = Look()
    for kind, body in _xls_records(stream, place):
        if kind == _ROW:
            row, flags = struct.unpack_from("<H10xH", body)
            if flags & 0x20:
                look.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, flags = struct.unpack_from("<HH4xH", body)
            if flags & 1:
                look.hide_columns(first, last)
        elif kind in (_BOOLERR, _FORMULA, _NUMBER, _RK, _MULRK) or kind in _OTHER_CELLS:
            _look_at_xls_cell(look, kind, body, formats)
    return look


def _look_at_xls_cell(look: Look, kind: int, body: bytes, formats: list[NumberFormat]) -> None:
    row, column, style = struct.unpack_from("<HHH", body)
    look.reach(row, column)
    if kind == _BOOLERR:
        if body[7]:
            look.error(row, column, body[6])
    elif kind == _MULRK:
        for at in range(4, len(body) - 7, 6):
            (style,) = struct.unpack_from("<H", body, at)
            look.number(row, column, style, formats)
            look.reach(row, column)
            column += 1
    elif kind == _FORMULA and body[12:14] == b"\xff\xff":
        if body[6] == 2:  # the result is an error, not a text, a boolean or nothing
            look.error(row, column, body[8])
    elif kind not in _OTHER_CELLS:
        look.number(row, column, style, formats)


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(kind, body) from a beginning of a part to its end; parts within it (charts) are left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == _BOF:
            depth += 1
            if depth == 1 and struct.unpack_from("<H", body)[0] != _BIFF8:
                return
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body


def _xls_text(body: bytes, at: int, size_bytes: int) -> str:
    """A text with its length (in one or two bytes) and a flag before it: UTF-16, or the lower bytes of it."""
    count = int.from_bytes(body[at : at + size_bytes], "little")
    begin = at + size_bytes + 1
    if body[begin - 1] & 1:
        return body[begin : begin + 2 * count].decode("utf-16-le", "replace")
    return body[begin : begin + count].decode("latin-1")


# ------------------------------------------------------------------------------------------------ .xlsb

_B_ROW, _B_RK, _B_ERROR, _B_REAL, _B_F_NUMBER, _B_F_ERROR = 0, 2, 3, 5, 9, 11
_B_CELLS = range(1, 12)
_B_COLINFO, _B_SHEET, _B_FORMAT, _B_XF, _B_CELL_XFS, _B_CELL_XFS_END = 60, 156, 44, 47, 617, 618


def look_at_xlsb(package: Package, main: str) -> dict[str, Look]:
    """What each sheet of a binary workbook tells, by name. Raises Unusable and as struct."""
    related = package.targets(main)
    formats: list[NumberFormat] = []
    styles = dict(related.values()).get("styles")
    if styles and styles in package:
        with package.open(styles) as stream:
            formats = _xlsb_formats(stream)
    looks = {}
    with package.open(main) as stream:
        sheets = [body for kind, body in _xlsb_records(stream) if kind == _B_SHEET]
    for body in sheets:
        relation, at = _xlsb_text(body, 8)
        name, _ = _xlsb_text(body, at)
        kind, part = related.get(relation, ("", ""))
        if kind == "worksheet" and part in package:
            with package.open(part) as stream:
                looks[name] = _look_at_xlsb_sheet(stream, formats)
    return looks


def _xlsb_formats(stream: IO[bytes]) -> list[NumberFormat]:
    codes: dict[int, str] = {}
    formats: list[NumberFormat] = []
    of_cells = False
    for kind, body in _xlsb_records(stream):
        if kind == _B_FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _xlsb_text(body, 2)[0]
        elif kind in (_B_CELL_XFS, _B_CELL_XFS_END):
            of_cells = kind == _B_CELL_XFS
        elif kind == _B_XF and of_cells:
            (number,) = struct.unpack_from("<2xH", body)
            formats.append(format_of(number, codes.get(number)))
    return formats


def _look_at_xlsb_sheet(stream: IO[bytes], formats: list[NumberFormat]) -> Look:
    look, row = Look(), 0
    for kind, body in _xlsb_records(stream):
        if kind == _B_ROW:
            (row,) = struct.unpack_from("<I", body)
            if body[11] & 0x10:
                look.hidden_rows.add(row)
        elif kind in _B_CELLS:
            column, style = struct.unpack_from("<II", body)
            style &= 0xFFFFFF  # the last byte is a flag
            if kind != 1:  # a blank with a style
                look.reach(row, column)
            if kind in (_B_ERROR, _B_F_ERROR):
                look.error(row, column, body[8])
            elif kind in (_B_RK, _B_REAL, _B_F_NUMBER):
                look.number(row, column, style, formats)
        elif kind == _B_COLINFO:
            first, last, flags = struct.unpack_from("<II8xH", body)
            if flags & 1:
                look.hide_columns(first, last)
    return look


def _xlsb_records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of every record; kind and size are numbers of 7 bits a byte."""
    while (kind := _variable(stream, 2)) is not None:
        size = _variable(stream, 4)
        if size is None or size > _RECORD_MAX:
            return
        yield kind, stream.read(size)


def _variable(stream: IO[bytes], most: int) -> int | None:
    value = 0
    for place in range(most):
        byte = stream.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << (7 * place)
        if not byte[0] & 0x80:
            break
    return value


def _xlsb_text(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    (count,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * count
    return body[at + 4 : end].decode("utf-16-le", "replace"), end
