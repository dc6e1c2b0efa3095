"""Addresses and tokens."""

import pytest

from importer.api.address import at_home, is_loopback, read_address, read_token
from importer.errors import Unusable
from importer.messages import catalogue


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://flows.weni.ai", "https://flows.weni.ai/api/v2"),
        (" https://Flows.Weni.ai/ ", "https://flows.weni.ai/api/v2"),
        ("https://flows.weni.ai/api/v2", "https://flows.weni.ai/api/v2"),
        ("https://flows.weni.ai/api/v2/", "https://flows.weni.ai/api/v2"),
        ("https://flows.weni.ai/api/v2/contacts.json", "https://flows.weni.ai/api/v2"),
        ("https://example.com:8443/flows/", "https://example.com:8443/flows/api/v2"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v2"),
        ("http://localhost:8000/api/v2", "http://localhost:8000/api/v2"),
        ("http://[::1]:8000", "http://[::1]:8000/api/v2"),
    ],
)
def test_an_address_is_read(url: str, read: str) -> None:
    assert read_address(url) == read


@pytest.mark.parametrize(
    "url",
    ["", "   ", "flows.weni.ai", "localhost:8000", "ftp://flows.weni.ai", "https://", "https:///api/v2",
     "https://flows.weni.ai:abc", "https://flows.weni.ai:70000", "https://flows.weni.ai:0", "https://[::1",
     "https://ana:segredo@flows.weni.ai", "https://flows.weni.ai/?token=x", "https://flows.weni.ai/#x",
     "https://flows weni.ai", "https://flóws.weni.ai", "https://flows..weni.ai",
     f"https://{'a' * 64}.example", "https://flows.weni.ai\n/x", "https://flows.weni.ai\\@example.com", "https://flows.weni.ai/{x}"],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence_that_keeps_it_to_itself(url: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_address(url, insecure=True)
    assert caught.value.key == "url-invalid"
    assert "segredo" not in catalogue().explain(caught.value)


@pytest.mark.parametrize(
    "url", ["http://flows.weni.ai", "http://10.0.0.1:8000", "http://localhost.example.com"]
)
def test_http_to_another_machine_is_for_those_who_insist(url: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_address(url)
    assert caught.value.key == "url-not-https"
    assert "--insecure" in catalogue().explain(caught.value)
    assert read_address(url, insecure=True) == f"{url}/api/v2"


@pytest.mark.parametrize(
    ("host", "ours"),
    [("localhost", True), ("api.localhost", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False),
     ("example.com", False), ("127.0.0.1.example.com", False)],
)  # fmt: skip
def test_loopback(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours


@pytest.mark.parametrize("token", ["", "  ", "Token abc", "ab\ncd", "açb", "ab\x00", "a\tb", "ab\u200b"])
def test_a_token_is_one_word_of_ascii(token: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_token(token)
    assert caught.value.key == "token-invalid"
    assert not token.strip() or token not in repr(caught.value) + catalogue().explain(caught.value)


def test_a_line_end_around_the_token_is_cut() -> None:
    assert read_token(" abc123\r\n") == "abc123"


@pytest.mark.parametrize(
    ("address", "home"),
    [
        (
            "https://a.example/api/v2/contacts.json?cursor=x%2B",
            "https://a.example/api/v2/contacts.json?cursor=x%2B",
        ),
        ("http://a.example/api/v2/contacts.json?cursor=x", "https://a.example/api/v2/contacts.json?cursor=x"),
        ("https://A.example:9999/y?z", "https://a.example/y?z"),
        ("/api/v2/contacts.json?cursor=x", "https://a.example/api/v2/contacts.json?cursor=x"),
    ],
)
def test_the_next_page_is_always_asked_of_the_server_that_has_the_token(address: str, home: str) -> None:
    assert at_home(address, "https://a.example/api/v2") == home


@pytest.mark.parametrize("address", ["https://b.example/x", "https://a.example.b.example/", "//b.example/x"])
def test_the_next_page_is_never_elsewhere(address: str) -> None:
    with pytest.raises(Unusable) as caught:
        at_home(address, "https://a.example/api/v2")
    assert "b.example" in catalogue().explain(caught.value)
