"""What the body of a POST to contacts wants, once every key of it has been checked."""

from collections.abc import Mapping

from msgspec import Struct

from importer.platform import FIELDS_MAX, GROUPS_MAX, NAME_MAX, URNS_MAX, language_codes
from importer.sandbox.forms import (
    ABSENT,
    Absent,
    Faulty,
    Form,
    read_any_text,
    read_items,
    read_short_text,
    read_text,
)
from importer.sandbox.records import ACTIVE, Contact, Group
from importer.sandbox.service import Service
from importer.sandbox.urns import BadPath, UnknownScheme, Urn, parse_urn


class Wish(Struct):
    """The attributes that a body names, checked. ABSENT: not named. values: by key, None empties."""

    name: str | None | Absent = ABSENT
    language: str | None | Absent = ABSENT
    urns: tuple[Urn, ...] | Absent = ABSENT
    groups: tuple[Group, ...] | Absent = ABSENT
    values: Mapping[str, str | None] | Absent = ABSENT


def read_wish(
    service: Service, body: Mapping[str, object], contact: Contact | None, *, by_urn: bool = False
) -> Wish:
    """Check a body. contact: the one to be changed. by_urn: `?urn=` says who is meant, so `urns` may not.

    Raises:
        Refused: 400 with every faulty key.
    """
    form = Form(body)
    wish = Wish(
        name=form.optional("name", _read_name, ABSENT),
        language=form.optional("language", _read_language, ABSENT),
        groups=form.optional("groups", lambda value: _read_groups(service, value, contact), ABSENT),
        values=form.optional("fields", lambda value: _read_values(service, value), ABSENT),
    )
    if not by_urn:
        wish.urns = form.optional("urns", lambda value: _read_urns(service, value, contact), ABSENT)
    elif "urns" in body:
        form.refuse("urns", "Field not allowed when using URN in URL")
    form.close()
    return wish


def read_group(service: Service, value: object) -> Group:
    """The group that a uuid or a name in any case means; not a dynamic one."""
    reference = read_any_text(value)
    group = service.group_named(reference)
    if group is None:
        raise Faulty(f"No such object: {reference}")
    if group.query is not None:
        raise Faulty(f"Contact group must not be dynamic: {reference}")
    return group


def _read_name(value: object) -> str | None:
    return None if value is None else read_short_text(value, NAME_MAX)


def _read_language(value: object) -> str | None:
    if value is None:
        return None
    code = read_text(value)
    if code.lower() not in language_codes():
        raise Faulty(f"{code} is not a valid ISO 639-3 language code.")
    return code


def _read_urns(service: Service, value: object, contact: Contact | None) -> tuple[Urn, ...]:
    urns: list[Urn] = []
    faults: dict[str, object] = {}
    for place, item in enumerate(read_items(value, URNS_MAX)):
        try:
            urns.append(_read_urn(service, item))
        except Faulty as fault:
            faults[str(place)] = fault.body
    if faults:
        raise Faulty(faults)
    if contact is None:
        taken = service.store.owners(urn.identity for urn in urns)
        for urn in urns:
            if urn.identity in taken:
                raise Faulty(f"URN belongs to another contact: {urn.identity}")
    return tuple(urns)


def _read_urn(service: Service, item: object) -> Urn:
    if not isinstance(item, str):
        raise Faulty("Not a valid string.")
    text = read_any_text(item)
    try:
        return parse_urn(text, service.country)
    except (UnknownScheme, BadPath):
        raise Faulty(f"Invalid URN: {text}. Ensure phone numbers contain country codes.") from None


def _read_groups(service: Service, value: object, contact: Contact | None) -> tuple[Group, ...]:
    groups = tuple(read_group(service, item) for item in read_items(value, GROUPS_MAX))
    if groups and contact is not None and contact.status != ACTIVE:
        raise Faulty("Non-active contacts can't be added to groups")
    return groups


def _read_values(service: Service, value: object) -> dict[str, str | None]:
    if value is None:
        raise Faulty("This field may not be null.")
    if not isinstance(value, dict):
        raise Faulty(f'Expected a dictionary of items but got type "{type(value).__name__}".')
    if len(value) > FIELDS_MAX:
        raise Faulty(f"This field can only contain up to {FIELDS_MAX} items.")
    values: dict[str, str | None] = {}
    faults: dict[str, object] = {}
    for key, item in value.items():
        try:
            values[key] = None if item is None else read_any_text(item) or None
        except Faulty as fault:
            faults[key] = fault.body
    if faults:
        raise Faulty(faults)
    for key in values:
        if key not in service.store.fields:
            raise Faulty(f"Invalid contact field key: {key}")
    return values
