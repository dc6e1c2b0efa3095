"""Several contacts are under way at once; the journal knows of each before it leaves, and what came of it after."""

import sqlite3
from contextlib import closing

import pytest

from importer.model import Status
from importer.options import Options
from importer.platform import THREADS
from importer.run import Listener, import_file

OPEN = "SELECT rows FROM steps WHERE answer IS NULL AND kind IN ('create', 'update')"


def test_each_intent_is_on_the_disk_before_its_request_and_no_more_than_are_under_way(
    make_csv, sandbox, connection, tmp_path
):
    path = make_csv("Name,URN:Ext", *(f"Nome {n},n{n}" for n in range(60)))
    begun, seen = [], []

    def look(_, method, where):
        if (method, where) == ("POST", "contacts.json"):
            (journal,) = (tmp_path / "state").glob("jobs/*.db")
            with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as db:
                begun.append(db.execute("SELECT count(*) FROM steps").fetchone()[0])
                seen.append(db.execute(f"SELECT count(*) FROM ({OPEN})").fetchone()[0])

    sandbox.fault_plan = look
    report = import_file(path, Options(), connection, state=tmp_path / "state")
    assert report.totals[Status.CREATED] == 60
    assert all(steps >= number for number, steps in enumerate(begun, 1))
    assert min(seen) >= 1
    assert max(seen) <= THREADS


def test_what_is_answered_is_known_whatever_ends_the_import(make_csv, sandbox, connection, tmp_path):
    """Here the screen fails with the tenth row, while others are under way."""
    path = make_csv("Name,URN:Ext", *(f"Nome {n},n{n}" for n in range(60)))

    class Failing(Listener):
        def __init__(self):
            self.rows = 0

        def done(self, count, scope):
            self.rows += count
            if self.rows == 10:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_file(path, Options(), connection, state=tmp_path / "state", listener=Failing())
    (journal,) = (tmp_path / "state").glob("jobs/*.db")
    made = {contact["uuid"] for contact in sandbox.contacts()}
    with closing(sqlite3.connect(journal)) as db:
        known = {uuid for (uuid,) in db.execute("SELECT uuid FROM rows WHERE status = 'created'")}
        left = db.execute(OPEN).fetchall()
    assert known == made
    assert 10 <= len(made) < 60
    assert len(left) <= THREADS  # not sent any more, or stopped before it was
