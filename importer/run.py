"""The only wiring, and where a tour of the code starts: check_file → plan_file → import_file.

Each takes a path or a pandas DataFrame and gives a Report. A row's way: `readers` give rows, `mapping` and `schema`
say what each column means, `check` gives records, `survey` reads what the workspace has, `plan` decides, `execute`
carries it out (`prepare` makes missing fields and groups, `contacts` and `memberships` write), `journal` remembers and
`earlier` says where to go on, `report` folds it all into the Report, which `writers` put into files.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from importer import platform
from importer.copies import PrivateCopy
from importer.errors import ImporterError, Unusable
from importer.examine import Examined, examine
from importer.jobs import (
    earlier_run,
    finish_report,
    open_journal,
    prepare_output,
    report_of_job,
    state_folder,
)
from importer.model import Column, Outcome, Record, Status, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report, counted

if TYPE_CHECKING:
    import pandas as pd

    from importer.api import Client, Waiting
    from importer.earlier import Earlier
    from importer.journal import Journal
    from importer.plan import Plan
    from importer.survey import Survey

USUAL = Options()


@dataclass(frozen=True, slots=True)
class Connection:
    """The workspace to import into.

    settle_s: how long the server needs for a new field or group, in seconds. clock, sleep: what time is and how it
    passes, in seconds; sleep: None for a real one that a stop ends.
    """

    url: str
    token: str = field(repr=False)
    insecure: bool = False
    settle_s: float = platform.SETTLE_S
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], object] | None = field(default=None, repr=False)


class Listener:
    """Is told how a job goes on; this one keeps still. Methods may be called from several threads."""

    def reading(self, contacts: int) -> None:
        """So many contacts of the workspace have been read."""

    def waiting(self, waiting: "Waiting") -> None:
        """Nothing is sent for a while."""

    def resuming(self, rows: int) -> None:
        """An earlier run of the same job has settled so many rows."""

    def started(self, requests: int, client: "Client") -> None:
        """The plan is being carried out; it takes so many writing requests."""

    def done(self, requests: int) -> None:
        """So many more of them are through."""


QUIET = Listener()


# ------------------------------------------------------------------------------------------------- check


def check_file(
    source: "Path | str | pd.DataFrame",
    options: Options = USUAL,
    connection: Connection | None = None,
) -> Report:
    """Check a file; offline, or with what the workspace of `connection` has. Writes nothing to it.

    A row that is fine is *not sent* in this report.

    Raises:
        Unusable: the file cannot be read, or an option does not fit.
        NotAllowed, Unavailable: the workspace cannot be read.
    """
    started = _now()
    if connection is None:
        return report_of_check(examine(source, options), started)
    return report_of_check(examine(source, options, workspace_of(connection)), started, connection.url)


def workspace_of(connection: Connection) -> Workspace:
    """What the workspace has: country, time zone, fields, groups."""
    from importer.survey import read_workspace

    with _connected(connection) as client:
        return read_workspace(client)


def report_of_check(examined: Examined, started: datetime, url: str = "") -> Report:
    """The report of a file that was only checked."""

    def lines() -> Iterator[Line]:
        for row, record in examined.check.lines() if examined.check else ():
            yield row, _outcome_of_check(record)

    summary = Summary(
        "", "check", examined.table.info, examined.workspace.name, url, started, ended="planned"
    )
    return _report(summary, examined, lines)


def _outcome_of_check(record: Record) -> Outcome:
    status = {"invalid": Status.INVALID, "skipped": Status.SKIPPED}.get(record.status, Status.NOT_SENT)
    return Outcome(record.row, status, record.wanted.uuid, (), record.issues, 0, record.into)


# -------------------------------------------------------------------------------------------------- plan


def plan_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    *,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
) -> Report:
    """What `import_file` would do now. Reads the workspace, writes nothing to it.

    Raises:
        Unusable: the file cannot be used, or an option does not fit.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    started = _now()
    with _connected(connection, listener, stop) as client:
        planned = _make_plan(source, options, client, listener)
        return finish_report(_report_of_plan(planned, started, connection.url, client), options)


@dataclass(frozen=True, slots=True)
class _Planned:
    examined: Examined
    survey: "Survey"
    plan: "Plan"


def _make_plan(
    source: "Path | str | pd.DataFrame",
    options: Options,
    client: "Client",
    listener: Listener,
    *,
    aside: Path | None = None,
    earlier_of: "Callable[[Examined], Earlier] | None" = None,
) -> _Planned:
    """What is to be done. aside: the folder for a copy of the file, where the file may change meanwhile.

    earlier_of: what an earlier run has done of it; is called before contacts are read, and may raise.
    """
    from importer.earlier import Earlier
    from importer.plan import Plan, Rules
    from importer.survey import Survey, read_workspace

    workspace = read_workspace(client)
    examined = _examine(source, options, workspace, aside)
    check = examined.require_check()
    prepare_output(options)
    earlier = earlier_of(examined) if earlier_of else Earlier()
    survey = Survey(client, check.repeats)
    largest_group = max((group.count for group in workspace.groups), default=0)
    survey.read(check.records(), largest_group, listener.reading)
    rules = Rules.of(check.schema, workspace, examined.options)

    def records() -> Iterator[Record]:
        return map(earlier.in_plan, check.records())

    plan = Plan(records, survey.snapshot, rules, check.schema.new_fields)
    if plan.issues:
        raise Unusable.file(plan.issues[0], examined.table.info)
    asked = survey.habit.question(check.schema, examined.options)
    return _Planned(replace(examined, issues=(*examined.issues, *asked)), survey, plan)


def _examine(
    source: "Path | str | pd.DataFrame", options: Options, workspace: Workspace, aside: Path | None
) -> Examined:
    """See `examine`; what it reads is a copy, but the name that the user is told is that of the file."""
    if aside is None or not isinstance(source, str | Path):
        return examine(source, options, workspace)
    copy = PrivateCopy(Path(source), aside)
    try:
        examined = examine(copy.path, options, workspace)
    except BaseException as error:
        copy.remove()
        if isinstance(error, Unusable) and error.info:
            error.info = replace(error.info, path=str(source))
        raise
    table = examined.table
    table.info = replace(table.info, path=str(source))
    copy.keep_for(table)
    return examined


def _report_of_plan(planned: _Planned, started: datetime, url: str, client: "Client") -> Report:
    examined, plan = planned.examined, planned.plan

    def lines() -> Iterator[Line]:
        return zip(examined.rows(), plan.outcomes(), strict=True)

    summary = Summary(
        "",
        "plan",
        examined.table.info,
        examined.workspace.name,
        url,
        started,
        ended="planned",
        fields_created=tuple(new.label for new in plan.new_fields),
        groups_created=plan.new_groups,
        reads=client.requests.reads,
        writes=plan.writes,
        estimate_s=estimate(plan, client),
        countries=dict(plan.totals.countries.most_common()),
    )
    return _report(summary, examined, lines)


def estimate(plan: "Plan", client: "Client") -> float:
    """Seconds that the plan's requests need under the server's rate, from now on."""
    contacts = plan.totals.contact_writes
    return max(client.time_for("contacts", contacts), client.time_for("other", plan.writes - contacts))


# ------------------------------------------------------------------------------------------------ import

Confirm = Callable[[Report], bool]
"""Is shown the plan and says whether to go on."""


def import_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    *,
    confirm: Confirm = lambda _: True,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
    state: Path | None = None,
) -> Report:
    """Bring a file's contacts into the workspace. Called again after it was stopped, it goes on where it was.

    confirm: is shown the plan before anything is written; if it says no, the plan's report comes back.
    stop: may be set from outside (Ctrl-C); what was done is in the report, which then says *stopped*. It is set, too,
        when something else ends the import early.
    state: the folder of the journals, the user's own by default.

    Raises:
        Unusable: the file cannot be used, an option does not fit, the report cannot be written, or the same job is
            running.
        NotAllowed, Unavailable, Interrupted: before anything is written. Whatever ends the import later is in the
            report's `failure`.
    """
    started, stop = _now(), stop or threading.Event()
    with _connected(connection, listener, stop) as client:

        def earlier_of(examined: Examined) -> "Earlier":
            return earlier_run(state, _fingerprint(examined, client.url))

        aside = state_folder(state)
        planned = _make_plan(source, options, client, listener, aside=aside, earlier_of=earlier_of)
        options = planned.examined.options  # with those of the mapping file
        plan_report = _report_of_plan(planned, started, connection.url, client)
        held_back = planned.plan.totals.rows[Status.INVALID]
        if (options.all_or_nothing and held_back) or not confirm(plan_report):
            return finish_report(plan_report, options)
        with open_journal(state, _fingerprint(planned.examined, client.url), started) as journal:
            _describe(journal, planned, client)
            failure = _carry_out(planned, client, journal, connection, listener, stop)
        report = report_of_job(journal.path, planned.examined)
        return replace(report, failure=failure)


def _carry_out(
    planned: _Planned,
    client: "Client",
    journal: "Journal",
    connection: Connection,
    listener: Listener,
    stop: threading.Event,
) -> ImporterError | None:
    """Do what is planned; the error that ended it early, if one did."""
    from importer.execute import Execution

    meta, failure, is_complete = journal.meta, None, False
    before = int(str(meta.get("reads", 0))), int(str(meta.get("writes", 0)))
    try:
        execution = Execution(
            planned.plan,
            planned.examined.workspace,
            planned.survey,
            client,
            journal,
            _columns_by_key(planned.examined),
            stop,
            since=str(meta["since"]),
            clock=connection.clock,
            sleep=connection.sleep or stop.wait,
            on_done=listener.done,
        )
        if execution.earlier.settled:
            listener.resuming(len(execution.earlier.settled))
        listener.started(planned.plan.writes, client)
        execution.run()
        is_complete = True
    except ImporterError as error:
        failure = error
    finally:
        with suppress(Unusable):  # what the disk does not take has been told by then
            journal.set(
                state="complete" if is_complete else "stopped",
                finished=_now().isoformat(),
                reads=before[0] + client.requests.reads,
                writes=before[1] + client.requests.writes,
            )
    return failure


def _columns_by_key(examined: Examined) -> dict[str, Column]:
    """Where to show what the server refuses, by the key of the body that it names."""
    columns: dict[str, Column] = {}
    for typed in examined.require_check().schema.columns:
        kind, name = typed.target.kind, typed.target.name
        key = {"urn": "urns", "group": "groups", "field": f"fields.{name}"}.get(kind, kind.partition(".")[0])
        columns.setdefault(key, typed.column)
        for scheme in typed.schemes:
            columns.setdefault(f"urns:{scheme}", typed.column)
    return columns


# --------------------------------------------------------------------------------------- parts they share


@contextmanager
def _connected(
    connection: Connection, listener: Listener = QUIET, stop: threading.Event | None = None
) -> Iterator["Client"]:
    from importer.api import connect

    with connect(
        connection.url,
        connection.token,
        insecure=connection.insecure,
        settle_s=connection.settle_s,
        clock=connection.clock,
        sleep=connection.sleep,
        on_wait=listener.waiting,
        stop=stop,
    ) as client:
        yield client


def _fingerprint(examined: Examined, url: str) -> str:
    """What makes two runs the same job: the input, what its columns mean, the options, the workspace."""
    options = asdict(examined.options)
    # the mapping is in the columns; where the report goes and in which language changes nothing
    for free in ("output", "language", "mapping", "given"):
        del options[free]
    job = {
        "file": examined.table.info.digest,
        "sheet": examined.table.info.sheet,
        "columns": [
            # once it is there, a new field of no type is one of type text
            (one.column.letter, str(one.target), one.target.value_type or "text")
            for one in examined.mapping.columns
        ],
        "constants": repr(examined.mapping.constants),
        "values": repr(examined.mapping.values),
        "options": options,
        "workspace": examined.workspace.uuid or url,  # an embedded sandbox has another address each time
    }
    return sha256(dumps(job, sort_keys=True).encode()).hexdigest()


def _describe(journal: "Journal", planned: _Planned, client: "Client") -> None:
    """Keep with the job what its report and whoever goes on with it need."""
    examined, meta = planned.examined, journal.meta
    options, info = asdict(examined.options), examined.table.info
    reading = {name: options[name] for name in ("sheet", "header_row", "limit")}
    if examined.options.mapping:  # it may know the headers of a row that nobody else takes for one
        reading |= {"sheet": info.sheet, "header_row": info.header_row}
    journal.set(
        state="running",
        finished=None,
        file=asdict(info),
        reading=reading,
        options={
            name: str(v) if isinstance(v, Path) else v for name, v in options.items() if name != "given"
        },
        columns=[(one.column.letter, one.column.header, str(one.target)) for one in examined.mapping.columns],
        workspace=examined.workspace.name,
        url=client.url,
        countries=dict(planned.plan.totals.countries.most_common()),
        since=meta.get("since", planned.survey.until),
    )


def _report(summary: Summary, examined: Examined, lines: Callable[[], Iterator[Line]]) -> Report:
    """A report with its totals."""
    summary = replace(summary, file_issues=examined.issues)
    report = Report(summary, examined.table.columns, examined.issues, lines, examined.mapping.columns)
    return counted(report, report.lines())


def _now() -> datetime:
    return datetime.now(UTC)
