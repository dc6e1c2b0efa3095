"""Takes back what a job has done to fields and groups because its file said so; see `definitions.returning`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from importer import platform
from importer.api import Client
from importer.api.refusal import in_words, refusal
from importer.definitions.returning import Defined, RemakeGroup, Returns, batches_of
from importer.definitions.steps import CreateGroup, RenameGroup, UpdateField
from importer.errors import Failing, Missing, NotAllowed, Rejected
from importer.execution.batches import FAILING_MAX
from importer.execution.defined import KINDS, is_done, planned_lines
from importer.execution.definitions import Definer, Sleep
from importer.journal import Journal, Step
from importer.model import DefinitionLine, Field, Group, Place, Workspace


def defined_by(path: Path, workspace: Workspace) -> Iterator[Defined]:
    """What the job of this journal has done to fields and groups, row by row. workspace: as it is now."""
    with Journal(path, read_only=True) as journal:
        lines = {line.place: line for line in planned_lines(journal)}
        steps: dict[Place, Step] = {}
        for step in journal.steps(*KINDS):
            if "sheet" in step.request and _was_done(step, workspace):
                steps[str(step.request["sheet"]), step.rows[0]] = step
        for place, step in steps.items():
            if place in lines:
                yield _defined(step, lines[place])


def _was_done(step: Step, workspace: Workspace) -> bool:
    if step.answer is None and step.kind not in ("create-field", "create-group"):
        return is_done(step.kind, step.request, workspace)
    return step.answer is None or isinstance(step.answer, dict)


def _defined(step: Step, line: DefinitionLine) -> Defined:
    request = step.request
    answer = step.answer if isinstance(step.answer, dict) else {}
    name, label = str(request.get("name", "")), str(request.get("label", ""))
    match step.kind:
        case "create-field":
            return Defined(step.kind, line, field=Field(platform.key_of(label), label))
        case "create-group":
            return Defined(step.kind, line, Group(str(answer.get("uuid", "")), name))
        case "update-field":
            key, before = str(request["key"]), cast("dict[str, str]", request["before"])
            after = Field(key, label, str(request["value_type"]))
            return Defined(
                step.kind, line, field=after, before=Field(key, before["label"], before["value_type"])
            )
        case "rename-group":
            group = Group(str(request["uuid"]), name)
            return Defined(step.kind, line, group, name=str(request["before"]))
        case _:
            group = Group(str(request["uuid"]), name, dynamic=bool(request["dynamic"]))
            members = tuple(map(str, cast("list[str]", request["members"])))
            return Defined(step.kind, line, group, members=members)


def remade_by(journal: Journal) -> dict[str, Group]:
    """Groups that an undo has made anew so far, by the UUID that they had."""
    steps = (step for step in journal.steps("create-group") if isinstance(step.answer, dict))
    return {str(step.request["of"]): _made(step) for step in steps}


def _made(step: Step) -> Group:
    answer = cast("dict[str, str]", step.answer)
    return Group(answer["uuid"], answer["name"])


class Redefiner:
    """Carries out `returns`; each method goes on where an earlier run was. See `Definer`."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        returns: Returns,
        sleep: Sleep,
        on_done: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        self._client, self._journal, self._returns = client, journal, returns
        self._on_done, self._check = on_done, check
        self._definer = Definer(client, journal, sleep, on_done, check)
        self._failing = 0  # batches in a row, for no reason that we know

    def remake_groups(self) -> Mapping[str, Group]:
        """Make deleted groups anew; returns them by the UUID that they had."""
        remade = remade_by(self._journal)
        for step in self._returns.steps:
            if isinstance(step, RemakeGroup) and step.group.uuid not in remade:
                again = CreateGroup(step.place, step.group.name)
                if group := self._definer.create_group(again, of=step.group.uuid):
                    remade[step.group.uuid] = group
        return remade

    def change_back(self) -> None:
        """Give fields and groups their earlier labels, types and names."""
        self._definer.carry_out(
            step for step in self._returns.steps if isinstance(step, UpdateField | RenameGroup)
        )

    def put_back(self, remade: Mapping[str, Group]) -> None:
        """Put the members of deleted groups into those made anew; who is gone or not active stays out."""
        done = {(step.request["of"], step.request["start"]) for step in self._journal.steps("put-back")}
        for step, start in batches_of(self._returns.steps, platform.BATCH):
            group = remade.get(step.group.uuid)
            if group is None or (step.group.uuid, start) in done:
                continue
            self._check()
            self._add(group, step.members[start : start + platform.BATCH])
            # adding somebody twice does no harm, so that it is enough to note what is done
            number = self._journal.begin("put-back", (), {"of": step.group.uuid, "start": start})
            self._journal.finish(number, "done")
            self._on_done(1)

    def _add(self, group: Group, members: Sequence[str]) -> None:
        """Add members, without those for whom the whole batch is refused: by their names, else found by halving."""
        if not members:
            return
        try:
            self._client.contact_action("add", members, group.uuid)
        except Rejected as error:
            named = set(refusal(error).names)
            self._failing = 0 if named else self._failing + 1
            if self._failing == FAILING_MAX:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            left = [one for one in members if one not in named]
            if len(left) < len(members):
                self._add(group, left)
            elif len(members) > 1:
                self._halve(group, members)
        except (Failing, Missing):
            if len(members) > 1:
                self._halve(group, members)
        else:
            self._failing = 0

    def _halve(self, group: Group, members: Sequence[str]) -> None:
        middle = len(members) // 2
        self._add(group, members[:middle])
        self._add(group, members[middle:])
