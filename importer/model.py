"""The words: what a file, a workspace, a plan and its outcomes are made of. Data only.

*row*, *cell*, *column* are the file's; *field*, *group*, *contact*, *URN*, *workspace* the server's.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final, Literal, Protocol

from msgspec import Struct, field

from importer.issues import Issue

# ------------------------------------------------------------------------------------------------- files


class Column(Struct, frozen=True):
    """A column of the table; `index` counts from 0 in the sheet, as `letter` does from A."""

    index: int
    header: str  # cleaned; "" where the header cell is blank

    @property
    def letter(self) -> str:
        """A, B, … Z, AA, …"""
        letters, rest = "", self.index + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return letters


class ErrorCell(Struct, frozen=True):
    """An error value of a workbook, such as #N/A."""

    text: str

    def __str__(self) -> str:
        return self.text


class UncalculatedCell(Struct, frozen=True):
    """A formula that no program has calculated, so that there is no value."""

    formula: str

    def __str__(self) -> str:
        return self.formula


class ShownNumber(Struct, frozen=True):
    """A number whose format (00000, 00000-000) makes it an identifier: what it is, and what is shown."""

    value: int | float
    shown: str

    def __str__(self) -> str:
        return self.shown


class Row(Struct, frozen=True):
    """A row as read. `number` is the spreadsheet's (its first row is 1).

    cells: in the order of the table's columns, one for each: None, str, int, float, bool, datetime, date,
    time, timedelta, ErrorCell, UncalculatedCell or ShownNumber. A cell of a text file is always a str.
    issues: what went wrong in reading it. left_out: the user's corrections say that it is not to be imported.
    """

    number: int
    cells: tuple[object, ...]
    issues: tuple[Issue, ...] = ()
    left_out: bool = False


class Block(Struct, frozen=True):
    """Rows as read, some hundreds of them, column by column: what is done for many cells at once costs less for each.

    numbers: of the rows, rising. columns: of the table, in their order; each has a cell of every row.
    issues: what went wrong in reading rows, by their position in the block. left_out: positions of rows that are.
    texts: whether every cell is a str, as in a text file.
    """

    numbers: Sequence[int]
    columns: Sequence[Sequence[object]]
    issues: Mapping[int, tuple[Issue, ...]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    texts: bool = False

    @classmethod
    def of(cls, rows: Sequence[Row], *, texts: bool = False) -> "Block":
        """These rows, of which there must be one at least."""
        return cls(
            [row.number for row in rows],
            list(zip(*(row.cells for row in rows), strict=True)),
            {at: row.issues for at, row in enumerate(rows) if row.issues},
            frozenset(at for at, row in enumerate(rows) if row.left_out),
            texts,
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self) -> Iterator[Row]:
        """The rows, in order."""
        if self.issues or self.left_out:
            return map(self.row, range(len(self)))
        return map(Row, self.numbers, zip(*self.columns, strict=True))

    def row(self, at: int) -> Row:
        """The row at a position."""
        cells = tuple([column[at] for column in self.columns])
        return Row(self.numbers[at], cells, self.issues.get(at, ()), at in self.left_out)

    def only(self, places: Sequence[int]) -> "Block":
        """The rows at these positions, which rise."""
        return Block(
            [self.numbers[at] for at in places],
            [[column[at] for at in places] for column in self.columns],
            {new: self.issues[at] for new, at in enumerate(places) if at in self.issues},
            frozenset(new for new, at in enumerate(places) if at in self.left_out),
            self.texts,
        )


class Stretch(Protocol):
    """Rows of a table that follow each other, read when somebody asks for them."""

    def blocks(self) -> Iterator[Block]:
        """All of them."""

    def some(self, numbers: Set[int]) -> list[Row]:
        """Those of them that have one of these numbers."""


class ReadStretch(Struct, frozen=True):
    """Rows that have been read."""

    block: Block

    def blocks(self) -> Iterator[Block]:
        """See `Stretch`."""
        yield self.block

    def some(self, numbers: Set[int]) -> list[Row]:
        """See `Stretch`."""
        return [self.block.row(at) for at, number in enumerate(self.block.numbers) if number in numbers]


class FileInfo(Struct, frozen=True):
    """What the file turned out to be. None: does not apply.

    path: as the user gave it. digest: SHA-256 of the bytes, hexadecimal. header_row: as a spreadsheet counts.
    """

    path: str
    kind: str  # csv, xlsx, xlsm, xls, xlsb, ods, html, xml-2003, frame
    digest: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    container: str | None = None  # gzip, zip
    member: str | None = None


OWN_PREFIX = "Import:"
"""Headers of the columns that our reports add begin with it; they are left out when a report comes back."""

# ---------------------------------------------------------------------------------------------- targets

TARGET_KINDS = (
    "name", "name.first", "name.middle", "name.last", "language", "uuid",
    "urn",  # `name` is the scheme
    "urns",  # whole URNs, scheme and all
    "tel.area", "tel.country",  # of the phone column that follows
    "groups",  # names in the cell
    "group",  # yes or no for the group `name`
    "field",  # `name` is the key
    "action", "ignore",
)  # fmt: skip


class Target(Struct, frozen=True):
    """Where the cells of a column go; its text form (urn:tel, field:age) is what mapping files hold.

    value_type, label: of a field, where header or mapping names them. plain: a phone column that names no
    scheme, so that the option phone_scheme decides.
    """

    kind: str
    name: str = ""
    value_type: str | None = None
    label: str = ""
    plain: bool = False

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


class MappedColumn(Struct, frozen=True):
    """A column, its target, and why: convention, field, synonym, preset, mapping, new, own, unknown or blank.

    new: a field made of a header that nothing else is known of.
    note: what the reason says more, such as the synonym's language or the preset's name.
    separator: what stands between the values of a cell, where it is certain; "" where any may.
    """

    column: Column
    target: Target
    reason: str
    note: str = ""
    separator: str = ""


# --------------------------------------------------------------------------------------------- the server


class Field(Struct, frozen=True):
    """A contact field of the workspace."""

    key: str
    label: str
    value_type: str = "text"


class Group(Struct, frozen=True):
    """A group of the workspace. `dynamic`: its members come by a query, so nobody can be put into it."""

    uuid: str
    name: str
    dynamic: bool = False
    count: int = 0


class Contact(Struct, frozen=True):
    """A contact as the server shows it."""

    uuid: str
    name: str | None = None
    language: str | None = None
    urns: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    fields: Mapping[str, str | None] = field(default_factory=dict)  # by key; None or absent: empty
    blocked: bool = False
    stopped: bool = False
    created_on: str = ""
    modified_on: str = ""
    last_seen_on: str = ""

    @property
    def status(self) -> str:
        """active, blocked or stopped (opted out); an archived one cannot be told from an active one."""
        return "blocked" if self.blocked else "stopped" if self.stopped else "active"

    @property
    def called(self) -> str:
        """What sentences call it: its name, where it has one, with its UUID."""
        return f"{self.name} ({self.uuid})" if self.name else self.uuid


class Workspace(Struct, frozen=True):
    """What is known of a workspace; `known` is false where no server was asked."""

    name: str = ""
    country: str | None = None  # ISO 3166, two capitals
    timezone: str | None = None  # of the IANA database
    fields: tuple[Field, ...] = ()
    groups: tuple[Group, ...] = ()
    uuid: str = ""
    known: bool = True


# ------------------------------------------------------------------------------------------------ records


Action = Literal["upsert", "create", "update", "delete", "skip", "block", "unblock"]
"""What a row asks to be done with its contact."""


class Leave(Enum):
    """The value of an attribute that a row says nothing about."""

    LEAVE = "leave"

    def __repr__(self) -> str:
        return "LEAVE"


LEAVE: Final = Leave.LEAVE


class Wanted(Struct, frozen=True):
    """What a row wants its contact to be. LEAVE: says nothing; None: clear it.

    urns: normalised, in the order of the row, no two alike.
    groups, groups_left: names to be in and to leave; clear_groups: leave all others.
    fields: by key; None clears, absent says nothing. Numbers and datetimes in the form the server takes.
    any_scheme: those of the URNs whose column names no scheme, so that the number may stay under another one.
    action: upsert, create (there must be no such contact yet), update (there must be one), delete, block, unblock.
    """

    uuid: str | None = None
    name: str | None | Leave = LEAVE
    language: str | None | Leave = LEAVE
    urns: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_left: tuple[str, ...] = ()
    clear_groups: bool = False
    fields: Mapping[str, str | None] = field(default_factory=dict)
    action: Action = "upsert"
    any_scheme: frozenset[str] = frozenset()


class Record(Struct, frozen=True):
    """A checked row.

    into: the earlier row of the same contact that this one agrees with; that one's `wanted` holds both.
    skipped: the user asked to leave it out.
    """

    row: int
    wanted: Wanted
    issues: tuple[Issue, ...] = ()
    into: int | None = None
    skipped: bool = False

    @property
    def invalid(self) -> bool:
        """Whether an error holds the row back."""
        return bool(self.issues) and any(issue.is_error for issue in self.issues)

    @property
    def status(self) -> str:
        """What came of checking it: valid, merged, skipped or invalid."""
        if self.invalid:
            return "invalid"
        if self.skipped:
            return "skipped"
        return "valid" if self.into is None else "merged"


# --------------------------------------------------------------------------------------- plan and outcome


class Change(Struct, frozen=True):
    """One attribute of a contact before and after: name, language, urns, groups, status, or field:KEY.

    For urns and groups `old` and `new` are tuples of texts.
    """

    attribute: str
    old: object
    new: object

    @property
    def removes(self) -> bool:
        """Whether something that was there is gone afterwards."""
        if isinstance(self.old, tuple) and isinstance(self.new, tuple):
            return not set(self.old) <= set(self.new)
        return self.old is not None and self.new is None


class Difference(Struct, frozen=True):
    """One attribute (named as in `Change`) of a contact that was read back and is not as it was meant."""

    attribute: str
    meant: object
    found: object


class Status(StrEnum):
    """What became of a row. Every row has exactly one."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"
    KEPT = "kept"  # of an undo: changed by somebody else since
    INVALID = "invalid"
    REFUSED = "refused"
    NOT_SENT = "not-sent"


class Outcome(Struct, frozen=True):
    """What became of one row: the report's line for it, but for its cells.

    changes: what was (or, in a plan, would be) different afterwards. requests: that wrote for this row.
    differences: what is not as meant of the contact when read back; None: nobody has read it back.
    """

    row: int
    status: Status
    uuid: str | None = None
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()
    requests: int = 0
    into: int | None = None
    differences: tuple[Difference, ...] | None = None


DefinitionKind = Literal["field", "group"]
"""What a row of the sheets Fields and Groups is about."""
Place = tuple[str, int]
"""A row of such a sheet: the sheet's name and the row's number."""


class DefinitionLine(Struct, frozen=True):
    """The report's line for a row of a sheet that lists fields or groups.

    name: the field's label (or key) or the group's name (or UUID). Changes are of label, type, name or members.
    columns: of the sheet, as the row's cells; () where the file is not at hand.
    """

    kind: DefinitionKind
    sheet: str
    name: str
    row: Row
    outcome: Outcome
    columns: tuple[Column, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.sheet, self.outcome.row


class Ways(Struct, frozen=True):
    """The ways to read the contacts that a file may mean, each with its requests; None: unknown, or not open.

    taken: listing, lookups or update (of the mirror).
    """

    listing: int | None = None
    lookups: int | None = None
    update: int | None = None
    taken: str = ""


class Costs(Struct, frozen=True):
    """What a plan costs, in requests and seconds.

    ways: of reading. batches: requests that do something to a hundred contacts.
    settle_s: for which nothing is written, so that new fields and groups are ready.
    loop_s: what one request a row would take.
    """

    ways: Ways = Ways()
    contacts: int = 0
    batches: int = 0
    fields: int = 0
    groups: int = 0
    settle_s: float = 0.0
    loop_s: float = 0.0


class Summary(Struct, frozen=True):
    """The totals of a job, for people and for summary.json. Times are UTC; durations in seconds."""

    job: str
    command: str  # check, plan, run, undo
    file: FileInfo
    workspace: str
    url: str
    started: datetime
    finished: datetime | None = None
    ended: str = "complete"  # complete, stopped, planned
    rows: int = 0
    totals: Mapping[Status, int] = field(default_factory=dict)
    fields_created: tuple[str, ...] = ()
    groups_created: tuple[str, ...] = ()
    groups_deleted: tuple[str, ...] = ()
    groups_kept: tuple[str, ...] = ()  # by an undo, as what follows
    fields_kept: tuple[str, ...] = ()
    definitions: Mapping[Status, int] = field(default_factory=dict)  # rows of the sheets Fields and Groups
    reads: int = 0
    writes: int = 0
    estimate_s: float | None = None
    costs: Costs | None = None
    undoes: str = ""  # the job that an undo takes back
    countries: Mapping[str, int] = field(default_factory=dict)  # contacts by the country of their number
    acts: Mapping[str, int] = field(default_factory=dict)  # contacts that a plan deletes, blocks, unblocks
    removals: int = 0  # rows whose contact loses something by a plan, though not as a whole
    verified: int = 0  # rows whose contacts were read back and are as meant
    differs: int = 0  # or are not
    issues: Mapping[str, int] = field(default_factory=dict)  # rows by issue code
    file_issues: tuple[Issue, ...] = ()  # those that concern no single row

    @property
    def destroyed(self) -> int:
        """Contacts that a plan deletes or blocks, and groups that it deletes."""
        return self.acts.get("delete", 0) + self.acts.get("block", 0) + len(self.groups_deleted)
