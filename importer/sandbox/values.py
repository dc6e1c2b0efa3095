"""The value of a contact field: its text, and what that means as a number and as a datetime."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from msgspec import Struct

from importer.platform import VALUE_MAX


class Value(Struct, frozen=True):
    """What was written. number: plain, without useless zeros. when: ISO 8601 with six decimals and zone."""

    text: str
    number: str | None = None
    when: str | None = None

    def shown(self, value_type: str) -> str | None:
        """As a field of this type shows it. There are no maps, so states and the like are None."""
        return {"text": self.text, "numeric": self.number, "datetime": self.when}.get(value_type)

    @property
    def decimal(self) -> Decimal | None:
        """The number, to be compared."""
        return None if self.number is None else Decimal(self.number)


class Reading(Struct, frozen=True):
    """How a workspace reads dates. now: of the moment of writing, in the workspace's zone."""

    zone: tzinfo
    date_style: str
    now: Callable[[], datetime]


def read_value(text: str, reading: Reading) -> Value:
    """What a (trimmed, not blank) text is kept as; it is cut without a word."""
    text = text[:VALUE_MAX]
    return Value(text, read_number(text), read_datetime(text, reading))


# ------------------------------------------------------------------------------------------------- numbers

NUMBER = re.compile(r"(-?)([0-9]*)(?:\.([0-9]+))?")


def read_number(text: str) -> str | None:
    """`007.50` is 7.5, `-0` is 0; None for anything but plain digits."""
    match = NUMBER.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    whole, part = match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    number = f"{whole}.{part}" if part else whole
    return number if number == "0" else match[1] + number


# ----------------------------------------------------------------------------------------------- datetimes

EXACT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEPARATOR = r"[-./\\_ ]"
_SHORT, _YEAR = r"([0-9]{1,2})", r"([0-9]{4}|[0-9]{2})"
DATES = {
    # pattern; which group is year, month, day
    "day_first": (rf"\b{_SHORT}{_SEPARATOR}{_SHORT}{_SEPARATOR}{_YEAR}\b", (3, 2, 1)),
    "month_first": (rf"\b{_SHORT}{_SEPARATOR}{_SHORT}{_SEPARATOR}{_YEAR}\b", (3, 1, 2)),
    "year_first": (rf"\b{_YEAR}{_SEPARATOR}{_SHORT}{_SEPARATOR}{_SHORT}\b", (1, 2, 3)),
}
TIME = re.compile(
    r"\b([0-9]{1,2})(?::?([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?(?:\s*([ap]m))?\b",
    re.ASCII | re.IGNORECASE,
)
LAST_HOUR = 24


def read_datetime(text: str, reading: Reading) -> str | None:
    """The moment that a text means to the server, or None; without a time it is the present time of day."""
    exact = _read_exact(text)
    if exact is not None:
        return exact
    found = _read_date(text, reading)
    if found is None:
        return None
    day, rest = found
    clock = _read_time(rest)
    if clock is None:
        now = reading.now().time()
        clock = timedelta(
            hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond
        )
    try:
        moment = datetime.combine(day, time()) + clock
        return _show(moment.replace(tzinfo=reading.zone))
    except OverflowError:
        return None


def _read_exact(text: str) -> str | None:
    """A text with a zone; it is shown in that zone."""
    match = EXACT.fullmatch(text)
    if match is None:
        return None
    micros = (match[5] or "").ljust(6, "0")[:6]
    plain = f"{match[1]}T{match[2]}:{match[3]}:{match[4] or '00'}.{micros}"
    try:
        datetime.fromisoformat(plain)
    except ValueError:
        return None
    offset = f"{match[6]}{match[7]}:{match[8]}" if match[6] else "Z"
    return plain + ("Z" if offset[1:] == "00:00" else offset)


def _read_date(text: str, reading: Reading) -> tuple[date, str] | None:
    """The date in a text, and what follows it."""
    if ISO_DATE.fullmatch(text[:10]):
        try:
            return date.fromisoformat(text[:10]), text[10:]
        except ValueError:
            pass
    pattern, order = DATES[reading.date_style]
    for match in re.finditer(pattern, text, re.ASCII):
        year, month, day = (int(match[group]) for group in order)
        if not (1 <= month <= 12 and 1 <= day <= 31):
            continue
        if len(match[order[0]]) == 2:
            year += 1900 if year > reading.now().year % 100 else 2000
        try:
            # the 30th of February is the 1st or 2nd of March
            return date(year, month, 1) + timedelta(days=day - 1), text[match.end() :]
        except (ValueError, OverflowError):
            return None
    return None


def _read_time(text: str) -> timedelta | None:
    """The first time of day in a text."""
    return next(_times(text), None)


def _times(text: str) -> Iterator[timedelta]:
    for match in TIME.finditer(text):
        hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        if hour > LAST_HOUR or minute > 59 or second > 59:
            continue
        if match[5] and hour <= 12:
            hour = hour % 12 + (12 if match[5].lower() == "pm" else 0)
        micros = int((match[4] or "").ljust(6, "0")[:6])
        yield timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _show(moment: datetime) -> str:
    """ISO 8601 with six decimals; Z for an offset of zero."""
    text = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
    offset = moment.utcoffset() or timedelta()
    minutes = abs(int(offset.total_seconds())) // 60
    if not minutes:
        return text + "Z"
    sign = "-" if offset < timedelta() else "+"
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"
