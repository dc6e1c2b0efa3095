"""Past imports: files brought to the page, and the jobs of the command line, whose journals lie in the same folder.

A job of the command line that somebody looks at gets a desk with its report, but without its rows, so that all that the
page does with a result goes for it, too. The journal stays what counts.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from importer.desk import Desk
from importer.jobs import file_of, job_folder, report_again
from importer.journal import JobFolder, JobInfo
from importer.lines import keep_lines
from importer.model import Workspace
from importer.web.documents import REPORT, RESULT, UNDO, UNDO_REPORT, result_document, undo_document

if TYPE_CHECKING:
    from importer.web.workshop import Workshop

PHASES = {
    "running": "importing",
    "cut-off": "cut-off",
    "stopped": "stopped",
    "complete": "done",
    "undone": "undone",
}
"""How far a file is, by the state of its job."""


class Past(Struct, frozen=True):
    """One line of the list. begun: ISO 8601.

    key: of its desk; "" where it has none yet. job: of the command line; "" for a file of the page.
    """

    title: str
    phase: str
    begun: str
    key: str = ""
    job: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)


def past_imports(workshop: "Workshop", workspace: Workspace, limit: int | None) -> list[Past]:
    """The latest imports into a workspace, at most `limit` of them."""
    jobs = [_of_job(workshop, info, workspace) for info in islice(jobs_elsewhere(workshop, workspace), limit)]
    known = {one.job for one in jobs}
    desks = [
        _of_desk(workshop, key, desk)
        for key, desk in workshop.desks(workspace)
        if desk.get("job") not in known
    ]
    return sorted([*desks, *jobs], key=lambda one: one.begun, reverse=True)[:limit]


def jobs_elsewhere(workshop: "Workshop", workspace: Workspace) -> Iterator[JobInfo]:
    """The imports of the command line into a workspace, latest first."""
    for info in job_folder(workshop.state).latest():
        is_ours = workshop.folder in Path(file_of(info.meta).path).parents
        if info.meta.get("workspace_uuid") == workspace.uuid and not is_ours and "undoes" not in info.meta:
            yield info


def journals_of(desk: Desk, jobs: JobFolder) -> Iterator[Path]:
    """The journals of a desk's imports and of their undos."""
    job = desk.get("job") or (desk.get("result") or {}).get("job", "")
    found = [
        info
        for info in jobs.latest()
        if Path(file_of(info.meta).path).parent == desk.folder or info.job == job
    ]
    names = {info.job for info in found}
    yield from (info.path for info in jobs.latest() if info.job in names or info.meta.get("undoes") in names)


def _of_desk(workshop: "Workshop", key: str, desk: Desk) -> Past:
    totals = (desk.get("result") or {}).get("totals", {})
    return Past(desk.title, workshop.phase(key, desk), str(desk.get("made")), key, totals=totals)


def _of_job(workshop: "Workshop", info: JobInfo, workspace: Workspace) -> Past:
    key, begun = key_of(info.job), str(info.meta["started"])
    desk = workshop.desk(key, workspace)
    if desk is None or desk.get("seen") != version_of(info):
        return Past(title_of(info), _phase(info, job_folder(workshop.state)), begun, job=info.job)
    totals = (desk.get("result") or {}).get("totals", {})
    return Past(desk.title, workshop.phase(key, desk), begun, key, info.job, totals)


def title_of(info: JobInfo) -> str:
    """What a job's file is called."""
    options: Any = info.meta.get("options") or {}
    return str(options.get("title") or PurePath(file_of(info.meta).path).name or info.job)


def key_of(job: str) -> str:
    """The name of the desk of a job of the command line: always the same one."""
    return sha256(job.encode()).hexdigest()[:16]


def version_of(info: JobInfo) -> list[object]:
    """Something else once a job has gone on, or is being taken back."""
    return [info.state, info.meta.get("finished"), info.meta.get("undone_by")]


def look_again(desk: Desk, info: JobInfo, state: Path | None, language: str) -> None:
    """Make the report of a job of the command line, and of its undo, as they are now.

    Raises:
        Unusable: the journal or the folder cannot be used.
    """
    report = report_again(info.job, desk.folder / REPORT, state, language=language)
    keep_lines(desk.folder / RESULT, report.lines())
    facts: dict[str, object] = {"result": result_document(report), "phase": _phase(info, job_folder(state))}
    if undone := job_folder(state).undo_of(info.job):
        back = report_again(undone.job, desk.folder / UNDO_REPORT, state, language=language)
        keep_lines(desk.folder / UNDO, back.lines())
        facts["undo"] = undo_document(back)
    desk.keep(seen=version_of(info), **facts)


def _phase(info: JobInfo, jobs: JobFolder) -> str:
    """How far the file of a job is; one that is cut off can only be gone on with where it was begun."""
    if info.state == "undone":
        undo = jobs.undo_of(info.job)
        return "undone" if undo is None or undo.state == "complete" else "undo-stopped"
    return PHASES[info.state]
