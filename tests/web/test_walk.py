"""The page in a real browser: the whole way in each language, mended, paused, reloaded, cut off and gone on with."""

import os
import signal
import subprocess
import sys
import time

import pytest

from importer.messages import catalogue
from importer.sandbox import Rates, Sandbox, SandboxOptions
from importer.web import Page, PageOptions

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


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
def test_the_whole_way(language, tab, fits, state, sandbox, others, tmp_path):
    """A dirty file is mended in the grid to zero errors, planned, imported; the workspace has what was shown.

    In English into a workspace that has its field and groups already, with a token; else into the one to practise with.
    """
    words, is_own = catalogue(language), language == "en"

    def say(key: str, **facts: object) -> str:
        return words.say(f"web.{key}", **facts)

    if is_own:
        others.post("fields.json", json={"label": "Nascimento", "value_type": "datetime"}).raise_for_status()
        for name in ("VIP", "Clientes"):
            others.post("groups.json", json={"name": name}).raise_for_status()
    prepared = len(sandbox.writes)
    path = tmp_path / "contatos.csv"
    path.write_text(DIRTY, "utf-8")
    with Page(PageOptions(port=0, state=state)) as page:
        here = tab(language)
        here.goto(page.url)
        assert here.locator("html").get_attribute("lang") == {"en": "en", "pt": "pt-BR", "es": "es"}[language]
        assert "key=" not in here.url
        fits(here)  # rules of accessibility are looked at by test_pictures.py, words are not equally long
        if is_own:
            here.get_by_label(say("connect.url")).fill(sandbox.url)
            here.get_by_label(say("connect.token"), exact=True).fill(sandbox.token)
            here.get_by_role("button", name=say("connect.go"), exact=True).click()
        else:
            here.get_by_role("button", name=say("connect.practice-go"), exact=True).click()
        here.get_by_role("heading", name=say("file.title")).wait_for()
        there = sandbox if is_own else page.workshop._practice
        fits(here)
        here.locator("#file").set_input_files(path)
        here.wait_for_url("**/columns")
        fits(here)
        if not is_own:
            here.locator("#column-E").select_option("field:nascimento:datetime")
        here.get_by_role("button", name=say("columns.go")).click()
        here.wait_for_url("**/check*")
        here.locator("#grid").wait_for()
        fits(here)
        mend(here, say)
        here.get_by_role("button", name=say("check.go-plan"), exact=True).wait_for()
        assert here.locator("td input[aria-invalid]").count() == 0
        fits(here)
        here.get_by_role("button", name=say("check.go-plan"), exact=True).click()
        here.wait_for_url("**/plan")
        here.get_by_role("button", name=say("plan.go")).wait_for()
        assert len(there.writes) == (prepared if is_own else 0)
        fits(here)
        here.get_by_role("button", name=say("plan.go")).dblclick()
        here.wait_for_url("**/result")
        here.get_by_role("heading", name=say("result.done")).wait_for()
        fits(here)
        assert path.read_text("utf-8") == DIRTY
        with here.expect_download() as download:
            here.get_by_role("link", name=say("result.file.report.xlsx")).click()
        assert download.value.suggested_filename == "report.xlsx"
        written = list(there.contacts())
        assert len([one for one in there.writes if one.path == "contacts.json"]) == 5
        # and the way back
        here.goto(page.address)
        here.get_by_text(say("phase.done"), exact=True).wait_for()
        here.locator("a.past-name").click()
        here.get_by_role("button", name=say("undo.look")).click()
        here.get_by_role("button", name=say("undo.go")).wait_for()
        assert there.contacts() == written
        fits(here)
        here.get_by_role("button", name=say("undo.go")).click()
        here.get_by_role("heading", name=say("undo.done")).wait_for()
        fits(here)
        assert there.contacts() == []
    found = {contact["name"]: contact for contact in written}
    assert sorted(found) == ["Ana Exemplo", "Bia Modelo", "Caio Teste", "Davi Ficticio", "Eva Outra"]
    assert found["Bia Modelo"]["urns"] == ["tel:+5582900000002", "mailto:bia@example.com"]
    assert found["Caio Teste"]["urns"] == ["tel:+5582900000003"]
    assert found["Davi Ficticio"]["language"] == "por"
    assert found["Ana Exemplo"]["fields"]["nascimento"].startswith("1990-12-31")
    assert {group["name"] for group in found["Bia Modelo"]["groups"]} == {"Clientes", "VIP"}


def mend(here, say) -> None:
    """All that is wrong with the dirty file."""
    # one cell after the other, each checked at once
    here.locator("#cell-3-C").fill("bia@example.com")
    here.locator("#cell-3-C").press("Enter")
    here.locator("#said").filter(has_text=say("check.row-right", row=3, left=6)).wait_for()
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


MANY = "Name,URN:Tel\n" + "".join(f"Nome {n},+55829000{n:05d}\n" for n in range(34))
HOUR_S = 3600.0


def test_paused_reloaded_cut_off_and_gone_on_with(tab, axe, state, tmp_path):
    """Pause and go on; close the page and come back; kill the program, start it again, and go on: nothing twice.

    The workspace takes thirty requests an hour, so that the import waits for as long as it is looked at.
    """
    path, hours = tmp_path / "many.csv", [0]
    path.write_text(MANY)
    options = SandboxOptions(rates=Rates(contacts=30))
    with Sandbox(options, clock=lambda: time.time() + hours[0] * HOUR_S) as sandbox:
        process, url = start(state, sandbox)
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
            here.locator("[data-live=waits]").filter(has_text="waiting until").wait_for()
            axe(here)
            here.get_by_role("button", name="Pause").click()
            here.get_by_role("heading", name="Paused").wait_for()
            after_pause = len(sandbox.contacts())
            assert 0 < after_pause < 34
            here.get_by_role("button", name="Go on").click()
            here.wait_for_url("**/import")
            here.reload()
            here.locator("[data-live=waits]").filter(has_text="waiting until").wait_for()
            address = here.url
            process.kill()
            process.wait(10)
            here.locator("[data-live=waits]").filter(has_text="did not answer").wait_for()
            here.close()
            process.stdout.close()
            assert len(sandbox.contacts()) == after_pause
            hours[0] = 2
            process, url = start(state, sandbox)
            here = tab()
            here.goto(url)
            here.get_by_text("interrupted").wait_for()
            here.get_by_role("link", name="Go on").click()
            here.get_by_role("heading", name="This import was interrupted").wait_for()
            axe(here)
            here.get_by_role("button", name="Go on").click()
            here.get_by_role("heading", name="Everything is in").wait_for()
            assert here.url.rpartition("/")[2] == "result"
            assert address.split("/")[4] == here.url.split("/")[4]
            urns = sorted(urn for contact in sandbox.contacts() for urn in contact["urns"])
            assert urns == sorted(f"tel:+55829000{n:05d}" for n in range(34))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            process.stdout.close()


def start(state, sandbox: Sandbox) -> tuple[subprocess.Popen[str], str]:
    """The program as one starts it, and the address that it tells."""
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
    held = []
    typing.route("**/cells*", lambda route: held.append(route))
    typing.evaluate("document.getElementById('said').same = true")
    typing.locator(f"#{first}").fill("still wrong")
    typing.locator(f"#{second}").focus()
    typing.locator(f"#{second}").press_sequentially("half a")
    while not held:
        typing.wait_for_timeout(10)
    held[0].continue_()
    typing.locator("#said").filter(has_text="not right yet").wait_for()
    assert "half a" in typing.locator(f"#{second}").input_value()
    assert typing.evaluate("document.activeElement.id") == second
    assert typing.evaluate("document.getElementById('said').same"), "a new one would not be read out"
    typing.wait_for_timeout(50)
    assert len(held) == 1, "what is half written is not sent"
    typing.locator(f"#{second}").press("Escape")
    assert "half a" not in typing.locator(f"#{second}").input_value()
    # and where the program has ended
    typing.unroute("**/cells*")
    typing.route("**/cells*", lambda route: route.abort())
    typing.locator(f"#{second}").fill("not lost")
    typing.locator(f"#{second}").press("Enter")
    typing.locator("#said").filter(has_text="did not answer").wait_for()
    assert typing.locator(f"#{second}").input_value() == "not lost"
