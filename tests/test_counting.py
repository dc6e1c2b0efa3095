"""How many contacts a workspace has: exactly, at least, or as of when; in one request, and without waiting."""

import pytest

from importer import platform
from importer.mirror import Mirror, contacts_in, path_of
from importer.model import Contact
from importer.run import Connection, Headcount, count_contacts, workspace_of
from importer.sandbox import Rates, Sandbox, SandboxOptions

PEOPLE = 7


@pytest.fixture
def people(others):
    """So many contacts, five of them in a group."""
    others.post("groups.json", json={"name": "Clientes"}).raise_for_status()
    for n in range(PEOPLE):
        body = {"name": f"Nome {n}", "urns": [f"ext:n{n}"], "groups": ["Clientes"] if n < 5 else []}
        others.post("contacts.json", json=body).raise_for_status()


def test_a_page_that_holds_all_is_exact(people, connection, sandbox):
    workspace, before = workspace_of(connection), len(sandbox.requests)
    assert count_contacts(connection, workspace) == Headcount(PEOPLE)
    assert len(sandbox.requests) == before + 1


@pytest.mark.parametrize(("page", "least"), [(3, 5), (6, 6)])
def test_otherwise_there_are_no_fewer_than_on_the_page_or_in_the_largest_group(
    page, least, people, connection, sandbox, monkeypatch
):
    monkeypatch.setattr(platform, "PAGE", page)
    workspace, before = workspace_of(connection), len(sandbox.requests)
    assert count_contacts(connection, workspace) == Headcount(least, is_exact=False)
    assert len(sandbox.requests) == before + 1


def test_what_the_mirror_knows_is_told_with_its_age(people, connection, state, monkeypatch):
    monkeypatch.setattr(platform, "PAGE", 3)
    workspace = workspace_of(connection)
    path = path_of(state / "mirrors", connection.url, workspace)
    mirror = Mirror(path, workspace, wall=lambda: 1_000_000_000.0)
    walk = mirror.begin_listing()
    mirror.put([Contact(f"uuid-{n}", modified_on="2026-01-01T00:00:00Z") for n in range(9)], walk)
    assert contacts_in(path) is None, "half a listing is none"
    mirror.end_listing(walk, 0, 0)
    found = count_contacts(connection, workspace)
    assert (found.contacts, found.is_exact, found.seen.timestamp()) == (9, True, 1_000_000_000)
    mirror.remove([f"uuid-{n}" for n in range(6)])
    assert count_contacts(connection, workspace) == Headcount(5, is_exact=False), "fewer than there are"


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_mirror_that_is_none_is_passed_over(content, tmp_path):
    path = tmp_path / "mirror.db"
    if content is not None:
        path.write_bytes(content)
    assert contacts_in(path) is None
    assert path.exists() == (content is not None)


def test_nobody_waits_for_it():
    """A budget that is used up for an hour: what is known without it is told at once."""
    with Sandbox(SandboxOptions(rates=Rates(contacts=0))) as server:
        connection = Connection(server.url, server.token)
        workspace = workspace_of(connection)
        assert count_contacts(connection, workspace) is None
