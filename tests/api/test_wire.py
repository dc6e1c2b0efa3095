"""The server's JSON in our words."""

import json

import pytest

from importer.api.wire import ContactJson, FieldJson, GroupJson, PageJson, Shape, WorkspaceJson, read
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


def said(shape: type[Shape], thing: object) -> Shape:
    """What is read of a thing that the server says."""
    return read(shape, json.dumps(thing).encode())


def test_a_contact() -> None:
    """Unknown keys are ignored, and fields without a value left out."""
    assert said(ContactJson, CONTACT).word() == Contact(
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
    assert said(ContactJson, shell).word() == Contact("c1")


def test_a_value_that_is_no_text_becomes_one() -> None:
    odd = {"uuid": "c1", "fields": {"a": 12, "b": 1.5, "c": True, "d": {"x": "é"}, "e": None, "f": ""}}
    assert said(ContactJson, odd).word().fields == {
        "a": "12", "b": "1.5", "c": "true", "d": '{"x": "é"}', "f": "",
    }  # fmt: skip


def test_fields_groups_and_the_workspace() -> None:
    field = {"key": "age", "label": "Age", "value_type": "numeric", "pinned": False}
    group = {"uuid": "g1", "name": "Old", "query": "age > 60", "status": "ready", "count": 3}
    space = {"uuid": "w1", "name": "Ex", "country": "BR", "timezone": "America/Sao_Paulo", "anon": False}
    assert said(FieldJson, field).word() == Field("age", "Age", "numeric")
    assert said(GroupJson, group).word() == Group("g1", "Old", dynamic=True, count=3)
    assert said(GroupJson, {"uuid": "g2", "name": "X", "query": None}).word() == Group("g2", "X")
    assert said(WorkspaceJson, space).word() == Workspace("Ex", "BR", "America/Sao_Paulo", uuid="w1")
    assert said(WorkspaceJson, {"name": "Ex", "country": ""}).word() == Workspace("Ex")


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
        '{"results": [{"uuid": "\udcff"}]}',
        '{"results": [], "x": ' + "[" * 100_000,
    ],
    ids=lambda body: body[:40],
)
def test_what_is_no_page_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(PageJson[ContactJson], body.encode(errors="surrogateescape"))
