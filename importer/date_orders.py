"""Which of day and month comes first, decided for each column as a whole: a single 31/12 settles what 03/04 means."""

from collections import Counter
from collections.abc import Mapping, Set
from typing import cast

from msgspec.structs import replace

from importer.dates import date_readings
from importer.model import Row
from importer.options import DateOrder
from importer.schema import Schema, TypedColumn


class DateOrders:
    """What the values of each datetime column say about its order; rows may come and go."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.columns = tuple(column for column in schema.columns if column.value_type == "datetime")
        self._seen: dict[str, Counter[str]] = {column.column.letter: Counter() for column in self.columns}

    def note(self, row: Row, times: int = 1) -> None:
        """Heed a row. times: -1 to forget it again."""
        for column in self.columns:
            readings = date_readings(column.cell(row))
            if len(readings) == 1:
                self._seen[column.column.letter][next(iter(readings))] += times

    def schema(self) -> Schema:
        """The schema, with an order in each column whose values leave no doubt."""
        return with_orders(self._schema, {letter: set(+seen) for letter, seen in self._seen.items()})


def with_orders(schema: Schema, seen: Mapping[str, Set[str]]) -> Schema:
    """The schema, its datetime columns decided. seen: by letter, the orders in which alone some dates can be read."""
    columns = (
        _decided(column, seen[column.column.letter]) if column.value_type == "datetime" else column
        for column in schema.columns
    )
    return replace(schema, columns=tuple(columns))


def _decided(column: TypedColumn, seen: Set[str]) -> TypedColumn:
    order = column.locale.date_order
    if order is None:
        only = cast("DateOrder", next(iter(seen))) if len(seen) == 1 else None
        return replace(column, locale=replace(column.locale, date_order=only))
    if order == "ymd" or seen <= {order}:
        return column
    return replace(column, undecided=replace(column.locale, date_order=None))
