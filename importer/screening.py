"""Many rows at once, column by column: those that are plainly right, so that `check_row` need not read them.

Of most cells a glance at their column tells what they say; about the others their rule is asked. A row is left to
`check_row` where a cell is refused or says something unusual, so that nothing is decided twice: the records of a
screen are those of `check_row` (tests/test_screening.py).

All in one process. To hand blocks to a second one would cost a sixth of what reading them does (measured, with pickle);
whether that pays has not been tried yet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import cast

from importer import platform
from importer.actions import ACTS
from importer.cells import is_blank, is_clear
from importer.columns import COLUMN_TYPES, parse_groups, parse_uuid, parse_yes_no, read_name
from importer.examples import is_marked
from importer.glances import (
    MEMO_MAX,
    UNSURE,
    DayGlance,
    Glance,
    Rule,
    Texts,
    glance_at_ids,
    glance_at_mails,
    glance_at_numbers,
    glance_at_phones,
    glance_at_texts,
    no_glance,
)
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.model import LEAVE, Leave, Record, Row, Wanted
from importer.options import NinthDigit, Options
from importer.phones import lacks_ninth_digit, match_key
from importer.schema import Schema, TypedColumn
from importer.urns import distinct, identity, parse_urns
from importer.validate import NAME_PARTS, check_row

AT_ONCE = 1000
"""Rows of a block: so many that what is done once for each costs nothing, so few that they stay near the processor."""

Values = Sequence[object]
"""Of one column: what each cell says, "" for nothing. A phone is its E.164 form, groups are a tuple of names."""
URNS, GROUPS = ("urn", "urns"), ("groups", "group")
KEYS = ("uuid", *URNS)
PLAIN_SCHEMES = (("mailto",), ("ext",))
"""Of which a normalised URN is its own identity."""

# ------------------------------------------------------------------------------------------------ columns


class ColumnReader:
    """Reads the cells of a column, those of many rows at once.

    glance: None for columns of few values, of which each is asked about once.
    """

    def __init__(self, column: TypedColumn, rule: Rule, glance: Glance | None) -> None:
        self.column = column
        self.days = glance if isinstance(glance, DayGlance) else None
        self._rule = rule
        self._glance = glance or self._remembered
        self._known: dict[str, object] = {"": ""}
        self._noted: dict[str, tuple[Issue, ...]] = {}

    def read(self, cells: Sequence[object], notes: dict[int, tuple[Issue, ...]]) -> Values:
        """What the cells say; UNSURE where `check_row` is to tell. What their rule notes comes into `notes`."""
        if set(map(type, cells)) == {str}:
            texts = cast("Texts", cells)
        else:
            texts = [cell if type(cell) is str else "" for cell in cells]
        values = self._glance(texts)
        if self._noted and not self._noted.keys().isdisjoint(texts):
            notes |= {at: self._noted[text] for at, text in enumerate(texts) if text in self._noted}
        if texts is cells and (values is texts or UNSURE not in values):
            return values
        values = list(values)
        for at, cell in enumerate(cells):
            if values[at] is UNSURE or not (cell is None or type(cell) is str):
                values[at], told = self._ask(cell)
                if told:
                    notes[at] = told
        return values

    def _ask(self, cell: object) -> tuple[object, tuple[Issue, ...]]:
        if self.days:
            self.days.note(cell)
        if is_blank(cell):
            return "", ()
        if is_clear(cell) or is_marked(cell):
            return UNSURE, ()
        told: list[Issue] = []
        try:
            return self._rule(cell, told), tuple(told)
        except CellRefused:
            return UNSURE, ()

    def _remembered(self, texts: Texts) -> Values:
        values = list(map(self._known.get, texts))
        if None not in values:
            return values
        for text in dict.fromkeys(text for text in texts if text not in self._known):
            if len(self._known) > MEMO_MAX:
                break
            self._known[text], told = self._ask(text)
            if told:
                self._noted[text] = told
        return [self._known.get(text, UNSURE) for text in texts]


def reader_of(column: TypedColumn, groups_max: int = platform.GROUPS_MAX) -> ColumnReader:
    """The reader of a column; of a kind that means nothing without the cells beside it, one that is never sure.

    groups_max: of a cell; more of them might be too many for the row.
    """
    locale = column.locale
    match column.target.kind:
        case "name" | "name.first" | "name.middle" | "name.last":
            return ColumnReader(column, read_name, glance_at_texts(platform.NAME_MAX))
        case "language":
            return ColumnReader(column, lambda cell, told: parse_language(cell, locale, told), None)
        case "uuid":
            return ColumnReader(column, lambda cell, _: parse_uuid(cell), no_glance)
        case "urn" | "urns":
            return ColumnReader(column, _urn_rule(column), _urn_glance(column))
        case "groups":
            return ColumnReader(column, _groups_rule(column, groups_max), None)
        case "group":
            return ColumnReader(column, _group_rule(column, groups_max), None)
        case "field":
            rule = _field_rule(column)
            return ColumnReader(column, rule, _field_glance(column, rule))
    return ColumnReader(column, lambda *_: UNSURE, no_glance)


def _urn_rule(column: TypedColumn) -> Rule:
    scheme = column.schemes[0] if column.schemes else ""

    def rule(cell: object, told: list[Issue]) -> object:
        urns = parse_urns(cell, scheme, column.locale, told)
        if len(urns) > 1:
            return UNSURE
        urn = "".join(urns)
        if not column.is_phone:
            return urn
        digits = urn.partition(":")[2].removeprefix("+")
        return f"+{digits}" if digits.isdecimal() else UNSURE

    return rule


def _urn_glance(column: TypedColumn) -> Glance:
    if column.is_phone:
        return glance_at_phones(column.locale)
    glances: dict[tuple[str, ...], Glance] = {("mailto",): glance_at_mails, ("ext",): glance_at_ids("ext")}
    return glances.get(column.schemes, no_glance)


def _groups_rule(column: TypedColumn, most: int) -> Rule:
    def rule(cell: object, told: list[Issue]) -> object:
        joined, left = parse_groups(cell, told, column.separator)
        return UNSURE if left or len(joined) > most else joined

    return rule


def _group_rule(column: TypedColumn, most: int) -> Rule:
    def rule(cell: object, _: list[Issue]) -> object:
        answer = parse_yes_no(cell)
        if most < 1 or (answer is False and column.no_leaves):
            return UNSURE
        return (column.target.name,) if answer else ()

    return rule


def _field_rule(column: TypedColumn) -> Rule:
    parse = COLUMN_TYPES[column.value_type].parse

    def rule(cell: object, told: list[Issue]) -> object:
        if column.undecided:
            parse(cell, column.undecided, [])
        return parse(cell, column.locale, told)

    return rule


def _field_glance(column: TypedColumn, rule: Rule) -> Glance:
    match column.value_type:
        case "text":
            return glance_at_texts(platform.VALUE_MAX)
        case "numeric":
            return glance_at_numbers(column.locale)
        case "datetime":
            return DayGlance(rule, column.locale, is_decided=column.undecided is None)
    return no_glance


# --------------------------------------------------------------------------------------------------- rows


class Screen:
    """Reads the rows of a file, a block at a time."""

    def __init__(self, schema: Schema, options: Options) -> None:
        self.options = options
        self.schema = schema
        self.columns = schema.columns
        of_groups = [column for column in schema.columns if column.target.kind in GROUPS]
        room = platform.GROUPS_MAX - len(schema.constants.groups)
        self._readers = [reader_of(column, room // (len(of_groups) or 1)) for column in schema.columns]
        urns = sum(len(column.schemes) or 1 for column in self.columns if column.target.kind in URNS)
        uuids = sum(column.target.kind == "uuid" for column in self.columns)
        reads_all = schema.constants.action not in (*ACTS, "skip")
        self._is_odd = room < 0 or urns > platform.URNS_MAX or uuids > 1 or not reads_all

    @property
    def orders(self) -> Mapping[str, set[str]]:
        """By the letter of each datetime column: the orders in which alone some of its dates so far can be read."""
        return {one.column.column.letter: one.days.orders for one in self._readers if one.days}

    def sift(self, rows: Sequence[Row]) -> "Sifted":
        """Read a block of rows."""
        columns = list(zip(*(row.cells for row in rows), strict=True))
        unsure = {at for at, row in enumerate(rows) if row.issues or row.left_out}
        told: dict[int, list[Issue]] = {}
        values: list[Values] = []
        for reader in self._readers:
            column, notes = reader.column, dict[int, tuple[Issue, ...]]()
            cells: Sequence[object] = columns[column.position]
            if column.values is not None:
                cells = [column.cell(row) for row in rows]
            said = reader.read(cells, notes)
            values.append(said)
            if said is not cells and UNSURE in said:
                unsure.update(at for at, value in enumerate(said) if value is UNSURE)
            place = column.column
            for at, issues in notes.items():
                told.setdefault(at, []).extend(
                    issue.at(rows[at].number, place.header, place.letter) for issue in issues
                )
        if self.options.strict:
            unsure.update(told)
        unsure.update(self._unusual(values, len(rows)))
        return Sifted(self, rows, values, unsure, told)

    def _unusual(self, values: Sequence[Values], count: int) -> Iterable[int]:
        """Rows that say something which no cell alone shows: no key, or a name too long that stands in parts."""
        if self._is_odd:
            return range(count)
        keys = [said for said, column in zip(values, self.columns, strict=True) if column.target.kind in KEYS]
        if not keys:
            return range(count)
        unusual = {at for at, cells in enumerate(zip(*keys, strict=True)) if not any(cells)}
        parts = [
            said
            for said, column in zip(values, self.columns, strict=True)
            if column.target.kind in NAME_PARTS
        ]
        if parts:
            lengths = (sum(map(len, map(str, cells))) + len(cells) for cells in zip(*parts, strict=True))
            unusual.update(at for at, length in enumerate(lengths) if length > platform.NAME_MAX)
        return unusual


def blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in blocks, for a screen."""
    following = iter(rows)
    while block := list(islice(following, AT_ONCE)):
        yield block


class Sifted:
    """A block of rows.

    plain: positions of those that `check_row` need not read; told: what is to be told of these. checked: the records of
    the others.
    """

    def __init__(
        self,
        screen: Screen,
        rows: Sequence[Row],
        values: Sequence[Values],
        unsure: set[int],
        told: dict[int, list[Issue]],
    ) -> None:
        self.rows = rows
        self.plain: Sequence[int] = range(len(rows))
        self._screen = screen
        self._values = values
        if unsure:
            self.plain = [at for at in self.plain if at not in unsure]
        self.told = {at: tuple(issues) for at, issues in told.items() if at not in unsure}
        self.checked = {at: check_row(rows[at], screen.schema, screen.options) for at in sorted(unsure)}

    def _said(self, *kinds: str) -> Iterator[tuple[TypedColumn, Values]]:
        """The columns of these kinds, each with what it says in the plain rows."""
        for column, said in zip(self._screen.columns, self._values, strict=True):
            if column.target.kind in kinds:
                yield column, said if len(self.plain) == len(self.rows) else [said[at] for at in self.plain]

    def numbers(self) -> list[int]:
        """The numbers of the plain rows."""
        return [self.rows[at].number for at in self.plain]

    def keys(self, ninth_digit: NinthDigit) -> list[list[str]]:
        """What `keys_of` gives for the plain rows: for each key column their keys, "" for none."""
        return [_keys(column, cast("Texts", said), ninth_digit) for column, said in self._said(*KEYS)]

    def groups(self) -> Iterator[tuple[str, ...]]:
        """The groups that plain rows join, each set of them once for each column."""
        if self.plain:
            yield self._screen.schema.constants.groups
        for _, said in self._said(*GROUPS):
            yield from cast("dict[tuple[str, ...], None]", dict.fromkeys(said))

    def records(self) -> list[Record]:
        """The records of all rows, in order."""
        records = list(
            map(Record, self.numbers(), self._wanteds(), [self.told.get(at, ()) for at in self.plain])
            if self.told
            else map(Record, self.numbers(), self._wanteds())
        )
        for at, record in self.checked.items():  # each goes to its place among those before it
            records.insert(at, record)
        return records

    def _wanteds(self) -> Iterator[Wanted]:
        count, constants = len(self.plain), self._screen.schema.constants
        uuids: Sequence[str | None] = [None] * count
        names: Sequence[str | Leave] = [LEAVE] * count
        languages: Sequence[str | None | Leave] = [constants.language] * count
        parts: dict[str, list[str]] = {}
        fields: list[tuple[str, Values]] = []
        for column, said in self._said("uuid", "name", "language", *NAME_PARTS, "field"):
            texts = cast("Sequence[str]", said)
            match column.target.kind:
                case "uuid":
                    uuids = [text or None for text in texts]
                case "name":
                    names = [text or name for text, name in zip(texts, names, strict=True)]
                case "language":
                    languages = [text or code for text, code in zip(texts, languages, strict=True)]
                case "name.first" | "name.middle" | "name.last" as kind:
                    before = parts.get(kind, [""] * count)
                    parts[kind] = [text or old for text, old in zip(texts, before, strict=True)]
                case "field":
                    fields.append((column.target.name, said))
        if parts:
            in_parts = [parts[kind] for kind in NAME_PARTS if kind in parts]
            joined = (" ".join(filter(None, words)) for words in zip(*in_parts, strict=True))
            names = [
                (whole or LEAVE) if name is LEAVE else name for whole, name in zip(joined, names, strict=True)
            ]
        urns, any_scheme = self._urns()
        return map(
            Wanted,
            uuids,
            names,
            languages,
            urns,
            self._joined(),
            repeat(()),
            repeat(False),
            self._fields(fields, count),
            repeat(constants.action),
            any_scheme,
        )

    def _urns(self) -> tuple[list[tuple[str, ...]], Iterable[frozenset[str]]]:
        """The URNs of each plain row, and those of them whose column names no scheme."""
        every: list[list[str]] = []
        free: list[list[str]] = []
        named: list[list[str]] = []
        for column, said in self._said(*URNS):
            for scheme in column.schemes or ("",):
                found = _urns_of(column, scheme, cast("Texts", said))
                every.append(found)
                (free if column.any_scheme else named).append(found)
        if not every:
            return [()] * len(self.plain), repeat(frozenset())
        urns = [_distinct(row) for row in zip(*every, strict=True)]
        if not free:
            return urns, repeat(frozenset())
        if not named:
            return urns, [frozenset(row).difference(("",)) for row in zip(*free, strict=True)]
        both = zip(zip(*free, strict=True), zip(*named, strict=True), strict=True)
        return urns, [frozenset(some).difference(others, ("",)) for some, others in both]

    def _joined(self) -> Iterable[tuple[str, ...]]:
        """The groups that each plain row joins."""
        every = [cast("Sequence[tuple[str, ...]]", said) for _, said in self._said(*GROUPS)]
        constants = self._screen.schema.constants.groups
        if not every:
            return repeat(_no_two_alike((constants,)))
        known: dict[tuple[object, ...], tuple[str, ...]] = {}
        found = []
        for row in zip(*every, strict=True):
            if row not in known:
                known[row] = _no_two_alike((constants, *row))
            found.append(known[row])
        return found

    def _fields(self, fields: list[tuple[str, Values]], count: int) -> Iterable[dict[str, str | None]]:
        constants = self._screen.schema.constants.fields
        if not fields:
            return (dict(constants) for _ in range(count))
        keys = [key for key, _ in fields]
        rows = zip(*(cast("Texts", said) for _, said in fields), strict=True)
        if constants:
            return ({**constants, **{k: v for k, v in zip(keys, row, strict=True) if v}} for row in rows)
        return ({k: v for k, v in zip(keys, row, strict=True) if v} for row in rows)


def _urns_of(column: TypedColumn, scheme: str, said: Texts) -> list[str]:
    """The URNs that cells of a column say; "" for none."""
    if scheme == "tel":
        return [phone and f"tel:{phone}" for phone in said]
    if column.is_phone:
        return [phone and f"{scheme}:{phone[1:]}" for phone in said]
    return list(said)


def _keys(column: TypedColumn, said: Texts, ninth_digit: NinthDigit) -> list[str]:
    if column.target.kind == "uuid":
        return [uuid and f"uuid:{uuid}" for uuid in said]
    if column.schemes in PLAIN_SCHEMES:
        return list(said)
    if not column.is_phone:
        return [urn and identity(urn, ninth_digit) for urn in said]
    if ninth_digit == "keep":
        return [phone and f"tel:{phone}" for phone in said]
    return [phone and f"tel:{match_key(phone) if lacks_ninth_digit(phone) else phone}" for phone in said]


def _distinct(urns: Iterable[str]) -> tuple[str, ...]:
    found = tuple(filter(None, urns))
    return found if len(found) < 2 else distinct(found)


def _no_two_alike(sets: Iterable[Iterable[str]]) -> tuple[str, ...]:
    groups: dict[str, str] = {}
    for names in sets:
        for name in names:
            groups.setdefault(name.casefold(), name)
    return tuple(groups.values())
