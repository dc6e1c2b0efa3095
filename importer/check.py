"""Rows + schema → a Check: every record with all that is wrong with it, within its row and across rows.

A check holds no rows. What it keeps of each is a few bytes; whoever wants the records goes through the file again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from importer.date_orders import decide_date_orders
from importer.fitting import Fitting
from importer.kinds import Kinds
from importer.model import Record, Row
from importer.options import Options
from importer.repeats import Repeats, settle
from importer.schema import Schema
from importer.validate import check_row


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
        self.schema = decide_date_orders(rows, schema)
        self.repeats = Repeats(options.ninth_digit)
        self.totals = Totals()
        self.groups: dict[str, str] = {}
        for row in rows():
            record = check_row(row, self.schema, options)
            self.repeats.note(record)
            self.totals.add(record)
            if not record.invalid and not record.skipped:
                for name in record.wanted.groups:
                    self.groups.setdefault(name.casefold(), name)
                if fitting:
                    fitting.note(row)
        self._settled = self._settle()

    def _settle(self) -> dict[int, Record]:
        suspects = self.repeats.suspects
        if not suspects:
            return {}
        rows = (row for row in self._rows() if row.number in suspects)
        records = [check_row(row, self.schema, self._options) for row in rows]
        settled = settle(records, self._options.duplicates, self.schema.types, self._options.ninth_digit)
        for record in records:
            if record.row in settled:
                self.totals.change(record, settled[record.row])
        return settled

    def lines(self) -> Iterator[tuple[Row, Record]]:
        """Every row with its record, in order."""
        for row in self._rows():
            settled = self._settled.get(row.number)
            yield row, settled or check_row(row, self.schema, self._options)

    def records(self) -> Iterator[Record]:
        """Every record, in order."""
        return (record for _, record in self.lines())

    @property
    def invalid(self) -> int:
        """How many rows an error holds back."""
        return self.totals.rows["invalid"]
