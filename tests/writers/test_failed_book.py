"""failed.xlsx: rows as they were, ready to be mended and to come back."""

import re
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.cell import Cell

from importer.issues import Issue
from importer.messages import catalogue
from importer.model import OWN_PREFIX, Column, ErrorCell, Outcome, Row, ShownNumber, Status, UncalculatedCell
from importer.options import Options
from importer.readers import open_table
from importer.writers.failed_book import FailedBook

ENGLISH = catalogue("en")
BAD = Issue.of("phone-invalid", "1").at(9, "H0", "A")


def write(
    path: Path, cells: tuple[object, ...], *issues: Issue, copies: int = 1, sheet_rows: int = 100
) -> None:
    book = FailedBook(path, [Column(i, f"H{i}") for i in range(len(cells))], ENGLISH, sheet_rows=sheet_rows)
    for number in range(9, 9 + copies):
        book.add(Row(number, cells), Outcome(number, Status.INVALID, issues=issues))
    book.close()


def written(path: Path, cell: object, *issues: Issue) -> Cell:
    """The cell as it stands in the file."""
    write(path, (cell,), *issues)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    found = sheet["A2"]
    assert isinstance(found, Cell)
    return found


def test_the_columns_stay_in_their_order_and_the_reason_comes_last(tmp_path: Path) -> None:
    path = tmp_path / "failed.xlsx"
    write(path, ("1", "Ana Exemplo", None), BAD)
    book = openpyxl.load_workbook(path)
    assert len(book.worksheets) == 1
    header, line = book.worksheets[0].iter_rows(values_only=True)
    assert header[:3] == ("H0", "H1", "H2")
    assert all(str(name).startswith(OWN_PREFIX) for name in header[3:])
    assert line == ("1", "Ana Exemplo", None, 9, f"H0: {ENGLISH.message(BAD)} {ENGLISH.hint(BAD)}")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+5582900000001", "007", "1e5", "http://example.com", "TRUE", "2024-01-31", "<r>a</r>", " a "],
)
def test_a_text_stays_a_text_also_when_somebody_edits_it(cell: str, tmp_path: Path) -> None:
    found = written(tmp_path / "failed.xlsx", cell)
    assert (found.value, found.data_type, found.number_format) == (cell, "s", "@")


@pytest.mark.parametrize(
    "cell", [True, 7, 12.5, date(2024, 1, 31), datetime.fromisoformat("2024-01-31 15:30"), time(9, 5)]
)
def test_a_typed_cell_keeps_its_type(cell: object, tmp_path: Path) -> None:
    path = tmp_path / "failed.xlsx"
    write(path, (cell,))
    found = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1][0]
    assert (found, isinstance(found, bool)) == (cell, isinstance(cell, bool))


def test_a_length_of_time_keeps_its_type(tmp_path: Path) -> None:
    found = written(tmp_path / "failed.xlsx", timedelta(hours=25, minutes=1))
    assert found.value == timedelta(hours=25, minutes=1)


@settings(deadline=None, max_examples=25)
@given(
    numbers=st.lists(
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53), min_size=1
    )
)
@example([0.1 + 0.2, 1e300, 5e-324, 5582900000001])
def test_a_number_keeps_every_digit(numbers: list[float]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "failed.xlsx"
        write(path, tuple(numbers))
        line = next(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2, values_only=True))
        assert list(line[: len(numbers)]) == numbers


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (ShownNumber(42, "00042"), "00042"),
        (12345678901234567890, "12345678901234567890"),  # a workbook would round it
        (date(1890, 1, 1), "1890-01-01"),  # before a workbook's first day
        (datetime(2024, 1, 31, 15, 30, tzinfo=UTC), "2024-01-31T15:30:00+00:00"),
        ("a\x00b\r\nc\ud800", "ab\nc\ufffd"),
    ],
)
def test_what_a_workbook_has_no_type_for_is_a_text_that_says_the_same(
    cell: object, text: str, tmp_path: Path
) -> None:
    found = written(tmp_path / "failed.xlsx", cell)
    assert (found.value, found.data_type) == (text, "s")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (ErrorCell("#DIV/0!"), "#DIV/0!"),
        (ErrorCell("#UNHEARD!"), "#N/A"),
        (UncalculatedCell("=A1+B1"), "#N/A"),
    ],
)
def test_an_error_stays_an_error_so_that_it_cannot_slip_in(cell: object, shown: str, tmp_path: Path) -> None:
    path = tmp_path / "failed.xlsx"
    write(path, (cell,))
    found = openpyxl.load_workbook(path, data_only=True).worksheets[0]["A2"]
    assert (found.value, found.data_type) == (shown, "e")


def test_bad_cells_are_coloured_blank_ones_too(tmp_path: Path) -> None:
    issues = [Issue.of("phone-invalid", "").at(9, "H", letter) for letter in "ABCD"]
    path = tmp_path / "failed.xlsx"
    write(path, ("1", None, date(2024, 1, 31), "", "fine"), *issues)
    line = next(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2))
    assert [cell.fill.fill_type for cell in line[:5]] == ["solid"] * 4 + [None]


def test_more_rows_than_a_sheet_holds_go_on_in_a_further_one(tmp_path: Path) -> None:
    path = tmp_path / "failed.xlsx"
    write(path, ("1",), BAD, copies=5, sheet_rows=3)
    sheets = openpyxl.load_workbook(path).worksheets
    assert [sheet.max_row for sheet in sheets] == [3, 3, 2]


SECONDS = st.datetimes(datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("9999-12-31")).map(
    lambda moment: moment.replace(microsecond=0)
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs")), max_size=20).filter(
    lambda text: text.strip() and not re.search("_x[0-9A-Fa-f]{4}_", text)
)
CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**15), 10**15), st.floats(-1e15, 1e15), SECONDS,
    SECONDS.map(datetime.date), TEXT, st.sampled_from([ErrorCell(text) for text in ("#N/A", "#DIV/0!")]),
    st.sampled_from(["=1+1", "007", "+5582900000001", "1e5", "TRUE", "2024-01-31", "  a", "a\nb"]),
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=15))
def test_a_failed_row_that_comes_back_has_the_same_cells(rows: list[list[object]]) -> None:
    """Through the importer's own reader; our own columns stand behind those of the file."""
    columns = [Column(0, "URN:Tel"), Column(1, "Name"), Column(2, "Field:Age:numeric")]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "failed.xlsx"
        book = FailedBook(path, columns, ENGLISH)
        for number, cells in enumerate(rows, 2):
            book.add(Row(number, tuple(cells)), Outcome(number, Status.INVALID, issues=(BAD,)))
        book.close()
        with closing(open_table(path, Options())) as table:
            assert [column.header for column in table.columns][:3] == [column.header for column in columns]
            found = [row.cells[:3] for row in table.rows()]
    assert [list(map(as_moment, cells)) for cells in found] == [list(map(as_moment, cells)) for cells in rows]


def as_moment(cell: object) -> object:
    """A workbook has no days without a time: midnight and the day are one."""
    return datetime.combine(cell, time()) if type(cell) is date else cell
