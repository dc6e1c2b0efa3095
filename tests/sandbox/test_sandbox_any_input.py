"""Whatever is sent, the answer is one of those that the real server gives."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.urns import KNOWN_SCHEMES, BadPath, UnknownScheme, parse_urn

SCHEMES = sorted(KNOWN_SCHEMES)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
URNS = st.builds("{}:{}".format, st.sampled_from(SCHEMES), st.text("0123456789+-@.aB #?%", max_size=16))
CONTACTS = st.fixed_dictionaries(
    {},
    optional={
        "name": JSON | st.text(),
        "language": st.sampled_from(["por", "POR", "pt", "", None]) | JSON,
        "urns": st.lists(URNS | st.text(), max_size=4) | JSON,
        "groups": st.lists(st.sampled_from(["Azul", "azul", "Nada"]), max_size=3) | JSON,
        "fields": st.dictionaries(st.sampled_from(["cor", "idade", "quando", "nada"]), JSON) | JSON,
    },
)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Sandbox, httpx.Client]]:
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}"}
        base = f"{sandbox.url}/api/v2/"
        with httpx.Client(base_url=base, headers=headers, trust_env=False, verify=False) as client:
            for label, value_type in (("Cor", "text"), ("Idade", "numeric"), ("Quando", "datetime")):
                client.post("fields.json", json={"label": label, "value_type": value_type})
            client.post("groups.json", json={"name": "Azul"})
            yield sandbox, client


@settings(max_examples=80, deadline=None)
@given(body=CONTACTS)
def test_a_new_contact_is_made_or_refused(server: tuple[Sandbox, httpx.Client], body: dict[str, Any]) -> None:
    """201 and one contact more, which a GET shows as the POST did; or 400 that names keys, and none more."""
    sandbox, client = server
    before = len(sandbox.contacts())
    answer = client.post("contacts.json", json=body)
    if answer.status_code == 201:
        shown = client.get("contacts.json", params={"uuid": answer.json()["uuid"]}).json()["results"]
        assert shown == [answer.json()]
        assert len(sandbox.contacts()) == before + 1
    else:
        assert answer.status_code == 400
        assert set(answer.json()) <= {*body, "error"}
        assert len(sandbox.contacts()) == before


@settings(max_examples=80, deadline=None)
@given(body=CONTACTS)
def test_an_update_is_done_or_refused(server: tuple[Sandbox, httpx.Client], body: dict[str, Any]) -> None:
    """200 and what a GET shows; or the contact is as it was. 500 only for URNs that cannot be written."""
    client = server[1]
    before = client.post("contacts.json", json={"name": "Ana"}).json()
    answer = client.post("contacts.json", params={"uuid": before["uuid"]}, json=body)
    [after] = client.get("contacts.json", params={"uuid": before["uuid"]}).json()["results"]
    if answer.status_code == 200:
        assert after == answer.json()
    else:
        assert after == before
        assert answer.status_code == 400 or (answer.status_code == 500 and "%" in str(body["urns"]))


@settings(max_examples=80, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["uuid", "urn", "name", "key", "group", "before", "limit", "cursor"]), st.text()
    )
)
@pytest.mark.parametrize("path", ["contacts.json", "fields.json", "groups.json"])
def test_any_query_gives_a_list_or_a_reason(
    server: tuple[Sandbox, httpx.Client], path: str, query: dict[str, str]
) -> None:
    answer = server[1].get(path, params=query)
    keys = {200: {"next", "previous", "results"}, 400: {"detail"}, 404: {"detail"}}
    assert set(answer.json()) == keys[answer.status_code]


@given(st.sampled_from(SCHEMES), st.text())
def test_what_is_kept_of_an_urn_is_kept_again(scheme: str, path: str) -> None:
    """But for tel:, where digits without a country are read anew."""
    try:
        urn = parse_urn(f"{scheme}:{path}", "BR")
    except (UnknownScheme, BadPath):
        return
    assert str(urn).startswith(f"{scheme}:")
    if scheme != "tel":
        assert parse_urn(str(urn), "BR") == urn
    elif urn.path.startswith("+"):
        assert parse_urn(str(urn), "US") == urn


@given(st.text())
def test_a_text_without_a_colon_is_a_number_or_no_urn(text: str) -> None:
    try:
        urn = parse_urn(text.replace(":", ""), "BR")
    except (UnknownScheme, BadPath):
        return
    assert urn.scheme == "whatsapp"
    assert urn.path.isdigit()
