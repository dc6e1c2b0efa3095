"""Rows + schema → a Check: every record with all that is wrong with it, within its row and across rows.

A check holds no rows. What it keeps of each is a few bytes; whoever wants the records goes through the file again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain, islice

from importer.date_orders import with_orders
from importer.fitting import Fitting
from importer.kinds import Kinds
from importer.model import Block, Record, Row
from importer.options import Options
from importer.portions import Held, Portion
from importer.repeats import NotedKeys, Repeats, settle
from importer.schema import Schema
from importer.screening import Screen, Sifted
from importer.shelf import Place, Shelf

_AT_ONCE = 1000
"""Suspects that are looked at together."""


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
    """All rows of a file, checked. `blocks` gives the file's rows, anew each time it is called.

    fitting: looks at the cells of all rows that are fine by themselves. groups: that these join, by casefolded name.
    shelf: where what is known of the rows is put aside, for whoever wants it again.
    """

    def __init__(
        self,
        blocks: Callable[[], Iterable[Block]],
        schema: Schema,
        options: Options,
        fitting: Fitting | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._blocks = blocks
        self._options = options
        self._fitting = fitting or Fitting()
        self._shelf = shelf
        self._places: list[Place] = []
        # most often the first rows tell the orders of day and month; else what was read by them is read again
        self.schema = schema
        if any(column.value_type == "datetime" for column in schema.columns):
            self.schema = with_orders(schema, self._go_through(islice(blocks(), 1)))
        seen = self._go_through(blocks())
        if (decided := with_orders(schema, seen)) != self.schema:
            self.schema = decided
            self._go_through(blocks())
        self._settled = self._settle()

    def _go_through(self, blocks: Iterable[Block]) -> Mapping[str, Set[str]]:
        """Check every row by itself, and note what is to be known across rows.

        Returns the orders in which alone some dates can be read, by the letter of their column.
        """
        self.repeats = Repeats(self._options.ninth_digit)
        self.totals = Totals()
        self.groups: dict[str, str] = {}
        self._fitting.begin()
        self._places.clear()
        self._screen = screen = Screen(
            self.schema, self._options
        )  # what it remembers serves all further readings
        for block in blocks:
            sifted = screen.sift(block)
            self._note(sifted)
            if self._shelf is not None and (place := self._shelf.put(sifted.held())):
                self._places.append(place)
        return screen.orders

    def _note(self, sifted: Sifted) -> None:
        numbers, odd = sifted.numbers(), sifted.odd
        self.repeats.note_keys(NotedKeys.of(numbers, sifted.keys(self.repeats.ninth_digit)))
        self.totals.rows["valid"] += len(numbers)
        self.totals.rows["invalid"] += len(sifted.refused)
        told = sifted.told | sifted.refused
        for at in sorted((*odd, *told)):
            if at in odd:
                self.repeats.note(odd[at])
                self.totals.add(odd[at])
            else:
                self.totals.kinds.add(told[at])
        self._note_groups(sifted)
        if self._fitting.is_open:
            valid = {*sifted.plain, *(at for at, record in odd.items() if record.status == "valid")}
            for at in sorted(valid):
                self._fitting.note(sifted.block.row(at))

    def _note_groups(self, sifted: Sifted) -> None:
        sets = (*sifted.groups(), *(record.wanted.groups for record in sifted.odd.values()))
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
        rows = chain.from_iterable(_only(suspects, block) for block in self._blocks())
        records: list[Record] = []
        while some := list(islice(rows, _AT_ONCE)):
            records += self._screen.sift(Block.of(some)).records()
        settled = settle(records, self._options.duplicates, self.schema.types, self._options.ninth_digit)
        for record in records:
            if record.row in settled:
                self.totals.change(record, settled[record.row])
        return settled

    def lines(self) -> Iterator[tuple[Row, Record]]:
        """Every row with its record, in order."""
        return ((row, self._settled.get(row.number, own)) for row, own in self.own_lines(self._blocks()))

    def own_lines(self, blocks: Iterable[Block]) -> Iterator[tuple[Row, Record]]:
        """Each of these rows with what it is by itself, whatever it is across rows."""
        for block in blocks:
            yield from zip(block.rows(), self._screen.sift(block).records(), strict=True)

    def settled(self, own: Record) -> Record:
        """What has become of a record across rows."""
        return self._settled.get(own.row, own)

    @property
    def firsts(self) -> set[int]:
        """The rows that later ones agree with."""
        return {record.into for record in self._settled.values() if record.into is not None}

    def records(self) -> Iterator[Record]:
        """Every record, in order."""
        return chain.from_iterable(portion.records() for portion in self.portions())

    def portions(self) -> Iterator[Portion]:
        """The same, many rows at a time."""
        schema, options = self.schema, self._options
        return (Portion(held, schema, options, self._settled) for held in self._held())

    def _held(self) -> Iterator[Held]:
        if self._shelf is not None and self._shelf.is_open:
            return map(self._shelf.get, self._places)
        return (self._screen.sift(block).held() for block in self._blocks())

    @property
    def invalid(self) -> int:
        """How many rows an error holds back."""
        return self.totals.rows["invalid"]


def _only(numbers: Set[int], block: Block) -> Iterator[Row]:
    """Those rows of a block that have one of these numbers."""
    return map(block.row, [at for at, number in enumerate(block.numbers) if number in numbers])
