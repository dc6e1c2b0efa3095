"""A workspace of many contacts, for what is sent by the hundred."""

import json

import pytest

from importer.run import Connection
from importer.sandbox import Sandbox, SandboxOptions


@pytest.fixture
def crowd(tmp_path, clock):
    """A practice server with so many contacts, named and numbered; a connection, and a file that names them all."""
    servers = []

    def make(count, group="VIP", **columns):
        people = [{"name": f"Nome {n}", "urns": [f"ext:e{n}"]} for n in range(count)]
        (tmp_path / "crowd.json").write_text(json.dumps({"groups": ["Velho"], "contacts": people}))
        server = Sandbox(SandboxOptions(rates=None, preload=tmp_path / "crowd.json"))
        server.start()
        servers.append(server)
        path = tmp_path / "crowd.csv"
        header = ",".join(["URN:Ext", "Groups", *columns])
        rows = [",".join([f"e{n}", group, *columns.values()]) for n in range(count)]
        path.write_text("\n".join([header, *rows]) + "\n")
        return server, Connection(server.url, server.token, settle_s=0, clock=clock, sleep=clock.sleep), path

    yield make
    for server in servers:
        server.stop()
