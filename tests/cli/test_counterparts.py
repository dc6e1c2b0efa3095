"""Deleting, renaming and acting on contacts by the importer's own commands: what the API promises of each.

One series for each of the API's chapters: groups are changed, contacts are deleted, contacts join and leave groups by
the hundred, contacts are blocked and deleted by the hundred. Every step is a command, and what it leaves is looked at
in the workspace.
"""

import json

import pytest

UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
def command(weni, sandbox, monkeypatch):
    """Calls a command on the practice workspace."""
    monkeypatch.setenv("WENI_URL", sandbox.url)
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)
    return weni


@pytest.fixture
def run(command, make_csv, sandbox):
    """Imports rows: the status of each, the codes of what is wrong by row, and how many requests wrote."""

    def call(*lines, options=()):
        path = make_csv(*lines)
        sandbox.requests.clear()
        command("run", path, "--yes", "--allow-delete", "1000", "--output", "report", *options)
        rows = [json.loads(line) for line in (path.parent / "report/report.jsonl").read_text().splitlines()]
        codes = {row["row"]: [issue["code"] for issue in row["issues"]] for row in rows if row["issues"]}
        return [row["status"] for row in rows], codes, len(sandbox.writes)

    return call


def people(sandbox):
    return {contact["urns"][0]: contact for contact in sandbox.contacts()}


def groups(sandbox):
    return {group["name"]: group["count"] for group in sandbox.groups()}


def of(contact):
    return sorted(group["name"] for group in contact["groups"])


def test_groups_are_changed(command, run, sandbox):
    """Renamed and deleted, their members follow; what the API would refuse is told, and nothing is changed."""
    assert command("groups", "create", "Azul").code == command("groups", "create", "Verde").code == 0
    assert run("Name,URN:Ext,Groups", "Gil,gil,Azul; Verde")[0] == ["created"]
    assert command("groups", "rename", "Azul", "Anil").code == 0
    assert groups(sandbox) == {"Anil": 1, "Verde": 1}
    assert command("groups", "rename", "Anil", "ANIL").code == 0, "its own name in other case"
    assert of(people(sandbox)["ext:gil"]) == ["ANIL", "Verde"]
    for name in ("verde", " ", "-x", "k" * 65):
        assert command("groups", "rename", "ANIL", "--", name).code == 2, name
    for group in (UNKNOWN, "abc"):
        assert command("groups", "rename", group, "Z").code == 2
    assert command("groups", "create", "Azul").code == 0, "the old name is free"
    assert groups(sandbox) == {"ANIL": 1, "Verde": 1, "Azul": 0}
    assert command("groups", "delete", "ANIL", "--yes").code == 0
    assert command("groups", "delete", "ANIL", "--yes").code == 2, "deleted already"
    assert (groups(sandbox), of(people(sandbox)["ext:gil"])) == ({"Verde": 1, "Azul": 0}, ["Verde"])
    given = run("URN:Ext,Groups", "gil,ANIL", options=["--new-groups", "error"])
    assert given == (["invalid"], {2: ["group-unknown"]}, 0)


def test_contacts_are_deleted(run, sandbox, others):
    """A shell is left, the URNs are free at once, and who is not there is skipped."""
    made = run(
        "Name,Language,URN:Tel,URN:Ext,Groups,Field:Apelido",
        "Ana,por,+5582993370001,ana,Azul,An",
        "Bia,,,bia,,",
    )
    assert made[0] == ["created", "created"]
    ana = people(sandbox)["tel:+5582993370001"]["uuid"]
    assert run("Contact UUID,Action", f"{ana},delete") == (["deleted"], {}, 1)
    assert run("Contact UUID,Action", f"{ana},delete") == (["skipped"], {2: ["contact-absent"]}, 0)
    (shell,) = others.get("contacts.json", params={"deleted": "true"}).json()["results"]
    assert (shell["uuid"], shell["name"], shell["urns"], shell["groups"]) == (ana, None, [], [])
    assert groups(sandbox) == {"Azul": 0}
    changed = run("Contact UUID,Name", f"{ana},Ana")
    assert changed == (["invalid"], {2: ["uuid-not-found"]}, 0)
    assert run("Name,URN:Ext", "Ana de novo,ana")[0] == ["created"]
    again = people(sandbox)["ext:ana"]
    assert again["uuid"] != ana
    assert again["fields"] == {"apelido": None}
    assert run("URN:Tel", "+5582993370001")[0] == ["created"], "its other URN can be given"
    assert run("URN:Ext,Action", "bia,delete") == (["deleted"], {}, 1)
    assert run("URN:Ext,Action", "bia,delete") == (["skipped"], {2: ["contact-absent"]}, 0)
    nobody = run(
        "Contact UUID,URN:Ext,URN:Tel,Action",
        f"{UNKNOWN},,,delete",
        "abc,,,delete",
        ",nada,,delete",
        ",,12,delete",
        ",,,delete",
        f"{again['uuid']},,+5582993370001,delete",
    )
    assert nobody == (
        ["skipped", "invalid", "skipped", "invalid", "invalid", "invalid"],
        {
            2: ["contact-absent"],
            3: ["uuid-invalid"],
            4: ["contact-absent"],
            5: ["phone-invalid"],
            6: ["row-no-key"],
            7: ["row-conflict"],
        },
        0,
    )
    assert {*people(sandbox)} == {"ext:ana", "tel:+5582993370001"}


def test_contacts_join_and_leave_groups_by_the_hundred(command, run, sandbox):
    """All or none is the API's; the importer leaves out who cannot, and sends nothing that changes nothing."""
    crowd = [f"C{n},c{n},+55829933800{n:02}" for n in range(100)]
    run("Name,URN:Ext,URN:Tel", *crowd, "Fora,fora,")
    command("groups", "create", "Azul")
    command("groups", "create", "Verde")
    joining = ("URN:Ext,Groups", *(f"c{n},Azul" for n in range(100)))
    assert run(*joining) == (["updated"] * 100, {}, 1)
    assert groups(sandbox)["Azul"] == 100
    assert run(*joining) == (["unchanged"] * 100, {}, 0), "already in it"
    assert run(*joining, "fora,Azul")[2] == 1
    assert (
        run("URN:Ext,Groups", *(f"c{n},Verde" for n in range(2, 100)), "c0,verde", "c1,VERDE", "fora,Verde")[
            2
        ]
        == 2
    )
    assert run("URN:Ext,Groups", *(f"c{n},-Verde" for n in range(1, 99)), "c0,-verde", "fora,-Verde")[2] == 1
    uuid = people(sandbox)["ext:c1"]["uuid"]
    twice = run("Contact UUID,URN:Ext,Groups", f"{uuid},,Verde", ",c1,verde", ",c2,Verde")
    assert twice == (["updated"] * 3, {3: ["row-repeated"]}, 1)
    assert groups(sandbox) == {"Azul": 101, "Verde": 3}
    unknown = run("Contact UUID,URN:Ext,Groups", f"{UNKNOWN},,Verde", ",c3,Verde")
    assert unknown == (["invalid", "updated"], {2: ["uuid-not-found"]}, 1)
    number = run("URN:Tel,Groups", "55 82 99338-0004,Verde")
    assert number[0] == ["updated"]
    assert of(people(sandbox)["ext:c4"]) == ["Azul", "Verde"]
    left = run("URN:Ext,Groups", "c1,-Azul", "c5,-Azul")
    assert left == (["updated"] * 2, {}, 1)
    assert run("URN:Ext,Groups", "c1,-Azul") == (["unchanged"], {}, 0), "not in it"
    assert of(people(sandbox)["ext:c1"]) == ["Verde"]
    assert groups(sandbox)["Azul"] == 99
    sandbox.add_dynamic_group("Adultos", "age > 17")
    assert run("URN:Ext,Groups", "c1,Adultos") == (["invalid"], {2: ["group-dynamic"]}, 0)


def test_contacts_are_blocked_and_deleted_by_the_hundred(command, run, sandbox):
    """Blocking takes a contact out of all groups; a blocked one can be in none; unblocking brings none back."""
    command("fields", "create", "Apelido")
    run("Name,URN:Ext,Groups", *(f"C{n},c{n},Azul" for n in range(100)))
    command("groups", "create", "Verde")
    block = ("URN:Ext,Action", *(f"c{n},block" for n in range(100)))
    assert run(*block) == (["updated"] * 100, {}, 1)
    assert all(contact["blocked"] and not contact["groups"] for contact in sandbox.contacts())
    assert groups(sandbox) == {"Azul": 0, "Verde": 0}
    assert run(*block) == (["unchanged"] * 100, {}, 0)
    assert run("URN:Ext,Groups", "c0,Azul") == (["invalid"], {2: ["contact-blocked"]}, 0)
    assert run("URN:Ext,Name,Field:Apelido", "c0,C zero,Z") == (["updated"], {}, 1), "anything else"
    assert run("URN:Ext,Groups", "c0,-Azul") == (["unchanged"], {}, 0)
    assert run("URN:Ext,Action", "c0,unblock", "c1,unblock", "c2,unblock") == (["updated"] * 3, {}, 1)
    for urn in ("ext:c0", "ext:c1"):
        assert (people(sandbox)[urn]["blocked"], people(sandbox)[urn]["groups"]) == (False, [])
    mixed = run("URN:Ext,Groups", "c1,Verde", "c3,Verde")
    assert mixed == (["updated", "invalid"], {3: ["contact-blocked"]}, 1)
    assert of(people(sandbox)["ext:c1"]) == ["Verde"]
    sandbox.set_status(people(sandbox)["ext:c2"]["uuid"], "stopped")
    assert run("URN:Ext,Action", "c2,unblock") == (["updated"], {}, 1), "a stopped one, too"
    assert people(sandbox)["ext:c2"]["stopped"] is False
    delete = ("URN:Ext,Action", *(f"c{n},delete" for n in range(100)))
    assert run(*delete) == (["deleted"] * 100, {}, 1)
    assert sandbox.contacts() == []
    assert run(*delete)[0] == ["skipped"] * 100
    assert run("URN:Ext,Action", "c0,block", "c1,unblock") == (
        ["invalid"] * 2, {2: ["contact-missing"], 3: ["contact-missing"]}, 0,
    )  # fmt: skip
