"""What every format delivers: sheets of raw rows, as the file has them, the table not yet found in them."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import NamedTuple, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from importer.issues import Issue
from importer.model import FileInfo
from importer.readers.records import Lines, Record

CELL_MAX_COLUMN = 16_384
"""Columns of the widest sheet that any spreadsheet program writes."""
CELLS_MAX = CELL_MAX_COLUMN + 1
"""Cells of a row of text: the first one beyond tells of all others."""


class RawRow(NamedTuple):
    """A row of a sheet. cells: from column A on; None or "" where blank.

    open_quote: index of the cell whose quotation mark is never closed (text files).
    """

    number: int
    cells: Sequence[object]
    hidden: bool = False
    open_quote: int | None = None


class RawBlock(NamedTuple):
    """Rows of a sheet that follow each other, none of them hidden, column by column: all have as many cells.

    numbers: of the rows, rising. columns: from A on; each has a cell of every row.
    printable: whether it is known that no text among them has a line end, a control character or the like.
    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[object]]
    printable: bool = False

    def rows(self) -> Iterator[RawRow]:
        """The rows one by one."""
        return map(RawRow, self.numbers, zip(*self.columns, strict=True))


class RawLines(NamedTuple):
    """Rows of a text that follow each other, not yet read. numbers: of the rows; each is a line."""

    numbers: range
    lines: Lines

    def block(self) -> RawBlock | None:
        """All rows; None where they are not all as wide."""
        columns = self.lines.columns()
        return RawBlock(self.numbers, columns[:CELLS_MAX], self.lines.printable) if columns else None

    def rows(self) -> Iterator[RawRow]:
        """The rows one by one."""
        return map(raw_row, self.numbers, self.lines.records())

    def some(self, numbers: Set[int]) -> Iterator[RawRow]:
        """Those of the rows that have one of these numbers."""
        wanted = list(filter(numbers.__contains__, self.numbers))
        if not wanted:
            return iter(())
        return map(raw_row, wanted, self.lines.some(number - self.numbers[0] for number in wanted))


def raw_row(number: int, record: Record) -> RawRow:
    """The row of a text."""
    return RawRow(number, record.cells[:CELLS_MAX], False, record.open_quote)


Part = RawRow | RawBlock | RawLines
"""What comes of a sheet: a row, or many."""


def one_by_one(parts: Iterable[Part]) -> Iterator[RawRow]:
    """The rows of the parts."""
    for part in parts:
        if isinstance(part, RawRow):
            yield part
        else:
            yield from part.rows()


class Span(NamedTuple):
    """Merged cells: first and last row as a spreadsheet counts, first and last column from 0."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(Protocol):
    """One sheet of a file."""

    @property
    def name(self) -> str | None:
        """As the user sees it; None where the format has no sheets."""

    @property
    def visible(self) -> bool:
        """False where a program would not show it."""

    @property
    def ragged(self) -> bool:
        """Whether a row is a line of text, whose cells may be too many or too few."""

    def parts(self) -> Iterator[Part]:
        """Every row from the top, in order; may be called again and again, each time from the top."""

    def rows(self) -> Iterator[RawRow]:
        """The same, one by one."""

    def spans(self) -> Sequence[Span]:
        """Merged cells, at least those near the top."""

    def hidden_columns(self) -> frozenset[int]:
        """Indexes of hidden columns."""

    def holds_only(self, columns: frozenset[int]) -> bool:
        """Whether it is known without reading the rows that no cell lies elsewhere and none is hidden."""


class PlainSheet(Struct, frozen=True):
    """A sheet whose rows come from a function; what its format lacks is left at the default."""

    read: Callable[[], Iterator[Part]]
    name: str | None = None
    visible: bool = True
    ragged: bool = False
    merged: Callable[[], Sequence[Span]] = tuple
    hidden: Callable[[], frozenset[int]] = frozenset

    def parts(self) -> Iterator[Part]:
        """See Sheet."""
        return self.read()

    def rows(self) -> Iterator[RawRow]:
        """See Sheet."""
        return one_by_one(self.read())

    def spans(self) -> Sequence[Span]:
        """See Sheet."""
        return self.merged()

    def hidden_columns(self) -> frozenset[int]:
        """See Sheet."""
        return self.hidden()

    def holds_only(self, columns: frozenset[int]) -> bool:
        """A line of text has nothing to hide; its cells lie under the headers if these have no gap."""
        return self.ragged and columns == frozenset(range(len(columns)))


def _nothing() -> None:
    return None


class Source(Struct, frozen=True):
    """An opened file: its facts, sheets and issues. `close` removes what was unpacked."""

    info: FileInfo
    sheets: Sequence[Sheet]
    issues: tuple[Issue, ...] = ()
    close: Callable[[], None] = field(default=_nothing)

    def but(self, *issues: Issue, **facts: object) -> "Source":
        """The same with more issues and other facts of the file."""
        return replace(self, info=replace(self.info, **facts), issues=self.issues + issues)


def is_blank(cell: object) -> bool:
    """Nothing, or only blanks of any kind."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def letter_of(index: int) -> str:
    """A, B, … Z, AA, … of a column that counts from 0."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def index_of(reference: str) -> int:
    """The column of A1, $B$2, C or XFD1, from 0; ValueError if it has none, or none that a sheet can have."""
    index = 0
    for char in reference:
        if "A" <= char <= "Z":
            index = index * 26 + ord(char) - 64
        elif char != "$":
            break
    if not 0 < index <= CELL_MAX_COLUMN:
        raise ValueError(reference)
    return index - 1
