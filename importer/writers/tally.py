"""What a report counts while its rows go by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from importer.issues import Issue
from importer.model import Outcome, Status


@dataclass(slots=True)
class Kind:
    """All issues of one code: the first of them, in how many rows, and in which columns how often."""

    first: Issue
    rows: int = 0
    columns: Counter[str] = field(default_factory=Counter)


class Tally:
    """Rows by status, and issues by kind in the order of their first appearance."""

    def __init__(self) -> None:
        self.statuses: Counter[Status] = Counter()
        self.kinds: dict[str, Kind] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        self.statuses[outcome.status] += 1
        if outcome.issues:
            self._add_issues(outcome.issues)

    def _add_issues(self, issues: Iterable[Issue]) -> None:
        seen = set()
        for issue in issues:
            kind = self.kinds.get(issue.code)
            if kind is None:
                kind = self.kinds[issue.code] = Kind(issue)
            if issue.code not in seen:
                kind.rows += 1
                seen.add(issue.code)
            if place := place_of(issue):
                kind.columns[place] += 1


def place_of(issue: Issue) -> str:
    """The column of an issue as people find it: Telefone (C), or "" for none."""
    if issue.column and issue.letter:
        return f"{issue.column} ({issue.letter})"
    return issue.column or issue.letter
