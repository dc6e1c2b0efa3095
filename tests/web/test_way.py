"""The way through the page as its forms have it, without a browser: quick, and every step once."""

import re
import threading
from io import BytesIO

import pytest
from openpyxl import Workbook

from importer.journal import Journal, Lock
from importer.journal.book import lock_of
from importer.messages import LANGUAGES, catalogue
from importer.options import Options
from importer.run import import_file, undo_job, workspace_of
from importer.sandbox.groups import make_group
from importer.web.visitors import Connected

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


def test_unknown_languages_are_decided_together(browser):
    """One form, one check for all; whatever nothing is chosen for stays, and each can be taken back by itself."""
    unknown = ("Klingonês", "Élfico", "Élfico", "Dothraki", "<b>", "Élfico")
    lines = (f"N{n},8290000000{n},{value}" for n, value in enumerate(unknown))
    here = browser.bring("\n".join(["Nome,Celular,Idioma", *lines]))
    browser.post(f"{here}/columns", data={})
    text = browser.get(f"{here}/check").text
    assert re.findall(r'name="value" value="(.*?)"', text) == ["Élfico", "Klingonês", "Dothraki", "&lt;b&gt;"]
    assert "3 rows" in text
    place = {"name": "language", "letter": "C", "code": "language-unknown"}
    chosen = {"value": ["Élfico", "Klingonês", "Dothraki", "other"], "choice": ["por", "spa", "", "eng"]}
    browser.post(f"{here}/repairs", data={**place, **chosen})
    works_end(browser, here)
    text = browser.get(f"{here}/check").text
    assert made(text) == ["“Élfico” is por", "“Klingonês” is spa"]
    assert re.findall(r'name="value" value="(.*?)"', text) == ["Dothraki", "&lt;b&gt;"]
    browser.post(f"{here}/repairs/back", data={"number": "1"})
    works_end(browser, here)
    text = browser.get(f"{here}/check").text
    assert made(text) == ["“Klingonês” is spa"]
    assert re.findall(r'name="value" value="(.*?)"', text) == ["Élfico", "Dothraki", "&lt;b&gt;"]


def test_a_question_of_the_plan_is_answered_there(browser, others):
    """The workspace keeps its numbers as WhatsApp, the file brings phones: one click, and the plan is made again."""
    for n in range(12):
        others.post(
            "contacts.json", json={"name": f"N{n}", "urns": [f"whatsapp:55829000000{n:02}"]}
        ).raise_for_status()
    here = browser.bring("Nome,Celular\nAna,82900000099\n")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    text = browser.until(f"{here}/plan", "plan").text
    asked = dict(re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', text))
    assert (asked["name"], asked["then"]) == ("phone_scheme", "plan")
    browser.post(f"{here}/repairs", data={**asked, "choice": "whatsapp"})
    text = browser.until(f"{here}/plan", "plan").text
    assert 'name="then"' not in text
    assert made(browser.get(f"{here}/check").text) == ["Phone numbers are: WhatsApp"]
    browser.post(f"{here}/import")
    browser.until(here, "result")


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
    planned = browser.until(f"{here}/undo", "undo").text
    assert "What undoing would do" in planned
    assert "contact to delete: created by the import" in planned
    assert len(sandbox.contacts()) == 1
    browser.post(f"{here}/undo")
    done = browser.until(f"{here}/undo", "undo").text
    assert "The import is undone" in done
    assert "to delete: created" not in done
    assert sandbox.contacts() == []
    assert "undone" in browser.get("/").text


def test_where_all_is_held_back_nothing_is_said_to_be_right(browser):
    here = browser.bring("Nome,Celular,Idioma\nAna,82900000001,Klingonês\nBia,82900000002,Élfico\n")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    text = browser.until(f"{here}/plan", "plan").text
    assert "Nothing to import: 2 rows are held back by errors" in text
    assert "everything is as the file says" not in text


def test_there_is_one_piece_of_work_for_a_file_at_a_time(browser, page):
    """Whoever asks for another meanwhile finds the first one."""
    here = browser.bring("Name,URN:Tel\nAna,+5582900000001\n")
    connected = Connected(page.options.connection, workspace_of(page.options.connection))
    key, workshop = here.split("/")[2], page.workshop
    desk = workshop.desk(key, connected.workspace)
    with desk._turn:  # so that the check cannot come to its end
        first = workshop.start("check", key, desk, connected, "en")
        assert workshop.start("plan", key, desk, connected, "en") is first
    assert first.finished.wait(60)


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


def test_which_workspace_this_is(browser):
    """Its name, its country in the visitor's language, and its contacts; counted anew after an import."""
    browser.post("/language", data={"language": "pt"})

    def facts() -> list[str]:
        return re.findall(r"<dd>(.*?)</dd>", browser.get("/").text)

    assert facts() == ["Sandbox", "Brasil", "0"]
    browser.import_all("Name,URN:Tel\nBia,+5582900000002\n")
    assert facts() == ["Sandbox", "Brasil", "1"]


@pytest.fixture
def by_command(connection, make_csv, state):
    """An import of the command line, and its file."""

    def run(*lines: str, **options: object):
        path = make_csv(*lines, name="da-linha.csv")
        return import_file(path, Options(**options), connection), path

    return run


def test_imports_of_the_command_line_are_listed_with_report_and_undo(browser, by_command, sandbox, state):
    report, path = by_command("Name,URN:Tel", "Ana,+5582900000001", "Bia,12")
    job = report.summary.job
    listed = browser.get("/").text
    assert "da-linha.csv" in listed
    assert "command line" in listed
    path.unlink()  # its journal is all that is needed
    result = browser.post(f"/jobs/{job}")
    here = result.url.path.rpartition("/")[0]
    result = browser.until(here, "result")
    assert "Imported, but for some rows" in result.text
    assert "Back to the rows" not in result.text
    assert browser.get(f"{here}/report/report.xlsx").status_code == 200
    assert "1 created" in re.sub(r"<[^>]*>|\s+", " ", browser.get("/").text).replace("  ", " ")
    for step in ("columns", "check", "plan", "import"):
        assert browser.get(f"{here}/{step}").url.path == f"{here}/result", step
    for step in ("columns", "cells", "repairs", "plan", "import"):
        assert browser.post(f"{here}/{step}").url.path == f"{here}/result", step
    browser.post(f"{here}/undo-plan")
    assert "What undoing would do" in browser.until(f"{here}/undo", "undo").text
    browser.post(f"{here}/undo")
    assert "The import is undone" in browser.until(f"{here}/undo", "undo").text
    assert sandbox.contacts() == []
    assert len(re.findall("da-linha.csv</a>", browser.get("/").text)) == 1
    browser.post(f"{here}/remove")
    assert "da-linha.csv" not in browser.get("/").text
    assert list((state / "jobs").glob("*-*.db")) == []


def test_a_job_that_was_undone_on_the_command_line_is_shown_so(browser, by_command, connection):
    report, _ = by_command("Name,URN:Tel", "Ana,+5582900000001")
    here = browser.post(f"/jobs/{report.summary.job}").url.path.rpartition("/")[0]
    browser.until(here, "result")
    undo_job(report.summary.job, connection)
    browser.post(f"/jobs/{report.summary.job}")
    assert "The import is undone" in browser.until(here, "undo").text


def test_a_job_that_runs_is_told_and_not_looked_at(browser, by_command, state):
    report, _ = by_command("Name,URN:Tel", "Ana,+5582900000001")
    (path,) = (state / "jobs").glob("*-*.db")
    with Journal(path) as journal:
        journal.set(state="running")
        text = browser.get("/").text
        assert 'class="state importing"' in text
        assert "/jobs/" not in text
        assert browser.post(f"/jobs/{report.summary.job}").status_code == 404


def test_a_job_of_another_workspace_is_not_seen(browser, by_command, state, visit, page):
    report, _ = by_command("Name,URN:Tel", "Ana,+5582900000001")
    stranger = visit(page).enter()
    stranger.post("/leave")
    assert "da-linha.csv" not in stranger.post("/connect", data={"with": "practice"}).text
    assert stranger.post(f"/jobs/{report.summary.job}").status_code == 404
    assert browser.post("/jobs/..%2fweb").status_code == 404


def test_what_is_removed_leaves_no_journal_and_what_runs_is_not_removed(browser, state, page):
    here = browser.import_all("Name,URN:Tel\nAna,+5582900000001\n").url.path.rpartition("/")[0]
    (journal,) = (state / "jobs").glob("*-*.db")
    lock = Lock(lock_of(journal))
    browser.post(f"{here}/remove")
    assert browser.get(f"{here}/result").status_code == 200
    lock.release()
    browser.post(f"{here}/remove")
    assert browser.get(f"{here}/result").status_code == 404
    assert not journal.exists()


def test_a_long_past_is_listed_in_part(browser, monkeypatch):
    monkeypatch.setattr("importer.web.start_views.LISTED", 2)
    for n in range(3):
        browser.bring("Name,URN:Tel\nAna,+5582900000001\n", f"{n}.csv")
    assert re.findall(r"(\d).csv</a>", browser.get("/").text) == ["2", "1"]
    assert re.findall(r"(\d).csv</a>", browser.get("/?all=1").text) == ["2", "1", "0"]


def test_what_was_deleted_can_be_had(browser, sandbox):
    browser.import_all("Name,URN:Tel\nAna,+5582900000001\n")
    here = browser.bring("URN:Tel,Action\n+5582900000001,delete\n")
    browser.post(f"{here}/columns", data={})
    browser.post(f"{here}/plan")
    browser.until(f"{here}/plan", "plan")
    browser.post(f"{here}/import", data={"count": "1"})
    text = browser.until(here, "result").text
    (name,) = re.findall(r"report/(deleted-[^\"]*)", text)
    assert browser.get(f"{here}/report/{name}").status_code == 200


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


@pytest.mark.parametrize("contacts", [("Name|URN:Tel", "Ana|+5582900000001"), None], ids=["beside", "alone"])
def test_fields_and_groups_of_a_workbook_are_shown_and_done(contacts, browser, sandbox):
    """Also where the workbook lists nothing else; a deleted group takes its number as a contact does."""
    make_group(sandbox._service, {"name": "Velho"})
    book = Workbook()
    sheets = {"Contacts": contacts, "Groups": ("Name|Action", "Velho|delete", "Nova|", "(x)|")}
    for title, lines in sheets.items():
        if lines:
            sheet = book.create_sheet(title)
            for line in lines:
                sheet.append([text or None for text in line.split("|")])
    book.remove(book.active)
    content = BytesIO()
    book.save(content)
    here = browser.bring(content.getvalue(), "list.xlsx")
    browser.post(f"{here}/columns", data={})
    assert browser.until(f"{here}/check", "check").status_code == 200
    browser.post(f"{here}/plan")
    plan = browser.until(f"{here}/plan", "plan").text
    assert "Velho: would be deleted" in plan
    assert "Groups!A4: No group can be called" in plan
    assert "Type 1 to confirm" in plan
    browser.post(f"{here}/import", data={"count": "1"})
    result = browser.until(here, "result").text
    assert "Nova: created" in result
    assert [group["name"] for group in sandbox.groups()] == ["Nova"]
    browser.post(f"{here}/undo-plan")
    assert "Velho: would be created" in browser.until(f"{here}/undo", "undo").text
    browser.post(f"{here}/undo")
    assert "Velho: created" in browser.until(f"{here}/undo", "undo").text
    assert [group["name"] for group in sandbox.groups()] == ["Velho"]


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
    assert answer.status_code in (200, 422)
    assert catalogue(language).say("web.failed.title") not in text
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
