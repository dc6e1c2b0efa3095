"""What a job has done → what takes it back. Pure.

Only what is still as the job left it is taken back, attribute by attribute; what somebody has changed since is kept
and told. A contact that the job has made is deleted as a whole, or, if it was changed since, kept as a whole. One that
it has deleted is made anew, but for what nobody can bring back.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from importer import platform
from importer.comparison import is_same, value_of
from importer.issues import Issue, Phrase
from importer.model import Action, Change, Contact, Group, Outcome, Status
from importer.steps import Act, Batched, Body, CreateContact, Membership, UpdateContact
from importer.urns import normalise, survives_update


@dataclass(frozen=True, slots=True)
class Deed:
    """What a job has done to one contact.

    row: that it did it for. created: the job has made the contact. changes: of name, language, urns and fields, from
    what was before the job to what it left. joined, left: UUIDs of the groups that it put the contact into, or took
    it out of. act: it has deleted, blocked or unblocked the contact.
    """

    row: int
    uuid: str
    created: bool = False
    changes: tuple[Change, ...] = ()
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    act: Action | None = None
    before: Contact | None = None
    anew: str = ""
    sent: bool = False

    @property
    def where(self) -> str:
        """UUID of the contact that it is about by now."""
        return self.anew or self.uuid

    @property
    def regained(self) -> tuple[str, ...]:
        """URNs that the contact has lost by the job; somebody else may have got one of them since."""
        if self.act == "delete" and self.before:
            return self.before.urns
        lost = (change for change in self.changes if change.attribute == "urns" and not self.created)
        return tuple(urn for change in lost for urn in _texts(change.old) if urn not in _texts(change.new))


@dataclass(frozen=True, slots=True)
class DeleteContact:
    """One of the hundred contacts of a request that deletes them."""

    row: int
    contact: Contact  # as it was


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What deciding on a deed needs to know of the workspace as it is now.

    types: of its fields, by key. groups: by UUID. holder: UUID of the contact that has a URN, or None.
    free: URNs (normalised) whose holders will give them back.
    """

    types: Mapping[str, str]
    groups: Mapping[str, Group]
    holder: Callable[[str], str | None] = lambda _: None
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Return:
    """How one deed is taken back: at most one write of its contact, then what goes by the hundred.

    act: the contact is blocked, or made active again; of one that is still to be made, it and the memberships have no
    UUID yet. issues: why something is kept. notes: what is not as it was, though all is done that can be.
    """

    deed: Deed
    contact: Contact | None
    step: DeleteContact | UpdateContact | CreateContact | None = None
    memberships: tuple[Membership, ...] = ()
    act: Act | None = None
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()
    notes: tuple[Issue, ...] = ()

    @property
    def batched(self) -> tuple[Batched, ...]:
        """What is to be sent for the contact by the hundred, but for its deletion."""
        return (*self.memberships, self.act) if self.act else self.memberships

    @property
    def outcome(self) -> Outcome:
        """The line in the report, if all goes as planned."""
        if self.issues or (self.notes and not self.changes):
            status = Status.KEPT
        elif isinstance(self.step, DeleteContact):
            status = Status.DELETED
        elif self.deed.anew or isinstance(self.step, CreateContact):
            status = Status.CREATED
        else:
            status = Status.UPDATED if self.changes else Status.UNCHANGED
        issues = tuple(issue.at(self.deed.row) for issue in (*self.issues, *self.notes))
        writes = int(isinstance(self.step, UpdateContact | CreateContact))
        uuid = None if isinstance(self.step, CreateContact) else self.deed.where
        return Outcome(self.deed.row, status, uuid, self.changes, issues, writes)


def take_back(deed: Deed, contact: Contact | None, around: Surroundings) -> Return:
    """How a deed is taken back. contact: the one at `deed.where` as it is now; None: it was deleted."""
    if deed.act and deed.before:
        if deed.act == "delete":
            return _bring_back(deed, deed.before, contact, around)
        return _turn_back(deed, deed.before, contact, around)
    if deed.created:
        return _unmake(deed, contact, around)
    if contact is None:
        return Return(deed, None, issues=(Issue.of("deleted-since"),))
    changes, issues = list[Change](), list[Issue]()
    for change in deed.changes:
        found = value_of(contact, change.attribute)
        if found == change.old:
            continue
        if issue := _obstacle(change, found, contact, around):
            issues.append(issue)
        else:
            changes.append(Change(change.attribute, found, change.old))
    body = _body(changes)
    memberships, kept = _memberships(deed, contact, around)
    if memberships:
        changes.append(_group_change(contact, memberships))
    step = UpdateContact(deed.row, contact, body) if body else None
    return Return(deed, contact, step, memberships, changes=tuple(changes), issues=(*issues, *kept))


def _unmake(deed: Deed, contact: Contact | None, around: Surroundings) -> Return:
    if contact is None:
        return Return(deed, None)
    if foreign := _foreign(deed, contact, around):
        value = _shown(value_of(contact, foreign))
        issue = Issue.of("used-since", value, attribute=_called(foreign))
        return Return(deed, contact, issues=(issue,))
    return Return(deed, contact, DeleteContact(deed.row, contact))


def _foreign(deed: Deed, contact: Contact, around: Surroundings) -> str:
    """An attribute of a contact that is not as the job has made it; "" if all are."""
    made = {change.attribute: change.new for change in deed.changes}
    fields = (f"field:{key}" for key, value in contact.fields.items() if value is not None)
    for attribute in dict.fromkeys(("name", "language", "urns", *made, *fields)):
        if attribute.removeprefix("field:") not in around.types and attribute.startswith("field:"):
            continue  # somebody has deleted the field, not changed the contact
        if not is_same(attribute, made.get(attribute), value_of(contact, attribute), around.types):
            return attribute
    joined = {uuid for uuid in deed.joined if uuid in around.groups}
    joined -= set(deed.left)
    has = {group.uuid for group in contact.groups if not _is_dynamic(group.uuid, around)}
    if has != joined or contact.blocked or contact.stopped:
        return "groups"
    return ""


def _obstacle(change: Change, found: object, contact: Contact, around: Surroundings) -> Issue | None:
    """Why an attribute is kept as it is; None if it may be as it was."""
    key = change.attribute.removeprefix("field:")
    is_field = change.attribute.startswith("field:")
    if not is_same(change.attribute, change.new, found, around.types) or (
        is_field and key not in around.types
    ):
        return Issue.of("changed-since", _shown(found), attribute=_called(change.attribute))
    if change.attribute == "urns":
        for urn in _texts(change.old):
            is_free = around.holder(urn) in (None, contact.uuid) or normalise(urn) in around.free
            if urn not in contact.urns and not is_free:
                return Issue.of("urn-taken", urn)
    return None


def _body(changes: Iterable[Change]) -> Body:
    body: Body = {}
    fields: dict[str, object] = {}
    for change in changes:
        if change.attribute.startswith("field:"):
            fields[change.attribute.removeprefix("field:")] = change.new
        else:
            body[change.attribute] = list(change.new) if isinstance(change.new, tuple) else change.new
    return body | ({"fields": fields} if fields else {})


def _memberships(
    deed: Deed, contact: Contact, around: Surroundings
) -> tuple[tuple[Membership, ...], list[Issue]]:
    """Groups that the contact is to leave and to join again; what cannot be."""
    has = {group.uuid for group in contact.groups}
    out = [uuid for uuid in deed.joined if uuid in has and uuid in around.groups]
    back = [uuid for uuid in deed.left if uuid not in has and not _is_dynamic(uuid, around)]
    away = [uuid for uuid in back if uuid not in around.groups or contact.blocked or contact.stopped]
    memberships = (
        *(Membership(deed.row, contact.uuid, around.groups[uuid].name, False) for uuid in out),
        *(Membership(deed.row, contact.uuid, around.groups[u].name, True) for u in back if u not in away),
    )
    if not away:
        return memberships, []
    names = _shown(value_of(contact, "groups"))
    return memberships, [Issue.of("changed-since", names, attribute=_called("groups"))]


def _group_change(contact: Contact, memberships: Iterable[Membership]) -> Change:
    old = tuple(group.name for group in contact.groups)
    gone = {member.group for member in memberships if not member.joins}
    new = (*(name for name in old if name not in gone), *(m.group for m in memberships if m.joins))
    return Change("groups", old, new)


# ------------------------------------------------------------------------------- blocked, unblocked, deleted


LEFT = {"block": "blocked", "unblock": "active"}
"""The status that an act leaves."""


def _turn_back(deed: Deed, was: Contact, contact: Contact | None, around: Surroundings) -> Return:
    """Make a contact active that was blocked, with its groups; block one that was unblocked. was: before that.

    Blocking takes a contact out of its groups, and nobody can stop one: so what somebody has put into a group since
    stays active, and what had opted out is blocked.
    """
    if contact is None:
        return Return(deed, None, issues=(Issue.of("deleted-since"),))
    status = "active" if was.status == "active" else "blocked"
    notes = _opted_out(was) if contact.status != was.status else ()
    changes, issues, act = list[Change](), list[Issue](), None
    if contact.status not in (status, was.status):
        stays = [group.name for group in contact.groups if not _is_dynamic(group.uuid, around)]
        if contact.status != LEFT[str(deed.act)]:
            issues.append(Issue.of("changed-since", contact.status, attribute=_called("status")))
        elif status == "blocked" and stays:
            issues.append(Issue.of("changed-since", ", ".join(stays), attribute=_called("groups")))
        else:
            action: Action = "block" if status == "blocked" else "unblock"
            act = Act(deed.row, contact.uuid, action, contact)
            changes.append(Change("status", contact.status, status))
    memberships = tuple[Membership, ...]()
    if status == "active" and (act or contact.status == "active"):
        back = replace(deed, left=tuple(_now_of(group, around) for group in was.groups))
        memberships, kept = _memberships(back, replace(contact, blocked=False), around)
        issues += kept
        if memberships:
            changes.append(_group_change(contact, memberships))
    notes = () if issues else notes
    return Return(deed, contact, None, memberships, act, tuple(changes), tuple(issues), notes)


def _bring_back(deed: Deed, was: Contact, contact: Contact | None, around: Surroundings) -> Return:
    """Make a deleted contact anew, as it was until then, but for what has gone elsewhere since."""
    if deed.anew:
        return _finish_anew(deed, was, contact, around)
    if contact is not None:
        return Return(deed, contact)  # it was not deleted after all
    urns, lost = _free_urns(deed, was, around)
    if was.urns and not urns:
        return Return(deed, None, issues=tuple(lost))
    fields = {key: value for key, value in was.fields.items() if value is not None}
    kept = [key for key in fields if key in around.types][: platform.FIELDS_MAX]
    lost += [
        _lost(key, "fields-max" if key in around.types else "field") for key in fields if key not in kept
    ]
    there = {group.name: around.groups.get(_now_of(group, around)) for group in was.groups}
    lost += [_lost(name, "group") for name, group in there.items() if group is None]
    names = tuple(group.name for group in there.values() if group and not group.dynamic)
    changes = [
        Change(key, None, value) for key, value in (("name", was.name), ("language", was.language)) if value
    ]
    changes += [Change(key, (), value) for key, value in (("urns", urns), ("groups", names)) if value]
    changes += [Change(f"field:{key}", None, fields[key]) for key in kept]
    body = _body(changes)
    if len(names) > platform.GROUPS_MAX:
        body["groups"] = list(names[: platform.GROUPS_MAX])
    memberships = tuple(Membership(deed.row, "", name, True) for name in names[platform.GROUPS_MAX :])
    act = Act(deed.row, "", "block", was) if was.status != "active" else None
    if act:
        changes.append(Change("status", "active", "blocked"))
    step = CreateContact(deed.row, body)
    return Return(deed, None, step, memberships, act, tuple(changes), tuple(lost), _opted_out(was))


def _finish_anew(deed: Deed, was: Contact, contact: Contact | None, around: Surroundings) -> Return:
    """What an earlier run has left to do for the contact that it has made in place of a deleted one."""
    if contact is None:
        return Return(deed, None, issues=(Issue.of("deleted-since"),))
    if was.status == "active":
        groups = tuple(uuid for group in was.groups if (uuid := _now_of(group, around)) in around.groups)
        memberships, _ = _memberships(replace(deed, left=groups), contact, around)
        changes = (_group_change(contact, memberships),) if memberships else ()
        return Return(deed, contact, None, memberships, changes=changes)
    if contact.status != "active":
        return Return(deed, contact)
    act = Act(deed.row, contact.uuid, "block", contact)
    return Return(deed, contact, act=act, changes=(Change("status", "active", "blocked"),))


def _free_urns(deed: Deed, was: Contact, around: Surroundings) -> tuple[tuple[str, ...], list[Issue]]:
    """The URNs that a deleted contact can have again, and why not the others."""
    urns, lost = list[str](), list[Issue]()
    for urn in was.urns:
        if not survives_update(urn):
            lost.append(_lost(urn, "urn"))
        elif not deed.sent and around.holder(urn) is not None and normalise(urn) not in around.free:
            lost.append(_lost(urn, "urn-elsewhere"))
        else:
            urns.append(urn)
    return tuple(urns), lost


def _lost(value: str, why: str) -> Issue:
    return Issue.of("not-brought-back", value, reason=Phrase(f"undo.lost.{why}"))


def _opted_out(was: Contact) -> tuple[Issue, ...]:
    return (Issue.of("was-stopped"),) if was.status == "stopped" else ()


def _now_of(group: Group, around: Surroundings) -> str:
    """UUID of a group by now: one that was made again has the name that it had."""
    if group.uuid in around.groups:
        return group.uuid
    named = (one.uuid for one in around.groups.values() if one.name.casefold() == group.name.casefold())
    return next(named, group.uuid)


def _given_back(one: Return) -> Iterator[str]:
    """URNs, normalised, that nobody has once the deed is taken back."""
    if one.contact and one.step:
        kept = () if isinstance(one.step, DeleteContact) else one.step.body.get("urns", one.contact.urns)
        left = kept if isinstance(kept, list | tuple) else ()
        yield from (normalise(urn) for urn in one.contact.urns if urn not in left)


def _is_dynamic(uuid: str, around: Surroundings) -> bool:
    return uuid in around.groups and around.groups[uuid].dynamic


def _called(attribute: str) -> str | Phrase:
    if attribute.startswith("field:"):
        return attribute.removeprefix("field:")
    return Phrase(f"report.attribute.{attribute}")


def _shown(value: object) -> object:
    return ", ".join(value) if isinstance(value, tuple) else value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


# ------------------------------------------------------------------------------------------ all the deeds


@dataclass(slots=True)
class Totals:
    """What taking a job back amounts to."""

    lines: int = 0
    deletions: int = 0
    updates: int = 0
    creations: int = 0
    acts: Counter[str] = field(
        default_factory=Counter
    )  # block, unblock; anew: of those made, that are blocked
    memberships: Counter[tuple[str, bool]] = field(default_factory=Counter)  # by group (casefolded) and joins
    leaving: Counter[str] = field(default_factory=Counter)  # UUID of the group → members that it will lose

    def add(self, one: Return) -> None:
        """Count one deed."""
        self.lines += 1
        if isinstance(one.step, DeleteContact):
            self.deletions += 1
            self.leaving.update(group.uuid for group in one.step.contact.groups)
        self.updates += isinstance(one.step, UpdateContact)
        self.creations += isinstance(one.step, CreateContact)
        if one.act:
            self.acts["anew" if one.deed.act == "delete" else one.act.action] += 1
        self.memberships.update((m.group.casefold(), m.joins) for m in one.memberships)
        if one.contact:
            out = {member.group for member in one.memberships if not member.joins}
            self.leaving.update(group.uuid for group in one.contact.groups if group.name in out)

    @property
    def contact_writes(self) -> int:
        """Requests that write one contact each."""
        return self.updates + self.creations

    @property
    def other_writes(self) -> int:
        """Requests that delete and block contacts and change memberships, a hundred contacts each."""
        counts = (self.deletions, *self.acts.values(), *self.memberships.values())
        return sum(-(-count // platform.BATCH) for count in counts)


@dataclass(frozen=True, slots=True)
class MadeGroups:
    """The groups that a job has made: those that will be empty and are deleted, and those that are kept."""

    empty: tuple[Group, ...] = ()
    kept: tuple[Group, ...] = ()


def settle_groups(made: Iterable[Group], around: Surroundings, leaving: Mapping[str, int]) -> MadeGroups:
    """Which of the groups that a job has made will be empty. One that is gone or has another name is not there.

    made: as the job has made them. leaving: how many members each will lose.
    """
    there = [(was, around.groups[was.uuid]) for was in made if was.uuid in around.groups]
    same = [now for was, now in there if was.name == now.name and not now.dynamic]
    empty = tuple(group for group in same if group.count <= leaving.get(group.uuid, 0))
    return MadeGroups(empty, tuple(now for _, now in there if now not in empty))


class Undo:
    """What takes a whole job back. Holds no deed: `returns` goes through them anew each time.

    deeds: what the job has done, by row. contact: the contact of a UUID as it is now.
    """

    def __init__(
        self,
        deeds: Callable[[], Iterable[Deed]],
        contact: Callable[[str], Contact | None],
        around: Surroundings,
        made_groups: Iterable[Group] = (),
    ) -> None:
        self._deeds, self._contact = deeds, contact
        self.around = around
        self.around = replace(
            around, free=frozenset(urn for one in self.returns() for urn in _given_back(one))
        )
        self.totals = Totals()
        for one in self.returns():
            self.totals.add(one)
        self.groups = settle_groups(made_groups, around, self.totals.leaving)

    def returns(self) -> Iterator[Return]:
        """How each deed is taken back, by what is known now."""
        return map(self.take_back, self._deeds())

    def take_back(self, deed: Deed) -> Return:
        """How one deed is taken back, by what is known now."""
        return take_back(deed, self._contact(deed.where), self.around)

    @property
    def writes(self) -> int:
        """Requests that it takes."""
        return self.totals.contact_writes + self.totals.other_writes + len(self.groups.empty)
