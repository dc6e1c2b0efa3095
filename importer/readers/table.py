"""The table in a file: its columns, what is to be said of it, and its rows one by one."""

import re
import string
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from importer.headers import repeats_header
from importer.issues import Issue
from importer.model import Column, Row
from importer.readers.locate import Place
from importer.readers.sheets import RawRow, Source, is_blank, letter_of

# C0 but tab and line ends, DEL, and C1; but the latter behind a letter that begins a doubly encoded one is
# a part of it, which stays as it stands
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<![\x80-\x9f\xc2-\xf4])[\x80-\x9f]")
_LETTERS = frozenset(string.ascii_letters + string.digits)
_LINE_ENDS = re.compile(r"\r\n?")


class Table:
    """A table, to be closed. Rows are read anew from the file at each call of `rows`.

    info: what the file is. columns: those with a header or any value, from left to right.
    issues: of the file and its columns; one that is an error (no-records) leaves nothing to import.
    """

    def __init__(self, source: Source, place: Place) -> None:
        survey = _survey(place)
        self._sheet, self._header_row, self._ragged = place.sheet, place.row, place.sheet.ragged
        self._last_header = max(place.headers)
        self.columns = tuple(
            Column(index, place.headers.get(index, "")) for index in sorted({*place.headers, *survey.used})
        )
        self._headers = [column.header for column in self.columns]
        initials = [header[:1].lower() for header in self._headers]
        self._initials = [initial if initial.isascii() and initial.isalnum() else "" for initial in initials]
        self._places = [column.index for column in self.columns]
        # what a row of text may begin with that does not begin as the headers do, if these have no gaps
        first, has_gaps = self._initials[0], self._places != list(range(self._last_header + 1))
        self._usual = (
            _LETTERS - {first, first.upper()} if self._ragged and first and not has_gaps else frozenset()
        )
        self.issues = (*source.issues, *place.issues, *self._issues_of(survey))
        self.info = replace(
            source.info,
            sheet=place.sheet.name,
            header_row=place.row,
            delimiter=place.delimiter or source.info.delimiter,
        )
        # where nobody closes the table, what was unpacked is removed all the same
        self._close = weakref.finalize(self, source.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked; rows cannot be read any more."""
        self._close()

    def rows(self) -> Iterator[Row]:
        """The rows below the header, blank ones left out. Raises Unusable where the file breaks off."""
        width, usual = len(self._places), self._usual
        for raw in self._sheet.rows():
            cells: Any = raw.cells
            if (
                len(cells) == width
                and raw.open_quote is None
                and raw.number > self._header_row
                and usual
                and cells[0][:1] in usual
                and "".join(cells).isprintable()
            ):
                yield Row(raw.number, tuple(cells))  # nine of ten rows: nothing of `_row` applies to them
            elif raw.number > self._header_row and (row := self._row(raw)) is not None:
                yield row

    def _row(self, raw: RawRow) -> Row | None:
        issues: list[Issue] = []
        if self._ragged:
            texts: list[str] = list(raw.cells)  # type: ignore[arg-type]
            joined = "".join(texts)
            if not joined or joined.isspace():
                return None
            self._check_width(raw, texts, issues)
            cells: list[object] = [texts[place] for place in self._places]
            is_clean = joined.isprintable()
        elif all(map(is_blank, raw.cells)):
            return None
        else:
            width, is_clean = len(raw.cells), False
            cells = [raw.cells[place] if place < width else None for place in self._places]
        if not is_clean:
            self._clean(raw.number, cells, issues)
            if all(map(is_blank, cells)):
                return None
        if self._may_repeat(cells) and repeats_header(cells, self._headers):
            issues.append(Issue.of("row-repeats-header").at(raw.number))
        return Row(raw.number, tuple(cells), tuple(issues))

    def _may_repeat(self, cells: list[object]) -> bool:
        """A quick look that spares most rows the comparison: names that begin unlike are not the same."""
        for cell, initial in zip(cells, self._initials, strict=True):
            if cell is not None and cell != "":
                first = cell[0] if isinstance(cell, str) else ""
                return not (initial and first.isascii() and first.isalnum()) or first.lower() == initial
        return False

    def _check_width(self, raw: RawRow, texts: list[str], issues: list[Issue]) -> None:
        """A row of text has as many cells as there are headers; missing ones are put in as blank."""
        missing = self._last_header + 1 - len(texts)
        if missing > 0:
            texts.extend([""] * missing)
            if raw.open_quote is None:
                issues.append(Issue.of("row-too-short").at(raw.number))
        beyond = next(
            (at for at in range(self._last_header + 1, len(texts)) if not is_blank(texts[at])), None
        )
        if beyond is not None:
            issues.append(self._at(raw.number, beyond, Issue.of("row-too-long", texts[beyond])))
        if raw.open_quote is not None:
            issues.append(self._at(raw.number, raw.open_quote, Issue.of("quote-unbalanced")))

    def _clean(self, number: int, cells: list[object], issues: list[Issue]) -> None:
        """Line ends within texts are LF; control characters go."""
        for at, cell in enumerate(cells):
            if isinstance(cell, str) and not cell.isprintable():
                text = _LINE_ENDS.sub("\n", cell) if "\r" in cell else cell
                cells[at] = said = _CONTROLS.sub("", text)
                if said != text:
                    column = self.columns[at]
                    issue = Issue.of("control-characters-removed", said)
                    issues.append(issue.at(number, column.header, column.letter))

    def _at(self, number: int, index: int, issue: Issue) -> Issue:
        header = next((column.header for column in self.columns if column.index == index), "")
        return issue.at(number, header, letter_of(index))

    def _issues_of(self, survey: "_Survey") -> Iterator[Issue]:
        if not survey.records:
            yield Issue.of("no-records")
        if survey.hidden_rows:
            yield Issue.of("hidden-rows", count=survey.hidden_rows)
        hidden = self._sheet.hidden_columns() if survey.whole else frozenset()
        for column in self.columns:
            if not column.header:
                yield Issue.of("header-empty").at(letter=column.letter)
            if column.index in hidden:
                yield Issue.of("hidden-columns").at(column=column.header, letter=column.letter)


@dataclass(slots=True)
class _Survey:
    """What all rows below the header say together.

    used: columns that have values and no header. whole: whether all rows were looked at, because of doubt.
    """

    used: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    records: bool = False
    whole: bool = False


def _survey(place: Place) -> _Survey:
    """Look at the rows, at all of them only where cells may lie outside the headers or be hidden."""
    survey, last = _Survey(), max(place.headers)
    survey.whole = not place.sheet.holds_only(frozenset(place.headers))
    known = set(place.headers)
    for row in place.sheet.rows():
        if row.number <= place.row or all(map(is_blank, row.cells)):
            continue
        survey.records = True
        if not survey.whole:
            break
        survey.hidden_rows += row.hidden
        # in a text a cell beyond the last header is a fault of its row
        for index in range(min(len(row.cells), last) if place.sheet.ragged else len(row.cells)):
            if index not in known and not is_blank(row.cells[index]):
                known.add(index)
                survey.used.add(index)
    return survey
