"""importer.numbering: what the plans settle is what libphonenumber says, for every region and every way of dialling.

Likewise importer.glances.phones: what is seen at a glance is what the rule of a cell makes of it.
"""

import math
import os
import random
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from dialling import REGIONS, Region, Writer, in_all_ways, in_writing, mistaken
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType
from phonenumbers.phonemetadata import PhoneNumberDesc

from importer import phones
from importer.glances import phones as glances
from importer.glances.phones import PhoneGlance
from importer.issues import CellRefused, Issue
from importer.numbering import Plan, read_ordinary, region_of
from importer.options import Locale
from importer.phones import parse_phone

UNANSWERED = (
    PhoneNumberType.UNKNOWN, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST,
)  # fmt: skip
EXAMPLES = [(region, number) for region in REGIONS for number in Region.of(region).examples]
phonenumbers.enable_pattern_cache()  # else most of the time goes into compiling the same patterns again


Reading = tuple[str, bool]


def asked(dialled: str, country: str | None) -> tuple[Reading | None, str | None]:
    """What libphonenumber says, and the number's region if a person may answer it."""
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return None, None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    answered = phonenumbers.number_type(number) not in UNANSWERED
    return (e164, answered), phonenumbers.region_code_for_number(number) if answered else None


def both_ways(dialled: str, country: str | None) -> tuple[Reading | None, Reading | None]:
    """What the plans say and what libphonenumber says; it is the same, if the plans say anything."""
    reading, (truth, region) = read_ordinary(dialled, country), asked(dialled, country)
    assert reading in (truth, None), (dialled, country)
    if reading and region:
        assert region_of(reading[0]) == region, reading[0]
    return reading, truth


def is_settled(dialled: str, country: str | None) -> bool:
    """Whether the plans say what the number is; then both ways must agree."""
    return both_ways(dialled, None if dialled[0] == "+" else country)[0] is not None


@pytest.mark.parametrize("region", REGIONS)
def test_the_examples_of_every_region(region: str) -> None:
    """Each kind of number, in each way of dialling; the ordinary way is settled."""
    for number in Region.of(region).examples:
        international, *others = in_all_ways(region, number, random.Random(number).random)
        # what is too short for the first region of a code is left open
        assert is_settled(international, None) or region != Region.of(region).same_code[0]
        for dialled in others:
            is_settled(dialled, region)


@example(0, ("BR", "11961234567"), "BR")
@given(st.integers(0, 2**63), st.sampled_from(EXAMPLES), st.sampled_from(REGIONS))
def test_numbers_like_the_examples(seed: int, case: tuple[str, str], country: str) -> None:
    """Altered, and dialled at home or from any other region."""
    chance, (region, number) = random.Random(seed).random, case
    for dialled in in_all_ways(region, mistaken(number, chance), chance):
        is_settled(dialled, region)
        is_settled(dialled, country)


@given(st.text("0123456789", min_size=1, max_size=17), st.sampled_from(REGIONS), st.booleans())
def test_any_digits(digits: str, country: str, plus: bool) -> None:
    is_settled(f"+{digits}" if plus else digits, country)


@pytest.mark.parametrize(
    ("dialled", "country"),
    [
        ("+", None), ("+0", None), ("+999123", None), ("+80012345678", None), ("12", "BR"), ("1", None),
        ("0015582900000001", "BR"), ("82900000001", "XX"), ("9" * 300, "BR"), ("+55" + "9" * 300, None),
    ],
)  # fmt: skip
def test_what_the_plans_leave_open(dialled: str, country: str | None) -> None:
    assert read_ordinary(dialled, country) is None


@pytest.mark.parametrize(
    ("dialled", "country", "e164"),
    [
        ("082900000001", "BR", "+5582900000001"),
        ("02182900000001", "BR", "+5582900000001"),
        ("5582900000001", "BR", "+5582900000001"),
        ("+5582900000001", None, "+5582900000001"),
        ("0612345678", "IT", "+390612345678"),
        ("16135550143", "CA", "+16135550143"),
        ("91123456789", "AR", "+5491123456789"),
    ],
)
def test_ordinary_ways_of_dialling_are_settled(dialled: str, country: str | None, e164: str) -> None:
    assert read_ordinary(dialled, country) == (e164, True)


def test_every_calling_code_of_a_region_has_a_plan() -> None:
    for code, (first, *_) in COUNTRY_CODE_TO_REGION_CODE.items():
        if first != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
            example_number = phonenumbers.example_number(first)
            assert region_of(
                phonenumbers.format_number(example_number, phonenumbers.PhoneNumberFormat.E164)
            ), code


# ------------------------------------------------------------------------------------------- at a glance

UTC = ZoneInfo("UTC")


def seen(region: str | None, *columns: list[str], few: int = 0) -> int:
    """How many of the texts are seen at a glance; each is what the rule says without a note.

    few: so many are looked at one by one.
    """
    locale = Locale(region, UTC)
    glance, count = PhoneGlance(locale, few), 0
    for texts in columns:
        unsure: list[int] = []
        values = list(glance(texts, unsure)())
        rules = [said_of(text, locale) for text in texts]
        for at in unsure:
            values[at] = rules[at]
        assert values == rules, (region, texts)
        count += len(texts) - len(unsure)
    return count


def said_of(text: str, locale: Locale) -> object:
    """What the rule says of a cell, with its notes where it makes some."""
    notes: list[Issue] = []
    try:
        number = parse_phone(text, locale, notes) if text else ""
    except CellRefused as refused:
        return refused.issue
    value = number and f"tel:{number}"
    return (value, *notes) if notes else value


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**63), st.sampled_from(EXAMPLES), st.sampled_from([None, *REGIONS]))
def test_numbers_of_any_region_are_seen_likewise(
    seed: int, case: tuple[str, str], country: str | None
) -> None:
    chance, (region, number) = random.Random(seed).random, case
    dialled = in_all_ways(region, mistaken(number, chance), chance)
    texts = [in_writing(one, chance) for one in dialled]
    seen(country, texts)
    seen(country, texts, few=len(texts))


@pytest.mark.parametrize(
    "text", ["+55 82 90000-0001", "(82) 90000-0002", "082 90000-0005", "82900000003", "8233330000"]
)
def test_ordinary_numbers_are_all_seen_at_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A glance that leaves each to a closer look would be right, and of no use."""
    monkeypatch.setattr(glances, "read_ordinary", None)
    assert seen("BR", [text] * 3) == 3


def test_few_numbers_are_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pattern for all of them takes longer to make."""
    monkeypatch.setattr(glances, "_shape", None)
    assert seen("BR", ["82900000003", "", "( )", "+55 82 90000-0001"], ["82900000004"], few=5) == 4


def test_many_numbers_are_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen("BR", ["82900000003"] * 4, few=5) == 4
    monkeypatch.setattr(glances, "read_ordinary", None)
    assert seen("BR", ["82900000003"] * 6, ["82900000004"], few=5) == 7


def test_patterns_that_are_new_leave_all_numbers_to_a_closer_look() -> None:
    plan = Plan(
        PhoneMetadata("XX", country_code=55, general_desc=PhoneNumberDesc(r"(?i)\d{11}"), register=False)
    )
    assert plan.dialled("(?!)") == "(?!)"


def test_ordinary_numbers_of_every_country_are_all_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a code that several countries share, those of the first one."""
    monkeypatch.setattr(glances, "read_ordinary", None)
    for code, (country, *_) in COUNTRY_CODE_TO_REGION_CODE.items():
        if country in REGIONS:
            numbers = Region.of(country).examples[:2]  # of a fixed line and of a mobile phone
            assert seen(country, numbers, [f"+{code}{number}" for number in numbers]) == 2 * len(numbers)


def test_a_prefix_that_is_the_code_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glances, "read_ordinary", None)
    assert seen("US", ["1 (201) 555-0123", "+1 201-555-0123", "2015550123"]) == 3


# --------------------------------------------------------------------------------------------- by the million

NUMBERS = int(os.environ.get("WENI_NUMBERS", "30000"))
A_ROUND = 1_000_000
PARTS = 20
A_COLUMN = 40  # few enough that some hold digits of one script only


class Witness:
    """Answers the rule of phones as libphonenumber does, and holds what the plans would have said against it."""

    def __init__(self) -> None:
        self.asked = self.settled = self.answered = 0

    def __call__(self, dialled: str, country: str | None) -> Reading | None:
        reading, truth = both_ways(dialled, country)
        self.asked += 1
        self.settled += reading is not None
        self.answered += reading is not None and reading[1]
        return truth


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("turn", range(math.ceil(NUMBERS / A_ROUND)))
def test_many_numbers(turn: int, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of all regions, written down in every region: the plans, a glance and the rule through libphonenumber.

    All that the rule wants to know of a number is its E.164 form and whether a person may answer it, and the plan of a
    run wants its region; of its kind, nobody asks more. WENI_NUMBERS says how many numbers.
    """
    witness = Witness()
    monkeypatch.setattr(phones, "read_ordinary", lambda dialled, country: None)
    monkeypatch.setattr(phones, "_ask", witness)
    count = min(NUMBERS - turn * A_ROUND, A_ROUND)
    columns = math.ceil(count / len(REGIONS) / A_COLUMN)
    for region in REGIONS[part::PARTS]:
        writer = Writer(region, turn)
        ordinary = seen(region, *(writer.texts(A_COLUMN) for _ in range(columns)))
        # both of them see what matters, for all that is wrong with most of the numbers
        assert ordinary > 0.05 * columns * A_COLUMN, region
    assert witness.settled > 0.4 * witness.asked
    assert witness.answered > 0.25 * witness.asked
