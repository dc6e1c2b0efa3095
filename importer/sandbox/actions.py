"""The endpoint contact_actions: up to 100 contacts at once, all or none."""

from importer.platform import BATCH
from importer.sandbox.answers import Answer, crash, faulty_body, nothing
from importer.sandbox.calls import Call
from importer.sandbox.contacts import erase
from importer.sandbox.forms import ABSENT, Absent, Faulty, Form, read_any_text, read_items, read_text
from importer.sandbox.records import ACTIVE, ARCHIVED, BLOCKED, DELETED, Contact, Group
from importer.sandbox.service import Service
from importer.sandbox.urns import parse_reference
from importer.sandbox.wishes import read_group

WITH_GROUP = ("add", "remove")
NEW_STATUS = {"block": BLOCKED, "unblock": ACTIVE, "archive": ARCHIVED}
WITHOUT_TRACE = ("interrupt", "archive_messages")
"""Actions that concern flows and messages, which the sandbox has not."""
ACTIONS = (*WITH_GROUP, *NEW_STATUS, *WITHOUT_TRACE, "delete")


def post(service: Service, call: Call) -> Answer:
    """Do one action with every contact of the list; `Refused`, and nothing done, if one of them is faulty."""
    form = Form(call.payload())
    nobody: list[Contact] = []
    contacts = form.required("contacts", lambda value: _read_contacts(service, value), nobody)
    action = form.required("action", _read_action, "")
    group = form.optional("group", lambda value: read_group(service, value), ABSENT)
    form.close()
    if action in WITH_GROUP:
        if isinstance(group, Absent):
            raise faulty_body(f'For action "{action}" you should also specify a group')
        _change_group(service, action, contacts, group)
    elif not isinstance(group, Absent):
        raise faulty_body(f'For action "{action}" you should not specify a group')
    elif action == "delete":
        with service.store.transaction():
            for contact in contacts:
                erase(service.store, contact)
    elif action in NEW_STATUS:
        with service.store.transaction():
            for contact in contacts:
                set_status(service, contact, NEW_STATUS[action])
    return nothing()


def set_status(service: Service, contact: Contact, status: str) -> None:
    """Give a contact a status; only active ones are in groups."""
    before = contact.copy()
    contact.status = status
    if status != ACTIVE:
        contact.groups = frozenset()
    service.sort_into_dynamic(contact)
    if contact.differs(before):
        service.store.save_contact(contact, before)


def _change_group(service: Service, action: str, contacts: list[Contact], group: Group) -> None:
    inactive = [contact.uuid for contact in contacts if contact.status != ACTIVE]
    if action == "add" and inactive:
        raise faulty_body(f"Non-active contacts cannot be added to groups: {', '.join(inactive)}")
    if service.is_fresh(group):
        raise crash()
    with service.store.transaction():
        for contact in contacts:
            before = contact.copy()
            contact.groups = contact.groups | {group.id} if action == "add" else contact.groups - {group.id}
            service.sort_into_dynamic(contact)
            if contact.differs(before):
                service.store.save_contact(contact, before)


def _read_action(value: object) -> str:
    action = read_text(value)
    if action not in ACTIONS:
        raise Faulty(f'"{action}" is not a valid choice.')
    return action


def _read_contacts(service: Service, value: object) -> list[Contact]:
    references = [read_any_text(item) for item in read_items(value, BATCH)]
    if not references:
        raise Faulty("This list may not be empty.")
    contacts: dict[int, Contact] = {}
    for reference in references:
        identity = parse_reference(reference)
        contact = service.store.contact(reference) if identity is None else service.store.owner(identity)
        if contact is None or contact.status == DELETED:
            raise Faulty(f"No such object: {reference}")
        contacts.setdefault(contact.id, contact)
    return list(contacts.values())
