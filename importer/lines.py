"""The lines of a report at hand: any page of them, by what became of the rows; they stay when the program ends."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from importer.journal.forms import dump, outcome_from_row, outcome_to_row
from importer.journal.lock import make_private
from importer.model import Outcome
from importer.report import Line

TABLES = """
CREATE TABLE lines (
    row INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    removes INTEGER NOT NULL,
    outcome TEXT NOT NULL,  -- JSON, as the journal has it
    cells TEXT NOT NULL     -- JSON
);
CREATE INDEX lines_status ON lines (status, row);
CREATE INDEX lines_removes ON lines (row) WHERE removes;
"""
REMOVES = "removes"
"""Stands for a status: rows whose contact loses something."""
CELLS_KEPT = 4
"""Cells of each row that are kept, so that people know which one it is."""


class KeptLine(Struct, frozen=True):
    """What became of a row, and its first filled cells."""

    outcome: Outcome
    cells: tuple[str, ...]


def keep_lines(path: Path, lines: Iterable[Line]) -> None:
    """Keep the lines of a report in a file that only its owner can read, in place of an older one."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    make_private(draft)
    with closing(sqlite3.connect(draft)) as db:
        db.executescript(TABLES)
        with db:
            db.executemany(
                "INSERT INTO lines VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        outcome.row,
                        str(outcome.status),
                        any(change.removes for change in outcome.changes),
                        dump(outcome_to_row(outcome, 0)),
                        dump([str(cell) for cell in row.cells if cell not in (None, "")][:CELLS_KEPT]),
                    )
                    for row, outcome in lines
                ),
            )
    draft.replace(path)


class Lines:
    """Looks into what `keep_lines` has kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def counts(self) -> dict[str, int]:
        """Rows by status, and under REMOVES those whose contact loses something."""
        with closing(self._open()) as db:
            found = dict(db.execute("SELECT status, count(*) FROM lines GROUP BY status").fetchall())
            (removes,) = db.execute("SELECT count(*) FROM lines WHERE removes").fetchone()
        return {**found, REMOVES: removes}

    def page(self, statuses: Sequence[str], start: int, size: int) -> list[KeptLine]:
        """`size` lines of these statuses, in row order, from number `start` of them on, which counts from 0."""
        which = "removes" if REMOVES in statuses else "status IN (SELECT value FROM json_each(?))"
        values = [] if REMOVES in statuses else [dump(list(statuses))]
        with closing(self._open()) as db:
            found = db.execute(
                f"SELECT outcome, cells FROM lines WHERE {which} ORDER BY row LIMIT ? OFFSET ?",  # noqa: S608 - our own words
                [*values, size, start],
            ).fetchall()
        return [
            KeptLine(outcome_from_row([*json.loads(outcome), None])[0], tuple(json.loads(cells)))
            for outcome, cells in found
        ]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
