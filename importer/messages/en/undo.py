"""English: taking an import back, on the terminal."""

SENTENCES: dict[str, str] = {
    "undo.title.plan": "To be taken back of job {job} in workspace {workspace}",
    "undo.title.result": "Job {job} taken back in workspace {workspace}",
    "undo.title.kept": "Kept",
    "undo.plan.deleted": "{count:contact|contacts} to delete: created by the import",
    "undo.plan.updated": "{count:contact|contacts} to restore",
    "undo.plan.unchanged": "as before the import already",
    "undo.plan.kept": "kept, at least in part: changed by somebody else since",
    "undo.done.deleted": "deleted",
    "undo.done.updated": "restored",
    "undo.done.unchanged": "as before the import already",
    "undo.done.kept": "kept, at least in part: changed by somebody else since",
    "undo.done.refused": "refused by the platform",
    "undo.done.not-sent": "not taken back yet",
    "undo.groups-to-delete": "Groups to delete, empty by then ({count}): {names}",
    "undo.groups-deleted": "Groups deleted ({count}): {names}",
    "undo.groups-kept": "Groups of the import that stay, not empty or changed since ({count}): {names}",
    "undo.fields-kept": "Fields of the import that stay, as the platform cannot delete any ({count}): {names}",
    "undo.go-on": "Take this back?",
    "undo.nothing-sent": "Nothing was taken back. The plan in full:",
    "undo.of": "undo of {job}",
}
