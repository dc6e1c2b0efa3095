"""What the server does beyond the scenarios: one fact a test."""

import base64
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from importer.sandbox import Sandbox, SandboxOptions

Connect = Callable[..., httpx.Client]


def make(client: httpx.Client, **contact: Any) -> dict[str, Any]:
    answer = client.post("contacts.json", json=contact)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


# ------------------------------------------------------------------------------------------------- requests


def test_workspace(client: httpx.Client) -> None:
    """Country, zone and date style, by which values are read."""
    workspace = client.get("workspace.json").json()
    assert workspace["country"] == "BR"
    assert workspace["timezone"] == "America/Sao_Paulo"
    assert workspace["date_style"] == "day_first"
    assert workspace["anon"] is False
    assert len(workspace["uuid"]) == 36


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_workspace_is_only_read(client: httpx.Client, method: str) -> None:
    assert client.request(method, "workspace.json").status_code == 405


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("eu@example.com:sandbox", 200),
        ("eu@example.com:wrong", 403),
        ("eu:sandbox", 403),
        (":sandbox", 403),
    ],
)
def test_basic_authentication_takes_an_email_address_and_the_token(
    client: httpx.Client, words: str, status: int
) -> None:
    header = "Basic " + base64.b64encode(words.encode()).decode()
    answer = client.get("fields.json", headers={"Authorization": header})
    assert answer.status_code == status
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /w=="])
def test_broken_basic_authentication_is_403(client: httpx.Client, header: str) -> None:
    assert client.get("fields.json", headers={"Authorization": header}).status_code == 403


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/html, */*;q=0.1", 200), ("application/*", 200), ("application/xml", 406), ("text/html", 406)],
)
def test_accept(client: httpx.Client, accept: str, status: int) -> None:
    assert client.get("fields.json", headers={"Accept": accept}).status_code == status


def test_a_bad_token_comes_before_a_bad_accept(client: httpx.Client) -> None:
    headers = {"Authorization": "Token x", "Accept": "text/html"}
    assert client.get("fields.json", headers=headers).status_code == 403


def test_unknown_endpoints_ask_for_no_token(client: httpx.Client) -> None:
    answer = client.get("nothing.json", headers={"Authorization": ""})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_answers_are_ascii(client: httpx.Client) -> None:
    answer = client.post("contacts.json", json={"name": "Ção 😀"})
    assert answer.content.isascii()
    assert answer.json()["name"] == "Ção 😀"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_broken_json(client: httpx.Client, constant: str) -> None:
    answer = client.post("contacts.json", content=f'{{"name": {constant}}}', headers=JSON)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize(
    "content", [b"\xff\xfe{\x00}\x00", b'{"name": "\t"}', b'{"a":' * 100_000, b"[" * 100_000]
)
def test_what_cannot_be_read_is_400(client: httpx.Client, content: bytes) -> None:
    answer = client.post("contacts.json", content=content, headers=JSON)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_form_has_lists_and_fields(client: httpx.Client) -> None:
    client.post("fields.json", json={"label": "Cor", "value_type": "text"})
    content = "name=Ana+Lima&urns=ext%3Aa&urns=ext%3Ab&fields[cor]=azul"
    answer = client.post("contacts.json", content=content, headers=FORM).json()
    assert (answer["name"], answer["urns"], answer["fields"]) == (
        "Ana Lima",
        ["ext:a", "ext:b"],
        {"cor": "azul"},
    )


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/xml", ""])
def test_other_bodies_are_415(client: httpx.Client, media_type: str) -> None:
    answer = client.post("contacts.json", content=b"x", headers={"Content-Type": media_type})
    assert (answer.status_code, list(answer.json())) == (415, ["detail"])


def test_head_spoils_the_connection(sandbox: Sandbox) -> None:
    """Its answer carries a body, which a client takes for the next answer."""
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        lines = (
            "HEAD /api/v2/groups.json HTTP/1.1",
            f"Host: {host}",
            f"Authorization: Token {sandbox.token}",
        )
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = b""
        while not received.endswith(b"}"):
            received += line.recv(4096)
    assert received.startswith(b"HTTP/1.1 200")
    assert received.partition(b"\r\n\r\n")[2].startswith(b'{"next":null')


def test_a_suspended_workspace_can_be_read_only(connect: Connect) -> None:
    with Sandbox(SandboxOptions(suspended=True)) as sandbox:
        client = connect(sandbox)
        refused = client.post("contacts.json", json={"name": "Ana"})
        assert (refused.status_code, list(refused.json())) == (400, ["non_field_errors"])
        assert client.get("contacts.json").json()["results"] == []


def test_numbers_are_taken_as_python_prints_them(client: httpx.Client) -> None:
    names = [make(client, name=value)["name"] for value in (12, 1.0, 1e21, -0.5)]
    assert names == ["12", "1.0", "1e+21", "-0.5"]


@pytest.mark.parametrize("space", ["\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000"])
def test_white_space_of_any_kind_is_trimmed(client: httpx.Client, space: str) -> None:
    assert make(client, name=f"{space}Ana{space}")["name"] == "Ana"


# --------------------------------------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    "label", ["Data\tde", "Data\nde", "é", "a" * 37, "has", "discord", "Slack", "VK", "fcm"]
)
def test_labels_that_no_field_may_have(client: httpx.Client, label: str) -> None:
    answer = client.post("fields.json", json={"label": label, "value_type": "text"})
    assert (answer.status_code, list(answer.json())) == (400, ["label"])


@pytest.mark.parametrize("label", ["status", "email", "webchat", "phone", "Has x"])
def test_labels_that_are_not_reserved(client: httpx.Client, label: str) -> None:
    assert client.post("fields.json", json={"label": label, "value_type": "text"}).status_code == 201


def test_a_field_cannot_take_the_key_of_another(client: httpx.Client) -> None:
    for label in ("Idade", "Cor"):
        client.post("fields.json", json={"label": label, "value_type": "text"})
    client.post("fields.json?key=idade", json={"label": "Anos", "value_type": "text"})
    answer = client.post("fields.json?key=cor", json={"label": "idade", "value_type": "text"})
    assert (answer.status_code, list(answer.json())) == (400, ["label"])


# --------------------------------------------------------------------------------------------------- groups


def test_both_filters_of_groups_are_one_too_many(client: httpx.Client) -> None:
    assert client.get("groups.json?uuid=x&name=y").status_code == 400
    assert client.get("groups.json?uuid=&name=y").json()["results"] == []


def test_a_deleted_group_frees_its_name(client: httpx.Client) -> None:
    uuid = client.post("groups.json", json={"name": "Azul"}).json()["uuid"]
    assert client.delete(f"groups.json?uuid={uuid}").status_code == 204
    assert client.post("groups.json", json={"name": "azul"}).status_code == 201


# ----------------------------------------------------------------------------------------------------- urns


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("tel:082993310001", "tel:+5582993310001"),
        ("tel:5.582993310001E+12", "tel:+5582993310001"),
        ("tel:5582993310002e+12", "tel:+5582993310002"),
        ("tel:0055 82 99331-0014", "tel:+82993310014"),
        ("tel:+55 82 99331-0001?x=1#Ana", "tel:+5582993310001#Ana"),
        ("ext:a?b#c", "ext:a#c"),
        (" ext: a b ", "ext:a b"),
        ("whatsapp:BR.ENT.1A2b", "whatsapp:BR.ENT.1A2b"),
        ("twitter:@ANA", "twitter:ana"),
        ("facebook:ref:a b%", "facebook:ref:a b%"),
        ("teams:a:1x:serviceURL:https://example.com/x", "teams:a:1x:serviceURL:https://example.com/x"),
        (
            "freshchat:6a2f41a3-c54c-4fce-9f3d-a1b2c3d4e5f6/6a2f41a3-c54c-4fce-9f3d-a1b2c3d4e5f6",
            "freshchat:6a2f41a3-c54c-4fce-9f3d-a1b2c3d4e5f6/6a2f41a3-c54c-4fce-9f3d-a1b2c3d4e5f6",
        ),
        ("slack:a b", "slack:a b"),
        ("mailto:A.B+c@sub.Example.co", "mailto:a.b+c@sub.example.co"),
    ],
)
def test_urns_as_they_are_kept(client: httpx.Client, written: str, kept: str) -> None:
    assert make(client, urns=[written])["urns"] == [kept]


@pytest.mark.parametrize(
    "urn",
    [
        "tel:5.58E+12",
        "mailto:a@b",
        "mailto:a b@example.com",
        "mailto:.a@example.com",
        "mailto:a@example.c0m1",
        "sms:+5582993310001",
        "slack:",
        "line:",
        "viber:a-b",
        "viber:" + "a" * 25,
        "ext:a#b#c",
        "whatsapp:B.1A",
        "12345678901234567",
        "a:",
        ":",
    ],
)
def test_urns_that_are_refused_at_once(client: httpx.Client, urn: str) -> None:
    answer = client.post("contacts.json", json={"urns": [urn]})
    assert answer.status_code == 400
    assert list(answer.json()["urns"]) == ["0"]


@pytest.mark.parametrize("urn", ["line:a-b", "teams:a:1:serviceURL:http://x", "ext:" + "a" * 252, "ext:%"])
def test_urns_that_are_refused_late(client: httpx.Client, urn: str) -> None:
    answer = client.post("contacts.json", json={"urns": [urn]})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    answer = client.post("contacts.json", params={"urn": urn}, json={})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_the_platforms_own_escapes_are_taken(client: httpx.Client) -> None:
    """#, % and ? in an external id are kept as %23, %25 and %3F."""
    made = client.post("contacts.json", json={"urns": ["ext:CLI%2342%25%3F"]})
    assert (made.status_code, made.json()["urns"]) == (201, ["ext:CLI%2342%25%3F"])


@pytest.mark.parametrize("urn", ["ext:%", "ext:" + "a" * 252])
def test_an_update_with_them_crashes_and_changes_nothing(client: httpx.Client, urn: str) -> None:
    uuid = make(client, name="Ana", urns=["ext:ana"])["uuid"]
    answer = client.post(f"contacts.json?uuid={uuid}", json={"name": "Bia", "urns": [urn]})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/plain")
    [contact] = client.get("contacts.json").json()["results"]
    assert (contact["name"], contact["urns"]) == ("Ana", ["ext:ana"])


def test_what_follows_the_hash_does_not_count(client: httpx.Client) -> None:
    make(client, urns=["tel:+5582993310001#Ana"])
    answer = client.post("contacts.json", json={"urns": ["tel:+5582993310001#Bia"]})
    assert answer.json() == {"urns": ["URN belongs to another contact: tel:+5582993310001"]}


def test_a_number_in_a_workspace_of_another_country(connect: Connect) -> None:
    """The lengths that numbers may have are those of the country."""
    with Sandbox(SandboxOptions(country="MX")) as sandbox:
        client = connect(sandbox)
        assert make(client, urns=["tel:5512345678"])["urns"] == ["tel:+525512345678"]
        assert client.post("contacts.json", json={"urns": ["tel:+141555"]}).status_code == 400


def test_some_workspaces_treat_both_forms_of_a_brazilian_number_as_one(connect: Connect) -> None:
    with Sandbox(SandboxOptions(ninth_digit=True)) as sandbox:
        client = connect(sandbox)
        ana = make(client, urns=["whatsapp:5582993310001"])["uuid"]
        other = "whatsapp:558293310001"
        refused = client.post("contacts.json", json={"urns": [other]})
        assert (refused.status_code, refused.json()) == (400, {"error": "URNs in use by other contacts"})
        assert client.post("contacts.json", params={"urn": other}, json={}).json()["uuid"] == ana
        assert client.get("contacts.json", params={"urn": other}).json()["results"] == []


# ------------------------------------------------------------------------------------------------- contacts


def test_upper_case_uuids_are_not_found(client: httpx.Client) -> None:
    uuid = make(client)["uuid"].upper()
    assert client.post(f"contacts.json?uuid={uuid}", json={}).status_code == 404


def test_by_name(client: httpx.Client) -> None:
    """One is changed; two are too many for the server."""
    ana = make(client, name="Ana")["uuid"]
    assert client.post("contacts.json?name=Ana", json={"language": "por"}).json()["uuid"] == ana
    assert client.post("contacts.json?name=Bia", json={}).status_code == 404
    make(client, name="Ana")
    assert client.post("contacts.json?name=Ana", json={}).status_code == 500


def test_modified_on_always_moves_with_urns(client: httpx.Client) -> None:
    """Even with the same ones, and where they stay because the last repeats another."""
    ana = make(client, urns=["ext:a"])
    moments = [ana["modified_on"]]
    for urns in (["ext:a"], ["ext:b", "ext:b"]):
        answer = client.post(f"contacts.json?uuid={ana['uuid']}", json={"urns": urns}).json()
        assert answer["urns"] == ["ext:a"]
        moments.append(answer["modified_on"])
    assert len(set(moments)) == 3
    assert moments == sorted(moments)


def test_a_value_may_be_cut_but_not_its_name(client: httpx.Client) -> None:
    client.post("fields.json", json={"label": "Nota", "value_type": "text"})
    assert make(client, fields={"nota": "ç" * 700})["fields"]["nota"] == "ç" * 640
    assert client.post("contacts.json", json={"fields": {"Nota": "x"}}).status_code == 400


def test_a_deleted_contact_cannot_be_changed_by_its_uuid(client: httpx.Client) -> None:
    uuid = make(client, name="Ana", urns=["ext:a"])["uuid"]
    client.delete("contacts.json?urn=ext:a")
    answer = client.post(f"contacts.json?uuid={uuid}", json={"urns": ["ext:a"]})
    assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?urn=foo:bar", 400),
        ("?urn=tel:123", 404),
        ("?name=Ana", 400),
        ("?urn=", 400),
        ("?urn=line:a-b", 404),
    ],
)
def test_delete_of_what_is_not_there(client: httpx.Client, query: str, status: int) -> None:
    assert client.delete(f"contacts.json{query}").status_code == status


# ---------------------------------------------------------------------------------------------------- lists


def walk(client: httpx.Client, address: str) -> list[list[str]]:
    pages = []
    following: str | None = address
    while following:
        answer = client.get(following).json()
        pages.append([contact["name"] for contact in answer["results"]])
        following = answer["next"]
    return pages


def test_a_changed_contact_comes_again_at_the_end_of_a_reversed_walk(client: httpx.Client) -> None:
    for i in range(5):
        make(client, name=f"C{i}", urns=[f"ext:{i}"])
    first = client.get("contacts.json?limit=2&reverse=1").json()
    client.post("contacts.json?urn=ext:0", json={"name": "C0 nova"})
    assert [c["name"] for c in first["results"]] == ["C0", "C1"]
    assert walk(client, first["next"]) == [["C2", "C3"], ["C4", "C0 nova"]]


@pytest.mark.parametrize("order", ["created_on", "-created_on", "modified_on", "-modified_on"])
def test_walking_back_gives_the_same_pages(client: httpx.Client, order: str) -> None:
    for i in range(7):
        make(client, name=f"C{i}", urns=[f"ext:{i}"])
    client.post("contacts.json?urn=ext:3", json={"name": "C3 nova"})
    pages, address = [], f"contacts.json?limit=3&order_by={order}"
    while address:
        answer = client.get(address).json()
        pages.append(answer)
        address = answer["next"]
    assert [len(page["results"]) for page in pages] == [3, 3, 1]
    back = client.get(pages[2]["previous"]).json()
    assert back["results"] == pages[1]["results"]
    assert client.get(back["previous"]).json()["results"] == pages[0]["results"]
    assert client.get(back["previous"]).json()["previous"] is None


def test_the_links_keep_the_filters(client: httpx.Client) -> None:
    client.post("groups.json", json={"name": "A & B"})
    for i in range(3):
        make(client, name=f"C{i}", groups=["A & B"])
        make(client, name=f"D{i}")
    assert walk(client, "contacts.json?limit=2&group=A+%26+B&name=c") == [["C2", "C1"], ["C0"]]


def test_names_are_found_in_any_case_of_any_letter(client: httpx.Client) -> None:
    make(client, name="Érica Ção")
    assert walk(client, "contacts.json?name=éRICA") == [["Érica Ção"]]
    assert walk(client, "contacts.json?name=%25") == [[]]


@pytest.mark.parametrize("moment", ["2020-01-31", "2020-01-31T10:00:00Z", "2020-01-31T10:00:00.5%2B05:30"])
def test_after_takes_what_is_a_moment(client: httpx.Client, moment: str) -> None:
    make(client, name="Ana")
    assert walk(client, f"contacts.json?after={moment}") == [["Ana"]]
    assert walk(client, f"contacts.json?before={moment}") == [[]]


def test_a_plus_that_is_not_encoded_spoils_a_moment(client: httpx.Client) -> None:
    make(client, name="Ana")
    assert walk(client, "contacts.json?after=2020-01-31T10:00:00+00:00") == [[]]


@pytest.mark.parametrize("cursor", ["abc", "bj0x!", "eD0x", "bj0tMQ=="])
@pytest.mark.parametrize("endpoint", ["contacts", "fields", "groups"])
def test_made_up_cursors(client: httpx.Client, endpoint: str, cursor: str) -> None:
    answer = client.get(f"{endpoint}.json", params={"cursor": cursor})
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


# -------------------------------------------------------------------------------------------------- actions


def test_references_of_actions_are_normalised_without_a_country(client: httpx.Client) -> None:
    make(client, urns=["tel:+558233110001"])
    make(client, urns=["mailto:ana@example.com"])
    for reference, status in (
        ("tel:8233110001", 400),
        ("tel:+55 82 3311-0001", 204),
        ("mailto:ANA@example.com", 204),
    ):
        body = {"contacts": [reference], "action": "block"}
        assert client.post("contact_actions.json", json=body).status_code == status


def test_an_archived_contact_leaves_its_groups_and_looks_active(client: httpx.Client) -> None:
    client.post("groups.json", json={"name": "Azul"})
    uuid = make(client, groups=["Azul"])["uuid"]
    client.post("contact_actions.json", json={"contacts": [uuid], "action": "archive"})
    [contact] = client.get("contacts.json").json()["results"]
    assert (contact["groups"], contact["blocked"], contact["stopped"]) == ([], False, False)


def test_actions_that_change_nothing_leave_modified_on(client: httpx.Client) -> None:
    group = client.post("groups.json", json={"name": "Azul"}).json()["uuid"]
    ana = make(client, groups=["Azul"])
    for body in ({"action": "add", "group": group}, {"action": "unblock"}, {"action": "interrupt"}):
        assert (
            client.post("contact_actions.json", json={"contacts": [ana["uuid"]], **body}).status_code == 204
        )
    assert client.get("contacts.json").json()["results"] == [ana]


# ---------------------------------------------------------------------------------------------------- hooks


def test_hooks_refuse_what_they_cannot_do(sandbox: Sandbox) -> None:
    for hook, body in (
        ("dynamic-group", {"name": "Dyn", "query": "age"}),
        ("dynamic-group", {"name": "-", "query": "age > 1"}),
        ("contact-status", {"uuid": "x", "status": "stopped"}),
        ("reset", []),
    ):
        answer = httpx.post(f"{sandbox.url}/_sandbox/{hook}", json=body, trust_env=False, verify=False)
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_pages_in_a_browser_cannot_use_hooks(sandbox: Sandbox, client: httpx.Client) -> None:
    make(client, name="Ana")
    headers = {"Origin": "https://example.com"}
    assert (
        httpx.post(
            f"{sandbox.url}/_sandbox/reset", headers=headers, trust_env=False, verify=False
        ).status_code
        == 403
    )
    assert [contact["name"] for contact in sandbox.contacts()] == ["Ana"]


def test_a_stopped_contact_leaves_dynamic_groups_when_it_is_written(
    sandbox: Sandbox, client: httpx.Client
) -> None:
    client.post("fields.json", json={"label": "Age", "value_type": "numeric"})
    sandbox.add_dynamic_group("Dyn", "age > 10")
    uuid = make(client, urns=["ext:a"], fields={"age": "11"})["uuid"]
    sandbox.set_status(uuid, "stopped")
    assert [group["count"] for group in sandbox.groups()] == [1]
    client.post(f"contacts.json?uuid={uuid}", json={"name": "Ana"})
    assert [group["count"] for group in sandbox.groups()] == [0]
