"""Row → Record: every cell read as its column's type, everything wrong told at once."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.actions import ACTS, parse_action
from importer.cells import is_blank, is_clear, read_text
from importer.columns import COLUMN_TYPES, parse_groups, parse_uuid, parse_yes_no, read_name
from importer.examples import is_example, is_marked
from importer.issues import CellRefused, Issue, Phrase
from importer.languages import parse_language
from importer.model import LEAVE, Action, Leave, Record, Row, Wanted
from importer.options import Options
from importer.phones import country_named
from importer.schema import Schema, TypedColumn
from importer.urns import distinct, parse_urns


class _Draft(Struct):
    """A `Wanted` in the making."""

    uuid: str | None = None
    name: str | None | Leave = LEAVE
    name_parts: dict[str, str] = field(default_factory=dict)  # "" for one to clear
    language: str | None | Leave = LEAVE
    urns: list[str] = field(default_factory=list)
    of_named_scheme: set[str] = field(default_factory=set)  # those whose column says which scheme they have
    groups: dict[str, str] = field(default_factory=dict)  # by casefolded name
    groups_left: dict[str, str] = field(default_factory=dict)
    clear_groups: bool = False
    fields: dict[str, str | None] = field(default_factory=dict)
    area: str = ""  # of the phone column that follows
    country: str = ""  # likewise, ISO 3166
    action: Action = "upsert"

    @classmethod
    def of(cls, constants: Wanted) -> "_Draft":
        """A draft that already has what every row gets."""
        groups = {name.casefold(): name for name in constants.groups}
        return cls(
            language=constants.language,
            groups=groups,
            fields=dict(constants.fields),
            action=constants.action,
        )

    def wanted(self) -> Wanted:
        """What the row wants; a full name wins over parts."""
        name = self.name
        if name is LEAVE and self.name_parts:
            name = " ".join(filter(None, map(self.name_parts.get, NAME_PARTS))) or None
        return Wanted(
            self.uuid,
            name,
            self.language,
            distinct(self.urns),
            tuple(self.groups.values()),
            tuple(self.groups_left.values()),
            self.clear_groups,
            self.fields,
            self.action,
            frozenset(self.urns) - self.of_named_scheme,
        )


NAME_PARTS = ("name.first", "name.middle", "name.last")
KEYS = ("uuid", "urn", "urns", "tel.area", "tel.country")
"""Kinds of columns that tell which contact is meant."""

# ------------------------------------------------------------------------------------------ cells by target

Put = Callable[[_Draft, TypedColumn, object, list[Issue]], None]


def _put_name(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        draft.name = None
    elif name := read_name(cell, notes):
        draft.name = name


def _put_name_part(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        draft.name_parts[column.target.kind] = ""
    elif part := read_name(cell, notes):
        draft.name_parts[column.target.kind] = part


def _put_language(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        draft.language = None
    elif code := parse_language(cell, column.locale, notes):
        draft.language = code


def _put_uuid(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    draft.uuid = parse_uuid(cell) or None


def _put_urns(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    locale, area = column.locale, ""
    if column.is_phone:
        locale = replace(locale, country=draft.country) if draft.country else locale
        area, draft.area, draft.country = draft.area, "", ""
    for number, scheme in enumerate(column.schemes or ("",)):
        # the second scheme of the same number has nothing new to warn of
        urns = parse_urns(cell, scheme, locale, notes if number == 0 else [], area=area)
        draft.urns += urns
        if not column.any_scheme:
            draft.of_named_scheme.update(urns)


def _put_area(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    draft.area = read_text(cell, notes)


def _put_country(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    text = read_text(cell, notes)
    draft.country = country_named(text)
    if not draft.country:
        raise CellRefused("phone-country-unknown", text)


def _put_action(draft: _Draft, column: TypedColumn, cell: object, notes: list[Issue]) -> None:
    draft.action = parse_action(cell, notes)


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
    name, answer = column.target.name, parse_yes_no(cell)
    if answer:
        draft.groups.setdefault(name.casefold(), name)
    elif answer is False and column.no_leaves:
        draft.groups_left.setdefault(name.casefold(), name)


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
    if row.left_out:
        return Record(row.number, draft.wanted(), skipped=True)
    issues = [issue for issue in row.issues if issue.letter not in schema.ignored or issue.code in OF_THE_ROW]
    if any(issue.is_error and not issue.letter for issue in issues):
        return Record(row.number, draft.wanted(), tuple(issues))  # it is no record: its cells say nothing
    if is_example(row.cells):
        return Record(row.number, draft.wanted(), skipped=True)
    found = _read_cells(draft, row, schema)
    if draft.action == "skip":
        return Record(row.number, draft.wanted(), skipped=True)  # what is wrong with it is nobody's business
    if draft.action in ACTS:
        found = _of_keys(found, schema)
        draft = _Draft(
            draft.uuid, urns=draft.urns, of_named_scheme=draft.of_named_scheme, action=draft.action
        )
    issues += found
    wanted = draft.wanted()
    for issue, kinds in _whole_row(draft, wanted):
        place = next((c.column for c in reversed(schema.columns) if c.target.kind in kinds), None)
        issues.append(issue.at(row.number, place.header, place.letter) if place else issue.at(row.number))
    if not _has_key(wanted, schema, options) and not _key_is_wrong(issues, schema):
        issues.append(Issue.of("row-no-key").at(row.number))
    if options.strict:
        issues = [issue.strictly() for issue in issues]
    return Record(row.number, wanted, tuple(issues))


def _read_cells(draft: _Draft, row: Row, schema: Schema) -> list[Issue]:
    """Put what the cells say into `draft`; returns what is wrong with them."""
    issues: list[Issue] = []
    notes: list[Issue] = []
    for column in schema.columns:
        cell = column.cell(row)
        if is_blank(cell):
            if column.is_phone:
                draft.area = draft.country = ""  # they were this number's
            continue
        if is_marked(cell):
            issues.append(
                Issue.of("example-left", cell).at(row.number, column.column.header, column.column.letter)
            )
            continue
        try:
            PUT[column.target.kind](draft, column, cell, notes)
        except CellRefused as refused:
            notes.append(refused.issue)
        if notes:
            issues += [note.at(row.number, column.column.header, column.column.letter) for note in notes]
            notes.clear()
    return issues


def _of_keys(issues: list[Issue], schema: Schema) -> list[Issue]:
    """Those of `issues` that are about who is meant; where a contact is only to go, nothing else matters."""
    letters = {column.column.letter for column in schema.columns if column.target.kind in (*KEYS, "action")}
    return [issue for issue in issues if issue.letter in letters]


OF_THE_ROW = frozenset(("quote-unbalanced", "row-too-long"))
"""What is wrong with the row although it is told at a cell: the cells beside it are not what they seem."""


def _whole_row(draft: _Draft, wanted: Wanted) -> Iterator[tuple[Issue, tuple[str, ...]]]:
    """What is wrong with a row though each of its cells may be right, and the kinds of columns that show it."""
    if isinstance(wanted.name, str) and len(wanted.name) > platform.NAME_MAX:
        count = len(wanted.name)
        yield Issue.of("name-too-long", wanted.name, count=count, limit=platform.NAME_MAX), NAME_PARTS
    kinds = {"too-many-urns": ("urn", "urns"), "too-many-groups": ("groups", "group")}
    yield from ((issue, kinds[issue.code]) for issue in too_many(wanted))
    for key in draft.groups.keys() & draft.groups_left.keys():
        reason = Phrase("conflict.own-groups", {"group": draft.groups[key]})
        yield Issue.of("row-conflict", draft.groups[key], reason=reason), kinds["too-many-groups"]


def too_many(wanted: Wanted) -> Iterator[Issue]:
    """What is more than one request can bring."""
    if len(wanted.urns) > platform.URNS_MAX:
        yield Issue.of("too-many-urns", count=len(wanted.urns), limit=platform.URNS_MAX)
    # an existing contact, as a UUID means, joins its groups by requests of their own
    if len(wanted.groups) > platform.GROUPS_MAX and not wanted.uuid:
        yield Issue.of("too-many-groups", count=len(wanted.groups), limit=platform.GROUPS_MAX)


def _has_key(wanted: Wanted, schema: Schema, options: Options) -> bool:
    if wanted.urns or wanted.uuid:
        return True
    # of a row that says nothing at all no contact can be made
    return (
        wanted.action not in ACTS
        and options.create_without_key
        and wanted != _Draft.of(schema.constants).wanted()
    )


def _key_is_wrong(issues: list[Issue], schema: Schema) -> bool:
    """Whether the reason why a row has no key has been told already."""
    letters = {column.column.letter for column in schema.columns if column.target.kind in KEYS}
    return any(issue.is_error and (issue.letter in letters or issue.code in OF_THE_ROW) for issue in issues)
