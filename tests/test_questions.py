"""What a plan asks is in its report and on the terminal, and stops nothing."""

from collections import Counter

import pytest

from importer.examine import examine
from importer.model import Contact, Group, Status, Workspace
from importer.options import Options
from importer.questions import PhoneHabit, groups_meant
from importer.run import import_file, plan_file

HEADER = "Nome;Celular;Grupos"


def codes(report):
    return [issue.code for issue in report.issues]


def test_a_new_group_nearly_called_like_one_that_is_there(make_csv, connection, sandbox):
    """It is asked about before it is made, and made all the same where nobody objects."""
    import_file(make_csv(HEADER, "Ana;+5582900000001;Clientes VIP"), Options(), connection)
    path = make_csv(HEADER, "Beto;+5582900000002;Cliente VIP|Outros", "Caio;+5582900000003;Cliente VIP")
    report = plan_file(path, Options(), connection)
    (issue,) = report.issues
    assert (issue.code, issue.value, issue.details["other"]) == (
        "group-similar",
        "Cliente VIP",
        "Clientes VIP",
    )
    assert not issue.is_error
    assert import_file(path, Options(), connection).totals[Status.CREATED] == 2
    assert {group["name"] for group in sandbox.groups()} == {"Clientes VIP", "Cliente VIP", "Outros"}
    assert codes(plan_file(path, Options(), connection)) == []


def test_where_no_group_may_be_made_it_is_the_rows_error(make_csv, connection):
    import_file(make_csv(HEADER, "Ana;+5582900000001;Clientes VIP"), Options(), connection)
    path = make_csv(HEADER, "Beto;+5582900000002;Cliente VIP")
    report = plan_file(path, Options(new_groups="error"), connection)
    ((_, outcome),) = report.lines()
    (issue,) = outcome.issues
    assert (issue.code, issue.details["suggestion"].facts) == ("group-unknown", {"other": "Clientes VIP"})
    assert codes(report) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Options(), ["group-similar"]),
        (Options(groups=("Cliente VIP",)), ["group-similar"]),
        (Options(new_groups="error"), []),
    ],
)
def test_a_check_asks_where_it_knows_the_workspace(options, told, make_csv):
    """Of groups in cells, in headers and for everyone, once; but not of rows that do not come through."""
    path = make_csv(
        "Nome;Celular;Grupos;Group:Cliente VIP",
        "Beto;+5582900000002;CLIENTE VIP;sim",
        "Caio;123;Fornecedor;",
    )
    workspace = Workspace(groups=(Group("", "Clientes VIP"), Group("", "Fornecedores")))
    assert [issue.code for issue in examine(path, options, workspace).issues] == told
    assert examine(path, options).issues == ()


def test_groups_that_differ_on_purpose_are_not_asked_about():
    groups = [Group("", name) for name in ("Turma 1", "Clientes VIP", "Clientes")]
    named = {name.casefold(): name for name in ("Turma 2", "Cliente VIP", "Alunos", "CLIENTES")}
    asked = groups_meant(named, groups)
    assert [(issue.value, issue.details["other"]) for issue in asked] == [("Cliente VIP", "Clientes VIP")]


@pytest.fixture
def on_whatsapp(make_csv, connection):
    """A workspace of twenty contacts on WhatsApp, one of them by telephone as well."""
    rows = [f"Pessoa {n};558290000{n:04};" for n in range(20)]
    rows[7] += "+558290000007"
    import_file(make_csv("Name;URN:Whatsapp;URN:Tel", *rows), Options(), connection)
    return connection


def test_phones_of_the_other_scheme_than_the_workspaces(on_whatsapp, make_csv):
    path = make_csv(HEADER, *[f"Pessoa {n};+558290000{n:04};" for n in range(30)])
    (issue,) = plan_file(path, Options(), on_whatsapp).issues
    assert (issue.code, issue.is_error) == ("phone-scheme-differs", False)
    assert (issue.details["scheme"], issue.details["other"]) == ("tel", "whatsapp")
    assert 90 <= issue.details["share"] < 100


@pytest.mark.parametrize(
    ("options", "header"),
    [
        (Options(phone_scheme="whatsapp"), HEADER),
        (Options(phone_scheme="both"), HEADER),
        (Options(phone_scheme="tel", given=frozenset(["phone_scheme"])), HEADER),
        (Options(), HEADER.replace("Celular", "URN:Tel")),
    ],
)
def test_who_has_chosen_is_not_asked(options, header, on_whatsapp, make_csv):
    path = make_csv(header, *[f"Pessoa {n};+558290000{n:04};" for n in range(30)])
    assert codes(plan_file(path, options, on_whatsapp)) == []


def test_a_mapping_file_can_have_chosen(on_whatsapp, make_csv, tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[options]\nphone_scheme = "tel"\n')
    path = make_csv(HEADER, "Pessoa 1;+5582900000001;")
    assert codes(plan_file(path, Options(mapping=mapping), on_whatsapp)) == []


@pytest.mark.parametrize(
    ("counts", "asked"),
    [
        ({"whatsapp": 9}, False),
        ({"whatsapp": 10}, True),
        ({"whatsapp": 18, "tel": 2}, True),
        ({"whatsapp": 17, "tel": 2}, False),
        ({"whatsapp": 17, "tel whatsapp": 2}, False),
        ({"whatsapp": 90, "ext": 500}, True),
        ({"tel": 90}, False),
        ({}, False),
    ],
)
def test_a_habit_takes_nearly_all_contacts(counts, asked, schema_for):
    habit = PhoneHabit()
    for schemes, count in Counter(counts).items():
        for _ in range(count):
            habit.note(Contact("", urns=tuple(f"{scheme}:1" for scheme in schemes.split())))
    assert bool(list(habit.question(schema_for("phone", "name"), Options()))) is asked
    assert list(habit.question(schema_for("urn:tel", "name"), Options())) == []


def test_the_question_costs_no_request(on_whatsapp, make_csv, sandbox):
    """It goes by what the plan reads anyway."""
    path = make_csv(HEADER, *[f"Pessoa {n};+558290000{n:04};" for n in range(30)])
    plain = make_csv(
        HEADER.replace("Celular", "URN:Tel"),
        *[f"Pessoa {n};+558290000{n:04};" for n in range(30)],
        name="plain.csv",
    )

    def reads(file):
        before = len(sandbox.requests)
        plan_file(file, Options(), on_whatsapp)
        return len(sandbox.requests) - before

    assert reads(path) == reads(plain)
