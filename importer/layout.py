"""The layout: a workspace's contacts as the table that `run` takes; imported unchanged, it writes nothing.

Headers are the platform's own: Contact UUID, Name, Language, a column URN:Tel for each telephone number that a contact
has at most, Group:… with yes or no, Field:…. What a cell cannot say stays blank there. What only the platform can
write (its state of a contact, dynamic groups, places) stands in columns of our own, which an import passes over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from importer import platform
from importer.columns import COLUMN_TYPES
from importer.escapes import field_cell, groups_cell, language_cell, text_cell, urn_cell
from importer.headers import clean_header, split_prefix
from importer.mapping.fields import find_field
from importer.model import OWN_PREFIX, Contact, Field, Group, Workspace
from importer.options import Locale
from importer.targets import split_type

COLUMNS_MAX = 16_384
"""Of a sheet."""
UUID, NAME, LANGUAGE = "Contact UUID", "Name", "Language"
GROUPS = ("Groups", "Grupos", "Group membership")
"""Headers of one column for several groups; a field may be called like the first."""

Shape = Counter[str]
"""How many columns of each scheme a contact needs; "" counts URNs that no cell says."""


class OwnHeaders(Struct, frozen=True):
    """What our own columns are called, in the language of the user."""

    status: str
    urns: str
    active: str
    blocked: str
    stopped: str


class Blank(Struct, frozen=True):
    """A cell that was left blank though the contact has a value there."""

    uuid: str
    header: str
    value: str


class Layout:
    """The columns of one export.

    fields: those to export, in order. shape: columns for URNs by scheme, so many as the richest contact needs.
    in_workbook: whether cells have types.
    """

    def __init__(
        self,
        workspace: Workspace,
        locale: Locale,
        fields: Sequence[Field],
        shape: Mapping[str, int],
        own: OwnHeaders,
        *,
        in_workbook: bool,
        columns_max: int = COLUMNS_MAX,
    ) -> None:
        self._locale, self._own, self._in_workbook = locale, own, in_workbook
        self._shape = {scheme: shape[scheme] for scheme in platform.SCHEMES if shape.get(scheme)}
        self._fields: list[tuple[Field, str]] = []
        self._places: list[tuple[Field, str]] = []
        for one in fields:
            header = field_header(one, workspace)
            if header is None or not _can_be_written(one):
                self._places.append((one, f"{OWN_PREFIX}{one.label or one.key}"))
            else:
                self._fields.append((one, header))
        self._groups: dict[str, str] = {}  # header by casefolded name
        self._dynamic: dict[str, str] = {}
        self._take_groups(workspace)
        free = (header for header in GROUPS if find_field(header, workspace) is None)
        self._groups_header = next(free, OWN_PREFIX + GROUPS[0])  # of the groups that no header can name
        if len(self.headers) > columns_max:  # then all of them share a column
            self._groups.clear()

    def _take_groups(self, workspace: Workspace) -> None:
        for group in reversed(workspace.groups):
            key = group.name.casefold()
            if group.dynamic or not platform.is_group_name(group.name):
                self._dynamic.setdefault(key, f"{OWN_PREFIX}{group.name}")
            elif header := group_header(group.name):
                self._groups.setdefault(key, header)
        for key in self._groups:
            self._dynamic.pop(key, None)

    @property
    def headers(self) -> tuple[str, ...]:
        """The header row."""
        return (
            UUID, NAME, LANGUAGE,
            *(f"URN:{scheme.capitalize()}" for scheme, count in self._shape.items() for _ in range(count)),
            *self._groups.values(),
            self._groups_header,
            *(header for _, header in self._fields),
            OWN_PREFIX + self._own.status, OWN_PREFIX + self._own.urns,
            *self._dynamic.values(),
            *(header for _, header in self._places),
        )  # fmt: skip

    def cells(self, contact: Contact) -> tuple[list[object], list[Blank]]:
        """The cells of a contact, one for each header, and those of them that could not be filled."""
        blanks: list[Blank] = []

        def told(header: str, value: str | None, cell: object) -> object:
            if value and cell is None:
                blanks.append(Blank(contact.uuid, header, value))
            return cell

        name, language = contact.name, contact.language
        urns, others = self._urns(contact)
        members = {group.name.casefold(): group.name for group in contact.groups}
        apart = [members[key] for key in members if key not in self._groups and key not in self._dynamic]
        cells: list[object] = [
            contact.uuid,
            told(NAME, name, text_cell(name, in_workbook=self._in_workbook) if name else None),
            told(LANGUAGE, language, language_cell(language, self._locale) if language else None),
            *urns,
            *(key in members for key in self._groups),
            told(self._groups_header, ", ".join(apart), groups_cell(apart) if apart else None),
        ]
        for one, header in self._fields:
            value = contact.fields.get(one.key)
            cell = (
                None
                if not value
                else field_cell(value, one.value_type, self._locale, in_workbook=self._in_workbook)
            )
            cells.append(told(header, value, cell))
        cells += [self._status(contact), "\n".join(others) or None]
        cells += [key in members for key in self._dynamic]
        cells += [contact.fields.get(one.key) for one, _ in self._places]
        return cells, blanks

    def _urns(self, contact: Contact) -> tuple[list[object], list[str]]:
        by_scheme: dict[str, list[object]] = {scheme: [] for scheme in self._shape}
        others: list[str] = []
        for urn in contact.urns:
            cell, scheme = urn_cell(urn, self._locale), urn.partition(":")[0]
            if cell is None or len(by_scheme.get(scheme, ())) >= self._shape.get(scheme, 0):
                others.append(urn)
            else:
                by_scheme[scheme].append(cell)
        filled = [
            cell
            for scheme, found in by_scheme.items()
            for cell in (*found, *[None] * (self._shape[scheme] - len(found)))
        ]
        return filled, others

    def _status(self, contact: Contact) -> str:
        return (
            self._own.blocked
            if contact.blocked
            else self._own.stopped
            if contact.stopped
            else self._own.active
        )


def shape_of(contact: Contact, locale: Locale) -> Shape:
    """The columns for URNs that a contact needs."""
    return Counter("" if urn_cell(urn, locale) is None else urn.partition(":")[0] for urn in contact.urns)


def widest(shapes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The columns in which every contact has room."""
    needed: dict[str, int] = {}
    for shape in shapes:
        for scheme, count in shape.items():
            needed[scheme] = max(count, needed.get(scheme, 0))
    return needed


def field_header(one: Field, workspace: Workspace) -> str | None:
    """Field: with the label, or with the key where the label means another field; None if neither means this one."""
    for name in (one.label, one.key):
        header = f"Field:{name}"
        if (
            clean_header(header) == header
            and split_type(name) == (name, None)
            and _means(name, one, workspace)
        ):
            return header
    return None


def _means(name: str, one: Field, workspace: Workspace) -> bool:
    found = find_field(name, workspace)
    return found is not None and found.key == one.key


def group_header(name: str) -> str | None:
    """Group: with the name; None if a header cannot say it."""
    header = f"Group:{name}"
    is_said = name.isprintable() and split_prefix(clean_header(header)) == ("group", name)
    return header if is_said else None


def _can_be_written(one: Field) -> bool:
    """Whether a file may bring values of this type; places need the platform's maps."""
    return one.value_type in ("text", "numeric", "datetime") or one.value_type not in COLUMN_TYPES


def choose_fields(names: Sequence[str], workspace: Workspace) -> tuple[list[Field], list[str]]:
    """The fields that keys or labels name, in this order, and the names that no field has."""
    chosen: dict[str, Field] = {}
    unknown: list[str] = []
    for name in names:
        by_key = next((one for one in workspace.fields if one.key == name), None)
        if found := by_key or find_field(name, workspace):
            chosen.setdefault(found.key, found)
        else:
            unknown.append(name)
    return list(chosen.values()), unknown


def choose_group(name: str, groups: Sequence[Group]) -> Group | None:
    """The group of this name, in any case, or of this UUID."""
    exact: Iterator[Group] = (one for one in groups if name in (one.name, one.uuid))
    alike = (one for one in groups if one.name.casefold() == name.strip().casefold())
    return next(exact, None) or next(alike, None)
