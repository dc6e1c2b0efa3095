"""A contact that the job has made or changed, and how it is now → how that is taken back. Pure."""

from collections.abc import Iterable

from importer.comparison import is_same, value_of
from importer.issues import Issue, Phrase
from importer.model import Change, Contact
from importer.steps import Body, Membership, UpdateContact
from importer.undo.deeds import Deed, DeleteContact, Return, Surroundings, texts
from importer.urns import normalise


def restore(deed: Deed, contact: Contact | None, around: Surroundings) -> Return:
    """Make a contact what it was, attribute by attribute."""
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
    body = body_of(changes)
    memberships, kept = memberships_of(deed, contact, around)
    if memberships:
        changes.append(group_change(contact, memberships))
    step = UpdateContact(deed.row, contact, body) if body else None
    return Return(deed, contact, step, memberships, changes=tuple(changes), issues=(*issues, *kept))


def unmake(deed: Deed, contact: Contact | None, around: Surroundings) -> Return:
    """Delete a contact that the job has made, unless somebody uses it by now."""
    if contact is None:
        return Return(deed, None)
    if foreign := _foreign(deed, contact, around):
        value = _shown(value_of(contact, foreign))
        issue = Issue.of("used-since", value, attribute=attribute_called(foreign))
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
    has = {group.uuid for group in contact.groups if not is_dynamic(group.uuid, around)}
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
        return Issue.of("changed-since", _shown(found), attribute=attribute_called(change.attribute))
    if change.attribute == "urns":
        for urn in texts(change.old):
            is_free = around.holder(urn) in (None, contact.uuid) or normalise(urn) in around.free
            if urn not in contact.urns and not is_free:
                return Issue.of("urn-taken", urn)
    return None


def body_of(changes: Iterable[Change]) -> Body:
    """The JSON of a request that makes these changes, but for groups."""
    body: Body = {}
    fields: dict[str, object] = {}
    for change in changes:
        if change.attribute.startswith("field:"):
            fields[change.attribute.removeprefix("field:")] = change.new
        else:
            body[change.attribute] = list(change.new) if isinstance(change.new, tuple) else change.new
    return body | ({"fields": fields} if fields else {})


def memberships_of(
    deed: Deed, contact: Contact, around: Surroundings
) -> tuple[tuple[Membership, ...], list[Issue]]:
    """Groups that the contact is to leave and to join again; what cannot be."""
    has = {group.uuid for group in contact.groups}
    out = [uuid for uuid in deed.joined if uuid in has and uuid in around.groups]
    back = [uuid for uuid in deed.left if uuid not in has and not is_dynamic(uuid, around)]
    away = [uuid for uuid in back if uuid not in around.groups or contact.blocked or contact.stopped]
    memberships = (
        *(Membership(deed.row, contact.uuid, around.groups[uuid].name, False) for uuid in out),
        *(Membership(deed.row, contact.uuid, around.groups[u].name, True) for u in back if u not in away),
    )
    if not away:
        return memberships, []
    names = _shown(value_of(contact, "groups"))
    return memberships, [Issue.of("changed-since", names, attribute=attribute_called("groups"))]


def group_change(contact: Contact, memberships: Iterable[Membership]) -> Change:
    """What joining and leaving groups changes of a contact."""
    old = tuple(group.name for group in contact.groups)
    gone = {member.group for member in memberships if not member.joins}
    new = (*(name for name in old if name not in gone), *(m.group for m in memberships if m.joins))
    return Change("groups", old, new)


def is_dynamic(uuid: str, around: Surroundings) -> bool:
    """Whether a query fills the group."""
    return uuid in around.groups and around.groups[uuid].dynamic


def attribute_called(attribute: str) -> str | Phrase:
    """What sentences call an attribute."""
    if attribute.startswith("field:"):
        return attribute.removeprefix("field:")
    return Phrase(f"report.attribute.{attribute}")


def _shown(value: object) -> object:
    """A value as sentences show it."""
    return ", ".join(value) if isinstance(value, tuple) else value
