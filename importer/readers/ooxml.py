"""Workbooks of the Open XML kind (.xlsx, .xlsm): one pass over a sheet's XML tells everything, in flat memory.

Why not calamine: it gives error cells and formulas without a result as blanks, does not tell number formats
or hidden rows, and holds a sheet in memory as a full rectangle, which a cell at XFD1048576 makes 400 GB. What it
does not tell would take a second look at the XML; one look at all of it takes about as long (see `worksheet`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import IO

from msgspec import Struct

from importer.model import FileInfo
from importer.readers.damage import unreadable, whatever_breaks
from importer.readers.formats import NumberFormat, format_of
from importer.readers.package import Package, SharedTexts
from importer.readers.safexml import chunks, local, open_tags, parser, run
from importer.readers.sheets import Part, RawRow, Source, Span, index_of, letter_of, one_by_one
from importer.readers.values import unescape
from importer.readers.worksheet import CellValues, Reading, is_true

_SPAN = re.compile(rb"mergeCell\s[^>]*?ref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")
_SPANS_MAX = 10_000
_TAIL_MAX = 2**20


def open_workbook(package: Package, main: str, info: FileInfo) -> Source:
    """The sheets of an .xlsx or .xlsm file, charts and macros left out. Raises Unusable."""
    with whatever_breaks(info):
        related = package.targets(main)
        by_type = dict(related.values())
        epoch_1904, listed = False, []
        with package.open(main) as stream:
            for _, tag, attributes in open_tags(stream):
                if tag == "workbookPr":
                    epoch_1904 = is_true(attributes.get("date1904"))
                elif tag == "sheet":
                    listed.append(attributes)
        book = _Workbook(package, by_type.get("styles"), by_type.get("sharedStrings"), epoch_1904, info)
        sheets = []
        for attributes in listed:
            kind, part = related.get(attributes.get("id", ""), ("", ""))
            if kind == "worksheet" and part in package:
                visible = attributes.get("state", "visible") == "visible"
                sheets.append(XmlSheet(book, part, attributes.get("name", ""), visible))
        if not sheets:
            raise unreadable("no-sheet")
        return Source(info, sheets)


class _Workbook:
    """What the sheets share: texts and formats, read when the first sheet is."""

    def __init__(
        self, package: Package, styles: str | None, texts: str | None, epoch_1904: bool, info: FileInfo
    ) -> None:
        self.package, self.info, self._epoch_1904 = package, info, epoch_1904
        self._styles_part, self._texts_part = styles, texts

    @cached_property
    def values(self) -> CellValues:
        """What their cells mean."""
        formats, texts = list[NumberFormat](), SharedTexts()
        if self._styles_part and self._styles_part in self.package:
            with self.package.open(self._styles_part) as stream:
                formats = _read_formats(stream)
        if self._texts_part and self._texts_part in self.package:
            with self.package.open(self._texts_part) as stream:
                texts = _read_texts(stream)
        return CellValues(texts, formats, epoch_1904=self._epoch_1904)


def _read_texts(stream: IO[bytes]) -> SharedTexts:  # noqa: C901
    """The part with the shared texts; what is said for the ear (phonetic runs) is left out."""
    texts = SharedTexts()
    made = parser()
    pieces: list[str] = []
    text_tag = item_tag = heard_tag = ""
    taking = heard = False

    def begin(name: str, _: dict[str, str]) -> None:
        nonlocal text_tag, item_tag, heard_tag
        prefix = name[: len(name) - len(local(name))]
        text_tag, item_tag, heard_tag = (prefix + tag for tag in ("t", "si", "rPh"))
        made.StartElementHandler = start

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal taking, heard
        if name == text_tag:
            taking = not heard
        elif name == heard_tag:
            heard = True

    def end(name: str) -> None:
        nonlocal taking, heard
        taking = False
        if name == item_tag:
            texts.append(unescape("".join(pieces)))
            pieces.clear()
        elif name == heard_tag:
            heard = False

    def data(piece: str) -> None:
        if taking:
            pieces.append(piece)

    made.StartElementHandler, made.EndElementHandler, made.CharacterDataHandler = begin, end, data
    for _ in run(made, stream, []):
        pass
    return texts


class XmlSheet(Struct):
    """A worksheet: its rows as the XML gives them, whatever range it declares."""

    book: _Workbook
    part: str
    name: str
    visible: bool
    ragged: bool = False
    _look: "_Look | None" = None

    def rows(self) -> Iterator[RawRow]:
        """See Sheet."""
        return one_by_one(self.parts())

    def parts(self) -> Iterator[Part]:
        """See Sheet."""
        with whatever_breaks(self.book.info), self.book.package.open(self.part) as stream:
            yield from Reading(self.book.values).parts(stream)

    def spans(self) -> Sequence[Span]:
        """See Sheet."""
        return self._looked().spans

    def hidden_columns(self) -> frozenset[int]:
        """See Sheet."""
        return self._looked().hidden

    def holds_only(self, columns: frozenset[int]) -> bool:
        """See Sheet. Looks at the bytes, at some 200 MB a second: sure where it says yes."""
        letters = "|".join(letter_of(index) for index in sorted(columns))
        stray = re.compile(rf'<(?:\w+:)?c(?![\w:])(?!\s+r="(?:{letters})\d)'.encode())
        tail = b""
        with whatever_breaks(self.book.info), self.book.package.open(self.part) as stream:
            for piece in chunks(stream):
                text = tail + piece
                cut = max(text.rfind(b"<"), 0)
                text, tail = text[:cut], text[cut:]
                if b"hidden" in text or stray.search(text) or len(tail) > _TAIL_MAX:
                    return False
        return b"hidden" not in tail and not stray.search(tail)

    def _looked(self) -> "_Look":
        if self._look is None:
            with whatever_breaks(self.book.info), self.book.package.open(self.part) as stream:
                self._look = _look_around(stream)
        return self._look


class _Look(Struct, frozen=True):
    """What stands before and after the rows."""

    hidden: frozenset[int]
    spans: tuple[Span, ...]


def _look_around(stream: IO[bytes]) -> _Look:
    """Hidden columns from before the rows, merged cells from behind them; the rows are not parsed."""
    hidden: set[int] = set()
    made, within = parser(), True

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal within
        name = name.rpartition(":")[2]
        if name == "sheetData":
            within = False
        elif name == "col" and within and is_true(attributes.get("hidden")):
            first, last = int(attributes["min"]), int(attributes["max"])
            if 0 < first <= last <= 16_384:
                hidden.update(range(first - 1, last))

    made.StartElementHandler = start
    spans: list[Span] = []
    tail = b""
    for piece in chunks(stream):
        if within:
            made.Parse(piece)
        text = tail + piece
        for found in _SPAN.finditer(text):
            if len(spans) < _SPANS_MAX:
                left, top, right, bottom = found.groups()
                corners = int(top), index_of(left.decode()), int(bottom), index_of(right.decode())
                spans.append(Span(*corners))
        cut = text.rfind(b"<")
        tail = text[cut:] if cut >= 0 and len(text) - cut < 256 else b""
    return _Look(frozenset(hidden), tuple(spans))


def _read_formats(stream: IO[bytes]) -> list[NumberFormat]:
    codes: dict[int, str] = {}
    formats: list[NumberFormat] = []
    for parent, tag, attributes in open_tags(stream):
        if tag == "numFmt" and parent == "numFmts":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "xf" and parent == "cellXfs":
            number = int(attributes.get("numFmtId", 0))
            formats.append(format_of(number, codes.get(number)))
    return formats
