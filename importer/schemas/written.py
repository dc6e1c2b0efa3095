"""What stands in the files of a report, and in a log."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from importer.schemas.parts import Change, Costs, Count, Document, File, Part, Severity, Value


class RowIssue(Part):
    """One thing wrong with a row. column: its header; letter: of its column; "" for none."""

    code: str
    severity: Severity
    column: str
    letter: str
    value: Value
    message: str
    hint: str


class ReadBack(Part):
    """One attribute of a contact that was read back and is not as it was meant."""

    attribute: str
    meant: str | list[str] | None
    found: str | list[str] | None


RowStatus = Literal[
    "created", "updated", "unchanged", "deleted", "skipped", "kept", "invalid", "refused", "not-sent"
]


class ReportRow(Part):
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


class SummaryDocument(Document):
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


class DifferingCell(Part):
    """Where a row and its contact differ. column: its letter."""

    column: str | None
    header: str | None
    attribute: str
    file: str | None
    workspace: str | None


class DifferenceRow(Part):
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
