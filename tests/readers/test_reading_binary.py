"""Binary workbooks, made here record by record, and those of the corpus against what calamine reads in them."""

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from importer.model import ErrorCell, ShownNumber
from importer.options import Options
from importer.readers import open_table
from importer.readers.binary import unpack_rk

SECTOR = 512


def compound_file(name, content):
    """A compound file with one stream of at least 4,096 bytes."""
    content = content.ljust(4096, b"\0")
    content += b"\0" * (-len(content) % SECTOR)
    count = len(content) // SECTOR
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + count), 0xFFFFFFFE]
    table = struct.pack(f"<{SECTOR // 4}I", *chain, *[0xFFFFFFFF] * (SECTOR // 4 - len(chain)))

    def entry(title, kind, start, size):
        text = title.encode("utf-16-le")
        links = struct.pack("<IIII", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF, 0)
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        return (head + links).ljust(116, b"\0") + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry(name, 2, 2, len(content)) + bytes(256)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + table + directory + content


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def wide(text, size="<H"):
    return struct.pack(size, len(text)) + b"\1" + text.encode("utf-16-le")


BOF, EOF = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)), record(0x0A)


def xls(cells, *, texts=b"", extra_globals=b"", name="Plan1", hidden=0, sheet_records=b""):
    """A workbook of one sheet. Style 0 is plain, 1 shows five zeros, 2 a date."""
    formats = record(0x41E, struct.pack("<H", 164) + wide("00000"))
    styles = b"".join(record(0xE0, struct.pack("<HH", 0, number).ljust(20, b"\0")) for number in (0, 164, 14))
    sheet_name = struct.pack("<B", len(name)) + b"\1" + name.encode("utf-16-le")

    def book(place):
        sheet = record(0x85, struct.pack("<IBB", place, hidden, 0) + sheet_name)
        return BOF + formats + styles + extra_globals + sheet + texts + EOF

    place = len(book(0))
    return compound_file("Workbook", book(place) + BOF + sheet_records + b"".join(cells) + EOF)


def label(row, column, text):
    return record(0x204, struct.pack("<HHH", row, column, 0) + wide(text))


def number(row, column, value, style=0):
    return record(0x203, struct.pack("<HHHd", row, column, style, value))


HEADER = [label(0, 0, "Nome"), label(0, 1, "Celular"), label(0, 2, "Field:A")]


@pytest.fixture
def read_xls(tmp_path, read):
    def reading(content, **options):
        path = tmp_path / "book.xls"
        path.write_bytes(content)
        return read(path, Options(**options))

    return reading


def test_cells_of_every_kind(read_xls):
    """Numbers however packed, formulas with every kind of result, errors, booleans, dates, zeros."""
    formula = struct.Struct("<HHH")
    text_result, bool_result = b"\0\0\0\0\0\0\xff\xff", b"\1\0\1\0\0\0\xff\xff"
    error_result, empty_result = b"\2\0\x07\0\0\0\xff\xff", b"\3\0\0\0\0\0\xff\xff"
    cells = [
        *HEADER,
        label(1, 0, "Ana"),
        number(1, 1, 5511900000001.0),
        number(1, 2, 42.0, style=1),
        record(0x06, formula.pack(2, 0, 0) + text_result + bytes(8)),
        record(0x207, wide("Bia")),
        record(0xBD, struct.pack("<HHHIHIH", 2, 1, 0, 7 << 2 | 2, 2, 45385 << 2 | 2, 2)),
        record(0x205, struct.pack("<HHHBB", 3, 0, 0, 1, 0)),
        record(0x205, struct.pack("<HHHBB", 3, 1, 0, 0x2A, 1)),
        record(0x06, formula.pack(3, 2, 0) + error_result + bytes(8)),
        record(0x06, formula.pack(4, 0, 0) + bool_result + bytes(8)),
        record(0x06, formula.pack(4, 1, 0) + empty_result + bytes(8)),
        record(0x06, formula.pack(4, 2, 0) + struct.pack("<d", 1.5) + bytes(8)),
        record(0x27E, struct.pack("<HHHI", 5, 1, 0, 12345 << 2 | 3)),
        number(6, 2, 45385.5, style=2),
    ]  # fmt: skip
    found = read_xls(xls(cells))
    assert [tuple(map(str, row)) for row in found.cells] == [
        ("Ana", "5511900000001", str(ShownNumber(42, "00042"))),
        ("Bia", "7", "2024-04-03"),
        ("True", str(ErrorCell("#N/A")), str(ErrorCell("#DIV/0!"))),
        ("True", "None", "1.5"),
        ("None", "123.45", "None"),
        ("None", "None", "2024-04-03 12:00:00"),
    ]
    assert (found.info.kind, found.info.sheet) == ("xls", "Plan1")


def test_hidden_rows_and_columns_and_merged_headers(read_xls):
    """Row records come before the cells, merged cells after them."""
    rows = record(0x7D, struct.pack("<HHHHHH", 1, 1, 0, 0, 1, 0))
    rows += record(0x208, struct.pack("<HHHHHHHH", 2, 0, 3, 0, 0, 0, 0x20, 0))
    cells = [
        label(0, 0, "Nome"), label(0, 1, "Telefones"), label(1, 1, "Celular"), label(1, 2, "Fixo"),
        label(2, 0, "Ana"), number(2, 1, 11900000001), number(2, 2, 1120000001),
        record(0xE5, struct.pack("<HHHHHHHHH", 2, 0, 1, 0, 0, 0, 0, 1, 2)),
    ]  # fmt: skip
    found = read_xls(xls(cells, sheet_records=rows))
    assert (found.info.header_row, found.headers) == (2, ["Nome", "Celular", "Fixo"])
    assert [(issue.code, issue.letter) for issue in found.issues] == [
        ("hidden-rows", ""),
        ("hidden-columns", "B"),
    ]
    assert found.cells == [("Ana", 11900000001, 1120000001)]


def test_shared_texts_that_go_on_in_the_next_record(read_xls):
    """Where a record ends a text goes on with a new flag, that may say another width; runs and notes are skipped."""
    said = ["Nome", "Celular", "Conceição", "João", "fim"]
    first = struct.pack("<II", 5, 5) + wide(said[0])
    first += struct.pack("<HBHI", 7, 0x0C, 1, 3) + b"Celular" + b"\0\0\0\0" + b"abc"
    first += struct.pack("<HB", 9, 1) + "Conce".encode("utf-16-le")
    second = b"\0" + "ição".encode("latin-1") + wide(said[3])
    third = wide(said[4])
    texts = record(0xFC, first) + record(0x3C, second) + record(0x3C, third)
    cells = [
        record(0xFD, struct.pack("<HHHI", row, column, 0, text))
        for row, column, text in ((0, 0, 0), (0, 1, 1), (1, 0, 2), (2, 0, 3), (3, 0, 4))
    ]
    found = read_xls(xls(cells, texts=texts))
    assert found.headers == ["Nome", "Celular"]
    assert [name for name, _ in found.cells] == said[2:]


def test_the_1904_date_system(read_xls):
    found = read_xls(xls([*HEADER, number(1, 2, 43923, style=2)], extra_globals=record(0x22, b"\1\0")))
    assert str(found.cells[0][2]) == "2024-04-03"


def test_a_password(read_xls):
    assert read_xls(xls(HEADER, extra_globals=record(0x2F, bytes(54)))).refused == "file-encrypted"


def test_a_hidden_sheet(read_xls):
    assert read_xls(xls([*HEADER, number(1, 1, 1)], hidden=1)).refused == "file-empty"
    assert read_xls(xls([*HEADER, number(1, 1, 1)], hidden=1), sheet="plan1").cells == [(None, 1, None)]


def test_other_compound_files(tmp_path, read):
    path = tmp_path / "letter.xls"
    path.write_bytes(compound_file("WordDocument", b"x"))
    assert read(path).refused == "file-unreadable"


@given(value=st.integers(-(2**29), 2**29 - 1), hundredth=st.booleans())
def test_packed_whole_numbers(value, hundredth):
    packed = (value & 0x3FFFFFFF) << 2 | 2 | hundredth
    assert unpack_rk(packed) == (value / 100 if hundredth else value)


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_packed_halves_of_doubles(value):
    high = struct.unpack("<II", struct.pack("<d", value))[1] & 0xFFFFFFFC
    assert unpack_rk(high) == struct.unpack("<d", struct.pack("<II", 0, high))[0]


# ------------------------------------------------------------------------------------------------ .xlsb


def b_record(kind, body=b""):
    def number(value):
        out = b""
        while True:
            value, low = value >> 7, value & 0x7F
            out += bytes([low | (0x80 if value else 0)])
            if not value:
                return out

    return number(kind) + number(len(body)) + body


def b_text(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def b_cell(kind, column, rest, style=0):
    return b_record(kind, struct.pack("<II", column, style) + rest)


def b_row(row, *, hidden=False):
    return b_record(0, struct.pack("<IIHBBB", row, 0, 0, 0, 0x10 if hidden else 0, 0) + bytes(4))


RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BINARY = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"


def xlsb(path, sheet, epoch_1904=0):
    styles = b_record(44, struct.pack("<H", 164) + b_text("00000")) + b_record(617, struct.pack("<I", 3))
    styles += b"".join(b_record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 164, 14))
    styles += b_record(618)
    book = b_record(153, struct.pack("<I", epoch_1904)) + b_record(
        156, struct.pack("<II", 0, 1) + b_text("rId1") + b_text("Plan1")
    )
    texts = b_record(159) + b_record(19, b"\0" + b_text("Nome")) + b_record(19, b"\1" + b_text("Celular"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types><Override PartName="/xl/workbook.bin" ContentType="{BINARY}"/></Types>',
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships><Relationship Id="rId1" Type="{RELS}/worksheet" Target="worksheets/sheet1.bin"/>'
            f'<Relationship Id="rId2" Type="{RELS}/styles" Target="styles.bin"/>'
            f'<Relationship Id="rId3" Type="{RELS}/sharedStrings" Target="sharedStrings.bin"/></Relationships>',
        )
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/sharedStrings.bin", texts)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def test_a_binary_sheet(tmp_path, read):
    """Every kind of cell, hidden rows and columns; blanks with a style are blank."""
    double = struct.Struct("<d").pack
    sheet = b_record(60, struct.pack("<IIIIH", 2, 2, 0, 0, 1))
    sheet += (
        b_row(0) + b_cell(7, 0, b"\0\0\0\0") + b_cell(7, 1, b"\1\0\0\0") + b_cell(6, 2, b_text("Field:A"))
    )
    sheet += b_row(1) + b_cell(6, 0, b_text("Ana_x000D_")) + b_cell(5, 1, double(5511900000001))
    sheet += b_cell(2, 2, struct.pack("<I", 42 << 2 | 2), style=1)
    sheet += (
        b_row(2, hidden=True)
        + b_cell(8, 0, b_text("Bia"))
        + b_cell(9, 1, double(1.5))
        + b_cell(3, 2, b"\x2a")
    )
    sheet += b_row(3) + b_cell(4, 0, b"\1") + b_cell(10, 1, b"\0") + b_cell(11, 2, b"\x07")
    sheet += b_row(5) + b_cell(62, 0, b"\0" + b_text("Rico")) + b_cell(5, 2, double(45385), style=2)
    sheet += b_row(6) + b_cell(1, 0, b"")
    found = read(xlsb(tmp_path / "book.xlsb", sheet))
    assert found.headers == ["Nome", "Celular", "Field:A"]
    assert found.numbers == [2, 3, 4, 6]
    assert [tuple(map(str, row)) for row in found.cells] == [
        ("Ana\n", "5511900000001", str(ShownNumber(42, "00042"))),
        ("Bia", "1.5", str(ErrorCell("#N/A"))),
        ("True", "False", str(ErrorCell("#DIV/0!"))),
        ("Rico", "None", "2024-04-03"),
    ]
    assert [(issue.code, issue.letter) for issue in found.issues] == [
        ("hidden-rows", ""),
        ("hidden-columns", "C"),
    ]


def test_a_lone_cell_far_out_needs_no_memory(tmp_path, read):
    """The last cell of the sheet does not make a rectangle of it."""
    sheet = b_row(0) + b_cell(7, 1, b"\1\0\0\0") + b_row(1) + b_cell(6, 1, b_text("1"))
    sheet += b_row(1_048_575) + b_cell(6, 16_383, b_text("x"))
    found = read(xlsb(tmp_path / "book.xlsb", sheet))
    assert found.numbers == [2, 1_048_576]
    assert found.cells == [("1", None), (None, "x")]


@pytest.mark.parametrize("name", ["old-excel.xls", "src-vtex-customers.xls", "binary.xlsb"])
def test_calamine_reads_the_same(name, corpus):
    """Another reader finds the same cells."""
    sheet = CalamineWorkbook.from_path(corpus / name).get_sheet_by_index(0)
    wanted = [tuple(None if cell == "" else cell for cell in row) for row in list(sheet.iter_rows())[1:]]
    with open_table(corpus / name, Options()) as table:
        places = [column.index for column in table.columns]
        assert [row.cells for row in table.rows()] == [tuple(row[at] for at in places) for row in wanted]
