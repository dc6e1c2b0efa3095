"""Carries out a plan: contacts first, several at a time, then memberships by the hundred.

Every intent is in the journal before it is sent and every outcome before the row is touched again. A creation whose
answer was lost is settled by looking, never by sending it blindly.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from importer.api import Client
from importer.api.refusal import Refusal, in_words, refusal, refusals
from importer.errors import (
    Failing,
    Interrupted,
    Missing,
    NotAllowed,
    Rejected,
    Unavailable,
    Unsettled,
    Unusable,
)
from importer.issues import Issue, Phrase
from importer.journal import Journal
from importer.memberships import Line, write_memberships
from importer.model import LEAVE, Column, Contact, Group, Outcome, Status
from importer.plan import CreateContact, Decision, Plan, UpdateContact, decide
from importer.snapshot import Snapshot
from importer.survey import look_up, lookups_for

ATTEMPTS = 5
"""How often a creation is sent whose answer is lost each time though nothing is there afterwards."""
SAME_REFUSAL = 10
"""So many first rows refused for one reason are a fault of the whole import, not of ten rows."""
LINES_AT_ONCE = 500
"""Lines of rows that need no request, in one transaction of the journal."""

OnDone = Callable[[int], None]
"""Is told how many more requests of the plan are through."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run of the same job has left.

    settled: rows that need nothing more. unfinished: lines of rows whose memberships are still to be sent.
    lost: rows whose creation was sent and whose answer nobody saw. created: UUIDs of contacts it has made.
    """

    settled: frozenset[int] = frozenset()
    unfinished: Mapping[int, Outcome] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    created: frozenset[str] = frozenset()

    @classmethod
    def of(cls, journal: Journal) -> "Earlier":
        """What the journal tells."""
        settled, unfinished, created = set[int](), dict[int, Outcome](), set[str]()
        for outcome, pending in journal.outcomes():
            if pending:
                unfinished[outcome.row] = outcome
            else:
                settled.add(outcome.row)
            if outcome.status is Status.CREATED and outcome.uuid:
                created.add(outcome.uuid)
        lost = {row for step in journal.open_steps() if step.kind == "create" for row in step.rows}
        return cls(frozenset(settled), unfinished, frozenset(lost - settled), frozenset(created))


@dataclass(slots=True)
class Execution:
    """One plan being carried out.

    groups: the workspace's by casefolded name, those just made included. columns: where to show a refusal, by the
    body's key ("name", "fields.age"). stop: set from outside to end early, and by the first failure.
    since: when the job began, by the server's clock, ISO 8601.
    """

    plan: Plan
    client: Client
    journal: Journal
    groups: Mapping[str, Group]
    columns: Mapping[str, Column]
    earlier: Earlier
    stop: threading.Event
    since: str
    threads: int = 4
    on_done: OnDone = lambda _: None
    _claim: threading.Lock = field(default_factory=threading.Lock)
    _claimed: set[str] = field(default_factory=set)  # contacts without a key that a row is known to have made

    def run(self) -> None:
        """Carry the plan out, as far as it goes.

        Raises:
            NotAllowed, Unavailable, Interrupted: the journal holds all that was done so far.
            Unusable: the first rows were all refused for one reason.
        """
        self._claimed |= self.earlier.created
        lines = self._write_lines()
        lines += self._write_contacts()
        self.journal.close_open_steps()
        write_memberships(self.client, self.journal, self.groups, lines, self.on_done)

    # ------------------------------------------------------------------------- rows that need no request

    def _write_lines(self) -> list[Line]:
        """Write down the lines of all rows whose contact needs no request; returns those with memberships."""
        waiting: list[Line] = []
        some: list[tuple[Outcome, int]] = []
        for decision in self._todo():
            if decision.step is None:
                line = Line(self._settled_by_looking(decision), decision.memberships)
                some.append((line.outcome, len(line.memberships)))
                if line.memberships:
                    waiting.append(line)
            if len(some) == LINES_AT_ONCE:
                self.journal.put(some)
                some.clear()
        self.journal.put(some)
        return waiting

    def _todo(self) -> Iterator[Decision]:
        return (d for d in self.plan.decisions() if d.record.row not in self.earlier.settled)

    def _settled_by_looking(self, decision: Decision) -> Outcome:
        """The line of a row that is as it should be; if its creation was on the way, that is what made it so."""
        outcome = decision.outcome
        if decision.record.row in self.earlier.lost and decision.contact and not decision.memberships:
            as_new = decide(decision.record, Snapshot(), self.plan.rules)
            outcome = replace(outcome, status=Status.CREATED, changes=as_new.changes, requests=1)
        return self._with_earlier(outcome)

    def _with_earlier(self, outcome: Outcome) -> Outcome:
        """The line with what an earlier run had already done for the row."""
        before = self.earlier.unfinished.get(outcome.row)
        if before is None:
            return outcome
        changes = {change.attribute: change for change in before.changes}
        for change in outcome.changes:
            old = changes[change.attribute].old if change.attribute in changes else change.old
            changes[change.attribute] = replace(change, old=old)
        status = before.status if outcome.status is Status.UNCHANGED else outcome.status
        requests = before.requests + outcome.requests
        return replace(outcome, status=status, changes=tuple(changes.values()), requests=requests)

    # ------------------------------------------------------------------------------------------ contacts

    def _write_contacts(self) -> list[Line]:
        """Create and update contacts; returns the lines of those that have memberships to come."""
        waiting: list[Line] = []
        refusals_first: list[str] = []
        with ThreadPoolExecutor(self.threads) as pool:
            running: set[Future[Line]] = set()
            try:
                for decision in self._todo():
                    if decision.step is None:
                        continue
                    if len(running) >= 2 * self.threads:
                        running = self._collect(running, waiting, refusals_first)
                    self._check_stop()
                    running.add(pool.submit(self._write_contact, decision))
                while running:
                    running = self._collect(running, waiting, refusals_first)
            except BaseException:
                self.stop.set()
                for future in running:
                    future.cancel()
                raise
        return waiting

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _collect(
        self, running: set[Future[Line]], waiting: list[Line], refusals_first: list[str]
    ) -> set[Future[Line]]:
        done, left = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            line = future.result()
            self.on_done(1)
            if line.memberships:
                waiting.append(line)
            _stop_if_all_are_refused(line.outcome, refusals_first)
        return left

    def _write_contact(self, decision: Decision) -> Line:
        """Send one row's step, with its intent and its outcome in the journal."""
        step = decision.step
        if isinstance(step, CreateContact):
            number = self.journal.begin("create", (step.row,), step.body)
            line = self._create(decision, step)
        else:
            assert step is not None  # noqa: S101
            number = self.journal.begin("update", (step.row,), step.body, _before(step.contact))
            line = self._update(decision, step)
        line = replace(line, outcome=self._with_earlier(line.outcome))
        self.journal.finish(number, line.outcome.status, [(line.outcome, len(line.memberships))])
        return line

    def _create(self, decision: Decision, step: CreateContact) -> Line:
        body = dict(step.body)
        names = body.get("groups")
        if isinstance(names, list):
            body["groups"] = [self.groups[name.casefold()].uuid for name in names]
        is_lost = step.row in self.earlier.lost
        for _ in range(ATTEMPTS):
            if is_lost and (line := self._found(decision, is_ours=True)):
                return line
            try:
                contact = self.client.create_contact(body)
            except Unsettled:
                is_lost = True
            except Rejected as error:
                taken = refusal(error).why is Refusal.URN_TAKEN
                if not taken:
                    return self._refused(decision, error)
                return self._found(decision, is_ours=is_lost) or self._refused(decision, error)
            except Failing as error:
                return _line_of_refusal(decision, [_failing(error).at(step.row)])
            else:
                with self._claim:
                    self._claimed.add(contact.uuid)
                return Line(replace(decision.outcome, uuid=contact.uuid))
        raise Unavailable("answers-lost")

    def _found(self, decision: Decision, *, is_ours: bool) -> Line | None:
        """Look whether the row's contact is there; None: it is not.

        is_ours: its creation has been sent, so that a contact as wanted is the one it made.
        """
        wanted = decision.record.wanted
        if not wanted.urns:
            contact = self._claim_without_key(decision)
            return Line(replace(decision.outcome, uuid=contact.uuid)) if contact else None
        snapshot = Snapshot(look_up(self.client, lookups_for(wanted)))
        if not snapshot.contacts:
            return None
        again = decide(decision.record, snapshot, self.plan.rules)
        if again.record.invalid:
            return Line(replace(again.outcome, status=Status.REFUSED))
        if isinstance(again.step, UpdateContact):
            return self._update(again, again.step)
        if is_ours and not again.memberships:
            uuid = again.contact.uuid if again.contact else None
            return Line(replace(decision.outcome, uuid=uuid))
        return Line(again.outcome, again.memberships)

    def _claim_without_key(self, decision: Decision) -> Contact | None:
        """A contact without any URN, made since the job began, just as the row wants it, and no other row's."""
        wanted = decision.record.wanted
        name = None if wanted.name is LEAVE else wanted.name
        for page in self.client.contact_pages(after=self.since):
            for contact in page:
                if contact.urns or contact.name != name or contact.created_on < self.since:
                    continue
                alike = Snapshot([contact])
                as_uuid = replace(decision.record, wanted=replace(wanted, uuid=contact.uuid))
                again = decide(as_uuid, alike, self.plan.rules)
                with self._claim:
                    if not again.changes and contact.uuid not in self._claimed:
                        self._claimed.add(contact.uuid)
                        return contact
        return None

    def _update(self, decision: Decision, step: UpdateContact) -> Line:
        try:
            self.client.update_contact(step.contact.uuid, step.body)
        except Missing:
            return _line_of_refusal(decision, [Issue.of("contact-gone").at(step.row)])
        except Rejected as error:
            return self._refused(decision, error)
        except Failing as error:
            return _line_of_refusal(decision, [_failing(error).at(step.row)])
        return Line(decision.outcome, decision.memberships)

    def _refused(self, decision: Decision, error: Rejected) -> Line:
        if refusal(error).why is Refusal.SUSPENDED:
            raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
        row = decision.record.row
        told = list[Issue]()
        for one in refusals(error):
            column = self.columns.get(one.key) or self.columns.get(one.key.partition(".")[0])
            issue = Issue.of("refused", reason=one.sentence)
            told.append(issue.at(row, column.header, column.letter) if column else issue.at(row))
        return _line_of_refusal(decision, told)


def _line_of_refusal(decision: Decision, told: list[Issue]) -> Line:
    outcome = decision.outcome
    return Line(replace(outcome, status=Status.REFUSED, changes=(), issues=(*outcome.issues, *told)))


def _failing(error: Failing) -> Issue:
    return Issue.of("refused", reason=Phrase(f"error.{error.key}", error.details))


def _stop_if_all_are_refused(outcome: Outcome, first: list[str]) -> None:
    """Stop when the first rows all came back with one and the same reason.

    first: their reasons; holds one "" as soon as any row went well.
    """
    if first == [""]:
        return
    if outcome.status is not Status.REFUSED:
        first[:] = [""]
        return
    first += [str(issue.details.get("reason", issue.code)) for issue in outcome.issues if issue.is_error][:1]
    if len(first) >= SAME_REFUSAL and len(set(first)) == 1:
        raise Unusable("all-refused", count=len(first), reason=first[0])


def _before(contact: Contact) -> dict[str, object]:
    """The before-image that the journal keeps of a contact, for undo."""
    return {
        "uuid": contact.uuid,
        "name": contact.name,
        "language": contact.language,
        "urns": list(contact.urns),
        "groups": [{"uuid": group.uuid, "name": group.name} for group in contact.groups],
        "fields": dict(contact.fields),
        "modified_on": contact.modified_on,
    }
