"""Many rows at once, column by column: those that are plainly right, so that `check_row` need not read them.

Of most cells a glance at their column tells what they say; about the others their rule is asked. A row is left to
`check_row` where a cell says something unusual, or where an error holds it back and somebody wants to know what it says
besides. So nothing is decided twice: the records of a screen are those of `check_row` (tests/test_screening.py).
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeVar, cast

from importer import platform
from importer.actions import ACTS
from importer.column_readers import FewSaid, Values, reader_of
from importer.glances import UNSURE, Said
from importer.issues import Issue
from importer.model import Block, Record
from importer.options import NinthDigit, Options
from importer.plain_rows import GROUPS, KEYS, URNS, SaidByColumn, groups_joined, keys_said, wishes_of
from importer.portions import Held, Portion
from importer.schema import Schema
from importer.validate import NAME_PARTS, check_row

Thing = TypeVar("Thing")


class _Said:
    """What a column says in the rows of a block, worked out when somebody asks, once."""

    def __init__(self, work: Said) -> None:
        self._work = work

    @cached_property
    def _values(self) -> Values:
        return self._work()

    def __call__(self) -> Values:
        return self._values

    def distinct(self) -> set[object]:
        """Each value once."""
        return self._work.distinct() if isinstance(self._work, FewSaid) else set(self._values)


class Screen:
    """Reads the rows of a file, a block at a time."""

    def __init__(self, schema: Schema, options: Options) -> None:
        self.options = options
        self.schema = schema
        of_groups = [column for column in schema.columns if column.target.kind in GROUPS]
        room = platform.GROUPS_MAX - len(schema.constants.groups)
        self._readers = [reader_of(column, room // (len(of_groups) or 1)) for column in schema.columns]
        urns = sum(len(column.schemes) or 1 for column in schema.columns if column.target.kind in URNS)
        uuids = sum(column.target.kind == "uuid" for column in schema.columns)
        reads_all = schema.constants.action not in (*ACTS, "skip")
        self._is_odd = room < 0 or urns > platform.URNS_MAX or uuids > 1 or not reads_all

    @property
    def orders(self) -> Mapping[str, set[str]]:
        """By the letter of each datetime column: the orders in which alone some of its dates so far can be read."""
        return {one.column.column.letter: one.days.orders for one in self._readers if one.days}

    def sift(self, block: Block) -> "Sifted":
        """Read a block of rows."""
        odd = {*block.issues, *block.left_out}
        told: dict[int, list[Issue]] = {}
        said: list[_Said] = []
        for reader in self._readers:
            column, notes = reader.column, dict[int, tuple[Issue, ...]]()
            cells = block.columns[column.position]
            if column.values is not None:
                cells = [column.translated(cell) for cell in cells]
            said.append(_Said(reader.read(cells, odd, notes, texts=block.texts)))
            place = column.column
            for at, issues in notes.items():
                told.setdefault(at, []).extend(
                    issue.at(block.numbers[at], place.header, place.letter) for issue in issues
                )
        if self.options.strict:
            odd.update(told)
        odd.update(self._unusual(said, len(block)))
        return Sifted(self, block, said, odd, told)

    def _unusual(self, said: Sequence[_Said], count: int) -> Iterable[int]:
        """Rows that say something which no cell alone shows: no key, or a name too long that stands in parts."""
        if self._is_odd:
            return range(count)
        columns = list(zip(self.schema.columns, said, strict=True))
        keys = [values() for column, values in columns if column.target.kind in KEYS]
        if not keys:
            return range(count)
        unusual = set[int]()
        if not any(map(all, keys)):
            unusual.update(at for at, cells in enumerate(zip(*keys, strict=True)) if not any(cells))
        if parts := [values() for column, values in columns if column.target.kind in NAME_PARTS]:
            lengths = (sum(map(len, map(str, cells))) + len(cells) for cells in zip(*parts, strict=True))
            unusual.update(at for at, length in enumerate(lengths) if length > platform.NAME_MAX)
        return unusual


class Sifted:
    """A block of rows.

    plain: positions of those that are right; told: what is to be told of these nonetheless, by position.
    refused: what is to be told of those that an error of a cell holds back. odd: the records of all others.
    """

    def __init__(
        self,
        screen: Screen,
        block: Block,
        said: Sequence[_Said],
        odd: set[int],
        told: dict[int, list[Issue]],
    ) -> None:
        self.block = block
        self._screen = screen
        self._said = said
        self._plain_said: dict[int, Values] = {}
        self.told: dict[int, tuple[Issue, ...]] = {}
        self.refused: dict[int, tuple[Issue, ...]] = {}
        for at in sorted(told.keys() - odd):
            found = self.refused if any(issue.is_error for issue in told[at]) else self.told
            found[at] = tuple(told[at])
        self.odd = {at: self._read(at) for at in sorted(odd)}
        others = sorted(odd.union(self.refused))
        self._spans = [  # of plain rows between others
            slice(begin + 1, end) for begin, end in pairwise((-1, *others, len(block))) if begin + 1 < end
        ]
        self.plain = self._of_plain(range(len(block)))

    def _read(self, at: int) -> Record:
        return check_row(self.block.row(at), self._screen.schema, self._screen.options)

    def _of_plain(self, of_rows: Sequence[Thing]) -> Sequence[Thing]:
        """Of something of each row that of the plain ones."""
        if len(self._spans) == 1 and self._spans[0] == slice(0, len(of_rows)):
            return of_rows
        found: list[Thing] = []
        for span in self._spans:
            found += of_rows[span]
        return found

    def numbers(self) -> Sequence[int]:
        """The numbers of the plain rows."""
        return self._of_plain(self.block.numbers)

    def _values(self, *kinds: str) -> SaidByColumn:
        """What the columns of some kinds, or of all, say in the plain rows."""
        return [
            (column, self._say(at))
            for at, column in enumerate(self._screen.schema.columns)
            if not kinds or column.target.kind in kinds
        ]

    def _say(self, column: int) -> Values:
        """What a column says in the plain rows."""
        if column not in self._plain_said:
            self._plain_said[column] = self._of_plain(self._said[column]())
        return self._plain_said[column]

    def keys(self, ninth_digit: NinthDigit) -> list[Sequence[str]]:
        """See `keys_said`, of the plain rows."""
        return keys_said(self._values(*KEYS), ninth_digit)

    def groups(self) -> set[tuple[str, ...]]:
        """The groups that rows join, plain ones and those that are held back, each set of them once for each column."""
        found = {self._screen.schema.constants.groups} if self.plain else set()
        for column, said in zip(self._screen.schema.columns, self._said, strict=True):
            if column.target.kind in GROUPS:
                found.update(cast("set[tuple[str, ...]]", said.distinct() - {"", UNSURE}))
        return found

    def groups_joined(self) -> Sequence[tuple[str, ...]]:
        """The groups that each of the plain rows joins."""
        return groups_joined(self._values(*GROUPS), len(self.plain), self._screen.schema.constants.groups)

    def held(self) -> Held:
        """What is known of the rows, without their cells."""
        numbers = self.block.numbers
        return Held(
            array("q", self.numbers()),
            wishes_of(self._values(), len(self.plain), self._screen.schema),
            {numbers[at]: issues for at, issues in self.told.items()},
            {numbers[at]: issues for at, issues in self.refused.items()},
            list(map(self.block.row, self.refused)),
            list(self.odd.values()),
        )

    def records(self) -> list[Record]:
        """The records of all rows, in order."""
        return list(Portion(self.held, self._screen.schema, self._screen.options).records())
