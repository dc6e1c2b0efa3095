"""The line from a file to its report: one job for one import, told in time, accounted for whatever happens."""

import gc
import os
import threading
import time

import pytest
from msgspec.structs import replace

from importer.errors import Interrupted, Unusable
from importer.jobs import job_folder
from importer.options import Options
from importer.run import Connection, Listener, import_file, plan_file
from importer.sandbox import Faults, Sandbox, SandboxOptions
from importer.sandbox.options import FAULT_KINDS

HEADER = "Name,URN:Tel,Groups,Field:City"


def people(count):
    return [f"Nome {n},+558290000{n:04d},VIP,Recife" for n in range(count)]


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


class Calling(Listener):
    """Calls something when the plan begins to be carried out, or at the nth progress."""

    def __init__(self, call, after=0):
        self._call, self._left = call, after

    def started(self, contacts, other, client):
        if not self._left:
            self._call()

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0 < self._left + requests:
            self._call()


def stopped_after(path, options, connection, requests, **more):
    """The report of a run that is stopped after so many requests of its plan."""
    stop = threading.Event()
    return import_file(path, options, connection, listener=Calling(stop.set, requests), stop=stop, **more)


# ------------------------------------------------------------------------------------------ the same job


@pytest.mark.parametrize("after", [1, 2, 3, 4, 8])
@pytest.mark.parametrize(
    ("header", "row", "options"),
    [
        ("Name,URN:Tel,Groups,Field:Age:numeric,Field:Since:datetime", "VIP,41,2020-01-31", Options()),
        ("Name,URN:Tel,Group:VIP,Profissão,Nota", "x,Médica,12", Options(new_fields="create")),
        ("Nome,Telefone,Grupos,Field:Nick Name,", "A; B,Bia,", Options(country="BR")),
    ],
    ids=["typed", "unknown", "words"],
)
def test_the_same_command_goes_on_whatever_has_been_made_by_then(
    after, header, row, options, make_csv, connection, sandbox
):
    """The fields and groups that the first run has made are the workspace's in the second."""
    path = make_csv(header, *(f"Nome {n},+558290000{n:04d},{row}" for n in range(12)))
    first = stopped_after(path, options, connection, after)
    assert first.exit_code == 4
    second = import_file(path, options, connection)
    assert second.summary.job == first.summary.job
    assert statuses(second) == ["created"] * 12
    assert len(sandbox.contacts()) == 12
    assert len(job_folder().jobs()) == 1
    clean = [field["label"] for field in sandbox.fields()]
    assert list(second.summary.fields_created) == clean
    assert list(second.summary.groups_created) == [group["name"] for group in sandbox.groups()]


@pytest.mark.parametrize(
    "other",
    [Options(groups=("Todos",)), Options(limit=5), Options(urns_mode="replace"), Options(duplicates="first")],
    ids=["groups", "limit", "urns", "duplicates"],
)
def test_other_options_are_another_job(other, make_csv, connection):
    path = make_csv(HEADER, *people(10))
    first = stopped_after(path, Options(), connection, 5)
    assert import_file(path, other, connection).summary.job != first.summary.job
    assert import_file(path, Options(), connection).summary.job == first.summary.job


def test_where_the_report_goes_changes_nothing(make_csv, connection, tmp_path):
    path = make_csv(HEADER, *people(10))
    first = stopped_after(path, Options(output=tmp_path / "one"), connection, 5)
    copy = make_csv(HEADER, *people(10), name="renamed.csv")
    second = import_file(copy, Options(output=tmp_path / "other"), connection)
    assert second.summary.job == first.summary.job
    assert second.summary.file.path == str(copy)


def test_another_file_another_mapping_another_workspace_are_other_jobs(
    make_csv, connection, sandbox, tmp_path
):
    path = make_csv(HEADER, *people(10))
    jobs = {stopped_after(path, Options(), connection, 5).summary.job}
    path = make_csv(HEADER, *people(11))
    jobs.add(stopped_after(path, Options(), connection, 2).summary.job)
    (tmp_path / "mapping.toml").write_text('[columns]\nName = "name"\n"URN:Tel" = "urn:whatsapp"\n')
    jobs.add(stopped_after(path, Options(mapping=tmp_path / "mapping.toml"), connection, 2).summary.job)
    with Sandbox(SandboxOptions(rates=None)) as other:
        jobs.add(import_file(path, Options(), replace(connection, url=other.url)).summary.job)
    assert len(jobs) == 4


def test_the_same_job_runs_once_at_a_time(make_csv, connection, sandbox):
    """The second one is told before it reads contacts, let alone asks."""
    path, told, paths = make_csv(HEADER, *people(10)), [], []

    def again():
        before = len(sandbox.requests)
        with pytest.raises(Unusable) as error:
            import_file(path, Options(), connection, confirm=lambda _: told.append("asked"))
        told.append(error.value.key)
        told.append([info.state for info in job_folder().jobs()])
        paths.extend(served.path for served in sandbox.requests[before:] if not served.writes)

    report = import_file(path, Options(), connection, listener=Calling(again))
    assert told == ["job-running", ["running"]]
    assert "contacts.json" not in paths
    assert statuses(report) == ["created"] * 10
    assert [info.state for info in job_folder().jobs()] == ["complete"]


def test_two_that_are_planned_at_the_same_time(make_csv, connection, sandbox):
    """The one that begins later finds all of its plan done by the other."""
    path, first = make_csv(HEADER, *people(10)), []

    def meanwhile(plan):
        first.append(import_file(path, Options(), connection))
        return True

    second = import_file(path, Options(), connection, confirm=meanwhile)
    assert statuses(first[0]) == ["created"] * 10
    assert statuses(second) == ["unchanged"] * 10
    assert len(sandbox.contacts()) == 10
    assert len(sandbox.groups()) == 1


def test_a_no_to_the_plan_makes_no_job(make_csv, connection):
    import_file(make_csv(HEADER, *people(2)), Options(), connection, confirm=lambda _: False)
    assert job_folder().jobs() == []


@pytest.mark.parametrize("fault", [None, "drop-after", "drop-before"])
@pytest.mark.parametrize("after", [1, 5])
def test_contacts_that_are_only_to_be_created_do_not_stand_in_their_own_way(
    after, fault, make_csv, connection, sandbox, meet
):
    """Neither when an answer is lost nor when the run goes on, be it all or nothing."""
    rows = [f"Nome {n},+558290000{n:04d},create" for n in range(12)]
    path, options = make_csv("Name,URN:Tel,Action", *rows), Options(all_or_nothing=True)
    meet("POST", "contacts", None, fault, None, fault)
    first = stopped_after(path, options, connection, after)
    assert first.exit_code == 4
    second = import_file(path, options, connection)
    assert second.summary.job == first.summary.job
    assert statuses(second) == ["created"] * 12
    assert len(sandbox.contacts()) == 12
    third = import_file(path, Options(), connection)
    assert {issue.code for _, outcome in third.lines() for issue in outcome.issues} == {"contact-exists"}


# --------------------------------------------------------------------------------------- told in time


@pytest.mark.parametrize("run", [plan_file, import_file])
def test_an_output_folder_that_cannot_be_is_told_before_contacts_are_read(
    run, make_csv, connection, sandbox, tmp_path
):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(Unusable) as error:
        run(make_csv(HEADER, *people(2)), Options(output=tmp_path / "taken" / "out"), connection)
    assert error.value.key == "report-folder"
    assert sandbox.writes == []
    assert "contacts.json" not in {served.path for served in sandbox.requests}


def test_a_stop_while_the_workspace_is_being_read(make_csv, connection, sandbox):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        import_file(make_csv(HEADER, *people(2)), Options(), connection, stop=stop)
    assert sandbox.requests == []


def test_the_name_of_the_file_is_that_of_the_user_s(make_csv, connection, tmp_path):
    """Though a copy of it is read."""
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(Unusable) as error:
        import_file(picture, Options(), connection)
    assert error.value.info.path == str(picture)
    for nothing in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(Unusable) as error:
            import_file(nothing, Options(), connection)
        assert error.value.issue.value == str(nothing)
    path = make_csv(HEADER, *people(2))
    assert import_file(path, Options(), connection).summary.file.path == str(path)


# ------------------------------------------------------------------------------------ accounted for


def test_the_output_is_written_though_the_run_was_stopped(make_csv, connection, tmp_path):
    report = stopped_after(
        make_csv(HEADER, *people(10), "Torta,12,,"), Options(output=tmp_path / "out"), connection, 5
    )
    assert report.exit_code == 4
    assert {path.name for path in report.files} == {
        "report.xlsx",
        "report.jsonl",
        "failed.xlsx",
        "summary.json",
    }
    assert all(path.exists() for path in report.files)
    assert len((tmp_path / "out" / "report.jsonl").read_text().splitlines()) == 11


def test_rows_that_are_wrong_are_told_though_nothing_could_be_sent(make_csv, connection, meet, sandbox):
    """The first field cannot be made."""
    meet("POST", "fields", then="500")
    report = import_file(make_csv(HEADER, *people(2), "Torta,12,,"), Options(), connection)
    assert report.exit_code == 4
    assert statuses(report) == ["not-sent", "not-sent", "invalid"]
    assert [issue.code for _, outcome in report.lines() for issue in outcome.issues] == ["phone-invalid"]
    assert sum(report.totals.values()) == report.summary.rows == 3


def test_a_run_that_goes_on_counts_the_requests_of_both(make_csv, connection, sandbox):
    path = make_csv(HEADER, *people(20))
    first = stopped_after(path, Options(), connection, 10)
    assert first.summary.finished is not None
    assert (first.summary.reads + first.summary.writes, first.summary.writes) == (
        len(sandbox.requests), len(sandbox.writes),
    )  # fmt: skip
    second = import_file(path, Options(), connection)
    assert (second.summary.reads + second.summary.writes, second.summary.writes) == (
        len(sandbox.requests), len(sandbox.writes),
    )  # fmt: skip
    assert second.summary.started == first.summary.started
    assert (second.summary.fields_created, second.summary.groups_created) == (("City",), ("VIP",))


def test_a_file_that_is_changed_while_it_is_imported(make_csv, connection, sandbox, state):
    """People go on working in their spreadsheet; what was planned is what is sent and reported."""
    path = make_csv(HEADER, *people(40))
    report = import_file(
        path,
        Options(),
        connection,
        listener=Calling(lambda: path.write_text("Name,URN:Tel\nQuem,+5582900019999\n"), 10),
    )
    assert statuses(report) == ["created"] * 40
    assert [row.cells[0] for row, _ in report.lines()] == [f"Nome {n}" for n in range(40)]
    assert {contact["name"] for contact in sandbox.contacts()} == {f"Nome {n}" for n in range(40)}
    assert list(state.glob("reading-*"))  # as long as the report can be asked for its lines
    del report
    gc.collect()
    assert list(state.glob("reading-*")) == []


@pytest.mark.skipif(os.name != "posix", reason="needs limits of resources")
def test_a_journal_that_cannot_be_written_stops_the_run(make_csv, connection, sandbox, state):
    """Nothing is sent that could not be written down; the report still adds up."""
    import resource

    path = make_csv(HEADER, *people(60))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_disk():
        size = max(file.stat().st_size for file in (state / "jobs").iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, hard))

    try:
        report = import_file(path, Options(), connection, listener=Calling(fill_disk, 10))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (report.failure.key, report.exit_code) == ("journal-unusable", 2)
    assert sum(report.totals.values()) == 60
    assert 10 <= len(sandbox.contacts()) < 60
    again = import_file(path, Options(), connection)
    assert again.summary.job == report.summary.job
    assert statuses(again) == ["created"] * 60
    assert len(sandbox.contacts()) == 60


def test_the_token_is_in_no_file_and_in_no_text(make_csv, clock, tmp_path, state, capfd):
    token = "a-very-secret-token"
    with Sandbox(SandboxOptions(rates=None, token=token)) as sandbox:
        connection = Connection(sandbox.url, token, settle_s=0, clock=clock, sleep=clock.sleep)
        report = import_file(make_csv(HEADER, *people(5)), Options(output=tmp_path / "out"), connection)
        assert token not in repr((connection, report, report.summary, connection.__rich_repr__()))
    kept = [path for folder in (state, tmp_path / "out") for path in folder.rglob("*") if path.is_file()]
    assert len(kept) >= 5
    assert not any(token.encode() in path.read_bytes() for path in kept)
    assert token not in "".join(capfd.readouterr())


# ------------------------------------------------------------------------------------------ hard times


def mixed(chance, seed):
    return Faults(dict.fromkeys(FAULT_KINDS, chance / len(FAULT_KINDS)), seed, slow_s=0.01)


def arrive(connection, sandbox, path, rows, runs=5):
    """Run it until it is through; all valid rows are there once."""
    for _ in range(runs):
        report = import_file(path, Options(), connection)
        if report.exit_code != 4:
            break
    assert statuses(report) == ["created"] * rows + ["invalid"]
    urns = [urn for contact in sandbox.contacts() for urn in contact["urns"]]
    assert sorted(urns) == [f"tel:+558290000{n:04d}" for n in range(rows)]
    assert [group["name"] for group in sandbox.groups()] == ["VIP"]
    assert {len(contact["groups"]) for contact in sandbox.contacts()} == {1}
    assert {contact["fields"]["city"] for contact in sandbox.contacts()} == {"Recife"}


@pytest.mark.parametrize("seed", range(4))
def test_at_thirty_percent_failures_and_five_seconds_to_settle_all_arrive_once(seed, make_csv, clock):
    options = SandboxOptions(rates=None, settle_s=5, faults=mixed(0.3, seed))
    with Sandbox(options, lambda: time.time() + clock() - time.monotonic()) as sandbox:
        connection = Connection(sandbox.url, sandbox.token, clock=clock, sleep=clock.sleep)
        arrive(connection, sandbox, make_csv(HEADER, *people(60), "Torta,12,,"), 60)


@pytest.mark.slow
def test_the_same_in_real_time(make_csv):
    with Sandbox(SandboxOptions(rates=None, settle_s=5, faults=mixed(0.3, 11))) as sandbox:
        arrive(
            Connection(sandbox.url, sandbox.token), sandbox, make_csv(HEADER, *people(20), "Torta,12,,"), 20
        )
