"""kill -9 at every request of a job with fields and groups of its own: the next run ends as one clean run does."""

import json
import os
import signal

import httpx
import pytest
from openpyxl import Workbook

from importer.sandbox import Sandbox, SandboxOptions

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")

SHEETS = {
    "Contacts": ("Name|URN:Tel|Groups", "Ana|+5582900000001|Turma 1; Nova", "Bia|+5582900000002|Turma 1"),
    "Fields": ("Label|Type|Key", "Bairro", "Cidade|numeric|city"),
    "Groups": ("Name|New name|Action", "Turma A|Turma 1", "Nova", "Velho||delete"),
}
ANY = {"allow_delete": None}


def fill(sandbox: Sandbox) -> None:
    sandbox.reset()
    headers = {"Authorization": f"Token {sandbox.token}"}
    with httpx.Client(base_url=f"{sandbox.url}/api/v2/", headers=headers, trust_env=False) as client:
        client.post("fields.json", json={"label": "City", "value_type": "text"}).raise_for_status()
        for name in ("Turma A", "Velho"):
            client.post("groups.json", json={"name": name}).raise_for_status()
        bia = {"name": "Bia", "urns": ["tel:+5582900000002"], "groups": ["Velho"]}
        client.post("contacts.json", json=bia).raise_for_status()


def state_of(sandbox: Sandbox) -> tuple:
    fields = {one.key: (one.label, one.value_type) for one in sandbox._service.store.fields.values()}
    groups = {group["name"]: group["count"] for group in sandbox.groups()}
    return fields, groups, sorted(str(contact["urns"]) for contact in sandbox.contacts())


@pytest.mark.slow
@pytest.mark.timeout(400)  # the machine may have much else to do
def test_killed_at_any_request(runner, tmp_path):
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
        before = len(sandbox.requests)
        runner.start(file, sandbox, tmp_path / "clean", options=ANY)
        assert runner.wait() == 0
        clean, requests = state_of(sandbox), sandbox.requests[before:]
        report = json.loads(runner.result.read_text())
        assert clean[1] == {"Turma 1": 2, "Nova": 1}
        for number, request in enumerate(list(requests), 1):
            for moment in ("drop-before", "drop-after") if request.writes else ("drop-before",):
                fill(sandbox)

                def strike(count, method, path, at=before + number, moment=moment):
                    if count == at:
                        runner.kill()
                        return moment
                    return None

                sandbox.fault_plan = strike
                state = tmp_path / f"{number}-{moment}"
                runner.start(file, sandbox, state, options=ANY)
                assert runner.wait() == -signal.SIGKILL, (number, moment)
                sandbox.fault_plan = None
                runner.start(file, sandbox, state, options=ANY)
                assert runner.wait() == 0
                assert state_of(sandbox) == clean, (number, moment)
                again = json.loads(runner.result.read_text())
                assert again["definitions"] == report["definitions"], (number, moment)
