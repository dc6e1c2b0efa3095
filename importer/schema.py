"""The schema: a mapping joined with what the workspace has, so that every column knows its type."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from importer import platform
from importer.cells import is_blank, is_clear, read_text
from importer.columns import COLUMN_TYPES
from importer.errors import Unusable
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.mapping import Mapping
from importer.model import LEAVE, Column, Field, Leave, Row, Target, Wanted, Workspace
from importer.options import NO_COUNTRY, Locale, Options

DEFAULT_TIMEZONE = "UTC"
NOTHING = Wanted()


class TypedColumn(Struct, frozen=True):
    """A column that is imported: where it stands in a row's cells, its target and how its cells are read.

    schemes: of a urn column, those that each number is stored under (two where the option phone_scheme is both).
    any_scheme: of a phone column, whether nobody has said which scheme its numbers have.
    separator: what stands between the values of a cell, where that is certain.
    values: what the mapping file translates, by the cell's text.
    undecided: a locale without an order of day and month, where the column's dates contradict the one it has.
    no_leaves: of a group's yes/no column, whether no means to leave the group.
    """

    position: int
    column: Column
    target: Target
    locale: Locale
    value_type: str = "text"
    schemes: tuple[str, ...] = ()
    any_scheme: bool = False
    separator: str = ""
    values: Dict[str, str] | None = None
    undecided: Locale | None = None
    no_leaves: bool = False

    @property
    def is_phone(self) -> bool:
        """Whether it holds phone numbers, so that the columns of their area and country go with it."""
        return bool(self.schemes) and self.schemes[0] in platform.PHONE_SCHEMES

    def cell(self, row: Row) -> object:
        """This column's cell of a row, translated where the mapping file says so."""
        return self.translated(row.cells[self.position])

    def translated(self, cell: object) -> object:
        """A cell of this column, translated where the mapping file says so."""
        if self.values is None or is_blank(cell):
            return cell
        try:
            text = read_text(cell, [])
        except CellRefused:
            text = str(cell).strip()  # "#N/A" may well be translated
        return self.values.get(text, cell)


class Schema(Struct, frozen=True):
    """What each column of a file means in one workspace.

    ignored: letters of the columns that are left out. types: value type by key, of every field in use.
    constants: what every row gets besides its cells. new_fields: those to create before contacts are written.
    """

    columns: tuple[TypedColumn, ...]
    ignored: frozenset[str]
    types: Dict[str, str]
    constants: Wanted = NOTHING
    new_fields: tuple[Field, ...] = ()
    issues: tuple[Issue, ...] = ()

    def of_kinds(self, *kinds: str) -> Iterator[TypedColumn]:
        """The columns whose targets are of these kinds."""
        return (column for column in self.columns if column.target.kind in kinds)


def make_schema(mapping: Mapping, workspace: Workspace, options: Options) -> Schema:
    """Join `mapping` with `workspace`.

    Raises:
        Unusable: an option names a country or time zone that does not exist.
    """
    locale = make_locale(workspace, options)
    fields, new_fields = _fields(mapping, workspace)
    types = {key: _known_type(field.value_type) for key, field in fields.items()}
    columns = tuple(
        TypedColumn(
            position,
            mapped.column,
            mapped.target,
            locale,
            types.get(mapped.target.name, "text") if mapped.target.kind == "field" else "text",
            _schemes(mapped.target, locale),
            mapped.target.plain and "phone_scheme" not in options.chosen,
            mapped.separator,
            mapping.values.get(mapped.column.header),
            no_leaves=options.groups_mode == "replace",
        )
        for position, mapped in enumerate(mapping.columns)
        if mapped.target.kind != "ignore"
    )
    ignored = frozenset(m.column.letter for m in mapping.columns if m.target.kind == "ignore")
    constants, issues = _constants(mapping, locale, types, options)
    issues += _room_for(new_fields, workspace)
    return Schema(columns, ignored, types, constants, new_fields, tuple(issues))


def _fields(mapping: Mapping, workspace: Workspace) -> tuple[dict[str, Field], tuple[Field, ...]]:
    """The fields in use by key, and those of them that the workspace does not have yet."""
    known = {field.key: field for field in workspace.fields}
    used: dict[str, Field] = {}
    new: dict[str, Field] = {}
    for target in (*(m.target for m in mapping.columns), *(target for target, _ in mapping.constants)):
        if target.kind != "field" or target.name in used:
            continue
        if target.name not in known:
            label = target.label or target.name
            new[target.name] = Field(target.name, label, target.value_type or "text")
        used[target.name] = known.get(target.name) or new[target.name]
    return used, tuple(new.values())


def _known_type(value_type: str) -> str:
    """The type; what the server may have invented since we were written is sent as it stands."""
    return value_type if value_type in COLUMN_TYPES else "text"


def _schemes(target: Target, locale: Locale) -> tuple[str, ...]:
    if target.kind != "urn":
        return ()
    if not target.plain:
        return (target.name,)
    return platform.PHONE_SCHEMES if locale.phone_scheme == "both" else (locale.phone_scheme,)


def _constants(
    mapping: Mapping, locale: Locale, types: Dict[str, str], options: Options
) -> tuple[Wanted, list[Issue]]:
    """What the mapping file and the option --groups give to every row, and what is wrong with it."""
    language: str | None | Leave = LEAVE
    groups: dict[str, str] = {}
    fields: dict[str, str | None] = {}
    issues: list[Issue] = []
    for name in map(str.strip, options.groups):
        groups.setdefault(name.casefold(), name)
        if not platform.is_group_name(name):
            issues.append(Issue.of("group-name-invalid", name).at(column="--groups"))
    for target, text in mapping.constants:
        notes: list[Issue] = []
        try:
            match target.kind:
                case "language":
                    language = None if is_clear(text) else parse_language(text, locale, notes) or LEAVE
                case "group":
                    groups.setdefault(target.name.casefold(), target.name)
                case "field":
                    parse = COLUMN_TYPES[types[target.name]].parse
                    value = None if is_clear(text) else parse(text, locale, notes)
                    if value != "":
                        fields[target.name] = value
        except CellRefused as refused:
            notes.append(refused.issue)
        issues += [note.at(column=f"[constants] {target}") for note in notes]
    constants = Wanted(language=language, groups=tuple(groups.values()), fields=fields, action=options.action)
    return constants, issues


def _room_for(new_fields: Iterable[Field], workspace: Workspace) -> list[Issue]:
    needed = len(tuple(new_fields))
    room = max(0, platform.WORKSPACE_FIELDS - len(workspace.fields))
    if needed <= room:
        return []
    return [Issue.of("workspace-fields-full", count=needed, room=room, limit=platform.WORKSPACE_FIELDS)]


def make_locale(workspace: Workspace, options: Options) -> Locale:
    """How cells are read: the options first, then what the workspace says.

    Raises:
        Unusable: an option names a country or time zone that does not exist.
    """
    country = _country(workspace, options)
    name = options.timezone or workspace.timezone or DEFAULT_TIMEZONE
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable("timezone-unknown", value=name) from None
    return Locale(country, zone, options.date_order, options.decimal, options.phone_scheme)


def _country(workspace: Workspace, options: Options) -> str | None:
    """The country whose numbers may be written without its code."""
    from phonenumbers import SUPPORTED_REGIONS

    named = (options.country or workspace.country or NO_COUNTRY).upper()
    if named in SUPPORTED_REGIONS:
        return named
    if options.country and named != NO_COUNTRY.upper():
        raise Unusable("country-unknown", value=named)
    return None
