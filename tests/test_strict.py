"""Strict: what would be repaired or assumed is an error, and everything else is as ever."""

import pytest

from importer.examine import examine
from importer.issues import CATALOGUE, REPAIRS, Issue, Severity
from importer.options import Options

BRAZIL = Options(country="BR")
STRICT = Options(country="BR", strict=True)


def told(path, options):
    """Code and severity of all that is told of a file and its rows."""
    examined = examine(path, options)
    rows = examined.check.records() if examined.check else ()
    issues = [*examined.issues, *(issue for record in rows for issue in record.issues)]
    return {(issue.code, str(issue.severity)) for issue in issues}


def test_repairs_are_of_the_catalogue():
    """Those that are errors anyway would not have to be listed; a label is repaired where it can be."""
    assert CATALOGUE.keys() >= REPAIRS
    assert {code for code in REPAIRS if CATALOGUE[code] is Severity.ERROR} == {"field-label-invalid"}


def test_an_error_stays_one_and_a_fact_stays_a_warning():
    assert Issue.of("phone-invalid").strictly().is_error
    assert not Issue.of("row-repeated").strictly().is_error
    assert not Issue.of("hidden-rows").strictly().is_error


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("language-normalised", ("Name;Language;URN:Tel", "Ana;pt-BR;+5582900000001")),
        ("phone-from-number", ("Name;URN:Tel", "Ana;5582900000001.0")),
        ("phone-country-assumed", ("Name;URN:Tel", "Ana;351910000001")),
        ("phone-missing-ninth-digit", ("Name;URN:Tel", "Ana;+558290000001")),
        ("control-characters-removed", ("Name;URN:Tel", "A\x07na;+5582900000001")),
        ("row-too-short", ("Name;URN:Tel;Groups", "Ana;+5582900000001")),
        ("field-label-invalid", ("Name;URN:Tel;Field:Situação", "Ana;+5582900000001;ok")),
        ("cells-hold-delimited-text", ('"Name;URN:Tel"', '"Ana;+5582900000001"', '"Bia;+5582900000002"')),
        ("header-guessed", ("Contato;Cidade", "+5582900000001;Natal", "+5582900000002;Recife")),
    ],
)
def test_a_repair_is_an_error_where_the_user_is_strict(code, lines, make_csv):
    path = make_csv(*lines)
    assert (code, "warning") in told(path, BRAZIL)
    assert (code, "error") in told(path, STRICT)
    assert (code, "warning") not in told(path, STRICT)


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("encoding-guessed", "Name;URN:Tel\nConceição;+5582900000001\n".encode("cp1252")),
        (
            "encoding-mixed",
            "Name;URN:Tel\nConceição;+5582900000001\n".encode() + "Íris;+5582900000002\n".encode("cp1252"),
        ),
    ],
)
def test_a_guessed_encoding_is_an_error_where_the_user_is_strict(code, content, tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes(content)
    assert told(path, BRAZIL) == {(code, "warning")}
    assert told(path, STRICT) == {(code, "error")}


def test_a_sheet_is_not_chosen_where_the_user_is_strict(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.create_sheet("B")
    for sheet in book:
        sheet.append(["Name", "URN:Tel"])
        sheet.append(["Ana", "+5582900000001"])
    book.save(tmp_path / "two.xlsx")
    assert told(tmp_path / "two.xlsx", STRICT) == {("sheet-choice", "error")}
    assert told(tmp_path / "two.xlsx", Options(strict=True, sheet="B")) == set()


def test_what_is_right_stays_right(make_csv):
    """Repeats that agree, blank cells and unknown headers are no repairs."""
    path = make_csv(
        "Name;URN:Tel;Language;Apelido do gato",
        "Ana;+55 82 90000-0001;por;Mia",
        "Ana;+5582900000001;;",
    )
    found = told(path, STRICT)
    assert found == {("header-unknown", "warning"), ("row-repeated", "warning")}
    assert found == told(path, Options())
