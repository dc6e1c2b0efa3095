"""HTML tables, as many web systems export them under the name .xls."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import islice

from importer.model import FileInfo
from importer.readers.damage import whatever_breaks
from importer.readers.sheets import CELL_MAX_COLUMN, PlainSheet, RawRow, Source, Span
from importer.readers.values import exact_number

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CELLS = ("td", "th")
_BREAKS = ("br", "p", "div", "li")
_MERGES_MAX = 10_000
_HEAD_ROWS = 200
_LINES_AT_ONCE = 5000
_ACROSS_MAX = 1000
"""Columns that a cell may cover, as HTML has it."""

Texts = Callable[[], Iterator[str]]
"""Gives the text of the page, in pieces, from its start."""


def open_page(texts: Texts, info: FileInfo) -> Source:
    """All tables of a page as one sheet; each <tr> is a row. Raises Unusable."""
    page = _Page(texts, info)
    return Source(info, [PlainSheet(page.rows, merged=page.spans)])


class _Page:
    def __init__(self, texts: Texts, info: FileInfo) -> None:
        self._texts, self._info = texts, info

    def rows(self) -> Iterator[RawRow]:
        with whatever_breaks(self._info):
            for _, row in self._read():
                yield row

    def spans(self) -> list[Span]:
        with whatever_breaks(self._info):
            spans: list[Span] = []
            for reading, row in self._read():
                spans = reading.spans
                if row.number > _HEAD_ROWS:
                    break
            return spans

    def _read(self) -> Iterator[tuple["_Reading", RawRow]]:
        reading = _Reading()
        texts = self._texts()
        # by many lines at once, since each time the parser looks anew at a tag that does not end
        while piece := "".join(islice(texts, _LINES_AT_ONCE)):
            reading.feed(piece)
            yield from ((reading, row) for row in reading.take())
        reading.close()
        yield from ((reading, row) for row in reading.take())


class _Reading(HTMLParser):
    """One pass over a page. End tags that people leave out are supplied."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.spans: list[Span] = []
        self._done: list[RawRow] = []
        self._number = 0
        self._cells: list[object] | None = None  # of the open row
        self._text: list[str] | None = None  # of the open cell
        self._attributes: dict[str, str | None] = {}
        self._covered: dict[int, int] = {}  # column → last row that a cell above covers
        self._skipped = 0

    def take(self) -> list[RawRow]:
        """The rows that are complete."""
        done, self._done = self._done, []
        return done

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A cell, row or table begins, or a line breaks."""
        if tag in ("style", "script"):
            self._skipped += 1
        elif tag == "tr":
            self._end_row()
            self._number += 1
            self._cells = []
        elif tag in _CELLS:
            self._end_cell()
            if self._cells is None:
                self._number += 1
                self._cells = []
            self._text, self._attributes = [], dict(attrs)
        elif tag == "table":
            self._end_row()  # a table within a cell: its rows follow that cell's
            self._covered = {}
        elif tag in _BREAKS and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """A cell, row or table ends."""
        if tag in ("style", "script"):
            self._skipped = max(self._skipped - 1, 0)
        elif tag in _CELLS:
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Text: runs of blanks are one, as a browser shows them; no-break blanks stay."""
        if self._text is not None and not self._skipped:
            self._text.append(_BLANKS.sub(" ", data))

    def close(self) -> None:
        """The page ends."""
        super().close()
        self._end_row()

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is not None:
            self._done.append(RawRow(self._number, self._cells))
            self._cells = None

    def _end_cell(self) -> None:
        if self._text is None or self._cells is None:
            self._text = None
            return
        while self._covered.get(len(self._cells), 0) >= self._number:
            self._cells.append(None)
        left = len(self._cells)
        across, down = (_count(self._attributes.get(f"{way}span")) for way in ("col", "row"))
        across = min(across, _ACROSS_MAX)
        if left < CELL_MAX_COLUMN:
            self._cells.append(self._value())
            self._cells.extend([None] * (across - 1))
            if down > 1:
                covered = range(left, min(left + across, _ACROSS_MAX))
                self._covered.update(dict.fromkeys(covered, self._number + down - 1))
            if (across > 1 or down > 1) and len(self.spans) < _MERGES_MAX:
                self.spans.append(Span(self._number, left, self._number + down - 1, left + across - 1))
        self._text = None

    def _value(self) -> object:
        """The text; where the page comes from a spreadsheet program, the number behind what it shows."""
        text = re.sub(r" {2,}", " ", "".join(self._text or ()))
        text = re.sub(r" ?\n ?", "\n", text).strip(" \n")
        if number := self._attributes.get("x:num"):
            try:
                return exact_number(number)
            except ValueError:
                return text
        return text


def _count(text: str | None) -> int:
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
