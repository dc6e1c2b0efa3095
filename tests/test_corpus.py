"""The corpus: 134 files that users could hand over, each checked as its sidecar NAME.expect.json says."""

import codecs
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importer.cli.documents import document_of_check, document_of_unusable, to_text
from importer.errors import Unusable
from importer.examine import examine
from importer.messages import catalogue
from importer.model import Field, Workspace
from importer.options import Options

Json = dict[str, Any]

CORPUS = Path(__file__).parent / "corpus"
SIDECARS = sorted(CORPUS.glob("*.expect.json"))
STATUS = {"contact": "valid", "merged": "merged", "problem": "invalid"}
CHOSEN = ("country", "timezone", "date_order", "phone_scheme", "new_fields")


def test_the_corpus_is_whole() -> None:
    files = {path.name for path in CORPUS.glob("[!.]*")} - {path.name for path in SIDECARS}
    assert files == {path.name.removesuffix(".expect.json") for path in SIDECARS}
    assert len(SIDECARS) == 134


@pytest.mark.parametrize("sidecar", SIDECARS, ids=lambda path: path.name.removesuffix(".expect.json"))
def test_a_file_is_understood(sidecar: Path, tmp_path: Path) -> None:
    """Format, columns, issues, rows and contacts are those of the sidecar."""
    expected = json.loads(sidecar.read_text("utf-8"))
    came = played(expected, tmp_path)
    assert list(differences(expected, came)) == []


# ------------------------------------------------------------------------------------------------ playing


def played(expected: Json, folder: Path) -> Json:
    """The document that `check --json --records` prints, with the sidecar's options, fields and choices."""
    said, path = expected["options"], CORPUS / expected["file"]
    types = {column["target"]: column.get("value_type", "text") for column in expected["columns"]}
    fields = (
        Field(key, key.replace("_", " ").capitalize(), types.get(f"field:{key}", "text"))
        for key in said["known_fields"]
    )
    workspace = Workspace(country=said["default_country"], timezone=said["timezone"], fields=tuple(fields))
    options = Options(
        country=said["default_country"] or "none",
        timezone=said["timezone"],
        date_order="dmy" if said["day_first"] else "mdy",
        phone_scheme=said["phone_scheme"],
        new_fields="create" if said["create_fields"] else "error",
        mapping=mapping_file(expected["columns"], folder),
        given=frozenset(CHOSEN),
    )
    words = catalogue()
    try:
        document = document_of_check(examine(path, options, workspace), words, with_records=True)
    except Unusable as error:
        if error.issue is None:
            raise
        document = document_of_unusable(error.issue, error.info, str(path), words, with_records=True)
    return json.loads(to_text(document))


def mapping_file(columns: list[Json], folder: Path) -> Path | None:
    """What the user has chosen, where anything has to be: targets that the header row alone does not tell."""
    alike = Counter(normal(column["header"]) for column in columns)
    lines = []
    for column in filter(is_choice, columns):
        header, target, value_type = column["header"], column["target"], column.get("value_type", "text")
        if target.startswith("field:"):
            if value_type == "text" and re.match(r"field\s*:", header, re.IGNORECASE):
                continue
            target = f"{target}:{value_type}"
        elif target == "ignore" and not header:
            continue
        is_clear = header and alike[normal(header)] == 1 and not header.startswith("@")
        entry = header if is_clear else f"@{column['column']}"
        lines.append(f"{json.dumps(entry, ensure_ascii=False)} = {json.dumps(target, ensure_ascii=False)}")
    if not lines:
        return None
    path = folder / "mapping.toml"
    path.write_text("\n".join(["[columns]", *lines, ""]), "utf-8")
    return path


def is_choice(column: Json) -> bool:
    target = column["target"]
    return target.startswith("field:") or target == "ignore" or column.get("auto") is False


def normal(header: str) -> str:
    """A header as it is told apart: without case, accents and punctuation."""
    letters = (c for c in unicodedata.normalize("NFKD", header.casefold()) if not unicodedata.combining(c))
    kept = (c for c in letters if unicodedata.category(c) != "Cf")
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


# ---------------------------------------------------------------------------------------------- comparing


def differences(expected: Json, came: Json) -> Iterator[tuple[Any, ...]]:
    """Everything that is otherwise than expected: (where, expected, came)."""
    yield from of_format(expected["format"], came["file"])
    yield from of_columns(expected, came)
    headers = {column["column"]: normal(column["header"]) for column in expected["columns"]}
    yield from of_issues("file", expected["file_problems"], "", came["issues"], headers)
    errors = [issue["code"] for issue in came["issues"] if issue["severity"] == "error"]
    if came["blocked"] != expected["blocked"] or bool(errors) != came["blocked"]:
        yield "blocked", expected["blocked"], came["blocked"], errors
    elif not expected["blocked"]:
        yield from of_rows(expected, came["rows"], headers)
    else:
        yield from (("row imported", None, row) for row in came["rows"] if row["status"] != "invalid")


def of_format(expected: Json, came: Json) -> Iterator[tuple[Any, ...]]:
    for key in sorted({"kind", "encoding", "delimiter", "sheet", "header_row"} & expected.keys()):
        right, found = [expected[key]], came[key]
        if right == ["unknown"]:
            right += [None, ""]
        if key == "encoding":
            bom = expected.get("bom") and str(expected[key]).startswith("utf-16")
            right += [*expected.get("encoding_also_right", []), *(["utf-16"] if bom else [])]
            right, found = [encoding(name) for name in right], encoding(found)
        if found not in right:
            yield f"file: {key}", expected[key], found


def encoding(name: str | None) -> str | None:
    try:
        return codecs.lookup(name or "").name.removesuffix("-sig")
    except LookupError:
        return name


def of_columns(expected: Json, came: Json) -> Iterator[tuple[Any, ...]]:
    """Targets that must be found from the header row; a column that blocks the file has none."""
    blocking = {p.get("column") for p in expected["file_problems"] if p["severity"] == "error"}
    found = {column["column"]: column["target"] for column in came["columns"]}
    for column in expected["columns"]:
        letter = column["column"]
        if not is_choice(column) and letter not in blocking and found.get(letter) != column["target"]:
            yield f"column {letter} ({column['header']})", column["target"], found.get(letter)


def of_issues(
    where: str, problems: list[Json], severity: str, issues: list[Json], headers: dict[str, str]
) -> Iterator[tuple[Any, ...]]:
    """Problems that no issue tells; issues besides are no fault."""
    for problem in problems:
        wanted = (problem["class"], problem.get("severity", severity))
        letter, other = problem.get("column"), problem.get("other_row")
        told = any(
            (issue["code"], issue["severity"]) == wanted
            and (
                letter is None
                or issue["column"] == letter
                or normal(issue["column"] or "") == headers[letter]
            )
            and (other is None or issue.get("other_row") == other)
            for issue in issues
        )
        if not told:
            yield where, problem, [(issue["code"], issue["column"]) for issue in issues]


def of_rows(expected: Json, rows: list[Json], headers: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    types = {column["target"]: column.get("value_type", "text") for column in expected["columns"]}
    wanted = {row["row"]: row for row in expected["rows"]}
    if [row["row"] for row in rows] != sorted(wanted):
        yield "rows", sorted(wanted), [row["row"] for row in rows]
        return
    for row in rows:
        yield from of_row(f"row {row['row']}", wanted[row["row"]], row, headers, types)


def of_row(
    where: str, wanted: Json, row: Json, headers: dict[str, str], types: dict[str, str]
) -> Iterator[tuple[Any, ...]]:
    status, issues = STATUS[wanted["result"]], row["issues"]
    errors = [issue["code"] for issue in issues if issue["severity"] == "error"]
    if row["status"] != status or (errors and status != "invalid"):
        yield where, (status, wanted.get("problems")), (row["status"], errors)
        return
    yield from of_issues(where, wanted.get("problems", []), "error", issues, headers)
    yield from of_issues(where, wanted.get("warnings", []), "warning", issues, headers)
    if status == "merged" and row["into"] != wanted["into"]:
        yield f"{where} into", wanted["into"], row["into"]
    if status == "valid":
        yield from of_contact(where, wanted["contact"], row["contact"], types)


def of_contact(where: str, wanted: Json, came: Json, types: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    absent = object()
    for key in ("uuid", "name", "language"):
        if wanted.get(key, absent) != came.get(key, absent):
            yield f"{where} {key}", wanted.get(key), came.get(key)
    if wanted["urns"] != came["urns"]:
        yield f"{where} urns", wanted["urns"], came["urns"]
    if sorted(wanted["groups"]) != sorted(came["groups"]):
        yield f"{where} groups", wanted["groups"], came["groups"]
    for key in sorted(wanted["fields"].keys() | came["fields"].keys()):
        pair = wanted["fields"].get(key, absent), came["fields"].get(key, absent)
        if not is_same(types.get(f"field:{key}", "text"), *pair):
            yield f"{where} field:{key}", wanted["fields"].get(key), came["fields"].get(key)


def is_same(value_type: str, wanted: object, came: object) -> bool:
    """Texts exactly, numbers by value, moments less than a minute apart and written with an offset."""
    if not isinstance(wanted, str) or not isinstance(came, str):
        return wanted == came if wanted is None or came is None else wanted is came
    if value_type == "numeric":
        return bool(re.fullmatch(r"-?\d+(\.\d+)?", came, re.ASCII)) and Decimal(came) == Decimal(wanted)
    if value_type == "datetime":
        apart = abs(datetime.fromisoformat(came) - datetime.fromisoformat(wanted))
        form = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?[-+]\d\d:\d\d"
        return apart < timedelta(minutes=1) and bool(re.fullmatch(form, came, re.ASCII))
    return wanted == came


@pytest.mark.parametrize(
    ("value_type", "wanted", "came", "same"),
    [
        ("numeric", "12.50", "12.5", True),
        ("numeric", "12.5", "12,5", False),
        ("datetime", "2024-01-31T00:00:00-03:00", "2024-01-31T03:00:59+00:00", True),
        ("datetime", "2024-01-31T00:00:00-03:00", "2024-01-31T03:00:00Z", False),
        ("text", "12.50", "12.5", False),
        ("text", None, None, True),
        ("text", None, "", False),
    ],
)
def test_the_comparison_sees_what_differs(value_type: str, wanted: object, came: object, same: bool) -> None:
    assert is_same(value_type, wanted, came) is same
