"""Reading, mapping and checking together: what one of them knows, the others heed."""

import pytest

from importer.errors import Unusable
from importer.examine import examine
from importer.options import Options

OLD_SYSTEM = (
    "Relatório 07 – alunos;;",
    "Kod;Nr. (1);Turno",
    "Ana;+55 11 90000-0001;manhã",
    "Beto;+55 11 90000-0002;tarde",
)


@pytest.fixture
def mapping(tmp_path):
    """A mapping file of the text given."""

    def write(text, name="mapping.toml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_header_row_that_only_the_mapping_file_knows(make_csv, mapping):
    """Title lines above it are left out, as above any other header."""
    path = make_csv(*OLD_SYSTEM)
    with pytest.raises(Unusable) as refusal:
        examine(path, Options())
    assert refusal.value.issue.code == "header-missing"
    file = mapping('[columns]\nKod = "name"\n"nr 1" = "phone"\n')
    examined = examine(path, Options(mapping=file))
    assert examined.table.info.header_row == 2
    assert [(r.row, r.wanted.name, r.wanted.urns) for r in examined.require_check().records()] == [
        (3, "Ana", ("tel:+5511900000001",)),
        (4, "Beto", ("tel:+5511900000002",)),
    ]


def test_what_the_mapping_file_leaves_out_is_no_key(make_csv, mapping):
    """A row is not taken for the header because of a column that the user does not want."""
    path = make_csv("Telefone;Setor", "Kod;Numer", "Ana;900000001")
    file = mapping('[columns]\nTelefone = "ignore"\nKod = "name"\nNumer = "urn:ext"\n')
    examined = examine(path, Options(mapping=file))
    assert examined.table.info.header_row == 2
    assert [r.wanted.urns for r in examined.require_check().records()] == [("ext:900000001",)]


def test_the_sheet_with_the_mapped_key_is_chosen(tmp_path, mapping):
    """A sheet is one of contacts if the mapping file knows its key column."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("Uczniowie")
    for row in (["Kod", "Turno"], ["A", "manhã"]):
        first.append(row)
    for row in (["Kod", "Numer"], ["Ana", "X-1"]):
        second.append(row)
    path = tmp_path / "old.xlsx"
    book.save(path)
    file = mapping('[columns]\nKod = "name"\nTurno = "ignore"\nNumer = "urn:ext"\n')
    examined = examine(path, Options(mapping=file))
    assert examined.table.info.sheet == "Uczniowie"
    assert [r.wanted.urns for r in examined.require_check().records()] == [("ext:X-1",)]


def test_rows_in_one_cell_each_whose_header_only_the_mapping_file_knows(tmp_path, mapping):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in ("Kod;Numer;Turno", "Ana;X-1;manhã", "Beto;X-2;tarde"):
        book.active.append([row])
    path = tmp_path / "pasted.xlsx"
    book.save(path)
    file = mapping('[columns]\nKod = "name"\nNumer = "urn:ext"\nTurno = "ignore"\n')
    examined = examine(path, Options(mapping=file))
    assert examined.table.info.delimiter == ";"
    assert [r.wanted.name for r in examined.require_check().records()] == ["Ana", "Beto"]
