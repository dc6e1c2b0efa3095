"""Lines of text to records: quotes, line breaks within them, and quotes that are never closed."""

import csv
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from msgspec import Struct

from importer.readers.encodings import split_lines, text_of

NO_DELIMITER = "\uffff"
"""Stands for a delimiter where there is none: a code point that is no character."""

_AT_ONCE = 1000
"""Lines."""
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\r\n"
"""Of ASCII, and the ends of lines."""
_QUOTES = re.compile('"+')
_SPACED_QUOTE = r'(?:^|{delimiter}) +"(?=[^"\r\n{delimiter}])'


class Record(NamedTuple):
    """The cells of one row; `open_quote` is the index of the one whose quotation mark is never closed."""

    cells: list[str]
    open_quote: int | None = None


Columns = Sequence[Sequence[str]]
"""Of rows that are all as wide: each has a cell of every row."""


def has_blanks_before_quotes(lines: Iterable[str], delimiter: str) -> bool:
    """Whether a writer has put blanks before opening quotes, as no writer does that quotes by the rules."""
    pattern = re.compile(_SPACED_QUOTE.format(delimiter=re.escape(delimiter)))
    return any('"' in line and pattern.search(line) for line in lines)


def read_records(
    lines: Iterator[str], delimiter: str | None, *, blanks_before_quotes: bool = False, width: int = 0
) -> Iterator[Record]:
    """One record for each row; a blank line is a record without cells.

    The csv module reads what keeps the rules. What does not is read again line by line, so that one
    quotation mark costs one row and not the rest of the file.

    width: cells that a row should have, 0 where that is not known.
    """
    form = _Form(delimiter or NO_DELIMITER, blanks_before_quotes, width)
    while block := list(islice(lines, _AT_ONCE)):
        records = form.read(block)
        if len(records) == len(block):  # each line is a row
            yield from map(Record, records)
        else:
            yield from _read_with_care(block, lines, form)


def read_columns(
    pieces: Iterator[bytes], delimiter: str | None, *, blanks_before_quotes: bool = False, width: int = 0
) -> Iterator["Record | Columns | Lines"]:
    """As `read_records`, of pieces of whole lines in UTF-8; rows of a piece that are all as wide come as columns.

    A piece without quotation marks comes as it is, not yet read.
    """
    form = _Form(delimiter or NO_DELIMITER, blanks_before_quotes, width)
    left = iter(list[str]())  # lines of a piece of which a record has taken the first ones

    def lines() -> Iterator[str]:
        nonlocal left
        for piece in pieces:
            left = iter(split_lines(text_of(piece)))
            yield from left

    while True:
        block = list(left)
        if not block:
            piece = next(pieces, None)
            if piece is None:
                return
            if lines_alone := form.lines(piece):
                yield lines_alone
                continue
            block = split_lines(text_of(piece))
        records = form.read(block)
        if len(records) != len(block):
            yield from _read_with_care(block, lines(), form)
        elif len(records[0]) > 1 and len(set(map(len, records))) == 1:
            yield list(zip(*records, strict=True))
        else:
            yield from map(Record, records)


class _Form(NamedTuple):
    """How the records of a file are written. width: cells that a row should have, 0 where that is not known."""

    delimiter: str
    blanks_before_quotes: bool
    width: int

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The csv module's; strict: a quote that closes in the middle of a cell is told, not taken for text."""
        return csv.reader(
            lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.blanks_before_quotes
        )

    def read(self, lines: Iterable[str]) -> list[list[str]]:
        """The records of lines; none where they break the rules."""
        try:
            return list(self.reader(lines))
        except csv.Error:
            return []

    def lines(self, piece: bytes) -> "Lines | None":
        """The piece, unless it has quotation marks or line ends of different kinds.

        What it has without them tells how many there are: to take out a sign goes from one to the next, to count it
        looks at every byte.
        """
        if b'"' in piece or self.blanks_before_quotes:
            return None
        lines = piece.replace(b"\r", b"")
        end = "\n" if len(lines) == len(piece) else "\r\n"
        if end == "\r\n" and lines.replace(b"\n", b"\r\n") != piece:
            return None
        count = len(lines) - len(lines.replace(b"\n", b""))
        return Lines(lambda: piece, end, count + (not piece.endswith(b"\n")), self)


class Lines(Struct, frozen=True):
    """Lines without quotation marks, each of which is a row. read: gives them in UTF-8; count: of them."""

    read: Callable[[], bytes]
    end: str
    count: int
    form: _Form

    @property
    def text(self) -> str:
        """All of them, each with its end."""
        text = text_of(self.read())
        return text if text.endswith(self.end) else text + self.end

    @property
    def printable(self) -> bool:
        """Whether no cell has a control character or the like.

        Most characters are those of ASCII: the bytes of others are picked out, which takes a third of the time.
        """
        unusual = text_of(self.read().translate(None, _PRINTABLE))
        return unusual.replace(self.form.delimiter, "").isprintable()

    def columns(self) -> Columns | None:
        """The columns, where all lines are as wide as the first.

        Splitting them all at once takes a third of the time that the csv module takes. The last cell of a line and the
        first one of the next come as one, with the line end between them: those are split once more.
        """
        text, end, sign = self.text, self.end, self.form.delimiter
        width = text.count(sign, 0, text.index(end)) + 1
        cells = text[: -len(end)].split(sign)
        if width < 2 or len(cells) != self.count * (width - 1) + 1:
            return None
        # lines of the first and the last cell, if all are as wide; the line ends become cells, so that they tell
        # whether each line has two of them, no more and no less
        outer = sign.join(cells[:: width - 1]) + end
        seams = outer.replace(end, f"{sign}\n{sign}").split(sign)
        if len(seams) != 3 * self.count + 1 or seams[2::3].count("\n") != self.count:
            return None
        inner = [cells[at :: width - 1] for at in range(1, width - 1)]
        return [seams[:-1:3], *inner, seams[1::3]]

    def records(self) -> Iterator[Record]:
        """A record for each line."""
        return self._records(self.text.split(self.end)[:-1])

    def some(self, places: Iterable[int]) -> Iterator[Record]:
        """The records of the lines at these places."""
        lines = self.read().split(b"\n")
        return self._records([text_of(lines[at].removesuffix(b"\r")) for at in places])

    def _records(self, lines: list[str]) -> Iterator[Record]:
        records = self.form.read(lines)
        if len(records) == len(lines):
            return map(Record, records)
        return _read_with_care(lines, iter(()), self.form)


def _read_with_care(block: list[str], lines: Iterator[str], form: _Form) -> Iterator[Record]:
    """The records of a block in which not each line is a row; the last one may take more of `lines`."""
    delimiter, width = form.delimiter, form.width
    source = _Lines(chain(block, lines))
    records = form.reader(source)
    while source.count < len(block) or source.has_more:
        source.taken.clear()
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        taken = source.taken
        if cells is None or (len(taken) > 1 and _swallows_rows(cells, taken, delimiter, width)):
            source.give_back(taken[1:])
            yield read_line(taken[0], delimiter)
        else:
            yield Record(cells)


def read_line(line: str, delimiter: str) -> Record:
    """One line as one row, whatever its quotes; a quote counts as closing before a delimiter or the end."""
    line = line.rstrip("\r\n")
    quotes = _Quotes(line, delimiter)
    cells: list[str] = []
    open_quote, at = None, 0
    while True:
        begin = at
        while begin < len(line) and line[begin] in " \t\u00a0" and line[begin] != delimiter:
            begin += 1
        if line[begin : begin + 1] == '"':
            end = quotes.closing(begin + 1)
            if end is not None:
                cells.append(line[begin + 1 : end].replace('""', '"'))
                at = line.find(delimiter, end)
                if at < 0:
                    break
                at += 1
                continue
            open_quote = len(cells) if open_quote is None else open_quote
            at = begin + 1
        cut = line.find(delimiter, at)
        cells.append(line[at:] if cut < 0 else line[at:cut])
        if cut < 0:
            break
        at = cut + 1
    return Record(cells, open_quote)


class _Lines:
    """Lines that remember what was taken of them, and take back what was too much. count: of those taken for good."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: list[str] = []
        self.taken: list[str] = []
        self.count = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._source)
        self.taken.append(line)
        self.count += 1
        return line

    @property
    def has_more(self) -> bool:
        """Whether there are lines that were given back."""
        return bool(self._again)

    def give_back(self, lines: list[str]) -> None:
        self._again.extend(reversed(lines))
        self.count -= len(lines)


def _swallows_rows(cells: list[str], lines: list[str], delimiter: str, width: int) -> bool:
    """Whether a record over several lines is rather a row with an open quote, and rows that it swallowed.

    If a stray quote further down closed it, it is too short, and lines in it are whole rows.
    """
    if width < 2 or len(cells) >= width:
        return False
    return any(line.count(delimiter) >= width - 1 for line in lines[1:])


class _Quotes:
    """The quotation marks of a line, looked at once however many of them open and never close.

    A quote closes before a delimiter or the end. Of several in a row each pair stands for one, so an odd one is
    left; an even number closes only where nothing else does (a quote within the text was not doubled).
    """

    def __init__(self, line: str, delimiter: str) -> None:
        blanks = " " if delimiter == "\t" else r"[ \t]"
        self._before_end = re.compile(rf"{blanks}*(?:\Z|{re.escape(delimiter)})")
        self._line = line
        self._odd: list[int] = []  # the last of an odd number of quotes that close
        self._last_even: int | None = None
        for run in _QUOTES.finditer(line):
            if self._before_end.match(line, run.end()):
                if (run.end() - run.start()) % 2:
                    self._odd.append(run.end() - 1)
                else:
                    self._last_even = run.end() - 1

    def closing(self, at: int) -> int | None:
        """Where the quote that was opened before `at` closes; None if it does not on this line."""
        spare = None
        if first := _QUOTES.match(self._line, at):  # what is left of the quotes that the opening one is of
            at = first.end()
            if self._before_end.match(self._line, at):
                if (at - first.start()) % 2:
                    return at - 1
                spare = at - 1
        later = bisect_left(self._odd, at)
        if later < len(self._odd):
            return self._odd[later]
        return self._last_even if self._last_even is not None and self._last_even >= at else spare
