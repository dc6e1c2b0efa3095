"""The line from end to end, against the practice server."""

import threading

import pytest
from msgspec.structs import replace

from importer.model import Status
from importer.options import Options
from importer.run import check_file, import_file, plan_file

HEADER = "Name,URN:Tel,URN:Mailto,Language,Groups,Field:City,Field:Age:numeric"
ANA = "Ana Exemplo,+5582900000001,ana@example.com,por,VIP; Turma A,Recife,30"
BIA = "Bia Modelo,+5582900000002,,spa,VIP,Natal,41"
CAIO = "Caio Teste,+5582900000003,caio@example.org,,,,"


def shown(sandbox):
    """The workspace's contacts by name, without what differs from run to run."""
    return {
        contact["name"]: {
            "language": contact["language"],
            "urns": contact["urns"],
            "groups": sorted(group["name"] for group in contact["groups"]),
            "fields": {key: value for key, value in contact["fields"].items() if value is not None},
        }
        for contact in sandbox.contacts()
    }


def test_a_file_arrives(make_csv, sandbox, connection):
    """Fields and groups are made first, then contacts; every row has its line."""
    report = import_file(make_csv(HEADER, ANA, BIA, CAIO), Options(), connection)
    assert report.exit_code == 0
    assert report.totals[Status.CREATED] == report.summary.rows == 3
    assert report.summary.fields_created == ("City", "Age")
    assert report.summary.groups_created == ("VIP", "Turma A")
    assert shown(sandbox) == {
        "Ana Exemplo": {
            "language": "por",
            "urns": ["tel:+5582900000001", "mailto:ana@example.com"],
            "groups": ["Turma A", "VIP"],
            "fields": {"city": "Recife", "age": "30"},
        },
        "Bia Modelo": {
            "language": "spa",
            "urns": ["tel:+5582900000002"],
            "groups": ["VIP"],
            "fields": {"city": "Natal", "age": "41"},
        },
        "Caio Teste": {
            "language": None,
            "urns": ["tel:+5582900000003", "mailto:caio@example.org"],
            "groups": [],
            "fields": {},
        },
    }


def test_the_second_run_writes_nothing(make_csv, sandbox, connection):
    path = make_csv(HEADER, ANA, BIA, CAIO)
    import_file(path, Options(), connection)
    before = len(sandbox.writes)
    report = import_file(path, Options(), connection)
    assert len(sandbox.writes) == before
    assert report.totals[Status.UNCHANGED] == 3


def test_check_and_plan_write_nothing(make_csv, sandbox, connection):
    path = make_csv(HEADER, ANA, BIA)
    check_file(path, Options(), connection)
    report = plan_file(path, Options(), connection)
    assert sandbox.writes == []
    assert report.totals[Status.CREATED] == 2
    assert report.summary.writes == 2 + 2 + 2


def test_the_run_does_what_the_plan_shows(make_csv, sandbox, connection):
    import_file(make_csv(HEADER, ANA, BIA), Options(), connection)
    path = make_csv(
        HEADER, ANA.replace("Recife", "Olinda"), BIA.replace(",VIP,", ",-VIP; Novo,"), CAIO, "x,123,,,,,"
    )
    planned = plan_file(path, Options(), connection)
    before = len(sandbox.writes)
    done = import_file(path, Options(), connection)
    assert len(sandbox.writes) - before == planned.summary.writes
    assert [o.status for _, o in done.lines()] == [o.status for _, o in planned.lines()]
    assert [o.changes for _, o in done.lines()] == [o.changes for _, o in planned.lines()]


@pytest.mark.parametrize("key", ["URN:Tel", "Contact UUID"])
def test_an_existing_contact_loses_nothing(key, make_csv, sandbox, connection):
    """Found by its URN or by its UUID: URNs and groups that the file does not name stay."""
    import_file(make_csv(HEADER, ANA), Options(), connection)
    uuid = sandbox.contacts()[0]["uuid"]
    value = "+5582900000001" if key == "URN:Tel" else uuid
    report = import_file(
        make_csv(f"{key},URN:Whatsapp,Groups,Name", f"{value},5582900000009,Novo,Ana Maria"),
        Options(),
        connection,
    )
    assert report.totals[Status.UPDATED] == 1
    assert [contact["uuid"] for contact in sandbox.contacts()] == [uuid]
    assert shown(sandbox)["Ana Maria"] == {
        "language": "por",
        "urns": ["tel:+5582900000001", "mailto:ana@example.com", "whatsapp:5582900000009"],
        "groups": ["Novo", "Turma A", "VIP"],
        "fields": {"city": "Recife", "age": "30"},
    }


def test_a_blank_cell_leaves_and_a_marked_one_clears(make_csv, sandbox, connection):
    import_file(make_csv(HEADER, ANA), Options(), connection)
    import_file(make_csv(HEADER, ",+5582900000001,,--,,--,"), Options(), connection)
    assert shown(sandbox)["Ana Exemplo"]["language"] is None
    assert shown(sandbox)["Ana Exemplo"]["fields"] == {"age": "30"}


def test_replace_makes_the_file_the_whole_truth(make_csv, sandbox, connection):
    import_file(make_csv(HEADER, ANA), Options(), connection)
    options = Options(groups_mode="replace", urns_mode="replace")
    path = make_csv("URN:Mailto,Groups", "ana@example.com,VIP")
    planned = plan_file(path, options, connection)
    assert any(change.removes for _, outcome in planned.lines() for change in outcome.changes)
    import_file(path, options, connection)
    assert shown(sandbox)["Ana Exemplo"]["urns"] == ["mailto:ana@example.com"]
    assert shown(sandbox)["Ana Exemplo"]["groups"] == ["VIP"]


def test_an_urn_of_another_contact_is_never_taken(make_csv, sandbox, connection):
    import_file(make_csv(HEADER, ANA, BIA), Options(), connection)
    uuid = next(c["uuid"] for c in sandbox.contacts() if c["name"] == "Bia Modelo")
    before = shown(sandbox)
    for row in (f"{uuid},ana@example.com,", ",ana@example.com,+5582900000002"):
        report = import_file(make_csv("Contact UUID,URN:Mailto,URN:Tel", row), Options(), connection)
        assert [[i.code for i in o.issues] for _, o in report.lines()] == [["row-conflict"]]
        assert report.exit_code == 1
        assert shown(sandbox) == before


def test_a_row_that_goes_with_a_held_back_one_says_so(make_csv, sandbox, connection):
    report = import_file(
        make_csv(
            "Contact UUID,URN:Mailto",
            "11111111-2222-4333-8444-555555555555,ana@example.com",
            ",ana@example.com",
        ),
        Options(),
        connection,
    )
    assert [[i.code for i in o.issues] for _, o in report.lines()] == [
        ["uuid-not-found"], ["row-repeated", "row-held-back"],
    ]  # fmt: skip
    assert report.totals[Status.INVALID] == 2


def test_the_same_number_in_another_notation_is_the_same_contact(make_csv, sandbox, connection):
    """With and without the ninth digit, as tel and as whatsapp; the stored form stays."""
    sandbox_path = make_csv("URN:Tel,Name", "+558290000001,Ana Exemplo")
    report = import_file(make_csv("URN:Tel,Name", "+5582991234567,Ana"), Options(), connection)
    assert report.exit_code == 0
    report = import_file(make_csv("URN:Tel,Name", "+558291234567,Ana Maria"), Options(), connection)
    assert report.totals[Status.UPDATED] == 1, sandbox_path
    assert shown(sandbox)["Ana Maria"]["urns"] == ["tel:+5582991234567"]


def test_rows_of_one_contact_go_together(make_csv, sandbox, connection):
    report = import_file(
        make_csv(
            HEADER,
            ANA,
            "Ana Exemplo,+5582900000001,,,Extra,,",
            "Outra,+5582900000002,,,,,",
            "Qual,+5582900000002,,,,,",
        ),
        Options(),
        connection,
    )
    outcomes = [outcome for _, outcome in report.lines()]
    assert [outcome.status for outcome in outcomes] == [
        Status.CREATED, Status.CREATED, Status.INVALID, Status.INVALID,
    ]  # fmt: skip
    assert outcomes[0].uuid == outcomes[1].uuid is not None
    assert shown(sandbox)["Ana Exemplo"]["groups"] == ["Extra", "Turma A", "VIP"]
    assert len(sandbox.contacts()) == 1


def test_two_rows_that_mean_one_contact_only_in_the_workspace(make_csv, sandbox, connection):
    """One by its phone, one by its e-mail: together if they agree, held back if not."""
    import_file(make_csv(HEADER, ANA), Options(), connection)
    path = make_csv("URN:Tel,URN:Mailto,Language", "+5582900000001,,eng", ",ana@example.com,fra")
    report = import_file(path, Options(), connection)
    assert report.totals[Status.INVALID] == 2
    path = make_csv("URN:Tel,URN:Mailto,Name,Language", "+5582900000001,,,eng", ",ana@example.com,Ana Lia,")
    before = len(sandbox.writes)
    report = import_file(path, Options(), connection)
    assert report.totals[Status.UPDATED] == 2
    assert len(sandbox.writes) - before == 1
    assert shown(sandbox)["Ana Lia"]["language"] == "eng"


def test_all_or_nothing(make_csv, sandbox, connection):
    path = make_csv(HEADER, ANA, "x,123,,,,,")
    report = import_file(path, Options(all_or_nothing=True), connection)
    assert (report.exit_code, sandbox.writes) == (1, [])
    assert report.totals[Status.INVALID] == 1


def test_a_no_to_the_plan_writes_nothing(make_csv, sandbox, connection):
    report = import_file(make_csv(HEADER, ANA), Options(), connection, confirm=lambda plan: False)
    assert sandbox.writes == []
    assert report.summary.command == "plan"


def test_stopping_and_running_again(make_csv, sandbox, connection):
    """Stopped after some writes: the report says so; the same command again does the rest, once."""
    path = make_csv(HEADER, *(f"Nome {n},+55829000000{n:02d},,,VIP,," for n in range(30)))
    stop = threading.Event()

    def plan(number, method, where):
        if sum(served.writes for served in sandbox.requests) > 10:
            stop.set()

    sandbox.fault_plan = plan
    first = import_file(path, Options(), connection, stop=stop)
    sandbox.fault_plan = None
    assert first.exit_code == 4
    done = first.totals[Status.CREATED]
    assert 0 < done < 30
    assert done + first.totals[Status.NOT_SENT] == 30
    second = import_file(path, Options(), connection)
    assert second.summary.job == first.summary.job
    assert second.totals[Status.CREATED] == 30
    assert len(sandbox.contacts()) == 30
    third = import_file(path, Options(), connection)
    assert third.summary.job != first.summary.job
    assert third.totals[Status.UNCHANGED] == 30


def test_a_wrong_token_stops_at_once(make_csv, connection):
    from importer.errors import NotAllowed

    with pytest.raises(NotAllowed):
        import_file(make_csv(HEADER, ANA), Options(), replace(connection, token="wrong"))


def test_a_frame_goes_in_and_a_frame_comes_out(connection, sandbox):
    import pandas as pd

    frame = pd.DataFrame({"Name": ["Ana Exemplo", "Bia"], "URN:Tel": ["+5582900000001", "12"]})
    result = import_file(frame, Options(), connection).to_frame()
    assert list(result["status"]) == ["created", "invalid"]
    assert list(result["Name"]) == ["Ana Exemplo", "Bia"]
    assert result["uuid"][0] == sandbox.contacts()[0]["uuid"]


@pytest.mark.parametrize(
    ("header", "options", "urns"),
    [
        ("Celular", Options(), ["whatsapp:5582900000001"]),
        ("Celular", Options(phone_scheme="tel", given=frozenset({"phone_scheme"})), None),
        ("Celular", Options(phone_scheme="both"), None),
        ("URN:Tel", Options(), None),
    ],
)
def test_a_number_stays_under_the_scheme_it_has(header, options, urns, make_csv, sandbox, connection):
    """A phone column that names no scheme adds no second URN of a number that the contact has under another one."""
    import_file(make_csv("Name,URN:Whatsapp", "Ana Exemplo,5582900000001"), Options(), connection)
    report = import_file(make_csv(f"Nome,{header}", "Ana Exemplo,+55 82 90000-0001"), options, connection)
    assert report.exit_code == 0
    assert len(sandbox.contacts()) == 1
    assert sandbox.contacts()[0]["urns"] == (urns or ["whatsapp:5582900000001", "tel:+5582900000001"])
    assert report.totals[Status.UNCHANGED if urns else Status.UPDATED] == 1
