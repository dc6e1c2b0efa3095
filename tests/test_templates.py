"""templates/: what importer.writers.templates writes, and files that the importer takes without a word."""

import csv
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from importer.columns import parse_yes_no
from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.examples import MARKS
from importer.headers import find_header
from importer.messages import LANGUAGES, catalogue
from importer.model import Field, Group, Record, Workspace
from importer.options import Options
from importer.platform import language_codes
from importer.readers import open_table
from importer.writers.template_columns import GROUP_COLUMNS, template_columns
from importer.writers.template_columns import LANGUAGES as CODES
from importer.writers.templates import write_template

FOLDER = Path(__file__).parents[1] / "templates"
STEMS = {"en": "contacts", "pt": "modelo-contatos", "es": "plantilla-contactos"}
NAMES = [f"{stem}.{suffix}" for stem in STEMS.values() for suffix in ("xlsx", "csv")]
LANGUAGE_OF = {name: language for language, stem in STEMS.items() for name in NAMES if name.startswith(stem)}
TARGETS = [
    "name", "language", "urn:tel", "urn:whatsapp", "urn:mailto", "urn:ext", "groups", "group:VIP",
]  # fmt: skip


def content(path: Path) -> object:
    """All that a person sees of a file, whichever version of the writing library made it."""
    if path.suffix == ".csv":
        return path.read_bytes()
    book = openpyxl.load_workbook(path)
    return [
        (
            sheet.title,
            sheet.freeze_panes,
            [(rule.sqref, rule.formula1, rule.errorStyle) for rule in sheet.data_validations.dataValidation],
            {letter: (found.width, found.number_format) for letter, found in sheet.column_dimensions.items()},
            [[(cell.value, cell.number_format, cell.font.b) for cell in row] for row in sheet.iter_rows()],
        )
        for sheet in book.worksheets
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_template_is_what_the_code_writes(name: str, tmp_path: Path) -> None:
    """A stale one is written again, then fails."""
    write_template(tmp_path / name, catalogue(LANGUAGE_OF[name]))
    same = (FOLDER / name).exists() and content(FOLDER / name) == content(tmp_path / name)
    if not same:
        shutil.copy(tmp_path / name, FOLDER / name)
    assert same, f"templates/{name} was stale and has been written again"


def test_no_other_file_is_among_the_templates() -> None:
    assert {path.name for path in FOLDER.glob("[!.]*") if path.suffix != ".md"} == set(NAMES)


# ----------------------------------------------------------------------------------- as a file to import


def example_of(path: Path, workspace: Workspace = Workspace(known=False)) -> tuple[Examined, Record]:  # noqa: B008
    """What a check makes of a template, and of its only row."""
    examined = examine(path, Options(), workspace)
    with closing(examined.table):
        (record,) = examined.require_check().records()
        return examined, record


def targets(examined: Examined) -> list[str]:
    return [str(column.target) for column in examined.mapping.columns]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_taken_without_options_and_without_a_word(name: str) -> None:
    """Every column is understood, and the example is left out."""
    examined, record = example_of(FOLDER / name)
    assert examined.issues == ()
    assert targets(examined)[:8] == TARGETS
    assert [target.partition(":")[0] for target in targets(examined)[8:]] == ["field"] * 3
    assert (record.status, record.issues, record.row) == ("skipped", (), 2)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_example_without_its_marks_is_a_contact(language: str, suffix: str, tmp_path: Path) -> None:
    """What the example shows is how cells have to be filled in."""
    path = filled(FOLDER / f"{STEMS[language]}{suffix}", tmp_path, lambda text: text.partition("] ")[2])
    _, record = example_of(path)
    assert (record.status, record.issues) == ("valid", ())
    assert len(record.wanted.urns) == 4
    assert len(record.wanted.groups) == 3
    assert len(record.wanted.fields) == 3


@pytest.mark.parametrize("name", NAMES)
def test_an_example_that_is_written_over_in_part_is_held_back(name: str, tmp_path: Path) -> None:
    """Nothing of the example is imported with somebody's name."""
    path = filled(FOLDER / name, tmp_path, lambda text: "Bia Modelo" if "Ana" in text else text)
    _, record = example_of(path)
    left = [issue.letter for issue in record.issues if issue.code == "example-left"]
    assert (record.status, record.wanted.name, left) == ("invalid", "Bia Modelo", list("BCDEFGHIJK"))
    assert len(record.issues) == len(left)


def filled(path: Path, folder: Path, change: Callable[[str], str]) -> Path:
    """A copy of a template with its example changed cell by cell."""
    copy = folder / path.name
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for cell in book.worksheets[0][2]:
            cell.value = change(str(cell.value))
        book.save(copy)
        return copy
    delimiter = ";" if LANGUAGE_OF[path.name] != "en" else ","
    with path.open(encoding="utf-8-sig", newline="") as source, copy.open("w", encoding="utf-8") as target:
        header, example = csv.reader(source, delimiter=delimiter)
        csv.writer(target, delimiter=delimiter).writerows([header, map(change, example)])
    return copy


def test_rows_below_the_example_are_imported(tmp_path: Path) -> None:
    lines = (FOLDER / "modelo-contatos.csv").read_text("utf-8-sig").splitlines()
    path = tmp_path / "contatos.csv"
    path.write_text("\n".join([*lines, "Bia Modelo;por;+55 82 90000-0002" + ";" * 8]), "utf-8")
    examined = examine(path, Options())
    with closing(examined.table):
        records = list(examined.require_check().records())
    assert [record.status for record in records] == ["skipped", "valid"]
    assert records[1].wanted.urns == ("tel:+5582900000002",)


# ------------------------------------------------------------------------------------- what stands in it


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_into_a_text_column_stays_as_typed(language: str) -> None:
    """Signs and leading zeros survive, while dates and numbers are those of the spreadsheet program."""
    sheet = openpyxl.load_workbook(FOLDER / f"{STEMS[language]}.xlsx").worksheets[0]
    formats = [sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]]
    assert formats == ["@"] * 9 + ["yyyy-mm-dd", "General"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_in_the_text_template_are_no_numbers_for_a_spreadsheet_program(language: str) -> None:
    """It would drop the plus sign and show 5.58E+12."""
    columns = template_columns(catalogue(language), None)
    for column in columns[2:4]:
        with pytest.raises(ValueError, match="could not convert"):
            float(column.example)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_explaining_sheet_explains_every_column_and_is_no_table(language: str) -> None:
    sheet = openpyxl.load_workbook(FOLDER / f"{STEMS[language]}.xlsx").worksheets[1]
    lines = list(sheet.iter_rows(values_only=True))
    labels = [str(line[0]) for line in lines]
    for column in template_columns(catalogue(language), None):
        assert [label for label in labels if label.endswith(f"– {column.header}")]
    assert MARKS[language] in " ".join(labels)
    assert find_header(lines) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_to_choose_from_hold_what_the_importer_takes(language: str) -> None:
    assert set(CODES) <= language_codes()
    words = catalogue(language)
    sheet = openpyxl.load_workbook(FOLDER / f"{STEMS[language]}.xlsx").worksheets[0]
    codes, yes_no = sheet.data_validations.dataValidation
    assert codes.formula1 == f'"{",".join(CODES)}"'
    assert yes_no.formula1 == f'"{words.say("template.yes")},{words.say("template.no")}"'
    assert codes.errorStyle == yes_no.errorStyle == "warning"
    assert parse_yes_no(words.say("template.yes")) is True
    assert parse_yes_no(words.say("template.no")) is False


# -------------------------------------------------------------------------------------- of one workspace

WORKSPACE = Workspace(
    "Escola Modelo",
    fields=(
        Field("city", "City"), Field("age", "Age", "numeric"), Field("since", "Since", "datetime"),
        Field("region", "Region", "state"), Field("nome", "Nome"),
    ),
    groups=(
        Group("1", "VIP"), Group("2", "Turma A, manhã"), Group("3", "WhatsApp"), Group("4", "Ativos", dynamic=True),
    ),
)  # fmt: skip
MANY = replace(WORKSPACE, groups=tuple(Group(str(n), f"Turma; {n}") for n in range(GROUP_COLUMNS + 1)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@pytest.mark.parametrize("workspace", [WORKSPACE, MANY], ids=["few", "many"])
def test_the_template_of_a_workspace_is_taken_by_it_without_a_word(
    language: str, suffix: str, workspace: Workspace, tmp_path: Path
) -> None:
    """Also where a field has the name that the template's own column would have."""
    path = tmp_path / f"modelo{suffix}"
    write_template(path, catalogue(language), workspace)
    examined, record = example_of(path, workspace)
    assert examined.issues == ()
    assert record.status == "skipped"
    assert targets(examined)[:6] == TARGETS[:6]
    groups = ["groups"] if workspace is MANY else ["group:VIP", "group:Turma A, manhã", "group:WhatsApp"]
    assert targets(examined)[6:] == [*groups, "field:city", "field:age", "field:since", "field:nome"]
    assert examined.require_check().schema.new_fields == ()


def test_more_groups_than_columns_are_a_list_that_the_importer_reads(tmp_path: Path) -> None:
    """Each choice, put into the cell as it is, means just that group."""
    path = tmp_path / "modelo.xlsx"
    write_template(path, catalogue("pt"), MANY)
    book = openpyxl.load_workbook(path)
    rule = book.worksheets[0].data_validations.dataValidation[1]
    assert (rule.formula1, rule.showErrorMessage) == (f"'Listas'!$G$1:$G${len(MANY.groups)}", False)
    assert book["Listas"].sheet_state == "hidden"
    choices = [str(row[0]) for row in book["Listas"].iter_rows(min_col=7, max_col=7, values_only=True)]
    sheet = book.worksheets[0]
    for row, choice in enumerate(choices, 3):
        sheet.cell(row, 3, f"+55 82 90000-{row:04}")
        sheet.cell(row, 7, choice)
    book.save(path)
    examined = examine(path, Options(), MANY)
    with closing(examined.table):
        wanted = [record.wanted.groups for record in examined.require_check().records()][1:]
    assert wanted == [(group.name,) for group in MANY.groups]


def test_only_the_form_is_read_of_a_template(tmp_path: Path) -> None:
    path = tmp_path / "modelo.xlsx"
    write_template(path, catalogue("pt"), MANY)
    with closing(open_table(path, Options())) as table:
        assert table.info.sheet == "Contatos"


# ------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("name", ["contacts.pdf", "contacts"])
def test_a_template_of_another_kind_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        write_template(tmp_path / name, catalogue())
    assert name in catalogue().explain(caught.value)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_place_that_cannot_be_written_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    place = tmp_path / f"missing/contacts{suffix}"
    with pytest.raises(Unusable) as caught:
        write_template(place, catalogue())
    assert str(place) in catalogue().explain(caught.value)
