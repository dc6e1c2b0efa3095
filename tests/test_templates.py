"""templates/: what importer.writers.templates writes, and files that the importer takes without a word."""

import csv
import shutil
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.headers import find_header
from importer.messages import catalogue
from importer.model import Record
from importer.options import Options
from importer.platform import language_codes
from importer.writers.templates import COLUMNS, LANGUAGES, write_template

FOLDER = Path(__file__).parents[1] / "templates"
NAMES = ["contacts.xlsx", "contacts.csv"]
ENGLISH = catalogue("en")


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
    write_template(tmp_path / name, ENGLISH)
    same = (FOLDER / name).exists() and content(FOLDER / name) == content(tmp_path / name)
    if not same:
        shutil.copy(tmp_path / name, FOLDER / name)
    assert same, f"templates/{name} was stale and has been written again"


def test_no_other_file_is_among_the_templates() -> None:
    assert {path.name for path in FOLDER.glob("[!.]*") if path.suffix != ".md"} == set(NAMES)


def example_of(name: str) -> tuple[Examined, Record]:
    """What a check makes of a template, and of its only row."""
    examined = examine(FOLDER / name, Options())
    with closing(examined.table):
        (record,) = examined.require_check().records()
        return examined, record


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_taken_without_options_and_without_a_word(name: str) -> None:
    """Every column is understood by the platform's convention, and its example row is valid."""
    examined, record = example_of(name)
    assert examined.issues == ()
    assert "ignore" not in {column.target.kind for column in examined.mapping.columns}
    assert (record.status, record.issues) == ("valid", ())
    assert len(record.wanted.urns) == 4
    assert record.wanted.fields["city"] == "Maceió"


def test_both_templates_say_the_same() -> None:
    found = [example_of(name)[1].wanted for name in NAMES]
    assert found[0] == found[1]


def test_what_is_typed_into_a_text_column_stays_as_typed() -> None:
    """Signs and leading zeros survive, while dates and numbers are those of the spreadsheet program."""
    sheet = openpyxl.load_workbook(FOLDER / "contacts.xlsx").worksheets[0]
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]}
    assert formats["URN:Tel"] == formats["URN:Ext"] == "@"
    assert formats["Field:Birth Date:datetime"] == "yyyy-mm-dd"
    assert formats["Field:Points:numeric"] == "General"


def test_numbers_in_the_text_template_are_no_numbers_for_a_spreadsheet_program() -> None:
    """It would drop the plus sign and show 5.58E+12."""
    with (FOLDER / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        (example,) = csv.DictReader(file)
    for header in ("URN:Tel", "URN:Whatsapp"):
        with pytest.raises(ValueError, match="could not convert"):
            float(example[header])


def test_the_explaining_sheet_explains_every_column_and_is_no_table() -> None:
    sheet = openpyxl.load_workbook(FOLDER / "contacts.xlsx").worksheets[1]
    lines = list(sheet.iter_rows(values_only=True))
    labels = [str(line[0]) for line in lines]
    for column in COLUMNS:
        assert [label for label in labels if label.endswith(f"– {column.header}")]
    assert find_header(lines) is None


def test_the_languages_to_choose_from_are_known_to_the_platform() -> None:
    assert set(LANGUAGES) <= language_codes()
    sheet = openpyxl.load_workbook(FOLDER / "contacts.xlsx").worksheets[0]
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == f'"{",".join(LANGUAGES)}"'
    assert rule.errorStyle == "warning"


@pytest.mark.parametrize("name", ["contacts.pdf", "contacts"])
def test_a_template_of_another_kind_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        write_template(tmp_path / name, ENGLISH)
    assert name in ENGLISH.explain(caught.value)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_place_that_cannot_be_written_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    place = tmp_path / f"missing/contacts{suffix}"
    with pytest.raises(Unusable) as caught:
        write_template(place, ENGLISH)
    assert str(place) in ENGLISH.explain(caught.value)
