"""A file → what is wrong with it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from importer.definitions.planning import checked
from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.model import Outcome, Record, Status, Summary, Workspace
from importer.options import Options
from importer.report import Line, Report, counted
from importer.run.connection import Connection, connected
from importer.run.reporting import now, report_on

if TYPE_CHECKING:
    import pandas as pd

    from importer.desk import Desk

USUAL = Options()
STATUSES = {"invalid": Status.INVALID, "skipped": Status.SKIPPED}
"""Of records; all others are only not sent."""


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
    return counted(replace(report, definitions=checked(report.definitions)), report.lines())


def _outcome_of_check(record: Record) -> Outcome:
    status = STATUSES.get(record.status, Status.NOT_SENT)
    return Outcome(record.row, status, record.wanted.uuid, (), record.issues, 0, record.into)


def report_of_desk(desk: "Desk", language: str, output: Path) -> Report:
    """The report of a desk's check as it stands, with its files in the folder `output`.

    Raises:
        Unusable: the desk is not checked, or the folder cannot be written.
    """
    from importer.grid import Filter
    from importer.jobs import finish_report

    examined, grid = desk.examined, desk.grid
    if examined is None or grid is None:
        raise Unusable("desk-unusable", path=str(desk.folder))

    def lines() -> Iterator[Line]:
        for one in grid.rows_of(Filter()):
            status = STATUSES.get(one.status, Status.NOT_SENT)
            yield one.row, Outcome(one.row.number, status, None, (), one.issues)

    summary = Summary("", "check", examined.table.info, examined.workspace.name, "", now(), ended="planned")
    options = replace(examined.options, output=output, language=language)
    report = report_on(summary, examined, lines)
    return finish_report(replace(report, definitions=checked(report.definitions)), options)
