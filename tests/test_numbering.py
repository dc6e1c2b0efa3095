"""importer.numbering: what the plans settle is what libphonenumber says, for every region and every way of dialling.

Likewise importer.glances.phones: what is seen at a glance is what the rule of a cell makes of it.
"""

import os
import random
from collections.abc import Callable
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata, PhoneNumberType

from importer.glances import phones
from importer.glances.phones import PhoneGlance
from importer.issues import CellRefused, Issue
from importer.numbering import read_ordinary, region_of
from importer.options import Locale
from importer.phones import parse_phone

REGIONS = sorted(SUPPORTED_REGIONS)
UNANSWERED = (
    PhoneNumberType.UNKNOWN, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST,
)  # fmt: skip
KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
EXAMPLES = [
    (region, desc.example_number)
    for region in REGIONS
    for desc in (getattr(PhoneMetadata.metadata_for_region(region, None), kind) for kind in KINDS)
    if desc and desc.example_number
]


def asked(dialled: str, country: str | None) -> tuple[str, bool] | None:
    """What libphonenumber says."""
    try:
        number = phonenumbers.parse(dialled, country)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.number_type(number) not in UNANSWERED


def agree(dialled: str, country: str | None) -> bool:
    """Whether the plans settle the number; then both ways must agree."""
    reading = read_ordinary(dialled, country)
    if reading is None:
        return False
    assert reading == asked(dialled, country), (dialled, country)
    e164, answered = reading
    if answered:
        assert region_of(e164) == phonenumbers.region_code_for_number(phonenumbers.parse(e164, None)), e164
    return True


def in_all_ways(region: str, number: str) -> list[str]:
    """A national number as people dial it, some of them wrongly."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    code, prefix = str(metadata.country_code), metadata.national_prefix or "0"
    ways = ("+{code}{number}", "{number}", "{prefix}{number}", "{code}{number}", "0{number}", "+{code}{prefix}{number}",
            "{code}{prefix}{number}", "00{code}{number}")  # fmt: skip
    return [way.format(code=code, number=number, prefix=prefix) for way in ways]


def altered(number: str, below: Callable[[int], int]) -> str:
    """A number with some digits changed, put in or left out. below: any whole number below a limit."""
    for _ in range(below(4)):
        at, digit = below(len(number)), str(below(10))
        number = number[:at] + ("", digit, digit, digit + number[at])[below(4)] + number[at + 1 :]
        number = number or digit
    return number


@pytest.mark.parametrize("region", REGIONS)
def test_the_examples_of_every_region(region: str) -> None:
    """Each kind of number, in each way of dialling; the ordinary way is settled."""
    for number in (number for home, number in EXAMPLES if home == region):
        international, national, *others = in_all_ways(region, number)
        settled = agree(international, None)
        # what is too short for the first region of a code is left open
        assert settled or region != phonenumbers.region_code_for_country_code(
            phonenumbers.country_code_for_region(region)
        )
        for dialled in (national, *others):
            agree(dialled, None if dialled[0] == "+" else region)


@example((0, ("BR", "11961234567"), 0, "BR"))
@given(
    st.tuples(st.integers(0, 2**63), st.sampled_from(EXAMPLES), st.integers(0, 7), st.sampled_from(REGIONS))
)
def test_numbers_like_the_examples(case: tuple[int, tuple[str, str], int, str]) -> None:
    """Altered, and dialled at home or from any other region."""
    seed, (region, number), way, country = case
    dialled = in_all_ways(region, altered(number, random.Random(seed).randrange))[way]
    for at in (region, country):
        agree(dialled, None if dialled[0] == "+" else at)


@given(st.text("0123456789", min_size=1, max_size=17), st.sampled_from(REGIONS), st.booleans())
def test_any_digits(digits: str, country: str, plus: bool) -> None:
    agree(f"+{digits}" if plus else digits, None if plus else country)


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


def written(number: str, chance: random.Random) -> str:
    """A number as people write it, with some punctuation."""
    digits = list(number)
    for _ in range(chance.randint(0, 3)):
        digits.insert(chance.randrange(len(digits) + 1), chance.choice(" -()"))
    return "".join(digits)


def seen(region: str, texts: list[str]) -> int:
    """How many of the texts are seen at a glance; each is what the rule says without a note."""
    locale = Locale(region, UTC)
    unsure: list[int] = []
    values = PhoneGlance(locale)(texts, unsure)()
    for at, text in enumerate(texts):
        if at not in unsure:
            notes: list[Issue] = []
            try:
                expected = parse_phone(text, locale, notes) if text else ""
            except CellRefused as refused:
                expected = str(refused.issue.code)
            assert (values[at], notes) == (expected, []), text
    return len(texts) - len(unsure)


@pytest.mark.parametrize("region", REGIONS)
def test_numbers_of_every_region_are_seen_as_their_rule_reads_them(region: str) -> None:
    chance = random.Random(region)
    numbers = [number for home, number in EXAMPLES if home == region] or ["12345678"]
    some = [*numbers, *(altered(chance.choice(numbers), chance.randrange) for _ in range(60))]
    texts = [written(way, chance) for number in some for way in in_all_ways(region, number)]
    assert seen(region, ["", "--", "x", "1\u0662", *texts]) > len(texts) / 20


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**63), st.sampled_from(EXAMPLES), st.sampled_from(REGIONS))
def test_numbers_of_other_regions_are_seen_likewise(seed: int, case: tuple[str, str], country: str) -> None:
    chance, (region, number) = random.Random(seed), case
    seen(country, [written(way, chance) for way in in_all_ways(region, altered(number, chance.randrange))])


@pytest.mark.parametrize(
    "text", ["+55 82 90000-0001", "(82) 90000-0002", "082 90000-0005", "82900000003", "8233330000"]
)
def test_ordinary_numbers_are_all_seen_at_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A glance that leaves each to a closer look would be right, and of no use."""
    monkeypatch.setattr(phones, "read_ordinary", None)
    assert seen("BR", [text] * 3) == 3


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_numbers() -> None:
    """Numbers of all regions, dialled in all ways from everywhere; WENI_NUMBERS says how many, by default 10,000."""
    count = int(os.environ.get("WENI_NUMBERS", "10000"))
    chance = random.Random(count)
    settled = 0
    by_country: dict[str, list[str]] = {}
    for _ in range(count):
        region, number = chance.choice(EXAMPLES)
        number = altered(number, chance.randrange)
        if chance.random() < 0.5:  # the same beginning, any end
            kept = chance.randint(1, len(number))
            number = number[:kept] + "".join(chance.choices("0123456789", k=len(number) - kept))
        dialled = chance.choice(in_all_ways(region, number))
        country = chance.choice((region, region, "BR", "US", chance.choice(REGIONS)))
        settled += agree(dialled, None if dialled[0] == "+" else country)
        by_country.setdefault(country, []).append(written(dialled, chance))
    assert settled > 0.3 * count
    assert sum(seen(country, texts) for country, texts in by_country.items()) > 0.1 * count
