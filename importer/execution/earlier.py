"""What an earlier run of the same job has left: rows that are done, lines to go on with, answers nobody saw."""

from collections.abc import Iterable, Mapping
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from importer.actions import ACTS
from importer.decisions import Rules, decide
from importer.execution.defined import earlier_lines
from importer.issues import Phrase
from importer.journal import Journal, Step
from importer.model import Change, Contact, DefinitionLine, Outcome, Place, Record, Status
from importer.snapshot import Snapshot
from importer.steps import Decision

DONE = {Status.CREATED, Status.UPDATED, Status.DELETED}


class Earlier(Struct, frozen=True):
    """What the journal tells when a job begins, or begins again.

    settled: rows that need nothing more. unfinished: lines of rows of which a part is done, so that it is still to be
    told when the rest is.
    created, updated: rows whose creation or change was sent and whose answer nobody saw; the contact as it was before.
    in_doubt: by row, changes whose answer nobody saw, and what is to be put back, the latest first. put_back: the debts
    of that kind that were settled; see `Amends`.
    acted: the same of rows whose contact was to be deleted, blocked or unblocked.
    without_key: UUIDs of contacts without a URN that the job has made.
    defined, defining: lines of rows about fields and groups that are done, or were sent without an answer; see
    `earlier_lines`.
    """

    settled: frozenset[int] = frozenset()
    unfinished: Mapping[int, Outcome] = field(default_factory=dict)
    created: frozenset[int] = frozenset()
    updated: Mapping[int, Contact] = field(default_factory=dict)
    in_doubt: Mapping[int, tuple[Step, ...]] = field(default_factory=dict)
    put_back: Mapping[int, Step] = field(default_factory=dict)
    acted: Mapping[int, Contact] = field(default_factory=dict)
    without_key: frozenset[str] = frozenset()
    defined: Mapping[Place, DefinitionLine] = field(default_factory=dict)
    defining: Mapping[Place, DefinitionLine] = field(default_factory=dict)

    @classmethod
    def of(cls, journal: Journal) -> Self:
        """What the journal tells."""
        done, refused, unfinished, without_key = set[int](), set[int](), dict[int, Outcome](), set[str]()
        partly = dict[int, Outcome]()
        for outcome, pending in journal.outcomes():
            if pending:
                unfinished[outcome.row] = outcome
            elif outcome.status in DONE:
                done.add(outcome.row)
            elif outcome.status is Status.REFUSED and not is_failing(outcome):
                refused.add(outcome.row)
            if outcome.status is Status.REFUSED and outcome.changes and not _is_of_another(outcome):
                partly[outcome.row] = outcome
            if outcome.status is Status.CREATED and outcome.uuid and not _has_urns(outcome):
                without_key.add(outcome.uuid)
        # where nothing went well, what refused them all may have been mended since
        settled = done | refused if done or unfinished else done
        unfinished |= {row: outcome for row, outcome in partly.items() if row not in settled}
        steps = [
            step
            for step in journal.open_steps("create", "update", "put-back", *ACTS)
            if not settled.issuperset(step.rows)
        ]
        return cls(
            frozenset(settled),
            unfinished,
            frozenset(row for step in steps if step.kind == "create" for row in step.rows),
            _before(step for step in steps if step.kind == "update"),
            _by_row(step for step in steps if step.kind in ("update", "put-back")),
            {row: step for step in journal.steps("put-back") if step.answer for row in step.rows},
            _before(step for step in steps if step.kind in ACTS),
            frozenset(without_key),
            *earlier_lines(journal),
        )

    def in_plan(self, record: Record) -> Record:
        """The record as a plan is to see it: what the job itself has made is not in the way of *create*."""
        if record.wanted.action == "create" and (record.row in self.settled or record.row in self.created):
            return replace(record, wanted=replace(record.wanted, action="upsert"))
        return record

    def line(self, decision: Decision, rules: Rules) -> Outcome:
        """The line of a row, with all that earlier runs have done for it.

        decision: what is still to be done, or was just done.
        """
        outcome, row = decision.outcome, decision.record.row
        if decision.record.wanted.action in ACTS:
            return self._line_of_act(decision, rules)
        if before := self.unfinished.get(row):
            outcome = joined(before, outcome)
        if decision.step is None and (sent := self._sent(decision, rules)):
            outcome = joined(sent, outcome)
        return outcome

    def _line_of_act(self, decision: Decision, rules: Rules) -> Outcome:
        """The line of a row that asks for an act: if it was sent and there is nothing left to do, it was ours."""
        row = decision.record.row
        if decision.act or decision.record.invalid or row not in self.acted:
            return decision.outcome
        issues = tuple(issue for issue in decision.record.issues if issue.code != "contact-absent")
        asked = replace(decision.record, issues=issues, skipped=False)
        return decide(asked, Snapshot([self.acted[row]], rules.options.ninth_digit), rules).outcome

    def _sent(self, decision: Decision, rules: Rules) -> Outcome | None:
        """What a request whose answer nobody saw has done, as there is nothing left of it to do."""
        row, contact = decision.record.row, decision.contact
        if contact is None:
            return None
        if row in self.updated and self.updated[row].uuid == contact.uuid:
            as_sent = decide(decision.record, Snapshot([self.updated[row]], rules.options.ninth_digit), rules)
            changes = tuple(change for change in as_sent.changes if change.attribute != "groups")
        elif row in self.created and not decision.memberships:
            as_sent = decide(decision.record, Snapshot(), rules)
            changes = as_sent.changes
        else:
            return None
        return replace(as_sent.outcome, uuid=contact.uuid, changes=changes)


def _before(steps: Iterable[Step]) -> dict[int, Contact]:
    """The contacts as they were, by row."""
    return {row: contact for step in steps for row, contact in zip(step.rows, step.before, strict=True)}


def _by_row(steps: Iterable[Step]) -> dict[int, tuple[Step, ...]]:
    """The steps of each row, the latest first."""
    found = dict[int, tuple[Step, ...]]()
    for step in steps:
        for row in step.rows:
            found[row] = (step, *found.get(row, ()))
    return found


def is_failing(outcome: Outcome) -> bool:
    """Whether the server failed on the row rather than refused it."""
    reasons = (issue.details.get("reason") for issue in outcome.issues)
    return any(isinstance(reason, Phrase) and reason.key == "error.failing" for reason in reasons)


def _is_of_another(outcome: Outcome) -> bool:
    """Whether the changes are those of a contact that the row does not mean."""
    return any(issue.code == "not-put-back" for issue in outcome.issues)


def _has_urns(outcome: Outcome) -> bool:
    return any(change.attribute == "urns" for change in outcome.changes)


def joined(before: Outcome, now: Outcome) -> Outcome:
    """Two lines of one row as one: all that has changed, from the first old to the last new."""
    changes = {change.attribute: change for change in before.changes}
    for change in now.changes:
        old = changes[change.attribute].old if change.attribute in changes else change.old
        changes[change.attribute] = Change(change.attribute, old, change.new)
    status = now.status
    if status is Status.UNCHANGED and changes:
        status = before.status if before.status in DONE else Status.UPDATED
    return replace(
        now, status=status, changes=tuple(changes.values()), requests=before.requests + now.requests
    )
