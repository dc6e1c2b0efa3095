"""Numbers as people write them → plain decimal text."""

import re
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from importer.issues import CellRefused, Issue
from importer.model import ShownNumber
from importer.numbers import parse_numeric, same_number
from importer.options import Locale

ZONE = ZoneInfo("America/Sao_Paulo")
ANY = Locale("BR", ZONE)
COMMA = Locale("BR", ZONE, decimal=",")
POINT = Locale("BR", ZONE, decimal=".")

SERVER_READS = re.compile(r"-?(\d+|\d*\.\d+)", re.ASCII)


def refusal(cell: object, locale: Locale = ANY) -> Issue:
    with pytest.raises(CellRefused) as refused:
        parse_numeric(cell, locale, [])
    return refused.value.issue


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1234", "1234"), ("1234.5", "1234.5"), ("12,5", "12.5"), ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"), ("1,234,567", "1234567"), ("1,234,567.8", "1234567.8"),
        ("1 234,56", "1234.56"),
        ("1 234 567", "1234567"), ("1\xa0234,56", "1234.56"), ("1\u202f234.567", "1234.567"),
        ("R$ 1.234,56", "1234.56"), ("R$1.234,56", "1234.56"), ("R$\xa07", "7"), ("$ 1,234.56", "1234.56"),
        ("€ 12,50", "12.5"), ("12,50 €", "12.5"), ("-7,25", "-7.25"), ("-R$ 7,25", "-7.25"),
        ("R$ -7,25", "-7.25"),
        ("\u22127", "-7"), ("0,125", "0.125"), ("0.125", "0.125"), ("1234.567", "1234.567"), (",5", "0.5"),
        (".5", "0.5"),
        ("007.50", "7.5"), ("-0", "0"), ("-0,00", "0"), ("1.0", "1"), ("12.3456", "12.3456"),
        ("1,2345", "1.2345"),
        ("", ""), (" ", ""), ('="12,5"', "12.5"), (7, "7"), (10.5, "10.5"), (0.1 + 0.2, "0.3"),
        (1e21, "1" + "0" * 21),
        (float("nan"), ""), (ShownNumber(42, "00042"), "42"), (12345678901234567890, "12345678901234567890"),
    ],
)  # fmt: skip
def test_numbers(cell: object, number: str) -> None:
    assert parse_numeric(cell, ANY, []) == number


@pytest.mark.parametrize(
    "cell",
    [
        "15%", "(50,00)", "doze", "1e3", "12 anos", "1.2.3", "12.34,5", "1.234,567,890", "1,2,3", "5.",
        "12 34", "--5",
        "-", "$", "R$", "1,23,456.00", "0x10", "NaN", "inf", "1.234.56", "+-5", "\u0663", "1/2", "12.03.1985",
        True, date(2024, 4, 3),
    ],
)  # fmt: skip
def test_no_number(cell: object) -> None:
    assert refusal(cell).code == "number-invalid"


@pytest.mark.parametrize(
    ("cell", "one", "other"),
    [
        ("1.234", "1.234", "1234"),
        ("1,234", "1.234", "1234"),
        ("-12.500", "-12.5", "-12500"),
        ("R$ 123,000", "123", "123000"),
    ],
)
def test_one_sign_before_three_digits_is_asked(cell: str, one: str, other: str) -> None:
    issue = refusal(cell)
    assert issue.code == "number-ambiguous"
    assert dict(issue.details) == {"one": one, "other": other}


@pytest.mark.parametrize(
    ("cell", "comma", "point"),
    [
        ("1.234", "1234", "1.234"),
        ("1,234", "1.234", "1234"),
        ("1.234,56", "1234.56", None),
        ("12,5", "12.5", None),
        ("12.5", None, "12.5"),
        ("1 234,5", "1234.5", None),
        ("1.234.567", "1234567", "1234567"),
        ("0,125", "0.125", None),
        ("1234", "1234", "1234"),
    ],
)
def test_with_the_decimal_sign_known(cell: str, comma: str | None, point: str | None) -> None:
    for locale, number in ((COMMA, comma), (POINT, point)):
        if number is None:
            assert refusal(cell, locale).code == "number-invalid"
        else:
            assert parse_numeric(cell, locale, []) == number


def test_longer_than_a_value_may_be() -> None:
    assert parse_numeric("9" * 640, ANY, []) == "9" * 640
    assert refusal("9" * 641).code == "value-too-long"
    assert refusal(10**700).code == "value-too-long"


@given(
    st.decimals(-(10**12), 10**12, places=2),
    st.sampled_from(((".", ","), (",", "."), (" ", ","), ("\xa0", "."), ("", ","), ("", "."))),
    st.sampled_from(("{}", "R$ {}", "$ {}", "€{}", " {} ")),
)
def test_what_was_formatted_is_read_again(number: Decimal, signs: tuple[str, str], form: str) -> None:
    group, decimal = signs
    text = f"{number:,.2f}".translate({ord(","): group, ord("."): decimal})
    assert Decimal(parse_numeric(form.format(text), ANY, [])) == number


@given(st.one_of(st.integers(), st.floats(-1e15, 1e15), st.text("0123456789.,- R$€", max_size=15)))
def test_what_is_read_is_read_by_the_server(cell: object) -> None:
    for locale in (ANY, COMMA, POINT):
        try:
            number = parse_numeric(cell, locale, [])
        except CellRefused:
            continue
        assume(number)
        assert SERVER_READS.fullmatch(number)
        assert same_number(number, str(Decimal(number)))
        if "." not in number or locale is POINT:
            assert parse_numeric(number, locale, []) == number
