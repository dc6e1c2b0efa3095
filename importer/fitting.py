"""Which type a new field's values would fit, where nobody has named one and it is going to be text."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from importer.cells import is_blank, is_clear
from importer.dates import date_readings
from importer.issues import CellRefused, Issue
from importer.model import Row, ShownNumber
from importer.numbers import parse_numeric
from importer.schema import TypedColumn

ENOUGH = 3
"""Values that it takes to suggest a type."""

_CODE = re.compile(r"0\d|\d{9}")
"""How codes begin (a postal code, a CPF, a registration): digits that mean no amount."""


class OpenColumn(Struct):
    """A column and what all its values so far are. orders: of day and month in which all are dates."""

    typed: TypedColumn
    count: int = 0
    numbers: bool = True
    orders: frozenset[str] = frozenset(("dmy", "mdy"))

    def note(self, cell: object) -> None:
        """Look at a cell that is not blank."""
        self.count += 1
        self.numbers = self.numbers and _is_amount(cell, self.typed)
        self.orders = self.orders and self.orders & date_readings(cell)

    @property
    def fits(self) -> str:
        """The type that all values fit; "" if it is only text."""
        if self.count < ENOUGH:
            return ""
        return "numeric" if self.numbers else "datetime" if self.orders else ""


class Fitting:
    """Looks at the cells of new text fields, row by row."""

    def __init__(self, columns: Iterable[TypedColumn] = ()) -> None:
        """columns: any; those that name a type, and those of fields that are there, are passed over."""
        found = (
            typed for typed in columns if typed.target.kind == "field" and typed.target.value_type is None
        )
        self._columns = tuple(found)
        self.open = [OpenColumn(typed) for typed in self._columns]

    def anew(self) -> "Fitting":
        """One that looks at the same columns and has seen nothing yet."""
        return Fitting(self._columns)

    @property
    def is_open(self) -> bool:
        """Whether a further row can still tell something."""
        return bool(self.open)

    def note(self, row: Row) -> None:
        """Look at the cells of a row."""
        is_over = False
        for column in self.open:
            cell = column.typed.cell(row)
            if not is_blank(cell) and not is_clear(cell):
                column.note(cell)
                is_over = is_over or not (column.numbers or column.orders)
        if is_over:
            self.open = [column for column in self.open if column.numbers or column.orders]

    def merge(self, others: "Fitting") -> None:
        """Heed what was seen of other rows of the file as well."""
        by_place = {column.typed.position: column for column in others.open}
        self.open = [
            OpenColumn(
                column.typed,
                column.count + other.count,
                column.numbers and other.numbers,
                column.orders & other.orders,
            )
            for column in self.open
            if (other := by_place.get(column.typed.position))
        ]
        self.open = [column for column in self.open if column.numbers or column.orders]

    def issues(self) -> Iterator[Issue]:
        """A question for each column whose values all fit a type."""
        for column in self.open:
            if value_type := column.fits:
                typed = column.typed
                label = typed.target.label or typed.target.name
                issue = Issue.of("field-type-possible", label, value_type=value_type, key=typed.target.name)
                yield issue.at(column=typed.column.header, letter=typed.column.letter)


def _is_amount(cell: object, column: TypedColumn) -> bool:
    """Whether a cell is a number that one may count with; that it could be two is asked when it is one."""
    if isinstance(cell, ShownNumber) or _CODE.match(str(cell).strip()):
        return False
    try:
        return parse_numeric(cell, column.locale, []) != ""
    except CellRefused as refused:
        return refused.issue.code == "number-ambiguous"
