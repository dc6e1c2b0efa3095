"""Text files: any table comes back cell for cell, and damage costs no more than the row it is in."""

import csv
import io
import string
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importer.options import Options
from importer.readers import open_table

HEADER = ["Nome", "Celular", "Field:Nota", "Cidade"]
CELLS = st.text(
    st.one_of(
        st.sampled_from(" ,;|\t\"'\n=+-@\\" + string.ascii_letters + string.digits + "áéíõçÃñ€😀"),
        st.characters(
            exclude_categories=("Cs", "Cc"),
            exclude_characters="\ufeff\u0085\u2028\u2029",
        ),
    ),
    max_size=12,
)
TABLES = st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6)
QUOTINGS = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@pytest.fixture(scope="module")
def any_file(tmp_path_factory):
    return tmp_path_factory.mktemp("any") / "any.csv"


def write(table, delimiter, quoting, end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([HEADER, *table])
    return text.getvalue()


@settings(max_examples=250, deadline=None)
@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from(QUOTINGS),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\r\n", "\n"]),
)
@example(
    table=[["a", 'x, "', ", ", ' "q"']], delimiter=",", quoting=csv.QUOTE_MINIMAL, encoding="utf-8", end="\n"
)
@example(
    table=[["", "", "", "\n"], ["a\nb;c;d;e\nf", '"', "", ""]],
    delimiter=";",
    quoting=csv.QUOTE_MINIMAL,
    encoding="utf-16",
    end="\r\n",
)
def test_any_table_comes_back(any_file, table, delimiter, quoting, encoding, end):
    """Whatever a table holds and however it is written, its cells come back as they were, rows in place."""
    if encoding in ("utf-16-le", "utf-16-be"):  # without a mark only zeros tell, that is, Latin letters
        table = [[cell.encode("latin-1", "replace").decode("latin-1") for cell in row] for row in table]
    path = any_file
    path.write_bytes(write(table, delimiter, quoting, end).encode(encoding))
    with open_table(path, Options()) as read:
        rows = list(read.rows())
        assert read.info.delimiter == delimiter
        assert [column.header for column in read.columns] == HEADER
    wanted = [(number, cells) for number, cells in enumerate(table, 2) if "".join(cells).strip()]
    assert [row.number for row in rows] == [number for number, _ in wanted]
    assert [row.cells for row in rows] == [tuple(cells) for _, cells in wanted]


# --------------------------------------------------------------------------------------------- encodings

WORDS = ("João", "Conceição", "São Luís", "manhã", "às terças", "Ibáñez", "Núñez", "Logroño", "Peña", "é", "Ângela",
         "IRMÃOS GUIMARÃES", "AÇOUGUE", "garçon", "Müller", "Goiânia", "Íris", "não", "Begoña", "ENDEREÇO")  # fmt: skip


@pytest.mark.parametrize("page", ["cp1252", "cp850"])
@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=3, max_size=12))
def test_code_page_by_its_words(any_file, page, words):
    """A few words are enough to tell the Windows from the DOS code page."""
    path = any_file
    path.write_bytes("\n".join(["Nome;Celular", *(f"{word};1" for word in words)]).encode(page))
    with open_table(path, Options()) as read:
        assert read.info.encoding == page
        assert [issue.code for issue in read.issues] == ["encoding-guessed"]
        assert [row.cells[0] for row in read.rows()] == words


def test_utf16_without_mark_and_without_accents(read_text):
    """Zeros at every other place are UTF-16, though they would be valid UTF-8 as well."""
    found = read_text("Nome;Celular\nAna;1\n".encode("utf-16-be"))
    assert (found.info.encoding, found.codes) == ("utf-16-be", ["encoding-guessed"])
    assert found.cells == [("Ana", "1")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_in_any_script(encoding, read_text):
    """Digits and delimiters have zeros, whatever the names are written in."""
    text = "Nome;Celular\n" + "يوسف;11900000001\n😀 Дмитрий;11900000002\n山田;11900000003\n" * 20
    found = read_text(text.encode(encoding))
    assert found.info.encoding == encoding
    assert [name for name, _ in found.cells[:3]] == ["يوسف", "😀 Дмитрий", "山田"]


def test_lines_of_two_encodings(read_text):
    """Each line is read by itself; a line of ASCII is of both."""
    lines = ["Nome;Celular", "João;1", "Ana;2", "Íris;3"]
    mixed = [line.encode() for line in lines] + [
        "Müller;4".encode("cp1252"),
        "Zé – “Zeca”;5".encode("cp1252"),
    ]
    found = read_text(b"\r\n".join(mixed))
    assert (found.info.encoding, found.codes) == ("utf-8", ["encoding-mixed"])
    assert [name for name, _ in found.cells] == ["João", "Ana", "Íris", "Müller", "Zé – “Zeca”"]


def test_many_plain_lines_do_not_make_a_code_page_a_mixture(read_text):
    """What decides is whether there is a line that only UTF-8 explains."""
    found = read_text("\n".join(["Nome;Celular", *["Ana;1"] * 50, "João;2", "Conceição;3"]).encode("cp1252"))
    assert (found.info.encoding, found.codes) == ("cp1252", ["encoding-guessed"])


@pytest.mark.parametrize("word", ["JoÃ£o", "Ã‰rica", "ConceiÃ§Ã£o", "nÂº 5", "MÃ\u00adriam"])
def test_text_encoded_twice_is_told_and_kept(word, read_text):
    found = read_text(f"Nome;Celular\n{word};1\n")
    assert found.codes == ["text-mojibake"]
    assert found.cells == [(word, "1")]
    assert found.rows[0].issues == ()


@pytest.mark.parametrize("word", ["JOÃO", "IRMÔ, disse", "São Paulo", "Ângelo – 5", "MAÇÃ: R$ 5,00"])
def test_sound_text_is_not_taken_for_encoded_twice(word, read_text):
    assert read_text(f'Nome;Celular\n"{word}";1\n').codes == []


# -------------------------------------------------------------------------------------------- delimiters


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["Nome;Celular;Renda", "Ana;1;1,50", "Bia;2;2,75"], ";"),
        (["Nome,Celular,Grupos", "Ana,1,a;b", "Bia,2,c;d"], ","),
        (["Nome|Celular", "Silva, Ana|1", "Souza, Bia|2"], "|"),
        (["Nome\tCelular\tCidade", "Ana\t1\tBelém, PA", "Bia\t2\tRecife, PE"], "\t"),
        (["Relatório, de 2024", "", "Nome;Celular", "Ana;1"], ";"),
        (["Celular", "(11) 90000-0001, (11) 90000-0002", "11 90000-0003"], None),
        (["Nome,Celular", "Ana,1,,,,", "Bia", "Cau,3,x"], ","),
    ],
)
def test_delimiter(lines, delimiter, read_text):
    """The delimiter is the one that splits the header and most rows alike."""
    assert read_text("\n".join(lines)).info.delimiter == delimiter


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("Contact UUID", ","),
        ('"uuid"', ","),
        ("Lista\n\nUUID", ","),
        ("Celular", None),
        ("_uuid\nURN:Tel", None),
    ],
)
def test_the_delimiter_of_one_column(header, delimiter, read_text):
    """There is none, but of the platform's own files it is known."""
    found = read_text(f"{header}\nf519ca1f-8513-49ba-8896-22bf0420dec7\n")
    assert (found.info.delimiter, len(found.columns), len(found.rows)) == (delimiter, 1, 1)


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [("sep=;", ";"), ("SEP=,", ","), ('"sep=|"', "|"), ("sep=\t", "\t"), ("sep=^", "^")],
)
def test_sep_line_names_the_delimiter_and_is_no_row(line, delimiter, read_text):
    found = read_text(f"{line}\r\nNome{delimiter}Celular\r\nAna{delimiter}1\r\n")
    assert (found.info.delimiter, found.info.header_row) == (delimiter, 1)
    assert (found.numbers, found.cells) == ([2], [("Ana", "1")])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end, read_text):
    """A blank line is a row, a record over several lines is one; ends within a cell become LF."""
    text = end.join(["Nome,Celular", f'"Ana{end}Maria",1', "", '"Bia",2'])
    found = read_text(text)
    assert (found.numbers, found.cells) == ([2, 4], [("Ana\nMaria", "1"), ("Bia", "2")])


def test_blanks_before_quotes_do_not_count(read_text):
    found = read_text('"Nome", "Celular", "Cidade"\n"Ana", "1", "Belém, PA"\n"Bia", "", "x"\n')
    assert found.cells == [("Ana", "1", "Belém, PA"), ("Bia", "", "x")]


def test_leading_blanks_stay_where_no_quote_follows(read_text):
    """Trimming is for the rules of cells."""
    assert read_text('Nome,Celular\n Ana , 1\n"B, C",2\n').cells == [(" Ana ", " 1"), ("B, C", "2")]
    assert read_text('Nome\tCelular\tx\n\t\t"a\tb"\n Ana\t1\t\n').cells[1] == (" Ana", "1", "")


# ------------------------------------------------------------------------------------------------ quotes


def codes(row):
    return [(issue.code, issue.letter) for issue in row.issues]


@pytest.mark.parametrize("below", ["Kau;2;Belém", '"Kau";2;"Belém"', 'Kau;2;"Belém; PA"'])
def test_a_quote_that_is_never_closed_costs_its_row(below, read_text):
    """The next line is read, whether there are quotes in it or not."""
    found = read_text(f'Nome;Celular;Cidade\nIris;1;X\n"João;5;Santa Maria\n{below}\nLia;3;Y\n')
    assert found.numbers == [2, 3, 4, 5]
    assert [codes(row) for row in found.rows] == [[], [("quote-unbalanced", "A")], [], []]
    assert found.cells[1] == ("João", "5", "Santa Maria")
    assert found.cells[2][:2] == ("Kau", "2")


def test_a_quote_in_the_last_cell(read_text):
    found = read_text('Nome,Celular,Cidade\nAna,1,"Belém\nBia,2,Recife\n')
    assert [codes(row) for row in found.rows] == [[("quote-unbalanced", "C")], []]
    assert found.cells == [("Ana", "1", "Belém"), ("Bia", "2", "Recife")]


def test_a_quote_closed_by_a_stray_one_further_down_swallows_no_rows(read_text):
    """Too few cells, and whole rows among its lines: the quote was a stray one."""
    found = read_text('Nome;Celular;Cidade\n"Ana;1;X\nBia;2;Y\nCau;3;Rua "Z"\nDora;4;W"\nEva;5;V\n')
    assert found.numbers == [2, 3, 4, 5, 6]
    assert codes(found.rows[0]) == [("quote-unbalanced", "A")]
    assert found.cells[1] == ("Bia", "2", "Y")


def test_many_open_quotes_in_a_row(read_text):
    """Each costs its own row, and no time worth speaking of."""
    lines = [f'"Ana {number};1;X' for number in range(3000)]
    found = read_text("\n".join(["Nome;Celular;Cidade", *lines]))
    assert len(found.rows) == 3000
    assert all(codes(row) == [("quote-unbalanced", "A")] for row in found.rows)


def test_quotes_within_text_that_were_not_doubled(read_text):
    found = read_text('Nome;Celular\n"disse "oi" e foi";1\nTV 42";2\n"a ""b""";3\n')
    assert found.cells == [('disse "oi" e foi', "1"), ('TV 42"', "2"), ('a "b"', "3")]
    assert not any(row.issues for row in found.rows)


def test_a_cell_longer_than_the_csv_module_reads(read_text):
    found = read_text(f"Nome;Celular\n{'a' * 300_000};1\nBia;2\n")
    assert [len(name) for name, _ in found.cells] == [300_000, 3]


# ----------------------------------------------------------------------------------------- ragged, damaged


def test_ragged_rows(read_text):
    """Missing cells are blank; a filled one beyond the last header is at its own letter; blank ones are nothing."""
    found = read_text("Nome,Celular,Cidade,\nAna,1\nBia,2,X,,,\nCau,3,X,Y\nDora,4,X\n")
    assert [codes(row) for row in found.rows] == [[("row-too-short", "")], [], [("row-too-long", "D")], []]
    assert found.cells[0] == ("Ana", "1", "")
    assert found.rows[2].issues[0].value == "Y"


def test_header_row_again(read_text):
    found = read_text("\ufeffNome,Celular,Cidade\nAna,1,X\n\ufeffNOME, celular ,Cidade\nNome,2,X\n")
    assert [codes(row) for row in found.rows] == [[], [("row-repeats-header", "")], []]


@pytest.mark.parametrize("char", ["\0", "\x01", "\x0b", "\x0c", "\x1f", "\x7f", "\x81"])
def test_control_characters_are_removed_and_told(char, read_text):
    found = read_text(f"Nome,Celular\nAna,1\nB{char}ia,2{char}\n")
    assert found.cells == [("Ana", "1"), ("Bia", "2")]
    assert [codes(row) for row in found.rows] == [
        [],
        [("control-characters-removed", "A"), ("control-characters-removed", "B")],
    ]


def test_a_row_of_nothing_but_control_characters_is_blank(read_text):
    """So is the mark that DOS programs put at the end of a file."""
    assert read_text("Nome,Celular\nAna,1\n\0,\0\n\x1a").numbers == [2]


def test_format_characters_and_blanks_of_all_kinds_stay(read_text):
    """They are no control characters; what becomes of them is for the rules of cells."""
    kept = "".join(
        char for char in map(chr, range(0x2000, 0x2070)) if unicodedata.category(char) in ("Cf", "Zs")
    )
    assert read_text(f"Nome,Celular\nA{kept}b\u00a0\u00ad,1\n").cells == [(f"A{kept}b\u00a0\u00ad", "1")]


def test_columns_without_header(read_text):
    """One with values is kept and told, as pandas writes its index; one that is blank all the way is none."""
    found = read_text(",Nome,,Celular\n0,Ana,,1\n1,Bia,,2\n")
    assert [(column.letter, column.header) for column in found.columns] == [
        ("A", ""),
        ("B", "Nome"),
        ("D", "Celular"),
    ]
    assert [(issue.code, issue.letter) for issue in found.issues] == [("header-empty", "A")]
    assert found.cells == [("0", "Ana", "1"), ("1", "Bia", "2")]


def test_rows_in_one_cell_each(read_text):
    found = read_text('"Nome,Celular,Cidade"\n"Ana,1,""Belém, PA"""\n"Bia,2"\n')
    assert (found.codes, found.info.delimiter) == (["cells-hold-delimited-text"], ",")
    assert found.cells == [("Ana", "1", "Belém, PA"), ("Bia", "2", "")]
    assert codes(found.rows[1]) == [("row-too-short", "")]


def test_one_column_of_lists_is_not_split(read_text):
    found = read_text("Celular\n11900000001;11900000002\n11900000003;11900000004\n")
    assert (found.codes, found.headers) == ([], ["Celular"])


# ------------------------------------------------------------------------------------------- the header row


def test_header_row_that_the_user_names(read_text):
    """Any row may be the header, also one that looks like none."""
    text = "x,y\nfoo,bar\nAna,11900000001\n"
    assert read_text(text).refused == "header-missing"
    found = read_text(text, header_row=2)
    assert (found.headers, found.numbers, found.info.header_row) == (["foo", "bar"], [3], 2)
    assert read_text(text, header_row=9).refused == "header-missing"


def test_header_only(read_text):
    """There are columns to tell about, and nothing to import."""
    found = read_text("Nome;Celular\n\n;\n")
    assert (found.headers, found.codes) == (["Nome", "Celular"], ["no-records"])
    assert found.issues[0].is_error


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n", " ; ;\n\t\n", "\ufeff\r\n"])
def test_nothing_in_the_file(content, read_text):
    assert read_text(content).refused == "file-empty"


def test_facts_of_a_file_without_header(read_text):
    """What is known is told, also where the file cannot be used."""
    found = read_text("Ana;11900000001;a@example.com\nBia;11900000002;b@example.com\n")
    assert (found.refused, found.info.kind, found.info.delimiter) == ("header-missing", "csv", ";")
    assert found.info.digest
