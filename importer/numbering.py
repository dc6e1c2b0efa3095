"""Phone numbers in their ordinary forms, read by the numbering plans of libphonenumber without asking it.

Most numbers of a file are digits that one pattern settles; asking libphonenumber takes twenty times as long. All
patterns are made of its own metadata, so that they know what it knows. What they do not settle is left open, and the
caller asks. tests/test_numbering.py holds that both ways agree.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, REGION_CODE_FOR_NON_GEO_ENTITY, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

from importer.digits import NOTHING, Digits, DigitSets

CALLING_CODE_MAX = 3

_UNANSWERED = ("premium_rate", "toll_free", "shared_cost")
_ANSWERED = ("fixed_line", "voip", "personal_number", "pager", "uan", "voicemail")
_NOTHING = "(?!)"
_ABROAD = "00"
"""Stands for a + wherever one is, as it is what is dialled to leave most countries."""

Reading = tuple[str, bool]
"""E.164, and whether it is a number that a person may answer."""


def read_ordinary(dialled: str, country: str | None) -> Reading | None:
    """What digits mean, dialled with + in front or from `country`: as libphonenumber parses, formats and types them.

    None: the plans do not settle it.
    """
    if dialled[0] == "+":
        plan = plan_of_code(dialled[1:2]) or plan_of_code(dialled[1:3]) or plan_of_code(dialled[1:4])
        if plan is None:
            return None
        number = dialled[len(plan.code) + 1 :]
        if plan.is_plain(number):
            return dialled, True
    else:
        plan = plan_of(country) if country else None
        if plan is None:
            return None
        if plan.is_plain(dialled):
            return plan.plus + dialled, True
        if plan.goes_abroad(dialled):
            return None
        number = plan.without_code(dialled)
        if number is not dialled:
            plan = plan_of_code(plan.code)  # from here on it is as if dialled from the code's first region
            if plan is None:
                return None
    number = plan.stripped(number)
    if not plan.is_possible(number):
        return None
    area = plan.area(number)
    return plan.plus + number, area is not None and area.is_answered(number)


def region_of(e164: str) -> str | None:
    """The region of a valid number, ISO 3166; None if it belongs to none."""
    for length in range(1, CALLING_CODE_MAX + 1):
        if plan := plan_of_code(e164[1 : 1 + length]):
            area = plan.area(e164[1 + length :])
            return area.name if area else None
    return None


@cache
def plan_of(region: str) -> "Plan | None":
    """How numbers are dialled in a region; None if nothing is known of it."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return Plan(metadata) if metadata else None


@cache
def plan_of_code(code: str) -> "Plan | None":
    """How numbers are dialled in the first of the regions of a calling code; None if no region has it."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code and code[0] != "0" else None
    return plan_of(regions[0]) if regions and regions[0] != REGION_CODE_FOR_NON_GEO_ENTITY else None


class Plan:
    """How numbers are dialled in a region. Numbers are national ones, digits only.

    code: its calling code; plus: the same with its +. areas: all regions of the code. prefix: what may be dialled in
    front of a number within the country; "" where that is not as simple as to leave it out.
    """

    def __init__(self, metadata: PhoneMetadata) -> None:
        general = metadata.general_desc or PhoneNumberDesc()
        self.code = str(metadata.country_code)
        self.plus = f"+{self.code}"
        self.areas = tuple(map(_area, COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]))
        self._general = re.compile(general.national_number_pattern or _NOTHING)
        self._lengths = frozenset(general.possible_length) - frozenset(general.possible_length_local_only)
        self._longest = max(general.possible_length, default=0)
        self._rule = metadata.national_prefix_transform_rule
        self._prefix = re.compile(metadata.national_prefix_for_parsing or _NOTHING)
        self._abroad = metadata.international_prefix or _NOTHING
        self.goes_abroad = re.compile(self._abroad).match
        prefix = metadata.national_prefix or ""
        is_told_from_code = not (self.code.startswith(prefix) or prefix.startswith(self.code))
        is_simple = prefix.isdecimal() and (prefix == self.code or is_told_from_code)
        self.prefix = prefix if is_simple and (not self._rule or self._prefix.groups) else ""
        self._plain: dict[int, Callable[[str], object]] = {}

    def dialled(self, but: str) -> str:
        """The pattern of a number, alone on its line, that is dialled in an ordinary way and that a person may answer.

        That is as it is, with the prefix, or with + and the code; without 00 in front. It takes back nothing that it
        took. but: the pattern of numbers to be left out.
        """
        sets = DigitSets()
        try:
            plain, prefixed = self._dialled(sets, but)
        except ValueError:  # libphonenumber has learnt to write patterns that are not known here
            return _NOTHING
        plus = [rf"\+{self.code}"] if plan_of_code(self.code) is self else []
        ways = (
            {plain: [*plus, self.prefix, ""]}
            if prefixed == plain
            else {prefixed: [self.prefix], plain: [*plus, ""]}
        )
        found = [f"(?:{'|'.join(ways[numbers])}){sets.pattern(numbers)}" for numbers in ways if numbers]
        return "|".join(found) or _NOTHING

    def _dialled(self, sets: DigitSets, but: str) -> tuple[Digits, Digits]:
        """Numbers that mean what they say as they are dialled; those that do so with the prefix in front."""
        # of a code that several regions share, the first one that claims a number has it
        general = sets.whole(self._general.pattern, self._lengths)
        numbers = sets.without(sets.both(self.areas[0].numbers(sets), general), sets.whole(but))
        taken_off = sets.beginnings(self._prefix.pattern)
        abroad = sets.either(sets.beginnings(self._abroad), sets.beginnings(_ABROAD))
        for others in (taken_off, abroad, sets.beginnings(self.prefix)):
            numbers = sets.without(numbers, others)
        found = self._prefix.match(self.prefix)
        if not self.prefix or self.goes_abroad(self.prefix) or not found or found[0] != self.prefix:
            return numbers, NOTHING
        # what may be dialled in front of a number must be just the prefix here, not a carrier's code as well
        return numbers, sets.after(self.prefix, numbers, sets.either(taken_off, abroad))

    @cached_property
    def _in_front(self) -> str:
        """What the pattern of a number that is dialled as it is begins with."""
        parsed = _without_groups(self._prefix.pattern)
        # where it may be that nothing is taken off, all must be left
        is_bare = (
            rf"(?=(?P<all>\d*+))(?=(?>{parsed})(?P=all)(?!\d))" if self._prefix.match("") else f"(?!{parsed})"
        )
        return rf"{is_bare}(?!{self._abroad})(?=(?:{self._general.pattern})(?!\d))"

    def _answered(self, length: int) -> str:
        """The pattern of numbers of so many digits, dialled as they are, that a person may answer."""
        # of a code that several regions share, the first one that claims a number has it
        first = self.areas[0]
        begins = f"(?={first.leading})" if first.leading else ""
        return begins + first.answered(length, besides=self._general.pattern)

    def is_plain(self, number: str) -> bool:
        """Whether it is dialled as it is, and a person may answer; what is not plain may be so all the same."""
        length = len(number)
        if length not in self._lengths:
            return False
        if length not in self._plain:
            self._plain[length] = re.compile(self._in_front + self._answered(length)).match
        return self._plain[length](number) is not None

    def is_possible(self, number: str) -> bool:
        """Whether it looks like one of the plan."""
        return len(number) in self._lengths and self._looks_right(number)

    def without_code(self, dialled: str) -> str:
        """The number without the calling code in front of it; the very same where there is none."""
        if not dialled.startswith(self.code):
            return dialled
        rest = self.stripped(dialled[len(self.code) :])
        is_better = self._looks_right(rest) and not self._looks_right(dialled)
        return rest if is_better or len(dialled) > self._longest else dialled

    def stripped(self, number: str) -> str:
        """The number without what is dialled in front of it within the country: a 0, the code of a carrier."""
        found = self._prefix.match(number)
        if found is None:
            return number
        if self._rule and (not found.re.groups or found[found.re.groups] is not None):
            rest = self._prefix.sub(self._rule, number, count=1)
        else:
            rest = number[found.end() :]
        return number if self._looks_right(number) and not self._looks_right(rest) else rest

    def area(self, number: str) -> "Area | None":
        """The region, of those that share the code, that has the number."""
        if len(self.areas) == 1:
            return self.areas[0]
        return next((area for area in self.areas if area.has(number)), None)

    def _looks_right(self, number: str) -> bool:
        return self._general.fullmatch(number) is not None


class Area:
    """Which numbers a region has. leading: how they begin, where that tells it from others of its calling code."""

    def __init__(self, name: str, metadata: PhoneMetadata) -> None:
        self.name = name
        self.leading = metadata.leading_digits
        self._general = metadata.general_desc
        same = metadata.same_mobile_and_fixed_line_pattern
        self._answered = [getattr(metadata, kind) for kind in (_ANSWERED if same else ("mobile", *_ANSWERED))]
        self._unanswered = [getattr(metadata, kind) for kind in _UNANSWERED]
        # compiled for the lengths that occur: all those of the twenty-five regions of +1 would take too long
        self._answers: dict[int, re.Pattern[str]] = {}
        self._claims: dict[int, re.Pattern[str]] = {}

    def answered(self, length: int, *, besides: str = "") -> str:
        """The pattern of numbers of so many digits that a person may answer. besides: one that they match anyway."""
        general, unanswered = _pattern([self._general], length), _pattern(self._unanswered, length)
        in_front = "" if general == f"(?:{besides})" else rf"(?={general}(?!\d))"
        if unanswered != _NOTHING:
            in_front += rf"(?!{unanswered}(?!\d))"
        return rf"{in_front}{_pattern(self._answered, length)}(?!\d)"

    def numbers(self, sets: DigitSets) -> Digits:
        """Those that a person may answer, as one of the sets."""
        found = sets.both(_numbers(sets, [self._general]), _numbers(sets, self._answered))
        if self.leading:
            found = sets.both(found, sets.beginnings(self.leading))
        return sets.without(found, _numbers(sets, self._unanswered))

    def is_answered(self, number: str) -> bool:
        """Whether a person may answer it."""
        length = len(number)
        if length not in self._answers:
            self._answers[length] = re.compile(self.answered(length))
        return self._answers[length].match(number) is not None

    def has(self, number: str) -> bool:
        """Whether it is the region's."""
        length = len(number)
        if length not in self._claims:
            known = _pattern([*self._answered, *self._unanswered], length)
            all_known = rf"(?={_pattern([self._general], length)}(?!\d)){known}(?!\d)"
            self._claims[length] = re.compile(self.leading or all_known)
        return self._claims[length].match(number) is not None


def _without_groups(pattern: str) -> str:
    """A pattern whose groups are not kept, which is faster."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


@cache
def _area(region: str) -> Area:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        raise KeyError(region)
    return Area(region, metadata)


def _pattern(descs: Iterable[PhoneNumberDesc | None], length: int) -> str:
    """The pattern of numbers of so many digits that are of any of these kinds."""
    found = [
        desc.national_number_pattern
        for desc in descs
        if desc
        and desc.national_number_pattern
        and (not desc.possible_length or length in desc.possible_length)
    ]
    return f"(?:{'|'.join(found)})" if found else _NOTHING


def _numbers(sets: DigitSets, descs: Iterable[PhoneNumberDesc | None]) -> Digits:
    """Numbers that are of any of these kinds."""
    found = [
        sets.whole(desc.national_number_pattern, desc.possible_length)
        for desc in descs
        if desc and desc.national_number_pattern
    ]
    return sets.either(*found)
