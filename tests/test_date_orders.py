"""importer.date_orders: the order of day and month is decided for a column as a whole."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.date_orders import DateOrders
from importer.model import Row
from importer.options import Options
from importer.validate import check_row

UUID = "11111111-2222-4333-8444-555555555555"


def decided(rows, schema):
    orders = DateOrders(schema)
    for row in rows:
        orders.note(row)
    return orders.schema()


@pytest.fixture(scope="session")
def read_dates(schema_for):
    """What becomes of a column of dates: the days, or codes of what is wrong."""

    def read(cells, order=None, values=None):
        options = Options(date_order=order)
        rows = [Row(number, (UUID, cell)) for number, cell in enumerate(cells, 2)]
        schema = schema_for("uuid", "field:since", options=options, values={"field:since": values or {}})
        schema = decided(rows, schema)
        records = [check_row(row, schema, options) for row in rows]
        return [
            record.issues[0].code if record.issues else record.wanted.fields["since"][:10]
            for record in records
        ]

    return read


@pytest.mark.parametrize(
    ("cells", "order", "found"),
    [
        # nothing said: one clear date decides, in whatever row it stands
        (["03/04/2024", "31/12/2024"], None, ["2024-04-03", "2024-12-31"]),
        (["03/04/2024", "12/31/2024"], None, ["2024-03-04", "2024-12-31"]),
        (["03/04/2024", "04/04/2024"], None, ["date-ambiguous", "2024-04-04"]),
        (["03/04/2024", "31/12/2024", "12/31/2024"], None, ["date-ambiguous", "2024-12-31", "2024-12-31"]),
        (["03/04/2024", "2024-12-31"], None, ["date-ambiguous", "2024-12-31"]),
        (["03/04/2024", "31/31/2024"], None, ["date-ambiguous", "date-invalid"]),
        (["03/04/2024", date(2024, 12, 31)], None, ["date-ambiguous", "2024-12-31"]),
        (["03/04/2024", datetime.fromisoformat("2024-12-31T10:00")], None, ["date-ambiguous", "2024-12-31"]),
        (["03/04/2024", "31/12/2024 25:00"], None, ["date-ambiguous", "date-invalid"]),
        (["03/04/24", "31.12.24"], None, ["2024-04-03", "2024-12-31"]),
        # the user's word, and a column that contradicts it
        (["03/04/2024", "31/12/2024"], "dmy", ["2024-04-03", "2024-12-31"]),
        (["03/04/2024", "04/04/2024"], "mdy", ["2024-03-04", "2024-04-04"]),
        (["03/04/2024", "12/31/2024"], "dmy", ["date-ambiguous", "date-invalid"]),
        (["03/04/2024", "31/12/2024", "12/31/2024"], "dmy", ["date-ambiguous", "2024-12-31", "date-invalid"]),
        (["03/04/2024", "31/12/2024"], "mdy", ["date-ambiguous", "date-invalid"]),
        (["04/04/2024", "12/31/2024"], "dmy", ["2024-04-04", "date-invalid"]),
        (["03/04/2024", "31/31/2024"], "dmy", ["2024-04-03", "date-invalid"]),
        (["24/04/03", "2024/04/03"], "ymd", ["2024-04-03", "2024-04-03"]),
    ],
)  # fmt: skip
def test_a_column_is_in_one_order(cells, order, found, read_dates):
    assert read_dates(cells, order) == found


def test_values_are_translated_before_they_are_read(read_dates):
    """Neither the word in the cell nor what it stands for is overlooked."""
    assert read_dates(["03/04/2024", "ano novo"], None, {"ano novo": "31/12/2024"}) == [
        "2024-04-03",
        "2024-12-31",
    ]


def test_columns_decide_for_themselves(schema_for):
    rows = [Row(2, (UUID, "31/12/2024", "03/04/2024"))]
    schema = decided(rows, schema_for("uuid", "field:since", "field:until"))
    assert [column.locale.date_order for column in schema.columns] == [None, "dmy", None]


def test_a_row_that_has_gone_says_nothing(schema_for):
    orders = DateOrders(schema_for("uuid", "field:since"))
    for times in (1, 1, -1):
        orders.note(Row(2, (UUID, "31/12/2024")), times)
    assert orders.schema().columns[1].locale.date_order == "dmy"
    orders.note(Row(2, (UUID, "31/12/2024")), -1)
    assert orders.schema().columns[1].locale.date_order is None


DAYS = st.dates(date(1990, 1, 1), date(2020, 12, 31))


@given(days=st.lists(DAYS, min_size=1, max_size=8), order=st.sampled_from(["dmy", "mdy"]), told=st.booleans())
def test_a_day_is_never_taken_for_another(days, order, told, read_dates):
    """A column in one order gives its own days or issues; told the order, always its days."""
    pattern = "{0.day:02}/{0.month:02}/{0.year}" if order == "dmy" else "{0.month:02}/{0.day:02}/{0.year}"
    found = read_dates([pattern.format(day) for day in days], order if told else None)
    expected = [day.isoformat() for day in days]
    if told or any(day.day > 12 for day in days):
        assert found == expected
    else:
        assert {came for came, day in zip(found, expected, strict=True) if came != day} <= {"date-ambiguous"}
        assert all(
            came == day.isoformat() for came, day in zip(found, days, strict=True) if day.day == day.month
        )
