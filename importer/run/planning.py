"""A file and a workspace → what would be done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from importer import platform
from importer.copies import PrivateCopy
from importer.errors import MirrorFailed, Unusable
from importer.examine import Examined, examine
from importer.jobs import finish_report, mirror_folder, prepare_output, state_folder
from importer.model import Costs, Status, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report
from importer.run.connection import QUIET, Connection, Listener, connected
from importer.run.reporting import now, report_on
from importer.shelf import Shelf

if TYPE_CHECKING:
    import pandas as pd

    from importer.api import Client
    from importer.execution.earlier import Earlier
    from importer.mirror import Mirror
    from importer.plan import Plan
    from importer.survey import Survey

SENT_BY_A_LOOP = (Status.CREATED, Status.UPDATED, Status.UNCHANGED, Status.DELETED)


def plan_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    *,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
    state: Path | None = None,
) -> Report:
    """What `import_file` would do now. Reads the workspace, writes nothing to it.

    state: the folder of what is kept between runs, the user's own by default.

    Raises:
        Unusable: the file cannot be used, or an option does not fit.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    started = now()
    with connected(connection, listener, stop, rate=options.rate, state=state) as client:
        planned = make_plan(source, options, client, listener, state=state)
        report = report_of_plan(planned, started, connection.url, client)
        return report if options.output is None else finish_report(report, options)


class Planned(Struct, frozen=True):
    """A plan, with the file and the contacts that it was made of."""

    examined: Examined
    survey: "Survey"
    plan: "Plan"

    @property
    def writes(self) -> int:
        """Requests that will be sent, those about fields and groups included."""
        return self.plan.writes + len(self.examined.definitions.steps)


def make_plan(
    source: "Path | str | pd.DataFrame",
    options: Options,
    client: "Client",
    listener: Listener,
    *,
    state: Path | None = None,
    aside: Path | None = None,
    earlier_of: "Callable[[Examined], Earlier] | None" = None,
) -> Planned:
    """What is to be done. aside: the folder for a copy of the file, where the file may change meanwhile.

    earlier_of: what an earlier run has done of it; is called before contacts are read, and may raise.
    """
    from importer.execution.earlier import Earlier
    from importer.survey import read_workspace

    workspace = read_workspace(client)
    examined = _examine(source, options, workspace, aside, Shelf(state_folder(state)))
    examined.require_check()
    prepare_output(options)
    earlier = earlier_of(examined) if earlier_of else Earlier()
    resumed = examined.definitions.resumed(earlier.defined, earlier.defining)
    examined = replace(examined, definitions=resumed)
    mirror = _mirror_of(workspace, examined.options, client, state)
    try:
        survey, plan = _plan(examined, earlier, client, mirror, listener)
    except MirrorFailed:  # it was only to save requests
        survey, plan = _plan(examined, earlier, client, None, listener)
    if plan.issues:
        raise Unusable.file(plan.issues[0], examined.table.info)
    asked = survey.habit.question(examined.require_check().schema, examined.options)
    return Planned(replace(examined, issues=(*examined.issues, *asked)), survey, plan)


def _mirror_of(
    workspace: Workspace, options: Options, client: "Client", state: Path | None
) -> "Mirror | None":
    """The mirror of the workspace; None where there is to be none, or can be none."""
    from importer.mirror import Mirror, path_of

    if not options.mirror or not workspace.uuid:
        return None
    path = path_of(mirror_folder(state), client.url, workspace)
    with suppress(MirrorFailed):
        return Mirror(path, workspace)
    with suppress(MirrorFailed):  # a damaged one is gone by now
        return Mirror(path, workspace)
    return None


def _plan(
    examined: Examined, earlier: "Earlier", client: "Client", mirror: "Mirror | None", listener: Listener
) -> "tuple[Survey, Plan]":
    from importer.decisions import Rules
    from importer.plan import Plan
    from importer.survey import Survey

    check, options, definitions = examined.require_check(), examined.options, examined.definitions
    survey = Survey(client, check.repeats, mirror, options.mirror_max_age_s)
    rules = Rules.of(check.schema, examined.workspace, options, definitions)

    def plan() -> Plan:
        survey.read(check.records, definitions.before, listener.reading)
        snapshot, new_fields, rows = survey.snapshot, check.schema.new_fields, check.totals.rows.total()
        return Plan(check.portions, snapshot, rules, new_fields, check.firsts, earlier.in_plan, rows)

    made = plan()
    losing = made.totals.urn_lists + made.totals.destroyed
    if survey.must_recheck(losing) and not survey.recheck(_overwritten(made)):
        made = plan()
    return survey, made


def _overwritten(plan: "Plan") -> dict[str, bool]:
    """By UUID, the contacts that the plan changes, and whether it does what takes something that they have."""
    from importer.steps import UpdateContact

    found: dict[str, bool] = {}
    for decision in plan.decisions():
        if decision.contact and decision.act:
            found[decision.contact.uuid] = True
        elif isinstance(decision.step, UpdateContact):
            found[decision.step.contact.uuid] = "urns" in decision.step.body
    return found


def _examine(
    source: "Path | str | pd.DataFrame",
    options: Options,
    workspace: Workspace,
    aside: Path | None,
    shelf: Shelf,
) -> Examined:
    """See `examine`; what it reads is a copy, but the name that the user is told is that of the file."""
    if aside is None or not isinstance(source, str | Path):
        return examine(source, options, workspace, shelf)
    copy = PrivateCopy(Path(source), aside)
    try:
        examined = examine(copy.path, options, workspace, shelf)
    except BaseException as error:
        copy.remove()
        if isinstance(error, Unusable) and error.info:
            error.info = replace(error.info, path=str(source))
        raise
    table = examined.table
    table.info = replace(table.info, path=str(source))
    copy.keep_for(table)
    return examined


def report_of_plan(planned: Planned, started: datetime, url: str, client: "Client") -> Report:
    """The report of a plan that nobody has carried out yet."""
    examined, plan = planned.examined, planned.plan
    totals = plan.totals

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
        fields_created=(*examined.definitions.new_fields, *(new.label for new in plan.new_fields)),
        groups_created=(*examined.definitions.new_groups, *plan.new_groups),
        groups_deleted=tuple(step.group.name for step in examined.definitions.deletions),
        reads=client.requests.reads,
        writes=planned.writes,
        estimate_s=estimate(planned, client),
        costs=costs_of(planned, client),
        countries=totals.by_country,
        acts=dict(sorted(totals.acts.items())),
        rows=sum(totals.rows.values()),
        totals=totals.rows,
        issues=dict(sorted(totals.issues.items())),
        removals=totals.removals,
    )
    return replace(report_on(summary, examined, lines), kinds=tuple(totals.kinds))


def estimate(planned: Planned, client: "Client") -> float:
    """Seconds that the plan's requests need, under the server's rate and as quickly as it answers, from now on."""
    contacts = planned.plan.totals.contact_writes
    others = planned.writes - contacts
    allowed_s = max(client.time_for("contacts", contacts), client.time_for("other", others))
    acts = planned.plan.totals.act_batches
    made = len(planned.plan.new_fields) + len(planned.plan.new_groups)
    made += len(planned.examined.definitions.steps)
    beside = max(contacts / platform.THREADS, others - made - acts)
    sent_s = platform.ANSWER_S * (made + beside + acts)
    return max(allowed_s, sent_s) + _settle_s(planned, client)


def costs_of(planned: Planned, client: "Client") -> Costs:
    """What the plan costs, and what a plain loop would that sends one request for each row."""
    plan, definitions = planned.plan, planned.examined.definitions
    rows = sum(plan.totals.rows[status] for status in SENT_BY_A_LOOP)
    return Costs(
        planned.survey.ways,
        plan.totals.contact_writes,
        plan.totals.batches,
        len(plan.new_fields) + definitions.field_writes,
        len(plan.new_groups) + len(definitions.steps) - definitions.field_writes,
        _settle_s(planned, client),
        max(client.time_for("contacts", rows), platform.ANSWER_S * rows),
    )


def _settle_s(planned: Planned, client: "Client") -> float:
    """Seconds for which nothing is written, so that new fields and groups are ready."""
    plan, definitions = planned.plan, planned.examined.definitions
    if not (plan.totals.contact_writes or plan.totals.batches):
        return 0.0
    return client.settle_s if plan.new_fields or plan.new_groups or definitions.first else 0.0
