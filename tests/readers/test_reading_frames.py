"""DataFrames are read like a sheet with its header in row 1."""
# ruff: noqa: DTZ001 - spreadsheets know no time zone

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from importer.options import Options
from importer.readers import open_table


def test_cells_of_a_frame(read):
    """Whatever pandas or numpy has made of a value, it is plain Python's again; every kind of NA is blank."""
    frame = pd.DataFrame(
        {
            "Nome": ["Ana", None, "NA", "nan"],
            "Celular": [5511900000001.0, float("nan"), 2.5, 3.0],
            "Field:A": pd.array([1, None, 3, 4], dtype="Int64"),
            "Field:B": pd.to_datetime(["2024-04-03 10:20:30.6", None, "2024-04-03", None], format="mixed"),
            "Field:C": pd.array([True, None, False, None], dtype="boolean"),
            "Field:D": np.array([1, 2, 3, 4], dtype="int8"),
            "Field:E": pd.Series(
                [date(2024, 1, 2), timedelta(days=1), ["a", "b"], np.float32(2)], dtype=object
            ),
        }
    )
    found = read(frame)
    assert (found.info.kind, found.info.header_row, found.numbers) == ("frame", 1, [2, 3, 4, 5])
    assert found.cells == [
        ("Ana", 5511900000001, 1, datetime(2024, 4, 3, 10, 20, 31), True, 1, date(2024, 1, 2)),
        (None, None, None, None, None, 2, timedelta(days=1)),
        ("NA", 2.5, 3, datetime(2024, 4, 3), False, 3, "a; b"),
        ("nan", 3, 4, None, None, 4, 2),
    ]
    plain = {type(None), str, int, float, bool, date, datetime, timedelta}
    assert {type(cell) for row in found.cells for cell in row} <= plain


def test_row_numbers_and_blank_rows_of_a_frame(read):
    """As if the frame had been written to a sheet: the index is nothing, a blank row counts."""
    frame = pd.DataFrame({"Nome": ["Ana", "", "Bia"], "Celular": ["1", None, "2"]}, index=[7, 8, 9])
    found = read(frame)
    assert (found.numbers, found.headers) == ([2, 4], ["Nome", "Celular"])


def test_the_header_of_a_frame_is_its_columns(read):
    """Also where they say nothing that is known; levels are joined."""
    assert read(pd.DataFrame({"foo": ["a"], "bar": ["b"]})).headers == ["foo", "bar"]
    levels = pd.DataFrame([["Ana", "1"]], columns=pd.MultiIndex.from_tuples([("Nome", ""), ("URN:", "Tel")]))
    assert read(levels).headers == ["Nome", "URN: Tel"]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"Nome": [], "Celular": []})])
def test_frames_without_rows(frame, read):
    found = read(frame)
    assert found.refused == "file-empty" if frame.columns.empty else found.codes == ["no-records"]


def test_the_digest_tells_frames_apart():
    def digest(cell):
        return open_table(pd.DataFrame({"Nome": ["Ana"], "Celular": [cell]}), Options()).info.digest

    assert digest("1") == digest("1")
    assert len({digest("1"), digest(1), digest("2"), digest(None)}) == 4
