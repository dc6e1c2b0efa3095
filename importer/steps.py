"""What a plan is made of: the requests to be sent, and what is to be done for one row."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from importer.issues import Issue
from importer.model import (
    Action,
    Change,
    Contact,
    Outcome,
    Record,
    Status,
)

Body = dict[str, object]
"""A request's JSON. Groups are in it by name: their UUIDs may not exist yet."""


class CreateContact(Struct, frozen=True):
    """One POST with everything."""

    row: int
    body: Body


class UpdateContact(Struct, frozen=True):
    """One POST ?uuid= with the changed attributes only."""

    row: int
    contact: Contact  # as it was: the before-image
    body: Body


class Membership(Struct, frozen=True):
    """An existing contact joins or leaves a group; a hundred of them make one request."""

    row: int
    contact: str  # UUID
    group: str  # name
    joins: bool


class Act(Struct, frozen=True):
    """An existing contact is deleted, blocked or made active again; a hundred of them make one request."""

    row: int
    contact: str  # UUID
    action: Action
    before: Contact  # as it was: the before-image


Batched = Membership | Act
"""What goes by the hundred."""


class Decision(Struct, frozen=True):
    """What is to be done for one row: at most one write of its contact, then its memberships; or one act."""

    record: Record
    step: CreateContact | UpdateContact | None = None
    memberships: tuple[Membership, ...] = ()
    changes: tuple[Change, ...] = ()
    contact: Contact | None = None
    act: Act | None = None

    @property
    def batched(self) -> tuple[Batched, ...]:
        """What is to be sent for the row by the hundred."""
        return (*self.memberships, self.act) if self.act else self.memberships

    @property
    def outcome(self) -> Outcome:
        """The row's line in the report, if all goes as planned."""
        record = self.record
        if record.invalid:
            status = Status.INVALID
        elif record.skipped:
            status = Status.SKIPPED
        elif isinstance(self.step, CreateContact):
            status = Status.CREATED
        elif self.act and self.act.action == "delete":
            status = Status.DELETED
        else:
            status = Status.UPDATED if self.changes else Status.UNCHANGED
        uuid = self.contact.uuid if self.contact else None
        return Outcome(
            record.row, status, uuid, self.changes, record.issues, int(self.step is not None), record.into
        )


def as_first(outcome: Outcome, of_row: Callable[[int], Outcome | None]) -> Outcome:
    """The line of a row that is sent together with an earlier one: what becomes of that one becomes of it.

    of_row: the line of an earlier row.
    """
    first = outcome
    while first.into is not None and first.status is not Status.INVALID:
        found = of_row(first.into)
        if found is None:
            return replace(outcome, status=Status.NOT_SENT)
        first = found
    if first is outcome:
        return outcome
    issues = outcome.issues
    if first.status in (Status.INVALID, Status.REFUSED):
        issues = (*issues, Issue.of("row-held-back", other_row=first.row).at(outcome.row))
    return replace(
        outcome, status=first.status, uuid=first.uuid, issues=issues, differences=first.differences
    )
