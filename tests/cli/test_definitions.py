"""fields, groups: what the API does with them, reached by hand; what it refuses is told before."""

import io
import json

import pytest
from jsonschema import Draft202012Validator

from importer.platform import WORKSPACE_FIELDS, WORKSPACE_GROUPS
from importer.sandbox.answers import faulty_body
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group
from importer.sandbox.hooks import make_dynamic_group
from importer.schemas import json_schema


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def ask(weni, sandbox, monkeypatch):
    """Calls a command on the practice workspace."""
    monkeypatch.setenv("WENI_URL", sandbox.url)
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)

    def call(*arguments):
        ran = weni(*arguments)
        if ran.code == 0 and "--json" in arguments:
            Draft202012Validator(json_schema(arguments[0])).validate(json.loads(ran.out))
        return ran

    return call


def groups_of(sandbox):
    return {group.name for group in sandbox._service.store.groups.values()}


def fields_of(sandbox):
    return {key: (field.label, field.value_type) for key, field in sandbox._service.store.fields.items()}


def test_a_field_is_made_changed_and_shown(ask, sandbox):
    assert ask("fields", "create", " Data de corte ", "--type", "datetime").out.split() == [
        "data_de_corte", "Data", "de", "corte", "datetime",
    ]  # fmt: skip
    assert ask("fields", "create", "Cidade").code == 0
    assert ask("fields", "update", "data_de_corte", "--label", "Corte").code == 0
    assert ask("fields", "update", "cidade", "--type", "numeric").code == 0
    assert ask("fields", "update", "cidade", "--label", "CIDADE").code == 0
    found = {"data_de_corte": ("Corte", "datetime"), "cidade": ("CIDADE", "numeric")}
    assert fields_of(sandbox) == found
    shown = json.loads(ask("fields", "list", "--json").out)
    assert {one["key"]: (one["label"], one["value_type"]) for one in shown["fields"]} == found


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("create", "Ação"), "field-label-wrong"), (("create", "uuid"), "field-label-wrong"),
        (("create", "7 anos"), "field-label-wrong"), (("create", "x" * 37), "field-label-wrong"),
        (("create", "cidade"), "field-exists"), (("create", "CIDADE_"), "field-exists"),
        (("update", "nada", "--label", "X"), "field-missing"), (("update", "CIDADE", "--label", "X"), "field-missing"),
        (("update", "cidade", "--label", "idade"), "field-exists"),
        (("update", "cidade", "--label", "Ação"), "field-label-wrong"),
        (("update", "cidade"), "call-missing"), (("create",), "call-fields"), (("list", "x"), "call-fields"),
        (("create", "A", "B"), "call-fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_a_field_is_told_before(arguments, key, ask, sandbox):
    for label in ("Cidade", "Idade"):
        make_field(sandbox._service, {"label": label, "value_type": "text"})
    ran = ask("fields", *arguments, "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (2, key)
    assert [served for served in sandbox.writes if served.path == "fields.json"] == []


def test_a_group_is_made_renamed_deleted_and_shown(ask, sandbox):
    assert ask("groups", "create", " Turma A ").code == 0
    assert ask("groups", "create", "Velho").code == 0
    assert ask("groups", "rename", "turma a", "TURMA A").code == 0
    uuid = next(group.uuid for group in sandbox._service.store.groups.values() if group.name == "Velho")
    assert ask("groups", "rename", uuid, "Antigo").code == 0
    shown = json.loads(ask("groups", "list", "--json").out)
    assert {one["name"] for one in shown["groups"]} == groups_of(sandbox) == {"TURMA A", "Antigo"}
    ran = ask("groups", "delete", "antigo", "--yes", "--json")
    assert (ran.code, json.loads(ran.out)["groups"][0]["uuid"]) == (0, uuid)
    assert groups_of(sandbox) == {"TURMA A"}


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("create", "vip"), "group-exists"), (("create", "(x)"), "group-name-wrong"),
        (("create", "x" * 65), "group-name-wrong"), (("create", ""), "call-groups"),
        (("rename", "Nada", "X"), "group-missing"), (("rename", "VIP", "outro"), "group-exists"),
        (("rename", "VIP", "-x"), "call-no-option"), (("rename", "VIP"), "call-groups"),
        (("rename", "VIP", "+x"), "group-name-wrong"), (("delete", "Nada", "--yes"), "group-missing"),
        (("delete", "--yes"), "call-groups"), (("delete", "VIP"), "needs-yes"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_to_a_group_is_told_before(arguments, key, ask, sandbox):
    for name in ("VIP", "Outro"):
        make_group(sandbox._service, {"name": name})
    ran = ask("groups", *arguments, "--json")
    assert ran.code == 2
    assert key == "call-no-option" or json.loads(ran.out)["error"]["code"] == key
    assert (sandbox.writes, groups_of(sandbox)) == ([], {"VIP", "Outro"})


def test_a_dynamic_group_is_renamed_and_deleted_as_others(ask, sandbox):
    make_field(sandbox._service, {"label": "age", "value_type": "numeric"})
    make_dynamic_group(sandbox._service, "Adultos", "age > 17")
    assert ask("groups", "rename", "Adultos", "Maiores").code == 0
    assert json.loads(ask("groups", "list", "--json").out)["groups"][0]["dynamic"]
    assert ask("groups", "delete", "Maiores", "--yes").code == 0


@pytest.mark.parametrize(
    ("typed", "code", "left"), [("y\n", 0, set()), ("n\n", 4, {"VIP"}), ("\n", 4, {"VIP"})]
)
def test_a_deletion_is_asked_about(typed, code, left, ask, sandbox, monkeypatch):
    make_group(sandbox._service, {"name": "VIP"})
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    ran = ask("groups", "delete", "VIP")
    assert "Delete the group VIP? It has 0 contacts, who stay. [y/N]" in ran.err
    assert (ran.code, groups_of(sandbox)) == (code, left)


def test_why_a_group_that_is_in_use_stays_is_told_in_the_servers_words(ask, sandbox, monkeypatch):
    make_group(sandbox._service, {"name": "VIP"})

    def in_use(service, call):
        raise faulty_body("Group is being used by the following triggers: 12")

    monkeypatch.setattr("importer.sandbox.groups.delete", in_use)
    monkeypatch.setattr(sandbox._service.store, "delete_group", lambda group: in_use(None, None))
    ran = ask("groups", "delete", "VIP", "--yes")
    assert (ran.code, groups_of(sandbox)) == (2, {"VIP"})
    assert "Group is being used by the following triggers: 12" in ran.err


def test_a_full_workspace_takes_no_more_and_renames_no_group(ask, sandbox):
    for number in range(WORKSPACE_GROUPS):
        make_group(sandbox._service, {"name": f"Grupo {number}"})
    for number in range(WORKSPACE_FIELDS):
        make_field(sandbox._service, {"label": f"Campo {number}", "value_type": "text"})
    for arguments, key in (
        (("groups", "create", "Mais um"), "groups-full"), (("groups", "rename", "Grupo 7", "Sete"), "groups-full"),
        (("fields", "create", "Mais um"), "fields-full"),
    ):  # fmt: skip
        assert json.loads(ask(*arguments, "--json").out)["error"]["code"] == key
    assert sandbox.writes == []
    assert ask("fields", "update", "campo_7", "--label", "Sete").code == 0


@pytest.mark.parametrize("fault", ["drop-after", "504", "truncated"])
def test_a_lost_answer_makes_nothing_twice(fault, ask, sandbox, meet):
    meet("POST", "groups", fault)
    meet("POST", "fields", fault)
    assert ask("groups", "create", "VIP").code == 0
    assert ask("fields", "create", "Cidade").code == 0
    assert (groups_of(sandbox), list(fields_of(sandbox))) == ({"VIP"}, ["cidade"])


def test_a_token_that_is_not_accepted(ask, monkeypatch):
    monkeypatch.setenv("WENI_TOKEN", "another")
    assert ask("groups", "list").code == 3
