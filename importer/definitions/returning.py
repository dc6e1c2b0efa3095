"""What a job has done to fields and groups because its file said so → what takes it back, with a line for each. Pure.

Only what is still as the job left it is taken back. A deleted group is made anew, with another UUID, and gets those of
its members back who are still there. No field is deleted: the platform does not offer it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from importer.definitions.rules import is_called, same_field
from importer.definitions.steps import RenameGroup, UpdateField
from importer.issues import Issue
from importer.model import Change, DefinitionLine, Field, Group, Place, Status, Workspace

NO_GROUP, NO_FIELD = Group("", ""), Field("", "")


class Defined(Struct, frozen=True):
    """What a job has done, or may have done, for one row.

    kind: of the step in its journal. line: the row's in the job's report, as planned. uuid: of the group. group, field:
    as the job left it, or deleted it; label, value_type, name: as they were before. members: UUIDs of those whom the
    deleted group had.
    """

    kind: str
    line: DefinitionLine
    group: Group = NO_GROUP
    field: Field = NO_FIELD
    before: Field = NO_FIELD
    name: str = ""
    members: tuple[str, ...] = ()


class RemakeGroup(Struct, frozen=True):
    """A deleted group that is made anew. group: as it was."""

    place: Place
    group: Group
    members: tuple[str, ...]


Return = UpdateField | RenameGroup | RemakeGroup


class Returns(Struct, frozen=True):
    """How all of it is taken back. steps: one each where a request is needed, but for groups that are deleted again:
    these are among those that the job has made. created: their places, by UUID.
    """

    lines: tuple[DefinitionLine, ...] = ()
    steps: tuple[Return, ...] = ()
    created: Mapping[str, Place] | None = None

    def resumed(
        self, done: Mapping[Place, DefinitionLine], sent: Mapping[Place, DefinitionLine]
    ) -> "Returns":
        """The same, where an earlier run has done some of it; see `DefinitionPlan.resumed`."""
        # a group that is made anew may still lack its members
        steps = tuple(step for step in self.steps if step.place not in done or isinstance(step, RemakeGroup))
        left = {step.place for step in steps if step.place not in done}
        known = {**done, **{place: line for place, line in sent.items() if place not in left}}
        lines = tuple(
            replace(line, outcome=known[line.place].outcome) if line.place in known else line
            for line in self.lines
        )
        return replace(self, lines=lines, steps=steps)


def take_back(
    defined: Iterable[Defined], workspace: Workspace, empty: Collection[str], remade: Mapping[str, Group]
) -> Returns:
    """How each is taken back, the last one first.

    workspace: as it is now. empty: UUIDs of the groups of the job that will have no members, so that they are deleted.
    remade: by the UUID that they had, groups that an earlier run of the undo has made anew.
    """
    rules = _Rules(workspace, empty, remade)
    lines, steps, created = list[DefinitionLine](), list[Return](), dict[str, Place]()
    for one in defined:
        line, step = rules.take_back(one)
        lines.append(line)
        steps += [step] if step else []
        if one.kind == "create-group" and (found := rules.made(one)):
            created[found.uuid] = one.line.place
    return Returns(tuple(lines), tuple(reversed(steps)), created)


class _Rules(Struct, frozen=True):
    workspace: Workspace
    empty: Collection[str]
    remade: Mapping[str, Group]

    def take_back(self, one: Defined) -> tuple[DefinitionLine, Return | None]:
        match one.kind:
            case "create-field":
                there = any(field.key == one.field.key for field in self.workspace.fields)
                return _line(one, Status.UNCHANGED, *([Issue.of("field-stays")] if there else [])), None
            case "create-group":
                return self._created(one), None
            case "update-field":
                return self._updated(one)
            case "rename-group":
                return self._renamed(one)
            case _:
                return self._deleted(one)

    def made(self, one: Defined) -> Group | None:
        """The group that was made; of one whose answer was lost only the name is known."""
        return self._group(one.group.uuid) if one.group.uuid else self._holder(one.group.name)

    def _group(self, uuid: str) -> Group | None:
        return next((group for group in self.workspace.groups if group.uuid == uuid), None)

    def _holder(self, name: str) -> Group | None:
        return next((group for group in self.workspace.groups if is_called(group, name)), None)

    def _created(self, one: Defined) -> DefinitionLine:
        found = self.made(one)
        if found is None:
            return _line(one, Status.UNCHANGED)
        if found.uuid in self.empty:
            return _line(one, Status.DELETED, changes=(Change("name", found.name, None),))
        return _line(one, Status.KEPT, Issue.of("group-stays", found.name))

    def _updated(self, one: Defined) -> tuple[DefinitionLine, Return | None]:
        found = next((field for field in self.workspace.fields if field.key == one.field.key), None)
        if found is None:
            return _line(one, Status.KEPT, Issue.of("definition-gone")), None
        if found == one.before:
            return _line(one, Status.UNCHANGED), None
        if found != one.field:
            return _line(one, Status.KEPT, Issue.of("definition-changed", found.label)), None
        others = [field for field in self.workspace.fields if field.key != found.key]
        if one.before.label != found.label and (holder := same_field(one.before.label, others)):
            return _line(one, Status.KEPT, Issue.of("definition-name-taken", holder.label)), None
        pairs = (
            ("label", found.label, one.before.label),
            ("type", found.value_type, one.before.value_type),
        )
        changes = tuple(Change(name, old, new) for name, old, new in pairs if old != new)
        step = UpdateField(one.line.place, found, one.before)
        return _line(one, Status.UPDATED, changes=changes), step

    def _renamed(self, one: Defined) -> tuple[DefinitionLine, Return | None]:
        found = self._group(one.group.uuid)
        if found is None:
            return _line(one, Status.KEPT, Issue.of("definition-gone")), None
        if found.name == one.name:
            return _line(one, Status.UNCHANGED), None
        if found.name != one.group.name:
            return _line(one, Status.KEPT, Issue.of("definition-changed", found.name)), None
        holder = self._holder(one.name)
        if holder and holder.uuid != found.uuid:
            return _line(one, Status.KEPT, Issue.of("definition-name-taken", holder.name)), None
        step = RenameGroup(one.line.place, found, one.name)
        return _line(one, Status.UPDATED, changes=(Change("name", found.name, one.name),)), step

    def _deleted(self, one: Defined) -> tuple[DefinitionLine, Return | None]:
        group = one.group
        if self._group(group.uuid):
            return _line(one, Status.UNCHANGED), None  # it was not deleted after all
        if group.dynamic:
            return _line(one, Status.KEPT, Issue.of("group-not-remade", group.name)), None
        holder = self._holder(group.name)
        if holder and group.uuid not in self.remade:
            return _line(one, Status.KEPT, Issue.of("definition-name-taken", holder.name)), None
        members = (Change("members", None, str(len(one.members))),) if one.members else ()
        line = _line(
            one,
            Status.CREATED,
            Issue.of("group-remade"),
            changes=(Change("name", None, group.name), *members),
        )
        return line, RemakeGroup(one.line.place, group, one.members)


def _line(one: Defined, status: Status, *issues: Issue, changes: tuple[Change, ...] = ()) -> DefinitionLine:
    row = one.line.outcome.row
    told = tuple(issue.at(row) for issue in issues)
    uuid = one.group.uuid or None
    writes = int(status in (Status.UPDATED, Status.CREATED, Status.DELETED))
    outcome = replace(
        one.line.outcome, status=status, uuid=uuid, changes=changes, issues=told, requests=writes
    )
    return replace(one.line, outcome=outcome)


def batches_of(steps: Iterable[Return], size: int) -> Iterator[tuple[RemakeGroup, int]]:
    """Members of groups that are made anew, so many at a time: the group, and where the batch begins."""
    for step in steps:
        if isinstance(step, RemakeGroup):
            yield from ((step, start) for start in range(0, len(step.members), size))
