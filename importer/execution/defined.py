"""What the journal tells of fields and groups that a job has made, changed or deleted because its file said so."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from msgspec.structs import replace

from importer.issues import Issue
from importer.journal import Journal
from importer.journal.forms import definition_from_json, issue_from_json
from importer.model import DefinitionLine, Field, Place, Status, Workspace

KINDS = ("create-field", "update-field", "create-group", "rename-group", "delete-group")
"""Of steps in the journal."""
CHANGES = ("update-field", "rename-group", "delete-group")
DONE: Mapping[str, object] = {"done": True}


def settle_changes(journal: Journal, workspace: Workspace) -> None:
    """Note what became of changes whose answer an earlier run did not see. workspace: as it is now."""
    for step in journal.open_steps(*CHANGES):
        named = {name: step.request[name] for name in ("uuid", "name") if step.kind == "delete-group"}
        journal.finish(
            step.id, (named or DONE) if is_done(step.kind, step.request, workspace) else "not done"
        )


def is_done(kind: str, request: Mapping[str, object], workspace: Workspace) -> bool:
    """Whether the workspace is as a change of a field or group was to make it."""
    groups = {one.uuid: one.name for one in workspace.groups}
    match kind:
        case "rename-group":
            return groups.get(str(request["uuid"])) == request["name"]
        case "delete-group":
            return str(request["uuid"]) not in groups
        case _:
            wanted = Field(str(request["key"]), str(request["label"]), str(request["value_type"]))
            return wanted in workspace.fields


def lines_of(journal: Journal) -> tuple[DefinitionLine, ...]:
    """The lines of all rows of the sheets, with what came of them so far; without their cells."""
    answers = dict(_answers(journal))
    return tuple(_line(line, answers) for line in planned_lines(journal))


def earlier_lines(journal: Journal) -> tuple[Mapping[Place, DefinitionLine], Mapping[Place, DefinitionLine]]:
    """Lines of rows that are done, and of those that were sent and whose answer nobody saw, as planned then."""
    answers = dict(_answers(journal))
    done, sent = dict[Place, DefinitionLine](), dict[Place, DefinitionLine]()
    for line in planned_lines(journal):
        if line.place in answers:
            answer = answers[line.place]
            if answer is None:
                sent[line.place] = line
            elif not isinstance(answer, list) and answer != "not done":
                done[line.place] = line
    return done, sent


def planned_lines(journal: Journal) -> Iterator[DefinitionLine]:
    """The lines as they were planned, without their cells."""
    stored = cast("list[dict[str, Any]]", journal.meta.get("definitions") or [])
    return map(definition_from_json, stored)


def _answers(journal: Journal) -> Iterator[tuple[Place, object]]:
    """What came of each row's request, the last one last."""
    for step in journal.steps(*KINDS):
        if "sheet" in step.request:
            yield (str(step.request["sheet"]), step.rows[0]), step.answer


def _line(line: DefinitionLine, answers: Mapping[Place, object]) -> DefinitionLine:
    outcome = line.outcome
    if outcome.status not in (Status.CREATED, Status.UPDATED, Status.DELETED):
        return line
    answer = answers.get(line.place)
    if isinstance(answer, dict):
        outcome = replace(outcome, uuid=answer.get("uuid") or outcome.uuid)
    elif isinstance(answer, list):
        told = tuple(issue_from_json(one).at(outcome.row) for one in answer)
        outcome = replace(outcome, status=Status.REFUSED, changes=(), issues=(*outcome.issues, *told))
    elif answer == "kept":  # of an undo
        stays = Issue.of("group-stays", line.name).at(outcome.row)
        outcome = replace(outcome, status=Status.KEPT, changes=(), issues=(stays,), requests=0)
    elif answer == "found":
        outcome = replace(outcome, status=Status.UNCHANGED, changes=())
    elif answer == "gone":
        absent = Issue.of("group-absent").at(outcome.row)
        outcome = replace(outcome, status=Status.SKIPPED, changes=(), issues=(*outcome.issues, absent))
    else:
        outcome = replace(outcome, status=Status.NOT_SENT, changes=(), requests=0)
    return replace(line, outcome=outcome)
