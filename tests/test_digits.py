"""importer.digits: sets of digits hold what the patterns match that they are made of."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.digits import NOTHING, Digits, DigitSets

SHORT = r"\d{0,7}"
TEXTS = st.lists(st.text("0129", max_size=7), min_size=20, max_size=60)
LONGER = st.lists(st.text("0129", min_size=1, max_size=7), min_size=20, max_size=60)


def rows(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(items, st.sampled_from(["", "", "", "?", "{2}", "{1,3}", "{0,2}"])).map("".join)
    return st.lists(repeated, max_size=3).map("".join)


def groups(patterns: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(patterns, min_size=1, max_size=3).map(lambda found: f"(?:{'|'.join(found)})")


DIGITS = st.sampled_from(["0", "1", "2", "9", r"\d", "[12]", "[02-9]", "[0-19]"])
PATTERNS = st.lists(rows(DIGITS | groups(rows(DIGITS))), min_size=1, max_size=3).map("|".join)


def holds(sets: DigitSets, one: Digits) -> Callable[[str], bool]:
    """Whether a set has a text: its pattern takes all of it at the first try."""
    pattern = re.compile(rf"(?>{sets.pattern(sets.both(one, sets.whole(SHORT)))})\n")
    return lambda text: pattern.match(f"{text}\n") is not None


@given(PATTERNS, st.sets(st.integers(-1, 7)), TEXTS)
def test_whole_texts(pattern: str, lengths: set[int], texts: list[str]) -> None:
    sets = DigitSets()
    any_length, some = holds(sets, sets.whole(pattern)), holds(sets, sets.whole(pattern, lengths or {3}))
    for text in texts:
        matches = re.fullmatch(pattern, text) is not None
        assert any_length(text) == matches, text
        assert some(text) == (matches and len(text) in (lengths or {3})), text


@given(PATTERNS, PATTERNS, TEXTS)
def test_sets_of_two_sets(one: str, other: str, texts: list[str]) -> None:
    sets = DigitSets()
    first, second = sets.whole(one), sets.whole(other)
    made = [sets.either(first, second), sets.both(first, second), sets.without(first, second)]
    each = [holds(sets, one) for one in made]
    for text in texts:
        in_one, in_other = (re.fullmatch(pattern, text) is not None for pattern in (one, other))
        expected = [in_one or in_other, in_one and in_other, in_one and not in_other]
        assert [has(text) for has in each] == expected, text


@given(PATTERNS, PATTERNS, st.booleans(), st.sampled_from(["0", "01", "12"]), LONGER)
def test_beginnings(pattern: str, begins: str, to_the_end: bool, prefix: str, texts: list[str]) -> None:
    """Whatever a pattern might match first, if it did not do so from left to right."""
    begins = f"({begins})$|9" if to_the_end else begins
    sets = DigitSets()
    whole, beginnings = sets.whole(pattern), sets.beginnings(begins)
    made = [
        sets.both(whole, beginnings),
        sets.without(whole, beginnings),
        sets.after(prefix, whole, beginnings),
    ]
    each = [holds(sets, one) for one in made]
    for text in texts:
        matches = re.fullmatch(pattern, text) is not None
        found = begun(begins, text)
        others = begun(begins, prefix + text) - {prefix}
        expected = [matches and bool(found), matches and not found, matches and not others]
        assert [has(text) for has in each] == expected, text


def begun(pattern: str, text: str) -> set[str]:
    """All that a pattern matches where a text begins, but for nothing."""
    ends = (
        re.match(rf"(?=.{{{length}}}(.*))(?:{pattern})(?=\1$)", text) for length in range(1, len(text) + 1)
    )
    return {found[0] for found in ends if found}


@given(PATTERNS, PATTERNS)
def test_equal_sets_are_the_same(one: str, other: str) -> None:
    sets = DigitSets()
    first, second = sets.whole(one), sets.whole(other)
    assert sets.either(first, second) == sets.either(second, first)
    assert sets.both(first, second) == sets.both(second, first)
    assert sets.either(sets.without(first, second), sets.both(first, second)) == first
    assert sets.without(first, first) == NOTHING


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("(?!)", "(?!)"),
        (r"11\d{7}|1[02-9]\d{7}", "1[0-9]{8}+"),
        (r"(?:2|3)\d|4\d?|5", r"(?:[23]\d|4(?:\d|)|5)"),
        (r"[2-5]\d{7}|9\d{8}", r"(?:9\d|[2-5])[0-9]{7}+"),
        (r"[013]\d\d|2\d{4,7}", r"(?:2[0-9]{4,7}+|[013]\d\d)"),
    ],
)
def test_what_is_common_is_written_once(pattern: str, written: str) -> None:
    """And what most texts are is tried first."""
    sets = DigitSets()
    assert sets.pattern(sets.whole(pattern)) == written


@pytest.mark.parametrize(
    "pattern", ["a", ".", r"\w", "1+", "1*", "(?=1)2", "1??", "1{2}?", "(?:1", "[^1]", "[5-]", "^1"]
)
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=re.escape(pattern)):
        DigitSets().whole(pattern)
