"""A glance at the cells of one column in many rows: what those say of which no rule needs to be asked, one by one.

`glance_of` gives for each kind of column a function of all its texts. It gives the values that the column's rule would
give without a note, and UNSURE for every text of which it cannot tell; then the rule is asked.

Tried, and slower: a memo for every column (most are mostly distinct; only languages, groups, answers and days have
one); one pattern for a whole row; pandas' `factorize`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from importer import platform
from importer.cells import CLEAR
from importer.dates import date_readings
from importer.issues import CellRefused, Issue
from importer.numbering import plan_of, plan_of_code, read_ordinary
from importer.options import Locale
from importer.phones import lacks_ninth_digit


class Unsure:
    """Stands for the value of a cell of which a glance does not tell."""


UNSURE: Final = Unsure()

Texts = Sequence[str]
Glance = Callable[[Texts], Sequence[object]]
Rule = Callable[[object, list[Issue]], object]
"""A cell → its value; UNSURE where it says something unusual. Raises CellRefused."""


def no_glance(texts: Texts) -> Sequence[object]:
    """Nothing is to be seen of a column whose cells are all asked about."""
    return [UNSURE if text else "" for text in texts]


# ------------------------------------------------------------------------------------------------- texts

_ERROR = re.compile(r"\nE[Rr][Rr]:")


def are_plain(texts: Texts) -> bool:
    """Whether each is blank, or just what `read_text` makes of it, and means nothing else. In doubt, no."""
    # no printable character is a line break, nor any blank but the plain one
    if not "".join(texts).isprintable():
        return False
    fenced = "\n".join(("", *texts, ""))
    if not fenced.isascii() and not unicodedata.is_normalized("NFC", fenced):
        return False
    if "\n " in fenced or " \n" in fenced or f"\n{CLEAR}\n" in fenced:
        return False
    if "\n=" in fenced or "\n#" in fenced or "\n'" in fenced or "\n[" in fenced:  # guards, errors, examples
        return False
    return "\nE" not in fenced or _ERROR.search(fenced) is None


def exceptions(texts: Texts, are_sure: Callable[[Texts], bool], first: int = 0) -> Iterator[int]:
    """Where those texts stand that alone are not sure. A few among many are found by halving."""
    if are_sure(texts):
        return
    if len(texts) == 1:
        yield first
        return
    half = len(texts) // 2
    yield from exceptions(texts[:half], are_sure, first)
    yield from exceptions(texts[half:], are_sure, first + half)


def glance_at_texts(longest: int) -> Glance:
    """Texts that are stored as they stand."""

    def are_sure(texts: Texts) -> bool:
        return max(map(len, texts)) <= longest and are_plain(texts)

    def glance(texts: Texts) -> Sequence[object]:
        if not texts or are_sure(texts):
            return texts
        values: list[object] = list(texts)
        for at in exceptions(texts, are_sure):
            values[at] = UNSURE
        return values

    return glance


def glance_at_ids(scheme: str) -> Glance:
    """URNs of a scheme in which anything goes that needs no escape."""
    prefix = f"{scheme}:"

    def are_sure(texts: Texts) -> bool:
        joined = "".join(texts)
        if "%" in joined or "#" in joined or "?" in joined or ":" in joined:
            return False
        return max(map(len, texts)) <= platform.URN_MAX - len(prefix) and are_plain(texts)

    def glance(texts: Texts) -> Sequence[object]:
        values: list[object] = [text and prefix + text for text in texts]
        for at in exceptions(texts, are_sure) if texts else ():
            values[at] = UNSURE
        return values

    return glance


# ------------------------------------------------------------------------------- values of a certain shape

_MAIL = re.compile(
    r"(?=.{1,64}\Z)[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}", re.ASCII
)
_WHOLE_OR_DECIMAL = {
    sign: re.compile(rf"(?:0|[1-9][0-9]{{0,14}})(?:[{sign}][0-9]{{1,2}})?") for sign in (".", ",", ".,")
}
"""By the signs that may be the decimal one. Three digits behind it might be a thousand's."""


def glance_at_mails(texts: Texts) -> Sequence[object]:
    """Addresses without any oddity."""
    fits = _MAIL.fullmatch
    return [
        f"mailto:{low}" if fits(low := text.lower()) and text.isascii() else "" if not text else UNSURE
        for text in texts
    ]


def glance_at_numbers(locale: Locale) -> Glance:
    """Numbers without groups of thousands or currency."""
    fits = _WHOLE_OR_DECIMAL[locale.decimal or ".,"].fullmatch

    def glance(texts: Texts) -> Sequence[object]:
        return [
            (text if text.isdecimal() else text.replace(",", ".").rstrip("0").rstrip("."))
            if fits(text)
            else ""
            if not text
            else UNSURE
            for text in texts
        ]

    return glance


_PUNCTUATION = str.maketrans("", "", " ()-")


def glance_at_phones(locale: Locale) -> Glance:
    """E.164 of numbers in the ordinary forms."""
    country = locale.country
    plan = plan_of(country) if country else None
    # the plan's own patterns are tried here first: three calls a number less are half of what it takes
    plain = plan.plain if plan and plan is plan_of_code(plan.code) else {}
    plus = plan.plus if plan else "+"
    behind = len(plus)

    def read(text: str, digits: str) -> object:
        if not text:
            return ""
        if not (digits.isascii() and digits.removeprefix("+").isdecimal()):
            return UNSURE
        if digits.startswith("00"):
            digits = f"+{digits[2:]}"
        reading = read_ordinary(digits, None if digits[0] == "+" else country)
        return reading[0] if reading and reading[1] and not lacks_ninth_digit(reading[0]) else UNSURE

    def glance(texts: Texts) -> Sequence[object]:
        joined = "\n".join(texts).translate(_PUNCTUATION)
        bare = joined.split("\n")
        if len(bare) != len(texts):  # some text has lines
            return [UNSURE] * len(texts)
        if not joined.isascii():
            return list(map(read, texts, bare))
        values: list[object] = []
        for text, digits in zip(texts, bare, strict=True):
            number = digits[behind:] if digits.startswith(plus) else digits
            fits = plain.get(len(number))
            if fits and fits(number) and not lacks_ninth_digit(phone := plus + number):
                values.append(phone)
            else:
                values.append(read(text, digits))
        return values

    return glance


# -------------------------------------------------------------------------------------------- dates and memos

MEMO_MAX = 1000
"""A column of more different texts is none of few values."""
_DAYS_MAX = 50_000
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_MIDNIGHT = "T00:00:00"
_IN_EVERY_MONTH = frozenset(f"{day:02}" for day in range(1, 29))
_LAST_MONTH = "12"
_FULL = 10
"""Characters of a day whose parts are written in full."""


class DayGlance:
    """Dates, with or without a time of day: a memo of months, whose rule is asked for the first and the 28th day.

    orders: of day and month, those in which alone some of the dates that were seen can be read.
    """

    def __init__(self, rule: Rule, locale: Locale, *, is_decided: bool) -> None:
        self.orders: set[str] = set()
        self._rule, self._zone = rule, locale.zone
        self._order = locale.date_order if is_decided else None
        # before the time and behind it; ("", "") where it is not so simple
        self._months: dict[str, tuple[str, str]] = {}
        self._days: dict[str, tuple[str, str]] = {}
        self._clocks = {"": _MIDNIGHT}

    def __call__(self, texts: Texts) -> Sequence[object]:
        """See `Glance`."""
        return list(map(self._read, texts))

    def _read(self, text: str) -> object:
        if not text:
            return ""
        day, _, clock = text.partition(" ")
        time = self._clocks.get(clock) or self._note_clock(clock)
        if time:
            number, month, order = self._parts(day)
            if number in _IN_EVERY_MONTH:
                before, behind = self._months.get(month) or self._note_month(month, order)
                if before:
                    if order and number > _LAST_MONTH:
                        self.orders.add(order)
                    return f"{before}{number}{time}{behind}"
            before, behind = self._days.get(day) or self._note_day(day)
            if before:
                return f"{before}{time}{behind}"
        self.note(text)
        return UNSURE

    def note(self, cell: object) -> None:
        """Heed which order a cell speaks for."""
        readings = date_readings(cell)
        if len(readings) == 1:
            self.orders |= readings

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
        if [first, last] != expected or not self._is_steady(first[:10], 28):
            found = "", ""
        self._months[month] = found
        return found

    def _note_day(self, text: str) -> tuple[str, str]:
        if len(self._days) > _DAYS_MAX:
            self._days.clear()
        value = self._value(text)
        found = value[:10], value[19:]
        if value[10:19] != _MIDNIGHT or not self._is_steady(found[0], 1):
            found = "", ""
        else:
            self.note(text)
        self._days[text] = found
        return found

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

    def _is_steady(self, day: str, count: int) -> bool:
        """Whether clocks are not changed from a day on, so many days long. No zone changes them twice in a day."""
        start = datetime.fromisoformat(day).replace(tzinfo=self._zone)
        days = (start + timedelta(days=number) for number in range(count + 1))
        return (
            len({offset for day in days for offset in (day.utcoffset(), day.replace(fold=1).utcoffset())})
            == 1
        )
