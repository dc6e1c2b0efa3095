"""Checked rows, many at once: what they want, column by column for those that are plain, else as records."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, cast

from importer.column_readers import Values
from importer.issues import Issue
from importer.model import Record, Row
from importer.options import Options
from importer.plain_rows import Wishes, wanteds, wishes_of
from importer.schema import Schema
from importer.validate import check_row

_BETWEEN = "\x1f"
Told = Mapping[int, tuple[Issue, ...]]
"""What is to be told of rows, by their numbers."""


class Held(NamedTuple):
    """What is known of some rows once they were checked, so that nobody reads them again.

    numbers, values: of the plain rows; of each column what it says in them. told: of plain rows.
    refused: what is told of rows that an error of a cell holds back, and those rows. odd: records of all others.
    """

    numbers: list[int]
    values: list["Column"]
    told: Told
    refused: Told
    refused_rows: list[Row]
    odd: list[Record]


class Column:
    """What a column says in some rows; its texts as one, which is put aside in a tenth of the time."""

    __slots__ = ("_said",)

    def __init__(self, values: Values) -> None:
        self._said: str | Values = values
        if values and type(values[0]) is str:
            with suppress(TypeError):  # not all of them are
                texts = _BETWEEN.join(cast("Sequence[str]", values))
                if texts.count(_BETWEEN) == len(values) - 1:
                    self._said = texts

    def values(self) -> Values:
        """They."""
        return self._said.split(_BETWEEN) if isinstance(self._said, str) else self._said


class Portion:
    """Some rows of a file, checked.

    held: what is known of them; is asked for once, when somebody wants to know.
    plain: numbers of those that are right by themselves. told: what is to be told of these nonetheless.
    refused: what is told of those that an error of a cell holds back.
    settled: records of rows that are another thing across rows than by themselves.
    """

    def __init__(
        self,
        held: Callable[[], Held],
        schema: Schema,
        options: Options,
        settled: Mapping[int, Record] | None = None,
    ) -> None:
        self._hold, self._schema, self._options = held, schema, options
        self.settled: Mapping[int, Record] = settled or {}

    @cached_property
    def _held(self) -> Held:
        return self._hold()

    @property
    def plain(self) -> list[int]:
        """See above."""
        return self._held.numbers

    @property
    def told(self) -> Told:
        """See above."""
        return self._held.told

    @property
    def refused(self) -> Told:
        """See above."""
        return self._held.refused

    @cached_property
    def _values(self) -> list[Values]:
        return [column.values() for column in self._held.values]

    def wishes(self) -> Wishes:
        """What the cells of the plain rows say."""
        said = list(zip(self._schema.columns, self._values, strict=True))
        return wishes_of(said, len(self.plain), self._schema)

    def some(self, numbers: Set[int]) -> Iterator[Record]:
        """The records of rows with these numbers."""
        others = {number for number in (*self.plain, *self.refused) if number not in numbers}
        return (record for record in self.records(others) if record.row in numbers)

    def records(self, without: Set[int] = frozenset()) -> Iterator[Record]:
        """Every record, in order, but those of some rows that are plain or refused, by their numbers."""
        numbers, values = self.plain, self._values
        if without:
            places = [at for at, number in enumerate(numbers) if number not in without]
            numbers = [numbers[at] for at in places]
            values = [[said[at] for at in places] for said in values]
        said = list(zip(self._schema.columns, values, strict=True))
        told = [self.told.get(number, ()) for number in numbers]
        records = list(map(Record, numbers, wanteds(said, len(numbers), self._schema), told))
        records += self._held.odd
        for row in self._held.refused_rows:
            if row.number not in without:
                records.append(check_row(row, self._schema, self._options))
        records.sort(key=attrgetter("row"))
        return (self.settled.get(record.row, record) for record in records) if self.settled else iter(records)
