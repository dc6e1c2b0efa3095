"""Ordinary values have the cell that reading every candidate again would give them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer import escapes
from importer.escapes import field_cell, text_cell, urn_cell
from importer.options import Locale

ZONES = ("America/Sao_Paulo", "UTC", "Africa/Monrovia", "Asia/Kathmandu")
DIGITS = st.text("0123456789", min_size=1, max_size=16)
PHONES = st.one_of(
    DIGITS, DIGITS.map(lambda digits: f"+{digits}"), st.from_regex(r"\+?55(82|11|21)9?[2-9][0-9]{7}", fullmatch=True)
)  # fmt: skip


@pytest.fixture(scope="module")
def slowly():
    """The same functions without their short cuts."""

    def call(function, *given, **named):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(escapes, "_is_ordinary_text", lambda *_: False)
            patch.setattr(escapes, "_ordinary_cell", lambda *_, **__: None)
            patch.setattr(escapes, "_is_ordinary_path", lambda *_: False)
            return function(*given, **named)

    return call


def locale(zone="America/Sao_Paulo", country="BR"):
    return Locale(country, ZoneInfo(zone))


@given(
    st.one_of(
        st.text(max_size=9),
        st.sampled_from(["Err:502", "E", "Érica", "[exemplo] x", "a[exemplo]", "x\u0301y", "Ana ", "#N/A", "1-2"]),
    ),
    st.booleans(),
)  # fmt: skip
def test_texts(slowly, value, in_workbook):
    assert text_cell(value, in_workbook=in_workbook) == slowly(text_cell, value, in_workbook=in_workbook)


@given(st.one_of(st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,7})?", fullmatch=True)), st.booleans())
@example("1.234", False)
@example("-0", True)
def test_numbers(slowly, value, in_workbook):
    found = field_cell(value, "numeric", locale(), in_workbook=in_workbook)
    wanted = slowly(field_cell, value, "numeric", locale(), in_workbook=in_workbook)
    assert (found, type(found)) == (wanted, type(wanted))


@given(
    st.datetimes(datetime.fromisoformat("1880-01-01"), datetime.fromisoformat("2140-01-01")).map(
        lambda found: found.replace(microsecond=0)
    ),
    st.sampled_from(["-03:00", "-02:00", "+00:00", "+05:45", "-00:44", "+14:00", "+23:00"]),
    st.sampled_from(["", ".000000", ".500000"]),
    st.sampled_from(ZONES),
    st.booleans(),
)
@example(datetime.fromisoformat("2018-02-17T23:30"), "-03:00", "", ZONES[0], True)  # was there twice
@example(datetime.fromisoformat("2018-11-04T00:30"), "-03:00", "", ZONES[0], True)  # was never there
def test_moments(slowly, moment, offset, fraction, zone, in_workbook):
    value = f"{moment.isoformat()}{fraction}{offset}"
    found = field_cell(value, "datetime", locale(zone), in_workbook=in_workbook)
    assert found == slowly(field_cell, value, "datetime", locale(zone), in_workbook=in_workbook)


@given(st.sampled_from(["tel", "whatsapp"]), PHONES, st.sampled_from(["BR", "US", None]))
@example("whatsapp", "5582993311220", "BR")
def test_phones(slowly, scheme, path, country):
    urn, there = f"{scheme}:{path}", locale(country=country)
    assert urn_cell(urn, there) == slowly(urn_cell, urn, there)


@given(
    st.one_of(st.emails(), st.from_regex(r"[a-z0-9._;,/-]{1,9}@[a-z0-9-]{1,6}\.[a-z.]{1,6}", fullmatch=True))
)
def test_mail_addresses(slowly, address):
    urn = f"mailto:{address}"
    assert urn_cell(urn, locale()) == slowly(urn_cell, urn, locale())


@pytest.mark.parametrize(
    ("urn", "value_type", "value"),
    [
        ("tel:+5582993311220", "text", "São José"),
        ("whatsapp:5582993311220", "numeric", "7.5"),
        ("mailto:ana.lima@example.com", "datetime", "2020-01-31T09:27:00.000000-03:00"),
    ],
)
def test_what_most_contacts_have_is_not_read_again(urn, value_type, value, monkeypatch):
    monkeypatch.setattr(escapes, "_first", lambda *_: pytest.fail("the slow way"))
    assert urn_cell(urn, locale()) == urn.partition(":")[2]
    assert field_cell(value, value_type, locale(), in_workbook=True) is not None
