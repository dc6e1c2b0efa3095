"""Corrections: what is written over cells, kept step by step, and taken back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.corrections import (
    Corrections,
    Step,
    format_back,
    format_corrections,
    format_step,
    parse_corrections,
)
from importer.errors import Unusable
from importer.issues import Issue
from importer.messages import catalogue
from importer.model import Column, Row, Status
from importer.options import Options
from importer.run import check_file, import_file

COLUMNS = (Column(0, "Name"), Column(1, "Phone"))
ROW = Row(7, ("Ana", "123"))


def step(**cells: str | None) -> Step:
    return Step({(7, letter): text for letter, text in cells.items()})


def test_a_new_text_stands_for_the_cell():
    corrections = Corrections()
    corrections.add(step(B="+55"))
    assert corrections.applied(ROW, COLUMNS).cells == ("Ana", "+55")
    assert corrections.applied(Row(8, ("Bia", "1")), COLUMNS).cells == ("Bia", "1")


def test_what_was_wrong_with_reading_a_corrected_cell_is_gone():
    """Also of a cell that no column has: a surplus one is taken away by writing over it."""
    corrections = Corrections()
    corrections.add(step(C=""))
    issues = Issue.of("row-too-long", "x").at(7, "", "C"), Issue.of("row-too-short").at(7)
    assert corrections.applied(Row(7, ROW.cells, issues), COLUMNS) == Row(7, ROW.cells, issues[1:])


def test_a_row_is_left_out_and_taken_in_again():
    corrections = Corrections()
    corrections.add(Step(rows={7: False}))
    assert corrections.applied(ROW, COLUMNS).left_out
    corrections.add(Step(rows={7: True}))
    assert not corrections.applied(ROW, COLUMNS).left_out
    assert not corrections


def test_the_later_step_counts_and_each_can_be_taken_back():
    corrections = Corrections()
    first, second = corrections.add(step(A="x", B="1")), corrections.add(step(B="2"))
    corrections.take_back(first)
    assert corrections.of(7) == {"B": "2"}
    corrections.take_back(second)
    assert not corrections
    assert corrections.digest == ""


def test_none_is_what_the_file_says():
    corrections = Corrections()
    corrections.add(step(B="1"))
    last = corrections.add(step(B=None))
    assert corrections.of(7) == {}
    corrections.take_back(last)
    assert corrections.of(7) == {"B": "1"}


texts = st.none() | st.sampled_from(["", "x", "\ud800", "\n"])
steps = st.builds(
    Step,
    st.dictionaries(st.tuples(st.integers(2, 4), st.sampled_from("AB")), texts, max_size=3),
    st.dictionaries(st.integers(2, 4), st.booleans(), max_size=2),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps | st.integers(1, 6), max_size=8))
def test_lines_say_the_same_again(actions):
    """Added line by line or written anew, and whatever has been taken back."""
    corrections, lines = Corrections(), ""
    for action in actions:
        if isinstance(action, int):
            corrections.take_back(action)
            lines += format_back(action)
        else:
            lines += format_step(corrections.add(action), action)
    for text in (lines, "".join(format_corrections(corrections))):
        again = parse_corrections(text)
        assert (again.steps, again.digest) == (corrections.steps, corrections.digest)
    rest = Corrections()
    for one in corrections.steps.values():
        rest.add(one)
    assert rest.digest == corrections.digest


def test_a_line_that_was_cut_off_counts_for_nothing():
    whole = format_step(1, step(B="1"))
    assert parse_corrections(whole + whole[:-9]).of(7) == {"B": "1"}


@pytest.mark.parametrize(
    "line", ["x", "[]", "1", '{"step": 1, "cells": 3}', '{"step": 1, "cells": [[1]]}', "{}"]
)
def test_a_line_that_nobody_understands_is_told(line):
    with pytest.raises(Unusable) as caught:
        parse_corrections(f"\n{line}\n")
    assert "2" in catalogue().explain(caught.value)


def test_a_corrected_file_arrives_as_corrected(make_csv, tmp_path, sandbox, connection):
    path = make_csv("Name,URN:Tel", "Ana Exemplo,123", "Bia Modelo,+5582900000002", "Name,URN:Tel")
    corrections = tmp_path / "corrections.jsonl"
    corrections.write_text(format_step(1, Step({(2, "B"): "+5582900000001"}, {4: False})))
    options = Options(corrections=corrections)
    assert check_file(path, options).exit_code == 0
    report = import_file(path, options, connection)
    assert (report.totals[Status.CREATED], report.totals[Status.SKIPPED]) == (2, 1)
    assert sorted(contact["urns"] for contact in sandbox.contacts()) == [
        ["tel:+5582900000001"],
        ["tel:+5582900000002"],
    ]
    assert next(iter(report.lines()))[0].cells == ("Ana Exemplo", "+5582900000001")


def test_other_corrections_are_another_job(make_csv, tmp_path, connection, state):
    path, corrections = make_csv("Name,URN:Tel", "Ana,123"), tmp_path / "corrections.jsonl"
    jobs = []
    for text in ("", "+5582900000001", "+5582900000002"):
        corrections.write_text(format_step(1, Step({(2, "B"): text})))
        jobs.append(import_file(path, Options(corrections=corrections), connection).summary.job)
    assert len({job.rpartition("-")[2] for job in jobs}) == 3


def test_a_file_is_told_by_its_title(make_csv, connection, tmp_path):
    from importer.jobs import report_again

    path = make_csv("Name,URN:Tel", "Ana,+5582900000001")
    report = import_file(path, Options(title="Turma A.csv"), connection)
    again = report_again("last", tmp_path / "again")
    assert report.summary.file.path == again.summary.file.path == "Turma A.csv"
    assert next(iter(again.lines()))[0].cells == ("Ana", "+5582900000001")


def test_corrections_that_cannot_be_read_are_one_sentence(make_csv, tmp_path):
    with pytest.raises(Unusable) as caught:
        check_file(make_csv("Name,URN:Tel", "Ana,1"), Options(corrections=tmp_path / "none.jsonl"))
    assert caught.value.key == "corrections-unreadable"
    assert "none.jsonl" in catalogue("pt").explain(caught.value)
