"""English: exports, conversions, comparisons."""

SENTENCES: dict[str, str] = {
    "export.sheet": "Contacts",
    "export.own.status": "Status",
    "export.own.urns": "Other URNs",
    "export.own.active": "active",
    "export.own.blocked": "blocked",
    "export.own.stopped": "stopped",
    "export.done": "{count:,} {count:contact|contacts} of workspace {workspace}",
    "export.blanks": "{count:,} {count:cell was|cells were} left blank, because no cell says just what the contact has; imported again, it stays as it is:",
    "export.blank": "{file}, row {row}, {header}: {value}",
    "export.more": "… and {count:,} more",
}
