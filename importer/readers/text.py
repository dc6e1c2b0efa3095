"""Text files: their delimiter, their rows, and tables whose rows all stand in one cell each."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from importer.headers import Knows, clean_header, find_header, usual_target
from importer.model import FileInfo
from importer.platform import CSV_DELIMITER
from importer.readers.damage import whatever_breaks
from importer.readers.encodings import Encoding, Place, find_encoding, split_lines, text_of
from importer.readers.records import (
    Columns,
    Lines,
    Record,
    has_blanks_before_quotes,
    read_columns,
    read_line,
    read_records,
)
from importer.readers.sheets import (
    CELLS_MAX,
    Part,
    PlainSheet,
    RawBlock,
    RawLines,
    RawRow,
    Sheet,
    Source,
    Span,
    is_blank,
    raw_row,
)

DELIMITERS = (",", ";", "\t", "|")
HEAD_ROWS = 50
"""Rows with something in them, among which the header is looked for."""

_SAMPLE_LINES = 1000
_SAMPLE_ROWS = 300
_SAMPLE_CHARS = 1 << 20
_SEP_LINE = re.compile(r'"?sep=(.|\\t)"?[\r\n]*', re.IGNORECASE | re.DOTALL)


def open_text(path: Path, info: FileInfo) -> Source:
    """A delimited text file as one sheet. Raises Unusable, OSError."""
    encoding = find_encoding(path)
    sample = _sample(encoding, path)
    named = _SEP_LINE.fullmatch(sample[0]) if sample else None
    if named:
        del sample[0]
        delimiter: str | None = "\t" if named[1] == "\\t" else named[1]
        width = 0
    else:
        delimiter, width = find_delimiter(sample)
        if delimiter is None and _holds_uuids_alone(sample):
            delimiter = CSV_DELIMITER
    spaced = bool(delimiter) and has_blanks_before_quotes(sample, delimiter or "")

    text = _Text(
        path,
        info,
        encoding,
        partial(read_columns, delimiter=delimiter, blanks_before_quotes=spaced, width=width),
        is_named=named is not None,
    )
    return Source(info, [PlainSheet(text.parts, ragged=True)], encoding.issues).but(
        encoding=encoding.name, delimiter=delimiter
    )


class _Text(Struct):
    """The rows of a text, as often as somebody wants them. is_named: whether its first line names the delimiter.

    known: all parts, once somebody has gone through them and they were nothing but lines whose places are known. From
    then on they are read where they are asked for.
    """

    path: Path
    info: FileInfo
    encoding: Encoding
    read: Callable[[Iterator[bytes]], Iterator[Record | Columns | Lines]]
    is_named: bool
    known: Sequence[RawLines] = ()

    def parts(self) -> Iterator[Part]:
        """See Sheet."""
        with whatever_breaks(self.info):
            yield from self.known or self._parts()

    def _piece(self, place: Place) -> bytes:
        with whatever_breaks(self.info):
            return self.encoding.piece(self.path, place)

    def _parts(self) -> Iterator[Part]:
        known: list[RawLines] | None = None if self.is_named else []
        place: Place | None = None

        def pieces() -> Iterator[bytes]:
            nonlocal place
            for piece, place in self.encoding.placed_pieces(self.path):  # noqa: B007 - that of the lines that come next
                yield piece

        first = 1
        for part in self.read(_without_first_line(pieces()) if self.is_named else pieces()):
            if isinstance(part, Record):
                yield raw_row(first, part)
                first, known = first + 1, None
                continue
            numbers = range(first, first + (part.count if isinstance(part, Lines) else len(part[0])))
            first = numbers.stop
            if isinstance(part, Lines):
                if known is not None and place is not None:
                    known.append(RawLines(numbers, replace(part, read=partial(self._piece, place))))
                yield RawLines(numbers, part)
            else:
                known = None
                yield RawBlock(numbers, part[:CELLS_MAX])
        self.known = known if known and place is not None else ()


def _without_first_line(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = split_lines(text_of(next(pieces, b"")))
    return chain(["".join(first[1:]).encode()] if len(first) > 1 else [], pieces)


def _holds_uuids_alone(lines: Sequence[str]) -> bool:
    """Whether a column of contacts' UUIDs is all there is.

    Nobody but the platform gives those out, and its files are separated by commas, even where there is nothing
    to separate. A lone column of anything else may hold several values in a cell, with any sign between them.
    """
    rows = [[line] for line in lines if not line.isspace()][:HEAD_ROWS]
    at = find_header(rows)
    return at is not None and usual_target(clean_header(rows[at][0])) == "uuid"


def find_delimiter(lines: Sequence[str]) -> tuple[str | None, int]:
    """The delimiter that splits the header and most rows alike, and into how many cells; (None, 1) if none.

    lines: the first ones of the file, or cells that hold whole rows.
    """
    best: tuple[bool, float, int] | None = None
    chosen: str | None = None
    enough, has_quotes = 0, any('"' in line for line in lines)
    for delimiter in DELIMITERS:
        if max((line.count(delimiter) for line in lines), default=0) > enough:
            score = _agreement(lines, delimiter)
            if score and (best is None or score > best):
                best, chosen = score, delimiter
                # where all rows agree, only wider ones would be better; with quotation marks they may be of many lines
                enough = best[2] - 1 if best[:2] == (True, 1.0) and not has_quotes else 0
    return (chosen, best[2]) if best else (None, 1)


def _agreement(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int] | None:
    """Whether a header was found, the share of rows as wide as it, how wide; None: it does not split."""
    spaced = has_blanks_before_quotes(lines, delimiter)
    records = read_records(iter(lines), delimiter, blanks_before_quotes=spaced)
    sample = (cells[:CELLS_MAX] for cells, _ in islice(records, _SAMPLE_ROWS))
    rows = [cells for cells in sample if any(map(str.strip, cells))]
    if not rows:  # nothing but delimiters
        return False, 0.0, 2
    at = find_header(rows[:HEAD_ROWS])
    if at is not None:
        width, rows = len(rows[at]), rows[at + 1 :]
        if width < 2:
            return None
    else:
        widths = Counter(len(cells) for cells in rows if len(cells) > 1)
        if not widths:
            return None
        width = max(widths, key=lambda each: (widths[each], each))
    agreeing = sum(len(cells) == width for cells in rows) / len(rows) if rows else 1.0
    if at is None and agreeing < 0.5:
        return None
    return at is not None, agreeing, width


def _sample(encoding: Encoding, path: Path) -> list[str]:
    sample, size = [], 0
    for line in islice(encoding.lines(path), _SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARS:
            break
    return sample


# ---------------------------------------------------------------------------------- rows in one cell each


class SplitSheet(Struct, frozen=True):
    """A sheet whose rows stand in one cell each, split once more. `at`: that cell's column, from 0."""

    whole: Sheet
    at: int
    delimiter: str
    ragged: bool = True

    @property
    def name(self) -> str | None:
        """See Sheet."""
        return self.whole.name

    @property
    def visible(self) -> bool:
        """See Sheet."""
        return self.whole.visible

    def parts(self) -> Iterator[Part]:
        """See Sheet."""
        return self.rows()

    def rows(self) -> Iterator[RawRow]:
        """See Sheet."""
        for row in self.whole.rows():
            inner = row.cells[self.at] if self.at < len(row.cells) else None
            cells = [] if inner is None else split_cell(str(inner), self.delimiter)
            yield row._replace(cells=[*[""] * self.at, *cells])

    def spans(self) -> Sequence[Span]:
        """See Sheet."""
        return ()

    def hidden_columns(self) -> frozenset[int]:
        """See Sheet."""
        return self.whole.hidden_columns()

    def holds_only(self, columns: frozenset[int]) -> bool:  # noqa: ARG002
        """See Sheet."""
        return False


def split_cell(text: str, delimiter: str) -> list[str]:
    """The cells of a row that stands in one."""
    try:
        records = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return read_line(text, delimiter).cells
    return records[0] if records else []


def split_pasted(sheet: Sheet, head: Sequence[RawRow], knows: Knows) -> Sheet:
    """A SplitSheet if all rows of a sheet stand in one cell each, else the sheet itself.

    head: its first rows with something in them. knows: what a header names.
    """
    filled = [[(at, cell) for at, cell in enumerate(row.cells) if not is_blank(cell)] for row in head]
    places = {at for cells in filled for at, _ in cells}
    if len(places) != 1:
        return sheet
    texts = [cell for cells in filled for _, cell in cells if isinstance(cell, str)]
    delimiter, _ = find_delimiter(texts)
    if delimiter is None or find_header([split_cell(text, delimiter) for text in texts], knows) is None:
        return sheet
    return SplitSheet(sheet, places.pop(), delimiter)
