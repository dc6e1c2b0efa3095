"""The only wiring, and where a tour of the code starts: check_file → plan_file → import_file; undo_job is the way back.

Each takes a path or a pandas DataFrame (the last one a job) and gives a Report. A row's way: `readers` give rows,
`mapping` and `schema` say what each column means, `check` gives records, `survey` reads what the workspace has, `plan`
decides, `execution` carries it out, `journal` remembers, `report` folds it all into the Report, which `writers` put
into files.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer.run.checking import check_file, report_of_desk, workspace_of
    from importer.run.comparing import Compared, compare_file
    from importer.run.connection import QUIET, Confirm, Connection, Listener
    from importer.run.converting import Converted, convert_file
    from importer.run.counting import Headcount, count_contacts
    from importer.run.exporting import Exported, export_contacts
    from importer.run.importing import import_file
    from importer.run.planning import plan_file
    from importer.run.undoing import undo_job

__all__ = [
    "QUIET",
    "Compared",
    "Confirm",
    "Connection",
    "Converted",
    "Exported",
    "Headcount",
    "Listener",
    "check_file",
    "compare_file",
    "convert_file",
    "count_contacts",
    "export_contacts",
    "import_file",
    "plan_file",
    "report_of_desk",
    "undo_job",
    "workspace_of",
]

_ROOMS = {
    "checking": ("check_file", "report_of_desk", "workspace_of"),
    "comparing": ("Compared", "compare_file"),
    "connection": ("QUIET", "Confirm", "Connection", "Listener"),
    "converting": ("Converted", "convert_file"),
    "counting": ("Headcount", "count_contacts"),
    "exporting": ("Exported", "export_contacts"),
    "importing": ("import_file",),
    "planning": ("plan_file",),
    "undoing": ("undo_job",),
}
"""What stands where."""


def __getattr__(name: str) -> object:
    """Load each when it is asked for: a check needs a third of what an import does."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(name)
