"""Which language a call is answered in, and that all of the answer is in it."""

import io
import json
import re

import openpyxl
import pytest

from importer.cli.app import program_for
from importer.cli.speaking import after_command, help_keys, parameters, words_for, words_of
from importer.errors import Unusable
from importer.examine import examine
from importer.headers import find_header
from importer.messages import LANGUAGES, catalogue
from importer.options import Options
from importer.readers import open_table
from importer.run.importing import fingerprint_of

ROWS = (
    "Name,URN:Tel,Groups,Field:City",
    "Ana Exemplo,+5582900000001,VIP,Recife",
    "Bia Modelo,+5582900000002,,",
    "Caio,123,,",
)
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def locale(monkeypatch):
    """Sets the variables of the locale; those not named are not set."""

    def setting(**named: str) -> None:
        for name in LOCALE:
            monkeypatch.delenv(name, raising=False)
        for name, value in named.items():
            monkeypatch.setenv(name, value)

    return setting


# ----------------------------------------------------------------------------------------- which language


@pytest.mark.parametrize(
    ("flag", "environment", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "pt_BR.UTF-8"}, "pt"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LC_MESSAGES": "es_MX", "LANG": "pt_BR"}, "es"),
        (None, {"LC_ALL": "en_US", "LC_MESSAGES": "es_MX", "LANG": "pt_BR"}, "en"),
        (None, {"LC_ALL": "", "LANG": "es"}, "es"),
        (None, {"LC_ALL": "de_DE", "LANG": "es"}, "en"),
        (None, {"WENI_LANG": "pt-BR", "LC_ALL": "es_AR"}, "pt"),
        (None, {"WENI_LANG": "", "LC_ALL": "es_AR"}, "es"),
        ("es", {"WENI_LANG": "pt", "LC_ALL": "en_US"}, "es"),
    ],
)
def test_the_flag_then_the_variable_then_the_locale_decide(flag, environment, language, locale):
    locale(**environment)
    assert words_of(flag).language == language
    assert words_for(["check", "--lang", flag] if flag else ["check"]).language == language
    assert words_for([f"--lang={flag}", "check"] if flag else []).language == language


@pytest.mark.parametrize("language", ["klingon", "xx"])
def test_a_language_that_there_is_not_is_refused_in_the_next_best(language, weni, locale):
    locale(LANG="pt_BR.UTF-8")
    with pytest.raises(Unusable):
        words_of(language)
    ran = weni("jobs", "--lang", language)
    assert (ran.code, ran.err) == (2, f"O programa não fala {language}. Ele fala en, pt, es.\n")


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        (["--lang", "pt", "check", "f"], ["check", "f", "--lang", "pt"]),
        (["--lang=pt", "check", "f"], ["check", "f", "--lang=pt"]),
        (["check", "f", "--lang", "pt"], ["check", "f", "--lang", "pt"]),
        (["--lang", "pt", "--help"], ["--help"]),
        (["--help", "--lang", "pt"], ["--help"]),
        (["--lang", "pt"], []),
        (["--lang"], []),
        ([], []),
    ],
)
def test_the_language_may_stand_before_the_command(given, parsed):
    assert after_command(given) == parsed


# ------------------------------------------------------------------------------------ all that is answered


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_is_told_in_the_language(language, weni, make_csv):
    words = catalogue(language)
    ran = weni("check", make_csv(*ROWS), "--lang", language)
    assert words.say("screen.title.issues") in ran.out
    assert "→" in ran.out
    document = json.loads(weni("check", "contacts.csv", "--lang", language, "--json", "--records").out)
    (issue,) = document["rows"][2]["issues"]
    assert issue["message"] == words.issues["phone-no-country"][0].format(value="“123”")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_import_and_its_report_are_told_in_the_language(language, weni, make_csv, tmp_path, monkeypatch):
    """Screen, workbooks, lines for programs: all of them, and again when the report is written again."""
    monkeypatch.setenv("WENI_LANG", language)
    words = catalogue(language)
    ran = weni("run", make_csv(*ROWS), "--sandbox", "--yes")
    assert re.search(rf"2  {words.say('screen.run.created', count=2)}", ran.out)
    for folder in ("contacts.import", "again"):
        if folder == "again":
            weni("report", "last", "--output", "again")
        book = openpyxl.load_workbook(tmp_path / folder / "report.xlsx")
        assert book.sheetnames == [words.say("report.sheet.rows"), words.say("report.sheet.summary")]
        cells = [str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell]
        assert words.say("report.status.created") in cells
        assert f"Import:{words.say('report.header.status')}" in cells
        failed = openpyxl.load_workbook(tmp_path / folder / "failed.xlsx")
        assert failed.worksheets[0].title == words.say("report.sheet.failed")
        assert words.say("report.severity.error") in [cell.value for cell in book.worksheets[1]["B"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_read_back_in_any_language(language, weni, make_csv, tmp_path):
    """Its rows are the table, and what we added is left out; no line of the summary looks like a header."""
    weni("run", make_csv(*ROWS), "--sandbox", "--yes", "--lang", language)
    for name in ("report.xlsx", "failed.xlsx"):
        table = open_table(tmp_path / "contacts.import" / name, Options())
        assert "URN:Tel" in [column.header for column in table.columns]
        table.close()
    book = openpyxl.load_workbook(tmp_path / "contacts.import/report.xlsx")
    assert find_header(list(book.worksheets[1].iter_rows(values_only=True))) is None


def test_the_same_import_in_another_language_is_the_same_job(make_csv):
    """A stopped import goes on, whatever the language of the one who goes on."""
    prints = set()
    for language in LANGUAGES:
        examined = examine(make_csv(*ROWS), Options(language=language))
        prints.add(fingerprint_of(examined, "http://127.0.0.1"))
        examined.table.close()
    assert len(prints) == 1


def test_a_file_is_not_examined_for_a_language_that_there_is_not(make_csv):
    """Who calls it from Python learns it before the import, not when the report is to be written."""
    with pytest.raises(Unusable, match="language-not-spoken"):
        examine(make_csv(*ROWS), Options(language="klingon"))


def test_a_question_is_asked_in_the_language(weni, make_csv, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("não\n"))
    ran = weni("run", make_csv(*ROWS), "--sandbox", "--lang", "pt")
    assert ran.err == "Importar isto? [s/N] "
    assert "Nada foi enviado" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "Falta FILE."),
        (["check", "a", "b"], "O comando não foi entendido: "),
        (["chek"], "O comando chek não existe. Os comandos são: check, "),
        (["check", "a", "--decimal", "x"], "--decimal não pode ter esse valor. Pode ser: “,”, “.”."),
        (["check", "a", "--limit", "x"], "--limit precisa ser um número inteiro."),
        (["sandbox", "--settle", "x"], "--settle precisa ser um número."),
        (["check", "a", "--foo"], "A opção --foo não existe aqui."),
        (["check", "a", "--limit"], "A opção --limit não se usa assim: "),
        (["check", "missing.csv"], "O arquivo “missing.csv” não existe."),
        (["template"], "Falta --output."),
        (["run", "a"], "Não há ninguém para responder."),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence_in_the_language(arguments, said, weni, locale):
    locale(LANG="pt_BR.UTF-8")
    ran = weni(*arguments)
    assert ran.code == 2
    assert ran.err.startswith(said)
    assert ran.err.count("\n") == 1


# --------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_in_the_language(language, weni, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    words = catalogue(language)
    main_help = " ".join(weni("--help", "--lang", language).out.split())
    assert words.say("help.panel.commands") in main_help
    assert words.say("help.option.help") in main_help
    assert words.say("help.command.sandbox") in main_help
    one = " ".join(weni("template", "--help", "--lang", language).out.split())
    assert words.say("help.option.template.output") in one
    assert words.say("help.panel.workspace") in one


def test_without_arguments_help_is_shown(weni):
    ran = weni()
    assert (ran.code, catalogue().say("help.panel.commands") in ran.out) == (2, True)


def test_the_catalogue_has_the_help_of_every_command_and_option_and_no_other():
    """None is written beside its option, where no translator would find it."""
    program, sentences = program_for(), catalogue().sentences
    used = {"help.program"}
    for name, command in program.commands.items():
        used.add(f"help.command.{name}")
        for parameter in parameters(command):
            found = [key for key in help_keys(parameter, name) if key in sentences]
            assert found, f"{name} {parameter.name}"
            used.add(found[0])
    have = {key for key in sentences if key.startswith("help.") and not key.startswith("help.panel.")}
    assert have == used


# ---------------------------------------------------------------------------------------------- templates


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_written_offline_in_the_language(language, weni, tmp_path):
    assert weni("template", "-o", "modelo.xlsx", "--lang", language).out == "modelo.xlsx\n"
    sheet = openpyxl.load_workbook(tmp_path / "modelo.xlsx").worksheets[0]
    assert sheet["A1"].value == catalogue(language).say("template.header.name")
    ran = weni("check", "modelo.xlsx", "--lang", language)
    assert (ran.code, f"1  {catalogue(language).say('screen.check.skipped', count=1)}" in ran.out) == (
        0,
        True,
    )


def test_a_template_of_a_workspace_has_its_fields_and_groups(weni, make_csv, tmp_path):
    weni("run", make_csv(*ROWS), "--sandbox", "w.db", "--yes")
    assert weni("template", "-o", "modelo.csv", "--sandbox", "w.db", "--lang", "pt").code == 0
    header = (tmp_path / "modelo.csv").read_text("utf-8-sig").splitlines()[0].split(";")
    assert header[6:] == ["Group:VIP", "Field:City"]


def test_the_example_is_left_out_of_an_import(weni, tmp_path):
    """In the report, too, it is a row of its own."""
    weni("template", "-o", "modelo.csv", "--lang", "pt")
    path = tmp_path / "modelo.csv"
    path.write_text(path.read_text("utf-8") + "Bia Modelo;por;+55 82 90000-0002" + ";" * 8 + "\n", "utf-8")
    ran = weni("run", "modelo.csv", "--sandbox", "w.db", "--yes", "--json")
    totals = json.loads(ran.out)["totals"]
    assert (totals["created"], totals["skipped"]) == (1, 1)
    lines = [json.loads(line) for line in (tmp_path / "modelo.import/report.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines] == ["skipped", "created"]


def test_a_template_replaces_no_file_unasked(weni, tmp_path):
    """It might be the one that somebody has filled in."""
    path = tmp_path / "contacts.csv"
    path.write_text("filled in")
    ran = weni("template", "-o", "contacts.csv")
    assert (ran.code, path.read_text()) == (2, "filled in")
    assert "--force" in ran.err
    assert weni("template", "-o", "contacts.csv", "--force").code == 0
    assert path.read_text("utf-8-sig").startswith("Name,")
