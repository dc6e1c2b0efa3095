"""A file → workbooks for the platform's own import, which no throttle slows down."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from importer import platform
from importer.errors import Unusable
from importer.examine import UNKNOWN, Examined, examine
from importer.issues import Issue
from importer.messages import catalogue
from importer.model import Field, FileInfo, Workspace
from importer.options import Options
from importer.run.connection import QUIET, Connection, Listener, connected
from importer.run.planning import Planned, make_plan
from importer.run.reporting import issues_with_left_out

if TYPE_CHECKING:
    import pandas as pd

    from importer.conversion import Entry
    from importer.writers.import_files import Upload


class Converted(Struct, frozen=True):
    """What came of a conversion.

    asked: whether a workspace was asked; else nobody knows which contacts are there. rows: of the file. new, changed:
    contacts that the files make and change (where none was asked: without and with a UUID). afterwards: rows of which
    something is left for `run --after-convert`. left_out: rows that are in no file.
    combinations: of groups that contacts join. apart: those of them that have files of their own.
    sequences: first and last of many numbers that follow each other.
    """

    file: FileInfo
    workspace: str
    url: str
    asked: bool
    rows: int
    new: int
    changed: int
    afterwards: int
    left_out: int
    combinations: int
    apart: int
    sequences: tuple[tuple[str, str], ...]
    issues: tuple[Issue, ...]
    reads: int
    uploads: "tuple[Upload, ...]"

    @property
    def files(self) -> tuple[Path, ...]:
        """The workbooks."""
        return tuple(upload.path for upload in self.uploads)


def convert_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection | None,
    folder: Path,
    *,
    workspace: Workspace = UNKNOWN,
    by_groups: bool = False,
    listener: Listener = QUIET,
    records: int | None = None,
) -> Converted:
    """Write the rows that are right into `folder`, in the form of the platform's own import. Sends nothing.

    connection: None: ask no workspace; what `workspace` says of one is heeded. by_groups: rows of the same groups get
    files of their own. records: the most of one file; as many as the platform takes by default.

    Raises:
        Unusable: the file cannot be used, an option does not fit, or the folder cannot be written.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    options, most = replace(options, output=None), records or platform.IMPORT_RECORDS
    if connection is None:
        return _convert(_of_file(source, options, workspace), folder, most, by_groups=by_groups)
    with connected(connection, listener) as client:
        planned = make_plan(source, options, client, listener)
        converted = _convert(_of_plan(planned), folder, most, by_groups=by_groups)
        return replace(converted, url=connection.url, asked=True, reads=client.requests.reads)


class _Source(Struct, frozen=True):
    """What is to be written. entries: of each row its record, if it has one, and whether it leaves something else."""

    examined: Examined
    fields: tuple[Field, ...]
    entries: "Callable[[], Iterable[tuple[Entry | None, bool]]]"

    def of_kind(self, *, is_new: bool) -> "Iterator[Entry]":
        """The records without a UUID, or those with one."""
        for entry, _ in self.entries():
            if entry is not None and (entry.uuid is None) is is_new:
                yield entry


def _of_plan(planned: Planned) -> _Source:
    from importer.conversion import entry_of, needs_afterwards

    def entries() -> "Iterator[tuple[Entry | None, bool]]":
        for decision in planned.plan.decisions():
            yield entry_of(decision), needs_afterwards(decision)

    examined = planned.examined
    return _Source(examined, (*examined.workspace.fields, *planned.plan.new_fields), entries)


def _of_file(source: "Path | str | pd.DataFrame", options: Options, workspace: Workspace) -> _Source:
    """All that is right in the file, as far as that can be told without asking a workspace."""
    from importer.conversion import entry_of_record

    examined = examine(source, options, workspace)
    check = examined.require_check()
    options = examined.options
    has_dates = any(column.value_type == "datetime" for column in check.schema.columns)
    if has_dates and not (options.timezone or workspace.timezone):
        raise Unusable("convert-timezone")

    def entries() -> "Iterator[tuple[Entry | None, bool]]":
        for record in check.records():
            yield entry_of_record(record, options), record.status == "valid"

    return _Source(examined, (*examined.workspace.fields, *check.schema.new_fields), entries)


def _convert(source: _Source, folder: Path, records: int, *, by_groups: bool) -> Converted:
    from importer.conversion import Groups, sequences, with_files

    rows = new = changed = afterwards = 0
    numbers, combinations, only_groups = list[str](), Counter[Groups](), Counter[Groups]()
    for entry, leaves in source.entries():
        rows += 1
        if entry is None:
            afterwards += leaves
            continue
        new, changed = new + (entry.uuid is None), changed + (entry.uuid is not None)
        numbers += entry.urns
        combinations[entry.groups] += 1
        afterwards += entry.rest
        only_groups[entry.groups] += not entry.rest
    del combinations[()], only_groups[()]
    apart = with_files(combinations) if by_groups else frozenset[Groups]()
    afterwards += sum(count for groups, count in only_groups.items() if groups not in apart)
    uploads = _write(source, folder, records, apart)
    examined = source.examined
    return Converted(
        examined.table.info,
        examined.workspace.name,
        "",
        asked=False,
        rows=rows,
        new=new,
        changed=changed,
        afterwards=afterwards,
        left_out=rows - new - changed,
        combinations=len(combinations),
        apart=len(apart),
        sequences=tuple(sequences(numbers)),
        issues=issues_with_left_out(examined),
        reads=0,
        uploads=uploads,
    )


def _write(
    source: _Source, folder: Path, records: int, apart: Collection[tuple[str, ...]]
) -> "tuple[Upload, ...]":
    """New contacts and contacts that are there, each kind in files of its own. apart: see `Converted`."""
    from importer.conversion import ImportForm
    from importer.writers.import_files import ImportFiles

    fields = {one.key: one for one in source.fields}
    with ImportFiles(folder, catalogue(source.examined.options.language), records) as files:
        for kind, is_new in (("new", True), ("changed", False)):
            form = ImportForm(source.of_kind(is_new=is_new), fields)
            for entry in source.of_kind(is_new=is_new):
                groups = entry.groups if entry.groups in apart else ()
                files.add(kind, form.headers, form.cells(entry), groups)
        return files.close()
