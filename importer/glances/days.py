"""A glance at dates."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache, partial
from itertools import chain, pairwise
from operator import itemgetter
from typing import TypeVar

from importer.dates import date_readings
from importer.glances import Rule, Said, Texts
from importer.glances.shapes import Shape, are_lines, joined
from importer.issues import CellRefused
from importer.options import Locale

Known = TypeVar("Known")
_DAYS_MAX = 50_000
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?+")
_MIDNIGHT = "T00:00:00"
_SIGNS = ("-", "/", ".")
_LAST_MONTH = "12"
_LONGEST = 31
"""Days of a month."""
_STEP = 3
"""Days within which no zone changes its clocks twice."""
_STEPS = [timedelta(days=number) for number in range(0, _LONGEST + _STEP, _STEP)]
"""From the beginning of a month until it is over."""
_NUMBERS = [f"{number:02}" for number in range(1, _LONGEST + 1)]
_IN_EVERY_MONTH = frozenset(_NUMBERS[:28])
_FULL = 10
"""Characters of a day whose parts are written in full."""
_ENDS = {0: "", 10: "00:00:00", 16: ":00", 19: ""}
"""What a text of so many characters, a day in full and perhaps a clock, says less than its value does."""
_UNKNOWN = "", ""
_NO_DAY = "0000-00-00 00:00:00"
"""Stands where there is none."""
_SIGNS_OF_CLOCKS: dict[int, list[tuple[int, int]]] = {
    length: [(at, at) for at in (11, 12, 14, 15, 17, 18) if at < length] for length in (_FULL, 16, 19)
}
"""Where each digit of a clock stands in ISO 8601, and where in a text of so many characters."""

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

    at: where the number of the day stands. month: what of a day, or how much of it, tells the month.
    signs: where each digit stands in ISO 8601, and where in this form.
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
        self.month = {"": slice(8), "dmy": slice(2, _FULL), "mdy": slice(_FULL)}[order]
        parts = zip(
            (0, 5, 8), (6 if order else 0, 3 - self.at if order else 5, self.at), (4, 2, 2), strict=True
        )
        self.signs = [(to + sign, at + sign) for to, at, length in parts for sign in range(length)]

    def fits(self, day: str) -> bool:
        """Whether a text is a day in this form, and one that is there in every year."""
        return self._shape.fits(joined([day]))

    def misfits(self, text: str) -> list[int]:
        """See `Shape`."""
        return list(self._shape.misfits(text))

    def speaks(self, text: str) -> bool:
        """Whether some text could not be of the other order."""
        return self._speaks.search(text) is not None

    def day(self, number: str, month: str) -> str:
        """A day, by its number in a month, of which its `month` tells."""
        match self.order:
            case "":
                return month + number
            case "dmy":
                return number + month
        return month[: self.at] + number + month[self.at + 2 :]

    def first_of_month(self, day: str) -> date:
        """The first day of the month of a day in this form."""
        year, month = (day[:4], day[5:7]) if not self.order else (day[6:], day[3 - self.at : 5 - self.at])
        return date(int(year), int(month), 1)


_form = cache(_Form)


class _Months(dict[str, Known]):
    """What is known of months, see `DayGlance`; of others `find` tells."""

    def __init__(self, find: Callable[[str], Known]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, month: str) -> Known:
        found = self[month] = self._find(month)
        return found


class DayGlance:
    """Dates, with or without a time of day. The rule is asked once for all months of one offset from UTC, and after
    changes of clocks.

    orders: of day and month, those in which alone some of the dates that were seen can be read.
    """

    def __init__(self, rule: Rule, locale: Locale, *, is_decided: bool) -> None:
        self.orders: set[str] = set()
        self._rule, self._zone = rule, locale.zone
        order = (is_decided and locale.date_order) or ""
        self._order = order if order in _ORDERS else ""
        # before the time (or before the number of the day) and behind it; _UNKNOWN where it is not so simple
        self._months: dict[_Form, _Months[tuple[str, str]]] = {}
        # an offset, behind a midnight, and the same of the months that have another
        self._others: dict[_Form, tuple[str, _Months[tuple[str, str] | None]]] = {}
        self._in_full: dict[str, tuple[str, str]] = {}  # of months in which clocks are changed
        self._days: dict[str, tuple[str, str]] = {}
        self._behind: dict[timedelta, str] = {}  # a midnight, by the offset
        self._clocks = {"": _MIDNIGHT}

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
            found = self._values(form, texts, others)
            for at in [at for at, value in enumerate(found) if not value]:
                text = texts[at]
                before, behind = self._in_full.get(text, _UNKNOWN)
                found[at] = f"{before}{_MIDNIGHT}{behind}" if before else text and self._value_alone(text)
            return found

        return values

    def _values(self, form: _Form, texts: Texts, others: Sequence[int]) -> list[str]:
        """The values of texts of one form; "" where it is not so simple, and for others."""
        if others:
            texts = list(texts)
            for at in others:
                texts[at] = ""
        length = len(next(filter(None, texts), ""))
        if length in _SIGNS_OF_CLOCKS:
            days = [text or _NO_DAY[:length] for text in texts]
            text = joined(days)
            if text[:: length + 1] == "\n" * (len(days) + 1):
                return self._values_of_days(form, days, text, length)
        start, end = form.at, form.at + 2
        months = map(self._months_of(form).__getitem__, map(itemgetter(form.month), texts))
        return [
            before and f"{before}{text[start:end]}T{text[_FULL + 1 :]}{_ENDS[len(text)]}{behind}"
            for text, (before, behind) in zip(texts, months, strict=True)
        ]

    def _values_of_days(self, form: _Form, days: Sequence[str], text: str, length: int) -> list[str]:
        """The same of days that all have the same length, with a clock or without; text: these, joined. All are written
        anew at once, one sign of all at a time, as if they were in months of one offset; then those that are not, one
        by one.
        """
        offset, others = self._others_of(form, days)
        value, signs = f"\n{_NO_DAY.replace(' ', 'T')}{offset}", text.encode("ascii")
        written = bytearray(value.encode("ascii")) * len(days)
        for to, at in chain(form.signs, _SIGNS_OF_CLOCKS[length]):
            written[1 + to :: len(value)] = signs[1 + at :: length + 1]
        values = written.decode("ascii")[1:].split("\n")
        found = map(others.__getitem__, map(itemgetter(form.month), days))
        for at, (before, behind) in [(at, other) for at, other in enumerate(found) if other]:
            number = days[at][form.at : form.at + 2]
            values[at] = before and f"{before}{number}T{days[at][_FULL + 1 :]}{_ENDS[length]}{behind}"
        return values

    def _months_of(self, form: _Form) -> _Months[tuple[str, str]]:
        if form not in self._months:
            self._months[form] = _Months(partial(self._read_month, form))
        return self._months[form]

    def _others_of(self, form: _Form, days: Sequence[str]) -> tuple[str, _Months[tuple[str, str] | None]]:
        """The offset of most of the first days that there were, and what is known of months that have another."""
        if form not in self._others:
            months = self._months_of(form)
            of_days = Counter(months[day[form.month]][1] for day in days)
            of_days[""] = 0  # what is not known
            ((usual, _),) = of_days.most_common(1)

            def other(month: str) -> tuple[str, str] | None:
                before, behind = months[month]
                return None if before and behind == usual else (before, behind)

            if not usual:  # the next ones may tell
                return usual, _Months(other)
            self._others[form] = usual, _Months(other)
        return self._others[form]

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
        time = self._clocks.get(clock) or self._note_clock(clock)
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
        found = _UNKNOWN
        form = self._form_of(day) if len(day) == _FULL else None
        if form:
            number = day[form.at : form.at + 2]
            before, behind = self._months_of(form)[day[form.month]] if number in _IN_EVERY_MONTH else _UNKNOWN
            found = (before + number, behind) if before else self._in_full.get(day, _UNKNOWN)
            if found[0] and form.order and number > _LAST_MONTH:
                self.orders.add(form.order)
        self._days[day] = found = found if found[0] else self._note_alone(day)
        return found

    def _read_month(self, form: _Form, month: str) -> tuple[str, str]:
        day = form.day("01", month)
        if not form.fits(day):
            return _UNKNOWN
        first = form.first_of_month(day)
        before, offset = first.isoformat()[:8], _offset_during(self._zone, first)
        if offset is None:
            self._note_each(form, month, first)
            return _UNKNOWN
        if offset not in self._behind:
            value, midnight = self._value(day), f"{before}01{_MIDNIGHT}"
            if not value.startswith(midnight):
                return _UNKNOWN
            self._behind[offset] = value.removeprefix(midnight)
        return before, self._behind[offset]

    def _note_each(self, form: _Form, month: str, first: date) -> None:
        """Note the days of a month in which clocks are changed, or very shortly after."""
        if len(self._in_full) > _DAYS_MAX:
            self._in_full.clear()
        before, behind = first.isoformat()[:8], ""
        for number, is_steady in zip(_NUMBERS, _are_steady(self._zone, first), strict=False):
            if not is_steady:
                behind = ""
                continue
            written = form.day(number, month)
            behind = behind or self._value(written).removeprefix(before + number)
            if behind.startswith(_MIDNIGHT):
                self._in_full[written] = before + number, behind.removeprefix(_MIDNIGHT)

    def _note_alone(self, day: str) -> tuple[str, str]:
        value = self._value(day)
        if value[10:19] != _MIDNIGHT or not _is_steady(self._zone, value[:10]):
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


def _offset_during(zone: tzinfo, first: date) -> timedelta | None:
    """The offset of a zone on all days of a month; None if clocks are changed then, or very shortly after."""
    begin = datetime(first.year, first.month, 1, tzinfo=zone)
    offsets = {(begin + step).utcoffset() for step in _STEPS}
    return offsets.pop() if len(offsets) == 1 else None


@lru_cache(maxsize=_DAYS_MAX)
def _is_steady(zone: tzinfo, day: str) -> bool:
    """Whether clocks are not changed on a day."""
    start = datetime.fromisoformat(day).replace(tzinfo=zone)
    return len(_offsets_at(start) | _offsets_at(start + timedelta(days=1))) == 1


def _are_steady(zone: tzinfo, first: date) -> Iterable[bool]:
    """The same of each day of a month."""
    days = ((first + timedelta(days=_LONGEST)).replace(day=1) - first).days
    start = datetime(first.year, first.month, 1, tzinfo=zone)
    offsets = [_offsets_at(start + timedelta(days=day)) for day in range(days + 1)]
    return (len(one | other) == 1 for one, other in pairwise(offsets))


def _offsets_at(moment: datetime) -> set[timedelta | None]:
    """Those that a zone has at a moment, which clocks that are set back show twice."""
    return {moment.utcoffset(), moment.replace(fold=1).utcoffset()}
