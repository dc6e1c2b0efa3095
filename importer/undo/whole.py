"""All that a job has done → all that takes it back, and what that amounts to. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.model import Contact, Group
from importer.steps import CreateContact, UpdateContact
from importer.undo.deeds import Deed, DeleteContact, Return, Surroundings
from importer.undo.returning import take_back
from importer.urns import normalise


class Totals(Struct):
    """What taking a job back amounts to."""

    lines: int = 0
    deletions: int = 0
    updates: int = 0
    creations: int = 0
    acts: Counter[str] = field(
        default_factory=Counter
    )  # block, unblock; anew: of those made, that are blocked
    memberships: Counter[tuple[str, bool]] = field(default_factory=Counter)  # by group (casefolded) and joins
    leaving: Counter[str] = field(default_factory=Counter)  # UUID of the group → members that it will lose

    def add(self, one: Return) -> None:
        """Count one deed."""
        self.lines += 1
        if isinstance(one.step, DeleteContact):
            self.deletions += 1
            self.leaving.update(group.uuid for group in one.step.contact.groups)
        self.updates += isinstance(one.step, UpdateContact)
        self.creations += isinstance(one.step, CreateContact)
        if one.act:
            self.acts["anew" if one.deed.act == "delete" else one.act.action] += 1
        self.memberships.update((m.group.casefold(), m.joins) for m in one.memberships)
        if one.contact:
            out = {member.group for member in one.memberships if not member.joins}
            self.leaving.update(group.uuid for group in one.contact.groups if group.name in out)

    @property
    def contact_writes(self) -> int:
        """Requests that write one contact each."""
        return self.updates + self.creations

    @property
    def other_writes(self) -> int:
        """Requests that delete and block contacts and change memberships, a hundred contacts each."""
        counts = (self.deletions, *self.acts.values(), *self.memberships.values())
        return sum(-(-count // platform.BATCH) for count in counts)


class MadeGroups(Struct, frozen=True):
    """The groups that a job has made: those that will be empty and are deleted, and those that are kept."""

    empty: tuple[Group, ...] = ()
    kept: tuple[Group, ...] = ()


def settle_groups(made: Iterable[Group], around: Surroundings, leaving: Mapping[str, int]) -> MadeGroups:
    """Which of the groups that a job has made will be empty. One that is gone or has another name is not there.

    made: as the job has made them. leaving: how many members each will lose.
    """
    there = [(was, around.groups[was.uuid]) for was in made if was.uuid in around.groups]
    same = [now for was, now in there if was.name == now.name and not now.dynamic]
    empty = tuple(group for group in same if group.count <= leaving.get(group.uuid, 0))
    return MadeGroups(empty, tuple(now for _, now in there if now not in empty))


class Undo:
    """What takes a whole job back. Holds no deed: `returns` goes through them anew each time.

    deeds: what the job has done, by row. contact: the contact of a UUID as it is now.
    """

    def __init__(
        self,
        deeds: Callable[[], Iterable[Deed]],
        contact: Callable[[str], Contact | None],
        around: Surroundings,
        made_groups: Iterable[Group] = (),
    ) -> None:
        self._deeds, self._contact = deeds, contact
        self.around = around
        self.around = replace(
            around, free=frozenset(urn for one in self.returns() for urn in _given_back(one))
        )
        self.totals = Totals()
        for one in self.returns():
            self.totals.add(one)
        self.groups = settle_groups(made_groups, around, self.totals.leaving)

    def returns(self) -> Iterator[Return]:
        """How each deed is taken back, by what is known now."""
        return map(self.take_back, self._deeds())

    def take_back(self, deed: Deed) -> Return:
        """How one deed is taken back, by what is known now."""
        return take_back(deed, self._contact(deed.where), self.around)

    @property
    def writes(self) -> int:
        """Requests that it takes."""
        return self.totals.contact_writes + self.totals.other_writes + len(self.groups.empty)


def _given_back(one: Return) -> Iterator[str]:
    """URNs, normalised, that nobody has once the deed is taken back."""
    if one.contact and one.step:
        kept = () if isinstance(one.step, DeleteContact) else one.step.body.get("urns", one.contact.urns)
        left = kept if isinstance(kept, list | tuple) else ()
        yield from (normalise(urn) for urn in one.contact.urns if urn not in left)
