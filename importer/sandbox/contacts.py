"""The endpoint contacts: made, changed by uuid or URN, deleted."""

from collections.abc import Iterable, Iterator, Mapping

from importer.sandbox.answers import (
    Answer,
    crash,
    detail,
    failed,
    faulty_body,
    json_answer,
    missing,
    nothing,
)
from importer.sandbox.calls import Call
from importer.sandbox.forms import Absent
from importer.sandbox.records import BLOCKED, DELETED, STOPPED, Contact, show_time
from importer.sandbox.service import Service
from importer.sandbox.store import Store, new_contact
from importer.sandbox.tel import other_ninth_digit
from importer.sandbox.urns import BadPath, UnknownScheme, Urn, parse_urn
from importer.sandbox.values import read_value
from importer.sandbox.wishes import Wish, read_wish

IN_USE = "URNs in use by other contacts"


def post(service: Service, call: Call) -> Answer:
    """Make a contact; or change the one with `?uuid=`; or change or make the one with `?urn=`."""
    named = [name for name in ("uuid", "urn", "name") if name in call.query]
    if len(named) > 1:
        raise detail(400, "URL can only contain one of the following parameters: uuid, urn, name")
    if not named:
        return json_answer(201, show(service.store, make_contact(service, call.payload())))
    if named == ["urn"]:
        return _post_by_urn(service, call)
    contact = _find(service, named[0], call.query[named[0]])
    return _change(service, contact, call.payload())


def delete(service: Service, call: Call) -> Answer:
    """Delete the contact with `?uuid=` (again and again) or `?urn=` (once)."""
    named = [name for name in ("uuid", "urn") if name in call.query]
    if len(named) != 1:
        raise detail(400, "URL must contain one of the following parameters: urn, uuid")
    contact: Contact | None
    if named == ["uuid"]:
        contact = service.store.contact(call.query["uuid"])
    else:
        try:
            contact = service.store.owner(_parse(service, call.query["urn"]).identity)
        except BadPath:
            contact = None
    if contact is None:
        raise missing()
    erase(service.store, contact)
    return nothing()


def make_contact(service: Service, body: Mapping[str, object]) -> Contact:
    """A new contact; `Refused` if it cannot be."""
    wish = read_wish(service, body, None)
    return _make(service, wish, () if isinstance(wish.urns, Absent) else wish.urns)


def erase(store: Store, contact: Contact) -> None:
    """Leave a shell of a contact, without URNs, groups and values."""
    if contact.status == DELETED:
        return
    before = contact.copy()
    contact.status = DELETED
    contact.name = contact.language = None
    contact.values, contact.urns, contact.groups = {}, (), frozenset()
    store.save_contact(contact, before)


def show(store: Store, contact: Contact) -> dict[str, object]:
    """As the server shows it."""
    deleted = contact.status == DELETED
    values = contact.values
    return {
        "uuid": contact.uuid,
        "name": contact.name,
        "language": contact.language,
        "urns": list(contact.urns),
        "groups": [
            {"uuid": store.groups[group].uuid, "name": store.groups[group].name}
            for group in sorted(contact.groups)
        ],
        "fields": {}
        if deleted
        else {
            key: values[key].shown(field.value_type) if key in values else None
            for key, field in store.fields.items()
        },
        "blocked": None if deleted else contact.status == BLOCKED,
        "stopped": None if deleted else contact.status == STOPPED,
        "created_on": show_time(contact.created_on),
        "modified_on": show_time(contact.modified_on),
        "last_seen_on": None,
    }


# ---------------------------------------------------------------------------------------------- who is meant


def _find(service: Service, name: str, value: str) -> Contact:
    """The contact with this uuid, or the only one with this name."""
    if name == "uuid":
        contact = service.store.contact(value)
        if contact is None:
            raise missing()
        return contact
    found = service.store.contacts("name = ? AND status <> 'deleted'", (value,))
    if not found:
        raise missing()
    if len(found) > 1:
        raise crash()
    return found[0]


def _parse(service: Service, text: str) -> Urn:
    try:
        return parse_urn(text, service.country)
    except UnknownScheme:
        raise detail(400, f"Invalid URN: {text}") from None


def _post_by_urn(service: Service, call: Call) -> Answer:
    text = call.query["urn"]
    urn: Urn | None
    try:
        urn = _parse(service, text)
    except BadPath:
        urn = None
    contact = None if urn is None else _owner(service, urn)
    if contact is not None:
        return _change(service, contact, call.payload(), by_urn=True)
    wish = read_wish(service, call.payload(), None, by_urn=True)
    if urn is None:
        raise faulty_body(f"Invalid URN: {text}. Ensure phone numbers contain country codes.")
    return json_answer(201, show(service.store, _make(service, wish, (urn,))))


def _owner(service: Service, urn: Urn) -> Contact | None:
    found = service.store.owner(urn.identity)
    if found is None and service.ninth_digit and (twin := _twin(urn)):
        found = service.store.owner(twin)
    return found


def _twin(urn: Urn) -> str | None:
    """The other form of a Brazilian whatsapp: number, for workspaces that treat both as one."""
    other = other_ninth_digit(urn.path) if urn.scheme == "whatsapp" else None
    return other and f"whatsapp:{other}"


# -------------------------------------------------------------------------------------------------- writing


def _make(service: Service, wish: Wish, urns: tuple[Urn, ...]) -> Contact:
    stranger = next(_unknown_to_writer(service, wish), None)
    if stranger:
        raise failed(f"unknown contact {stranger}")
    late = next((urn for urn in urns if urn.late), None)
    if late is not None:
        raise failed(f"can't create URN, invalid path or scheme: {late.identity}")
    identities = [urn.identity for urn in urns]
    twins = [twin for urn in urns if (twin := _twin(urn))] if service.ninth_digit else []
    # a URN twice in the list is held by the contact itself when it comes again
    if len(set(identities)) < len(urns) or service.store.owners([*identities, *twins]):
        raise failed(IN_USE)
    contact = new_contact(service.store.tick())
    _take_over(service, contact, wish)
    if contact.language:
        contact.language = contact.language.lower()
    contact.urns = tuple(map(str, urns))
    service.sort_into_dynamic(contact)
    service.store.add_contact(contact)
    return contact


def _change(
    service: Service, contact: Contact, body: Mapping[str, object], *, by_urn: bool = False
) -> Answer:
    wish = read_wish(service, body, contact, by_urn=by_urn)
    if contact.status == DELETED:
        raise faulty_body("Deleted contacts can't be modified.")
    urns = () if isinstance(wish.urns, Absent) else wish.urns
    if next(_unknown_to_writer(service, wish), None) or any(urn.late == "crash" for urn in urns):
        raise crash()
    before = contact.copy()
    _take_over(service, contact, wish)
    if not isinstance(wish.urns, Absent):
        contact.urns = _replaced(contact.urns, urns)
    service.sort_into_dynamic(contact)
    if contact.differs(before) or not isinstance(wish.urns, Absent):
        service.store.save_contact(contact, before)
    return json_answer(200, show(service.store, contact))


def _replaced(present: tuple[str, ...], wanted: Iterable[Urn]) -> tuple[str, ...]:
    """The URNs after an update: what cannot be written is dropped, and so are repetitions.

    If the last one is a repetition, they stay as they were.
    """
    kept: dict[str, str] = {}
    repeats = False
    for urn in wanted:
        if urn.late:
            continue
        repeats = urn.identity in kept
        kept.setdefault(urn.identity, str(urn))
    return present if repeats else tuple(kept.values())


def _unknown_to_writer(service: Service, wish: Wish) -> Iterator[str]:
    """The fields and groups of a wish that are so new that the writer of contacts does not know them."""
    if service.settle_s <= 0:
        return
    if not isinstance(wish.values, Absent):
        for key in wish.values:
            if service.is_fresh(service.store.fields[key]):
                yield f"field '{key}'"
    if not isinstance(wish.groups, Absent):
        for group in wish.groups:
            if service.is_fresh(group):
                yield f"group '{group.uuid}'"


def _take_over(service: Service, contact: Contact, wish: Wish) -> None:
    """Name, language, values and groups of a wish; dynamic groups stay."""
    if not isinstance(wish.name, Absent):
        contact.name = wish.name
    if not isinstance(wish.language, Absent):
        contact.language = wish.language
    if not isinstance(wish.values, Absent):
        for key, text in wish.values.items():
            if text is None:
                contact.values.pop(key, None)
            else:
                contact.values[key] = read_value(text, service.reading)
    if not isinstance(wish.groups, Absent):
        dynamic = {group for group in contact.groups if service.store.groups[group].query is not None}
        contact.groups = frozenset(dynamic | {group.id for group in wish.groups})
