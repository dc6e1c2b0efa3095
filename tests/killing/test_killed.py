"""kill -9 at every request, before and after the server did its work: the next run ends as one clean run does."""

import json
import os
import random
import signal
import sys
import threading

import pytest
from states import everything_of, state_of

from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.contacts import make_contact

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")

HEADER = "Name,URN:Tel,URN:Mailto,Groups,Field:City,Action"
ROWS = (
    "Ana Exemplo,+5582900000001,ana@example.com,VIP; Turma A,Recife",
    "Bia Modelo,+5582900000002,,,Natal",
    "Antiga Ficticia,+5582900000004,,VIP; -Velho,Olinda",
    "Antigo Ficticio,+5582900000005,,VIP,",
    "Nova,+5582900000006,nova@example.com,,Natal",
    "Torta,123,,,",
    "Sem Chave,,,VIP,",
    "Sem Chave,,,VIP,",
)
ACTS = (
    ",+5582900000011,,,,delete",
    ",,vai@example.com,,,excluir",
    ",+5582900000099,,,,delete",
    ",+5582900000013,,,,block",
    ",+5582900000014,,,,unblock",
)
KEYLESS = {"create_without_key": True, "allow_delete": None}
BEFORE = (
    {"name": "Antiga", "urns": ["tel:+5582900000004", "ext:a4"], "groups": ["Velho", "Fica"]},
    {"name": "Antigo Ficticio", "urns": ["tel:+5582900000005"]},
    {"name": "Velha", "urns": ["tel:+5582900000006"]},
    {"name": "Sem Chave"},
    {"name": "Sai", "urns": ["tel:+5582900000011"], "groups": ["Fica"]},
    {"name": "Vai", "urns": ["mailto:vai@example.com"]},
    {"name": "Barrada", "urns": ["tel:+5582900000013"], "groups": ["Fica"]},
    {"name": "Liberada", "urns": ["tel:+5582900000014"]},
)


def fill(sandbox: Sandbox) -> None:
    import httpx

    sandbox.reset()
    headers = {"Authorization": f"Token {sandbox.token}"}
    with httpx.Client(
        base_url=f"{sandbox.url}/api/v2/", headers=headers, trust_env=False, verify=False
    ) as client:
        for name in ("Velho", "Fica"):
            client.post("groups.json", json={"name": name}).raise_for_status()
        for contact in BEFORE:
            client.post("contacts.json", json=contact).raise_for_status()
        barred = {"contacts": ["tel:+5582900000014"], "action": "block"}
        client.post("contact_actions.json", json=barred).raise_for_status()


@pytest.mark.timeout(400)  # the machine may have much else to do
@pytest.mark.parametrize(
    ("rows", "totals"),
    [(ROWS, {"created": 4, "updated": 3, "invalid": 1}), (ACTS, {"deleted": 2, "updated": 2, "skipped": 1})],
    ids=["written", "acted-on"],
)
def test_killed_at_any_request(rows, totals, killed_everywhere, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_text("\n".join((HEADER, *rows)) + "\n")
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        fill(sandbox)
        kills = killed_everywhere(file, sandbox, options=KEYLESS)
        _, report = next(kills)
        clean = everything_of(sandbox)
        assert {status: count for status, count in report["totals"].items() if count} == totals
        assert len(sandbox.requests) >= 8
        for where, again in kills:
            assert everything_of(sandbox) == clean, where
            assert [(one["row"], one["status"]) for one in again["lines"]] == [
                (one["row"], one["status"]) for one in report["lines"]
            ], where


ROWS_MANY, KILLS = 2000, int(os.environ.get("WENI_KILLS", "100"))
KINDS = ("drop-before", "drop-after", "500", "502", "504", "truncated", "html", "non-json")
OLD = range(100, 1900, 3)
"""Numbers of the contacts that are there before, and so join groups by the hundred."""


def many_rows(chance: random.Random) -> list[str]:
    """New contacts, changed ones, and some that only their content tells apart."""
    rows = [
        f"Nome {n},+558290000{n:04d},{chance.choice(['VIP', 'VIP; Turma A', ''])},Recife"
        for n in range(100, 100 + ROWS_MANY - 20)
    ]
    return rows + ["Sem Chave,,VIP,"] * 10 + [f"Sem Chave {n % 3},,,Natal" for n in range(10)]


def fill_many(sandbox: Sandbox) -> None:
    fill(sandbox)
    for n in OLD:
        make_contact(sandbox._service, {"name": f"Antigo {n}", "urns": [f"tel:+558290000{n:04d}"]})


def brought_in(before: list[dict], rows: list[str]) -> tuple[list[dict], list[str]]:
    """The workspace with the rows in it, and what becomes of each row."""
    there, statuses = [dict(contact) for contact in before], []
    by_urn = {urn: contact for contact in there for urn in contact["urns"]}
    for row in rows:
        name, tel, groups, city = row.split(",")
        contact = by_urn.get(f"tel:{tel}")
        statuses.append("updated" if contact else "created")
        if contact is None:
            urns = [f"tel:{tel}"] if tel else []
            contact = {"name": "", "language": None, "urns": urns, "status": "active", "groups": []}
            there.append(contact)
        joined = filter(None, groups.split("; "))
        contact |= {"name": name, "fields": {"city": city} if city else {}}
        contact["groups"] = sorted({*contact["groups"], *joined})
    return sorted(there, key=str), statuses


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_again_and_again(runner, tmp_path):
    """One job of 2,000 rows is killed at 100 random moments, over a line on which one write in ten fails.

    So it goes on a hundred times where it was; what it ends with is what one clean run would have ended with.
    Every other time it is killed just where a request arrives, else some milliseconds later, whatever it does then.
    """
    chance = random.Random(2)
    file, rows = tmp_path / "contacts.csv", many_rows(chance)
    file.write_text("\n".join(("Name,URN:Tel,Groups,Field:City", *rows)) + "\n")
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        fill_many(sandbox)
        expected, statuses = brought_in(state_of(sandbox, "")[0], rows)
        kills, strike_at = 0, chance.randint(10, 40)
        timers = list[threading.Timer]()

        def fail_or_strike(count, method, path):
            nonlocal strike_at
            if kills < KILLS and count >= strike_at:
                strike_at = sys.maxsize  # until it has been started again
                if chance.random() < 0.5:
                    runner.kill()
                    return chance.choice(["drop-before", "drop-after"])
                timers.append(threading.Timer(chance.random() / 50, runner.kill))
                timers[-1].start()
            # the first requests of each run go well: a server that never answered is given up soon
            return chance.choice(KINDS) if method == "POST" and chance.random() < 0.1 else None

        sandbox.fault_plan = fail_or_strike
        ended = -signal.SIGKILL
        while ended == -signal.SIGKILL:
            runner.start(file, sandbox, tmp_path / "state", options=KEYLESS)
            ended = runner.wait()
            for timer in timers:
                timer.join()
            kills += ended == -signal.SIGKILL
            done = sum(request.wrote for request in sandbox.requests if request.path == "contacts.json")
            # spread over all that is left, whatever is left
            apart = max(5, (ROWS_MANY - done) // (KILLS - kills + 1))
            strike_at = len(sandbox.requests) + chance.randint(5, 5 + apart)
        assert ended == 0
        assert kills == KILLS
        assert state_of(sandbox, "")[0] == expected
        report = json.loads(runner.result.read_text())
        assert sum(report["totals"].values()) == ROWS_MANY
        assert [(one["row"], one["status"]) for one in report["lines"]] == list(enumerate(statuses, 2))
        assert len({line["uuid"] for line in report["lines"]}) == ROWS_MANY
