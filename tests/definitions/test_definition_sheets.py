"""Which sheets of a workbook list fields or groups: by their name and their headers."""

import pytest

from importer.errors import Unusable
from importer.examine import examine
from importer.model import Group, Workspace
from importer.options import Options

CONTACTS = ("Name|URN:Tel", "Ana|+5582900000001")


def seen(path, **options):
    """Kind and rows of each sheet of fields and groups, the sheet of contacts, and the issues."""
    examined = examine(path, Options(**options), Workspace("Escola", "BR", groups=(Group("u", "VIP"),)))
    table = examined.table
    sheets = {sheet.name: (sheet.kind, [row.number for row in sheet.rows]) for sheet in table.definitions}
    return sheets, table.info.sheet, [issue.code for issue in examined.issues]


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("Fields", "Label|Type|Key", "field"), ("Campos", "Rótulo|Tipo|Chave", "field"),
        ("campos", "Etiqueta|Tipo|Clave", "field"), ("CAMPOS", "key|label|value_type|pinned", "field"),
        ("Custom fields", "Name", "field"), ("Groups", "UUID|Name|New name|Action", "group"),
        ("Grupos", "Nome|Novo nome|Ação", "group"), ("grupos", "Nombre|Nombre nuevo|Acción", "group"),
        ("Contact groups", "uuid|name|query|status|count", "group"), ("Groups", "Group", "group"),
        ("Groups", "Name|Import:Row|Import:What to correct", "group"),
    ],
)  # fmt: skip
def test_a_sheet_is_known_by_name_and_headers(name, header, kind, make_book):
    path = make_book(Contacts=CONTACTS, **{name: (header, "|".join("x" * (header.count("|") + 1)))})
    assert seen(path) == ({name: (kind, [2])}, "Contacts", [])


def test_titles_above_the_header_and_blank_rows_are_passed_over(make_book):
    path = make_book(Groups=("Our groups", "", "Name|Notes", "VIP", "", "Nova|soon"), People=CONTACTS)
    assert seen(path) == ({"Groups": ("group", [4, 6])}, "People", ["definition-column"])


@pytest.mark.parametrize(
    "rows",
    [("Name|URN:Tel", "Ana|+5582900000001"), ("Group|Telefone", "VIP|+5582900000001"),
     ("Contact UUID|Name|Groups", "f519ca1f-8513-49ba-8896-22bf0420dec7|Ana|VIP"),
     ("Nome|E-mail", "Ana|ana@example.com")],
)  # fmt: skip
def test_contacts_in_a_sheet_called_groups_stay_contacts(rows, make_book):
    assert seen(make_book(Groups=rows)) == ({}, "Groups", [])


def test_a_sheet_that_only_sounds_like_it_is_told(make_book):
    path = make_book(Contacts=CONTACTS, Grupos=("Turno|Sala", "manhã|7"), Groups=("Name|Language", "Ana|por"))
    assert seen(path) == ({}, "Contacts", ["definition-unread", "definition-unread"])


def test_the_sheet_that_the_user_names_lists_contacts(make_book):
    path = make_book(
        Groups=("UUID|Name", "f519ca1f-8513-49ba-8896-22bf0420dec7|Ana"), Fields=("Label", "Cidade")
    )
    assert seen(path, sheet="groups") == ({"Fields": ("field", [2])}, "Groups", [])
    assert seen(path) == ({"Groups": ("group", [2]), "Fields": ("field", [2])}, None, [])


def test_a_workbook_without_contacts(make_book):
    """It needs none, be there no sheet for them or one that is not filled in; but something it must have."""
    assert seen(make_book(Groups=("Name", "VIP"))) == ({"Groups": ("group", [2])}, None, [])
    path = make_book(Contacts=("Name|URN:Tel",), Groups=("Name", "VIP"))
    assert seen(path) == ({"Groups": ("group", [2])}, "Contacts", [])
    with pytest.raises(Unusable):
        seen(make_book(Groups=("Name",)))
    assert seen(make_book(Contacts=("Name|URN:Tel",), Groups=("Name",)))[2] == ["no-records"]


def test_a_cell_that_cannot_be_read_holds_its_row_back(make_book):
    path = make_book(Groups=("Name", "#N/A", "VIP"))
    lines = examine(path, Options(), Workspace()).definitions.lines
    assert [[issue.code for issue in line.outcome.issues] for line in lines] == [["cell-error"], []]
