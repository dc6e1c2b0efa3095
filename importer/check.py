"""Rows + schema → a Check: every record with all that is wrong with it, within its row and across rows.

A check holds no rows. What it keeps of each is a few bytes; whoever wants the records goes through the file again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from heapq import merge
from itertools import chain, islice
from operator import attrgetter

from msgspec import Struct, field

from importer.date_orders import DateOrders, with_orders
from importer.fitting import Fitting
from importer.kinds import Kinds
from importer.model import Block, Record, Row, Stretch
from importer.options import Options
from importer.portions import Held, Portion
from importer.processes import Turns, beside, can_share
from importer.repeats import Repeats, settle
from importer.schema import Schema
from importer.screening import Screen, Sifted
from importer.shelf import Place, Shelf

_SAMPLE = 200
"""Rows that most often tell in which order dates are."""
_AT_ONCE = 1000
"""Suspects that are looked at together."""
_SHARED_FROM = 7
"""Stretches, five thousand rows or so: from then on a second process is worth while."""
_Put = tuple[int, int, Place]
"""What is known of a block was put aside: the number of its stretch, on which shelf, and where there."""


class Totals(Struct):
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
    places: where what is known of the rows was put aside.
    """

    def __init__(self, options: Options, fitting: Fitting) -> None:
        self.repeats = Repeats(options.ninth_digit)
        self.totals = Totals()
        self.groups: dict[str, tuple[int, str]] = {}
        self.orders: Mapping[str, Set[str]] = {}
        self.fitting = fitting
        self.places: list[_Put] = []
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
        self.fitting = fitting or Fitting()
        orders = DateOrders(schema)
        if orders.columns:
            blocks = chain.from_iterable(stretch.blocks() for stretch in stretches())
            for row in islice(chain.from_iterable(block.rows() for block in blocks), _SAMPLE):
                orders.note(row)
        self.schema = orders.schema()
        # most often the first rows tell the orders of day and month; else what was read by them is read again
        if not self._go_through():
            self._go_through(again=True)

    def _go_through(self, *, again: bool = False) -> bool:
        """Check every row, by itself and across rows.

        False: not the latter, as rows further down tell the order of day and month, which the schema has from now on.
        """
        tally = Tally(self._options, self.fitting.anew())
        self._screen = Screen(self.schema, self._options)  # what it remembers serves all further readings
        rest = iter(self._stretches())
        first = list(islice(rest, _SHARED_FROM)) if self._is_shared and can_share() else []
        stretches = chain(first, rest)
        if len(first) < _SHARED_FROM:
            self._look(tally, enumerate(stretches), put_on=0)

            def records_alone(keys: Set[int], places: Sequence[_Put]) -> Iterable[Record]:
                return self._records_of(tally.repeats.rows_with(keys), places)

            return self._conclude(tally, records_alone, again=again)
        if len(self._shelves) == 1:
            self._shelves.append(self._shelves[0].another())
        turns = Turns()
        with beside(partial(self._tally_of_others, turns), self._records_of_others) as (
            tally_of_others,
            records_of_others,
        ):
            theirs = tally_of_others()
            self._look(tally, turns.shared(stretches), put_on=0)
            turns.end()
            self._theirs: Tally = theirs()
            tally.merge(self._theirs)

            def records_of(keys: Set[int], places: Sequence[_Put]) -> Iterable[Record]:
                records = records_of_others(keys, places, turns.taken)
                numbers = tally.repeats.rows_with(keys)
                mine = self._records_of(numbers, places, lambda number: number in turns.taken)
                return merge(mine, records(), key=attrgetter("row"))

            return self._conclude(tally, records_of, again=again)

    def _tally_of_others(self, turns: Turns) -> Tally:
        """What the stretches tell that the first process does not look at."""
        self._theirs = Tally(self._options, self.fitting.anew())
        self._look(self._theirs, turns.shared(self._stretches()), put_on=1)
        return self._theirs

    def _records_of_others(self, keys: Set[int], places: Sequence[_Put], taken: Set[int]) -> list[Record]:
        """What the second process's rows with these keys are by themselves, in order.

        taken: the stretches that the first one has looked at.
        """
        numbers = self._theirs.repeats.rows_with(keys)
        return self._records_of(numbers, places, lambda number: number not in taken)

    def _look(self, tally: Tally, stretches: Iterable[tuple[int, Stretch]], put_on: int) -> None:
        """Look at some stretches, which come with their numbers. put_on: which shelf is for what is known of them."""
        for number, stretch in stretches:
            for block in stretch.blocks():
                sifted = self._screen.sift(block)
                tally.note(sifted)
                if self._shelves:
                    tally.put(number, put_on, self._shelves[put_on], sifted)
        tally.orders = self._screen.orders

    def _conclude(
        self,
        tally: Tally,
        records_of: Callable[[Set[int], Sequence[_Put]], Iterable[Record]],
        *,
        again: bool,
    ) -> bool:
        """Keep what all rows have told, and settle what becomes of those that repeat others; see `_go_through`."""
        decided = with_orders(self.schema, tally.orders)
        if decided != self.schema and not again:
            self.schema = decided
            return False
        self.repeats, self.totals, self.fitting = tally.repeats, tally.totals, tally.fitting
        self.groups = {key: name for key, (_, name) in tally.groups.items()}
        self._places = tally.places if tally.is_whole else []
        self._settled: dict[int, Record] = {}
        if keys := self.repeats.shared.repeated:
            options, types = self._options, self.schema.types
            records = list(records_of(keys, self._places))
            self._settled = settle(records, options.duplicates, types, options.ninth_digit)
            for record in records:
                if record.row in self._settled:
                    self.totals.change(record, self._settled[record.row])
        return True

    def _records_of(
        self,
        numbers: Set[int],
        places: Sequence[_Put],
        is_among: Callable[[int], bool] = lambda _: True,
    ) -> list[Record]:
        """What rows with these numbers are by themselves, in order.

        places: where they were put aside, if they were. is_among: whether they may be in a stretch, by its number.
        """
        if places:
            kept = (
                partial(self._shelves[which].get, place)
                for number, which, place in places
                if is_among(number)
            )
            portions = (Portion(held, self.schema, self._options) for held in kept)
            return [record for portion in portions for record in portion.some(numbers)]
        stretches = (stretch for number, stretch in enumerate(self._stretches()) if is_among(number))
        rows = chain.from_iterable(stretch.some(numbers) for stretch in stretches)
        found: list[Record] = []
        while some := list(islice(rows, _AT_ONCE)):
            found += self._screen.sift(Block.of(some)).records()
        return found

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
