"""Records + what the workspace has → what is to be done for all of them, and what that amounts to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from importer import platform
from importer.actions import ACTS, DESTRUCTIVE
from importer.decisions import Rules, decide
from importer.issues import Issue
from importer.kinds import Kinds
from importer.model import (
    Field,
    Outcome,
    Record,
    Status,
    Wanted,
)
from importer.phones import country_of
from importer.repeats import SharedKeys, settle_cluster
from importer.snapshot import Snapshot, scheme_of
from importer.steps import Decision, UpdateContact, as_first

_CLAIMS_AT_ONCE = 1000
"""Contacts of rows that are noted together."""


@dataclass(slots=True)
class Totals:
    """What a plan amounts to."""

    rows: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    contact_writes: int = 0
    urn_lists: int = 0  # contacts that get another list of URNs
    removals: int = 0  # rows that lose something
    acts: Counter[str] = field(default_factory=Counter)
    memberships: Counter[tuple[str, bool]] = field(default_factory=Counter)  # by group (casefolded) and joins
    countries: Counter[str] = field(default_factory=Counter)
    issues: Counter[str] = field(default_factory=Counter)  # rows by issue code
    kinds: Kinds = field(default_factory=Kinds)

    def add_line(self, outcome: Outcome) -> None:
        """Count the line of a row."""
        self.rows[outcome.status] += 1
        if outcome.issues:
            self.issues.update({issue.code for issue in outcome.issues})
            self.kinds.add(outcome.issues)

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        outcome = decision.outcome
        self.add_line(outcome)
        self.contact_writes += outcome.requests
        self.urn_lists += isinstance(decision.step, UpdateContact) and "urns" in decision.step.body
        if decision.act:
            self.acts[decision.act.action] += 1
        else:
            self.removals += any(change.removes for change in outcome.changes)
        self.memberships.update((m.group.casefold(), m.joins) for m in decision.memberships)
        if decision.record.status == "valid":
            self.countries.update(countries_of(decision.record.wanted))

    @property
    def batches(self) -> int:
        """Requests that do something to contacts by the hundred."""
        return _hundreds(self.memberships.values()) + self.act_batches

    @property
    def act_batches(self) -> int:
        """Those of them that delete, block or unblock: they come last."""
        return _hundreds(self.acts.values())

    @property
    def destroyed(self) -> int:
        """Contacts that are deleted or blocked."""
        return sum(count for action, count in self.acts.items() if action in DESTRUCTIVE)


def _hundreds(counts: Iterable[int]) -> int:
    return sum(-(-count // platform.BATCH) for count in counts)


class Plan:
    """What is to be done for all rows. Holds no row: `decisions` goes through them anew each time.

    firsts: the rows that others are sent together with, where that is known already.
    """

    def __init__(
        self,
        records: Callable[[], Iterable[Record]],
        snapshot: Snapshot,
        rules: Rules,
        new_fields: Sequence[Field] = (),
        firsts: Set[int] | None = None,
    ) -> None:
        self._records = records
        self._settled: dict[int, Record] = {}
        self._firsts: dict[int, Outcome] = {}  # lines of rows that others are sent together with
        self.snapshot = snapshot
        self.rules = rules
        self.new_fields = tuple(new_fields)
        if firsts is None:
            firsts = {record.into for record in records() if record.into is not None}
        claimed = self._count(firsts)
        if claimed and (settled := self._settle_claims(claimed)):
            self._settled = settled
            self._count(firsts | {record.into for record in settled.values() if record.into is not None})

    def decisions(self) -> Iterator[Decision]:
        """What is to be done, row by row."""
        for record in self.snapshot.contacts.ahead(self._records()):
            yield decide(self._settled.get(record.row, record), self.snapshot, self.rules)

    def outcomes(self) -> Iterator[Outcome]:
        """The report's line for each row, if all goes as planned."""
        return (as_first(decision.outcome, self._firsts.get) for decision in self.decisions())

    @property
    def writes(self) -> int:
        """Requests that the plan will send."""
        totals = self.totals
        return len(self.new_fields) + len(self.new_groups) + totals.contact_writes + totals.batches

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What stops the plan as a whole; always errors."""
        room = max(0, platform.WORKSPACE_GROUPS - len(self.rules.groups))
        needed = len(self.new_groups)
        if needed <= room:
            return ()
        return (Issue.of("workspace-groups-full", count=needed, room=room, limit=platform.WORKSPACE_GROUPS),)

    def _count(self, firsts: Set[int]) -> set[int]:
        """Count what is to be done; returns the rows whose contact may be another row's as well."""
        self.totals = totals = Totals()
        self._firsts.clear()
        groups, uses_fields, claims = dict[str, str](), False, _Claims()
        for decision in self.decisions():
            record = decision.record
            if record.row in firsts:
                self._firsts[record.row] = decision.outcome
            if record.status == "merged":
                totals.add_line(as_first(decision.outcome, self._firsts.get))
                continue
            totals.add(decision)
            if decision.contact:  # so nothing stands against it
                claims.note(decision.contact.uuid, record.row)
            if record.status == "valid" and record.wanted.action not in ACTS:
                uses_fields = True
                for name in record.wanted.groups:
                    groups.setdefault(name.casefold(), name)
        self.new_groups = tuple(name for key, name in groups.items() if key not in self.rules.groups)
        if not uses_fields:
            self.new_fields = ()  # no row comes through that could use them
        return claims.suspects()

    def _settle_claims(self, rows: Set[int]) -> dict[int, Record]:
        """What becomes of rows that share no key but mean the same contact of the workspace (one by its phone, one by
        its e-mail): merged or held back as repeats within the file are. By row.
        """
        by_contact: dict[str, list[Record]] = {}
        records = (record for record in self._records() if record.row in rows)
        for record in self.snapshot.contacts.ahead(records):
            if contact := decide(record, self.snapshot, self.rules).contact:
                by_contact.setdefault(contact.uuid, []).append(record)
        settled: dict[int, Record] = {}
        for cluster in by_contact.values():
            if len(cluster) > 1:
                found = settle_cluster(cluster, self.rules.options.duplicates, self.rules.types)
                settled |= {record.row: record for record in found}
        return settled


class _Claims:
    """Which contact each row means, so that no two mean the same; see `SharedKeys`."""

    def __init__(self) -> None:
        self._shared = SharedKeys()
        self._rows: list[int] = []
        self._uuids: list[str] = []

    def note(self, uuid: str, row: int) -> None:
        """A row means a contact."""
        self._rows.append(row)
        self._uuids.append(uuid)
        if len(self._rows) >= _CLAIMS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._shared.note(self._rows, [self._uuids])
        self._rows.clear()
        self._uuids.clear()

    def suspects(self) -> set[int]:
        """Rows that may mean the same contact as another."""
        self._flush()
        return self._shared.suspects


def countries_of(wanted: Wanted) -> set[str]:
    """The countries of a row's phone numbers, ISO 3166."""
    digits = (urn.partition(":")[2] for urn in wanted.urns if scheme_of(urn) in platform.PHONE_SCHEMES)
    return {country for number in digits if (country := country_of("+" + number.lstrip("+")))}
