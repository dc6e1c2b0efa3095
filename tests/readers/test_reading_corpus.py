"""Every file of the corpus is read as its sidecar says: what it is, its rows, and what is wrong with them."""

import codecs
import json
from pathlib import Path

import pytest

from importer.messages import catalogue

CORPUS = Path(__file__).parent.parent / "corpus"
SIDECARS = sorted(CORPUS.glob("*.expect.json"))
TOLD_BY_READING = frozenset(
    [
        "file-empty",
        "file-unreadable",
        "file-encrypted",
        "no-records",
        "header-missing",
        "encoding-guessed",
        "encoding-mixed",
        "text-mojibake",
        "file-type-mismatch",
        "cells-hold-delimited-text",
        "header-empty",
        "sheet-choice",
        "hidden-rows",
        "hidden-columns",
        "row-too-long",
        "row-repeats-header",
        "quote-unbalanced",
        "row-too-short",
        "control-characters-removed",
    ]
)


@pytest.fixture(params=SIDECARS, ids=lambda path: path.name.removesuffix(".expect.json"))
def expected(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def encoding(name):
    return codecs.lookup(name).name if name else name


def told(problem, issues, severity):
    """Whether an issue of this class, severity and column is among the issues."""
    return any(
        issue.code == problem["class"]
        and issue.severity == problem.get("severity", severity)
        and issue.letter == problem.get("column", issue.letter)
        for issue in issues
    )


def test_sample(expected, read):
    """The facts of the file, its columns, row numbers and issues are those of the sidecar."""
    found = read(CORPUS / expected["file"])
    check_facts(expected, found.info)
    wanted = [(column["column"], column["header"]) for column in expected["columns"]]
    blank = [letter for letter, header in wanted if not header]
    came = [(column.letter, column.header) for column in found.columns]
    # a column that is blank all the way down is none
    assert [pair for pair in came if pair[1]] == [pair for pair in wanted if pair[1]]
    assert {letter for letter, header in came if not header} <= set(blank)
    for problem in expected["file_problems"]:
        if problem["class"] in TOLD_BY_READING:
            assert told(problem, found.issues, "")
    named = {problem["class"] for problem in expected["file_problems"]}
    assert set(found.codes) <= named
    if not expected["blocked"]:
        check_rows(expected, found)


def check_facts(expected, info):
    form = expected["format"]
    for key in {"kind", "sheet", "header_row", "container", "member"} & form.keys():
        assert getattr(info, key) == form[key], key
    if "delimiter" in form:
        assert info.delimiter == form["delimiter"]
    if "encoding" in form:
        right = [form["encoding"], *form.get("encoding_also_right", [])]
        assert encoding(info.encoding) in map(encoding, right)


def check_rows(expected, found):
    assert found.numbers == [row["row"] for row in expected["rows"]]
    for row, wanted in zip(found.rows, expected["rows"], strict=True):
        for problem in wanted.get("problems", []):
            assert problem["class"] not in TOLD_BY_READING or told(problem, row.issues, "error")
        for problem in wanted.get("warnings", []):
            assert problem["class"] not in TOLD_BY_READING or told(problem, row.issues, "warning")
        if wanted["result"] != "problem":
            assert not [issue for issue in row.issues if issue.is_error]


def test_every_issue_has_its_sentence(expected, read):
    """What reading tells can be said: no sentence lacks a fact."""
    found = read(CORPUS / expected["file"])
    english = catalogue()
    for issue in [*found.issues, *(issue for row in found.rows for issue in row.issues)]:
        assert english.message(issue)
        assert english.hint(issue)
