"""What a 400 means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.api.refusal import Refusal, in_words, refusal, refusals
from importer.errors import Rejected

UUID = "99999999-9999-4999-8999-999999999999"
NON_ACTIVE = "Non-active contacts cannot be added to groups"
LIMIT = "and the limit is 250. You must delete existing ones before you can create new ones."


@pytest.mark.parametrize(
    ("call", "body", "why", "names"),
    [
        ("create_contact", {"urns": ["URN belongs to another contact: " + UUID]}, "urn-taken", ()),
        ("create_contact", {"urns": {"1": ["URN belongs to another contact: x"]}}, "urn-taken", ()),
        ("create_contact", {"error": "URNs in use by other contacts"}, "urn-taken", ()),
        ("create_contact", {"error": "unknown contact field 'novo'"}, "not-settled", ("novo",)),
        ("upsert_contact", {"error": f"unknown contact group '{UUID}'"}, "not-settled", (UUID,)),
        ("create_contact", {"fields": ["Invalid contact field key: nada"]}, "field-unknown", ("nada",)),
        ("create_contact", {"groups": ["No such object: Silva, Ana"]}, "group-unknown", ("Silva, Ana",)),
        ("contact_action", {"group": ["No such object: Nada"]}, "group-unknown", ("Nada",)),
        ("contact_action", {"contacts": ["No such object: ext:nada"]}, "contact-unknown", ("ext:nada",)),
        ("contact_action", {"group": ["Contact group must not be dynamic: Dyn"]}, "group-dynamic", ("Dyn",)),
        ("create_contact", {"groups": ["Contact group must not be dynamic: Dyn"]}, "group-dynamic", ("Dyn",)),
        ("create_field", {"label": ["This field must be unique."]}, "exists", ()),
        ("create_group", {"name": ["This field must be unique."]}, "exists", ()),
        ("create_field", {"label": ['Generated key "x" is invalid or reserved.']}, "key-unusable", ("x",)),
        ("create_field", {"non_field_errors": [f"This org has 250 contact fields {LIMIT}"]},
         "full", ()),
        ("create_group", {"non_field_errors": [f"This org has 250 groups {LIMIT}"]},
         "full", ()),
        ("contact_action", {"non_field_errors": [f"{NON_ACTIVE}: {UUID}, b"]},
         "contact-not-active", (UUID, "b")),
        ("create_contact", {"non_field_errors": ["Sorry."]}, "suspended", ()),
        ("create_group", {"non_field_errors": ["Sorry."]}, "suspended", ()),
        ("update_contact", {"non_field_errors": ["Inactive contacts can't be modified."]}, "other", ()),
        ("upsert_contact", {"non_field_errors": ["Invalid URN"]}, "other", ()),
        ("create_contact", {"name": ["No such object: x"]}, "other", ()),
        ("create_contact", {"name": ["Say: This field must be unique"]}, "other", ()),
        ("create_contact", {"fields": {"age": ["unknown contact field 'x'"]}}, "other", ()),
        ("create_contact", {"detail": "JSON parse error"}, "other", ()),
        ("create_contact", {}, "other", ()),
    ],
)  # fmt: skip
def test_a_refusal_is_recognised(
    call: str, body: dict[str, object], why: str, names: tuple[str, ...]
) -> None:
    found = refusal(Rejected(body, call))
    assert (found.why, found.names) == (Refusal(why), names)


def test_of_several_the_weightiest_comes_first() -> None:
    """All are told, each with its place in the body."""
    body = {
        "name": ["Ensure this field has no more than 100 characters."],
        "fields": {"age": ["Not a valid string."]},
        "urns": {"1": ["URN belongs to another contact: x"]},
    }
    error = Rejected(body, "create_contact")
    assert [(one.why, one.key) for one in refusals(error)] == [
        (Refusal.URN_TAKEN, "urns.1"), (Refusal.OTHER, "name"), (Refusal.OTHER, "fields.age"),
    ]  # fmt: skip
    assert in_words(error) == (
        "name: Ensure this field has no more than 100 characters.; fields.age: Not a valid string.; "
        "urns.1: URN belongs to another contact: x"
    )


def test_the_servers_own_keys_are_not_in_the_words() -> None:
    assert in_words(Rejected({"error": "unknown\ncontact field 'x'"})) == "unknown contact field 'x'"
    assert in_words(Rejected({})) == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(
    body=st.dictionaries(st.sampled_from(["urns", "error", "fields", "x", "non_field_errors"]), json_values)
)
def test_any_body_has_a_meaning(body: dict[str, object]) -> None:
    assert refusals(Rejected(body, "create_contact"))
    assert "\n" not in in_words(Rejected(body))
