"""sample_data/: what its generator writes, obviously invented, and each row showing what it says it shows."""

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import httpx
import openpyxl
import phonenumbers
import pytest

from importer.examine import Examined, examine
from importer.issues import CATALOGUE
from importer.model import Record
from importer.options import Options
from importer.run import Connection, plan_file
from importer.sandbox import Sandbox, SandboxOptions

FOLDER = Path(__file__).parents[1] / "sample_data"
BRAZIL = Options(country="BR", timezone="America/Sao_Paulo")


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    """The scripts beside the samples."""
    sys.path.insert(0, str(FOLDER))
    import make_samples

    yield make_samples
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def dirty(generator: ModuleType) -> ModuleType:
    return sys.modules["dirty"]


def checked(name: str, options: Options = BRAZIL) -> tuple[Examined, dict[int, Record]]:
    """What a check makes of a sample, and its records by row."""
    examined = examine(FOLDER / name, options)
    with closing(examined.table):
        return examined, {record.row: record for record in examined.require_check().records()}


def codes_of(record: Record) -> set[str]:
    return {issue.code for issue in record.issues}


# ---------------------------------------------------------------------------------------- the generator


def content(path: Path) -> object:
    """All that a reader sees of a file; workbooks hold the time of their writing besides."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    return [
        (
            sheet.title,
            sheet.freeze_panes,
            [letter for letter, column in sheet.column_dimensions.items() if column.hidden],
            [number for number, row in sheet.row_dimensions.items() if row.hidden],
            [[(cell.value, cell.data_type, cell.number_format) for cell in row] for row in sheet.iter_rows()],
        )
        for sheet in openpyxl.load_workbook(path).worksheets
    ]


def test_the_committed_samples_are_what_the_generator_writes(generator: ModuleType, tmp_path: Path) -> None:
    """A stale one is written again, then fails."""
    stale = []
    for name, write in generator.SAMPLES.items():
        write(tmp_path / name)
        if not (FOLDER / name).exists() or content(FOLDER / name) != content(tmp_path / name):
            shutil.copy(tmp_path / name, FOLDER / name)
            stale.append(name)
    assert stale == []
    found = (path for path in FOLDER.glob("[!.]*") if path.is_file())
    samples = {path.name for path in found if path.suffix not in (".py", ".md")}
    assert samples == set(generator.SAMPLES)


def test_every_person_is_invented(generator: ModuleType) -> None:
    """Brazilian numbers are 9 0000-xxxx or 9 0001-xxxx and valid, hosts are examples."""
    for name in generator.SAMPLES:
        text = (
            str(content(FOLDER / name))
            if name.endswith(".xlsx")
            else (FOLDER / name).read_bytes().decode("latin-1")
        )
        assert set(re.findall(r"@([\w.]+)", text)) <= {"example.com", "example.org", "EXAMPLE.COM"}
        for number in re.findall(r"\+?55 ?\d\d ?9\d{4}-?\d{4}\b", text):
            digits = re.sub(r"\D", "", number)
            assert re.fullmatch(r"55\d\d9000[01]\d{4}", digits), number
            assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}"))


# ---------------------------------------------------------------------------------------- clean samples


@pytest.mark.parametrize("name", ["contacts-clean.csv", "contacts-clean.xlsx", "contacts-2000.csv"])
@pytest.mark.parametrize("options", [Options(), BRAZIL], ids=["without options", "Brazil"])
def test_a_clean_sample_has_no_issue(name: str, options: Options) -> None:
    examined, records = checked(name, options)
    assert examined.issues == ()
    assert {record.status for record in records.values()} == {"valid"}
    assert not [issue for record in records.values() for issue in record.issues]
    assert len(records) == (2000 if "2000" in name else 30)


def test_the_clean_workbook_has_cells_of_every_kind() -> None:
    sheet = openpyxl.load_workbook(FOLDER / "contacts-clean.xlsx").worksheets[0]
    kinds = {type(cell.value).__name__ for row in sheet.iter_rows(min_row=2) for cell in row}
    assert {"str", "int", "float", "datetime", "bool", "NoneType"} <= kinds
    _, records = checked("contacts-clean.xlsx")
    assert records[2].wanted.fields["cep"] == "01000-000"
    assert records[2].wanted.groups == ("Clientes", "VIP", "Boletim")


# ---------------------------------------------------------------------------------------- dirty samples


def test_every_row_of_the_dirty_workbook_shows_what_it_says(dirty: ModuleType) -> None:
    """And nothing else; what needs a workspace to be seen is fine without one."""
    _, records = checked("contacts-dirty.xlsx")
    for number, intention in enumerate(dirty.ROW_INTENTIONS, 2):
        found = codes_of(records[number])
        expected = {intention.code if not intention.needs else "", intention.besides} - {""}
        if intention.code == "row-repeats-header":
            assert expected <= found
        else:
            assert found == expected, intention


def test_a_national_number_of_the_dirty_workbook_needs_a_country(dirty: ModuleType) -> None:
    _, records = checked("contacts-dirty.xlsx", Options())
    rows = [row for row, intention in enumerate(dirty.ROW_INTENTIONS, 2) if intention.needs == "no country"]
    assert rows
    for row in rows:
        assert codes_of(records[row]) == {dirty.ROW_INTENTIONS[row - 2].code}


def test_the_dirty_workbook_as_a_whole_shows_what_it_says(dirty: ModuleType) -> None:
    examined, _ = checked("contacts-dirty.xlsx")
    expected = set(dirty.FILE_INTENTIONS) - {"field-type-differs"}  # which needs a workspace
    assert {issue.code for issue in examined.issues} == expected


def test_no_issue_code_is_without_a_sample_or_a_reason(dirty: ModuleType) -> None:
    """A new code gets a row in the dirty workbook, or a reason why it cannot have one."""
    shown = {intention.code for intention in dirty.ROW_INTENTIONS} - {""} | set(dirty.FILE_INTENTIONS)
    excused = {code for codes in dirty.NOT_IN_A_WORKBOOK.values() for code in codes}
    assert shown | excused == set(CATALOGUE)
    assert not shown & excused


def test_every_row_of_the_legacy_export_shows_what_it_says() -> None:
    """Where the last cell begins with a code, the row has that issue; else it has none."""
    examined, records = checked("legacy-dirty.csv", Options(mapping=FOLDER / "legacy-dirty.toml"))
    assert (examined.table.info.encoding, examined.table.info.delimiter) == ("cp1252", ";")
    with (FOLDER / "legacy-dirty.csv").open(encoding="cp1252", newline="") as file:
        comments = [line.rstrip("\r\n").split(";") for line in file]
    for number, cells in enumerate(comments[1:], 2):
        if len(cells) < 9:
            expected = {"row-too-short"}
        elif cells[0] == "Código":
            expected = codes_of(records[number]) | {"row-repeats-header"}
        else:
            said = cells[8].partition(":")[0]
            expected = {said} & set(CATALOGUE)
        assert codes_of(records[number]) == expected, cells


# ---------------------------------------------------------------------------------------- the workspace


def test_the_workspace_fits_the_clean_file() -> None:
    """Four people are there just as the file says, one of them with URNs and groups more; three differ."""
    contacts = json.loads((FOLDER / "existing-workspace.json").read_text("utf-8"))["contacts"]
    _, records = checked("contacts-clean.csv")
    same = []
    for row, contact in zip(range(2, 9), contacts, strict=False):
        wanted = records[row].wanted
        assert set(wanted.urns) & set(contact["urns"])
        adds_nothing = set(wanted.urns) <= set(contact["urns"]) and set(wanted.groups) <= set(
            contact["groups"]
        )
        fields = {key: contact["fields"].get(key) for key in wanted.fields}
        same.append(
            adds_nothing
            and (wanted.name, wanted.language, wanted.fields)
            == (contact["name"], contact["language"], fields)
        )
    assert same == [True, True, True, False, False, False, True]
    assert len(contacts[6]["urns"]) > len(records[8].wanted.urns)


def test_a_sandbox_takes_the_workspace_as_it_stands() -> None:
    """What it stores is what the file says, in the same words."""
    path = FOLDER / "existing-workspace.json"
    told = json.loads(path.read_text("utf-8"))
    with Sandbox(SandboxOptions(rates=None, preload=path)) as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}"}
        answer = httpx.get(
            f"{sandbox.url}/api/v2/contacts.json", headers=headers, trust_env=False, verify=False
        ).json()
    stored = {contact["urns"][0]: contact for contact in answer["results"]}
    assert len(stored) == len(told["contacts"])
    for contact in told["contacts"]:
        found = stored[contact["urns"][0]]
        assert found["urns"] == contact["urns"]
        assert {key: found["fields"][key] for key in contact.get("fields", {})} == {
            key: re.sub("T00:00:00-", "T00:00:00.000000-", value)
            for key, value in contact.get("fields", {}).items()
        }
        groups = {group["name"] for group in found["groups"]} - {"Aniversariantes"}
        assert groups == set(contact.get("groups", []))


def test_the_dirty_workbook_shows_the_rest_against_the_workspace(dirty: ModuleType) -> None:
    """Rows and columns that need a workspace to be seen; an unknown group only where none may be made."""
    options = Options(new_groups="error")
    with Sandbox(SandboxOptions(rates=None, preload=FOLDER / "existing-workspace.json")) as sandbox:
        report = plan_file(FOLDER / "contacts-dirty.xlsx", options, Connection(sandbox.url, sandbox.token))
    outcomes = {outcome.row: outcome for _, outcome in report.lines()}
    for row, intention in enumerate(dirty.ROW_INTENTIONS, 2):
        if intention.needs == "workspace":
            found = {issue.code for issue in outcomes[row].issues}
            assert found == {intention.code, intention.besides} - {""}, intention
    assert "field-type-differs" in {issue.code for issue in report.issues}


def test_the_many_are_all_different() -> None:
    with (FOLDER / "contacts-2000.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for key in ("Name", "URN:Tel", "URN:Ext"):
        assert len({row[key] for row in rows}) == 2000
