"""Dates and times as people write them → ISO 8601 with an offset; the order of day and month."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.dates import date_readings, parse_datetime, same_instant
from importer.issues import CellRefused, Issue
from importer.model import ShownNumber
from importer.options import DateOrder, Locale

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
DMY = Locale("BR", SAO_PAULO, "dmy", this_year=2026)
MDY = Locale("BR", SAO_PAULO, "mdy", this_year=2026)
OPEN = Locale("BR", SAO_PAULO, None, this_year=2026)
YMD = Locale("BR", SAO_PAULO, "ymd", this_year=2026)

EXACT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?[-+]\d\d:\d\d")


def read(cell: object, locale: Locale = DMY) -> str:
    return parse_datetime(cell, locale, [])


def refusal(cell: object, locale: Locale = DMY) -> Issue:
    with pytest.raises(CellRefused) as refused:
        read(cell, locale)
    return refused.value.issue


@pytest.mark.parametrize(
    ("cell", "sent"),
    [
        ("25/12/2023", "2023-12-25T00:00:00-03:00"),
        ("03/04/2024", "2024-04-03T00:00:00-03:00"),
        ("3/4/24", "2024-04-03T00:00:00-03:00"),
        ("12-03-1985", "1985-03-12T00:00:00-03:00"),
        ("12.03.85", "1985-03-12T00:00:00-03:00"),
        ("1/1/26", "2026-01-01T00:00:00-03:00"),
        ("1/1/27", "1927-01-01T00:00:00-03:00"),
        ("1/1/00", "2000-01-01T00:00:00-02:00"),
        ("2024-04-03", "2024-04-03T00:00:00-03:00"),
        ("2024/04/03", "2024-04-03T00:00:00-03:00"),
        ("2024.4.3", "2024-04-03T00:00:00-03:00"),
        ("03/04/2024 15:30", "2024-04-03T15:30:00-03:00"),
        ("03/04/2024, 15:30:05", "2024-04-03T15:30:05-03:00"),
        ("03/04/2024 03:30:15 PM", "2024-04-03T15:30:15-03:00"),
        ("03/04/2024 12:30 am", "2024-04-03T00:30:00-03:00"),
        ("03/04/2024 12:30 p.m.", "2024-04-03T12:30:00-03:00"),
        ("03/04/2024 03:30 p.\xa0m.", "2024-04-03T15:30:00-03:00"),
        ("2024-04-03T15:30:00Z", "2024-04-03T15:30:00+00:00"),
        ("2024-04-03 15:30:00 UTC", "2024-04-03T15:30:00+00:00"),
        ("2024-04-03 15:30:00+00", "2024-04-03T15:30:00+00:00"),
        ("2022-04-12 09:30:00 -0300", "2022-04-12T09:30:00-03:00"),
        ("2022-04-12T09:30-03:00", "2022-04-12T09:30:00-03:00"),
        ("2020-01-31T09:10:39+05:30", "2020-01-31T09:10:39+05:30"),
        ("2024-03-01T08:00:00.000-03:00", "2024-03-01T08:00:00-03:00"),
        ("2020-01-31T09:27:39.071299-03:00", "2020-01-31T09:27:39.071299-03:00"),
        ("2020-01-31T09:27:39.0712991-03:00", "2020-01-31T09:27:39.071299-03:00"),
        ("29/02/2024", "2024-02-29T00:00:00-03:00"),
        ("\u200e25/12/2023", "2023-12-25T00:00:00-03:00"),
        ("1900-01-01", "1900-01-01T00:00:00-03:06"),
        ("31/12/2100", "2100-12-31T00:00:00-03:00"),
        (date(2024, 4, 3), "2024-04-03T00:00:00-03:00"),
        (datetime(2024, 4, 3, 15, 29, 59, 999_999), "2024-04-03T15:30:00-03:00"),  # noqa: DTZ001 - a cell has no zone
        (datetime(2024, 4, 3, 15, 30, tzinfo=UTC), "2024-04-03T15:30:00+00:00"),
        (ShownNumber(3042024, "03/04/2024"), "2024-04-03T00:00:00-03:00"),
    ],
)
def test_dates(cell: object, sent: str) -> None:
    assert read(cell) == sent


@pytest.mark.parametrize(
    ("cell", "sent"),
    [
        ("15/01/1990", "1990-01-15T00:00:00-02:00"),  # summer
        ("15/07/1990", "1990-07-15T00:00:00-03:00"),
        ("04/11/2018", "2018-11-04T01:00:00-02:00"),  # the clocks went from 00:00 to 01:00
        ("18/02/2018 00:30", "2018-02-18T00:30:00-03:00"),
        ("01/01/1905", "1905-01-01T00:00:00-03:06"),  # -03:06:28
    ],
)
def test_the_zone_of_that_day(cell: str, sent: str) -> None:
    assert read(cell) == sent


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        None,
        "0/0/00",
        "00/00/0000",
        "0/0/0000",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00-00-00",
        "0000-0-0",
    ],
)
def test_blank(cell: object) -> None:
    assert read(cell) == ""


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2024", "29/02/2023", "3 de abril de 2024", "45385", "--03-12", "amanhã", "12/25/2023",
        "2024-13-01",
        "2024-04", "04/2024", "20240403", "03/04-2024", "03/04/024", "1899-12-31", "31/12/1899", "01/01/2101",
        "03/04/2024 24:00", "03/04/2024 15:60", "03/04/2024 13:00 PM", "03/04/2024 0:30 PM", "03/04/2024T",
        "15:30",
        "03/04/2024 15:30 +15:00", "03/04/2024 15:30 -03:60", "03/04/2024 15h30", "2024-04-03 -03:00", "--",
        "0",
        45385, 45385.5, time(13, 18), timedelta(hours=1), True, date(1899, 12, 31), date(2101, 1, 1), 10**16,
        "\u0663/\u0664/2024",
    ],
)  # fmt: skip
def test_no_date(cell: object) -> None:
    assert refusal(cell).code == "date-invalid"


def test_month_first() -> None:
    assert read("12/25/2023", MDY) == "2023-12-25T00:00:00-03:00"
    assert read("03/04/2024", MDY) == "2024-03-04T00:00:00-03:00"
    assert refusal("25/12/2023", MDY).code == "date-invalid"


def test_without_an_order_only_what_is_clear_is_read() -> None:
    assert read("12/25/2023", OPEN) == "2023-12-25T00:00:00-03:00"
    assert read("25/12/2023", OPEN) == "2023-12-25T00:00:00-03:00"
    assert read("05/05/2024", OPEN) == "2024-05-05T00:00:00-03:00"
    issue = refusal("03/04/2024", OPEN)
    assert issue.code == "date-ambiguous"
    assert dict(issue.details) == {"one": "2024-04-03", "other": "2024-03-04"}


def test_year_first_with_two_digits() -> None:
    assert read("24-04-03", YMD) == "2024-04-03T00:00:00-03:00"
    assert read("25/12/2023", YMD) == "2023-12-25T00:00:00-03:00"
    assert refusal("03/04/2024", YMD).code == "date-ambiguous"


@pytest.mark.parametrize(
    ("cell", "orders"),
    [
        ("25/12/2023", {"dmy"}),
        ("12/25/2023 10:00", {"mdy"}),
        ("03/04/2024", {"dmy", "mdy"}),
        ("05/05/24", {"dmy", "mdy"}),
        ("29/02/00", {"dmy"}),
        ("2024-04-03", {"dmy", "mdy"}),
        (date(2024, 4, 3), {"dmy", "mdy"}),
        (ShownNumber(3042024, "03/04/2024"), {"dmy", "mdy"}),
        ("31/31/2024", set()),
        ("03/04/2024 25:00", set()),
        ("amanhã", set()),
        ("#N/A", set()),
        ("", set()),
        ("0/0/00", set()),
        (45385, set()),
        (None, set()),
    ],
)
def test_orders(cell: object, orders: set[str]) -> None:
    assert date_readings(cell) == orders


FIRST, LAST = datetime(1900, 1, 2), datetime(2100, 12, 30)  # noqa: DTZ001 - a cell has no zone
MOMENTS = st.datetimes(FIRST, LAST).map(lambda moment: moment.replace(microsecond=0))


@given(
    MOMENTS,
    st.sampled_from(("%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%d.%m.%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S")),
    st.integers(-14 * 60, 14 * 60),
)
def test_what_was_formatted_is_read_again(moment: datetime, form: str, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    # the year by hand, since not every strftime fills it up
    text = moment.strftime(form.replace("%Y", f"{moment.year:04}"))
    sent = read(text + moment.replace(tzinfo=zone).isoformat()[-6:])
    assert EXACT.fullmatch(sent)
    assert datetime.fromisoformat(sent) == moment.replace(tzinfo=zone)
    assert read(sent) == sent


@example(datetime(1914, 1, 1), "dmy")  # noqa: DTZ001
@given(MOMENTS, st.sampled_from(("dmy", "mdy", None)))
def test_a_wall_time_stays_unless_its_zone_skipped_it(moment: datetime, order: DateOrder | None) -> None:
    locale = Locale("BR", SAO_PAULO, order, this_year=2026)
    sent = datetime.fromisoformat(read(moment, locale))
    shift = sent.replace(tzinfo=None) - moment
    # in summer time, and once when the sun's time of São Paulo gave way to the zone's
    assert shift in (timedelta(0), timedelta(hours=1), timedelta(minutes=6, seconds=28))
    assert abs(sent - moment.replace(tzinfo=SAO_PAULO)) < timedelta(minutes=1)
    assert read(moment.isoformat(" "), locale) == read(moment, locale)


@given(st.one_of(st.text("0123456789/-. :TZ+apm", max_size=25), st.text(max_size=20)))
def test_readings_and_reading_agree(text: str) -> None:
    orders = date_readings(text)
    for order, locale in (("dmy", DMY), ("mdy", MDY)):
        try:
            sent = read(text, locale)
        except CellRefused:
            assert order not in orders
        else:
            assert not sent or EXACT.fullmatch(sent)
            assert (order in orders) is bool(sent)


def test_instants() -> None:
    assert same_instant("2020-01-31T00:00:00-03:00", "2020-01-31T03:00:00.000000Z")
    assert not same_instant("2020-01-31T00:00:00-03:00", "2020-01-31")
    assert not same_instant("2020-01-31T00:00:00-03:00", "x")
