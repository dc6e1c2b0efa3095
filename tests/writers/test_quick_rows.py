"""Rows that are written at once are byte for byte those that XlsxWriter writes cell by cell."""

import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.writers.export_files import _Workbook

moment = datetime.fromisoformat
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.datetimes(moment("1890-01-01"), moment("2200-01-01")),
    st.datetimes(moment("1900-03-01"), moment("2200-01-01")).map(lambda found: found.replace(microsecond=0)),
    st.sampled_from(["a&b", "<r>x</r>", " vor", "nach ", "_x0041_", "=1+1", "ção 🐙", "1.0", "--", "a\nb"]),
    st.dates(),
)  # fmt: skip


def sheet_of(path, rows, *, slowly):
    """The sheet and the styles of a workbook of these rows."""
    book = _Workbook(path, ["A", "B", "C"], "Contatos")
    for cells in rows:
        if slowly:
            book._line += 1
            book._add_slowly(cells)
        else:
            book.add(cells)
    for position in range(3):
        book._widths[position] = 9
    book.close()
    with zipfile.ZipFile(path) as package:
        return [package.read(name) for name in ("xl/worksheets/sheet1.xml", "xl/styles.xml")]


@settings(max_examples=20)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=15))
def test_both_ways_write_the_same(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("books")
    quick, slow = (sheet_of(folder / f"{way}.xlsx", rows, slowly=way == "slow") for way in ("quick", "slow"))
    assert quick == slow


@pytest.mark.parametrize("cell", ["Ana", "a&b <c>", True, 12, -7.5, moment("2020-01-31T09:27")])
def test_what_is_ordinary_is_not_left_to_the_slow_way(tmp_path, cell, monkeypatch):
    monkeypatch.setattr(_Workbook, "_add_slowly", lambda *_: pytest.fail("the slow way"))
    book = _Workbook(tmp_path / "quick.xlsx", ["A", "B", "C"], "Contatos")
    book.add([cell, None, cell])
    book.close()
