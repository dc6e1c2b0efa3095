"""Every kind of --json document has its schema, as its model says. What the commands print is in test_automation.py."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from importer.cli.app import program_for
from importer.cli.schemas import SCHEMA_OF, schema_names
from importer.schemas import DOCUMENTS, json_schema

FOLDER = Path(__file__).parent.parent.parent / "importer" / "schemas"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_as_its_model_says(name):
    """A stale file is written anew, then fails."""
    path = FOLDER / f"{name}.json"
    made = json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
    Draft202012Validator.check_schema(json.loads(made))
    if not path.exists() or path.read_text("utf-8") != made:
        path.write_text(made, "utf-8")
        pytest.fail(f"{path.name} was stale and has been written again: commit it")


def test_no_schema_is_without_a_model():
    assert schema_names() == sorted(DOCUMENTS)


def test_every_command_with_json_has_a_schema():
    commands = program_for().commands
    with_json = {name for name, one in commands.items() if any("--json" in p.opts for p in one.params)}
    assert with_json == set(SCHEMA_OF)
