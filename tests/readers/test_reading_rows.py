"""Rows of a worksheet: those that a pattern takes apart are those that the XML parser would have given."""

import io
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importer.errors import Unusable
from importer.readers.formats import format_of_code
from importer.readers.package import SharedTexts
from importer.readers.rowforms import RowForms
from importer.readers.sheets import one_by_one
from importer.readers.worksheet import CellValues, Reading

FORMATS = [format_of_code(code) for code in ("General", "dd/mm/yyyy", "00000", "0.00", "[h]:mm")]


def values():
    texts = SharedTexts()
    for text in ("Ana", "", "Íris & Zoë", "_x000D_"):
        texts.append(text)
    return CellValues(texts, FORMATS, epoch_1904=False)


class Slow(io.BytesIO):
    """Gives a few bytes at a time, so that every place is once the end of a piece."""

    def read(self, size=-1):
        return super().read(min(size, 61))


def came(data):
    """The rows, or that there are none to be had."""
    try:
        return [
            (row.number, trimmed(row.cells), row.hidden)
            for row in one_by_one(Reading(values()).parts(Slow(data)))
        ]
    except (ValueError, LookupError, ExpatError, Unusable):
        return "broken"


def trimmed(cells):
    """Without the blank cells at the end, which mean nothing."""
    cells = list(cells)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def sheet(body):
    return f'<worksheet xmlns="x"><cols/><sheetData>{body}</sheetData><mergeCells/></worksheet>'


VALUES = st.one_of(
    st.integers(-9, 10**16).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr),
    st.sampled_from(
        ["0", "1", "2", "3", "9", "", " 1 ", "1E5", "x", "-", "true", "a&amp;b", "&#65;", "&no;", "<b/>"]
    ),
    st.sampled_from(
        ["#N/A", "_x0041_", "a\nb", "a\r\nb", "]]>", "a>b", "\x01", "\ufffe", "ção", "<![CDATA[1</row>]]>"]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<&"), max_size=5),
)
HOLDERS = st.sampled_from(
    ["<v>{}</v>", "<v>{}</v>", "<is><t>{}</t></is>", '<is><t xml:space="preserve">{}</t></is>', "<f>A1</f><v>{}</v>",
     '<f t="shared" si="0"/><v>{}</v>', "<f>A1</f>", "", " <v>{}</v>", "<v>{}</v><!-- </c> -->", "<v>{}</v",
     "<is><r><t>{}</t></r><r><t>!</t></r><rPh><t>?</t></rPh></is>"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["", "", ' t="n"', ' t="s"', ' t="str"', ' t="inlineStr"', ' t="b"', ' t="e"', ' t="d"', " t='s'"]
)
STYLES = st.sampled_from(["", "", ' s="0"', ' s="1"', ' s="2"', ' s="4"', ' s="99"', ' cm="1"'])
BETWEEN = st.sampled_from(
    ["", "", "", "", "\n", " ", "<row/>", '<row r="77"/>', "<?pi?>", "<!-- </row> -->", "</row >", "<c></row>",
     '<!-- <row r="9"><c r="A9"><v>1</v></c></row><row r="9"><c r="A9"><v>1</v></c></row> -->']
)  # fmt: skip


@st.composite
def cells(draw, number, letters):
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from(
                ["", f'<c r="{letters}{number}"/>', f'<c r="{letters}{number}" s="1"></c>', "<c><v>1</v></c>"]
            )
        )
    holder = draw(HOLDERS).replace("{}", draw(VALUES))
    return f'<c r="{letters}{number}"{draw(STYLES)}{draw(KINDS)}>{holder}</c>'


@st.composite
def sheets(draw):
    """A few kinds of rows, each several times, as programs write them, with oddities amid them."""
    kinds = draw(
        st.lists(
            st.lists(st.sampled_from("ABCDB"), max_size=5, unique=draw(st.booleans())), min_size=1, max_size=2
        )
    )
    rows = []
    for number in range(1, draw(st.integers(2, 9))):
        letters = draw(st.sampled_from(kinds))
        inner = "".join(draw(cells(number, letter)) for letter in letters)
        head = draw(
            st.sampled_from(
                [f' r="{number}"'] * 6
                + ["", f' r="{number}" hidden="1"', f' r="{number}" spans="1:4"', " r='3'"]
            )
        )
        rows.append(f"<row{head}>{inner}</row>{draw(BETWEEN)}")
    return sheet("".join(rows))


LIKE = "".join(
    f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}"><v>{n}.5</v></c><c r="D{n}" s="2"><v>{n}</v></c></row>'
    for n in range(1, 9)
)
TEXTS = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>a</v></c></row>' for n in range(1, 9))


def odd_row(text):
    return f'<row r="9"><c r="A9" t="str"><v>{text}</v></c></row>'


@settings(max_examples=150, deadline=None)
@given(text=sheets())
@example(text=sheet(LIKE))
@example(text=sheet(LIKE + '<row r="9"><c r="A9" t="s"><v>-1</v></c></row>'))
@example(text=sheet(LIKE + "<!-- </row>" + LIKE + " --></row>"))
@example(text=sheet(LIKE + "</row >" + LIKE))
@example(text=sheet(LIKE)[:-60])
@example(text=sheet(TEXTS + odd_row("\x01")))
@example(text=sheet(TEXTS + odd_row("a\r\nb")))
@example(text=sheet(TEXTS + odd_row("]]>")))
@example(text=sheet(TEXTS + odd_row("\uffff")))
@example(text=sheet(TEXTS + odd_row("_x0041_&amp;")))
def test_both_ways_give_the_same(text):
    """In UTF-16 it is the parser that reads every row."""
    whole = text.encode("utf-16")
    assert came(text.encode()) == came(whole)


def test_most_rows_are_taken_by_the_pattern(monkeypatch):
    """The parser is left with the first rows, and with those that are out of the ordinary."""
    learned = []
    learn = RowForms.learn
    monkeypatch.setattr(RowForms, "learn", lambda self, row: (learned.append(row), learn(self, row)))
    rows = "".join(
        f'<row r="{n}" spans="1:3"><c r="A{n}" s="1" t="inlineStr"><is><t>P{n}</t></is></c>'
        + (f'<c r="B{n}" s="3"/>' if n % 3 else f'<c r="B{n}"><f>A1</f><v>{n}</v></c>')
        + (
            f'<c r="C{n}" t="b"><v>1</v></c></row>'
            if n != 400
            else f'<c r="C{n}" t="str"><v>a&amp;b</v></c></row>'
        )
        for n in range(1, 1001)
    )
    found = came(sheet(rows).encode())
    assert [cells[2] for _, cells, _ in found] == [True] * 399 + ["a&b"] + [True] * 600
    assert len(learned) < 10


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8", "UTF-8"])
def test_any_encoding_of_a_sheet(encoding):
    text = sheet(LIKE.replace('t="s"><v>0</v>', 't="str"><v>ação</v>'))
    data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert came(data) == [(n, ["ação", n + 0.5, None, shown(n)], False) for n in range(1, 9)]


def shown(number):
    (value,) = values().converter(None, "2")([str(number)])
    return value
