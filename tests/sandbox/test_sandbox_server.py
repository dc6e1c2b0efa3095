"""Starting and stopping, the file that keeps the workspace, and filling it."""

import asyncio
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from importer.errors import Unusable
from importer.messages import catalogue
from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.server import KEEP_ALIVE_S

Connect = Callable[..., httpx.Client]

PRELOAD: dict[str, Any] = {
    "country": "PT",
    "timezone": "Europe/Lisbon",
    "fields": [{"label": "Age", "value_type": "numeric"}, {"key": "cor"}, {"key": "velha", "label": "Nova"}],
    "groups": ["Azul", {"name": "Verde"}, {"name": "Dyn", "query": "age > 10"}],
    "contacts": [
        {
            "name": "Ana",
            "language": "por",
            "urns": ["tel:912 345 678"],
            "groups": ["azul"],
            "fields": {"age": "11"},
        },
        {"name": "Bia", "urns": ["ext:b"], "groups": [{"name": "Dyn"}, {"name": "Verde"}], "blocked": False},
        {
            "name": "Caio",
            "stopped": True,
            "created_on": "2020-01-01T00:00:00.000000Z",
            "fields": {"age": None},
        },
    ],
}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), "utf-8")
    return path


# -------------------------------------------------------------------------------------- starting, stopping


def test_starting_and_stopping_is_quick_and_leaves_nothing() -> None:
    """No thread and no port is left, however many connections were open."""
    before = threading.active_count()
    with Sandbox() as sandbox:
        host, _, port = sandbox.url.removeprefix("http://").partition(":")
        lines = [socket.create_connection((host, int(port))) for _ in range(3)]
        assert httpx.get(sandbox.url, trust_env=False, verify=False).status_code == 404
        began = time.perf_counter()
    stopped = time.perf_counter() - began
    assert stopped < KEEP_ALIVE_S / 2  # idle connections are not waited for
    assert threading.active_count() == before
    for line in lines:
        line.settimeout(2)
        with line, suppress(ConnectionResetError):
            assert line.recv(1) == b""
    with pytest.raises(OSError):  # noqa: PT011 - refused in one way or another
        socket.create_connection((host, int(port)), timeout=1)
    sandbox.stop()


def test_stopping_does_not_wait_for_slow_answers_longer_than_they_take() -> None:
    with Sandbox(SandboxOptions(latency_ms=60_000)) as sandbox:
        errors: list[Exception] = []

        def ask() -> None:
            try:
                httpx.get(f"{sandbox.url}/api/v2/contacts.json", trust_env=False, verify=False)
            except httpx.TransportError as error:
                errors.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        while not sandbox.requests:
            time.sleep(0.001)
        began = time.perf_counter()
    thread.join()
    assert time.perf_counter() - began < 30
    assert len(errors) == 1


def test_two_sandboxes_do_not_know_each_other(connect: Connect) -> None:
    with Sandbox() as one, Sandbox() as other:
        connect(one).post("contacts.json", json={"name": "Ana"})
        assert (len(one.contacts()), len(other.contacts())) == (1, 0)


def test_a_port_that_is_taken() -> None:
    with Sandbox() as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(Unusable) as caught:
            Sandbox(SandboxOptions(port=port)).start()
    assert caught.value.key == "sandbox-port"
    assert str(port) in catalogue().explain(caught.value)


def test_the_application_can_be_called_directly() -> None:
    """Without a server, over ASGI; a dropped connection is an error of the call."""

    async def ask(sandbox: Sandbox) -> int:
        transport = httpx.ASGITransport(sandbox.app)
        headers = {"Authorization": "Token sandbox"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://sandbox/api/v2", headers=headers
        ) as client:
            status = (await client.post("contacts.json", json={"name": "Ana"})).status_code
            sandbox.fault_plan = lambda *_: "drop-before"
            with pytest.raises(ConnectionResetError):
                await client.get("contacts.json")
            return status

    sandbox = Sandbox()
    assert asyncio.run(ask(sandbox)) == 201
    assert [contact["name"] for contact in sandbox.contacts()] == ["Ana"]
    sandbox.stop()


def test_reset_empties_everything(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post("groups.json", json={"name": "Azul"})
    client.post("fields.json", json={"label": "Cor", "value_type": "text"})
    client.post("contacts.json", json={"urns": ["ext:a"], "groups": ["Azul"], "fields": {"cor": "x"}})
    client.delete("contacts.json?urn=ext:a")
    client.post("contacts.json", json={"urns": ["ext:a"], "groups": ["Azul"]})
    sandbox.reset()
    assert (sandbox.contacts(), sandbox.fields(), sandbox.groups(), sandbox.requests) == ([], [], [], [])
    assert client.get("contacts.json?deleted=true").json()["results"] == []
    assert client.post("contacts.json", json={"urns": ["ext:a"]}).status_code == 201
    assert [served.number for served in sandbox.requests] == [1, 2]


# ------------------------------------------------------------------------------------------------- the file


def test_a_file_keeps_the_workspace(tmp_path: Path, connect: Connect) -> None:
    """Everything is the same after a restart, and one file is all there is."""
    options = SandboxOptions(
        db=tmp_path / "x.db", preload=write(tmp_path / "p.json", PRELOAD), timezone="Europe/Paris"
    )
    with Sandbox(options) as sandbox:
        client = connect(sandbox)
        client.delete("contacts.json?urn=ext:b")
        client.post("fields.json?key=cor", json={"label": "Kor", "value_type": "text"})
        everything = [
            client.get(f"{name}.json").json() for name in ("workspace", "fields", "groups", "contacts")
        ]
        deleted = client.get("contacts.json?deleted=true").json()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.json", "x.db"]
    assert everything[0]["timezone"] == "Europe/Paris"
    with Sandbox(SandboxOptions(db=tmp_path / "x.db")) as sandbox:
        client = connect(sandbox)
        assert [
            client.get(f"{name}.json").json() for name in ("workspace", "fields", "groups", "contacts")
        ] == everything
        assert client.get("contacts.json?deleted=true").json() == deleted
        last = everything[3]["results"][0]["modified_on"]
        assert client.post("contacts.json", json={"urns": ["ext:b"]}).json()["modified_on"] > last


def test_options_change_a_workspace_that_is_there(tmp_path: Path, connect: Connect) -> None:
    for options, name in (
        (SandboxOptions(name="Um"), "Um"),
        (SandboxOptions(), "Um"),
        (SandboxOptions(name="Dois"), "Dois"),
    ):
        options = SandboxOptions(db=tmp_path / "x.db", name=options.name)
        with Sandbox(options) as sandbox:
            assert connect(sandbox).get("workspace.json").json()["name"] == name


def test_what_was_answered_survives_a_process_that_is_killed(tmp_path: Path, connect: Connect) -> None:
    """The file as it is on disk while the server runs holds every answered request."""
    with Sandbox(SandboxOptions(db=tmp_path / "x.db")) as sandbox:
        connect(sandbox).post("contacts.json", json={"name": "Ana"})
        for path in list(tmp_path.iterdir()):
            (tmp_path / f"copy-{path.name}").write_bytes(path.read_bytes())
    with Sandbox(SandboxOptions(db=tmp_path / "copy-x.db")) as sandbox:
        assert [contact["name"] for contact in sandbox.contacts()] == ["Ana"]


def test_a_file_has_one_sandbox_at_a_time(tmp_path: Path) -> None:
    with Sandbox(SandboxOptions(db=tmp_path / "x.db")), pytest.raises(Unusable) as caught:
        Sandbox(SandboxOptions(db=tmp_path / "x.db"))
    assert caught.value.key == "sandbox-db-busy"


def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be taken for one" * 20)
    database = sqlite3.connect(tmp_path / "other.db")
    database.execute("CREATE TABLE fields (id INTEGER)")
    database.close()
    for name in ("text.db", "other.db", "no/such/folder.db"):
        content = (tmp_path / name).read_bytes() if (tmp_path / name).exists() else None
        with pytest.raises(Unusable) as caught:
            Sandbox(SandboxOptions(db=tmp_path / name))
        assert caught.value.key == "sandbox-db-invalid"
        assert name.rpartition("/")[2] in catalogue().explain(caught.value)
        assert content is None or (tmp_path / name).read_bytes() == content


# ------------------------------------------------------------------------------------------------- preload


def test_preload_fills_a_workspace(tmp_path: Path, connect: Connect) -> None:
    """With its own country and zone, and all of it settled."""
    options = SandboxOptions(preload=write(tmp_path / "p.json", PRELOAD), settle_s=5)
    with Sandbox(options) as sandbox:
        workspace = connect(sandbox).get("workspace.json").json()
        assert (workspace["country"], workspace["timezone"]) == ("PT", "Europe/Lisbon")
        assert [field["key"] for field in sandbox.fields()] == ["age", "cor", "velha"]
        assert [(group["name"], group["count"]) for group in sandbox.groups()] == [
            ("Azul", 1),
            ("Verde", 1),
            ("Dyn", 1),
        ]
        ana, bia, caio = sandbox.contacts()
        assert ana["urns"] == ["tel:+351912345678"]
        assert bia["name"] == "Bia"
        assert caio["stopped"] is True
        answer = connect(sandbox).post("contacts.json", json={"fields": {"cor": "x"}, "groups": ["Azul"]})
        assert answer.status_code == 201


def test_preload_is_for_a_new_workspace(tmp_path: Path) -> None:
    options = SandboxOptions(db=tmp_path / "x.db", preload=write(tmp_path / "p.json", PRELOAD))
    for _ in range(2):
        with Sandbox(options) as sandbox:
            assert len(sandbox.contacts()) == 3


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "$"),
        ({"contacts": {}}, "contacts"),
        ({"country": 1}, "country"),
        ({"fields": ["Cor"]}, "fields[0]"),
        ({"fields": [{"label": "É"}]}, "fields[0]"),
        ({"fields": [{"key": "id", "label": "Cor"}]}, "fields[0]"),
        ({"groups": ["A", "a"]}, "groups[1]"),
        ({"groups": [{"name": "A", "query": "x"}]}, "groups[0]"),
        ({"contacts": [{}, {"urns": ["tel:1"]}]}, "contacts[1]"),
        ({"contacts": [{"urn": "ext:a"}]}, "contacts[0]"),
        ({"contacts": [{"urns": ["ext:a"]}, {"urns": ["ext:a"]}]}, "contacts[1]"),
        ({"contacts": [{"groups": ["Nada"]}]}, "contacts[0]"),
    ],
)
def test_preload_that_cannot_be(tmp_path: Path, content: object, place: str) -> None:
    """The place is named, and no half-filled file is left."""
    options = SandboxOptions(db=tmp_path / "x.db", preload=write(tmp_path / "p.json", content))
    with pytest.raises(Unusable) as caught:
        Sandbox(options)
    assert caught.value.details["place"] == place
    assert place in catalogue().explain(caught.value)
    assert not (tmp_path / "x.db").exists()


def test_preload_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("{")
    for path in (tmp_path / "p.json", tmp_path / "none.json", tmp_path):
        with pytest.raises(Unusable) as caught:
            Sandbox(SandboxOptions(preload=path))
        assert caught.value.key == "sandbox-preload-unreadable"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (SandboxOptions(timezone="Mars/Base"), "sandbox-timezone"),
        (SandboxOptions(timezone="/etc/passwd"), "sandbox-timezone"),
        (SandboxOptions(date_style="week_first"), "sandbox-date-style"),  # type: ignore[arg-type]
    ],
)
def test_options_that_cannot_be(options: SandboxOptions, key: str) -> None:
    with pytest.raises(Unusable) as caught:
        Sandbox(options)
    assert caught.value.key == key
    assert catalogue().explain(caught.value)
