"""For programs: every --json is one document of a published form, every line of --log-json too, and the recipes run."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from importer.cli.schemas import SCHEMA_OF, schema_names

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "importer" / "schemas"
README = (ROOT / "README.md").read_text("utf-8")
LINES = (
    "Name,URN:Tel,Groups,Field:Cidade",
    "Ana,+5582900000001,VIP,Recife",
    "Bia,+5582900000002,,Natal",
    "Erro,123,,",
)


def valid(name, document):
    schema = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    wrong = [(list(one.path), one.message) for one in Draft202012Validator(schema).iter_errors(document)]
    assert not wrong
    return document


CALLS = [
    ("check", ["contacts.csv"], 1),
    ("check", ["contacts.csv", "--records"], 1),
    ("check", ["none.csv"], 2),
    ("check", ["nokey.csv", "--records"], 2),
    ("plan", ["contacts.csv"], 1),
    ("run", ["contacts.csv", "--yes"], 1),
    ("run", ["contacts.csv", "--dry-run"], 1),
    ("report", ["last"], 0),
    ("jobs", [], 0),
    ("presets", [], 0),
    ("workspace", [], 0),
    ("fields", ["list"], 0),
    ("groups", ["delete", "VIP", "--yes"], 0),
    ("export", ["-o", "all.xlsx"], 0),
    ("diff", ["contacts.csv", "--absent", "VIP"], 1),
    ("convert", ["contacts.csv"], 0),
    ("template", ["-o", "modelo.xlsx"], 0),
    ("undo", ["last", "--yes"], 0),
    ("purge", ["--all", "--yes"], 0),
]


@pytest.fixture
def folder(make_csv, tmp_path, monkeypatch, settled, sandbox, others):
    """A workspace with a group, a file, and one import that ran."""
    make_csv(*LINES)
    make_csv("Name,Field:City", "Ana,Recife", name="nokey.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    monkeypatch.setenv("WENI_URL", sandbox.url)
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    others.post(
        "contacts.json", json={"name": "Eva", "language": "por", "urns": ["ext:1"], "groups": ["VIP"]}
    )
    return tmp_path


@pytest.fixture
def call(capsys):
    from importer.cli import main

    def called(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return called


@pytest.mark.parametrize(("command", "arguments", "code"), CALLS, ids=lambda one: str(one))
def test_every_document_is_of_its_form(command, arguments, code, folder, call):
    if command in ("report", "jobs", "undo", "purge"):
        call("run", "contacts.csv", "--yes", "--quiet")
    ended, out, _ = call(command, *arguments, "--json")
    assert ended == code
    document = valid(SCHEMA_OF[command], json.loads(out))
    # of a report it is the job's, in which a row was invalid; telling it again went well
    assert document.get("exit_code", code) == (1 if command == "report" else code)


FILES = [
    (["run", "contacts.csv", "--yes", "--verify"], "contacts.import"),
    (["run", "contacts.csv", "--dry-run", "--output", "p"], "p"),
    (["run", "acts.csv", "--yes", "--allow-delete", "2", "--output", "d"], "d"),
    (["undo", "last", "--yes", "--output", "u"], "u"),
    (["undo", "last", "--dry-run", "--output", "v"], "v"),
]


@pytest.mark.parametrize(("arguments", "output"), FILES, ids=lambda one: str(one))
def test_the_files_of_every_report_are_of_their_form(arguments, output, folder, call, make_csv, others):
    make_csv("URN:Ext,Action", "1,delete", "nobody,delete", "1,block", name="acts.csv")
    make_csv("URN:Ext,Action", "1,block", name="block.csv")
    if arguments[0] == "undo":
        call("run", "block.csv", "--yes", "--quiet", "--allow-delete", "1", "--output", "b")
    call(*arguments)
    summary = valid("summary", json.loads((folder / output / "summary.json").read_text("utf-8")))
    rows = [json.loads(line) for line in (folder / output / "report.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == summary["rows"] > 0
    for row in rows:
        valid("report-row", row)


def test_the_lines_of_a_comparison_are_of_their_form(folder, call):
    call("diff", "contacts.csv", "--absent", "VIP", "--output", "d")
    lines = [json.loads(line) for line in (folder / "d/differences.jsonl").read_text("utf-8").splitlines()]
    assert {valid("difference-row", line)["status"] for line in lines} == {"missing", "invalid", "absent"}


def test_every_command_is_called():
    """But for the practice server, which does not end."""
    assert {*(command for command, _, _ in CALLS), "sandbox"} == set(SCHEMA_OF)


def test_the_practice_server_says_where_it_is(tmp_path):
    command = [sys.executable, "-m", "importer", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        text = ""
        while not text.rstrip().endswith("}"):
            text += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert valid("sandbox", json.loads(text))["token"] == "sandbox"


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "none.csv"], ["run", "contacts.csv"], ["report", "nonsense"], ["export", "-o", "a.pdf"],
        ["diff", "contacts.csv", "--absent", "Nenhum"], ["plan", "contacts.csv", "--decimal", "x"], ["nonsense"],
        ["plan", "contacts.csv", "--url", "http://127.0.0.1:9"], ["plan", "contacts.csv", "--mapping", "no.toml"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_could_not_be_done_is_a_document_too(arguments, folder, call):
    ended, out, err = call(*arguments, "--json", "--log-json")
    document = valid("error", json.loads(out))
    assert document["exit_code"] == ended
    for line in err.splitlines():
        assert valid("log", json.loads(line))
    assert json.loads(err.splitlines()[-1])["event"] == "error"


def test_the_log_is_a_line_an_event(folder, call):
    ended, out, err = call("run", "contacts.csv", "--yes", "--json", "--log-json")
    assert ended == 1
    events = [valid("log", json.loads(line))["event"] for line in err.splitlines()]
    assert "started" in events
    assert events[-1] == "progress"
    assert json.loads(err.splitlines()[-1])["done"] >= 2
    assert json.loads(out)["command"] == "run"


def test_the_log_replaces_the_sentences_on_stderr(folder, call):
    ended, out, err = call("plan", "none.csv", "--log-json")
    assert (ended, out, len(err.splitlines())) == (2, "", 1)
    assert json.loads(err)["code"] == "unusable-file"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
def test_stopping_is_a_line_of_the_log(folder, make_csv, sandbox, state):
    make_csv("Name,URN:Tel", *(f"N{n},+55829000000{n:02d}" for n in range(60)))
    sandbox.fault_plan = lambda number, method, path: "slow" if method == "POST" else None
    command = [sys.executable, "-m", "importer", "run", "contacts.csv", "--yes", "--json", "--log-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 120
        while len(sandbox.writes) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 4
    events = [valid("log", json.loads(line))["event"] for line in err.splitlines()]
    assert "stopping" in events
    assert valid("import", json.loads(out))["ended"] == "stopped"


def test_schema_prints_them(call):
    code, out, _ = call("schema")
    assert (code, out.split()) == (0, schema_names())
    code, out, _ = call("schema", "import")
    assert json.loads(out)["title"] == "ImportDocument"
    code, _, err = call("schema", "nothing")
    assert (code, "import" in err) == (2, True)


# ------------------------------------------------------------------------------------------------ recipes


def recipe(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return found


CRON = re.compile(r"(?:[\d*/,-]+ +){5}(\S.*)")


def commands_of(text):
    """The calls of the program in a recipe, without redirections."""
    for line in text.splitlines():
        if found := re.search(r"(?<![\w/-])weni-import (.*)", line):
            words = shlex.split(found[1].replace("\\%", "%"))
            cut = next(
                (at for at, word in enumerate(words) if word.startswith((">", "2>", "||", "&&"))), len(words)
            )
            yield words[:cut]


def test_the_cron_recipe_is_one():
    told = [line for line in recipe("cron").splitlines() if line and not line.startswith("#")]
    lines = [line for line in told if "=" not in line.split()[0]]
    assert lines
    for line in lines:
        assert CRON.fullmatch(line), line
        assert not re.search(r"(?<!\\)%", line), "cron takes % for the end of the line"


def test_the_workflow_recipe_is_one():
    yaml = pytest.importorskip("yaml")
    workflow = yaml.safe_load(recipe("yaml"))
    (job,) = workflow["jobs"].values()
    assert {"runs-on", "steps"} <= set(job)
    assert [set(step) & {"run", "uses"} for step in job["steps"]]
    assert "secrets.WENI_TOKEN" in json.dumps(job)


@pytest.mark.parametrize("language", ["cron", "yaml"])
def test_the_commands_of_the_recipes_run(language, folder, call):
    lists = folder / "lists"
    lists.mkdir()
    (lists / "contacts.csv").write_text("\n".join(LINES[:3]) + "\n", "utf-8")
    calls = list(commands_of(recipe(language)))
    assert len(calls) >= 2
    for words in calls:
        words = [re.sub(r"\$\(date [^)]*\)", "2026-05-31", word) for word in words]
        code, out, err = call(*words)
        assert code == 0, (words, out, err)
        if "--json" in words:
            valid(SCHEMA_OF[words[0]], json.loads(out))
