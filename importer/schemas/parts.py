"""What several documents have."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Severity = Literal["error", "warning"]
Value = str | int | float | bool | None


class Part(BaseModel):
    """Anything with keys, and with no others than those."""

    model_config = ConfigDict(extra="forbid")


class Document(Part):
    """What stands by itself."""

    version: Literal[1] = Field(description="Of this form; grows when a key goes or changes its meaning.")


class Issue(Part):
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


class File(Part):
    """What the file turned out to be."""

    path: str
    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int | None
    container: str | None
    member: str | None


class Change(Part):
    """One attribute before and after: name, language, urns, groups, status, field:KEY; of a field or group label, type,
    name, members.
    """

    attribute: str
    old: str | list[str] | None
    new: str | list[str] | None


class Ways(Part):
    """The ways to read the contacts that the file may mean, in requests; null: unknown, or not open."""

    listing: Count | None
    lookups: Count | None
    update: Count | None
    taken: str


class Costs(Part):
    """What the plan costs, in requests and seconds. loop_s: what one request a row would take."""

    ways: Ways
    contacts: Count
    batches: Count
    fields: Count
    groups: Count
    settle_s: float
    loop_s: float
