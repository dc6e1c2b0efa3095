"""The grid: all rows of a checked file at hand, any page of them at once, and checked anew where they are corrected.

A file in SQLite that only its owner can read; it is made of a check and may be thrown away with it. Rows are kept
with their cells, what is wrong with each, and the keys by which one row concerns another.
"""

import json
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from msgspec import Struct

from importer.corrections import Corrections, Step
from importer.date_orders import DateOrders
from importer.examine import Examined
from importer.issues import Issue
from importer.journal.forms import dump, issue_from_json, issue_to_json
from importer.journal.lock import make_private
from importer.kinds import ROWS_SHOWN, Kind
from importer.model import Block, ErrorCell, Record, Row, ShownNumber, UncalculatedCell
from importer.repeats import keys_of, settle
from importer.schema import make_schema
from importer.validate import check_row

TABLES = """
CREATE TABLE rows (
    at INTEGER PRIMARY KEY,    -- its place among the rows, from 0
    number INTEGER NOT NULL,
    status TEXT NOT NULL,      -- of the record: valid, merged, skipped, invalid
    cells TEXT NOT NULL,       -- JSON, as in the file
    reading TEXT,              -- JSON: what went wrong in reading it
    issues TEXT                -- JSON: all that is wrong with it
);
CREATE TABLE found (letter TEXT NOT NULL, code TEXT NOT NULL, error INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE keys (key TEXT NOT NULL, number INTEGER NOT NULL);
"""
INDEXES = """
CREATE UNIQUE INDEX rows_number ON rows (number);
CREATE INDEX rows_status ON rows (status, at);
CREATE INDEX found_kind ON found (letter, code, at, error);
CREATE INDEX found_at ON found (at);
CREATE INDEX keys_key ON keys (key, number);
CREATE INDEX keys_number ON keys (number);
"""
AT_ONCE = 2_000
"""Rows written in one go."""
VALUES = 12
"""Different values of a kind that are asked about at once."""
CORRECTED = "corrected"
"""The filter of rows that somebody has corrected or left out."""

Found = Callable[[int], None]
"""Is told how many rows are done."""


class Filter(Struct, frozen=True):
    """Which rows to show: those with an issue of this kind, or of this status (or CORRECTED); all by default."""

    letter: str = ""
    code: str = ""
    status: str = ""


class GridRow(Struct, frozen=True):
    """A row as it is shown: its cells as corrected, and all that is wrong with it.

    before: the cells that are corrected, as in the file, by the column's letter.
    """

    row: Row
    status: str
    issues: tuple[Issue, ...]
    before: Mapping[str, object]


class Grid:
    """The rows of one check. Safe to use from several threads.

    path: of the file that holds them; an older one is replaced. told: how far it is.
    """

    def __init__(self, path: Path, examined: Examined, told: Found = lambda _: None) -> None:
        check = examined.require_check()
        self.columns = examined.table.columns
        self._options = examined.options
        self._corrections: Corrections = examined.table.corrections
        self._schema = check.schema
        plain = make_schema(examined.mapping, examined.workspace, examined.options)
        self._orders = DateOrders(plain)
        self._turn = threading.RLock()
        self._kinds: list[Kind] | None = None
        self._totals: Counter[str] | None = None
        path.unlink(missing_ok=True)
        make_private(path)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # made anew of the file whenever it is lost, so nothing waits for the disk
        self._db.executescript(f"PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; {TABLES}")
        self.count = self._fill(examined, told)
        _ = self.totals, self.kinds  # counted now, so that the first page need not wait

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._db.close()

    # ------------------------------------------------------------------------------------------- filling

    def _fill(self, examined: Examined, told: Found) -> int:
        check, originals = examined.require_check(), deque[Row]()

        def corrected() -> Iterator[Block]:
            rows = islice(examined.table.rows(as_in_file=True), self._options.limit)
            while some := list(islice(rows, AT_ONCE)):
                originals.extend(some)
                yield Block.of([self._corrections.applied(row, self.columns) for row in some])

        lines = enumerate(check.own_lines(corrected()))
        count = 0
        while part := list(islice(lines, AT_ONCE)):
            stored = []
            for at, (row, _) in part:
                original = originals.popleft()
                self._orders.note(row)
                stored.append((at, row.number, _pack(original.cells), _packed(original.issues)))
            with self._db:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT INTO rows VALUES (?, ?, '', ?, ?, NULL)", stored)
                self._put([(at, check.settled(own)) for at, (_, own) in part], [own for _, (_, own) in part])
            count = part[-1][0] + 1
            told(count)
        self._db.executescript(INDEXES)
        return count

    def _put(self, records: Sequence[tuple[int, Record]], owns: Iterable[Record]) -> None:
        """Keep what became of rows, and the keys of those that are right by themselves."""
        self._db.executemany(
            "UPDATE rows SET status = ?, issues = ? WHERE at = ?",
            [(record.status, _packed(record.issues), at) for at, record in records],
        )
        self._db.executemany(
            "INSERT INTO found VALUES (?, ?, ?, ?)",
            [
                (letter, code, error, at)
                for at, record in records
                for (letter, code), error in _kinds_of(record.issues).items()
            ],
        )
        self._db.executemany(
            "INSERT INTO keys VALUES (?, ?)",
            [(key, own.row) for own in owns for key in self._keys_of(own)],
        )

    def _keys_of(self, own: Record) -> set[str]:
        if own.invalid or own.skipped:
            return set()
        return set(keys_of(own.wanted, self._options.ninth_digit))

    # ------------------------------------------------------------------------------------------- looking

    @property
    def totals(self) -> Counter[str]:
        """Rows by status."""
        with self._turn:
            if self._totals is None:  # to count a million takes as long as two pages
                found = self._db.execute("SELECT status, count(*) FROM rows GROUP BY status")
                self._totals = Counter(dict(found))
            return self._totals

    @property
    def kinds(self) -> list[Kind]:
        """What is wrong with rows, errors first, then what is frequent; one of each to show."""
        with self._turn:
            if self._kinds is None:
                found = self._db.execute(
                    "SELECT letter, code, count(*), max(error) FROM found GROUP BY letter, code"
                ).fetchall()
                ordered = sorted(found, key=lambda kind: (not kind[3], -kind[2], kind[:2]))
                self._kinds = [self._kind(letter, code, count) for letter, code, count, _ in ordered]
            return self._kinds

    def _kind(self, letter: str, code: str, count: int) -> Kind:
        first = self._db.execute(
            "SELECT number, issues FROM rows JOIN found USING (at) WHERE letter = ? AND code = ? "
            "ORDER BY at LIMIT ?",
            (letter, code, ROWS_SHOWN),
        ).fetchall()
        issues = _unpacked(first[0][1])
        example = next(issue for issue in issues if (issue.letter, issue.code) == (letter, code))
        return Kind(example, count, [number for number, _ in first])

    def values(self, kind: Kind) -> dict[str, int]:
        """Values that a kind is told of, the most frequent first, with how many rows have them: `VALUES` at most."""
        issue = kind.example
        with self._turn:
            found = self._db.execute(
                "SELECT issues FROM rows JOIN found USING (at) WHERE letter = ? AND code = ? ORDER BY at LIMIT ?",
                (issue.letter, issue.code, AT_ONCE),
            ).fetchall()
        counts = Counter(
            str(one.value)
            for (stored,) in found
            for one in _unpacked(stored)
            if (one.letter, one.code) == (issue.letter, issue.code)
        )
        return dict(counts.most_common(VALUES))

    def size(self, shown: Filter) -> int:
        """How many rows a filter shows."""
        if shown.status == CORRECTED:
            return len(self._corrections.rows())
        if not shown.code:
            return self.totals[shown.status] if shown.status else self.count
        return next(
            (k.count for k in self.kinds if (k.example.letter, k.example.code) == (shown.letter, shown.code)),
            0,
        )

    def page(self, shown: Filter, start: int, size: int) -> list[GridRow]:
        """`size` of the rows that a filter shows, from number `start` of them on, which counts from 0."""
        with self._turn:
            if shown.status == CORRECTED:
                numbers = sorted(self._corrections.rows())[start : start + size]
                return [row for number in numbers if (row := self.row(number))]
            where, values = self._where(shown)
            places = f"at IN (SELECT at FROM {where} ORDER BY at LIMIT ? OFFSET ?)"  # noqa: S608 - ours
            if where == "rows":  # whose places count from 0 without a gap
                places, size = "at >= ? AND at < ?", start + size
                return self._rows(places, [start, size])
            return self._rows(places, [*values, size, start])

    def _where(self, shown: Filter) -> tuple[str, list[object]]:
        """Where the places of the rows that a filter shows are."""
        if shown.code:
            return "found WHERE letter = ? AND code = ?", [shown.letter, shown.code]
        if shown.status:
            return "rows WHERE status = ?", [shown.status]
        return "rows", []

    def row(self, number: int) -> GridRow | None:
        """The row of this number."""
        with self._turn:
            return next(iter(self._rows("number = ?", [number])), None)

    def place_of(self, number: int) -> int:
        """Where the row of this number, or the next one that there is, stands among all rows; counts from 0."""
        with self._turn:
            (place,) = self._db.execute("SELECT min(at) FROM rows WHERE number >= ?", (number,)).fetchone()
        return max(self.count - 1, 0) if place is None else int(place)

    def rows_of(self, shown: Filter) -> Iterator[GridRow]:
        """All rows that a filter shows. They are read in parts, so that it may be any number of them."""
        start = 0
        while part := self.page(shown, start, AT_ONCE):
            yield from part
            start += AT_ONCE

    def _rows(self, where: str, values: Sequence[object]) -> list[GridRow]:
        found = self._db.execute(
            f"SELECT number, status, cells, reading, issues FROM rows WHERE {where} ORDER BY at",  # noqa: S608 - ours
            values,
        )
        return [self._shown(*stored) for stored in found.fetchall()]

    def _shown(
        self, number: int, status: str, cells: str, reading: str | None, issues: str | None
    ) -> GridRow:
        original = Row(number, _unpack(cells), _unpacked(reading))
        texts = self._corrections.of(number)
        before = {
            column.letter: cell
            for column, cell in zip(self.columns, original.cells, strict=True)
            if column.letter in texts
        }
        return GridRow(self._corrections.applied(original, self.columns), status, _unpacked(issues), before)

    # ---------------------------------------------------------------------------------------- correcting

    def cell(self, row: Row, letter: str) -> object:
        """The cell of a row; None if no column has this letter."""
        return next(
            (c for column, c in zip(self.columns, row.cells, strict=True) if column.letter == letter), None
        )

    def checked_with(self, number: int, texts: Mapping[str, str]) -> Record:
        """What a row would be by itself with these texts, by the column's letter, in its cells."""
        with self._turn:
            ((cells, reading),) = self._db.execute(
                "SELECT cells, reading FROM rows WHERE number = ?", (number,)
            )
        tried = Corrections()
        tried.add(
            Step(
                {(number, letter): text for letter, text in {**self._corrections.of(number), **texts}.items()}
            )
        )
        row = tried.applied(Row(number, _unpack(cells), _unpacked(reading)), self.columns)
        return check_row(row, self._schema, self._options)

    def check_again(self, numbers: Iterable[int], old: Mapping[int, Row]) -> None:
        """Check rows anew after corrections of them have come or gone, and all rows that they concern.

        old: these rows as they were.
        """
        with self._turn:
            changed = set(numbers)
            for number in changed:
                if (now := self.row(number)) and number in old:
                    self._orders.note(old[number], -1)
                    self._orders.note(now.row)
            schema = self._orders.schema()
            if schema != self._schema:  # a column's dates read otherwise now
                self._schema = schema
                changed = {number for (number,) in self._db.execute("SELECT number FROM rows")}
            with self._db:
                self._db.execute("BEGIN")
                self._settle(changed)
            self._kinds = self._totals = None

    def _settle(self, changed: set[int]) -> None:
        """Check these rows, and all that share a key with them now or did so before, across rows as well."""
        keys = self._keys_with(changed)
        self._forget_keys(changed)
        owns: dict[int, Record] = {}
        known, waiting = set[str](), set(changed)
        while waiting:
            for number in waiting:
                if found := self.row(number):
                    owns[number] = check_row(found.row, self._schema, self._options)
                    keys |= self._keys_of(owns[number])
            waiting, known = self._rows_with(keys - known) - owns.keys(), known | keys
        records = sorted(owns.values(), key=lambda record: record.row)
        right = [record for record in records if not record.invalid and not record.skipped]
        options = self._options
        settled = settle(right, options.duplicates, self._schema.types, options.ninth_digit)
        self._forget_keys(owns)
        places = [(self.place_of(record.row), record) for record in records]
        self._db.executemany("DELETE FROM found WHERE at = ?", [(at,) for at, _ in places])
        self._put([(at, settled.get(record.row, record)) for at, record in places], records)

    def _keys_with(self, numbers: Iterable[int]) -> set[str]:
        return {
            key
            for number in numbers
            for (key,) in self._db.execute("SELECT key FROM keys WHERE number = ?", (number,))
        }

    def _rows_with(self, keys: Iterable[str]) -> set[int]:
        return {
            number
            for key in keys
            for (number,) in self._db.execute("SELECT number FROM keys WHERE key = ?", (key,))
        }

    def _forget_keys(self, numbers: Iterable[int]) -> None:
        self._db.executemany("DELETE FROM keys WHERE number = ?", [(number,) for number in numbers])


# ------------------------------------------------------------------------------------------------- forms


def _kinds_of(issues: Iterable[Issue]) -> dict[tuple[str, str], bool]:
    kinds: dict[tuple[str, str], bool] = {}
    for issue in issues:
        kind = issue.letter, issue.code
        kinds[kind] = kinds.get(kind, False) or issue.is_error
    return kinds


def _packed(issues: Sequence[Issue]) -> str | None:
    return dump([issue_to_json(issue) for issue in issues]) if issues else None


def _unpacked(stored: str | None) -> tuple[Issue, ...]:
    return tuple(map(issue_from_json, json.loads(stored))) if stored else ()


def _pack(cells: Sequence[object]) -> str:
    """Cells as JSON: what it does not know is a list of what it is and how it is written."""
    return dump(
        [cell if cell is None or isinstance(cell, str | int | float) else _tagged(cell) for cell in cells]
    )


def _tagged(cell: object) -> list[object]:
    match cell:
        case ShownNumber():
            return ["shown", cell.value, cell.shown]
        case ErrorCell() | UncalculatedCell():
            return ["error" if isinstance(cell, ErrorCell) else "formula", str(cell)]
        case timedelta():
            return ["span", cell.total_seconds()]
        case datetime() | date() | time():
            return [type(cell).__name__, cell.isoformat()]
    raise TypeError(cell)


_MADE_OF: Mapping[str, Callable[..., object]] = {
    "shown": ShownNumber,
    "error": ErrorCell,
    "formula": UncalculatedCell,
    "span": lambda seconds: timedelta(seconds=seconds),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def _unpack(stored: str) -> tuple[object, ...]:
    return tuple(
        _MADE_OF[cell[0]](*cell[1:]) if isinstance(cell, list) else cell for cell in json.loads(stored)
    )
