"""The part of the check page that changes with every correction: what is wrong, what can be done about it, the rows."""

from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from starlette.exceptions import HTTPException

from importer.grid import CORRECTED, Filter, Grid, GridRow
from importer.issues import Issue
from importer.repairs import Offer, questions
from importer.web import choices
from importer.web.visits import Visit
from importer.writers.texts import text_of

PAGE = 100
"""Rows on one page of the grid."""


class ShownCell(Struct, frozen=True):
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


class ShownRow(Struct, frozen=True):
    """A row of the grid. issues: those that concern no cell of it."""

    number: int
    status: str
    left_out: bool
    cells: list[ShownCell]
    issues: list[Issue]
    is_corrected: bool


def mending_of(visit: Visit, said: str = "") -> dict[str, Any]:
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
    start = whole(query.get("start", "0"))
    if (row := query.get("row", "")).isdecimal():
        shown, size = Filter(), grid.count
        start = grid.place_of(whole(row)) // PAGE * PAGE
    start = min(start, max(0, (size - 1) // PAGE * PAGE))
    opened = whole(query.get("open", "0"))
    rows = [_shown_row(grid_row, grid, opened) for grid_row in grid.page(shown, start, PAGE)]
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
        "file_issues": [issue for issue in examined.issues if issue.is_error or any(questions(issue))],
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


def _query(shown: Filter, start: int) -> str:
    said = {"kind": f"{shown.letter}:{shown.code}"} if shown.code else {}
    said |= {"status": shown.status} if shown.status else {}
    said |= {"start": str(start)} if start else {}
    return urlencode(said)


def whole(text: str) -> int:
    """A number of an address or a form; 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _shown_row(found: GridRow, grid: Grid, opened: int) -> ShownRow:
    columns = grid.columns
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
