"""Runs imports in processes that may be killed: reads a job a line, forks, tells how the child ended.

A fork of a process that has everything loaded takes some milliseconds, a new interpreter half a second.
"""

import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import importer.execution.execute
import importer.execution.prepare
import importer.survey
import importer.writers  # noqa: F401
from importer.options import Options
from importer.run import Connection, check_file, import_file
from importer.run.connection import connected

PAUSE = 0.01
"""Of each pause so much is waited for."""


def work(job: dict) -> None:
    for name, value in job.get("set", {}).items():
        module, _, name = name.rpartition(".")
        setattr(sys.modules[module], name, value)
    # pauses between tries are short here: what is tried are kills, not patience
    connection = Connection(job["url"], job["token"], settle_s=0, sleep=lambda s: time.sleep(s * PAUSE))
    options = Options(**job.get("options", {}))
    report = import_file(Path(job["file"]), options, connection, state=Path(job["state"]))
    lines = [
        {
            "row": row.number,
            "status": str(o.status),
            "uuid": o.uuid,
            "issues": [issue.code for issue in o.issues],
        }
        for row, o in report.lines()
    ]
    result = {
        "exit_code": report.exit_code,
        "lines": lines,
        "totals": dict(report.totals),
        "job": report.summary.job,
        "definitions": [[*line.place, str(line.outcome.status)] for line in report.definitions],
    }
    Path(job["result"]).write_text(json.dumps(result))


with tempfile.TemporaryDirectory() as folder:
    sample = Path(folder) / "sample.csv"
    sample.write_text(
        "Name,URN:Tel,URN:Mailto,Groups,Field:City\nAna,+5582900000001,ana@example.com,VIP,Recife\n"
    )
    check_file(sample)  # loads what is loaded late
with connected(Connection("http://127.0.0.1:9", "t" * 40)):
    pass
gc.freeze()  # what is loaded is not looked through again by every child

for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        try:
            work(job)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    print(json.dumps({"child": child}), flush=True)
    _, status = os.waitpid(child, 0)
    print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)
