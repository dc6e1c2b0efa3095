"""What is done for a file on a thread of its own: each kind of work, from what the desk holds to what is kept there."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from importer.desk import Desk
from importer.errors import Interrupted, Unusable
from importer.jobs import job_folder
from importer.journal import JobInfo
from importer.lines import keep_lines
from importer.report import Report
from importer.run import import_file, plan_file, undo_job, workspace_of
from importer.web.documents import (
    PLAN,
    REPORT,
    RESULT,
    UNDO,
    UNDO_REPORT,
    plan_document,
    result_document,
    undo_document,
)
from importer.web.past import look_again, version_of
from importer.web.visitors import Connected
from importer.web.work import Kind, Work

if TYPE_CHECKING:
    from importer.web.workshop import Workshop

SHOWN = ("totals", "writes", "fields", "groups", "acts", "definitions")
"""What of a plan must be as it was shown, or else it is shown again."""
BEFORE_PLAN = ("new", "unusable", "read", "checked")


class Task(Struct, frozen=True):
    """A piece of work, what it is about, and for whom."""

    workshop: "Workshop"
    work: Work
    desk: Desk
    connected: Connected
    language: str


def _check(task: Task) -> None:
    desk, connected = task.desk, task.connected
    connected.workspace = workspace_of(connected.connection)
    is_first = desk.get("phase") == "new"
    desk.check(connected.workspace, task.language, task.work.checked)
    if is_first and (text := task.workshop.remembered(desk)):
        with suppress(Unusable):
            desk.load_mapping(text)
            desk.keep(remembered=True)
            desk.check(connected.workspace, task.language, task.work.checked)
    phase = desk.get("phase")
    if phase in BEFORE_PLAN:
        desk.keep(phase="unusable" if desk.grid is None else "checked" if phase == "checked" else "read")


def _plan(task: Task) -> None:
    desk = task.desk
    report = plan_file(
        desk.source,
        replace(desk.options(task.language), mirror=not task.connected.practice),
        task.connected.connection,
        listener=task.work,
        stop=task.work.stop,
        state=task.workshop.state,
    )
    keep_lines(desk.folder / PLAN, report.lines())
    desk.keep(phase="planned", plan=plan_document(report))


def _import(task: Task) -> None:
    desk = task.desk
    goes_on = bool(desk.get("begun"))

    def confirm(planned: Report) -> bool:
        """What was shown is what is done; where the workspace has changed since, it is shown again."""
        document = plan_document(planned)
        shown = desk.get("plan") or {}
        if goes_on or all(document[name] == shown.get(name, []) for name in SHOWN):
            desk.keep(begun=True)
            return True
        keep_lines(desk.folder / PLAN, planned.lines())
        desk.keep(phase="planned", plan=document, changed=True)
        return False

    allowed = (desk.get("plan") or {}).get("destroyed", 0)  # whose number was typed
    options = desk.options(task.language, desk.folder / REPORT)
    report = import_file(
        desk.source,
        replace(options, mirror=not task.connected.practice, allow_delete=allowed),
        task.connected.connection,
        confirm=confirm,
        listener=task.work,
        stop=task.work.stop,
        state=task.workshop.state,
    )
    if report.summary.command == "plan":
        return
    task.workshop.forget_headcount(task.connected.workspace)
    keep_lines(desk.folder / RESULT, report.lines())
    is_complete = report.summary.ended == "complete"
    desk.keep(
        phase="done" if is_complete else "stopped",
        begun=not is_complete,
        result=result_document(report),
        changed=False,
    )
    _tell(task, report)


def _undo_plan(task: Task) -> None:
    desk = task.desk
    report = undo_job(
        desk.get("result")["job"],
        task.connected.connection,
        language=task.language,
        confirm=lambda _: False,
        listener=task.work,
        stop=task.work.stop,
        state=task.workshop.state,
    )
    keep_lines(desk.folder / UNDO, report.lines())
    desk.keep(undo=undo_document(report))


def _undo(task: Task) -> None:
    desk = task.desk
    report = undo_job(
        desk.get("result")["job"],
        task.connected.connection,
        output=desk.folder / UNDO_REPORT,
        language=task.language,
        listener=task.work,
        stop=task.work.stop,
        state=task.workshop.state,
    )
    task.workshop.forget_headcount(task.connected.workspace)
    keep_lines(desk.folder / UNDO, report.lines())
    is_complete = report.summary.ended == "complete"
    desk.keep(phase="undone" if is_complete else "undo-stopped", undo=undo_document(report), begun=False)
    if desk.get("job"):
        desk.keep(seen=version_of(_job_of(task)))
    _tell(task, report)


def _look(task: Task) -> None:
    look_again(task.desk, _job_of(task), task.workshop.state, task.language)


def _job_of(task: Task) -> JobInfo:
    return job_folder(task.workshop.state).find(str(task.desk.get("job")))


def _tell(task: Task, report: Report) -> None:
    """What ended it early, unless somebody wanted that."""
    if report.failure and not isinstance(report.failure, Interrupted):
        task.work.error = report.failure


TASKS: Mapping[Kind, Callable[[Task], None]] = {
    "check": _check,
    "plan": _plan,
    "import": _import,
    "undo-plan": _undo_plan,
    "undo": _undo,
    "report": _look,
}
