"""Existing contacts join and leave groups by the hundred; whoever cannot does not keep the others out."""

import threading

import pytest

from importer.api import connect
from importer.execution.batches import FAILING_MAX, Line, write_batches
from importer.journal import Journal
from importer.model import Outcome, Status
from importer.options import Options
from importer.run import Listener, import_file
from importer.sandbox.answers import crash, faulty_body
from importer.steps import Membership


def batches(server):
    return [served for served in server.writes if served.path == "contact_actions.json"]


def lines(report):
    return [outcome for _, outcome in report.lines()]


def statuses(report):
    return [str(outcome.status) for outcome in lines(report)]


def members(server, name):
    return {c["uuid"] for c in server.contacts() if name in {group["name"] for group in c["groups"]}}


def uuid_of(server, number):
    return next(contact["uuid"] for contact in server.contacts() if contact["name"] == f"Nome {number}")


def before_batch(server, number, act):
    """Let something happen just before the nth batch reaches the server."""
    seen = []

    def plan(_, method, path):
        if path == "contact_actions.json":
            seen.append(path)
            if len(seen) == number:
                return act()
        return None

    server.fault_plan = plan


@pytest.mark.parametrize(("contacts", "requests"), [(1, 1), (100, 1), (101, 2), (1050, 11)])
def test_a_hundred_go_with_one_request(contacts, requests, crowd):
    server, connection, path = crowd(contacts)
    report = import_file(path, Options(), connection)
    assert report.totals[Status.UPDATED] == contacts == len(members(server, "VIP"))
    assert len(batches(server)) == requests
    assert len(server.writes) == requests + 1 == report.summary.writes


def test_ten_thousand_take_a_hundred_requests(crowd, tmp_path):
    server, _, _ = crowd(10_000)
    with connect(server.url, server.token, settle_s=0) as client, Journal(tmp_path / "job.db") as journal:
        groups = {"vip": client.create_group("VIP")}
        uuids = [contact.uuid for page in client.contact_pages() for contact in page]
        lines = [
            Line(Outcome(row, Status.UPDATED, uuid), (Membership(row, uuid, "VIP", joins=True),))
            for row, uuid in enumerate(uuids, 2)
        ]
        before = len(server.requests)
        write_batches(client, journal, groups, lines, sleep=lambda _: None)
        assert len(server.requests) - before == len(batches(server)) == 100
        assert client.list_groups()[0].count == 10_000
        assert {(outcome.status, pending) for outcome, pending in journal.outcomes()} == {(Status.UPDATED, 0)}


def test_joining_several_and_leaving_one(crowd):
    server, connection, path = crowd(3, "VIP; Turma A")
    import_file(path, Options(), connection)
    path.write_text(path.read_text().replace("VIP; Turma A", "-VIP; Novo; -Velho"))
    report = import_file(path, Options(), connection)
    assert (len(members(server, "Novo")), len(members(server, "VIP")), len(members(server, "Turma A"))) == (
        3,
        0,
        3,
    )
    assert len(batches(server)) == 2 + 2
    assert [c.new for c in lines(report)[0].changes] == [("Turma A", "Novo")]


@pytest.mark.parametrize("place", [0, 57, 99, 249])
def test_a_contact_that_the_server_names_is_refused_the_others_go_on(place, crowd):
    """An archived one cannot be told from an active one, until the server says so."""
    server, connection, path = crowd(250, Name="Outro")
    server.set_status(uuid_of(server, place), "archived")
    report = import_file(path, Options(), connection)
    assert (report.totals[Status.UPDATED], report.totals[Status.REFUSED]) == (249, 1)
    assert len(batches(server)) == 3 + 1
    refused = lines(report)[place]
    (issue,) = refused.issues
    assert (issue.code, issue.value, issue.row) == ("group-refused", "VIP", place + 2)
    assert "Non-active contacts" in issue.details["reason"]
    # its name was changed before, and that is in the report; the group is not
    assert [change.attribute for change in refused.changes] == ["name"]
    assert (refused.status, report.exit_code) == (Status.REFUSED, 1)


@pytest.mark.parametrize("answer", [crash, lambda: faulty_body("No.")], ids=["500", "400"])
@pytest.mark.parametrize("places", [[0], [99], [3, 4], [20, 70]])
def test_a_contact_that_the_server_does_not_name_is_found_by_halving(places, answer, crowd, monkeypatch):
    server, connection, path = crowd(100)
    culprits = {uuid_of(server, place) for place in places}
    whole = __import__("importer.sandbox.actions", fromlist=["actions"])._change_group

    def change_group(service, action, contacts, group):
        if culprits & {contact.uuid for contact in contacts}:
            raise answer()
        whole(service, action, contacts, group)

    monkeypatch.setattr("importer.sandbox.actions._change_group", change_group)
    report = import_file(path, Options(), connection)
    assert [place for place, status in enumerate(statuses(report)) if status == "refused"] == places
    assert len(members(server, "VIP")) == 100 - len(places)
    assert report.exit_code == 1


def test_a_contact_that_was_deleted_meanwhile(crowd):
    server, connection, path = crowd(120)
    gone = uuid_of(server, 33)

    def delete():
        from importer.sandbox.contacts import erase

        erase(server._service.store, server._service.store.contact(gone))

    before_batch(server, 1, delete)
    report = import_file(path, Options(), connection)
    assert [n for n, status in enumerate(statuses(report)) if status == "refused"] == [33]
    assert len(members(server, "VIP")) == 119


def test_a_group_that_was_deleted_meanwhile_is_refused_as_a_whole_the_next_one_goes_on(crowd):
    """With one request, not with one for each of its members."""
    server, connection, path = crowd(250, "VIP; Novo")

    def delete():
        store = server._service.store
        store.delete_group(server._service.group_named("VIP"))

    before_batch(server, 2, delete)
    report = import_file(path, Options(), connection)
    assert statuses(report) == ["updated"] * 100 + ["refused"] * 150
    assert len(members(server, "Novo")) == 250
    assert len(batches(server)) == 2 + 3
    assert [change.new for change in lines(report)[249].changes] == [("Novo",)]


def test_a_group_that_the_plan_did_not_know(crowd):
    """In replace mode a contact leaves the group that it joined while the plan was being read."""
    server, connection, path = crowd(2, Name="Outro")

    def join(plan):
        from importer.sandbox.actions import _change_group
        from importer.sandbox.groups import make_group

        with server._service.store.lock:
            group = make_group(server._service, {"name": "Depois"})
            contact = server._service.store.contact(uuid_of(server, 0))
            _change_group(server._service, "add", [contact], group)
        return True

    report = import_file(path, Options(groups_mode="replace"), connection, confirm=join)
    assert statuses(report) == ["updated", "updated"]
    assert (members(server, "Depois"), len(members(server, "VIP"))) == (set(), 2)


class Breaking(Listener):
    def __init__(self, after):
        self._left = after

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0:
            raise KeyError("a fault of our own")


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
def test_a_run_that_breaks_between_two_batches_goes_on_there(after, crowd):
    server, connection, path = crowd(250, "VIP; Novo")
    with pytest.raises(KeyError):
        import_file(path, Options(), connection, listener=Breaking(2 + after))
    report = import_file(path, Options(), connection)
    assert statuses(report) == ["updated"] * 250
    assert len(batches(server)) == 6
    assert {line.changes[0].old for line in lines(report)} == {()}
    assert {line.changes[0].new for line in lines(report)} == {("VIP", "Novo")}
    assert {len(members(server, name)) for name in ("VIP", "Novo")} == {250}


def test_stopping_between_two_batches(crowd):
    """A row that has joined one group of two is *not sent* until it has joined both."""
    server, connection, path = crowd(250, "VIP; Novo")
    stop = threading.Event()
    before_batch(server, 4, stop.set)
    report = import_file(path, Options(), connection, stop=stop)
    assert report.exit_code == 4
    assert statuses(report) == ["updated"] * 100 + ["not-sent"] * 150
    server.fault_plan = None
    assert statuses(import_file(path, Options(), connection)) == ["updated"] * 250
    assert len(batches(server)) == 6


def test_a_workspace_that_is_suspended_between_two_batches(crowd):
    """The server says no more than that it will not, whatever is asked; nobody is refused for that for good."""
    server, connection, path = crowd(250)

    def suspend():
        server._service.suspended = True

    before_batch(server, 2, suspend)
    report = import_file(path, Options(), connection)
    assert (report.failure.key, report.exit_code) == ("workspace-suspended", 3)
    assert len(batches(server)) <= 1 + FAILING_MAX
    assert sum(report.totals.values()) == 250
    server._service.suspended, server.fault_plan = False, None
    assert import_file(path, Options(), connection).totals[Status.UPDATED] == 250


def test_a_server_that_fails_on_every_batch(crowd):
    server, connection, path = crowd(250)
    server.fault_plan = lambda number, method, where: "502" if where == "contact_actions.json" else None
    report = import_file(path, Options(), connection)
    assert (report.failure.key, report.exit_code) == ("answers-lost", 4)
    server.fault_plan = None
    assert import_file(path, Options(), connection).totals[Status.UPDATED] == 250
