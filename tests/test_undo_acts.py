"""The way back from deleting, blocking and unblocking: every contact as before, but for what nobody brings back."""

import threading

import pytest
from msgspec.structs import replace
from states import delete, state_of

from importer.model import Status
from importer.options import Options
from importer.run import Listener, import_file, undo_job

ANY = Options(allow_delete=None)
HEADER = "URN:Ext,Action"
DELETES = ("um,delete", "dois,delete", "tres,delete", "quatro,delete")
ROWS = (*DELETES, "cinco,block", "seis,block", "sete,unblock", "oito,unblock", "nove,block")
STATUSES = [
    *["created"] * 4,  # um: full; dois: was blocked; tres: had opted out; quatro: just a URN
    "updated", "updated",  # cinco and seis, active again
    "updated", "updated",  # sete and oito, blocked again: oito had opted out
    "kept",  # nove had opted out, and stays blocked
]  # fmt: skip


@pytest.fixture
def prepared(others, sandbox):
    """A workspace with a contact for each thing that an act may meet."""
    for field in ({"label": "City", "value_type": "text"}, {"label": "Since", "value_type": "datetime"}):
        others.post("fields.json", json=field).raise_for_status()
    for name in ("VIP", "Turma A"):
        others.post("groups.json", json={"name": name}).raise_for_status()

    def make(urn, status="", **rest):
        urns = [f"ext:{urn}", *rest.pop("urns", ())]
        made = others.post("contacts.json", json={"name": urn.title(), "urns": urns, **rest})
        made.raise_for_status()
        if status:
            sandbox.set_status(made.json()["uuid"], status)

    make("um", language="por", urns=["tel:+5582900000001", "mailto:um@example.com"], groups=["VIP", "Turma A"],
         fields={"city": "São Paulo 🐙", "since": "2020-01-31T09:27:00-03:00"})  # fmt: skip
    make("dois", "blocked", fields={"city": "007"})
    make("tres", "stopped", language="spa")
    make("quatro")
    make("cinco", groups=["VIP", "Turma A"])
    make("seis")
    make("sete", "blocked")
    make("oito", "stopped")
    make("nove", "stopped")
    make("fica", groups=["VIP"])


def lines(report):
    return {row.number: outcome for row, outcome in report.lines()}


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def codes(report):
    return {row: [i.code for i in outcome.issues] for row, outcome in lines(report).items() if outcome.issues}


class Stopping(Listener):
    """Sets an event after so many requests of the plan."""

    def __init__(self, stop, after):
        self._stop, self._left = stop, after

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0:
            self._stop.set()


def test_after_an_undo_every_contact_is_as_before(make_csv, prepared, sandbox, connection):
    """What had opted out is blocked, as nobody can stop a contact; the plan says all of it, requests included."""
    before, kept = state_of(sandbox, "urn", opted_out="blocked"), sandbox.contacts()
    imported = import_file(make_csv(HEADER, *ROWS), ANY, connection)
    assert (imported.exit_code, imported.totals[Status.DELETED]) == (0, 4)
    assert state_of(sandbox, "urn", opted_out="blocked") != before
    planned, writes = [], len(sandbox.writes)
    undo_job("last", connection, confirm=planned.append)
    assert len(sandbox.writes) == writes
    report = undo_job("last", connection)
    assert state_of(sandbox, "urn", opted_out="blocked") == before
    assert statuses(report) == statuses(planned[0]) == STATUSES
    assert codes(report) == {4: ["was-stopped"], 9: ["was-stopped"], 10: ["was-stopped"]}
    # 4 creations; two of them blocked; two blocked again; two active again, one of them in two groups
    assert len(sandbox.writes) - writes == planned[0].summary.writes == 4 + 1 + 1 + 1 + 2
    assert planned[0].summary.acts == {"block": 2, "unblock": 2}
    assert lines(report)[2].changes == lines(planned[0])[2].changes
    now = {contact["urns"][0]: contact["uuid"] for contact in sandbox.contacts()}
    was = {contact["urns"][0]: contact["uuid"] for contact in kept}
    assert {urn for urn in was if was[urn] != now[urn]} == {"ext:um", "ext:dois", "ext:tres", "ext:quatro"}
    assert [lines(report)[row].uuid for row in (2, 3)] == [now["ext:um"], now["ext:dois"]]


@pytest.mark.parametrize("after", range(1, 10))
def test_an_undo_that_was_stopped_goes_on(after, make_csv, prepared, sandbox, connection):
    before, stop = state_of(sandbox, "urn", opted_out="blocked"), threading.Event()
    job = import_file(make_csv(HEADER, *ROWS), ANY, connection).summary.job
    undo_job(job, connection, listener=Stopping(stop, after), stop=stop)
    report = undo_job(job, connection) if report_is_open(job, connection) else None
    assert state_of(sandbox, "urn", opted_out="blocked") == before
    assert report is None or statuses(report) == STATUSES


def report_is_open(job, connection):
    """Whether the undo of a job is not through yet."""
    from importer.jobs import job_folder

    return job_folder().undo_of(job).state != "complete"


class Killed(BaseException):
    """What no run survives."""


@pytest.mark.parametrize("moment", ["drop-before", "drop-after"])
@pytest.mark.parametrize(
    ("endpoint", "number"),
    [*(("contacts", n) for n in range(4)), *(("contact_actions", n) for n in range(5))],
)
def test_an_undo_that_was_killed_goes_on(endpoint, number, moment, make_csv, prepared, sandbox, connection):
    """No contact is made twice, and none that is to be blocked stays active, whether or not the answer came."""
    before = state_of(sandbox, "urn", opted_out="blocked")
    job = import_file(make_csv(HEADER, *ROWS, ",skip"), ANY, connection).summary.job
    left = [number]

    def plan(count, method, path):
        if left[0] >= 0 and (method, path) == ("POST", f"{endpoint}.json"):
            left[0] -= 1
            return moment if left[0] < 0 else None
        return "drop-before" if left[0] < 0 else None

    def die(seconds):
        raise Killed

    sandbox.fault_plan = plan
    with pytest.raises(Killed):
        undo_job(job, replace(connection, sleep=die))
    sandbox.fault_plan = None
    report = undo_job(job, connection)
    assert state_of(sandbox, "urn", opted_out="blocked") == before
    assert statuses(report) == STATUSES
    changed = {change.attribute for change in lines(report)[2].changes}
    assert changed == {"name", "language", "urns", "groups", "field:city", "field:since"}


def test_an_import_that_did_not_see_whether_it_deleted(make_csv, prepared, sandbox, connection, meet):
    """Taking it back goes by who is there, not by what was asked for."""
    before = state_of(sandbox, "urn")
    meet("POST", "contact_actions", then="drop-before")
    import_file(make_csv(HEADER, *DELETES), ANY, connection)
    sandbox.fault_plan = None
    writes = len(sandbox.writes)
    report = undo_job("last", connection)
    assert state_of(sandbox, "urn") == before
    assert len(sandbox.writes) == writes
    assert {*statuses(report)} <= {"unchanged"}


def test_contacts_without_a_urn_come_back_once(make_csv, prepared, sandbox, connection, others, meet):
    """Their creation's answer is lost, so they are looked for: by what they are, as nothing else names them."""
    made = [others.post("contacts.json", json={"name": "Sem URN"}).json()["uuid"] for _ in range(2)]
    rows = [f"{uuid},delete" for uuid in made]
    import_file(make_csv("Contact UUID,Action", *rows), ANY, connection)
    meet("POST", "contacts", "drop-after", None)
    report = undo_job("last", connection)
    assert statuses(report) == ["created", "created"]
    assert sorted(one["name"] for one in sandbox.contacts() if not one["urns"]) == ["Sem URN", "Sem URN"]


# --------------------------------------------------------------------------------- what others have changed


def test_what_others_have_done_since_is_kept_and_told(make_csv, prepared, sandbox, connection, others):
    import_file(make_csv(HEADER, *ROWS), ANY, connection)
    there = {contact["urns"][0]: contact["uuid"] for contact in sandbox.contacts()}
    groups = {group["name"]: group["uuid"] for group in sandbox.groups()}

    def act(action, urn, **more):
        body = {"contacts": [there[f"ext:{urn}"]], "action": action, **more}
        others.post("contact_actions.json", json=body).raise_for_status()

    for urn in ("tel:+5582900000001", "ext:quatro"):
        others.post("contacts.json", json={"name": "Herdeira", "urns": [urn]}).raise_for_status()
    act("unblock", "cinco")  # by hand, so its groups come back only
    act("delete", "seis")
    act("add", "sete", group="VIP")
    sandbox.set_status(there["ext:oito"], "blocked")
    others.delete("groups.json", params={"uuid": groups["Turma A"]}).raise_for_status()
    report = undo_job("last", connection)
    assert codes(report) == {
        2: ["not-brought-back", "not-brought-back"],  # its number, its group
        4: ["was-stopped"],
        5: ["not-brought-back"],
        6: ["changed-since"],  # a group of it is gone
        7: ["deleted-since"],
        8: ["changed-since"],
        9: ["was-stopped"],
        10: ["was-stopped"],
    }
    assert statuses(report) == [
        "kept", "created", "created", "kept", "kept", "kept", "kept", "kept", "kept",
    ]  # fmt: skip
    assert report.exit_code == 1
    after, _ = state_of(sandbox, "urn")
    assert after["ext:um"]["urns"] == ["ext:um", "mailto:um@example.com"]
    assert after["ext:um"]["groups"] == ["VIP"]
    assert after["tel:+5582900000001"]["name"] == after["ext:quatro"]["name"] == "Herdeira"
    assert (after["ext:cinco"]["status"], after["ext:cinco"]["groups"]) == ("active", ["VIP"])
    assert (after["ext:sete"]["status"], after["ext:sete"]["groups"]) == ("active", ["VIP"])
    value, reason = lines(report)[2].issues[0].value, lines(report)[2].issues[0].details["reason"]
    assert (value, reason.key) == ("tel:+5582900000001", "undo.lost.urn-elsewhere")


def test_a_group_that_was_made_again_under_its_name_is_the_same(
    make_csv, prepared, sandbox, connection, others
):
    import_file(make_csv(HEADER, "um,delete", "cinco,block"), ANY, connection)
    old = {group["name"]: group["uuid"] for group in sandbox.groups()}["VIP"]
    others.delete("groups.json", params={"uuid": old}).raise_for_status()
    others.post("groups.json", json={"name": "vip"}).raise_for_status()
    report = undo_job("last", connection)
    assert statuses(report) == ["created", "updated"]
    members = {group["name"]: group["count"] for group in sandbox.groups()}
    assert members == {"vip": 2, "Turma A": 2}


def test_a_urn_that_is_given_away_while_the_undo_runs_is_refused(
    make_csv, prepared, sandbox, connection, others
):
    """The server refuses to take it; run again, the undo tells who is not brought back."""
    import_file(make_csv(HEADER, *DELETES), ANY, connection)

    def take(plan):
        others.post("contacts.json", json={"name": "Herdeira", "urns": ["ext:quatro"]}).raise_for_status()
        return True

    report = undo_job("last", connection, confirm=take)
    assert statuses(report) == ["created", "created", "created", "kept"]
    assert state_of(sandbox, "urn")[0]["ext:quatro"]["name"] == "Herdeira"


def test_a_hundred_a_request(make_csv, sandbox, connection, others):
    """101 blocked contacts are active again, and in their group, by two requests each."""
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    people = [f"e{n},VIP" for n in range(101)]
    import_file(make_csv("URN:Ext,Groups", *people), Options(), connection)
    before = state_of(sandbox, "urn")
    acts = [f"e{n},block" for n in range(101)]
    job = import_file(make_csv(HEADER, *acts, name="block.csv"), ANY, connection).summary.job
    writes = len(sandbox.writes)
    report = undo_job(job, connection)
    assert state_of(sandbox, "urn") == before
    assert len(sandbox.writes) - writes == 4
    assert report.totals[Status.UPDATED] == 101


def test_one_that_goes_while_the_others_are_made_active(make_csv, prepared, sandbox, connection, meet):
    """The platform refuses the whole batch for it; the others are active all the same, and in their groups."""
    import_file(make_csv(HEADER, "cinco,block", "seis,block"), ANY, connection)
    gone = next(one["uuid"] for one in sandbox.contacts() if one["name"] == "Seis")
    meet("POST", "contact_actions", lambda: delete(sandbox, gone))
    report = undo_job("last", connection)
    assert (statuses(report), codes(report)) == (["updated", "kept"], {3: ["deleted-since"]})
    assert len(state_of(sandbox, "urn")[0]["ext:cinco"]["groups"]) == 2


def test_what_the_platform_refuses_is_told_and_tried_again(
    make_csv, prepared, sandbox, connection, monkeypatch
):
    """A name that is too long for it by now; once it takes it, the same command goes on."""
    import_file(make_csv(HEADER, "quatro,delete", "um,delete"), ANY, connection)
    with monkeypatch.context() as patched:
        patched.setattr("importer.sandbox.wishes.NAME_MAX", 5)
        report = undo_job("last", connection)
    assert (statuses(report), codes(report)) == (["refused", "created"], {2: ["not-taken-back"]})
    job = report.summary.undoes
    assert statuses(undo_job(job, connection)) == ["created", "created"]
    assert len(sandbox.contacts()) == 10
