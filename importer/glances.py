"""A glance at the cells of one column in many rows: what those say of which no rule needs to be asked, one by one.

`glance_of` gives for each kind of column a function of all its texts. It gives the values that the column's rule would
give without a note, and tells of which texts it cannot tell; then the rule is asked.

A column of few different texts is looked up, and only what is new in it looked at. Tried, and slower: such a memo for
columns that are mostly distinct; one pattern for a whole row; pandas' `factorize`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from importer import platform
from importer.cells import CLEAR
from importer.dates import date_readings
from importer.issues import CellRefused, Issue
from importer.numbering import plan_of, plan_of_code, read_ordinary
from importer.options import Locale
from importer.phones import LENGTH_WITHOUT_NINTH_DIGIT, lacks_ninth_digit


class Unsure:
    """Stands for the value of a cell that says something unusual."""


UNSURE: Final = Unsure()

Texts = Sequence[str]
Glance = Callable[[Texts, list[int]], Sequence[object]]
"""Texts → their values; puts into the list where those stand of which it cannot tell."""
Rule = Callable[[object, list[Issue]], object]
"""A cell → its value; UNSURE where it says something unusual. Raises CellRefused."""

MEMO_MAX = 20_000
"""A column of more different texts is none of few."""


def no_glance(texts: Texts, unsure: list[int]) -> Texts:
    """Nothing is to be seen of a column whose cells are all asked about."""
    unsure += [at for at, text in enumerate(texts) if text]
    return texts


def remembering(glance: Glance) -> Glance:
    """A glance that looks at each of few different texts once."""
    known: dict[str, object] = {}

    def look(texts: Texts, unsure: list[int]) -> Sequence[object]:
        try:
            return list(map(known.__getitem__, texts))
        except KeyError:
            if len(known) > MEMO_MAX:
                return glance(texts, unsure)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        doubtful: list[int] = []
        known.update(zip(new, glance(new, doubtful), strict=True))
        for at in doubtful:
            del known[new[at]]
        if doubtful:
            unsure += [at for at, text in enumerate(texts) if text not in known]
        return list(map(known.get, texts))

    return look


# ------------------------------------------------------------------------------------------------- texts

_ERROR = re.compile(r"\nE[Rr][Rr]:")


def are_plain(texts: Texts) -> bool:
    """Whether each is blank, or just what `read_text` makes of it, and means nothing else. In doubt, no."""
    fenced = "\n".join(("", *texts, ""))
    # no printable character is a line break, nor any blank but the plain one
    if fenced.count("\n") != len(texts) + 1 or not fenced.replace("\n", "").isprintable():
        return False
    if not fenced.isascii() and not unicodedata.is_normalized("NFC", fenced):
        return False
    if "\n " in fenced or " \n" in fenced or f"\n{CLEAR}\n" in fenced:
        return False
    if "\n=" in fenced or "\n#" in fenced or "\n'" in fenced or "\n[" in fenced:  # guards, errors, examples
        return False
    return "\nE" not in fenced or _ERROR.search(fenced) is None


def exceptions(texts: Texts, are_sure: Callable[[Texts], bool], first: int = 0) -> Iterator[int]:
    """Where those texts stand that alone are not sure. A few among many are found by halving."""
    if not texts or are_sure(texts):
        return
    if len(texts) == 1:
        yield first
        return
    half = len(texts) // 2
    yield from exceptions(texts[:half], are_sure, first)
    yield from exceptions(texts[half:], are_sure, first + half)


def glance_at_texts(longest: int) -> Glance:
    """Texts that are stored as they stand."""
    known: set[str] = set()

    def are_sure(texts: Texts) -> bool:
        return max(map(len, texts)) <= longest and are_plain(texts)

    def glance(texts: Texts, unsure: list[int]) -> Texts:
        if known.issuperset(texts):
            return texts
        if len(known) > MEMO_MAX:
            unsure.extend(exceptions(texts, are_sure))
            return texts
        new = list(set(texts).difference(known))
        doubtful = {new[at] for at in exceptions(new, are_sure)}
        known.update(new)
        known.difference_update(doubtful)
        if doubtful:
            unsure += [at for at, text in enumerate(texts) if text in doubtful]
        return texts

    return glance


def glance_at_ids(scheme: str) -> Glance:
    """URNs of a scheme in which anything goes that needs no escape."""
    prefix = f"{scheme}:"

    def are_sure(texts: Texts) -> bool:
        joined = "".join(texts)
        if "%" in joined or "#" in joined or "?" in joined or ":" in joined:
            return False
        return max(map(len, texts)) <= platform.URN_MAX - len(prefix) and are_plain(texts)

    def glance(texts: Texts, unsure: list[int]) -> Texts:
        unsure.extend(exceptions(texts, are_sure))
        return [text and prefix + text for text in texts]

    return glance


# ------------------------------------------------------------------------------- values of a certain shape

_MAIL = re.compile(
    r"(?=.{1,64}\Z)[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}", re.ASCII
)
_WHOLE_OR_DECIMAL = {
    sign: re.compile(rf"(?:0|[1-9][0-9]{{0,14}})(?:[{sign}][0-9]{{1,2}})?") for sign in (".", ",", ".,")
}
"""By the signs that may be the decimal one. Three digits behind it might be a thousand's."""


def _doubts(texts: Texts, found: Sequence[object]) -> Iterator[int]:
    """Where a pattern has not found what it looks for in texts that are not blank."""
    return (at for at, match in enumerate(found) if not match and texts[at])


def glance_at_mails(texts: Texts, unsure: list[int]) -> Texts:
    """Addresses without any oddity."""
    joined = "\n".join(texts)
    if not joined.isascii():  # the small letters of a few others are those of ASCII
        joined = "\n".join([text if text.isascii() else "?" for text in texts])
    low = joined.lower().split("\n")
    if len(low) != len(texts):  # some text has lines
        return no_glance(texts, unsure)
    found = list(map(_MAIL.fullmatch, low))
    if not all(found):
        unsure.extend(_doubts(texts, found))
    return [address and f"mailto:{address}" for address in low]


def glance_at_numbers(locale: Locale) -> Glance:
    """Numbers without groups of thousands or currency."""
    fits = _WHOLE_OR_DECIMAL[locale.decimal or ".,"].fullmatch

    def glance(texts: Texts, unsure: list[int]) -> Texts:
        found = list(map(fits, texts))
        if not all(found):
            unsure.extend(_doubts(texts, found))
        return [
            text if text.isdecimal() else text.replace(",", ".").rstrip("0").rstrip(".") for text in texts
        ]

    return remembering(glance)


_PUNCTUATION = " ()-"
_WITHOUT = str.maketrans("", "", _PUNCTUATION)


def _bare(text: str) -> str:
    """Without punctuation. To translate takes a quarter of the time where all is ASCII, else eighteen times as long."""
    if text.isascii():
        return text.translate(_WITHOUT)
    for sign in _PUNCTUATION:
        text = text.replace(sign, "")
    return text


class PhoneGlance:
    """E.164 of numbers in the ordinary forms."""

    def __init__(self, locale: Locale) -> None:
        self._country = locale.country
        plan = plan_of(locale.country) if locale.country else None
        self._plus = plan.plus if plan else "+"
        # the plan's own patterns are tried here first: three calls a number less are half of what it takes
        plain = plan.plain if plan and plan is plan_of_code(plan.code) else {}
        self._pattern_for = {
            length: self._unless_short(fits)
            if len(self._plus) + length == LENGTH_WITHOUT_NINTH_DIGIT
            else fits
            for length, fits in plain.items()
        }.get

    def __call__(self, texts: Texts, unsure: list[int]) -> Sequence[object]:
        """See `Glance`."""
        joined = _bare("\n".join(texts))
        bare = joined.split("\n")
        if len(bare) != len(texts):  # some text has lines
            return no_glance(texts, unsure)
        plus, pattern_for = self._plus, self._pattern_for
        numbers = joined.replace(f"\n{plus}", "\n").removeprefix(plus).split("\n")
        if not joined.isascii():  # digits of other scripts fit the patterns, too
            numbers = [number if number.isascii() else "" for number in numbers]
        values: list[object] = [
            plus + number if (fits := pattern_for(len(number))) and fits(number) else None
            for number in numbers
        ]
        if not all(values):
            for at, value in enumerate(values):
                if value is None:
                    values[at] = found = self._read(texts[at], bare[at])
                    if found is None:
                        unsure.append(at)
        return values

    def _unless_short(self, fits: Callable[[str], object]) -> Callable[[str], object]:
        plus = self._plus
        return lambda number: fits(number) and not lacks_ninth_digit(plus + number)

    def _read(self, text: str, digits: str) -> str | None:
        """The number of a text with these digits; None if it cannot be told."""
        if not text:
            return ""
        if not (digits.isascii() and digits.removeprefix("+").isdecimal()):
            return None
        if digits.startswith("00"):
            digits = f"+{digits[2:]}"
        reading = read_ordinary(digits, None if digits[0] == "+" else self._country)
        return reading[0] if reading and reading[1] and not lacks_ninth_digit(reading[0]) else None


# ------------------------------------------------------------------------------------------------- dates

_DAYS_MAX = 50_000
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_MIDNIGHT = "T00:00:00"
_IN_EVERY_MONTH = frozenset(f"{day:02}" for day in range(1, 29))
_LAST_MONTH = "12"
_FULL = 10
"""Characters of a day whose parts are written in full."""


class DayGlance:
    """Dates, with or without a time of day: a memo of days, whose rule is asked for the first and the 28th of a month.

    orders: of day and month, those in which alone some of the dates that were seen can be read.
    """

    def __init__(self, rule: Rule, locale: Locale, *, is_decided: bool) -> None:
        self.orders: set[str] = set()
        self._rule, self._zone = rule, locale.zone
        self._order = locale.date_order if is_decided else None
        self._dates = {"": ""}  # those without a time
        # before the time and behind it; of a month or a day of which it is not so simple, ("", "")
        self._months: dict[str, tuple[str, str]] = {}
        self._days: dict[str, tuple[str, str]] = {}
        self._clocks = {"": _MIDNIGHT}

    def __call__(self, texts: Texts, unsure: list[int]) -> Sequence[object]:
        """See `Glance`."""
        known = self._dates
        try:
            return list(map(known.__getitem__, texts))
        except KeyError:
            if len(self._days) > _DAYS_MAX:
                self._days.clear()
                self._dates = known = {"": ""}
        values = [known.get(text) or self._moment(text) for text in texts]
        if not all(values):
            for at in _doubts(texts, values):
                self.note(texts[at])
                unsure.append(at)
        return values

    def _moment(self, text: str) -> str:
        day, _, clock = text.partition(" ")
        try:
            before, behind = self._days[day]
            return f"{before}{self._clocks[clock]}{behind}" if before else ""
        except KeyError:
            return self._read(day, clock)

    def _read(self, day: str, clock: str) -> str:
        """The value of a day or a clock of which nothing is known yet; "" if it cannot be told."""
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
        number, month, order = self._parts(day)
        found = "", ""
        if number in _IN_EVERY_MONTH:
            before, behind = self._months.get(month) or self._note_month(month, order)
            if before:
                found = before + number, behind
                if order and number > _LAST_MONTH:
                    self.orders.add(order)
        self._days[day] = found = found if found[0] else self._note_alone(day)
        return found

    def _parts(self, day: str) -> tuple[str, str, str]:
        """The number of the day, all else, and the order; "" for the number if it cannot be told."""
        if len(day) == _FULL:
            if day[4] in "-/.":
                return day[8:], day[:8], ""
            if self._order == "dmy":
                return day[:2], day[2:], "dmy"
            if self._order == "mdy":
                return day[3:5], day[:3] + day[5:], "mdy"
        return "", "", ""

    def _note_month(self, month: str, order: str) -> tuple[str, str]:
        at = {"": 8, "dmy": 0, "mdy": 3}[order]
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
    days = (start + timedelta(days=number) for number in (*range(0, count, 2), count))
    return len({offset for day in days for offset in (day.utcoffset(), day.replace(fold=1).utcoffset())}) == 1
