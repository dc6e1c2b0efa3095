"""A plan of a file against a workspace that has its contacts already, in a mirror; a tenth of them has another name.

`python planning.py workspace FILE.csv PRELOAD.json` writes what a practice server is filled with; with such a server
running, `python planning.py plan FILE.csv URL STATE` makes the plan. The first one fills the mirror in the folder
STATE.
"""

import json
import os
import sys
import time
from pathlib import Path

from importer.examine import examine
from importer.options import Options
from importer.plan import CreateContact, Rules, decide
from importer.run import Connection, plan_file
from importer.snapshot import Snapshot

OPTIONS = Options(country="BR")
TOKEN = "sandbox"
OTHERS = 10
"""One of so many contacts has another name."""


def write_workspace(path: Path, preload: Path) -> None:
    """What a practice server is filled with: the contacts that the file would make."""
    examined = examine(path, OPTIONS)
    check = examined.require_check()
    rules = Rules.of(check.schema, examined.workspace, examined.options)
    steps = (decide(record, Snapshot(), rules).step for record in check.records())
    bodies = [dict(step.body) for step in steps if isinstance(step, CreateContact)]
    for body in bodies[::OTHERS]:
        body["name"] = "Outro Nome"
    fields = [
        {
            "key": column.target.name,
            "label": column.target.label or column.target.name,
            "value_type": column.value_type,
        }
        for column in check.schema.columns
        if column.target.kind == "field"
    ]
    names = sorted({name for body in bodies for name in body.get("groups", ())})
    content = {"country": "BR", "timezone": "UTC", "fields": fields, "groups": names, "contacts": bodies}
    preload.write_text(json.dumps(content), encoding="utf-8")


def make_plan(path: Path, url: str, state: Path) -> None:
    """The plan, and what it took."""
    began = time.monotonic()
    report = plan_file(path, OPTIONS, Connection(url, TOKEN), state=state)
    used = os.times()
    totals = {str(status): count for status, count in report.totals.items() if count}
    print(
        f"{used.user + used.system:.2f} s, {time.monotonic() - began:.2f} s elapsed",
        totals,
        report.summary.reads,
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["workspace", path, preload]:
            write_workspace(Path(path), Path(preload))
        case ["plan", path, url, state]:
            make_plan(Path(path), url, Path(state))
