"""A plan of a file for a workspace that has its contacts already, as a mirror tells; one of ten has another name.

`python planning.py mirror FILE.csv URL STATE` makes the mirror in the folder STATE as a listing of those contacts
would, `python planning.py plan FILE.csv URL STATE` the plan. At URL runs `answering.py`, whose workspace is
`WORKSPACE`.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from uuid import UUID

from importer.collecting import collect_seldom
from importer.decisions import Rules, decide
from importer.examine import examine
from importer.jobs import mirror_folder
from importer.mirror import Mirror, micros_of, path_of
from importer.model import Contact, Workspace
from importer.options import Options
from importer.run import Connection, plan_file, workspace_of
from importer.snapshot import Snapshot
from importer.steps import CreateContact

OPTIONS = Options(country="BR")
WORKSPACE = "11111111-2222-4333-8444-555555555555"
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
OTHERS = 10
"""One of so many contacts has another name than the file says."""
AT_ONCE = 1000


def make_mirror(path: Path, url: str, state: Path) -> None:
    """The mirror of a workspace that has the contacts of the file."""
    workspace = workspace_of(Connection(url, "token"))
    contacts = contacts_of(path, workspace)
    mirror = Mirror(path_of(mirror_folder(state), url, workspace), workspace)
    walk = mirror.begin_listing()
    while some := list(islice(contacts, AT_ONCE)):
        mirror.put(some, walk)
    # nothing has been changed for long when the plan is made
    until = micros_of((BEGINNING + timedelta(days=365)).isoformat())
    mirror.end_listing(walk, until, until)
    mirror.take_counts(workspace.groups)


def contacts_of(path: Path, workspace: Workspace) -> Iterator[Contact]:
    """What an import of the file would have made."""
    examined = examine(path, OPTIONS, workspace)
    check = examined.require_check()
    rules = Rules.of(check.schema, workspace, examined.options)
    numbers, groups = count(1), {group.name: group for group in workspace.groups}
    for record in check.records():
        if isinstance(decide(record, Snapshot(), rules).step, CreateContact):
            number, wanted = next(numbers), record.wanted
            moment = f"{BEGINNING + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S.%fZ}"
            yield Contact(
                str(UUID(int=number)),
                str(wanted.name) if number % OTHERS else "Outro Nome",
                str(wanted.language),
                wanted.urns,
                tuple(groups[name] for name in wanted.groups),
                {field.key: wanted.fields.get(field.key) for field in workspace.fields},
                created_on=moment,
                modified_on=moment,
            )


def make_plan(path: Path, url: str, state: Path) -> None:
    """The plan, in a process of its own, as on the command line."""
    collect_seldom()
    report = plan_file(path, OPTIONS, Connection(url, "token"), state=state)
    ways = report.summary.costs.ways if report.summary.costs else None
    print({str(status): count for status, count in report.totals.items() if count}, ways)


if __name__ == "__main__":
    {"mirror": make_mirror, "plan": make_plan}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
