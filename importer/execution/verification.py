"""Contacts are read back and compared with what was meant: the first ones of a long import, or all of them after it."""

from collections.abc import Iterable, Iterator

from importer.api import Client
from importer.comparison import Types, differences
from importer.errors import Differs
from importer.execution.batches import Line
from importer.execution.present import OnRead, Present
from importer.journal import Journal
from importer.model import Contact, Difference, Outcome, Status

CANARY_ROWS = 20
"""So many contacts are read back where nobody says how many."""
CANARY_WRITES = 500
"""An import of no more requests is over before it is worth it."""
CHECKS_AT_ONCE = 500


def canary_rows(asked: int | None, writes: int) -> int:
    """How many of the first contacts are read back. asked: by the user. writes: that the import takes."""
    if asked is not None:
        return asked
    return CANARY_ROWS if writes > CANARY_WRITES else 0


def compare(outcome: Outcome, contact: Contact | None, types: Types) -> tuple[Difference, ...]:
    """What of a row's contact is not as the row's line says. contact: None if there is none."""
    if contact is None:
        return () if outcome.status is Status.DELETED else (Difference("uuid", outcome.uuid, None),)
    if outcome.status is Status.DELETED:
        return (Difference("uuid", None, contact.uuid),)
    return differences(outcome.changes, contact, types)


class Canary:
    """The first contacts that an import writes; if one is not as it was meant, no other is sent.

    rows: how many. since: the latest change of any contact before, as the server writes times.
    """

    def __init__(self, client: Client, journal: Journal, types: Types, rows: int, since: str) -> None:
        self._client, self._journal, self._types, self._since = client, journal, types, since
        self._rows = 0 if journal.meta.get("canary") == "passed" else rows
        self.lines: list[Line] = []

    @property
    def is_over(self) -> bool:
        """Whether all others may be sent."""
        return not self._rows

    @property
    def room(self) -> int:
        """How many more are to be read back."""
        return self._rows - len(self.lines)

    def takes(self, line: Line) -> bool:
        """Whether this is one of the first rows, which are read back; what it awaits is sent before that."""
        if self.room:
            self.lines.append(line)
            return True
        return False

    def look(self) -> None:
        """Read them back: one page, for they are the latest changes.

        Raises:
            Differs: one of them is not as it was meant.
        """
        found = (self._journal.outcome(line.outcome.row) for line in self.lines)
        written = [line for line, _ in filter(None, found) if _is_touched(line)]
        present = Present(self._client, {str(line.uuid) for line in written}, since=self._since)
        present.read()
        checks = [(line.row, compare(line, present.contact(str(line.uuid)), self._types)) for line in written]
        self._journal.check(checks)
        differing = [(row, one) for row, some in checks for one in some]
        if differing:
            rows = len({row for row, _ in differing})
            raise Differs("canary-differs", tuple(differing), count=len(checks), differing=rows)
        self._rows = 0
        self.lines.clear()
        self._journal.set(canary="passed")


def verify(client: Client, journal: Journal, types: Types, since: str, on_read: OnRead) -> None:
    """Read back every contact that the job has written, and note in its journal what is not as it was meant."""

    def touched() -> Iterator[Outcome]:
        return (line for line, pending in journal.outcomes() if not pending and _is_touched(line))

    present = Present(client, {str(line.uuid) for line in touched()}, since=since)
    present.read(on_read)
    _note(journal, ((line.row, compare(line, present.contact(str(line.uuid)), types)) for line in touched()))


def _note(journal: Journal, checks: Iterable[tuple[int, tuple[Difference, ...]]]) -> None:
    some: list[tuple[int, tuple[Difference, ...]]] = []
    for one in checks:
        some.append(one)
        if len(some) == CHECKS_AT_ONCE:
            journal.check(some)
            some.clear()
    journal.check(some)


def _is_touched(line: Outcome) -> bool:
    return line.uuid is not None and (line.status is Status.DELETED or bool(line.changes))
