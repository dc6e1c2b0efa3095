"""The grid: any page of a checked file, and rows checked anew where they are corrected."""

import os
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.corrections import Corrections, Step
from importer.examine import Examined, examine
from importer.grid import CORRECTED, Filter, Grid, _pack, _unpack
from importer.model import ErrorCell, ShownNumber, UncalculatedCell
from importer.options import Options

HEADER = "Name,URN:Tel,URN:Mailto,Field:Since:datetime,Groups"
ROWS = (
    "Ana,+5582900000001,,03/04/2020,VIP",
    "Bia,123,,,",
    "Caio,+5582900000003,a@example.com,,",
    "Davi,+5582900000001,a@example.com,,",
    "Eva,,,31/12/2020,",
    HEADER,
)


def grid_of(path, folder, corrections=None, **options) -> tuple[Grid, Examined]:
    examined = examine(path, Options(**options))
    if corrections is not None:
        examined.table.corrections = corrections
    return Grid(folder / "grid.db", examined), examined


def everything(grid: Grid) -> list:
    return [
        *((row.row, row.status, row.issues, dict(row.before)) for row in grid.page(Filter(), 0, 100)),
        +grid.totals,
        [(kind.example, kind.count, kind.rows) for kind in grid.kinds],
    ]


def correct(grid: Grid, corrections: Corrections, step: Step) -> None:
    numbers = [number for number in step.concerned() if grid.row(number)]
    old = {number: grid.row(number).row for number in numbers}
    corrections.add(step)
    grid.check_again(numbers, old)


def test_a_grid_says_what_the_check_says(make_csv, tmp_path):
    grid, examined = grid_of(make_csv(HEADER, *ROWS), tmp_path)
    rows = grid.page(Filter(), 0, 100)
    assert [(one.row, one.status, one.issues) for one in rows] == [
        (row, record.status, record.issues) for row, record in examined.check.lines()
    ]
    assert grid.totals == +examined.check.totals.rows
    assert {(k.example.code, k.count) for k in grid.kinds} == {
        (k.example.code, k.count) for k in examined.check.totals.kinds
    }


def test_pages_and_filters(make_csv, tmp_path):
    lines = [f"Nome {n},{'123' if n % 3 == 0 else f'+55829000{n:05d}'},,," for n in range(3000)]
    grid, _ = grid_of(make_csv(HEADER, *lines), tmp_path)
    bad = Filter("B", "phone-no-country")
    assert grid.size(bad) == grid.size(Filter(status="invalid")) == 1000
    assert [row.row.number for row in grid.page(bad, 10, 3)] == [32, 35, 38]
    assert [row.row.number for row in grid.page(Filter(status="valid"), 0, 3)] == [3, 4, 6]
    assert [row.row.number for row in grid.page(Filter(), 2998, 100)] == [3000, 3001]
    assert sum(1 for _ in grid.rows_of(bad)) == 1000
    assert grid.place_of(32) == 30
    assert grid.place_of(10**6) == 2999
    assert grid.row(10**6) is None


def test_a_corrected_row_is_checked_with_all_that_it_concerns(make_csv, tmp_path):
    grid, examined = grid_of(make_csv(HEADER, *ROWS), tmp_path)
    assert grid.totals["invalid"] == 6
    correct(grid, examined.table.corrections, Step({(3, "B"): "+5582900000009"}))
    assert grid.row(3).status == "valid"
    assert dict(grid.row(3).before) == {"B": "123"}
    correct(grid, examined.table.corrections, Step({(5, "B"): "+5582900000004"}))
    assert grid.row(2).status == "valid"
    assert grid.row(4).issues[0].code == "row-conflict"
    correct(grid, examined.table.corrections, Step({(5, "A"): "Caio"}))
    assert (grid.row(4).status, grid.row(5).status) == ("valid", "merged")
    correct(grid, examined.table.corrections, Step({(6, "B"): "+5582900000006"}, {7: False}))
    assert grid.totals == {"valid": 4, "merged": 1, "skipped": 1}
    assert grid.kinds[0].example.code == "row-repeated"
    assert [row.row.number for row in grid.page(Filter(status=CORRECTED), 0, 9)] == [3, 5, 6, 7]


def test_a_date_that_settles_the_order_of_its_column_settles_it_for_all_rows(make_csv, tmp_path):
    lines = ("Ana,+5582900000001,,03/04/2020,", "Bia,+5582900000002,,04/05/2020,")
    grid, examined = grid_of(make_csv(HEADER, *lines), tmp_path)
    assert grid.totals["invalid"] == 2
    correct(grid, examined.table.corrections, Step({(2, "D"): "31/12/2020"}))
    assert grid.totals == {"valid": 2}
    correct(grid, examined.table.corrections, Step({(2, "D"): None}))
    assert grid.totals == {"invalid": 2}


PHONES = st.sampled_from(["+5582900000001", "+558290000001", "123", "", "+5582900000002"])
CELLS = {
    "A": st.sampled_from(["Ana", "Bia", "", "x" * 101]),
    "B": PHONES,
    "C": st.sampled_from(["a@example.com", "b@example.com", "", "a(at)example.com"]),
    "D": st.sampled_from(["03/04/2020", "31/12/2020", "12/31/2020", "", "hoje"]),
    "E": st.sampled_from(["VIP", "-VIP", "", "A; B"]),
}
LINES = st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=6)
EDIT = st.sampled_from("ABCDE").flatmap(
    lambda letter: st.tuples(st.integers(2, 7), st.just(letter), st.none() | CELLS[letter])
)
STEPS = st.lists(
    st.builds(
        lambda edits, rows: Step({(row, letter): text for row, letter, text in edits}, rows),
        st.lists(EDIT, max_size=3),
        st.dictionaries(st.integers(2, 7), st.booleans(), max_size=1),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, STEPS, st.sampled_from(["merge", "first", "error"]))
def test_corrected_step_by_step_is_checked_at_once(tmp_path_factory, lines, steps, duplicates):
    """Whatever is corrected in whatever order: the grid says what a check of the corrected file says."""
    folder = tmp_path_factory.mktemp("grid")
    path = folder / "contacts.csv"
    path.write_text("\n".join((HEADER, *(",".join(line) for line in lines), "Z,,,,")))
    grid, examined = grid_of(path, folder, duplicates=duplicates)
    for step in steps:
        correct(grid, examined.table.corrections, step)
    file = folder / "corrections.jsonl"
    from importer.corrections import format_corrections

    file.write_text("".join(format_corrections(examined.table.corrections)))
    other = folder / "again"
    other.mkdir()
    again, _ = grid_of(path, other, duplicates=duplicates, corrections=None)
    again.close()
    again = Grid(other / "grid.db", examine(path, Options(duplicates=duplicates, corrections=file)))
    assert everything(grid) == everything(again)
    grid.close()
    again.close()


def test_any_cell_is_kept_as_it_was():
    cells = (
        None, "a\ud800", 1, 10**20, 1.5, True, datetime.fromisoformat("2020-01-02T03:04"), date(2020, 1, 2), time(3, 4),
        timedelta(hours=30), ErrorCell("#N/A"), UncalculatedCell("=A1"), ShownNumber(7, "007"),
    )  # fmt: skip
    again = _unpack(_pack(cells))
    assert again == cells
    assert [type(cell) for cell in again] == [type(cell) for cell in cells]


@pytest.mark.skipif(os.name != "posix", reason="access is another matter there")
def test_nobody_else_can_read_it(make_csv, tmp_path):
    grid_of(make_csv(HEADER, *ROWS), tmp_path)
    assert (tmp_path / "grid.db").stat().st_mode & 0o077 == 0


def test_a_page_of_many_rows_is_there_at_once(make_csv, tmp_path):
    """A page is a look at a few hundred rows, however many there are: it costs a small part of what the file did."""
    from time import thread_time as clock

    lines = [f"Nome {n},{'123' if n % 2 else f'+55829000{n:05d}'},,," for n in range(20_000)]
    began = clock()
    grid, _ = grid_of(make_csv(HEADER, *lines), tmp_path)
    grid.kinds  # noqa: B018 - counted once
    made = clock()
    for start in (0, 9_900):
        assert len(grid.page(Filter("B", "phone-no-country"), start, 100)) == 100
        assert len(grid.page(Filter(), 2 * start, 100)) == 100
    assert clock() - made < (made - began) / 3
