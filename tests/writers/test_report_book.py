"""report.xlsx: every cell of the file as text, what became of its row in front of it, and a summary."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from importer.headers import find_header
from importer.issues import Issue
from importer.messages import catalogue
from importer.model import (
    OWN_PREFIX,
    Change,
    Column,
    ErrorCell,
    FileInfo,
    Outcome,
    Row,
    ShownNumber,
    Status,
    Summary,
    UncalculatedCell,
)
from importer.writers.report_book import ReportBook
from importer.writers.tally import Tally
from importer.writers.texts import CELL_MAX

ENGLISH = catalogue("en")
OWN = 5
Summarise = Callable[..., Summary]
ReadSheet = Callable[..., Worksheet]


def write(
    path: Path, told: list[tuple[Row, Outcome]], summarise: Summarise, *, width: int = 1, **more: object
) -> None:
    """A report on rows of `width` columns."""
    facts = {key: more.pop(key) for key in ("dry_run", "sheet_rows") if key in more}
    book = ReportBook(path, [Column(i, f"H{i}") for i in range(width)], ENGLISH, **facts)  # type: ignore[arg-type]
    tally = Tally()
    for row, outcome in told:
        book.add(row, outcome)
        tally.add(outcome)
    book.close(summarise([outcome for _, outcome in told], **more), tally)


def rows_of(cells: list[object]) -> list[tuple[Row, Outcome]]:
    return [(Row(2 + i, (cell,)), Outcome(2 + i, Status.CREATED)) for i, cell in enumerate(cells)]


def decoded(cell: object) -> str:
    """A text as spreadsheet programs read it: openpyxl leaves the escape of a literal _x0041_ in place."""
    return re.sub("_x005F_", "_", str("" if cell is None else cell))


# ----------------------------------------------------------------------------------------------- texts


def survives(text: str) -> str:
    """What is left of a text that went into a workbook: all but what no XML can hold."""
    text = re.sub("\r\n?", "\n", text)
    text = re.sub("[\x00-\x08\x0b-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


ODD = st.sampled_from(
    ["=1+1", "+5582900000001", "-1", "@a", "007", "1e5", "TRUE", "http://example.com",
     "mailto:ana@example.com", "tel:+5582900000001", "internal:A1", "<r>", "</r>", "<r><t>a</t></r>", "&amp;",
     "_x0041_", "'", '"', "\r\n",
     "\x00", "\x07", "\ufffe", "\ud800", "\U0001f600", "{=A1}", "#N/A", " ", "\t", "\u00a0", "\u202e", "--"]
)  # fmt: skip
ANYTHING = st.characters(exclude_categories=())
TEXTS = st.one_of(st.text(ANYTHING), st.lists(ODD | st.text(ANYTHING, max_size=3), max_size=4).map("".join))
# `_x0041_x0042_`: XlsxWriter escapes the first of two codes that share an underscore only.
PLAIN = TEXTS.filter(lambda text: not re.search("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_", text))


@settings(deadline=None, max_examples=40)
@given(texts=st.lists(PLAIN, min_size=1, max_size=30))
def test_any_text_of_a_cell_survives(texts: list[str]) -> None:
    """As a text, whatever it looks like: no formula, no link, no number."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        book = ReportBook(path, [Column(0, texts[0])], ENGLISH)
        tally = Tally()
        for row, outcome in rows_of(list(texts)):
            book.add(row, outcome)
            tally.add(outcome)
        book.close(_summary(len(texts)), tally)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        found = [sheet.cell(line, OWN + 1) for line in range(1, len(texts) + 2)]
        assert [decoded(cell.value) for cell in found] == [survives(text) for text in [texts[0], *texts]]
        assert {cell.data_type for cell in found if cell.value is not None} <= {"s"}
        assert all(cell.hyperlink is None for cell in found)


def _summary(rows: int) -> Summary:
    return Summary(
        "job", "run", FileInfo("a.csv", "csv"), "", "", datetime(2026, 1, 1, tzinfo=UTC), rows=rows,
        totals={Status.CREATED: rows},
    )  # fmt: skip


@pytest.mark.parametrize("letter", ["a", "\U0001f600"])
@pytest.mark.parametrize("units", [CELL_MAX - 1, CELL_MAX, CELL_MAX + 1, 3 * CELL_MAX])
def test_a_text_too_long_for_a_workbook_is_cut_with_a_mark(
    letter: str, units: int, tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    """Lengths count as spreadsheet programs do, and no letter is cut in two."""
    text = letter * (units // (len(letter.encode("utf-16-le")) // 2))
    write(tmp_path / "r.xlsx", rows_of([text]), summarise)
    found = str(read_sheet(tmp_path / "r.xlsx").cell(2, OWN + 1).value)
    if units <= CELL_MAX:
        assert found == text
    else:
        mark = ENGLISH.say("report.cut")
        assert found.endswith(mark)
        assert set(found.removesuffix(mark)) == {letter}
        assert CELL_MAX - 2 <= len(found.encode("utf-16-le")) // 2 <= CELL_MAX


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7, "7"), (5582900000001, "5582900000001"), (12.5, "12.5"), (12.0, "12"), (1e21, "1" + "0" * 21),
        (True, "TRUE"), (False, "FALSE"), (float("nan"), None), (None, None),
        ("", None), (date(2024, 1, 31), "2024-01-31"),
        (datetime.fromisoformat("2024-01-31 15:30"), "2024-01-31T15:30:00"),
        (time(9, 5), "09:05:00"), (timedelta(hours=25), "25:00:00"), (ErrorCell("#N/A"), "#N/A"),
        (UncalculatedCell("=A1"), "=A1"), (ShownNumber(42, "00042"), "00042"),
    ],
)  # fmt: skip
def test_any_cell_is_shown_as_text(
    cell: object, text: str | None, tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    write(tmp_path / "r.xlsx", rows_of([cell]), summarise)
    found = read_sheet(tmp_path / "r.xlsx").cell(2, OWN + 1)
    assert found.value == text
    assert found.data_type == ("n" if text is None else "s")


def test_other_readers_see_the_same(tmp_path: Path, summarise: Summarise) -> None:
    """Also the escape of a text that looks like an escape."""
    texts: list[object] = ["_x0041_", "<r>a</r>", "<r>&</r>", "=1+1", "a\nb", "ção"]
    write(tmp_path / "r.xlsx", rows_of(texts), summarise)
    sheet = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "r.xlsx")).get_sheet_by_index(0)
    assert [line[OWN] for line in sheet.to_python()[1:]] == texts


# --------------------------------------------------------------------------------------------- a line


def test_a_line_says_what_became_of_the_row(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    issue = Issue.of("phone-from-number", "5.58E+12", phone="+5582900000001").at(17, "H1", "B")
    outcome = Outcome(17, Status.UPDATED, "the-uuid", (Change("name", "A", "B"),), (issue,), 1, into=5)
    write(tmp_path / "r.xlsx", [(Row(17, ("x", None)), outcome)], summarise, width=2)
    sheet = read_sheet(tmp_path / "r.xlsx")
    header, line = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert all(str(name).startswith(OWN_PREFIX) for name in header[:OWN])
    assert header[OWN:] == ["H0", "H1"]
    assert line[:3] == [17, "updated", "the-uuid"]
    assert line[3] == "Sent together with row 5, the same contact.\nname: “A” → “B”"
    assert line[4] == f"Note – H1: {ENGLISH.message(issue)} {ENGLISH.hint(issue)}"
    assert line[5:] == ["x", None]


def colour(sheet: Worksheet, line: int, position: int) -> str | None:
    fill = sheet.cell(line, position).fill
    return str(fill.fgColor.rgb) if fill.fill_type else None


def test_cells_with_an_issue_are_coloured_by_the_worst_of_them(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    """Blank cells too; the others have no colour."""
    issues = (
        Issue.of("phone-invalid", "1").at(2, "H1", "B"),
        Issue.of("phone-from-number", "1", phone="2").at(2, "H1", "B"),
        Issue.of("language-retired", "ais").at(2, "H2", "C"),
        Issue.of("row-no-key").at(2),
    )
    told = [(Row(2, ("x", "1", None)), Outcome(2, Status.INVALID, issues=issues))]
    write(tmp_path / "r.xlsx", told, summarise, width=3)
    sheet = read_sheet(tmp_path / "r.xlsx")
    none, error, warning = (colour(sheet, 2, OWN + i) for i in (1, 2, 3))
    assert none is None
    assert error
    assert warning
    assert error != warning


def test_each_status_has_its_word_and_colour(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    told = [(Row(2 + i, ("x",)), Outcome(2 + i, status)) for i, status in enumerate(Status)]
    write(tmp_path / "r.xlsx", told, summarise)
    sheet = read_sheet(tmp_path / "r.xlsx")
    lines = range(2, 2 + len(Status))
    assert len({sheet.cell(line, 2).value for line in lines}) == len(Status)
    assert None not in {colour(sheet, line, 2) for line in lines}


def test_header_and_row_stay_in_sight_and_the_table_can_be_filtered(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    write(tmp_path / "r.xlsx", rows_of(["x", "y"]), summarise)
    sheet = read_sheet(tmp_path / "r.xlsx")
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:F3"


def test_a_line_is_as_high_as_its_words_and_the_next_one_is_not(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    issues = tuple(Issue.of("phone-invalid", "1").at(2, f"Column {i}", "A") for i in range(3))
    told = [
        (Row(2 + i, ("1",)), Outcome(2 + i, Status.INVALID, issues=issues[: 3 * (i % 2)])) for i in range(6)
    ]
    write(tmp_path / "r.xlsx", told, summarise)
    sheet = read_sheet(tmp_path / "r.xlsx")
    heights = [sheet.row_dimensions[line].height for line in range(2, 8)]
    assert [height is not None and height > 40 for height in heights] == [False, True] * 3


def test_a_plan_says_what_would_be_done(tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet) -> None:
    write(tmp_path / "r.xlsx", rows_of(["x"]), summarise, dry_run=True, command="plan", ended="planned")
    sheet = read_sheet(tmp_path / "r.xlsx")
    assert sheet["B2"].value == "would be created"
    assert sheet["D1"].value == OWN_PREFIX + ENGLISH.say("report.header.planned")


def test_a_report_longer_than_a_sheet_goes_on_in_a_further_one(tmp_path: Path, summarise: Summarise) -> None:
    """Each sheet has the header, and no row is lost or doubled; the limit is lowered from 1,048,576."""
    write(tmp_path / "r.xlsx", rows_of([f"cell {i}" for i in range(7)]), summarise, sheet_rows=4)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["Rows", "Rows 2", "Rows 3", "Summary"]
    found = []
    for sheet in book.worksheets[:3]:
        header, *lines = sheet.iter_rows(values_only=True)
        assert header[OWN] == "H0"
        assert len(lines) <= 3
        assert sheet.auto_filter.ref == f"A1:F{len(lines) + 1}"
        found += [(line[0], line[OWN]) for line in lines]
    assert found == [(2 + i, f"cell {i}") for i in range(7)]


# ----------------------------------------------------------------------------------------- the summary


def test_the_summary_sheet_tells_totals_and_facts(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    bad = Issue.of("phone-invalid", "1").at(4, "H0", "A")
    told = [
        *rows_of(["x", "y"]),
        (Row(4, ("1",)), Outcome(4, Status.INVALID, issues=(bad, bad.at(4, "H1", "B")))),
        (Row(5, ("2",)), Outcome(5, Status.INVALID, issues=(bad,))),
    ]
    write(
        tmp_path / "r.xlsx", told, summarise,
        fields_created=("Birth Date",), groups_created=("VIP", "A"), reads=4, writes=9, estimate_s=33_590.0,
        countries={"BR": 3}, file_issues=(Issue.of("hidden-rows", count=3),),
    )  # fmt: skip
    lines = [
        [cell for cell in line if cell is not None]
        for line in read_sheet(tmp_path / "r.xlsx", "Summary").iter_rows(values_only=True)
    ]
    assert lines[0] == ["Import of contatos.csv"]
    for line in (
        ["Workspace", "Exemplo"],
        ["Started", "2026-11-23 12:00:00+00:00"],
        ["Fields created", "Birth Date"],
        ["Groups created", "VIP, A"],
        ["Requests that read data", 4],
        ["Requests that change data", 9],
        ["Time it takes", "9 h 20 min"],
        ["created", 2, ENGLISH.say("report.means.created")],
        ["invalid", 2, ENGLISH.say("report.means.invalid")],
        ["all rows", 4],
    ):
        assert line in lines
    message, hint = ENGLISH.message(bad), ENGLISH.hint(bad)
    assert [line for line in lines if line[0:1] == ["phone-invalid"]] == [
        ["phone-invalid", "error", 2, "A – H0", f"Row 4: {message}", hint],
        ["phone-invalid", "error", 1, "B – H1", f"Row 4: {message}"],  # the remedy is told once
    ]
    assert [line for line in lines if line[:1] == ["hidden-rows"]]


def test_the_summary_sheet_holds_no_header_of_a_contact_table(
    tmp_path: Path, summarise: Summarise, read_sheet: ReadSheet
) -> None:
    """Else a report that comes back would have two sheets with contacts."""
    issue = Issue.of("phone-invalid", "1").at(2, "URN:Tel", "A")
    told = [(Row(2, ("1",)), Outcome(2, Status.INVALID, issues=(issue,)))]
    about_the_file = Issue.of("header-empty", letter="B").at(None, "URN:Tel", "A")
    write(tmp_path / "r.xlsx", told, summarise, file_issues=(about_the_file,))
    lines = list(read_sheet(tmp_path / "r.xlsx", "Summary").iter_rows(values_only=True))
    assert sum("URN:Tel" in str(cell) for line in lines for cell in line) == 2
    assert find_header(lines) is None
