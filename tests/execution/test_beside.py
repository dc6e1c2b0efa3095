"""Groups are joined while other contacts are still being written: the server counts the two apart."""

import threading
from itertools import pairwise

import pytest

from importer.errors import NotAllowed
from importer.options import Options
from importer.platform import ANSWER_S, THREADS
from importer.run import Listener, import_file, undo_job
from importer.sandbox.actions import _change_group


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def members(server, name):
    return {c["name"] for c in server.contacts() if name in {group["name"] for group in c["groups"]}}


def requests(server, path):
    return [served for served in server.writes if served.path == path]


class Watcher(Listener):
    """Waits with the nth contact until some have joined a group."""

    def __init__(self, nth=200):
        self._nth, self._contacts, self._came = nth, 0, threading.Event()
        self.was_beside = False

    def done(self, count, scope):
        if scope == "contacts":
            self._contacts += count
            if self._contacts == self._nth:
                self.was_beside = self._came.wait(60)
        elif self._contacts:
            self._came.set()


def test_full_hundreds_leave_while_contacts_are_written(crowd):
    server, connection, path = crowd(350, "VIP; Novo", Name="Outro")
    with path.open("a") as file:
        file.write("".join(f"novo{n},,Novo {n}\n" for n in range(20)))
    written_before = {}

    def plan(number, _, where):
        if where == "contact_actions.json":
            written = [one for one in requests(server, "contacts.json") if one.wrote]
            written_before[number] = {uuid for one in written for uuid in one.contacts}

    server.fault_plan = plan
    watcher, planned = Watcher(), []

    def confirm(plan):
        planned.append(plan.summary.estimate_s)
        return True

    report = import_file(path, Options(), connection, confirm=confirm, listener=watcher)
    assert statuses(report) == ["updated"] * 350 + ["created"] * 20
    # two groups are made first; the eight batches take no time of their own
    assert planned == [pytest.approx(ANSWER_S * (2 + 370 / THREADS))]
    assert watcher.was_beside
    sent = requests(server, "contact_actions.json")
    assert sorted(len(one.contacts) for one in sent) == [50, 50] + [100] * 6
    assert all(one.contacts <= written_before[one.number] for one in sent)
    # one at a time: two for one contact could meet
    assert all(one.started < two.started and one.wrote for one, two in pairwise(sent))
    assert {len(members(server, name) - {"Outro"}) for name in ("VIP", "Novo")} == {0}
    assert {group["count"] for group in server.groups() if group["name"] in ("VIP", "Novo")} == {350}
    assert {outcome.changes[-1].new for _, outcome in list(report.lines())[:350]} == {("VIP", "Novo")}


def test_a_group_that_was_refused_is_not_asked_for_again(crowd):
    server, connection, path = crowd(350, "VIP; Novo", Name="Outro")

    def plan(_, __, where):
        group = server._service.group_named("VIP")
        if where == "contact_actions.json" and group:
            server._service.store.delete_group(group)

    server.fault_plan = plan
    report = import_file(path, Options(), connection, listener=Watcher())
    assert statuses(report) == ["refused"] * 350
    assert [one.status for one in requests(server, "contact_actions.json")].count(400) == 1
    assert len(requests(server, "contact_actions.json")) == 1 + 4
    line = next(outcome for _, outcome in report.lines())
    assert [(one.attribute, one.new) for one in line.changes] == [("name", "Outro"), ("groups", ("Novo",))]


def test_what_fails_beside_ends_all_of_it_and_goes_on_later(crowd):
    """Contacts that wait for their hour do not keep it waiting."""
    server, connection, path = crowd(300, "VIP", Name="Outro")
    failed = []

    class Breaking(Watcher):
        def done(self, count, scope):
            super().done(count, scope)
            if scope == "other" and self._contacts:
                failed.append(scope)
                raise NotAllowed("not-allowed", url="x")

    report = import_file(path, Options(), connection, listener=Breaking())
    assert (report.failure.key, report.exit_code, failed) == ("not-allowed", 3, ["other"])
    assert sum(report.totals.values()) == 300
    assert len(requests(server, "contacts.json")) < 300
    assert statuses(import_file(path, Options(), connection)) == ["updated"] * 300
    assert len(requests(server, "contacts.json")) == 300  # nothing twice
    assert [len(one.contacts) for one in requests(server, "contact_actions.json")] == [100] * 3
    assert len([c for c in server.contacts() if c["groups"]]) == 300


@pytest.mark.parametrize("joins", [True, False])
def test_whoever_others_have_put_there_meanwhile_is_theirs(joins, crowd):
    """So that an undo does not take him out again."""
    server, connection, path = crowd(3, "Velho" if joins else "-Velho")
    service, store = server._service, server._service.store

    def move(action, *numbers):
        with store.lock:
            some = [
                store.contact(c["uuid"])
                for c in server.contacts()
                if c["name"] in {f"Nome {n}" for n in numbers}
            ]
            _change_group(service, action, some, service.group_named("Velho"))
        connection.clock.sleep(61)

    if not joins:
        move("add", 0, 1, 2)

    def confirm(_):
        move("add" if joins else "remove", 0)
        return True

    report = import_file(path, Options(), connection, confirm=confirm)
    assert statuses(report) == ["unchanged", "updated", "updated"]
    assert [len(one.contacts) for one in requests(server, "contact_actions.json")] == [2]
    undo_job(report.summary.job, connection)
    assert members(server, "Velho") == ({"Nome 0"} if joins else {"Nome 1", "Nome 2"})
