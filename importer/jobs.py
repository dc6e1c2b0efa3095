"""Jobs after and besides their running: where their journals are, what became of them, their reports again."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

from importer.definitions.sheets import DefinitionSheet
from importer.errors import Unusable
from importer.examine import Examined
from importer.execution.defined import lines_of
from importer.execution.earlier import Earlier
from importer.issues import Phrase
from importer.journal import JobFolder, JobInfo, Journal
from importer.messages import catalogue
from importer.model import Column, DefinitionLine, FileInfo, Row, Summary
from importer.options import Options
from importer.report import Line, Report, counted, fold, named

STATE_VARIABLE = "WENI_STATE"
PAGE_LOCK = "page.lock"
"""In the page's own part of the state folder: held while it runs."""


def state_folder(state: Path | None = None) -> Path:
    """Where journals are kept: `state`, else what WENI_STATE names, else the user's own place for such files."""
    if state is not None:
        return state
    if named := os.environ.get(STATE_VARIABLE):
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("weni-importer", appauthor=False)


def job_folder(state: Path | None = None) -> JobFolder:
    """The folder of all journals."""
    return JobFolder(state_folder(state) / "jobs")


def mirror_folder(state: Path | None = None) -> Path:
    """The folder of all mirrors."""
    return state_folder(state) / "mirrors"


def open_journal(state: Path | None, fingerprint: str, now: datetime) -> Journal:
    """The journal of the unfinished job with this fingerprint, or a new one; see `JobFolder.open`."""
    return job_folder(state).open(fingerprint, now)


def earlier_run(state: Path | None, fingerprint: str) -> Earlier:
    """What the unfinished job with this fingerprint has done so far; nothing, if there is none.

    Raises:
        Unusable: the job is running.
    """
    info = job_folder(state).unfinished(fingerprint)
    if info is None:
        return Earlier()
    with Journal(info.path, read_only=True) as journal:
        return Earlier.of(journal)


# ------------------------------------------------------------------------------------------------ reports


def prepare_output(options: Options) -> None:
    """See that a report can be written where the options want it.

    Raises:
        Unusable: it cannot; worth asking before hours of work.
    """
    if options.output is not None:
        from importer.writers.drafts import prepare_folder
        from importer.writers.report_files import NAMES

        prepare_folder(options.output, NAMES)


def report_of_job(path: Path, examined: Examined) -> Report:
    """The report of the job whose journal is at `path`, of the file as it was just examined."""
    report = _report(path, examined.rows, examined.table.columns, examined.table.definitions)
    return finish_report(
        replace(
            report,
            summary=replace(report.summary, file_issues=examined.issues),
            issues=examined.issues,
            mapped=examined.mapping.columns,
        ),
        examined.options,
    )


def report_again(
    job: str, output: Path | None = None, state: Path | None = None, *, language: str = "en"
) -> Report:
    """The report of a job that ran before. If its file is gone or has changed, it has no cells.

    Raises:
        Unusable: there is no such job.
    """
    info = job_folder(state).find(job)
    rows, columns, sheets = rows_again(info)
    return finish_report(_report(info.path, rows, columns, sheets), Options(output=output, language=language))


def rows_again(
    info: JobInfo,
) -> tuple[Callable[[], Iterable[Row]], tuple[Column, ...], tuple[DefinitionSheet, ...]]:
    """The rows of a job's file, its columns, and its sheets of fields and groups; if it is gone or has changed, rows
    without cells and no columns.
    """
    from itertools import islice

    from importer.readers import open_table

    file = file_of(info.meta)
    reading = cast("dict[str, Any]", info.meta.get("reading") or {})
    if corrections := reading.get("corrections"):
        reading = {**reading, "corrections": Path(corrections)}
    options = Options(**reading)
    try:
        table = open_table(Path(file.path), options)
    except Unusable:
        table = None
    if table is None or table.info.digest != file.digest:

        def without_cells() -> Iterator[Row]:
            with Journal(info.path, read_only=True) as journal:
                for outcome, _ in journal.outcomes():
                    yield Row(outcome.row, ())

        return without_cells, (), ()
    return lambda: islice(table.rows(), options.limit), table.columns, table.definitions


@contextmanager
def told_as_done(job: str) -> Iterator[None]:
    """Whatever is wrong with the report of a job, its work is done; this is said, and how to get the report."""
    try:
        yield
    except Unusable as error:
        reason = Phrase(f"error.{error.key}", error.details)
        raise Unusable("done-without-report", job=job, reason=reason) from error


def _report(
    path: Path,
    rows: Callable[[], Iterable[Row]],
    columns: tuple[Column, ...],
    sheets: Iterable[DefinitionSheet],
) -> Report:
    def lines() -> Iterator[Line]:
        with Journal(path, read_only=True) as journal:
            is_undo = journal.meta.get("command") == "undo"
            yield from fold(rows(), journal.outcomes(), journal.outcome, only_known=is_undo)

    with Journal(path, read_only=True) as journal:
        definitions = with_cells(lines_of(journal), sheets)
    return Report(_summary(path), columns, (), lines, definitions=definitions)


def with_cells(
    lines: Iterable[DefinitionLine], sheets: Iterable[DefinitionSheet]
) -> tuple[DefinitionLine, ...]:
    """Lines of rows about fields and groups, each with its row's cells, where the file has them."""
    found = {(sheet.name, row.number): (row, sheet.columns) for sheet in sheets for row in sheet.rows}
    cells = ((line, *found.get(line.place, (line.row, ()))) for line in lines)
    return tuple(replace(line, row=row, columns=columns) for line, row, columns in cells)


def _summary(path: Path) -> Summary:
    with Journal(path, read_only=True) as journal:
        meta = journal.meta
        made: dict[str, list[str]] = {"create-field": [], "create-group": [], "delete-group": []}
        for kind, answer in journal.answers(*made):
            if name := answer.get("label") or answer.get("name"):
                made[kind].append(str(name))
    finished, options = meta.get("finished"), cast("dict[str, Any]", meta.get("options", {}))
    return Summary(
        path.stem,
        str(meta.get("command", "run")),
        named(file_of(meta), options.get("title")),
        str(meta.get("workspace", "")),
        str(meta.get("url", "")),
        datetime.fromisoformat(str(meta["started"])),
        datetime.fromisoformat(str(finished)) if finished else None,
        "complete" if meta.get("state") == "complete" else "stopped",
        fields_created=tuple(made["create-field"]),
        groups_created=tuple(made["create-group"]),
        groups_deleted=tuple(made["delete-group"]),
        groups_kept=tuple(cast("list[str]", meta.get("groups_kept", ()))),
        fields_kept=tuple(cast("list[str]", meta.get("fields_kept", ()))),
        undoes=str(meta.get("undoes", "")),
        reads=cast("int", meta.get("reads", 0)),
        writes=cast("int", meta.get("writes", 0)),
        countries=cast("dict[str, int]", meta.get("countries", {})),
    )


def file_of(meta: Mapping[str, object]) -> FileInfo:
    """The file of a job."""
    return FileInfo(**cast("dict[str, Any]", meta.get("file", {"path": "", "kind": ""})))


def finish_report(report: Report, options: Options) -> Report:
    """The report with its totals counted, and its files written where the options name a folder.

    Raises:
        Unusable: the folder cannot be written.
    """
    if options.output is None:
        return counted(report, report.lines())
    from importer.writers.report_files import ReportFiles

    words, dry_run = catalogue(options.language), report.summary.ended == "planned"
    mends = report.summary.command != "undo"  # of an undo there is nothing to correct in the file
    with ReportFiles(options.output, report.columns, words, dry_run=dry_run, mends=mends) as files:

        def written() -> Iterator[Line]:
            for line in report.definitions:
                files.define(line)
            for row, outcome in report.lines():
                files.add(row, outcome)
                yield row, outcome

        report = counted(report, written())
        paths = files.close(report.summary)
    return replace(report, files=paths)
