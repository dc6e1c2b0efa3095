"""Dates and times as people write them → ISO 8601 with an offset, the one form that the server reads exactly.

Which of day and month comes first is a matter of the whole column: `date_readings` tells for each cell what
speaks for either order; without an order, a date that would be another day in the other one is refused.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from importer.cells import is_blank, plain_marks, plain_number, read_text, to_second
from importer.issues import CellRefused, Issue
from importer.model import ShownNumber
from importer.options import Locale

FIRST_YEAR, LAST_YEAR = 1900, 2100

_DATE = re.compile(
    r"""
    (?: (?P<year>\d{4}) (?P<sign>[-/.]) (?P<month>\d{1,2}) (?P=sign) (?P<day>\d{1,2})
      | (?P<one>\d{1,2}) (?P<mark>[-/.]) (?P<two>\d{1,2}) (?P=mark) (?P<last>\d{4}|\d{2})
    )
    (?: (?:,?\s+|[Tt])
        (?P<hour>\d{1,2}) : (?P<minute>\d{2}) (?: : (?P<second>\d{2}) (?:[.,](?P<fraction>\d+))? )?
        (?: \s* (?P<half>[AaPp])\.?\s?[Mm]\.? )?
        (?: \s* (?: (?P<utc>[Zz]|UTC|GMT) | (?P<offset>[-+]\d{2}(?::?\d{2})?) ) )?
    )?
    """,
    re.VERBOSE | re.ASCII,
)
_NO_DATE = re.compile(
    r"(?:00?([-/.])00?\1(?:00){1,2}|0000(?P<sign>[-/.])00?(?P=sign)00?)(?:[T ]00?:00(?::00(?:\.0+)?)?)?"
)
_ORDERS = ("dmy", "mdy")
_BOTH = frozenset(_ORDERS)
_ANY_YEAR = 2099
"""In which century two digits are does not matter for the order of day and month."""


def parse_datetime(cell: object, locale: Locale, notes: list[Issue]) -> str:
    """ISO 8601 with seconds and offset, 2024-04-03T15:30:00-03:00; "" if the cell is blank or 00/00/0000.

    Without a time it is 00:00, without an offset the time of the locale's zone. Where the locale has no order
    of day and month, a date that fits only one is taken.

    Raises:
        CellRefused: date-invalid, date-ambiguous, what `read_text` raises.
    """
    if isinstance(cell, date):
        return _sent(_of_cell(cell), locale.zone, cell)
    text = _text(cell, notes)
    if not text or _NO_DATE.fullmatch(text):
        return ""
    match = _DATE.fullmatch(text)
    if match is None:
        raise CellRefused("date-invalid", text)
    days = _days(match, locale.date_order, locale.this_year)
    time = _time(match)
    if not days or time is None:
        raise CellRefused("date-invalid", text)
    if len(days) > 1:
        raise CellRefused("date-ambiguous", text, one=days[0].isoformat(), other=days[1].isoformat())
    moment = datetime(days[0].year, days[0].month, days[0].day, tzinfo=_offset(match)) + time
    return _sent(moment, locale.zone, text)


def date_readings(cell: object) -> frozenset[str]:
    """The orders, of "dmy" and "mdy", in which the cell is a date; none where it is no date at all.

    A column that has cells with but one reading is in this order.
    """
    match = _match(cell)
    if match is None:
        return _BOTH if isinstance(cell, date) else frozenset()
    if _time(match) is None:
        return frozenset()
    return frozenset(order for order in _ORDERS if _days(match, order, _ANY_YEAR))


def same_instant(wanted: str, stored: str) -> bool:
    """Whether two datetimes in ISO 8601 are one instant, however their zones are written."""
    try:
        return datetime.fromisoformat(wanted).astimezone(UTC) == datetime.fromisoformat(stored).astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return False


# ----------------------------------------------------------------------------------------------- reading


def _text(cell: object, notes: list[Issue]) -> str:
    if isinstance(cell, ShownNumber):
        return cell.shown.strip()
    if isinstance(cell, int | float) and not is_blank(cell):  # a bare number is no date
        raise CellRefused("date-invalid", plain_number(cell))
    text = read_text(cell, notes)
    if text and not isinstance(cell, str):  # nor is a time alone
        raise CellRefused("date-invalid", text)
    return plain_marks(text)


def _match(cell: object) -> re.Match[str] | None:
    if isinstance(cell, str | ShownNumber):
        try:
            return _DATE.fullmatch(_text(cell, []))
        except CellRefused:
            pass
    return None


def _days(match: re.Match[str], order: str | None, this_year: int) -> list[date]:
    """The days that are meant: none, one, or two where the order is not known and matters."""
    if match["year"]:
        return _day(int(match["year"]), int(match["month"]), int(match["day"]))
    one, two, last = int(match["one"]), int(match["two"]), match["last"]
    year = int(last) if len(last) == 4 else _full_year(int(last), this_year)
    if order == "dmy":
        return _day(year, two, one)
    if order == "mdy":
        return _day(year, one, two)
    if order == "ymd" and len(last) == 2:
        return _day(_full_year(one, this_year), two, int(last))
    return list(dict.fromkeys(_day(year, two, one) + _day(year, one, two)))


def _day(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)] if FIRST_YEAR <= year <= LAST_YEAR else []
    except ValueError:
        return []


def _full_year(two_digits: int, this_year: int) -> int:
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year else year


def _time(match: re.Match[str]) -> timedelta | None:
    """Time of day; None if there is no such time, or no such offset."""
    if match["hour"] is None:
        return timedelta(0)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if half := match["half"]:
        if hour > 12 or (hour == 0 and half in "Pp"):
            return None
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59 or not _is_offset(match["offset"]):
        return None
    fraction = int(((match["fraction"] or "") + "000000")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)


def _is_offset(offset: str | None) -> bool:
    return offset is None or (int(offset[1:3]) <= 14 and int(offset[3:].lstrip(":") or 0) <= 59)


def _offset(match: re.Match[str]) -> tzinfo | None:
    if match["utc"]:
        return UTC
    offset = match["offset"]
    if not offset:
        return None
    span = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:].lstrip(":") or 0))
    return timezone(-span if offset[0] == "-" else span)


def _of_cell(cell: date) -> datetime:
    return to_second(cell) if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001


# ----------------------------------------------------------------------------------------------- sending


def _sent(moment: datetime, zone: tzinfo, value: object) -> str:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise CellRefused("date-invalid", value)
    if moment.tzinfo is None:
        # there and back: a wall time that the zone skipped becomes the instant that it would have been
        moment = moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    offset = moment.utcoffset() or timedelta(0)
    whole = timedelta(minutes=int(offset / timedelta(minutes=1)))  # seconds were dropped with local mean time
    return moment.replace(tzinfo=timezone(whole)).isoformat()
