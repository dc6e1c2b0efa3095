"""Runs, kills, resumes, edits by others, undo and faults in any order: what DESIGN promises holds all the same.

Rows add up in every report; no contact is doubled and none is lost; a run after a run writes nothing; what others
have made or changed stays theirs; an undo brings back what was there, where nobody has changed it since.
"""

import os
import random
import tempfile
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from importer.errors import Unusable
from importer.jobs import job_folder
from importer.options import Options
from importer.run import Connection, import_file, undo_job
from importer.sandbox import Sandbox, SandboxOptions

HEADER = "Name,URN:Tel,Groups,Field:City"
PEOPLE = range(6)
FAULTS = ("500", "502", "504", "drop-before", "drop-after", "truncated", "html", "non-json", "429")
STEPS = int(os.environ.get("STATEFUL_STEPS", "8"))
PLAYS = int(os.environ.get("WENI_PLAYS", "12"))


def phone(person):
    return f"tel:+558290000{person:04d}"


class Killed(BaseException):
    """What no run survives."""


people = st.sampled_from(PEOPLE)
NAMES, GROUPS, CITIES = ("Ana", "Bia", ""), ("", "VIP", "-VIP", "Turma"), ("", "Natal", "--")
rows = st.dictionaries(people, st.tuples(*map(st.sampled_from, (NAMES, GROUPS, CITIES))), min_size=1)
kills = st.none() | st.tuples(st.integers(1, 25), st.sampled_from(["drop-before", "drop-after"]))


class Workshop(RuleBasedStateMachine):
    """The workspace, one file at a time, and somebody else who works in the workspace.

    before: the workspace before the job in hand; None: others have changed it since. finished: the job came to its end.
    is_clean: the file is all there. notes: what others have written into a field that no file has, by UUID.
    """

    def __init__(self):
        super().__init__()
        self.sandbox = Sandbox(SandboxOptions(rates=None))
        self.sandbox.start()
        headers = {"Authorization": f"Token {self.sandbox.token}"}
        self.others = httpx.Client(
            base_url=f"{self.sandbox.url}/api/v2/", headers=headers, trust_env=False, verify=False
        )
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "contacts.csv"
        self.state = Path(self.folder.name) / "state"
        self.connection = Connection(self.sandbox.url, self.sandbox.token, settle_s=0, sleep=lambda _: None)
        self.before = None
        self.older = frozenset()  # jobs that were there before the one in hand
        self.finished = True
        self.is_clean = False
        self.notes = {}

    def teardown(self):
        self.others.close()
        self.sandbox.stop()
        self.folder.cleanup()

    # ------------------------------------------------------------------------------------------ the workspace

    def contacts(self):
        found = {}
        for contact in self.sandbox.contacts():
            fields = {key: value for key, value in contact["fields"].items() if value is not None}
            groups = sorted(group["name"] for group in contact["groups"])
            found[contact["uuid"]] = (contact["name"], tuple(contact["urns"]), tuple(groups), fields)
        return found

    def do(self, kill, work):
        """Work with the sandbox, perhaps killed at the nth request; whether it survived."""
        left = [kill[0] if kill else 0]

        def plan(number, method, path):
            if kill is None or left[0] < 0:
                return None if kill is None else "drop-before"
            left[0] -= 1
            return kill[1] if left[0] < 0 else None

        def sleep(seconds):
            if kill is not None and left[0] < 0:
                raise Killed

        self.sandbox.fault_plan = plan
        try:
            return work(replace(self.connection, sleep=sleep))
        except Killed:
            return None
        finally:
            self.sandbox.fault_plan = None

    def run(self, connection):
        report = import_file(self.path, Options(), connection, state=self.state)
        assert sum(report.totals.values()) == report.summary.rows == self.count
        return report

    # -------------------------------------------------------------------------------------------------- rules

    @initialize()
    def some_are_there(self):
        self.others.post("fields.json", json={"label": "Note", "value_type": "text"}).raise_for_status()
        self.others.post("fields.json", json={"label": "City", "value_type": "text"}).raise_for_status()
        for person in (0, 1):
            body = {"name": "Antiga", "urns": [phone(person)], "fields": {"note": f"n{person}"}}
            uuid = self.others.post("contacts.json", json=body).json()["uuid"]
            self.notes[uuid] = f"n{person}"

    @rule(wanted=rows)
    def another_file(self, wanted):
        lines = [f"{name},{phone(p)[4:]},{groups},{city}" for p, (name, groups, city) in wanted.items()]
        self.path.write_text("\n".join((HEADER, *lines)) + "\n")
        self.count, self.finished, self.before, self.is_clean = len(lines), True, None, False

    def begin(self):
        """Another job begins, unless one is to go on."""
        if self.finished:
            self.before, self.finished = self.contacts(), False
            self.older = frozenset(info.job for info in self.imports())

    def end(self, report):
        self.is_clean = report is not None and report.exit_code == 0
        self.finished = report is not None and report.summary.ended == "complete"

    @precondition(lambda self: self.path.exists())
    @rule(kill=kills)
    def run_it(self, kill):
        self.begin()
        self.end(self.do(kill, self.run))

    @precondition(lambda self: self.is_clean)
    @rule()
    def a_second_run_writes_nothing(self):
        writes = len(self.sandbox.writes)
        report = self.run(self.connection)
        assert report.exit_code == 0
        assert len(self.sandbox.writes) == writes
        self.finished, self.before = True, None

    @precondition(lambda self: self.path.exists())
    @rule(seed=st.integers(0, 999))
    def run_it_over_a_bad_line(self, seed):
        self.begin()
        chance = random.Random(seed)
        self.sandbox.fault_plan = lambda *_: chance.choice(FAULTS) if chance.random() < 0.2 else None
        try:
            report = self.run(self.connection)
        except Unusable as error:  # pages of a website were the first answers, by chance
            if error.key != "not-the-platform":
                raise
            report = None
        finally:
            self.sandbox.fault_plan = None
        self.end(report)

    @rule(person=people, note=st.sampled_from(["x", "y"]))
    def others_write_a_note(self, person, note):
        found = [uuid for uuid, (_, urns, _, _) in self.contacts().items() if phone(person) in urns]
        for uuid in found:
            body = {"fields": {"note": note}}
            self.others.post("contacts.json", params={"uuid": uuid}, json=body).raise_for_status()
            self.notes[uuid], self.before = note, None

    @rule(person=people)
    def others_make_a_contact(self, person):
        body = {"name": "Alheia", "urns": [phone(person)], "fields": {"note": "alheia"}}
        made = self.others.post("contacts.json", json=body)
        if made.status_code == 201:
            self.notes[made.json()["uuid"]] = "alheia"
            self.before, self.is_clean = None, False

    @rule(person=people)
    def others_delete_a_contact(self, person):
        for uuid, (_, urns, _, _) in self.contacts().items():
            if phone(person) in urns:
                self.others.delete("contacts.json", params={"uuid": uuid}).raise_for_status()
                self.notes.pop(uuid, None)
                self.before, self.is_clean = None, False

    @precondition(lambda self: self.job() is not None)
    @rule(kill=kills)
    def take_it_back(self, kill):
        job = self.job()

        def undo(connection):
            return undo_job(job, connection, state=self.state)

        if self.do(kill, undo) is None:
            undo(self.connection)
        if self.before is not None:
            assert self.contacts() == self.before
        self.before, self.finished, self.is_clean = None, True, False

    def imports(self):
        jobs = job_folder(self.state).jobs()
        return [info for info in jobs if info.meta.get("command", "run") == "run"]

    def job(self):
        """The job in hand, if its journal was begun and nobody has taken it back."""
        new = [info.job for info in self.imports() if info.job not in self.older and info.state != "undone"]
        return new[0] if new else None

    # ---------------------------------------------------------------------------------------------- invariants

    @invariant()
    def nobody_is_doubled(self):
        urns = [urn for _, urns, _, _ in self.contacts().values() for urn in urns]
        assert len(urns) == len(set(urns)) == len(self.contacts())

    @invariant()
    def what_others_wrote_is_there(self):
        there = self.contacts()
        assert {uuid: there[uuid][3].get("note") for uuid in self.notes} == self.notes


QUICK = settings(
    max_examples=12, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
TestQuick = Workshop.TestCase
TestQuick.settings = QUICK


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_steps():
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Workshop,
        settings=settings(
            max_examples=PLAYS, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
