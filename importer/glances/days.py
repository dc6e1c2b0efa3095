"""A glance at dates."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache, partial
from operator import itemgetter
from typing import TypeVar

from importer.dates import date_readings
from importer.glances import Rule, Said, Texts
from importer.glances.shapes import Shape, are_lines, joined
from importer.issues import CellRefused
from importer.options import Locale

_DAYS_MAX = 50_000
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?+")
_MIDNIGHT = "T00:00:00"
_SIGNS = ("-", "/", ".")
_LAST_MONTH = "12"
_LONGEST = 31
"""Days of a month."""
_NUMBERS = [f"{number:02}" for number in range(1, _LONGEST + 1)]
_FULL = 10
"""Characters of a day whose parts are written in full."""
_day_in, _clock_in = itemgetter(slice(_FULL)), itemgetter(slice(_FULL + 1, None))
_MIDNIGHT_TO = _FULL + len(_MIDNIGHT)
_UNKNOWN = "", ""

_YEAR = "(?:19|20)[0-9]{2}"
_MONTHS = (  # days, and the months that have them; the 29th of February is asked about
    ("(?:0[1-9]|1[0-9]|2[0-8])", "(?:0[1-9]|1[0-2])"),
    ("(?:29|30)", "(?:0[13-9]|1[0-2])"),
    ("31", "(?:0[13578]|1[02])"),
)
_ORDERS = {
    "": "{year}{sign}{month}{sign}{day}",
    "dmy": "{day}{sign}{month}{sign}{year}",
    "mdy": "{month}{sign}{day}{sign}{year}",
}


class _Form:
    """A way to write a day in full, with or without a clock: its order, "" where the year is first, and its sign.

    at: where the number of the day stands.
    """

    def __init__(self, order: str, sign: str) -> None:
        self.order = order
        pattern = partial(_ORDERS[order].format, year=_YEAR, sign=re.escape(sign))
        clock = f"(?: {_CLOCK.pattern})?+"
        self._shape = Shape(f"(?:{'|'.join(pattern(day=day, month=month) for day, month in _MONTHS)}){clock}")
        late = [("(?:1[3-9]|2[0-8])", _MONTHS[0][1]), *_MONTHS[1:]]
        days = "|".join(pattern(day=day, month=month) for day, month in late)
        self._speaks = re.compile(rf"\n(?:{days}){clock}\n")
        self.at = {"": 8, "dmy": 0, "mdy": 3}[order]

    def misfits(self, text: str) -> list[int]:
        """See `Shape`."""
        return list(self._shape.misfits(text))

    def speaks(self, text: str) -> bool:
        """Whether some text could not be of the other order."""
        return self._speaks.search(text) is not None


_form = cache(_Form)


_Found = TypeVar("_Found")


class _Memo(dict[str, _Found]):
    """What is known of texts; of others `find` tells, and notes it if it likes."""

    def __init__(self, find: Callable[[str], _Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: str) -> _Found:
        return self._find(text)


class DayGlance:
    """Dates, with or without a time of day. Of a month the rule is asked once, and after each change of clocks.

    orders: of day and month, those in which alone some of the dates that were seen can be read.
    """

    def __init__(self, rule: Rule, locale: Locale, *, is_decided: bool) -> None:
        self.orders: set[str] = set()
        self._rule, self._zone = rule, locale.zone
        order = (is_decided and locale.date_order) or ""
        self._order = order if order in _ORDERS else ""
        # of days in full; "" where it is not so simple
        self._midnights = _Memo(self._note_month)
        self._midnights[""] = ""
        # before the time and behind it; of a day of which it is not so simple, _UNKNOWN
        self._in_full = _Memo(self._note_around)
        self._days: dict[str, tuple[str, str]] = {}
        self._clocks = _Memo(self._note_clock)
        self._clocks[""] = _MIDNIGHT

    def __call__(self, texts: Texts, unsure: list[int]) -> Said:
        """See `Glance`."""
        text, form = joined(texts), self._form_of(next(filter(None, texts), ""))
        if form and are_lines(text, len(texts)):
            others = form.misfits(text)
            if form.order and form.order not in self.orders and form.speaks(text):
                self.orders.add(form.order)
        else:
            others = [at for at, text in enumerate(texts) if text]
        unknown = {at for at in others if not self._moment(texts[at])}
        for at in unknown:
            self.note(texts[at])
        unsure += unknown

        def values() -> Sequence[object]:
            if form is None:
                return [text and self._value_alone(text) for text in texts]
            found = self._values(texts)
            for at in others:
                found[at] = ""
            for at in [at for at, value in enumerate(found) if not value]:
                found[at] = texts[at] and self._value_alone(texts[at])
            return found

        return values

    def _values(self, texts: Texts) -> list[str]:
        """The values of texts of one form; "" where it is not so simple."""
        if max(map(len, texts)) <= _FULL:
            return list(map(self._midnights.__getitem__, texts))
        days = map(self._in_full.__getitem__, map(_day_in, texts))
        clocks = map(self._clocks.__getitem__, map(_clock_in, texts))
        return [
            before and f"{before}{clock}{behind}"
            for (before, behind), clock in zip(days, clocks, strict=True)
        ]

    def _value_alone(self, text: str) -> str:
        # a day on which clocks are changed is as good as any other, but the rule knows which time it is
        return self._moment(text) or self._value_of(text)

    def _form_of(self, text: str) -> _Form | None:
        if text[4:5] in _SIGNS:
            return _form("", text[4])
        at = 2 if self._order else _FULL
        return _form(self._order, text[at]) if text[at : at + 1] in _SIGNS else None

    def _moment(self, text: str) -> str:
        """The value of a date; "" if it cannot be told."""
        day, _, clock = text.partition(" ")
        try:
            before, behind = self._days[day]
            return f"{before}{self._clocks[clock]}{behind}" if before else ""
        except KeyError:
            return self._read(day, clock)

    def _read(self, day: str, clock: str) -> str:
        """The value of a day or a clock of which nothing is known yet; "" if it cannot be told."""
        if len(self._days) > _DAYS_MAX:
            self._days.clear()
        time = self._clocks[clock]
        if not time:
            return ""
        before, behind = self._days.get(day) or self._note_day(day)
        return f"{before}{time}{behind}" if before else ""

    def note(self, cell: object) -> None:
        """Heed which order a cell speaks for."""
        readings = date_readings(cell)
        if len(readings) == 1:
            self.orders |= readings

    def _note_day(self, day: str) -> tuple[str, str]:
        found = self._in_full[day]
        form = self._form_of(day) if found[0] else None
        if form and form.order and day[form.at : form.at + 2] > _LAST_MONTH:
            self.orders.add(form.order)
        self._days[day] = found = found if found[0] else self._note_alone(day)
        return found

    def _note_around(self, day: str) -> tuple[str, str]:
        midnight = self._midnights[day]
        self._in_full[day] = found = (midnight[:_FULL], midnight[_MIDNIGHT_TO:]) if midnight else _UNKNOWN
        return found

    def _note_month(self, day: str) -> str:
        """Note all days of the month of a day that is written in full."""
        form = self._form_of(day) if len(day) == _FULL else None
        value = self._value(day) if form else ""
        if form is None or not value:
            return ""
        if len(self._midnights) > _DAYS_MAX:
            self._midnights.clear()
        month, numbers = value[:8], _numbers_in(value)
        before, after = day[: form.at], day[form.at + 2 :]
        if value[_FULL:_MIDNIGHT_TO] == _MIDNIGHT and _is_steady(self._zone, f"{month}01", _LONGEST):
            behind = value[_FULL:]
            self._midnights |= {f"{before}{one}{after}": f"{month}{one}{behind}" for one in numbers}
        else:
            self._note_each({f"{before}{one}{after}": month + one for one in numbers})
        return self._midnights.get(day, "")

    def _note_each(self, days: Mapping[str, str]) -> None:
        """Note days that follow one another, as they are written and in ISO 8601, among which clocks are changed."""
        behind = ""
        for written, one in days.items():
            if _is_steady(self._zone, one, 1):
                behind = behind or self._value(written).removeprefix(one)
                is_simple = behind.startswith(_MIDNIGHT)
                self._midnights[written] = one + behind if is_simple else ""
            else:
                self._midnights[written] = behind = ""

    def _note_alone(self, day: str) -> tuple[str, str]:
        value = self._value(day)
        if value[10:19] != _MIDNIGHT or not _is_steady(self._zone, value[:10], 1):
            return _UNKNOWN
        self.note(day)
        return value[:10], value[19:]

    def _value(self, text: str) -> str:
        """The value of a day without a clock; "" if it is none."""
        return self._value_of(text) if _DAY.fullmatch(text) else ""

    def _value_of(self, text: str) -> str:
        try:
            return str(self._rule(text, []))
        except CellRefused:
            return ""

    def _note_clock(self, text: str) -> str:
        if not _CLOCK.fullmatch(text):
            return ""
        self._clocks[text] = time = f"T{text}:00" if len(text) == 5 else f"T{text}"
        return time


def _numbers_in(day: str) -> Sequence[str]:
    """The numbers of all days of the month of a day, which is in ISO 8601."""
    first = date(int(day[:4]), int(day[5:7]), 1)
    return _NUMBERS[: ((first + timedelta(days=_LONGEST)).replace(day=1) - first).days]


@lru_cache(maxsize=_DAYS_MAX)
def _is_steady(zone: tzinfo, day: str, count: int) -> bool:
    """Whether clocks are not changed from a day on, so many days long. No zone changes them twice in two days."""
    start = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = start + timedelta(days=count)
    between = (start + timedelta(days=number) for number in range(0, count, 2))
    offsets = {one.utcoffset() for one in (*between, end, start.replace(fold=1), end.replace(fold=1))}
    return len(offsets) == 1
