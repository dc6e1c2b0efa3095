"""A pandas DataFrame as a sheet: its column names are row 1, its first row is row 2."""

import hashlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importer.model import FileInfo
from importer.readers.sheets import PlainSheet, RawRow, Source

if TYPE_CHECKING:
    import pandas as pd


def open_frame(frame: "pd.DataFrame") -> Source:
    """The rows of a frame; its index is left out. NA, NaT, NaN and None are blank cells."""

    def rows() -> Iterator[RawRow]:
        yield RawRow(1, [_name(name) for name in frame.columns])
        for number, cells in enumerate(frame.itertuples(index=False, name=None), 2):
            yield RawRow(number, [_value(cell) for cell in cells])

    digest = hashlib.sha256()
    for row in rows():
        digest.update(repr(row.cells).encode("utf-8", "surrogatepass"))
    return Source(FileInfo("DataFrame", "frame", digest.hexdigest()), [PlainSheet(rows)])


def _name(name: object) -> object:
    """A column's name; of several levels all that say something."""
    if isinstance(name, tuple):
        return " ".join(str(part) for part in name if part != "")
    return name


def _value(cell: object) -> object:
    """The cell as plain Python knows it: numbers, booleans and moments of pandas and numpy are turned into it."""
    import numpy as np
    import pandas as pd

    if cell is None or type(cell) in (str, int, bool):
        return cell
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e21
        return None if math.isnan(cell) else int(cell) if whole else float(cell)
    if cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.round("s").to_pydatetime(warn=False)
    if isinstance(cell, pd.Timedelta):
        return cell.round("s").to_pytimedelta()
    if isinstance(cell, np.generic):
        return None if cell != cell else _value(cell.item())
    return cell if isinstance(cell, str | int) else _other(cell)


def _other(cell: object) -> object:
    """Dates and times stay; lists and whatever else a frame may hold become text."""
    from datetime import date, time, timedelta
    from decimal import Decimal

    if isinstance(cell, date | time | timedelta):
        return cell
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, list | tuple | set | frozenset):
        return "; ".join(str(part) for part in cell)
    return str(cell)
