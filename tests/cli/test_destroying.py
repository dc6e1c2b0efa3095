"""Contacts are deleted and blocked only by those who say how many."""

import io
import json

import pytest

ROWS = "URN:Tel,Action\n+5582900000001,delete\n+5582900000002,block\n+5582900000003,delete\n+5582900000004,\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def practice(weni, tmp_path):
    """Four contacts in a practice workspace, and a file that deletes two and blocks one."""
    people = "Name,URN:Tel\n" + "".join(f"Nome {n},+558290000000{n}\n" for n in range(1, 5))
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "list.csv").write_text(ROWS)
    assert weni("run", "people.csv", "--sandbox", "practice.db", "--yes").code == 0

    def left():
        shown = weni(
            "run", "people.csv", "--sandbox", "practice.db", "--dry-run", "--json", "--action", "update"
        )
        return json.loads(shown.out)["totals"]["unchanged"]

    return left


@pytest.mark.parametrize("allowed", [(), ("--allow-delete", "2")])
def test_a_yes_alone_is_not_enough(allowed, practice, weni):
    ran = weni("run", "list.csv", "--sandbox", "practice.db", "--yes", *allowed)
    assert (ran.code, practice()) == (2, 4)
    assert ran.err.strip() == (
        "This would delete 2 and block 1 contact. Nothing was sent; allow it with --allow-delete 3 if it is meant."
    )


def test_a_number_that_is_high_enough_is(practice, weni):
    ran = weni("run", "list.csv", "--sandbox", "practice.db", "--yes", "--allow-delete", "3")
    assert (ran.code, practice()) == (0, 2)
    assert "2  deleted" in ran.out


@pytest.mark.parametrize(
    ("typed", "code", "left"), [("3\n", 0, 2), ("y\n", 4, 4), ("\n", 4, 4), ("2\n", 4, 4)]
)
def test_at_a_terminal_the_number_is_typed(typed, code, left, practice, weni):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", Terminal(typed))
        ran = weni("run", "list.csv", "--sandbox", "practice.db")
    assert "Type 3 to go on" in ran.err
    assert (ran.code, practice()) == (code, left)


def test_a_number_given_leaves_the_usual_question(practice, weni, monkeypatch):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", Terminal("y\n"))
        ran = weni("run", "list.csv", "--sandbox", "practice.db", "--allow-delete", "5")
    assert "Import this? [y/N]" in ran.err
    assert (ran.code, practice()) == (0, 2)


def test_the_plan_says_it_and_sends_nothing(practice, weni):
    ran = weni("plan", "list.csv", "--sandbox", "practice.db")
    assert "Contacts to delete: 2; to block: 1." in " ".join(ran.out.split())
    assert "--allow-delete 3" in ran.out
    shown = json.loads(weni("plan", "list.csv", "--sandbox", "practice.db", "--json").out)
    assert (shown["acts"], shown["totals"]["deleted"]) == ({"block": 1, "delete": 2}, 2)
    assert practice() == 4


@pytest.mark.parametrize("allowed", ["-1", "all"])
def test_a_number_that_is_none(allowed, practice, weni):
    ran = weni("run", "list.csv", "--sandbox", "practice.db", "--yes", "--allow-delete", allowed)
    assert ran.code == 2
    assert "--allow-delete" in ran.err


def test_an_action_for_all_rows(practice, weni, tmp_path):
    (tmp_path / "uuids.csv").write_text("Telefone,Nome\n+5582900000001,Qualquer\n+5582900000009,Ninguém\n")
    ran = weni(
        "run", "uuids.csv", "--sandbox", "practice.db", "--action", "delete", "--yes", "--allow-delete", "1"
    )
    assert (ran.code, practice()) == (0, 3)
    assert "1  left out" in ran.out
