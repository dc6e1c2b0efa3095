"""Columns: names, UUIDs, groups, yes and no, and the values of fields as they are sent."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer import platform
from importer.columns import (
    COLUMN_TYPES,
    parse_groups,
    parse_text_value,
    parse_uuid,
    parse_yes_no,
    read_name,
    same_value,
)
from importer.issues import CellRefused, Issue
from importer.messages import catalogue
from importer.model import ErrorCell, UncalculatedCell
from importer.options import Locale

BRAZIL = Locale("BR", ZoneInfo("America/Sao_Paulo"), "dmy", this_year=2026)
UUID = "f519ca1f-8513-49ba-8896-22bf0420dec7"


def code_of(refused: pytest.ExceptionInfo[CellRefused]) -> str:
    words = catalogue("en")
    assert words.message(refused.value.issue)
    assert words.hint(refused.value.issue)
    return refused.value.issue.code


def test_name() -> None:
    assert read_name("  João \n", []) == "João"
    assert read_name(42, []) == "42"
    assert read_name("ç" * 100, []) == "ç" * 100
    with pytest.raises(CellRefused) as refused:
        read_name("ç" * 101, [])
    assert code_of(refused) == "name-too-long"


@pytest.mark.parametrize(("cell", "uuid"), [(UUID, UUID), (f" {UUID.upper()} ", UUID), ("", "")])
def test_uuid(cell: str, uuid: str) -> None:
    assert parse_uuid(cell) == uuid


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("f519ca1f-8513", "uuid-invalid"),
        (f"{{{UUID}}}", "uuid-invalid"),
        (UUID.replace("-", ""), "uuid-invalid"),
        (12, "uuid-invalid"),
        ("--", "clear-on-key"),
    ],
)
def test_uuid_refused(cell: object, code: str) -> None:
    with pytest.raises(CellRefused) as refused:
        parse_uuid(cell)
    assert code_of(refused) == code


@pytest.mark.parametrize(
    ("cell", "joined", "left"),
    [
        ("", (), ()),
        ("VIP; Clientes", ("VIP", "Clientes"), ()),
        ("VIP; -Leads ;- Novos", ("VIP",), ("Leads", "Novos")),
        ("* myContacts ::: Família ::: * starred", ("Família",), ()),
        ("myContacts;starred;Família", ("Família",), ()),
        ("starred;Família", ("starred", "Família"), ()),
        ("Alunos|Turma 3", ("Alunos", "Turma 3"), ()),
        ('"VIP","Blog, novidades"', ("VIP", "Blog, novidades"), ()),
        ("VIP, Leads", ("VIP", "Leads"), ()),
        ("VIP;vip; VIP ", ("VIP",), ()),
        ("Sócios\nEquipe", ("Sócios", "Equipe"), ()),
        ("Norte/Sul", ("Norte/Sul",), ()),
        ("_x; 3a; مجموعة", ("_x", "3a", "مجموعة"), ()),
        (2024, ("2024",), ()),
        ("x" * 64, ("x" * 64,), ()),
    ],
)
def test_groups(cell: object, joined: tuple[str, ...], left: tuple[str, ...]) -> None:
    assert parse_groups(cell, []) == (joined, left)


@pytest.mark.parametrize("cell", ["⭐ Ouro", "x" * 65, "VIP; *x", "(a)", "-", "VIP; --"])
def test_groups_refused(cell: str) -> None:
    with pytest.raises(CellRefused) as refused:
        parse_groups(cell, [])
    assert code_of(refused) == "group-name-invalid"


@pytest.mark.parametrize(
    "cell",
    [*"TRUE true VERDADEIRO Verdadero Sim SIM SÍ si S yes Y X x 1".split(), True, 1, 1.0],  # noqa: SIM905
)
def test_yes(cell: object) -> None:
    assert parse_yes_no(cell) is True


@pytest.mark.parametrize("cell", [*"FALSE falso NÃO Nao NO n 0".split(), False, 0, 0.0])  # noqa: SIM905
def test_no(cell: object) -> None:
    assert parse_yes_no(cell) is False


@pytest.mark.parametrize("cell", [None, "", " ", "\u200b"])
def test_neither(cell: object) -> None:
    assert parse_yes_no(cell) is None


@pytest.mark.parametrize("cell", ["talvez", "--", "2", 2, "-1", "s/n"])
def test_yes_no_refused(cell: object) -> None:
    with pytest.raises(CellRefused) as refused:
        parse_yes_no(cell)
    assert code_of(refused) == "group-value-invalid"


def test_text_value() -> None:
    """Characters count, not bytes, and not those at the ends."""
    assert parse_text_value(f"  {'ç' * 640}\t", BRAZIL, []) == "ç" * 640
    with pytest.raises(CellRefused) as refused:
        parse_text_value("x" * 641, BRAZIL, [])
    assert code_of(refused) == "value-too-long"


@pytest.mark.parametrize("value_type", ["state", "district", "ward"])
def test_places_would_be_stored_empty(value_type: str) -> None:
    assert COLUMN_TYPES[value_type].parse(" ", BRAZIL, []) == ""
    with pytest.raises(CellRefused) as refused:
        COLUMN_TYPES[value_type].parse("Alagoas", BRAZIL, [])
    assert code_of(refused) == "value-not-known"


def test_every_type_of_the_server_can_be_read() -> None:
    assert tuple(COLUMN_TYPES) == platform.VALUE_TYPES


@pytest.mark.parametrize("value_type", platform.VALUE_TYPES)
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (ErrorCell("#N/A"), "cell-error"),
        ("#REF!", "cell-error"),
        (UncalculatedCell("A1"), "formula-not-calculated"),
    ],
)
def test_errors_of_the_spreadsheet(value_type: str, cell: object, code: str) -> None:
    with pytest.raises(CellRefused) as refused:
        COLUMN_TYPES[value_type].parse(cell, BRAZIL, [])
    assert code_of(refused) == code


@pytest.mark.parametrize(
    ("value_type", "wanted", "stored", "same"),
    [
        ("text", "Ana", "Ana", True),
        ("text", "Ana", " Ana\n", True),
        ("text", "Ana", "ana", False),
        ("text", None, None, True),
        ("text", "", None, True),
        ("text", "Ana", None, False),
        ("text", None, "Ana", False),
        ("text", "7.50", "7.5", False),
        ("numeric", "7.50", "7.5", True),
        ("numeric", "0", "0", True),
        ("numeric", "7", "8", False),
        ("numeric", "7", None, False),
        ("datetime", "2020-01-31T00:00:00-03:00", "2020-01-31T00:00:00.000000-03:00", True),
        ("datetime", "2020-01-31T00:00:00-03:00", "2020-01-31T03:00:00.000000Z", True),
        ("datetime", "2020-01-31T00:00:00-03:00", "2020-01-31T00:00:00.000000-02:00", False),
        ("datetime", "2020-01-31T00:00:00-03:00", "2020-01-31T00:00:00", False),
        ("datetime", "2020-01-31T00:00:00-03:00", None, False),
        ("state", "Alagoas", "Alagoas", True),
    ],
)
def test_same_value(value_type: str, wanted: str | None, stored: str | None, *, same: bool) -> None:
    assert same_value(value_type, wanted, stored) is same


@given(st.text(max_size=60))
def test_groups_that_are_read_can_be_created(text: str) -> None:
    try:
        joined, left = parse_groups(text, [])
    except CellRefused:
        return
    for names in (joined, left):
        assert all(map(platform.is_group_name, names))
        assert len({name.casefold() for name in names}) == len(names)


@given(st.text(max_size=50), st.sampled_from(platform.VALUE_TYPES))
def test_any_text_is_a_value_or_refused(text: str, value_type: str) -> None:
    notes: list[Issue] = []
    try:
        value = COLUMN_TYPES[value_type].parse(text, BRAZIL, notes)
    except CellRefused as refused:
        catalogue("en").message(refused.issue)
        return
    assert len(value) <= platform.VALUE_MAX
    assert same_value(value_type, value, value or None)
    # as it is sent, so it is read
    assert COLUMN_TYPES[value_type].parse(value, BRAZIL, []) == value or value_type == "text"
