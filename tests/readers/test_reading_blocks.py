"""Rows that are read many at a time are those that would come one by one."""

import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.model import Block, Row
from importer.options import Options
from importer.readers import encodings, open_table
from importer.readers import table as tables
from importer.readers.encodings import Encoding, split_lines
from importer.readers.records import Lines, Record, read_columns, read_records

LINES = st.lists(
    st.sampled_from(
        [
            "a,b,c",
            "a,b",
            "a,b,c,d",
            "",
            '"a,b",c',
            'x,"y',
            "1,,",
            ",,",
            "é, ,ü",
            " ",
            "\x85,,",
            "\t,,",
            "\u200b,,",
        ]
    ),
    max_size=12,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(lines=LINES, end=ENDS, last=st.booleans(), cuts=st.sets(st.integers(1, 11)), spaced=st.booleans())
def test_columns_hold_the_records_of_their_lines(lines, end, last, cuts, spaced):
    """However the file is cut into pieces of whole lines."""
    whole = [line + end for line in lines]
    if whole and not last and lines[-1]:
        whole[-1] = lines[-1]
    places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    pieces = ["".join(whole[one:other]).encode() for one, other in itertools.pairwise(places) if one < other]
    found = []
    for part in read_columns(iter(pieces), ",", blanks_before_quotes=spaced, width=3):
        if isinstance(part, Record):
            found.append(part)
        elif isinstance(part, Lines):
            found += part.records()
            places = range(0, part.count, 2)
            assert list(part.some(places)) == [found[at - part.count] for at in places]
            assert (
                part.printable
                == "".join(itertools.chain(*(record.cells for record in part.records()))).isprintable()
            )
            columns = part.columns()
            assert columns is None or found[-part.count :] == [
                Record(list(cells)) for cells in zip(*columns, strict=True)
            ]
        else:
            found += [Record(list(cells)) for cells in zip(*part, strict=True)]
    assert found == list(read_records(iter(whole), ",", blanks_before_quotes=spaced, width=3))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000])
def test_lines_do_not_depend_on_how_many_bytes_come_at_once(encoding, end, size, tmp_path, monkeypatch):
    monkeypatch.setattr(encodings, "_PIECE", size)
    text = end.join(["Nome;Observação", "", "João;é", "x;\u2019", "", "fim"])
    path = tmp_path / "some.csv"
    path.write_bytes(text.encode(encoding))
    assert list(Encoding(encoding).lines(path)) == list(io.StringIO(text, newline=""))
    pieces = [piece for piece, _ in Encoding(encoding).placed_pieces(path)]
    assert b"".join(pieces) == text.encode()
    assert all(split_lines(piece.decode())[-1].endswith(end) for piece in pieces[:-1])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mixed"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["Nome,Fone,Nota", "sep=,{end}Nome,Fone,Nota"], ids=["plain", "named"])
@pytest.mark.parametrize("quoted", [False, True], ids=["lines", "quotes"])
def test_a_second_reading_gives_the_same_rows(encoding, end, first, quoted, tmp_path, monkeypatch):
    """Though it looks for nothing that the first one has found; lines that nobody asks for it does not read at all."""
    lines = [first.format(end=end), *(f"João {n},+55829000{n:05},é" for n in range(60))]
    if quoted:
        lines[30] = 'Ana,+5582900000099,"a, b"'
    text = end.join(lines)
    data = text.encode("utf-8" if encoding == "mixed" else encoding)
    path = tmp_path / "some.csv"
    path.write_bytes(data + end.encode() + "José,1,x".encode("cp1252") if encoding == "mixed" else data)
    monkeypatch.setattr(encodings, "_PIECE", 400)
    read, piece = [], Encoding.piece
    monkeypatch.setattr(Encoding, "piece", lambda *asked: read.append(asked) or piece(*asked))
    with open_table(path, Options()) as table:
        rows = list(table.rows())
        assert list(table.rows()) == rows
        again = len(read)
        some = [row for stretch in table.stretches() for row in stretch.some({rows[40].number})]
    assert len(rows) == 60 + (encoding == "mixed")
    assert some == [rows[40]]
    if end != "\r" and encoding != "utf-16" and not quoted and first.startswith("Nome"):
        assert again > 4
        assert len(read) == again + 1


ROWS = st.lists(
    st.sampled_from(
        ["Ana,+5582900000001,x", "Name,Phone,Note", "name,PHONE,note", "N,1,", ",,", " , ,", "Bia,2", "C,3,4,5",
         "D\x07,4,", "E,\u200b,", '"F",6,', "name,,", ",Phone,"]
    ),
    min_size=1,
    max_size=10,
).filter(lambda rows: rows.count("D\x07,4,") < 3)  # fmt: skip
"""With more control characters it would be taken for no text."""


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_rows_of_blocks_are_those_of_a_closer_look(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("blocks") / "some.csv"
    path.write_text("\n".join(["Name,Phone,Note", *rows]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for few in (1, 1000):  # then none comes in a block
            patch.setattr(tables, "_FEW", few)
            with open_table(path, Options()) as table:
                found.append(list(table.rows()))
    assert found[0] == found[1]


def test_some_rows_of_a_block():
    rows = [Row(number, (f"cell {number}", None), left_out=number == 4) for number in range(2, 6)]
    block = Block.of(rows)
    assert list(block.rows()) == rows
    assert list(block.only([0, 2]).rows()) == [rows[0], rows[2]]
    assert list(block.only([1]).rows()) == [rows[1]]


def test_half_a_character_is_no_reason_to_refuse_a_text(tmp_path):
    path = tmp_path / "some.html"
    path.write_bytes(b"Nome +2AA-\nAna\n")
    assert list(Encoding("utf-7").lines(path)) == ["Nome ?\n", "Ana\n"]
