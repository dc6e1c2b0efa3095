"""One contact a row, whatever becomes of the answers and whoever else writes meanwhile."""

import pytest

from importer.execution.contacts import PAUSES_S
from importer.model import Status
from importer.options import Options
from importer.run import import_file
from importer.sandbox.contacts import make_contact

ANA, BIA = "tel:+5582900000001", "tel:+5582900000002"
LOST = ["drop-after", "504", "truncated", "non-json"]
NOT_DONE = ["drop-before", "500", "502", "503", "html"]
KEYLESS = Options(create_without_key=True)


def lines(report):
    return [outcome for _, outcome in report.lines()]


def statuses(report):
    return [str(outcome.status) for outcome in lines(report)]


def codes(report):
    return [[issue.code for issue in outcome.issues] for outcome in lines(report)]


def posts(sandbox):
    return [served for served in sandbox.writes if served.path == "contacts.json"]


def contact(sandbox, uuid):
    return next(one for one in sandbox.contacts() if one["uuid"] == uuid)


def make(others, **body):
    answer = others.post("contacts.json", json=body)
    answer.raise_for_status()
    return answer.json()["uuid"]


def change(others, uuid, **body):
    others.post("contacts.json", params={"uuid": uuid}, json=body).raise_for_status()


def then(*acts):
    """A yes to the plan, after others have done something."""

    def confirm(plan):
        for act in acts:
            act()
        return True

    return confirm


# ----------------------------------------------------------------------------------------- lost answers


@pytest.mark.parametrize("fault", LOST + NOT_DONE)
def test_a_creation_whose_answer_is_lost_is_settled_by_looking(fault, make_csv, sandbox, connection, meet):
    meet("POST", "contacts", fault)
    report = import_file(make_csv("Name,URN:Tel", "Ana Exemplo,+5582900000001"), Options(), connection)
    (made,) = sandbox.contacts()
    (line,) = lines(report)
    assert (line.status, line.uuid, line.requests) == (Status.CREATED, made["uuid"], 1)
    assert [change.attribute for change in line.changes] == ["name", "urns"]
    assert len(posts(sandbox)) == (1 if fault in LOST else 2)


@pytest.mark.parametrize("faults", [("500", "drop-before", "html", "drop-after"), ("502",) * 5])
def test_again_and_again(faults, make_csv, sandbox, connection, meet, clock):
    meet("POST", "contacts", *faults)
    report = import_file(make_csv("Name,URN:Tel", "Ana Exemplo,+5582900000001"), Options(), connection)
    assert statuses(report) == ["created"]
    assert len(sandbox.contacts()) == 1
    assert clock.slept == list(PAUSES_S[1 : len(posts(sandbox))])


def test_a_row_on_which_the_server_fails_is_refused_and_the_others_go_on(make_csv, sandbox, connection, meet):
    """It would stop every run at the same row for ever otherwise."""
    path = make_csv("Name,URN:Tel", "Ana Exemplo,+5582900000001")
    meet("POST", "contacts", then="500")
    report = import_file(path, Options(), connection)
    assert (statuses(report), report.exit_code) == (["refused"], 1)
    assert len(posts(sandbox)) == len(PAUSES_S)
    sandbox.fault_plan = None
    assert statuses(import_file(path, Options(), connection)) == ["created"]


@pytest.mark.parametrize("fault", LOST + NOT_DONE)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_rows_without_a_key_arrive_once_each(place, fault, make_csv, sandbox, connection, meet):
    """Even where they are alike: no row takes the contact of another for its own."""
    rows = ["Ana,", "Ana,", "Ana,por", "Ana,", "Bia,por"]
    meet("POST", "contacts", *[None] * place, fault)
    report = import_file(make_csv("Name,Language", *rows), KEYLESS, connection)
    assert statuses(report) == ["created"] * 5
    found = sandbox.contacts()
    assert sorted((c["name"], c["language"] or "") for c in found) == sorted(
        tuple(row.split(",")) for row in rows
    )
    assert {line.uuid for line in lines(report)} == {c["uuid"] for c in found}
    by_uuid = {c["uuid"]: c["language"] or "" for c in found}
    assert [by_uuid[line.uuid] for line in lines(report)] == ["", "", "por", "", "por"]


def test_a_contact_without_a_key_of_an_earlier_import_is_nobody_s(
    make_csv, sandbox, connection, meet, others
):
    """It is as the row wants it, but older than the import."""
    path = make_csv("Name,Field:City", "Ana,Recife", "Ana,Recife")
    import_file(path, KEYLESS, connection)
    make(others, name="Ana", fields={"city": "Recife"})
    meet("POST", "contacts", "drop-before", "drop-before", "drop-after")
    assert statuses(import_file(path, KEYLESS, connection)) == ["created"] * 2
    assert len(sandbox.contacts()) == 5


# ------------------------------------------------------------------------- what others write meanwhile


def test_an_urn_that_another_contact_got_before_a_creation_means_that_contact(
    make_csv, sandbox, connection, others
):
    """The plan said *create*; what is done is an update of what is there, and the line says so."""
    path = make_csv("Name,URN:Tel,URN:Mailto", "Ana Exemplo,+5582900000001,ana@example.com")
    made = []
    report = import_file(
        path, Options(), connection, confirm=then(lambda: made.append(make(others, name="Outra", urns=[ANA])))
    )
    assert statuses(report) == ["updated"]
    assert contact(sandbox, made[0])["name"] == "Ana Exemplo"
    assert contact(sandbox, made[0])["urns"] == [ANA, "mailto:ana@example.com"]
    assert len(sandbox.contacts()) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_the_same_in_the_very_moment_of_the_creation(lost, make_csv, sandbox, connection, meet):
    """Between our last look and our request, or between a lost request and the next."""

    def meanwhile():
        make_contact(sandbox._service, {"name": "Outra", "urns": [ANA]})

    meet("POST", "contacts", *(["drop-before"] if lost else []), meanwhile)
    path = make_csv("Name,URN:Tel,Groups", "Ana Exemplo,+5582900000001,VIP", "Bia Modelo,+5582900000002,")
    report = import_file(path, Options(), connection)
    found = {c["name"]: c for c in sandbox.contacts()}
    assert set(found) == {"Ana Exemplo", "Bia Modelo"}
    assert [group["name"] for group in found["Ana Exemplo"]["groups"]] == ["VIP"]
    assert sorted(statuses(report)) == ["created", "updated"]
    assert [line.uuid for line in lines(report)] == [
        found[name]["uuid"] for name in ("Ana Exemplo", "Bia Modelo")
    ]


@pytest.mark.parametrize("lost", [False, True])
def test_a_contact_that_is_only_to_be_created_is_not_changed(lost, make_csv, sandbox, connection, meet):
    """Somebody else makes it in the very moment."""

    def meanwhile():
        make_contact(sandbox._service, {"name": "Outra", "urns": [ANA]})

    meet("POST", "contacts", *(["drop-before"] if lost else []), meanwhile)
    report = import_file(make_csv("Name,URN:Tel,Action", "Ana,+5582900000001,create"), Options(), connection)
    assert (statuses(report), codes(report)) == (["refused"], [["contact-exists"]])
    assert [c["name"] for c in sandbox.contacts()] == ["Outra"]


def test_two_contacts_that_got_a_row_s_urns_are_a_conflict(make_csv, sandbox, connection, meet):
    def meanwhile():
        make_contact(sandbox._service, {"name": "Uma", "urns": [ANA]})
        make_contact(sandbox._service, {"name": "Outra", "urns": ["mailto:ana@example.com"]})

    meet("POST", "contacts", meanwhile)
    path = make_csv("Name,URN:Tel,URN:Mailto", "Ana Exemplo,+5582900000001,ana@example.com")
    report = import_file(path, Options(), connection)
    assert (statuses(report), codes(report)) == (["refused"], [["row-conflict"]])
    assert [c["name"] for c in sandbox.contacts()] == ["Uma", "Outra"]


@pytest.mark.parametrize("by_uuid", [False, True])
def test_an_urn_that_another_contact_got_is_not_taken_by_an_update(
    by_uuid, make_csv, sandbox, connection, others
):
    """The server would take it from that contact without a word."""
    uuid = make(others, name="Ana", urns=[ANA])
    key = uuid if by_uuid else ""
    path = make_csv("Contact UUID,URN:Tel,URN:Mailto", f"{key},+5582900000001,ana@example.com")
    report = import_file(
        path,
        Options(),
        connection,
        confirm=then(lambda: make(others, name="Outra", urns=["mailto:ana@example.com"])),
    )
    assert (statuses(report), codes(report)) == (["invalid"], [["row-conflict"]])
    assert [c["urns"] for c in sandbox.contacts()] == [[ANA], ["mailto:ana@example.com"]]


def test_an_urn_that_the_contact_got_meanwhile_stays(make_csv, sandbox, connection, others):
    """An update of URNs replaces the whole list."""
    uuid = make(others, name="Ana", urns=[ANA])
    path = make_csv("URN:Tel,URN:Mailto", "+5582900000001,ana@example.com")
    late = then(lambda: change(others, uuid, urns=[ANA, "ext:a1"]))
    report = import_file(path, Options(), connection, confirm=late)
    assert statuses(report) == ["updated"]
    assert contact(sandbox, uuid)["urns"] == [ANA, "ext:a1", "mailto:ana@example.com"]


def test_what_somebody_else_has_done_already_is_unchanged(make_csv, sandbox, connection, others):
    uuid = make(others, name="Ana", urns=[ANA])
    path = make_csv("URN:Tel,Name", "+5582900000001,Ana Maria", "+5582900000002,Bia")
    report = import_file(
        path, Options(), connection, confirm=then(lambda: change(others, uuid, name="Ana Maria"))
    )
    assert statuses(report) == ["unchanged", "created"]
    assert sum(report.totals.values()) == 2


def test_a_contact_that_was_deleted_meanwhile(make_csv, sandbox, connection, others):
    """By uuid the server refuses the update as a whole, which it also does where nothing may be changed."""
    uuid = make(others, name="Ana", urns=[ANA])
    path = make_csv("URN:Tel,Name", "+5582900000001,Ana Maria", "+5582900000002,Bia")
    report = import_file(
        path,
        Options(),
        connection,
        confirm=then(lambda: others.delete("contacts.json", params={"uuid": uuid})),
    )
    assert (statuses(report), codes(report)) == (["refused", "created"], [["contact-gone"], []])


def test_a_refusal_concerns_its_row_and_is_told_at_its_cell(make_csv, sandbox, connection, others, meet):
    """A group is deleted when it was to be used; the server names it."""
    uuid = others.post("groups.json", json={"name": "VIP"}).json()["uuid"]
    path = make_csv(
        "Name,URN:Tel,Groups",
        "Ana,+5582900000001,VIP",
        "Bia,+5582900000002,",
        "Caio,+5582900000003,VIP; Novo",
    )
    report = import_file(
        path, Options(), connection, confirm=then(lambda: others.delete("groups.json", params={"uuid": uuid}))
    )
    assert statuses(report) == ["refused", "created", "refused"]
    (issue,) = lines(report)[0].issues
    assert (issue.code, issue.row, issue.column, issue.letter) == ("refused", 2, "Groups", "C")
    assert uuid in issue.details["reason"]


def test_a_refused_urn_is_told_at_its_own_column(make_csv, connection, meet, sandbox, monkeypatch):
    """The server names its place in the list; its scheme says which column that was."""
    from importer.sandbox.urns import BadPath, parse_urn

    def strict(text, country):
        if text.startswith("mailto:"):
            raise BadPath
        return parse_urn(text, country)

    path = make_csv("URN:Tel,URN:Mailto", "+5582900000001,ana@example.com")
    monkeypatch.setattr("importer.sandbox.wishes.parse_urn", strict)
    (line,) = lines(import_file(path, Options(), connection))
    assert [(issue.code, issue.column) for issue in line.issues] == [("refused", "URN:Mailto")]
