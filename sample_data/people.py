"""Invented people, and sheets to put them into.

Brazilian mobiles 9 0000-xxxx and 9 0001-xxxx, hosts example.com and example.org.
"""

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import cast

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

FIRST_NAMES = (
    "Ana", "Bento", "Carla", "Davi", "Elisa", "Fábio", "Gabriela", "Heitor", "Íris", "João", "Kátia", "Lucas",
    "Márcia", "Nélson", "Olívia", "Paulo", "Quitéria", "Rafael", "Sônia", "Tomás", "Úrsula", "Vítor", "Wanda",
    "Xavier", "Yara", "Zélia",
)  # fmt: skip
LAST_NAMES = ("Exemplo", "Modelo", "Amostra", "Fictícia", "Inventado", "Teste")
CITIES = ("Maceió", "São Paulo", "Belém", "Goiânia", "Recife", "Porto Alegre", "Brasília", "Niterói")
AREAS = (82, 11, 91, 62, 81, 51, 61, 21, 31, 41, 71, 85)
LANGUAGES = ("por", "por", "por", "por", "spa", "eng")


def mobile(area: int, number: int) -> str:
    """One of 20,000 invented mobiles of an area, as people write it."""
    thousands, last = divmod(number, 10_000)
    return f"+55 {area} 9000{thousands}-{last:04}"


def digits(phone: str) -> str:
    """Only its digits, country first."""
    return "".join(char for char in phone if char.isdigit())


CLEAN_HEADER = (
    "Name", "Language", "URN:Tel", "URN:Mailto", "URN:Ext", "Groups", "Field:Cidade",
    "Field:Nascimento:datetime", "Field:Pontos:numeric",
)  # fmt: skip


def clean_people(count: int, first: int, seed: int) -> list[dict[str, object]]:
    """So many people without anything wrong, with numbers and codes from `first` on."""
    chance = random.Random(seed)
    people = []
    for place in range(count):
        number = first + place
        turn, first_name = divmod(place, len(FIRST_NAMES))
        name = f"{FIRST_NAMES[first_name]} {LAST_NAMES[turn % len(LAST_NAMES)]}"
        people.append({
            "Name": name,
            "Language": chance.choice(LANGUAGES),
            "URN:Tel": mobile(chance.choice(AREAS), number),
            "URN:Mailto": f"contato{number:04}@example.{chance.choice(('com', 'org'))}",
            "URN:Ext": f"CRM-{number:05}",
            "Groups": chance.choice(("Clientes", "Clientes; VIP", "Boletim", "Clientes; Boletim")),
            "Field:Cidade": chance.choice(CITIES),
            "Field:Nascimento:datetime": date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)),
            "Field:Pontos:numeric": chance.choice((0, 7, 12.5, 120, 1000, 2500.75)),
        })  # fmt: skip
    return people


def new_book(title: str) -> tuple[Workbook, Worksheet]:
    """A workbook and its only sheet."""
    book = Workbook()
    sheet = cast("Worksheet", book.active)
    sheet.title = title
    return book, sheet


def write_header(sheet: Worksheet, header: Iterable[str]) -> None:
    """The header row, in bold, always in sight."""
    sheet.append([name or None for name in header])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"


def add_row(sheet: Worksheet, header: Iterable[str], cells: Mapping[str, object]) -> None:
    """A row of the cells by their headers; absent ones are blank."""
    sheet.append([cells.get(name) for name in header])


def fit(sheet: Worksheet) -> None:
    """Columns as wide as their usual cells."""
    for column in sheet.iter_cols():
        widest = max(len(str(cell.value)) for cell in column if cell.value is not None or cell.row == 1)
        sheet.column_dimensions[column[0].column_letter].width = min(widest + 2, 60)
