"""Writes the files beside it: `python sample_data/make_samples.py`.

The same code always writes the same content.
"""

import csv
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from dirty import write_dirty_workbook, write_legacy_csv, write_legacy_mapping
from people import (
    AREAS,
    CITIES,
    CLEAN_HEADER,
    FIRST_NAMES,
    LANGUAGES,
    LAST_NAMES,
    add_row,
    clean_people,
    digits,
    fit,
    mobile,
    new_book,
    write_header,
)  # fmt: skip


def write_clean_csv(path: Path) -> None:
    """Thirty people in the platform's header convention, some with blank cells; UTF-8, comma."""
    people = clean_people(30, 1, seed=1)
    for place, header in ((3, "URN:Mailto"), (7, "Language"), (11, "Groups"), (15, "Field:Pontos:numeric")):
        people[place][header] = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CLEAN_HEADER)
        writer.writeheader()
        writer.writerows(people)


def write_clean_workbook(path: Path) -> None:
    """Thirty people with true numbers, dates, times and yes/no, and identifiers under a number format."""
    book, sheet = new_book("Contatos")
    extra = ("Field:Ultima Visita:datetime", "Field:CEP", "Group:VIP", "Group:Boletim")
    header = (*CLEAN_HEADER[:3], "URN:Whatsapp", *CLEAN_HEADER[3:], *extra)
    write_header(sheet, header)
    for place, person in enumerate(clean_people(30, 101, seed=2)):
        seen = datetime(2024, 1, 1, 8, 30) + timedelta(hours=37 * place)  # noqa: DTZ001 (cells have no zone)
        person |= {
            "URN:Tel": person["URN:Tel"] if place % 3 else None,
            "URN:Whatsapp": int(digits(str(person["URN:Tel"]))),
            "Groups": "Clientes",
            "Field:Ultima Visita:datetime": seen if place % 4 else None,
            "Field:CEP": 1_000_000 + 4_321 * place,
            "Group:VIP": place % 2 == 0,
            "Group:Boletim": "x" if place % 5 == 0 else None,
        }
        add_row(sheet, header, person)
    for place, name in enumerate(header, 1):
        for line in range(2, sheet.max_row + 1):
            sheet.cell(line, place).number_format = {
                "URN:Whatsapp": "0",
                "Field:Nascimento:datetime": "dd/mm/yyyy",
                "Field:Ultima Visita:datetime": "dd/mm/yyyy hh:mm",
                "Field:CEP": "00000-000",
            }.get(name, "General")
    fit(sheet)
    book.save(path)


MANY_HEADER = ("Name", "Language", "URN:Tel", "URN:Ext", "Groups", "Field:Cidade", "Field:Pontos:numeric")


def write_many(path: Path) -> None:
    """Two thousand people, to watch a run and to stop it: 50 minutes at the server's own pace."""
    chance = random.Random(2000)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(MANY_HEADER)
        for place in range(2000):
            name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)} {place + 1}"
            phone = mobile(AREAS[place % len(AREAS)], 12_000 + place)
            groups = f"Turma {1 + place % 8}"
            row = (chance.choice(LANGUAGES), phone, f"T-{place + 1:05}", groups, chance.choice(CITIES))
            writer.writerow((name, *row, chance.randrange(5000)))


def write_workspace(path: Path) -> None:
    """A workspace to import into: some of the clean CSV file's people, as they are there or with changes.

    Four of them are as the file says, one of these with URNs and groups more (they stay); three differ; the
    others are nobody of that file, but of contacts-dirty.xlsx.
    """
    people = clean_people(30, 1, seed=1)
    contacts = [as_contact(person) for person in people[:7]]
    contacts[3]["urns"] = [urn for urn in as_list(contacts[3], "urns") if not urn.startswith("mailto:")]
    contacts[3]["name"] = "Davi de Antes"
    contacts[4]["language"] = "fra"
    contacts[5]["fields"] = {"cidade": "Olinda", "pontos": "1"}
    contacts[6]["urns"] = [*as_list(contacts[6], "urns"), f"whatsapp:{digits(mobile(82, 900))}"]
    contacts[6]["groups"] = [*as_list(contacts[6], "groups"), "Antigos"]
    contacts += [
        {"name": "Dona do Número", "urns": [f"tel:+{digits(mobile(82, 901))}"]},
        {"name": "Dono do E-mail", "urns": ["mailto:nome.antigo@example.com"], "groups": ["Antigos"]},
        {"name": "Quem Já Está", "urns": [f"tel:+{digits(mobile(82, 904))}"]},
        {"name": "Bloqueado Exemplo", "urns": [f"tel:+{digits(mobile(82, 903))}"], "blocked": True},
    ]
    workspace = {
        "name": "Praça Exemplo",
        "country": "BR",
        "timezone": "America/Sao_Paulo",
        "fields": [
            {"label": "Cidade", "value_type": "text"},
            {"label": "Nascimento", "value_type": "datetime"},
            {"label": "Pontos", "value_type": "numeric"},
            {"label": "Codigo", "value_type": "text"},
        ],
        "groups": [
            "Clientes",
            "VIP",
            "Boletim",
            "Antigos",
            {"name": "Aniversariantes", "query": "pontos > 5000"},
        ],
        "contacts": contacts,
    }
    path.write_text(json.dumps(workspace, ensure_ascii=False, indent=2) + "\n", "utf-8")


def as_contact(person: dict[str, object]) -> dict[str, object]:
    """The contact that a row of the clean CSV file makes in a Brazilian workspace."""
    return {
        "name": person["Name"],
        "language": person["Language"],
        "urns": [
            f"tel:+{digits(str(person['URN:Tel']))}",
            f"mailto:{person['URN:Mailto']}",
            f"ext:{person['URN:Ext']}",
        ],
        "groups": str(person["Groups"]).split("; "),
        "fields": {
            "cidade": person["Field:Cidade"],
            "nascimento": f"{person['Field:Nascimento:datetime']}T00:00:00-03:00",
            "pontos": str(person["Field:Pontos:numeric"]),
        },
    }


def as_list(contact: dict[str, object], key: str) -> list[str]:
    """The texts of a contact's list."""
    return cast("list[str]", contact[key])


SAMPLES = {
    "contacts-clean.csv": write_clean_csv,
    "contacts-clean.xlsx": write_clean_workbook,
    "contacts-dirty.xlsx": write_dirty_workbook,
    "legacy-dirty.csv": write_legacy_csv,
    "legacy-dirty.toml": write_legacy_mapping,
    "contacts-2000.csv": write_many,
    "existing-workspace.json": write_workspace,
}

if __name__ == "__main__":
    for name, write in SAMPLES.items():
        write(Path(__file__).with_name(name))
