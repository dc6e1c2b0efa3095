"""Contacts are deleted, blocked and unblocked by the hundred; nobody else is, and nobody twice."""

import json
import threading

import pytest
from msgspec.structs import replace

from importer.errors import Unusable
from importer.journal import JobFolder, Journal
from importer.model import Status
from importer.options import Options
from importer.run import Connection, import_file, plan_file
from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.actions import set_status
from importer.sandbox.answers import crash, faulty_body
from importer.sandbox.contacts import erase
from importer.sandbox.records import BLOCKED

ANY = Options(allow_delete=None)


@pytest.fixture
def crowd(tmp_path, clock):
    """A practice server with so many contacts in a group; a connection, and a file that asks for `action` of all."""
    servers = []

    def make(count, action, *more):
        people = [{"name": f"Nome {n}", "urns": [f"ext:e{n}"], "groups": ["VIP"]} for n in range(count)]
        content = {"groups": ["VIP"], "contacts": [*people, {"name": "Fica", "urns": ["ext:fica"]}]}
        (tmp_path / "crowd.json").write_text(json.dumps(content))
        server = Sandbox(SandboxOptions(rates=None, preload=tmp_path / "crowd.json"))
        server.start()
        servers.append(server)
        path = tmp_path / "crowd.csv"
        rows = [f"e{n},{action}" for n in range(count)]
        path.write_text("\n".join(["URN:Ext,Action", *rows, *more]) + "\n")
        return server, Connection(server.url, server.token, settle_s=0, clock=clock, sleep=clock.sleep), path

    yield make
    for server in servers:
        server.stop()


def batches(server):
    return [served for served in server.writes if served.path == "contact_actions.json"]


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def names(server):
    return {contact["name"] for contact in server.contacts()}


def contact_of(server, number):
    uuid = next(contact["uuid"] for contact in server.contacts() if contact["name"] == f"Nome {number}")
    return server._service.store.contact(uuid)


def on_batch(server, event, *numbers):
    """Let something happen with the nth batches, or all."""
    seen = []

    def plan(_, method, path):
        if path != "contact_actions.json":
            return None
        seen.append(path)
        if numbers and len(seen) not in numbers:
            return None
        return event() if callable(event) else event

    server.fault_plan = plan


def before_images(state):
    """Names of the contacts that the journal's finished deletions hold, and how often."""
    (info,) = JobFolder(state / "jobs").jobs()
    with Journal(info.path, read_only=True) as journal:
        found = journal._db.execute("SELECT before FROM steps WHERE kind = 'delete' AND answer = '\"done\"'")
        return sorted(contact["name"] for (before,) in found for contact in json.loads(before))


@pytest.mark.parametrize(("contacts", "requests"), [(1, 1), (100, 1), (250, 3)])
def test_a_hundred_are_deleted_with_one_request(contacts, requests, crowd, state):
    server, connection, path = crowd(contacts, "delete", "nobody,excluir")
    before = len(server.writes)
    planned = plan_file(path, Options(), connection)
    assert planned.summary.acts == {"delete": contacts}
    report = import_file(path, ANY, connection)
    assert statuses(report) == statuses(planned) == ["deleted"] * contacts + ["skipped"]
    assert len(server.writes) - before == requests == planned.summary.writes
    assert (names(server), report.exit_code) == ({"Fica"}, 0)
    assert before_images(state) == sorted(f"Nome {n}" for n in range(contacts))
    again = import_file(path, ANY, connection)
    assert statuses(again) == ["skipped"] * (contacts + 1)
    assert len(server.writes) - before == requests


def test_blocking_takes_out_of_groups_and_unblocking_does_not_bring_back(crowd):
    server, connection, path = crowd(3, "block")
    report = import_file(path, ANY, connection)
    assert statuses(report) == ["updated"] * 3
    changes = [(change.attribute, change.old, change.new) for _, o in report.lines() for change in o.changes]
    assert changes == [("status", "active", "blocked"), ("groups", ("VIP",), ())] * 3
    assert [c["blocked"] for c in server.contacts() if c["groups"] == [] and c["name"] != "Fica"] == [
        True
    ] * 3
    assert statuses(import_file(path, ANY, connection)) == ["unchanged"] * 3
    path.write_text(path.read_text().replace("block", "desbloquear"))
    report = import_file(path, Options(), connection)
    assert statuses(report) == ["updated"] * 3
    assert [c["groups"] for c in server.contacts() if not c["blocked"]] == [[]] * 4


def test_a_stopped_contact_is_made_active_by_unblocking(crowd):
    server, connection, path = crowd(2, "unblock")
    server.set_status(contact_of(server, 1).uuid, "stopped")
    report = import_file(path, Options(), connection)
    assert statuses(report) == ["unchanged", "updated"]
    assert not any(contact["stopped"] for contact in server.contacts())


def test_one_file_asks_for_all_of_it(crowd):
    server, connection, path = crowd(
        2, "delete", "fica,block", "novo,upsert", "outro,create", "nobody,update"
    )
    report = import_file(path, ANY, connection)
    assert statuses(report) == ["deleted", "deleted", "updated", "created", "created", "invalid"]
    assert sorted(contact["urns"][0] for contact in server.contacts()) == [
        "ext:fica",
        "ext:novo",
        "ext:outro",
    ]


@pytest.mark.parametrize("action", ["delete", "block"])
@pytest.mark.parametrize("allowed", [0, 2])
def test_more_than_is_allowed_is_not_touched(action, allowed, crowd):
    server, connection, path = crowd(3, action, "novo,upsert")
    before = len(server.writes)
    with pytest.raises(Unusable) as caught:
        import_file(path, Options(allow_delete=allowed), connection)
    assert (caught.value.key, caught.value.details["count"]) == ("needs-allow-delete", 3)
    assert len(server.writes) == before
    report = import_file(path, Options(allow_delete=3), connection)
    assert report.exit_code == 0


# ------------------------------------------------------------------------------------------- meanwhile


@pytest.mark.parametrize("action", ["delete", "block"])
@pytest.mark.parametrize("places", [[0], [57, 99], [100]])
def test_a_contact_that_is_gone_meanwhile_does_not_keep_the_others(places, action, crowd, state):
    """One unknown contact makes the server refuse the whole batch, and name it."""
    server, connection, path = crowd(120, action)
    gone = [contact_of(server, place) for place in places]

    def delete():
        for contact in gone:
            erase(server._service.store, contact)
        server.fault_plan = None

    on_batch(server, delete, 1)
    report = import_file(path, ANY, connection)
    other, done = ("skipped", "deleted") if action == "delete" else ("refused", "updated")
    assert statuses(report) == [other if place in places else done for place in range(120)]
    codes = {issue.code for _, outcome in report.lines() for issue in outcome.issues}
    assert codes == {"contact-absent" if action == "delete" else "contact-gone"}
    assert len(batches(server)) == 2 + len(places)
    if action == "delete":
        kept = sorted(f"Nome {n}" for n in range(120) if n not in places)
        assert (names(server), before_images(state)) == ({"Fica"}, kept)


@pytest.mark.parametrize("answer", [crash, lambda: faulty_body("No.")], ids=["500", "400"])
@pytest.mark.parametrize("action", ["delete", "block"])
def test_a_culprit_that_the_server_does_not_name_is_found_by_halving(action, answer, crowd, monkeypatch):
    server, connection, path = crowd(40, action)
    culprit = contact_of(server, 23).uuid

    def stumble(service_or_store, contact, *rest):
        if contact.uuid == culprit:
            raise answer()
        (erase if action == "delete" else set_status)(service_or_store, contact, *rest)

    name = "erase" if action == "delete" else "set_status"
    monkeypatch.setattr(f"importer.sandbox.actions.{name}", stumble)
    report = import_file(path, ANY, connection)
    expected = "deleted" if action == "delete" else "updated"
    assert statuses(report) == [expected] * 23 + ["refused"] + [expected] * 16
    (issue,) = [issue for _, outcome in report.lines() for issue in outcome.issues]
    assert (issue.code, issue.row, report.exit_code) == ("refused", 25, 1)
    left = (
        {"Fica", "Nome 23"}
        if action == "delete"
        else {c["name"] for c in server.contacts() if not c["blocked"]}
    )
    assert left == {"Fica", "Nome 23"}


def test_what_a_contact_has_become_since_the_plan_is_what_counts(crowd):
    """Its URN is another's now, it is blocked already, or it has a new name, which the journal keeps."""
    server, connection, path = crowd(3, "delete", "fica,block")

    def change(plan):
        store = server._service.store
        first, second = contact_of(server, 0), contact_of(server, 1)
        with store.lock:
            for contact, urns, name in ((first, (), "Sem URN"), (second, second.urns, "Outro nome")):
                was = contact.copy()
                contact.urns, contact.name = urns, name
                contact.modified_on = store.tick()
                store.save_contact(contact, was)
            fica = next(c for c in server.contacts() if c["name"] == "Fica")
            set_status(server._service, store.contact(fica["uuid"]), BLOCKED)
        return True

    report = import_file(path, ANY, connection, confirm=change)
    assert statuses(report) == ["skipped", "deleted", "deleted", "unchanged"]
    assert names(server) == {"Sem URN", "Fica"}
    (renamed,) = [change for _, o in report.lines() for change in o.changes if change.old == "Outro nome"]
    assert renamed.attribute == "name"


# ----------------------------------------------------------------------------------------- lost answers


@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "504", "502", "truncated", "non-json"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_deletion_whose_answer_was_lost_is_settled_by_looking(fault, number, crowd, state):
    """A second sending would be refused, and everyone reported as absent."""
    server, connection, path = crowd(150, "delete")
    on_batch(server, fault, number)
    report = import_file(path, ANY, connection)
    assert statuses(report) == ["deleted"] * 150
    assert names(server) == {"Fica"}
    assert before_images(state) == sorted(f"Nome {n}" for n in range(150))
    was_done = fault in ("drop-after", "504", "truncated", "non-json")
    assert len([w for w in batches(server) if w.fault is None]) == 2 - was_done


def test_a_batch_that_is_done_after_all_while_it_is_sent_again_was_ours(crowd):
    """The server still worked on it when it was looked for."""
    server, connection, path = crowd(5, "delete")
    on_batch(server, "drop-before", 1)
    sleep = connection.sleep

    def late(seconds):
        with server._service.store.lock:
            for number in range(5):
                erase(server._service.store, contact_of(server, number))
        sleep(seconds)

    report = import_file(path, ANY, replace(connection, sleep=late))
    assert statuses(report) == ["deleted"] * 5


def test_a_server_that_loses_every_answer(crowd):
    server, connection, path = crowd(30, "delete")
    on_batch(server, "502")
    report = import_file(path, ANY, connection)
    assert (report.failure.key, report.exit_code) == ("answers-lost", 4)
    assert len(names(server)) == 31
    server.fault_plan = None
    assert statuses(import_file(path, ANY, connection)) == ["deleted"] * 30


def test_a_workspace_that_is_suspended(crowd):
    server, connection, path = crowd(150, "block")

    def suspend():
        server._service.suspended = True

    on_batch(server, suspend, 2)
    report = import_file(path, ANY, connection)
    assert (report.failure.key, report.exit_code) == ("workspace-suspended", 3)
    assert sum(report.totals.values()) == 150
    server._service.suspended, server.fault_plan = False, None
    again = import_file(path, ANY, connection)
    assert statuses(again) == ["updated"] * 150
    assert all(contact["blocked"] for contact in server.contacts() if contact["name"] != "Fica")


def test_stopping_between_two_batches(crowd):
    """The same command again, with the same number, does the rest and tells of all."""
    server, connection, path = crowd(250, "delete")
    stop = threading.Event()
    on_batch(server, stop.set, 2)
    report = import_file(path, Options(allow_delete=250), connection, stop=stop)
    assert report.exit_code == 4
    assert report.totals[Status.DELETED] + report.totals[Status.NOT_SENT] == 250
    assert report.totals[Status.DELETED] in (100, 200)
    server.fault_plan = None
    again = import_file(path, Options(allow_delete=250), connection)
    assert again.summary.job == report.summary.job
    assert statuses(again) == ["deleted"] * 250
    assert len(batches(server)) == 3


def test_whoever_is_deleted_is_in_a_file_first_that_brings_them_back(crowd, tmp_path):
    """Also those of an earlier run that was stopped; UUIDs and states are in columns that an import passes over."""
    server, connection, path = crowd(150, "delete", "nobody,delete")
    server.set_status(contact_of(server, 149).uuid, "stopped")
    before = {(c["name"], *c["urns"]) for c in server.contacts()}
    options, stop = Options(allow_delete=150, output=tmp_path / "out"), threading.Event()
    there: list[bool] = []

    def look():
        there.append(bool(list((tmp_path / "out").glob("deleted-*.xlsx"))))
        stop.set()

    on_batch(server, look, 1)
    first = import_file(path, options, connection, stop=stop)
    assert (first.exit_code, there, len(names(server))) == (4, [True], 51)
    server.fault_plan = None
    report = import_file(path, options, connection)
    (kept,) = (tmp_path / "out").glob("deleted-*.xlsx")
    assert kept in report.files
    assert names(server) == {"Fica"}
    back = import_file(kept, Options(), connection)
    assert statuses(back) == ["created"] * 150
    assert {(c["name"], *c["urns"]) for c in server.contacts()} == before
    groups = {c["name"]: [g["name"] for g in c["groups"]] for c in server.contacts()}
    assert (groups["Nome 0"], groups["Fica"]) == (["VIP"], [])


def test_no_file_where_nobody_is_deleted(crowd, tmp_path):
    _, connection, path = crowd(2, "block")
    import_file(path, Options(allow_delete=2, output=tmp_path / "out"), connection)
    assert list((tmp_path / "out").glob("deleted-*")) == []


def test_the_journal_knows_all_that_the_server_shows(crowd, state):
    server, connection, path = crowd(1, "delete")
    uuid = contact_of(server, 0).uuid
    server.set_status(uuid, "stopped")
    (shown,) = [contact for contact in server.contacts() if contact["uuid"] == uuid]
    import_file(path, ANY, connection)
    (info,) = JobFolder(state / "jobs").jobs()
    with Journal(info.path, read_only=True) as journal:
        ((kept,),) = journal._db.execute("SELECT before FROM steps WHERE kind = 'delete'")
    (before,) = json.loads(kept)
    assert {**before, "last_seen_on": None} == {**shown, "fields": {}}
    assert before["stopped"]
