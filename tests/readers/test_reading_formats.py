"""OpenDocument, XML Spreadsheet 2003, HTML, archives, and files under another's name."""
# ruff: noqa: DTZ001 - spreadsheets know no time zone

import gzip
import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from importer.model import ErrorCell, ShownNumber, UncalculatedCell
from importer.options import Options
from importer.readers import open_table

# ------------------------------------------------------------------------------------------ OpenDocument

SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
                         ("number", "datastyle"))
) + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'  # fmt: skip
STYLES = """<office:automatic-styles>
<style:style style:name="away" style:family="table"><style:table-properties table:display="false"/></style:style>
<number:number-style style:name="N5"><number:number number:min-integer-digits="5"/></number:number-style>
<style:style style:name="zeros" style:family="table-cell" style:data-style-name="N5"/>
</office:automatic-styles>"""


def text_cell(text, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def value_cell(kind, attribute, shown="", more=""):
    return (
        f'<table:table-cell office:value-type="{kind}" office:{attribute} {more}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def table(*rows, name="Plan1", more=""):
    return f'<table:table table:name="{name}" {more}>{"".join(rows)}</table:table>'


HEADER = row(text_cell("Nome"), text_cell("Celular"), text_cell("Field:A"))


def content(*tables):
    return (
        f'<?xml version="1.0"?><office:document-content {SPACES}>{STYLES}<office:body><office:spreadsheet>'
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )


@pytest.fixture
def read_ods(tmp_path, read):
    def reading(*tables, manifest="<manifest/>", styles="", **options):
        path = tmp_path / "book.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("META-INF/manifest.xml", manifest)
            archive.writestr("content.xml", content(*tables))
            archive.writestr(
                "styles.xml", f"<office:document-styles {SPACES}>{styles}</office:document-styles>"
            )
        return read(path, Options(**options))

    return reading


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (value_cell("float", 'value="5511900000001.0"', "5,5E+12"), 5511900000001),
        (value_cell("float", 'value="12345678901234567"'), 12345678901234567),
        (value_cell("float", 'value="42"', "00042", 'table:style-name="zeros"'), ShownNumber(42, "00042")),
        (value_cell("float", 'value="9100"', "009-100", 'table:style-name="zeros"'), ShownNumber(9100, "009-100")),
        (value_cell("float", 'value="12345"', "12345", 'table:style-name="zeros"'), 12345),
        (value_cell("float", 'value="42"', "42,0"), 42),
        (value_cell("percentage", 'value="0.5"', "50%"), 0.5),
        (value_cell("date", 'date-value="2022-07-08"', "08/07/22"), date(2022, 7, 8)),
        (value_cell("date", 'date-value="2022-07-08T15:30:00.6"'), datetime(2022, 7, 8, 15, 30, 1)),
        (value_cell("date", 'date-value="never"', "x"), "never"),
        (value_cell("time", 'time-value="PT13H18M00S"'), time(13, 18)),
        (value_cell("time", 'time-value="PT30H00M00S"'), timedelta(hours=30)),
        (value_cell("boolean", 'boolean-value="true"', "VERDADEIRO"), True),
        (text_cell("#N/D", 'calcext:value-type="error"'), ErrorCell("#N/D")),
        (text_cell("a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d</text:p><text:p>e"), "a  b\tc\nd\ne"),
        (text_cell("<text:span>Í</text:span>ris <text:a>de</text:a> Teste"), "Íris de Teste"),
        (text_cell("</text:p><office:annotation><text:p>nota</text:p></office:annotation><text:p>Ana"), "Ana"),
        (value_cell("float", 'value="1"', "TRUE", 'table:formula="of:=TRUE()"'), True),
        (value_cell("float", 'value="0"', "FALSO"), False),
        ('<table:table-cell table:formula="of:=[.A1]"/>', UncalculatedCell("of:=[.A1]")),
        ('<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>', None),
        ('<table:table-cell table:style-name="zeros"/>', None),
    ],
)  # fmt: skip
def test_cells_of_a_document(cell, value, read_ods):
    found = read_ods(table(HEADER, row(text_cell("Ana"), text_cell("1"), cell)))
    assert found.cells == [("Ana", "1", value)]
    assert type(found.cells[0][2]) is type(value)


STYLES_PART = """<office:styles>
<number:number-style style:name="N8"><number:number number:min-integer-digits="8"/></number:number-style>
<number:percentage-style style:name="N1"><number:number number:min-integer-digits="1"/></number:percentage-style>
<style:style style:name="code" style:family="table-cell" style:data-style-name="N8"/>
<style:style style:name="share" style:family="table-cell" style:parent-style-name="code" style:data-style-name="N1"/>
</office:styles><office:automatic-styles>
<style:style style:name="bold" style:family="table-cell" style:parent-style-name="code"/>
</office:automatic-styles>"""


@pytest.mark.parametrize("style", ["code", "bold", "share", "zeros", "none"])
@pytest.mark.parametrize("place", ["cell", "row", "column"])
def test_formats_of_zeros_wherever_a_document_names_them(style, place, read_ods):
    """In the other part, of a style that another is made of, for a whole row or column at once."""
    own = {place: f'table:{"" if place == "cell" else "default-cell-"}style-name="{style}"'}
    columns = f'<table:table-column table:number-columns-repeated="2"/><table:table-column {own.get("column", "")}/>'
    cell = value_cell("float", 'value="1310100"', "01310-100", own.get("cell", ""))
    body = row(text_cell("Ana"), text_cell("1"), cell, more=own.get("row", ""))
    found = read_ods(table(columns, HEADER, body), styles=STYLES_PART)
    shows = style in ("code", "bold", "zeros")
    assert found.cells == [("Ana", "1", ShownNumber(1310100, "01310-100") if shows else 1310100)]


def test_repeated_cells_and_rows(read_ods):
    """Blank ones are passed over, however many; others stand as often as they say."""
    found = read_ods(
        table(
            HEADER,
            row(
                '<table:table-cell table:number-columns-repeated="16384"/>',
                more='table:number-rows-repeated="9"',
            ),
            row(text_cell("Ana"), value_cell("float", 'value="1"', more='table:number-columns-repeated="2"')),
            row(text_cell("Bia"), more='table:number-rows-repeated="2"'),
            row(more='table:number-rows-repeated="1048000"'),
        )
    )
    assert found.numbers == [11, 12, 13]
    assert found.cells == [("Ana", 1, 1), ("Bia", None, None), ("Bia", None, None)]


def test_what_a_document_hides(read_ods):
    """Hidden sheets are passed over, hidden rows and columns read and told."""
    columns = '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    hidden = row(text_cell("Bia"), text_cell("2"), more='table:visibility="filter"')
    found = read_ods(
        table(HEADER, row(text_cell("Old"), text_cell("0")), name="Velho", more='table:style-name="away"'),
        table(columns, HEADER, row(text_cell("Ana"), text_cell("1")), hidden, name="Novo"),
    )
    assert (found.info.sheet, [name for name, _, _ in found.cells]) == ("Novo", ["Ana", "Bia"])
    told = [(issue.code, issue.letter) for issue in found.issues]
    assert told == [("hidden-rows", ""), ("hidden-columns", "B"), ("hidden-columns", "C")]


def test_merged_headers_of_a_document(read_ods):
    found = read_ods(
        table(
            row(text_cell("Nome", 'table:number-rows-spanned="2"'),
                text_cell("Telefones", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>"),
            row("<table:covered-table-cell/>", text_cell("Celular"), text_cell("Fixo")),
            row(text_cell("Ana"), text_cell("1"), text_cell("2")),
        )
    )  # fmt: skip
    assert (found.info.header_row, found.headers) == (2, ["Nome", "Celular", "Fixo"])
    assert found.cells == [("Ana", "1", "2")]


def test_an_encrypted_document(read_ods):
    assert read_ods(table(HEADER), manifest="<m:encryption-data/>").refused == "file-encrypted"


def test_a_flat_document(tmp_path, read):
    path = tmp_path / "book.fods"
    path.write_text(content(table(HEADER, row(text_cell("Ana"), text_cell("1")))), encoding="utf-8")
    found = read(path)
    assert (found.info.kind, found.codes, found.cells) == ("ods", [], [("Ana", "1", None)])


# ------------------------------------------------------------------------------- XML Spreadsheet 2003

SS = "urn:schemas-microsoft-com:office:spreadsheet"


def spreadsheet(rows, more="", options="", declaration='<?xml version="1.0"?>'):
    return (
        f'{declaration}<?mso-application progid="Excel.Sheet"?><Workbook xmlns="{SS}" xmlns:ss="{SS}" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:h="http://www.w3.org/TR/REC-html40"><Styles>'
        '<Style ss:ID="z"><NumberFormat ss:Format="00000"/></Style></Styles>'
        f'<Worksheet ss:Name="Plan1"><Table>{more}{rows}</Table>{options}</Worksheet></Workbook>'
    )


def data(text, kind="String", more=""):
    return f'<Cell {more}><Data ss:Type="{kind}">{text}</Data></Cell>'


HEADER_2003 = f"<Row>{data('Nome')}{data('Celular')}{data('Field:A')}</Row>"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (data("5511900000001", "Number"), 5511900000001),
        (data("5.511900000001E12", "Number"), 5511900000001),
        (data("42", "Number", 'ss:StyleID="z"'), ShownNumber(42, "00042")),
        (data("2021-05-06T00:00:00.000", "DateTime"), date(2021, 5, 6)),
        (data("2021-05-06T10:20:30.700", "DateTime"), datetime(2021, 5, 6, 10, 20, 31)),
        (data("1899-12-31T13:18:00.000", "DateTime"), time(13, 18)),
        (data("1", "Boolean"), True),
        (data("#DIV/0!", "Error"), ErrorCell("#DIV/0!")),
        (data("<h:B>Í</h:B>ris"), "Íris"),
        (data("x").replace("</Cell>", f"<Comment>{data('nota')[7:-7]}</Comment></Cell>"), "x"),
        ('<Cell ss:Formula="=RC[-1]"/>', UncalculatedCell("=RC[-1]")),
        ('<Cell ss:StyleID="z"/>', None),
    ],
)  # fmt: skip
def test_cells_of_2003(cell, value, read_text):
    found = read_text(spreadsheet(f"{HEADER_2003}<Row>{data('Ana')}{data('1')}{cell}</Row>"), "book.xml")
    assert found.codes == []
    assert found.cells == [("Ana", "1", value)]
    assert type(found.cells[0][2]) is type(value)


def test_places_of_2003(read_text):
    """Rows and cells may name their place; hidden ones are told; merged headers count."""
    rows = (
        f'<Row><Cell ss:MergeDown="1"><Data ss:Type="String">Nome</Data></Cell>'
        f'<Cell ss:MergeAcross="1"><Data ss:Type="String">Telefones</Data></Cell></Row>'
        f'<Row>{data("Celular", more="""ss:Index="2" """)}{data("Fixo")}</Row>'
        f'<Row ss:Index="5" ss:Hidden="1">{data("Ana")}{data("2", more="""ss:Index="3" """)}</Row>'
    )
    found = read_text(spreadsheet(rows, more='<Column/><Column ss:Hidden="1"/>'), "book.xls")
    assert (found.info.kind, found.info.header_row, found.headers) == (
        "xml-2003",
        2,
        ["Nome", "Celular", "Fixo"],
    )
    assert (found.numbers, found.cells) == ([5], [("Ana", None, "2")])
    assert found.codes == ["file-type-mismatch", "hidden-rows", "hidden-columns"]


def test_a_hidden_sheet_of_2003(read_text):
    hidden = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    assert read_text(spreadsheet(HEADER_2003, options=hidden), "book.xml").refused == "file-empty"


def test_encodings_of_2003(read_text):
    text = spreadsheet(
        f"{HEADER_2003}<Row>{data('João')}{data('1')}</Row>",
        declaration='<?xml version="1.0" encoding="ISO-8859-1"?>',
    )
    found = read_text(text.encode("latin-1"), "book.xml")
    assert (found.info.encoding, found.cells[0][0]) == ("iso-8859-1", "João")


def test_an_entity_bomb_of_2003(read_text):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    found = read_text(spreadsheet(HEADER_2003, declaration=bomb), "book.xls")
    assert (found.refused, found.info.kind) == ("file-unreadable", "xml-2003")


# --------------------------------------------------------------------------------------------------- HTML


def test_a_page(read_text):
    """Each <tr> is a row; blanks run together; end tags may be missing; entities are characters."""
    page = """<!-- export --><html><head><style>td { color: red }</style></head><body><h1>Clientes</h1>
    <table><tr><th>Nome<th>Celular<th>Observações</tr>
    <tr><td>Ana\n  Maria &amp; Zé</td><td>1</td><td>linha 1<br>linha&nbsp;2</td></tr>
    <tr></tr><tr><td> <td>&nbsp;<td>
    <tr><td>Bia<td>2<td><b>x</b> <script>alert("y")</script>
    </table></body></html>"""
    found = read_text(page, "clientes.xls")
    assert (found.info.kind, found.info.delimiter, found.codes) == ("html", None, ["file-type-mismatch"])
    assert (found.numbers, [row[:2] for row in found.cells]) == (
        [2, 5],
        [("Ana Maria & Zé", "1"), ("Bia", "2")],
    )
    assert [row[2].strip() for row in found.cells] == ["linha 1\nlinha\u00a02", "x"]


def test_a_page_of_several_tables(read_text):
    """The first may be a title, the data may lie within a cell of another."""
    page = (
        "<table><tr><td>Relatório</td></tr></table><table><tr><td>"
        "<table><tr><td colspan=2>2024</td></tr><tr><td>Nome</td><td>Celular</td></tr><tr><td>Ana</td><td>1</td></tr>"
        "</table></td></tr></table>"
    )
    found = read_text(page, "x.html")
    assert (found.info.header_row, found.numbers, found.cells) == (4, [5], [("Ana", "1")])


def test_spans_of_a_page(read_text):
    """A cell that spans keeps the others in their columns; in the header it names all that it covers."""
    page = (
        "<table><tr><th rowspan=2>Nome<th colspan=2>Telefones</tr><tr><th>Celular<th>Fixo</tr>"
        "<tr><td rowspan='2'>Ana<td>1<td>2</tr><tr><td>3<td>4</tr></table>"
    )
    found = read_text(page, "x.htm")
    assert (found.info.header_row, found.headers) == (2, ["Nome", "Celular", "Fixo"])
    assert found.cells == [("Ana", "1", "2"), (None, "3", "4")]


def test_numbers_behind_what_a_page_shows(read_text):
    found = read_text(
        "<table><tr><td>Celular</tr><tr><td x:num='5511900000001'>5,51E+12</tr></table>", "x.html"
    )
    assert found.cells == [(5511900000001,)]


@pytest.mark.parametrize(
    ("meta", "encoding", "wanted", "codes"),
    [
        ('<meta charset="iso-8859-1">', "latin-1", "cp1252", []),
        ('<meta charset="iso-8859-15">', "iso-8859-15", "iso8859-15", []),
        ("", "cp1252", "cp1252", ["encoding-guessed"]),
        ('<meta charset="no-such">', "cp1252", "cp1252", ["encoding-guessed"]),
        ('<meta charset="iso-8859-1">', "utf-8", "utf-8", []),
        ("", "utf-16", "utf-16-le", []),
    ],
)
def test_encodings_of_a_page(meta, encoding, wanted, codes, read_text):
    page = f"<html><head>{meta}</head><table><tr><td>Nome<td>Celular</tr><tr><td>João, São<td>1</tr></table>"
    found = read_text(page.encode(encoding), "x.html")
    assert (found.info.encoding, found.codes) == (wanted, codes)
    assert found.cells == [("João, São", "1")]


# ----------------------------------------------------------------------------------------------- archives

CSV = "Nome;Celular\r\nJoão;1\r\n".encode()


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_the_first_table_of_an_archive(read_text):
    """What a Mac adds, folders and notes are passed over."""
    members = {
        "__MACOSX/._lista.csv": b"\0\5\x16\7",
        "pasta/": b"",
        "pasta/.DS_Store": b"\0\0\0\1Bud1",
        "leia-me.txt": b"Nota",
        "foto.png": b"\x89PNG",
        "pasta/lista.csv": CSV,
        "pasta/outra.csv": b"x",
    }
    found = read_text(zipped(**members), "export.zip")
    info = found.info
    assert (info.container, info.member, info.kind, info.delimiter) == ("zip", "pasta/lista.csv", "csv", ";")
    assert (found.codes, found.cells) == ([], [("João", "1")])


def test_workbooks_in_archives(corpus, read_text):
    book = (corpus / "typed.xlsx").read_bytes()
    for content, name, member in (
        (zipped(**{"a.xlsx": book}), "x.zip", "a.xlsx"),
        (gzip.compress(book, mtime=0), "a.xlsx.gz", None),
    ):
        found = read_text(content, name)
        assert (found.info.kind, found.info.member, found.codes) == ("xlsx", member, [])
        assert found.rows


def test_what_was_unpacked_is_removed(tmp_path, monkeypatch):
    """Personal data stays nowhere but in the user's file."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(CSV, mtime=0))
    with open_table(path, Options()) as table:
        (unpacked,) = folder.iterdir()
        assert unpacked.stat().st_mode & 0o077 == 0
        assert len(list(table.rows())) == 1
    assert list(folder.iterdir()) == []
    forgotten = open_table(path, Options())
    assert len(list(folder.iterdir())) == 1
    del forgotten
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (zipped(), "x.zip", "file-unreadable"),
        (zipped(**{"a.png": b"\x89PNG"}), "x.zip", "file-unreadable"),
        (
            zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
            "x.docx",
            "file-unreadable",
        ),
        (zipped(**{"a.zip": zipped(**{"b.csv": CSV})}), "x.zip", "file-unreadable"),
        (gzip.compress(gzip.compress(CSV, mtime=0), mtime=0), "x.csv.gz", "file-unreadable"),
        (gzip.compress(CSV, mtime=0)[:-12], "x.csv.gz", "file-unreadable"),
        (gzip.compress(b"", mtime=0), "x.csv.gz", "file-empty"),
        (zipped(**{"a.csv": b""}), "x.zip", "file-empty"),
    ],
)
def test_archives_without_a_table(content, name, code, read_text, tmp_path, monkeypatch):
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert read_text(content, name).refused == code
    assert list(folder.iterdir()) == []


def test_an_archive_that_unpacks_to_too_much(read_text, monkeypatch):
    monkeypatch.setattr("importer.readers.damage.UNPACKED_FLOOR", 2**20)
    bomb = b"Nome;Celular\n" + b"\n" * 2**24
    for content, name in ((gzip.compress(bomb, mtime=0), "x.csv.gz"), (zipped(**{"a.csv": bomb}), "x.zip")):
        found = read_text(content, name)
        assert (found.refused, found.info.container) == (
            "file-too-large",
            "gzip" if name.endswith("gz") else "zip",
        )


# ------------------------------------------------------------------------------------------ other names


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("x.csv", []), ("x.CSV", []), ("x.txt", []), ("x.tsv", []), ("x", []), ("x.dat", []), ("x.2024", []),
        ("x.xlsx", ["file-type-mismatch"]), ("x.xls", ["file-type-mismatch"]), ("x.html", ["file-type-mismatch"]),
        ("x.zip", ["file-type-mismatch"]), ("x.ods", ["file-type-mismatch"]),
    ],
)  # fmt: skip
def test_text_under_any_name(name, codes, read_text):
    found = read_text(CSV, name)
    assert (found.info.kind, found.codes) == ("csv", codes)


def test_workbooks_under_any_name(corpus, read_text):
    for sample, kind in (("typed.xlsx", "xlsx"), ("macro-type.xlsm", "xlsm"), ("binary.xlsb", "xlsb"),
                         ("old-excel.xls", "xls"), ("opendocument.ods", "ods")):  # fmt: skip
        content = (corpus / sample).read_bytes()
        for name in ("x.csv", f"x.{kind}", "x"):
            found = read_text(content, name)
            assert found.info.kind == kind
            assert found.codes == (["file-type-mismatch"] if name == "x.csv" else [])
            assert found.rows


def test_a_packed_file_under_a_plain_name(read_text):
    assert read_text(gzip.compress(CSV, mtime=0), "x.csv").codes == ["file-type-mismatch"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"GIF89a" + bytes(20),
        b"%PDF-1.7\n",
        b"{\\rtf1\\ansi x}",
        bytes(range(256)) * 4,
        b"\0" * 64,
    ],
)
def test_no_table_at_all(content, read_text):
    found = read_text(content, "x.xlsx")
    assert (found.refused, found.info.kind) == ("file-unreadable", "unknown")
