"""Cells as text: trimming, guards, numbers, dates, errors; blank and --."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.cells import is_blank, is_clear, plain_number, read_text, split_quoted, split_values
from importer.issues import CellRefused, Issue
from importer.model import ErrorCell, ShownNumber, UncalculatedCell

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
ANY_CELL = st.one_of(
    st.none(),
    ANY_TEXT,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.builds(ErrorCell, ANY_TEXT),
    st.builds(UncalculatedCell, ANY_TEXT),
    st.builds(ShownNumber, st.integers(), ANY_TEXT),
)


def text_of(cell: object) -> str:
    notes: list[Issue] = []
    text = read_text(cell, notes)
    assert notes == []
    return text


def refusal(cell: object) -> str:
    with pytest.raises(CellRefused) as refused:
        read_text(cell, [])
    return refused.value.issue.code


@pytest.mark.parametrize(
    "cell", [None, "", " ", "\t\r\n", "\xa0\u202f", "\u200b", "\ufeff \u200e", '=""', float("nan")]
)
def test_blank(cell: object) -> None:
    assert is_blank(cell)
    assert text_of(cell) == ""


@pytest.mark.parametrize("cell", ["-", "--", "0", 0, False, ".", "NA", "null", "👨\u200d👩"])
def test_not_blank(cell: object) -> None:
    assert not is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "clear"),
    [("--", True), (" --\xa0", True), ("-", False), ("---", False), ("", False), (None, False)],
)
def test_clear(cell: object, *, clear: bool) -> None:
    assert is_clear(cell) is clear


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Ana\xa0", "Ana"),
        ("Joa\u0303o", "João"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("linha 1\n\nlinha 3", "linha 1\n\nlinha 3"),
        ("NA", "NA"),
        ("None", "None"),
        ("N/A", "N/A"),
        ("#1 da fila", "#1 da fila"),
        ("007", "007"),
        ('="0042"', "0042"),
        ('="disse ""sim"""', 'disse "sim"'),
        ('="a"&"b"', '="a"&"b"'),
        ("=1+1", "=1+1"),
        ("'=1+1", "=1+1"),
        ("'Ana", "'Ana"),
        ("-2+3", "-2+3"),
        ("Elaine", "Elaine"),
        ("Lua \U0001f468\u200d\U0001f469", "Lua \U0001f468\u200d\U0001f469"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (12.0, "12"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1e14, "100000000000000"),
        (Decimal("12.50"), "12.50"),
        (123456789012345, "123456789012345"),
        (ShownNumber(1310100, "01310-100"), "01310-100"),
        (date(2024, 4, 3), "2024-04-03"),
        (datetime(2024, 4, 3), "2024-04-03"),  # noqa: DTZ001 - a cell has no zone
        (datetime(2024, 4, 3, 15, 29, 59, 999_999), "2024-04-03T15:30:00"),  # noqa: DTZ001
        (datetime(2024, 4, 3, tzinfo=UTC), "2024-04-03T00:00:00+00:00"),
        (time(13, 18), "13:18:00"),
        (timedelta(hours=36, minutes=5), "36:05:00"),
    ],
)
def test_text(cell: object, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    "word",
    [
        "#N/A", "#N/D", "#REF!", "#¡REF!", "#NAME?", "#NOME?", "#¿NOMBRE?", "#VALUE!", "#VALOR!", "#¡VALOR!",
        "#DIV/0!", "#¡DIV/0!", "#NUM!", "#NÚM!", "#¡NUM!", "#NULL!", "#NULO!", "#¡NULO!", "#n/a", "########",
        "Err:522",
    ],
)  # fmt: skip
def test_error_words(word: str) -> None:
    assert refusal(f" {word} ") == "cell-error"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (ErrorCell("#N/A"), "cell-error"),
        (UncalculatedCell("A1+B1"), "formula-not-calculated"),
        (float("inf"), "cell-error"),
        (12345678901234500.0, "number-precision-lost"),
        (1234567890123456, "number-precision-lost"),
        (ShownNumber(1234567890123456, "1234567890123456"), "number-precision-lost"),
        ("a\0b", "text-not-storable"),
        ("a\ud800", "text-not-storable"),
    ],
)
def test_refused(cell: object, code: str) -> None:
    assert refusal(cell) == code


def test_control_characters_go_with_a_warning() -> None:
    notes: list[Issue] = []
    assert read_text("Elaine\x02 Fictício\t", notes) == "Elaine Fictício"
    assert [note.code for note in notes] == ["control-characters-removed"]


@given(ANY_CELL)
@example(datetime(9999, 12, 31, 23, 59, 59, 999_999))  # noqa: DTZ001
@example(10**5000)
def test_any_cell_is_text_or_refused(cell: object) -> None:
    """What comes out is trimmed NFC without anything that the server refuses."""
    assert is_clear(cell) in (True, False)
    blank = is_blank(cell)
    try:
        text = read_text(cell, [])
    except CellRefused as refused:
        str(refused.issue.value).encode()
        return
    text.encode()
    assert "\0" not in text
    assert "\r" not in text
    if not isinstance(cell, ShownNumber):
        assert text == text.strip() == unicodedata.normalize("NFC", text)
        assert not (blank and text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_text_read_again_stays_or_loses_a_further_guard(text: str) -> None:
    """Reading what was read changes nothing, unless a guard stood inside a guard."""
    try:
        once = read_text(text, [])
        assert read_text(once, []) == once or once[0] in "='#E"
    except CellRefused:
        assert text.strip()[0] in "='#E"


@given(st.integers(-(10**300), 10**300))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert plain_number(number) == str(number)


@given(st.floats(-1e300, 1e300))
def test_fractions_keep_fifteen_digits(number: float) -> None:
    text = plain_number(number)
    assert float(text) == pytest.approx(number, rel=1e-14)
    assert set(text) <= set("-.0123456789")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        (" ; ", []),
        ("a", ["a"]),
        ("a; b", ["a", "b"]),
        ("a ::: b;c", ["a", "b;c"]),
        ("a|b", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a,b", ["a", "b"]),
        ("a;b,c", ["a", "b,c"]),
        ("a; a;\xa0", ["a"]),
        ("a/b", ["a", "b"]),
    ],
)
def test_split(text: str, values: list[str]) -> None:
    assert split_values(text, slash=True) == values


def test_a_slash_separates_phones_only() -> None:
    assert split_values("a/b", slash=False) == ["a/b"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("VIP, Leads", ["VIP", "Leads"]),
        ('"VIP","Blog, novidades"', ["VIP", "Blog, novidades"]),
        ('"Blog, novidades"', ["Blog, novidades"]),
        ('"A;B"; C', ["A;B", "C"]),
        ('"A ""x"""', ['A "x"']),
        ('Tubos 5" ; VIP', ['Tubos 5"', "VIP"]),
        ('"";VIP', ["VIP"]),
        ('"VIP" ::: VIP', ["VIP"]),
        ('"a"5, b', ['"a"5', "b"]),
        ('Turma "A", "b, c"', ['Turma "A"', "b, c"]),
    ],
)
def test_split_quoted(text: str, values: list[str]) -> None:
    assert split_quoted(text) == values


def test_quotes_that_the_separator_does_not_touch_belong_to_the_text() -> None:
    assert split_quoted('"a","b",x; "c"', only=";") == ['"a","b",x', "c"]
    assert split_quoted('"a","b",x', only=";") == ['"a","b",x']


@given(st.text('"ab,;| \n0:', max_size=20), st.sampled_from(["", ",", ";", ":::"]))
def test_no_text_is_too_odd_to_split(text: str, only: str) -> None:
    values = split_quoted(text, only=only)
    assert len(set(values)) == len(values)
    assert all(value.strip() == value and "\0" not in value for value in values)


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1), min_size=1, unique=True))
def test_quoted_values_come_back(values: list[str]) -> None:
    text = ",".join('"' + value.replace('"', '""') + '"' for value in values)
    assert split_quoted(text) == values
