"""What was meant of a contact and what is found: attribute by attribute, as the server would have stored it. Pure."""

from collections.abc import Iterable, Mapping

from importer.columns import same_value
from importer.model import Change, Contact, Difference
from importer.urns import normalise

Types = Mapping[str, str]
"""Types of the workspace's fields, by key."""


def value_of(contact: Contact, attribute: str) -> object:
    """The value of a contact's attribute, named and formed as in `Change`."""
    match attribute:
        case "name":
            return contact.name
        case "language":
            return contact.language
        case "urns":
            return contact.urns
        case "status":
            return contact.status
        case "groups":
            return tuple(group.name for group in contact.groups)
        case _:
            return contact.fields.get(attribute.removeprefix("field:"))


def is_same(attribute: str, meant: object, found: object, types: Types) -> bool:
    """Whether the server shows `found` where `meant` was sent; groups are not compared here."""
    if attribute == "urns":
        return _normalised(meant) == _normalised(found)
    if attribute == "language":  # a new contact gets it in small letters
        return _text(meant).lower() == _text(found).lower()
    if attribute.startswith("field:"):
        value_type = types.get(attribute.removeprefix("field:"), "text")
        return same_value(value_type, _text(meant) or None, _text(found) or None)
    return _text(meant).strip() == _text(found).strip()


def differences(changes: Iterable[Change], contact: Contact, types: Types) -> tuple[Difference, ...]:
    """What of `changes` is not as meant of the contact that was read back. What they do not name may be anything.

    Of groups, those that were to be joined or left count; a contact may be in others.
    """
    found = []
    for change in changes:
        value = value_of(contact, change.attribute)
        if change.attribute == "groups":
            same = _has_moved(_names(change.old), _names(change.new), _names(value))
        else:
            same = is_same(change.attribute, change.new, value, types)
        if not same:
            found.append(Difference(change.attribute, change.new, value))
    return tuple(found)


def _has_moved(old: set[str], new: set[str], has: set[str]) -> bool:
    return new - old <= has and not (old - new) & has


def _names(groups: object) -> set[str]:
    return {str(name).casefold() for name in groups} if isinstance(groups, tuple) else set()


def _normalised(urns: object) -> tuple[str, ...]:
    return tuple(normalise(str(urn)) for urn in urns) if isinstance(urns, tuple) else ()


def _text(value: object) -> str:
    return "" if value is None else str(value)
