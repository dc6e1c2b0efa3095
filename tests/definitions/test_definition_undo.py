"""The way back: fields and groups are as they were, but for what others have changed and what cannot come again."""

import threading

import pytest
from states import fields_of, state_of

from importer.options import Options
from importer.run import Listener, import_file, undo_job
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group
from importer.sandbox.hooks import make_dynamic_group

ANY = Options(allow_delete=None)
CONTACTS = (
    "Name|URN:Tel|Groups|Field:City|Field:Since",
    "Nova|+5582900000001|Turma 1; Nova|Recife|",
    "Bia Modelo|+5582900000002|Turma 1; -Velho|Natal|",
)
FIELDS = ("Label|Type|Key", "Bairro", "Ação", "Municipio|text|town", "|date|since")
GROUPS = ("Name|New name|Action", "Turma A|Turma 1", "Nova", "Velho||delete", "Vazio||delete", "Fica")


@pytest.fixture
def prepared(sandbox, others):
    """A workspace with fields, groups and contacts in it."""
    for label in ("City", "Since", "Town"):
        make_field(sandbox._service, {"label": label, "value_type": "text"})
    for name in ("Turma A", "Velho", "Vazio", "Fica"):
        make_group(sandbox._service, {"name": name})
    for contact in (
        {"name": "Bia", "urns": ["tel:+5582900000002"], "groups": ["Velho"], "fields": {"since": "30/12/2020 09:00"}},
        {"name": "Alheio", "urns": ["ext:alheio"], "groups": ["Fica", "Velho", "Turma A"]},
        {"name": "Vai", "urns": ["ext:vai"], "groups": ["Velho"]},
    ):  # fmt: skip
        others.post("contacts.json", json=contact).raise_for_status()


def everything(sandbox, *, without=("bairro",)):
    """All of it; fields that the import has made are there, but empty, afterwards."""
    fields = {key: one for key, one in fields_of(sandbox).items() if key not in without}
    return fields, *state_of(sandbox)


def uuids_of(sandbox):
    return {group["name"]: group["uuid"] for group in sandbox.groups()}


def told(report):
    return {
        line.place: (str(line.outcome.status), [issue.code for issue in line.outcome.issues])
        for line in report.definitions
    }


UNDONE = {
    ("Fields", 2): ("unchanged", ["field-stays"]), ("Fields", 4): ("updated", []), ("Fields", 5): ("updated", []),
    ("Groups", 2): ("updated", []), ("Groups", 3): ("deleted", []), ("Groups", 4): ("created", ["group-remade"]),
    ("Groups", 5): ("created", ["group-remade"]),
}  # fmt: skip


@pytest.fixture
def done(make_book, prepared, sandbox, connection):
    """A job, the workspace before it, and the UUIDs of its groups."""
    before, uuids = everything(sandbox), uuids_of(sandbox)
    path = make_book(Contacts=CONTACTS, Fields=FIELDS, Groups=GROUPS)
    report = import_file(path, ANY, connection)
    assert report.summary.groups_deleted == ("Velho", "Vazio")
    assert everything(sandbox) != before
    return report.summary.job, before, uuids


def test_all_is_as_before(done, sandbox, connection, tmp_path):
    job, before, uuids = done
    plans = []
    start = len(sandbox.writes)
    report = undo_job(
        job, connection, output=tmp_path / "undo", confirm=lambda plan: plans.append(plan) or True
    )
    assert told(plans[0]) == told(report) == UNDONE
    assert len(sandbox.writes) - start == plans[0].summary.writes
    assert everything(sandbox) == before
    now = uuids_of(sandbox)
    assert {name for name in now if now[name] != uuids[name]} == {"Velho", "Vazio"}
    assert set(report.summary.groups_created) == {"Velho", "Vazio"}
    assert report.exit_code == 0
    assert (tmp_path / "undo" / "report.jsonl").read_text("utf-8").count('"sheet"') == len(UNDONE)


class Stopping(Listener):
    """Sets an event after so many requests of the plan."""

    def __init__(self, stop, after):
        self._stop, self._left = stop, after

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0:
            self._stop.set()


def test_an_undo_that_is_stopped_goes_on_where_it_was(done, sandbox, connection):
    job, before, _ = done
    for _ in range(20):
        stop = threading.Event()
        report = undo_job(job, connection, stop=stop, listener=Stopping(stop, 1))
        if report.failure is None:
            break
    assert told(report) == UNDONE
    assert everything(sandbox) == before
    assert len([one for one in sandbox.writes if (one.method, one.path) == ("POST", "groups.json")]) == 5


def test_what_others_have_changed_since_is_kept(done, sandbox, others, connection):
    job, _, _ = done
    uuids = uuids_of(sandbox)
    others.post("groups.json", params={"uuid": uuids["Turma 1"]}, json={"name": "Outra"}).raise_for_status()
    others.post("groups.json", json={"name": "velho"}).raise_for_status()
    others.post("contacts.json", json={"urns": ["ext:novo"], "groups": ["Nova"]}).raise_for_status()
    others.post(
        "fields.json", params={"key": "town"}, json={"label": "Vila", "value_type": "text"}
    ).raise_for_status()
    report = undo_job(job, connection)
    found = told(report)
    assert found["Fields", 4] == ("kept", ["definition-changed"])
    assert found["Groups", 2] == ("kept", ["definition-changed"])
    assert found["Groups", 3] == ("kept", ["group-stays"])
    assert found["Groups", 4] == ("kept", ["definition-name-taken"])
    assert found["Groups", 5] == ("created", ["group-remade"])
    assert {name: count for name, count in state_of(sandbox)[1].items() if name != "Fica"} == {
        "Outra": 1, "Nova": 1, "velho": 0, "Vazio": 0,
    }  # fmt: skip


def test_what_is_gone_or_has_lost_its_name(make_book, prepared, sandbox, others, connection):
    path = make_book(Groups=("Name|New name", "Turma A|X", "Velho|Y", "Nova|"))
    job = import_file(path, ANY, connection).summary.job
    uuids = uuids_of(sandbox)
    others.delete("groups.json", params={"uuid": uuids["X"]}).raise_for_status()
    others.delete("groups.json", params={"uuid": uuids["Nova"]}).raise_for_status()
    others.post("groups.json", json={"name": "VELHO"}).raise_for_status()
    assert told(undo_job(job, connection)) == {
        ("Groups", 2): ("kept", ["definition-gone"]), ("Groups", 3): ("kept", ["definition-name-taken"]),
        ("Groups", 4): ("unchanged", []),
    }  # fmt: skip


def test_members_who_are_gone_or_blocked_do_not_hold_the_others_back(done, sandbox, others, connection):
    job, _, _ = done
    for urn, action in (("ext:vai", "delete"), ("ext:alheio", "block")):
        others.post("contact_actions.json", json={"contacts": [urn], "action": action}).raise_for_status()
    undo_job(job, connection)
    assert state_of(sandbox)[1]["Velho"] == 1


def test_a_dynamic_group_does_not_come_again(make_book, sandbox, connection):
    make_field(sandbox._service, {"label": "age", "value_type": "numeric"})
    make_dynamic_group(sandbox._service, "Adultos", "age > 17")
    job = import_file(make_book(Groups=("Name|Action", "Adultos|delete")), ANY, connection).summary.job
    report = undo_job(job, connection)
    assert told(report) == {("Groups", 2): ("kept", ["group-not-remade"])}
    assert report.exit_code == 1


def test_a_job_that_was_cut_off_can_be_taken_back(make_book, prepared, sandbox, connection, meet):
    """Requests whose answer nobody saw count as done if the workspace looks so."""
    before = everything(sandbox)
    path = make_book(Contacts=CONTACTS, Fields=FIELDS, Groups=GROUPS)
    stop = threading.Event()

    def cut() -> str:
        stop.set()
        return "drop-after"

    meet("POST", "groups", None, cut)
    meet("GET", "groups", None, then=lambda: "drop-before" if stop.is_set() else None)
    report = import_file(path, ANY, connection, stop=stop)
    assert report.failure is not None
    sandbox.fault_plan = None
    undone = undo_job(report.summary.job, connection)
    assert everything(sandbox) == before
    assert undone.exit_code == 0


def test_the_command_shows_it(done, weni_undo):
    out = weni_undo(done[0])
    assert "Groups!4  Velho: would be created" in out
    assert "name: “Turma 1” → “Turma A”" in out


@pytest.fixture
def weni_undo(sandbox, monkeypatch, capsys, tmp_path):
    """What `undo --dry-run` prints."""

    from importer.cli.app import program_for

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)

    def call(job):
        with pytest.raises(SystemExit):
            program_for()(["undo", job, "--dry-run"])
        return capsys.readouterr().out

    return call
