"""The way through the page as its forms have it, without a browser: quick, and every step once."""

import re
import threading

import pytest

from importer.messages import LANGUAGES, catalogue

DIRTY = """\
Nome,Celular,E-mail,Idioma,Grupos
Ana Exemplo,(82) 90000-0001,ana@example.com,pt,Clientes
Caio Teste,82900000003,caio(at)example.com,por,VIP
Davi Ficticio,82900000004,,Klingonês,
Sem Chave,,,,
"""


def works_end(browser, here: str):
    work = browser.page.workshop.last_work(here.split("/")[2])
    assert work.finished.wait(60)
    return work


def made(text: str) -> list[str]:
    return re.findall(r"<li><span>(.*?)</span>", text)


def test_repairs_are_made_and_taken_back(browser):
    """One click for many rows; what was decided stands above, and each can be taken back by itself."""
    here = browser.bring(DIRTY)
    browser.post(f"{here}/columns", data={})
    for name, letter, code, more in (
        ("language", "D", "language-unknown", {"value": "Klingonês", "choice": "por"}),
        ("leave-out", "", "row-no-key", {}),
        ("as-understood", "D", "language-normalised", {}),
        ("empty", "C", "urn-invalid", {}),
    ):
        browser.post(f"{here}/repairs", data={"name": name, "letter": letter, "code": code, **more})
        works_end(browser, here)
    text = browser.get(f"{here}/check").text
    assert made(text) == [
        "“Klingonês” is por", "Rows left out: 1", "Written as understood: 1 × in Idioma",
        "Cells left blank: 1 × in E-mail",
    ]  # fmt: skip
    assert "Every row is right." in text
    browser.post(f"{here}/repairs/back", data={"number": "1"})
    works_end(browser, here)
    text = browser.get(f"{here}/check").text
    assert len(made(text)) == 3
    assert "Klingonês" in text
    assert "Every row is right." not in text


@pytest.mark.parametrize("choice", ["", "xx", "<b>"])
def test_what_cannot_be_chosen_is_not(choice, browser):
    here = browser.bring(DIRTY)
    browser.post(f"{here}/columns", data={})
    data = {
        "name": "language",
        "letter": "D",
        "code": "language-unknown",
        "value": "Klingonês",
        "choice": choice,
    }
    assert "Nothing was changed." in browser.post(f"{here}/repairs", data=data, headers={"x-part": "1"}).text
    assert "field" in browser.post(f"{here}/columns", data={"column-A": "nonsense"}).text


def test_there_and_back(browser, sandbox):
    result = browser.import_all(DIRTY)
    assert "Imported, but for some rows" in result.text
    here = result.url.path.rpartition("/")[0]
    assert len(sandbox.contacts()) == 1
    browser.post(f"{here}/undo-plan")
    assert "What undoing would do" in browser.until(f"{here}/undo", "undo").text
    assert len(sandbox.contacts()) == 1
    browser.post(f"{here}/undo")
    assert "The import is undone" in browser.until(f"{here}/undo", "undo").text
    assert sandbox.contacts() == []
    assert "undone" in browser.get("/").text


def test_double_clicks_and_two_tabs_make_one_import(browser, sandbox, page, visit):
    """Also the same file brought in twice: the second one finds everything done or running."""
    content = "Name,URN:Tel\n" + "".join(f"Nome {n},+55829000{n:05d}\n" for n in range(30))
    first, second = browser.bring(content), browser.bring(content)
    for here in (first, second):
        browser.post(f"{here}/columns", data={})
        browser.post(f"{here}/plan")
        browser.until(f"{here}/plan", "plan")
    tabs = [visit(page).enter() for _ in range(3)]
    clicks = [
        threading.Thread(target=tab.post, args=(f"{here}/import",))
        for tab in tabs
        for here in (first, second)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join(60)
    for here in (first, second):
        works_end(browser, here)
    urns = sorted(urn for contact in sandbox.contacts() for urn in contact["urns"])
    assert urns == sorted(f"tel:+55829000{n:05d}" for n in range(30))


def test_a_workspace_that_has_changed_since_the_plan_is_shown_again(browser, others, sandbox):
    here = browser.bring("Name,URN:Tel\nAna,+5582900000001\nBia,+5582900000002\n")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    browser.until(f"{here}/plan", "plan")
    others.post("contacts.json", json={"name": "Ana", "urns": ["tel:+5582900000001"]}).raise_for_status()
    writes = len(sandbox.writes)
    browser.post(f"{here}/import")
    assert "has changed since" in browser.until(here, "plan").text
    assert len(sandbox.writes) == writes
    browser.post(f"{here}/import")
    assert "Everything is in" in browser.until(here, "result").text


def test_deleting_takes_the_number(browser, sandbox):
    browser.import_all("Name,URN:Tel\nAna,+5582900000001\nBia,+5582900000002\n")
    here = browser.bring("URN:Tel,Action\n+5582900000001,delete\n")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    assert "Type 1 to confirm" in browser.until(f"{here}/plan", "plan").text
    for wrong in ({}, {"count": "2"}):
        assert "not the number" in browser.post(f"{here}/import", data=wrong).text
    assert len(sandbox.contacts()) == 2
    browser.post(f"{here}/import", data={"count": "1"})
    browser.until(here, "result")
    assert [contact["name"] for contact in sandbox.contacts()] == ["Bia"]


def test_columns_are_remembered_for_files_with_the_same_headers(browser):
    content = "Name,City,Fone do cliente\nAna,Recife,82900000001\n"
    here = browser.bring(content)
    assert "No column says which contact" in browser.get(f"{here}/columns").text
    browser.post(f"{here}/columns", data={"column-C": "phone"})
    assert browser.until(f"{here}/check", "check")
    again = browser.bring(content.replace("Ana", "Bia"))
    shown = browser.get(f"{again}/columns").text
    assert "Taken as for your last file" in shown
    assert re.search(r'value="phone" selected', shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "content", ["", "x\n", "Name,City\nAna,Recife\n", "Name,URN:Tel\n", b"\x89PNG\r\n\x1a\n", b"\xff\xfe\x00"]
)
def test_a_file_that_cannot_be_used_is_told_in_the_words_of_the_page(content, language, page, visit):
    """And no sentence of it speaks of options that only a terminal has."""
    browser = visit(page, language).enter()
    answer = browser.post("/imports", files={"file": ("a.csv", content)})
    text = re.sub(r"<[^>]*>", " ", answer.text)
    assert answer.url.path.startswith("/imports/")
    assert not re.search(r"(?<!-)--[a-z]", text)
    assert "Traceback" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_hints_of_the_page_name_no_options_of_the_terminal(language):
    words = catalogue(language)
    speaking = {code for code, (_, hint) in words.issues.items() if re.search(r"(?<!-)--[a-z]", hint)}
    assert {code for code in speaking if f"web.hint.{code}" not in words.sentences} == set()


def test_the_language_is_the_browsers_unless_another_is_chosen(page, visit):
    browser = visit(page, "fr;q=0.9, es-AR;q=0.8, en;q=0.3").enter()
    assert '<html lang="es">' in browser.get("/").text
    browser.post("/language", data={"language": "pt", "back": "//evil.example"})
    assert '<html lang="pt-BR">' in browser.get("/").text
