"""Workbooks of Excel 97-2003 (.xls): the records of BIFF 8 in a compound file."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress

from msgspec import Struct, field

from importer.errors import Unusable
from importer.issues import Issue
from importer.model import FileInfo
from importer.readers.binary import Cell, Styles, error_cell, rows_of, unpack_rk
from importer.readers.compound import CompoundFile
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.formats import format_of
from importer.readers.sheets import CELL_MAX_COLUMN, PlainSheet, RawRow, Source, Span

STREAM = "Workbook"
_BIFF8 = 0x600
_BOF, _EOF, _CONTINUE, _FILEPASS, _DATEMODE = 0x809, 0x0A, 0x3C, 0x2F, 0x22
_BOUNDSHEET, _FORMAT, _XF, _SST = 0x85, 0x41E, 0xE0, 0xFC
_ROW, _COLINFO, _MERGED = 0x208, 0x7D, 0xE5
_NUMBER, _RK, _MULRK, _BOOLERR, _FORMULA, _STRING = 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x207
_LABELSST, _LABEL, _RSTRING = 0xFD, 0x204, 0xD6
_CELLS = frozenset((_LABELSST, _RK, _NUMBER, _BOOLERR, _FORMULA, _LABEL, _RSTRING))
_WORKSHEET = 0

Segments = list[bytes]
"""The body of a record, and of those that continue it."""


def open_xls(compound: CompoundFile, info: FileInfo) -> Source:
    """The sheets of a workbook; macros and charts are left out. Raises Unusable."""
    with whatever_breaks(info):
        book = _read_globals(compound.read(STREAM))
    if not book.places:
        raise unreadable("no-sheet", info)
    sheets = []
    for name, place, visible in book.places:
        sheet = _Worksheet(book, place, info)
        sheets.append(PlainSheet(sheet.rows, name, visible, merged=sheet.spans, hidden=sheet.hidden_columns))
    return Source(info, sheets)


class _Book(Struct):
    """What the sheets share. places: name, offset, visible."""

    stream: bytes
    styles: Styles = field(default_factory=lambda: Styles((), epoch_1904=False))
    texts: Sequence[str] = ()
    places: list[tuple[str, int, bool]] = field(default_factory=list)


def _read_globals(stream: bytes) -> _Book:
    book = _Book(stream)
    codes: dict[int, str] = {}
    numbers: list[int] = []
    epoch_1904 = False
    for kind, segments in _records(stream, 0):
        body = segments[0]
        if kind == _FILEPASS:
            raise Unusable.file(Issue.of("file-encrypted"))
        if kind == _BOUNDSHEET:
            place, hidden, type_ = struct.unpack_from("<IBB", body)
            if type_ == _WORKSHEET:
                book.places.append((_Texts([body], 6).short_text(), place, not hidden & 3))
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _Texts([body], 2).text()
        elif kind == _XF:
            numbers.append(struct.unpack_from("<2xH", body)[0])
        elif kind == _DATEMODE:
            epoch_1904 = body[0] == 1
        elif kind == _SST:
            book.texts = _shared_texts(segments)
    book.styles = Styles([format_of(number, codes.get(number)) for number in numbers], epoch_1904)
    return book


class _Worksheet:
    """The sheet that begins at `place` in the stream."""

    def __init__(self, book: _Book, place: int, info: FileInfo) -> None:
        self._book, self._place, self._info = book, place, info

    def rows(self) -> Iterator[RawRow]:
        hidden: set[int] = set()
        with whatever_breaks(self._info):
            yield from rows_of(self._cells(hidden), hidden)

    def spans(self) -> list[Span]:
        spans = []
        with whatever_breaks(self._info):
            for kind, (body, *_) in _records(self._book.stream, self._place):
                if kind == _MERGED:
                    for at in range(2, len(body) - 7, 8):
                        top, bottom, left, right = struct.unpack_from("<HHHH", body, at)
                        spans.append(Span(top + 1, left, bottom + 1, right))
        return spans

    def hidden_columns(self) -> frozenset[int]:
        hidden: set[int] = set()
        with whatever_breaks(self._info):
            for kind, (body, *_) in _records(self._book.stream, self._place):
                if kind == _COLINFO:
                    first, last, flags = struct.unpack_from("<HH4xH", body)
                    if flags & 1:
                        hidden.update(range(first, min(last + 1, CELL_MAX_COLUMN)))
        return frozenset(hidden)

    def _cells(self, hidden: set[int]) -> Iterator[Cell]:
        """The cells in order; rows join `hidden` before their cells come."""
        waiting: tuple[int, int] | None = None  # a formula whose text is still to come
        for kind, segments in _records(self._book.stream, self._place):
            body = segments[0]
            if kind in _CELLS:
                row, column = struct.unpack_from("<HH", body)
                waiting = row, column
                yield row, column, self._value(kind, body)
            elif kind == _MULRK:
                row, column = struct.unpack_from("<HH", body)
                for at in range(4, len(body) - 7, 6):
                    style, packed = struct.unpack_from("<HI", body, at)
                    yield row, column, self._book.styles.value(unpack_rk(packed), style)
                    column += 1
            elif kind == _STRING and waiting:
                yield *waiting, _Texts(segments, 0).text()
            elif kind == _ROW:
                row, flags = struct.unpack_from("<H10xH", body)
                if flags & 0x20:
                    hidden.add(row)

    def _value(self, kind: int, body: bytes) -> object:
        if kind == _LABELSST:
            return self._book.texts[struct.unpack_from("<I", body, 6)[0]]
        if kind == _RK:
            style, packed = struct.unpack_from("<HI", body, 4)
            return self._book.styles.value(unpack_rk(packed), style)
        if kind == _NUMBER:
            style, number = struct.unpack_from("<Hd", body, 4)
            return self._book.styles.value(number, style)
        if kind == _BOOLERR:
            return error_cell(body[6]) if body[7] else bool(body[6])
        if kind == _FORMULA:
            return _result(body, self._book.styles)
        return _Texts([body], 6).text()


def _result(body: bytes, styles: Styles) -> object:
    """What a formula has come to: a number, a boolean, an error, or an empty text."""
    if body[12:14] != b"\xff\xff":
        style, number = struct.unpack_from("<Hd", body, 4)
        return styles.value(number, style)
    match body[6]:
        case 1:
            return bool(body[8])
        case 2:
            return error_cell(body[8])
        case _:  # a text, which comes in a record of its own, or is empty
            return None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, Segments]]:
    """(kind, body and what continues it) from the beginning of a part to its end; charts within it are left out."""
    depth = 0
    pending: tuple[int, Segments] | None = None
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == _CONTINUE and pending:
            pending[1].append(body)
            continue
        if pending:
            yield pending
            pending = None
        if kind == _BOF:
            depth += 1
            if depth == 1 and struct.unpack_from("<H", body)[0] != _BIFF8:
                raise unreadable("unknown")
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            pending = kind, [body]
    if pending:
        yield pending


class _Texts:
    """Reads texts one after the other; where a record ends, a text goes on in the next one with a new flag."""

    def __init__(self, segments: Segments, at: int) -> None:
        self._segments, self._segment, self._at = segments, 0, at

    def text(self) -> str:
        """A text whose length stands before it in two bytes."""
        return self._rich_text(int.from_bytes(self._take(2), "little"))

    def short_text(self) -> str:
        """A text whose length stands before it in one byte."""
        return self._rich_text(self._take(1)[0])

    def _rich_text(self, count: int) -> str:
        flags = self._take(1)[0]
        runs = int.from_bytes(self._take(2), "little") if flags & 8 else 0
        extra = int.from_bytes(self._take(4), "little") if flags & 4 else 0
        text = self._letters(count, wide=bool(flags & 1))
        self._take(4 * runs + extra)
        return text

    def _letters(self, count: int, *, wide: bool) -> str:
        text = ""
        while True:
            width = 2 if wide else 1
            here = min(count, (len(self._segments[self._segment]) - self._at) // width)
            piece = self._segments[self._segment][self._at : self._at + here * width]
            text += piece.decode("utf-16-le" if wide else "latin-1", "surrogatepass" if wide else "strict")
            self._at += here * width
            count -= here
            if count <= 0 or self._segment + 1 >= len(self._segments):
                return text
            self._segment, self._at = self._segment + 1, 1
            wide = bool(self._segments[self._segment][0] & 1)

    def _take(self, count: int) -> bytes:
        taken = b""
        while True:
            segment = self._segments[self._segment]
            piece = segment[self._at : self._at + count - len(taken)]
            taken += piece
            self._at += len(piece)
            if len(taken) == count:
                return taken
            self._segment, self._at = self._segment + 1, 0  # IndexError where there is no more


def _shared_texts(segments: Segments) -> list[str]:
    (count,) = struct.unpack_from("<4xI", segments[0])
    reading = _Texts(segments, 8)
    texts: list[str] = []
    with suppress(IndexError):  # fewer than declared: the cells that need the others will tell
        texts.extend(reading.text() for _ in range(count))
    return texts
