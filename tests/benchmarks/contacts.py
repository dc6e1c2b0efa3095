"""Contacts for the benchmarks: 15 columns as a migration has them, the same for the same seed, never committed.

`python tests/benchmarks/contacts.py ROWS FILE.csv` writes them. Names and numbers are made up: mobiles of Brazil that
begin with 9 000, which nobody has.
"""

import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

SEED = 20_240_403
ERRORS = 0.02
"""Share of rows with a cell that is wrong."""
REPEATS = 0.01
"""Share of rows that mean the contact of an earlier one; half of them contradict it."""

HEADERS = (
    "Name", "URN:Tel", "URN:Tel", "URN:Mailto", "URN:Ext", "Language", "Groups",
    "Field:Cidade", "Field:Bairro", "Field:Escola", "Field:Observacao",
    "Field:Idade:numeric", "Field:Renda:numeric", "Field:Nascimento:datetime", "Field:Matricula:datetime",
)  # fmt: skip

_NAMES = """
Ana Bia Caio Davi Eva Fábio Gil Hugo Íris João Kátia Lia Mário Nina Otávio Paula Rui Sara Téo Vera
Abreu Brito Costa Dias Elói Freire Góis Horta Ivo Jordão Lemos Matos Nóbrega Oliva Pires Rocha
"""
_FIRST, _LAST = map(str.split, _NAMES.strip().split("\n"))
_AREAS = ("11", "21", "31", "41", "51", "61", "71", "81", "82", "91")
_TOWNS = ("Maceió", "São Paulo", "Recife", "Belém", "Porto Alegre", "Natal", "Goiânia", "Salvador")
_GROUPS = ("Clientes", "VIP", "Turma A; Turma B", "Boletim", "Clientes; Boletim", "")
_NOTATIONS = ("+55 {0} {1}-{2}", "({0}) {1}-{2}", "{0}{1}{2}", "+55{0}{1}{2}", "0{0} {1}-{2}")
_WORDS = (
    "aluna", "aluno", "bolsa", "visita", "retorno", "ligar", "manhã", "tarde", "noite", "pendente", "carta",
    "família", "irmão", "curso", "turno",
)  # fmt: skip
_WRONG = (
    (1, "9999"), (1, "(20) 90000-0000"), (2, "não tem"), (3, "ana(at)example.com"), (5, "klingon"),
    (11, "muitos"), (12, "1.2.3"), (13, "31/02/1999"), (14, "ontem"), (7, "x" * 700),
)  # fmt: skip


def rows(count: int, seed: int = SEED) -> Iterator[list[str]]:
    """`count` rows of cells below the header."""
    chance = random.Random(seed)
    kept: list[list[str]] = []
    for number in range(count):
        dice = chance.random()
        if kept and dice < REPEATS:
            row = list(chance.choice(kept))
            row[0] = row[0] if dice < REPEATS / 2 else "Outra Pessoa"
        else:
            row = _row(number, chance)
            if dice > 1 - ERRORS:
                position, cell = chance.choice(_WRONG)
                row[position] = cell
            elif len(kept) < 5000:
                kept.append(row)
        yield row


def _row(number: int, chance: random.Random) -> list[str]:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    day, month = chance.randint(1, 28), chance.randint(1, 12)
    return [
        f"{first} {last} {chance.choice(_LAST)}",
        _phone(number, 0, chance),
        _phone(number, 1, chance),
        f"contato{number}@example.com",
        f"A-{number:07}",
        chance.choice(("por", "por", "por", "spa", "eng")),
        chance.choice(_GROUPS),
        chance.choice(_TOWNS),
        f"Bairro {chance.randint(1, 400)}",
        f"Escola {chance.choice(_LAST)} {chance.randint(1, 90)}",
        " ".join(chance.choices(_WORDS, k=chance.randint(0, 8))),
        str(chance.randint(0, 99)),
        f"{chance.randint(500, 9999)}.{chance.randint(0, 99):02}",
        f"{day:02}/{month:02}/{chance.randint(1940, 2015)}",
        f"20{chance.randint(10, 23)}-{month:02}-{day:02} {chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
    ]


def _phone(number: int, which: int, chance: random.Random) -> str:
    place = number * 2 + which
    digits = f"9{place // len(_AREAS):08}"
    return chance.choice(_NOTATIONS).format(_AREAS[place % len(_AREAS)], digits[:5], digits[5:])


def write_csv(path: Path, count: int) -> None:
    """Write a CSV file of so many rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(rows(count))


if __name__ == "__main__":
    write_csv(Path(sys.argv[2]), int(sys.argv[1]))
