"""kill -9 at every request of a job with fields and groups of its own: the next run ends as one clean run does."""

import os

import httpx
import pytest
from openpyxl import Workbook
from states import everything_of

from importer.sandbox import Sandbox, SandboxOptions

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")

SHEETS = {
    "Contacts": ("Name|URN:Tel|Groups", "Ana|+5582900000001|Turma 1; Nova", "Bia|+5582900000002|Turma 1"),
    "Fields": ("Label|Type|Key", "Bairro", "Cidade|numeric|city"),
    "Groups": ("Name|New name|Action", "Turma A|Turma 1", "Nova", "Velho||delete"),
}
ANY = {"allow_delete": None}


def fill(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Token {sandbox.token}"}
    with httpx.Client(
        base_url=f"{sandbox.url}/api/v2/", headers=headers, trust_env=False, verify=False
    ) as client:
        client.post("fields.json", json={"label": "City", "value_type": "text"}).raise_for_status()
        for name in ("Turma A", "Velho"):
            client.post("groups.json", json={"name": name}).raise_for_status()
        bia = {"name": "Bia", "urns": ["tel:+5582900000002"], "groups": ["Velho"]}
        client.post("contacts.json", json=bia).raise_for_status()


@pytest.mark.slow
@pytest.mark.timeout(400)  # the machine may have much else to do
def test_killed_at_any_request(killed_everywhere, tmp_path):
    """Before and after the server did its work; every row has the line of the clean run."""
    book = Workbook()
    book.remove(book.active)
    for title, lines in SHEETS.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append([text or None for text in line.split("|")])
    file = tmp_path / "list.xlsx"
    book.save(file)
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        fill(sandbox)
        kills = killed_everywhere(file, sandbox, options=ANY)
        _, report = next(kills)
        clean = everything_of(sandbox)
        assert clean[1] == {"Turma 1": 2, "Nova": 1}
        for where, again in kills:
            assert everything_of(sandbox) == clean, where
            assert again["definitions"] == report["definitions"], where
