"""What a job has done to one contact, and how that is taken back."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from importer.issues import Issue
from importer.model import Action, Change, Contact, Group, Outcome, Status
from importer.steps import Act, Batched, CreateContact, Membership, UpdateContact


class Deed(Struct, frozen=True):
    """What a job has done to one contact.

    row: that it did it for. created: the job has made the contact. changes: of name, language, urns and fields, from
    what was before the job to what it left. joined, left: UUIDs of the groups that it put the contact into, or took
    it out of. act: it has deleted, blocked or unblocked the contact.
    """

    row: int
    uuid: str
    created: bool = False
    changes: tuple[Change, ...] = ()
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    act: Action | None = None
    before: Contact | None = None
    anew: str = ""
    sent: bool = False

    @property
    def where(self) -> str:
        """UUID of the contact that it is about by now."""
        return self.anew or self.uuid

    @property
    def regained(self) -> tuple[str, ...]:
        """URNs that the contact has lost by the job; somebody else may have got one of them since."""
        if self.act == "delete" and self.before:
            return self.before.urns
        lost = (change for change in self.changes if change.attribute == "urns" and not self.created)
        return tuple(urn for change in lost for urn in texts(change.old) if urn not in texts(change.new))


class DeleteContact(Struct, frozen=True):
    """One of the hundred contacts of a request that deletes them."""

    row: int
    contact: Contact  # as it was


class Surroundings(Struct, frozen=True):
    """What deciding on a deed needs to know of the workspace as it is now.

    types: of its fields, by key. groups: by UUID. holder: UUID of the contact that has a URN, or None.
    free: URNs (normalised) whose holders will give them back.
    """

    types: Mapping[str, str]
    groups: Mapping[str, Group]
    holder: Callable[[str], str | None] = lambda _: None
    free: frozenset[str] = frozenset()


class Return(Struct, frozen=True):
    """How one deed is taken back: at most one write of its contact, then what goes by the hundred.

    act: the contact is blocked, or made active again; of one that is still to be made, it and the memberships have no
    UUID yet. issues: why something is kept. notes: what is not as it was, though all is done that can be.
    """

    deed: Deed
    contact: Contact | None
    step: DeleteContact | UpdateContact | CreateContact | None = None
    memberships: tuple[Membership, ...] = ()
    act: Act | None = None
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()

    @property
    def batched(self) -> tuple[Batched, ...]:
        """What is to be sent for the contact by the hundred, but for its deletion."""
        return (*self.memberships, self.act) if self.act else self.memberships

    @property
    def outcome(self) -> Outcome:
        """The line in the report, if all goes as planned."""
        if self.issues or (self.notes and not self.changes):
            status = Status.KEPT
        elif isinstance(self.step, DeleteContact):
            status = Status.DELETED
        elif self.deed.anew or isinstance(self.step, CreateContact):
            status = Status.CREATED
        else:
            status = Status.UPDATED if self.changes else Status.UNCHANGED
        issues = tuple(issue.at(self.deed.row) for issue in (*self.issues, *self.notes))
        writes = int(isinstance(self.step, UpdateContact | CreateContact))
        uuid = None if isinstance(self.step, CreateContact) else self.deed.where
        return Outcome(self.deed.row, status, uuid, self.changes, issues, writes)


def texts(value: object) -> tuple[str, ...]:
    """The texts of a change that is one of a list."""
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
