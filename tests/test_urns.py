"""URNs: cells → the form that the server stores; which URNs mean the same contact."""

import re
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer import platform
from importer.issues import CellRefused, Issue
from importer.messages import catalogue
from importer.model import ErrorCell, ShownNumber
from importer.options import Locale
from importer.sandbox.urns import parse_urn
from importer.urns import identity, normalise, parse_urns, stored_forms

ZONE = ZoneInfo("America/Sao_Paulo")
BRAZIL = Locale("BR", ZONE)
ONE, TWO = "0f1e2d3c-0000-4000-8000-00000000000a", "0f1e2d3c-0000-4000-8000-00000000000b"

# The server's rules once more, written from its documentation and independently of the code.
TAKEN = {
    "tel": r"\+[1-9]\d{6,14}",
    "whatsapp": r"\d{8,15}|[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]+",
    "mailto": r"[^@\sA-Z%#?]+@[^@\sA-Z.%#?]+(\.[^@\sA-Z.%#?]+)+",
    "ext": r"([^%#?]|%23|%25|%3F){1,251}",
    "twitter": r"[a-z0-9_]{1,15}",
    "twitterid": r"\d+(#[a-z0-9_]+)?",
    "telegram": r"\d+",
    "instagram": r"\d+",
    "discord": r"\d+",
    "facebook": r"\d+|ref:.+",
    "viber": r"[A-Za-z0-9_=]{1,24}",
    "freshchat": rf"{'[0-9a-f-]{36}'}/{'[0-9a-f-]{36}'}",
    "line": r"[A-Za-z0-9_]{1,36}",
    "jiochat": r"\d+",
    "teams": r"a:[^:]+:serviceURL:https://\S+",
    **dict.fromkeys(("slack", "wechat", "fcm", "vk", "rocketchat"), r"([^%#?]|%23|%25|%3F)+"),
}


def is_taken(urn: str) -> bool:
    scheme, _, path = urn.partition(":")
    return len(urn) <= 255 and re.fullmatch(TAKEN[scheme], path, re.ASCII | re.DOTALL) is not None


def read(cell: object, scheme: str, **options: str) -> tuple[str, ...]:
    return parse_urns(cell, scheme, BRAZIL, [], **options)


def refusal(cell: object, scheme: str) -> Issue:
    with pytest.raises(CellRefused) as refused:
        read(cell, scheme)
    return refused.value.issue


@pytest.mark.parametrize(
    ("cell", "scheme", "urns"),
    [
        ("", "tel", []),
        ("(82) 90000-0001", "tel", ["tel:+5582900000001"]),
        ("(82) 90000-0001", "whatsapp", ["whatsapp:5582900000001"]),
        ("5582900000001", "whatsapp", ["whatsapp:5582900000001"]),
        ("BR.1A2b", "whatsapp", ["whatsapp:BR.1A2b"]),
        ("BR.ENT.1A2b", "whatsapp", ["whatsapp:BR.ENT.1A2b"]),
        ("TEL:+5582900000001", "tel", ["tel:+5582900000001"]),
        ("whatsapp: 5582900000001", "whatsapp", ["whatsapp:5582900000001"]),
        ("'+5582900000001", "tel", ["tel:+5582900000001"]),
        ('="5582900000001"', "tel", ["tel:+5582900000001"]),
        (5582900000001, "tel", ["tel:+5582900000001"]),
        (5582900000001.0, "tel", ["tel:+5582900000001"]),
        (ShownNumber(82900000001, "(82) 90000-0001"), "tel", ["tel:+5582900000001"]),
        (ShownNumber(82900000001, "082900000001"), "tel", ["tel:+5582900000001"]),
        ("5,582900000001E+12", "tel", ["tel:+5582900000001"]),
        ("5.582900000001E+12; 5,582900000002E+12", "tel", ["tel:+5582900000001", "tel:+5582900000002"]),
        (
            "(82) 90000-0001 ::: +55 82 90000-0002",
            "tel",
            ["tel:+5582900000001", "tel:+5582900000002"],
        ),
        ("(82) 90000-0001 / 82900000002", "tel", ["tel:+5582900000001", "tel:+5582900000002"]),
        ("+5582900000001; (82) 90000-0001;", "tel", ["tel:+5582900000001"]),
        ("ANA@Example.COM", "mailto", ["mailto:ana@example.com"]),
        ("mailto:ana@example.com", "mailto", ["mailto:ana@example.com"]),
        ("\u200bana@exam\u00adple.com\u202c", "mailto", ["mailto:ana@example.com"]),
        ("ana@example.com; RUI@example.org, x", "mailto", None),
        ("ana@example.com, rui@example.org", "mailto", ["mailto:ana@example.com", "mailto:rui@example.org"]),
        ("o'neil+x@mail.example.com", "mailto", ["mailto:o'neil+x@mail.example.com"]),
        ("AbC 1", "ext", ["ext:AbC 1"]),
        ("'7210448301122", "ext", ["ext:7210448301122"]),
        ("CLI#42", "ext", ["ext:CLI%2342"]),
        ("100%?", "ext", ["ext:100%25%3F"]),
        ("a;b,c", "ext", ["ext:a;b,c"]),
        ("EXT:1", "ext", ["ext:EXT:1"]),
        ("ção", "ext", ["ext:ção"]),
        (42, "ext", ["ext:42"]),
        (ShownNumber(42, "00042"), "ext", ["ext:00042"]),
        ("@Ana_L", "twitter", ["twitter:ana_l"]),
        ("1234#Ana", "twitterid", ["twitterid:1234#ana"]),
        ("812345678", "telegram", ["telegram:812345678"]),
        ("'812345678", "telegram", ["telegram:812345678"]),
        (812345678.0, "telegram", ["telegram:812345678"]),
        ("1784140000001", "instagram", ["instagram:1784140000001"]),
        ("ref:xyz", "facebook", ["facebook:ref:xyz"]),
        ("abc==", "viber", ["viber:abc=="]),
        ("abc_1", "line", ["line:abc_1"]),
        (f"{ONE}/{TWO.upper()}", "freshchat", [f"freshchat:{ONE}/{TWO}"]),
        (
            "a:1x:serviceURL:https://example.com/br/",
            "teams",
            ["teams:a:1x:serviceURL:https://example.com/br/"],
        ),
        ("U1#x", "slack", ["slack:U1%23x"]),
        ("tel:+5582900000001; mailto:Ana@example.com", "", ["tel:+5582900000001", "mailto:ana@example.com"]),
        ("EXT:a,b ::: Whatsapp:5582900000001 ;", "", ["ext:a,b", "whatsapp:5582900000001"]),
        ("ext:CLI%2342", "", ["ext:CLI%2342"]),
        ("twitterid:1234#Ana", "", ["twitterid:1234#ana"]),
        ("tel:+5582900000001#Ana", "", ["tel:+5582900000001"]),
    ],
)
def test_cells(cell: object, scheme: str, urns: list[str] | None) -> None:
    if urns is None:
        assert refusal(cell, scheme).code == "urn-invalid"
        return
    assert list(read(cell, scheme)) == urns
    assert all(map(is_taken, urns))


@pytest.mark.parametrize(
    ("cell", "scheme"),
    [
        ("ana", "mailto"),
        ("ana @example.com", "mailto"),
        ("Ana <ana@example.com>", "mailto"),
        ("ana(at)example.com", "mailto"),
        ("ana@localhost", "mailto"),
        ("ana@@example.com", "mailto"),
        ("ana@example..com", "mailto"),
        (".ana@example.com", "mailto"),
        ("joão@example.com", "mailto"),
        ("ana@192.0.2.1", "mailto"),
        ("a#b@example.com", "mailto"),
        (f"{'a' * 65}@example.com", "mailto"),
        ("x" * 252, "ext"),
        ("a" + "#" * 84, "ext"),
        ("t" * 16, "twitter"),
        ("ana!", "twitter"),
        ("abc", "twitterid"),
        ("@fábio", "telegram"),
        ("@ana.exemplo", "instagram"),
        ("٣", "telegram"),
        ("abc", "facebook"),
        ("ref:", "facebook"),
        ("x" * 25, "viber"),
        ("a-b", "line"),
        ("x", "jiochat"),
        ("x", "discord"),
        ("x", "freshchat"),
        ("x", "teams"),
        ("a:1:serviceURL:https://example.com/?q=1", "teams"),
        ("x" * 250, "slack"),
        ("abc", "weniwebchat"),
        ("+5582900000001", ""),
        ("foo:bar", ""),
        ("deleted:1", ""),
        ("weniwebchat:1", ""),
        ("ext:a%b", ""),
        ("tel:", ""),
    ],
)
def test_refused_by_the_rule_of_its_scheme(cell: str, scheme: str) -> None:
    issue = refusal(cell, scheme)
    assert issue.code == "urn-invalid"
    words = catalogue("en")
    assert words.message(issue)
    assert len(words.hint(issue)) > 20


@pytest.mark.parametrize(
    ("cell", "scheme", "code"),
    [
        ("--", "tel", "clear-on-key"),
        (" -- ", "mailto", "clear-on-key"),
        (ErrorCell("#REF!"), "tel", "cell-error"),
        ("#N/D", "tel", "cell-error"),
        (5.58, "tel", "phone-invalid"),
        (True, "tel", "phone-invalid"),
        (datetime(2024, 4, 3), "tel", "phone-invalid"),  # noqa: DTZ001 - a cell has no zone
        ("1234567", "whatsapp", "phone-invalid"),
        ("(82) 90000-0204/0002", "tel", "phone-invalid"),
        ("sim", "whatsapp", "phone-invalid"),
        (12345678901234500.0, "ext", "number-precision-lost"),
        (17841400000000000.0, "instagram", "number-precision-lost"),
    ],
)
def test_other_refusals(cell: object, scheme: str, code: str) -> None:
    assert refusal(cell, scheme).code == code


def test_longest() -> None:
    assert read("x" * 251, "ext") == ("ext:" + "x" * 251,)


def test_a_foreign_number_is_no_surprise_in_a_whatsapp_column() -> None:
    notes: list[Issue] = []
    assert parse_urns("351910000013", "whatsapp", BRAZIL, notes) == ("whatsapp:351910000013",)
    assert notes == []


def test_area() -> None:
    assert read("90000-0240", "tel", area="091") == ("tel:+5591900000240",)


def test_every_scheme_has_its_sentence() -> None:
    sentences = catalogue("en").sentences
    assert {f"urn-rule.{scheme}" for scheme in platform.SCHEMES} <= sentences.keys()
    assert set(TAKEN) == set(platform.WRITABLE_SCHEMES)


@pytest.mark.parametrize(
    ("urn", "kept"),
    [
        (" tel:+5582993311220 ", "tel:+5582993311220"),
        ("TEL: +55 (82) 99331-1220", "tel:+5582993311220"),
        ("tel:21993310018", "tel:21993310018"),
        ("tel:+5582993311220?origem=site", "tel:+5582993311220"),
        ("tel:+5582993311220#Ana", "tel:+5582993311220#Ana"),
        ("mailto: Ana@Example.com", "mailto:ana@example.com"),
        ("twitter:@Ana_L", "twitter:ana_l"),
        ("twitterid:1234#Ana", "twitterid:1234#ana"),
        ("ext:AbC 1", "ext:AbC 1"),
        ("ext:a:b", "ext:a:b"),
        ("ext:antes?depois", "ext:antes"),
        ("whatsapp: 5582993311220", "whatsapp:5582993311220"),
        ("weniwebchat:abc@x", "weniwebchat:abc@x"),
    ],
)
def test_normalise(urn: str, kept: str) -> None:
    assert normalise(urn) == kept


@pytest.mark.parametrize(
    "urns",
    [
        [
            "tel:+5582993311220", "whatsapp:5582993311220", "tel:+558293311220", "whatsapp:558293311220",
            "TEL:+55 82 99331-1220", "tel:+5582993311220#Ana",
        ],
        ["mailto:ana@example.com", "mailto:ANA@example.com", "Mailto:ana@example.com#Ana"],
        ["twitterid:1#ana", "twitterid:1"],
        ["ext:A-1_b.c", "EXT:A-1_b.c", "ext: A-1_b.c ", "ext:A-1_b.c#Ana", "ext:A-1_b.c?x=1"],
    ],
)  # fmt: skip
def test_same_contact(urns: list[str]) -> None:
    assert len({identity(urn) for urn in urns}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ext:Dona", "ext:dona"),
        ("tel:+5582993311220", "tel:+5511993311220"),
        ("tel:+5582932000033", "tel:+558232000033"),
        ("whatsapp:BR.1A2b", "whatsapp:BR.1A2c"),
        ("telegram:1", "facebook:1"),
        ("telegram:12345678", "whatsapp:12345678"),
    ],
)
def test_different_contacts(one: str, other: str) -> None:
    assert identity(one) != identity(other)


def test_stored_forms() -> None:
    assert stored_forms("tel:+5582993311220") == (
        "tel:+5582993311220",
        "whatsapp:5582993311220",
        "tel:+558293311220",
        "whatsapp:558293311220",
    )
    assert stored_forms("whatsapp:558293311220")[0] == "whatsapp:558293311220"
    assert stored_forms("tel:21993310018")[0] == "tel:21993310018"
    assert stored_forms("mailto:Ana@Example.com#x") == ("mailto:ana@example.com",)
    assert stored_forms("whatsapp:BR.1A2b") == ("whatsapp:BR.1A2b",)


def test_both_forms_of_a_number_can_be_kept_apart() -> None:
    """Then no other digits are looked for; the schemes still are one."""
    new, old = "tel:+5582993311220", "tel:+558293311220"
    assert identity(new, "keep") != identity(old, "keep")
    assert identity(old, "keep") == identity("whatsapp:558293311220", "keep")
    assert stored_forms(new, "keep") == (new, "whatsapp:5582993311220")


SCHEMES = st.sampled_from((*platform.SCHEMES, ""))
VALUES = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9A-Za-z_=@.#%?:+ -]{1,30}", fullmatch=True),
    st.integers(0, 10**15).map(str),
    st.emails(),
    st.from_regex(r"(tel|ext|mailto|facebook|slack):[0-9a-z@.%#;,?]{1,20}", fullmatch=True),
)


@given(VALUES, SCHEMES)
def test_what_is_read_is_taken_by_the_server(value: str, scheme: str) -> None:
    try:
        urns = read(value, scheme)
    except CellRefused as refused:
        catalogue("en").hint(refused.issue)
        return
    assert len(set(urns)) == len(urns)
    for urn in urns:
        assert is_taken(urn), urn
        assert normalise(urn) == urn
        if not re.search(r"[;|,\s]", urn):  # in a cell of whole URNs these stand between them
            assert read(urn, "") == (urn,)


@given(st.one_of(VALUES, st.builds("{}:{}".format, SCHEMES, VALUES)))
def test_normalising_twice_changes_nothing(urn: str) -> None:
    once = normalise(urn)
    assert normalise(once) == once
    assert identity(once) == identity(urn) == identity(identity(urn))
    assert {identity(form) for form in stored_forms(urn)} == {identity(urn)}


@given(VALUES, SCHEMES)
def test_the_practice_server_keeps_what_is_read(value: str, scheme: str) -> None:
    """Whatever the country of its workspace, it stores just the same and compares it alike."""
    with suppress(CellRefused):
        for urn in read(value, scheme):
            for country in ("BR", "PT", None):
                kept = parse_urn(urn, country)
                assert str(kept) == urn
                assert not kept.late
                assert identity(kept.identity) == identity(urn)
