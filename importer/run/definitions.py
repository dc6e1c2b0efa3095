"""Fields and groups of a workspace, one at a time and by hand: what the server would refuse is told before."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from importer import platform
from importer.definitions import rules
from importer.errors import Missing, Rejected, Unusable
from importer.issues import Issue
from importer.model import Field, Group
from importer.run.connection import Connection, connected

T = TypeVar("T")


def list_fields(connection: Connection) -> list[Field]:
    """All fields, newest first."""
    with connected(connection) as client:
        return client.list_fields()


def create_field(connection: Connection, label: str, value_type: str = "text") -> Field:
    """Make a field; its key is made by the server.

    Raises:
        Unusable: there can be no field of this name, or no further one.
    """
    label = label.strip()
    with connected(connection) as client:
        fields = client.list_fields()
        _refuse(rules.check_label(label, fields) or rules.check_room_for_field(len(fields)))
        key = platform.key_of(label)
        from importer.execution.prepare import create_settled

        def look() -> Field | None:
            return next((one for one in client.list_fields() if one.key == key), None)

        made, _ = create_settled(
            lambda: client.create_field(label, value_type), look, label, _sleep(connection)
        )
        return made


def update_field(
    connection: Connection, key: str, label: str | None = None, value_type: str | None = None
) -> Field:
    """Change label or type of a field; None leaves it. Its key stays, and so do the values as they were written.

    Raises:
        Unusable: there is no such field, or none of this name can be.
    """
    with connected(connection) as client:
        fields = client.list_fields()
        field = next((one for one in fields if one.key == key), None)
        if field is None:
            raise Unusable("field-missing", Issue.of("field-missing", key))
        label = field.label if label is None else label.strip()
        if label != field.label:
            _refuse(rules.check_label(label, [one for one in fields if one.key != key]))
        wanted = value_type or field.value_type
        return _told(label, lambda: client.update_field(key, label, wanted))


def list_groups(connection: Connection) -> list[Group]:
    """All groups, newest first."""
    with connected(connection) as client:
        return client.list_groups()


def create_group(connection: Connection, name: str) -> Group:
    """Make a group.

    Raises:
        Unusable: there can be no group of this name, or no further one.
    """
    name = name.strip()
    with connected(connection) as client:
        groups = client.list_groups()
        _refuse(rules.check_group_name(name, groups) or rules.check_room_for_group(len(groups)))
        from importer.execution.prepare import create_settled

        def look() -> Group | None:
            return next((one for one in client.list_groups() if rules.is_called(one, name)), None)

        made, _ = create_settled(lambda: client.create_group(name), look, name, _sleep(connection))
        return made


def rename_group(connection: Connection, group: str, name: str) -> Group:
    """Give a group (its name or UUID) another name; a dynamic one, too.

    Raises:
        Unusable: there is no such group, none of this name can be, or the workspace is full, so that none is renamed.
    """
    name = name.strip()
    with connected(connection) as client:
        groups = client.list_groups()
        found = _group(group, groups)
        others = [one for one in groups if one.uuid != found.uuid]
        _refuse(rules.check_group_name(name, others) or rules.check_room_for_group(len(groups)))
        return _told(name, lambda: client.rename_group(found.uuid, name))


def delete_group(
    connection: Connection, group: str, confirm: Callable[[Group], bool] = lambda _: True
) -> Group | None:
    """Delete a group (its name or UUID); its members stay contacts. None: `confirm` was against it.

    Raises:
        Unusable: there is no such group, or triggers, flows or campaigns use it.
    """
    with connected(connection) as client:
        found = _group(group, client.list_groups())
        if not confirm(found):
            return None
        _told(found.name, lambda: client.delete_group(found.uuid))
        return found


# ------------------------------------------------------------------------------------------------- rules


def _refuse(issue: Issue | None) -> None:
    if issue:
        raise Unusable(issue.code, issue)


def _group(named: str, groups: Iterable[Group]) -> Group:
    found = [one for one in groups if one.uuid == named.strip() or rules.is_called(one, named)]
    if len(found) != 1:  # two may have one name, where they were made in the same moment
        _refuse(Issue.of("group-unclear" if found else "group-missing", named))
    return found[0]


def _told(name: str, send: Callable[[], T]) -> T:
    """What the server answers; what it has against it is said in its own words."""
    from importer.api.refusal import in_words

    try:
        return send()
    except Rejected as error:
        raise Unusable("definition-refused", name=name, reason=in_words(error)) from None
    except Missing:
        raise Unusable("definition-gone", name=name) from None


def _sleep(connection: Connection) -> Callable[[float], object]:
    return connection.sleep or time.sleep
