"""What goes wrong on demand: which request, in which way, and whether the server did the work."""

import socket
from collections.abc import Callable

import httpx
import pytest

from importer.errors import Unusable
from importer.messages import catalogue
from importer.sandbox import FAULT_KINDS, Faults, Rates, Sandbox, SandboxOptions, parse_faults, parse_rates

Connect = Callable[..., httpx.Client]
CREATE = {"name": "Ana", "urns": ["ext:ana"]}


def at(number: int, kind: str) -> Callable[[int, str, str], str | None]:
    return lambda n, _method, _path: kind if n == number else None


@pytest.mark.parametrize(
    ("kind", "status", "media_type", "done"),
    [
        ("500", 500, "text/plain", False),
        ("502", 502, "text/html", False),
        ("503", 503, "text/html", False),
        ("504", 504, "text/html", True),
        ("429", 429, "application/json", False),
        ("429-bare", 429, "application/json", False),
        ("429-wrong", 429, "application/json", False),
        ("html-500", 500, "text/html", False),
        ("html", 200, "text/html", False),
        ("non-json", 201, "application/json", True),
        ("slow", 201, "application/json", True),
    ],
)
def test_faults_that_answer(connect: Connect, kind: str, status: int, media_type: str, *, done: bool) -> None:
    with Sandbox(SandboxOptions(faults=Faults(slow_s=0.01))) as sandbox:
        sandbox.fault_plan = at(2, kind)
        client = connect(sandbox)
        client.get("contacts.json")
        answer = client.post("contacts.json", json=CREATE)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith(media_type)
        assert bool(sandbox.contacts()) is done
        [served] = sandbox.writes
        assert (served.number, served.fault, served.status, served.wrote) == (2, kind, status, done)


@pytest.mark.parametrize(
    ("kind", "done"),
    [("drop-before", False), ("drop-after", True), ("reset-before", False), ("reset-after", True),
     ("stall", False), ("truncated", True)],
)  # fmt: skip
def test_faults_that_close_the_connection(connect: Connect, kind: str, *, done: bool) -> None:
    """The client gets an error, the next request is served, and nobody complains in the log."""
    with Sandbox(SandboxOptions(faults=Faults(slow_s=0.01))) as sandbox:
        client = connect(sandbox)
        assert client.get("contacts.json").status_code == 200
        sandbox.fault_plan = at(2, kind)
        with pytest.raises(httpx.TransportError):
            client.post("contacts.json", json=CREATE)
        assert client.get("contacts.json").status_code == 200
        assert bool(sandbox.contacts()) is done
        assert [(s.number, s.status, s.wrote) for s in sandbox.requests if s.fault] == [(2, None, done)]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "truncated", "slow", "non-json", "504"])
def test_faults_of_answers_without_a_body(connect: Connect, kind: str) -> None:
    with Sandbox(SandboxOptions(faults=Faults(slow_s=0.01))) as sandbox:
        client = connect(sandbox)
        uuid = client.post("contacts.json", json=CREATE).json()["uuid"]
        sandbox.fault_plan = at(2, kind)
        if kind in ("slow", "non-json", "504"):
            client.delete(f"contacts.json?uuid={uuid}")
        else:
            with pytest.raises(httpx.TransportError):
                client.delete(f"contacts.json?uuid={uuid}")
        assert bool(sandbox.contacts()) is (kind == "drop-before")


def test_dropped_connections_leave_no_trace_in_the_log(
    connect: Connect, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(SandboxOptions(faults=parse_faults("drop-before=0.5,truncated=0.5"))) as sandbox:
        client = connect(sandbox)
        for _ in range(20):
            with pytest.raises(httpx.TransportError):
                client.get("contacts.json")
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_request_that_breaks_off_is_not_done(connect: Connect) -> None:
    """A client that dies between head and body has not asked for an empty contact."""
    head = "POST /api/v2/contacts.json HTTP/1.1\r\nHost: x\r\nAuthorization: Token {}\r\nContent-Length: 20\r\n\r\n"
    with Sandbox(SandboxOptions()) as sandbox:
        address = (sandbox.options.host, int(sandbox.url.rpartition(":")[2]))
        with socket.create_connection(address) as line:
            line.sendall(head.format(sandbox.token).encode() + b'{"na')
        client = connect(sandbox)
        while not sandbox.requests or sandbox.requests[0].ended is None:
            client.get("groups.json")
        assert sandbox.contacts() == []
        assert sandbox.requests[0].status is None


def test_a_truncated_answer_has_begun(connect: Connect) -> None:
    with Sandbox(SandboxOptions()) as sandbox:
        sandbox.fault_plan = at(1, "truncated")
        with connect(sandbox).stream("GET", "workspace.json") as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()


def test_429_asks_for_the_seconds_of_the_options(connect: Connect) -> None:
    with Sandbox(SandboxOptions(faults=Faults({"429": 1.0}, retry_after_s=7))) as sandbox:
        assert connect(sandbox).get("contacts.json").headers["retry-after"] == "7"


def test_a_429_may_say_nothing_or_nonsense_of_when(connect: Connect) -> None:
    with Sandbox(SandboxOptions()) as sandbox:
        kinds = iter(["429-bare", "429-wrong"])
        sandbox.fault_plan = lambda *_: next(kinds)
        client = connect(sandbox)
        assert [client.get("contacts.json").headers.get("retry-after") for _ in range(2)] == [None, "soon"]


def test_slow_answers_do_not_hold_up_others(connect: Connect) -> None:
    """Ten requests of a second each, in which even a busy machine begins with all of them, are served at once."""
    with Sandbox(SandboxOptions(latency_ms=1000)) as sandbox:
        client = connect(sandbox)
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: client.get("workspace.json").status_code, range(10)))
        assert answers == [200] * 10
        latest_start = max(served.started for served in sandbox.requests)
        assert all(served.ended is not None and served.ended > latest_start for served in sandbox.requests)


def test_the_log_says_which_contacts_a_request_changed(connect: Connect) -> None:
    with Sandbox(SandboxOptions()) as sandbox:
        client = connect(sandbox)
        uuid = client.post("contacts.json", json=CREATE).json()["uuid"]
        client.post(f"contacts.json?uuid={uuid}", json={"name": "Ana"})
        client.post(f"contacts.json?uuid={uuid}", json={"name": "Bia"})
        assert [served.contacts for served in sandbox.requests] == [{uuid}, frozenset(), {uuid}]
        assert [served.query for served in sandbox.requests] == ["", f"uuid={uuid}", f"uuid={uuid}"]


def outcomes(sandbox: Sandbox, client: httpx.Client, count: int) -> list[str | None]:
    for _ in range(count):
        try:
            client.get("workspace.json")
        except httpx.TransportError:
            continue
    return [served.fault for served in sandbox.requests]


def test_chances_are_the_same_again_for_the_same_seed(connect: Connect) -> None:
    faults = parse_faults("500=0.2,drop-before=0.2,html=0.1,seed=7")
    with Sandbox(SandboxOptions(faults=faults)) as sandbox:
        client = connect(sandbox)
        first = outcomes(sandbox, client, 60)
        sandbox.reset()
        assert outcomes(sandbox, client, 60) == first
        assert {None, "500", "drop-before", "html"} == set(first)
        assert 15 < sum(fault is not None for fault in first) < 45


# -------------------------------------------------------------------------------------------------- grammar


def test_mixed_is_shared_by_all_kinds() -> None:
    faults = parse_faults("mixed=0.33, seed=3, slow-ms=20, retry-after=0")
    assert faults.chances == pytest.approx(dict.fromkeys(FAULT_KINDS, 0.33 / len(FAULT_KINDS)))
    assert (faults.seed, faults.slow_s, faults.retry_after_s) == (3, 0.02, 0)


def test_chances_of_one_kind_add_up() -> None:
    chances = parse_faults("mixed=0.11,500=0.5").chances
    assert chances["500"] == pytest.approx(0.5 + 0.11 / len(FAULT_KINDS))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("501=0.1", "sandbox-faults-unknown"),
        ("", "sandbox-faults-unknown"),
        ("500", "sandbox-faults-value"),
        ("500=1.1", "sandbox-faults-value"),
        ("500=-0.1", "sandbox-faults-value"),
        ("500=nan", "sandbox-faults-value"),
        ("seed=x", "sandbox-faults-value"),
        ("seed=-1", "sandbox-faults-value"),
        ("500=0.6,502=0.6", "sandbox-faults-sum"),
    ],
)
def test_faults_that_are_not_understood(text: str, key: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse_faults(text)
    assert caught.value.key == key
    assert catalogue().explain(caught.value)


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("none", None),
        ("contacts=50/h,other=60/h", Rates(50, 60)),
        ("other=60", Rates(2500, 60)),
        (" contacts = none , other=1/h", Rates(None, 1)),
    ],
)
def test_rates(text: str, rates: Rates | None) -> None:
    assert parse_rates(text) == rates


@pytest.mark.parametrize(
    "text", ["", "50", "contacts=0/h", "contacts=-1", "fields=5/h", "contacts=5/s", "other=1,other=2"]
)
def test_rates_that_are_not_understood(text: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse_rates(text)
    assert caught.value.key == "sandbox-rate"
    assert catalogue().explain(caught.value)
