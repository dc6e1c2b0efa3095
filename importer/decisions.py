"""A checked row + the contacts that it may mean → what is to be done for it, or why that is not possible. Pure.

Nothing is sent that changes nothing, nothing is removed that was not asked for, and an URN of another contact is
never taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from importer import platform
from importer.actions import ACTS
from importer.columns import same_text, same_value
from importer.definitions.planning import DefinitionPlan
from importer.issues import Issue, Phrase
from importer.likeness import Names, did_you_mean
from importer.model import (
    LEAVE,
    Action,
    Change,
    Contact,
    Group,
    Record,
    Wanted,
    Workspace,
)
from importer.options import NinthDigit, Options
from importer.schema import Schema
from importer.snapshot import Snapshot, scheme_of
from importer.steps import Act, Body, CreateContact, Decision, Membership, UpdateContact
from importer.urns import identity, is_plain, survives_update


class Rules(Struct, frozen=True):
    """What deciding on a row needs to know besides the row and its contacts.

    definitions: what the file does to fields and groups besides; `groups` has the names that they will have.
    has_uuids: whether a row may name its contact by UUID.
    """

    types: Mapping[str, str]
    groups: Mapping[str, Group]  # the workspace's, by casefolded name
    options: Options
    definitions: DefinitionPlan = field(default_factory=DefinitionPlan)
    has_uuids: bool = True

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
        has_uuids = any(schema.of_kinds("uuid"))
        return cls(schema.types, groups, options, definitions or DefinitionPlan(), has_uuids)

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
    return _decide(record, meant[0] if meant else None, rules, _conflicts(wanted, snapshot, meant))


def decide_for(record: Record, contact: Contact, rules: Rules) -> Decision:
    """The same of a valid row that asks for no act, where it is certain that it means just this contact."""
    return _decide(record, contact, rules)


def _decide(
    record: Record, contact: Contact | None, rules: Rules, conflicts: Iterable[Issue] = ()
) -> Decision:
    problems = [*unknown_groups(record.wanted, rules), *conflicts]
    if not problems:
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


def unknown_groups(wanted: Wanted, rules: Rules) -> Iterator[Issue]:
    """What stands against the groups that a row names, whatever its contact."""
    renamed, deleted = rules.definitions.renamed, rules.definitions.deleted
    for name in (*wanted.groups, *wanted.groups_left) if renamed else ():
        if new := renamed.get(name.casefold()):
            yield Issue.of("group-renamed", name, new=new)
    for name in wanted.groups if deleted else ():
        if other := deleted.get(name.casefold()):
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
                reason = Phrase("conflict.not-the-uuid", {"urn": urn, "other": other.called})
                yield Issue.of("row-conflict", urn, reason=reason)
    elif len(meant) > 1:
        one, other, *_ = meant
        reason = Phrase("conflict.two-contacts", {"one": one.called, "other": other.called})
        yield Issue.of("row-conflict", reason=reason)


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
    memberships = memberships_of(record, contact, rules)
    if memberships:
        changes.append(_group_change(contact, memberships, rules))
    step = UpdateContact(record.row, contact, body) if body else None
    return Decision(record, step, memberships, tuple(changes), contact)


def _urns_after(wanted: Wanted, contact: Contact, options: Options) -> tuple[str, ...]:
    """The URNs that the contact shall have: stored ones first, or, if asked, just those of the row.

    An URN that the contact has in another notation keeps the stored one; so does, under another scheme, a number
    of which the row does not say which scheme it has.
    """
    if not wanted.urns or (options.urns_mode == "add" and set(contact.urns).issuperset(wanted.urns)):
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


def memberships_of(record: Record, contact: Contact, rules: Rules) -> tuple[Membership, ...]:
    """The groups that the contact is to join or to leave for the row."""
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
            yield Issue.of("contact-exists", contact=contact.called)
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
            yield Issue.of("urn-would-be-lost", urn, contact=step.contact.called)
