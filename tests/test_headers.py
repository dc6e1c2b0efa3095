"""Header rows: cleaned, compared, found."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.headers import (
    clean_header,
    find_header,
    names_key,
    normal_header,
    repeats_header,
    split_prefix,
    usual_target,
)
from importer.model import ErrorCell, ShownNumber, UncalculatedCell

CELLS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.builds(ErrorCell, st.text(max_size=5)),
    st.builds(UncalculatedCell, st.text(max_size=5)),
    st.sampled_from(["Nome", "Celular", "URN:Tel", "ana@example.com", "(11) 90000-0001", "Field:X"]),
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("\u200bNome\xa0", "Nome"),
        ("Telefone\r\n(celular)", "Telefone (celular)"),
        ("E\u00ad-mail ", "E-mail"),
        ("\ufeff\tNome  completo\n", "Nome completo"),
        (None, ""),
        (2024, "2024"),
        (2024.0, "2024"),
        (ErrorCell("#N/A"), "#N/A"),
        (ShownNumber(7, "007"), "007"),
        (UncalculatedCell("=A1"), ""),
    ],
)
def test_a_header_cell_is_cleaned(cell: object, expected: str) -> None:
    assert expected == clean_header(cell)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("* E-mail:", "e mail"),
        ("PROFISSÃO", "profissao"),
        ("Nº do celular", "no do celular"),
        ("phone_number", "phone number"),
        ("Straße", "strasse"),
        ("℡", "tel"),
        ("!?", ""),
    ],
)
def test_headers_are_compared_in_the_normal_form(header: str, expected: str) -> None:
    assert expected == normal_header(header)


@given(st.text())
def test_the_normal_form_is_its_own(text: str) -> None:
    once = normal_header(text)
    assert once == normal_header(once)
    assert once == normal_header(clean_header(text))


@pytest.mark.parametrize(
    "header",
    [
        "Celular",
        "URN:Tel",
        "URN: Fax",
        "Contact UUID",
        "WhatsApp",
        "Código do cliente",
        "e-mail 7 - value",
        "URNs",
    ],
)
def test_keys_are_urns_and_the_uuid(header: str) -> None:
    assert names_key(header)


@pytest.mark.parametrize("header", ["Nome", "Cidade", "Field:Turma", "Group:VIP", "Contato", "DDD", "Status"])
def test_other_targets_are_no_keys(header: str) -> None:
    assert usual_target(header)
    assert not names_key(header)


@pytest.mark.parametrize("header", ["", "_uuid", "_tags", "URN:", "Telefone da mãe", "Célula", "Nome da mãe"])
def test_other_headers_name_nothing(header: str) -> None:
    assert not usual_target(header)


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        (0, [["Nome", "Celular"], ["Ana", "11"]]),
        (0, [["Celular"], ["(11) 90000-0001"]]),
        (2, [["Relatório de clientes"], ["Gerado em 02/01/2024"], ["", "Nome", "E-mail"]]),
        (0, [["Nome", "Cidade"], ["Ana", "Belém"]]),
        (0, [["Nome", "Cidade", "Origem"], ["Ana", "Belém", "WhatsApp"]]),
        (1, [["Empresa", "Cidade"], ["Nome", "Celular", "Turma"]]),
        (None, [["Indicador", "Valor"], ["Clientes", 37.0]]),
        (None, [["Yara", "5521900000130", "yara@example.com"], ["WhatsApp", "+55 (11) 90000-0001"]]),
        (None, [["Celular", 5511900000001]]),
        (None, [["Celular", "celular:", "a@example.com"]]),
        (0, [["Nome", "Celular", "2023-2024", "31.12.2023", date(2024, 1, 1)]]),
        (None, []),
    ],
)
def test_the_header_row_is_found(expected: int | None, rows: list[list[object]]) -> None:
    assert expected == find_header(rows)


@pytest.mark.parametrize(
    ("expected", "cells"),
    [
        (True, ["Nome", "Celular", "E-mail", "Cidade"]),
        (True, ["\ufeffNOME", "celular ", "e-mail", ""]),
        (True, ["Nome", "Celular"]),
        (False, ["Nome", None, "", ""]),
        (False, ["Nome", "Celular", "ana@example.com", "Cidade"]),
        (False, ["", "", "", ""]),
        (False, ["Nome", 5, None, None]),
    ],
)
def test_a_repeated_header_is_seen(expected: bool, cells: list[object]) -> None:
    assert expected == repeats_header(cells, ["Nome", "Celular", "E-mail", "Cidade"])


def test_blank_headers_do_not_repeat() -> None:
    assert not repeats_header(["#"], [""])
    assert repeats_header(["Celular"], ["Celular"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("URN: Tel", ("urn", "Tel")),
        ("field:Nick Name", ("field", "Nick Name")),
        ("Group :VIP: A", ("group", "VIP: A")),
        ("Nome: completo", None),
    ],
)
def test_prefixes_are_the_platforms(header: str, expected: tuple[str, str] | None) -> None:
    assert expected == split_prefix(header)


@given(st.lists(st.lists(CELLS, max_size=6), max_size=6))
def test_no_row_is_refused(rows: list[list[object]]) -> None:
    """Whatever the cells, there is an answer, and it is an index of the rows."""
    found = find_header(rows)
    assert found is None or 0 <= found < len(rows)
    for row in rows:
        headers = [clean_header(cell) for cell in row]
        assert repeats_header(row, headers) or not any(headers)
