"""Phone numbers → E.164: international, national, from spreadsheets' numbers; never with a digit added."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.issues import CellRefused, Issue
from importer.messages import catalogue
from importer.options import Locale
from importer.phones import (
    country_named,
    country_of,
    is_written_as_number,
    match_forms,
    match_key,
    parse_phone,
)

ZONE = ZoneInfo("America/Sao_Paulo")
BRAZIL = Locale("BR", ZONE)
NOWHERE = Locale(None, ZONE)

AREAS = st.sampled_from(("11", "21", "31", "34", "51", "55", "71", "82", "91"))
MOBILES = st.builds("+55{}9{:08}".format, AREAS, st.integers(0, 19_999))
OLD_MOBILES = st.builds("+55{}{}{:07}".format, AREAS, st.integers(6, 9), st.integers(0, 9_999_999))
ANY_PHONE = st.one_of(MOBILES, OLD_MOBILES, st.builds("+{}".format, st.integers(10**7, 10**15 - 1)))


def read(text: str, locale: Locale = BRAZIL, **options: object) -> tuple[str, list[str]]:
    notes: list[Issue] = []
    phone = parse_phone(text, locale, notes, **options)  # type: ignore[arg-type]
    assert all(map(catalogue("en").message, notes))
    return phone, [note.code for note in notes]


def refusal(text: str, locale: Locale = BRAZIL, **options: object) -> str:
    with pytest.raises(CellRefused) as refused:
        read(text, locale, **options)
    assert catalogue("en").message(refused.value.issue)
    return refused.value.issue.code


@pytest.mark.parametrize(
    "text",
    [
        "82900000001", "(82) 90000-0001", "(82) 9 0000 0001", "+55 82 90000-0001", "+5582900000001",
        "5582900000001", "082 90000-0001", "82.90000.0001", "82 90000 0001", "+55 (82) 90000-0001",
        "005582900000001", "00 55 82 90000 0001", "+55 82 90000\u20130001", "(+55) 82 90000-0001",
        "\u202a+55 82 90000\u20110001\u202c", "\u200e+55 82 90000-0001", "+55\xa082\xa090000-0001",
        "\uff0b\uff15\uff15 \uff18\uff12 \uff19\uff10\uff10\uff10\uff10-\uff10\uff10\uff10\uff11",
        "+\u0665\u0665 \u0668\u0662 \u0669\u0660\u0660\u0660\u0660 \u0660\u0660\u0660\u0661",
        "0 21 82 90000-0001",
    ],
)  # fmt: skip
def test_one_number_in_many_spellings(text: str) -> None:
    assert read(text) == ("+5582900000001", [])


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+1 (202) 555-0143", "+12025550143"),
        ("+351 910 000 012", "+351910000012"),
        ("0034 600 000 015", "+34600000015"),
        ("+44 7400 123456", "+447400123456"),
        ("+44 (0) 7400 123456", "+447400123456"),
        ("+34 910 000 001", "+34910000001"),
        ("34910000001", "+5534910000001"),  # Uberlândia: a national reading always wins
        ("(82) 3200-0033", "+558232000033"),
    ],
)
def test_countries(text: str, phone: str) -> None:
    assert read(text) == (phone, [])


@pytest.mark.parametrize(
    ("text", "phone"), [("351910000013", "+351910000013"), ("1-202-555-0144", "+12025550144")]
)
def test_a_foreign_number_without_plus_is_an_assumption(text: str, phone: str) -> None:
    assert read(text) == (phone, ["phone-country-assumed"])
    assert read(text, international=True) == (phone, [])


@pytest.mark.parametrize(
    "text",
    [
        "90000-0001", "1190000", "(11) 90000-00012", "n\xe3o tem", "0", "00000000000", "0800 000 0000",
        "0300 123 4567", "4004-0001", "ramal 210", "(11) 2000-0001 ramal 5", "(11) 2000-0001 #5",
        "999999999999999999", "NULL", "+55 11", "(01) 90000-0001", "11 9oooo-0001", "202-555-0145", "--", "+",
        "++5582900000001", "55+82900000001", "82 90000/0001", "5.58", "\u00b2\u00b3", "1e999", "",
        "+999 1234567",
    ],
)  # fmt: skip
def test_no_number_that_a_person_answers(text: str) -> None:
    assert refusal(text) == "phone-invalid"


@pytest.mark.parametrize("text", ["(31) 90000-0223", "5555900000225", "0", "123"])
def test_without_a_country(text: str) -> None:
    assert refusal(text, NOWHERE) == "phone-no-country"


def test_without_a_country_a_column_of_international_numbers_needs_none() -> None:
    assert read("5555900000225", NOWHERE, international=True) == ("+5555900000225", [])
    assert read("+55 55 90000-0225", NOWHERE) == ("+5555900000225", [])
    assert read("005555900000225", NOWHERE) == ("+5555900000225", [])
    assert refusal("5190000022", NOWHERE, international=True) == "phone-no-country"
    assert refusal("55559000002251", NOWHERE, international=True) == "phone-invalid"
    assert refusal("não tem", NOWHERE) == "phone-invalid"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("(82) 9933-1122", "+558299331122"),
        ("558288000007", "+558288000007"),
        ("+55 82 6800-0007", "+558268000007"),
    ],
)
def test_mobiles_from_before_the_ninth_digit_are_kept(text: str, phone: str) -> None:
    assert read(text) == (phone, ["phone-missing-ninth-digit"])


def test_an_area_that_does_not_exist_has_no_old_mobiles() -> None:
    assert refusal("(20) 9933-1122") == "phone-invalid"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("5.582900000001E+12", "+5582900000001"),
        ("5,582900000001e+12", "+5582900000001"),
        ("5.582900000001E12", "+5582900000001"),
        ("5.58290000001E+12", "+5582900000010"),  # twelve digits shown: the last one is a zero
        ("8.2900000001E10", "+5582900000001"),
        ("5582900000001.0", "+5582900000001"),
        ("82900000001,00", "+5582900000001"),
    ],
)
def test_numbers_as_spreadsheets_write_them(text: str, phone: str) -> None:
    assert is_written_as_number(text)
    assert read(text) == (phone, ["phone-from-number"])


@pytest.mark.parametrize("text", ["5,58E+12", "5.58290E+12", "1,19E+10", "5.5E12", "6E7"])
def test_lost_digits(text: str) -> None:
    assert refusal(text) == "phone-precision-lost"


@pytest.mark.parametrize(
    ("area", "text"),
    [
        ("82", "900000001"),
        ("082", "90000-0001"),
        ("(82)", "900000001"),
        ("82.0", "900000001"),
        ("82", "(82) 90000-0001"),  # the number has it already
        ("82", "+5582900000001"),
        ("21", "+55 82 90000-0001"),
        ("+55 82", "900000001"),
        ("+55", "82900000001"),
    ],
)
def test_area_code_in_a_column_of_its_own(area: str, text: str) -> None:
    assert read(text, area=area) == ("+5582900000001", [])


@pytest.mark.parametrize(
    ("area", "text"), [("21", "(82) 90000-0001"), ("DDD", "900000001"), ("8", "900000001")]
)
def test_area_code_that_does_not_fit(area: str, text: str) -> None:
    assert refusal(text, area=area) == "phone-invalid"


def test_ninth_digit() -> None:
    new, old = "+5582993311220", "+558293311220"
    assert match_forms(new) == (new, old)
    assert match_forms(old) == (old, new)
    assert match_key(old) == match_key(new) == new


@pytest.mark.parametrize("phone", ["+558232000033", "+5582932000033", "+351910000012", "+5582900000001"])
def test_numbers_that_have_one_form(phone: str) -> None:
    """Without its 9, 9 3200-0033 would be the landline of somebody else."""
    assert match_forms(phone) == (phone,)
    assert match_key(phone) == phone


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+5582900000001", "BR"),
        ("+12025550143", "US"),
        ("+16135550143", "CA"),
        ("+351910000012", "PT"),
        ("+447400123456", "GB"),
        ("+80012345678", None),
        ("+999", None),
        ("+", None),
    ],
)
def test_country(phone: str, country: str | None) -> None:
    assert country_of(phone) == country


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("55", "BR"),
        ("+55", "BR"),
        ("0055", "BR"),
        ("br", "BR"),
        ("1", "US"),
        ("800", ""),
        ("XX", ""),
        ("9" * 5000, ""),
    ],
)
def test_country_of_a_column_of_its_own(text: str, country: str) -> None:
    assert country_named(text) == country


@given(ANY_PHONE)
def test_all_forms_have_one_key(phone: str) -> None:
    forms = match_forms(phone)
    assert forms[0] == phone
    assert {match_key(form) for form in forms} == {match_key(phone)}
    for form in forms:
        assert set(match_forms(form)) == set(forms)


@given(
    MOBILES,
    st.sampled_from(("+{0}{1}{2}", "+{0} ({1}) {2}", "({1}) {2}", "0{1} {2}", "00{0} {1} {2}", "{0}{1}{2}")),
)
def test_every_spelling_of_a_mobile_is_read(phone: str, spelling: str) -> None:
    text = spelling.format(phone[1:3], phone[3:5], f"{phone[5:10]}-{phone[10:]}")
    assert read(text) == (phone, [])


@given(st.one_of(ANY_PHONE, st.integers(0, 10**16).map(str), st.text("0123456789+-() .E", max_size=20)))
def test_what_is_read_is_a_number_of_the_plan(text: str) -> None:
    """It is valid, or the old form of a valid one, and reading it again changes nothing."""
    for locale in (BRAZIL, NOWHERE):
        try:
            phone, codes = read(text, locale)
        except CellRefused:
            continue
        plan = phonenumbers.parse(match_key(phone), None)
        assert phonenumbers.is_valid_number(plan)
        again, warnings = read(phone, NOWHERE)
        assert again == phone
        assert warnings == [code for code in codes if code == "phone-missing-ninth-digit"]


@given(st.text(max_size=30), st.text(max_size=5))
def test_any_text_is_a_phone_or_refused(text: str, area: str) -> None:
    with suppress(CellRefused):
        phone, _ = read(text, area=area)
        assert phone[1:].isdecimal()
        assert len(phone) <= 16
