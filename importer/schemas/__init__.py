"""What --json prints and what the files of a report hold, as models: for each kind of document one, and its JSON Schema
in a file beside this one.

A test writes the files anew from the models, and holds every command's output against its schema. `VERSION` grows when
a key goes or changes its meaning; new keys may come within a version.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1

Count = Annotated[int, Field(ge=0)]
Severity = Literal["error", "warning"]
Value = str | int | float | bool | None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Document(_Part):
    version: Literal[1] = Field(description="Of this form; grows when a key goes or changes its meaning.")


class Issue(_Part):
    """One thing wrong. Codes are the same in every language; message and hint are sentences."""

    code: str
    severity: Severity
    row: int | None = Field(description="As the spreadsheet numbers it; null: the file as a whole.")
    column: str | None = Field(description="The column's letter.")
    header: str | None
    value: Value
    message: str
    hint: str
    other_row: int | None = None


class File(_Part):
    """What the file turned out to be."""

    path: str
    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int | None
    container: str | None
    member: str | None


class Requests(_Part):
    """Requests that left, repeats included."""

    reads: Count
    writes: Count


class Compared(_Part):
    """One attribute of a contact that was read back and is not as it was meant."""

    row: int
    attribute: str
    meant: object
    found: object


class Error(_Part):
    """What ended a command."""

    code: str
    message: str
    comparison: list[Compared] = Field(default=[], description="Of `canary-differs` only: what differs.")


class Column(_Part):
    """A column, what it is taken for, and why."""

    column: str
    header: str
    target: str
    value_type: str | None
    reason: str


class Contact(_Part):
    """What a row wants its contact to be: an absent key leaves, null clears."""

    uuid: str | None = None
    name: str | None = None
    language: str | None = None
    urns: list[str]
    groups: list[str]
    groups_left: list[str] = []
    fields: dict[str, str | None]


class Record(_Part):
    """A checked row. into: the earlier row of the same contact that it is sent with."""

    row: int
    status: Literal["valid", "merged", "skipped", "invalid"]
    into: int | None
    contact: Contact
    issues: list[Issue]


class Change(_Part):
    """One attribute before and after: name, language, urns, groups, status, field:KEY; of a field or group label, type,
    name, members.
    """

    attribute: str
    old: str | list[str] | None
    new: str | list[str] | None


class Definition(_Part):
    """A row of the sheets Fields and Groups, and what came, or would come, of it."""

    sheet: str
    row: int
    kind: Literal["field", "group"]
    name: str = Field(description="The field's label or the group's name, as it was.")
    uuid: str | None = Field(description="The group's.")
    status: str
    changes: list[Change]
    issues: list[Issue]


class CheckTotals(_Part):
    """Rows by what came of checking them."""

    rows: Count
    valid: Count
    merged: Count
    skipped: Count
    invalid: Count


class CheckDocument(_Document):
    """`check`: the file, its columns, what is wrong with it, and (--records) every row."""

    command: Literal["check"]
    file: File
    columns: list[Column]
    issues: list[Issue] = Field(description="Of the file as a whole.")
    definitions: list[Definition] = Field(description="Rows of the sheets Fields and Groups.")
    blocked: bool = Field(description="Whether something about the file as a whole stops the import.")
    totals: CheckTotals
    rows: list[Record] | None = None


class Ways(_Part):
    """The ways to read the contacts that the file may mean, in requests; null: unknown, or not open."""

    listing: Count | None
    lookups: Count | None
    update: Count | None
    taken: str


class Costs(_Part):
    """What the plan costs, in requests and seconds. loop_s: what one request a row would take."""

    ways: Ways
    contacts: Count
    batches: Count
    fields: Count
    groups: Count
    settle_s: float
    loop_s: float


class ImportDocument(_Document):
    """`plan`, `run`, `report`, `undo`: totals of an import, and where its report is."""

    command: str
    job: str | None
    ended: Literal["complete", "stopped", "planned"]
    exit_code: int = Field(
        description="Of the job. `report`, which tells it again, itself ends with 0 if the report could be made."
    )
    file: File
    workspace: str
    url: str
    rows: Count
    totals: dict[str, Count] = Field(description="Rows by status; they add up to `rows`.")
    fields_created: list[str]
    groups_created: list[str]
    fields_kept: list[str] = Field(description="By `undo`: the platform deletes no fields.")
    groups_deleted: list[str]
    groups_kept: list[str]
    definitions: list[Definition] = Field(description="Rows of the sheets Fields and Groups.")
    undoes: str | None = Field(description="The job that `undo` takes back.")
    verified: Count = Field(description="Rows whose contacts were read back and are as meant.")
    differs: Count = Field(description="Rows whose contacts were read back and are not.")
    acts: dict[str, Count] = Field(
        description="Contacts by what is done to them as a whole: delete, block, unblock."
    )
    requests: Requests
    estimate_s: float | None
    costs: Costs | None
    countries: dict[str, Count]
    issues: list[Issue] = Field(description="Of the file as a whole.")
    rows_by_issue: dict[str, Count]
    error: Error | None
    files: list[str]


class Job(_Part):
    """One import, or the way back from one. undoes: the job that it takes back."""

    job: str
    command: str | None
    undoes: str | None
    state: Literal["running", "cut-off", "stopped", "complete"]
    started: str | None
    finished: str | None
    workspace: str | None
    url: str | None
    file: dict[str, Any] | None


class JobsDocument(_Document):
    """`jobs`: what ran, when, how it ended."""

    jobs: list[Job]


class Preset(_Part):
    """A known export."""

    name: str
    title: str


class PresetsDocument(_Document):
    """`presets`: the exports of other programs that are known by name."""

    presets: list[Preset]


class FieldOfWorkspace(_Part):
    """A contact field."""

    key: str
    label: str
    value_type: str


class GroupOfWorkspace(_Part):
    """A group."""

    name: str
    uuid: str
    dynamic: bool
    count: Count


class WorkspaceDocument(_Document):
    """`workspace`: what the workspace has; also the file that --workspace reads."""

    name: str
    uuid: str
    country: str | None
    timezone: str | None
    fields: list[FieldOfWorkspace]
    groups: list[GroupOfWorkspace]


class FieldsDocument(_Document):
    """`fields`: those that there are, or the one that was made or changed."""

    command: Literal["fields"]
    action: Literal["list", "create", "update"]
    exit_code: int
    fields: list[FieldOfWorkspace]


class GroupsDocument(_Document):
    """`groups`: those that there are, or the one that was made, renamed or deleted."""

    command: Literal["groups"]
    action: Literal["list", "create", "rename", "delete"]
    exit_code: int
    groups: list[GroupOfWorkspace]


class BlankCell(_Part):
    """A cell that was left blank, since no cell says just what the contact has there."""

    file: str
    row: int
    uuid: str
    header: str
    value: str


class ExportDocument(_Document):
    """`export`: the files, and the first of the cells that could not be filled."""

    command: Literal["export"]
    exit_code: int
    workspace: str
    url: str
    contacts: Count
    files: list[str]
    headers: list[str]
    blank_cells: Count
    blanks: list[BlankCell]
    requests: Requests


class DiffTotals(_Part):
    """Rows by how they stand against the workspace."""

    same: Count
    different: Count
    missing: Count
    skipped: Count
    invalid: Count


class Absent(_Part):
    """Contacts of the group that the file does not have."""

    group: str
    contacts: Count


class DiffDocument(_Document):
    """`diff`: how many rows and cells differ, and where the whole comparison is."""

    command: Literal["diff"]
    exit_code: int
    file: File
    workspace: str
    url: str
    rows: Count
    totals: DiffTotals
    cells: Count
    absent: Absent | None
    issues: list[Issue]
    requests: Requests
    files: list[str]


class Upload(_Part):
    """A workbook for the platform's own import."""

    file: str
    records: Count
    groups: list[str] = Field(description="That all its contacts are to join; [] where it is for none.")


class ConvertDocument(_Document):
    """`convert`: files for the platform's own import, and what they leave for `run --after-convert`."""

    command: Literal["convert"]
    exit_code: int
    file: File
    workspace: str
    url: str
    asked: bool = Field(
        description="Whether a workspace was asked; else nobody knows which contacts are there."
    )
    rows: Count
    new: Count = Field(
        description="Contacts to be created by the platform's own import; not asked: without a UUID."
    )
    changed: Count = Field(description="Contacts whose values it changes; not asked: with a UUID.")
    afterwards: Count = Field(description="Rows of which something is left for `run --after-convert`.")
    left_out: Count = Field(
        description="Rows that are in no file: invalid, skipped, unchanged, or not for this road."
    )
    combinations: Count = Field(description="Different sets of groups that contacts join.")
    uploads: list[Upload]
    sequences: list[list[str]] = Field(description="First and last of 250 or more numbers in sequence.")
    issues: list[Issue]
    requests: Requests
    files: list[str]


class Kept(_Part):
    """Something that the program keeps on this machine."""

    kind: str
    path: str
    bytes: Count


class PurgeDocument(_Document):
    """`purge`: what was removed, and what stays because it is in use."""

    command: Literal["purge"]
    exit_code: int
    removed: list[Kept]
    kept: list[Kept]
    bytes: Count


class TemplateDocument(_Document):
    """`template`: where it is."""

    command: Literal["template"]
    exit_code: int
    files: list[str]


class SandboxDocument(_Document):
    """`sandbox`: how to reach it; printed when it is ready, and it goes on."""

    command: Literal["sandbox"]
    url: str
    token: str


class ErrorDocument(_Document):
    """Any command that could not be done."""

    exit_code: int
    error: Error


# ------------------------------------------------------------------------------------------------ files


class RowIssue(_Part):
    """One thing wrong with a row. column: its header; letter: of its column; "" for none."""

    code: str
    severity: Severity
    column: str
    letter: str
    value: Value
    message: str
    hint: str


class ReadBack(_Part):
    """One attribute of a contact that was read back and is not as it was meant."""

    attribute: str
    meant: str | list[str] | None
    found: str | list[str] | None


RowStatus = Literal[
    "created", "updated", "unchanged", "deleted", "skipped", "kept", "invalid", "refused", "not-sent"
]


class ReportRow(_Part):
    """A line of report.jsonl: what became of one row. The version is that of summary.json beside it."""

    row: int = Field(description="As the spreadsheet numbers it.")
    status: RowStatus
    uuid: str | None = Field(description="Of its contact; null where none is known.")
    action: Literal["create", "update", "delete"] | None = Field(description="null: nothing was written.")
    changes: list[Change]
    issues: list[RowIssue]
    requests: Count
    into: int | None = Field(description="The earlier row that it was sent together with.")
    verified: bool | None = Field(description="Whether its contact is as meant; null: it was not read back.")
    differences: list[ReadBack]
    sheet: str | None = Field(default=None, description="Of a row about a field or group.")
    kind: Literal["field", "group"] | None = None
    name: str | None = Field(default=None, description="The field's label or the group's name, as it was.")


class FileFacts(File):
    """What the file turned out to be. digest: SHA-256 of its bytes."""

    digest: str


class SummaryDocument(_Document):
    """summary.json: the totals of one report. Times are ISO 8601 in UTC, durations in seconds."""

    job: str = Field(description='"" of what was only checked or planned.')
    command: Literal["check", "plan", "run", "undo"]
    undoes: str | None
    file: FileFacts
    workspace: str
    url: str
    started: str
    finished: str | None
    ended: Literal["complete", "stopped", "planned"]
    rows: Count
    totals: dict[RowStatus, Count] = Field(description="Rows by status; they add up to `rows`.")
    fields_created: list[str]
    groups_created: list[str]
    groups_deleted: list[str]
    groups_kept: list[str]
    fields_kept: list[str]
    definitions: dict[RowStatus, Count] = Field(description="Rows of the sheets Fields and Groups by status.")
    reads: Count
    writes: Count
    estimate_s: float | None
    costs: Costs | None
    countries: dict[str, Count] = Field(description="Contacts by the country of their number, ISO 3166.")
    acts: dict[str, Count] = Field(description="Contacts that are deleted, blocked, unblocked.")
    removals: Count = Field(
        description="Rows whose contact loses something by a plan, though not as a whole."
    )
    verified: Count
    differs: Count
    issues: dict[str, Count] = Field(description="Rows by the code of an issue.")
    file_issues: list[RowIssue]


class DifferingCell(_Part):
    """Where a row and its contact differ. column: its letter."""

    column: str | None
    header: str | None
    attribute: str
    file: str | None
    workspace: str | None


class DifferenceRow(_Part):
    """A line of differences.jsonl: a row that differs, or a contact of a group that the file does not have."""

    row: int | None = Field(description="null of an absent contact.")
    status: Literal["same", "different", "missing", "skipped", "invalid", "absent"]
    uuid: str | None
    differences: list[DifferingCell]
    issues: list[RowIssue]


class LogLine(BaseModel):
    """A line of --log-json, on stderr. Every event has keys of its own besides."""

    model_config = ConfigDict(extra="allow")
    time: str = Field(description="ISO 8601, UTC.")
    level: Literal["info", "warning", "error"]
    event: Literal[
        "reading", "waiting", "pace-not-kept", "resuming", "started", "progress", "stopping", "error"
    ]


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
