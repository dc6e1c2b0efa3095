"""How fast an import may be, and who knows of its requests."""

import sqlite3
import threading

import pytest
from msgspec.structs import replace

from importer.cli.choices import read_rate
from importer.errors import Unusable
from importer.options import Options
from importer.run import Listener, import_file, plan_file
from importer.run.connection import PACE_FILE

HEADER = "Name,URN:Tel"


def people(count):
    return [f"Nome {n},+558290000{n:04d}" for n in range(count)]


@pytest.mark.parametrize(
    ("text", "per_hour"),
    [("60%", 1500), ("100%", 2500), ("1 %", 25), (" 1500/h ", 1500), ("1500", 1500), ("5000/h", 5000),
     ("007/ h", 7)],
)  # fmt: skip
def test_a_rate_is_a_share_or_a_number(text, per_hour):
    assert read_rate(text) == per_hour


@pytest.mark.parametrize(
    "text", ["", "0", "0%", "101%", "-5", "1.5", "1500/min", "fast", "1e3", "٣%", "9999999/h"]
)
def test_anything_else_is_one_sentence(text):
    with pytest.raises(Unusable) as caught:
        read_rate(text)
    assert caught.value.key == "rate-invalid"


def test_a_smaller_share_is_kept(make_csv, sandbox, connection, clock):
    """Two reads of contacts, then as many rows as are left of the share; the others an hour later each."""
    report = import_file(make_csv(HEADER, *people(25)), Options(rate=10), connection)
    assert report.exit_code == 0
    assert len(sandbox.contacts()) == 25
    assert 2 * 3600 <= sum(clock.slept) < 3 * 3600 * 4  # four threads may wait for the same


def test_the_plan_knows_the_share(make_csv, connection):
    path = make_csv(HEADER, *people(25))
    assert plan_file(path, Options(), connection).summary.estimate_s < 60
    assert plan_file(path, Options(rate=10), connection).summary.estimate_s > 2 * 3600


def test_a_rate_that_lets_nothing_through_is_refused(make_csv, connection):
    with pytest.raises(Unusable) as caught:
        import_file(make_csv(HEADER, *people(1)), Options(rate=0), connection)
    assert caught.value.key == "rate-invalid"


def test_another_rate_goes_on_with_the_same_job(make_csv, sandbox, connection, meet):
    stop = threading.Event()
    path = make_csv(HEADER, *people(20))
    meet("POST", "contacts", None, None, stop.set)
    first = import_file(path, Options(), connection, stop=stop)
    second = import_file(path, Options(rate=1000), connection)
    assert second.summary.job == first.summary.job


# -------------------------------------------------------------------------------------- who knows of it


def calls(state):
    with sqlite3.connect(state / PACE_FILE) as db:
        found = db.execute("SELECT count(*) FROM calls GROUP BY account ORDER BY 1").fetchall()
    db.close()
    return [count for (count,) in found]


def test_our_requests_are_noted_for_other_processes(make_csv, sandbox, connection, state):
    """The plan of another process knows what is used up; by scope, not all in one."""
    path = make_csv(HEADER, *people(8))
    sharing = replace(connection, shares_pace=True)
    import_file(path, Options(), sharing)
    reads = len([one for one in sandbox.requests if one.path.startswith("contacts")])
    assert calls(state) == [len(sandbox.requests) - reads, reads]
    more = make_csv(HEADER, *people(20), name="more.csv")
    assert plan_file(more, Options(rate=20), connection).summary.estimate_s < 60
    assert plan_file(more, Options(rate=20), sharing).summary.estimate_s > 3000


def test_a_server_on_this_machine_is_the_practice_server(make_csv, connection, state):
    """It forgets our requests when it ends, and another may listen at its port."""
    import_file(make_csv(HEADER, *people(2)), Options(), connection)
    assert not (state / PACE_FILE).exists()


def test_a_pace_that_cannot_be_kept_stops_no_import(make_csv, sandbox, connection, state):
    """Here there is a folder where the file should be; it is told once."""
    told = []

    class Told(Listener):
        def pace_not_kept(self, reason):
            told.append(reason)

    (state / PACE_FILE).mkdir(parents=True)
    sharing = replace(connection, shares_pace=True)
    report = import_file(make_csv(HEADER, *people(5)), Options(), sharing, listener=Told())
    assert report.exit_code == 0
    assert len(told) == 1
