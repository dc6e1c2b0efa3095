"""importer.glances: what is seen at a glance is what the rule of a cell makes of it; see test_numbering for phones."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, _zoneinfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cells import is_blank, is_clear, read_text
from importer.dates import parse_datetime
from importer.examples import is_marked
from importer.glances import days as glances_at_days
from importer.glances.days import DayGlance
from importer.glances.shapes import Shape, joined
from importer.glances.texts import are_plain, exceptions, glance_at_texts
from importer.options import Locale

WORD = Shape("[a-z]++(?:-[a-z]++)?+")
EVERYWHERE = [
    "",
    "--",
    " ",
    "\t",
    "[example] x",
    "[x",
    "#N/A",
    "=1+1",
    "não",
    "x\x00y",
    "Err:502",
    "José",
    "Jose\u0301",
]

LETTERS = st.text(st.characters(max_codepoint=0x260), max_size=9)
TEXTS = st.one_of(st.sampled_from(EVERYWHERE), st.text(), LETTERS)


@given(
    st.lists(
        st.sampled_from(["", "ana", "bia-costa", "Ana", "ana-", "-", "eva1", "é", "ana bia"]), max_size=12
    )
)
def test_misfits_are_those_that_alone_do_not_fit(texts):
    fitting = ("", "ana", "bia-costa")
    assert WORD.misfits(joined(texts)) == {at: text for at, text in enumerate(texts) if text not in fitting}


def is_itself(text: str) -> bool:
    """Whether a text is stored as it stands, and means nothing else."""
    return read_text(text, []) == text and not (
        text and (is_blank(text) or is_clear(text) or is_marked(text))
    )


@given(st.lists(TEXTS))
def test_plain_texts_are_read_as_they_stand(texts):
    assert not are_plain(texts) or all(map(is_itself, texts))


@given(st.lists(TEXTS))
def test_texts_are_seen_as_they_are_read(texts):
    unsure = []
    assert glance_at_texts(8)(texts, unsure)() == texts
    for at, text in enumerate(texts):
        assert at in unsure or (is_itself(text) and len(text) <= 8)


@pytest.mark.parametrize("text", ["Ana", "josé da silva", "Rua 7, nº 12 (fundos)", "Ёлка", "x" * 40])
def test_ordinary_texts_are_seen(text):
    unsure = []
    glance_at_texts(40)([text], unsure)
    assert unsure == []


@given(st.lists(st.booleans(), min_size=1))
def test_exceptions_are_those_that_alone_are_not_sure(found):
    texts = ["ok" if sure else "?" for sure in found]
    assert list(exceptions(texts, lambda some: "?" not in some)) == [
        n for n, sure in enumerate(found) if not sure
    ]


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("order", ["dmy", "mdy", None])
def test_every_day_is_what_the_rule_makes_of_it(zone, order):
    """Also those on which clocks are changed."""
    locale = Locale("BR", ZoneInfo(zone), order)
    glance = DayGlance(lambda cell, told: parse_datetime(cell, locale, told), locale, is_decided=True)
    days = [date(2018, 1, 1) + timedelta(days=number) for number in range(2 * 365)]
    days += [date(1899, 12, 1) + timedelta(days=number) for number in range(0, 202 * 365, 83)]
    day_first = "%m/%d/%Y" if order == "mdy" else "%d/%m/%Y"
    for form in (
        day_first,
        "%Y-%m-%d",
        day_first.replace("/", "."),
        f"{day_first} 02:30",
        "%Y/%m/%d 23:59:59",
    ):
        texts = ["", *(day.strftime(form) for day in days), "31/02/2020", "2019-02-29", "01/02-2020"]
        unsure: list[int] = []
        values = glance(texts, unsure)()
        for at, text in enumerate(texts):
            assert at in unsure or values[at] == parse_datetime(text, locale, []), text
        assert len(unsure) < len(texts) / 10 or order is None


def test_no_zone_changes_its_clocks_twice_within_a_step():
    """What `DayGlance` relies upon. The pure version of zoneinfo shows the moments."""
    for name in available_timezones():
        moments = _zoneinfo.ZoneInfo(name)._trans_utc
        assert all(
            later - earlier > glances_at_days._STEP * 86_400 for earlier, later in pairwise(moments)
        ), name
