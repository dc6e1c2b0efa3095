"""Every command as a user calls it: what it says, what it writes, how it ends."""

import io
import json
import os
import re

import pytest

from importer.cli import with_sandbox_value
from importer.cli.choices import EMBEDDED
from importer.sandbox import Sandbox, SandboxOptions

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
CLEAN = (
    "Name,URN:Tel,Groups,Field:City",
    "Ana Exemplo,+5582900000001,VIP,Recife",
    "Bia Modelo,+5582900000002,,",
)
DIRTY = (*CLEAN, "Caio,123,,")


@pytest.mark.parametrize(("lines", "code"), [(CLEAN, 0), (DIRTY, 1), (("Name,City", "Ana,Recife"), 2)])
def test_check_ends_as_the_file_is(lines, code, weni, make_csv):
    assert weni("check", make_csv(*lines)).code == code


def test_check_names_rows_and_remedy(weni, make_csv):
    """Each kind once: place, kind, rows, what to do."""
    path = make_csv(*CLEAN, "Caio,123,,", "Davi,456,,")
    said = weni("check", path, "--country", "BR").out
    assert re.search(r"B URN:Tel: phone-invalid  2 × in rows 4, 5\n.*“123”.*\n.*→ Write it in full", said)
    assert said.count("→") == 1
    every = weni("check", path, "--country", "BR", "--verbose").out
    assert "row 4 B URN:Tel" in every
    assert "row 5 B URN:Tel" in every


def test_check_quiet_tells_only_what_is_wrong(weni, make_csv):
    said = weni("check", make_csv(*DIRTY), "--quiet", "--country", "BR").out
    assert "phone-invalid" in said
    assert "Columns" not in said


def test_check_knows_the_workspace_with_a_token(weni, make_csv, sandbox, monkeypatch):
    """Of a column that is not called Field:…, only a workspace can tell that it is one."""
    path = make_csv("Name,URN:Tel,Cor", "Ana,+5582900000001,azul")
    assert "not imported" in weni("check", path).out
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    import httpx

    headers = {"Authorization": f"Token {sandbox.token}"}
    field = {"label": "Cor", "value_type": "text"}
    httpx.post(
        f"{sandbox.url}/api/v2/fields.json", json=field, headers=headers, trust_env=False, verify=False
    ).raise_for_status()
    writes = len(sandbox.writes)
    assert "field:cor" in weni("check", path).out
    assert len(sandbox.writes) == writes


def test_check_json_is_one_document(weni, make_csv):
    ran = weni("check", make_csv(*DIRTY), "--json", "--records")
    document = json.loads(ran.out)
    assert document["totals"] == {"rows": 3, "valid": 2, "merged": 0, "skipped": 0, "invalid": 1}
    assert [row["status"] for row in document["rows"]] == ["valid", "valid", "invalid"]
    assert document["rows"][0]["contact"] == {
        "name": "Ana Exemplo",
        "urns": ["tel:+5582900000001"],
        "groups": ["VIP"],
        "fields": {"city": "Recife"},
    }
    assert document["rows"][2]["issues"][0]["column"] == "B"
    assert not document["blocked"]


def test_check_json_of_an_unusable_file(weni, tmp_path):
    (tmp_path / "x.xlsx").write_bytes(PNG)
    ran = weni("check", "x.xlsx", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["blocked"]) == (2, True)
    assert document["issues"][0]["code"] == "file-unreadable"


def test_plan_and_dry_run_are_the_same(weni, make_csv, tmp_path):
    path = make_csv(*DIRTY)
    planned = weni("plan", path, "--sandbox")
    dry = weni("run", path, "--dry-run", "--sandbox")
    assert planned.code == dry.code == 1
    assert planned.out == dry.out
    assert "2  contacts to create" in planned.out
    assert (tmp_path / "contacts.import" / "report.xlsx").exists()


def test_run_writes_its_report_beside_the_file(weni, make_csv, tmp_path):
    ran = weni("run", make_csv(*DIRTY), "--sandbox", "w.db", "--yes")
    assert ran.code == 1
    names = {path.name for path in (tmp_path / "contacts.import").iterdir()}
    assert names == {"report.xlsx", "report.jsonl", "failed.xlsx", "summary.json"}
    lines = [
        json.loads(line) for line in (tmp_path / "contacts.import/report.jsonl").read_text().splitlines()
    ]
    assert [(line["row"], line["status"]) for line in lines] == [
        (2, "created"),
        (3, "created"),
        (4, "invalid"),
    ]
    again = weni("run", "contacts.csv", "--sandbox", "w.db", "--yes")
    assert "2  already up to date" in again.out


def test_the_failed_file_mended_brings_in_the_rest(weni, make_csv, tmp_path):
    """Our own columns are ignored when it comes back."""
    import openpyxl

    weni("run", make_csv(*DIRTY), "--sandbox", "w.db", "--yes")
    failed = tmp_path / "contacts.import/failed.xlsx"
    book = openpyxl.load_workbook(failed)
    assert [cell.value for cell in book.active[1]][:4] == ["Name", "URN:Tel", "Groups", "Field:City"]
    assert book.active["B2"].value == "123"
    book.active["B2"] = "+5582900000003"
    book.save(failed)
    ran = weni("run", failed, "--sandbox", "w.db", "--yes")
    assert ran.code == 0
    assert "1  created" in ran.out


def test_run_json_is_one_document(weni, make_csv):
    ran = weni("run", make_csv(*CLEAN), "--sandbox", "--yes", "--json")
    document = json.loads(ran.out)
    assert document["totals"]["created"] == document["rows"] == 2
    assert document["ended"] == "complete"
    assert document["requests"]["writes"] == 4
    assert ran.err == ""


def test_all_or_nothing_sends_nothing_while_a_row_is_wrong(weni, make_csv):
    ran = weni("run", make_csv(*DIRTY), "--sandbox", "w.db", "--yes", "--all-or-nothing")
    assert ran.code == 1
    assert "Nothing was sent" in ran.out
    assert "2  contacts to create" in weni("plan", "contacts.csv", "--sandbox", "w.db").out


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["n\n", "\n", "não\n", "maybe\nno\n"])
def test_run_asks_and_takes_no_for_an_answer(weni, make_csv, monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    ran = weni("run", make_csv(*CLEAN), "--sandbox", "w.db")
    assert (ran.code, "Nothing was sent" in ran.out) == (4, True)
    assert ran.err.count("Import this?") == answer.count("\n")
    assert "2  contacts to create" in weni("plan", "contacts.csv", "--sandbox", "w.db").out


@pytest.mark.parametrize("answer", ["y\n", "Sim\n", "s\n", "sí", "what?\nYES\n"])
def test_run_takes_yes_for_an_answer(weni, make_csv, monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert weni("run", make_csv(*CLEAN), "--sandbox").code == 0


def test_an_answer_that_never_comes_sends_nothing(weni, make_csv, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal(""))
    ran = weni("run", make_csv(*CLEAN), "--sandbox", "w.db")
    assert (ran.code, "Stopped" in ran.err) == (4, True)
    assert "2  contacts to create" in weni("plan", "contacts.csv", "--sandbox", "w.db").out


def test_nobody_to_ask(weni, make_csv):
    ran = weni("run", make_csv(*CLEAN), "--sandbox")
    assert ran.code == 2
    assert "--yes" in ran.err


def test_jobs_and_report(weni, make_csv, tmp_path):
    assert "Nothing has been imported" in weni("jobs").out
    weni("run", make_csv(*DIRTY), "--sandbox", "--yes")
    (job,) = json.loads(weni("jobs", "--json").out)["jobs"]
    assert job["state"] == "complete"
    assert job["job"] in weni("jobs").out
    first = (tmp_path / "contacts.import/report.jsonl").read_text()
    ran = weni("report", job["job"], "--output", "again")
    assert ran.code == 0
    assert (tmp_path / "again/report.jsonl").read_text() == first
    assert weni("report", "nonsense").code == 2


def test_limit_takes_the_first_rows(weni, make_csv):
    ran = weni("run", make_csv(*DIRTY), "--limit", "1", "--sandbox", "--yes", "--json")
    assert json.loads(ran.out)["totals"]["created"] == json.loads(ran.out)["rows"] == 1


def test_groups_for_everyone(weni, make_csv):
    ran = weni("run", make_csv(*CLEAN), "--groups", "Todos; Maio 2026", "--sandbox", "--yes", "--json")
    assert json.loads(ran.out)["groups_created"] == ["Todos", "Maio 2026", "VIP"]


# ------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.csv", None, "There is no file"),
        ("", None, "folder"),
        ("empty.csv", b"", "empty"),
        ("picture.xlsx", PNG, "cannot be read"),
        ("nokey.csv", b"Name,Field:City\nAna,Recife\n", "No column says which contact a row is about"),
        ("header.csv", b"Name,URN:Tel\n", "nothing below it"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["plan", "--sandbox"], ["run", "--sandbox", "--yes"]])
def test_a_file_that_cannot_be_used(command, name, content, says, weni, tmp_path):
    """One clear sentence, exit code 2, nothing written."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = weni(command[0], tmp_path / name, *command[1:])
    assert ran.code == 2
    assert says in ran.out + ran.err


def test_a_wrong_token(weni, make_csv, sandbox, monkeypatch):
    monkeypatch.setenv("WENI_TOKEN", "not-this-one")
    for command in (["plan"], ["run", "--yes"]):
        ran = weni(*command, make_csv(*CLEAN), "--url", sandbox.url)
        assert (ran.code, len(ran.err.splitlines())) == (3, 1)
        assert "token" in ran.err
        assert "not-this-one" not in ran.err


def test_nobody_answers(weni, make_csv, monkeypatch):
    monkeypatch.setenv("WENI_TOKEN", "x")
    ran = weni("plan", make_csv(*CLEAN), "--url", "http://127.0.0.1:9")
    assert (ran.code, len(ran.err.splitlines()[-1:])) == (4, 1)
    assert "127.0.0.1" in ran.err


@pytest.mark.parametrize("url", ["http://example.org", "nonsense", "https://", "ftp://example.org"])
def test_an_address_that_cannot_be_used(url, weni, make_csv, monkeypatch):
    monkeypatch.setenv("WENI_TOKEN", "x")
    assert weni("plan", make_csv(*CLEAN), "--url", url).code == 2


def test_no_token(weni, make_csv):
    ran = weni("plan", make_csv(*CLEAN))
    assert (ran.code, "WENI_TOKEN" in ran.err) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_token_file_that_others_can_read(weni, make_csv, tmp_path, sandbox):
    secret = tmp_path / "token"
    secret.write_text(sandbox.token + "\n")
    secret.chmod(0o644)
    call = ("plan", make_csv(*CLEAN), "--url", sandbox.url, "--token-file", secret)
    ran = weni(*call)
    assert (ran.code, "chmod 600" in ran.err) == (2, True)
    secret.chmod(0o600)
    assert weni(*call).code == 0


def test_a_report_that_cannot_be_written(weni, make_csv, tmp_path, sandbox, monkeypatch):
    """It is told before anything is sent."""
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    (tmp_path / "taken").write_text("a file, not a folder")
    ran = weni("run", make_csv(*CLEAN), "--yes", "--url", sandbox.url, "--output", "taken")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "--output" in ran.err
    assert sandbox.writes == []


@pytest.mark.parametrize(
    "options",
    [("--country", "XX"), ("--timezone", "Mars/Olympus"), ("--sheet", "Nope"), ("--mapping", "nope.toml")],
)
def test_options_that_do_not_fit(options, weni, make_csv, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for line in CLEAN:
        book.active.append(line.split(","))
    book.save(tmp_path / "contacts.xlsx")
    ran = weni("check", "contacts.xlsx", *options)
    assert ran.code == 2
    assert options[1] in ran.err + ran.out


def test_the_token_is_nowhere(weni, make_csv, tmp_path, monkeypatch):
    """Not in what is printed, not in any file that was written."""
    token = "s3cret-0123456789-token"
    monkeypatch.setenv("WENI_TOKEN", token)
    with Sandbox(SandboxOptions(token=token, rates=None)) as sandbox:
        for command in (["plan"], ["run", "--yes", "--verbose"], ["run", "--yes", "--json"]):
            ran = weni(*command, make_csv(*DIRTY), "--url", sandbox.url)
            assert token not in ran.out + ran.err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in written)
    assert [path for path in written if token.encode() in path.read_bytes()] == []


# --------------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["run", "a.csv", "--sandbox"], ["run", "a.csv", f"--sandbox={EMBEDDED}"]),
        (["run", "--sandbox", "a.csv"], ["run", f"--sandbox={EMBEDDED}", "a.csv"]),
        (["run", "--sandbox", "w.db", "a.csv"], ["run", "--sandbox=w.db", "a.csv"]),
        (["run", "--sandbox", "--yes"], ["run", f"--sandbox={EMBEDDED}", "--yes"]),
        (["run", "--sandbox=x", "a.csv"], ["run", "--sandbox=x", "a.csv"]),
    ],
)
def test_sandbox_takes_a_file_or_nothing(given, read):
    assert with_sandbox_value(given) == read


@pytest.mark.parametrize("width", [40, 60, 100])
def test_text_keeps_within_the_terminal(width, weni, make_csv, monkeypatch):
    """Wrapped text is never wider than the terminal (a table of columns may be)."""
    monkeypatch.setenv("COLUMNS", str(width))
    said = weni("check", make_csv(*DIRTY, "x,12;34,,", ",,VIP,", "Y," + "9" * 70 + ",,")).out
    issues = said.split("What is wrong with rows")[1].splitlines()
    prose = [line for line in issues if "×" not in line]
    assert prose
    assert max(map(len, prose)) <= width


def test_a_rate_comes_by_flag_or_variable(weni, make_csv, sandbox, monkeypatch):
    path = make_csv("Name,URN:Tel", *(f"Nome {n},+558290000{n:04d}" for n in range(25)))
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    assert " h " not in weni("plan", path).out
    assert re.search(r"\b[23] h\b", weni("plan", path, "--rate", "10/h").out)
    monkeypatch.setenv("WENI_RATE", "10/h")
    assert re.search(r"\b[23] h\b", weni("plan", path).out)
    ran = weni("plan", path, "--rate", "much")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "“much”" in ran.err


def test_a_log_names_no_contact_unless_asked_to(weni, make_csv, sandbox, monkeypatch):
    """What goes to a terminal, and what check shows of a file, is its user's own."""
    path = make_csv(
        "Name,URN:Tel", "Ana,+5582900000001", "Bia,+55 82 3000 0000 0000", "Bia,+55 82 3000 0000 0009"
    )
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    for command in ("plan", "run"):
        arguments = (command, path, *(("--yes",) if command == "run" else ()))
        assert "3000 0000" not in weni(*arguments).out
        assert "3000 0000" in weni(*arguments, "--verbose").out
    assert "3000 0000" in weni("check", path).out


def test_an_error_of_ours_tells_where_and_no_cell(weni, make_csv, monkeypatch):
    def fail(*_, **__):
        raise KeyError("Ana Exemplo +5582900000001")

    monkeypatch.setattr("importer.examine.examine", fail)
    ran = weni("check", make_csv(*CLEAN))
    assert re.search(r"KeyError \(test_commands.py, line \d+\)", ran.err)
    assert "Ana" not in ran.err


def test_the_other_road_is_recommended_where_the_api_needs_hours(weni, make_csv, sandbox, monkeypatch):
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    make_csv("Name,URN:Ext", *(f"N{n},{n}" for n in range(60)))
    shown = " ".join(weni("plan", "contacts.csv", "--rate", "10/h").out.split())
    assert "weni-import convert contacts.csv" in shown
    assert "groups of its own" in shown
    assert "weni-import convert" not in weni("plan", "contacts.csv").out


@pytest.mark.parametrize(
    ("lang", "unasked", "group"), [("en", "No workspace was asked", "for VIP"),
     ("pt", "Nenhum espaço de trabalho foi consultado", "para VIP"),
     ("es", "No se consultó ningún espacio de trabajo", "para VIP")],
)  # fmt: skip
def test_converting_without_a_workspace_says_what_nobody_has_checked(lang, unasked, group, weni, make_csv):
    make_csv("Name,URN:Ext,Groups", "Ana,1,VIP", "Bia,2,", name="list.csv")
    ran = weni("convert", "list.csv", "--by-groups", "--lang", lang)
    assert ran.code == 0
    shown = " ".join(ran.out.split())
    assert unasked in shown
    assert f"list.convert/new-1.xlsx {group}" in shown
    again = json.loads(weni("convert", "list.csv", "--by-groups", "--json").out)
    assert (again["asked"], again["combinations"]) == (False, 1)
    assert [upload["groups"] for upload in again["uploads"]] == [["VIP"], []]
