"""purge removes what is kept on the machine, and only that; never what a running import uses."""

import io
import json
import os
import time

import pytest

from importer.copies import PrivateCopy
from importer.jobs import job_folder
from importer.journal import Journal, Lock
from importer.model import Workspace
from importer.run import Connection
from importer.web.workshop import Workshop

LINES = ("Name,URN:Tel", "Ana Exemplo,+5582900000001")


@pytest.fixture
def kept(weni, make_csv, state):
    """Two jobs, a mirror, and a copy that a killed process has left."""
    for number in range(2):
        weni(
            "run",
            make_csv(*LINES, f"Bia Modelo {number},+558290000010{number}"),
            "--sandbox",
            "w.db",
            "--yes",
        )
    left = state / "reading-left"
    left.mkdir(exist_ok=True)
    (left / "contacts.csv").write_text("Ana Exemplo")
    return state


def files(state):
    return {str(path.relative_to(state)) for path in state.rglob("*") if path.is_file()} - {"jobs/jobs.lock"}


def test_all_of_it_goes(weni, kept, tmp_path):
    ran = weni("purge", "--all", "--yes")
    assert ran.code == 0
    assert "2 journals, 1 mirror, 1 copy of a file (" in ran.out
    assert files(kept) == set()
    assert not (kept / "reading-left").exists()
    assert (tmp_path / "contacts.import" / "report.xlsx").exists()
    assert weni("purge", "--all").out == "Nothing was removed.\n"
    assert "Nothing has been imported" in weni("jobs").out


def test_one_job_goes(weni, kept):
    last, first = (info.job for info in job_folder().jobs())
    assert "1 journal (" in weni("purge", first[:-1], "--yes").out
    assert [info.job for info in job_folder().jobs()] == [last]
    assert list((kept / "mirrors").glob("*.db"))
    assert weni("purge", first, "--yes").code == 2


def test_what_was_used_long_ago_goes(weni, kept):
    _, first = (info.path for info in job_folder().jobs())
    old = time.time() - 31 * 86400
    for path in first.parent.glob(f"{first.stem}*"):
        os.utime(path, (old, old))
    document = json.loads(weni("purge", "--older-than", "30d", "--yes", "--json").out)
    assert [(one["kind"], one["path"]) for one in document["removed"]] == [("journal", str(first))]
    assert document["bytes"] == document["removed"][0]["bytes"] > 1000
    assert weni("purge", "--older-than", "4w", "--yes").out == "Nothing was removed.\n"
    assert "1 journal" in weni("purge", "--older-than", "0h", "--yes").out


def test_what_a_stopped_export_has_read_goes(weni, kept):
    """Unless it goes on just now."""
    spool = kept / "exports" / "one.db"
    spool.parent.mkdir(exist_ok=True)
    spool.write_bytes(b"x" * 1000)
    lock = Lock(spool.with_suffix(".lock"))
    assert "1 stopped export" in weni("purge", "--all", "--yes").out.splitlines()[1]
    assert spool.exists()
    lock.release()
    assert "1 stopped export" in weni("purge", "--all", "--yes").out
    assert not spool.exists()


def test_what_the_page_keeps_goes(weni, kept, make_csv):
    """Unless it runs."""
    page = Workshop(kept)
    _, desk = page.bring(lambda path: path.write_text("\n".join(LINES)), "contacts.csv", Workspace())
    page.save(Connection("https://example.org", "a" * 40))
    assert "2 files of the page" in weni("purge", "--all", "--yes").out.splitlines()[1]
    assert desk.folder.exists()
    page.close()
    assert "2 files of the page" in weni("purge", "--all", "--yes").out
    assert files(kept) == {"web/page.lock"}


def test_what_a_running_import_uses_stays(weni, kept, make_csv):
    running = job_folder().jobs()[0]
    copy = PrivateCopy(make_csv(*LINES), kept)
    with Journal(running.path):
        ran = weni("purge", "--all", "--yes")
        assert ran.code == 1
        assert "Kept, as a running import, or the page, uses it: 1 journal, 1 mirror, 1 copy" in ran.out
        assert weni("purge", running.job, "--yes").code == 1
        assert [info.job for info in job_folder().jobs()] == [running.job]
        assert copy.path.exists()
    copy.remove()
    assert weni("purge", "--all", "--yes").code == 0
    assert files(kept) == set()


def test_a_journal_that_is_damaged_goes_too(weni, kept):
    (kept / "jobs" / "broken.db").write_bytes(b"no database")
    assert "3 journals" in weni("purge", "--all", "--yes").out
    assert files(kept) == set()


@pytest.mark.parametrize(("answer", "code", "left"), [("não\n", 4, 2), ("s\n", 0, 0)])
def test_it_asks_first(answer, code, left, weni, kept, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    ran = weni("purge", "--all", "--lang", "pt")
    assert ran.code == code
    assert "2 diários, 1 espelho, 1 cópia de arquivo" in ran.err
    assert len(job_folder().jobs()) == left


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what is to be removed"),
        (("--all", "--older-than", "3d"), "Say what is to be removed"),
        (("--older-than", "soon"), "soon is not a length of time"),
        (("none",), "There is no job none"),
        (("--all",), "Add --yes"),
    ],
)
def test_one_sentence_for_what_cannot_be(arguments, said, weni, kept):
    before = files(kept)
    ran = weni("purge", *arguments)
    assert (ran.code, said in ran.err) == (2, True)
    assert files(kept) == before
