"""Columns: what each of them becomes, and how the file is read."""

from itertools import islice
from typing import Any

from msgspec import Struct
from starlette.datastructures import UploadFile
from starlette.responses import Response

from importer.errors import ImporterError, Unusable
from importer.issues import CellRefused, Issue
from importer.model import MappedColumn
from importer.targets import TargetRefused, format_target
from importer.web import choices
from importer.web.visits import Visit, of_file, with_form, with_rows
from importer.writers.texts import text_of

SAMPLES = 3
MAPPING_MAX = 1_000_000
"""Bytes that a mapping file may have."""
OPTIONS = (
    "country", "timezone", "date_order", "decimal", "phone_scheme", "ninth_digit", "duplicates", "groups_mode",
    "urns_mode", "sheet", "groups",
)  # fmt: skip
"""Options that the page asks for as texts; "" is what the program does by itself."""


class ShownColumn(Struct, frozen=True):
    """A column on the page: some of its values, what it is taken for, and what is to be said of it."""

    mapped: MappedColumn
    target: str
    samples: list[str]
    issues: list[Issue]


@of_file
@with_rows
def columns(visit: Visit) -> Response:
    """What each column is."""
    return visit.in_the_way("columns") or _columns(visit)


def _columns(visit: Visit, error: ImporterError | None = None) -> Response:
    desk, words = visit.desk, visit.words
    examined = desk.examined
    if examined is None:
        return visit.go()
    rows = [row.cells for row in islice(examined.table.rows(), 50)]
    shown, others = [], []
    letters = {mapped.column.letter for mapped in examined.mapping.columns}
    for at, mapped in enumerate(examined.mapping.columns):
        texts = dict.fromkeys(text for cells in rows if (text := text_of(cells[at]).strip()))
        issues = [issue for issue in examined.issues if issue.letter == mapped.column.letter]
        shown.append(ShownColumn(mapped, format_target(mapped.target), list(islice(texts, SAMPLES)), issues))
    others = [issue for issue in examined.issues if issue.letter not in letters]
    return visit.show(
        "columns.html",
        "columns",
        422 if error else 200,
        error=error,
        columns=shown,
        others=others,
        offers=list(desk.offers()),
        targets=choices.targets(examined.mapping.columns, examined.workspace, words),
        countries=choices.countries(words.language),
        options=desk.get("options"),
        reading=examined.options,
        info=examined.table.info,
        file_name=desk.title,
        remembered=desk.get("remembered"),
    )


@with_form
@with_rows
def decide(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Take the columns for what the form says, and check again where that is something else."""
    desk = visit.desk
    if visit.work:
        return visit.go()
    found = (
        {m.column.letter: format_target(m.target) for m in desk.examined.mapping.columns}
        if desk.examined
        else {}
    )
    said = {
        name.removeprefix("column-"): str(value) for name, value in form.items() if name.startswith("column-")
    }
    targets = {letter: text for letter, text in said.items() if found.get(letter) not in (None, text)}
    options: dict[str, Any] = {name: str(form.get(name, "")).strip() for name in OPTIONS}
    header_row = str(form.get("header_row", ""))
    if header_row.isascii() and header_row.isdecimal() and 0 < int(header_row) < 10_000:
        options["header_row"] = int(header_row)
    options |= {name: True for name in ("create_without_key", "strict") if form.get(name)}
    options = {name: value for name, value in options.items() if value}
    before = dict(desk.get("options"))
    try:
        desk.decide(targets, options)
    except (TargetRefused, CellRefused) as refused:
        return _columns(visit, Unusable("web-target", value=str(refused.args[0])))
    if (
        targets
        or desk.get("options") != before
        or desk.examined is None
        or desk.get("phase") in ("unusable", "new")
    ):
        work = visit.start("check")
        if work.finished.is_set() and isinstance(work.error, Unusable) and desk.examined:
            desk.keep(options=before)
            return _columns(visit, work.error)
    if desk.examined and desk.grid and not visit.work:
        visit.workshop.remember(desk)
        if desk.get("phase") == "read":
            desk.keep(phase="checked")
        return visit.go("check")
    return visit.go("columns")


@with_form
@with_rows
def load_mapping(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Take the columns for what a mapping file says."""
    file = form.get("file")
    if visit.work or not isinstance(file, UploadFile):
        return visit.go("columns")
    try:
        text = file.file.read(MAPPING_MAX).decode("utf-8-sig", "replace")
        visit.desk.load_mapping(text)
    except ImporterError as error:
        return _columns(visit, error)
    work = visit.start("check")
    if work.finished.is_set() and work.error and visit.desk.examined:
        return _columns(visit, work.error)
    return visit.go("columns")


@of_file
@with_rows
def mapping(visit: Visit) -> Response:
    """The mapping file that takes columns for what these are taken for."""
    if visit.desk.examined is None:
        return visit.go()
    headers = {"content-disposition": 'attachment; filename="mapping.toml"'}
    return Response(visit.desk.mapping_text(), media_type="application/toml", headers=headers)
