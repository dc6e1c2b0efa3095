"""A file and a workspace → workbooks for the platform's own import, which no throttle slows down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.issues import Issue
from importer.messages import catalogue
from importer.model import FileInfo
from importer.options import Options
from importer.run.connection import QUIET, Connection, Listener, connected
from importer.run.planning import Planned, make_plan

if TYPE_CHECKING:
    import pandas as pd

    from importer.conversion import Entry


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a conversion.

    rows: of the file. new, changed: contacts that the files make and change. afterwards: rows of which something is
    left for `run --after-convert`. left_out: rows that are in no file.
    sequences: first and last of many numbers that follow each other.
    """

    file: FileInfo
    workspace: str
    url: str
    rows: int
    new: int
    changed: int
    afterwards: int
    left_out: int
    sequences: tuple[tuple[str, str], ...]
    issues: tuple[Issue, ...]
    reads: int
    files: tuple[Path, ...]


def convert_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    folder: Path,
    *,
    listener: Listener = QUIET,
    records: int | None = None,
) -> Converted:
    """Write the rows that are right into `folder`, in the form of the platform's own import. Sends nothing.

    records: the most of one file; as many as the platform takes by default.

    Raises:
        Unusable: the file cannot be used, an option does not fit, or the folder cannot be written.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    from importer import platform

    with connected(connection, listener) as client:
        planned = make_plan(source, replace(options, output=None), client, listener)
        converted = _convert(planned, folder, records or platform.IMPORT_RECORDS, options)
        return replace(converted, url=connection.url, reads=client.requests.reads)


def _convert(planned: Planned, folder: Path, records: int, options: Options) -> Converted:
    from importer.conversion import entry_of, needs_afterwards, sequences

    rows = new = changed = afterwards = 0
    numbers: list[str] = []
    for decision in planned.plan.decisions():
        rows += 1
        entry = entry_of(decision)
        if entry is None:
            afterwards += needs_afterwards(decision)
            continue
        new, changed = new + (entry.uuid is None), changed + (entry.uuid is not None)
        afterwards += entry.rest
        numbers += entry.urns
    files = _write(planned, folder, records, options)
    info, workspace = planned.examined.table.info, planned.examined.workspace.name
    return Converted(
        info,
        workspace,
        "",
        rows,
        new,
        changed,
        afterwards,
        rows - new - changed,
        tuple(sequences(numbers)),
        planned.examined.issues,
        0,
        files,
    )


def _write(planned: Planned, folder: Path, records: int, options: Options) -> tuple[Path, ...]:
    """New contacts and contacts that are there, each kind in files of its own."""
    from importer.conversion import ImportForm
    from importer.writers.import_files import ImportFiles

    fields = {one.key: one for one in (*planned.examined.workspace.fields, *planned.plan.new_fields)}
    with ImportFiles(folder, catalogue(options.language), records) as files:
        for kind, is_new in (("new", True), ("changed", False)):
            form = ImportForm(_entries(planned, is_new=is_new), fields)
            for entry in _entries(planned, is_new=is_new):
                files.add(kind, form.headers, form.cells(entry))
        return files.close()


def _entries(planned: Planned, *, is_new: bool) -> "Iterator[Entry]":
    from importer.conversion import entry_of

    for decision in planned.plan.decisions():
        entry = entry_of(decision)
        if entry is not None and (entry.uuid is None) is is_new:
            yield entry
