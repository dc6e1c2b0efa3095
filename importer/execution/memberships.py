"""Puts existing contacts into groups and takes them out, a hundred a request, from a budget of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from importer import platform
from importer.api import Client
from importer.api.refusal import Refusal, Refused, in_words, refusal
from importer.errors import Failing, Missing, NotAllowed, Rejected, Unavailable
from importer.issues import Issue, Phrase
from importer.journal import Journal
from importer.model import Change, Group, Outcome, Status
from importer.plan import Membership

WHOLE_GROUP = {Refusal.GROUP_UNKNOWN, Refusal.GROUP_DYNAMIC}
"""Refusals that every member would get."""
FAILING_MAX = 10
"""So many batches refused in a row, though each is a half of the one before, are not down to one contact."""


Reason = str | Phrase
"""Why a membership was refused: the server's sentence, or one of ours."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row's line in the report so far, and the memberships that are still to be sent for it."""

    outcome: Outcome
    memberships: tuple[Membership, ...] = ()


def write_memberships(
    client: Client,
    journal: Journal,
    groups: Mapping[str, Group],
    lines: Iterable[Line],
    on_done: Callable[[int], None] = lambda _: None,
) -> None:
    """Send the memberships of all `lines`, group by group; each row's line is complete with its last one.

    groups: by casefolded name.
    """
    _Batches(client, journal, groups, lines, on_done).send()


class _Batches:
    def __init__(
        self,
        client: Client,
        journal: Journal,
        groups: Mapping[str, Group],
        lines: Iterable[Line],
        on_done: Callable[[int], None],
    ) -> None:
        self._client, self._journal, self._groups, self._on_done = client, journal, groups, on_done
        self._outcomes: dict[int, Outcome] = {}
        self._pending: dict[int, int] = {}
        self._open: dict[_Way, dict[Membership, None]] = {}  # not yet sent, in order
        self._failing = 0  # batches in a row, for no reason that we know
        self._doubtful: list[tuple[Membership, Reason]] = []  # refused among them: unless all of them are
        for line in lines:
            self._outcomes[line.outcome.row] = line.outcome
            self._pending[line.outcome.row] = len(line.memberships)
            for member in line.memberships:
                self._open.setdefault(_way(member), {})[member] = None

    def send(self) -> None:
        for way, members in self._open.items():
            while members:
                self._send_batch(way, list(islice(members, platform.BATCH)))
                self._on_done(1)
        self._refuse_doubtful()

    def _send_batch(self, way: "_Way", batch: Sequence[Membership]) -> None:
        """Send one batch; one that is refused for some of its contacts is sent again without them."""
        name, joins = way
        group = self._group(name)
        if group is None:
            self._refuse(list(self._open[way]), Phrase("error.missing"))
            return
        action = "add" if joins else "remove"
        contacts = [member.contact for member in batch]
        request = {"group": group.uuid, "contacts": contacts}
        step = self._journal.begin(action, [member.row for member in batch], request)
        try:
            self._client.contact_action(action, contacts, group.uuid)
        except Rejected as error:
            self._journal.finish(step, {"refused": in_words(error)})
            refused = refusal(error)
            self._failing = self._failing + 1 if refused.why is Refusal.OTHER else 0
            if self._failing == FAILING_MAX:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            self._divide(way, batch, refused, refused.sentence or in_words(error))
        except (Failing, Missing) as error:
            self._failing += 1
            self._journal.finish(step, {"failed": error.key})
            if self._failing == FAILING_MAX:
                raise Unavailable("answers-lost") from None
            reason = Phrase(f"error.{error.key}", {"status": error.details.get("status")})
            self._divide(way, batch, Refused(Refusal.OTHER, ""), reason)
        else:
            self._failing = 0
            self._refuse_doubtful()
            self._settle(batch)
            self._journal.finish(step, "done", self._lines(batch))

    def _group(self, name: str) -> Group | None:
        """The group of this casefolded name; the workspace may have got it since the plan was made."""
        if name not in self._groups:
            self._groups = {**{g.name.casefold(): g for g in self._client.list_groups()}, **self._groups}
        return self._groups.get(name)

    def _divide(self, way: "_Way", batch: Sequence[Membership], refused: Refused, reason: Reason) -> None:
        """After a refusal: find the culprits, send the others."""
        if refused.why in WHOLE_GROUP:
            self._refuse(list(self._open[way]), reason)
            return
        culprits = [member for member in batch if member.contact in refused.names]
        if culprits:
            self._refuse(culprits, reason)
        elif len(batch) == 1:
            del self._open[way][batch[0]]
            self._doubtful.append((batch[0], reason))
        middle = len(batch) if culprits else len(batch) // 2
        for part in (batch[:middle], batch[middle:]):
            still_open = [member for member in part if member in self._open[way]]
            if still_open:
                self._send_batch(way, still_open)

    def _refuse_doubtful(self) -> None:
        for member, reason in self._doubtful:
            self._refuse([member], reason)
        self._doubtful.clear()

    def _refuse(self, members: Sequence[Membership], reason: Reason) -> None:
        for member in members:
            outcome = self._outcomes[member.row]
            issue = Issue.of("group-refused", member.group, reason=reason).at(member.row)
            changes = tuple(_without(change, member) for change in outcome.changes)
            self._outcomes[member.row] = replace(
                outcome,
                status=Status.REFUSED,
                changes=tuple(change for change in changes if change.old != change.new),
                issues=(*outcome.issues, issue),
            )
        self._settle(members)
        self._journal.put(self._lines(members))

    def _settle(self, members: Iterable[Membership]) -> None:
        for member in members:
            self._open[_way(member)].pop(member, None)
            self._pending[member.row] -= 1

    def _lines(self, members: Iterable[Membership]) -> Iterator[tuple[Outcome, int]]:
        return ((self._outcomes[row], self._pending[row]) for row in dict.fromkeys(m.row for m in members))


def _without(change: Change, member: Membership) -> Change:
    """The change of groups without the one membership that did not come about."""
    if change.attribute != "groups" or not isinstance(change.new, tuple):
        return change
    if member.joins:
        return replace(change, new=tuple(name for name in change.new if name != member.group))
    return replace(change, new=(*change.new, member.group))


_Way = tuple[str, bool]
"""A group (casefolded name), and whether it is joined or left."""


def _way(member: Membership) -> _Way:
    return member.group.casefold(), member.joins
