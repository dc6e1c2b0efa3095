"""What the server would refuse of a field or a group, told before; for sheets and for those who do it by hand."""

from collections.abc import Collection, Iterable

from importer import platform
from importer.issues import Issue
from importer.model import Field, Group


def check_label(label: str, others: Collection[Field]) -> Issue | None:
    """What stands against a field being called so. others: all fields but this one."""
    if not (platform.is_label(label) and platform.is_key(platform.key_of(label))):
        return Issue.of("field-label-wrong", label, limit=platform.LABEL_MAX)
    if taken := same_field(label, others):
        return Issue.of("field-exists", taken.label, field_key=taken.key)
    return None


def same_field(label: str, fields: Collection[Field]) -> Field | None:
    """The field that stands in the way of another one called so: it has the label in any case, or the key of it."""
    folded, key = label.casefold(), platform.key_of(label)
    by_label = (one for one in fields if one.label.casefold() == folded)
    return next(by_label, None) or next((one for one in fields if one.key == key), None)


def check_room_for_field(fields: int) -> Issue | None:
    """What stands against one more field. fields: so many there are."""
    full = fields >= platform.WORKSPACE_FIELDS
    return Issue.of("fields-full", limit=platform.WORKSPACE_FIELDS) if full else None


def check_group_name(name: str, others: Iterable[Group]) -> Issue | None:
    """What stands against a group being called so. others: all groups but this one."""
    if not platform.is_group_name(name):
        return Issue.of("group-name-wrong", name, limit=platform.GROUP_NAME_MAX)
    if taken := next((one for one in others if is_called(one, name)), None):
        return Issue.of("group-exists", taken.name)
    return None


def check_room_for_group(groups: int) -> Issue | None:
    """What stands against one more group, and against a new name. groups: so many there are.

    While a workspace has all the groups that it may have, the server renames none either.
    """
    full = groups >= platform.WORKSPACE_GROUPS
    return Issue.of("groups-full", limit=platform.WORKSPACE_GROUPS) if full else None


def is_called(group: Group, name: str) -> bool:
    """Whether this is the group's name, in any case."""
    return group.name.casefold() == name.strip().casefold()
