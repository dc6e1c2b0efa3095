"""The server's JSON in our words."""

import json

import pytest
from pydantic import ValidationError

from importer.api.wire import ContactJson, FieldJson, GroupJson, PageJson, WorkspaceJson
from importer.model import Contact, Field, Group, Workspace

CONTACT = {
    "uuid": "c1",
    "name": "Ana Exemplo",
    "language": "por",
    "urns": ["tel:+5582900000001", "mailto:ana@example.com"],
    "groups": [{"uuid": "g1", "name": "Turma A", "colour": "blue"}],
    "fields": {"data_de_corte": "2020-01-31T10:20:00.000000-03:00", "age": None},
    "blocked": False,
    "stopped": True,
    "created_on": "2026-11-22T12:06:23.379398Z",
    "modified_on": "2026-11-22T12:06:24.379398Z",
    "last_seen_on": None,
    "new_key": {"of": ["some", "version"]},
}


def test_a_contact() -> None:
    """Unknown keys are ignored, and fields without a value left out."""
    assert ContactJson.model_validate(CONTACT).word() == Contact(
        uuid="c1",
        name="Ana Exemplo",
        language="por",
        urns=("tel:+5582900000001", "mailto:ana@example.com"),
        groups=(Group("g1", "Turma A"),),
        fields={"data_de_corte": "2020-01-31T10:20:00.000000-03:00"},
        stopped=True,
        created_on="2026-11-22T12:06:23.379398Z",
        modified_on="2026-11-22T12:06:24.379398Z",
    )


@pytest.mark.parametrize(
    "shell",
    [
        {"uuid": "c1"},
        {"uuid": "c1", "urns": [], "groups": [], "fields": {}, "blocked": None, "stopped": None},
        {"uuid": "c1", "name": None, "urns": None, "groups": None, "fields": None, "created_on": None},
    ],
)
def test_a_deleted_contact_is_an_empty_one(shell: dict[str, object]) -> None:
    assert ContactJson.model_validate_json(json.dumps(shell)).word() == Contact("c1")


def test_a_value_that_is_no_text_becomes_one() -> None:
    odd = {"uuid": "c1", "fields": {"a": 12, "b": 1.5, "c": True, "d": {"x": "é"}, "e": None, "f": ""}}
    assert ContactJson.model_validate(odd).word().fields == {
        "a": "12", "b": "1.5", "c": "true", "d": '{"x": "é"}', "f": "",
    }  # fmt: skip


def test_fields_groups_and_the_workspace() -> None:
    field = {"key": "age", "label": "Age", "value_type": "numeric", "pinned": False}
    group = {"uuid": "g1", "name": "Old", "query": "age > 60", "status": "ready", "count": 3}
    space = {"uuid": "w1", "name": "Ex", "country": "BR", "timezone": "America/Sao_Paulo", "anon": False}
    assert FieldJson.model_validate(field).word() == Field("age", "Age", "numeric")
    assert GroupJson.model_validate(group).word() == Group("g1", "Old", dynamic=True, count=3)
    assert GroupJson.model_validate({"uuid": "g2", "name": "X", "query": None}).word() == Group("g2", "X")
    assert WorkspaceJson.model_validate(space).word() == Workspace("Ex", "BR", "America/Sao_Paulo", uuid="w1")
    assert WorkspaceJson.model_validate({"name": "Ex", "country": ""}).word() == Workspace("Ex")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"results": null}',
        '{"results": [{"name": "Ana"}]}',
        '{"results": [',
        "<p>",
    ],
)
def test_what_is_no_page_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        PageJson[ContactJson].model_validate_json(body)
