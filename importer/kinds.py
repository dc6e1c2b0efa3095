"""Issues by column and kind: a thousand wrong rows are told in a few lines."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from importer.issues import Issue

ROWS_SHOWN = 8
"""Rows that are named of each kind."""


class Kind(Struct):
    """One kind of issue in one column: one of them to show, how many rows have it, and the first of these."""

    example: Issue
    count: int = 0
    rows: list[int] = field(default_factory=list)


class Kinds:
    """Collects issues of rows; iterating gives the errors first, then the frequent ones."""

    def __init__(self) -> None:
        self.by_place: dict[tuple[str, str], Kind] = {}  # by column letter and code

    def add(self, issues: Iterable[Issue]) -> None:
        """Count the issues of one row, each kind once."""
        of_row: dict[tuple[str, str], Issue] = {}
        for issue in issues:
            of_row.setdefault((issue.letter, issue.code), issue)
        for key, issue in of_row.items():
            kind = self.by_place.setdefault(key, Kind(issue))
            kind.count += 1
            if issue.row is not None and len(kind.rows) < ROWS_SHOWN:
                kind.rows.append(issue.row)

    def merge(self, others: "Kinds") -> None:
        """Count what was collected of other rows of the file as well."""
        for key, other in others.by_place.items():
            kind = self.by_place.setdefault(key, Kind(other.example))
            kind.count += other.count
            if other.rows and (not kind.rows or other.rows < kind.rows):
                kind.example = other.example
            kind.rows = sorted(kind.rows + other.rows)[:ROWS_SHOWN]

    def __iter__(self) -> Iterator[Kind]:
        return (kind for _, kind in sorted(self.by_place.items(), key=_order))


def _order(placed: tuple[tuple[str, str], Kind]) -> tuple[object, ...]:
    place, kind = placed
    return not kind.example.is_error, -kind.count, kind.rows[:1], place
