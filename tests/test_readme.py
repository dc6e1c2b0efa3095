"""The README says what the program does: its blocks are written from the program, its commands are run."""

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from importer.cli import main
from importer.cli.app import program_for
from importer.cli.choices import Choices
from importer.cli.speaking import put_help
from importer.issues import CATALOGUE, Issue
from importer.messages import catalogue
from importer.model import TARGET_KINDS
from importer.presets import presets

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def printed(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A command's output as it stands in the README."""
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(command.split()[1:])
    text = capsys.readouterr().out.replace(str(folder) + "/", "")
    return f"```console\n$ {command}\n{text.rstrip()}\n```"


def issues_table() -> str:
    words = catalogue()
    lines = ["| code | severity | for example |", "|---|---|---|"]
    for code, severity in CATALOGUE.items():
        several = re.sub(r"\{\w+:[^|}]*\|([^}]*)\}", r"\1", words.issues[code][0])
        message = re.sub(r"\{[^}]*\}", "…", several)
        lines.append(f"| `{code}` | {severity} | {message} |")
    return "\n".join(lines)


def options_table() -> str:
    program, words = program_for(), catalogue()
    put_help(program, words)
    shared = set(Choices.__struct_fields__)
    lines = ["| flag | environment | meaning |", "|---|---|---|"]
    for option in program.commands["run"].params:
        if option.name in shared:
            flags = " ".join(f"`{name}`" for name in option.opts)
            environment = f"`{option.envvar}`" if option.envvar else ""
            lines.append(f"| {flags} | {environment} | {option.help} |")
    return "\n".join(lines)


def presets_list() -> str:
    return "; ".join(f"{preset.title} (`{preset.name}`)" for preset in presets()) + "."


@pytest.mark.parametrize("name", ["run", "check", "presets", "issues", "options"])
def test_readme_block(name, tmp_path, monkeypatch, capsys):
    """What stands between the markers is what the program says; a stale block is rewritten, then fails."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    match name:
        case "run":
            made = printed(
                "weni-import run sample_data/contacts-clean.csv --sandbox practice.db --yes", tmp_path, capsys
            )
        case "check":
            made = printed(
                "weni-import check sample_data/legacy-dirty.csv --country BR --quiet", tmp_path, capsys
            )
        case "presets":
            made = presets_list()
        case "issues":
            made = issues_table()
        case _:
            made = options_table()
    text = README.read_text("utf-8")
    pattern = re.compile(rf"(<!-- begin: {name} -->\n)(.*?)(<!-- end: {name} -->)", re.DOTALL)
    found = pattern.search(text)
    assert found
    if found[2].strip() != made.strip():
        README.write_text(pattern.sub(lambda match: f"{match[1]}{made}\n{match[3]}", text), "utf-8")
        pytest.fail(f"the block {name} was stale and has been written again: commit it")


def test_every_link_leads_somewhere():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text("utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_table_of_the_api_is_the_client():
    """Every method of the client that asks for something stands there once, with its request, and how to reach it."""
    from importer.api.client import Client

    source = "".join(
        inspect.getsource(member) for member in vars(Client).values() if inspect.isfunction(member)
    )
    source += inspect.getsource(sys.modules[Client.__module__]._listing)
    calls = re.findall(r'Call\(\s*"(\w+)", "(\w+)", "(\w+)"', source)
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| `(\w+)` \| (.*) \|$", README.read_text("utf-8"), re.MULTILINE)
    assert sorted(row[:3] for row in rows) == sorted(set(calls))
    commands = program_for().commands
    for *_, reached_by in rows:
        for command in re.findall(r"`weni-import (\w+)", reached_by):
            assert command in commands
        assert re.search(r"weni-import|`Contact UUID`|^not used: |Groups", reached_by)


def test_the_mapping_file_shown_is_one():
    from importer.mapping.files import parse_mapping

    (shown,) = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert parse_mapping(shown).columns


def test_every_target_is_shown():
    text = README.read_text("utf-8")
    assert [kind for kind in TARGET_KINDS if f"`{kind}`" not in text and f"`{kind}:" not in text] == []


def test_every_issue_can_be_told():
    words = catalogue()
    for code in CATALOGUE:
        assert words.message(Issue.of(code, "x"))
        assert words.hint(Issue.of(code, "x"))
    assert set(words.issues) == set(CATALOGUE)


def test_the_python_words_are_pinned():
    import importer

    assert importer.__all__ == [
        "Connection", "Listener", "Options", "Report", "Status", "check_file", "import_file", "plan_file", "undo_job",
    ]  # fmt: skip
    for name in importer.__all__:
        assert getattr(importer, name).__doc__


def test_importing_the_package_is_cheap():
    script = "import sys, importer; print(len([n for n in sys.modules if n.startswith('importer')]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8
