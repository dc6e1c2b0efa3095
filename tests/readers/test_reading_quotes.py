"""Lines whose quotation marks keep no rule: read as one looks at them, and in no time."""

from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from importer.readers import records
from importer.readers.records import read_line, read_records


def closing_quote(line, at, delimiter):
    """Where a quote closes, by looking at the rest of the line anew each time."""
    spare = None
    while (at := line.find('"', at)) >= 0:
        end = at
        while line[end : end + 1] == '"':
            end += 1
        rest = line[end:].lstrip(" " if delimiter == "\t" else " \t")
        if not rest or rest.startswith(delimiter):
            if (end - at) % 2:
                return end - 1
            spare = end - 1
        at = end
    return spare


def read_slowly(line, delimiter):
    cells, open_quote, at = [], None, 0
    while True:
        begin = at
        while begin < len(line) and line[begin] in " \t\u00a0" and line[begin] != delimiter:
            begin += 1
        end = closing_quote(line, begin + 1, delimiter) if line[begin : begin + 1] == '"' else None
        if end is not None:
            cells.append(line[begin + 1 : end].replace('""', '"'))
            cut = line.find(delimiter, end)
        else:
            if line[begin : begin + 1] == '"':
                open_quote = len(cells) if open_quote is None else open_quote
                at = begin + 1
            cut = line.find(delimiter, at)
            cells.append(line[at:] if cut < 0 else line[at:cut])
        if cut < 0:
            return cells, open_quote
        at = cut + 1


@given(st.text('""";,\t ab', max_size=30), st.sampled_from(";,\t|"))
def test_a_line_is_read_as_one_looks_at_it(line, delimiter):
    found = read_line(line, delimiter)
    assert (found.cells, found.open_quote) == read_slowly(line, delimiter)


def test_a_long_line_of_open_quotes():
    """Each of them is looked for once, not once for each of the others."""
    line = ';"a"b' * 100_000
    found = read_line(line, ";")
    assert (len(found.cells), found.open_quote) == (100_001, 1)
    assert read_line(';"a""' * 100_000, ";").open_quote is None


@given(
    text=st.text(st.sampled_from('ab;"\n \r'), max_size=60),
    size=st.integers(1, 5),
    width=st.integers(0, 3),
    spaced=st.booleans(),
)
@example(text='a;"b\nc";d\na\n"a\nb;c\n', size=3, width=3, spaced=False)
@example(text='a\n"b\nc;d;e\nf"\n', size=2, width=3, spaced=False)
def test_lines_tried_at_once_are_rows_as_one_by_one(text, size, width, spaced):
    """Where a block of lines ends makes no difference."""
    lines = text.splitlines(keepends=True)

    def read(block):
        with patch.object(records, "_AT_ONCE", block):
            return list(read_records(iter(lines), ";", blanks_before_quotes=spaced, width=width))

    assert read(size) == read(len(lines) + 1) == read(1)
