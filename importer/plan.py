"""Records + what the workspace has → what is to be done for all of them, and what that amounts to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from heapq import merge
from itertools import compress
from operator import attrgetter

from importer import platform
from importer.actions import ACTS, DESTRUCTIVE
from importer.decisions import Rules, decide, decide_for
from importer.issues import Issue
from importer.kinds import Kinds
from importer.model import (
    Field,
    Outcome,
    Record,
    Status,
    Wanted,
)
from importer.phones import country_of, has_shared_code
from importer.plain_rows import Wishes
from importer.portions import Portion
from importer.repeats import NotedKeys, SharedKeys, settle_cluster
from importer.snapshot import Snapshot
from importer.steps import Decision, UpdateContact, as_first
from importer.unchanged import Seen, Unchanged

_START = len("tel:+123")
"""So much of a number tells its country, most often."""


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

    def add_issues(self, issues: Sequence[Issue]) -> None:
        """Count what is told of a row."""
        self.issues.update({issue.code for issue in issues})
        self.kinds.add(issues)

    def add_unchanged(self, count: int, urns: Iterable[Iterable[str]]) -> None:
        """Count rows whose contacts are as they want them. urns: columns of theirs."""
        self.rows[Status.UNCHANGED] += count
        countries = map(_countries_of, urns)
        for of_row, times in Counter(zip(*countries, strict=True)).items():
            for country in {*of_row} - {None}:
                self.countries[country] += times

    def add(self, decision: Decision, outcome: Outcome) -> None:
        """Count one decision, and the line of its row."""
        self.rows[outcome.status] += 1
        self.contact_writes += outcome.requests
        self.urn_lists += isinstance(decision.step, UpdateContact) and "urns" in decision.step.body
        if decision.act:
            self.acts[decision.act.action] += 1
        else:
            self.removals += any(change.removes for change in outcome.changes)
        for member in decision.memberships:
            self.memberships[member.group.casefold(), member.joins] += 1
        if decision.record.status == "valid":
            for country in countries_of(decision.record.wanted):
                self.countries[country] += 1

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

    portions: all rows of the file. in_plan: a record as the plan is to see it.
    firsts: the rows that others are sent together with, where that is known already.
    """

    def __init__(
        self,
        portions: Callable[[], Iterable[Portion]],
        snapshot: Snapshot,
        rules: Rules,
        new_fields: Sequence[Field] = (),
        firsts: Set[int] | None = None,
        in_plan: Callable[[Record], Record] = lambda record: record,
    ) -> None:
        self._portions = portions
        self._in_plan = in_plan
        self._unchanged = Unchanged(rules)
        self._settled: dict[int, Record] = {}
        self._firsts: dict[int, Outcome] = {}  # lines of rows that others are sent together with
        self.snapshot = snapshot
        self.rules = rules
        self.new_fields = tuple(new_fields)
        if firsts is None:
            firsts = {
                record.into for rows in portions() for record in rows.records() if record.into is not None
            }
        self._apart = firsts
        claimed = self._count()
        if claimed and (settled := self._settle_claims(claimed)):
            self._settled = settled
            self._apart = firsts | {record.into for record in settled.values() if record.into is not None}
            self._count()

    def decisions(self) -> Iterator[Decision]:
        """What is to be done, row by row."""
        for rows in self._portions():
            seen = self._see(rows, rows.wishes())
            records = list(rows.records())
            others = self._decided([record for record in records if record.row not in seen.same], seen)
            for record in records:
                place = seen.same.get(record.row)
                yield next(others) if place is None else Decision(record, contact=seen.kept.whole(place))

    def outcomes(self) -> Iterator[Outcome]:
        """The report's line for each row, if all goes as planned."""
        for rows in self._portions():
            seen = self._see(rows, rows.wishes())
            uuids, told = seen.kept.uuids, rows.told
            others = self._decided(rows.records(seen.same.keys() | rows.refused.keys()), seen)
            lines = merge(
                (
                    Outcome(row, Status.UNCHANGED, uuids[place], (), told.get(row, ()))
                    for row, place in seen.same.items()
                ),
                (Outcome(row, Status.INVALID, issues=issues) for row, issues in rows.refused.items()),
                (decision.outcome for decision in others),
                key=attrgetter("row"),
            )
            for outcome in lines:
                yield as_first(outcome, self._firsts.get)

    def _see(self, rows: Portion, wishes: Wishes) -> Seen:
        """What a glance at the rows tells, of those that stand alone."""
        seen = self._unchanged.find(rows.plain, wishes, self.snapshot.contacts)
        for apart in (self._apart, self._settled.keys(), rows.settled.keys()):
            for row in seen.meant.keys() & apart:
                del seen.meant[row]
                seen.same.pop(row, None)
        return seen

    def _decided(self, records: Iterable[Record], seen: Seen | None = None) -> Iterator[Decision]:
        records, known = list(map(self._in_plan, records)), seen.meant if seen else {}
        asked = self.snapshot.contacts.ahead(record for record in records if record.row not in known)
        for record in records:
            if seen and record.row in known:
                yield decide_for(record, seen.kept.whole(known[record.row]), self.rules)
            else:
                yield decide(self._settled.get(record.row, next(asked)), self.snapshot, self.rules)

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

    def _count(self) -> set[int]:
        """Count what is to be done; returns the rows whose contact may be another row's as well."""
        self.totals = totals = Totals()
        self._firsts.clear()
        groups, uses_fields, claims = dict[str, str](), False, SharedKeys()
        for rows in self._portions():
            wishes = rows.wishes()
            seen = self._see(rows, wishes)
            same = seen.same
            is_same = [row in same for row in rows.plain]
            totals.add_unchanged(len(same), [compress(urns, is_same) for urns in wishes.urns])
            totals.rows[Status.INVALID] += len(rows.refused)
            told = {row: issues for row, issues in rows.told.items() if row in same} | {**rows.refused}
            meant = {row: seen.kept.uuids[place] for row, place in same.items()}
            uses_fields = uses_fields or bool(same)
            for decision in self._decided(rows.records(same.keys() | rows.refused.keys()), seen):
                record, outcome = decision.record, self._line(decision)
                totals.add(decision, outcome)
                if decision.contact:  # so nothing stands against it
                    meant[record.row] = decision.contact.uuid
                if outcome.issues:
                    told[record.row] = outcome.issues
                if record.status == "valid" and record.wanted.action not in ACTS:
                    uses_fields = True
                    for name in record.wanted.groups:
                        groups.setdefault(name.casefold(), name)
            for row in sorted(told):
                totals.add_issues(told[row])
            claims.note(NotedKeys.of(list(meant), [list(meant.values())]))
        self.new_groups = tuple(name for key, name in groups.items() if key not in self.rules.groups)
        if not uses_fields:
            self.new_fields = ()  # no row comes through that could use them
        return claims.suspects

    def _line(self, decision: Decision) -> Outcome:
        """The line of a row; those that later rows need are kept."""
        outcome = decision.outcome
        if outcome.row in self._apart:
            self._firsts[outcome.row] = outcome
        return as_first(outcome, self._firsts.get)

    def _settle_claims(self, rows: Set[int]) -> dict[int, Record]:
        """What becomes of rows that share no key but mean the same contact of the workspace (one by its phone, one by
        its e-mail): merged or held back as repeats within the file are. By row.
        """
        by_contact: dict[str, list[Record]] = {}
        for some in self._portions():
            records = some.records(set(some.plain) - rows)
            for decision in self._decided(record for record in records if record.row in rows):
                if decision.contact:
                    by_contact.setdefault(decision.contact.uuid, []).append(decision.record)
        settled: dict[int, Record] = {}
        for cluster in by_contact.values():
            if len(cluster) > 1:
                found = settle_cluster(cluster, self.rules.options.duplicates, self.rules.types)
                settled |= {record.row: record for record in found}
        return settled


def countries_of(wanted: Wanted) -> set[str]:
    """The countries of a row's phone numbers, ISO 3166."""
    return {country for urn in wanted.urns if (country := _country_of(urn))}


def _country_of(urn: str) -> str | None:
    scheme, _, number = urn.partition(":")
    return country_of("+" + number.lstrip("+")) if scheme in platform.PHONE_SCHEMES else None


def _countries_of(urns: Iterable[str]) -> list[str | None]:
    """The countries of URNs. How one begins tells, but for calling codes that countries share."""
    urns = list(urns)
    starts = [urn[:_START] for urn in urns]
    known = {start: _country_of(start) for start in {*starts} if _tells(start)}
    return [
        known[start] if start in known else _country_of(urn) for urn, start in zip(urns, starts, strict=True)
    ]


def _tells(start: str) -> bool:
    """Whether the country of a URN is that of its beginning."""
    scheme, _, number = start.partition(":")
    return scheme not in platform.PHONE_SCHEMES or (number[:1] == "+" and not has_shared_code(number))
