"""Where the table is: which sheet, which row is its header, and what the headers are."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from importer.errors import Unusable
from importer.headers import Knows, clean_header, find_header, names_key, usual_target
from importer.issues import Issue
from importer.options import Options
from importer.readers.sheets import RawRow, Sheet, Source, Span, is_blank
from importer.readers.text import HEAD_ROWS, split_pasted

_SCAN_ROWS = 5000
"""Rows among which those HEAD_ROWS with something in them are looked for."""


class Place(Struct, frozen=True):
    """A header row and the sheet it was found in.

    row: as a spreadsheet counts. headers: by column, from 0; none is blank. delimiter: where the sheet's rows
    stood in one cell each.
    """

    sheet: Sheet
    row: int
    headers: dict[int, str]
    issues: tuple[Issue, ...] = ()
    delimiter: str | None = None

    def has_key(self, knows: Knows) -> bool:
        """Whether one of the headers names a URN or the UUID of a contact."""
        return any(names_key(header, knows) for header in self.headers.values())


def find_place(source: Source, options: Options, knows: Knows = usual_target) -> Place:
    """The place that the options name, else the first header row with a key, else the first header row.

    knows: what a header names.
    Raises Unusable (sheet-missing, file-empty, header-missing).
    """
    sheets = _allowed(source, options.sheet)
    if options.header_row:
        places = [_place_at(sheet, options.header_row, knows) for sheet in sheets]
    else:
        places = [_search(sheet, knows) for sheet in sheets]
    found = [place for place in places if place]
    if not found and source.info.kind == "frame" and (place := _place_at(sheets[0], 1, knows)):
        found = [place]  # a frame has its header where a frame has it
    if not found:
        nothing = not any(head_of(sheet) for sheet in sheets)
        raise Unusable.file(Issue.of("file-empty" if nothing else "header-missing"))
    keyed = [place for place in found if place.has_key(knows)]
    chosen = (keyed or found)[0]
    if len(keyed) < 2:
        return chosen
    return replace(chosen, issues=(*chosen.issues, Issue.of("sheet-choice", chosen.sheet.name)))


def _allowed(source: Source, wanted: str | None) -> Sequence[Sheet]:
    """The visible sheets, or the one that the user names."""
    if wanted is None:
        return [sheet for sheet in source.sheets if sheet.visible]
    for same in (str, str.casefold):
        for sheet in source.sheets:
            if sheet.name is not None and same(sheet.name) == same(wanted):
                return [sheet]
    names = ", ".join(sheet.name for sheet in source.sheets if sheet.name and sheet.visible)
    raise Unusable.file(Issue.of("sheet-missing", wanted, sheets=names or "–"))


def _search(sheet: Sheet, knows: Knows) -> Place | None:
    """The header row of a sheet, if it has one."""
    head = head_of(sheet)
    whole = split_pasted(sheet, head, knows)
    if whole is not sheet:
        head = head_of(whole)
    merged = _Merged(whole.spans(), head)
    at = find_header([merged.fill(row) for row in head], knows)
    if at is None:
        return None
    block = merged.block(head, at, knows)
    return _place(whole, block[-1].number, merged.headers(block))


def _place_at(sheet: Sheet, number: int, knows: Knows) -> Place | None:
    """The row of this number as the header, if it has anything in it."""
    whole = split_pasted(sheet, head_of(sheet), knows)
    row = next((row for row in whole.rows() if row.number >= number), None)
    if row is None or row.number != number:
        return None
    headers = _Merged(whole.spans(), [*_until(whole, number), row]).headers([row])
    return _place(whole, number, headers) if headers else None


def _place(sheet: Sheet, number: int, headers: dict[int, str]) -> Place:
    delimiter = getattr(sheet, "delimiter", None)
    issues = (Issue.of("cells-hold-delimited-text", delimiter),) if delimiter else ()
    return Place(sheet, number, headers, issues, delimiter)


def lists_contacts(sheet: Sheet, knows: Knows) -> bool:
    """Whether the sheet has a header that names a contact's key."""
    place = _search(sheet, knows)
    return place is not None and place.has_key(knows)


def head_of(sheet: Sheet) -> list[RawRow]:
    """The first rows with something in them."""
    rows = islice(sheet.rows(), _SCAN_ROWS)
    return list(islice((row for row in rows if not all(map(is_blank, row.cells))), HEAD_ROWS))


def _until(sheet: Sheet, number: int) -> Iterator[RawRow]:
    for row in sheet.rows():
        if row.number >= number:
            return
        if row.number > number - HEAD_ROWS:
            yield row


class _Merged:
    """Merged cells near a header: their text counts for each cell that they cover."""

    def __init__(self, spans: Sequence[Span], rows: Sequence[RawRow]) -> None:
        last = rows[-1].number if rows else 0
        self._spans = [span for span in spans if span.top <= last]
        self._width = max((len(row.cells) for row in rows), default=0)
        by_number = {row.number: row for row in rows}
        self._texts = {
            span: by_number[span.top].cells[span.left]
            for span in self._spans
            if span.top in by_number and span.left < len(by_number[span.top].cells)
        }

    def fill(self, row: RawRow) -> list[object]:
        """The cells of a row, blank ones with the text of the merged cell that covers them."""
        cells = [*row.cells, *[None] * (self._width - len(row.cells))]
        for span, text in self._texts.items():
            if span.top <= row.number <= span.bottom:
                for index in range(span.left, min(span.right + 1, self._width)):
                    if is_blank(cells[index]):
                        cells[index] = text
        return cells

    def block(self, head: Sequence[RawRow], at: int, knows: Knows) -> list[RawRow]:
        """The header rows: the one found, and those below that merged cells make a part of it."""
        by_number = {row.number: row for row in head[at:]}
        block = [head[at]]
        while True:
            number = block[-1].number
            below = by_number.get(number + 1, RawRow(number + 1, ()))
            reaching = [span for span in self._spans if block[0].number <= span.top <= number < span.bottom]
            wide = [span for span in self._spans if span.bottom == number and span.left < span.right]
            own = [index for index, cell in enumerate(below.cells) if not is_blank(cell)]
            # names stand under wide cells only; under a cell that is not merged stands a value
            if not all(any(span.left <= index <= span.right for span in wide) for index in own):
                return block
            if not (own or reaching) or find_header([self.fill(below)], knows) is None:
                return block
            block.append(below)

    def headers(self, block: Sequence[RawRow]) -> dict[int, str]:
        """The cleaned headers by column: the lowest name in the block counts."""
        headers: dict[int, str] = {}
        for row in block:
            cleaned = ((index, clean_header(cell)) for index, cell in enumerate(self.fill(row)))
            headers.update((index, header) for index, header in cleaned if header)
        return headers
