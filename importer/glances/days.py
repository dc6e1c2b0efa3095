"""A glance at dates."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from importer.dates import date_readings
from importer.glances import Rule, Said, Texts
from importer.glances.shapes import Shape, are_lines, joined
from importer.issues import CellRefused
from importer.options import Locale

_DAYS_MAX = 50_000
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?+")
_MIDNIGHT = "T00:00:00"
_IN_EVERY_MONTH = frozenset(f"{day:02}" for day in range(1, 29))
_LAST_MONTH = "12"
_FULL = 10
"""Characters of a day whose parts are written in full."""


class _Form:
    """A way to write a day in full, with or without a clock. order: of day and month, "" where they follow the year."""

    def __init__(self, order: str, pattern: str) -> None:
        self.order = order
        number = "(?:0[1-9]|1[0-9]|2[0-8])"
        day = pattern.replace("-", "[-/.]").replace("D", number)
        day = day.replace("M", "[0-9]{2}").replace("Y", "[0-9]{4}")
        self._shape = Shape(f"{day}(?: {_CLOCK.pattern})?+")
        self.at = pattern.replace("M", "MM").replace("Y", "YYYY").index("D")

    def misfits(self, text: str) -> list[int]:
        """See `Shape`; it has only days that every month has."""
        return self._shape.misfits(text)

    def months(self, texts: Texts) -> set[str]:
        """All but the day's number and the clock, of texts of this form."""
        at = self.at
        if not at:
            return {text[2:_FULL] for text in texts}
        if at == _FULL - 2:
            return {text[:at] for text in texts}
        return {text[:at] + text[at + 2 : _FULL] for text in texts}

    def parts(self, day: str) -> tuple[str, str]:
        """The number of a day, and its month as in `months`."""
        return day[self.at : self.at + 2], day[: self.at] + day[self.at + 2 :]


_YEAR_FIRST = _Form("", "Y-M-D")
_YEAR_LAST = {"dmy": _Form("dmy", "D-M-Y"), "mdy": _Form("mdy", "M-D-Y")}


class DayGlance:
    """Dates, with or without a time of day. Of a month the rule is asked for the first and the 28th day only.

    orders: of day and month, those in which alone some of the dates that were seen can be read.
    """

    def __init__(self, rule: Rule, locale: Locale, *, is_decided: bool) -> None:
        self.orders: set[str] = set()
        self._rule, self._zone = rule, locale.zone
        self._year_last = _YEAR_LAST.get((is_decided and locale.date_order) or "")
        self._dates = {"": ""}  # those without a time
        # before the time and behind it; of a month or a day of which it is not so simple, ("", "")
        self._months: dict[str, tuple[str, str]] = {}
        self._steady: set[str] = set()  # months of which it is so simple
        self._days: dict[str, tuple[str, str]] = {}
        self._clocks = {"": _MIDNIGHT}

    def __call__(self, texts: Texts, unsure: list[int]) -> Said:
        """See `Glance`."""
        first = next(filter(None, texts), "")
        text, form = joined(texts), self._form_of(first)
        if form and are_lines(text, len(texts)):
            others = self._others(texts, form, form.misfits(text))
        else:
            others = [at for at, text in enumerate(texts) if text]
        unknown = {at for at in others if not self._moment(texts[at])}
        for at in unknown:
            self.note(texts[at])
        unsure += unknown

        def values() -> Sequence[object]:
            known = self._dates
            return [known.get(text) or self._moment(text) for text in texts]

        return values

    def _form_of(self, text: str) -> _Form | None:
        return _YEAR_FIRST if text[4:5] in ("-", "/", ".") else self._year_last

    def _others(self, texts: Texts, form: _Form, misfits: list[int]) -> list[int]:
        """Where those stand that a form does not settle, misfits and such as are of odd months."""
        if misfits:
            texts = list(texts)
            for at in misfits:
                texts[at] = ""
        months = form.months(texts) - self._steady
        months.discard("")
        odd = {month for month in months if not (self._months.get(month) or self._note_month(month, form))[0]}
        self._steady |= months - odd
        if odd:
            misfits += [at for at, text in enumerate(texts) if text and form.parts(text[:_FULL])[1] in odd]
        if form.order and form.order not in self.orders:
            begin, end = form.at, form.at + 2
            if any(text[begin:end] > _LAST_MONTH for text in texts):
                self.orders.add(form.order)
        return misfits

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
            self._dates = {"": ""}
        time = self._clocks.get(clock) or self._note_clock(clock)
        if not time:
            return ""
        before, behind = self._days.get(day) or self._note_day(day)
        if not before:
            return ""
        if not clock:
            self._dates[day] = f"{before}{time}{behind}"
        return f"{before}{time}{behind}"

    def note(self, cell: object) -> None:
        """Heed which order a cell speaks for."""
        readings = date_readings(cell)
        if len(readings) == 1:
            self.orders |= readings

    def _note_day(self, day: str) -> tuple[str, str]:
        found = "", ""
        form = self._form_of(day) if len(day) == _FULL else None
        if form:
            number, month = form.parts(day)
            if number in _IN_EVERY_MONTH:
                before, behind = self._months.get(month) or self._note_month(month, form)
                if before:
                    found = before + number, behind
                    if form.order and number > _LAST_MONTH:
                        self.orders.add(form.order)
        self._days[day] = found = found if found[0] else self._note_alone(day)
        return found

    def _note_month(self, month: str, form: _Form) -> tuple[str, str]:
        at = form.at
        first, last = (self._value(month[:at] + number + month[at:]) for number in ("01", "28"))
        before, behind = found = first[:8], first[19:]
        expected = [f"{before}{number}{_MIDNIGHT}{behind}" for number in ("01", "28")]
        if [first, last] != expected or not _is_steady(self._zone, first[:10], 28):
            found = "", ""
        self._months[month] = found
        return found

    def _note_alone(self, day: str) -> tuple[str, str]:
        value = self._value(day)
        if value[10:19] != _MIDNIGHT or not _is_steady(self._zone, value[:10], 1):
            return "", ""
        self.note(day)
        return value[:10], value[19:]

    def _value(self, text: str) -> str:
        if not _DAY.fullmatch(text):
            return ""
        try:
            return str(self._rule(text, []))
        except CellRefused:
            return ""

    def _note_clock(self, text: str) -> str:
        if not _CLOCK.fullmatch(text):
            return ""
        self._clocks[text] = time = f"T{text}:00" if len(text) == 5 else f"T{text}"
        return time


@lru_cache(maxsize=_DAYS_MAX)
def _is_steady(zone: tzinfo, day: str, count: int) -> bool:
    """Whether clocks are not changed from a day on, so many days long. No zone changes them twice in two days."""
    start = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = start + timedelta(days=count)
    between = (start + timedelta(days=number) for number in range(0, count, 2))
    offsets = {one.utcoffset() for one in (*between, end, start.replace(fold=1), end.replace(fold=1))}
    return len(offsets) == 1
