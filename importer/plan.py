"""Records + what the workspace has → what is to be done: created, updated, left alone, or not possible.

Nothing is sent that changes nothing, nothing is removed that was not asked for, and an URN of another contact is
never taken.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache

from importer import platform
from importer.actions import ACTS, DESTRUCTIVE
from importer.columns import same_text, same_value
from importer.definitions.planning import DefinitionPlan
from importer.issues import Issue, Phrase
from importer.kinds import Kinds
from importer.likeness import Names, did_you_mean
from importer.model import (
    LEAVE,
    Action,
    Change,
    Contact,
    Field,
    Group,
    Outcome,
    Record,
    Status,
    Wanted,
    Workspace,
)
from importer.options import NinthDigit, Options
from importer.phones import country_of
from importer.repeats import SharedKeys, settle_cluster
from importer.schema import Schema
from importer.snapshot import Snapshot, scheme_of
from importer.urns import identity, is_plain, survives_update

_CLAIMS_AT_ONCE = 1000
"""Contacts of rows that are noted together."""

Body = dict[str, object]
"""A request's JSON. Groups are in it by name: their UUIDs may not exist yet."""


@dataclass(frozen=True, slots=True)
class CreateContact:
    """One POST with everything."""

    row: int
    body: Body


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """One POST ?uuid= with the changed attributes only."""

    row: int
    contact: Contact  # as it was: the before-image
    body: Body


@dataclass(frozen=True, slots=True)
class Membership:
    """An existing contact joins or leaves a group; a hundred of them make one request."""

    row: int
    contact: str  # UUID
    group: str  # name
    joins: bool


@dataclass(frozen=True, slots=True)
class Act:
    """An existing contact is deleted, blocked or made active again; a hundred of them make one request."""

    row: int
    contact: str  # UUID
    action: Action
    before: Contact  # as it was: the before-image


Batched = Membership | Act
"""What goes by the hundred."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done for one row: at most one write of its contact, then its memberships; or one act."""

    record: Record
    step: CreateContact | UpdateContact | None = None
    memberships: tuple[Membership, ...] = ()
    changes: tuple[Change, ...] = ()
    contact: Contact | None = None
    act: Act | None = None

    @property
    def batched(self) -> tuple[Batched, ...]:
        """What is to be sent for the row by the hundred."""
        return (*self.memberships, self.act) if self.act else self.memberships

    @property
    def outcome(self) -> Outcome:
        """The row's line in the report, if all goes as planned."""
        record = self.record
        if record.invalid:
            status = Status.INVALID
        elif record.skipped:
            status = Status.SKIPPED
        elif isinstance(self.step, CreateContact):
            status = Status.CREATED
        elif self.act and self.act.action == "delete":
            status = Status.DELETED
        else:
            status = Status.UPDATED if self.changes else Status.UNCHANGED
        uuid = self.contact.uuid if self.contact else None
        return Outcome(
            record.row, status, uuid, self.changes, record.issues, int(self.step is not None), record.into
        )


def as_first(outcome: Outcome, of_row: Callable[[int], Outcome | None]) -> Outcome:
    """The line of a row that is sent together with an earlier one: what becomes of that one becomes of it.

    of_row: the line of an earlier row.
    """
    first = outcome
    while first.into is not None and first.status is not Status.INVALID:
        found = of_row(first.into)
        if found is None:
            return replace(outcome, status=Status.NOT_SENT)
        first = found
    if first is outcome:
        return outcome
    issues = outcome.issues
    if first.status in (Status.INVALID, Status.REFUSED):
        issues = (*issues, Issue.of("row-held-back", other_row=first.row).at(outcome.row))
    return replace(
        outcome, status=first.status, uuid=first.uuid, issues=issues, differences=first.differences
    )


# ---------------------------------------------------------------------------------------------- one row


@dataclass(frozen=True, slots=True)
class Rules:
    """What deciding on a row needs to know besides the row and its contacts.

    definitions: what the file does to fields and groups besides; `groups` has the names that they will have.
    """

    types: Mapping[str, str]
    groups: Mapping[str, Group]  # the workspace's, by casefolded name
    options: Options
    definitions: DefinitionPlan = field(default_factory=DefinitionPlan)

    @classmethod
    def of(
        cls,
        schema: Schema,
        workspace: Workspace,
        options: Options,
        definitions: DefinitionPlan | None = None,
    ) -> "Rules":
        """The rules of one file in one workspace."""
        groups = {group.name.casefold(): group for group in workspace.groups}
        return cls(schema.types, groups, options, definitions or DefinitionPlan())

    def names_of(self, contact: Contact) -> tuple[str, ...]:
        """The groups of a contact, by the names that they will have."""
        names = self.definitions.names
        return tuple(names.get(group.uuid, group.name) for group in contact.groups)


def decide(record: Record, snapshot: Snapshot, rules: Rules) -> Decision:
    """What is to be done for a checked row, given the contacts it may mean."""
    if record.status != "valid":
        return Decision(record)
    wanted = record.wanted
    if wanted.action in ACTS:
        return _act(record, snapshot)
    meant = snapshot.meant(wanted)
    problems = [*_unknown_groups(wanted, rules), *_conflicts(wanted, snapshot, meant)]
    if not problems:
        contact = meant[0] if meant else None
        decision = _change(record, contact, rules) if contact else _creation(record)
        problems = list(_problems(decision, rules))
        if not problems:
            return decision
    return Decision(_told(record, problems))


def _told(record: Record, problems: Iterable[Issue]) -> Record:
    placed = tuple(problem.at(record.row) for problem in problems)
    return replace(record, issues=(*record.issues, *placed))


def _act(record: Record, snapshot: Snapshot) -> Decision:
    """A row that asks for something to be done to its contact as a whole."""
    wanted, action = record.wanted, record.wanted.action
    meant = snapshot.meant(wanted)
    contact = meant[0] if meant else None
    if contact is None and action == "delete":
        return Decision(replace(_told(record, [Issue.of("contact-absent")]), skipped=True))
    if problems := list(_conflicts(wanted, snapshot, meant)):
        return Decision(_told(record, problems))
    if contact is None:
        return Decision(_told(record, [Issue.of("contact-missing")]))
    changes = tuple(_changes_by(action, contact))
    act = Act(record.row, contact.uuid, action, contact) if changes or action == "delete" else None
    return Decision(record, changes=changes, contact=contact, act=act)


def _changes_by(action: Action, contact: Contact) -> Iterator[Change]:
    """What an act changes of a contact."""
    groups = tuple(group.name for group in contact.groups)
    match action:
        case "delete":
            fields = {f"field:{key}": value for key, value in contact.fields.items()}
            for attribute, value in ({"name": contact.name, "language": contact.language} | fields).items():
                if value is not None:
                    yield Change(attribute, value, None)
            lists = {"urns": contact.urns, "groups": groups}
            yield from (Change(attribute, values, ()) for attribute, values in lists.items() if values)
        case "block" if not contact.blocked:
            yield Change("status", contact.status, "blocked")
            if groups:
                yield Change("groups", groups, ())
        case "unblock" if contact.status != "active":
            yield Change("status", contact.status, "active")
        case _:
            pass


def _unknown_groups(wanted: Wanted, rules: Rules) -> Iterator[Issue]:
    for name in (*wanted.groups, *wanted.groups_left):
        if new := rules.definitions.renamed.get(name.casefold()):
            yield Issue.of("group-renamed", name, new=new)
    for name in wanted.groups:
        if other := rules.definitions.deleted.get(name.casefold()):
            yield Issue.of("group-deleted", name, other=other)
    if rules.options.new_groups == "error":
        for name in wanted.groups:
            if name.casefold() not in rules.groups:
                close = _names(tuple(group.name for group in rules.groups.values())).closest(name)
                yield Issue.of("group-unknown", name, suggestion=did_you_mean(close))


@lru_cache(maxsize=4)
def _names(groups: tuple[str, ...]) -> Names:
    return Names(groups)


def _conflicts(wanted: Wanted, snapshot: Snapshot, meant: Sequence[Contact]) -> Iterator[Issue]:
    """Where the row's keys do not agree on one contact. meant: see `Snapshot.meant`."""
    if wanted.uuid and not meant:
        yield Issue.of("uuid-not-found", wanted.uuid)
    elif wanted.uuid:
        for urn in wanted.urns:
            # the number under another scheme or notation may well be another contact's, and stays there
            holders = snapshot.holders(urn)
            other = next(
                (c for c in holders if c.uuid != wanted.uuid and _has(c, urn, snapshot.ninth_digit)), None
            )
            if other:
                reason = Phrase("conflict.not-the-uuid", {"urn": urn, "other": _called(other)})
                yield Issue.of("row-conflict", urn, reason=reason)
    elif len(meant) > 1:
        one, other, *_ = meant
        reason = Phrase("conflict.two-contacts", {"one": _called(one), "other": _called(other)})
        yield Issue.of("row-conflict", reason=reason)


def _called(contact: Contact) -> str:
    return f"{contact.name} ({contact.uuid})" if contact.name else contact.uuid


def _has(contact: Contact, urn: str, ninth_digit: NinthDigit) -> bool:
    return any(_same_urn(stored, urn, ninth_digit) for stored in contact.urns)


def _same_urn(one: str, other: str, ninth_digit: NinthDigit) -> bool:
    """Whether two URNs are one for the server's contact: the same scheme, the same number in any notation."""
    return scheme_of(one) == scheme_of(other) and identity(one, ninth_digit) == identity(other, ninth_digit)


def _creation(record: Record) -> Decision:
    wanted = record.wanted
    body: Body = {}
    changes: list[Change] = []

    def put(attribute: str, value: object) -> None:
        if value:
            body[attribute] = list(value) if isinstance(value, tuple) else value
            changes.append(Change(attribute, () if isinstance(value, tuple) else None, value))

    put("name", None if wanted.name is LEAVE else wanted.name)
    put("language", None if wanted.language is LEAVE else wanted.language)
    put("urns", wanted.urns)
    put("groups", wanted.groups)
    fields = {key: value for key, value in wanted.fields.items() if value is not None}
    if fields:
        body["fields"] = fields
        changes += [Change(f"field:{key}", None, value) for key, value in fields.items()]
    return Decision(record, CreateContact(record.row, body), (), tuple(changes))


def _change(record: Record, contact: Contact, rules: Rules) -> Decision:
    """The row against the contact that it means."""
    wanted = record.wanted
    body: Body = {}
    changes: list[Change] = []
    for attribute, want, has in (
        ("name", wanted.name, contact.name),
        ("language", wanted.language, contact.language),
    ):
        if want is not LEAVE and want != has and not (want and has and same_text(want, has)):
            body[attribute] = want
            changes.append(Change(attribute, has, want))
    urns = _urns_after(wanted, contact, rules.options)
    if urns != contact.urns:
        body["urns"] = list(urns)
        changes.append(Change("urns", contact.urns, urns))
    fields: dict[str, str | None] = {}
    for key, want in wanted.fields.items():
        has = contact.fields.get(key)
        if key in rules.definitions.retyped or (
            want != has and not same_value(rules.types.get(key, "text"), want, has)
        ):
            fields[key] = want
            changes.append(Change(f"field:{key}", has, want))
    if fields:
        body["fields"] = fields
    memberships = _memberships(record, contact, rules)
    if memberships:
        changes.append(_group_change(contact, memberships, rules))
    step = UpdateContact(record.row, contact, body) if body else None
    return Decision(record, step, memberships, tuple(changes), contact)


def _urns_after(wanted: Wanted, contact: Contact, options: Options) -> tuple[str, ...]:
    """The URNs that the contact shall have: stored ones first, or, if asked, just those of the row.

    An URN that the contact has in another notation keeps the stored one; so does, under another scheme, a number
    of which the row does not say which scheme it has.
    """
    if not wanted.urns:
        return contact.urns

    def stored_form(urn: str) -> str:
        if urn in contact.urns:  # it may have the other notation as well
            return urn
        same = [stored for stored in contact.urns if _same_urn(stored, urn, options.ninth_digit)]
        if not same and urn in wanted.any_scheme:
            key = identity(urn, options.ninth_digit)
            same = [stored for stored in contact.urns if identity(stored, options.ninth_digit) == key]
        return same[0] if same else urn

    named = tuple(dict.fromkeys(stored_form(urn) for urn in wanted.urns))
    if options.urns_mode == "replace":
        return contact.urns if set(named) == set(contact.urns) else named
    return (*contact.urns, *(urn for urn in named if urn not in contact.urns))


def _memberships(record: Record, contact: Contact, rules: Rules) -> tuple[Membership, ...]:
    wanted = record.wanted
    if not wanted.groups and not wanted.groups_left and not wanted.clear_groups:
        return ()
    has = {name.casefold(): name for name in rules.names_of(contact)}
    joins = {name.casefold(): name for name in wanted.groups}
    leaves = {name.casefold() for name in wanted.groups_left}
    speaks_of_groups = bool(joins or leaves or wanted.clear_groups)
    if wanted.clear_groups or (rules.options.groups_mode == "replace" and speaks_of_groups):
        # nobody can be taken out of a group that a query fills
        leaves |= {key for key in has if key not in joins and not _is_dynamic(rules.groups.get(key))}
    return (
        *(Membership(record.row, contact.uuid, name, True) for key, name in joins.items() if key not in has),
        *(Membership(record.row, contact.uuid, has[key], False) for key in has if key in leaves),
    )


def _is_dynamic(group: Group | None) -> bool:
    return group is not None and group.dynamic


def _group_change(contact: Contact, memberships: Sequence[Membership], rules: Rules) -> Change:
    old = rules.names_of(contact)
    gone = {member.group for member in memberships if not member.joins}
    new = (*(name for name in old if name not in gone), *(m.group for m in memberships if m.joins))
    return Change("groups", old, new)


def _problems(decision: Decision, rules: Rules) -> Iterator[Issue]:
    """What stands against a change that is right in itself."""
    contact, step, wanted = decision.contact, decision.step, decision.record.wanted
    match wanted.action:
        case "create" if contact:
            yield Issue.of("contact-exists", contact=_called(contact))
        case "update" if not contact:
            yield Issue.of("contact-missing")
        case "upsert" if not contact and rules.options.after_convert and arrives_by_import(wanted):
            yield Issue.of("not-arrived")
    if contact and (contact.blocked or contact.stopped) and any(m.joins for m in decision.memberships):
        yield Issue.of("contact-blocked")
    concerned = wanted.groups if contact is None else dict.fromkeys(m.group for m in decision.memberships)
    for name in concerned:
        if _is_dynamic(rules.groups.get(name.casefold())):
            yield Issue.of("group-dynamic", name)
    if isinstance(step, UpdateContact):
        yield from _urn_problems(step)
        fields = step.body.get("fields")
        if isinstance(fields, dict) and len(fields) > platform.FIELDS_MAX:
            yield Issue.of("too-many-fields", count=len(fields), limit=platform.FIELDS_MAX)


def arrives_by_import(wanted: Wanted) -> bool:
    """Whether the platform's own import can make the contact of a row."""
    return bool(wanted.urns) and all(map(is_plain, wanted.urns))


def _urn_problems(step: UpdateContact) -> Iterator[Issue]:
    """What stands against a list of URNs, which replaces the whole stored one."""
    urns = step.body.get("urns")
    if not isinstance(urns, list):
        return
    if len(urns) > platform.URNS_MAX:
        yield Issue.of("too-many-urns", count=len(urns), limit=platform.URNS_MAX)
    for urn in urns:
        if not survives_update(urn):
            yield Issue.of("urn-would-be-lost", urn, contact=_called(step.contact))


# ------------------------------------------------------------------------------------------ all the rows


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
