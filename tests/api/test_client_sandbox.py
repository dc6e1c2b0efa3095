"""The client with the practice server: both by one clock, which runs on only where the client waits."""

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from importer.api import Client, Refusal, Waiting, connect, refusal
from importer.errors import Missing, NotAllowed, Rejected, Unavailable, Unsettled
from importer.messages import catalogue
from importer.model import Contact, Field
from importer.sandbox import Faults, Rates, Sandbox, SandboxOptions, parse_faults

Practice = Callable[..., AbstractContextManager[tuple[Sandbox, Client]]]
CERTIFICATE = Path(__file__).parent / "self-signed.pem"


@pytest.fixture
def practice(clock: Any) -> Practice:
    """A sandbox with such options, and a client of it; wait_s: the client's settle_s."""
    clock.now = 1_800_000_000.0

    @contextmanager
    def open_both(
        wait_s: float = 5.0,
        per_hour: int = 2500,
        on_wait: Callable[[Waiting], None] = lambda _: None,
        **options: Any,
    ) -> Iterator[tuple[Sandbox, Client]]:
        told = SandboxOptions(**{"rates": None, **options})
        with (
            Sandbox(told, clock) as sandbox,
            connect(
                sandbox.url,
                sandbox.token,
                settle_s=wait_s,
                per_hour=per_hour,
                clock=clock,
                sleep=clock.sleep,
                on_wait=on_wait,
            ) as client,
        ):
            yield sandbox, client

    return open_both


def statuses(sandbox: Sandbox) -> Counter[int | None]:
    return Counter(served.status for served in sandbox.requests)


def test_every_method_does_what_it_says(practice: Practice) -> None:
    with practice() as (sandbox, client):
        assert (client.workspace().country, client.workspace().timezone) == ("BR", "America/Sao_Paulo")
        assert client.create_field("Age", "text") == Field("age", "Age", "text")
        assert client.update_field("age", "Age now", "numeric") == Field("age", "Age now", "numeric")
        assert client.list_fields() == [Field("age", "Age now", "numeric")]
        group = client.create_group("Turma A")
        assert client.rename_group(group.uuid, "Turma B").name == "Turma B"
        other = client.create_group("Turma C")
        assert {one.name for one in client.list_groups()} == {"Turma B", "Turma C"}
        client.delete_group(other.uuid)
        ana = client.create_contact(
            {"name": "Ana", "urns": ["tel:+5582900000001"], "groups": ["Turma B"], "fields": {"age": "7"}}
        )
        assert (ana.urns, ana.fields) == (("tel:+5582900000001",), {"age": "7"})
        assert [one.name for one in ana.groups] == ["Turma B"]
        assert client.find_contact(urn="tel:+5582900000001") == client.find_contact(uuid=ana.uuid) == ana
        assert client.find_contact(urn="ext:nobody") is None
        assert client.update_contact(ana.uuid, {"name": "Ana Lima"}).name == "Ana Lima"
        bia, made = client.upsert_contact("ext:bia", {"name": "Bia"})
        assert (bia.name, made) == ("Bia", True)
        assert client.upsert_contact("ext:bia", {"name": "Beatriz"})[1] is False
        client.contact_action("add", [bia.uuid, "tel:+5582900000001"], "Turma B")
        assert {one["count"] for one in sandbox.groups()} == {2}
        client.contact_action("block", [bia.uuid])
        assert [one.blocked for one in one_page(client)] == [False, True]
        client.delete_contact(uuid=ana.uuid)
        client.delete_contact(uuid=ana.uuid)
        client.delete_contact(urn="ext:bia")
        with pytest.raises(Missing):
            client.delete_contact(urn="ext:bia")
        with pytest.raises(Missing):
            client.delete_group(other.uuid)
        assert one_page(client) == []
        assert {one.uuid for one in one_page(client, deleted=True)} == {ana.uuid, bia.uuid}
        assert client.requests.reads + client.requests.writes == len(sandbox.requests)
        assert client.requests.writes == len(sandbox.writes)
        assert not any(served.status == 500 for served in sandbox.requests)


def one_page(client: Client, **filters: Any) -> list[Contact]:
    (page,) = client.contact_pages(**filters)
    return page


def test_a_walk_sees_every_contact_in_the_order_of_its_changes(practice: Practice) -> None:
    with practice() as (_, client):
        made = [client.create_contact({"urns": [f"ext:{number}"]}) for number in range(23)]
        pages = list(client.contact_pages(limit=10))
        assert [len(page) for page in pages] == [10, 10, 3]
        assert [one.uuid for page in pages for one in page] == [one.uuid for one in made]
        later = made[20].modified_on
        assert [one.uuid for one in one_page(client, after=later)] == [one.uuid for one in made[20:]]


@pytest.mark.parametrize(
    ("why", "act"),
    [
        (Refusal.URN_TAKEN, lambda c: c.create_contact({"urns": ["ext:1", "ext:ana"]})),
        (Refusal.FIELD_UNKNOWN, lambda c: c.create_contact({"fields": {"nada": "x"}})),
        (Refusal.GROUP_UNKNOWN, lambda c: c.create_contact({"groups": ["Nada"]})),
        (Refusal.GROUP_UNKNOWN, lambda c: c.contact_action("add", ["ext:ana"], "Nada")),
        (Refusal.GROUP_DYNAMIC, lambda c: c.create_contact({"groups": ["Dyn"]})),
        (Refusal.GROUP_DYNAMIC, lambda c: c.contact_action("add", ["ext:ana"], "Dyn")),
        (Refusal.CONTACT_UNKNOWN, lambda c: c.contact_action("add", ["ext:ana", "ext:nada"], "Azul")),
        (Refusal.CONTACT_NOT_ACTIVE, lambda c: c.contact_action("add", ["ext:ana", "ext:bia"], "Azul")),
        (Refusal.EXISTS, lambda c: c.create_field("Age", "text")),
        (Refusal.EXISTS, lambda c: c.create_group("AZUL")),
        (Refusal.KEY_UNUSABLE, lambda c: c.create_field("Language", "text")),
        (Refusal.OTHER, lambda c: c.create_contact({"language": "pt"})),
    ],
)
def test_refusals_are_recognised(practice: Practice, why: Refusal, act: Callable[[Client], Any]) -> None:
    with practice(wait_s=0) as (sandbox, client):
        client.create_field("Age", "numeric")
        client.create_group("Azul")
        sandbox.add_dynamic_group("Dyn", "age > 10")
        client.create_contact({"urns": ["ext:ana"]})
        bia = client.create_contact({"urns": ["ext:bia"]})
        sandbox.set_status(bia.uuid, "stopped")
        with pytest.raises(Rejected) as caught:
            act(client)
        assert refusal(caught.value).why is why
        if why is Refusal.CONTACT_NOT_ACTIVE:
            assert refusal(caught.value).names == (bia.uuid,)
        if why is Refusal.CONTACT_UNKNOWN:
            assert refusal(caught.value).names == ("ext:nada",)


def test_a_full_workspace_and_a_suspended_one_are_recognised(practice: Practice) -> None:
    with practice(wait_s=0) as (_, client):
        for number in range(250):
            client.create_group(f"Turma {number}")
        with pytest.raises(Rejected) as caught:
            client.create_group("Mais uma")
        assert refusal(caught.value).why is Refusal.FULL
    with practice(suspended=True) as (_, client):
        assert client.list_groups() == []
        for act in (lambda: client.create_group("X"), lambda: client.create_contact({"name": "X"})):
            with pytest.raises(Rejected) as caught:
                act()
            assert refusal(caught.value).why is Refusal.SUSPENDED


def test_a_wrong_token_is_not_allowed(practice: Practice) -> None:
    with practice() as (sandbox, _), connect(sandbox.url, "wrong") as client, pytest.raises(NotAllowed):
        client.workspace()


# ------------------------------------------------------------------------------------------------ pace


def test_the_budget_is_used_to_the_full_and_never_passed(practice: Practice, clock: Any) -> None:
    """110 contacts at 20 an hour: five hours, no 429, and the other budget is not touched by it."""
    with practice(per_hour=20, rates=Rates(20, 20)) as (sandbox, client):
        started = clock.now
        assert client.time_for("contacts", 110) == pytest.approx(5 * 3600, abs=5)
        for number in range(110):
            client.create_contact({"urns": [f"ext:{number}"]})
            if number == 50:
                for _ in range(20):
                    client.list_groups()
        assert statuses(sandbox) == {201: 110, 200: 20}
        assert 5 * 3600 <= clock.now - started < 5 * 3601


def test_threads_share_the_budget(common_clock: Any) -> None:
    """Four of them send 60 contacts at 15 an hour in three hours, and none too early."""
    clock = common_clock(4, now=1_800_000_000.0)
    with (
        Sandbox(SandboxOptions(rates=Rates(15, 15)), clock) as sandbox,
        connect(sandbox.url, sandbox.token, per_hour=15, clock=clock, sleep=clock.sleep) as client,
    ):

        def send(first: int) -> None:
            for number in range(first, first + 15):
                client.create_contact({"urns": [f"ext:{number}"]})
            clock.end()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(send, range(0, 60, 15)))
        assert len(sandbox.contacts()) == 60
        assert statuses(sandbox) == {201: 60}
        assert 3 * 3600 <= clock.now - 1_800_000_000.0 < 3 * 3601


def test_a_budget_that_others_use_too_is_found_out(practice: Practice, clock: Any) -> None:
    """We think of 2,500 an hour, the server of 10: its Retry-After is obeyed, and all contacts arrive."""
    waits = list[Waiting]()
    with practice(rates=Rates(10, None), on_wait=waits.append) as (sandbox, client):
        for number in range(25):
            client.create_contact({"urns": [f"ext:{number}"]})
        assert len(sandbox.contacts()) == 25
        assert statuses(sandbox)[429] <= 5
        assert {wait.reason for wait in waits} == {"throttled"}


# --------------------------------------------------------------------------------------- settling, faults


def test_what_is_new_is_used_once_the_server_knows_it(practice: Practice) -> None:
    """With the server's five seconds no write is refused, for it waits just long enough."""
    waits = list[Waiting]()
    with practice(settle_s=5.0, on_wait=waits.append, name="Exemplo") as (sandbox, client):
        ana = client.create_contact({"urns": ["ext:ana"]})
        client.create_field("Novo", "text")
        group = client.create_group("Nova")
        client.update_contact(ana.uuid, {"fields": {"novo": "1"}})
        client.contact_action("add", [ana.uuid], group.uuid)
        client.create_contact({"urns": ["ext:bia"], "fields": {"novo": "2"}, "groups": [group.uuid]})
        assert [(wait.reason, round(wait.seconds, 1)) for wait in waits] == [("settling", 5.0)]
        assert set(statuses(sandbox)) <= {200, 201, 204}


def test_what_others_made_a_moment_ago_is_waited_for(practice: Practice) -> None:
    """A second client makes field and group; the first gets through the server's strange answers."""
    with practice(settle_s=5.0) as (sandbox, client):
        ana = client.create_contact({"urns": ["ext:ana"]})
        with connect(sandbox.url, sandbox.token) as other:
            other.create_field("Novo", "text")
            group = other.create_group("Nova")
        client.update_contact(ana.uuid, {"fields": {"novo": "1"}})
        assert statuses(sandbox)[500] >= 1
        with connect(sandbox.url, sandbox.token) as other:
            other.create_field("Outro", "text")
        client.create_contact({"urns": ["ext:bia"], "fields": {"outro": "2"}, "groups": [group.uuid]})
        assert statuses(sandbox)[400] >= 1


def create_surely(client: Client, urn: str) -> None:
    """Create a contact as a careful caller does: look where the answer was lost."""
    while True:
        try:
            client.create_contact({"name": "Exemplo", "urns": [urn]})
        except Unsettled:
            if client.find_contact(urn=urn) is not None:
                return
        else:
            return


@pytest.mark.parametrize("seed", range(3))
def test_a_third_of_all_requests_may_fail(practice: Practice, seed: int) -> None:
    """Every contact arrives once, and every change; nothing is given up."""
    chances = parse_faults("mixed=0.33").chances
    faults = Faults(chances, seed=seed, slow_s=0.002, retry_after_s=2)
    urns = [f"ext:{number}" for number in range(60)]
    with practice(faults=faults) as (sandbox, client):
        client.workspace()
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda urn: create_surely(client, urn), urns))
        assert sorted(one["urns"] for one in sandbox.contacts()) == sorted([urn] for urn in urns)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda urn: client.find_contact(urn=urn), urns))
            list(threads.map(lambda one: client.update_contact(one.uuid, {"name": one.urns[0]}), found))
        assert all(one["urns"] == [one["name"]] for one in sandbox.contacts())
        client.delete_contact(urn="ext:0")
        assert len(sandbox.contacts()) == 59
        kinds = {served.fault for served in sandbox.requests}
        assert len(kinds - {None}) >= 8


def test_a_certificate_that_nobody_vouches_for(clock: Any) -> None:
    """Nothing is sent, and it is told at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with (
        tls_server(context) as port,
        connect(f"https://localhost:{port}", "t", clock=clock, sleep=clock.sleep) as client,
        pytest.raises(Unavailable) as caught,
    ):
        client.workspace()
    assert caught.value.key == "unavailable-certificate"
    assert "self-signed" in catalogue().explain(caught.value)
    assert clock.slept == []


@contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, OSError):
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)
