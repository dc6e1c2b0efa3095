"""importer.writers.ReportFiles: four files, whole or not at all."""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from importer.errors import Unusable
from importer.issues import Issue
from importer.messages import catalogue
from importer.model import Change, Column, ErrorCell, Outcome, Row, Status, Summary
from importer.writers.drafts import prepare_folder
from importer.writers.report_files import ReportFiles, needs_mending

ENGLISH = catalogue("en")
COLUMNS = (Column(0, "Name"), Column(1, "URN:Tel"))
UUID = "00000000-0000-4000-8000-000000000001"

CREATED = (
    Row(2, ("Ana Exemplo", "+5582900000001")),
    Outcome(2, Status.CREATED, UUID, (Change("name", None, "Ana Exemplo"),), requests=1),
)
INVALID = (
    Row(3, ("Bia Exemplo", "12")),
    Outcome(3, Status.INVALID, issues=(Issue.of("phone-invalid", "12").at(3, "URN:Tel", "B"),)),
)
Told = Sequence[tuple[Row, Outcome]]
Summarise = Callable[..., Summary]


def report(folder: Path, told: Told, summarise: Summarise, **more: object) -> tuple[Path, ...]:
    with ReportFiles(folder, COLUMNS, ENGLISH) as files:
        for row, outcome in told:
            files.add(row, outcome)
        return files.close(summarise([outcome for _, outcome in told], **more))


def test_all_four_files_are_written_when_a_row_has_to_be_mended(tmp_path: Path, summarise: Summarise) -> None:
    written = report(tmp_path / "new" / "out", [CREATED, INVALID], summarise)
    assert {path.name for path in written} == {"report.xlsx", "report.jsonl", "failed.xlsx", "summary.json"}
    assert set(written) == set((tmp_path / "new" / "out").iterdir())


def test_no_failed_file_without_a_failed_row_and_the_older_one_goes(
    tmp_path: Path, summarise: Summarise
) -> None:
    report(tmp_path, [CREATED, INVALID], summarise)
    written = report(tmp_path, [CREATED], summarise)
    assert "failed.xlsx" not in {path.name for path in written}
    assert not (tmp_path / "failed.xlsx").exists()


@pytest.mark.parametrize("told", [[], [CREATED]])
def test_a_report_of_few_or_no_rows_is_whole(told: Told, tmp_path: Path, summarise: Summarise) -> None:
    report(tmp_path, told, summarise)
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == len(told)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_only_the_owner_can_read_the_files(tmp_path: Path, summarise: Summarise) -> None:
    folder = tmp_path / "out"
    for path in report(folder, [CREATED, INVALID], summarise):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


class Broken(Exception):
    """Something that went wrong between two rows."""


def test_an_exception_leaves_the_older_report_as_it_was(tmp_path: Path, summarise: Summarise) -> None:
    """Nothing half-written is seen, and nothing is left behind."""
    report(tmp_path, [CREATED, INVALID], summarise)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with suppress(Broken), ReportFiles(tmp_path, COLUMNS, ENGLISH) as files:
        files.add(*CREATED)
        files.add(*INVALID)
        raise Broken
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nothing_is_seen_before_the_report_is_closed(tmp_path: Path, summarise: Summarise) -> None:
    with ReportFiles(tmp_path, COLUMNS, ENGLISH) as files:
        files.add(*CREATED)
        assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
        (aside,) = tmp_path.iterdir()
        assert os.name != "posix" or stat.S_IMODE(aside.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "more", [{"rows": 3}, {"totals": {Status.CREATED: 2}}, {"totals": {Status.CREATED: 1, Status.INVALID: 2}}]
)
def test_totals_that_do_not_add_up_are_never_published(
    more: dict[str, object], tmp_path: Path, summarise: Summarise
) -> None:
    with pytest.raises(ValueError, match="in the summary"):
        report(tmp_path, [CREATED, INVALID], summarise, **more)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------ the folder


@contextmanager
def _as_somebody_else(folder: Path) -> Iterator[None]:
    """Without the right to write in `folder`, whoever runs the tests."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
@pytest.mark.parametrize("name", [".", "new"])
def test_a_folder_without_permission_is_one_sentence(name: str, tmp_path: Path) -> None:
    with _as_somebody_else(tmp_path), pytest.raises(Unusable) as caught:
        prepare_folder(tmp_path / name)
    sentence = ENGLISH.explain(caught.value)
    assert str(tmp_path / name) in sentence
    assert "ermission" in sentence


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_text("a file")
    with pytest.raises(Unusable) as caught:
        ReportFiles(place, COLUMNS, ENGLISH)
    assert str(place) in ENGLISH.explain(caught.value)


def test_an_older_report_that_cannot_be_replaced_is_told_before_the_work(tmp_path: Path) -> None:
    """A folder of that name stands for a file that another program holds open."""
    (tmp_path / "report.xlsx").mkdir()
    with pytest.raises(Unusable) as caught:
        ReportFiles(tmp_path, COLUMNS, ENGLISH)
    assert "report.xlsx" in ENGLISH.explain(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["report.xlsx"]


def test_a_disk_that_vanishes_is_one_sentence(tmp_path: Path, summarise: Summarise) -> None:
    folder = tmp_path / "out"
    with ReportFiles(folder, COLUMNS, ENGLISH) as files:
        files.add(*CREATED)
        (aside,) = folder.iterdir()
        shutil.rmtree(aside)
        with pytest.raises(Unusable) as caught:
            files.close(summarise([CREATED[1]]))
    assert str(folder) in ENGLISH.explain(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_wherever_the_disk_is_full_it_is_one_sentence_and_the_older_report_stays(
    tmp_path: Path, summarise: Summarise
) -> None:
    """Tried with more and more room, until all of it fits."""
    import resource

    lines, tries, room = [CREATED, INVALID], 0, 0
    before = report(tmp_path, lines, summarise)
    older = {path.name: path.read_bytes() for path in before}
    assert len(older) == 4
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    while True:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
        try:
            report(tmp_path, lines, summarise)
            break
        except Unusable as error:
            told = ENGLISH.explain(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        assert (str(tmp_path) in told, "too large" in told) == (True, True)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == older
        room, tries = room + 50 + room // 3, tries + 1
    assert tries > 8


# -------------------------------------------------------------------------------------- report.jsonl


def test_a_line_of_the_json_file_holds_all_of_an_outcome(tmp_path: Path, summarise: Summarise) -> None:
    outcome = Outcome(
        7, Status.UPDATED, UUID,
        (Change("groups", ("Antigos",), ("VIP",)), Change("field:points", "1", None)),
        (Issue.of("language-normalised", "pt", code="por").at(7, "Language", "C"),),
        requests=2, into=5,
    )  # fmt: skip
    report(tmp_path, [(Row(7, ("Ana", None)), outcome)], summarise)
    assert json.loads((tmp_path / "report.jsonl").read_text("utf-8")) == {
        "row": 7,
        "status": "updated",
        "uuid": UUID,
        "action": "update",
        "changes": [
            {"attribute": "groups", "old": ["Antigos"], "new": ["VIP"]},
            {"attribute": "field:points", "old": "1", "new": None},
        ],
        "issues": [
            {
                "code": "language-normalised",
                "severity": "warning",
                "column": "Language",
                "letter": "C",
                "value": "pt",
                "message": ENGLISH.message(outcome.issues[0]),
                "hint": ENGLISH.hint(outcome.issues[0]),
            }
        ],
        "requests": 2,
        "into": 5,
        "verified": None,
        "differences": [],
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (ErrorCell("#N/A"), "#N/A"),
        (12.5, 12.5),
        (float("nan"), ""),
        (float("inf"), "inf"),
        (date(2024, 1, 31), "2024-01-31"),
        (True, True),
        ("a\ud800b", "a\ud800b"),
    ],
)
def test_any_cell_can_stand_in_the_json_file(
    value: object, said: object, tmp_path: Path, summarise: Summarise
) -> None:
    outcome = Outcome(2, Status.INVALID, issues=(Issue.of("phone-invalid", value).at(2, "URN:Tel", "B"),))
    report(tmp_path, [(Row(2, ("", value)), outcome)], summarise)
    line = (tmp_path / "report.jsonl").read_text("utf-8")
    assert json.loads(line)["issues"][0]["value"] == said


# -------------------------------------------------------------------------------------- summary.json


def test_the_summary_file_holds_every_fact_of_the_summary(tmp_path: Path, summarise: Summarise) -> None:
    """A fact that Summary gains later must not be missing here."""
    issue = Issue.of("header-empty", letter="C").at(None, "", "C")
    report(tmp_path, [CREATED], summarise, file_issues=(issue,), countries={"BR": 1}, estimate_s=1.5)
    document = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert set(document) == {"version", *Summary.__struct_fields__}
    assert document["version"] == 1
    assert document["totals"] == {status.value: int(status is Status.CREATED) for status in Status}
    assert document["started"] == "2026-11-23T12:00:00+00:00"
    assert document["file"]["digest"] == "00ff"
    assert document["file_issues"][0]["code"] == "header-empty"
    assert (document["countries"], document["estimate_s"]) == ({"BR": 1}, 1.5)


# ------------------------------------------------------------------------------------- needs mending

ERROR, WARNING = Issue.of("group-refused", "VIP", reason="no"), Issue.of("phone-from-number", "1", phone="1")


@pytest.mark.parametrize(
    ("status", "issues", "mend"),
    [
        (Status.INVALID, (ERROR,), True),
        (Status.REFUSED, (), True),
        (Status.UPDATED, (ERROR,), True),  # saved, but not into its group
        (Status.CREATED, (WARNING,), False),
        (Status.NOT_SENT, (), False),  # the same command sends it
        (Status.SKIPPED, (), False),
        (Status.UNCHANGED, (), False),
    ],
)
def test_which_rows_have_to_be_mended(status: Status, issues: tuple[Issue, ...], mend: bool) -> None:
    assert needs_mending(Outcome(2, status, issues=issues)) is mend
