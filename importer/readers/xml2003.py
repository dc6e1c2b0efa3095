"""XML Spreadsheet 2003: one XML file, mostly met under the name .xls."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO

from importer.model import ErrorCell, FileInfo, UncalculatedCell
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.formats import PLAIN, NumberFormat, format_of_code
from importer.readers.safexml import TEXT_MAX, parser, run
from importer.readers.sheets import CELL_MAX_COLUMN, PlainSheet, RawRow, Source, Span
from importer.readers.values import exact_number, iso_moment, under_format

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"

_SS = f"{NAMESPACE} "
_X = "urn:schemas-microsoft-com:office:excel "
_NAMED = {"short date": "dd/mm/yyyy", "medium date": "dd-mmm-yy", "long date": "dddd, d mmmm yyyy",
          "general date": "dd/mm/yyyy hh:mm", "short time": "hh:mm", "medium time": "hh:mm",
          "long time": "hh:mm:ss"}  # fmt: skip
_MERGES_MAX = 10_000
_HEAD_ROWS = 200

Open = Callable[[], AbstractContextManager[IO[bytes]]]


def open_spreadsheet(content: Open, info: FileInfo) -> Source:
    """The sheets of the file that `content` opens; its encoding joins `info`. Raises Unusable."""
    found: list[list[object]] = []  # name, visible
    encoding = "utf-8"
    path: list[str] = []
    made = parser(namespaces=True)

    def declaration(_: str, declared: str | None, __: int) -> None:
        nonlocal encoding
        encoding = (declared or "utf-8").lower()

    def start(tag: str, attributes: dict[str, str]) -> None:
        path.append(tag)
        if tag == f"{_SS}Worksheet":
            found.append([attributes.get(f"{_SS}Name", ""), True])

    def data(piece: str) -> None:
        if (
            path
            and path[-1] == f"{_X}Visible"
            and found
            and piece.strip() in ("SheetHidden", "SheetVeryHidden")
        ):
            found[-1][1] = False

    made.XmlDeclHandler, made.CharacterDataHandler = declaration, data
    made.StartElementHandler, made.EndElementHandler = start, lambda _: path.pop()
    with whatever_breaks(info), content() as stream:
        for _ in run(made, stream, []):
            pass
    if not found:
        raise unreadable("no-sheet", info)
    sheets = []
    for number, (name, visible) in enumerate(found):
        table = _Table(content, number, info)
        sheets.append(
            PlainSheet(table.rows, str(name), bool(visible), merged=table.spans, hidden=table.hidden_columns)
        )
    return Source(info, sheets).but(encoding=encoding)


class _Table:
    """The worksheet of this number, counted from 0."""

    def __init__(self, content: Open, number: int, info: FileInfo) -> None:
        self._content, self._number, self._info = content, number, info
        self._head: _Reading | None = None

    def rows(self) -> Iterator[RawRow]:
        with whatever_breaks(self._info), self._content() as stream:
            reading = _Reading(self._number)
            for row in run(reading.parser, stream, reading.done):
                if row is None:
                    return
                yield row

    def spans(self) -> list[Span]:
        return self._top().spans

    def hidden_columns(self) -> frozenset[int]:
        return frozenset(self._top().hidden)

    def _top(self) -> "_Reading":
        if self._head is None:
            self._head = _Reading(self._number)
            with whatever_breaks(self._info), self._content() as stream:
                for row in run(self._head.parser, stream, self._head.done):
                    if row is None or row.number > _HEAD_ROWS:
                        break
        return self._head


class _Reading:
    """One pass over a worksheet: what `parser` is fed with becomes rows in `done`; None at its end."""

    def __init__(self, number: int) -> None:
        self.done: list[RawRow | None] = []
        self.spans: list[Span] = []
        self.hidden: set[int] = set()
        self.parser = parser(namespaces=True)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self._wanted, self._sheet = number, -1
        self._row, self._column, self._table_column = 0, 0, 0
        self._row_hidden, self._span = False, 0
        self._cells: list[object] = []
        self._cell: dict[str, str] = {}
        self._kind: str | None = None  # of the data; None while there is none
        self._text: list[str] = []
        self._size = 0
        self._in_data = self._aside = 0
        self._style = ""
        self._formats: dict[str, NumberFormat] = {}

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.removeprefix(_SS)
        if self._in_data or self._aside:
            self._in_data += bool(self._in_data)
            self._aside += bool(self._aside)
        elif name == "Worksheet":
            self._sheet += 1
        elif name == "Style":
            self._style = attributes.get(f"{_SS}ID", "")
        elif name == "NumberFormat":
            code = attributes.get(f"{_SS}Format", "")
            self._formats[self._style] = format_of_code(_NAMED.get(code.lower(), code))
        elif self._sheet == self._wanted:
            self._start_in_sheet(name, attributes)

    def _start_in_sheet(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Row":
            self._row = int(attributes.get(f"{_SS}Index", self._row + 1))
            self._row_hidden = attributes.get(f"{_SS}Hidden") == "1"
            self._cells, self._column = [], 0
            self._span = int(attributes.get(f"{_SS}Span", 0))
        elif name == "Cell":
            self._column = int(attributes.get(f"{_SS}Index", self._column + 1))
            if not 0 < self._column <= CELL_MAX_COLUMN:
                raise ValueError(self._column)
            self._cell, self._kind, self._text, self._size = attributes, None, [], 0
        elif name == "Data":
            self._kind, self._in_data = attributes.get(f"{_SS}Type", "String"), 1
        elif name in ("Comment", "PhoneticText"):
            self._aside = 1
        elif name == "Column":
            first = int(attributes.get(f"{_SS}Index", self._table_column + 1))
            self._table_column = first + int(attributes.get(f"{_SS}Span", 0))
            if attributes.get(f"{_SS}Hidden") == "1":
                self.hidden.update(range(first - 1, min(self._table_column, CELL_MAX_COLUMN)))

    def _end(self, tag: str) -> None:
        if self._in_data or self._aside:
            self._in_data -= bool(self._in_data)
            self._aside -= bool(self._aside)
            return
        if self._sheet != self._wanted:
            return
        match tag.removeprefix(_SS):
            case "Cell":
                self._put_cell()
            case "Row":
                self.done.append(RawRow(self._row, self._cells, self._row_hidden))
                self._row += self._span
            case "Table":
                self.done.append(None)

    def _data(self, piece: str) -> None:
        if self._in_data and not self._aside:
            self._size += len(piece)
            if self._size > TEXT_MAX:
                raise unreadable("broken")
            self._text.append(piece)

    def _put_cell(self) -> None:
        across, down = (int(self._cell.get(f"{_SS}Merge{way}", 0)) for way in ("Across", "Down"))
        if (across or down) and len(self.spans) < _MERGES_MAX:
            left = self._column - 1
            self.spans.append(Span(self._row, left, self._row + down, left + across))
        value = self._value()
        if value is not None:
            self._cells.extend([None] * (self._column - 1 - len(self._cells)))
            self._cells.append(value)
        self._column += across

    def _value(self) -> object:
        text = "".join(self._text)
        if not text:
            uncalculated = self._kind is None and f"{_SS}Formula" in self._cell
            return UncalculatedCell(self._cell[f"{_SS}Formula"][:1000]) if uncalculated else None
        match self._kind:
            case "Number":
                number = exact_number(text)
                kind = self._formats.get(self._cell.get(f"{_SS}StyleID", ""), PLAIN)
                return number if kind.plain else under_format(number, kind, epoch_1904=False)
            case "DateTime":
                return iso_moment(text)
            case "Boolean":
                return text.strip() == "1"
            case "Error":
                return ErrorCell(text)
            case _:
                return text
