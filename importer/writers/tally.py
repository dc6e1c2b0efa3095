"""What a report counts while its rows go by."""

from collections import Counter

from importer.kinds import Kinds
from importer.model import Outcome, Status


class Tally:
    """Rows by status, and issues by column and kind."""

    def __init__(self) -> None:
        self.statuses: Counter[Status] = Counter()
        self.kinds = Kinds()

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        self.statuses[outcome.status] += 1
        if outcome.issues:
            self.kinds.add(outcome.issues)
