"""A file → what is wrong with it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from importer.examine import Examined, examine
from importer.model import Outcome, Record, Status, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report, counted
from importer.run.connection import Connection, connected
from importer.run.reporting import now, report_on

if TYPE_CHECKING:
    import pandas as pd

USUAL = Options()


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
    started = now()
    if connection is None:
        return report_of_check(examine(source, options), started)
    return report_of_check(examine(source, options, workspace_of(connection)), started, connection.url)


def workspace_of(connection: Connection) -> Workspace:
    """What the workspace has: country, time zone, fields, groups."""
    from importer.survey import read_workspace

    with connected(connection) as client:
        return read_workspace(client)


def report_of_check(examined: Examined, started: datetime, url: str = "") -> Report:
    """The report of a file that was only checked."""

    def lines() -> Iterator[Line]:
        for row, record in examined.check.lines() if examined.check else ():
            yield row, _outcome_of_check(record)

    summary = Summary(
        "", "check", examined.table.info, examined.workspace.name, url, started, ended="planned"
    )
    report = report_on(summary, examined, lines)
    return counted(report, report.lines())


def _outcome_of_check(record: Record) -> Outcome:
    status = {"invalid": Status.INVALID, "skipped": Status.SKIPPED}.get(record.status, Status.NOT_SENT)
    return Outcome(record.row, status, record.wanted.uuid, (), record.issues, 0, record.into)
