"""Excel binary workbooks (.xlsb): the parts of an Open XML file, with records in place of XML."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import IO

from importer.model import FileInfo
from importer.readers.binary import Cell, Styles, error_cell, rows_of, unpack_rk
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.formats import NumberFormat, format_of
from importer.readers.package import Package, SharedTexts
from importer.readers.sheets import CELL_MAX_COLUMN, PlainSheet, RawRow, Source, Span
from importer.readers.values import unescape


class _Kind(IntEnum):
    """Records of a sheet, of its styles, texts and workbook ([MS-XLSB] 2.3)."""

    ROW = 0
    RK = 2
    ERROR = 3
    BOOL = 4
    REAL = 5
    TEXT = 6
    SHARED = 7
    FORMULA_TEXT = 8
    FORMULA_REAL = 9
    FORMULA_BOOL = 10
    FORMULA_ERROR = 11
    SHARED_TEXT = 19
    FORMAT = 44
    XF = 47
    COLUMN = 60
    RICH_TEXT = 62
    BOOK = 153
    SHEET = 156
    MERGED = 176
    CELL_XFS = 617
    CELL_XFS_END = 618


_CELLS = frozenset((*range(_Kind.RK, _Kind.FORMULA_ERROR + 1), _Kind.RICH_TEXT))
_CHUNK = 1 << 18
_RECORD_MAX = 1 << 24


def open_xlsb(package: Package, main: str, info: FileInfo) -> Source:
    """The sheets of a binary workbook; macros and charts are left out. Raises Unusable."""
    with whatever_breaks(info):
        related = package.targets(main)
        by_type = dict(related.values())
        epoch_1904, listed = False, []
        with package.open(main) as stream:
            for kind, body in _records(stream):
                if kind == _Kind.BOOK:
                    epoch_1904 = bool(body[0] & 1)
                elif kind == _Kind.SHEET:
                    listed.append(body)
        book = _Book(package, by_type.get("styles"), by_type.get("sharedStrings"), epoch_1904, info)
        sheets = []
        for body in listed:
            (hidden,) = struct.unpack_from("<I", body)
            relation, at = _text(body, 8)
            name, _ = _text(body, at)
            kind_of_part, part = related.get(relation, ("", ""))
            if kind_of_part == "worksheet" and part in package:
                sheet = _Worksheet(book, part)
                sheets.append(
                    PlainSheet(sheet.rows, name, not hidden, merged=sheet.spans, hidden=sheet.hidden_columns)
                )
        if not sheets:
            raise unreadable("no-sheet")
        return Source(info, sheets)


class _Book:
    """What the sheets share: styles, and texts once they are needed."""

    def __init__(
        self, package: Package, styles: str | None, texts: str | None, epoch_1904: bool, info: FileInfo
    ) -> None:
        self.package, self.info = package, info
        formats: list[NumberFormat] = []
        if styles and styles in package:
            with package.open(styles) as stream:
                formats = _read_formats(stream)
        self.styles = Styles(formats, epoch_1904)
        self._texts_part = texts
        self._texts: SharedTexts | None = None

    @property
    def texts(self) -> SharedTexts:
        """The table of shared texts."""
        if self._texts is None:
            self._texts = SharedTexts()
            if self._texts_part and self._texts_part in self.package:
                with self.package.open(self._texts_part) as stream:
                    for kind, body in _records(stream):
                        if kind == _Kind.SHARED_TEXT:
                            self._texts.append(unescape(_text(body, 1)[0]))
        return self._texts


class _Worksheet:
    """The sheet in this part."""

    def __init__(self, book: _Book, part: str) -> None:
        self._book, self._part = book, part

    def rows(self) -> Iterator[RawRow]:
        hidden: set[int] = set()
        with whatever_breaks(self._book.info), self._book.package.open(self._part) as stream:
            yield from rows_of(self._cells(stream, hidden), hidden)

    def spans(self) -> list[Span]:
        spans = []
        for body in self._bodies(_Kind.MERGED):
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            spans.append(Span(top + 1, left, bottom + 1, right))
        return spans

    def hidden_columns(self) -> frozenset[int]:
        hidden: set[int] = set()
        for body in self._bodies(_Kind.COLUMN):
            first, last, flags = struct.unpack_from("<II8xH", body)
            if flags & 1:
                hidden.update(range(first, min(last + 1, CELL_MAX_COLUMN)))
        return frozenset(hidden)

    def _bodies(self, wanted: int) -> Iterator[bytes]:
        with whatever_breaks(self._book.info), self._book.package.open(self._part) as stream:
            yield from (body for kind, body in _records(stream) if kind == wanted)

    def _cells(self, stream: IO[bytes], hidden: set[int]) -> Iterator[Cell]:
        """The cells in order; rows join `hidden` before their cells come."""
        row = 0
        for kind, body in _records(stream):
            if kind == _Kind.ROW:
                (row,) = struct.unpack_from("<I", body)
                if body[11] & 0x10:
                    hidden.add(row)
            elif kind in _CELLS:
                yield row, struct.unpack_from("<I", body)[0], self._value(kind, body)

    def _value(self, kind: int, body: bytes) -> object:
        style = int.from_bytes(body[4:7], "little")
        match kind:
            case _Kind.SHARED:
                return self._book.texts[struct.unpack_from("<I", body, 8)[0]]
            case _Kind.RK:
                return self._book.styles.value(unpack_rk(struct.unpack_from("<I", body, 8)[0]), style)
            case _Kind.REAL | _Kind.FORMULA_REAL:
                return self._book.styles.value(struct.unpack_from("<d", body, 8)[0], style)
            case _Kind.TEXT | _Kind.FORMULA_TEXT:
                return unescape(_text(body, 8)[0])
            case _Kind.RICH_TEXT:
                return unescape(_text(body, 9)[0])
            case _Kind.BOOL | _Kind.FORMULA_BOOL:
                return bool(body[8])
            case _:
                return error_cell(body[8])


def _read_formats(stream: IO[bytes]) -> list[NumberFormat]:
    codes: dict[int, str] = {}
    formats: list[NumberFormat] = []
    of_cells = False
    for kind, body in _records(stream):
        if kind == _Kind.FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif kind in (_Kind.CELL_XFS, _Kind.CELL_XFS_END):
            of_cells = kind == _Kind.CELL_XFS
        elif kind == _Kind.XF and of_cells:
            (number,) = struct.unpack_from("<2xH", body)
            formats.append(format_of(number, codes.get(number)))
    return formats


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of every record; kind and size are numbers of 7 bits a byte, the eighth says that one follows."""
    held, at = b"", 0
    while True:
        if len(held) - at < 6:
            held, at = held[at:] + stream.read(_CHUNK), 0
            if len(held) < 2:
                return
        kind, at = _variable(held, at, 2)
        size, at = _variable(held, at, 4)
        if size > _RECORD_MAX:
            raise ValueError(size)
        if len(held) - at < size:
            held, at = held[at:] + stream.read(max(_CHUNK, size)), 0
        yield kind, held[at : at + size]
        at += size


def _variable(held: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        byte = held[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return value, at


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    (count,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * count
    return body[at + 4 : end].decode("utf-16-le", "surrogatepass"), end
