"""Two processes import into one workspace at once, and keep one mirror of it."""

import os

import pytest
from states import crowd

from importer.model import Status
from importer.options import Options
from importer.run import Connection, plan_file
from importer.sandbox import Sandbox, SandboxOptions

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs fork")]

CROWD, EACH, NEW = 1_200, 50, 10


def rows(of, name):
    """Some contacts that are there, some that are new; none of them the other process's."""
    old = (f"{name} {n},n{n},VIP {of}" for n in range(of * EACH, (of + 1) * EACH))
    return [*old, *(f"{name} novo {n},novo{of}{n},VIP {of}" for n in range(NEW))]


def test_two_processes_on_one_mirror(runners, tmp_path):
    """Both list what is there and write it down, then both bring it up to date, then it still is the workspace."""
    pair, state = [runners(), runners()], tmp_path / "state"
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        crowd(sandbox, CROWD)
        for name in ("Primeiro", "Segundo"):
            for of, runner in enumerate(pair):
                file = tmp_path / f"{name}-{of}.csv"
                file.write_text("\n".join(("Name,URN:Ext,Groups", *rows(of, name))) + "\n")
                runner.start(file, sandbox, state)
            assert [runner.wait() for runner in pair] == [0, 0]
            names = [contact["name"] for contact in sandbox.contacts()]
            assert sum(one.startswith(name) for one in names) == 2 * (EACH + NEW)
            assert len(names) == CROWD + 2 * NEW

        before, connection = len(sandbox.requests), Connection(sandbox.url, sandbox.token, settle_s=0)
        everything = tmp_path / "everything.csv"
        both = (*rows(0, "Segundo"), *rows(1, "Segundo"))
        everything.write_text("\n".join(("Name,URN:Ext,Groups", *both)) + "\n")
        report = plan_file(everything, Options(), connection, state=state)
        assert report.totals[Status.UNCHANGED] == len(both)
        assert report.summary.costs.ways.taken == "update"
        assert len(sandbox.requests) - before <= 6
