"""What --json prints and what the files of a report hold, as models: for each kind of document one, and its JSON Schema
in a file beside this one.

A test writes the files anew from the models, and holds every command's output against its schema. A document's version
grows when a key goes or changes its meaning; new keys may come within a version.
"""

from typing import Any

from pydantic import BaseModel

from importer.schemas.printed import (
    CheckDocument,
    ConvertDocument,
    DiffDocument,
    ErrorDocument,
    ExportDocument,
    FieldsDocument,
    GroupsDocument,
    ImportDocument,
    JobsDocument,
    PresetsDocument,
    PurgeDocument,
    SandboxDocument,
    TemplateDocument,
    WorkspaceDocument,
)
from importer.schemas.written import DifferenceRow, LogLine, ReportRow, SummaryDocument

DOCUMENTS: dict[str, type[BaseModel]] = {
    "check": CheckDocument,
    "import": ImportDocument,
    "jobs": JobsDocument,
    "presets": PresetsDocument,
    "workspace": WorkspaceDocument,
    "fields": FieldsDocument,
    "groups": GroupsDocument,
    "export": ExportDocument,
    "diff": DiffDocument,
    "convert": ConvertDocument,
    "purge": PurgeDocument,
    "template": TemplateDocument,
    "sandbox": SandboxDocument,
    "error": ErrorDocument,
    "log": LogLine,
    "report-row": ReportRow,
    "summary": SummaryDocument,
    "difference-row": DifferenceRow,
}
"""Schemas by name; each is NAME.json in this folder."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a kind of document."""
    schema = DOCUMENTS[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
