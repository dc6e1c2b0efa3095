"""Carries out a plan: fields and groups, then contacts, several at a time, and beside them memberships by the hundred;
then acts.

Groups that the file itself deletes go last. Every intent is in the journal before it is sent and every outcome before
the row is touched again. Nobody joins or leaves a group before the answer to the write of his own contact has come.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.api import Client
from importer.definitions.planning import DefinitionPlan
from importer.errors import Interrupted, MirrorFailed, Unavailable, Unusable
from importer.execution.amends import Amends, told_by
from importer.execution.batches import Batches, Line, settle_acts, write_batches
from importer.execution.beside import Beside
from importer.execution.contacts import ContactWriter, Scene
from importer.execution.defined import lines_of, settle_changes
from importer.execution.definitions import Definer
from importer.execution.earlier import Earlier, is_failing
from importer.execution.prepare import create_fields, create_groups, settle_open
from importer.execution.verification import Canary
from importer.execution.writing import Writing
from importer.journal import Journal
from importer.model import Action, Column, Contact, Group, Outcome, Status, Workspace
from importer.plan import Plan
from importer.steps import Decision
from importer.survey import Survey

SAME_REFUSAL = 10
"""So many first rows refused for one reason are a fault of the whole import, not of ten rows."""
FAILING_ROWS = 5
"""So many rows in a row on which the server fails are a fault of the server."""
LINES_AT_ONCE = 500
"""Lines of rows that need no request, in one transaction of the journal."""
ACTS_AT_ONCE = 10 * platform.BATCH
"""Contacts that are blocked or deleted by what one look at them has shown."""
CATCH_UP_S = 60.0
"""So old may be what is known of the contacts when one of them is changed."""
CATCH_UP_CREATING_S = 3600.0
"""The same where contacts are only created: the server itself refuses to take a URN from another one then."""

OnDone = Callable[[int, str], None]
"""Is told how many more requests of the plan are through, and of which budget."""


class Execution(Struct, dict=True):
    """One plan being carried out.

    workspace: as it was when the plan was made. survey: what the plan's snapshot came from.
    definitions: what is to be done with fields and groups because the file says so itself.
    columns: where to show a refusal, by the body's key; see `Scene`. stop: set from outside to end early, and by the
    first failure. since: see `Scene`. clock, sleep: in seconds. canary_rows: so many of the first contacts are read
    back before the others are sent.
    """

    plan: Plan
    workspace: Workspace
    survey: Survey
    client: Client
    journal: Journal
    columns: Mapping[str, Column]
    stop: threading.Event
    since: str
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    definitions: DefinitionPlan = field(default_factory=DefinitionPlan)
    on_done: OnDone = lambda _count, _scope: None
    canary_rows: int = 0
    threads: int = platform.THREADS
    _to_send: set[int] = field(default_factory=set)  # rows
    _waiting: deque[Line] = field(default_factory=deque)  # only their memberships are to be sent
    _to_act: dict[Action, set[int]] = field(default_factory=dict)  # rows

    @cached_property
    def earlier(self) -> Earlier:
        """What an earlier run has left."""
        return Earlier.of(self.journal)

    @cached_property
    def amends(self) -> Amends:
        """What is owed to contacts that it may have changed."""
        earlier = self.earlier
        return Amends(
            self.client,
            self.journal,
            self.plan.rules,
            self.survey,
            earlier.in_doubt,
            told_by(earlier.put_back),
        )

    def run(self) -> None:
        """Carry the plan out, as far as it goes.

        Raises:
            NotAllowed, Unavailable, Interrupted: the journal holds all that was done so far.
            Unusable: a field or group is refused that contacts may need, the first rows were all refused for one
                reason, or the journal cannot be written.
            Differs: one of the first contacts is not as it was meant.
        """
        self._write_lines()
        groups = self._prepare()
        batches = Batches(self.client, self.journal, groups, self.sleep, self._other_done, self._seen)
        if self._to_send:
            self.survey.catch_up()
        types = self.plan.rules.types
        canary = Canary(self.client, self.journal, types, self.canary_rows, self.survey.until)
        if self._to_send:
            self._write_contacts(groups, batches, canary)
        self.journal.close_open_steps()
        self._change_groups(batches, canary, groups)
        self._act(canary)
        self._definer().carry_out(self.definitions.deletions)

    def _seen(self, uuid: str) -> Contact | None:
        with suppress(MirrorFailed):
            return self.plan.snapshot.contact(uuid)
        return None

    def _other_done(self, requests: int) -> None:
        self.on_done(requests, "other")

    # ------------------------------------------------------------------------- rows that need no request

    def _write_lines(self) -> None:
        """Write down a line for every row, so that the journal knows them all: those to be sent are *not sent*.

        What an earlier run wrote to other contacts than those that rows mean is put back before.
        """
        some: list[tuple[Outcome, int]] = []
        for planned in self._left():
            row = planned.record.row
            self.amends.settle(planned)
            decision = self.amends.noted(planned)
            if refused := self.amends.refused(decision):
                some.append((refused, 0))
            elif decision.step is None:
                line = self._line(decision)
                some.append((line.outcome, line.pending))
            else:
                self._to_send.add(row)
                if row not in self.earlier.unfinished:
                    some.append((_not_sent(decision), 0))
            if len(some) == LINES_AT_ONCE:
                self.journal.put(some)
                some.clear()
        self.journal.put(some)
        settle_acts(self.journal, self.plan.snapshot)

    def _todo(self) -> Iterator[Decision]:
        return map(self.amends.noted, self._left()) if self.amends.told else self._left()

    def _left(self) -> Iterator[Decision]:
        """What earlier runs have left to do, as it was planned."""
        return (d for d in self.plan.decisions() if d.record.row not in self.earlier.settled)

    def _line(self, decision: Decision) -> Line:
        """The line of a row whose contact needs no request, or no more."""
        line = Line(self.earlier.line(decision, self.plan.rules), decision.batched)
        if decision.act:
            self._to_act.setdefault(decision.act.action, set()).add(decision.record.row)
        elif line.batched:
            self._waiting.append(line)
        return line

    # ----------------------------------------------------------------------------------- fields, groups

    def _prepare(self) -> Mapping[str, Group]:
        """Do what the file says of fields and groups, create what is missing; returns all groups by casefolded name."""
        settle_open(self.journal, self.workspace)
        settle_changes(self.journal, self.workspace)
        defined = self._definer().carry_out(self.definitions.first)
        self._check_refused()
        create_fields(self.client, self.journal, self.plan.new_fields, self.sleep)
        self._other_done(len(self.plan.new_fields))
        made = create_groups(self.client, self.journal, self.plan.new_groups, self.sleep)
        self._other_done(len(made))
        # by the names of the plan: a group that somebody else has made may be spelled another way
        by_name = zip(self.plan.new_groups, made, strict=True)
        return {**self.plan.rules.groups, **defined, **{name.casefold(): group for name, group in by_name}}

    def _definer(self) -> Definer:
        return Definer(self.client, self.journal, self.sleep, self._other_done, self._check_stop)

    def _check_refused(self) -> None:
        """Let no contact be written as planned where a field or group is not as planned.

        Raises:
            Unusable: one of them was refused.
        """
        if not (self._to_send or self._waiting or self._to_act):
            return
        for line in lines_of(self.journal):
            if line.outcome.status is Status.REFUSED:
                reason = line.outcome.issues[-1].details["reason"]
                raise Unusable("creation-refused", name=line.name, reason=reason)

    # ------------------------------------------------------------------------------------------ contacts

    def _write_contacts(self, groups: Mapping[str, Group], batches: Batches, canary: Canary) -> None:
        """Create and update contacts, several at a time; whoever then has company joins and leaves groups."""
        writer = ContactWriter(self._scene(groups))
        luck, decisions = _Luck(went_well=bool(self.earlier.settled)), self._writes()
        totals = self.plan.totals
        only_creates = totals.contact_writes == totals.rows[Status.CREATED]
        with (
            Beside(batches, self.stop) as beside,
            Writing(writer, self.journal, self.threads, self.stop) as writing,
        ):

            def write(some: Iterator[Decision]) -> None:
                # each is decided on when there is room for it, by what is known then
                while (now := list(islice(some, writing.room))) or writing.running:
                    for line in writing.go_on(now):
                        self._take(line, luck, canary)
                    if canary.is_over:
                        self._release(batches)
                        beside.go_on()
                    if now:
                        self._check_stop()
                        is_only_creating = only_creates and not batches.has(1)
                        self._catch_up(CATCH_UP_CREATING_S if is_only_creating else CATCH_UP_S)
                    beside.wait_with(writing.running)

            if not canary.is_over:
                write(islice(decisions, canary.room))
                if not canary.room:
                    self._look(canary, groups)
            write(decisions)

    def _scene(self, groups: Mapping[str, Group]) -> Scene:
        return Scene(
            self.client,
            self.journal,
            self.survey,
            self.plan.rules,
            groups,
            self.columns,
            self.earlier,
            self.since,
            self.sleep,
        )

    def _writes(self) -> Iterator[Decision]:
        """What is to be written, row by row."""
        for decision in self._todo():
            if decision.record.row not in self._to_send:
                continue
            if decision.step:
                yield decision
                continue
            line = self._line(decision)  # others have done it, or stand in its way
            self.journal.put([(line.outcome, line.pending)])

    def _take(self, line: Line, luck: "_Luck", canary: Canary) -> None:
        """Take the line of a contact that was written."""
        self.on_done(1, "contacts")
        if not canary.takes(line) and line.batched:
            self._waiting.append(line)
        luck.note(line.outcome)

    def _release(self, batches: Batches) -> None:
        """Let those who only wait to join or leave groups do so."""
        while self._waiting:
            batches.add(self._waiting.popleft())

    def _look(self, canary: Canary, groups: Mapping[str, Group]) -> None:
        """Send what the first contacts still await, then see whether they are as they were meant."""
        self._write_batches(canary.lines, groups)
        canary.look()

    # ------------------------------------------------------------------------------------ by the hundred

    def _write_batches(self, lines: Iterable[Line], groups: Mapping[str, Group]) -> None:
        write_batches(self.client, self.journal, groups, lines, self.sleep, self._other_done)

    def _change_groups(self, batches: Batches, canary: Canary, groups: Mapping[str, Group]) -> None:
        """Send all memberships that are left."""
        while self._waiting and canary.takes(self._waiting[0]):
            self._waiting.popleft()
        if canary.lines:
            self._look(canary, groups)
        self._release(batches)
        batches.send(go_on=self._may_go_on)

    def _may_go_on(self) -> bool:
        self._check_stop()
        self._catch_up(CATCH_UP_S)
        return True

    def _act(self, canary: Canary) -> None:
        """Unblock, block and delete; each row is decided on once more, by what its contact is then."""
        if self._to_act and not self._to_send:
            self.survey.catch_up()
        for action in ("unblock", "block", "delete"):
            rows = self._to_act.get(action, set())
            decisions = (d for d in self._todo() if d.record.row in rows) if rows else iter(())
            while True:
                if rows:
                    self._catch_up(CATCH_UP_S)
                some = list(islice(decisions, ACTS_AT_ONCE if canary.is_over else canary.room))
                if not some:
                    break
                self.journal.put([(decision.outcome, 0) for decision in some if decision.act is None])
                acting = [Line(d.outcome, d.batched) for d in some if d.act]
                for line in acting:
                    canary.takes(line)
                if canary.lines:
                    self._look(canary, {})
                else:
                    self._write_batches(acting, {})

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _catch_up(self, may_be_s: float) -> None:
        """See what others have changed meanwhile, so that no URN is taken from them and nothing of theirs is lost.

        may_be_s: so old may be what is known.
        """
        if self.clock() - self.survey.read_at > may_be_s:
            self.survey.catch_up()


def _not_sent(decision: Decision) -> Outcome:
    outcome = decision.outcome
    return replace(outcome, status=Status.NOT_SENT, changes=(), requests=0)


class _Luck:
    """Tells when going on makes no sense. went_well: some row has gone well before."""

    def __init__(self, *, went_well: bool) -> None:
        self._went_well = went_well
        self._reasons: list[object] = []  # of the first rows, all of them refused
        self._failing = 0  # rows in a row

    def note(self, outcome: Outcome) -> None:
        """Take note of how a row that was sent went.

        Raises:
            Unusable: all of the first rows came back with one and the same reason.
            Unavailable: the server fails on one row after the other.
        """
        self._failing = self._failing + 1 if is_failing(outcome) else 0
        if self._failing == FAILING_ROWS:
            raise Unavailable("answers-lost")
        if outcome.status is not Status.REFUSED:
            self._went_well = True
        if self._went_well:
            return
        errors = (issue for issue in outcome.issues if issue.is_error)
        self._reasons += [issue.details.get("reason", issue.code) for issue in errors][:1]
        first = self._reasons[0] if self._reasons else None
        if len(self._reasons) == SAME_REFUSAL and all(reason == first for reason in self._reasons):
            raise Unusable("all-refused", count=SAME_REFUSAL, reason=first)
