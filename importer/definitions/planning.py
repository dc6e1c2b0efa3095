"""Rows of the sheets Fields and Groups + the workspace → what is to be done, and a line for each row. Pure.

A name always means the group that has it before anything is done. No step depends on another one: what would (a name
that another row frees, two groups that change their names) is an issue, so that a file can be run again at any point
and a second run does nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from importer.definitions.fields import FieldRows
from importer.definitions.groups import GroupRows
from importer.definitions.sheets import DefinitionSheet
from importer.definitions.steps import CreateField, CreateGroup, DeleteGroup, RenameGroup, Step, UpdateField
from importer.definitions.wishes import Cells, Rows
from importer.model import DefinitionLine, Group, Place, Status, Workspace


class DefinitionPlan(Struct, frozen=True):
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
    fields = FieldRows(workspace)
    groups = GroupRows(workspace)
    for sheet in sheets:
        rules: Rows = fields if sheet.kind == "field" else groups
        for row in sheet.rows:
            rules.take(Cells(sheet, row))
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


def checked(lines: Iterable[DefinitionLine]) -> tuple[DefinitionLine, ...]:
    """Lines of rows about fields and groups as a check tells them: of what is fine nothing is sent."""
    told = (Status.INVALID, Status.SKIPPED)
    return tuple(
        line
        if line.outcome.status in told
        else replace(line, outcome=replace(line.outcome, status=Status.NOT_SENT, changes=(), requests=0))
        for line in lines
    )
