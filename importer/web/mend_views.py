"""Columns and Check: what the columns are, what is wrong, and mending it."""

from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from importer.corrections import Step
from importer.errors import ImporterError, Unusable
from importer.grid import CORRECTED, Filter, GridRow
from importer.issues import CellRefused, Issue
from importer.model import MappedColumn
from importer.repairs import Offer
from importer.targets import TargetRefused, format_target
from importer.web import choices
from importer.web.visits import Visit, of_file, with_form, with_rows
from importer.writers.texts import text_of

PAGE = 100
"""Rows on one page of the grid."""
SAMPLES = 3
MAPPING_MAX = 1_000_000
"""Bytes that a mapping file may have."""
OPTIONS = {
    "country": "", "timezone": "", "date_order": "", "decimal": "", "phone_scheme": "", "ninth_digit": "",
    "duplicates": "", "groups_mode": "", "urns_mode": "", "sheet": "", "groups": "",
}  # fmt: skip
"""Options that the page asks for as texts; "" is what the program does by itself."""


# ------------------------------------------------------------------------------------------------ columns


@dataclass(frozen=True, slots=True)
class ShownColumn:
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


# -------------------------------------------------------------------------------------------------- check


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the grid. before: what the file says, where it is corrected."""

    letter: str
    text: str
    issues: list[Issue]
    before: str | None
    is_open: bool  # can be written over

    @property
    def is_wrong(self) -> bool:
        """Whether an error holds the row back because of it."""
        return any(issue.is_error for issue in self.issues)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the grid. issues: those that concern no cell of it."""

    number: int
    status: str
    left_out: bool
    cells: list[ShownCell]
    issues: list[Issue]
    is_corrected: bool


@of_file
@with_rows
def check(visit: Visit) -> Response:
    """What is wrong, what can be done about it, and the rows."""
    if answer := visit.in_the_way("check"):
        return answer
    if visit.desk.grid is None:
        return visit.go("columns")
    return visit.show("check.html", "check", **_mending(visit))


@with_form
@with_rows
def check_again(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Check the whole file anew, as after the workspace has changed."""
    if not visit.work:
        visit.start("check")
    return visit.go("check")


@of_file
@with_rows
def grid(visit: Visit) -> Response:
    """The part of the page that changes with every correction."""
    if visit.desk.grid is None or visit.work:
        raise HTTPException(409)
    return visit.show("mending.html", "check", **_mending(visit))


def _mending(visit: Visit, said: str = "") -> dict[str, Any]:
    """What the part of the page shows that changes with every correction. said: what is told first."""
    desk, query = visit.desk, visit.request.query_params
    grid, examined = desk.grid, desk.examined
    if grid is None or examined is None:
        raise HTTPException(409)
    letter, _, code = query.get("kind", "").rpartition(":")
    status = query.get("status", "")
    shown = Filter(
        letter, code, status if status in ("valid", "merged", "skipped", "invalid", CORRECTED) else ""
    )
    size = grid.size(shown)
    start = _whole(query.get("start", "0"))
    if (row := query.get("row", "")).isdecimal():
        shown, size = Filter(), grid.count
        start = grid.place_of(_whole(row)) // PAGE * PAGE
    start = min(start, max(0, (size - 1) // PAGE * PAGE))
    opened = _whole(query.get("open", "0"))
    rows = [_shown_row(grid_row, desk, opened) for grid_row in grid.page(shown, start, PAGE)]
    ignored = {m.column.letter for m in examined.mapping.columns if m.target.kind == "ignore"}
    offers: dict[tuple[str, str], list[Offer]] = {}
    for offer in desk.offers():
        offers.setdefault((offer.issue.letter, offer.issue.code), []).append(offer)
    return {
        "said": said,
        "totals": grid.totals,
        "count": grid.count,
        "kinds": grid.kinds,
        "offers": offers,
        "repairs": desk.repairs,
        "file_issues": [issue for issue in examined.issues if issue.code in QUESTIONS or issue.is_error],
        "corrected": grid.size(Filter(status=CORRECTED)),
        "shown": shown,
        "size": size,
        "start": start,
        "page": PAGE,
        "opened": opened,
        "rows": rows,
        "columns": examined.table.columns,
        "ignored": ignored,
        "query": _query(shown, start),
        "filter_query": _query(shown, 0),
        "countries": choices.countries(visit.words.language),
        "country": examined.workspace.country or "",
        "languages_known": choices.languages(),
    }


QUESTIONS = frozenset(("phone-scheme-differs", "field-type-possible", "field-similar", "group-similar"))


def _query(shown: Filter, start: int) -> str:
    said = {"kind": f"{shown.letter}:{shown.code}"} if shown.code else {}
    said |= {"status": shown.status} if shown.status else {}
    said |= {"start": str(start)} if start else {}
    return urlencode(said)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _shown_row(found: GridRow, desk: Any, opened: int) -> ShownRow:  # noqa: ANN401
    columns = desk.grid.columns
    letters = {column.letter for column in columns}
    by_letter: dict[str, list[Issue]] = {}
    for issue in found.issues:
        by_letter.setdefault(issue.letter if issue.letter in letters else "", []).append(issue)
    cells = []
    for column, cell in zip(columns, found.row.cells, strict=True):
        issues = by_letter.get(column.letter, [])
        before = text_of(found.before[column.letter]) if column.letter in found.before else None
        is_open = found.row.number == opened or (
            any(issue.is_error for issue in issues) and not found.row.left_out
        )
        cells.append(ShownCell(column.letter, text_of(cell), issues, before, is_open))
    is_corrected = bool(found.before) or found.row.left_out
    return ShownRow(
        found.row.number, found.status, found.row.left_out, cells, by_letter.get("", []), is_corrected
    )


# ---------------------------------------------------------------------------------------------- mending


@with_form
@with_rows
def correct(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Write over cells, leave rows out or take them in, or let them be as in the file."""
    desk = visit.desk
    if visit.work or desk.grid is None:
        raise HTTPException(409)
    step = _step_of(desk, form)
    if step.concerned():
        desk.correct(step)
        _plan_is_old(desk)
    return _after(visit, _said(visit, step))


def _step_of(desk: Any, form: Any) -> Step:  # noqa: ANN401
    cells: dict[tuple[int, str], str | None] = {}
    rows: dict[int, bool] = {}
    for name, value in form.multi_items():
        kind, _, place = name.partition("-")
        number, _, letter = place.partition("-")
        if kind in ("leave", "take", "restore"):
            number = str(value)
        found = desk.grid.row(_whole(number))
        if found is None:
            continue
        match kind:
            case "leave" | "take":
                rows[found.row.number] = kind == "take"
            case "restore":
                cells |= {(found.row.number, one): None for one in found.before}
                rows |= {found.row.number: True} if found.row.left_out else {}
            case "cell":
                cells |= _change(desk, found, letter, str(value))
    return Step(cells, rows)


def _change(desk: Any, found: GridRow, letter: str, text: str) -> dict[tuple[int, str], str | None]:  # noqa: ANN401
    """What a form says of a cell, if that is something new; what the file says is no correction."""
    text = text.replace("\r\n", "\n")
    if not any(column.letter == letter for column in desk.grid.columns):
        return {}
    if text_of(desk.grid.cell(found.row, letter)) == text:
        return {}
    original = found.before.get(letter, desk.grid.cell(found.row, letter))
    return {(found.row.number, letter): None if text_of(original) == text else text}


def _said(visit: Visit, step: Step) -> str:
    """What became of the rows that were just corrected."""
    words, grid = visit.words, visit.desk.grid
    numbers = sorted(step.concerned())
    if not numbers or grid is None:
        return words.say("web.check.nothing-changed")
    left = grid.totals["invalid"]
    row = grid.row(numbers[0])
    if len(numbers) > 1 or row is None:
        return words.say("web.check.corrected", count=len(numbers), left=left)
    if row.status == "invalid":
        issue = next(issue for issue in row.issues if issue.is_error)
        return words.say("web.check.row-wrong", row=numbers[0], message=words.message(issue))
    return words.say("web.check.row-right", row=numbers[0], left=left)


def _after(visit: Visit, said: str) -> Response:
    if visit.request.headers.get("x-part"):
        return visit.show("mending.html", "check", **_mending(visit, said))
    query = visit.request.url.query
    return visit.go(f"check?{query}" if query else "check")


def _plan_is_old(desk: Any) -> None:  # noqa: ANN401
    """A plan that was made before a correction says nothing any more."""
    if desk.get("phase") == "planned":
        desk.keep(phase="checked", plan=None)


@with_form
@with_rows
def repair(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Take an offer."""
    desk = visit.desk
    if visit.work or desk.examined is None:
        raise HTTPException(409)
    place = str(form.get("letter", "")), str(form.get("code", "")), str(form.get("name", ""))
    value = str(form.get("value", ""))
    offer = next(
        (
            one
            for one in desk.offers()
            if (one.issue.letter, one.issue.code, one.name) == place
            and str(one.issue.value) in (value, value or str(one.issue.value))
        ),
        None,
    )
    choice = str(form.get("choice", ""))
    if offer is None or not choices.is_possible(offer, choice):
        return _after(visit, visit.words.say("web.check.nothing-changed"))
    done = desk.repair(offer, choice, choices.calling_code(choice))
    _plan_is_old(desk)
    if done.step is None or offer.name == "similar-group":
        needs_check = done.step is not None or any(one.number == done.number for one in desk.repairs)
        if not needs_check:
            return _after(visit, visit.words.say("web.check.none-mended"))
        visit.start("check")
        return _checked_after(visit)
    return _after(visit, visit.words.say("web.check.mended", count=done.count))


@with_form
@with_rows
def take_back(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Let a repair be as if it had never been made."""
    desk = visit.desk
    if visit.work or desk.examined is None:
        raise HTTPException(409)
    found = desk.take_back_repair(_whole(str(form.get("number", ""))))
    _plan_is_old(desk)
    if found is not None and found.step is None:
        visit.start("check")
        return _checked_after(visit)
    return _after(visit, visit.words.say("web.check.taken-back"))


def _checked_after(visit: Visit) -> Response:
    """The page after a whole check: by itself it would only be a part of it."""
    if visit.request.headers.get("x-part"):
        return Response(status_code=205)  # load it anew
    return visit.go("check")


@of_file
@with_rows
def rows_to_mend(visit: Visit) -> Response:
    """The rows that are held back, as a workbook."""
    if visit.desk.grid is None or visit.work:
        return visit.go("check")
    path = visit.workshop.write_rows_to_mend(visit.desk, visit.words.language)
    if path is None:
        return visit.go("check")
    return FileResponse(path, filename="failed.xlsx")
