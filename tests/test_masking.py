"""What is personal is masked, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import ImporterError, Unusable
from importer.issues import Issue, Phrase
from importer.masking import mask
from importer.messages import LANGUAGES, catalogue


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("tel:+5582900000001 is taken", "tel:+•••••••••••01 is taken"),
        ("+55 (82) 99331-1220", "+•• (••) •••••-••20"),
        ("whatsapp:5582900000001", "whatsapp:•••••••••••01"),
        ("82900000001, 82900000002.", "•••••••••01, •••••••••02."),
        ("“ana.exemplo+x@mail.example.com” is no address", "“•••@•••” is no address"),
        ("URNs in use: mailto:ana@example.com", "URNs in use: mailto:•••@•••"),
        ("ana@example.com.", "•••@•••."),
        ("Ana <ana@exämple.com>, bia@x", "Ana <•••@•••>, •••@•••"),
    ],
)
def test_numbers_and_addresses_are_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-28 10:20:30 is past",
        "job 20261128-215332-5f3a1c",
        "uuid 5f3a1c77-1111-4222-8333-123456789012",
        "2,500 requests, 12 345 678",
        "in 15 seconds (error 500) at 127.0.0.1:8700",
        "a @ b",
    ],
)
def test_other_things_stay(text):
    assert mask(text) == text


@given(st.text())
def test_a_masked_text_has_nothing_left_to_mask(text):
    assert mask(mask(text)) == mask(text)


@given(st.integers(10**9, 10**14), st.sampled_from(["", "+", "tel:+", "“"]))
def test_no_number_is_left(number, before):
    assert str(number)[:-2] not in mask(f"see {before}{number}, please")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_is_pasted_somewhere_names_nobody(language):
    words = catalogue(language)
    reason = Phrase("urn-rule.tel", {"value": "x"})
    for error in (
        Unusable("all-refused", count=10, reason="URN belongs to another contact: tel:+5582900000001"),
        Unusable("creation-refused", name="ana@example.com", reason="no"),
        Unusable.file(Issue.of("header-duplicate", "+5582900000001", one="+5582900000001", other="B")),
        ImporterError("done-without-report", job="20261128-215332-5f3a1c", reason=reason),
    ):
        said = words.explain(error)
        assert "5582900000001" not in said
        assert "ana@" not in said
    assert "5582900000001" in words.explain(
        Unusable("all-refused", count=10, reason="tel:+5582900000001"), masked=False
    )


def test_the_name_of_a_file_is_no_secret_of_its_user():
    error = Unusable("mapping-unreadable", file="/home/x/55 82 90000 0001.toml", reason="?")
    assert "55 82 90000 0001.toml" in catalogue("en").explain(error)
