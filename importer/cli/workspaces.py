"""Workspace files: what a workspace has, as JSON, so that a file can be checked without a network."""

from pathlib import Path
from typing import Any

from importer.errors import Unusable
from importer.model import Field, Group, Workspace

VERSION = 1


def document_of_workspace(workspace: Workspace) -> dict[str, Any]:
    """What a workspace file holds; `read_workspace_file` gives the same workspace again."""
    return {
        "version": VERSION,
        "name": workspace.name,
        "uuid": workspace.uuid,
        "country": workspace.country,
        "timezone": workspace.timezone,
        "fields": [
            {"key": field.key, "label": field.label, "value_type": field.value_type}
            for field in workspace.fields
        ],
        "groups": [
            {"name": group.name, "uuid": group.uuid, "dynamic": group.dynamic, "count": group.count}
            for group in workspace.groups
        ],
    }


def read_workspace_file(path: Path) -> Workspace:
    """The workspace that a JSON file tells of: country, timezone, fields, groups, name, uuid; each may be missing.

    Raises:
        Unusable: there is no such file, or it tells something else.
    """
    from pydantic import BaseModel, ConfigDict, ValidationError

    class FieldJson(BaseModel):
        key: str
        label: str = ""
        value_type: str = "text"

    class GroupJson(BaseModel):
        name: str
        uuid: str = ""
        query: str | None = None
        dynamic: bool = False
        count: int = 0

    class WorkspaceJson(BaseModel):
        model_config = ConfigDict(extra="ignore")
        name: str = ""
        uuid: str = ""
        country: str | None = None
        timezone: str | None = None
        fields: tuple[FieldJson, ...] = ()
        groups: tuple[GroupJson, ...] = ()

    try:
        told = WorkspaceJson.model_validate_json(path.read_bytes())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Unusable("workspace-unreadable", file=str(path), reason=reason) from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(str(part) for part in first['loc'])} {first['msg']}".strip()
        raise Unusable("workspace-unreadable", file=str(path), reason=reason) from None
    return Workspace(
        told.name,
        told.country,
        told.timezone,
        tuple(Field(one.key, one.label or one.key, one.value_type) for one in told.fields),
        tuple(Group(one.uuid, one.name, one.dynamic or bool(one.query), one.count) for one in told.groups),
        told.uuid,
    )
