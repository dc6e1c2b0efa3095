"""The cells of one column in many rows → what they say: most of it at a glance, of the others their rule is asked."""

from collections.abc import Mapping, Sequence, Set
from typing import cast

from importer import platform
from importer.cells import is_blank, is_clear
from importer.columns import COLUMN_TYPES, parse_groups, parse_uuid, parse_yes_no, read_name
from importer.examples import is_marked
from importer.glances import UNSURE, Glance, Rule, Said, Texts, no_glance
from importer.glances.days import DayGlance
from importer.glances.phones import PhoneGlance
from importer.glances.texts import glance_at_ids, glance_at_mails, glance_at_numbers, glance_at_texts
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.schema import TypedColumn
from importer.urns import parse_urns

Values = Sequence[object]
"""Of one column: what each cell says, "" for nothing. Phones are URNs of the scheme tel, groups a tuple of names."""
_MEMO_MAX = 1000
"""A column of more different texts is none of few values."""
Told = tuple[object, tuple[Issue, ...]]
"""Of a cell: its value and what is to be told of it. UNSURE: refused by an error, or `check_row` is to tell."""


class FewSaid:
    """Gives what texts say of which few are different. known: what each of them says; few: the different ones."""

    __slots__ = ("_known", "_texts", "few")

    def __init__(self, known: Mapping[str, object], texts: Texts, few: Set[str]) -> None:
        self._known, self._texts, self.few = known, texts, few

    def __call__(self) -> Values:
        """What each text says."""
        return list(map(self._known.get, self._texts))

    def distinct(self) -> set[object]:
        """Each value once."""
        return {self._known.get(text) for text in self.few}


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
        self._told: dict[str, tuple[Issue, ...]] = {}
        self._asked: dict[str, Told] = {}  # what is wrong is often wrong in the same way

    def read(
        self,
        cells: Sequence[object],
        unsure: set[int],
        notes: dict[int, tuple[Issue, ...]],
        *,
        texts: bool = False,
    ) -> Said:
        """What the cells say; where `check_row` is to tell (`unsure`), and what is to be told of cells (`notes`).

        The value of a cell that is refused, as its notes tell, is UNSURE.
        texts: whether it is known that they are all str.
        """
        if texts or set(map(type, cells)) == {str}:
            seen, doubtful = cast("Texts", cells), list[int]()
        else:
            seen = [cell if type(cell) is str else "" for cell in cells]
            doubtful = [at for at, cell in enumerate(cells) if not (type(cell) is str or cell is None)]
        said = self._glance(seen, doubtful)
        if isinstance(said, FewSaid) and (told_of := self._told.keys() & said.few):
            notes |= {at: self._told[text] for at, text in enumerate(seen) if text in told_of}
        if not doubtful:
            return said
        asked: dict[int, object] = {}
        for at in doubtful:
            asked[at], told = self._ask_once(cells[at])
            if told:
                notes[at] = told
            elif asked[at] is UNSURE:
                unsure.add(at)

        def values() -> Values:
            found = list(said())
            for at, value in asked.items():
                found[at] = value
            return found

        return values

    def _ask_once(self, cell: object) -> Told:
        if type(cell) is not str:
            return self._ask(cell)
        if cell not in self._asked:
            if len(self._asked) > _MEMO_MAX:
                self._asked.clear()
            self._asked[cell] = self._ask(cell)
        return self._asked[cell]

    def _ask(self, cell: object) -> Told:
        if self.days:
            self.days.note(cell)
        if is_blank(cell):
            return "", ()
        if is_clear(cell) or is_marked(cell):
            return UNSURE, ()
        told: list[Issue] = []
        try:
            value = self._rule(cell, told)
        except CellRefused as refused:
            return UNSURE, (*told, refused.issue) if refused.issue.is_error else ()
        return value, () if value is UNSURE else tuple(told)

    def _remembered(self, texts: Texts, doubtful: list[int]) -> Said:
        known, few = self._known, set(texts)
        new = few.difference(known)
        for text in new if len(known) <= _MEMO_MAX else ():
            value, told = self._ask_once(text)
            if value is UNSURE and not told:
                continue
            known[text] = value
            if told:
                self._told[text] = told
        if new:
            doubtful += [at for at, text in enumerate(texts) if text not in known]
        return FewSaid(known, texts, few)


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
        return f"tel:+{digits}" if digits.isdecimal() else UNSURE

    return rule


def _urn_glance(column: TypedColumn) -> Glance:
    if column.is_phone:
        return PhoneGlance(column.locale)
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
