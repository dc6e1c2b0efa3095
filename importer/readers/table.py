"""The table in a file: its columns, what is to be said of it, and its rows one by one."""

import re
import string
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain
from operator import itemgetter
from types import TracebackType
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from importer.corrections import Corrections
from importer.definitions.sheets import DefinitionSheet
from importer.headers import repeats_header
from importer.issues import Issue
from importer.model import Block, Column, ReadStretch, Row, Stretch
from importer.readers.locate import Place
from importer.readers.sheets import RawBlock, RawLines, RawRow, Source, is_blank, letter_of

# C0 but tab and line ends, DEL, and C1; but the latter behind a letter that begins a doubly encoded one is
# a part of it, which stays as it stands
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<![\x80-\x9f\xc2-\xf4])[\x80-\x9f]")
_LETTERS = frozenset(string.ascii_letters + string.digits)
_LINE_ENDS = re.compile(r"\r\n?")
_AT_ONCE = 1000
"""Rows that make a block where they come one by one."""
_FEW = 20
"""Of so few rows no block is worth while."""


class _Unread(Struct, frozen=True):
    """Lines of a text. block: of all, None where they must be read one by one; rows: those that are none of blanks."""

    lines: RawLines
    block: Callable[[RawBlock], Block | None]
    rows: Callable[[Iterable[RawRow]], Iterator[Row]]

    def blocks(self) -> Iterator[Block]:
        """See `Stretch`."""
        raw = self.lines.block()
        block = self.block(raw) if raw else None
        if block is None and (rows := list(self.rows(self.lines.rows()))):
            block = Block.of(rows, texts=True)
        if block:
            yield block

    def some(self, numbers: Set[int]) -> list[Row]:
        """See `Stretch`."""
        return list(self.rows(self.lines.some(numbers)))


class _CorrectedStretch(Struct, frozen=True):
    """Rows with what people wrote over their cells."""

    stretch: Stretch
    corrected: Callable[[Block], Block]

    def blocks(self) -> Iterator[Block]:
        """See `Stretch`."""
        return map(self.corrected, self.stretch.blocks())

    def some(self, numbers: Set[int]) -> list[Row]:
        """See `Stretch`."""
        rows = self.stretch.some(numbers)
        return list(self.corrected(Block.of(rows)).rows()) if rows else []


class Table:
    """A table, to be closed. Rows are read anew from the file at each call of `rows`.

    info: what the file is. columns: those with a header or any value, from left to right.
    issues: of the file and its columns; one that is an error (no-records) leaves nothing to import.
    corrections: what people wrote over the cells; rows come with it.
    definitions: the sheets beside it that list fields or groups.
    """

    def __init__(
        self,
        source: Source,
        place: Place,
        corrections: Corrections,
        definitions: tuple[DefinitionSheet, ...] = (),
    ) -> None:
        self.corrections = corrections
        self.definitions = definitions
        survey = _survey(place)
        self._sheet, self._header_row, self._ragged = place.sheet, place.row, place.sheet.ragged
        self._last_header = max(place.headers)
        self.columns = tuple(
            Column(index, place.headers.get(index, "")) for index in sorted({*place.headers, *survey.used})
        )
        self._headers = [column.header for column in self.columns]
        initials = [header[:1].lower() for header in self._headers]
        self._initials = [initial if initial.isascii() and initial.isalnum() else "" for initial in initials]
        self._places = [column.index for column in self.columns]
        self._choose = _chooser(self._places)
        # what a cell begins with that is not blank and does not repeat its header
        self._usual = [
            _LETTERS - {first, first.upper()} if first else frozenset() for first in self._initials
        ]
        self.issues = (*source.issues, *place.issues, *self._issues_of(survey))
        self.info = replace(
            source.info,
            sheet=place.sheet.name,
            header_row=place.row,
            delimiter=place.delimiter or source.info.delimiter,
        )
        # where nobody closes the table, what was unpacked is removed all the same
        self._close = weakref.finalize(self, source.close)

    @property
    def is_text(self) -> bool:
        """Whether its stretches are lines of a text, mostly not yet read."""
        return self._ragged

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked; rows cannot be read any more."""
        self._close()

    def rows(self, *, as_in_file: bool = False) -> Iterator[Row]:
        """The rows below the header, blank ones left out. Raises Unusable where the file breaks off.

        as_in_file: without the corrections.
        """
        return (row for block in self.blocks(as_in_file=as_in_file) for row in block.rows())

    def blocks(self, *, as_in_file: bool = False) -> Iterator[Block]:
        """The same, many rows at a time."""
        stretches = self._stretches() if as_in_file or not self.corrections else self.stretches()
        return chain.from_iterable(stretch.blocks() for stretch in stretches)

    def stretches(self) -> Iterator[Stretch]:
        """The same, each stretch to be read by itself; those of texts are not read yet."""
        if not self.corrections:
            return self._stretches()
        return (_CorrectedStretch(stretch, self._corrected) for stretch in self._stretches())

    def _corrected(self, block: Block) -> Block:
        corrected = self.corrections.rows()
        if corrected.isdisjoint(block.numbers):
            return block
        rows = [
            self.corrections.applied(row, self.columns) if row.number in corrected else row
            for row in block.rows()
        ]
        return Block.of(rows, texts=block.texts)

    def _stretches(self) -> Iterator[Stretch]:
        waiting: list[Row] = []  # those that do not come in blocks

        def gathered() -> Iterator[Stretch]:
            if waiting:
                yield ReadStretch(Block.of(waiting, texts=self._ragged))
                waiting.clear()

        for part in self._sheet.parts():
            if isinstance(part, RawLines):
                yield from gathered()
                yield _Unread(part, self._block, self._rows)
                continue
            block = self._block(part) if isinstance(part, RawBlock) else None
            if block is None:
                waiting += self._rows(part.rows() if isinstance(part, RawBlock) else [part])
                if len(waiting) >= _AT_ONCE:
                    yield from gathered()
            elif len(block):
                yield from gathered()
                yield ReadStretch(block)
        yield from gathered()

    def _rows(self, raws: Iterable[RawRow]) -> Iterator[Row]:
        """Those of the rows that stand below the header and are not blank."""
        return filter(None, (self._row(raw) for raw in raws if raw.number > self._header_row))

    def _block(self, raw: RawBlock) -> Block | None:
        """The rows of a block as `_row` would give them; None where it has to look at each of them."""
        numbers = raw.numbers
        begin = bisect_right(numbers, self._header_row)
        count = len(numbers) - begin
        if (
            count < _FEW
            or not (isinstance(numbers, range) or list(numbers) == sorted(numbers))
            or (self._ragged and len(raw.columns) != self._last_header + 1)
        ):
            return None
        nothing = [None] * len(raw.numbers)
        columns = [raw.columns[at] if at < len(raw.columns) else nothing for at in self._places]
        if begin:
            columns = [column[begin:] for column in columns]
        if not (raw.printable or all(map(_is_printable, columns))):
            return None
        doubtful: Sequence[int] = range(count)  # rows that may be blank, or repeat the header
        for column, usual in zip(columns, self._usual, strict=True):
            if usual and doubtful:
                doubtful = [
                    at for at in doubtful if not (type(cell := column[at]) is str and cell[:1] in usual)
                ]
        block = Block(raw.numbers[begin:], columns, texts=self._ragged)
        if not doubtful:
            return block
        blank, issues = set[int](), dict[int, tuple[Issue, ...]]()
        for at in doubtful:
            row = block.row(at)
            if all(map(is_blank, row.cells)):
                blank.add(at)
            elif repeats_header(row.cells, self._headers):
                issues[at] = (Issue.of("row-repeats-header").at(row.number),)
        block = replace(block, issues=issues)
        return block.only([at for at in range(count) if at not in blank]) if blank else block

    def _row(self, raw: RawRow) -> Row | None:
        issues: list[Issue] = []
        cells = raw.cells
        if self._ragged:
            text = "".join(cells)  # type: ignore[arg-type]
            if not text or text.isspace():
                return None
            if len(cells) != self._last_header + 1 or raw.open_quote is not None:
                cells = self._fitted(raw, issues)
        elif all(map(is_blank, cells)):
            return None
        else:
            text = "".join([cell for cell in cells if isinstance(cell, str)])
            if (missing := self._places[-1] + 1 - len(cells)) > 0:
                cells = [*cells, *[None] * missing]
        chosen: tuple[object, ...] = self._choose(cells)
        if not text.isprintable():
            chosen = tuple(self._cleaned(raw.number, chosen, issues))
            if all(map(is_blank, chosen)):
                return None
        if self._may_repeat(chosen) and repeats_header(chosen, self._headers):
            issues.append(Issue.of("row-repeats-header").at(raw.number))
        return Row(raw.number, chosen, tuple(issues))

    def _may_repeat(self, cells: Sequence[object]) -> bool:
        """A quick look that spares most rows the comparison: names that begin unlike are not the same."""
        for cell, initial in zip(cells, self._initials, strict=True):
            if initial and cell is not None and cell != "":
                first = cell[0] if isinstance(cell, str) else str(cell)[0]
                if first.isascii() and first.isalnum() and first.lower() != initial:
                    return False
        return True

    def _fitted(self, raw: RawRow, issues: list[Issue]) -> Sequence[object]:
        """A row of text has as many cells as there are headers; missing ones are put in as blank."""
        texts, last = [*raw.cells], self._last_header
        if (missing := last + 1 - len(texts)) > 0:
            texts.extend([""] * missing)
            if raw.open_quote is None:
                issues.append(Issue.of("row-too-short").at(raw.number))
        beyond = next((at for at in range(last + 1, len(texts)) if not is_blank(texts[at])), None)
        if beyond is not None:
            issues.append(self._at(raw.number, beyond, Issue.of("row-too-long", texts[beyond])))
        if raw.open_quote is not None:
            issues.append(self._at(raw.number, raw.open_quote, Issue.of("quote-unbalanced")))
        return texts

    def _cleaned(self, number: int, cells: Sequence[object], issues: list[Issue]) -> Iterator[object]:
        """Line ends within texts are LF; control characters go."""
        for cell, column in zip(cells, self.columns, strict=True):
            if not isinstance(cell, str) or cell.isprintable():
                yield cell
                continue
            text = _LINE_ENDS.sub("\n", cell) if "\r" in cell else cell
            said = _CONTROLS.sub("", text)
            if said != text:
                issue = Issue.of("control-characters-removed", said)
                issues.append(issue.at(number, column.header, column.letter))
            yield said

    def _at(self, number: int, index: int, issue: Issue) -> Issue:
        header = next((column.header for column in self.columns if column.index == index), "")
        return issue.at(number, header, letter_of(index))

    def _issues_of(self, survey: "_Survey") -> Iterator[Issue]:
        if not survey.records and not any(sheet.rows for sheet in self.definitions):
            yield Issue.of("no-records")
        if survey.hidden_rows:
            yield Issue.of("hidden-rows", count=survey.hidden_rows)
        hidden = self._sheet.hidden_columns() if survey.whole else frozenset()
        for column in self.columns:
            if not column.header:
                yield Issue.of("header-empty").at(letter=column.letter)
            if column.index in hidden:
                yield Issue.of("hidden-columns").at(column=column.header, letter=column.letter)


def _is_printable(cells: Sequence[object]) -> bool:
    """Whether no text among them has a line end, a control character or the like."""
    try:
        text = "".join(cells)  # type: ignore[arg-type]
    except TypeError:  # they are not all texts
        text = "".join([cell for cell in cells if isinstance(cell, str)])
    return text.isprintable()


class NoContacts(Table):
    """A workbook that lists fields or groups, and no contacts: a table without columns and rows."""

    def __init__(self, source: Source, definitions: tuple[DefinitionSheet, ...]) -> None:
        self.corrections = Corrections()
        self.definitions = definitions
        self._ragged = False
        self.columns = ()
        self.issues = source.issues
        self.info = source.info
        self._close = weakref.finalize(self, source.close)

    def _stretches(self) -> Iterator[Stretch]:
        return iter(())


def _chooser(places: Sequence[int]) -> Callable[[Sequence[object]], tuple[object, ...]]:
    """What takes the cells at some places out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


class _Survey(Struct):
    """What all rows below the header say together.

    used: columns that have values and no header. whole: whether all rows were looked at, because of doubt.
    """

    used: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    records: bool = False
    whole: bool = False


def _survey(place: Place) -> _Survey:
    """Look at the rows, at all of them only where cells may lie outside the headers or be hidden."""
    survey, last = _Survey(), max(place.headers)
    survey.whole = not place.sheet.holds_only(frozenset(place.headers))
    known = set(place.headers)
    for row in place.sheet.rows():
        if row.number <= place.row or all(map(is_blank, row.cells)):
            continue
        survey.records = True
        if not survey.whole:
            break
        survey.hidden_rows += row.hidden
        # in a text a cell beyond the last header is a fault of its row
        for index in range(min(len(row.cells), last) if place.sheet.ragged else len(row.cells)):
            if index not in known and not is_blank(row.cells[index]):
                known.add(index)
                survey.used.add(index)
    return survey
