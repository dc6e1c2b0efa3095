"""A saved mapping does again, by itself, what was done with all the options that were chosen."""

import json
from pathlib import Path

import pytest

from importer.errors import Unusable
from importer.examine import examine
from importer.mapping.saving import format_mapping
from importer.options import Options

TESTS = Path(__file__).parent
FILES = sorted(
    path
    for path in (*(TESTS / "corpus").iterdir(), *(TESTS / "presets").glob("*.csv"))
    if path.suffix not in ("", ".json", ".py") and path.name != ".gitattributes"
)


def chosen_for(path: Path) -> Options:
    """What the corpus' sidecar chooses, or Brazil."""
    sidecar = path.with_name(f"{path.name}.expect.json")
    said = json.loads(sidecar.read_text("utf-8"))["options"] if sidecar.exists() else {}
    return Options(
        country=said.get("default_country", "BR") or "none",
        timezone=said.get("timezone", "America/Sao_Paulo"),
        date_order="mdy" if said.get("day_first") is False else None,
        new_fields="create",
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_saved_mapping_does_the_same_again(path, tmp_path):
    options = chosen_for(path)
    try:
        first = examine(path, options)
    except Unusable:
        pytest.skip("nothing to map")
    file = tmp_path / "saved.toml"
    file.write_text(
        format_mapping(
            first.mapping, first.workspace, {name: getattr(options, name) for name in options.chosen}
        ),
        "utf-8",
    )
    second = examine(path, Options(mapping=file))
    assert [mapped.target for mapped in second.mapping.columns] == [
        mapped.target for mapped in first.mapping.columns
    ]
    assert second.table.info == first.table.info
    if first.check is None:
        assert second.check is None
    else:
        assert list(second.check.records()) == list(first.check.records())
