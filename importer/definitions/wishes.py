"""A row of the sheets Fields and Groups: what it asks for, and how rows of one kind stand to each other. Pure."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from importer.cells import read_text
from importer.definitions.sheets import DefinitionSheet
from importer.definitions.steps import Step
from importer.issues import CellRefused, Issue
from importer.model import Change, DefinitionLine, Outcome, Place, Row, Status, Workspace

WRITES = (Status.CREATED, Status.UPDATED, Status.DELETED)
RENAME_WORDS = ("rename", "renomear", "renombrar")
"""Words of an action for another name; see `ACTION_WORDS`."""


class Cells:
    """A row's cells by what their columns say, and what is wrong with them."""

    def __init__(self, sheet: DefinitionSheet, row: Row) -> None:
        self.sheet, self.row = sheet, row
        self.issues: list[Issue] = []

    @property
    def place(self) -> Place:
        """Its sheet and number."""
        return self.sheet.name, self.row.number

    @property
    def shown(self) -> str:
        """The row as issues of other rows name it."""
        return f"{self.sheet.name}!{self.row.number}"

    def text(self, says: str) -> str:
        """The text of a cell; "" where there is none."""
        place = self.sheet.places.get(says)
        if place is None:
            return ""
        notes: list[Issue] = []
        try:
            return read_text(self.row.cells[place], notes)
        except CellRefused as refused:
            self.tell(refused.issue, says)
            return ""
        finally:
            for note in notes:
                self.tell(note, says)

    def tell(self, issue: Issue, *says: str) -> None:
        """Something is wrong, at the cell of the first of these columns that the sheet has."""
        places = (self.sheet.places[one] for one in says if one in self.sheet.places)
        place = next(places, None)
        if place is None:
            self.issues.append(issue.at(self.row.number))
            return
        column = self.sheet.columns[place]
        self.issues.append(issue.at(self.row.number, column.header, column.letter))

    def action(self, words: Mapping[str, str], allowed: Sequence[str]) -> str:
        """What the row asks for; upsert where it does not say."""
        text = self.text("action")
        action = words.get(text.casefold(), "upsert" if not text else "")
        if action not in allowed:
            self.tell(Issue.of("definition-action", text, actions=", ".join(allowed)), "action")
        return action

    def is_wrong(self) -> bool:
        """Whether an error holds the row back."""
        return any(issue.is_error for issue in self.issues)


class Wish(Struct):
    """What a row asks for. about: what it is about, whatever it is called there. claims: names that are to be its own.

    meaning: the same for rows that ask for the same. holder: what has the name that it is to get.
    """

    cells: Cells
    name: str = ""
    status: Status = Status.UNCHANGED
    changes: tuple[Change, ...] = ()
    uuid: str | None = None
    about: str = ""
    claims: frozenset[str] = frozenset()
    meaning: object = None
    holder: str = ""
    step: Step | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is to be carried out."""
        return not self.cells.is_wrong() and self.status is not Status.SKIPPED

    def line(self) -> DefinitionLine:
        """The report's line for the row, if all goes as planned."""
        cells = self.cells
        status = Status.INVALID if cells.is_wrong() else self.status
        changes = self.changes if status in WRITES else ()
        outcome = Outcome(
            cells.row.number, status, self.uuid, changes, tuple(cells.issues), int(status in WRITES)
        )
        sheet = cells.sheet
        return DefinitionLine(sheet.kind, sheet.name, self.name, cells.row, outcome, sheet.columns)


class Rows(ABC):
    """The rows of one kind; see `take` and `settle`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.wishes: list[Wish] = []

    @abstractmethod
    def take(self, cells: Cells) -> None:
        """Read one row and hold it against the workspace."""

    def settle(self) -> None:
        """Hold the rows against each other."""
        self._settle_repeats()
        self._settle_claims()
        self._settle_held()
        self._settle_room()

    def steps(self) -> Iterator[Step]:
        """What is to be done, in order."""
        return (wish.step for wish in self.wishes if wish.step and wish.is_open)

    def _settle_repeats(self) -> None:
        """Of rows that ask for the same of one field or group the first counts; if they contradict each other, none.

        Also where one of them is wrong anyway: done by halves, the file would do something else the next time.
        """
        about: dict[str, list[Wish]] = defaultdict(list)
        for wish in self.wishes:
            if wish.about:
                about[wish.about].append(wish)
        for first, *others in about.values():
            if any(other.meaning != first.meaning for other in others):
                _contradict([first, *others])
                continue
            for other in others:
                if not other.cells.is_wrong():
                    other.cells.tell(Issue.of("definition-repeated", other=first.cells.shown))
                    other.status, other.step = Status.SKIPPED, None

    def _settle_claims(self) -> None:
        """No two are to have one name."""
        claiming: dict[str, list[Wish]] = defaultdict(list)
        for wish in self.wishes:
            if not wish.cells.is_wrong() and not (wish.status is Status.SKIPPED and not wish.claims):
                for claim in wish.claims:
                    claiming[claim].append(wish)
        for wishes in claiming.values():
            if len({wish.about for wish in wishes}) > 1:
                _contradict([wish for wish in wishes if not wish.cells.is_wrong()])

    def _settle_held(self) -> None:
        """A name that another row frees is still taken when it is needed: neither row is carried out."""
        concerned = {wish.about: wish for wish in self.wishes if wish.step}
        held = [(wish, concerned[wish.holder]) for wish in self.wishes if wish.holder in concerned]
        for wish, other in held:
            issue = Issue.of("definition-held", wish.name, other=other.cells.shown)
            taken = ("group-exists", "field-exists")
            wish.cells.issues = [one for one in wish.cells.issues if one.code not in taken]
            wish.cells.tell(issue, "new-name", "label")
        for wish, other in held:
            if not other.cells.is_wrong():
                other.cells.tell(Issue.of("definition-conflict", other.name, others=wish.cells.shown))

    @abstractmethod
    def _settle_room(self) -> None:
        """Tell where the workspace has no room for all that are to be made."""


def _contradict(wishes: Sequence[Wish]) -> None:
    for wish in wishes:
        others = ", ".join(other.cells.shown for other in wishes if other is not wish)
        wish.cells.tell(Issue.of("definition-conflict", wish.name, others=others))
