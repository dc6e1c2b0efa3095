"""What became of a job can be told again, whatever has become of its file since."""

import json
import threading
from pathlib import Path

import pandas as pd
import pytest

from importer.errors import Unusable
from importer.jobs import STATE_VARIABLE, job_folder, report_again, state_folder
from importer.model import Status
from importer.options import Options
from importer.run import Listener, import_file

HEADER = "Name,URN:Tel,Groups"


def people(count):
    return [f"Nome {n},+558290000{n:04d},VIP" for n in range(count)]


def told(report):
    return [(o.row, o.status, o.uuid, o.changes, o.issues, o.into) for _, o in report.lines()]


@pytest.fixture
def stopped(make_csv, connection):
    """The file and the report of a job that was stopped half-way; it has rows of several kinds."""
    path = make_csv(HEADER, *people(20), "Torta,12,", "Nome 1,+5582900000001,Novo", "")
    stop = threading.Event()

    class Stopping(Listener):
        left = 10

        def done(self, requests, scope):
            self.left -= requests
            if self.left <= 0:
                stop.set()

    report = import_file(path, Options(), connection, listener=Stopping(), stop=stop)
    assert report.exit_code == 4
    assert {Status.CREATED, Status.NOT_SENT, Status.INVALID} == {
        s for s, count in report.totals.items() if count
    }
    return path, report


def test_the_report_of_a_job_again(stopped, tmp_path):
    path, first = stopped
    again = report_again(first.summary.job)
    assert told(again) == told(first)
    assert [row.cells for row, _ in again.lines()] == [row.cells for row, _ in first.lines()]
    assert again.columns == first.columns
    assert again.totals == first.totals
    assert (again.summary.ended, again.exit_code) == ("stopped", 4)
    assert again.summary.file.path == str(path)
    written = report_again("last", tmp_path / "out")
    assert {file.name for file in written.files} == {
        "report.xlsx",
        "report.jsonl",
        "failed.xlsx",
        "summary.json",
    }
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["job"] == first.summary.job


@pytest.mark.parametrize("change", ["gone", "changed", "folder"])
def test_if_its_file_is_gone_or_has_changed_every_row_still_has_its_line(change, stopped, tmp_path):
    """Without cells, for nobody can say any more which they were."""
    path, first = stopped
    if change == "changed":
        path.write_text(path.read_text().replace("Nome 3", "Outro"))
    else:
        path.unlink()
        if change == "folder":
            path.mkdir()
    again = report_again(first.summary.job, tmp_path / "out")
    assert told(again) == told(first)
    assert again.totals == first.totals
    assert sum(again.totals.values()) == again.summary.rows == 22
    assert again.columns == ()
    assert {row.cells for row, _ in again.lines()} == {()}


def test_a_job_of_a_frame_has_no_file(connection):
    frame = pd.DataFrame({"Name": ["Ana", "Bia"], "URN:Tel": ["+5582900000001", "12"]})
    first = import_file(frame, Options(), connection)
    again = report_again("last")
    assert told(again) == told(first)
    assert again.exit_code == 1


def test_reading_options_are_the_job_s(make_csv, connection):
    """The rows that the job had, not those that the file would have without options."""
    path = make_csv("Lista de contatos", "", HEADER, *people(9))
    first = import_file(path, Options(header_row=3, limit=4), connection)
    again = report_again("last")
    assert [(row.number, row.cells) for row, _ in again.lines()] == [
        (row.number, row.cells) for row, _ in first.lines()
    ]
    assert again.summary.rows == 4


def test_a_report_while_the_job_runs(make_csv, connection):
    seen = []

    class Looking(Listener):
        def done(self, requests, scope):
            report = report_again("last")
            seen.append((sum(report.totals.values()), report.totals[Status.CREATED], report.summary.ended))

    import_file(make_csv(HEADER, *people(12)), Options(), connection, listener=Looking())
    assert {rows for rows, _, _ in seen} == {12}
    assert [created for _, created, _ in seen] == sorted(created for _, created, _ in seen)
    assert {ended for _, _, ended in seen} == {"stopped"}  # it would be, if it went no further
    assert report_again("last").summary.ended == "complete"


def test_there_is_no_such_job():
    with pytest.raises(Unusable) as error:
        report_again("last")
    assert error.value.key == "job-unknown"


def test_where_jobs_are_kept(state, monkeypatch, tmp_path):
    assert state_folder() == state
    assert state_folder(tmp_path / "mine") == tmp_path / "mine"
    assert job_folder(tmp_path / "mine").path == tmp_path / "mine" / "jobs"
    monkeypatch.delenv(STATE_VARIABLE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert "weni-importer" in Path(state_folder()).parts


def test_the_report_again_has_the_header_row_that_only_the_mapping_file_knew(make_csv, connection, tmp_path):
    path = make_csv("Relatório 07;", "Kod;Nr. (1)", "Ana;+5582900000001")
    mapping = tmp_path / "old.toml"
    mapping.write_text('[columns]\nKod = "name"\n"nr 1" = "phone"\n', "utf-8")
    import_file(path, Options(mapping=mapping), connection)
    again = report_again("last")
    assert [column.header for column in again.columns] == ["Kod", "Nr. (1)"]
    assert [row.cells for row, _ in again.lines()] == [("Ana", "+5582900000001")]
