"""importer.report: one line for each row, and totals that add up to them."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.errors import NotAllowed, Unavailable, Unusable
from importer.issues import Issue
from importer.model import Change, Column, FileInfo, Outcome, Row, Status, Summary
from importer.report import Report, counted, fold

UUID = "11111111-2222-4333-8444-555555555555"
COLUMNS = (Column(0, "Name"), Column(1, "Row"), Column(2, "Name"))


def report(*outcomes: Outcome, ended: str = "complete", **more: object) -> Report:
    """The report of rows with three cells each, counted."""
    lines = [(Row(outcome.row, ("Ana", outcome.row, None)), outcome) for outcome in outcomes]
    summary = Summary(
        "job", "run", FileInfo("x.csv", "csv"), "Escola", "", datetime(2026, 1, 1, tzinfo=UTC), ended=ended
    )
    made = Report(summary, COLUMNS, more.pop("issues", ()), lambda: iter(lines), **more)
    return counted(made, made.lines())


def line(row: int, status: Status, *codes: str, **more: object) -> Outcome:
    issues = tuple(Issue.of(code, "x").at(row, "Name", "A") for code in codes)
    return Outcome(row, status, issues=issues, **more)


# ------------------------------------------------------------------------------------------------ totals


def test_totals_add_up_to_rows():
    made = report(
        line(2, Status.CREATED), line(3, Status.INVALID, "phone-invalid", "phone-invalid"), line(7, Status.CREATED),
        line(9, Status.REFUSED, "phone-invalid", "refused"),
    )  # fmt: skip
    assert made.totals == {
        **dict.fromkeys(Status, 0),
        Status.CREATED: 2,
        Status.INVALID: 1,
        Status.REFUSED: 1,
    }
    assert made.summary.rows == sum(made.totals.values()) == 4
    assert made.summary.issues == {"phone-invalid": 2, "refused": 1}
    assert [(kind.example.code, kind.count, kind.rows) for kind in made.kinds] == [
        ("phone-invalid", 2, [3, 9]), ("refused", 1, [9]),
    ]  # fmt: skip


@pytest.mark.parametrize("outcomes", [[2, 2], [3, 2], [2, None], [2, 4, 3]])
def test_a_row_with_two_lines_or_another_rows_line_is_noticed(outcomes):
    lines = [(Row(number or 3, ()), Outcome(number or 5, Status.CREATED)) for number in outcomes]
    with pytest.raises(AssertionError):
        counted(report(), lines)


@pytest.mark.parametrize(
    ("statuses", "ended", "more", "code"),
    [
        (
            [Status.CREATED, Status.UPDATED, Status.UNCHANGED, Status.SKIPPED, Status.DELETED],
            "complete",
            {},
            0,
        ),
        ([], "complete", {}, 0),
        ([Status.CREATED, Status.INVALID], "complete", {}, 1),
        ([Status.CREATED, Status.REFUSED], "complete", {}, 1),
        ([Status.CREATED, Status.NOT_SENT], "complete", {}, 1),
        ([Status.CREATED, Status.NOT_SENT], "planned", {}, 0),
        ([Status.INVALID], "planned", {}, 1),
        ([Status.CREATED, Status.NOT_SENT], "stopped", {}, 4),
        ([Status.NOT_SENT], "stopped", {"failure": Unavailable("answers-lost")}, 4),
        ([Status.NOT_SENT], "stopped", {"failure": NotAllowed("forbidden")}, 3),
        ([Status.NOT_SENT], "stopped", {"failure": Unusable("all-refused")}, 2),
        ([], "planned", {"issues": (Issue.of("no-key-column"),)}, 2),
        ([Status.CREATED], "complete", {"issues": (Issue.of("header-unknown"),)}, 0),
    ],
)
def test_the_exit_code_says_how_it_went(statuses, ended, more, code):
    made = report(*(line(row, status) for row, status in enumerate(statuses, 2)), ended=ended, **more)
    assert made.exit_code == code


# --------------------------------------------------------------------------------------- from the journal


def folded(rows: list[int], known: dict[int, tuple[Outcome, int]]) -> list[Outcome]:
    lines = list(fold((Row(number, ()) for number in rows), known.values(), known.get))
    assert [row.number for row, _ in lines] == [outcome.row for _, outcome in lines] == rows
    return [outcome for _, outcome in lines]


def test_each_row_has_what_the_journal_knows_of_it():
    known = {3: (line(3, Status.CREATED, uuid=UUID), 0), 7: (line(7, Status.REFUSED, "refused"), 0)}
    assert folded([2, 3, 5, 7, 8], known) == [
        Outcome(2, Status.NOT_SENT), known[3][0], Outcome(5, Status.NOT_SENT), known[7][0], Outcome(8, Status.NOT_SENT),
    ]  # fmt: skip


def test_lines_of_rows_that_are_not_asked_for_are_passed_over():
    known = {number: (line(number, Status.CREATED), 0) for number in range(2, 9)}
    assert folded([4, 7], known) == [known[4][0], known[7][0]]


def test_a_row_that_awaits_memberships_was_not_sent_nor_were_those_that_go_with_it():
    changed = Change("name", None, "Ana")
    known = {
        2: (line(2, Status.UPDATED, uuid=UUID, changes=(changed,)), 1),
        3: (line(3, Status.UNCHANGED, "row-repeated", into=2), 0),
    }
    first, second = folded([2, 3], known)
    assert (first.status, first.uuid, first.changes) == (Status.NOT_SENT, UUID, (changed,))
    assert (second.status, second.uuid) == (Status.NOT_SENT, UUID)
    known[2] = (known[2][0], 0)
    assert [outcome.status for outcome in folded([2, 3], known)] == [Status.UPDATED, Status.UPDATED]


def test_a_row_that_goes_with_a_refused_one_says_so():
    known = {
        2: (line(2, Status.REFUSED, "refused"), 0),
        3: (line(3, Status.UNCHANGED, "row-repeated", into=2), 0),
        4: (line(4, Status.UNCHANGED, "row-repeated", into=3), 0),
        5: (line(5, Status.UNCHANGED, "row-repeated", into=6), 0),
    }
    lines = folded([2, 3, 4, 5], known)
    assert [outcome.status for outcome in lines] == [*[Status.REFUSED] * 3, Status.NOT_SENT]
    assert [[issue.code for issue in outcome.issues] for outcome in lines] == [
        ["refused"], ["row-repeated", "row-held-back"], ["row-repeated", "row-held-back"], ["row-repeated"],
    ]  # fmt: skip


@given(
    rows=st.lists(st.integers(1, 30), unique=True).map(sorted),
    known=st.dictionaries(st.integers(1, 30), st.tuples(st.sampled_from(Status), st.integers(0, 2))),
)
def test_every_row_has_one_line_whatever_the_journal_holds(rows, known):
    book = {row: (line(row, status), pending) for row, (status, pending) in sorted(known.items())}
    outcomes = folded(rows, book)
    made = report(*outcomes)
    assert sum(made.totals.values()) == made.summary.rows == len(rows)
    for row, outcome in zip(rows, outcomes, strict=True):
        status, pending = known.get(row, (Status.NOT_SENT, 0))
        assert outcome.status is (Status.NOT_SENT if pending else status)


# ---------------------------------------------------------------------------------------------- as a frame


def test_a_frame_has_a_row_for_each_row_with_its_cells():
    """Columns of one name stay two, and one that is called as ours does."""
    outcome = line(3, Status.UPDATED, "phone-invalid", uuid=UUID, changes=(Change("name", "Ana", "Bia"),))
    frame = report(line(2, Status.NOT_SENT), outcome).to_frame()
    assert list(frame.columns) == ["row", "status", "uuid", "done", "issues", "Name", "Row", "Name"]
    assert frame["uuid"].isna().tolist() == [True, False]
    assert frame.drop(columns="uuid").iloc[0].tolist() == [2, "not-sent", "", "", "Ana", 2, None]
    assert frame.iloc[1].tolist()[:3] == [3, "updated", UUID]
    assert "Bia" in frame["done"][1]
    assert "Name" in frame["issues"][1]


def test_a_frame_without_rows_has_its_columns():
    frame = report().to_frame()
    assert (len(frame), list(frame.columns)[:3]) == (0, ["row", "status", "uuid"])


def test_lines_can_be_gone_through_again():
    made = report(line(2, Status.CREATED), line(3, Status.CREATED))
    assert list(made.lines()) == list(made.lines())
    again = counted(replace(made, summary=replace(made.summary, rows=0)), itertools.islice(made.lines(), 1))
    assert again.summary.rows == 1
