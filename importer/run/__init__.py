"""The only wiring, and where a tour of the code starts: check_file → plan_file → import_file; undo_job is the way back.

Each takes a path or a pandas DataFrame (the last one a job) and gives a Report. A row's way: `readers` give rows,
`mapping` and `schema` say what each column means, `check` gives records, `survey` reads what the workspace has, `plan`
decides, `execution` carries it out, `journal` remembers, `report` folds it all into the Report, which `writers` put
into files.
"""

from importer.run.checking import check_file, checked, report_of_desk, workspace_of
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
    "checked",
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
