"""A file and a workspace → what would be done."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from importer.copies import PrivateCopy
from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.jobs import finish_report, prepare_output
from importer.model import Record, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report
from importer.run.connection import QUIET, Connection, Listener, connected
from importer.run.reporting import now, report_on

if TYPE_CHECKING:
    import pandas as pd

    from importer.api import Client
    from importer.execution.earlier import Earlier
    from importer.plan import Plan
    from importer.survey import Survey


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
    started = now()
    with connected(connection, listener, stop) as client:
        planned = make_plan(source, options, client, listener)
        return finish_report(report_of_plan(planned, started, connection.url, client), options)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with the file and the contacts that it was made of."""

    examined: Examined
    survey: "Survey"
    plan: "Plan"


def make_plan(
    source: "Path | str | pd.DataFrame",
    options: Options,
    client: "Client",
    listener: Listener,
    *,
    aside: Path | None = None,
    earlier_of: "Callable[[Examined], Earlier] | None" = None,
) -> Planned:
    """What is to be done. aside: the folder for a copy of the file, where the file may change meanwhile.

    earlier_of: what an earlier run has done of it; is called before contacts are read, and may raise.
    """
    from importer.execution.earlier import Earlier
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
    return Planned(replace(examined, issues=(*examined.issues, *asked)), survey, plan)


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


def report_of_plan(planned: Planned, started: datetime, url: str, client: "Client") -> Report:
    """The report of a plan that nobody has carried out yet."""
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
    return report_on(summary, examined, lines)


def estimate(plan: "Plan", client: "Client") -> float:
    """Seconds that the plan's requests need under the server's rate, from now on."""
    contacts = plan.totals.contact_writes
    return max(client.time_for("contacts", contacts), client.time_for("other", plan.writes - contacts))
