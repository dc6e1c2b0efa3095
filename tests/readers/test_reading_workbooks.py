"""Open XML workbooks: cells as they are, whatever program wrote them, and where the table is in them."""
# ruff: noqa: DTZ001 - spreadsheets know no time zone

import io
import re
import string
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import from_excel

from importer.model import ErrorCell, ShownNumber, UncalculatedCell
from importer.options import Options
from importer.readers import open_table
from importer.readers.formats import format_of, format_of_code, moment, shown_number
from importer.readers.package import SharedTexts
from importer.readers.values import exact_number, unescape
from importer.readers.worksheet import CellValues, Reading

HEADER = ["Nome", "Celular", "Field:A"]
TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \n\t_x000D_<>&\"'=" + string.ascii_letters + "áõç€😀"),
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    ),
    min_size=1,
    max_size=20,
)


@pytest.fixture
def make(tmp_path):
    """A workbook from rows of cells, changed by a function before it is saved."""

    def making(rows, change=lambda book: None, name="book.xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        change(book)
        path = tmp_path / name
        book.save(path)
        return path

    return making


def patch(path, part, old, new):
    """The same workbook with one of its parts changed."""
    archive = zipfile.ZipFile(path)
    parts = {info.filename: archive.read(info) for info in archive.infolist()}
    archive.close()
    changed = re.sub(old, lambda _: new, parts[part].decode(), count=1)
    assert changed != parts[part].decode()
    parts[part] = changed.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"

# ------------------------------------------------------------------------------------------------- cells


def third_cells(path):
    with open_table(path, Options()) as table:
        return [row.cells[2] for row in table.rows()]


@settings(max_examples=80, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@example(texts=["_x000D_", "_x005F_x000D_", "x_x0041_y", "a\nb", " a ", "_x"])
def test_any_text_survives(texts, tmp_path_factory):
    """A text comes back as it was, from within the cells (openpyxl) and from the shared table (xlsxwriter)."""
    path = tmp_path_factory.getbasetemp() / "texts.xlsx"
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for text in texts:
        book.active.append(["Ana", "1", text])
        book.active.cell(book.active.max_row, 3).data_type = "s"  # never a formula
    book.save(path)
    # openpyxl escapes nothing, so what looks like an escape is one
    assert third_cells(path) == [_cleaned(unescape(text)) for text in texts]
    # xlsxwriter escapes what looks like an escape, but not two that share a character
    texts = [text for text in texts if not re.search(r"_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_", text)]
    other = xlsxwriter.Workbook(path)
    sheet = other.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for row, text in enumerate(texts, 1):
        sheet.write_row(row, 0, ["Ana", 1])
        sheet.write_string(row, 2, text)
    other.close()
    assert third_cells(path) == [_cleaned(text) for text in texts]


def _cleaned(text):
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("a_x000D_\nb", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x0041__x0042_", "AB"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD83D_", "\ud83d"),
        ("snake_x_case", "snake_x_case"),
        ("_x00G1_", "_x00G1_"),
    ],
)
def test_escapes(escaped, text):
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5511900000001", 5511900000001),
        ("5.5119E+12", 5511900000000),
        ("12345678901234567", 12345678901234567),
        ("1.23456789012345E+16", 12345678901234500),
        ("1500.0", 1500),
        ("-3", -3),
        ("0.1", 0.1),
        ("45385.64583333234", 45385.64583333234),
        ("1e300", 1e300),
    ],
)
def test_numbers_keep_every_digit(written, number):
    came = exact_number(written)
    assert (came, type(came)) == (number, type(number))


def test_cells_of_every_kind(tmp_path):
    """What xlsxwriter writes as a number, boolean, formula, error or blank comes back as what it is."""
    path = tmp_path / "kinds.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    text, bold = book.add_format(), book.add_format({"bold": True})
    sheet.write_rich_string(1, 0, "Íris", bold, " de Teste")
    sheet.write_number(1, 1, 5511900000001)
    sheet.write_boolean(1, 2, True)
    sheet.write_formula(2, 0, '="A"&"na"', text, "Ana")
    sheet.write_formula(2, 1, "=1+1", text, 2)
    sheet.write_formula(2, 2, "=1/0", text, "#DIV/0!")
    sheet.write_string(3, 0, "Bia")
    sheet.write_blank(3, 1, None, bold)
    sheet.write_formula(4, 0, "=1=1", text, True)
    book.close()
    with open_table(path, Options()) as table:
        assert [row.cells for row in table.rows()] == [
            ("Íris de Teste", 5511900000001, True),
            ("Ana", 2, ErrorCell("#DIV/0!")),
            ("Bia", None, None),
            (True, None, None),
        ]


def test_a_formula_that_was_never_calculated(make, read):
    """openpyxl stores formulas without results."""
    found = read(make([HEADER, ["Ana", "1", "=A2&B2"]]))
    assert found.cells == [("Ana", "1", UncalculatedCell("=A2&B2"))]


def test_inline_and_shared_texts_without_references(tmp_path, make, read):
    """Cells may leave out where they are, and hold their text themselves; phonetic text is left out."""
    path = make([HEADER, ["x", "x", "x"]])
    rows = (
        "<sheetData><row><c t='inlineStr'><is><t>Nome</t></is></c><c t='inlineStr'><is><r><t>Celu</t></r>"
        "<r><t>lar</t></r><rPh sb='0' eb='1'><t>ouvido</t></rPh></is></c></row><row r='4'><c t='str'><v>Ana</v>"
        "</c><c/><c><v>7</v></c><c t='str'><f>A1</f><v></v></c><c t='d'><v>2024-04-03</v></c></row></sheetData>"
    )
    found = read(patch(path, SHEET, r"<sheetData>.*</sheetData>", rows))
    assert found.headers == ["Nome", "Celular", "", ""]
    assert (found.numbers, found.cells) == ([4], [("Ana", None, 7, date(2024, 4, 3))])


def test_xml_with_prefixes(make, read):
    """Some programs write x:row for row."""
    path = make([HEADER])
    spaced = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Celular</x:t></x:is></x:c></x:row>'
        '<x:row r="2" hidden="1"><x:c r="A2"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    found = read(patch(path, SHEET, r"(?s).*", spaced))
    assert (found.cells, found.codes) == ([(5,)], ["hidden-rows"])


def test_shared_texts_beyond_the_first_are_kept_alike(monkeypatch):
    monkeypatch.setattr("importer.readers.package._FIRST_TEXTS", 2)
    texts = SharedTexts()
    said = ["um", "dois", "três", "", "cinco 😀"]
    for text in said:
        texts.append(text)
    assert [texts[number] for number in range(5)] == said
    for number in (5, -1):
        with pytest.raises(IndexError):
            texts[number]


# ------------------------------------------------------------------------------------------------ formats


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("00000", 42, "00042"),
        ("00000-000", 1310100, "01310-100"),
        (r"00000\-000", 57000000, "57000-000"),
        (r"000\.000\.000\-00", 1234567890, "012.345.678-90"),
        ("(00) 00000-0000", 5534900000419, "(5534) 90000-0419"),
        ("(00) 00000-0000", 11900000001, "(11) 90000-0001"),
        (r"[<=99999999]0000\-0000;(00) 0000\-0000", 1120000001, "(11) 2000-0001"),
        (r"[<=99999999]0000\-0000;(00) 0000\-0000", 20000001, "2000-0001"),
        ('"BR"000', 7, "BR007"),
        ("000;-000;000", 7, "007"),
        ("[$-416]00000", 3, "00003"),
        ("00000", 12345, None),
        ("0", 5, None),
        ("@", 5, None),
        ("0.00", 5, None),
        ("#,##0", 5000, None),
        ("0%", 5, None),
        ("0.00E+00", 5, None),
        ("General", 5, None),
        ("#####-###", 5, None),
        ("R$ #,##0.00", 5, None),
    ],
)
def test_formats_of_zeros(code, value, shown):
    """Zeros and literal characters make an identifier, as it is shown; all others leave the number a number."""
    wanted = value if shown is None else ShownNumber(value, shown)
    assert shown_number(value, format_of_code(code)) == wanted


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("dd/mm/yyyy", "date"),
        ('[$-416]d" de "mmmm" de "yyyy', "date"),
        ("mmm-yy", "date"),
        ("dd/mm/yyyy;@", "date"),
        ("[$-F800]dddd, mmmm dd, yyyy", "date"),
        ("dd/mm/yyyy hh:mm", "date and time"),
        ("m/d/yy h:mm AM/PM", "date and time"),
        ("hh:mm", "time"),
        ("mm:ss.0", "time"),
        ("[h]:mm:ss", "span"),
        ('0 "dias"', "number"),
        ("[Red]0.00", "number"),
        ("Standard", "number"),
        ('"y"0.0', "number"),
    ],
)
def test_formats_of_dates(code, kind):
    form = format_of_code(code)
    names = {
        (True, False): "date",
        (True, True): "date and time",
        (False, True): "time",
        (False, False): "number",
    }
    assert ("span" if form.span else names[form.with_date, form.with_time]) == kind


DATE, TIMED = format_of_code("dd/mm/yyyy"), format_of_code("dd/mm/yyyy hh:mm:ss")


@settings(max_examples=200)
@given(
    serial=st.floats(min_value=61, max_value=2_900_000, allow_nan=False),
    epoch_1904=st.booleans(),
)
def test_moments_are_those_of_openpyxl(serial, epoch_1904):
    """Rounded to the second, in both date systems."""
    epoch = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)
    wanted = from_excel(serial, epoch)
    assert abs(moment(serial, TIMED, epoch_1904) - wanted) <= timedelta(seconds=0.501)


@pytest.mark.parametrize(
    ("serial", "form", "epoch_1904", "wanted"),
    [
        (45385, DATE, False, date(2024, 4, 3)),
        (43923, DATE, True, date(2024, 4, 3)),
        (45385.64583333234, TIMED, False, datetime(2024, 4, 3, 15, 30)),
        (45385.64583333234, DATE, False, datetime(2024, 4, 3, 15, 30)),
        (45385, TIMED, False, datetime(2024, 4, 3)),
        (0.5541666666666667, format_of_code("hh:mm"), False, time(13, 18)),
        (0.0, format_of_code("hh:mm"), True, time(0, 0)),
        (1.25, format_of_code("[h]:mm"), False, timedelta(hours=30)),
        (-0.5, format_of_code("[h]:mm"), False, timedelta(hours=-12)),
        (1, DATE, False, date(1900, 1, 1)),
        (59, DATE, False, date(1900, 2, 28)),
        (61, DATE, False, date(1900, 3, 1)),
        (2958465, DATE, False, date(9999, 12, 31)),
        (2958465.9999999, DATE, False, None),
        (2958466, DATE, False, None),
        (2958465, DATE, True, None),
        (-1, DATE, False, None),
        (float("nan"), DATE, False, None),
    ],
)
def test_moments(serial, form, epoch_1904, wanted):
    assert moment(serial, form, epoch_1904) == wanted


@pytest.mark.parametrize(
    ("number", "dated"),
    [(14, True), (22, True), (18, True), (46, True), (0, False), (1, False), (49, False), (37, False)],
)
def test_formats_that_every_workbook_has(number, dated):
    assert format_of(number, None).plain != dated


def test_dates_and_zeros_of_a_workbook(make, read):
    def change(book):
        cells = book.active[2]
        cells[1].number_format, cells[2].number_format = "00000000000", "dd/mm/yyyy"

    found = read(make([HEADER, ["Ana", 1190000001, 45385]], change))
    assert found.cells == [("Ana", ShownNumber(1190000001, "01190000001"), date(2024, 4, 3))]


# --------------------------------------------------------------------------------- sheets, headers, hiding


def test_hidden_rows_and_columns_are_read_and_told(make, read):
    def change(book):
        book.active.row_dimensions[3].hidden = True
        book.active.row_dimensions[5].hidden = True  # blank
        for letter in "BCF":
            book.active.column_dimensions[letter].hidden = True

    found = read(make([HEADER, ["Ana", 1, "x"], ["Bia", 2, "y"], ["Cau", 3, "z"]], change))
    assert [name for name, _, _ in found.cells] == ["Ana", "Bia", "Cau"]
    told = [(issue.code, issue.letter, issue.details.get("count")) for issue in found.issues]
    assert told == [("hidden-rows", "", 1), ("hidden-columns", "B", None), ("hidden-columns", "C", None)]


@pytest.mark.parametrize("index", [0, 4])
def test_values_without_header(index, make, read):
    """A column of the sheet that has values but no header is kept and told, wherever it is."""
    header, row = [None, *HEADER, None], [None, "Ana", 1, "x", None]
    row[index] = "stray"
    found = read(make([header, [None, "Bia", 2, "y", None], row]))
    letter = "AE"[index // 4]
    assert [(issue.code, issue.letter) for issue in found.issues] == [("header-empty", letter)]
    assert "stray" in found.cells[1]
    assert None in found.cells[0]


def test_the_declared_range_is_not_believed(make, read):
    path = make([HEADER, ["Ana", 1, "x"]])
    found = read(patch(path, SHEET, r'<dimension ref="[^"]*"', '<dimension ref="A1:B1"'))
    assert found.cells == [("Ana", 1, "x")]


def test_sheets(make, read):
    """The first visible sheet with a key in its header; hidden ones only when named."""

    def change(book):
        book.active.title = "Resumo"
        for name, state in (("Velho", "hidden"), ("Ativos", "visible"), ("Inativos", "visible")):
            sheet = book.create_sheet(name)
            sheet.sheet_state = state
            sheet.append(["Nome", "Celular"])
            sheet.append([name, 1])

    path = make([["Nome", "Cidade"], ["Resumo", "x"]], change)
    found = read(path)
    assert (found.info.sheet, found.codes) == ("Ativos", ["sheet-choice"])
    assert found.issues[0].value == "Ativos"
    for wanted, sheet in (
        ("Inativos", "Inativos"),
        ("inATIVOS", "Inativos"),
        ("Velho", "Velho"),
        ("Resumo", "Resumo"),
    ):
        found = read(path, Options(sheet=wanted))
        assert (found.info.sheet, found.codes) == (sheet, [])
    found = read(path, Options(sheet="Nada"))
    assert found.refused == "sheet-missing"
    assert found.issues[0].details["sheets"] == "Resumo, Ativos, Inativos"


def test_a_sheet_without_key_is_read_where_there_is_no_other(make, read):
    found = read(make([["Nome", "Cidade"], ["Ana", "x"]]))
    assert (found.headers, found.codes) == (["Nome", "Cidade"], [])


HEADERS_OF_TWO_ROWS = [
    # merged ranges, first rows, header row, headers
    (["A1:A2", "B1:C1", "D1:D2"], [["Nome", "Telefones", None, "Cidade"], [None, "Celular", "Fixo"]], 2,
     ["Nome", "Celular", "Fixo", "Cidade"]),
    (["B1:C1"], [["Nome", "Telefones", None, "Cidade"], [None, "Celular", "Fixo"]], 2,
     ["Nome", "Celular", "Fixo", "Cidade"]),
    (["A1:B1", "C1:D1"], [["Pessoa", None, "Contato", None], ["Nome", "Cidade", "Celular", "E-mail"]], 2,
     ["Nome", "Cidade", "Celular", "E-mail"]),
    (["A1:A2", "B1:B2"], [["Nome", "Celular", "Cidade"], [None, None, "Bairro"]], 1, ["Nome", "Celular", "Cidade"]),
    (["A1:A2", "B1:B2", "C1:C2"], [["Nome", "Celular", "Cidade"], [None, None, None]], 2,
     ["Nome", "Celular", "Cidade"]),
    (["B1:C1"], [["Nome", "Celular", None]], 1, ["Nome", "Celular", "Celular"]),
    (["A1:D1"], [["CLIENTES DA LOJA", None, None, None], ["Nome", "Celular", "Cidade"]], 2,
     ["Nome", "Celular", "Cidade"]),
    (["A1:D1"], [["Telefones", None, None, None], ["Nome", "Celular", "Cidade", "E-mail"]], 2,
     ["Nome", "Celular", "Cidade", "E-mail"]),
]  # fmt: skip


@pytest.mark.parametrize(("merged", "top", "row", "headers"), HEADERS_OF_TWO_ROWS)
def test_merged_headers(merged, top, row, headers, make, read):
    """A merged cell names each column that it covers, unless a name stands below; the lowest such row is the header."""

    def change(book):
        for cells in merged:
            book.active.merge_cells(cells)

    found = read(make([*top, ["Ana", "11900000001", "x", "y"][: len(headers)]], change))
    assert (found.info.header_row, found.headers) == (row, headers)
    assert found.cells[-1][:2] == ("Ana", "11900000001")


def test_pasted_text(make, read):
    """Rows in one cell each are split; what is no text stays a cell."""
    found = read(make([["Nome;Celular;Cidade"], ["Ana;11900000001;Belém"], [7], ['"Bia; B.";2;x;y']]))
    assert (found.codes, found.info.delimiter) == (["cells-hold-delimited-text"], ";")
    assert found.cells == [("Ana", "11900000001", "Belém"), ("7", "", ""), ("Bia; B.", "2", "x")]
    assert [issue.code for issue in found.rows[2].issues] == ["row-too-long"]


def test_ghost_rows_and_far_tables(make, read):
    """Styled blanks are nothing; the table may begin anywhere."""

    def change(book):
        for row, values in enumerate([HEADER, ["Ana", 1, "x"]], 7):
            for column, value in enumerate(values, 4):
                book.active.cell(row, column, value)
        for row in range(1, 40):
            book.active.cell(row, 9).fill = openpyxl.styles.PatternFill("solid", "FFFF00")

    found = read(make([], change))
    assert [(column.letter, column.header) for column in found.columns] == list(
        zip("DEF", HEADER, strict=True)
    )
    assert (found.numbers, found.issues) == ([8], ())


# --------------------------------------------------------------------------------------- what is refused


def test_a_bomb_is_refused_before_it_is_unpacked(make, read):
    """A part that unpacks to a hundred and fifty times its size and more than a sheet may need."""
    path = make([HEADER, ["Ana", 1, "x"]])
    archive = zipfile.ZipFile(path)
    parts = {info.filename: archive.read(info) for info in archive.infolist()}
    archive.close()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != SHEET:
                archive.writestr(name, content)
        with archive.open(SHEET, "w", force_zip64=True) as part:
            part.write(parts[SHEET].split(b"</sheetData>")[0])
            for _ in range(300):
                part.write(b" " * 2**20)
            part.write(b"</sheetData></worksheet>")
    assert path.stat().st_size < 2**20
    assert read(path).refused == "file-too-large"


def test_entities_are_refused(make, read):
    """No program declares any; they swell up or fetch files."""
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet '
    found = read(patch(make([HEADER, ["Ana", 1, "x"]]), SHEET, r"<worksheet ", bomb))
    assert found.refused == "file-unreadable"
    assert found.issues[0].details["reason"].key == "unreadable.entities"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"</sheetData>", ""),
        (r'r="B2"', 'r="ZZZZZ2"'),
        (r'<c r="B2" t="n">', '<c r="B2" t="s">'),
        (r'<row r="2"', '<row r="two"'),
        (r"<worksheet", "<chartsheet"),
    ],
)
def test_damage(old, new, make, read):
    assert read(patch(make([HEADER, ["Ana", 1, "x"]]), SHEET, old, new)).refused == "file-unreadable"


def test_a_text_without_end_is_refused():
    """Long before it fills the memory."""
    from importer.errors import Unusable

    class Endless(io.BytesIO):
        given = 0

        def read(self, size):
            self.given += size
            return super().read(size) or b"x" * size

    stream = Endless(b"<worksheet><sheetData><row><c t='str'><v>")
    with pytest.raises(Unusable) as refusal:
        list(Reading(CellValues(SharedTexts(), [], epoch_1904=False)).parts(stream))
    assert refusal.value.issue.code == "file-unreadable"
    assert stream.given < 8 * 2**20


def test_a_workbook_without_a_value(make, read):
    assert read(make([])).refused == "file-empty"


def test_rows_may_be_read_by_two_at_a_time(make):
    """Each call of rows has the file for itself."""
    path = make([HEADER, *([f"P{number}", number, "x"] for number in range(3000))])
    with open_table(path, Options()) as table:
        first, second = table.rows(), table.rows()
        assert all(one == other for one, other in zip(first, second, strict=True))


def test_the_stream_is_flat_in_memory(tmp_path):
    """Ten times the rows take no more memory."""
    import tracemalloc

    def peak(rows):
        path = tmp_path / f"{rows}.xlsx"
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for row in range(1, rows):
            sheet.write_row(row, 0, ["Ana", row, "x" * 50])
        book.close()
        with open_table(path, Options()) as table:
            tracemalloc.start()
            assert sum(1 for _ in table.rows()) == rows - 1
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

    assert peak(30_000) < 1.3 * peak(15_000) + 200_000  # either is more than what is read at once


def test_bytes_of_a_stream_are_enough(make):
    """The file itself is not kept open between readings."""
    path = make([HEADER, ["Ana", 1, "x"]])
    with open_table(path, Options()) as table:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        assert len(list(table.rows())) == 1
    assert io.BytesIO(content).read(2) == b"PK"
