"""The cells of the corpus, each read as its sidecar says: those files whose only dirt is in their cells."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from importer.cells import is_blank, is_clear
from importer.columns import COLUMN_TYPES, parse_groups, parse_uuid, parse_yes_no, read_name, same_value
from importer.issues import CellRefused, Issue
from importer.languages import parse_language
from importer.options import Locale
from importer.urns import parse_urns

CORPUS = Path(__file__).parent / "corpus"
FILES = (
    "clear-marker", "dates-summer-time", "dates-text", "ddd-apart", "eight-digit-mobiles", "emoji-rtl",
    "formula-text", "group-columns", "groups-cells", "invisible-marks", "languages", "long-cells", "mails",
    "multi-values", "names-like-null", "numbers", "phone-formats", "phones-as-floats", "phones-foreign",
    "phones-invalid", "phones-no-country", "social-ids", "spreadsheet-errors", "src-mailchimp", "src-shopify",
    "src-whatsapp-group", "text-guards", "whatsapp-and-tel",
)  # fmt: skip

Found = list[tuple[str, object]]
Read = Callable[[object, Locale, list[Issue]], Found]


def read_as(target: str, value_type: str, area: str) -> Read:
    kind, _, name = target.partition(":")
    readers: dict[str, Read] = {
        "name": lambda cell, _, notes: [("name", read_name(cell, notes))],
        "language": lambda cell, locale, notes: [("language", parse_language(cell, locale, notes))],
        "uuid": lambda cell, _, __: [("uuid", parse_uuid(cell))],
        "urn": lambda cell, locale, notes: [
            ("urn", urn) for urn in parse_urns(cell, name, locale, notes, area=area)
        ],
        "groups": lambda cell, _, notes: [("group", group) for group in parse_groups(cell, notes)[0]],
        "group": lambda cell, _, __: [("group", name)] if parse_yes_no(cell) else [],
        "field": lambda cell, locale, notes: [(name, COLUMN_TYPES[value_type].parse(cell, locale, notes))],
    }
    return readers.get(kind, lambda *_: [])


def read_row(
    columns: list[dict[str, Any]], row: list[str], locale: Locale
) -> tuple[Found, list[tuple[str, str]]]:
    """What the cells say, and code and column of every issue."""
    found: Found = []
    issues: list[tuple[str, str]] = []
    area = ""
    for column, cell in zip(columns, row, strict=False):
        target = column["target"]
        if target == "tel.area":
            area = cell
        if is_blank(cell):
            continue
        notes: list[Issue] = []
        try:
            if is_clear(cell) and not target.startswith("urn"):
                found.append((target.removeprefix("field:"), None))
            else:
                found += read_as(target, column.get("value_type", "text"), area)(cell, locale, notes)
        except CellRefused as refused:
            notes.append(refused.issue)
        issues += [(note.code, column["column"]) for note in notes]
    return [pair for pair in found if pair[1] != ""], issues


@pytest.mark.parametrize("name", FILES)
def test_cells(name: str) -> None:
    path = CORPUS / f"{name}.csv"
    expect = json.loads((CORPUS / f"{name}.csv.expect.json").read_text("utf-8"))
    options, columns = expect["options"], expect["columns"]
    order = "dmy" if options["day_first"] else "mdy"
    locale = Locale(options["default_country"], ZoneInfo(options["timezone"]), order, this_year=2026)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=expect["format"]["delimiter"]))
    compared = 0
    for entry in expect["rows"]:
        found, issues = read_row(columns, rows[entry["row"] - 1], locale)
        where = f"{name}, row {entry['row']}"
        for problem in entry.get("problems", []) + entry.get("warnings", []):
            assert (problem["class"], problem["column"]) in issues, where
        if entry["result"] == "contact":
            check_contact(entry["contact"], found, columns, where)
            compared += 1
    assert compared


def check_contact(contact: dict[str, Any], found: Found, columns: list[dict[str, Any]], where: str) -> None:
    types = {column["target"]: column.get("value_type", "text") for column in columns}
    assert [urn for kind, urn in dict.fromkeys(found) if kind == "urn"] == contact["urns"], where
    assert {group for kind, group in found if kind == "group"} == set(contact["groups"]), where
    said = dict(found)
    for key in ("name", "language"):
        if key in types:
            assert said.get(key, "absent") == contact.get(key, "absent"), where
    for target, value_type in types.items():
        key = target.removeprefix("field:")
        if key != target:
            assert (key in said) == (key in contact["fields"]), where
            assert same_value(value_type, said.get(key), contact["fields"].get(key)), where  # type: ignore[arg-type]
