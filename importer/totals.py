"""What a plan amounts to: counted as somebody goes through its rows, the whole file or a part of it."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from itertools import compress

from msgspec import Struct, field

from importer import platform
from importer.actions import DESTRUCTIVE
from importer.issues import Issue
from importer.kinds import Kinds
from importer.model import Outcome, Status, Wanted
from importer.packed import Packed
from importer.phones import calling_code, country_of, has_shared_code
from importer.repeats import SharedKeys
from importer.steps import Decision, UpdateContact, as_first

_START = len("tel:+123")
"""So much of a number tells its country, most often."""


class Totals(Struct):
    """What a plan amounts to."""

    rows: Counter[Status] = field(default_factory=lambda: Counter(dict.fromkeys(Status, 0)))
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
        for code in {issue.code for issue in issues}:
            self.issues[code] += 1
        self.kinds.add(issues)

    def add_told(
        self, unchanged: Set[int], changed: Set[int], rows: Sequence[int], urns: Iterable[Packed]
    ) -> None:
        """Count rows, by their numbers, whose contacts are as they want them, and rows that change something of theirs,
        but neither URNs nor groups, and take nothing. urns: columns of `rows`.
        """
        told = unchanged | changed
        self.rows[Status.UNCHANGED] += len(unchanged)
        self.rows[Status.UPDATED] += len(changed)
        self.contact_writes += len(changed)
        of_phones = [column for column in urns if _has_phones(column)]
        if not told or not of_phones:
            return
        if country := _sole_country(of_phones, len(rows)):
            self.countries[country] += len(told)
            return
        are_told = [row in told for row in rows]
        telling = (_telling(list(compress(column, are_told))) for column in of_phones)
        for of_row, times in Counter(zip(*telling, strict=True)).items():
            for country in filter(None, {*map(_country_of, of_row)}):
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

    def merge(self, others: "Totals") -> None:
        """Count what other rows of the file amount to as well."""
        self.contact_writes += others.contact_writes
        self.urn_lists += others.urn_lists
        self.removals += others.removals
        self.rows.update(others.rows)
        self.acts.update(others.acts)
        self.memberships.update(others.memberships)
        self.countries.update(others.countries)
        self.issues.update(others.issues)
        self.kinds.merge(others.kinds)

    @property
    def by_country(self) -> dict[str, int]:
        """Rows by the country of their numbers, the most of them first."""
        return dict(sorted(self.countries.items(), key=lambda one: (-one[1], one[0])))

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


class Tally:
    """What is counted on the way through rows in their order; of a part of them, to be merged with the others.

    firsts: lines of rows that later ones are sent together with. together: the lines of those later ones.
    claims: the contacts that rows mean.
    groups: that are to be joined, by casefolded name, as the first row writes them; before it, where it does.
    uses_fields: whether a row comes through that may say something of fields.
    """

    def __init__(self) -> None:
        self.totals = Totals()
        self.firsts: dict[int, Outcome] = {}
        self.groups: dict[str, tuple[int, int, str]] = {}
        self.uses_fields = False
        self.claims = SharedKeys()
        self.together: list[Outcome] = []

    def claim(self, contacts: dict[int, str]) -> None:
        """Note the UUIDs of the contacts that rows mean, by their numbers."""
        self.claims.note(contacts.keys(), [contacts.values()])

    def join(self, row: int, names: Iterable[str]) -> None:
        """Note the groups that a row wants to join."""
        for place, name in enumerate(names):
            self.groups.setdefault(name.casefold(), (row, place, name))

    def put_off(self, line: Outcome) -> None:
        """Note the line of a row that is sent together with an earlier one, which may be among others."""
        self.together.append(line)

    def merge(self, others: "Tally") -> None:
        """Note what was noted of other rows as well."""
        self.totals.merge(others.totals)
        self.firsts |= others.firsts
        for key, first in others.groups.items():
            self.groups[key] = min(self.groups.get(key, first), first)
        self.uses_fields = self.uses_fields or others.uses_fields
        self.claims.merge(others.claims)
        self.together += others.together

    def settle(self) -> None:
        """All rows have been noted: count those that are sent together with earlier ones."""
        late = Totals()
        for line in sorted(self.together, key=lambda line: line.row):
            settled = as_first(line, self.firsts.get)
            late.rows[settled.status] += 1
            late.add_issues(settled.issues)
        self.totals.merge(late)
        self.together = []

    @property
    def group_names(self) -> dict[str, str]:
        """Names of groups to be joined, by casefolded name, in the order of rows."""
        return {key: name for key, (_, _, name) in sorted(self.groups.items(), key=lambda group: group[1])}


def countries_of(wanted: Wanted) -> set[str]:
    """The countries of a row's phone numbers, ISO 3166."""
    return {country for start in _telling(wanted.urns) if (country := _country_of(start))}


@lru_cache(maxsize=10_000)
def _country_of(urn: str) -> str | None:
    scheme, _, number = urn.partition(":")
    return country_of("+" + number.lstrip("+")) if scheme in platform.PHONE_SCHEMES else None


def _has_phones(urns: Packed) -> bool:
    return any(f"{scheme}:".encode() in urns.together for scheme in platform.PHONE_SCHEMES)


def _sole_country(columns: Sequence[Packed], rows: int) -> str | None:
    """The country that all numbers are of, if it is easily told and each of so many rows has one."""
    start = columns[0].first[:_START]
    if start.startswith("tel:+") and _tells(start):
        code = f"tel:+{calling_code(start.removeprefix('tel:'))}".encode()
        counts = [column.together.count(code) for column in columns]
        # each text that is not empty has a colon, and none but a phone that of the code
        if rows in counts and counts == [column.together.count(b":") for column in columns]:
            return _country_of(start)
    return None


def _telling(urns: Sequence[str]) -> Sequence[str]:
    """What tells the countries of URNs: how they begin, but for calling codes that countries share."""
    starts = [urn[:_START] for urn in urns]
    if unsure := {start for start in {*starts} if not _tells(start)}:
        return [urn if start in unsure else start for urn, start in zip(urns, starts, strict=True)]
    return starts


@lru_cache(maxsize=10_000)
def _tells(start: str) -> bool:
    """Whether the country of a URN is that of its beginning."""
    scheme, _, number = start.partition(":")
    return scheme not in platform.PHONE_SCHEMES or (number[:1] == "+" and not has_shared_code(number))
