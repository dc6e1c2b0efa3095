"""What existing contacts go through by the hundred: joining and leaving groups, being blocked, unblocked, deleted.

One contact that cannot makes the server refuse the whole batch: those it names are left out, else the culprit is
found by halving. A deletion whose answer was lost is settled by looking, as a second one would be refused.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from importer import platform
from importer.actions import ACTS
from importer.api import Client
from importer.api.refusal import Refusal, Refused, in_words, refusal
from importer.errors import Failing, Missing, NotAllowed, Rejected, Unavailable, Unsettled
from importer.issues import Issue, Phrase
from importer.journal import Journal
from importer.model import Change, Contact, Group, Outcome, Status
from importer.snapshot import Snapshot
from importer.steps import Act, Batched, Membership

WHOLE_GROUP = {Refusal.GROUP_UNKNOWN, Refusal.GROUP_DYNAMIC}
"""Refusals that every member would get."""
FAILING_MAX = 10
"""So many batches refused in a row, though each is a half of the one before, are not down to one contact."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Before a deletion is sent again whose answers are lost though nothing is gone afterwards."""


Reason = str | Phrase
"""Why one was refused: the server's sentence, or one of ours."""
Sleep = Callable[[float], object]
OnDone = Callable[[int], None]


class Line(Struct, frozen=True):
    """A row's line in the report so far, and what is still to be sent for it by the hundred.

    later: so much more is sent for it by another call.
    """

    outcome: Outcome
    batched: tuple[Batched, ...] = ()
    later: int = 0

    @property
    def pending(self) -> int:
        """How much the line still awaits."""
        return len(self.batched) + self.later


def write_batches(
    client: Client,
    journal: Journal,
    groups: Mapping[str, Group],
    lines: Iterable[Line],
    sleep: Sleep,
    on_done: OnDone = lambda _: None,
    *,
    is_undo: bool = False,
) -> None:
    """Send what all `lines` await, one kind after the other; each row's line is complete with its last one.

    groups: by casefolded name. sleep: lets so many seconds pass. is_undo: what is refused is told as that of an undo.
    """
    batches = Batches(client, journal, groups, sleep, on_done, is_undo=is_undo)
    for line in lines:
        batches.add(line)
    batches.send()


def settle_acts(journal: Journal, snapshot: Snapshot) -> None:
    """Note what became of acts whose answer an earlier run did not see: all of a batch, or nothing."""
    for step in journal.open_steps(*ACTS):
        now = [snapshot.contact(contact.uuid) for contact in step.before]
        match step.kind:
            case "delete":
                done = not any(now)
            case "block":
                done = all(contact is None or contact.blocked for contact in now)
            case _:
                done = all(contact is None or contact.status == "active" for contact in now)
        journal.finish(step.id, "done" if done else "not done")


class _Way(NamedTuple):
    """What one request can do to many: the action of contact_actions, and the group (casefolded) where there is one."""

    action: str
    group: str = ""


class Batches:
    """What rows await by the hundred. Any thread may add to it while one thread sends.

    groups: by casefolded name. sleep: lets so many seconds pass. on_done: is told how many requests are through.
    seen: the contact of a UUID as last seen, so that nobody is put where others have put him meanwhile; None: unknown.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        groups: Mapping[str, Group],
        sleep: Sleep,
        on_done: OnDone = lambda _: None,
        seen: Callable[[str], Contact | None] = lambda _: None,
        *,
        is_undo: bool = False,
    ) -> None:
        self._is_undo = is_undo
        self._client, self._journal, self._groups = client, journal, groups
        self._sleep, self._on_done, self._seen = sleep, on_done, seen
        self._turn = threading.RLock()
        self._outcomes: dict[int, Outcome] = {}  # of rows that await something
        self._pending: dict[int, int] = {}
        self._open: dict[_Way, dict[int, Batched]] = {}  # not yet sent, by row, in order
        self._refused: dict[_Way, Reason] = {}  # ways that the server refuses to everybody
        self._failing = 0  # batches in a row, for no reason that we know
        self._doubtful: list[tuple[Batched, Reason]] = []  # refused among them: unless all of them are
        self._in_doubt: set[str] = set()  # UUIDs whose deletion was sent, without an answer

    def add(self, line: Line) -> None:
        """Take a line, which is in the journal, with what it awaits."""
        row = line.outcome.row
        with self._turn:
            self._outcomes[row], self._pending[row] = line.outcome, line.pending
            for one in line.batched:
                self._open.setdefault(_way(one), {})[row] = one
            refused = [
                (one, self._refused[way]) for one in line.batched if (way := _way(one)) in self._refused
            ]
            for one, reason in refused:
                self._refuse([one], reason)

    def has(self, contacts: int) -> bool:
        """Whether so many await the same."""
        with self._turn:
            return any(len(waiting) >= contacts for waiting in self._open.values())

    def send(self, least: int = 1, go_on: Callable[[], bool] = lambda: True) -> None:
        """Send batches of at least so many contacts until there are none.

        go_on: is asked before each; may raise.
        """
        while self.has(least) and go_on():
            way, batch = self._next(least)
            if left := self._without_done(batch):
                self._send_batch(way, left)
                self._on_done(1)
        if not self.has(1):
            self._refuse_doubtful()

    def _next(self, least: int) -> tuple[_Way, list[Batched]]:
        with self._turn:
            way = next(way for way, waiting in self._open.items() if len(waiting) >= least)
            return way, list(islice(self._open[way].values(), platform.BATCH))

    def _without_done(self, batch: Sequence[Batched]) -> list[Batched]:
        """The batch without those who are, or are not, in the group already, by what others have done meanwhile."""
        done = [one for one in batch if isinstance(one, Membership) and self._is_so(one)]
        if done:
            with self._turn:
                for one in done:
                    self._outcomes[one.row] = _without(self._outcomes[one.row], one)
                self._settle(done)
                self._journal.put(self._lines(done))
        among = {one.row for one in done}
        return [one for one in batch if one.row not in among]

    def _is_so(self, member: Membership) -> bool:
        contact, group = self._seen(member.contact), self._groups.get(member.group.casefold())
        if contact is None or group is None:
            return False
        return any(one.uuid == group.uuid for one in contact.groups) is member.joins

    def _send_batch(self, way: _Way, batch: Sequence[Batched], tries: int = 0) -> None:
        """Send one batch; one that is refused for some of its contacts is sent again without them.

        tries: so many answers were lost before.
        """
        group = self._group(way.group) if way.group else None
        if way.group and group is None:
            self._refuse_all(way, Phrase("error.missing"))
            return
        contacts = [one.contact for one in batch]
        request: dict[str, object] = {"contacts": contacts}
        request |= {"group": group.uuid} if group else {}
        before = [one.before for one in batch if isinstance(one, Act)]
        step = self._journal.begin(way.action, [one.row for one in batch], request, before)
        try:
            self._client.contact_action(way.action, contacts, group.uuid if group else None)
        except Unsettled as error:
            self._look(step, way, batch, error, tries)
        except Rejected as error:
            self._journal.finish(step, {"refused": in_words(error)})
            refused = refusal(error)
            self._failing = self._failing + 1 if refused.why is Refusal.OTHER else 0
            if self._failing == FAILING_MAX:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            self._divide(way, batch, refused, refused.sentence or in_words(error))
        except (Failing, Missing) as error:
            self._journal.finish(step, {"failed": error.key})
            self._fail(way, batch, error)
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

    # ----------------------------------------------------------------------------------- lost answers

    def _look(self, step: int, way: _Way, batch: Sequence[Batched], error: Unsettled, tries: int) -> None:
        """After a deletion whose answer was lost: either all of the batch are gone, or it is sent again."""
        self._in_doubt |= {one.contact for one in batch}
        # all or none: while the first is there, nothing was done
        first_is_there = self._client.find_contact(uuid=batch[0].contact) is not None
        gone = [] if first_is_there else [one for one in batch if one.contact in self._gone(batch)]
        self._settle(gone)
        self._journal.finish(step, "done" if len(gone) == len(batch) else "not done", self._lines(gone))
        left = [one for one in batch if one.row in self._open[way]]
        if not left:
            self._failing = 0
        elif tries < len(PAUSES_S):
            self._sleep(PAUSES_S[tries])
            self._send_batch(way, left, tries + 1)
        else:
            self._fail(way, left, error)

    def _gone(self, batch: Sequence[Batched]) -> set[str]:
        """Those of the batch that the server has no more: the latest deleted ones, or else asked for one by one."""
        latest = next(self._client.contact_pages(deleted=True, reverse=False), [])
        gone = {contact.uuid for contact in latest}
        unseen = [one.contact for one in batch if one.contact not in gone]
        return gone | {uuid for uuid in unseen if self._client.find_contact(uuid=uuid) is None}

    # --------------------------------------------------------------------------------------- refusals

    def _fail(self, way: _Way, batch: Sequence[Batched], error: Failing | Missing | Unsettled) -> None:
        """The server fails on the batch, perhaps for one contact in it."""
        self._failing += 1
        if self._failing == FAILING_MAX:
            raise Unavailable("answers-lost") from None
        status = error.details.get("status") or error.details.get("fault")
        key = "failing" if isinstance(error, Unsettled) else error.key
        self._divide(way, batch, Refused(Refusal.OTHER, ""), Phrase(f"error.{key}", {"status": status}))

    def _divide(self, way: _Way, batch: Sequence[Batched], refused: Refused, reason: Reason) -> None:
        """After a refusal: find the culprits, send the others."""
        if refused.why in WHOLE_GROUP:
            self._refuse_all(way, reason)
            return
        culprits = [one for one in batch if one.contact in refused.names]
        if culprits:
            self._refuse(culprits, reason, is_gone=refused.why is Refusal.CONTACT_UNKNOWN)
        elif len(batch) == 1:
            del self._open[way][batch[0].row]
            self._doubtful.append((batch[0], reason))
        middle = len(batch) if culprits else len(batch) // 2
        for part in (batch[:middle], batch[middle:]):
            still_open = [one for one in part if one.row in self._open[way]]
            if still_open:
                self._send_batch(way, still_open)

    def _refuse_doubtful(self) -> None:
        for one, reason in self._doubtful:
            self._refuse([one], reason)
        self._doubtful.clear()

    def _refuse_all(self, way: _Way, reason: Reason) -> None:
        """Refuse all who await this, and all who will."""
        with self._turn:
            self._refused[way] = reason
            self._refuse(list(self._open[way].values()), reason)

    def _refuse(self, those: Sequence[Batched], reason: Reason, *, is_gone: bool = False) -> None:
        with self._turn:
            for one in those:
                outcome = self._outcomes[one.row]
                if isinstance(one, Membership):
                    refused = _refused_membership(outcome, one, reason)
                elif is_gone and one.contact in self._in_doubt:
                    refused = outcome  # it was our deletion whose answer was lost
                else:
                    refused = _not_done(outcome, one, reason, is_gone=is_gone, is_undo=self._is_undo)
                self._outcomes[one.row] = refused
            self._settle(those)
            self._pending |= {one.row: 0 for one in those if isinstance(one, Act)}  # nothing goes without it
            self._journal.put(self._lines(those))

    def _settle(self, those: Iterable[Batched]) -> None:
        with self._turn:
            for one in those:
                self._open[_way(one)].pop(one.row, None)
                self._pending[one.row] -= 1

    def _lines(self, those: Iterable[Batched]) -> list[tuple[Outcome, int]]:
        """Their rows' lines, for the journal, and for how much each still waits; those that wait no more are let go."""
        with self._turn:
            rows = dict.fromkeys(one.row for one in those)
            lines = [(self._outcomes[row], self._pending[row]) for row in rows]
            for outcome, pending in lines:
                if not pending:
                    del self._outcomes[outcome.row], self._pending[outcome.row]
        return lines


def _not_done(outcome: Outcome, act: Act, reason: Reason, *, is_gone: bool, is_undo: bool) -> Outcome:
    """The line of a row whose contact the server has not deleted, blocked or unblocked."""
    if is_gone and act.action == "delete":
        issue, status = Issue.of("contact-absent"), Status.SKIPPED
    elif is_gone and is_undo:
        issue, status = Issue.of("deleted-since"), Status.KEPT
    elif is_gone:
        issue, status = Issue.of("contact-gone"), Status.REFUSED
    else:
        code = "not-taken-back" if is_undo else "refused"
        issue, status = Issue.of(code, reason=reason), Status.REFUSED
    return replace(outcome, status=status, changes=(), issues=(*outcome.issues, issue.at(act.row)))


def _refused_membership(outcome: Outcome, member: Membership, reason: Reason) -> Outcome:
    issue = Issue.of("group-refused", member.group, reason=reason).at(member.row)
    changes = _changes_without(outcome, member)
    return replace(outcome, status=Status.REFUSED, changes=changes, issues=(*outcome.issues, issue))


def _without(outcome: Outcome, member: Membership) -> Outcome:
    """The line of a row without a membership that others have brought about."""
    changes = _changes_without(outcome, member)
    is_left = bool(changes) or outcome.status is not Status.UPDATED
    return replace(outcome, status=outcome.status if is_left else Status.UNCHANGED, changes=changes)


def _changes_without(outcome: Outcome, member: Membership) -> tuple[Change, ...]:
    changes = (_group_change_without(change, member) for change in outcome.changes)
    return tuple(change for change in changes if change.attribute != "groups" or _has_moved(change))


def _has_moved(change: Change) -> bool:
    old, new = change.old, change.new
    return not (isinstance(old, tuple) and isinstance(new, tuple)) or set(old) != set(new)


def _group_change_without(change: Change, member: Membership) -> Change:
    if change.attribute != "groups" or not isinstance(change.new, tuple):
        return change
    if member.joins:
        return replace(change, new=tuple(name for name in change.new if name != member.group))
    return replace(change, new=(*change.new, member.group))


def _way(one: Batched) -> _Way:
    if isinstance(one, Act):
        return _Way(one.action)
    return _Way("add" if one.joins else "remove", one.group.casefold())
