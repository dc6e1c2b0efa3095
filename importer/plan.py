"""Records + what the workspace has → what is to be done for all of them, and what that amounts to."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import partial
from heapq import merge
from itertools import chain, islice
from operator import attrgetter

from importer import platform
from importer.actions import ACTS
from importer.decisions import Rules, decide, decide_for
from importer.issues import Issue
from importer.model import Field, Outcome, Record, Status
from importer.portions import Portion
from importer.processes import Turns, beside, can_share
from importer.repeats import settle_cluster
from importer.snapshot import Looks, Snapshot
from importer.steps import Decision, as_first
from importer.totals import Tally
from importer.unchanged import Seen, Unchanged

_SHARED_FROM = 7
"""Portions, five thousand rows or so: from then on a second process is worth while."""


class Plan:
    """What is to be done for all rows. Holds no row: `decisions` goes through them anew each time.

    portions: all rows of the file. in_plan: a record as the plan is to see it.
    firsts: the rows that others are sent together with, where that is known already.
    rows: how many there are, where somebody knows: of many of them most can be told more quickly.
    """

    def __init__(
        self,
        portions: Callable[[], Iterable[Portion]],
        snapshot: Snapshot,
        rules: Rules,
        new_fields: Sequence[Field] = (),
        firsts: Set[int] | None = None,
        in_plan: Callable[[Record], Record] = lambda record: record,
        rows: int = 0,
    ) -> None:
        self._portions, self._rows = portions, rows
        self._in_plan = in_plan
        self._unchanged = Unchanged(rules)
        self._settled: dict[int, Record] = {}
        self.snapshot = snapshot
        self.rules = rules
        self.new_fields = tuple(new_fields)
        if firsts is None:
            firsts = {
                record.into for rows in portions() for record in rows.records() if record.into is not None
            }
        self._apart = firsts
        tally = self._go_through()
        claimed = tally.claims.suspects
        if claimed and (settled := self._settle_claims(claimed)):
            self._settled = settled
            self._apart = firsts | {record.into for record in settled.values() if record.into is not None}
            tally = self._go_through()
        self.totals, self._firsts = tally.totals, tally.firsts
        self.new_groups = tuple(
            name for key, name in tally.group_names.items() if key not in self.rules.groups
        )
        if not tally.uses_fields:
            self.new_fields = ()  # no row comes through that could use them

    def decisions(self) -> Iterator[Decision]:
        """What is to be done, row by row."""
        for rows in self._portions():
            seen = self._see(rows, self.snapshot)
            records = list(rows.records())
            others = self._decided(
                [record for record in records if record.row not in seen.same], self.snapshot, seen
            )
            for record in records:
                place = seen.same.get(record.row)
                yield next(others) if place is None else Decision(record, contact=seen.kept.whole(place))

    def outcomes(self) -> Iterator[Outcome]:
        """The report's line for each row, if all goes as planned."""
        for rows in self._portions():
            seen = self._see(rows, self.snapshot)
            uuids, told = seen.kept.uuids, rows.told
            others = self._decided(rows.records(seen.same.keys() | rows.refused.keys()), self.snapshot, seen)
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

    def _see(self, rows: Portion, snapshot: Snapshot, looks: Looks | None = None) -> Seen:
        """What a glance at the rows tells, of those that stand alone."""
        apart = {row for some in (self._settled, rows.settled) if some for row in rows.plain if row in some}
        return self._unchanged.find(rows.plain, rows.wishes, snapshot.contacts, looks, apart)

    def _decided(
        self, records: Iterable[Record], snapshot: Snapshot, seen: Seen | None = None
    ) -> Iterator[Decision]:
        records, known = list(map(self._in_plan, records)), seen.meant if seen else {}
        asked = snapshot.contacts.ahead(record for record in records if record.row not in known)
        for record in records:
            if seen and record.row in known:
                yield decide_for(record, seen.kept.whole(known[record.row]), self.rules)
            else:
                yield decide(self._settled.get(record.row, next(asked)), snapshot, self.rules)

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

    def _go_through(self) -> Tally:
        """Count what is to be done. Where there are many rows, a second process looks at some of the portions."""
        tally, rest = Tally(), iter(self._portions())
        looks = None if self.rules.has_uuids else self.snapshot.contacts.looks(self._rows)
        first = list(islice(rest, _SHARED_FROM)) if can_share() else []
        portions = chain(first, rest)
        if len(first) < _SHARED_FROM:
            self._count(tally, portions, self.snapshot, looks)
        else:
            turns = Turns()
            with beside(partial(self._tally_of_others, turns, looks)) as (tally_of_others,):
                theirs = tally_of_others()
                self._count(tally, _given(turns, portions), self.snapshot, looks)
                turns.end()
                tally.merge(theirs())
        tally.settle()
        return tally

    def _tally_of_others(self, turns: Turns, looks: Looks | None) -> Tally:
        """What the portions tell that the first process does not look at."""
        tally = Tally()
        self._count(tally, _given(turns, self._portions()), self.snapshot.another(), looks)
        return tally

    def _count(
        self, tally: Tally, portions: Iterable[Portion], snapshot: Snapshot, looks: Looks | None
    ) -> None:
        """Count what is to be done for some rows."""
        totals = tally.totals
        for rows in portions:
            seen = self._see(rows, snapshot, looks)
            same = seen.same.keys() | seen.alike
            totals.add_told(same, seen.changed, rows.plain, rows.wishes.urns)
            totals.rows[Status.INVALID] += len(rows.refused)
            glanced = same | seen.changed
            told = {row: issues for row, issues in rows.told.items() if row in glanced} | {**rows.refused}
            # of a contact that has just a row's URNs no other row can have one and not share it with that row
            claimed = glanced - seen.alike if self.rules.has_uuids else glanced & seen.with_more
            meant = {row: seen.kept.uuids[seen.meant[row]] for row in claimed}
            tally.uses_fields = tally.uses_fields or bool(glanced)
            others = rows.records(glanced | rows.refused.keys())
            for decision in self._decided(others, snapshot, seen):
                record, line = decision.record, decision.outcome
                if line.row in self._apart:
                    tally.firsts[line.row] = line
                if line.into is not None:
                    tally.put_off(line)
                    continue
                totals.add(decision, line)
                if decision.contact:  # so nothing stands against it
                    meant[line.row] = decision.contact.uuid
                if line.issues:
                    told[line.row] = line.issues
                if record.status == "valid" and record.wanted.action not in ACTS:
                    tally.uses_fields = True
                    tally.join(line.row, record.wanted.groups)
            for row in sorted(told):
                totals.add_issues(told[row])
            tally.claim(meant)

    def _settle_claims(self, rows: Set[int]) -> dict[int, Record]:
        """What becomes of rows that share no key but mean the same contact of the workspace (one by its phone, one by
        its e-mail): merged or held back as repeats within the file are. By row.
        """
        by_contact: dict[str, list[Record]] = {}
        for some in self._portions():
            records = some.records(set(some.plain) - rows)
            for decision in self._decided(
                (record for record in records if record.row in rows), self.snapshot
            ):
                if decision.contact:
                    by_contact.setdefault(decision.contact.uuid, []).append(decision.record)
        settled: dict[int, Record] = {}
        for cluster in by_contact.values():
            if len(cluster) > 1:
                found = settle_cluster(cluster, self.rules.options.duplicates, self.rules.types)
                settled |= {record.row: record for record in found}
        return settled


def _given(turns: Turns, portions: Iterable[Portion]) -> Iterator[Portion]:
    return (portion for _, portion in turns.shared(portions))
