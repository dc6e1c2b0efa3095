"""Workbooks with sheets of fields and groups, brought into the practice workspace."""

import json
import threading

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from importer.errors import NotAllowed, Unusable
from importer.jobs import report_again
from importer.model import Status
from importer.options import Options
from importer.run import Connection, Listener, check_file, compare_file, convert_file, import_file, plan_file
from importer.sandbox.answers import faulty_body
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group
from importer.sandbox.hooks import make_dynamic_group
from importer.schemas import json_schema

ANY = Options(allow_delete=None)
CONTACTS = (
    "Name|URN:Tel|Groups|Field:Idade|Field:City",
    "Ana Exemplo|+5582900000001|Turma 1; Nova|12|Recife",
    "Bia Modelo|+5582900000002|Turma 1|13|",
)
FIELDS = (
    "Label|Type|Key",
    "Idade|numeric",
    "Bairro",
    "Município de origem||city",
    "Municipio|text|city",
    "|date|since",
)
GROUPS = (
    "UUID|Name|New name|Action",
    "|Turma A|Turma 1",
    "|Nova",
    "|Velho||delete",
    "|Fica",
    "|Longe||delete",
)


def make_workspace(service):
    for label, value_type in (("City", "text"), ("Since", "text")):
        make_field(service, {"label": label, "value_type": value_type})
    for name in ("Turma A", "Velho", "Fica"):
        make_group(service, {"name": name})


@pytest.fixture
def prepared(sandbox, others):
    """A workspace with fields, groups, and contacts in them."""
    make_workspace(sandbox._service)
    for contact in (
        {"name": "Bia", "urns": ["tel:+5582900000002"], "groups": ["Turma A", "Velho"],
         "fields": {"since": "31/12/2020 10:00"}},
        {"name": "Alheio", "urns": ["ext:alheio"], "groups": ["Fica", "Velho"]},
    ):  # fmt: skip
        others.post("contacts.json", json=contact).raise_for_status()


def shown(sandbox):
    """Fields, groups with their members, and contacts' fields."""
    store = sandbox._service.store
    fields = {key: (one.label, one.value_type) for key, one in store.fields.items()}
    members = {group["name"]: set() for group in sandbox.groups()}
    for contact in sandbox.contacts():
        for group in contact["groups"]:
            members[group["name"]].add(contact["name"])
    return fields, members


def writes(sandbox):
    """What was written after the workspace was prepared."""
    return [served for served in sandbox.writes if served.number > PREPARED]


def statuses(report):
    return {line.place: str(line.outcome.status) for line in report.definitions}


def codes(report):
    return {
        line.place: [issue.code for issue in line.outcome.issues]
        for line in report.definitions
        if line.outcome.issues
    }


PREPARED = 2
"""Requests."""
EXPECTED = {
    ("Fields", 2): "created", ("Fields", 3): "created", ("Fields", 4): "invalid", ("Fields", 5): "invalid",
    ("Fields", 6): "updated", ("Groups", 2): "updated", ("Groups", 3): "created", ("Groups", 4): "deleted",
    ("Groups", 5): "unchanged", ("Groups", 6): "skipped",
}  # fmt: skip


@pytest.mark.usefixtures("prepared")
def test_fields_and_groups_come_with_the_contacts(make_book, sandbox, connection, tmp_path):
    """The plan shows it and writes nothing; the run does it in its order; every row has its line; again, nothing."""
    path = make_book(Contacts=CONTACTS, Fields=FIELDS, Groups=GROUPS)
    options = Options(allow_delete=1, output=tmp_path / "out")
    uuids = {group["name"]: group["uuid"] for group in sandbox.groups()}
    plan = plan_file(path, options, connection)
    assert writes(sandbox) == []
    assert statuses(plan) == EXPECTED
    assert plan.summary.destroyed == 1
    report = import_file(path, options, connection)
    assert statuses(report) == EXPECTED
    assert codes(report) == {
        ("Fields", 4): ["field-label-wrong", "definition-conflict"], ("Fields", 5): ["definition-conflict"],
        ("Fields", 6): ["field-type-changes"], ("Groups", 6): ["group-absent"],
    }  # fmt: skip
    assert report.exit_code == 1
    assert (report.totals[Status.CREATED], report.totals[Status.UPDATED]) == (1, 1)
    assert len(writes(sandbox)) == plan.summary.writes == report.summary.writes
    assert shown(sandbox) == (
        {"city": ("City", "text"), "since": ("Since", "datetime"), "idade": ("Idade", "numeric"),
         "bairro": ("Bairro", "text")},
        {"Turma 1": {"Ana Exemplo", "Bia Modelo"}, "Nova": {"Ana Exemplo"}, "Fica": {"Alheio"}},
    )  # fmt: skip
    assert {g["name"]: g["uuid"] for g in sandbox.groups()}["Turma 1"] == uuids["Turma A"]
    order = [(one.method, one.path) for one in writes(sandbox)]
    assert order[0][1] == "fields.json"
    assert order[-1] == ("DELETE", "groups.json")
    before = len(writes(sandbox))
    again = import_file(path, options, connection)
    assert len(writes(sandbox)) == before
    assert statuses(again) == {
        place: {"created": "unchanged", "updated": "unchanged", "deleted": "skipped"}.get(status, status)
        for place, status in EXPECTED.items()
    }
    assert report_again(report.summary.job).definitions == report.definitions


@pytest.mark.usefixtures("prepared")
def test_every_row_is_in_the_files(make_book, connection, tmp_path):
    """What failed comes back in sheets of the same names, which the next run reads as they are."""
    out = tmp_path / "out"
    path = make_book(Contacts=CONTACTS, Fields=FIELDS, Groups=GROUPS)
    import_file(path, Options(output=out, language="pt", allow_delete=1), connection)
    lines = [json.loads(line) for line in (out / "report.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        Draft202012Validator(json_schema("report-row")).validate(line)
    assert {(one["sheet"], one["row"]): one["status"] for one in lines if "sheet" in one} == EXPECTED
    assert [one["row"] for one in lines if "sheet" not in one] == [2, 3]
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    Draft202012Validator(json_schema("summary")).validate(summary)
    assert {status: count for status, count in summary["definitions"].items() if count} == {
        "created": 3, "updated": 2, "unchanged": 1, "deleted": 1, "skipped": 1, "invalid": 2,
    }  # fmt: skip
    rows = list(load_workbook(out / "report.xlsx")["Campos e grupos"].values)
    assert [row[0] for row in rows[1:]] == [f"{sheet}!{row}" for sheet, row in EXPECTED]
    assert rows[3][5].startswith("Fields!A4: ")
    failed = load_workbook(out / "failed.xlsx")
    assert failed.sheetnames == ["Fields"]
    assert [row[:3] for row in failed["Fields"].values][1:] == [
        ("Município de origem", None, "city"), ("Municipio", "text", "city"),
    ]  # fmt: skip
    again = check_file(out / "failed.xlsx", Options(), connection)
    assert statuses(again) == {("Fields", 2): "invalid", ("Fields", 3): "invalid"}


@pytest.mark.usefixtures("prepared")
def test_a_workbook_of_fields_and_groups_alone(make_book, sandbox, connection):
    path = make_book(Grupos=("Nome|Ação", "Nova|criar", "Fica|excluir"))
    report = import_file(path, ANY, connection)
    assert (report.exit_code, report.summary.rows) == (0, 0)
    assert set(shown(sandbox)[1]) == {"Nova", "Velho", "Turma A"}
    assert report.summary.groups_deleted == ("Fica",)
    again = import_file(path, ANY, connection)
    assert codes(again) == {("Grupos", 2): ["group-exists"], ("Grupos", 3): ["group-absent"]}


@pytest.mark.usefixtures("prepared")
def test_contacts_go_by_the_names_that_groups_will_have(make_book, sandbox, connection):
    """The new one is theirs already; the old one and that of a group that goes are told, whenever the file is run."""
    path = make_book(
        Contacts=("URN:Tel|Groups", "+5582900000002|Turma 1", "+5582900000003|turma a", "+5582900000004|-Turma A",
                  "+5582900000005|Velho", "+5582900000006|-Velho; Nova"),
        Groups=GROUPS,
    )  # fmt: skip
    for _ in range(2):
        report = import_file(path, ANY, connection)
        assert [[issue.code for issue in outcome.issues] for _, outcome in report.lines()] == [
            [], ["group-renamed"], ["group-renamed"], ["group-deleted"], [],
        ]  # fmt: skip
        assert next(report.lines())[1].status is Status.UNCHANGED
    assert shown(sandbox)[1] == {"Turma 1": {"Bia"}, "Nova": {None}, "Fica": {"Alheio"}}


@pytest.mark.usefixtures("prepared")
def test_values_of_a_field_that_gets_another_type_are_sent_as_they_are_to_be(make_book, sandbox, connection):
    """What the field shows then is not known before; the next run finds it as it is."""
    path = make_book(
        Contacts=("URN:Tel|Field:Since", "+5582900000002|31/12/2020 10:00"),
        Fields=("Key|Type", "since|datetime"),
    )
    assert import_file(path, ANY, connection).totals[Status.UPDATED] == 1
    assert import_file(path, ANY, connection).totals[Status.UNCHANGED] == 1
    values = {contact["name"]: contact["fields"]["since"] for contact in sandbox.contacts()}
    assert values == {"Bia": "2020-12-31T10:00:00.000000-03:00", "Alheio": None}


@pytest.mark.parametrize("allowed", [0, 1])
@pytest.mark.usefixtures("prepared")
def test_groups_are_deleted_only_as_allowed(allowed, make_book, sandbox, connection):
    path = make_book(
        Contacts=("URN:Tel|Action", "+5582900000002|delete"), Groups=("Name|Action", "Velho|delete")
    )
    with pytest.raises(Unusable) as caught:
        import_file(path, Options(allow_delete=allowed), connection)
    assert (caught.value.key, caught.value.details["count"]) == ("needs-allow-delete", 2)
    assert writes(sandbox) == []
    assert import_file(path, Options(allow_delete=2), connection).exit_code == 0


@pytest.mark.usefixtures("prepared")
def test_a_group_in_use_stays_and_the_reason_is_in_its_line(make_book, sandbox, connection, monkeypatch):
    def in_use(service, call):
        raise faulty_body("Group is being used by the following triggers: 12")

    monkeypatch.setattr(sandbox._service.store, "delete_group", lambda group: in_use(None, None))
    path = make_book(Contacts=CONTACTS, Groups=("Name|Action", "Velho|delete", "Fica|delete", "Outra|"))
    report = import_file(path, ANY, connection)
    assert statuses(report) == {("Groups", 2): "refused", ("Groups", 3): "refused", ("Groups", 4): "created"}
    assert (
        report.definitions[0].outcome.issues[-1].details["reason"]
        == "Group is being used by the following triggers: 12"
    )
    assert report.totals[Status.CREATED] == 1
    assert report.exit_code == 1


@pytest.mark.usefixtures("prepared")
def test_where_a_group_is_refused_no_contact_is_written(make_book, sandbox, connection, monkeypatch):
    """The workspace is full though it may have 250; what can be done of fields and groups is done, and told."""
    import importer.sandbox.groups as groups

    monkeypatch.setattr(groups, "WORKSPACE_GROUPS", 4)
    path = make_book(Contacts=CONTACTS, Groups=("Name", "Turma 1", "Nova"))
    report = import_file(path, ANY, connection)
    assert report.failure.key == "creation-refused"
    assert statuses(report) == {("Groups", 2): "created", ("Groups", 3): "refused"}
    assert {served.path for served in writes(sandbox)} == {"groups.json"}
    monkeypatch.setattr(groups, "WORKSPACE_GROUPS", 250)
    again = import_file(path, ANY, connection)
    assert again.summary.job == report.summary.job
    assert statuses(again) == {("Groups", 2): "created", ("Groups", 3): "created"}
    assert again.exit_code == 0


def test_a_dynamic_group_is_renamed_and_deleted_as_others(make_book, sandbox, connection):
    make_field(sandbox._service, {"label": "age", "value_type": "numeric"})
    for name in ("Adultos", "Velhos"):
        make_dynamic_group(sandbox._service, name, "age > 17")
    path = make_book(Groups=("Name|New name|Action", "Adultos|Maiores", "Velhos||delete"))
    report = import_file(path, ANY, connection)
    assert codes(report) == {("Groups", 3): ["group-query-lost"]}
    assert list(shown(sandbox)[1]) == ["Maiores"]


@pytest.mark.usefixtures("prepared")
def test_comparing_and_converting_leave_the_sheets_aside(make_book, sandbox, connection, tmp_path):
    path = make_book(Contacts=CONTACTS, Groups=GROUPS)
    compared = compare_file(path, Options(), connection)
    converted = convert_file(path, Options(), connection, tmp_path / "out")
    for issues in (compared.issues, converted.issues):
        assert [issue.code for issue in issues] == ["definitions-left-out"]
    assert writes(sandbox) == []


class Stopping(Listener):
    """Sets an event after so many requests of the plan."""

    def __init__(self, stop, after):
        self._stop, self._left = stop, after

    def done(self, requests, scope):
        self._left -= requests
        if self._left <= 0:
            self._stop.set()


@pytest.mark.usefixtures("prepared")
def test_stopped_and_run_again_it_ends_as_in_one_run(make_book, sandbox, connection):
    """All rows have the lines of one clean run, whichever run has done them."""
    path = make_book(Contacts=CONTACTS, Fields=FIELDS, Groups=GROUPS)
    jobs, stopped = set(), 0
    for _ in range(9):
        stop = threading.Event()
        report = import_file(path, ANY, connection, stop=stop, listener=Stopping(stop, 1))
        jobs.add(report.summary.job)
        if report.failure is None:
            break
        stopped += 1
    assert (len(jobs), statuses(report)) == (1, EXPECTED)
    assert stopped > 3
    assert shown(sandbox)[1] == {
        "Turma 1": {"Ana Exemplo", "Bia Modelo"},
        "Nova": {"Ana Exemplo"},
        "Fica": {"Alheio"},
    }
    assert len([served for served in writes(sandbox) if "contact" not in served.path]) == 6


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("fault", ["500", "drop-before", "drop-after", "truncated"])
def test_lost_answers_do_nothing_twice(fault, make_book, sandbox, connection, meet):
    for method, endpoint in (("POST", "fields"), ("POST", "groups"), ("DELETE", "groups")):
        meet(method, endpoint, fault, None, fault)
    report = import_file(make_book(Fields=FIELDS, Groups=GROUPS), ANY, connection)
    assert statuses(report) == EXPECTED
    assert set(shown(sandbox)[1]) == {"Turma 1", "Nova", "Fica"}


def test_somebody_else_has_made_or_deleted_it_meanwhile(make_book, sandbox, others, connection):
    """What is there is taken; what is gone needs no deletion; what is to be renamed and is gone is refused."""
    make_workspace(sandbox._service)
    path = make_book(
        Fields=("Label", "Bairro"), Groups=("Name|New name|Action", "Turma A|X", "Nova", "Velho||delete")
    )

    def confirm(_):
        others.post("fields.json", json={"label": "Bairro", "value_type": "text"}).raise_for_status()
        others.post("groups.json", json={"name": "NOVA"}).raise_for_status()
        for group in sandbox.groups():
            if group["name"] in ("Turma A", "Velho"):
                others.delete("groups.json", params={"uuid": group["uuid"]}).raise_for_status()
        return True

    report = import_file(path, ANY, connection, confirm=confirm)
    assert list(statuses(report).values()) == ["unchanged", "refused", "unchanged", "skipped"]


def test_check_without_a_workspace(make_book):
    report = check_file(make_book(Fields=FIELDS, Groups=("Name|Action", "(x)", "VIP|block", "Y")))
    assert list(statuses(report).values()) == ["not-sent"] * 2 + ["invalid"] * 2 + ["not-sent"] + [
        "invalid"
    ] * 2 + ["not-sent"]
    assert report.exit_code == 1


def test_a_wrong_token_ends_it(make_book, sandbox):
    with pytest.raises(NotAllowed):
        import_file(make_book(Groups=("Name", "VIP")), ANY, Connection(sandbox.url, "another"))
