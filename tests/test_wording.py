"""importer.wording: what became of a row, in words."""

import pytest

from importer import messages
from importer.issues import CATALOGUE, Issue, Phrase
from importer.messages import catalogue, placeholders
from importer.model import Change
from importer.wording import describe_changes, describe_duration, describe_issues

ENGLISH = catalogue("en")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("name", None, "Ana Exemplo"), "name: “Ana Exemplo”"),
        (Change("name", "Ana", "Ana Exemplo"), "name: “Ana” → “Ana Exemplo”"),
        (Change("language", "por", None), "language: REMOVED “por”"),
        (Change("field:city", "Maceió", "Recife"), "city: “Maceió” → “Recife”"),
        (Change("field:name", "A", "B"), "name: “A” → “B”"),
        (Change("groups", (), ("VIP", "A, B")), "groups: added “VIP”, “A, B”"),
        (Change("groups", None, ("VIP",)), "groups: added “VIP”"),
        (Change("groups", ("Old",), ("VIP",)), "groups: added “VIP”; REMOVED “Old”"),
        (Change("groups", ("Old",), None), "groups: REMOVED “Old”"),
        (Change("urns", ("ext:1", "ext:2"), ("ext:2", "ext:1")), "URNs: in another order: “ext:2”, “ext:1”"),
    ],
)
def test_a_change_is_said_as_old_and_new(change: Change, said: str) -> None:
    """What is removed is marked, what is added or replaced is told apart."""
    assert describe_changes([change], ENGLISH) == said


def test_changes_stand_one_on_a_line_in_their_order() -> None:
    changes = [Change("name", "A", "B"), Change("language", None, "por")]
    assert describe_changes(changes, ENGLISH) == "name: “A” → “B”\nlanguage: “por”"
    assert describe_changes([], ENGLISH) == ""


def test_an_error_comes_before_a_warning_that_stands_before_it() -> None:
    warning = Issue.of("language-retired", "ais").at(7, "Idioma", "B")
    error = Issue.of("phone-invalid", "123").at(7, "", "C")
    said = describe_issues([warning, error], ENGLISH).splitlines()
    assert said[0].startswith("C: “123” is not a phone number")
    assert said[1].startswith("Note – Idioma: “ais”")


def test_a_remedy_that_two_issues_share_is_said_once() -> None:
    issues = [Issue.of("phone-invalid", value).at(7, "Tel", "C") for value in ("1", "2")]
    said = describe_issues(issues, ENGLISH)
    hint = ENGLISH.hint(issues[0])
    assert said.count(hint) == 1
    assert "“1”" in said
    assert "“2”" in said


def example(code: str) -> Issue:
    """An issue of `code` with every fact that its sentences ask for."""
    texts = " ".join(messages.catalogue("en").issues[code])
    facts = {name: f"<{name}>" for name in placeholders(texts) - {"value", "row", "column", "letter"}}
    return Issue.of(code, "=1+1", **facts).at(7, "Telefone", "C")


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_kind_of_issue_can_be_described(code: str) -> None:
    """Each code has a sentence and a remedy, and neither leaves a placeholder."""
    said = describe_issues([example(code)], ENGLISH)
    assert "Telefone: " in said
    assert len(said) > len("Telefone: ") + 20
    assert "{" not in said


def test_a_phrase_inside_an_issue_is_said_in_words() -> None:
    issue = Issue.of("row-conflict", reason=Phrase("conflict.name")).at(7)
    assert describe_issues([issue], ENGLISH).startswith(ENGLISH.say("conflict.name"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "less than a minute"), (59.9, "less than a minute"), (60, "1 min"), (61, "2 min"), (3600, "1 h 0 min"),
     (33_590, "9 h 20 min"), (3599, "1 h 0 min")],
)  # fmt: skip
def test_a_duration_is_said_in_hours_and_minutes(seconds: float, said: str) -> None:
    assert describe_duration(seconds, ENGLISH) == said
