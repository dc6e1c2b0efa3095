"""A URN moves to another contact just when its row is written to the one that had it: that one is put back.

Killed anywhere, the run that goes on does so; see tests/killing/test_killed_amends.py.
"""

import pytest
from states import delete

from importer import survey
from importer.model import Status
from importer.options import Options
from importer.run import import_file, undo_job
from importer.sandbox.contacts import make_contact

TEL = "tel:+5582900000001"
HEADER = "Name,URN:Tel,Groups,Field:City"
ROW = "Nova,+5582900000001,VIP,Natal"


@pytest.fixture
def loser(sandbox, others):
    """UUID of the contact that is there before."""
    others.post("fields.json", json={"label": "City", "value_type": "text"}).raise_for_status()
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    body = {"name": "Antiga", "language": "por", "urns": [TEL, "ext:a1"], "fields": {"city": "Recife"}}
    return make_contact(sandbox._service, body).uuid


def move(sandbox, loser):
    """Its number goes to a contact that is made for it; nothing of that shows."""
    store = sandbox._service.store
    heir = make_contact(sandbox._service, {"name": "Herdeira"})
    with store.lock:
        sql = "UPDATE urns SET contact = ? WHERE urn = ?"
        store._db.run(sql, (heir.id, TEL))


def by_name(sandbox):
    keys = ("name", "language", "urns", "fields")
    found = {c["name"]: {key: c[key] for key in keys} for c in sandbox.contacts()}
    return {
        name: {**found[name], "groups": [g["name"] for g in c["groups"]]}
        for name, c in zip(found, sandbox.contacts(), strict=True)
    }


BEFORE = {"name": "Antiga", "language": "por", "urns": ["ext:a1"], "fields": {"city": "Recife"}, "groups": []}
AS_WRITTEN = {"name": "Nova", "language": None, "urns": [TEL], "fields": {"city": "Natal"}, "groups": ["VIP"]}


def only(report):
    ((_, line),) = report.lines()
    return line


def codes(line):
    return [issue.code for issue in line.issues]


def test_it_is_put_back_and_the_line_says_so(loser, make_csv, sandbox, connection, meet):
    meet("POST", "contacts", lambda: move(sandbox, loser))
    report = import_file(make_csv(HEADER, ROW), Options(), connection)
    line, found = only(report), by_name(sandbox)
    assert found == {"Antiga": BEFORE, "Nova": AS_WRITTEN}
    assert (line.status, codes(line), report.exit_code) == (Status.UPDATED, ["put-back"], 0)
    assert line.issues[0].value == f"Antiga ({loser})"
    assert line.uuid != loser
    undo_job(report.summary.job, connection)
    assert by_name(sandbox)["Antiga"] == BEFORE


@pytest.mark.parametrize("does", ["refuses", "fails"])
def test_the_platform_does_not_put_it_back(does, loser, make_csv, sandbox, connection, meet):
    """The row says what is to be done, and is written to nobody else; what can be done later is."""

    def lose_field():
        del sandbox._service.store.fields["city"]

    fields = dict(sandbox._service.store.fields)
    meet("POST", "contacts", lambda: move(sandbox, loser), lose_field if does == "refuses" else "500")
    meet("POST", "contacts", then="500" if does == "fails" else None)
    report = import_file(make_csv(HEADER, ROW), Options(), connection)
    line = only(report)
    assert (line.status, line.uuid, codes(line)) == (Status.REFUSED, loser, ["not-put-back"])
    assert line.issues[0].value == f"Antiga ({loser})"
    assert line.issues[0].details["reason"]
    assert {change.attribute: change.old for change in line.changes} == {
        "name": "Antiga",
        "field:city": "Recife",
    }
    assert report.exit_code == 1
    assert {c["name"] for c in sandbox.contacts()} == {"Nova", "Herdeira"}
    sandbox.fault_plan = None
    sandbox._service.store.fields |= fields
    undo_job(report.summary.job, connection)
    assert by_name(sandbox)["Antiga"] == BEFORE


def test_a_debt_that_could_not_be_paid_is_paid_by_the_next_run(
    loser, make_csv, sandbox, connection, meet, state
):
    """The workspace is suspended when the contact is to be put back, and the job goes on when it is not any more."""

    def suspend():
        sandbox._service.suspended = True

    path = make_csv(HEADER, ROW)
    meet("POST", "contacts", lambda: move(sandbox, loser), suspend)
    report = import_file(path, Options(), connection)
    assert (only(report).status, report.failure.key) == (Status.NOT_SENT, "workspace-suspended")
    assert report.summary.ended == "stopped"
    sandbox._service.suspended = False
    sandbox.fault_plan = None
    again = import_file(path, Options(), connection)
    assert again.summary.job == report.summary.job
    assert (only(again).status, codes(only(again))) == (Status.UPDATED, ["put-back"])
    assert by_name(sandbox) == {"Antiga": BEFORE, "Nova": AS_WRITTEN}


def test_what_others_have_changed_since_is_left(loser, make_csv, sandbox, connection, meet, others):
    """Between the wrong write and the run that puts it back."""

    def suspend():
        sandbox._service.suspended = True

    path = make_csv(HEADER, ROW)
    meet("POST", "contacts", lambda: move(sandbox, loser), suspend)
    import_file(path, Options(), connection)
    sandbox._service.suspended, sandbox.fault_plan = False, None
    others.post("contacts.json", params={"uuid": loser}, json={"name": "Renomeada"}).raise_for_status()
    line = only(import_file(path, Options(), connection))
    assert codes(line) == ["put-back"]
    assert by_name(sandbox) == {"Renomeada": {**BEFORE, "name": "Renomeada"}, "Nova": AS_WRITTEN}


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_contact_that_was_deleted_needs_nothing(is_answered, loser, make_csv, sandbox, connection, meet):
    """Before it could be put back."""

    def break_off():
        if is_answered:
            delete(sandbox, loser)
        else:
            sandbox._service.suspended = True

    path = make_csv(HEADER, ROW)
    meet("POST", "contacts", lambda: move(sandbox, loser), break_off)
    report = import_file(path, Options(), connection)
    if not is_answered:
        sandbox._service.suspended, sandbox.fault_plan = False, None
        delete(sandbox, loser)
        report = import_file(path, Options(), connection)
    assert (only(report).status, codes(only(report))) == (Status.UPDATED, [])
    assert by_name(sandbox) == {"Nova": AS_WRITTEN}


def test_a_urn_that_turns_up_at_a_new_contact_is_a_conflict_where_the_old_one_is_said_to_have_it(
    loser, make_csv, sandbox, connection, monkeypatch
):
    """Only the new contact shows among what has changed since the plan; nobody can tell which is right."""
    monkeypatch.setattr(survey, "LATE_S", 0.0)
    make_contact(sandbox._service, {"name": "Última"})  # is read again with what has changed since

    def turn_up(_):
        move(sandbox, loser)
        return True

    report = import_file(make_csv(HEADER, ROW), Options(), connection, confirm=turn_up)
    line = only(report)
    assert (line.status, codes(line)) == (Status.INVALID, ["row-conflict"])
    assert by_name(sandbox)["Antiga"] == BEFORE
    assert {c["name"] for c in sandbox.contacts()} == {"Antiga", "Última", "Herdeira"}
    # the next import sees how it is
    assert only(import_file(make_csv(HEADER, ROW), Options(), connection)).status is Status.UPDATED
    found = by_name(sandbox)
    assert (found["Antiga"], found["Nova"]) == (BEFORE, AS_WRITTEN)
