"""The client on the wire: what it sends, and what it makes of whatever comes back."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from traceback import format_exception
from typing import Any
from urllib.parse import urlsplit

import pytest

from importer.api import Client, Waiting, connect
from importer.api.connection import proxy_for
from importer.api.exchange import TIMEOUTS_S
from importer.api.waits import Waiter, silent
from importer.errors import (
    Failing,
    ImporterError,
    Interrupted,
    Missing,
    NotAllowed,
    Rejected,
    Unavailable,
    Unsettled,
    Unusable,
)  # fmt: skip
from importer.messages import catalogue
from importer.version import VERSION

UUID = "c1"
NUMBER = "tel:+5582900000001"
BODY = {"name": "Ana Exemplo", "urns": [NUMBER]}

Act = Callable[[Client], Any]

CREATES: dict[str, Act] = {
    "create_contact": lambda client: client.create_contact(BODY),
    "upsert_contact": lambda client: client.upsert_contact(NUMBER, BODY),
    "create_field": lambda client: client.create_field("Age", "numeric"),
    "create_group": lambda client: client.create_group("Turma A"),
    "delete in bulk": lambda client: client.contact_action("delete", [UUID]),
}
REPEATABLE: dict[str, Act] = {
    "update_contact": lambda client: client.update_contact(UUID, BODY),
    "delete_contact": lambda client: client.delete_contact(uuid=UUID),
    "delete by URN": lambda client: client.delete_contact(urn="ext:ana"),
    "find_contact": lambda client: client.find_contact(uuid=UUID),
    "update_field": lambda client: client.update_field("age", "Age", "text"),
    "rename_group": lambda client: client.rename_group("g1", "Turma B"),
    "delete_group": lambda client: client.delete_group("g1"),
    "add": lambda client: client.contact_action("add", [UUID], "g1"),
    "list_fields": lambda client: client.list_fields(),
    "contact_pages": lambda client: list(client.contact_pages()),
}


def good(act: str, say: Any) -> bytes:
    """An answer that each of the calls takes."""
    if "delete" in act or act == "add":
        return say.nothing()
    if "list" in act or "pages" in act or act == "find_contact":
        return say.page()
    return say.json(200, {"uuid": "c1", "key": "age", "name": "Ana Exemplo"})


# ------------------------------------------------------------------------------------------ what is sent


def test_a_request_carries_what_it_must_and_no_more(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.contact(201, uuid="c9")]
    assert client.create_contact({"name": "Zoë \x00\ud800"}).uuid == "c9"
    heard = wire.heard[0]
    assert (heard.method, heard.target) == ("POST", "/api/v2/contacts.json")
    assert heard.headers["authorization"] == "Token token-exemplo"
    assert heard.headers["accept"] == "application/json"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"] == f"weni-importer/{VERSION}"
    assert "cookie" not in heard.headers
    assert heard.json == {"name": "Zoë \x00\ud800"}
    assert heard.body.isascii()


@pytest.mark.parametrize(
    ("act", "target"),
    [
        (lambda c: c.find_contact(urn="tel:+55 8&x=1"), "/contacts.json?urn=tel%3A%2B55%208%26x%3D1&limit=2"),
        (lambda c: c.find_contact(uuid="c1"), "/contacts.json?uuid=c1&limit=2"),
        (lambda c: list(c.contact_pages()), "/contacts.json?reverse=true&limit=1000"),
        (lambda c: list(c.contact_pages(limit=9, reverse=False, after="2026-11-22T12:00:00+00:00",
                                        before="2027-01-01", group="Turma A", deleted=True)),
         "/contacts.json?after=2026-11-22T12%3A00%3A00%2B00%3A00&before=2027-01-01&group=Turma%20A"
         "&deleted=true&limit=9"),
        (lambda c: c.list_groups(), "/groups.json"),
    ],
)  # fmt: skip
def test_queries_are_encoded(client: Client, wire: Any, say: Any, act: Act, target: str) -> None:
    wire.replies = [say.page()]
    act(client)
    assert wire.heard[0].target == f"/api/v2{target}"


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.find_contact(),
        lambda c: c.find_contact(uuid="c1", urn="ext:1"),
        lambda c: c.find_contact(urn=" "),
        lambda c: c.update_contact("", {}),
        lambda c: c.delete_contact(uuid=""),
        lambda c: c.upsert_contact("", {}),
        lambda c: c.delete_group(""),
        lambda c: list(c.contact_pages(group="")),
        lambda c: c.contact_action("add", ["c1"] * 101, "g1"),
    ],
)
def test_what_would_mean_everything_is_never_sent(client: Client, wire: Any, act: Act) -> None:
    with pytest.raises(ValueError, match=r".*"):
        act(client)
    assert wire.heard == []


def test_cookies_are_not_kept(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.json(200, {"name": "x"}, Set_Cookie="sessionid=abc; Path=/")]
    client.workspace()
    client.workspace()
    assert all("cookie" not in heard.headers for heard in wire.heard)


# ------------------------------------------------------------------------------------------------ lists


def test_pages_are_followed_as_they_come(client: Client, wire: Any, say: Any) -> None:
    """A server may give fewer than were asked for; its `next` is taken as it is."""
    then = f"{wire.url}/api/v2/contacts.json?cursor=cD0y%2B%3D&limit=1000"
    wire.replies = [say.page({"uuid": "a"}, {"uuid": "b"}, then=then), say.page({"uuid": "c"})]
    assert [[one.uuid for one in page] for page in client.contact_pages()] == [["a", "b"], ["c"]]
    assert wire.heard[1].target == "/api/v2/contacts.json?cursor=cD0y%2B%3D&limit=1000"


def test_the_token_goes_to_no_other_host(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.page({"uuid": "a"}, then="http://example.com/api/v2/contacts.json?cursor=x")]
    pages = client.contact_pages()
    with pytest.raises(Unusable) as caught:
        next(pages)
    assert "example.com" in catalogue().explain(caught.value)


def test_a_server_that_does_not_know_its_own_port_is_understood(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.page({"key": "a"}, then="https://127.0.0.1/api/v2/fields.json?cursor=x"), say.page()]
    assert [field.key for field in client.list_fields()] == ["a"]


def test_a_walk_in_a_circle_ends(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.page({"uuid": "a"}, then=f"{wire.url}/api/v2/contacts.json?cursor=x")]
    with pytest.raises(Unavailable):
        list(client.contact_pages())
    assert len(wire.heard) == 2


def test_a_page_too_large_for_the_server_is_asked_for_smaller(met: Client, wire: Any, say: Any) -> None:
    """It fails on this one and answers others: then the documented size is tried."""
    wire.replies = [
        *[say.error()] * 10,
        say.workspace(),
        say.error(),
        say.workspace(),
        say.page({"uuid": "a"}),
    ]
    assert [[one.uuid for one in page] for page in met.contact_pages()] == [["a"]]
    assert wire.heard[0].target.endswith("limit=1000")
    assert wire.heard[-1].target.endswith("limit=250")


def test_two_contacts_for_one_uuid_are_not_believed(met: Client, wire: Any, say: Any) -> None:
    """Somebody on the way has dropped the query; the first of all contacts is not the one asked for."""
    wire.replies = [say.page({"uuid": "a"}, {"uuid": "b"}), say.page({"uuid": "c1"})]
    found = met.find_contact(uuid="c1")
    assert found is not None
    assert found.uuid == "c1"


# ------------------------------------------------------------------------------------- answers and errors


@pytest.mark.parametrize("status", [401, 403])
def test_403_stops_everything(client: Client, wire: Any, say: Any, status: int) -> None:
    wire.replies = [say.json(status, {"detail": "Invalid token"})]
    with pytest.raises(NotAllowed) as caught:
        client.workspace()
    assert len(wire.heard) == 1
    assert "127.0.0.1" in catalogue().explain(caught.value)


def test_400_is_not_repeated_and_keeps_its_body(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.json(400, {"name": ["Too long."]})]
    with pytest.raises(Rejected) as caught:
        client.update_contact(UUID, BODY)
    assert (caught.value.body, caught.value.call) == ({"name": ["Too long."]}, "update_contact")
    assert len(wire.heard) == 1


def test_404_is_missing(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.json(404, {"detail": "Not found."})]
    with pytest.raises(Missing):
        client.update_contact(UUID, BODY)


@pytest.mark.parametrize(
    "reply", ["html 200", "html 404", "html 403", "html 400", "redirect", "json of others"]
)
def test_a_host_that_is_not_the_platform_is_told_at_once(
    client: Client, wire: Any, say: Any, waits: list[Waiting], reply: str
) -> None:
    wire.replies = [
        {
            "redirect": say.raw(302, b"", "text/html", Location="http://127.0.0.1:1/login"),
            "json of others": say.json(200, {"hello": "world"}),
        }.get(reply)
        or say.html(int(reply[-3:]))
    ]
    with pytest.raises(Unusable) as caught:
        client.workspace()
    assert caught.value.key == "not-the-platform"
    assert len(wire.heard) == 3
    assert sum(wait.seconds for wait in waits) < 3


def test_a_web_page_later_on_is_a_fault_that_passes(met: Client, wire: Any, say: Any) -> None:
    """A gateway that says 404 in HTML says nothing about a contact."""
    wire.replies = [say.html(404), say.html(200), say.html(503), say.contact()]
    assert met.update_contact(UUID, BODY).uuid == "c1"
    assert len(wire.heard) == 4


FAULTS: dict[str, Callable[[Any], Any]] = {
    "500": lambda say: say.error(),
    "502": lambda say: say.html(502),
    "408": lambda say: say.json(408, {"detail": "x"}),
    "closed": lambda say: say.close,
    "reset": lambda say: say.reset,
    "no HTTP": lambda say: b"SSH-2.0-OpenSSH_9.0\r\n",
    "status line cut": lambda say: say.cut(say.contact(), 9),
    "headers cut": lambda say: say.cut(say.contact(), 40),
    "body cut": lambda say: say.cut(say.contact(), -3),
    "not JSON": lambda say: say.raw(200, b"{'uuid': 'c1'}", "application/json"),
    "half of JSON": lambda say: say.raw(200, b'{"uuid": "c1", "na', "application/json"),
    "not UTF-8": lambda say: say.raw(200, b'{"uuid": "\xff\xfe"}', "application/json"),
    "not gzip": lambda say: say.raw(200, b"{}", "application/json", Content_Encoding="gzip"),
    "web page": lambda say: say.html(200),
    "other JSON": lambda say: say.json(200, ["nothing", "known"]),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", REPEATABLE)
def test_what_may_be_repeated_is(met: Client, wire: Any, say: Any, act: str, fault: str) -> None:
    before = met.requests
    wire.replies = [FAULTS[fault](say), FAULTS[fault](say), good(act, say)]
    REPEATABLE[act](met)
    assert len(wire.heard) == 3
    assert len({(heard.method, heard.target, heard.body) for heard in wire.heard}) == 1
    sent = met.requests.reads + met.requests.writes - before.reads - before.writes
    assert sent == 3


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", CREATES)
def test_what_could_be_done_twice_is_left_to_the_caller(
    met: Client, wire: Any, say: Any, waits: list[Waiting], act: str, fault: str
) -> None:
    wire.replies = [FAULTS[fault](say), good(act, say)]
    with pytest.raises(Unsettled):
        CREATES[act](met)
    assert len(wire.heard) == 1
    assert met.requests.writes == 1
    assert waits == []


@pytest.mark.parametrize("act", ["delete by URN", "delete_group"])
def test_gone_after_a_lost_answer_is_done(met: Client, wire: Any, say: Any, act: str) -> None:
    gone = say.json(404, {"detail": "Not found."})
    wire.replies = [say.close, gone]
    REPEATABLE[act](met)
    wire.replies = [say.error(), say.json(429, {}, Retry_After="1"), gone]
    REPEATABLE[act](met)
    with pytest.raises(Missing):
        REPEATABLE[act](met)


def test_an_update_of_a_contact_that_is_gone_after_a_lost_answer_is_missing(
    met: Client, wire: Any, say: Any
) -> None:
    wire.replies = [say.close, say.json(404, {"detail": "Not found."})]
    with pytest.raises(Missing):
        met.update_contact(UUID, BODY)


def test_a_race_of_upserts_is_settled_by_asking_again(met: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.json(400, {"error": "URNs in use by other contacts"}), say.contact(200)]
    contact, created = met.upsert_contact("ext:ana", {"name": "Ana Exemplo"})
    assert (contact.uuid, created) == ("c1", False)
    wire.replies = [say.contact(201)]
    assert met.upsert_contact("ext:ana", {})[1] is True


def test_an_idle_connection_that_the_server_has_closed_is_not_used_again(
    met: Client, wire: Any, say: Any
) -> None:
    """Else a create would be lost on it."""
    wire.replies = [lambda connection: connection.sendall(say.workspace()), say.contact(201)]
    met.workspace()
    wire.join()
    assert met.create_contact(BODY).uuid == "c1"


def test_an_answer_that_trickles_is_given_up(
    met: Client, wire: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece comes in time, but the whole never would; here with a moment for five minutes."""
    monkeypatch.setattr("importer.api.exchange.WHOLE_ANSWER_S", 0.02)

    def trickle(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        connection.settimeout(0.03)
        while len(given_up) < 200:
            connection.sendall(b" ")
            with suppress(TimeoutError):
                given_up.append(connection.recv(1))
                return
            given_up.append(b"still there")

    given_up: list[bytes] = []
    wire.replies = [trickle, say.contact()]
    assert met.update_contact(UUID, BODY).uuid == "c1"
    wire.stop()
    assert given_up[-1] == b""
    assert 1 <= len(given_up) < 50


# ------------------------------------------------------------------------------- how long, and what is said


def test_no_connection_at_first_is_told_soon(wire: Any, clock: Any, waits: list[Waiting]) -> None:
    wire.stop()
    with (
        connect(wire.url, "t", clock=clock, sleep=clock.sleep, on_wait=waits.append) as client,
        pytest.raises(Unavailable) as caught,
    ):
        client.workspace()
    assert caught.value.key == "unavailable-refused"
    assert 0 < sum(clock.slept) < 5
    assert {(wait.reason, wait.fault) for wait in waits} == {("fault", "refused")}
    assert (client.requests.reads, client.requests.writes) == (0, 0)


def test_a_connection_lost_later_is_waited_for(met: Client, wire: Any, clock: Any) -> None:
    """A create that never left may be sent again, as often as need be; no budget is used up by it."""
    wire.stop()
    free = met.time_for("contacts", 2500)
    with pytest.raises(Unavailable) as caught:
        met.create_contact(BODY)
    assert caught.value.key == "unavailable-refused"
    assert 800 < sum(clock.slept) <= 900
    assert met.requests.writes == 0
    assert met.time_for("contacts", 2500) == free == 0


def test_a_refusal_is_an_answer_of_the_platform(client: Client, wire: Any, say: Any, clock: Any) -> None:
    """So that a fault after it is waited for as long as after any other."""
    wire.replies = [say.json(404, {"detail": "Not found."}), say.html(502)]
    with pytest.raises(Missing):
        client.delete_group("g1")
    with pytest.raises(Unavailable):
        client.workspace()
    assert 800 < sum(clock.slept) <= 900


def test_no_such_host(clock: Any) -> None:
    client = connect("https://no-such-host.invalid", "t", clock=clock, sleep=clock.sleep)
    with client, pytest.raises(Unavailable) as caught:
        client.workspace()
    assert caught.value.key == "unavailable-host-not-found"
    assert "no-such-host.invalid" in catalogue().explain(caught.value)


def test_https_to_a_server_that_does_not_speak_it(wire: Any, say: Any, clock: Any) -> None:
    wire.greeting = say.html(400)
    client = connect(wire.url.replace("http:", "https:"), "t", clock=clock, sleep=clock.sleep)
    with client, pytest.raises(Unavailable) as caught:
        client.workspace()
    assert caught.value.key == "unavailable-tls"


def test_a_server_that_is_slow_to_answer(wire: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here with a tenth of a second for a minute."""
    monkeypatch.setitem(TIMEOUTS_S, "read", 0.1)
    hang = threading.Event()
    wire.replies = [lambda connection: hang.wait(20)]
    with connect(wire.url, "t", clock=clock, sleep=clock.sleep) as client:
        with pytest.raises(Unsettled) as caught:
            client.create_contact(BODY)
        hang.set()
    assert caught.value.details["fault"] == "timed-out"


@pytest.mark.parametrize("reads", [True, False])
def test_a_server_that_is_down_is_given_up_after_a_quarter_of_an_hour(
    met: Client, wire: Any, say: Any, clock: Any, reads: bool
) -> None:
    """It fails on everything, so it is not the request's fault."""
    wire.replies = [say.html(502)]
    with pytest.raises(Unavailable) as caught:
        met.list_groups() if reads else met.update_contact(UUID, BODY)
    assert caught.value.key == "unavailable-server-error"
    assert "502" in catalogue().explain(caught.value)
    assert 800 < sum(clock.slept) <= 900


def test_a_request_that_always_fails_does_not_stop_the_others(
    met: Client, wire: Any, say: Any, clock: Any
) -> None:
    wire.replies = [*[say.error()] * 10, say.workspace(), say.error(), say.workspace()]
    with pytest.raises(Failing) as caught:
        met.update_contact(UUID, BODY)
    assert [heard.target for heard in wire.heard[-2:]] == [
        f"/api/v2/contacts.json?uuid={UUID}", "/api/v2/workspace.json",
    ]  # fmt: skip
    assert sum(clock.slept) < 300
    assert "500" in catalogue().explain(caught.value)


def test_a_server_that_comes_back_just_when_it_is_asked_is_believed(met: Client, wire: Any, say: Any) -> None:
    """It answers the other question, and this one, too, when it is asked once more."""
    wire.replies = [*[say.error()] * 10, say.workspace(), say.contact()]
    assert met.update_contact(UUID, BODY).uuid == "c1"


def test_nothing_is_asked_where_the_asking_would_have_to_wait(
    wire: Any, say: Any, clock: Any, waits: list[Waiting]
) -> None:
    """With the other budget used up it cannot be found out whose fault it is."""
    wire.replies = [*[say.page()] * 30, say.error()]
    with connect(wire.url, "t", per_hour=30, clock=clock, sleep=clock.sleep, on_wait=waits.append) as client:
        for _ in range(30):
            client.list_groups()
        with pytest.raises(Unavailable):
            client.update_contact(UUID, BODY)
    assert {(wait.reason, wait.scope) for wait in waits} == {("fault", "contacts")}


def test_a_read_that_always_fails_is_unavailable(met: Client, wire: Any, say: Any) -> None:
    wire.replies = [*[say.error()] * 10, say.workspace(), say.error(), say.workspace()]
    with pytest.raises(Unavailable) as caught:
        met.list_groups()
    assert caught.value.key == "unavailable-server-error"


def every_error(client: Client, wire: Any, say: Any) -> list[ImporterError]:
    replies = [say.error(), say.close, say.reset, say.html(200)]
    replies += [say.json(status, {"urns": [NUMBER]}) for status in (400, 403, 404, 429)]
    acts: list[Act] = [
        lambda client: client.workspace(),
        lambda client: client.find_contact(urn=NUMBER),
        lambda client: client.upsert_contact(NUMBER, BODY),
    ]
    found = list[ImporterError]()
    for reply in replies:
        wire.replies = [reply]
        for act in acts:
            with pytest.raises(ImporterError) as caught:
                act(client)
            found.append(caught.value)
    return found


def test_no_message_holds_the_token_or_a_number(
    met: Client, wire: Any, say: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        errors = every_error(met, wire, say)
    said = "\n".join(catalogue().explain(error) for error in errors)
    shown = "\n".join(
        line for error in errors if not isinstance(error, Rejected) for line in format_exception(error)
    )
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert len({error.key for error in errors}) >= 7
    assert "POST" in logged
    for secret in ("token-exemplo", "82900000001", "8290000"):
        assert secret not in said
        assert secret not in shown
        assert secret not in logged


# --------------------------------------------------------------------------------------- throttle, settling


def test_429_is_waited_for_and_repeated_even_for_a_create(
    client: Client, wire: Any, say: Any, waits: list[Waiting]
) -> None:
    wire.replies = [say.json(429, {"detail": "x"}, Retry_After="3582"), say.contact(201)]
    client.create_contact(BODY)
    assert [(wait.reason, wait.seconds, wait.scope) for wait in waits] == [("throttled", 3582, "contacts")]
    assert waits[0].until == 1000 + 3582


def test_429_holds_back_its_own_budget_only(
    met: Client, wire: Any, say: Any, waits: list[Waiting], clock: Any
) -> None:
    wire.replies = [say.json(429, {}, Retry_After="100"), say.contact()]
    met.update_contact(UUID, BODY)
    clock.now -= 100
    wire.replies = [say.page()]
    met.list_groups()
    assert len(waits) == 1
    met.find_contact(uuid=UUID)
    assert [(wait.reason, wait.seconds) for wait in waits] == [("throttled", 100), ("throttled", 100)]


def test_429_without_an_end_is_given_up(met: Client, wire: Any, say: Any, clock: Any) -> None:
    wire.replies = [say.html(429)]
    with pytest.raises(Unavailable) as caught:
        met.create_contact(BODY)
    assert caught.value.key == "unavailable-throttled"
    assert 2 * 3600 < sum(clock.slept) <= 3 * 3600
    assert len(wire.heard) < 500


def test_the_budget_is_kept(wire: Any, say: Any, clock: Any, waits: list[Waiting]) -> None:
    """The third of two an hour leaves an hour after the first; a refused one counts, a 403 does not."""
    wire.replies = [say.contact(), say.json(400, {"name": ["x"]}), say.contact()]
    with connect(wire.url, "t", per_hour=2, clock=clock, sleep=clock.sleep, on_wait=waits.append) as client:
        client.update_contact(UUID, BODY)
        clock.now += 10
        with pytest.raises(Rejected):
            client.update_contact(UUID, BODY)
        assert client.time_for("contacts", 2) == pytest.approx(3600.5)
        client.update_contact(UUID, BODY)
        assert [(wait.reason, wait.seconds, wait.scope) for wait in waits] == [("pace", 3590.5, "contacts")]
        wire.replies = [say.json(403, {"detail": "x"})]
        clock.now += 5000
        for _ in range(3):
            with pytest.raises(NotAllowed):
                client.find_contact(uuid=UUID)
        assert len(waits) == 1


@pytest.mark.parametrize("change", ["create_field", "create_group", "update_field", "rename_group"])
@pytest.mark.parametrize("write", ["create_contact", "update_contact", "upsert_contact", "add"])
def test_contacts_are_written_once_new_fields_and_groups_are_settled(
    client: Client, wire: Any, say: Any, clock: Any, waits: list[Waiting], change: str, write: str
) -> None:
    acts = CREATES | REPEATABLE
    wire.replies = [good(change, say), good(change, say), good(write, say)]
    acts[change](client)
    clock.now += 3
    acts[change](client)
    assert waits == []
    clock.now += 1
    acts[write](client)
    assert [(wait.reason, wait.seconds) for wait in waits] == [("settling", 4.0)]
    acts[write](client)
    assert len(waits) == 1


def test_a_field_whose_creation_was_lost_settles_too(
    client: Client, wire: Any, say: Any, waits: list[Waiting]
) -> None:
    wire.replies = [say.close, say.contact()]
    with pytest.raises(Unsettled):
        client.create_field("Age", "text")
    client.update_contact(UUID, BODY)
    assert [wait.reason for wait in waits] == ["settling"]


def test_reading_does_not_wait_for_settling(
    client: Client, wire: Any, say: Any, waits: list[Waiting]
) -> None:
    wire.replies = [good("create_group", say), say.page()]
    client.create_group("Turma A")
    client.find_contact(uuid=UUID)
    assert waits == []


@pytest.mark.parametrize("error", ["unknown contact field 'novo'", "unknown contact group 'g1'"])
def test_a_field_that_somebody_else_has_just_made_is_waited_for(
    client: Client, wire: Any, say: Any, waits: list[Waiting], error: str
) -> None:
    wire.replies = [say.json(400, {"error": error}), say.json(400, {"error": error}), say.contact(201)]
    client.create_contact(BODY)
    assert [(wait.reason, wait.seconds) for wait in waits] == [("settling", 5.0), ("settling", 5.0)]


def test_a_field_that_is_never_known_is_a_refusal(client: Client, wire: Any, say: Any) -> None:
    wire.replies = [say.json(400, {"error": "unknown contact field 'novo'"})]
    with pytest.raises(Rejected):
        client.create_contact(BODY)
    assert len(wire.heard) == 4


def test_an_update_that_fails_while_a_field_is_new_passes_later(
    client: Client, wire: Any, say: Any, clock: Any
) -> None:
    """500 until the server has looked again, five seconds after somebody else made the field."""
    wire.replies = [*[say.error()] * 4, say.contact()]
    client.update_contact(UUID, BODY)
    assert 3 < sum(clock.slept) < 8


# --------------------------------------------------------------------------------------------- stopping


def test_a_stop_ends_a_wait_at_once(wire: Any, say: Any) -> None:
    """With the real sleep: the hour that the server asks for is never waited."""
    stop = threading.Event()
    wire.replies = [say.json(429, {}, Retry_After="3600")]
    with connect(wire.url, "t", stop=stop, on_wait=lambda _: stop.set()) as client:
        with pytest.raises(Interrupted):
            client.create_contact(BODY)
        with pytest.raises(Interrupted):
            client.workspace()
    assert len(wire.heard) == 1


def test_a_wait_that_a_stop_has_cut_short_is_not_one_that_has_passed(clock: Any) -> None:
    stop = threading.Event()
    waiter = Waiter(clock, lambda _: stop.set(), stop, silent)
    with pytest.raises(Interrupted):
        waiter.wait(3600, "pace")


def test_a_stop_from_another_thread_ends_a_wait_that_has_begun(wire: Any, say: Any) -> None:
    stop, waiting = threading.Event(), threading.Event()
    wire.replies = [say.json(429, {}, Retry_After="3600")]
    caught: list[BaseException] = []

    def send() -> None:
        try:
            client.create_contact(BODY)
        except Interrupted as error:
            caught.append(error)

    with connect(wire.url, "t", stop=stop, on_wait=lambda _: waiting.set()) as client:
        thread = threading.Thread(target=send)
        thread.start()
        assert waiting.wait(10)
        stop.set()
        thread.join(10)
    assert len(caught) == 1


# ------------------------------------------------------------------------------------------ environment


def test_loopback_is_never_asked_through_a_proxy(
    wire: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    wire.replies = [say.workspace()]
    with connect(wire.url, "t") as client:
        assert client.workspace().name == "Exemplo"


def test_others_are_asked_through_the_proxy(
    wire: Any, say: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that does not let us through is told as such."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, wire.url)
    wire.replies = [say.html(403)]
    client = connect("https://flows.example.com", "t", clock=clock, sleep=clock.sleep)
    with client, pytest.raises(Unavailable) as caught:
        client.workspace()
    assert caught.value.key == "unavailable-proxy"
    assert (wire.heard[0].method, wire.heard[0].target) == ("CONNECT", "flows.example.com:443")
    assert "authorization" not in wire.heard[0].headers


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy.example:3128"}, "http://proxy.example:3128"),
        ({"https_proxy": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"all_proxy": "http://proxy.example"}, "http://proxy.example"),
        ({"http_proxy": "http://proxy.example"}, None),
        ({"https_proxy": "http://proxy.example", "no_proxy": "other.example, example.com"}, None),
        ({"https_proxy": "http://proxy.example", "no_proxy": "*"}, None),
        ({"https_proxy": "http://proxy.example", "no_proxy": "ws.example.com"}, "http://proxy.example"),
    ],
)
def test_the_proxy_of_the_environment(
    environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(urlsplit("https://flows.example.com/api/v2"))
    assert (found and str(found.url)) == proxy


@pytest.mark.parametrize("proxy", ["foo://127.0.0.1:1", "http://127.0.0.1:x", "socks5://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_told(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    with pytest.raises(Unusable) as caught:
        connect("https://flows.example.com", "t")
    assert caught.value.key == "proxy-invalid"
    assert "HTTPS_PROXY" in catalogue().explain(caught.value)
