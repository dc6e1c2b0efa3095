"""Rows + schema → a Check: every record with all that is wrong with it, within its row and across rows.

A check holds no rows. What it keeps of each is a few bytes; whoever wants the records goes through the file again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice

from importer.date_orders import with_orders
from importer.fitting import Fitting
from importer.kinds import Kinds
from importer.model import Block, Record, Row, Stretch
from importer.options import Options
from importer.portions import Held, Portion
from importer.processes import beside, can_share
from importer.repeats import Repeats, settle
from importer.schema import Schema
from importer.screening import Screen, Sifted
from importer.shelf import Place, Shelf

_AT_ONCE = 1000
"""Suspects that are looked at together."""
_ALONE = 6
"""Stretches, five thousand rows or so: a second process is not worth while for as many more."""


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


class Tally:
    """What the rows of a file tell across rows, as somebody goes through them; or a part of them, to be merged.

    groups: that valid rows join, by casefolded name, as the first of them writes it, with that row's number.
    orders: in which alone some dates can be read, by the letter of their column.
    places: where what is known of the rows was put aside: the number of the stretch, on which shelf, and where there.
    """

    def __init__(self, options: Options, fitting: Fitting) -> None:
        self.repeats = Repeats(options.ninth_digit)
        self.totals = Totals()
        self.groups: dict[str, tuple[int, str]] = {}
        self.orders: Mapping[str, Set[str]] = {}
        self.fitting = fitting
        self.places: list[tuple[int, int, Place]] = []
        self.is_whole = True  # whether there was room for all of it

    def put(self, stretch: int, which: int, shelf: Shelf, sifted: Sifted) -> None:
        """Put aside what is known of the rows."""
        if place := shelf.put(sifted.held()):
            self.places.append((stretch, which, place))
        else:
            self.is_whole = False

    def note(self, sifted: Sifted) -> None:
        """Note a block of rows, which stand below those that were noted before."""
        numbers, odd = sifted.numbers(), sifted.odd
        self.repeats.note_keys(numbers, sifted.keys(self.repeats.ninth_digit))
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
        if self.fitting.is_open:
            valid = {*sifted.plain, *(at for at, record in odd.items() if record.status == "valid")}
            for at in sorted(valid):
                self.fitting.note(sifted.block.row(at))

    def _note_groups(self, sifted: Sifted) -> None:
        odd = [
            (record.row, record.wanted.groups)
            for record in sifted.odd.values()
            if record.status == "valid" and record.wanted.groups
        ]
        joined = sifted.groups()
        names = {name.casefold() for some in (*joined, *(groups for _, groups in odd)) for name in some}
        if names <= self.groups.keys():
            return
        # row by row, for the first spelling is the one that counts
        for row, groups in sorted((*zip(sifted.numbers(), sifted.groups_joined(), strict=True), *odd)):
            for name in groups:
                self.groups.setdefault(name.casefold(), (row, name))

    def merge(self, others: "Tally") -> None:
        """Note what was noted of other rows as well."""
        self.repeats.merge(others.repeats)
        self.totals.rows.update(others.totals.rows)
        self.totals.kinds.merge(others.totals.kinds)
        self.fitting.merge(others.fitting)
        for key, first in others.groups.items():
            self.groups[key] = min(self.groups.get(key, first), first)
        self.orders = {letter: orders | others.orders[letter] for letter, orders in self.orders.items()}
        self.places = sorted(self.places + others.places)
        self.is_whole = self.is_whole and others.is_whole


class Check:
    """All rows of a file, checked. `stretches` gives the file's rows, anew each time it is called.

    fitting: looks at the cells of all rows that are fine by themselves; that of the check has seen them.
    shelf: where what is known of the rows is put aside, for whoever wants it again.
    is_shared: whether two processes may go through a long file at once; that pays where a stretch is only read by the
    one that looks at it, as in texts.
    """

    def __init__(
        self,
        stretches: Callable[[], Iterable[Stretch]],
        schema: Schema,
        options: Options,
        fitting: Fitting | None = None,
        shelf: Shelf | None = None,
        *,
        is_shared: bool = False,
    ) -> None:
        self._stretches = stretches
        self._options = options
        self._shelves = [shelf] if shelf else []
        self._is_shared = is_shared
        # most often the first rows tell the orders of day and month; else what was read by them is read again
        self.schema = schema
        self.fitting = fitting or Fitting()
        if any(column.value_type == "datetime" for column in schema.columns):
            self._screen = Screen(schema, options)
            first = Tally(options, self.fitting.anew())
            self._look(first, islice(enumerate(stretches()), 1))
            self.schema = with_orders(schema, first.orders)
        tally = self._go_through()
        if (decided := with_orders(schema, tally.orders)) != self.schema:
            self.schema = decided
            tally = self._go_through()
        self.repeats, self.totals, self.fitting = tally.repeats, tally.totals, tally.fitting
        self.groups = {key: name for key, (_, name) in tally.groups.items()}
        self._places = tally.places if tally.is_whole else []
        self._settled = self._settle()

    def _go_through(self) -> Tally:
        """Check every row by itself, and note what is to be known across rows."""
        tally = Tally(self._options, self.fitting.anew())
        self._screen = Screen(self.schema, self._options)  # what it remembers serves all further readings
        rest = enumerate(self._stretches())
        self._look(tally, islice(rest, _ALONE), put_on=0)
        if self._is_shared and can_share() and (following := next(rest, None)):
            if len(self._shelves) == 1:
                self._shelves.append(self._shelves[0].another())
            with beside(self._every_other) as others:
                self._look(tally, chain([following], islice(rest, 1, None, 2)), put_on=0)
                tally.merge(others())
        else:
            self._look(tally, rest, put_on=0)
        return tally

    def _every_other(self) -> Tally:
        """Every other stretch of those that are shared, beginning with the second."""
        tally = Tally(self._options, self.fitting.anew())
        self._look(tally, islice(enumerate(self._stretches()), _ALONE + 1, None, 2), put_on=1)
        return tally

    def _look(
        self, tally: Tally, stretches: Iterable[tuple[int, Stretch]], put_on: int | None = None
    ) -> None:
        """Look at some stretches, which come with their numbers. put_on: which shelf is for what is known of them."""
        for number, stretch in stretches:
            for block in stretch.blocks():
                sifted = self._screen.sift(block)
                tally.note(sifted)
                if put_on is not None and self._shelves:
                    tally.put(number, put_on, self._shelves[put_on], sifted)
        tally.orders = self._screen.orders

    def _settle(self) -> dict[int, Record]:
        suspects = self.repeats.suspects
        if not suspects:
            return {}
        records = list(self._records_of(suspects))
        settled = settle(records, self._options.duplicates, self.schema.types, self._options.ninth_digit)
        for record in records:
            if record.row in settled:
                self.totals.change(record, settled[record.row])
        return settled

    def _records_of(self, numbers: Set[int]) -> Iterator[Record]:
        """What rows with these numbers are by themselves."""
        if self._places:
            for held in self._held():
                portion = Portion(held, self.schema, self._options)
                others = {number for number in (*portion.plain, *portion.refused) if number not in numbers}
                yield from (record for record in portion.records(others) if record.row in numbers)
            return
        rows = chain.from_iterable(stretch.some(numbers) for stretch in self._stretches())
        while some := list(islice(rows, _AT_ONCE)):
            yield from self._screen.sift(Block.of(some)).records()

    def lines(self) -> Iterator[tuple[Row, Record]]:
        """Every row with its record, in order."""
        return ((row, self._settled.get(row.number, own)) for row, own in self.own_lines(self._blocks()))

    def _blocks(self) -> Iterator[Block]:
        return chain.from_iterable(stretch.blocks() for stretch in self._stretches())

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

    def _held(self) -> Iterator[Callable[[], Held]]:
        if self._places:
            return (partial(self._shelves[which].get, place) for _, which, place in self._places)
        return (partial(self._sifted, block) for block in self._blocks())

    def _sifted(self, block: Block) -> Held:
        return self._screen.sift(block).held()

    @property
    def invalid(self) -> int:
        """How many rows an error holds back."""
        return self.totals.rows["invalid"]
