"""The way back: after an undo the workspace is as it was before the import, but for what others have changed since."""

import json
import threading

import pytest
from msgspec.structs import replace
from states import state_of

from importer import platform
from importer.api.exchange import STUBBORN
from importer.errors import Unusable
from importer.jobs import job_folder, report_again
from importer.journal import Journal
from importer.model import Status
from importer.options import Options
from importer.run import Listener, import_file, undo_job
from importer.sandbox.contacts import make_contact
from importer.sandbox.groups import make_group

HEADER = "Name,Language,URN:Tel,URN:Mailto,Groups,Field:City,Field:Age:numeric,Field:Since:datetime"
ROWS = (
    "Nova Um,por,+5582900000001,um@example.com,VIP; Turma A,Recife,7,2020-01-31",
    "Nova Dois,,+5582900000002,,,,,",
    "Antiga Mudada,spa,+5582900000004,a4@example.com,VIP; -Velho,Olinda,8,2021-02-01T10:20:00-03:00",
    "Antigo Igual,,+5582900000005,,VIP,,,",
    "Antiga Cheia,,+5582900000006,,-Fica,Natal,--,",
    "Igual,,+5582900000007,,,,,",
)


@pytest.fixture
def prepared(others):
    """A workspace with fields, groups and contacts in it."""
    for field in ({"label": "City", "value_type": "text"}, {"label": "Age", "value_type": "numeric"}):
        others.post("fields.json", json=field).raise_for_status()
    for name in ("Velho", "Fica"):
        others.post("groups.json", json={"name": name}).raise_for_status()
    for contact in (
        {"name": "Antiga", "language": "por", "urns": ["tel:+5582900000004", "ext:a4"], "groups": ["Velho", "Fica"],
         "fields": {"city": "São Paulo", "age": "7.50"}},
        {"name": "Antigo Igual", "urns": ["tel:+5582900000005"]},
        {"urns": ["tel:+5582900000006"], "groups": ["Fica"], "fields": {"age": "-0"}},
        {"name": "Igual", "urns": ["tel:+5582900000007"]},
        {"name": "Alheio", "urns": ["ext:alheio"], "groups": ["Fica"]},
    ):  # fmt: skip
        others.post("contacts.json", json=contact).raise_for_status()


def by_name(sandbox):
    return {contact["name"]: contact for contact in sandbox.contacts()}


def lines(report):
    return {row.number: outcome for row, outcome in report.lines()}


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def codes(report):
    return {
        row: [issue.code for issue in outcome.issues]
        for row, outcome in lines(report).items()
        if outcome.issues
    }


class Stopping(Listener):
    """Sets an event after so many requests of the plan."""

    def __init__(self, stop, after):
        self._stop, self._left = stop, after

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0:
            self._stop.set()


# ---------------------------------------------------------------------------------------- as it was before


def test_after_an_undo_the_workspace_is_as_before(make_csv, prepared, sandbox, connection):
    before = state_of(sandbox)
    imported = import_file(make_csv(HEADER, *ROWS), Options(), connection)
    assert imported.exit_code == 0
    assert state_of(sandbox) != before
    report = undo_job("last", connection)
    assert state_of(sandbox) == before
    assert statuses(report) == ["deleted", "deleted", "updated", "updated", "updated"]
    assert (report.exit_code, report.summary.command, report.summary.undoes) == (
        0,
        "undo",
        imported.summary.job,
    )
    assert set(report.summary.groups_deleted) == {"VIP", "Turma A"}
    assert report.summary.groups_kept == ()
    assert report.summary.fields_kept == ("Since",)
    changes = {change.attribute: (change.old, change.new) for change in lines(report)[4].changes}
    assert changes["name"] == ("Antiga Mudada", "Antiga")
    assert changes["field:age"] == ("8", "7.5")


def test_what_the_plan_shows_is_what_is_done(make_csv, prepared, sandbox, connection):
    import_file(make_csv(HEADER, *ROWS), Options(), connection)
    planned = []
    writes = len(sandbox.writes)
    declined = undo_job("last", connection, confirm=lambda plan: planned.append(plan))
    assert declined.summary.ended == "planned"
    assert len(sandbox.writes) == writes
    assert len(job_folder().jobs()) == 1
    report = undo_job("last", connection)
    assert statuses(report) == statuses(planned[0]) == statuses(declined)
    assert report.summary.groups_deleted == planned[0].summary.groups_deleted
    assert len(sandbox.writes) - writes == planned[0].summary.writes
    assert {r: o.changes for r, o in lines(report).items()} == {
        r: o.changes for r, o in lines(declined).items()
    }


@pytest.mark.parametrize("after", range(1, 10))
def test_an_import_that_was_stopped_and_went_on(after, make_csv, prepared, sandbox, connection):
    before, path, stop = state_of(sandbox), make_csv(HEADER, *ROWS), threading.Event()
    import_file(path, Options(), connection, listener=Stopping(stop, after), stop=stop)
    import_file(path, Options(), connection)
    undo_job("last", connection)
    assert state_of(sandbox) == before


@pytest.mark.parametrize("after", range(1, 10))
def test_an_import_that_was_not_carried_to_its_end(after, make_csv, prepared, sandbox, connection):
    """It is over then: the same import again is another job, and all of it arrives."""
    before, path, stop = state_of(sandbox), make_csv(HEADER, *ROWS), threading.Event()
    first = import_file(path, Options(), connection, listener=Stopping(stop, after), stop=stop)
    assert undo_job("last", connection).exit_code == 0
    assert state_of(sandbox) == before
    again = import_file(path, Options(), connection)
    assert again.summary.job != first.summary.job
    assert statuses(again) == ["created", "created", "updated", "updated", "updated", "unchanged"]


class Killed(BaseException):
    """What no run survives."""


@pytest.fixture
def kill(sandbox, connection):
    """Lets an import or an undo die at the nth POST to an endpoint, before or after the server did its work."""

    def die(seconds):
        raise Killed

    def at(endpoint, number, moment, do):
        left = [number]

        def plan(count, method, path):
            if left[0] >= 0 and (method, path) == ("POST", f"{endpoint}.json"):
                left[0] -= 1
                return moment if left[0] < 0 else None
            return "drop-before" if left[0] < 0 else None

        sandbox.fault_plan = plan
        with pytest.raises(Killed):
            do(replace(connection, sleep=die))
        for thread in threading.enumerate():
            if "(_work)" in thread.name:  # of the dead: nobody waits for them, and they would go on sending
                thread.join(60)
        sandbox.fault_plan = None

    return at


@pytest.mark.parametrize("moment", ["drop-before", "drop-after"])
@pytest.mark.parametrize(
    ("endpoint", "number"),
    [*(("contacts", n) for n in range(4)), *(("contact_actions", n) for n in range(3))],
)
def test_an_import_that_was_killed_before_it_saw_an_answer(
    endpoint, number, moment, make_csv, prepared, sandbox, kill, connection
):
    """What it had made or changed by then is taken back, whether or not the journal knows its answer."""
    before, path = state_of(sandbox), make_csv(HEADER, *ROWS)
    kill(endpoint, number, moment, lambda dying: import_file(path, Options(), dying))
    undo_job("last", connection)
    assert state_of(sandbox) == before


def test_a_group_whose_making_nobody_saw(make_csv, prepared, sandbox, kill, connection):
    before, path = state_of(sandbox), make_csv(HEADER, *ROWS)
    kill("groups", 0, "drop-after", lambda dying: import_file(path, Options(), dying))
    assert len(sandbox.groups()) == 3
    undo_job("last", connection)
    assert state_of(sandbox) == before


def test_contacts_without_a_key_whose_answer_nobody_saw(
    make_csv, prepared, sandbox, connection, kill, others
):
    """One that somebody else has made since, and that is not as wanted, stays."""
    before = state_of(sandbox)
    path = make_csv("Name,Field:City", "Sem Chave,Natal", "Sem Chave,Natal", "Outra,Natal")
    kill(
        "contacts", 1, "drop-after", lambda dying: import_file(path, Options(create_without_key=True), dying)
    )
    mine = others.post("contacts.json", json={"name": "Sem Chave"}).json()["uuid"]
    undo_job("last", connection)
    contacts, _ = state_of(sandbox)
    del contacts[mine]
    assert contacts == before[0]


def test_an_import_that_failed_half_way(make_csv, prepared, sandbox, connection, meet):
    """Some rows are refused, the server fails on others."""
    before = state_of(sandbox)
    meet("POST", "contacts", None, *["500"] * 12, None, "drop-after")
    meet("POST", "contact_actions", "500", None)
    report = import_file(make_csv(HEADER, *ROWS, "Torta,,12,,,,,"), Options(), connection)
    assert report.totals[Status.INVALID] == 1
    sandbox.fault_plan = None
    undo_job("last", connection)
    assert state_of(sandbox) == before


def test_replaced_urns_and_groups_come_back(make_csv, prepared, sandbox, connection):
    """In their order; a contact made with a URN that another one had lost gives it back."""
    before = state_of(sandbox)
    contact = next(uuid for uuid, one in before[0].items() if one["name"] == "Antiga")
    path = make_csv("Contact UUID,URN:Mailto,Groups", f"{contact},nova@example.com,VIP")
    import_file(path, Options(urns_mode="replace", groups_mode="replace"), connection)
    second = import_file(make_csv("Name,URN:Ext", "Herdeira,a4", name="b.csv"), Options(), connection)
    assert second.totals[Status.CREATED] == 1
    undo_job(second.summary.job, connection)
    first = next(info.job for info in job_folder().jobs() if "undo" not in info.meta.get("command", "run")
                 and info.job != second.summary.job)  # fmt: skip
    undo_job(first, connection)
    assert state_of(sandbox) == before


# --------------------------------------------------------------------------------- what others have changed


def test_what_others_have_changed_since_is_kept_and_told(make_csv, prepared, sandbox, connection, others):
    import_file(make_csv(HEADER, *ROWS), Options(), connection)
    there = by_name(sandbox)

    def change(name, **body):
        others.post("contacts.json", params={"uuid": there[name]["uuid"]}, json=body).raise_for_status()

    change("Nova Um", fields={"age": "9"})
    change("Antiga Mudada", fields={"city": "Natal"})
    others.delete("contacts.json", params={"uuid": there["Nova Dois"]["uuid"]}).raise_for_status()
    others.delete("contacts.json", params={"uuid": there["Antigo Igual"]["uuid"]}).raise_for_status()
    report = undo_job("last", connection)
    assert statuses(report) == ["kept", "unchanged", "kept", "kept", "updated"]
    assert codes(report) == {2: ["used-since"], 4: ["changed-since"], 5: ["deleted-since"]}
    assert report.exit_code == 1
    after = {contact["uuid"]: contact for contact in sandbox.contacts()}
    assert after[there["Nova Um"]["uuid"]]["fields"]["age"] == "9"
    restored = after[there["Antiga Mudada"]["uuid"]]
    assert (restored["name"], restored["language"], restored["fields"]["city"]) == ("Antiga", "por", "Natal")
    assert restored["urns"] == ["tel:+5582900000004", "ext:a4"]
    assert report.summary.groups_kept == ("VIP", "Turma A")


@pytest.mark.parametrize("what", ["name", "urns", "groups", "status", "field"])
def test_a_created_contact_that_is_used_by_others_is_kept(what, make_csv, sandbox, connection, others):
    import_file(make_csv("Name,URN:Tel,Field:City", "Nova,+5582900000001,Recife"), Options(), connection)
    (contact,) = sandbox.contacts()
    others.post("groups.json", json={"name": "Deles"}).raise_for_status()
    others.post("fields.json", json={"label": "Deles", "value_type": "text"}).raise_for_status()
    body = {
        "name": {"name": "Novo Nome"},
        "urns": {"urns": [*contact["urns"], "ext:1"]},
        "groups": {"groups": ["Deles"]},
        "field": {"fields": {"deles": "x"}},
    }.get(what)
    if body:
        others.post("contacts.json", params={"uuid": contact["uuid"]}, json=body).raise_for_status()
    else:
        sandbox.set_status(contact["uuid"], "stopped")
    report = undo_job("last", connection)
    assert (statuses(report), codes(report)) == (["kept"], {2: ["used-since"]})
    assert [one["uuid"] for one in sandbox.contacts()] == [contact["uuid"]]


def test_a_urn_that_somebody_else_has_now_is_not_taken(make_csv, prepared, sandbox, connection, others):
    contact = by_name(sandbox)["Antiga"]["uuid"]
    path = make_csv("Contact UUID,Name,URN:Mailto", f"{contact},Nome Novo,nova@example.com")
    import_file(path, Options(urns_mode="replace"), connection)
    others.post("contacts.json", json={"name": "Herdeira", "urns": ["ext:a4"]}).raise_for_status()
    report = undo_job("last", connection)
    assert codes(report) == {2: ["urn-taken"]}
    assert by_name(sandbox)["Antiga"]["urns"] == ["mailto:nova@example.com"]
    assert by_name(sandbox)["Herdeira"]["urns"] == ["ext:a4"]


def test_groups_that_others_use_are_kept(make_csv, prepared, sandbox, connection, others):
    """Not empty, or called otherwise."""
    import_file(make_csv(HEADER, *ROWS), Options(), connection)
    groups = {group["name"]: group["uuid"] for group in sandbox.groups()}
    alien = by_name(sandbox)["Alheio"]["uuid"]
    body = {"contacts": [alien], "action": "add", "group": groups["VIP"]}
    others.post("contact_actions.json", json=body).raise_for_status()
    others.post(
        "groups.json", params={"uuid": groups["Turma A"]}, json={"name": "Turma B"}
    ).raise_for_status()
    report = undo_job("last", connection)
    assert statuses(report) == ["deleted", "deleted", "updated", "updated", "updated"]
    assert (report.summary.groups_deleted, set(report.summary.groups_kept)) == ((), {"VIP", "Turma B"})
    assert {group["name"]: group["count"] for group in sandbox.groups()} == {
        "Velho": 1, "Fica": 3, "VIP": 1, "Turma B": 0,
    }  # fmt: skip


def test_a_group_that_was_left_and_is_gone_since(make_csv, prepared, sandbox, connection, others):
    import_file(make_csv(HEADER, *ROWS), Options(), connection)
    velho = next(group["uuid"] for group in sandbox.groups() if group["name"] == "Velho")
    others.delete("groups.json", params={"uuid": velho}).raise_for_status()
    report = undo_job("last", connection)
    assert codes(report) == {4: ["changed-since"]}
    assert by_name(sandbox)["Antiga"]["language"] == "por"


def test_a_contact_that_is_deleted_while_others_are(make_csv, sandbox, connection, others):
    """The server refuses the whole batch for it; the others are deleted all the same."""
    rows = [f"Nome {n},+558290000{n:04d}" for n in range(30)]
    import_file(make_csv("Name,URN:Tel", *rows), Options(), connection)
    gone = by_name(sandbox)["Nome 7"]["uuid"]

    def delete(plan):
        others.delete("contacts.json", params={"uuid": gone}).raise_for_status()
        return True

    report = undo_job("last", connection, confirm=delete)
    assert sandbox.contacts() == []
    assert [row for row, one in lines(report).items() if one.status is not Status.DELETED] == [9]


# ------------------------------------------------------------------------------------------ an undo is a job


@pytest.mark.parametrize("after", range(1, 8))
def test_an_undo_that_was_stopped_goes_on(after, make_csv, prepared, sandbox, connection):
    before, stop = state_of(sandbox), threading.Event()
    imported = import_file(make_csv(HEADER, *ROWS), Options(), connection).summary.job
    first = undo_job(imported, connection, listener=Stopping(stop, after), stop=stop)
    second = undo_job(imported, connection)
    assert state_of(sandbox) == before
    assert second.summary.job == first.summary.job
    assert statuses(second) == ["deleted", "deleted", "updated", "updated", "updated"]
    again = report_again(second.summary.job)
    assert (statuses(again), again.summary.undoes) == (statuses(second), imported)


@pytest.mark.parametrize("moment", ["drop-before", "drop-after"])
@pytest.mark.parametrize(
    ("endpoint", "number"),
    [*(("contacts", n) for n in range(2)), *(("contact_actions", n) for n in range(4))],
)
def test_an_undo_that_was_killed_goes_on(
    endpoint, number, moment, make_csv, prepared, sandbox, connection, kill
):
    """Its report tells of what it had done without seeing the answer."""
    before = state_of(sandbox)
    imported = import_file(make_csv(HEADER, *ROWS), Options(), connection).summary.job
    kill(endpoint, number, moment, lambda dying: undo_job(imported, dying))
    report = undo_job(imported, connection)
    assert state_of(sandbox) == before
    assert statuses(report) == ["deleted", "deleted", "updated", "updated", "updated"]
    assert {change.attribute for change in lines(report)[4].changes} >= {"name", "language", "field:city"}


def test_what_is_undone_already_an_undo_or_another_workspace_s(
    make_csv, prepared, sandbox, connection, others
):
    path = make_csv(HEADER, *ROWS)
    imported = import_file(path, Options(), connection).summary.job
    undone = undo_job(imported, connection).summary.job
    writes = len(sandbox.writes)
    for job, key in (
        (imported, "job-undone"),
        (undone, "undo-of-undo"),
        ("last", "undo-of-undo"),
        ("x", "job-unknown"),
    ):
        with pytest.raises(Unusable) as error:
            undo_job(job, connection)
        assert error.value.key == key
    assert {info.job: info.state for info in job_folder().jobs()} == {imported: "undone", undone: "complete"}
    other = import_file(path, Options(), connection).summary.job
    with Journal(job_folder().find(other).path) as journal:
        with pytest.raises(Unusable) as error:
            undo_job(other, connection)
        assert error.value.key == "job-running"
        journal.set(workspace_uuid="another", workspace="Outra")
    writes = len(sandbox.writes)
    with pytest.raises(Unusable) as error:
        undo_job(other, connection)
    assert error.value.key == "job-workspace"
    assert len(sandbox.writes) == writes


def test_a_refused_one_is_tried_again_by_the_same_undo(make_csv, prepared, sandbox, connection, meet):
    before = state_of(sandbox)
    imported = import_file(make_csv(HEADER, *ROWS), Options(), connection).summary.job
    meet("POST", "contacts", *["500"] * 40)
    first = undo_job(imported, connection)
    assert first.exit_code == 1
    assert codes(first) == {4: ["not-taken-back"], 6: ["not-taken-back"]}
    sandbox.fault_plan = None
    second = undo_job(imported, connection)
    assert (second.exit_code, second.summary.job) == (0, first.summary.job)
    assert state_of(sandbox) == before


def test_a_suspended_workspace_ends_it_early(make_csv, sandbox, connection):
    rows = [f"Nome {n},+558290000{n:04d}" for n in range(200)]
    import_file(make_csv("Name,URN:Tel", *rows), Options(), connection)
    sandbox._service.suspended = True
    before = len(sandbox.requests)
    report = undo_job("last", connection)
    assert (report.failure.key, report.exit_code) == ("workspace-suspended", 3)
    assert len(sandbox.requests) - before < 40
    sandbox._service.suspended = False
    assert undo_job(report.summary.undoes, connection).exit_code == 0
    assert sandbox.contacts() == []


def test_few_requests(make_csv, sandbox, connection):
    """A thousand contacts are deleted by ten requests, after one page and what every job reads."""
    rows = [f"Nome {n},+55829000{n:05d}" for n in range(1000)]
    import_file(make_csv("Name,URN:Tel", *rows), Options(), connection)
    reads = [served for served in sandbox.requests if not served.writes]
    writes = len(sandbox.writes)
    report = undo_job("last", connection)
    assert sandbox.contacts() == []
    assert len(sandbox.writes) - writes == 10
    assert len([served for served in sandbox.requests if not served.writes]) - len(reads) <= 8
    assert report.summary.writes == 10


def test_the_report_is_written_and_has_no_rows_to_mend(
    make_csv, prepared, sandbox, connection, others, tmp_path
):
    import_file(make_csv(HEADER, *ROWS), Options(), connection)
    uuid = by_name(sandbox)["Nova Um"]["uuid"]
    others.post("contacts.json", params={"uuid": uuid}, json={"name": "Usada"}).raise_for_status()
    report = undo_job("last", connection, output=tmp_path / "undo")
    assert {path.name for path in report.files} == {"report.xlsx", "report.jsonl", "summary.json"}
    summary = json.loads((tmp_path / "undo" / "summary.json").read_text())
    assert (summary["command"], summary["undoes"], summary["totals"]["kept"]) == (
        "undo",
        report.summary.undoes,
        1,
    )
    assert [row.cells[0] for row, _ in report.lines()] == [
        "Nova Um", "Nova Dois", "Antiga Mudada", "Antigo Igual", "Antiga Cheia",
    ]  # fmt: skip


def test_full_batches_leave_beside_the_contacts_that_are_restored(
    make_csv, sandbox, connection, monkeypatch, meet
):
    """The two budgets run side by side; what is no full batch goes last."""
    monkeypatch.setattr(platform, "BATCH", 5)
    count = 42
    for n in range(count):
        make_contact(sandbox._service, {"name": f"Antigo {n}", "urns": [f"ext:n{n}"]})
    before = state_of(sandbox)
    import_file(
        make_csv("Name,URN:Ext,Groups", *(f"Novo {n},n{n},VIP" for n in range(count))), Options(), connection
    )
    left, halfway = threading.Event(), []
    meet("POST", "contact_actions", left.set)

    class Halfway(Listener):
        def done(self, requests, scope):
            halfway.append(scope)
            if halfway.count("contacts") == count // 2:
                assert left.wait(60)

    begun = len(sandbox.writes)
    report = undo_job("last", connection, listener=Halfway())
    paths = [one.path for one in sandbox.writes[begun:]]
    assert statuses(report) == ["updated"] * count
    assert state_of(sandbox) == before
    assert paths.count("contacts.json") == count
    assert paths.count("contact_actions.json") == -(-count // 5)
    assert paths[-2:] == ["contact_actions.json", "groups.json"]


def test_what_was_done_of_a_row_that_failed_by_half_is_taken_back(make_csv, sandbox, connection, meet):
    """Its name is written, its group is not; the run that goes on joins it, and the way back is that of both."""
    for name in ("Um", "Dois", "Tres"):
        make_group(sandbox._service, {"name": name})
    for n in range(3):
        make_contact(sandbox._service, {"name": f"Antigo {n}", "urns": [f"ext:n{n}"]})
    before, stop = state_of(sandbox), threading.Event()

    class Stops(Listener):
        batches = 0

        def done(self, requests, scope):
            self.batches += requests * (scope == "other")
            if self.batches == 2:
                stop.set()

    # the server fails on the first batch only, and the import stops before the last one
    meet("POST", "contact_actions", *["500"] * (STUBBORN + 1))
    rows = [f"Novo {n},n{n},{group}" for n, group in enumerate(("Um", "Dois", "Tres"))]
    path = make_csv("Name,URN:Ext,Groups", *rows)
    report = import_file(path, Options(), connection, listener=Stops(), stop=stop)
    assert report.summary.ended == "stopped"
    assert sorted(statuses(report)) == ["not-sent", "refused", "updated"]
    report = import_file(path, Options(), connection)
    told = [[change.attribute for change in line.changes] for _, line in report.lines()]
    assert (statuses(report), told) == (["updated"] * 3, [["name", "groups"]] * 3)
    undo_job("last", connection)
    assert state_of(sandbox) == before
