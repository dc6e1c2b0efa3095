"""Takes a job back: deletes the contacts that it made, restores those that it changed, then deletes its groups.

Every intent is in the journal of the undo before it is sent, so that it can be stopped anywhere and go on.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

from importer import platform
from importer.api import Client
from importer.api.refusal import Refusal, in_words, refusal, refusals
from importer.errors import (
    Failing,
    Interrupted,
    Missing,
    NotAllowed,
    Rejected,
    RequestFailed,
    Unavailable,
    Unsettled,
)
from importer.execution.earlier import joined
from importer.execution.execute import CATCH_UP_S, FAILING_ROWS, LINES_AT_ONCE, OnDone
from importer.execution.memberships import Line, write_memberships
from importer.execution.present import Present
from importer.issues import Issue, Phrase
from importer.journal import Journal
from importer.model import Contact, Group, Outcome, Status
from importer.plan import UpdateContact
from importer.undo import Deed, DeleteContact, Return, Undo, take_back

SETTLED = (Status.DELETED, Status.UPDATED, Status.UNCHANGED, Status.KEPT)
"""Lines of an undo that need nothing more, unless memberships are still to be sent for them."""
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each sending of a deletion whose answers are lost though nothing is gone afterwards."""


@dataclass(slots=True)
class Undoing:
    """One undo being carried out.

    undo: what is to be done. deeds: those still to be taken back, by row. present: what is known of the contacts.
    journal: of the undo. stop: set from outside to end early. clock, sleep: in seconds.
    """

    undo: Undo
    deeds: Callable[[], Iterable[Deed]]
    present: Present
    client: Client
    journal: Journal
    stop: threading.Event
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    on_done: OnDone = lambda _count, _scope: None
    threads: int = 4
    _to_send: set[int] = field(default_factory=set)  # rows
    _unfinished: dict[int, Outcome] = field(
        default_factory=dict
    )  # lines whose memberships are still to be sent
    _sent: dict[int, Contact] = field(
        default_factory=dict
    )  # row → its contact before a request without an answer
    _waiting: dict[int, Line] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _failing: int = 0

    def __post_init__(self) -> None:
        for outcome, pending in self.journal.outcomes():
            if pending:
                self._unfinished[outcome.row] = outcome
        for step in self.journal.open_steps("update", "delete"):
            self._sent |= dict(zip(step.rows, step.before, strict=True))

    def run(self) -> None:
        """Carry it out, as far as it goes.

        Raises:
            NotAllowed, Unavailable, Interrupted: the journal holds all that was done so far.
            Unusable: the journal cannot be written.
        """
        self._write_lines()
        self._delete_contacts()
        self._restore_contacts()
        self.journal.close_open_steps()
        groups = {group.name.casefold(): group for group in self.undo.around.groups.values()}
        write_memberships(self.client, self.journal, groups, self._waiting.values(), self._on_other)
        self._delete_groups()

    def _on_other(self, requests: int) -> None:
        self.on_done(requests, "other")

    # ----------------------------------------------------------------------------------------- lines

    def _write_lines(self) -> None:
        """A line for every contact, so that the report knows them all: those to be written are *not sent*."""
        lines = self._first_lines()
        while some := list(islice(lines, LINES_AT_ONCE)):
            self.journal.put(some)

    def _first_lines(self) -> Iterator[tuple[Outcome, int]]:
        for one in self.undo.returns():
            if one.step is None:
                line = self._line(one)
                yield line.outcome, len(line.memberships)
                continue
            self._to_send.add(one.deed.row)
            if one.deed.row not in self._unfinished:
                yield replace(one.outcome, status=Status.NOT_SENT, changes=(), issues=(), requests=0), 0

    def _line(self, one: Return) -> Line:
        """The line of a contact that needs no request of its own, or no more."""
        outcome, row = one.outcome, one.deed.row
        if row in self._sent and one.step is None:
            outcome = self._as_sent(one)
        if before := self._unfinished.get(row):
            outcome = joined(before, outcome)
        line = Line(outcome, one.memberships)
        if line.memberships:
            self._waiting[row] = line
        return line

    def _as_sent(self, one: Return) -> Outcome:
        """What a request whose answer nobody saw has done, as there is nothing left of it to do."""
        if one.deed.created:
            return replace(one.outcome, status=Status.DELETED) if one.contact is None else one.outcome
        then = take_back(one.deed, self._sent[one.deed.row], replace(self.undo.around, holder=lambda _: None))
        changes = tuple(change for change in then.changes if change.attribute != "groups")
        status = Status.UPDATED if one.outcome.status is Status.UNCHANGED and changes else one.outcome.status
        return replace(one.outcome, status=status, changes=(*changes, *one.changes))

    # -------------------------------------------------------------------------------------- deletions

    def _delete_contacts(self) -> None:
        """Delete contacts that the job made, in hundreds."""
        deeds = (deed for deed in self.deeds() if deed.created and deed.row in self._to_send)
        while some := list(islice(deeds, platform.BATCH)):
            self._check()
            batch = []
            for one in map(self.undo.take_back, some):
                if isinstance(one.step, DeleteContact):
                    batch.append(one)
                else:  # somebody has changed it meanwhile
                    self.journal.put([(self._line(one).outcome, 0)])
            if batch:
                self._delete(batch)
                self._on_other(1)

    def _delete(self, batch: Sequence[Return]) -> None:
        """Delete them all; one that the server does not know makes it refuse all of them, so the others go again."""
        uuids = [one.deed.uuid for one in batch]
        before = [one.contact for one in batch if one.contact]
        number = self.journal.begin("delete", [one.deed.row for one in batch], {"contacts": uuids}, before)
        try:
            self._send_deletion(batch)
        except Rejected as error:
            self.journal.finish(number, {"refused": in_words(error)})
            self._divide(batch, error)
        except (Failing, Missing, Unsettled) as error:
            self.journal.finish(number, {"failed": error.key})
            self._divide(batch, error)
        else:
            self._failing = 0
            self.journal.finish(number, "done", [(one.outcome, 0) for one in batch])
            self.present.forget(uuids)

    def _send_deletion(self, batch: Sequence[Return]) -> None:
        """Send it until they are gone. One whose answer was lost has deleted all of them or none."""
        uuids = [one.deed.uuid for one in batch]
        lost = Unsettled("unsettled")
        for pause_s in PAUSES_S:
            if pause_s:
                self.sleep(pause_s)
            try:
                self.client.contact_action("delete", uuids)
            except Unsettled as error:
                lost = error
                if all(self.client.find_contact(uuid=uuid) is None for uuid in (uuids[0], uuids[-1])):
                    return
            else:
                return
        raise lost

    def _divide(self, batch: Sequence[Return], error: RequestFailed) -> None:
        """After a refusal: find the culprits, send the others."""
        refused = refusal(error) if isinstance(error, Rejected) else None
        unknown = refused.names if refused and refused.why is Refusal.CONTACT_UNKNOWN else ()
        gone = [one for one in batch if one.deed.uuid in unknown]
        if gone:  # somebody else has deleted it
            lines = (replace(one.outcome, status=Status.UNCHANGED) for one in gone)
            self.journal.put([(line, 0) for line in lines])
        elif len(batch) == 1:
            self._note_failure(error)
            self.journal.put([(_refused(batch[0], error), 0)])
            return
        middle = len(batch) if gone else len(batch) // 2
        for part in (batch[:middle], batch[middle:]):
            if left := [one for one in part if one not in gone]:
                self._delete(left)

    # ------------------------------------------------------------------------------------- restoring

    def _restore_contacts(self) -> None:
        """Restore contacts that the job changed; those last that get a URN back, which another may have now."""
        self.undo.around = replace(
            self.undo.around, free=frozenset()
        )  # who was to give URNs back has done so
        for regains in (False, True):
            deeds = (deed for deed in self.deeds() if not deed.created and deed.row in self._to_send)
            todo = (deed for deed in deeds if bool(deed.regained) is regains)
            with ThreadPoolExecutor(self.threads) as pool:
                while some := list(islice(todo, 1 if regains else 4 * self.threads)):
                    self._check(always=regains)
                    returns = list(map(self.undo.take_back, some))
                    for line in pool.map(self._restore, returns):
                        self._note(line)

    def _restore(self, one: Return) -> Line:
        """Write one contact, with the intent and the outcome in the journal."""
        if not isinstance(one.step, UpdateContact):
            line = self._line(one)
            self.journal.put([(line.outcome, len(line.memberships))])
            return line
        step = one.step
        number = self.journal.begin("update", (step.row,), step.body, (step.contact,))
        try:
            self.client.update_contact(step.contact.uuid, step.body)
        except (Rejected, Failing, Missing) as error:
            line = Line(self._refused_update(one, error))
        else:
            line = self._line(one)
        answer = {"status": str(line.outcome.status), "uuid": line.outcome.uuid}
        self.journal.finish(number, answer, [(line.outcome, len(line.memberships))])
        return line

    def _refused_update(self, one: Return, error: RequestFailed) -> Outcome:
        if isinstance(error, Rejected) and all(r.key == "non_field_errors" for r in refusals(error)):
            if self.client.find_contact(uuid=one.deed.uuid) is not None:
                raise NotAllowed("workspace-suspended", reason=in_words(error))
            error = Missing("missing")
        if isinstance(error, Missing):
            issue = Issue.of("deleted-since").at(one.deed.row)
            return replace(one.outcome, status=Status.KEPT, changes=(), issues=(issue,))
        return _refused(one, error)

    def _note(self, line: Line) -> None:
        self.on_done(line.outcome.requests, "contacts")
        if line.outcome.status is not Status.REFUSED:
            self._failing = 0
        elif any(issue.details.get("reason") is not None for issue in line.outcome.issues):
            self._failing += 1
            if self._failing == FAILING_ROWS:
                raise Unavailable("answers-lost")

    def _note_failure(self, error: RequestFailed) -> None:
        """The server does not delete one contact after the other."""
        self._failing += 1
        if self._failing == FAILING_ROWS:
            if isinstance(error, Rejected):
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            raise Unavailable("answers-lost") from None

    def _check(self, *, always: bool = False) -> None:
        """End if asked to; see what others have changed meanwhile, so that nothing of theirs is lost."""
        if self.stop.is_set():
            raise Interrupted("interrupted")
        if always or self.clock() - self._read_at > CATCH_UP_S:
            self._read_at = self.clock()
            self.present.catch_up()

    # ---------------------------------------------------------------------------------------- groups

    def _delete_groups(self) -> None:
        """Delete the groups that the job made and that are empty by now; those that are not are kept."""
        for group in self.undo.groups.empty:
            if self.stop.is_set():
                raise Interrupted("interrupted")
            if not next(self.client.contact_pages(group=group.uuid, limit=1), []):
                self._delete_group(group)
            self._on_other(1)

    def _delete_group(self, group: Group) -> None:
        number = self.journal.begin("delete-group", (), {"uuid": group.uuid, "name": group.name})
        try:
            self.client.delete_group(group.uuid)
        except Missing:
            self.journal.finish(number, "gone")
        except (Rejected, Failing) as error:
            reason = in_words(error) if isinstance(error, Rejected) else error.key
            self.journal.finish(number, {"refused": reason})
        else:
            self.journal.finish(number, {"uuid": group.uuid, "name": group.name})


def _refused(one: Return, error: RequestFailed) -> Outcome:
    if isinstance(error, Rejected):
        reason: str | Phrase = in_words(error)
    else:
        status = error.details.get("status") or error.details.get("fault")
        reason = Phrase("error.failing", {"status": status})
    issue = Issue.of("not-taken-back", reason=reason).at(one.deed.row)
    return replace(
        one.outcome, status=Status.REFUSED, changes=(), issues=(*one.outcome.issues, issue), requests=1
    )
