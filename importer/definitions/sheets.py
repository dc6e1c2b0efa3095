"""Which sheets of a workbook list fields or groups, and what their columns are: by the sheet's name and its headers.

A sheet of contacts that happens to be called Groups is none: it has a header that names a contact's key.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from importer.headers import Knows, clean_header, names_key, normal_header, split_prefix
from importer.model import OWN_PREFIX, Column, DefinitionKind, Row

SHEET_NAMES: dict[str, DefinitionKind] = {
    **dict.fromkeys(
        ("fields", "contact fields", "custom fields", "campos", "campos de contato", "campos de contatos",
         "campos dos contatos", "campos de contacto", "campos de contactos", "campos de los contactos",
         "campos personalizados"),
        "field",
    ),
    **dict.fromkeys(
        ("groups", "contact groups", "grupos", "grupos de contato", "grupos de contatos", "grupos de contacto",
         "grupos de contactos"),
        "group",
    ),
}  # fmt: skip
"""By normal form; see `normal_header`."""

_ACTIONS = dict.fromkeys(("action", "acao", "accion"), "action")
HEADERS: dict[DefinitionKind, dict[str, str]] = {
    "field": {
        **dict.fromkeys(
            ("label", "field label", "field", "field name", "contact field", "name", "rotulo", "campo",
             "nome do campo", "nome", "etiqueta", "nombre del campo", "nombre"),
            "label",
        ),
        **dict.fromkeys(
            ("type", "value type", "field type", "tipo", "tipo de valor", "tipo do valor", "tipo del valor",
             "tipo do campo", "tipo de campo", "tipo del campo"),
            "type",
        ),
        **dict.fromkeys(("key", "field key", "chave", "chave do campo", "clave", "clave del campo"), "key"),
        **_ACTIONS,
        **dict.fromkeys(("pinned", "featured"), ""),
    },
    "group": {
        **dict.fromkeys(("uuid", "group uuid", "uuid do grupo", "uuid del grupo"), "uuid"),
        **dict.fromkeys(
            ("name", "group", "group name", "nome", "grupo", "nome do grupo", "nombre", "nombre del grupo"),
            "name",
        ),
        **dict.fromkeys(
            ("new name", "new group name", "rename to", "novo nome", "nome novo", "renomear para",
             "nuevo nombre", "nombre nuevo", "renombrar a"),
            "new-name",
        ),
        **_ACTIONS,
        **dict.fromkeys(
            ("query", "status", "count", "members", "contacts", "size", "consulta", "situacao", "estado",
             "membros", "contatos", "miembros", "contactos"),
            "",
        ),
    },
}  # fmt: skip
"""Normal form of a header → what the column says; "": what the server shows and nobody can set."""

NEEDED: dict[DefinitionKind, frozenset[str]] = {
    "field": frozenset(("label", "key")),
    "group": frozenset(("name", "uuid")),
}
"""One of these columns a sheet must have."""


class DefinitionSheet(Struct, frozen=True):
    """A sheet that lists fields or groups. columns: those with a header, as each row's cells.

    places: what a column says (label, type, key; uuid, name, new-name; action) → its place in a row's cells.
    """

    kind: DefinitionKind
    name: str
    columns: tuple[Column, ...]
    places: Mapping[str, int]
    rows: tuple[Row, ...]


def kind_named(name: str | None) -> DefinitionKind | None:
    """What a sheet of this name may list."""
    return SHEET_NAMES.get(normal_header(name)) if name else None


def find_columns(kind: DefinitionKind, cells: Sequence[object], knows: Knows) -> dict[int, str] | None:
    """What the columns say if the cells are the header of such a sheet, by index; None if they are not.

    A column that is not known is left out, unless it names something of a contact: then the sheet lists contacts.
    """
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        header = clean_header(cell)
        if not header or header.startswith(OWN_PREFIX):
            continue
        says = HEADERS[kind].get(normal_header(header))
        if says is None and _is_of_contacts(header, knows):
            return None
        if says and says not in found.values():
            found[index] = says
    return found if NEEDED[kind] & set(found.values()) else None


def _is_of_contacts(header: str, knows: Knows) -> bool:
    """Whether only a list of contacts has such a column."""
    return names_key(header, knows) or split_prefix(header) is not None or knows(header) == "language"
