"""A connection is used by one request at a time, and by nobody who could close it under another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from importer.api.lending import Lending


class Line(httpx.BaseTransport):
    """A connection that leads nowhere."""

    def __init__(self) -> None:
        self.is_closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    def close(self) -> None:
        self.is_closed = True


def test_no_connection_is_with_two_at_once():
    made, used, clashes = [], set(), []

    def make() -> Line:
        made.append(Line())
        return made[-1]

    lending, lock = Lending(make), threading.Lock()

    def borrow(_: int) -> None:
        with lending.lend() as line:
            with lock:
                clashes.extend([line] if line in used else [])
                used.add(line)
            with lock:
                used.discard(line)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(borrow, range(2_000)))
    assert clashes == []
    assert 1 <= len(made) <= 8
    lending.close()
    assert all(line.is_closed for line in made)


def test_the_one_used_last_is_lent_first():
    lending = Lending(Line)
    with lending.lend() as first, lending.lend() as second:
        assert first is not second
    with lending.lend() as again:
        assert again is first
    lending.close()


def test_what_is_lent_at_the_end_is_closed_when_it_comes_back():
    lending = Lending(Line)
    with lending.lend() as line:
        lending.close()
        assert not line.is_closed
    assert line.is_closed


def test_a_request_that_fails_gives_its_connection_back():
    lending = Lending(Line)
    with pytest.raises(httpx.ConnectError), lending.lend() as line:
        line.handle_request(httpx.Request("GET", "https://flows.example"))
    with lending.lend() as again:
        assert again is line
    lending.close()
