"""Rows of the sheets Fields and Groups + the workspace → what is to be done, and a line for each row. Pure.

A name always means the group that has it before anything is done. No step depends on another one: what would (a name
that another row frees, two groups that change their names) is an issue, so that a file can be run again at any point
and a second run does nothing.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importer import platform
from importer.actions import ACTION_WORDS
from importer.cells import read_text
from importer.definitions.rules import (
    check_group_name,
    check_label,
    check_room_for_field,
    check_room_for_group,
    is_called,
    same_field,
)
from importer.definitions.sheets import DefinitionSheet
from importer.headers import normal_header
from importer.issues import CellRefused, Issue
from importer.model import (
    Change,
    DefinitionLine,
    Field,
    Group,
    Outcome,
    Place,
    Row,
    Status,
    Workspace,
)

TYPE_WORDS: dict[str, str] = {
    **{value_type: value_type for value_type in platform.VALUE_TYPES},
    "texto": "text",
    **dict.fromkeys(("number", "numero", "numerico"), "numeric"),
    **dict.fromkeys(("date", "date time", "data", "data e hora", "fecha", "fecha y hora"), "datetime"),
    "estado": "state",
    **dict.fromkeys(("distrito",), "district"),
    **dict.fromkeys(("bairro", "barrio"), "ward"),
}
"""Normal form of a cell → the type of field."""

_RENAME = dict.fromkeys(("rename", "renomear", "renombrar"), "rename")
_GROUP_WORDS = {word: {"update": "rename"}.get(one, one) for word, one in ACTION_WORDS.items()} | _RENAME
_FIELD_WORDS: dict[str, str] = {**ACTION_WORDS, **dict.fromkeys(_RENAME, "update")}
FIELD_ACTIONS = ("upsert", "create", "update", "skip")
GROUP_ACTIONS = ("upsert", "create", "rename", "delete", "skip")
WRITES = (Status.CREATED, Status.UPDATED, Status.DELETED)


@dataclass(frozen=True, slots=True)
class CreateField:
    """A field that is to be made."""

    place: Place
    field: Field


@dataclass(frozen=True, slots=True)
class UpdateField:
    """A field that gets another label or type."""

    place: Place
    before: Field
    after: Field

    @property
    def is_retyped(self) -> bool:
        """Whether its type is to be another."""
        return self.before.value_type != self.after.value_type


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """A group that is to be made."""

    place: Place
    name: str


@dataclass(frozen=True, slots=True)
class RenameGroup:
    """A group that gets another name."""

    place: Place
    group: Group  # as it was
    name: str


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """A group that is to go."""

    place: Place
    group: Group


Step = CreateField | UpdateField | CreateGroup | RenameGroup | DeleteGroup


@dataclass(frozen=True, slots=True)
class DefinitionPlan:
    """What is to be done with fields and groups.

    lines: one for each row, if all goes as planned. steps: in order; groups are deleted last, after the contacts.
    before, after: the workspace as it is, and as the file's contacts will find it; a group that is still to be made
    has no UUID there, one that is to be deleted is still there.
    renamed: names (casefolded) that groups lose by the file → their new ones. deleted: names (casefolded) of the groups
    that it deletes → the row that says so. names: UUID → new name of the groups that get one.
    retyped: keys of fields that get another type: what their values read like then nobody knows.
    """

    lines: tuple[DefinitionLine, ...] = ()
    steps: tuple[Step, ...] = ()
    before: Workspace = field(default_factory=Workspace)
    after: Workspace = field(default_factory=Workspace)
    renamed: Mapping[str, str] = field(default_factory=dict)
    deleted: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    retyped: frozenset[str] = frozenset()

    @property
    def first(self) -> tuple[Step, ...]:
        """What is done before any contact is written."""
        return tuple(step for step in self.steps if not isinstance(step, DeleteGroup))

    @property
    def deletions(self) -> tuple[DeleteGroup, ...]:
        """What is done after all contacts are written."""
        return tuple(step for step in self.steps if isinstance(step, DeleteGroup))

    @property
    def new_fields(self) -> tuple[str, ...]:
        """Labels of the fields that are to be made."""
        return tuple(step.field.label for step in self.steps if isinstance(step, CreateField))

    @property
    def new_groups(self) -> tuple[str, ...]:
        """Names of the groups that are to be made."""
        return tuple(step.name for step in self.steps if isinstance(step, CreateGroup))

    @property
    def field_writes(self) -> int:
        """Requests about fields."""
        return sum(isinstance(step, CreateField | UpdateField) for step in self.steps)

    @property
    def invalid(self) -> int:
        """How many rows an error holds back."""
        return sum(line.outcome.status is Status.INVALID for line in self.lines)

    def resumed(
        self, done: Mapping[Place, DefinitionLine], sent: Mapping[Place, DefinitionLine]
    ) -> "DefinitionPlan":
        """The same, where an earlier run has done some of it: the lines of that are as they were.

        done, sent: lines of rows that were sent, as planned then; of those sent nobody saw the answer, so that it
        counts what the workspace has now.
        """
        steps = tuple(step for step in self.steps if step.place not in done)
        left = {step.place for step in steps}
        known = {**done, **{place: line for place, line in sent.items() if place not in left}}
        lines = tuple(
            replace(line, outcome=known[line.place].outcome, name=known[line.place].name)
            if line.place in known
            else line
            for line in self.lines
        )
        return replace(self, lines=lines, steps=steps)


def plan_definitions(sheets: Sequence[DefinitionSheet], workspace: Workspace) -> DefinitionPlan:
    """What the sheets ask for in this workspace; of one that nobody knows only what is wrong in itself."""
    fields = _Fields(workspace)
    groups = _Groups(workspace)
    for sheet in sheets:
        rules: _Rows = fields if sheet.kind == "field" else groups
        for row in sheet.rows:
            rules.take(_Cells(sheet, row))
    for rules in (fields, groups):
        rules.settle()
    order = {sheet.name: number for number, sheet in enumerate(sheets)}
    wishes = sorted((*fields.wishes, *groups.wishes), key=lambda wish: order[wish.cells.sheet.name])
    steps = (*fields.steps(), *groups.steps())
    return DefinitionPlan(
        tuple(wish.line() for wish in wishes),
        steps if workspace.known else (),
        workspace,
        _after(workspace, steps) if workspace.known else workspace,
        groups.renamed(),
        groups.deleted(),
        {step.group.uuid: step.name for step in steps if isinstance(step, RenameGroup)},
        frozenset(step.after.key for step in steps if isinstance(step, UpdateField) and step.is_retyped),
    )


def _after(workspace: Workspace, steps: Sequence[Step]) -> Workspace:
    """The workspace with all that is done before the contacts are written."""
    fields = {step.after.key: step.after for step in steps if isinstance(step, UpdateField)}
    names = {step.group.uuid: step.name for step in steps if isinstance(step, RenameGroup)}
    new_fields = [step.field for step in steps if isinstance(step, CreateField)]
    new_groups = [Group("", step.name) for step in steps if isinstance(step, CreateGroup)]
    return replace(
        workspace,
        fields=(*reversed(new_fields), *(fields.get(one.key, one) for one in workspace.fields)),
        groups=(
            *reversed(new_groups),
            *(replace(one, name=names.get(one.uuid, one.name)) for one in workspace.groups),
        ),
    )


# ----------------------------------------------------------------------------------------------- a row


class _Cells:
    """A row's cells by what their columns say, and what is wrong with them."""

    def __init__(self, sheet: DefinitionSheet, row: Row) -> None:
        self.sheet, self.row = sheet, row
        self.issues: list[Issue] = []

    @property
    def place(self) -> Place:
        return self.sheet.name, self.row.number

    @property
    def shown(self) -> str:
        """The row as issues of other rows name it."""
        return f"{self.sheet.name}!{self.row.number}"

    def text(self, says: str) -> str:
        """The text of a cell; "" where there is none."""
        place = self.sheet.places.get(says)
        if place is None:
            return ""
        notes: list[Issue] = []
        try:
            return read_text(self.row.cells[place], notes)
        except CellRefused as refused:
            self.tell(refused.issue, says)
            return ""
        finally:
            for note in notes:
                self.tell(note, says)

    def tell(self, issue: Issue, *says: str) -> None:
        """Something is wrong, at the cell of the first of these columns that the sheet has."""
        places = (self.sheet.places[one] for one in says if one in self.sheet.places)
        place = next(places, None)
        if place is None:
            self.issues.append(issue.at(self.row.number))
            return
        column = self.sheet.columns[place]
        self.issues.append(issue.at(self.row.number, column.header, column.letter))

    def action(self, words: Mapping[str, str], allowed: Sequence[str]) -> str:
        """What the row asks for; upsert where it does not say."""
        text = self.text("action")
        action = words.get(text.casefold(), "upsert" if not text else "")
        if action not in allowed:
            self.tell(Issue.of("definition-action", text, actions=", ".join(allowed)), "action")
        return action

    def is_wrong(self) -> bool:
        """Whether an error holds the row back."""
        return any(issue.is_error for issue in self.issues)


@dataclass(slots=True)
class _Wish:
    """What a row asks for. about: what it is about, whatever it is called there. claims: names that are to be its own.

    meaning: the same for rows that ask for the same. holder: what has the name that it is to get.
    """

    cells: _Cells
    name: str = ""
    status: Status = Status.UNCHANGED
    changes: tuple[Change, ...] = ()
    uuid: str | None = None
    about: str = ""
    claims: frozenset[str] = frozenset()
    meaning: object = None
    holder: str = ""
    step: Step | None = None

    @property
    def is_open(self) -> bool:
        return not self.cells.is_wrong() and self.status is not Status.SKIPPED

    def line(self) -> DefinitionLine:
        """The report's line for the row, if all goes as planned."""
        cells = self.cells
        status = Status.INVALID if cells.is_wrong() else self.status
        changes = self.changes if status in WRITES else ()
        outcome = Outcome(
            cells.row.number, status, self.uuid, changes, tuple(cells.issues), int(status in WRITES)
        )
        sheet = cells.sheet
        return DefinitionLine(sheet.kind, sheet.name, self.name, cells.row, outcome, sheet.columns)


class _Rows(ABC):
    """The rows of one kind; see `take` and `settle`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.wishes: list[_Wish] = []

    @abstractmethod
    def take(self, cells: _Cells) -> None:
        """Read one row and hold it against the workspace."""

    def settle(self) -> None:
        """Hold the rows against each other."""
        self._settle_repeats()
        self._settle_claims()
        self._settle_held()
        self._settle_room()

    def steps(self) -> Iterator[Step]:
        """What is to be done, in order."""
        return (wish.step for wish in self.wishes if wish.step and wish.is_open)

    def _settle_repeats(self) -> None:
        """Of rows that ask for the same of one field or group the first counts; if they contradict each other, none.

        Also where one of them is wrong anyway: done by halves, the file would do something else the next time.
        """
        about: dict[str, list[_Wish]] = defaultdict(list)
        for wish in self.wishes:
            if wish.about:
                about[wish.about].append(wish)
        for first, *others in about.values():
            if any(other.meaning != first.meaning for other in others):
                _contradict([first, *others])
                continue
            for other in others:
                if not other.cells.is_wrong():
                    other.cells.tell(Issue.of("definition-repeated", other=first.cells.shown))
                    other.status, other.step = Status.SKIPPED, None

    def _settle_claims(self) -> None:
        """No two are to have one name."""
        claiming: dict[str, list[_Wish]] = defaultdict(list)
        for wish in self.wishes:
            if not wish.cells.is_wrong() and not (wish.status is Status.SKIPPED and not wish.claims):
                for claim in wish.claims:
                    claiming[claim].append(wish)
        for wishes in claiming.values():
            if len({wish.about for wish in wishes}) > 1:
                _contradict([wish for wish in wishes if not wish.cells.is_wrong()])

    def _settle_held(self) -> None:
        """A name that another row frees is still taken when it is needed: neither row is carried out."""
        concerned = {wish.about: wish for wish in self.wishes if wish.step}
        held = [(wish, concerned[wish.holder]) for wish in self.wishes if wish.holder in concerned]
        for wish, other in held:
            issue = Issue.of("definition-held", wish.name, other=other.cells.shown)
            taken = ("group-exists", "field-exists")
            wish.cells.issues = [one for one in wish.cells.issues if one.code not in taken]
            wish.cells.tell(issue, "new-name", "label")
        for wish, other in held:
            if not other.cells.is_wrong():
                other.cells.tell(Issue.of("definition-conflict", other.name, others=wish.cells.shown))

    @abstractmethod
    def _settle_room(self) -> None:
        """Tell where the workspace has no room for all that are to be made."""


def _contradict(wishes: Sequence[_Wish]) -> None:
    for wish in wishes:
        others = ", ".join(other.cells.shown for other in wishes if other is not wish)
        wish.cells.tell(Issue.of("definition-conflict", wish.name, others=others))


# ---------------------------------------------------------------------------------------------- fields


class _Fields(_Rows):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._by_key = {one.key: one for one in workspace.fields}

    def take(self, cells: _Cells) -> None:
        label, key = cells.text("label"), cells.text("key")
        wish = _Wish(cells, label or key)
        self.wishes.append(wish)
        if ACTION_WORDS.get(cells.text("action").casefold()) == "delete":
            cells.tell(Issue.of("field-delete"), "action")
            return
        action = cells.action(_FIELD_WORDS, FIELD_ACTIONS)
        if action == "skip":
            wish.status, cells.issues = Status.SKIPPED, []
            return
        value_type = self._type(cells)
        if not (label or key or cells.is_wrong()):
            cells.tell(Issue.of("definition-no-name"), "label", "key")
        if cells.is_wrong():
            return
        found = self._find(label, key)
        if found is None:
            self._create(wish, Field(platform.key_of(label), label, value_type or "text"), key, action)
        elif action == "create":
            cells.tell(Issue.of("field-exists", found.label, field_key=found.key), "label", "key")
        else:
            after = replace(
                found,
                label=label if key and label else found.label,
                value_type=value_type or found.value_type,
            )
            self._update(wish, found, after)

    def _type(self, cells: _Cells) -> str | None:
        text = cells.text("type")
        if not text:
            return None
        found = TYPE_WORDS.get(normal_header(text))
        if found is None:
            cells.tell(Issue.of("field-type-unknown", text, types=", ".join(platform.VALUE_TYPES)), "type")
        return found

    def _find(self, label: str, key: str) -> Field | None:
        """The field that a row is about: that of the key, else that of the label, in any case."""
        if key:
            return self._by_key.get(key)
        folded = label.casefold()
        return next((one for one in self.workspace.fields if one.label.casefold() == folded), None)

    def _create(self, wish: _Wish, field: Field, key: str, action: str) -> None:
        cells = wish.cells
        if not self.workspace.known and not field.label:
            pass  # a field that is there, by its key
        elif not field.label or (action == "update" and self.workspace.known):
            cells.tell(Issue.of("field-missing", key or field.label), "key", "label")
        elif self.workspace.known and key and key != field.key:
            cells.tell(Issue.of("field-key-differs", key, made=field.key), "key")
        elif issue := check_label(field.label, self.workspace.fields):
            cells.tell(issue, "label")
        wish.about, wish.meaning = f"key {key or field.key}", (field.label, field.value_type)
        wish.claims = frozenset((field.label.casefold(), field.key)) if field.label else frozenset()
        wish.status = Status.CREATED
        wish.changes = (Change("label", None, field.label), Change("type", None, field.value_type))
        wish.step = CreateField(cells.place, field)

    def _update(self, wish: _Wish, before: Field, after: Field) -> None:
        cells = wish.cells
        wish.name = after.label
        wish.about, wish.meaning = f"key {before.key}", after
        if after.label != before.label:
            others = [one for one in self.workspace.fields if one.key != before.key]
            if issue := check_label(after.label, others):
                cells.tell(issue, "label")
            if holder := same_field(after.label, others):
                wish.holder = f"key {holder.key}"
            wish.claims = frozenset((after.label.casefold(), platform.key_of(after.label)))
        if after.value_type != before.value_type:
            cells.tell(Issue.of("field-type-changes", old=before.value_type, new=after.value_type), "type")
        pairs = (("label", before.label, after.label), ("type", before.value_type, after.value_type))
        wish.changes = tuple(Change(name, old, new) for name, old, new in pairs if old != new)
        if wish.changes:
            wish.status, wish.step = Status.UPDATED, UpdateField(cells.place, before, after)

    def _settle_room(self) -> None:
        count = len(self.workspace.fields)
        for wish in self.wishes:
            if isinstance(wish.step, CreateField) and wish.is_open:
                if issue := check_room_for_field(count):
                    wish.cells.tell(issue, "label")
                count += not wish.cells.is_wrong()


# ---------------------------------------------------------------------------------------------- groups


class _Groups(_Rows):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._by_uuid = {one.uuid: one for one in workspace.groups}
        self._renames: list[tuple[_Wish, str, str]] = []  # with the old names (casefolded) and the new one
        self._deletes: list[tuple[_Wish, str]] = []

    def take(self, cells: _Cells) -> None:
        uuid, name, new = cells.text("uuid").lower(), cells.text("name"), cells.text("new-name")
        wish = _Wish(cells, name or uuid)
        self.wishes.append(wish)
        action = cells.action(_GROUP_WORDS, GROUP_ACTIONS)
        if action == "skip":
            wish.status, cells.issues = Status.SKIPPED, []
            return
        if not (uuid or name or cells.is_wrong()):
            cells.tell(Issue.of("definition-no-name"), "name", "uuid")
        elif action == "rename" and not new:
            cells.tell(Issue.of("group-new-name-missing"), "new-name", "action")
        elif action in ("create", "delete") and new:
            cells.tell(Issue.of("group-new-name-unwanted", new), "new-name")
        if not cells.is_wrong():
            found = self._find(cells, uuid, name, new)
            wish.uuid = found.uuid if found else None
            wish.about = f"uuid {found.uuid}" if found else f"name {(name or uuid).casefold()}"
            if not cells.is_wrong():
                self._decide(wish, action, found, (uuid, name, new))

    def _decide(self, wish: _Wish, action: str, found: Group | None, texts: tuple[str, str, str]) -> None:
        """What is to be done with the group that a row is about. texts: UUID, name and new name, as written."""
        uuid, name, new = texts
        if found and uuid and name and not (is_called(found, name) or (new and found.name == new)):
            wish.cells.tell(Issue.of("group-name-differs", name, found=found.name), "name")
        elif action == "delete":
            self._delete(wish, found, name)
        elif new:
            self._rename(wish, found, name, new)
        elif found is None:
            self._create(wish, name, uuid)
        else:
            if action == "create":
                wish.cells.tell(Issue.of("group-exists", found.name), "name", "uuid")
            wish.name, wish.meaning = found.name, ("stays",)

    def _find(self, cells: _Cells, uuid: str, name: str, new: str) -> Group | None:
        """The group that a row is about; the one that has its new name already where none has the old one."""
        if uuid:
            return self._by_uuid.get(uuid)
        for one in filter(None, (name, new)):
            found = [group for group in self.workspace.groups if is_called(group, one)]
            if len(found) > 1:  # two may have one name, where they were made in the same moment
                cells.tell(Issue.of("group-unclear", one), "name")
            if found:
                return found[0]
        return None

    def _create(self, wish: _Wish, name: str, uuid: str) -> None:
        if uuid:
            if self.workspace.known:
                wish.cells.tell(Issue.of("group-missing", uuid), "uuid")
            return
        if issue := check_group_name(name, self.workspace.groups):
            wish.cells.tell(issue, "name")
        wish.status, wish.changes, wish.meaning = (
            Status.CREATED,
            (Change("name", None, name),),
            ("create", name),
        )
        wish.claims, wish.step = frozenset((name.casefold(),)), CreateGroup(wish.cells.place, name)

    def _rename(self, wish: _Wish, found: Group | None, name: str, new: str) -> None:
        cells = wish.cells
        wish.meaning, wish.claims = ("rename", new), frozenset((new.casefold(),))
        self._renames.append((wish, name, new))
        if found is None:
            if self.workspace.known:
                cells.tell(Issue.of("group-missing", name or cells.text("uuid")), "name", "uuid")
            elif issue := check_group_name(new, ()):
                cells.tell(issue, "new-name")
            return
        wish.name = found.name
        if found.name == new:
            return
        others = [one for one in self.workspace.groups if one.uuid != found.uuid]
        wish.holder = next((f"uuid {one.uuid}" for one in others if is_called(one, new)), "")
        issue = check_group_name(new, others) or check_room_for_group(len(self.workspace.groups))
        if issue:
            cells.tell(issue, "new-name")
        wish.status, wish.changes = Status.UPDATED, (Change("name", found.name, new),)
        wish.step = RenameGroup(cells.place, found, new)

    def _delete(self, wish: _Wish, found: Group | None, name: str) -> None:
        wish.meaning = ("delete",)
        self._deletes.append((wish, name))
        if found is None:
            if self.workspace.known:
                wish.cells.tell(Issue.of("group-absent"), "name", "uuid")
                wish.status = Status.SKIPPED
            # whoever gets the name by another row would be deleted by the next run
            wish.claims = frozenset((name.casefold(),)) if name else frozenset()
            return
        wish.name, wish.status = found.name, Status.DELETED
        members = (Change("members", str(found.count), None),) if found.count else ()
        wish.changes = (Change("name", found.name, None), *members)
        wish.step = DeleteGroup(wish.cells.place, found)
        if found.dynamic:
            wish.cells.tell(Issue.of("group-query-lost"), "name", "uuid")

    def _settle_room(self) -> None:
        count = len(self.workspace.groups)
        for wish in self.wishes:
            if isinstance(wish.step, CreateGroup) and wish.is_open:
                if issue := check_room_for_group(count):
                    wish.cells.tell(issue, "name")
                count += not wish.cells.is_wrong()

    def renamed(self) -> dict[str, str]:
        """Names (casefolded) that groups have lost or lose by the rows → the new ones."""
        after = {one.name.casefold() for one in self.workspace.groups}
        found: dict[str, str] = {}
        for wish, name, new in self._renames:
            if not wish.is_open:
                continue
            old = {name.casefold(), wish.name.casefold()} - {"", new.casefold(), (wish.uuid or "")}
            mine = wish.name.casefold()
            found |= {one: new for one in old if one == mine or one not in after}
        return found

    def deleted(self) -> dict[str, str]:
        """Names (casefolded) of groups that the rows delete, or have deleted → the row that says so."""
        return {
            one.casefold(): wish.cells.shown
            for wish, name in self._deletes
            if not wish.cells.is_wrong()
            for one in (name, wish.name)
            if one
        }

    def steps(self) -> Iterator[Step]:
        """New names first, so that contacts may use them; deletions last."""
        order: tuple[Callable[[Step], bool], ...] = (
            lambda step: isinstance(step, RenameGroup),
            lambda step: isinstance(step, CreateGroup),
            lambda step: isinstance(step, DeleteGroup),
        )
        found = list(super().steps())
        return (step for belongs in order for step in found if belongs(step))
