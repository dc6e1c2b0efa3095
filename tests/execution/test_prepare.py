"""Fields and groups are made once each, whatever becomes of the answers and whoever else makes some meanwhile."""

import pytest

from importer.api import connect
from importer.errors import NotAllowed, Unavailable, Unusable
from importer.execution.prepare import PAUSES_S, create_fields, create_groups, settle_open
from importer.journal import Journal
from importer.model import Field, Workspace
from importer.options import Options
from importer.run import import_file
from importer.sandbox import Sandbox, SandboxOptions
from importer.survey import read_workspace

CITY, AGE = Field("city", "City"), Field("age", "Age", "numeric")
LOST = ["drop-after", "504", "truncated", "non-json"]
NOT_DONE = ["drop-before", "500", "502", "503", "html"]


@pytest.fixture
def client(sandbox, clock):
    with connect(sandbox.url, sandbox.token, settle_s=0, clock=clock, sleep=clock.sleep) as client:
        client.workspace()  # a server that has answered before is trusted longer
        yield client


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "job.db") as journal:
        yield journal


def spoil(sandbox, *faults):
    """Let POSTs meet these faults, one after the other; None is none."""
    left = list(faults)
    sandbox.fault_plan = lambda number, method, path: left.pop(0) if method == "POST" and left else None


def names(sandbox):
    return [group["name"] for group in sandbox.groups()]


def test_each_is_made_once_in_order_and_noted(sandbox, client, journal, clock):
    create_fields(client, journal, [CITY, AGE], clock.sleep)
    made = create_groups(client, journal, ["VIP", "Turma A"], clock.sleep)
    assert [(field["label"], field["value_type"]) for field in sandbox.fields()] == [
        ("City", "text"),
        ("Age", "numeric"),
    ]
    assert names(sandbox) == [group.name for group in made] == ["VIP", "Turma A"]
    assert journal.open_steps("create-field", "create-group") == []
    assert journal.answers("create-field", "create-group") == [
        ("create-field", {"key": "city", "label": "City"}),
        ("create-field", {"key": "age", "label": "Age"}),
        *(("create-group", {"uuid": group.uuid, "name": group.name}) for group in made),
    ]


@pytest.mark.parametrize("fault", LOST + NOT_DONE)
def test_a_lost_answer_is_settled_by_looking(fault, sandbox, client, journal, clock):
    spoil(sandbox, fault)
    (group,) = create_groups(client, journal, ["VIP"], clock.sleep)
    assert names(sandbox) == ["VIP"]
    assert group.uuid == sandbox.groups()[0]["uuid"]
    assert journal.answers("create-group") == [("create-group", {"uuid": group.uuid, "name": "VIP"})]
    spoil(sandbox, fault)
    create_fields(client, journal, [AGE], clock.sleep)
    assert [field["label"] for field in sandbox.fields()] == ["Age"]
    assert len(sandbox.writes) == (2 if fault in LOST else 4)


def test_a_server_that_comes_back_is_waited_for(sandbox, client, journal, clock):
    spoil(sandbox, *["500"] * 4, "drop-after")
    create_groups(client, journal, ["VIP"], clock.sleep)
    assert names(sandbox) == ["VIP"]
    assert clock.slept == list(PAUSES_S[1:5])


def test_a_server_that_does_not_is_given_up(sandbox, client, journal, clock):
    spoil(sandbox, *["500"] * 100)
    with pytest.raises(Unavailable):
        create_groups(client, journal, ["VIP"], clock.sleep)
    assert len(sandbox.writes) == len(PAUSES_S)
    assert len(journal.open_steps("create-group")) == 1


def test_what_others_made_meanwhile_is_used_and_not_counted_as_ours(sandbox, client, journal, clock, others):
    others.post("groups.json", json={"name": "vip ÉLITE"}).raise_for_status()
    others.post("fields.json", json={"label": "CITY", "value_type": "text"}).raise_for_status()
    create_fields(client, journal, [CITY], clock.sleep)
    (group,) = create_groups(client, journal, ["VIP Élite"], clock.sleep)
    assert names(sandbox) == ["vip ÉLITE"]
    assert group.uuid == sandbox.groups()[0]["uuid"]
    assert journal.answers("create-field", "create-group") == []
    assert journal.open_steps("create-field", "create-group") == []


@pytest.mark.parametrize("kind", ["type", "dynamic", "label", "full"])
def test_a_refusal_is_told_in_the_server_s_words(kind, sandbox, client, journal, clock, others):
    fields, groups = (CITY,), ("VIP",)
    if kind == "type":
        others.post("fields.json", json={"label": "City", "value_type": "numeric"}).raise_for_status()
    elif kind == "dynamic":
        fields = ()
        sandbox.add_dynamic_group("vip", "age > 10")
    elif kind == "label":
        fields = (Field("acao", "Ação"),)
    else:
        fields = ()
        for number in range(250):
            others.post("groups.json", json={"name": f"G{number}"}).raise_for_status()

    def create():
        create_fields(client, journal, fields, clock.sleep)
        create_groups(client, journal, groups, clock.sleep)

    with pytest.raises(Unusable) as error:
        create()
    assert error.value.key == "creation-refused"
    assert error.value.details["name"] == (fields[0].label if fields else "VIP")
    assert error.value.details["reason"]


def test_a_suspended_workspace_is_another_matter(clock, journal):
    with Sandbox(SandboxOptions(suspended=True)) as sandbox, connect(sandbox.url, sandbox.token) as client:
        for create in (
            lambda: create_fields(client, journal, [CITY], clock.sleep),
            lambda: create_groups(client, journal, ["VIP"], clock.sleep),
        ):
            with pytest.raises(NotAllowed) as error:
                create()
            assert error.value.key == "workspace-suspended"


def test_what_an_earlier_run_did_not_see_is_settled(sandbox, client, journal, clock, others):
    """One field and one group are there, the others are not."""
    for label in ("City", "Age"):
        journal.begin("create-field", (), {"label": label, "value_type": "text"})
    for name in ("VIP", "Turma A"):
        journal.begin("create-group", (), {"name": name})
    others.post("fields.json", json={"label": "City", "value_type": "text"}).raise_for_status()
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    settle_open(journal, read_workspace(client))
    found = journal.answers("create-field", "create-group")
    assert [answer.get("label") or answer["name"] for _, answer in found] == ["City", "VIP"]
    assert journal.open_steps("create-field", "create-group") == []
    settle_open(journal, Workspace())


def test_no_contact_is_written_when_a_group_is_refused(make_csv, sandbox, connection, others):
    """The limit was reached while the plan was being read."""

    def fill(plan):
        for number in range(250):
            others.post("groups.json", json={"name": f"G{number}"}).raise_for_status()
        return True

    path = make_csv("Name,URN:Tel,Groups", "Ana Exemplo,+5582900000001,VIP", "Torta,12,VIP")
    report = import_file(path, Options(), connection, confirm=fill)
    assert (report.failure.key, report.exit_code) == ("creation-refused", 2)
    assert sandbox.contacts() == []
    assert [str(outcome.status) for _, outcome in report.lines()] == ["not-sent", "invalid"]
