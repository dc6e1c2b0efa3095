"""What a file may mean is read in few requests, misses nothing that changes meanwhile, and keeps nothing else."""

import json
import random
from contextlib import ExitStack

import httpx
import pytest

from importer import platform, survey
from importer.api import connect
from importer.issues import Issue
from importer.model import Group, Record, Wanted, Workspace
from importer.repeats import Repeats
from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.pages import read_limit
from importer.survey import Survey, before_late, look_up, lookups_for, read_workspace

PAGE = 10


@pytest.fixture
def small_pages(monkeypatch):
    """What holds for pages of 1,000 holds for pages of 10, and is tried in less time."""
    monkeypatch.setattr(platform, "BIG_PAGE", PAGE)
    monkeypatch.setattr(platform, "PAGE", PAGE)
    monkeypatch.setattr(survey, "FEW_LOOKUPS", 0)


@pytest.fixture
def workspace(tmp_path):
    """A practice server with so many contacts, their mail addresses numbered, in an order of their own."""
    servers = []

    def make(contacts):
        numbers = random.Random(contacts).sample(range(contacts), contacts)
        content = {
            "groups": ["All"],
            "contacts": [
                {"name": f"Nome {n}", "urns": [f"mailto:n{n}@example.com"], "groups": ["All"]}
                for n in numbers
            ],
        }
        path = tmp_path / f"{contacts}.json"
        path.write_text(json.dumps(content))
        servers.append(Sandbox(SandboxOptions(rates=None, preload=path)))
        servers[-1].start()
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


def records_of(*keys):
    """A row for each key: a URN, or a UUID."""
    return [
        Record(row, Wanted(urns=(key,)) if ":" in key else Wanted(uuid=key))
        for row, key in enumerate(keys, 2)
    ]


@pytest.fixture
def client_of():
    """A client for a server."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(connect(server.url, server.token))


@pytest.fixture
def read(client_of):
    """The survey of these rows, and how many requests it took."""

    def survey_of(server, records, *, largest_group=0, on_read=lambda _: None):
        repeats = Repeats()
        for record in records:
            repeats.note(record)
        found = Survey(client_of(server), repeats)
        before = len(server.requests)
        groups = (Group("11111111-2222-4333-8444-555555555555", "All", count=largest_group),)
        found.read(lambda: records, Workspace(groups=groups), on_read)
        return found, len(server.requests) - before

    return survey_of


def named(found):
    return {contact.name for contact in found.snapshot.contacts}


def mails(numbers):
    return [f"mailto:n{n}@example.com" for n in numbers]


@pytest.mark.parametrize("knows_size", [False, True])
@pytest.mark.parametrize("rows", [1, 3, 6, 7, 40])
@pytest.mark.parametrize("contacts", [0, 1, 9, 10, 11, 60, 65, 100])
def test_the_cost_is_never_more_than_twice_the_cheaper_way(
    contacts, rows, knows_size, workspace, read, small_pages
):
    """And one request. Every second row is of a contact that is there, from all parts of the listing."""
    server = workspace(contacts)
    numbers = [k * contacts // rows if k % 2 == 0 else 10**6 + k for k in range(rows)]
    records = records_of(*mails(numbers))
    found, cost = read(server, records, largest_group=contacts if knows_size else 0)
    pages, lookups = -(-contacts // PAGE), len({record.wanted.urns for record in records})
    assert cost <= 2 * min(pages, lookups) + 1
    assert named(found) == {f"Nome {n}" for n in numbers if n < contacts}


def test_a_small_file_is_looked_up_a_large_one_is_listed(workspace, small_pages, read):
    server = workspace(100)
    assert read(server, records_of(*mails([5])), largest_group=100)[1] == 1 + 1
    assert read(server, records_of(*mails(range(90))))[1] == 1 + 10


def test_what_listing_has_found_is_not_looked_up(workspace, small_pages, read):
    """Three rows are worth three pages; those of the contacts listed by then cost nothing more."""
    server = workspace(100)
    oldest = [contact["urns"][0] for contact in server.contacts()[:2]]
    _, cost = read(server, records_of(*oldest, "mailto:none@example.com"))
    assert cost == 1 + 3 + 1


def test_beyond_some_rows_everything_is_listed(workspace, small_pages, monkeypatch, read):
    monkeypatch.setattr(survey, "LOOKUPS_MAX", 2)
    server = workspace(100)
    found, cost = read(server, records_of(*mails(range(3))), largest_group=100)
    assert cost == 1 + 10
    assert named(found) == {"Nome 0", "Nome 1", "Nome 2"}


@pytest.mark.parametrize("cap", [4, 250])
@pytest.mark.parametrize("rows", [1, 300])
def test_a_server_that_gives_smaller_pages(cap, rows, workspace, monkeypatch, read):
    """Whatever it was asked for. Nothing is missed, and what it costs stays bounded."""
    monkeypatch.setattr("importer.sandbox.listing.read_limit", lambda query: min(cap, read_limit(query)))
    contacts = 2 * cap + 2
    server = workspace(contacts)
    wanted = [n * contacts // rows for n in range(rows)] if rows < contacts else range(contacts)
    found, cost = read(server, records_of(*mails(wanted)))
    assert named(found) == {f"Nome {n}" for n in wanted}
    assert cost <= 2 * min(-(-contacts // cap), len(wanted)) + 2


def test_only_what_rows_may_mean_is_kept(workspace, others_of, read):
    server = workspace(30)
    uuid = server.contacts()[7]["uuid"]
    others_of(server).post("contacts.json", json={"name": "Zoe", "urns": ["whatsapp:5582900000001"]})
    records = records_of(uuid, "mailto:n3@example.com", "tel:+5582900000001", "mailto:none@example.com")
    found, _ = read(server, records)
    expected = {server.contacts()[7]["name"], "Nome 3", "Zoe"}
    assert named(found) == expected


def test_rows_that_are_held_back_cost_nothing(workspace, read):
    server = workspace(3)
    records = [Record(2, Wanted(urns=("mailto:n1@example.com",)), (Issue.of("row-no-key"),))]
    found, cost = read(server, records)
    assert (named(found), cost) == (set(), 1)


@pytest.fixture
def others_of():
    """Somebody else who works in the same workspace."""
    with ExitStack() as stack:

        def make(server):
            headers, base = {"Authorization": f"Token {server.token}"}, f"{server.url}/api/v2/"
            return stack.enter_context(
                httpx.Client(base_url=base, headers=headers, trust_env=False, verify=False)
            )

        yield make


def uuid_of(server, name):
    return next(contact["uuid"] for contact in server.contacts() if contact["name"] == name)


def test_what_changes_during_the_walk_is_not_missed(workspace, small_pages, others_of, read):
    """One that was listed already, one that was not, and a new one."""
    server = workspace(40)
    others = others_of(server)
    order = [contact["name"] for contact in server.contacts()]
    early, late = uuid_of(server, order[2]), uuid_of(server, order[33])

    def meanwhile(contacts):
        if contacts == PAGE:
            others.post("contacts.json", params={"uuid": early}, json={"language": "por"}).raise_for_status()
            others.post("contacts.json", params={"uuid": late}, json={"language": "spa"}).raise_for_status()
            new = {"name": "Nova", "urns": ["mailto:new@example.com"]}
            others.post("contacts.json", json=new).raise_for_status()

    records = records_of(*mails(range(40)), "mailto:new@example.com")
    found, _ = read(server, records, on_read=meanwhile)
    snapshot = found.snapshot
    assert len(snapshot.contacts) == 41
    assert (snapshot.contact(early).language, snapshot.contact(late).language) == ("por", "spa")


@pytest.mark.parametrize("rows", [2, 40])
def test_catching_up(rows, workspace, small_pages, others_of, read):
    """In few requests: a URN that moved, a contact that changed, a new one; looked up before or listed."""
    server = workspace(40)
    others = others_of(server)
    found, _ = read(server, records_of(*mails(range(rows)), "mailto:new@example.com"), largest_group=40)
    giver, taker = uuid_of(server, "Nome 0"), uuid_of(server, "Nome 39")
    body = {"urns": ["mailto:n39@example.com", "mailto:n0@example.com"]}
    others.post("contacts.json", params={"uuid": taker}, json=body).raise_for_status()
    changed = uuid_of(server, "Nome 1")
    others.post("contacts.json", params={"uuid": changed}, json={"name": "Outro"}).raise_for_status()
    others.post("contacts.json", json={"name": "Nova", "urns": ["mailto:new@example.com"]}).raise_for_status()
    before = len(server.requests)
    found.catch_up()
    found.catch_up()
    snapshot = found.snapshot
    assert [contact.uuid for contact in snapshot.holders("mailto:n0@example.com")] == [taker]
    assert snapshot.contact(giver) is None
    assert snapshot.contact(changed).name == "Outro"
    assert snapshot.holders("mailto:new@example.com")[0].name == "Nova"
    # all of this workspace is younger than the margin, so that each time it is read as a whole
    assert len(server.requests) - before <= 2


def test_catching_up_in_an_empty_workspace(workspace, others_of, read):
    server = workspace(0)
    found, cost = read(server, records_of("mailto:new@example.com"))
    assert (cost, found.until) == (1, "")
    others_of(server).post("contacts.json", json={"name": "Nova", "urns": ["mailto:new@example.com"]})
    found.catch_up()
    assert named(found) == {"Nova"}


def test_catching_up_begins_a_little_before_the_latest_change():
    assert before_late("") is None
    assert before_late("2026-11-23T00:00:10.000001Z") == "2026-11-22T23:59:40.000001Z"


def test_a_phone_is_looked_for_in_all_its_forms():
    wanted = Wanted(uuid="11111111-2222-4333-8444-555555555555", urns=("tel:+5582900000001", "ext:a1"))
    kinds = list(lookups_for(wanted, "match"))
    assert kinds[0] == ("uuid", "11111111-2222-4333-8444-555555555555")
    assert {("urn", "tel:+5582900000001"), ("urn", "whatsapp:5582900000001"), ("urn", "ext:a1")} <= set(kinds)


def test_what_the_server_takes_for_no_urn_no_contact_has(workspace, client_of):
    server = workspace(2)
    client = client_of(server)
    asked = [("urn", "nothing:1"), ("urn", "mailto:n1@example.com")]
    assert [contact.name for contact in look_up(client, asked)] == ["Nome 1"]


def test_the_workspace_takes_three_requests(workspace, client_of):
    server = workspace(2)
    found = read_workspace(client_of(server))
    assert (found.country, [group.name for group in found.groups]) == ("BR", ["All"])
    assert len(server.requests) == 3
