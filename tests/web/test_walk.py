"""The page in a real browser: the whole way in each language, mended, paused, reloaded, cut off and gone on with."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from importer.messages import catalogue
from importer.sandbox import Sandbox, SandboxOptions
from importer.web import Page, PageOptions

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "WENI_REQUIRE_BROWSER"
TAGS = {"en": "en-US", "pt": "pt-BR", "es": "es-MX"}
SLOW_S = 20_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium) -> Iterator[Callable[..., object]]:
    """A tab of a browser of its own; what it complains about fails the test."""
    opened, complaints = [], []

    def make(language: str = "en"):
        context = chromium.new_context(locale=TAGS[language], accept_downloads=True)
        context.set_default_timeout(SLOW_S)
        opened.append(context)
        made = context.new_page()
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on(
            "console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None
        )
        return made

    yield make
    for context in opened:
        context.close()
    assert complaints == []


def axe(tab) -> None:
    """No serious or critical violation of the rules of accessibility, light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found = Axe().run(tab).response["violations"]
        grave = [
            (one["id"], [node["html"][:150] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert grave == [], (tab.url, scheme)
    tab.emulate_media(color_scheme="light")


def fits(tab) -> None:
    """Nothing sticks out sideways on the narrowest screen."""
    tab.set_viewport_size({"width": 360, "height": 740})
    wide = tab.evaluate("document.documentElement.scrollWidth")
    tab.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= 360, (tab.url, wide)


def opened(tab, kind: str):
    """The part of a kind of issue, open."""
    found = tab.locator(f"[id='{kind}']")
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


DIRTY = """\
Nome;Celular;E-mail;Idioma;Nascimento;Grupos
Ana Exemplo;(82) 90000-0001;ana@example.com;pt;31/12/1990;Clientes
Bia Modelo;82900000002;bia(at)example.com;pt-BR;01/02/1991;Clientes; VIP
Caio Teste;900000003;;por;;VIP
Davi Ficticio;82900000004;;Klingonês;;
Eva Inventada;82900000005;;;;
Eva Outra;82900000005;;;;
Nome;Celular;E-mail;Idioma;Nascimento;Grupos
Sem Chave;;;;;
""".replace("Clientes; VIP", '"Clientes; VIP"')


@pytest.mark.parametrize("language", ["en", "pt", "es"])
def test_the_whole_way(language, tab, state, sandbox, tmp_path):
    """A dirty file is mended in the grid to zero errors, planned, imported; the workspace has what was shown."""
    words = catalogue(language)

    def say(key: str, **facts: object) -> str:
        return words.say(f"web.{key}", **facts)

    path = tmp_path / "contatos.csv"
    path.write_text(DIRTY, "utf-8")
    with Page(PageOptions(port=0, state=state)) as page:
        here = tab(language)
        here.goto(page.url)
        assert here.locator("html").get_attribute("lang") == {"en": "en", "pt": "pt-BR", "es": "es"}[language]
        assert "key=" not in here.url
        axe(here)
        fits(here)
        here.get_by_label(say("connect.url")).fill(sandbox.url)
        here.get_by_label(say("connect.token"), exact=True).fill(sandbox.token)
        here.get_by_role("button", name=say("connect.go"), exact=True).click()
        here.get_by_role("heading", name=say("file.title")).wait_for()
        axe(here)
        fits(here)
        here.locator("#file").set_input_files(path)
        here.wait_for_url("**/columns")
        axe(here)
        fits(here)
        here.locator("#column-E").select_option("field:nascimento:datetime")
        here.get_by_role("button", name=say("columns.go")).click()
        here.wait_for_url("**/check*")
        here.locator("#grid").wait_for()
        axe(here)
        fits(here)
        # one cell after the other, each checked at once
        row_right = say("check.row-right", row=3, left=6)
        here.locator("#cell-3-C").fill("bia@example.com")
        here.locator("#cell-3-C").press("Enter")
        here.locator("#said").filter(has_text=row_right).wait_for()
        here.locator("#cell-4-B").fill("82900000003")
        here.locator("#cell-4-B").press("Tab")
        here.locator("#said").filter(has_text=say("check.row-right", row=4, left=5)).wait_for()
        # what fits many rows
        kind = opened(here, "kind-D-language-unknown")
        kind.get_by_role("combobox").select_option("por")
        kind.get_by_role("button", name=say("repair.do")).click()
        here.get_by_text(say("made.language", value="Klingonês", choice="por")).wait_for()
        kind = opened(here, "kind--row-no-key")
        kind.get_by_role("button", name=say("repair.leave-out")).click()
        here.get_by_text(say("made.leave-out", count=1)).first.wait_for()
        # an edited row of two that contradict each other
        here.locator("a[href*='open=6']").first.click()
        here.locator("#cell-6-A").fill("Eva Outra")
        here.locator("#cell-6-A").press("Enter")
        here.locator("#said").filter(has_text=say("check.row-right", row=6, left=1)).wait_for()
        here.locator("button[name=leave][value='8']").click()
        here.get_by_role("button", name=say("check.go-plan"), exact=True).wait_for()
        assert here.locator("td input[aria-invalid]").count() == 0
        axe(here)
        here.get_by_role("button", name=say("check.go-plan"), exact=True).click()
        here.wait_for_url("**/plan")
        here.get_by_role("button", name=say("plan.go")).wait_for()
        assert sandbox.writes == []
        axe(here)
        fits(here)
        here.get_by_role("button", name=say("plan.go")).dblclick()
        here.wait_for_url("**/result")
        here.get_by_role("heading", name=say("result.done")).wait_for()
        axe(here)
        fits(here)
        assert path.read_text("utf-8") == DIRTY
        with here.expect_download() as download:
            here.get_by_role("link", name=say("result.file.report.xlsx")).click()
        assert download.value.suggested_filename == "report.xlsx"
        here.goto(page.address)
        here.get_by_text(say("phase.done"), exact=True).wait_for()
        written = list(sandbox.contacts())
        # and the way back
        here.get_by_role("link", name="contatos.csv").click()
        here.get_by_role("button", name=say("undo.look")).click()
        here.get_by_role("button", name=say("undo.go")).wait_for()
        assert sandbox.contacts() == written
        axe(here)
        fits(here)
        here.get_by_role("button", name=say("undo.go")).click()
        here.get_by_role("heading", name=say("undo.done")).wait_for()
        axe(here)
        assert sandbox.contacts() == []
    found = {contact["name"]: contact for contact in written}
    assert sorted(found) == ["Ana Exemplo", "Bia Modelo", "Caio Teste", "Davi Ficticio", "Eva Outra"]
    assert found["Bia Modelo"]["urns"] == ["tel:+5582900000002", "mailto:bia@example.com"]
    assert found["Caio Teste"]["urns"] == ["tel:+5582900000003"]
    assert found["Davi Ficticio"]["language"] == "por"
    assert found["Ana Exemplo"]["fields"]["nascimento"].startswith("1990-12-31")
    assert {group["name"] for group in found["Bia Modelo"]["groups"]} == {"Clientes", "VIP"}
    assert len([one for one in sandbox.writes if one.path == "contacts.json"]) == 5


MANY = "Name,URN:Tel\n" + "".join(f"Nome {n},+55829000{n:05d}\n" for n in range(400))


def test_paused_reloaded_cut_off_and_gone_on_with(tab, state, tmp_path):
    """Pause and go on; close the page and come back; kill the program, start it again, and go on: nothing twice."""
    path = tmp_path / "many.csv"
    path.write_text(MANY)

    def start(sandbox: Sandbox) -> tuple[subprocess.Popen[str], str]:
        environment = os.environ | {
            "WENI_STATE": str(state),
            "WENI_TOKEN": sandbox.token,
            "WENI_URL": sandbox.url,
        }
        command = [sys.executable, "-m", "importer", "web", "--port", "0", "--no-browser", "--lang", "en"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        while "http" not in (line := process.stdout.readline()):
            assert process.poll() is None
        return process, line.strip()

    with Sandbox(SandboxOptions(rates=None, latency_ms=150)) as sandbox:
        process, url = start(sandbox)
        try:
            here = tab()
            here.goto(url)
            here.locator("#file").set_input_files(path)
            here.wait_for_url("**/columns")
            here.locator("button[form=columns]").click()
            here.wait_for_url("**/check*")
            here.locator(".bar button.main").click()
            here.wait_for_url("**/plan")
            here.locator(".bar button.main").click()
            here.wait_for_url("**/import")
            axe(here)
            here.get_by_role("button", name="Pause").click()
            here.get_by_role("heading", name="Paused").wait_for()
            axe(here)
            after_pause = len(sandbox.contacts())
            assert after_pause < 400
            here.get_by_role("button", name="Go on").click()
            here.wait_for_url("**/import")
            here.reload()
            here.get_by_text("requests sent").wait_for()
            address = here.url
            here.close()
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            process.stdout.close()
            assert after_pause <= len(sandbox.contacts()) < 400
            process, url = start(sandbox)
            here = tab()
            here.goto(url)
            here.get_by_text("interrupted").wait_for()
            axe(here)
            here.get_by_role("link", name="Go on").click()
            here.get_by_role("heading", name="This import was interrupted").wait_for()
            axe(here)
            here.get_by_role("button", name="Go on").click()
            here.get_by_role("heading", name="Everything is in").wait_for()
            assert here.url.rpartition("/")[2] == "result"
            assert address.split("/")[4] == here.url.split("/")[4]
            urns = sorted(urn for contact in sandbox.contacts() for urn in contact["urns"])
            assert urns == sorted(f"tel:+55829000{n:05d}" for n in range(400))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            process.stdout.close()


def test_by_keyboard_alone(tab, page, browser):
    """From the link to the content to a corrected cell: every stop can be seen, and the place is not lost."""
    here = browser.bring(DIRTY.replace(";", ","))
    browser.post(f"{here}/columns", data={})
    tabbed = tab()
    tabbed.goto(page.url)
    tabbed.goto(f"{page.address.rstrip('/')}{here}/check?status=invalid")
    tabbed.keyboard.press("Tab")
    assert tabbed.evaluate("document.activeElement.className") == "skip"
    tabbed.keyboard.press("Enter")
    for _ in range(80):
        tabbed.keyboard.press("Tab")
        name = tabbed.evaluate("document.activeElement.name || ''")
        if name.startswith("cell-"):
            break
    else:
        raise AssertionError("no cell is reached")
    style = tabbed.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"
    tabbed.keyboard.press("Control+A")
    tabbed.keyboard.type("nobody@example.com" if name.endswith("-C") else "+5582900000099")
    tabbed.keyboard.press("Tab")
    tabbed.locator("#said").filter(has_text="row").wait_for()
    assert tabbed.evaluate("document.activeElement !== document.body")


def test_what_is_typed_while_a_cell_is_checked_stays(tab, page, browser):
    here = browser.bring(DIRTY.replace(";", ","))
    browser.post(f"{here}/columns", data={})
    typing = tab()
    typing.goto(page.url)
    typing.goto(f"{page.address.rstrip('/')}{here}/check?status=invalid")
    cells = typing.locator("td input[aria-invalid]")
    first, second = cells.nth(0).get_attribute("id"), cells.nth(1).get_attribute("id")
    typing.route("**/cells*", lambda route: (typing.wait_for_timeout(300), route.continue_()))
    typing.locator(f"#{first}").fill("still wrong")
    typing.locator(f"#{second}").focus()
    typing.locator(f"#{second}").press_sequentially("half a")
    typing.locator("#said").filter(has_text="not right yet").wait_for()
    assert "half a" in typing.locator(f"#{second}").input_value()
    assert typing.evaluate("document.activeElement.id") == second
