"""A comparison tells cell by cell where a file and the workspace differ, and writes nothing."""

import json

import openpyxl
import pytest

from importer.differences import Standing
from importer.errors import Unusable
from importer.options import Options
from importer.run import compare_file, import_file

PHONE = "+558290000000"
FILE = (
    "Name,Language,URN:Tel,URN:Mailto,Groups,Field:Cidade",
    f"Ana,por,{PHONE}1,,VIP,Recife",
    f"Bia,por,{PHONE}2,,VIP,Natal",
    f"Caio Novo,spa,{PHONE}3,caio@example.com,VIP; Turma A,--",
    f"Davi,,{PHONE}4,,,",
    "Erro,,123,,,",
)


@pytest.fixture
def workspace(others):
    """Ana is the same, Bia lives elsewhere, Caio differs in all; Davi is not there; Eva and Fabio are in VIP."""
    others.post("fields.json", json={"label": "Cidade", "value_type": "text"}).raise_for_status()
    for name in ("VIP", "Turma A", "A; B"):
        others.post("groups.json", json={"name": name}).raise_for_status()
    for name, number, groups, city in (
        ("Ana", 1, ["VIP"], "Recife"), ("Bia", 2, ["VIP"], "Olinda"), ("Caio", 3, ["VIP"], "Patos"),
        ("Eva", 5, ["VIP", "A; B"], ""), ("Fabio", 6, ["VIP"], ""), ("Gil", 7, [], ""),
    ):  # fmt: skip
        body = {"name": name, "language": "por", "urns": [f"tel:{PHONE}{number}"], "groups": groups}
        others.post("contacts.json", json=body | {"fields": {"cidade": city}}).raise_for_status()


def test_every_cell_that_differs_is_told(workspace, make_csv, connection, sandbox, tmp_path):
    before = sandbox.contacts()
    sandbox.requests.clear()
    compared = compare_file(make_csv(*FILE), Options(output=tmp_path / "d"), connection)
    assert not sandbox.writes
    assert sandbox.contacts() == before
    assert {one.value: count for one, count in compared.rows.items()} == {
        "same": 1, "different": 2, "missing": 1, "invalid": 1,
    }  # fmt: skip
    assert (compared.cells, compared.exit_code) == (6, 1)
    lines = [json.loads(line) for line in (tmp_path / "d/differences.jsonl").read_text().splitlines()]
    assert [(line["row"], line["status"]) for line in lines] == [
        (3, "different"), (4, "different"), (5, "missing"), (6, "invalid"),
    ]  # fmt: skip
    told = {(d["column"], d["attribute"], d["file"], d["workspace"]) for d in lines[1]["differences"]}
    assert told == {
        ("A", "name", "Caio Novo", "Caio"), ("B", "language", "spa", "por"), ("F", "field:cidade", None, "Patos"),
        ("D", "urns", "mailto:caio@example.com", None), ("E", "groups", "Turma A", None),
    }  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "d/differences.xlsx").active
    cells = list(sheet.iter_rows(min_row=2, values_only=True))
    assert (cells[0][0], *cells[0][2:6]) == (3, "F", "Field:Cidade", "Natal", "Olinda")
    assert len(cells) == 8


def test_after_an_import_nothing_differs(workspace, make_csv, connection):
    path = make_csv(*FILE[:-1])
    import_file(path, Options(), connection)
    compared = compare_file(path, Options(), connection)
    assert dict(compared.rows) == {Standing.SAME: 4}
    assert compared.exit_code == 0
    assert compared.files == ()


@pytest.mark.parametrize(
    ("group", "absent"), [("VIP", {"Eva", "Fabio"}), ("a; b", {"Eva"}), ("Turma A", set())]
)
def test_who_is_in_the_group_and_not_in_the_file(
    group, absent, workspace, make_csv, connection, sandbox, tmp_path
):
    """The sheet that takes them out runs, and takes out them alone, from this group alone."""
    compared = compare_file(make_csv(*FILE), Options(output=tmp_path / "d"), connection, absent=group)
    assert compared.absent == len(absent)
    sheet = tmp_path / "d/absent.xlsx"
    assert sheet.exists() is bool(absent)
    if not absent:
        return
    before = {contact["name"]: contact for contact in sandbox.contacts()}
    sandbox.requests.clear()
    report = import_file(sheet, Options(), connection)
    assert report.exit_code == 0
    assert len(sandbox.writes) == 1
    for contact in sandbox.contacts():
        was = {one["name"] for one in before[contact["name"]]["groups"]}
        gone = was - {one["name"] for one in contact["groups"]}
        assert [name.casefold() for name in gone] == ([group.casefold()] if contact["name"] in absent else [])
        assert contact["fields"] == before[contact["name"]]["fields"]
    again = compare_file(make_csv(*FILE), Options(output=tmp_path / "d"), connection, absent=group)
    assert again.absent == 0
    assert not sheet.exists()


def test_a_row_with_an_error_still_speaks_for_its_contact(workspace, make_csv, connection):
    """Nobody is to leave a group because a date in their row is wrong."""
    path = make_csv("Name,URN:Tel,Language", f"Eva,{PHONE}5,klingonês", f"Fabio,{PHONE}6,por")
    compared = compare_file(path, Options(), connection, absent="VIP")
    assert compared.absent == 3  # Ana, Bia, Caio


def test_a_group_that_there_is_not(workspace, make_csv, connection, sandbox):
    sandbox.requests.clear()
    with pytest.raises(Unusable) as caught:
        compare_file(make_csv(*FILE), Options(), connection, absent="Nenhum")
    assert caught.value.key == "export-no-group"
    assert len(sandbox.requests) == 1


def test_a_group_that_a_query_fills(workspace, make_csv, connection, sandbox, others, tmp_path):
    """Who is absent is told, and that no sheet can take them out, rather than one that does nothing."""
    others.post("fields.json", json={"label": "Age", "value_type": "numeric"}).raise_for_status()
    sandbox.add_dynamic_group("Adultos", "age > 17")
    body = {"name": "Hugo", "urns": [f"tel:{PHONE}8"], "fields": {"age": "20"}}
    others.post("contacts.json", json=body).raise_for_status()
    compared = compare_file(make_csv(*FILE), Options(output=tmp_path / "d"), connection, absent="Adultos")
    assert (compared.absent, compared.can_leave) == (1, False)
    assert not (tmp_path / "d/absent.xlsx").exists()
    lines = (tmp_path / "d/differences.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["status"] == "absent"
