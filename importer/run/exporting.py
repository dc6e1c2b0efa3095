"""A workspace's contacts → files in the form that an import takes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from importer.errors import Unusable
from importer.jobs import state_folder
from importer.messages import catalogue
from importer.run.connection import QUIET, Connection, Listener, connected

if TYPE_CHECKING:
    from importer.gather import Asked
    from importer.journal.spool import Spool
    from importer.layout import Blank, Layout
    from importer.model import Field, Workspace
    from importer.options import Locale

BLANKS_TOLD = 1000
"""So many cells that could not be filled are told one by one."""


class LeftBlank(Struct, frozen=True):
    """A cell that was left blank, since no cell says what the contact has there. row: as a spreadsheet counts."""

    file: str
    row: int
    blank: "Blank"


class Exported(Struct, frozen=True):
    """What came of an export. blanks: the first of the `blank_cells` that could not be filled."""

    files: tuple[Path, ...]
    contacts: int
    headers: tuple[str, ...]
    blank_cells: int
    blanks: tuple[LeftBlank, ...]
    workspace: str = ""
    url: str = ""
    reads: int = 0


def export_contacts(
    path: Path,
    connection: Connection,
    *,
    group: str | None = None,
    fields: Sequence[str] | None = None,
    after: str | None = None,
    replace: bool = False,
    language: str = "en",
    listener: Listener = QUIET,
    state: Path | None = None,
    sheet_rows: int = 0,
) -> Exported:
    """Write the workspace's contacts to `path`, .xlsx or .csv. Cut off, it goes on when it is called again.

    group: only its members, by name or UUID. fields: only these, by key or label; None: all.
    after: only contacts changed on this day or at this moment, or later. replace: an older file.
    language: of our own columns. sheet_rows: contacts in a workbook; 0, as many as it holds.
    state: the folder for what has been read so far, the user's own by default.

    Raises:
        Unusable: no such kind of file, group, field or day; there is such a file already, or it cannot be written.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    from importer.gather import Asked, gather
    from importer.journal.spool import Spool
    from importer.options import Options
    from importer.schema import make_locale
    from importer.survey import read_workspace
    from importer.writers.export_files import KINDS, SHEET_ROWS

    if path.suffix.lower() not in KINDS:
        raise Unusable("export-kind", file=path.name)
    refuse_to_replace([path], replace=replace)
    with connected(connection, listener) as client:
        workspace = read_workspace(client)
        locale = make_locale(workspace, Options())
        chosen = _fields(fields, workspace)
        asked = Asked(_group(group, workspace), _moment(after, locale))
        with Spool(_spool_path(state, path, asked, workspace.uuid or client.url)) as spool:
            gather(client, spool, asked, locale, listener.reading)
            files = _files(path, spool, rows := sheet_rows or SHEET_ROWS, replace=replace)
            layout = _layout(workspace, locale, chosen, spool, path, language)
            exported = _write(files, layout, spool, catalogue(language).say("export.sheet"), rows)
            spool.remove()
        return structs.replace(
            exported, workspace=workspace.name, url=connection.url, reads=client.requests.reads
        )


def _write(paths: Sequence[Path], layout: "Layout", spool: "Spool", title: str, rows: int) -> Exported:
    """All contacts of the spool in files."""
    from importer.writers.export_files import ExportFiles

    count, blanks = 0, 0
    told: list[LeftBlank] = []
    with ExportFiles(paths, layout.headers, title, rows) as files:
        for contact in spool.contacts():
            cells, left = layout.cells(contact)
            name, row = files.add(cells)
            count, blanks = count + 1, blanks + len(left)
            told += [LeftBlank(name, row, one) for one in left[: BLANKS_TOLD - len(told)]]
        written = files.close()
    return Exported(written, count, layout.headers, blanks, tuple(told))


def _files(path: Path, spool: "Spool", rows: int, *, replace: bool) -> tuple[Path, ...]:
    from importer.writers.export_files import paths_for

    paths = paths_for(path, len(spool), rows)
    refuse_to_replace(paths[1:], replace=replace)
    return paths


def _layout(
    workspace: "Workspace",
    locale: "Locale",
    fields: Sequence["Field"],
    spool: "Spool",
    path: Path,
    language: str,
) -> "Layout":
    from importer.layout import Layout, OwnHeaders, widest
    from importer.writers.export_files import WORKBOOK

    words = catalogue(language)
    own = OwnHeaders(*(words.say(f"export.own.{name}") for name in OwnHeaders.__struct_fields__))
    in_workbook = path.suffix.lower() == WORKBOOK
    return Layout(workspace, locale, fields, widest(spool.shapes()), own, in_workbook=in_workbook)


def refuse_to_replace(paths: Sequence[Path], *, replace: bool) -> None:
    """Do nothing, unless there is a file that nobody said to replace.

    Raises:
        Unusable: there is.
    """
    for path in paths:
        if path.exists() and not replace:
            raise Unusable("export-exists", file=str(path))


def _fields(names: Sequence[str] | None, workspace: "Workspace") -> "Sequence[Field]":
    """Those that are named, or all, oldest first."""
    if names is None:
        return workspace.fields[::-1]
    from importer.layout import choose_fields

    chosen, unknown = choose_fields(names, workspace)
    if unknown:
        known = ", ".join(one.label for one in workspace.fields[::-1])
        raise Unusable("export-no-field", value=", ".join(unknown), known=known or "–")
    return chosen


def _group(name: str | None, workspace: "Workspace") -> str | None:
    if name is None:
        return None
    from importer.layout import choose_group

    if found := choose_group(name, workspace.groups):
        return found.uuid
    known = ", ".join(one.name for one in workspace.groups[::-1])
    raise Unusable("export-no-group", value=name, known=known or "–")


def _moment(text: str | None, locale: "Locale") -> str | None:
    """A day or moment as the server compares it; without a zone it is the workspace's."""
    if text is None:
        return None
    from importer.dates import parse_datetime
    from importer.issues import CellRefused

    try:
        moment = parse_datetime(text, locale, [])
    except CellRefused:
        moment = ""
    if not moment:
        raise Unusable("export-after", value=text)
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _spool_path(state: Path | None, path: Path, asked: "Asked", workspace: str) -> Path:
    """Where the contacts of this export are put aside: another one of the same kind goes on with them."""
    told = [str(path.absolute()), asked.group, asked.after, workspace]
    name = sha256(dumps(told).encode()).hexdigest()[:16]
    return state_folder(state) / "exports" / f"{name}.db"
