"""A run that is stopped, refused, thrown out or broken anywhere goes on where it was; a report always adds up."""

import threading
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from states import everything_of

from importer.errors import Unusable
from importer.execution.execute import FAILING_ROWS, SAME_REFUSAL
from importer.model import Status
from importer.options import Options
from importer.run import Connection, Listener, import_file
from importer.sandbox import Sandbox, SandboxOptions

HEADER = "Name,URN:Tel,Groups,Field:City"


def people(count, first=0):
    return [f"Nome {n},+558290000{n:04d},VIP,Recife" for n in range(first, first + count)]


def statuses(report):
    return [str(outcome.status) for _, outcome in report.lines()]


def adds_up(report, rows):
    return sum(report.totals.values()) == report.summary.rows == rows == len(statuses(report))


def phones(sandbox):
    return sorted(urn for contact in sandbox.contacts() for urn in contact["urns"])


def resumed(path, connection, sandbox, rows, first):
    """The same command again: everything arrives, once, and the job is the same."""
    sandbox.fault_plan = None
    report = import_file(path, Options(), connection)
    assert report.summary.job == first.summary.job
    assert statuses(report) == ["created"] * rows
    assert len(phones(sandbox)) == len(set(phones(sandbox))) == rows
    assert report.exit_code == 0
    return report


# ------------------------------------------------------------------------------------- ends before the end


def test_a_token_that_is_revoked_half_way(make_csv, sandbox, connection, meet):
    path = make_csv(HEADER, *people(40))

    def revoke():
        sandbox._line._app._token = "another"

    meet("POST", "contacts", *[None] * 15, revoke)
    report = import_file(path, Options(), connection)
    assert (report.failure.key, report.exit_code, report.summary.ended) == ("not-allowed", 3, "stopped")
    assert adds_up(report, 40)
    assert report.totals[Status.CREATED] == len(sandbox.contacts()) > 0
    assert report.totals[Status.CREATED] + report.totals[Status.NOT_SENT] == 40
    sandbox._line._app._token = sandbox.token
    resumed(path, connection, sandbox, 40, report)


@pytest.mark.parametrize("existing", [False, True])
def test_a_workspace_that_is_suspended_half_way(existing, make_csv, sandbox, connection, meet):
    """Creations are told so by the server; updates say no more than that they are refused as a whole."""
    path = make_csv(HEADER, *people(40))
    if existing:
        import_file(path, Options(), connection)
        path = make_csv(HEADER, *(row.replace("Nome", "Name") for row in people(40)))

    def suspend():
        sandbox._service.suspended = True

    meet("POST", "contacts", *[None] * 15, suspend)
    report = import_file(path, Options(), connection)
    assert (report.failure.key, report.exit_code) == ("workspace-suspended", 3)
    assert adds_up(report, 40)
    went = report.totals[Status.CREATED] + report.totals[Status.UPDATED]
    assert 10 < went < 20
    assert went + report.totals[Status.NOT_SENT] == 40
    sandbox._service.suspended, sandbox.fault_plan = False, None
    again = import_file(path, Options(), connection)
    assert set(statuses(again)) == {"updated" if existing else "created"}


def test_a_server_that_cannot_be_reached_half_way(make_csv, sandbox, connection, meet):
    path = make_csv(HEADER, *people(40))
    meet("POST", "contacts", *[None] * 15, then="drop-before")
    meet("GET", "contacts", None, None, None, then="drop-before")
    meet("GET", "workspace", None, then="drop-before")
    report = import_file(path, Options(), connection)
    assert report.exit_code == 4
    assert report.failure.key == "unavailable-dropped"
    assert adds_up(report, 40)
    assert report.totals[Status.CREATED] >= 10
    resumed(path, connection, sandbox, 40, report)


def test_a_server_that_takes_no_writes_half_way(make_csv, sandbox, connection, meet):
    """It still answers what is asked, so that it would refuse one row after the other."""
    path = make_csv(HEADER, *people(40))
    meet("POST", "contacts", *[None] * 15, then="502")
    report = import_file(path, Options(), connection)
    assert (report.failure.key, report.exit_code) == ("answers-lost", 4)
    assert adds_up(report, 40)
    assert FAILING_ROWS <= report.totals[Status.REFUSED] < 2 * FAILING_ROWS
    resumed(path, connection, sandbox, 40, report)


def test_first_rows_that_are_all_refused_for_one_reason(make_csv, sandbox, connection, others):
    """Here the group that all are to join is deleted; mended, the same command does the rest."""
    path = make_csv(HEADER, *people(40))
    uuid = others.post("groups.json", json={"name": "VIP"}).json()["uuid"]

    def delete(plan):
        others.delete("groups.json", params={"uuid": uuid}).raise_for_status()
        return True

    report = import_file(path, Options(), connection, confirm=delete)
    assert (report.failure.key, report.exit_code) == ("all-refused", 2)
    assert uuid in report.failure.details["reason"]
    assert SAME_REFUSAL <= report.totals[Status.REFUSED] <= SAME_REFUSAL + 10
    assert adds_up(report, 40)
    resumed(path, connection, sandbox, 40, report)


def test_refused_rows_are_not_sent_again_by_a_run_that_goes_on(make_csv, sandbox, connection, others, meet):
    """A request for each, each time, where thousands are refused."""
    path = make_csv(HEADER, *people(5), *(row.replace("VIP", "Novo") for row in people(35, first=5)))
    uuid = others.post("groups.json", json={"name": "VIP"}).json()["uuid"]
    stop = threading.Event()

    def delete(plan):
        others.delete("groups.json", params={"uuid": uuid}).raise_for_status()
        return True

    meet("POST", "contacts", *[None] * 20, stop.set)
    first = import_file(path, Options(), connection, confirm=delete, stop=stop)
    assert first.exit_code == 4
    assert statuses(first)[:5] == ["refused"] * 5
    sandbox.fault_plan, before = None, len(sandbox.writes)
    done = first.totals[Status.CREATED]
    second = import_file(path, Options(), connection)
    assert statuses(second) == ["refused"] * 5 + ["created"] * 35
    assert len([w for w in sandbox.writes[before:] if w.path == "contacts.json"]) == 35 - done


# ------------------------------------------------------------------------------------------- broken runs


class Breaking(Listener):
    """Raises at the nth call of one of its methods."""

    def __init__(self, method, after, error):
        self._method, self._left, self._error = method, after, error

    def _count(self, method):
        if method == self._method:
            self._left -= 1
            if self._left == 0:
                raise self._error

    def waiting(self, waiting):
        self._count("waiting")  # in the thread that writes

    def done(self, requests, scope):
        self._count("done")  # in the one that waits for the others


@pytest.mark.parametrize("error", [KeyError("a fault of our own"), KeyboardInterrupt()])
@pytest.mark.parametrize("method", ["waiting", "done"])
def test_whatever_breaks_a_run_leaves_what_was_done(method, error, make_csv, sandbox, connection, meet):
    path = make_csv(HEADER, *people(30))
    meet("POST", "contacts", *[None] * 15, then="drop-after")
    meet("GET", "contacts", *[None] * 3, "500", "500", "500")
    with pytest.raises(type(error)):
        import_file(
            path, Options(), connection, listener=Breaking(method, 3 if method == "waiting" else 14, error)
        )
    assert len(sandbox.contacts()) > 10  # and the server may still be at work on what nobody waits for
    sandbox.fault_plan = None
    report = import_file(path, Options(), connection)
    assert statuses(report) == ["created"] * 30
    assert len(phones(sandbox)) == 30
    # nothing was lost of what had been done: no contact is written twice
    assert len([one for one in sandbox.writes if one.path == "contacts.json"]) == 30


def test_a_change_whose_answer_nobody_saw_is_in_the_report(make_csv, sandbox, connection, meet, others):
    """The run breaks between the server's work and its answer; the next one finds nothing left to do."""
    others.post("contacts.json", json={"name": "Antiga", "urns": ["tel:+5582900000001"]}).raise_for_status()
    path = make_csv("Name,URN:Tel,URN:Ext", "Nova,+5582900000001,a1")
    meet("POST", "contacts", "drop-after")
    with pytest.raises(KeyError):
        import_file(path, Options(), connection, listener=Breaking("waiting", 1, KeyError()))
    assert sandbox.contacts()[0]["name"] == "Nova"
    before = len(sandbox.writes)
    report = import_file(path, Options(), connection)
    ((_, line),) = report.lines()
    assert line.status is Status.UPDATED
    assert {change.attribute: (change.old, change.new) for change in line.changes} == {
        "name": ("Antiga", "Nova"),
        "urns": (("tel:+5582900000001",), ("tel:+5582900000001", "ext:a1")),
    }
    assert len(sandbox.writes) == before


def test_an_invalid_row_that_was_mended_in_the_workspace_goes_when_the_run_goes_on(
    make_csv, sandbox, connection, meet, others
):
    """What the plan shows is what is done, in a run that goes on as well."""
    uuid = others.post("contacts.json", json={"name": "Uma", "urns": ["tel:+5582900009999"]}).json()["uuid"]
    others.post("contacts.json", json={"name": "Outra", "urns": ["ext:x1"]}).raise_for_status()
    path = make_csv(
        "Name,URN:Tel,URN:Ext", "Quem,+5582900009999,x1", *(f"Nome {n},+558290000{n:04d}," for n in range(30))
    )
    stop = threading.Event()
    meet("POST", "contacts", *[None] * 10, stop.set)
    first = import_file(path, Options(), connection, stop=stop)
    assert statuses(first)[0] == "invalid"
    others.delete("contacts.json", params={"uuid": uuid}).raise_for_status()
    sandbox.fault_plan = None
    second = import_file(path, Options(), connection)
    assert second.summary.job == first.summary.job
    assert statuses(second) == ["updated"] + ["created"] * 30


# ------------------------------------------------------------------------------------------ side by side


def test_no_two_requests_write_to_one_contact_at_once(make_csv, tmp_path, clock):
    with Sandbox(SandboxOptions(rates=None, latency_ms=15)) as sandbox:
        connection = Connection(sandbox.url, sandbox.token, settle_s=0, clock=clock, sleep=clock.sleep)
        import_file(make_csv(HEADER, *people(24)), Options(), connection)
        path = make_csv(
            "Name,URN:Tel,Groups", *(f"Outro {n},+558290000{n:04d},A; B; -VIP" for n in range(24))
        )
        import_file(path, Options(), connection)
        writes = [served for served in sandbox.writes if served.contacts]
        sent_together = 0
        for one, other in ((a, b) for i, a in enumerate(writes) for b in writes[i + 1 :]):
            if one.started < other.ended and other.started < one.ended:
                sent_together += 1
                assert not one.contacts & other.contacts
        assert sent_together > 20  # the pool is at work
        groups = [served for served in sandbox.writes if served.path == "groups.json"]
        assert all(one.ended <= other.started for one, other in pairwise(groups))


def test_new_fields_and_groups_are_waited_for(make_csv, clock):
    """The practice server refuses for five seconds whoever uses them."""
    import time

    with Sandbox(
        SandboxOptions(rates=None, settle_s=5), lambda: time.time() + clock() - time.monotonic()
    ) as sandbox:
        connection = Connection(sandbox.url, sandbox.token, clock=clock, sleep=clock.sleep)
        report = import_file(make_csv(HEADER, *people(8)), Options(), connection)
        assert statuses(report) == ["created"] * 8
        assert len([w for w in sandbox.writes if w.path == "contacts.json"]) == 8
        assert 4 < sum(clock.slept) < 30


# --------------------------------------------------------------------------------------------- any faults

ROWS = (
    "Ana Exemplo,+5582900000001,ana@example.com,VIP; Turma A,Recife",
    "Bia Modelo,+5582900000002,,VIP,Natal",
    "Caio Teste,,caio@example.org,,",
    "Antiga Ficticia,+5582900000004,,VIP; -Velho,Olinda",
    "Antigo Ficticio,+5582900000005,,VIP,",
    "Ana Exemplo,+5582900000001,,Extra,",
    "Torta,123,,,",
    ",,,,Natal",
    "Sem Chave,,,VIP,",
    "Sem Chave,,,VIP,",
)
BEFORE = (
    {"name": "Antiga", "urns": ["tel:+5582900000004", "ext:a4"], "groups": ["Velho", "Fica"]},
    {"name": "Antigo Ficticio", "urns": ["tel:+5582900000005"]},
    {"name": "Sem Chave", "groups": ["Fica"]},
)
KINDS = ["drop-before", "drop-after", "500", "502", "503", "504", "429", "truncated", "html", "non-json"]


def fill(sandbox, others):
    sandbox.fault_plan = None
    sandbox.reset()
    for name in ("Velho", "Fica"):
        others.post("groups.json", json={"name": name}).raise_for_status()
    for contact in BEFORE:
        others.post("contacts.json", json=contact).raise_for_status()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.dictionaries(st.integers(1, 60), st.sampled_from(KINDS), max_size=20),
    breaks=st.lists(st.tuples(st.sampled_from(["done", "waiting"]), st.integers(1, 15)), max_size=3),
)
def test_whatever_fails_and_however_often_it_breaks_the_workspace_ends_as_in_one_clean_run(
    faults, breaks, make_csv, sandbox, connection, others, tmp_path_factory
):
    """Faults at any requests, and runs that break at any wait or progress; resumed until the end."""
    options = Options(create_without_key=True)
    path = make_csv("Name,URN:Tel,URN:Mailto,Groups,Field:City", *ROWS)
    fill(sandbox, others)
    clean = import_file(path, options, connection, state=tmp_path_factory.mktemp("clean"))
    expected = everything_of(sandbox)
    fill(sandbox, others)
    before = len(sandbox.requests)
    sandbox.fault_plan = lambda number, method, where: faults.get(number - before)
    state = tmp_path_factory.mktemp("state")
    report = None
    for where in (*breaks, None, None):
        listener = Breaking(*where, KeyError()) if where else Listener()
        # a server that answers badly at first is taken for another; then nothing has been written
        with suppress(KeyError, Unusable):
            report = import_file(path, options, connection, state=state, listener=listener)
            break
        if where is None:
            sandbox.fault_plan = None
    sandbox.fault_plan = None
    assert report.exit_code == clean.exit_code
    assert everything_of(sandbox) == expected
    assert [(o.row, o.status, o.into) for _, o in report.lines()] == [
        (o.row, o.status, o.into) for _, o in clean.lines()
    ]
    assert [o.changes for _, o in report.lines()] == [o.changes for _, o in clean.lines()]
    assert report.summary.groups_created == clean.summary.groups_created
    assert report.summary.fields_created == clean.summary.fields_created
