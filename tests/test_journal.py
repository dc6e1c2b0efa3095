"""The journal outlives whatever happens to the process that writes it, and lets nobody else write it meanwhile."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.errors import Unusable
from importer.issues import CATALOGUE, Issue, Phrase, Severity
from importer.journal import JobFolder, Journal
from importer.journal.forms import (
    contact_from_json,
    contact_to_json,
    dump,
    issue_from_json,
    issue_to_json,
    outcome_from_row,
    outcome_to_row,
)
from importer.messages import catalogue
from importer.model import Change, Contact, Difference, ErrorCell, Group, Outcome, Status

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CREATED = Outcome(2, Status.CREATED, "u2", (Change("name", None, "Ana"),), requests=1)

HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from importer.journal import JobFolder
journal = JobFolder(Path(sys.argv[1])).open("f" * 64, datetime(2026, 11, 23, 12, tzinfo=UTC))
journal.begin("create", (7,), {"name": "Ana"})
print(journal.job, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    return JobFolder(tmp_path / "state" / "jobs")


@pytest.fixture
def holder(folder):
    """Another process that runs the job ffff… and has sent a step."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def code_of(error):
    return error.value.key


# ------------------------------------------------------------------------------------------------- steps


def test_a_step_is_open_until_its_outcome_is_written(tmp_path):
    contact = Contact("u1", "Ana", None, ("tel:+5582900000001",), (Group("g1", "VIP"),), {"city": "Recife"})
    with Journal(tmp_path / "job.db") as journal:
        sent = journal.begin("create", (2,), {"name": "Ana"})
        other = journal.begin("update", (3,), {"name": "Bia"}, (contact,))
        assert [(step.kind, step.rows, step.request) for step in journal.open_steps("create")] == [
            ("create", (2,), {"name": "Ana"})
        ]
        assert journal.open_steps("update")[0].before == (contact,)
        assert journal.outcome(2) is None
        journal.finish(sent, {"status": "created"}, [(CREATED, 0)])
        assert [step.id for step in journal.open_steps("create", "update")] == [other]
        assert journal.outcome(2) == (CREATED, 0)
        journal.close_open_steps()
        assert journal.open_steps("create", "update") == []
        assert journal.answers("create", "update") == [("create", {"status": "created"})]


def test_what_is_written_is_there_when_it_is_opened_again(tmp_path):
    path = tmp_path / "job.db"
    with Journal(path) as journal:
        journal.set(state="running", file={"path": "Ação.csv"})
        journal.begin("create", (7,), {"name": "Ana"})
        journal.put([(CREATED, 3)])
    with Journal(path) as journal:
        assert journal.meta == {"state": "running", "file": {"path": "Ação.csv"}}
        assert list(journal.outcomes()) == [(CREATED, 3)]
        assert len(journal.open_steps("create")) == 1


def test_a_line_replaces_the_row_s_earlier_one_and_lines_come_in_row_order(tmp_path):
    with Journal(tmp_path / "job.db") as journal:
        journal.put([(Outcome(row, Status.NOT_SENT), 0) for row in (9, 4, 100)])
        journal.put([(Outcome(4, Status.UPDATED, "u4"), 1)])
        assert [(o.row, o.status, pending) for o, pending in journal.outcomes()] == [
            (4, "updated", 1), (9, "not-sent", 0), (100, "not-sent", 0),
        ]  # fmt: skip


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    with Journal(tmp_path / "job.db") as journal:
        step = journal.begin("create", (2,), {})
        with pytest.raises(TypeError):
            journal.finish(
                step,
                "done",
                [(CREATED, 0), (Outcome(3, Status.CREATED, changes=(Change("x", None, object()),)), 0)],
            )
        assert journal.outcome(2) is None
        assert len(journal.open_steps("create")) == 1


def test_every_commit_waits_for_the_disk(tmp_path):
    with Journal(tmp_path / "job.db") as journal:
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_many_threads_write_at_once(tmp_path):
    with Journal(tmp_path / "job.db") as journal:

        def work(first):
            for row in range(first, first + 50):
                step = journal.begin("create", (row,), {})
                journal.finish(step, "created", [(Outcome(row, Status.CREATED), 0)])
                assert journal.outcome(row)

        threads = [threading.Thread(target=work, args=(n * 50,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [outcome.row for outcome, _ in journal.outcomes()] == list(range(300))
        assert journal.open_steps("create") == []


def test_many_lines(tmp_path):
    issue = Issue.of("row-repeated", other_row=2).at(3)
    with Journal(tmp_path / "job.db") as journal:
        for first in range(0, 20_000, 500):
            journal.put(
                (Outcome(row, Status.UPDATED, "u", (Change("name", "Ana", "Bia"),), (issue,), 1), 0)
                for row in range(first, first + 500)
            )
        assert sum(1 for _ in journal.outcomes()) == 20_000
        assert journal.outcome(19_999)


# ------------------------------------------------------------------------------------------------- files


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_only_the_owner_can_read_it(folder):
    old = os.umask(0o000)
    try:
        folder.path.mkdir(parents=True, mode=0o755)
        with folder.open("a" * 64, NOON) as journal:
            journal.put([(CREATED, 0)])
            files = {path.suffix: path.stat().st_mode & 0o777 for path in folder.path.iterdir()}
    finally:
        os.umask(old)
    assert {".db", ".db-wal", ".db-shm", ".lock"} <= set(files)
    assert set(files.values()) == {0o600}
    assert folder.path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\x07" * 5000])
def test_a_damaged_file_is_told_and_passed_over(content, folder):
    folder.path.mkdir(parents=True)
    (folder.path / "bad.db").write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(Unusable) as error:
            Journal(folder.path / "bad.db", read_only=read_only)
        assert code_of(error) == "journal-unusable"
    assert folder.jobs() == []
    with folder.open("a" * 64, NOON) as journal:
        assert [info.job for info in folder.jobs()] == [journal.job]


def test_a_journal_of_another_version_is_told(folder):
    with folder.open("a" * 64, NOON) as journal:
        journal._db.execute("PRAGMA user_version = 99")
    for read_only in (False, True):
        with pytest.raises(Unusable) as error:
            Journal(journal.path, read_only=read_only)
        assert code_of(error) == "journal-unusable"
        assert "another version (99)" in catalogue().explain(error.value)
    with pytest.raises(Unusable):
        folder.open("a" * 64, NOON)
    Path(journal.path).unlink()  # and the lock was let go
    folder.open("a" * 64, NOON).close()


def test_a_journal_of_version_1_is_read_as_it_is_and_goes_on(folder):
    """It had no table of what was read back, and one contact in place of a step's list."""
    contact = Contact("u1", "Ana", None, ("tel:+5582900000001",))
    with folder.open("a" * 64, NOON) as journal:
        journal.begin("update", (2,), {"name": "Bia"}, (contact,))
        journal.put([(CREATED, 0)])
        journal._db.execute("UPDATE steps SET before = ?", (dump(contact_to_json(contact)),))
        journal._db.executescript("DROP TABLE checks; PRAGMA user_version = 1;")
    with Journal(journal.path, read_only=True) as older:
        assert [(step.before, step.answer) for step in older.steps("update")] == [((contact,), None)]
        assert list(older.outcomes()) == [(CREATED, 0)]
        assert older.outcome(2) == (CREATED, 0)
    with Journal(journal.path) as newer:
        newer.check([(2, (Difference("name", "Ana", None),))])
        assert newer.outcome(2)[0].differences == (Difference("name", "Ana", None),)


def test_what_was_read_back_stays_with_its_row(tmp_path):
    """Whatever is written of the row afterwards; a row that nobody has read back says so."""
    differs = (Difference("urns", ("tel:+5582900000001",), ()), Difference("field:city", "Natal", None))
    with Journal(tmp_path / "job.db") as journal:
        journal.put([(CREATED, 0), (replace(CREATED, row=3), 0), (replace(CREATED, row=4), 0)])
        journal.check([(2, ()), (3, differs)])
        journal.put([(replace(CREATED, row=3), 1)])
        assert [outcome.differences for outcome, _ in journal.outcomes()] == [(), differs, None]


@pytest.mark.parametrize("half", ["", "PRAGMA journal_mode = WAL"])
def test_a_file_that_was_just_being_made_is_made_whole(half, folder):
    """Killed between making the file and its tables."""
    folder.path.mkdir(parents=True)
    path = folder.path / "job.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(half)
    path.touch()
    assert folder.jobs() == []
    with Journal(path) as journal:
        journal.put([(CREATED, 0)])
        assert journal.outcome(2) == (CREATED, 0)


def test_a_folder_that_is_none(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(Unusable) as error:
        JobFolder(tmp_path / "state" / "jobs").open("a" * 64, NOON)
    assert code_of(error) == "journal-unusable"
    with pytest.raises(Unusable) as error:
        Journal(tmp_path / "state" / "jobs" / "job.db")
    assert code_of(error) == "journal-unusable"
    with pytest.raises(Unusable) as error:
        Journal(tmp_path / "nothing.db", read_only=True)
    assert code_of(error) == "journal-unusable"


def test_a_full_disk_is_told_by_whatever_writes(tmp_path):
    with Journal(tmp_path / "job.db") as journal:
        step = journal.begin("create", (2,), {})
        (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
        journal._db.execute(f"PRAGMA max_page_count = {pages}")
        large = "x" * 100_000
        for write in (
            lambda: journal.begin("create", (3,), {"name": large}),
            lambda: journal.finish(step, {"name": large}),
            lambda: journal.put([(Outcome(2, Status.CREATED, large), 0)]),
            lambda: journal.set(name=large),
        ):
            with pytest.raises(Unusable) as error:
                write()
            assert code_of(error) == "journal-unusable"
            assert "full" in str(error.value.details["reason"])
        assert len(journal.open_steps("create")) == 1
        assert journal.outcome(2) is None


# ------------------------------------------------------------------------------------------------- locks


def test_one_process_at_a_time(folder, holder):
    with pytest.raises(Unusable) as error:
        folder.open("f" * 64, NOON)
    assert code_of(error) == "job-running"
    (info,) = folder.jobs()
    assert info.state == "running"
    with Journal(info.path, read_only=True) as journal:  # looking on is free
        assert [step.rows for step in journal.open_steps("create")] == [(7,)]
    folder.open("e" * 64, NOON).close()  # and so is another job


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_the_lock_of_a_killed_process_is_free_and_its_intent_is_there(folder, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    (info,) = folder.jobs()
    assert info.state == "cut-off"
    with folder.open("f" * 64, NOON) as journal:
        assert journal.job == info.job
        assert [step.rows for step in journal.open_steps("create")] == [(7,)]


def test_one_journal_at_a_time_in_one_process(tmp_path):
    with Journal(tmp_path / "job.db"):
        with pytest.raises(Unusable) as error:
            Journal(tmp_path / "job.db")
        assert code_of(error) == "job-running"
    Journal(tmp_path / "job.db").close()


def test_runs_that_begin_in_the_same_moment_make_one_job(folder):
    found, refused, meet = [], [], threading.Barrier(6)

    def begin():
        meet.wait()
        try:
            found.append(folder.open("a" * 64, NOON))
        except Unusable as error:
            refused.append(error.key)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert refused == ["job-running"] * 5
    assert len(folder.jobs()) == 1
    found[0].close()


# -------------------------------------------------------------------------------------------------- jobs


def test_an_unfinished_job_is_found_again_a_complete_one_is_not(folder):
    with folder.open("a" * 64, NOON) as journal:
        first = journal.job
        journal.set(state="stopped")
    with folder.open("a" * 64, NOON) as journal:
        assert journal.job == first
        journal.set(state="complete")
    with folder.open("a" * 64, NOON) as journal:
        assert journal.job != first
    with folder.open("b" * 64, NOON) as journal:
        other = journal.job
    assert {info.job: info.state for info in folder.jobs()}[first] == "complete"
    assert len({info.job for info in folder.jobs()}) == 3
    assert folder.find(other).job == other


def test_finding_a_job(folder):
    with pytest.raises(Unusable) as error:
        folder.find("last")
    assert code_of(error) == "job-unknown"
    names = []
    for fingerprint, hour in (("a" * 64, 12), ("b" * 64, 14), ("c" * 64, 13)):
        with folder.open(fingerprint, NOON.replace(hour=hour)) as journal:
            names.append(journal.job)
    assert [info.job for info in folder.jobs()] == [names[1], names[2], names[0]]
    assert folder.find("last").job == names[1]
    assert folder.find("20261123-13").job == names[2]
    assert folder.find(names[0]).job == names[0]
    with pytest.raises(Unusable) as error:
        folder.find("2026")
    assert code_of(error) == "job-unclear"


# ------------------------------------------------------------------------------------------------- forms

texts = st.text(st.characters(exclude_categories=()), max_size=20)  # half surrogate pairs and NUL included
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
phrases = st.recursive(
    st.builds(Phrase, texts, st.dictionaries(texts, plain, max_size=3)),
    lambda inner: st.builds(Phrase, texts, st.dictionaries(texts, plain | inner, max_size=3)),
    max_leaves=3,
)
issues = st.builds(
    Issue,
    st.sampled_from(sorted(CATALOGUE)),
    st.sampled_from(Severity),
    st.none() | st.integers(1, 10**6),
    texts,
    texts,
    plain,
    st.dictionaries(texts, plain | phrases, max_size=3),
)
changes = st.builds(
    Change,
    texts,
    st.none() | texts | st.lists(texts).map(tuple),
    st.none() | texts | st.lists(texts).map(tuple),
)
outcomes = st.builds(
    Outcome,
    st.integers(1, 10**6),
    st.sampled_from(Status),
    st.none() | st.uuids().map(str),
    st.lists(changes, max_size=3).map(tuple),
    st.lists(issues, max_size=3).map(tuple),
    st.integers(0, 9),
    st.none() | st.integers(1, 10**6),
)
contacts = st.builds(
    Contact,
    texts,
    st.none() | texts,
    st.none() | texts,
    st.lists(texts).map(tuple),
    st.lists(st.builds(Group, texts, texts)).map(tuple),
    st.dictionaries(texts, st.none() | texts),
    st.booleans(),
    st.booleans(),
    modified_on=texts,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(outcomes, st.integers(0, 9))
def test_a_line_comes_back_as_it_was(outcome, pending):
    """Through SQLite as well: no text is one that the file refuses."""
    with closing(sqlite3.connect(":memory:")) as db:
        stored = db.execute(
            "SELECT ?, ?, ?, ?, ?, ?, ?, ?, NULL", outcome_to_row(outcome, pending)
        ).fetchone()
    assert outcome_from_row(stored) == (outcome, pending)


@given(issues)
def test_an_issue_comes_back_as_it_was(issue):
    assert issue_from_json(json.loads(dump(issue_to_json(issue)))) == issue


@given(contacts)
def test_a_before_image_comes_back_as_it_was(contact):
    assert contact_from_json(json.loads(dump(contact_to_json(contact)))) == contact


def test_a_value_that_json_does_not_know_becomes_its_text():
    for value, text in ((ErrorCell("#N/A"), "#N/A"), (date(2026, 1, 31), "2026-01-31")):
        issue = Issue.of("cell-error", value, seen=value)
        back = issue_from_json(issue_to_json(issue))
        assert (back.value, back.details) == (text, {"seen": text})
