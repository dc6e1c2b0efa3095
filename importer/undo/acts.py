"""A contact that the job has blocked, unblocked or deleted, and how it is now → how that is taken back. Pure."""

from msgspec.structs import replace

from importer import platform
from importer.issues import Issue, Phrase
from importer.model import Action, Change, Contact, Group
from importer.steps import Act, CreateContact, Membership
from importer.undo.contacts import attribute_called, body_of, group_change, is_dynamic, memberships_of
from importer.undo.deeds import Deed, Return, Surroundings
from importer.urns import normalise, survives_update

LEFT = {"block": "blocked", "unblock": "active"}
"""The status that an act leaves."""


def turn_back(deed: Deed, was: Contact, contact: Contact | None, around: Surroundings) -> Return:
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
        stays = [group.name for group in contact.groups if not is_dynamic(group.uuid, around)]
        if contact.status != LEFT[str(deed.act)]:
            issues.append(Issue.of("changed-since", contact.status, attribute=attribute_called("status")))
        elif status == "blocked" and stays:
            issues.append(Issue.of("changed-since", ", ".join(stays), attribute=attribute_called("groups")))
        else:
            action: Action = "block" if status == "blocked" else "unblock"
            act = Act(deed.row, contact.uuid, action, contact)
            changes.append(Change("status", contact.status, status))
    memberships = tuple[Membership, ...]()
    if status == "active" and (act or contact.status == "active"):
        back = replace(deed, left=tuple(_now_of(group, around) for group in was.groups))
        memberships, kept = memberships_of(back, replace(contact, blocked=False), around)
        issues += kept
        if memberships:
            changes.append(group_change(contact, memberships))
    notes = () if issues else notes
    return Return(deed, contact, None, memberships, act, tuple(changes), tuple(issues), notes)


def bring_back(deed: Deed, was: Contact, contact: Contact | None, around: Surroundings) -> Return:
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
    body = body_of(changes)
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
        memberships, _ = memberships_of(replace(deed, left=groups), contact, around)
        changes = (group_change(contact, memberships),) if memberships else ()
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
