"""What was written is read back: the first contacts before the others are sent, or all of them afterwards."""

import json

import pytest

from importer.comparison import differences
from importer.errors import Differs
from importer.execution.verification import CANARY_ROWS, CANARY_WRITES, canary_rows
from importer.jobs import report_again
from importer.model import Change, Contact, Difference, Group
from importer.options import Options
from importer.run import Listener, import_file

HEADER = "Name,URN:Tel,Groups,Field:City,Field:Age:numeric,Field:Since:datetime"


def people(count, first=0):
    return [f"Nome {n},+558290000{n:04d},VIP,Recife,007.50,2020-01-31" for n in range(first, first + count)]


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def read_back(report):
    return [outcome.differences for _, outcome in report.lines()]


def reads(sandbox):
    return len([served for served in sandbox.requests if not served.writes])


# ------------------------------------------------------------------------------------- what is a difference

MEANT_AND_STORED = (
    ("name", "Ana", "Ana", True),
    ("name", None, None, True),
    ("name", "Ana", None, False),
    ("language", "POR", "por", True),
    ("urns", ("tel:+5582900000001", "mailto:Ana@Example.com"), ("tel:+5582900000001", "mailto:ana@example.com"), True),
    ("urns", ("tel:+5582900000001", "ext:A"), ("ext:A", "tel:+5582900000001"), False),
    ("urns", ("tel:+5582900000001",), (), False),
    ("field:age", "007.50", "7.5", True),
    ("field:age", "12", None, False),
    ("field:since", "2020-01-31T00:00:00-03:00", "2020-01-31T03:00:00.000000Z", True),
    ("field:since", "2020-01-31T00:00:00-03:00", "2020-01-31T00:00:00.000000Z", False),
    ("field:city", None, None, True),
    ("field:city", "Recife", "Natal", False),
)  # fmt: skip


@pytest.mark.parametrize(("attribute", "meant", "stored", "same"), MEANT_AND_STORED)
def test_what_the_server_writes_in_another_way_is_no_difference(attribute, meant, stored, same):
    plain = {"name": None, "language": None, "urns": ()}
    kept = plain | ({attribute: stored} if attribute in plain else {})
    key = attribute.removeprefix("field:")
    contact = Contact("u", **kept, fields={key: stored} if ":" in attribute else {})
    found = differences([Change(attribute, None, meant)], contact, {"age": "numeric", "since": "datetime"})
    assert found == (() if same else (Difference(attribute, meant, stored),))


@pytest.mark.parametrize(
    ("groups", "same"),
    [(("vip", "Outro"), True), (("Vip",), True), (("Outro",), False), (("VIP", "Velho"), False), ((), False)],
)
def test_of_groups_those_count_that_were_joined_or_left(groups, same):
    contact = Contact("u", groups=tuple(Group("g", name) for name in groups))
    found = differences([Change("groups", ("Velho", "Fica"), ("Fica", "VIP"))], contact, {})
    assert (found == ()) is same


# ------------------------------------------------------------------------------------------------ canary


def test_a_long_import_has_a_canary():
    assert canary_rows(None, CANARY_WRITES) == 0
    assert canary_rows(None, CANARY_WRITES + 1) == CANARY_ROWS
    assert canary_rows(0, 10_000) == 0
    assert canary_rows(3, 4) == 3


def test_a_canary_that_is_as_meant_costs_one_read(make_csv, sandbox, connection):
    import_file(make_csv(HEADER, *people(30)), Options(), connection)
    plain = reads(sandbox)
    sandbox.reset()
    report = import_file(make_csv(HEADER, *people(30), name="b.csv"), Options(canary=10), connection)
    assert statuses(report) == ["created"] * 30
    assert reads(sandbox) - plain == 1
    first = [outcome.differences for _, outcome in report.lines() if outcome.differences is not None]
    assert first == [()] * 10


@pytest.fixture
def spoilt(sandbox, others):
    """The nth contact is changed by somebody right after it was written, as if the server had not taken it."""

    def spoil(number, then):
        seen = [0]

        def plan(count, method, path):
            if (method, path) == ("POST", "contacts.json"):
                seen[0] += 1
            return

        sandbox.fault_plan = plan
        make = sandbox._service.store.add_contact

        def add(contact):
            if seen[0] == number:
                contact.values = {}
                contact.name = then
            make(contact)

        sandbox._service.store.add_contact = add
        return lambda: setattr(sandbox._service.store, "add_contact", make)

    return spoil


def test_a_canary_that_is_not_stops_the_import_and_shows_it(make_csv, sandbox, connection, spoilt, tmp_path):
    path = make_csv(HEADER, *people(30))
    mend = spoilt(3, None)
    report = import_file(path, Options(canary=10, output=tmp_path / "out"), connection)
    assert isinstance(report.failure, Differs)
    assert (report.failure.key, report.exit_code, report.summary.ended) == ("canary-differs", 4, "stopped")
    assert len(sandbox.contacts()) == 10
    assert report.failure.details == {"count": 10, "differing": 1}
    (row,) = {row for row, _ in report.failure.comparison}
    assert {one.attribute: (one.meant, one.found) for _, one in report.failure.comparison} == {
        "name": (f"Nome {row - 2}", None),
        "field:city": ("Recife", None),
        "field:age": ("7.5", None),
        "field:since": ("2020-01-31T00:00:00-03:00", None),
    }
    assert report.summary.differs == 1
    line = json.loads((tmp_path / "out" / "report.jsonl").read_text().splitlines()[row - 2])
    assert (line["verified"], line["differences"][0]) == (
        False,
        {"attribute": "name", "meant": f"Nome {row - 2}", "found": None},
    )
    # the next ones of the same command are the canary again; without one it goes on
    mend()
    again = import_file(path, Options(canary=0), connection)
    assert again.summary.job == report.summary.job
    assert statuses(again) == ["created"] * 30
    assert len(sandbox.contacts()) == 30
    assert again.exit_code == 1  # for what was read back is still not as it was meant


def test_a_canary_of_updates_and_of_contacts_that_join_groups_later(make_csv, sandbox, connection):
    import_file(
        make_csv("Name,URN:Tel", *(f"Antigo,+558290000{n:04d}" for n in range(15))), Options(), connection
    )
    report = import_file(make_csv(HEADER, *people(15), name="b.csv"), Options(canary=5), connection)
    assert statuses(report) == ["updated"] * 15
    assert report.failure is None


@pytest.mark.parametrize("header", ["URN:Tel,Groups", "Name,URN:Tel,Groups"], ids=["members", "updates"])
def test_of_the_first_contacts_the_groups_are_looked_at_too(
    header, make_csv, sandbox, connection, monkeypatch
):
    """Before any other is written, or put into a group."""
    name = "Nome," if header.startswith("Name") else ""
    old = make_csv("Name,URN:Tel", *(f"Antigo,+558290000{n:04d}" for n in range(30)))
    import_file(old, Options(), connection)
    path = make_csv(header, *(f"{name}+558290000{n:04d},VIP" for n in range(30)), name="b.csv")
    actions = __import__("importer.sandbox.actions", fromlist=["actions"])
    change_group, spoilt = actions._change_group, next(c["uuid"] for c in sandbox.contacts())

    def forget(service, action, contacts, group):
        change_group(service, action, [one for one in contacts if one.uuid != spoilt], group)

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_change_group", forget)
        report = import_file(path, Options(canary=25), connection)
    assert report.failure.key == "canary-differs"
    assert [(one.attribute, one.meant, one.found) for _, one in report.failure.comparison] == [
        ("groups", ("VIP",), ())
    ]
    assert sandbox.groups()[0]["count"] == 24
    assert len([c for c in sandbox.contacts() if c["name"] == "Nome"]) == (25 if name else 0)
    again = import_file(path, Options(canary=0), connection)
    assert again.summary.job == report.summary.job
    assert statuses(again) == ["updated"] * 30
    assert sandbox.groups()[0]["count"] == 29  # what was said to be done is not done again


def test_a_canary_of_contacts_that_are_deleted(make_csv, sandbox, connection, monkeypatch):
    old = make_csv("Name,URN:Tel", *(f"Antigo,+558290000{n:04d}" for n in range(30)))
    import_file(old, Options(), connection)
    path = make_csv("URN:Tel,Action", *(f"+558290000{n:04d},delete" for n in range(30)), name="b.csv")
    actions = __import__("importer.sandbox.actions", fromlist=["actions"])
    erase, spared = actions.erase, []

    def spare(store, contact):
        if spared:
            return erase(store, contact)
        return spared.append(contact)

    monkeypatch.setattr(actions, "erase", spare)
    report = import_file(path, Options(canary=7, allow_delete=None), connection)
    assert report.failure.key == "canary-differs"
    assert len(sandbox.contacts()) == 30 - 6
    assert [one.attribute for _, one in report.failure.comparison] == ["uuid"]


# ------------------------------------------------------------------------------------------------ verify


def test_verify_reads_every_touched_contact_back_in_pages(make_csv, sandbox, connection, tmp_path):
    path = make_csv(HEADER, *people(30), "Torta,12,,,,")
    report = import_file(path, Options(verify=True, output=tmp_path / "out"), connection)
    assert read_back(report) == [()] * 30 + [None]
    assert (report.summary.verified, report.summary.differs) == (30, 0)
    pages = [served for served in sandbox.requests if served.path == "contacts.json" and not served.writes]
    assert len(pages) <= 4
    document = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (document["verified"], document["differs"]) == (30, 0)
    again = import_file(path, Options(verify=True), connection)
    assert (again.summary.verified, again.exit_code) == (0, 1)  # nothing was written, one row is invalid


class Meddling(Listener):
    """Somebody else changes contacts when nearly all is done."""

    def __init__(self, left, meddle):
        self._left, self._meddle = left, meddle

    def done(self, requests, scope):
        self._left -= requests
        if not self._left:
            self._meddle()


def test_verify_tells_what_is_not_as_it_was_meant(make_csv, sandbox, connection, others):
    import_file(make_csv("Name,URN:Tel", "Antigo,+5582900000000"), Options(), connection)
    path = make_csv(HEADER, *people(5), name="b.csv")

    def meddle():
        there = {contact["name"]: contact["uuid"] for contact in sandbox.contacts()}
        others.delete("contacts.json", params={"uuid": there["Nome 2"]}).raise_for_status()
        body = {"fields": {"age": "8"}}
        others.post("contacts.json", params={"uuid": there["Nome 3"]}, json=body).raise_for_status()
        out = {"contacts": [there["Nome 0"]], "action": "remove", "group": "VIP"}
        others.post("contact_actions.json", json=out).raise_for_status()

    report = import_file(path, Options(verify=True), connection, listener=Meddling(10, meddle))
    found = {row.number: outcome.differences for row, outcome in report.lines()}
    assert [one.attribute for one in found[2]] == ["groups"]
    assert found[3] == found[6] == ()
    assert [one.attribute for one in found[4]] == ["uuid"]
    assert [(one.attribute, one.found) for one in found[5]] == [("field:age", "8")]
    assert (report.summary.verified, report.summary.differs, report.exit_code) == (2, 3, 1)
    again = report_again(report.summary.job)
    assert {row.number: outcome.differences for row, outcome in again.lines()} == found


def test_what_is_read_back_makes_no_other_job(make_csv, sandbox, connection):
    import threading

    path, stop = make_csv(HEADER, *people(20)), threading.Event()
    first = import_file(path, Options(), connection, listener=Meddling(10, stop.set), stop=stop)
    second = import_file(path, Options(verify=True, canary=3), connection)
    assert second.summary.job == first.summary.job
    assert second.summary.verified == 20


def test_a_row_that_goes_with_another_is_read_back_with_it(make_csv, sandbox, connection):
    path = make_csv("Name,URN:Tel", "Ana,+5582900000001", "Ana,+5582900000001")
    report = import_file(path, Options(verify=True), connection)
    assert read_back(report) == [(), ()]


def test_it_is_asked_for_on_the_command_line(make_csv, tmp_path, capsys, monkeypatch):
    from importer.cli import main

    monkeypatch.chdir(tmp_path)
    path = str(make_csv(HEADER, *people(5)))
    with pytest.raises(SystemExit) as ended:
        main(["run", path, "--sandbox", "--yes", "--verify", "--canary", "2"])
    assert ended.value.code == 0
    assert "Read back and as meant: 5" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["run", path, "--sandbox", "--yes", "--canary", "-1"])
    assert ended.value.code == 2
