"""The server's JSON and our words for it. Unknown keys are ignored, missing ones are as in an empty thing."""

import json
from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from importer import model

Shape = TypeVar("Shape")


def read(shape: type[Shape], content: bytes) -> Shape:
    """What an answer says.

    Raises:
        ValueError: it is not of this shape, or no JSON.
    """
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _as_text(value: object) -> str:
    """Values are texts or null; should one come as something else, it is shown as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class GroupOfContact(msgspec.Struct, frozen=True):
    """A group as a contact names it."""

    uuid: str
    name: str | None = None


class ContactJson(msgspec.Struct, frozen=True):
    """A contact of contacts.json. A deleted one has null where others have lists and objects."""

    uuid: str
    name: str | None = None
    language: str | None = None
    urns: tuple[str, ...] | None = None
    groups: tuple[GroupOfContact, ...] | None = None
    fields: Mapping[str, object] | None = None
    blocked: object = None
    stopped: object = None
    created_on: str | None = None
    modified_on: str | None = None
    last_seen_on: str | None = None

    def word(self) -> model.Contact:
        """The same in our words; empty fields are left out, as most are empty."""
        fields = self.fields or {}
        return model.Contact(
            uuid=self.uuid,
            name=self.name,
            language=self.language,
            urns=self.urns or (),
            groups=tuple(model.Group(group.uuid, group.name or "") for group in self.groups or ()),
            fields={key: _as_text(value) for key, value in fields.items() if value is not None},
            blocked=bool(self.blocked),
            stopped=bool(self.stopped),
            created_on=self.created_on or "",
            modified_on=self.modified_on or "",
            last_seen_on=self.last_seen_on or "",
        )


class FieldJson(msgspec.Struct, frozen=True):
    """A field of fields.json."""

    key: str
    label: str | None = None
    value_type: str = "text"

    def word(self) -> model.Field:
        """The same in our words."""
        return model.Field(self.key, self.label or "", self.value_type)


class GroupJson(msgspec.Struct, frozen=True):
    """A group of groups.json; it is dynamic if it has a query."""

    uuid: str
    name: str | None = None
    query: str | None = None
    count: int | None = None

    def word(self) -> model.Group:
        """The same in our words."""
        return model.Group(self.uuid, self.name or "", dynamic=bool(self.query), count=self.count or 0)


class WorkspaceJson(msgspec.Struct, frozen=True):
    """workspace.json."""

    name: str
    uuid: str | None = None
    country: str | None = None
    timezone: str | None = None

    def word(self) -> model.Workspace:
        """The same in our words, without fields and groups."""
        return model.Workspace(self.name, self.country or None, self.timezone or None, uuid=self.uuid or "")


Item = TypeVar("Item", ContactJson, FieldJson, GroupJson)


class PageJson(msgspec.Struct, Generic[Item], frozen=True):
    """A page of a list."""

    results: list[Item]
    next: str | None = None
