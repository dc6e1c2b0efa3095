"""Creates the fields and groups that a plan needs, one by one, before any contact is written."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from importer import platform
from importer.api import Client
from importer.api.refusal import Refusal, in_words, refusal
from importer.errors import NotAllowed, Rejected, Unavailable, Unsettled, Unusable
from importer.journal import Journal
from importer.model import Field, Group, Workspace

PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each sending of a creation whose answers are lost though nothing is there afterwards."""

Made = TypeVar("Made", Field, Group)
Sleep = Callable[[float], object]


def settle_open(journal: Journal, workspace: Workspace) -> None:
    """Note what became of creations whose answer an earlier run did not see. workspace: as it is now."""
    for step in journal.open_steps("create-field", "create-group"):
        found = (
            same_field(workspace.fields, platform.key_of(str(step.request["label"])))
            if step.kind == "create-field"
            else same_group(workspace.groups, str(step.request["name"]))
        )
        journal.finish(step.id, answer_of(found) if found else "not done")


def create_fields(client: Client, journal: Journal, fields: Iterable[Field], sleep: Sleep) -> None:
    """Create `fields`; one of the same type that somebody else has made meanwhile is taken.

    sleep: lets so many seconds pass.

    Raises:
        Unusable: the server refuses one, so that no row could be written as planned.
        NotAllowed: the workspace takes no changes.
    """
    for field in fields:
        _create_field(client, journal, field, sleep)


def _create_field(client: Client, journal: Journal, field: Field, sleep: Sleep) -> None:
    def look() -> Field | None:
        found = same_field(client.list_fields(), field.key)
        return found if found and found.value_type == field.value_type else None

    step = journal.begin("create-field", (), {"label": field.label, "value_type": field.value_type})
    made, ours = create_settled(
        lambda: client.create_field(field.label, field.value_type), look, field.label, sleep
    )
    journal.finish(step, answer_of(made) if ours else "found")


def create_groups(client: Client, journal: Journal, names: Iterable[str], sleep: Sleep) -> list[Group]:
    """Create groups of these names, never two at once (the server might make both); see `create_fields`."""
    return [_create_group(client, journal, name, sleep) for name in names]


def _create_group(client: Client, journal: Journal, name: str, sleep: Sleep) -> Group:
    def look() -> Group | None:
        return same_group(client.list_groups(), name)

    step = journal.begin("create-group", (), {"name": name})
    made, ours = create_settled(lambda: client.create_group(name), look, name, sleep)
    journal.finish(step, answer_of(made) if ours else "found")
    return made


def same_field(fields: Iterable[Field], key: str) -> Field | None:
    """The field of this key."""
    return next((one for one in fields if one.key == key), None)


def same_group(groups: Iterable[Group], name: str) -> Group | None:
    """The group that a name in any case means; nobody can be put into a dynamic one."""
    same = [one for one in groups if one.name.casefold() == name.casefold() and not one.dynamic]
    return same[-1] if same else None  # newest first: the oldest is the one that others use


def answer_of(made: Field | Group) -> dict[str, str]:
    """What the journal keeps of what this job has made."""
    if isinstance(made, Group):
        return {"uuid": made.uuid, "name": made.name}
    return {"key": made.key, "label": made.label}


def create_settled(
    send: Callable[[], Made], look: Callable[[], Made | None], name: str, sleep: Sleep
) -> tuple[Made, bool]:
    """Send a creation until it is there; one whose answer was lost is looked for before it is sent again.

    Returns what is there, and whether it came of our sending.
    """
    was_sent = False
    for pause_s in PAUSES_S:
        if was_sent and (found := look()):
            return found, True
        if pause_s:
            sleep(pause_s)
        try:
            return send(), True
        except Unsettled:
            was_sent = True
        except Rejected as error:
            why = refusal(error).why
            if why is Refusal.SUSPENDED:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            found = look() if why in {Refusal.EXISTS, Refusal.KEY_UNUSABLE} else None
            if found is None:
                raise Unusable("creation-refused", name=name, reason=in_words(error)) from None
            return found, was_sent
    if found := look():
        return found, True
    raise Unavailable("answers-lost")
