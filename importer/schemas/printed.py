"""What the commands print with --json."""

from typing import Any, Literal

from pydantic import Field

from importer.schemas.parts import Change, Costs, Count, Document, File, Issue, Part


class Requests(Part):
    """Requests that left, repeats included."""

    reads: Count
    writes: Count


class Compared(Part):
    """One attribute of a contact that was read back and is not as it was meant."""

    row: int
    attribute: str
    meant: object
    found: object


class Error(Part):
    """What ended a command."""

    code: str
    message: str
    comparison: list[Compared] = Field(default=[], description="Of `canary-differs` only: what differs.")


class Column(Part):
    """A column, what it is taken for, and why."""

    column: str
    header: str
    target: str
    value_type: str | None
    reason: str


class Contact(Part):
    """What a row wants its contact to be: an absent key leaves, null clears."""

    uuid: str | None = None
    name: str | None = None
    language: str | None = None
    urns: list[str]
    groups: list[str]
    groups_left: list[str] = []  # noqa: RUF012 - pydantic copies it
    fields: dict[str, str | None]


class Record(Part):
    """A checked row. into: the earlier row of the same contact that it is sent with."""

    row: int
    status: Literal["valid", "merged", "skipped", "invalid"]
    into: int | None
    contact: Contact
    issues: list[Issue]


class Definition(Part):
    """A row of the sheets Fields and Groups, and what came, or would come, of it."""

    sheet: str
    row: int
    kind: Literal["field", "group"]
    name: str = Field(description="The field's label or the group's name, as it was.")
    uuid: str | None = Field(description="The group's.")
    status: str
    changes: list[Change]
    issues: list[Issue]


class CheckTotals(Part):
    """Rows by what came of checking them."""

    rows: Count
    valid: Count
    merged: Count
    skipped: Count
    invalid: Count


class CheckDocument(Document):
    """`check`: the file, its columns, what is wrong with it, and (--records) every row."""

    command: Literal["check"]
    file: File
    columns: list[Column]
    issues: list[Issue] = Field(description="Of the file as a whole.")
    definitions: list[Definition] = Field(description="Rows of the sheets Fields and Groups.")
    blocked: bool = Field(description="Whether something about the file as a whole stops the import.")
    totals: CheckTotals
    rows: list[Record] | None = None


class ImportDocument(Document):
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


class Job(Part):
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


class JobsDocument(Document):
    """`jobs`: what ran, when, how it ended."""

    jobs: list[Job]


class Preset(Part):
    """A known export."""

    name: str
    title: str


class PresetsDocument(Document):
    """`presets`: the exports of other programs that are known by name."""

    presets: list[Preset]


class FieldOfWorkspace(Part):
    """A contact field."""

    key: str
    label: str
    value_type: str


class GroupOfWorkspace(Part):
    """A group."""

    name: str
    uuid: str
    dynamic: bool
    count: Count


class WorkspaceDocument(Document):
    """`workspace`: what the workspace has; also the file that --workspace reads."""

    name: str
    uuid: str
    country: str | None
    timezone: str | None
    fields: list[FieldOfWorkspace]
    groups: list[GroupOfWorkspace]


class FieldsDocument(Document):
    """`fields`: those that there are, or the one that was made or changed."""

    command: Literal["fields"]
    action: Literal["list", "create", "update"]
    exit_code: int
    fields: list[FieldOfWorkspace]


class GroupsDocument(Document):
    """`groups`: those that there are, or the one that was made, renamed or deleted."""

    command: Literal["groups"]
    action: Literal["list", "create", "rename", "delete"]
    exit_code: int
    groups: list[GroupOfWorkspace]


class BlankCell(Part):
    """A cell that was left blank, since no cell says just what the contact has there."""

    file: str
    row: int
    uuid: str
    header: str
    value: str


class ExportDocument(Document):
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


class DiffTotals(Part):
    """Rows by how they stand against the workspace."""

    same: Count
    different: Count
    missing: Count
    skipped: Count
    invalid: Count


class Absent(Part):
    """Contacts of the group that the file does not have."""

    group: str
    contacts: Count


class DiffDocument(Document):
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


class Upload(Part):
    """A workbook for the platform's own import."""

    file: str
    records: Count
    groups: list[str] = Field(description="That all its contacts are to join; [] where it is for none.")


class ConvertDocument(Document):
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


class Kept(Part):
    """Something that the program keeps on this machine."""

    kind: str
    path: str
    bytes: Count


class PurgeDocument(Document):
    """`purge`: what was removed, and what stays because it is in use."""

    command: Literal["purge"]
    exit_code: int
    removed: list[Kept]
    kept: list[Kept]
    bytes: Count


class TemplateDocument(Document):
    """`template`: where it is."""

    command: Literal["template"]
    exit_code: int
    files: list[str]


class SandboxDocument(Document):
    """`sandbox`: how to reach it; printed when it is ready, and it goes on."""

    command: Literal["sandbox"]
    url: str
    token: str


class ErrorDocument(Document):
    """Any command that could not be done."""

    exit_code: int
    error: Error
