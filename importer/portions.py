"""Checked rows, many at once: what those want that are plain, and the records of all others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from importer.issues import Issue
from importer.model import Record, Row
from importer.options import Options
from importer.schema import Schema
from importer.validate import check_row
from importer.wishes import Wishes, wanteds

Told = Mapping[int, tuple[Issue, ...]]
"""What is to be told of rows, by their numbers."""


class Held(NamedTuple):
    """What is known of some rows once they were checked, so that nobody reads them again.

    numbers, wishes: of the plain rows. told: of plain rows.
    refused: what is told of rows that an error of a cell holds back, and those rows. odd: records of all others.
    """

    numbers: Sequence[int]
    wishes: Wishes
    told: Told
    refused: Told
    refused_rows: list[Row]
    odd: list[Record]


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
    def plain(self) -> Sequence[int]:
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

    @property
    def wishes(self) -> Wishes:
        """What the plain rows want."""
        return self._held.wishes

    def some(self, numbers: Set[int]) -> Iterator[Record]:
        """The records of rows with these numbers."""
        places = [at for at, number in enumerate(self.plain) if number in numbers]
        odd = (record for record in self._held.odd if record.row in numbers)
        return self._records(places, odd, (row for row in self._held.refused_rows if row.number in numbers))

    def records(self, without: Set[int] = frozenset()) -> Iterator[Record]:
        """Every record, in order, but those of some rows that are plain or refused, by their numbers."""
        places = [at for at, number in enumerate(self.plain) if number not in without]
        refused = (row for row in self._held.refused_rows if row.number not in without)
        return self._records(places, self._held.odd, refused)

    def _records(
        self, places: Sequence[int], odd: Iterable[Record], refused: Iterable[Row]
    ) -> Iterator[Record]:
        """The records of plain rows, by their places, and of others, in order."""
        numbers = [self.plain[at] for at in places]
        told = [self.told.get(number, ()) for number in numbers]
        records = list(map(Record, numbers, wanteds(self.wishes, places, self._schema), told))
        records += odd
        records += (check_row(row, self._schema, self._options) for row in refused)
        records.sort(key=attrgetter("row"))
        return (self.settled.get(record.row, record) for record in records) if self.settled else iter(records)
