"""Rows + schema → a Check: every record with all that is wrong with it, within its row and across rows.

A check holds no rows. What it keeps of each is a few bytes; whoever wants the records goes through the file again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import islice

from importer.date_orders import decide_date_orders, with_orders
from importer.fitting import Fitting
from importer.kinds import Kinds
from importer.model import Record, Row
from importer.options import Options
from importer.repeats import Repeats, settle
from importer.schema import Schema
from importer.screening import AT_ONCE, Screen, Sifted, blocks


@dataclass(slots=True)
class Totals:
    """What a check counted. `rows` by status: valid, merged, skipped, invalid."""

    rows: Counter[str] = field(default_factory=Counter)
    kinds: Kinds = field(default_factory=Kinds)

    def add(self, record: Record) -> None:
        """Count a record."""
        self.rows[record.status] += 1
        self.kinds.add(record.issues)

    def change(self, record: Record, settled: Record) -> None:
        """Count a record, counted before, as what has become of it across rows."""
        self.rows[record.status] -= 1
        self.rows[settled.status] += 1
        self.kinds.add(settled.issues[len(record.issues) :])


class Check:
    """All rows of a file, checked. `rows` gives the file's rows, anew each time it is called.

    fitting: looks at the cells of all rows that are fine by themselves. groups: that these join, by casefolded name.
    """

    def __init__(
        self,
        rows: Callable[[], Iterable[Row]],
        schema: Schema,
        options: Options,
        fitting: Fitting | None = None,
    ) -> None:
        self._rows = rows
        self._options = options
        self._fitting = fitting or Fitting()
        # most often the first rows tell the orders of day and month; else what was read by them is read again
        first = list(islice(rows(), AT_ONCE))
        self.schema = decide_date_orders(lambda: first, schema)
        seen = self._go_through()
        if (decided := with_orders(schema, seen)) != self.schema:
            self.schema = decided
            self._go_through()
        self._settled = self._settle()

    def _go_through(self) -> Mapping[str, Set[str]]:
        """Check every row by itself, and note what is to be known across rows.

        Returns the orders in which alone some dates can be read, by the letter of their column.
        """
        self.repeats = Repeats(self._options.ninth_digit)
        self.totals = Totals()
        self.groups: dict[str, str] = {}
        self._fitting.begin()
        screen = Screen(self.schema, self._options)
        for block in blocks(self._rows()):
            self._note(screen.sift(block))
        return screen.orders

    def _note(self, sifted: Sifted) -> None:
        numbers, checked = sifted.numbers(), sifted.checked
        for keys in sifted.keys(self.repeats.ninth_digit):
            self.repeats.note_keys(numbers, keys)
        self.totals.rows["valid"] += len(numbers)
        for at in sorted((*checked, *sifted.told)):
            if at in checked:
                self.repeats.note(checked[at])
                self.totals.add(checked[at])
            else:
                self.totals.kinds.add(sifted.told[at])
        self._note_groups(sifted)
        if self._fitting.is_open:
            for at, row in enumerate(sifted.rows):
                if at not in checked or checked[at].status == "valid":
                    self._fitting.note(row)

    def _note_groups(self, sifted: Sifted) -> None:
        sets = (*sifted.groups(), *(record.wanted.groups for record in sifted.checked.values()))
        if {name.casefold() for names in sets for name in names} <= self.groups.keys():
            return
        for record in sifted.records():  # row by row, for the first spelling is the one that counts
            if record.status == "valid":
                for name in record.wanted.groups:
                    self.groups.setdefault(name.casefold(), name)

    def _settle(self) -> dict[int, Record]:
        suspects = self.repeats.suspects
        if not suspects:
            return {}
        rows = (row for row in self._rows() if row.number in suspects)
        screen = Screen(self.schema, self._options)
        records = [record for block in blocks(rows) for record in screen.sift(block).records()]
        settled = settle(records, self._options.duplicates, self.schema.types, self._options.ninth_digit)
        for record in records:
            if record.row in settled:
                self.totals.change(record, settled[record.row])
        return settled

    def lines(self) -> Iterator[tuple[Row, Record]]:
        """Every row with its record, in order."""
        return ((row, self._settled.get(row.number, own)) for row, own in self.own_lines(self._rows()))

    def own_lines(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Record]]:
        """Each of these rows with what it is by itself, whatever it is across rows."""
        screen = Screen(self.schema, self._options)
        for block in blocks(rows):
            yield from zip(block, screen.sift(block).records(), strict=True)

    def settled(self, own: Record) -> Record:
        """What has become of a record across rows."""
        return self._settled.get(own.row, own)

    def records(self) -> Iterator[Record]:
        """Every record, in order."""
        return (record for _, record in self.lines())

    @property
    def invalid(self) -> int:
        """How many rows an error holds back."""
        return self.totals.rows["invalid"]
