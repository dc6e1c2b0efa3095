"""Every step in every state it can be in: nothing sticks out and nothing is unreadable, be it light or dark.

With WENI_PICTURES=1 in the environment there is a picture of each, at both widths, in build/pictures.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from importer.options import Options
from importer.run import Connection, import_file
from importer.sandbox import Rates, Sandbox, SandboxOptions
from importer.web import Page, PageOptions

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

FOLDER = Path(__file__).parents[2] / "build" / "pictures"
SIZES = ((390, 844), (1280, 900))
IS_SHOT = bool(os.environ.get("WENI_PICTURES"))

DIRTY = """\
Nome,Celular,E-mail,Idioma,Nascimento,Grupos,Cidade,Observações
Ana Exemplo,(82) 90000-0001,ana@example.com,pt,31/12/1990,Clientes,Maceió,
Bia Modelo,82900000002,bia(at)example.com,pt-BR,01/02/1991,Clientes;VIP,Recife,
Caio Teste,900000003,,por,,VIP,Maceió,prefere ser chamado à tarde
Davi Ficticio,82900000004,,Klingonês,,,Natal,
Eva Inventada,82900000005,,Élfico,,,Natal,
Eva Outra,82900000005,,Dothraki,,,Natal,
Sem Chave,,,,,,,
"""
LONG = "Observações sobre o relacionamento com a pessoa, incluindo preferências de contato e histórico "
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
LONG_TEXTS = (
    f"Nome,Celular,{LONG * 2},Grupos\n"
    f'"{LONG * 4}",82900000001,"{LONG_WORD}",{LONG_WORD[:60]}\n'
    f'"{LONG_WORD}",12,"{LONG * 6}",\n' + f"Ana,3,{LONG_WORD},\n"
)
MANY = "Name,URN:Tel\n" + "".join(f"Nome {n},+55829000{n:05d}\n" for n in range(60))


@pytest.fixture
def shoot(tab, axe) -> Iterator[Callable[[str, str], None]]:
    """Looks at an address, or at what is shown; fails if something sticks out or cannot be read."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made, wrong = tab(), []

    def take(name: str, address: str = "") -> None:
        if address:
            made.goto(address)
        axe(made)
        for width, height in SIZES:
            made.set_viewport_size({"width": width, "height": height})
            wide = made.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append((name, width, wide))
            for scheme in ("light", "dark") if IS_SHOT else ():
                made.emulate_media(color_scheme=scheme)
                made.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
        made.emulate_media(color_scheme="light")

    take.tab = made
    yield take
    assert wrong == []


def test_getting_in(shoot, state, sandbox, visit):
    with Page(PageOptions(port=0, state=state)) as page:
        shoot("enter", page.address)
        shoot("connect", page.url)
        tab = shoot.tab
        tab.get_by_label("API token", exact=True).fill("of nobody")
        tab.get_by_label("Address of the platform").fill(sandbox.url)
        tab.get_by_role("button", name="Connect", exact=True).click()
        tab.locator("[role=alert]").first.wait_for()
        shoot("connect-refused")
        page.workshop.save(Connection(sandbox.url, sandbox.token))
        shoot("connect-saved", page.address)
        tab.get_by_role("button", name="Practise").click()
        tab.locator("#file").wait_for()
        shoot("file-empty")
        shoot("failed", f"{page.address}imports/0123456789abcdef/check")
    options = PageOptions("0.0.0.0", 0, "let me in", state=state)
    with Page(options) as page:
        address = f"http://127.0.0.1:{page.port}/"
        shoot("enter-password", address)
        shoot.tab.get_by_label("Password").fill("wrong")
        shoot.tab.get_by_role("button", name="Enter").click()
        shoot.tab.locator("[role=alert]").wait_for()
        shoot("enter-wrong")


def test_mending(shoot, page, browser):
    base = page.address.rstrip("/")
    shoot.tab.goto(page.url)
    broken = browser.bring(b"\x89PNG\r\n\x1a\n", "foto.xlsx")
    shoot("file-unusable", f"{base}{broken}")
    here = browser.bring("Name,City\nAna,Recife\n", "sem-chave.csv")
    shoot("columns-no-key", f"{base}{here}")
    here = browser.bring(DIRTY, "contatos.csv")
    shoot("columns", f"{base}{here}/columns")
    browser.post(
        f"{here}/columns", data={"column-E": "field:nascimento:datetime", "column-G": "field:cidade:text"}
    )
    browser.until(f"{here}/check", "check")
    shoot("check", f"{base}{here}/check")
    shoot("check-open", f"{base}{here}/check?open=2")
    shoot("check-kind", f"{base}{here}/check?kind=D:language-unknown")
    data = {
        "name": "language",
        "letter": "D",
        "code": "language-unknown",
        "value": "Klingonês",
        "choice": "por",
    }
    browser.post(f"{here}/repairs", data=data)
    browser.until(f"{here}/check", "check")
    browser.post(f"{here}/repairs", data={"name": "leave-out", "letter": "", "code": "row-no-key"})
    browser.post(f"{here}/cells", data={"cell-3-C": "bia@example.com", "cell-4-B": "829000"})
    shoot("check-mended", f"{base}{here}/check")
    shoot("check-corrected", f"{base}{here}/check?status=corrected")
    long = browser.bring(LONG_TEXTS, f"{LONG_WORD} {LONG}.csv")
    shoot("columns-long", f"{base}{long}/columns")
    browser.post(f"{long}/columns", data={"column-C": "field:observacoes:text"})
    browser.until(f"{long}/check", "check")
    shoot("check-long", f"{base}{long}/check")
    browser.post(f"{long}/plan")
    browser.until(f"{long}/plan", "plan")
    shoot("plan-long", f"{base}{long}/plan")
    clean = browser.bring(
        "Name,URN:Tel\n" + "".join(f"N {n},+55829000{n:05d}\n" for n in range(350)), "limpo.csv"
    )
    browser.post(f"{clean}/columns", data={})
    browser.until(f"{clean}/check", "check")
    shoot("check-clean", f"{base}{clean}/check?start=100")
    shoot("file-past", f"{base}/")


def test_importing(shoot, page, browser, others, connection, make_csv):
    base = page.address.rstrip("/")
    shoot.tab.goto(page.url)
    others.post("groups.json", json={"name": "Velhos"}).raise_for_status()
    others.post(
        "contacts.json",
        json={"name": "Ana Antiga", "urns": ["tel:+5582900000001"], "groups": ["Velhos"]},
    ).raise_for_status()
    here = browser.bring(DIRTY, "contatos.csv")
    browser.post(f"{here}/columns", data={"groups_mode": "replace", "column-G": "field:cidade:text"})
    browser.until(f"{here}/check", "check")
    browser.post(f"{here}/plan")
    browser.until(f"{here}/plan", "plan")
    shoot("plan", f"{base}{here}/plan")
    shoot("plan-removes", f"{base}{here}/plan?show=removes")
    browser.post(f"{here}/import")
    browser.until(here, "result")
    shoot("result-partly", f"{base}{here}/result")
    browser.post(f"{here}/undo-plan")
    browser.until(f"{here}/undo", "undo")
    shoot("undo-plan", f"{base}{here}/undo")
    browser.post(f"{here}/undo")
    browser.until(f"{here}/undo", "undo")
    shoot("undo-done", f"{base}{here}/undo")
    result = browser.import_all(MANY, "muitos.csv")
    shoot("result-done", str(result.url))
    here = browser.bring("URN:Tel,Action\n+5582900000001,delete\n+5582900000002,block\n", "apagar.csv")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    browser.until(f"{here}/plan", "plan")
    shoot("plan-destroys", f"{base}{here}/plan")
    shoot("plan-wrong-number", f"{base}{here}/plan?wrong=1")
    others.delete("contacts.json", params={"urn": "tel:+5582900000002"}).raise_for_status()
    browser.post(f"{here}/import", data={"count": "2"})
    browser.until(here, "plan")
    shoot("plan-changed", f"{base}{here}/plan")
    again = browser.bring(MANY.splitlines()[0] + "\n" + MANY.splitlines()[4] + "\n", "igual.csv")
    browser.post(f"{again}/columns", data={})
    browser.post(f"{again}/plan")
    browser.until(f"{again}/plan", "plan")
    shoot("plan-nothing", f"{base}{again}/plan")
    path = make_csv("Name,URN:Tel", "Ana,+5582900000077", "Bia,12", name="da-linha-de-comando.csv")
    report = import_file(path, Options(), connection)
    shoot("file-past-done", f"{base}/")
    result = browser.post(f"/jobs/{report.summary.job}")
    shoot("result-of-the-command-line", str(result.url))


def test_waiting(shoot, state, visit):
    """An import that waits for the hour to be over, is paused, and cut off."""
    with Sandbox(SandboxOptions(rates=Rates(contacts=30))) as sandbox:
        connection = Connection(sandbox.url, sandbox.token, settle_s=0)
        with Page(PageOptions(port=0, state=state, connection=connection)) as page:
            browser, base = visit(page).enter(), page.address.rstrip("/")
            shoot.tab.goto(page.url)
            here = browser.bring(MANY, "muitos.csv")
            browser.post(f"{here}/columns", data={})
            browser.post(f"{here}/plan")
            browser.until(f"{here}/plan", "plan")
            shoot("plan-hours", f"{base}{here}/plan")
            browser.post(f"{here}/import")
            work = page.workshop.last_work(here.split("/")[2])
            pause = threading.Event()
            for _ in range(600):
                if work.waits:
                    break
                pause.wait(0.05)
            shoot("importing-waits", f"{base}{here}/import")
            shoot("file-past-importing", f"{base}/")
            browser.post(f"{here}/pause")
            work.finished.wait(60)
            shoot("result-paused", f"{base}{here}/result")
            page.workshop._desks[here.split("/")[2]].keep(phase="importing")  # as after the power was cut
            shoot("cut-off", f"{base}{here}/import")
            shoot("file-past-cut-off", f"{base}/")
