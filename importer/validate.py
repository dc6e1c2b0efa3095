"""Row → Record: every cell read as its column's type, everything wrong told at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from importer import platform
from importer.cells import is_blank, is_clear, read_text
from importer.columns import COLUMN_TYPES, parse_groups, parse_uuid, parse_yes_no, read_name
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.model import LEAVE, Leave, Record, Row, Wanted
from importer.options import Options
from importer.phones import country_named
from importer.schema import Schema, TypedColumn
from importer.urns import parse_urns


@dataclass(slots=True)
class _Draft:
    """A `Wanted` in the making."""

    uuid: str | None = None
    name: str | None | Leave = LEAVE
    name_parts: dict[str, str] = field(default_factory=dict)
    language: str | None | Leave = LEAVE
    urns: list[str] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)  # by casefolded name
    groups_left: dict[str, str] = field(default_factory=dict)
    clear_groups: bool = False
    fields: dict[str, str | None] = field(default_factory=dict)
    area: str = ""  # of the phone column that follows
    country: str = ""  # likewise, ISO 3166
    action: str = "upsert"

    @classmethod
    def of(cls, constants: Wanted) -> "_Draft":
        """A draft that already has what every row gets."""
        groups = {name.casefold(): name for name in constants.groups}
        return cls(language=constants.language, groups=groups, fields=dict(constants.fields))

    def wanted(self) -> Wanted:
        name = self.name
        if name is LEAVE and self.name_parts:
            parts = (self.name_parts.get(part) for part in ("name.first", "name.middle", "name.last"))
            name = " ".join(part for part in parts if part)
        left = {key: name for key, name in self.groups_left.items() if key not in self.groups}
        return Wanted(
            self.uuid,
            name,
            self.language,
            tuple(dict.fromkeys(self.urns)),
            tuple(self.groups.values()),
            tuple(left.values()),
            self.clear_groups,
            self.fields,
            self.action,
        )


SKIP = "skip"
ACTIONS = ("upsert", "create", "update", SKIP)

# ------------------------------------------------------------------------------------------ cells by target

Put = Callable[[_Draft, TypedColumn, object, list[Issue]], None]


def _put_name(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    draft.name = None if is_clear(cell) else read_name(cell, notes)


def _put_name_part(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if not is_clear(cell):
        draft.name_parts[column.target.kind] = read_name(cell, notes)


def _put_language(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    draft.language = None if is_clear(cell) else parse_language(cell, column.locale, notes)


def _put_uuid(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    draft.uuid = parse_uuid(cell)


def _put_urns(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    locale = replace(column.locale, country=draft.country) if draft.country else column.locale
    area, draft.area, draft.country = draft.area, "", ""
    for number, scheme in enumerate(column.schemes or ("",)):
        # the second scheme of the same number has nothing new to warn of
        draft.urns += parse_urns(cell, scheme, locale, notes if number == 0 else [], area=area)


def _put_area(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    draft.area = read_text(cell, notes)


def _put_country(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    text = read_text(cell, notes)
    draft.country = country_named(text)
    if not draft.country:
        raise CellRefused("phone-country-unknown", text)


def _put_action(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    text = read_text(cell, notes)
    draft.action = text.casefold()
    if draft.action not in ACTIONS:
        raise CellRefused("action-unknown", text, actions=", ".join(ACTIONS))


def _put_groups(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        draft.clear_groups = True
        return
    joined, left = parse_groups(cell, notes, column.separator)
    for name in joined:
        draft.groups.setdefault(name.casefold(), name)
    for name in left:
        draft.groups_left.setdefault(name.casefold(), name)


def _put_group(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    name = column.target.name
    if parse_yes_no(cell):
        draft.groups.setdefault(name.casefold(), name)


def _put_field(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    key, parse = column.target.name, COLUMN_TYPES[column.value_type].parse
    if is_clear(cell):
        draft.fields[key] = None
        return
    if column.undecided:
        parse(cell, column.undecided, [])  # refuses what would be another day in the other order
    if value := parse(cell, column.locale, notes):
        draft.fields[key] = value


PUT: Mapping[str, Put] = {
    "name": _put_name,
    "name.first": _put_name_part,
    "name.middle": _put_name_part,
    "name.last": _put_name_part,
    "language": _put_language,
    "uuid": _put_uuid,
    "urn": _put_urns,
    "urns": _put_urns,
    "tel.area": _put_area,
    "tel.country": _put_country,
    "action": _put_action,
    "groups": _put_groups,
    "group": _put_group,
    "field": _put_field,
}


# ------------------------------------------------------------------------------------------------ rows


def check_row(row: Row, schema: Schema, options: Options) -> Record:
    """Read every cell of `row`: what it says, and all that is wrong with it in the order of its columns."""
    draft = _Draft.of(schema.constants)
    issues = [issue for issue in row.issues if issue.letter not in schema.ignored]
    notes: list[Issue] = []
    for column in schema.columns:
        cell = row.cells[column.position]
        if is_blank(cell):
            if column.target.kind == "urn":
                draft.area = draft.country = ""  # they were this number's
            continue
        try:
            PUT[column.target.kind](draft, column, _translated(cell, column), notes)
        except CellRefused as refused:
            notes.append(refused.issue)
        if notes:
            issues += [note.at(row.number, column.column.header, column.column.letter) for note in notes]
            notes.clear()
    wanted = draft.wanted()
    for issue, kinds in _whole_row(wanted, options, issues):
        place = next((c.column for c in reversed(schema.columns) if c.target.kind in kinds), None)
        header, letter = (place.header, place.letter) if place else ("", "")
        issues.append(issue.at(row.number, header, letter))
    if wanted.action == SKIP:
        return Record(row.number, wanted, skipped=True)  # what is wrong with it is nobody's business
    return Record(row.number, wanted, tuple(issues))


def _translated(cell: object, column: TypedColumn) -> object:
    if column.values is None or not isinstance(cell, str):
        return cell
    return column.values.get(cell.strip(), cell)


def _whole_row(
    wanted: Wanted, options: Options, issues: list[Issue]
) -> Iterator[tuple[Issue, tuple[str, ...]]]:
    """What is wrong with a row though each of its cells may be right, and the kinds of columns that show it."""
    if isinstance(wanted.name, str) and len(wanted.name) > platform.NAME_MAX:
        count = len(wanted.name)
        yield Issue.of("name-too-long", wanted.name, count=count, limit=platform.NAME_MAX), ("name.last",)
    if len(wanted.urns) > platform.URNS_MAX:
        yield Issue.of("too-many-urns", count=len(wanted.urns), limit=platform.URNS_MAX), ("urn", "urns")
    if len(wanted.groups) > platform.GROUPS_MAX:
        count = len(wanted.groups)
        yield Issue.of("too-many-groups", count=count, limit=platform.GROUPS_MAX), ("groups", "group")
    has_key = bool(wanted.urns or wanted.uuid or options.create_without_key)
    # a row whose only number is wrong has been told so already
    if not has_key and not any(issue.is_error for issue in issues):
        yield Issue.of("row-no-key"), ()
