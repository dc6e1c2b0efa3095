"""A job → what it has done is taken back."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.definitions.returning import batches_of
from importer.errors import ImporterError, Unusable
from importer.jobs import (
    file_of,
    finish_report,
    job_folder,
    prepare_output,
    report_again,
    rows_again,
    told_as_done,
    with_cells,
)
from importer.journal import JobInfo, Journal
from importer.model import Group, Outcome, Row, Status, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report, counted
from importer.run.connection import QUIET, Confirm, Connection, Listener, connected
from importer.run.reporting import now

if TYPE_CHECKING:
    from importer.api import Client
    from importer.definitions.returning import Defined, Returns
    from importer.execution.present import Present
    from importer.undo import Deed, Undo


def undo_job(
    job: str,
    connection: Connection,
    *,
    output: Path | None = None,
    language: str = "en",
    rate: int | None = None,
    confirm: Confirm = lambda _: True,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
    state: Path | None = None,
) -> Report:
    """Take back what a job has done, but for what others have changed since. Called again, it goes on where it was.

    job: its name, how that begins, or "last". rate: see `Options`. confirm, stop, state: see `import_file`. A job that
    is taken back is over, even if it was not carried to its end: the same import again is another job.

    Raises:
        Unusable: there is no such job, it is running, it is an undo or undone already, or is another workspace's.
        NotAllowed, Unavailable, Interrupted: before anything is written. Whatever ends it later is in the report's
            `failure`.
    """
    started, stop = now(), stop or threading.Event()
    options = Options(output=output, language=language)
    info, earlier = _find(job, state)
    prepare_output(options)
    with (
        Journal(info.path) as journal,
        connected(connection, listener, stop, rate=rate, state=state) as client,
    ):
        planned = _plan(info, earlier, client, listener)
        plan_report = _report_of_plan(planned, started, client)
        if not confirm(plan_report):
            return finish_report(plan_report, options)
        with _open_undo(planned, started, state) as undone:
            journal.set(undone_by=undone.job)
            _describe(undone, planned, client)
            failure = _carry_out(planned, client, undone, connection, listener, stop)
        with told_as_done(undone.job):
            report = report_again(undone.job, output, state, language=language)
        return replace(report, failure=failure)


def _find(job: str, state: Path | None) -> tuple[JobInfo, JobInfo | None]:
    """The job, and its undo if that was begun before."""
    folder = job_folder(state)
    info = folder.find(job)
    if info.meta.get("command") == "undo":
        raise Unusable("undo-of-undo", job=info.job, undone=info.meta["undoes"])
    earlier = folder.undo_of(info.job)
    if earlier and earlier.state == "running":
        raise Unusable("job-running", job=earlier.job)
    if earlier and earlier.state == "complete" and not _has_refused(earlier):
        raise Unusable("job-undone", job=info.job, undo=earlier.job)
    return info, earlier


def _has_refused(info: JobInfo) -> bool:
    with Journal(info.path, read_only=True) as journal:
        return any(outcome.status is Status.REFUSED for outcome, _ in journal.outcomes())


class _Planned(Struct, frozen=True):
    """What is to be taken back. todo: the deeds that no earlier run of the undo has settled."""

    info: JobInfo
    earlier: JobInfo | None
    workspace: Workspace
    todo: "Callable[[], Iterable[Deed]]"
    present: "Present"
    undo: "Undo"
    made_groups: tuple[Group, ...]
    made_fields: tuple[str, ...]
    returns: "Returns"

    @property
    def writes(self) -> int:
        """Requests that it takes."""
        batches = sum(1 for _ in batches_of(self.returns.steps, platform.BATCH))
        return self.undo.writes + len(self.returns.steps) + batches


def _plan(info: JobInfo, earlier: JobInfo | None, client: "Client", listener: Listener) -> _Planned:
    from importer.execution.deeds import Deeds
    from importer.execution.present import Present
    from importer.execution.redefining import defined_by
    from importer.survey import read_workspace
    from importer.undo import Surroundings, Undo

    workspace = read_workspace(client)
    _check_workspace(info, workspace, client)
    around = Surroundings(
        {field.key: field.value_type for field in workspace.fields},
        {group.uuid: group for group in workspace.groups},
    )
    deeds = Deeds(info.path)
    deeds.settle(client, around)
    done = _Done.of(earlier)

    def todo() -> "Iterator[Deed]":
        return (done.seen_by(deed) for deed in deeds if deed.row not in done.settled)

    urns = [urn for deed in todo() for urn in deed.regained]
    present = Present(client, {deed.where for deed in todo()}, urns, deeds.since)
    present.read(listener.reading)
    groups = tuple(_made_groups(deeds.made_groups, workspace))
    defined = list(defined_by(info.path, workspace))
    # those that are deleted come again before contacts are put back into them
    remade = _remade(earlier)
    deleted = [one.group for one in defined if one.kind == "delete-group" and not one.group.dynamic]
    names = {group.name.casefold() for group in workspace.groups}
    gone = {
        group.uuid: remade.get(group.uuid, group)
        for group in deleted
        if group.uuid in remade or group.name.casefold() not in names
    }
    around = replace(around, groups={**gone, **around.groups}, holder=present.holder)
    undo = Undo(todo, present.contact, around, groups)
    returns = _returns(defined, workspace, undo, earlier)
    there = {field.label for field in workspace.fields}
    fields = tuple(label for label in deeds.made_fields if label in there)
    return _Planned(info, earlier, workspace, todo, present, undo, groups, fields, returns)


def _returns(
    defined: "Iterable[Defined]", workspace: Workspace, undo: "Undo", earlier: JobInfo | None
) -> "Returns":
    """How what was done to fields and groups is taken back, and how much of it an earlier run has."""
    from importer.definitions.returning import take_back
    from importer.execution.defined import earlier_lines

    empty = {group.uuid for group in undo.groups.empty}
    returns = take_back(defined, workspace, empty, _remade(earlier))
    if earlier is None:
        return returns
    with Journal(earlier.path, read_only=True) as journal:
        return returns.resumed(*earlier_lines(journal))


def _remade(earlier: JobInfo | None) -> dict[str, Group]:
    """Groups that an earlier run of the undo has made anew, by the UUID that they had."""
    from importer.execution.redefining import remade_by

    if earlier is None:
        return {}
    with Journal(earlier.path, read_only=True) as journal:
        return remade_by(journal)


def _check_workspace(info: JobInfo, workspace: Workspace, client: "Client") -> None:
    """See that the job was done in this workspace; an older journal knows its name only."""
    known = info.meta.get("workspace_uuid")
    is_same = known == workspace.uuid if known else info.meta.get("workspace") == workspace.name
    if not is_same:
        made_for = str(info.meta.get("workspace") or info.meta.get("url"))
        raise Unusable(
            "job-workspace", job=info.job, made_for=made_for, workspace=workspace.name or client.url
        )


class _Done(Struct, frozen=True):
    """What an earlier run of the undo has done, by row.

    settled: needs nothing more. anew: UUIDs of contacts that it has made in place of deleted ones. sent: such a
    creation was sent, and nobody saw the answer.
    """

    settled: frozenset[int] = frozenset()
    anew: Mapping[int, str] = field(default_factory=dict)
    sent: frozenset[int] = frozenset()

    @classmethod
    def of(cls, earlier: JobInfo | None) -> "_Done":
        from importer.execution.undoing import SETTLED

        if earlier is None:
            return cls()
        settled, anew = set[int](), dict[int, str]()
        with Journal(earlier.path, read_only=True) as journal:
            for outcome, pending in journal.outcomes():
                if not pending and outcome.status in SETTLED:
                    settled.add(outcome.row)
                elif outcome.uuid:
                    anew[outcome.row] = outcome.uuid
            sent = frozenset(row for step in journal.open_steps("create") for row in step.rows)
        return cls(frozenset(settled), anew, sent)

    def seen_by(self, deed: "Deed") -> "Deed":
        """The deed, with what has been done for it."""
        if deed.act != "delete":
            return deed
        anew = self.anew.get(deed.row, "")
        return replace(deed, anew=anew if anew != deed.uuid else "", sent=deed.row in self.sent)


def _made_groups(made: Iterable[Group], workspace: Workspace) -> Iterator[Group]:
    """The groups that the job has made; one whose answer was lost is known by its name."""
    by_name = {group.name.casefold(): group for group in workspace.groups if not group.dynamic}
    for group in made:
        if group.uuid:
            yield group
        elif found := by_name.get(group.name.casefold()):
            yield found


def _report_of_plan(planned: _Planned, started: datetime, client: "Client") -> Report:
    """The report of an undo that nobody has carried out yet."""
    rows, columns, sheets = rows_again(planned.info)
    undo = planned.undo

    def lines() -> Iterator[Line]:
        return _with_cells(rows(), (one.outcome for one in undo.returns()))

    totals = undo.totals
    contacts, others = totals.contact_writes, planned.writes - totals.contact_writes
    summary = Summary(
        "",
        "undo",
        file_of(planned.info.meta),
        planned.workspace.name,
        client.url,
        started,
        ended="planned",
        groups_deleted=tuple(group.name for group in undo.groups.empty),
        groups_kept=tuple(group.name for group in undo.groups.kept),
        fields_kept=planned.made_fields,
        undoes=planned.info.job,
        acts={act: totals.acts[act] for act in ("block", "unblock") if totals.acts[act]},
        reads=client.requests.reads,
        writes=planned.writes,
        estimate_s=max(client.time_for("contacts", contacts), client.time_for("other", others)),
    )
    report = Report(summary, columns, (), lines, definitions=with_cells(planned.returns.lines, sheets))
    return counted(report, lines())


def _with_cells(rows: Iterable[Row], outcomes: Iterable[Outcome]) -> Iterator[Line]:
    """Each outcome with its row; without cells where the file has no such row any more."""
    there = iter(rows)
    row = next(there, None)
    for outcome in outcomes:
        while row is not None and row.number < outcome.row:
            row = next(there, None)
        found = row if row is not None and row.number == outcome.row else Row(outcome.row, ())
        yield found, outcome


def _open_undo(planned: _Planned, started: datetime, state: Path | None) -> Journal:
    """The journal of the undo: that of an earlier run, or a new one."""
    if planned.earlier:
        return Journal(planned.earlier.path)
    fingerprint = sha256(f"undo {planned.info.job}".encode()).hexdigest()
    return job_folder(state).open(fingerprint, started)


def _describe(undone: Journal, planned: _Planned, client: "Client") -> None:
    """Keep with the undo what its report and whoever goes on with it need."""
    from importer.journal.forms import definition_to_json

    of_job = {name: planned.info.meta.get(name) for name in ("file", "reading", "workspace")}
    undone.set(
        **of_job,
        command="undo",
        undoes=planned.info.job,
        state="running",
        finished=None,
        since=undone.meta.get("since") or planned.present.until,
        workspace_uuid=planned.workspace.uuid,
        url=client.url,
        fields_kept=list(planned.made_fields),
        groups_kept=[group.name for group in (*planned.undo.groups.empty, *planned.undo.groups.kept)],
        definitions=[definition_to_json(line) for line in planned.returns.lines],
    )


def _carry_out(
    planned: _Planned,
    client: "Client",
    undone: Journal,
    connection: Connection,
    listener: Listener,
    stop: threading.Event,
) -> ImporterError | None:
    """Take back what is planned; the error that ended it early, if one did."""
    from importer.execution.defined import settle_changes
    from importer.execution.prepare import settle_open
    from importer.execution.undoing import Undoing

    meta, failure, is_complete = undone.meta, None, False
    before = int(str(meta.get("reads", 0))), int(str(meta.get("writes", 0)))
    try:
        settle_open(undone, planned.workspace)
        settle_changes(undone, planned.workspace)
        undoing = Undoing(
            planned.undo,
            planned.todo,
            planned.present,
            planned.returns,
            client,
            undone,
            str(meta["since"]),
            stop,
            clock=connection.clock,
            sleep=connection.sleep or stop.wait,
            on_done=listener.done,
        )
        contacts = planned.undo.totals.contact_writes
        listener.started(contacts, planned.writes - contacts, client)
        undoing.run()
        is_complete = True
    except ImporterError as error:
        failure = error
    finally:
        with suppress(Unusable):  # what the disk does not take has been told by then
            deleted = {answer.get("name") for _, answer in undone.answers("delete-group")}
            there = (*planned.undo.groups.empty, *planned.undo.groups.kept)
            undone.set(
                state="complete" if is_complete else "stopped",
                finished=now().isoformat(),
                groups_kept=[group.name for group in there if group.name not in deleted],
                reads=before[0] + client.requests.reads,
                writes=before[1] + client.requests.writes,
            )
    return failure
