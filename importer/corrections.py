"""Corrections: what people write over the cells of a file, which itself is never touched. Pure.

They are kept as lines of JSON, one a step, so that adding one is quick and each can be taken back:

{"step": 1, "cells": [[7, "C", "+55 82 99331-1220"], [8, "C", null]], "rows": [[22, false]]}
{"back": 1}

A cell is named by its row, as the spreadsheet counts, and its column's letter; null is what the file says. A row of
which false is said is left out, true takes it in again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from msgspec import Struct, field
from msgspec.structs import replace

from importer.errors import Unusable
from importer.model import Column, Row

Cell = tuple[int, str]
"""A row's number and a column's letter."""


class Step(Struct, frozen=True):
    """What was corrected at once. cells: the new texts; None: as in the file. rows: whether each is taken in."""

    cells: Mapping[Cell, str | None] = field(default_factory=dict)
    rows: Mapping[int, bool] = field(default_factory=dict)

    def concerned(self) -> set[int]:
        """The rows that it says something of."""
        return {row for row, _ in self.cells} | set(self.rows)


class Corrections:
    """All corrections of one file; later steps come before earlier ones. Empty ones are false."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self._next = 1
        self._cells: dict[int, dict[str, str]] = {}
        self._left_out: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._cells or self._left_out)

    def add(self, step: Step, number: int | None = None) -> int:
        """Put a step on top; returns its number: the one that it had, or the next, counted from 1."""
        number = number or self._next
        self._next = number + 1
        self.steps[number] = step
        self._put(step)
        return number

    def take_back(self, number: int) -> None:
        """Let all be as if this step had never been; one that is unknown is none."""
        if (step := self.steps.pop(number, None)) is None:
            return
        concerned = step.concerned()
        for row in concerned:
            self._cells.pop(row, None)
        self._left_out -= concerned
        for other in self.steps.values():
            self._put(other, concerned)

    def _put(self, step: Step, only: set[int] | None = None) -> None:
        for (row, letter), text in step.cells.items():
            if only is None or row in only:
                cells = self._cells.setdefault(row, {})
                if text is None:
                    cells.pop(letter, None)
                    if not cells:
                        del self._cells[row]
                else:
                    cells[letter] = text
        for row, is_in in step.rows.items():
            if only is None or row in only:
                (self._left_out.discard if is_in else self._left_out.add)(row)

    def of(self, row: int) -> Mapping[str, str]:
        """The new texts of a row, by letter."""
        return self._cells.get(row, {})

    def leaves_out(self, row: int) -> bool:
        """Whether a row stays out."""
        return row in self._left_out

    def rows(self) -> set[int]:
        """All rows that are corrected or left out."""
        return self._cells.keys() | self._left_out

    @property
    def count(self) -> int:
        """Cells that have another text than in the file, and rows left out."""
        return sum(map(len, self._cells.values())) + len(self._left_out)

    @property
    def digest(self) -> str:
        """The same for corrections that come to the same; "" for none."""
        if not self:
            return ""
        said = [sorted((row, *sorted(cells.items())) for row, cells in self._cells.items())]
        return sha256(json.dumps([said, sorted(self._left_out)]).encode()).hexdigest()

    def applied(self, row: Row, columns: Iterable[Column]) -> Row:
        """The row as corrected: a new text replaces the cell and whatever was wrong with reading it."""
        left_out, texts = self.leaves_out(row.number), self.of(row.number)
        if not texts:
            return replace(row, left_out=True) if left_out else row
        letters = (column.letter for column in columns)
        cells = (texts.get(letter, cell) for letter, cell in zip(letters, row.cells, strict=True))
        issues = tuple(issue for issue in row.issues if issue.letter not in texts)
        return Row(row.number, tuple(cells), issues, left_out)


def parse_corrections(text: str) -> Corrections:
    """Read corrections; a last line that was cut off counts for nothing.

    Raises:
        Unusable: a line says what no line can say; `line` counts from 1.
    """
    corrections, lines = Corrections(), text.removeprefix("\ufeff").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _take(corrections, json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            if number == len(lines):  # no line end: whoever wrote it did not come to its end
                break
            raise Unusable("corrections-line", line=number) from None
    return corrections


def _take(corrections: Corrections, said: Mapping[str, object]) -> None:
    if "back" in said:
        corrections.take_back(int(str(said["back"])))
        return
    cells, rows = said.get("cells", []), said.get("rows", [])
    if not isinstance(cells, list) or not isinstance(rows, list):
        raise TypeError
    step = Step(
        {(int(row), str(letter)): None if new is None else str(new) for row, letter, new in cells},
        {int(row): bool(is_in) for row, is_in in rows},
    )
    corrections.add(step, int(str(said["step"])))


def format_step(number: int, step: Step) -> str:
    """The line that says this step."""
    said: dict[str, object] = {"step": number}
    if step.cells:
        said["cells"] = [[row, letter, text] for (row, letter), text in step.cells.items()]
    if step.rows:
        said["rows"] = [[row, is_in] for row, is_in in step.rows.items()]
    return json.dumps(said) + "\n"


def format_back(number: int) -> str:
    """The line that takes a step back."""
    return json.dumps({"back": number}) + "\n"


def format_corrections(corrections: Corrections) -> Iterator[str]:
    """The lines that say what is left of all steps."""
    return (format_step(number, step) for number, step in corrections.steps.items())
