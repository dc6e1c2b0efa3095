"""Takes a job back: deletes the contacts that it made, restores those that it changed or blocked, makes those anew
that it deleted, then deletes its groups.

Every intent is in the journal of the undo before it is sent, so that it can be stopped anywhere and go on.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import cast

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.api import Client
from importer.api.refusal import in_words, refusals
from importer.decisions import Rules
from importer.definitions.returning import Returns
from importer.errors import (
    Failing,
    Interrupted,
    Missing,
    NotAllowed,
    Rejected,
    RequestFailed,
    Unavailable,
)
from importer.execution.batches import Batches, Line, write_batches
from importer.execution.beside import Beside
from importer.execution.contacts import ContactWriter, Scene, Sent
from importer.execution.earlier import Earlier, joined
from importer.execution.execute import CATCH_UP_S, FAILING_ROWS, LINES_AT_ONCE, OnDone
from importer.execution.present import Present
from importer.execution.redefining import Redefiner
from importer.execution.writing import Writing
from importer.issues import Issue, Phrase
from importer.journal import Intent, Journal
from importer.journal.forms import issue_to_json
from importer.model import LEAVE, Contact, Group, Outcome, Record, Status, Wanted
from importer.options import Options
from importer.steps import Act, CreateContact, Decision, UpdateContact
from importer.undo import Deed, DeleteContact, Return, Undo, take_back

SETTLED = (
    Status.CREATED,
    Status.DELETED,
    Status.UPDATED,
    Status.UNCHANGED,
    Status.SKIPPED,
    Status.KEPT,
)
"""Lines of an undo that need nothing more, unless memberships are still to be sent for them."""


class Undoing(Struct, dict=True):
    """One undo being carried out.

    undo: what is to be done. deeds: those still to be taken back, by row. present: what is known of the contacts.
    returns: how what it did to fields and groups is taken back. journal: of the undo.
    since: the latest change of any contact before it began, as the server writes times.
    stop: set from outside to end early. clock, sleep: in seconds.
    """

    undo: Undo
    deeds: Callable[[], Iterable[Deed]]
    present: Present
    returns: Returns
    client: Client
    journal: Journal
    since: str
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
        for step in self.journal.open_steps("update", "delete", "block", "unblock"):
            self._sent |= dict(zip(step.rows, step.before, strict=True))

    @cached_property
    def redefiner(self) -> Redefiner:
        """Takes back what was done to fields and groups."""
        return Redefiner(
            self.client, self.journal, self.returns, self.sleep, self._on_other, self._check_stop
        )

    def run(self) -> None:
        """Carry it out, as far as it goes.

        Raises:
            NotAllowed, Unavailable, Interrupted: the journal holds all that was done so far.
            Unusable: the journal cannot be written.
        """
        remade = self.redefiner.remake_groups()
        self._use(remade)
        self._write_lines()
        self._delete_contacts()
        batches = Batches(
            self.client, self.journal, self._groups, self.sleep, self._on_other, is_undo=True
        )  # who is to join or leave groups does so beside the others' being written
        with Beside(batches, self.stop) as beside:

            def note(line: Line) -> None:
                self._note(line)
                if self._waiting.pop(line.outcome.row, None):
                    batches.add(line)
                    beside.go_on()

            self._release(batches)
            beside.go_on()
            self._restore_contacts(note)
            self._make_anew(note)
        self.journal.close_open_steps()
        self._turn_back(batches)
        self._release(batches)
        batches.send(go_on=self._may_go_on)
        self._delete_groups()
        self.redefiner.change_back()
        self.redefiner.put_back(remade)

    def _use(self, remade: Mapping[str, Group]) -> None:
        """Let contacts be put back into groups that were made anew, by the UUIDs that they had."""
        around = self.undo.around
        self.undo.around = replace(around, groups={**around.groups, **remade})

    def _write_batches(self, lines: Iterable[Line]) -> None:
        groups, sleep, on_done = self._groups, self.sleep, self._on_other
        write_batches(self.client, self.journal, groups, lines, sleep, on_done, is_undo=True)

    @property
    def _groups(self) -> dict[str, Group]:
        """Of the workspace, by casefolded name."""
        return {group.name.casefold(): group for group in self.undo.around.groups.values()}

    def _to_do(self) -> Iterator[Deed]:
        return (deed for deed in self.deeds() if deed.row in self._to_send)

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
            if one.step is None and (one.act is None or one.deed.anew):
                line = self._line(one)
                yield line.outcome, line.pending
                continue
            self._to_send.add(one.deed.row)
            if one.deed.row not in self._unfinished:
                yield replace(one.outcome, status=Status.NOT_SENT, changes=(), issues=(), requests=0), 0

    def _line(self, one: Return) -> Line:
        """The line of a contact that needs no request of its own, or no more."""
        outcome, row = one.outcome, one.deed.row
        if row in self._sent and one.step is None and one.act is None:
            outcome = self._as_sent(one)
        if before := self._unfinished.get(row):
            outcome = joined(before, outcome)
        if isinstance(one.step, DeleteContact):
            return Line(outcome, (Act(row, one.deed.uuid, "delete", one.step.contact),))
        return self._awaited(Line(outcome, one.batched))

    def _awaited(self, line: Line) -> Line:
        """The line, kept until what it awaits is sent."""
        if line.batched:
            self._waiting[line.outcome.row] = line
        return line

    def _as_sent(self, one: Return) -> Outcome:
        """What a request whose answer nobody saw has done, as there is nothing left of it to do."""
        if one.deed.created:
            return replace(one.outcome, status=Status.DELETED) if one.contact is None else one.outcome
        then = take_back(one.deed, self._sent[one.deed.row], replace(self.undo.around, holder=lambda _: None))
        changes = tuple(change for change in then.changes if change.attribute != "groups")
        status = Status.UPDATED if changes and not one.issues else one.outcome.status
        return replace(one.outcome, status=status, changes=(*changes, *one.changes))

    # -------------------------------------------------------------------------------------- deletions

    def _delete_contacts(self) -> None:
        """Delete contacts that the job made, in hundreds."""
        deeds = (deed for deed in self._to_do() if deed.created)
        while some := list(islice(deeds, platform.BATCH)):
            self._check()
            lines = [self._line(one) for one in map(self.undo.take_back, some)]
            # somebody may have changed one meanwhile, which then stays
            self.journal.put([(line.outcome, 0) for line in lines if not line.batched])
            self._write_batches([line for line in lines if line.batched])
            self.present.forget(deed.uuid for deed in some if self._is_deleted(deed.row))

    def _is_deleted(self, row: int) -> bool:
        found = self.journal.outcome(row)
        return found is not None and found[0].status is not Status.REFUSED

    # ------------------------------------------------------------------------------------- restoring

    def _restore_contacts(self, note: Callable[[Line], None]) -> None:
        """Restore contacts that the job changed; those last that get a URN back, which another may have now."""
        self.undo.around = replace(
            self.undo.around, free=frozenset()
        )  # who was to give URNs back has done so
        for regains in (False, True):
            threads = 1 if regains else self.threads  # one has its URN back before another is decided on
            with Writing(_Restorer(self._restore), self.journal, threads, self.stop) as writing:
                for line in writing.lines(self._to_restore(note, regains=regains)):
                    note(line)

    def _to_restore(self, note: Callable[[Line], None], *, regains: bool) -> Iterator[Return]:
        """Contacts to be written, each decided on when there is room for it. note: takes the lines of the others."""
        for deed in self._to_do():
            if deed.created or deed.act or bool(deed.regained) is not regains:
                continue
            self._check(always=regains)
            one = self.undo.take_back(deed)
            if isinstance(one.step, UpdateContact):
                yield one
            else:
                note(self._put(one))

    def _put(self, one: Return) -> Line:
        """Write down the line of a contact that needs no request any more."""
        line = self._line(one)
        self.journal.put([(line.outcome, line.pending)])
        return line

    def _restore(self, one: Return, step: UpdateContact) -> Line:
        try:
            self.client.update_contact(step.contact.uuid, step.body)
        except (Rejected, Failing, Missing) as error:
            return Line(self._refused_update(one, error))
        return self._line(one)

    def _refused_update(self, one: Return, error: RequestFailed) -> Outcome:
        if isinstance(error, Rejected) and all(r.key == "non_field_errors" for r in refusals(error)):
            if self.client.find_contact(uuid=one.deed.uuid) is not None:
                raise NotAllowed("workspace-suspended", reason=in_words(error))
            error = Missing("missing")
        if isinstance(error, Missing):
            issue = Issue.of("deleted-since").at(one.deed.row)
            return replace(one.outcome, status=Status.KEPT, changes=(), issues=(issue,))
        return _refused(one, error)

    # ---------------------------------------------------------------------------------- making anew

    def _make_anew(self, note: Callable[[Line], None]) -> None:
        """Create contacts in place of those that the job deleted."""
        plans = _Plans.of(self.journal)
        rules = Rules(self.undo.around.types, self._groups, Options())
        scene = Scene(
            self.client, self.journal, self.present, rules, self._groups, {}, plans, self.since, self.sleep,
            "not-taken-back",
        )  # fmt: skip
        with Writing(ContactWriter(scene), self.journal, self.threads, self.stop) as writing:
            for line in writing.lines(self._to_make(plans, note)):
                uuid = line.outcome.uuid or ""
                batched = tuple(replace(one, contact=uuid) for one in line.batched)
                note(self._awaited(replace(line, batched=batched)))
                del plans.returns[line.outcome.row]

    def _to_make(self, plans: "_Plans", note: Callable[[Line], None]) -> Iterator[Decision]:
        """Contacts to be created, as decisions on rows; see `_to_restore`. plans: is told how their lines will read."""
        is_first = True
        for deed in self._to_do():
            if deed.act != "delete":
                continue
            self._check(always=is_first)  # who was to give URNs back has done so
            is_first = False
            one = self.undo.take_back(deed)
            if isinstance(one.step, CreateContact):
                plans.returns[deed.row] = one
                yield _decision(one, one.step)
            else:
                note(self._put(one))

    # ------------------------------------------------------------------------ blocked and active again

    def _turn_back(self, batches: Batches) -> None:
        """Block, or make active again, those with whom the job did the opposite; then they may join groups."""
        for act in ("block", "unblock"):
            deeds = (deed for deed in self._to_do() if deed.act == act)
            while some := list(islice(deeds, platform.BATCH)):
                self._check()
                returns = list(map(self.undo.take_back, some))
                acting = {one.deed.row: one for one in returns if one.act}
                others = [self._line(one) for one in returns if not one.act]
                self.journal.put([(line.outcome, line.pending) for line in others])
                self._write_batches(self._line_of_act(one) for one in acting.values())
                for row, one in acting.items():
                    found = self.journal.outcome(row)
                    if found and found[1]:
                        batches.add(Line(found[0], one.memberships))

    def _line_of_act(self, one: Return) -> Line:
        outcome = one.outcome
        if before := self._unfinished.get(outcome.row):
            outcome = joined(before, outcome)
        return Line(outcome, (one.act,) if one.act else (), len(one.memberships))

    def _note(self, line: Line) -> None:
        self.on_done(line.outcome.requests, "contacts")
        if line.outcome.status is not Status.REFUSED:
            self._failing = 0
        elif any(issue.details.get("reason") is not None for issue in line.outcome.issues):
            self._failing += 1
            if self._failing == FAILING_ROWS:
                raise Unavailable("answers-lost")

    def _release(self, batches: Batches) -> None:
        """Let those who only wait to join or leave groups do so."""
        for line in self._waiting.values():
            batches.add(line)
        self._waiting.clear()

    def _may_go_on(self) -> bool:
        self._check_stop()
        return True

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _check(self, *, always: bool = False) -> None:
        """End if asked to; see what others have changed meanwhile, so that nothing of theirs is lost."""
        self._check_stop()
        if always or self.clock() - self._read_at > CATCH_UP_S:
            self._read_at = self.clock()
            self.present.catch_up()

    # ---------------------------------------------------------------------------------------- groups

    def _delete_groups(self) -> None:
        """Delete the groups that the job made and that are empty by now; those that are not are kept."""
        for group in self.undo.groups.empty:
            self._check_stop()
            number = self._begin_deletion(group)
            if next(self.client.contact_pages(group=group.uuid, limit=1), []):
                self.journal.finish(number, "kept")
            else:
                self._delete_group(number, group)
            self._on_other(1)

    def _begin_deletion(self, group: Group) -> int:
        """Write down the intent, with the row that has made the group, if it was one about groups."""
        request: dict[str, object] = {"uuid": group.uuid, "name": group.name}
        rows: tuple[int, ...] = ()
        if place := (self.returns.created or {}).get(group.uuid):
            request["sheet"], rows = place[0], (place[1],)
        return self.journal.begin("delete-group", rows, request)

    def _delete_group(self, number: int, group: Group) -> None:
        try:
            self.client.delete_group(group.uuid)
        except Missing:
            self.journal.finish(number, "gone")
        except (Rejected, Failing) as error:
            reason = in_words(error) if isinstance(error, Rejected) else Phrase(f"error.{error.key}")
            self.journal.finish(number, [issue_to_json(Issue.of("refused", reason=reason))])
        else:
            self.journal.finish(number, {"uuid": group.uuid, "name": group.name})


class _Restorer(Struct, frozen=True):
    """Writes a contact that gets back what it had. restore: sends it and tells how its line reads."""

    restore: Callable[[Return, UpdateContact], Line]

    def intent(self, one: Return) -> Intent:
        """See `Writer`."""
        step = cast("UpdateContact", one.step)
        return Intent("update", (step.row,), step.body, (step.contact,))

    def send(self, one: Return, number: int, _: Mapping[str, object]) -> Sent:
        """See `Writer`."""
        return Sent.of(number, self.restore(one, cast("UpdateContact", one.step)))


class _Plans(Earlier, frozen=True):
    """What earlier runs have left of creations, and how the lines of those that are being sent will read."""

    returns: dict[int, Return] = field(default_factory=dict)  # by row

    def line(self, decision: Decision, rules: Rules) -> Outcome:  # noqa: ARG002 - as that of a row
        """The line that was planned."""
        return self.returns[decision.record.row].outcome


def _decision(one: Return, step: CreateContact) -> Decision:
    """The creation of a contact as that of a row which wants it as it was."""
    body, row = step.body, one.deed.row
    name, language = body.get("name", LEAVE), body.get("language", LEAVE)
    wanted = Wanted(
        name=name if isinstance(name, str) else LEAVE,
        language=language if isinstance(language, str) else LEAVE,
        urns=_texts(body.get("urns")),
        groups=_texts(body.get("groups")),
        fields=dict(fields) if isinstance(fields := body.get("fields"), dict) else {},
        action="create",
    )
    return Decision(Record(row, wanted), step, one.memberships, one.changes, act=one.act)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


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
