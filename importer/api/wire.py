"""The server's JSON and our words for it. Unknown keys are ignored, missing ones are as in an empty thing."""

import json
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from importer import model


def _as_text(value: object) -> object:
    """Values are texts or null; should one come as something else, it is shown as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _or_nothing(value: object) -> object:
    """A deleted contact has null where others have lists and objects."""
    return () if value is None else value


_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_Flag = Annotated[bool, BeforeValidator(bool)]
_Values = Annotated[
    dict[str, Annotated[str | None, BeforeValidator(_as_text)]], BeforeValidator(lambda v: v or {})
]


class _Json(BaseModel):
    model_config = ConfigDict(extra="ignore")


class GroupOfContact(_Json):
    """A group as a contact names it."""

    uuid: str
    name: _Text = ""


class ContactJson(_Json):
    """A contact of contacts.json."""

    uuid: str
    name: str | None = None
    language: str | None = None
    urns: Annotated[tuple[str, ...], BeforeValidator(_or_nothing)] = ()
    groups: Annotated[tuple[GroupOfContact, ...], BeforeValidator(_or_nothing)] = ()
    fields: _Values = {}
    blocked: _Flag = False
    stopped: _Flag = False
    created_on: _Text = ""
    modified_on: _Text = ""
    last_seen_on: _Text = ""

    def word(self) -> model.Contact:
        """The same in our words; empty fields are left out, as most are empty."""
        return model.Contact(
            uuid=self.uuid,
            name=self.name,
            language=self.language,
            urns=self.urns,
            groups=tuple(model.Group(group.uuid, group.name) for group in self.groups),
            fields={key: value for key, value in self.fields.items() if value is not None},
            blocked=self.blocked,
            stopped=self.stopped,
            created_on=self.created_on,
            modified_on=self.modified_on,
            last_seen_on=self.last_seen_on,
        )


class FieldJson(_Json):
    """A field of fields.json."""

    key: str
    label: _Text = ""
    value_type: str = "text"

    def word(self) -> model.Field:
        """The same in our words."""
        return model.Field(self.key, self.label, self.value_type)


class GroupJson(_Json):
    """A group of groups.json; it is dynamic if it has a query."""

    uuid: str
    name: _Text = ""
    query: str | None = None
    count: int | None = None

    def word(self) -> model.Group:
        """The same in our words."""
        return model.Group(self.uuid, self.name, dynamic=bool(self.query), count=self.count or 0)


class WorkspaceJson(_Json):
    """workspace.json."""

    uuid: _Text = ""
    name: str
    country: str | None = None
    timezone: str | None = None

    def word(self) -> model.Workspace:
        """The same in our words, without fields and groups."""
        return model.Workspace(self.name, self.country or None, self.timezone or None, uuid=self.uuid)


Item = TypeVar("Item", ContactJson, FieldJson, GroupJson)


class PageJson(_Json, Generic[Item]):
    """A page of a list."""

    results: list[Item]
    next: str | None = None
