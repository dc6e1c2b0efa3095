"""The log on disk: what processes share, what it tells, and what happens where it cannot be used or clocks move."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from importer.api.pace import MARGIN_S, Pace
from importer.api.shared_log import AGAIN_S, PaceFile
from importer.clock import start_of_steady, steady
from importer.issues import Phrase

DAY = 86_400.0


class Machine:
    """A machine's two clocks, and which start of it this is."""

    def __init__(self, steady: float = 500.0, wall: float = 1_800_000_000.0) -> None:
        self.steady, self.wall, self.start = steady, wall, "first"

    def __call__(self) -> float:
        return self.steady

    def wait(self, seconds: float, reason: str) -> None:
        self.steady += seconds
        self.wall += seconds

    def restart(self, off_s: float) -> None:
        self.start, self.steady, self.wall = f"{self.start}+", 20.0, self.wall + off_s


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pace.db"


class Process:
    """What one process knows: its file, its paces."""

    def __init__(self, path: Path, machine: Machine) -> None:
        self.told: list[str | Phrase] = []
        self.machine = machine
        self.file = PaceFile(
            path, machine, wall=lambda: machine.wall, start=machine.start, on_trouble=self.told.append
        )

    def pace(
        self, budget: int = 3, host: str = "a.example", token: str = "t1", scope: str = "contacts"
    ) -> Pace:
        return Pace(
            budget, 30.0, clock=self.machine, wait=self.machine.wait, log=self.file.log(host, token, scope)
        )


def delay(pace: Pace, machine: Machine) -> float:
    """Seconds until one more request leaves."""
    before = machine.steady
    return pace.take() - before


def use_up(pace: Pace) -> None:
    for _ in range(3):
        pace.take()


FULL_S = pytest.approx(30 + MARGIN_S)


def test_processes_share_one_budget(path, machine):
    one, other = Process(path, machine).pace(), Process(path, machine).pace()
    one.take()
    other.take()
    one.take()
    assert other.time_for(1) == FULL_S
    assert delay(other, machine) == FULL_S


@pytest.mark.parametrize(
    "other", [{"host": "b.example"}, {"token": "t2"}, {"scope": "other"}], ids=["host", "token", "scope"]
)
def test_each_host_token_and_scope_has_its_own(other, path, machine):
    process = Process(path, machine)
    use_up(process.pace())
    assert delay(process.pace(**other), machine) == 0


def test_a_later_process_knows_the_calls_of_an_earlier_one(path, machine):
    first = Process(path, machine)
    use_up(first.pace())
    first.file.close()
    machine.wait(10, "")
    assert Process(path, machine).pace().time_for(1) == pytest.approx(20 + MARGIN_S)


def test_what_the_server_asked_one_process_all_obey(path, machine):
    one, other = Process(path, machine).pace(), Process(path, machine).pace()
    one.hold(50)
    one.hold(5)
    assert delay(other, machine) == pytest.approx(50)


def test_a_call_that_did_not_count_is_given_back_for_all(path, machine):
    one, other = Process(path, machine).pace(), Process(path, machine).pace()
    use_up(one)
    one.give_back(500.0)
    assert delay(other, machine) == 0
    assert not one.is_free()


def test_a_smaller_share_counts_the_calls_of_others_too(path, machine):
    use_up(Process(path, machine).pace(budget=4))
    assert Process(path, machine).pace(budget=2).time_for(1) == FULL_S
    assert Process(path, machine).pace(budget=4).time_for(1) == 0


# ---------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("jump_s", [DAY, -DAY, 1800.0, -1800.0, 0.1])
def test_the_wall_clock_may_be_set_at_will(jump_s, path, machine):
    """Forwards nothing is sent early, backwards nothing late; nor by a process that starts afterwards."""
    process = Process(path, machine)
    pace = process.pace()
    use_up(pace)
    machine.wall += jump_s
    assert pace.time_for(1) == FULL_S
    assert Process(path, machine).pace().time_for(1) == FULL_S
    assert delay(pace, machine) == FULL_S


@pytest.mark.parametrize(("off_s", "left_s"), [(10.0, 20 + MARGIN_S), (31.0, 0.0), (DAY, 0.0)])
def test_times_are_carried_over_a_restart_of_the_machine(off_s, left_s, path, machine):
    use_up(Process(path, machine).pace())
    machine.restart(off_s)
    assert Process(path, machine).pace().time_for(1) == pytest.approx(left_s, abs=0.3)


def test_also_when_the_clock_was_set_before_it(path, machine):
    pace = Process(path, machine).pace()
    pace.take()
    machine.wall += DAY
    pace.take()  # it notices
    pace.take()
    machine.restart(10)
    assert Process(path, machine).pace().time_for(1) == pytest.approx(20 + MARGIN_S, abs=0.3)


def test_a_clock_that_was_set_back_meanwhile_costs_no_more_than_one_window(path, machine):
    use_up(Process(path, machine).pace())
    Process(path, machine).pace().hold(20)
    machine.restart(-DAY)
    assert Process(path, machine).pace().time_for(1) <= 30 + MARGIN_S + 0.001


def test_time_asleep_counts(path, machine):
    """The clock runs on while the machine sleeps; the wait is not begun anew."""
    pace = Process(path, machine).pace()
    use_up(pace)
    machine.wait(DAY, "asleep")
    assert delay(pace, machine) == 0


def test_the_real_clock_runs_and_every_process_reads_the_same():
    before = steady()
    script = "from importer.clock import steady, start_of_steady\nprint(steady(), start_of_steady())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    there, start = told.split()
    assert before < float(there) < steady()
    if sys.platform == "linux":
        assert start == start_of_steady()


# ------------------------------------------------------------------------------------------- the file


def test_the_file_is_its_owners_and_holds_no_token(path, machine):
    process = Process(path, machine)
    use_up(process.pace(token="a-very-secret-token", host="flows.example"))
    process.pace(token="a-very-secret-token").hold(5)
    if os.name == "posix":
        assert {one.stat().st_mode & 0o077 for one in (path, path.parent)} == {0}
    content = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert b"secret" not in content
    assert b"flows.example" not in content


def test_the_same_token_is_called_something_else_in_another_file(tmp_path, machine):
    accounts = set()
    for name in ("one", "other"):
        use_up(Process(tmp_path / name / "pace.db", machine).pace())
        with sqlite3.connect(tmp_path / name / "pace.db") as db:
            accounts |= {account for (account,) in db.execute("SELECT account FROM calls")}
        db.close()
    assert len(accounts) == 2


def test_calls_that_count_no_more_do_not_stay(path, machine):
    pace = Process(path, machine).pace()
    for _ in range(5):
        pace.take()
        machine.wait(4000, "")
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM calls").fetchone() == (2,)
    db.close()


def damage_head(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def damage_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


def empty_facts(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM facts")
    db.close()


def wrong_facts(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE facts SET value = 'nonsense'")
    db.close()


def of_the_future(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE calls; PRAGMA user_version = 99")
    db.close()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "damage", [damage_head, damage_middle, empty_facts, wrong_facts, of_the_future, empty]
)
def test_a_damaged_file_is_begun_anew(damage, path, machine):
    first = Process(path, machine)
    use_up(first.pace())
    first.file.close()
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    damage(path)
    process = Process(path, machine)
    use_up(process.pace())
    assert process.told == []
    assert Process(path, machine).pace().time_for(1) == FULL_S


def test_a_file_that_is_damaged_while_it_is_used_costs_nothing(path, machine):
    process = Process(path, machine)
    pace = process.pace()
    use_up(pace)
    damage_head(path)
    path.with_name("pace.db-wal").write_bytes(b"")
    assert pace.time_for(1) in (0.0, FULL_S)
    machine.wait(60, "")
    use_up(pace)
    assert not pace.is_free()


def test_a_locked_file_stops_nobody_is_told_once_and_used_again_later(path, machine, monkeypatch):
    monkeypatch.setattr("importer.api.shared_log.LOCKED_S", 0.01)
    Process(path, machine).pace(scope="other").take()  # makes the file
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        process = Process(path, machine)
        pace = process.pace()
        pace.take()
        pace.give_back(pace.take())
        pace.hold(5)
        assert delay(pace, machine) == pytest.approx(5)
        assert pace.time_for(2) > 5  # it knows its own calls
        assert process.told == [Phrase("reason.locked")]
        holder.execute("ROLLBACK")
    holder.close()
    machine.wait(AGAIN_S + 1, "")
    pace.take()
    assert process.told == [Phrase("reason.locked")]
    with sqlite3.connect(path) as db:  # what was missed was written then
        assert [sent for (sent,) in db.execute("SELECT sent FROM calls ORDER BY sent")] == [
            500,
            500,
            505,
            566,
        ]
        accounts = {account for (account,) in db.execute("SELECT account FROM calls")}
    db.close()
    assert all(len(account) == 32 for account in accounts)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path, machine):
    tmp_path.chmod(0o500)
    try:
        process = Process(tmp_path / "state" / "pace.db", machine)
        use_up(process.pace())
    finally:
        tmp_path.chmod(0o700)
    assert len(process.told) == 1


def test_a_folder_that_is_a_file_stops_nobody(tmp_path, machine):
    (tmp_path / "state").write_text("")
    process = Process(tmp_path / "state" / "pace.db", machine)
    pace = process.pace()
    use_up(pace)
    assert pace.time_for(1) == FULL_S
    assert len(process.told) == 1


def test_threads_and_processes_never_send_more_than_the_budget(path):
    """Real ones, at once: each takes what it can without waiting."""
    script = (
        "import sys, pathlib\nfrom importer.api.shared_log import PaceFile\nfrom importer.clock import steady\n"
        "log = PaceFile(pathlib.Path(sys.argv[1]), steady).log('h', 't', 'contacts')\n"
        "print(sum(log.take(steady(), steady() - 3600, 100) is None for _ in range(60)))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    file, taken = PaceFile(path, steady), []
    log = file.log("h", "t", "contacts")

    def take() -> None:
        for _ in range(30):
            now = steady()
            taken.append(log.take(now, now - 3600, 100) is None)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [int(process.communicate(timeout=60)[0]) for process in processes]
    file.close()
    assert sum(taken) + sum(told) == 100
