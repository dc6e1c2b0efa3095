"""importer.screening and importer.glances: what is told of many rows at once is what `check_row` says of each."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.actions import ACTIONS
from importer.dates import date_readings
from importer.issues import Issue
from importer.model import Block, ErrorCell, Field, Row, ShownNumber, UncalculatedCell, Workspace
from importer.options import Options
from importer.repeats import keys_of
from importer.screening import Screen
from importer.validate import check_row

TARGETS = (
    "uuid", "name", "name.first", "name.last", "language", "urn:tel", "urn:whatsapp", "urn:mailto", "urn:ext",
    "urn:telegram", "phone", "urn:twitterid", "urns", "tel.area", "tel.country", "groups", "group:VIP", "action",
    "field:note", "field:age", "field:since", "field:place", "ignore",
)  # fmt: skip
USUAL = {
    "uuid": ["6f29a1e0-2222-4333-8444-555555555555", "6F29A1E0-2222-4333-8444-555555555556"],
    "name": ["Ana", "Bia Costa", "Eva", "José", "Jose\u0301", "Err:502", "ERR: nobody", "=Ana", "'=Ana", "x" * 101],
    "name.first": ["Ana", "Caio", "x" * 60],
    "name.last": ["Costa", "de Sá", "y" * 60],
    "language": ["por", "pt", "Português", "klingon", "eng", "spa"],
    "urn:tel": ["+55 82 90000-0001", "(82) 90000-0002", "82900000003", "5582900000004", "082 90000-0005",
                "(82) 9933-1122", "+12025550143", "351910000013", "5582900000001.0", "5,58E+12", "82 90000/0001",
                "82900000001; 82900000002", "0800 000 0000", "82.90000.0001", "()", "+", "'82900000001", 82900000001],
    "urn:whatsapp": ["+55 82 90000-0001", "5582900000001", "BR.123", "12"],
    "urn:mailto": ["ana@example.com", "ANA@Example.com", "ana@example", "a.b+c@x-y.example.com", "ana@x.com;b@x.com",
                   "mailto:ana@example.com", "K@example.com", "a" * 65 + "@example.com"],
    "urn:ext": ["A-1", "a%b", "ext:7", "x" * 252, "x" * 251, "1?2", "#N/A"],
    "urn:telegram": ["123", "x"],
    "phone": ["+55 82 90000-0001", "82900000009", "9999"],
    "urn:twitterid": ["123#ana", "123#bia", "123"],
    "urns": ["tel:+5582900000001", "ext:1", "tel:+5582900000001; ext:2", "?"],
    "tel.area": ["82", "x"],
    "tel.country": ["55", "BR", "?"],
    "groups": ["VIP", "vip", "VIP; Clientes", "-VIP", "", "#", "; ".join(f"G{n}" for n in range(99)), "* starred"],
    "group:VIP": ["sim", "não", "x", "?", True, False],
    "action": ["skip", "create", "?"],
    "field:note": ["ok", "x" * 641, "  spaces ", "two\nlines", "a\x07b", "\u200b", 7, 7.5],
    "field:age": ["7", "07", "7.50", "7,5", "1.234", "1.234,5", "-3", "R$ 5", "x", "0", "0.00", 12, 1.5, float("nan")],
    "field:since": ["03/04/2024", "31/12/2024", "12/31/2024", "2024-04-03", "2024-04-03 10:11", "2024-04-03 10:11:12",
                    "2024-04-03T10:11", "31/02/2024", "03/04/24", "2018-11-04", "04/11/2018 00:30", "28/02/2024 24:00",
                    "00/00/0000", "03-04-2024", "1899-12-31", "2024-04-03 10:11 -03:00", date(2024, 4, 3),
                    datetime(2024, 4, 3, 5, 6)],  # noqa: DTZ001
    "field:place": ["Maceió"],
    "ignore": ["anything", "[exemplo] x"],
}  # fmt: skip
EVERYWHERE = [
    "", "", "", None, "--", " ", "\t", "[example] x", "[exemplo] y", "[x", "#N/A", "=1+1", "não", "x\x00y",
    ErrorCell("#N/A"), UncalculatedCell("=A1"), ShownNumber(42, "00042"), time(5), timedelta(hours=30), True, 10**16,
]  # fmt: skip


def cell_of(target: str) -> st.SearchStrategy[object]:
    usual = st.sampled_from(USUAL[target])
    return st.one_of(usual, usual, usual, st.sampled_from(EVERYWHERE), st.text(max_size=4))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    """Columns and rows; the columns in any order, some of them twice."""
    targets = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=7))
    rows = draw(st.lists(st.tuples(*map(cell_of, targets)), min_size=1, max_size=8))
    wrong = (Issue.of("row-too-short"), Issue.of("row-repeats-header"))
    issues = draw(st.lists(st.sampled_from(((), (), (), *((one,) for one in wrong))), min_size=8, max_size=8))
    return targets, [
        Row(number, cells, tuple(issue.at(number) for issue in issues[number - 2]))
        for number, cells in enumerate(rows, 2)
    ]


WORKSPACE = Workspace(
    country="BR",
    timezone="America/Sao_Paulo",
    fields=(
        Field("note", "Note"), Field("age", "Age", "numeric"), Field("since", "Since", "datetime"),
        Field("place", "Place", "state"),
    ),
)  # fmt: skip
CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["BR", "US", "none"]),
        "timezone": st.sampled_from(["UTC", "Asia/Kolkata", "America/Sao_Paulo"]),
        "date_order": st.sampled_from(["dmy", "mdy", "ymd"]),
        "decimal": st.sampled_from([",", "."]),
        "strict": st.booleans(),
        "action": st.sampled_from(ACTIONS),
        "groups": st.sampled_from([("vip",), tuple(f"G{n}" for n in range(100))]),
        "groups_mode": st.sampled_from(["add", "replace"]),
        "create_without_key": st.booleans(),
        "phone_scheme": st.sampled_from(["tel", "whatsapp", "both"]),
        "ninth_digit": st.sampled_from(["match", "keep"]),
    },
)
CONSTANTS = st.sampled_from([(), (("language", "por"), ("field:note", "new"), ("group:Clientes", ""))])
VALUES = st.sampled_from([None, {"language": {"klingon": "por"}, "field:age": {"x": "7"}}])


@settings(max_examples=400, deadline=None)
@given(table=tables(), chosen=CHOSEN, constants=CONSTANTS, values=VALUES, undecided=st.booleans())
def test_records_are_those_of_check_row(table, chosen, constants, values, undecided, schema_for):
    targets, rows = table
    options = Options(**chosen)
    schema = schema_for(*targets, options=options, workspace=WORKSPACE, constants=constants, values=values)
    if undecided:
        schema = replace(schema, columns=tuple(replace(c, undecided=c.locale) for c in schema.columns))
    screen = Screen(schema, options)
    expected = [check_row(row, schema, options) for row in rows]
    for _ in range(2):  # the second time with what it remembers of the first
        sifted = screen.sift(Block.of(rows))
        assert sifted.records() == expected
    plain = [expected[at] for at in sifted.plain]
    assert all(record.status == "valid" for record in plain)
    noted = [set(filter(None, keys)) for keys in zip(*sifted.keys(options.ninth_digit), strict=True)]
    assert noted == [set(keys_of(record.wanted, options.ninth_digit)) for record in plain]
    joined = {name.casefold() for record in plain for name in record.wanted.groups}
    assert {name.casefold() for names in sifted.groups_joined() for name in names} == joined
    assert {name.casefold() for names in sifted.groups() for name in names} >= joined


@settings(max_examples=200, deadline=None)
@given(cells=st.lists(cell_of("field:since"), max_size=6), chosen=CHOSEN)
def test_the_orders_of_dates_are_those_that_readings_tell(cells, chosen, schema_for):
    rows = [Row(number, (cell,)) for number, cell in enumerate(cells, 2)]
    schema = schema_for("field:since", options=Options(**chosen), workspace=WORKSPACE)
    screen = Screen(schema, Options(**chosen))
    if rows:
        screen.sift(Block.of(rows))
    told = {order for cell in cells if len(readings := date_readings(cell)) == 1 for order in readings}
    assert screen.orders == {"A": told}


def test_ordinary_rows_are_plain(schema_for):
    """A screen that leaves everything to the rules would be right, and of no use."""
    targets = ("name", "urn:tel", "urn:tel", "urn:mailto", "urn:ext", "language", "groups", "field:note", "field:age",
               "field:since")  # fmt: skip
    schema = schema_for(*targets, workspace=WORKSPACE, options=Options(date_order="dmy"))
    cells = ("Eva José", "(82) 90000-0001", "+5582900000002", "eva@example.com", "A-1", "pt", "VIP; Clientes", "ok",
             "7.50", "31/12/2024")  # fmt: skip
    blank = ("Eva", "(82) 90000-0001", *[""] * 8)
    sifted = Screen(schema, Options()).sift(Block.of([Row(2, cells), Row(3, blank)]))
    assert (list(sifted.plain), sifted.odd) == ([0, 1], {})
    assert [issue.code for issue in sifted.told[0]] == ["language-normalised"]


def test_a_row_that_says_an_urn_twice_says_it_once(schema_for):
    schema = schema_for("urn:tel", "urn:ext", "urn:tel", workspace=WORKSPACE)
    sifted = Screen(schema, Options(country="BR")).sift(
        Block.of([Row(2, ("82900000001", "A-1", "+55 82 90000-0001"))])
    )
    assert list(sifted.plain) == [0]
    assert sifted.records()[0].wanted.urns == ("tel:+5582900000001", "ext:A-1")
