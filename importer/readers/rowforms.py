"""Rows of a worksheet that are written like earlier ones: a pattern takes them apart, much faster than a parser.

A program writes one row like the other. Of the forms that the cells of each column have in the rows which the XML
parser has read, one pattern is made. It fits a whole row, or not at all, and nothing that a parser would refuse or
read otherwise: no entities, no comments, no control characters, no cell out of order, no hidden row. What a cell
means is not known here, so that there is no second way to read one.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from importer.readers.sheets import Part, RawBlock, index_of, letter_of

Convert = Callable[[Sequence[str]], Sequence[object]]
"""Texts of cells that are written alike → their values."""

_FORMS_MAX = 1000
"""Of all columns together; rows of other forms stay the parser's."""
_MISSED_MAX = 64
"""Rows with a new form that are waited for, at most, before the pattern is made anew."""

_TEXT = "[^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]"
_ATTRIBUTES = '(?: [A-Za-z0-9:]+="[^"<>&]*")*'
_STYLE = '(?: s="[0-9]{1,6}")?'
_SPACE = '(?: xml:space="preserve")?'
_FORMULA = f"(?:<f{_ATTRIBUTES}(?:/>|>{_TEXT}*</f>))?"
_VALUES = {
    "v": f">{_FORMULA}<v{_SPACE}>({_TEXT}+)</v></c>",
    "is": f"><is><t{_SPACE}>({_TEXT}+)</t></is></c>",
}
_BLANK = f'{_STYLE}(?:(?: t="[A-Za-z]+")?(?:/>|></c>|><v></v></c>)| t="inlineStr"><is><t{_SPACE}(?:/>|></t>)</is></c>)'
_ROW = re.compile('<row r="([0-9]{1,7})"(?: (?!hidden)[A-Za-z0-9:]+="[^"<>&]*")*>')
_CELL = re.compile(
    f'<c r="([A-Z]{{1,3}})[0-9]+"(?:{_BLANK}'
    f'|(?: s="([0-9]{{1,6}})")?(?: t="(n|s|str|inlineStr|b|e)")?(?:{_VALUES["v"]}|{_VALUES["is"]}))'
)
_END = "</row>"


class _Form(NamedTuple):
    """How a cell with a value is written. kind, style: its attributes t and s; None where it has none."""

    kind: str | None
    style: str | None
    holder: str  # of its value: v or is

    @property
    def pattern(self) -> str:
        """What follows its reference; the group is the value."""
        style = (
            _STYLE if self.style is None and self.kind not in (None, "n") else self._literal("s", self.style)
        )
        return style + self._literal("t", self.kind) + _VALUES[self.holder]

    @staticmethod
    def _literal(name: str, value: str | None) -> str:
        return "" if value is None else f' {name}="{value}"'


class RowForms:
    """What the rows of a sheet look like, as far as they have been learned."""

    def __init__(self, converter: Callable[[str | None, str | None], Convert]) -> None:
        """converter: gives for the attributes t and s of cells what makes values of their texts."""
        self._converter = converter
        self._forms: dict[int, dict[_Form, Convert]] = {}  # by column
        self._count = 0
        self._missed, self._patience = 0, 1
        self._fit = re.compile(r"(?!)").match
        self._places: list[int] = []
        self._converters: list[Convert] = []
        self._width = 0

    def take(self, text: str, at: int, done: list[Part]) -> int:
        """Put the rows from `at` on into `done` as long as they fit; returns where that ends."""
        fit = self._fit
        rows: list[tuple[str | None, ...]] = []
        while found := fit(text, at):
            rows.append(found.groups())
            at = found.end()
        if rows:
            done.append(self._read(rows))
        return at

    def _read(self, rows: list[tuple[str | None, ...]]) -> RawBlock:
        """Rows taken apart become values, column by column, which spares a call for each cell."""
        numbers, *columns = zip(*rows, strict=True)
        cells: list[Sequence[object]] = [(None,) * len(rows)] * self._width
        for place, convert, texts in zip(self._places, self._converters, columns, strict=True):
            if None not in texts:
                cells[place] = convert(texts)
            elif filled := [text for text in texts if text is not None]:
                values = iter(convert(filled))
                others = zip(texts, cells[place], strict=True)  # of another form in this column
                cells[place] = [other if text is None else next(values) for text, other in others]
        return RawBlock(list(map(int, numbers)), cells)

    def learn(self, row: str) -> None:
        """Take in the forms of a row that did not fit, and that the parser has read."""
        forms = _forms_of(row)
        if not forms:
            return
        known = self._forms
        new = [(column, form) for column, form in forms if form not in known.get(column, ())]
        self._missed += 1
        if self._count + len(new) > _FORMS_MAX:
            return
        self._count += len(new)
        for column, form in new:
            known.setdefault(column, {})
            if form is not None:
                known[column][form] = self._converter(form.kind, form.style)
        if self._missed >= self._patience:
            self._missed, self._patience = 0, min(2 * self._patience, _MISSED_MAX)
            self._make()

    def _make(self) -> None:
        """Make the pattern: each column may be there, in one of its forms."""
        columns = sorted(self._forms)
        cells = (
            f'(?:<c r="{letter_of(column)}[0-9]+"'
            f"(?:{'|'.join([*(form.pattern for form in self._forms[column]), _BLANK])}))?"
            for column in columns
        )
        self._fit = re.compile(_ROW.pattern + "".join(cells) + _END).match
        self._places = [column for column in columns for _ in self._forms[column]]
        self._converters = [convert for column in columns for convert in self._forms[column].values()]
        self._width = columns[-1] + 1


def _forms_of(row: str) -> list[tuple[int, _Form | None]]:
    """Column and form of each cell of a row, None for blank ones; nothing where one of them is odd."""
    start = _ROW.match(row)
    at = start.end() if start else 0
    forms: list[tuple[int, _Form | None]] = []
    while found := _CELL.match(row, at):
        letters, style, kind, value, inline = found.groups()
        column = index_of(letters)
        if forms and column <= forms[-1][0]:
            return []
        if value is None and inline is None:
            forms.append((column, None))
        else:
            # the format matters for numbers only
            matters = style if kind in (None, "n") else None
            forms.append((column, _Form(kind, matters, "is" if value is None else "v")))
        at = found.end()
    return forms if start and row[at:] == _END else []
