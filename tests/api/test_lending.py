"""A connection is used by one request at a time, and by nobody who could close it under another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from importer.api.lending import Lending


def test_no_client_is_with_two_at_once():
    made, used, clashes = [], set(), []

    def make() -> httpx.Client:
        made.append(httpx.Client())
        return made[-1]

    lending, lock = Lending(make), threading.Lock()

    def borrow(_: int) -> None:
        with lending.lend() as client:
            with lock:
                clashes.extend([client] if client in used else [])
                used.add(client)
            with lock:
                used.discard(client)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(borrow, range(2_000)))
    assert clashes == []
    assert 1 <= len(made) <= 8
    lending.close()
    assert all(client.is_closed for client in made)


def test_the_one_used_last_is_lent_first():
    lending = Lending(httpx.Client)
    with lending.lend() as first, lending.lend() as second:
        assert first is not second
    with lending.lend() as again:
        assert again is first
    lending.close()


def test_what_is_lent_at_the_end_is_closed_when_it_comes_back():
    lending = Lending(httpx.Client)
    with lending.lend() as client:
        lending.close()
        assert not client.is_closed
    assert client.is_closed


def test_a_request_that_fails_gives_its_client_back():
    lending = Lending(lambda: httpx.Client(trust_env=False))
    with pytest.raises(httpx.ConnectError), lending.lend() as client:
        client.get("http://127.0.0.1:9")
    with lending.lend() as again:
        assert again is client
    lending.close()
