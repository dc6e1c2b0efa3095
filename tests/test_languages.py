"""Languages: codes, tags and names → the code that the server knows."""

from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer import platform
from importer.headers import normal_header
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.messages import catalogue
from importer.options import Locale

ZONE = ZoneInfo("America/Sao_Paulo")


def read(cell: object, country: str | None = "BR") -> tuple[str, list[str]]:
    notes: list[Issue] = []
    code = parse_language(cell, Locale(country, ZONE), notes)
    assert all(map(catalogue("en").message, notes))
    return code, [note.code for note in notes]


def refusal(cell: object, country: str | None = "BR") -> Issue:
    with pytest.raises(CellRefused) as refused:
        read(cell, country)
    assert refused.value.issue.code == "language-unknown"
    return refused.value.issue


@pytest.mark.parametrize(
    ("cell", "code"),
    [("por", "por"), ("POR", "por"), (" Spa ", "spa"), ("fra", "fra"), ("tlh", "tlh"), ("", "")],
)
def test_codes(cell: str, code: str) -> None:
    assert read(cell) == (code, [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("pt", "por"), ("PT", "por"), ("es", "spa"), ("iw", "heb"), ("pt-BR", "por"), ("pt_BR", "por"),
        ("es-419", "spa"), ("es_419", "spa"), ("zh-Hant-TW", "zho"), ("por-BR", "por"), ("fre", "fra"),
        ("GER", "deu"), ("chi", "zho"), ("Português", "por"), ("Portugues", "por"), ("PORTUGUÊS", "por"),
        ("Português (Brasil)", "por"), ("Português do Brasil", "por"), ("portuguese", "por"),
        ("Portugais", "por"), ("portugués", "por"), ("Portuguese - Brazil", "por"),
        ("Portuguese, Brazil", "por"),
        ("Español", "spa"), ("castellano", "spa"), ("Castelhano", "spa"), ("Espanhol", "spa"),
        ("espagnol", "spa"),
        ("English", "eng"), ("Inglês", "eng"), ("anglais", "eng"), ("inglés", "eng"), ("English (US)", "eng"),
        ("Alemão", "deu"), ("Guarani", "grn"), ("Warao", "wba"), ("Libras", "bzs"),
        ("Crioulo haitiano", "hat"),
        ("montenegrin", "srp"),
    ],
)  # fmt: skip
def test_what_people_write(cell: str, code: str) -> None:
    assert read(cell) == (code, ["language-normalised"])


@pytest.mark.parametrize(
    "cell",
    ["BR", "br", "US", "klingon", "zzz", "zz", "x", "-", "n/a", "1", "Português, Inglês", "português/inglês"],
)
def test_unknown(cell: str) -> None:
    refusal(cell)


def test_a_country_that_is_called_as_its_language_is_no_doubt() -> None:
    assert read("PT", "PT") == ("por", ["language-normalised"])
    assert read("br", "PT") == ("bre", ["language-normalised"])
    refusal("BR", "BR")


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("portuges", "por"),
        ("Inlgês", "eng"),
        ("xxxxxxxx", ""),
        ("Espanhool", "spa"),
        ("szy", "ais"),
        ("hyw", "hye"),
        ("zzz", ""),
    ],
)
def test_suggestions(cell: str, suggestion: str) -> None:
    """What is alike is suggested, never taken; for a younger code the older one."""
    message = catalogue("en").message(refusal(cell))
    assert message.endswith(f"Did you mean {suggestion}?" if suggestion else "that the platform knows.")


def test_retired() -> None:
    assert read("ajp") == ("ajp", ["language-retired"])


def test_only_in_todays_list() -> None:
    assert "cnr" not in platform.language_codes()
    refusal("cnr")


@pytest.mark.parametrize("code", sorted(platform.retired_language_codes()))
def test_every_retired_code_is_taken(code: str) -> None:
    assert read(code.upper()) == (code, ["language-retired"])


def lines(name: str) -> list[str]:
    text = resources.files("importer").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_table_of_names() -> None:
    """Every name is in the form in which it is looked for, stands once, and gives a code of the server."""
    names: list[str] = []
    for line in lines("languages-names.txt"):
        code, codes, called = line.split("\t")
        assert code in platform.language_codes()
        assert not platform.language_codes().intersection(codes.split())
        names += filter(None, called.split("|"))
    assert len(names) == len(set(names)) > 1400
    assert [name for name in names if normal_header(name) != name or len(name) < 4] == []


def test_the_table_of_younger_codes() -> None:
    for line in lines("languages-replaced.txt"):
        younger, older = line.split()
        assert younger not in platform.language_codes()
        assert older in platform.language_codes()


@given(
    st.one_of(
        st.text(max_size=30), st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,4}){0,2}", fullmatch=True)
    )
)
def test_any_text_is_a_known_language_or_refused(text: str) -> None:
    try:
        code, codes = read(text, None)
    except CellRefused as refused:
        catalogue("en").message(refused.issue)
        return
    assert code in platform.language_codes() or not code
    if code:
        assert read(code, None)[0] == code
        assert codes or code == text.strip().lower()


def test_a_long_text_takes_no_time() -> None:
    refusal(" " * 3 + "(" * 20_000)
    refusal("a" + " " * 30_000 + "b")
