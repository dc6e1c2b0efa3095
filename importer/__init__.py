"""Brings contacts from spreadsheets into a Weni workspace, every row accounted for.

```python
from importer import Connection, Options, check_file, import_file, plan_file

report = check_file("contacts.csv", Options(country="BR"))
report = import_file("contacts.csv", Options(), Connection("https://flows.weni.ai", token))
report.to_frame()
```
"""

from typing import TYPE_CHECKING

from importer.model import Status
from importer.options import Options

if TYPE_CHECKING:
    from importer.report import Report
    from importer.run import Connection, Listener, check_file, import_file, plan_file, undo_job

__all__ = [
    "Connection",
    "Listener",
    "Options",
    "Report",
    "Status",
    "check_file",
    "import_file",
    "plan_file",
    "undo_job",
]


def __getattr__(name: str) -> object:
    """Load the rest when it is asked for: `import importer` alone costs a few milliseconds."""
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module("importer.report" if name == "Report" else "importer.run"), name)
