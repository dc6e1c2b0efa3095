"""undo, as a user calls it: what it shows, asks, writes, and how it ends."""

import io
import json
import re

import pytest

LINES = (
    "Name,URN:Tel,Groups,Field:City",
    "Ana Exemplo,+5582900000001,VIP,Recife",
    "Bia Modelo,+5582900000002,,",
)


@pytest.fixture
def imported(weni, make_csv):
    weni("run", make_csv(*LINES), "--sandbox", "w.db", "--yes")
    return re.search(r"\S+", weni("jobs").out)[0]


def there(weni):
    return json.loads(weni("workspace", "--sandbox", "w.db", "--json").out)


def test_undo_takes_back_what_was_imported(weni, imported, tmp_path):
    ran = weni("undo", "last", "--sandbox", "w.db", "--yes")
    assert ran.code == 0
    assert f"To be taken back of job {imported}" in ran.out
    assert "2  contacts to delete: created by the import" in ran.out
    assert re.search(r"Job \S+ taken back in workspace Sandbox\n  2  deleted", ran.out)
    assert "Groups deleted (1): VIP" in ran.out
    assert "Fields of the import that stay, as the platform cannot delete any (1): City" in ran.out
    assert {path.name for path in (tmp_path / f"{imported}.undo").iterdir()} == {
        "report.xlsx", "report.jsonl", "summary.json",
    }  # fmt: skip
    assert there(weni)["groups"] == []
    listed = weni("jobs").out.splitlines()
    assert f"undo of {imported}" in listed[0]
    assert "taken back" in listed[1]


def test_undo_shows_and_does_nothing(weni, imported):
    ran = weni("undo", imported[:12], "--sandbox", "w.db", "--dry-run")
    assert ran.code == 0
    assert "Nothing was taken back" in ran.out
    assert there(weni)["groups"][0]["count"] == 1


@pytest.mark.parametrize(("answer", "code", "groups"), [("n\n", 4, 1), ("sim\n", 0, 0)])
def test_undo_asks_once(answer, code, groups, weni, imported, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    ran = weni("undo", "last", "--sandbox", "w.db")
    assert ran.code == code
    assert "Take this back?" in ran.err
    assert len(there(weni)["groups"]) == groups


def test_undo_json_is_one_document(weni, imported):
    document = json.loads(weni("undo", "last", "--sandbox", "w.db", "--yes", "--json").out)
    assert (document["command"], document["undoes"], document["ended"]) == ("undo", imported, "complete")
    assert (document["totals"]["deleted"], document["rows"]) == (2, 2)
    assert (document["groups_deleted"], document["fields_kept"]) == (["VIP"], ["City"])
    jobs = json.loads(weni("jobs", "--json").out)["jobs"]
    assert [(job["command"], job["undoes"], job["state"]) for job in jobs] == [
        ("undo", imported, "complete"),
        ("run", None, "undone"),
    ]


def test_undo_tells_in_one_sentence_what_cannot_be(weni, imported, tmp_path):
    assert "--yes" in weni("undo", "last", "--sandbox", "w.db").err
    assert weni("undo", "nenhuma", "--sandbox", "w.db", "--yes").code == 2
    weni("undo", "last", "--sandbox", "w.db", "--yes")
    ran = weni("undo", imported, "--sandbox", "w.db", "--yes")
    assert (ran.code, f"Job {imported} has been taken back already" in ran.err) == (2, True)
    ran = weni("undo", "last", "--sandbox", "w.db", "--yes", "--lang", "pt")
    assert (ran.code, "importe o arquivo de novo" in ran.err) == (2, True)


def test_the_report_of_an_undo_comes_again(weni, imported, tmp_path):
    weni("undo", "last", "--sandbox", "w.db", "--yes", "--lang", "es")
    ran = weni("report", "last", "--output", "again", "--lang", "es")
    assert ran.code == 0
    assert f"Tarea {imported} deshecha" in ran.out
    assert not (tmp_path / "again" / "failed.xlsx").exists()
