"""Creates the fields and groups that a plan needs, one by one, before any contact is written."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from importer.api import Client
from importer.api.refusal import Refusal, in_words, refusal
from importer.errors import Rejected, Unavailable, Unsettled, Unusable
from importer.journal import Journal
from importer.model import Field, Group

ATTEMPTS = 5
"""How often a creation is sent whose answer is lost each time though nothing is there afterwards."""

Made = TypeVar("Made", Field, Group)


def create_fields(client: Client, journal: Journal, fields: Iterable[Field]) -> None:
    """Create `fields`; one that somebody else has made meanwhile is taken as it is.

    Raises:
        Unusable: the server refuses one, so that no row could be written as planned.
    """
    for field in fields:
        _create_field(client, journal, field)


def _create_field(client: Client, journal: Journal, field: Field) -> None:
    def look() -> Field | None:
        return next((one for one in client.list_fields() if one.key == field.key), None)

    step = journal.begin("create-field", (), {"label": field.label, "value_type": field.value_type})
    made = _create(lambda: client.create_field(field.label, field.value_type), look, field.label)
    journal.finish(step, {"key": made.key, "label": made.label})


def create_groups(client: Client, journal: Journal, names: Iterable[str]) -> list[Group]:
    """Create groups of these names, never two at once (the server might make both); see `create_fields`."""
    return [_create_group(client, journal, name) for name in names]


def _create_group(client: Client, journal: Journal, name: str) -> Group:
    def look() -> Group | None:
        same = [group for group in client.list_groups() if group.name.casefold() == name.casefold()]
        return same[-1] if same else None  # newest first: the oldest is the one that others use

    step = journal.begin("create-group", (), {"name": name})
    made = _create(lambda: client.create_group(name), look, name)
    journal.finish(step, {"uuid": made.uuid, "name": made.name})
    return made


def _create(send: Callable[[], Made], look: Callable[[], Made | None], name: str) -> Made:
    """Send a creation until it is there; one whose answer was lost is looked for before it is sent again."""
    for _ in range(ATTEMPTS):
        try:
            return send()
        except Unsettled:
            found = look()
        except Rejected as error:
            if refusal(error).why not in {Refusal.EXISTS, Refusal.KEY_UNUSABLE}:
                raise Unusable("creation-refused", name=name, reason=in_words(error)) from None
            found = look()
            if found is None:
                raise Unusable("creation-refused", name=name, reason=in_words(error)) from None
        if found is not None:
            return found
    raise Unavailable("answers-lost")
