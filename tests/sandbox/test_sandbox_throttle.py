"""The two budgets of requests."""

from collections.abc import Callable

import httpx
import pytest

from importer.sandbox import Rates, Sandbox, SandboxOptions
from importer.sandbox.throttle import Throttle

Connect = Callable[..., httpx.Client]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def test_the_window_slides() -> None:
    """A place is free when the request that had it is an hour old, not before."""
    clock = Clock()
    throttle = Throttle(Rates(2, 1), clock)
    assert throttle.admit("contacts") is None
    clock.now += 1000
    assert throttle.admit("contacts") is None
    assert throttle.admit("contacts") == 2600
    clock.now += 2599.5
    assert throttle.admit("contacts") == 1
    clock.now += 0.5
    assert throttle.admit("contacts") is None
    assert throttle.admit("contacts") == 1000


def test_refused_requests_take_no_place() -> None:
    clock = Clock()
    throttle = Throttle(Rates(1, 1), clock)
    assert throttle.admit("other") is None
    for _ in range(5):
        clock.now += 600
        throttle.admit("other")
    clock.now += 600
    assert throttle.admit("other") is None


def test_without_rates_all_pass() -> None:
    throttle = Throttle(None, Clock())
    assert {throttle.admit(scope) for scope in ("contacts", "other") for _ in range(3000)} == {None}


def test_2500_an_hour_by_default() -> None:
    throttle = Throttle(SandboxOptions().rates, Clock())
    assert [throttle.admit("contacts") for _ in range(2501)] == [None] * 2500 + [3600]
    assert throttle.admit("other") is None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("method", "path", "headers", "counts"),
    [
        ("GET", "contacts.json", {}, True),
        ("GET", "contacts", {}, True),
        ("POST", "contacts.json?uuid=x", {}, True),
        ("DELETE", "contacts.json", {}, True),
        ("PATCH", "contacts.json", {}, True),
        ("POST", "contacts.json", {"Content-Type": "text/plain"}, True),
        ("GET", "contacts.json", {"Authorization": "Token x"}, False),
        ("GET", "contacts.json", {"Accept": "text/html"}, False),
        ("GET", "contacts/", {}, False),
        ("GET", "fields.json", {}, False),
    ],
)
def test_what_counts(
    connect: Connect, clock: Clock, method: str, path: str, headers: dict[str, str], *, counts: bool
) -> None:
    """One place is left; whether the request takes it is seen by the next one."""
    with Sandbox(SandboxOptions(rates=Rates(1, 10)), clock) as sandbox:
        client = connect(sandbox)
        client.request(method, path, headers=headers, content=b"x" if method == "POST" else None)
        assert client.get("contacts.json").status_code == (429 if counts else 200)


def test_429_says_when_to_come_back(connect: Connect, clock: Clock) -> None:
    with Sandbox(SandboxOptions(rates=Rates(1, 1)), clock) as sandbox:
        client = connect(sandbox)
        client.get("contacts.json")
        clock.now += 3599
        answer = client.get("contacts.json")
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        assert answer.json() == {"detail": "Request was throttled. Expected available in 1 second."}
        clock.now += 1
        assert client.get("contacts.json").status_code == 200


def test_reset_gives_the_budgets_back(connect: Connect, clock: Clock) -> None:
    with Sandbox(SandboxOptions(rates=Rates(1, 1)), clock) as sandbox:
        client = connect(sandbox)
        client.get("contacts.json")
        assert httpx.post(f"{sandbox.url}/_sandbox/reset", trust_env=False, verify=False).status_code == 204
        assert client.get("contacts.json").status_code == 200


def test_settling_takes_the_time_that_the_options_say(connect: Connect, clock: Clock) -> None:
    """A fresh field is unknown to writes that name it, and to those only."""
    with Sandbox(SandboxOptions(settle_s=5), clock) as sandbox:
        client = connect(sandbox)
        ana = client.post("contacts.json", json={"name": "Ana"}).json()["uuid"]
        client.post("fields.json", json={"label": "Novo", "value_type": "text"})
        body = {"fields": {"novo": "1"}}
        clock.now += 4.9
        assert client.post("contacts.json", json=body).json() == {"error": "unknown contact field 'novo'"}
        assert client.post(f"contacts.json?uuid={ana}", json=body).status_code == 500
        assert client.post(f"contacts.json?uuid={ana}", json={"name": "Bia"}).status_code == 200
        clock.now += 0.1
        assert client.post(f"contacts.json?uuid={ana}", json=body).status_code == 200
        assert client.post("contacts.json", json=body).status_code == 201


def test_taking_contacts_out_of_a_fresh_group_fails_too(connect: Connect, clock: Clock) -> None:
    with Sandbox(SandboxOptions(settle_s=5), clock) as sandbox:
        client = connect(sandbox)
        ana = client.post("contacts.json", json={"name": "Ana"}).json()["uuid"]
        client.post("groups.json", json={"name": "Nova"})
        for action in ("add", "remove"):
            body = {"contacts": [ana], "action": action, "group": "Nova"}
            assert client.post("contact_actions.json", json=body).status_code == 500
