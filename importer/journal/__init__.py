"""The journal: one SQLite file a job, which says what has been done, so that a stopped job can go on.

`folder` finds the journal of a job, `book` is what is written into it, `forms` how, `lock` keeps others off.
"""

from importer.journal.book import Done, Intent, Journal, Step
from importer.journal.folder import JobFolder, JobInfo, locked_files
from importer.journal.lock import Lock, Taken, is_held

__all__ = [
    "Done",
    "Intent",
    "JobFolder",
    "JobInfo",
    "Journal",
    "Lock",
    "Step",
    "Taken",
    "is_held",
    "locked_files",
]
