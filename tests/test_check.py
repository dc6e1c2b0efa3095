"""importer.check and importer.kinds: all rows of a file, each with what is wrong, and what they add up to."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.check import Check
from importer.issues import Issue, Severity
from importer.kinds import ROWS_SHOWN, Kinds
from importer.model import Block, ReadStretch, Row
from importer.options import Options

ANA, BIA = "+5582900000001", "+5582900000002"
TARGETS = ("urn:tel", "name", "field:since", "action")


AT_ONCE = 50


def cut(rows):
    """The rows in blocks, as a file's come."""
    for begin in range(0, len(rows), AT_ONCE):
        yield ReadStretch(Block.of(rows[begin : begin + AT_ONCE]))


@pytest.fixture(scope="session")
def check_rows(schema_for):
    """A check of rows with a phone, a name, a date and an action; they are numbered from 2."""

    def check(*cells: tuple[object, ...], **chosen: object) -> Check:
        options = Options(**chosen)
        rows = [Row(number, (*row, *[""] * (len(TARGETS) - len(row)))) for number, row in enumerate(cells, 2)]
        return Check(lambda: cut(rows), schema_for(*TARGETS, options=options), options)

    return check


def statuses(check: Check) -> list[str]:
    return [record.status for record in check.records()]


def test_every_row_has_its_record_in_order(check_rows):
    check = check_rows(
        (ANA, "Ana"), ("12", "?"), (BIA, "Bia"), (ANA, ""), ("x", "", "", "skip"), (BIA, "Caio")
    )
    assert [(row.number, record.row) for row, record in check.lines()] == [(n, n) for n in range(2, 8)]
    assert statuses(check) == ["valid", "invalid", "invalid", "merged", "skipped", "invalid"]
    assert +check.totals.rows == Counter(valid=1, merged=1, skipped=1, invalid=3)
    assert check.invalid == 3


def test_a_row_with_an_error_of_its_own_takes_part_in_nothing(check_rows):
    """Only rows without other errors repeat or contradict each other."""
    check = check_rows((ANA, "Ana"), (ANA, "Bia", "32/01/2024"), (ANA, "Bia", "", "skip"))
    assert statuses(check) == ["valid", "invalid", "skipped"]
    assert [issue.code for record in check.records() for issue in record.issues] == ["date-invalid"]


def test_what_is_known_of_the_whole_column_counts_in_each_row(check_rows):
    check = check_rows((ANA, "", "03/04/2024"), (BIA, "", "31/12/2024"))
    assert next(iter(check.records())).wanted.fields["since"].startswith("2024-04-03")
    assert check_rows((ANA, "", "03/04/2024")).invalid == 1


@pytest.mark.parametrize("last", ["31/12/2024", "12/31/2024"])
def test_a_date_far_down_counts_for_the_first_rows(last, check_rows):
    """Also where a first look at the file told another order."""
    rows = [(f"+55829{number:08}", "", "03/04/2024") for number in range(AT_ONCE + 5)]
    check = check_rows(*rows, ("", "", "31/12/2024") if last[:2] == "31" else (BIA, "", last), ("", "", last))
    month = {"31/12/2024": "04-03", "12/31/2024": "03-04"}[last]
    assert next(iter(check.records())).wanted.fields["since"].startswith(f"2024-{month}")
    assert check.totals.rows.total() == AT_ONCE + 7


@pytest.mark.parametrize(
    ("duplicates", "found"),
    [
        ("merge", ["valid", "merged", "merged"]),
        ("first", ["valid", "skipped", "skipped"]),
        ("last", ["skipped", "skipped", "valid"]),
        ("error", ["invalid", "invalid", "invalid"]),
    ],
)
def test_the_option_for_duplicates(duplicates, found, check_rows):
    check = check_rows((ANA, "Ana"), ("(82) 90000-0001", ""), ("5582900000001", "Ana"), duplicates=duplicates)
    assert statuses(check) == found
    assert +check.totals.rows == Counter(found)


def test_issues_across_rows_are_counted_beside_those_within(check_rows):
    check = check_rows((ANA, "Ana"), ("5582900000001.0", "Ana"), ("1", ""))
    kinds = {(kind.example.code, kind.example.letter): (kind.count, kind.rows) for kind in check.totals.kinds}
    assert kinds == {
        ("phone-invalid", "A"): (1, [4]),
        ("phone-from-number", "A"): (1, [3]),
        ("row-repeated", ""): (1, [3]),
    }


CELL = st.sampled_from([ANA, BIA, "5582900000001.0", "(82) 90000-0002", "12", ""])
ROWS = st.lists(
    st.tuples(
        CELL, st.sampled_from(["Ana", "Bia", "", "--"]), st.sampled_from(["", "03/04/2024", "31/12/2024"]),
        st.sampled_from(["", "skip", "create", "?"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None)  # what it takes is the machine's business
@given(rows=ROWS, duplicates=st.sampled_from(["merge", "first", "last", "error"]))
def test_totals_add_up_to_rows(rows, duplicates, check_rows):
    """And they are those of the records, as are the kinds of issues; a second look finds the same."""
    check = check_rows(*rows, duplicates=duplicates)
    records = list(check.records())
    assert [record.row for record in records] == list(range(2, 2 + len(rows)))
    assert +check.totals.rows == Counter(record.status for record in records)
    assert check.totals.rows.total() == len(rows)
    rows_of_kinds = Counter(
        (issue.letter, issue.code)
        for record in records
        for issue in {(i.letter, i.code): i for i in record.issues}.values()
    )
    assert {(k.example.letter, k.example.code): k.count for k in check.totals.kinds} == rows_of_kinds
    assert list(check.records()) == records


@settings(deadline=None)
@given(rows=ROWS)
def test_a_merged_row_points_to_an_earlier_valid_one(rows, check_rows):
    records = {record.row: record for record in check_rows(*rows).records()}
    for record in records.values():
        if record.status == "merged":
            assert record.into < record.row
            assert records[record.into].status == "valid"
            assert set(record.wanted.urns) <= set(records[record.into].wanted.urns)


# -------------------------------------------------------------------------------------------------- kinds


def issue(code: str, row: int, letter: str = "A", value: object = None) -> Issue:
    return Issue.of(code, value).at(row, letter, letter)


def test_a_row_counts_once_for_each_kind():
    """Three numbers of one cell that are wrong are one row to look at."""
    kinds = Kinds()
    kinds.add([issue("phone-invalid", 2, value="1"), issue("phone-invalid", 2, value="2")])
    kinds.add([issue("phone-invalid", 3), issue("phone-invalid", 3, "B")])
    assert [(k.example.letter, k.example.value, k.count, k.rows) for k in kinds] == [
        ("A", "1", 2, [2, 3]), ("B", None, 1, [3]),
    ]  # fmt: skip


def test_errors_come_first_then_what_is_frequent():
    kinds = Kinds()
    for row in range(2, 5):
        kinds.add([issue("row-repeated", row, "")])
    kinds.add([issue("language-unknown", 2)])
    kinds.add([issue("phone-invalid", 3), issue("language-unknown", 3)])
    assert [(kind.example.code, kind.count) for kind in kinds] == [
        ("language-unknown", 2), ("phone-invalid", 1), ("row-repeated", 3),
    ]  # fmt: skip
    assert next(iter(kinds)).example.severity is Severity.ERROR


def test_a_million_rows_of_one_kind_are_told_in_few():
    kinds = Kinds()
    for row in range(2, 1002):
        kinds.add([issue("phone-invalid", row)])
    (kind,) = kinds
    assert (kind.count, kind.rows) == (1000, list(range(2, 2 + ROWS_SHOWN)))
