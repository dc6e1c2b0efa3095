"""What the README says that each answer of the platform becomes: every line of it is brought about and compared."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from importer.errors import ImporterError
from importer.options import Options
from importer.run import import_file
from importer.run.definitions import create_group, delete_group, list_groups, rename_group
from importer.sandbox.groups import make_group

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
ANY = Options(allow_delete=None)


def table():
    """What stands in the README, by answer: of a row, and of a command by hand."""
    _, _, part = README.partition("What the platform answers becomes")
    lines = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", part.partition("\n## ")[0], re.MULTILINE)
    return {answer: cells for answer, *cells in lines if answer != "answer"}


def said(cell):
    """The statuses and exit codes that a cell of the table names."""
    return re.findall(r"\*(\w+)\*", cell), [int(code) for code in re.findall(r"exit code (\d)", cell)]


@pytest.fixture
def there(others):
    """Two contacts and a group."""
    for name in ("um", "dois"):
        others.post("contacts.json", json={"name": name, "urns": [f"ext:{name}"]}).raise_for_status()
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()


@pytest.fixture
def run(make_csv, connection):
    """An import: the statuses of its rows and its exit code."""

    def call(*rows, connection=connection, confirm=lambda _: True):
        path = make_csv("Name,URN:Ext,Action", *rows)
        report = import_file(path, ANY, connection, confirm=confirm)
        return [str(outcome.status) for _, outcome in report.lines()], report.exit_code

    return call


def exit_code(do):
    """How a command by hand ends."""
    try:
        do()
    except ImporterError as error:
        return error.exit_code
    return 0


def test_done(there, run, connection):
    row, by_hand = table()["200, 201, 204"]
    statuses, code = run("Um Novo,um,", "tres,tres,", ",dois,delete")
    assert (statuses, code) == (said(row)[0], 0)
    assert [exit_code(lambda: create_group(connection, "Turma A"))] == said(by_hand)[1]


def test_a_faulty_request(there, run, connection, sandbox, meet, monkeypatch):
    """The platform takes shorter names only than we know of, and somebody takes the group's name just before us."""
    row, by_hand = table()["400"]

    monkeypatch.setattr("importer.sandbox.wishes.NAME_MAX", 10)
    statuses, code = run("um nome bem longo,tres,", "quatro,quatro,")
    assert statuses == [*said(row)[0], "created"]
    assert code == 1

    def take_its_name():
        make_group(sandbox._service, {"name": "Turma B"})

    meet("POST", "groups", take_its_name)
    assert [exit_code(lambda: rename_group(connection, "VIP", "Turma B"))] == said(by_hand)[1]


def test_not_allowed(there, run, connection):
    row, by_hand = table()["403"]
    wrong = replace(connection, token="outro")
    assert [exit_code(lambda: run("tres,tres,", connection=wrong))] == said(row)[1]
    assert [exit_code(lambda: list_groups(wrong))] == said(by_hand)[1]


def test_not_there(there, run, connection, others):
    row, by_hand = table()["404"]
    kept, gone = said(row)[0]
    uuid = others.get("contacts.json", params={"urn": "ext:um"}).json()["results"][0]["uuid"]

    def delete(plan):
        others.delete("contacts.json", params={"uuid": uuid}).raise_for_status()
        return True

    assert run("Um Novo,um,", confirm=delete) == ([kept], 1)
    assert run(",um,delete") == ([gone], 0)
    assert [exit_code(lambda: delete_group(connection, "Nenhum"))] == said(by_hand)[1]


@pytest.mark.parametrize("fault", ["429", "429-bare", "429-wrong"])
def test_throttled(fault, there, run, connection, clock, meet):
    assert table()["429"][1] == "the same"
    meet("POST", "contacts", fault, None)
    assert run("tres,tres,") == (["created"], 0)
    assert sum(clock.slept) > 0
    meet("POST", "groups", fault, None)
    assert exit_code(lambda: create_group(connection, "Turma A")) == 0


@pytest.mark.parametrize("fault", ["500", "502", "503", "drop-before", "drop-after", "html-500"])
def test_failing(fault, there, run, connection, sandbox, meet):
    """Once is nothing; for ever is the end, and nothing is there twice."""
    row, by_hand = table()["5xx, no answer"]
    assert by_hand == "the same"
    meet("POST", "contacts", fault, None)
    meet("POST", "groups", fault, None)
    assert run("tres,tres,", "quatro,quatro,") == (["created", "created"], 0)
    assert exit_code(lambda: create_group(connection, "Turma A")) == 0
    meet("GET", "groups", then=fault)
    assert [exit_code(lambda: run("cinco,cinco,"))] == said(row)[1]
    assert [exit_code(lambda: create_group(connection, "Turma B"))] == said(row)[1]
    names = [contact["name"] for contact in sandbox.contacts()]
    assert sorted(names) == ["dois", "quatro", "tres", "um"]
    assert sorted(group["name"] for group in sandbox.groups()) == ["Turma A", "VIP"]


def test_no_other_line_stands_there():
    assert [*table()] == ["200, 201, 204", "400", "403", "404", "429", "5xx, no answer"]
