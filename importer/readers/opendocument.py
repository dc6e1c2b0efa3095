"""OpenDocument spreadsheets (.ods, and .fods in one XML file), read like the Open XML ones in one pass.

calamine would unpack repeated cells and rows into memory, and tells neither errors nor what is hidden.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import IO

from importer.model import ErrorCell, FileInfo, ShownNumber, UncalculatedCell
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.safexml import TEXT_MAX, parser, run
from importer.readers.sheets import CELL_MAX_COLUMN, PlainSheet, RawRow, Source, Span
from importer.readers.values import exact_number, iso_moment

MIME = b"application/vnd.oasis.opendocument.spreadsheet"

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE, _NUMBER = (
    f"{_OASIS}{name}:1.0 " for name in ("table", "office", "text", "style", "datastyle")
)
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_SPAN = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_DAY = timedelta(days=1)
_MERGES_MAX = 10_000
_HEAD_ROWS = 200

Open = Callable[[], AbstractContextManager[IO[bytes]]]


def open_document(content: Open, info: FileInfo, styles: Open | None = None) -> Source:
    """The sheets of a document whose content (content.xml) `content` opens. Raises Unusable.

    styles: opens the part with the styles (styles.xml), where they are not in the content.
    """
    with whatever_breaks(info):
        found = _find_tables(content)
        shared = _read_styles(styles) if found and styles else _Styles()
    if not found:
        raise unreadable("no-sheet", info)
    sheets = []
    for number, (name, visible) in enumerate(found):
        table = _Table(content, number, info, shared)
        sheets.append(PlainSheet(table.rows, name, visible, merged=table.spans, hidden=table.hidden_columns))
    return Source(info, sheets)


def _find_tables(content: Open) -> list[tuple[str, bool]]:
    """The name of every table, and whether it is visible."""
    found: list[tuple[str, bool]] = []
    hidden_styles: set[str] = set()
    style, depth = "", 0
    made = parser(namespaces=True)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal style, depth
        if tag == f"{_STYLE}style":
            style = attributes.get(f"{_STYLE}name", "")
        elif tag == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            hidden_styles.add(style)
        elif tag == f"{_TABLE}table":
            depth += 1
            if depth == 1:
                visible = attributes.get(f"{_TABLE}style-name") not in hidden_styles
                found.append((attributes.get(f"{_TABLE}name", ""), visible))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= tag == f"{_TABLE}table"

    made.StartElementHandler, made.EndElementHandler = start, end
    with content() as stream:
        for _ in run(made, stream, []):
            pass
    return found


class _Styles:
    """Which styles of cells fill a number up with zeros, by themselves or by the style that they are made of."""

    def __init__(self, known: "_Styles | None" = None) -> None:
        """known: styles that may be referred to."""
        self._data_style = ""
        self.data: set[str] = set(known.data) if known else set()  # styles of numbers that do
        self.cells: set[str] = set(known.cells) if known else set()  # styles of cells that have one of those

    def note(self, space: str, name: str, attributes: dict[str, str]) -> None:
        """Look at the start of an element."""
        if space == _NUMBER and name.endswith("-style"):
            self._data_style = attributes.get(f"{_STYLE}name", "")
        elif space == _NUMBER and name == "number":
            if int(attributes.get(f"{_NUMBER}min-integer-digits", 1)) > 1:
                self.data.add(self._data_style)
        elif space == _STYLE and name == "style":
            data, parent = (attributes.get(f"{_STYLE}{which}-style-name") for which in ("data", "parent"))
            if data in self.data if data else parent in self.cells:
                self.cells.add(attributes.get(f"{_STYLE}name", ""))

    def __contains__(self, style: str | None) -> bool:
        return style in self.cells


def _read_styles(styles: Open) -> _Styles:
    found, made = _Styles(), parser(namespaces=True)

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        found.note(f"{space} ", name, attributes)

    made.StartElementHandler = start
    with styles() as stream:
        for _ in run(made, stream, []):
            pass
    return found


class _Table:
    """The table of this number in a document, counted from 0."""

    def __init__(self, content: Open, number: int, info: FileInfo, shared: _Styles) -> None:
        self._content, self._number, self._info, self._shared = content, number, info, shared
        self._head: _Reading | None = None

    def rows(self) -> Iterator[RawRow]:
        with whatever_breaks(self._info), self._content() as stream:
            reading = _Reading(self._number, self._shared)
            for row, times in run(reading.parser, stream, reading.done):
                if row is None:
                    return
                yield row
                for number in range(row.number + 1, row.number + times):
                    yield row._replace(number=number)

    def spans(self) -> list[Span]:
        return self._top().spans

    def hidden_columns(self) -> frozenset[int]:
        return frozenset(self._top().hidden)

    def _top(self) -> "_Reading":
        if self._head is None:
            self._head = _Reading(self._number, self._shared)
            with whatever_breaks(self._info), self._content() as stream:
                for row, _ in run(self._head.parser, stream, self._head.done):
                    if row is None or row.number > _HEAD_ROWS:
                        break
        return self._head


class _Reading:
    """One pass over a table: what `parser` is fed with becomes (row, times) in `done`; (None, 0) at its end."""

    def __init__(self, number: int, shared: _Styles) -> None:
        self.done: list[tuple[RawRow | None, int]] = []
        self.spans: list[Span] = []
        self.hidden: set[int] = set()
        self.parser = parser(namespaces=True)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self._wanted, self._tables, self._depth = number, -1, 0
        self._row, self._column = 0, 0
        self._cells: list[object] = []
        self._row_attributes: dict[str, str] = {}
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._size = 0
        self._in_cell = self._in_paragraph = self._aside = 0
        self._said_anything = False  # whether the cell has a paragraph, be it empty
        self._zero_styles = _Styles(shared)
        self._column_styles: list[
            tuple[int, str]
        ] = []  # of cells that name none: up to which column, and which

    @property
    def _active(self) -> bool:
        return self._depth == 1 and self._tables == self._wanted

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        space += " "
        if self._in_cell:
            self._start_in_cell(space, name, attributes)
        elif space == _TABLE:
            if name == "table":
                self._depth += 1
                self._tables += self._depth == 1
            elif self._active:
                self._start_in_table(name, attributes)
        elif self._tables < 0:
            self._zero_styles.note(space, name, attributes)

    def _start_in_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table-row":
            self._row_attributes, self._cells, self._column = attributes, [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._size, self._in_cell = attributes, [], 0, 1
            self._said_anything = False
        elif name == "table-column":
            times = _times(attributes, "columns")
            if attributes.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                self.hidden.update(range(self._column, min(self._column + times, CELL_MAX_COLUMN)))
            self._column += times
            self._column_styles.append((self._column, attributes.get(f"{_TABLE}default-cell-style-name", "")))

    def _start_in_cell(self, space: str, name: str, attributes: dict[str, str]) -> None:
        self._in_cell += 1
        if self._aside or (space == _OFFICE and name == "annotation") or space == _TABLE:
            self._aside += 1  # notes, and tables within the cell
        elif space == _TEXT:
            if name == "p":
                if self._in_paragraph == 0 and self._text:
                    self._say("\n")
                self._in_paragraph += 1
                self._said_anything = True
            elif name == "s":
                self._say(" " * min(int(attributes.get(f"{_TEXT}c", 1)), 1000))
            elif name == "tab":
                self._say("\t")
            elif name == "line-break":
                self._say("\n")

    def _end(self, tag: str) -> None:
        if self._in_cell > 1:
            self._in_cell -= 1
            if self._aside:
                self._aside -= 1
            elif tag == f"{_TEXT}p":
                self._in_paragraph -= 1
        elif self._in_cell:
            self._in_cell = 0
            self._put_cell()
        elif tag == f"{_TABLE}table-row" and self._active:
            self._put_row()
        elif tag == f"{_TABLE}table":
            if self._active:
                self.done.append((None, 0))
            self._depth -= 1

    def _data(self, piece: str) -> None:
        if self._in_paragraph and not self._aside:
            self._say(piece)

    def _say(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > TEXT_MAX:
            raise unreadable("broken")
        self._text.append(piece)

    def _put_cell(self) -> None:
        value = self._value()
        first, times = self._column, _times(self._cell, "columns")
        self._column += times
        if value is None or first >= CELL_MAX_COLUMN:
            return
        spanned = (self._cell.get(f"{_TABLE}number-{what}-spanned", 1) for what in ("columns", "rows"))
        across, down = map(int, spanned)
        if (across > 1 or down > 1) and len(self.spans) < _MERGES_MAX:
            self.spans.append(Span(self._row + 1, first, self._row + down, first + across - 1))
        self._cells.extend([None] * (first - len(self._cells)))
        self._cells.extend([value] * min(times, CELL_MAX_COLUMN - first))

    def _put_row(self) -> None:
        times = _times(self._row_attributes, "rows")
        if self._cells:
            hidden = self._row_attributes.get(f"{_TABLE}visibility") in ("collapse", "filter")
            self.done.append((RawRow(self._row + 1, self._cells, hidden), times))
        self._row += times

    def _style(self) -> str:
        """The style of the cell: its own, else that of its row, else that of its column."""
        default = f"{_TABLE}default-cell-style-name"
        own = self._cell.get(f"{_TABLE}style-name") or self._row_attributes.get(default)
        return own or next((style for end, style in self._column_styles if self._column < end), "")

    def _value(self) -> object:
        """What the cell holds; None if it is blank."""
        given, text = self._cell, "".join(self._text)
        if given.get(f"{_CALC}value-type") == "error":
            return ErrorCell(text.strip() or "#N/A")
        match given.get(f"{_OFFICE}value-type"):
            case "float" | "percentage" | "currency":
                number = exact_number(given[f"{_OFFICE}value"])
                if number in (0, 1) and text.strip().casefold() in _TRUTHS:
                    return number == 1  # so LibreOffice writes what an Excel file has as a yes or no
                return _shown(number, text) if self._style() in self._zero_styles else number
            case "date":
                return iso_moment(given[f"{_OFFICE}date-value"])
            case "time":
                return _span(given[f"{_OFFICE}time-value"])
            case "boolean":
                return given[f"{_OFFICE}boolean-value"] == "true"
            case "string":
                return text or given.get(f"{_OFFICE}string-value") or None
            case _:
                if f"{_TABLE}formula" in given and not self._said_anything:
                    return UncalculatedCell(given[f"{_TABLE}formula"][:1000])
                return text or None


_TRUTHS = frozenset(("true", "false", "verdadeiro", "falso", "verdadero", "vrai", "faux"))


def _times(attributes: dict[str, str], what: str) -> int:
    return max(int(attributes.get(f"{_TABLE}number-{what}-repeated", 1)), 1)


def _shown(number: int | float, text: str) -> int | float | ShownNumber:
    """The document holds what is shown: an identifier if it has the number's digits after zeros, and no sign."""
    digits = "".join(char for char in text if char.isdigit())
    same = isinstance(number, int) and digits.isascii() and digits.lstrip("0") == str(number or "")
    signs = set(text) & {".", ","}
    return ShownNumber(number, text.strip()) if same and not signs and text.strip() != str(number) else number


def _span(text: str) -> time | timedelta | str:
    """PT13H18M00S: a time below one day, else a span."""
    found = _SPAN.fullmatch(text)
    if not found:
        return text
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    length = timedelta(days=days, seconds=round(hours * 3600 + minutes * 60 + seconds))
    return (datetime.combine(date.min, time()) + length).time() if length < _DAY else length
