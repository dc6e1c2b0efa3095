"""English: removing what is kept."""

SENTENCES: dict[str, str] = {
    "purge.journal": "{count:,} {count:journal|journals}",
    "purge.mirror": "{count:,} {count:mirror|mirrors}",
    "purge.export": "{count:,} {count:stopped export|stopped exports}",
    "purge.page": "{count:,} {count:file of the page|files of the page}",
    "purge.copy": "{count:,} {count:copy of a file|copies of files}",
    "purge.size": "{what} ({number:.} {unit})",
    "purge.question": "{what}: remove this? A job without its journal cannot go on or be taken back.",
    "purge.removed": "Removed: {what}.",
    "purge.nothing": "Nothing was removed.",
    "purge.in-use": "Kept, as a running import, or the page, uses it: {what}.",
}
