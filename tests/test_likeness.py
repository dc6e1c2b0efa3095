"""Did you mean: near names are found, names that differ on purpose are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.likeness import Names, did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("Cliente VIP", ["Clientes VIP", "Fornecedores"], "Clientes VIP"),
        ("clientes vip", ["Clientes VIP"], "Clientes VIP"),
        ("Inscricoes-2024", ["Inscrições 2024"], "Inscrições 2024"),
        ("Whatsap", ["tel", "whatsapp", "mailto"], "whatsapp"),
        ("Alunos", ["Alunas", "Alunos e pais"], "Alunas"),
        ("Cidad", ["City", "Cidade"], "Cidade"),
        ("Turma 1", ["Turma 2"], ""),
        ("Turma 2023", ["Turma 2024"], ""),
        ("Turma 2024", ["Turma 2023", "Turma2024", "Turmas 2024"], "Turmas 2024"),
        ("Turma A", ["Turma B"], ""),
        ("Fase II", ["Fase III"], ""),
        ("VIP", ["Clientes"], ""),
        ("", ["Clientes"], ""),
        ("--", ["Clientes"], ""),
        ("Clientes", [], ""),
        ("Clientes", ["", "…"], ""),
    ],
)
def test_the_closest_name(name, known, meant):
    assert Names(known).closest(name) == meant


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_only_known_names_are_suggested(name, known):
    assert Names(known).closest(name) in {*known, ""}


def test_the_question_names_the_other():
    assert did_you_mean("VIP").facts == {"other": "VIP"}
    assert did_you_mean("") == ""
