"""What --json prints: one document for each command, for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from importer.definitions.planning import checked
from importer.errors import Differs, ImporterError
from importer.examine import Examined
from importer.issues import Issue
from importer.messages import Catalogue
from importer.model import LEAVE, DefinitionLine, Field, FileInfo, Group, MappedColumn, Record, Wanted
from importer.report import Report

if TYPE_CHECKING:
    from importer.journal import JobInfo
    from importer.presets import Preset
    from importer.purging import Kept
    from importer.run import Compared, Converted, Exported

VERSION = 1

Json = dict[str, Any]


def document_of_check(examined: Examined, words: Catalogue, *, with_records: bool) -> Json:
    """A check: the file, its columns, issues of the file, totals and, if asked for, every row.

    The rows are made one by one as `lines_of` comes to them.
    """
    check = examined.check
    rows = check.totals.rows if check else {}
    totals = {status: rows.get(status, 0) for status in ("valid", "merged", "skipped", "invalid")}
    document: Json = {
        "version": VERSION,
        "command": "check",
        "file": _file(examined.table.info),
        "columns": [_column(mapped) for mapped in examined.mapping.columns],
        "issues": [issue_document(issue, words) for issue in examined.issues],
        "definitions": [
            definition_line_document(line, words) for line in checked(examined.definitions.lines)
        ],
        "blocked": check is None,
        "totals": {"rows": sum(totals.values()), **totals},
    }
    if with_records:
        document["rows"] = (_record(record, words) for record in check.records()) if check else []
    return document


def document_of_unusable(
    issue: Issue, info: FileInfo | None, path: str, words: Catalogue, *, with_records: bool
) -> Json:
    """A check of a file that cannot be read at all."""
    document: Json = {
        "version": VERSION,
        "command": "check",
        "file": _file(info or FileInfo(path, "")),
        "columns": [],
        "issues": [issue_document(issue, words)],
        "definitions": [],
        "blocked": True,
        "totals": dict.fromkeys(("rows", "valid", "merged", "skipped", "invalid"), 0),
    }
    return {**document, "rows": []} if with_records else document


def document_of_report(report: Report, words: Catalogue) -> Json:
    """A plan or an import: its totals, and where the whole report is."""
    summary = report.summary
    return {
        "version": VERSION,
        "command": summary.command,
        "job": summary.job or None,
        "undoes": summary.undoes or None,
        "ended": summary.ended,
        "exit_code": report.exit_code,
        "file": _file(summary.file),
        "workspace": summary.workspace,
        "url": summary.url,
        "rows": summary.rows,
        "totals": {str(status): count for status, count in summary.totals.items()},
        "fields_created": list(summary.fields_created),
        "groups_created": list(summary.groups_created),
        "groups_deleted": list(summary.groups_deleted),
        "groups_kept": list(summary.groups_kept),
        "fields_kept": list(summary.fields_kept),
        "definitions": [definition_line_document(line, words) for line in report.definitions],
        "requests": {"reads": summary.reads, "writes": summary.writes},
        "estimate_s": summary.estimate_s,
        "costs": to_builtins(summary.costs) if summary.costs else None,
        "countries": dict(summary.countries),
        "acts": dict(summary.acts),
        "issues": [issue_document(issue, words) for issue in report.issues],
        "verified": summary.verified,
        "differs": summary.differs,
        "rows_by_issue": dict(summary.issues),
        "error": _error(report.failure, words) if report.failure else None,
        "files": [str(path) for path in report.files],
    }


def definition_line_document(line: DefinitionLine, words: Catalogue) -> Json:
    """A row of the sheets Fields and Groups, and what came, or would come, of it."""
    outcome = line.outcome
    return {
        "sheet": line.sheet,
        "row": outcome.row,
        "kind": line.kind,
        "name": line.name,
        "uuid": outcome.uuid,
        "status": str(outcome.status),
        "changes": [{"attribute": one.attribute, "old": one.old, "new": one.new} for one in outcome.changes],
        "issues": [issue_document(issue, words) for issue in outcome.issues],
    }


def document_of_export(exported: "Exported") -> Json:
    """An export: its files, and the cells that could not be filled."""
    return {
        "version": VERSION,
        "command": "export",
        "exit_code": 0,
        "workspace": exported.workspace,
        "url": exported.url,
        "contacts": exported.contacts,
        "files": [str(path) for path in exported.files],
        "headers": list(exported.headers),
        "blank_cells": exported.blank_cells,
        "blanks": [
            {
                "file": one.file,
                "row": one.row,
                "uuid": one.blank.uuid,
                "header": one.blank.header,
                "value": one.blank.value,
            }
            for one in exported.blanks
        ],
        "requests": {"reads": exported.reads, "writes": 0},
    }


def document_of_diff(compared: "Compared", words: Catalogue) -> Json:
    """A comparison: how rows stand, how many cells differ, where all of it is."""
    from importer.differences import Standing

    absent = {"group": compared.group, "contacts": compared.absent} if compared.group is not None else None
    return {
        "version": VERSION,
        "command": "diff",
        "exit_code": compared.exit_code,
        "file": _file(compared.file),
        "workspace": compared.workspace,
        "url": compared.url,
        "rows": sum(compared.rows.values()),
        "totals": {one.value: compared.rows.get(one, 0) for one in Standing},
        "cells": compared.cells,
        "absent": absent,
        "issues": [issue_document(issue, words) for issue in compared.issues],
        "requests": {"reads": compared.reads, "writes": 0},
        "files": [str(path) for path in compared.files],
    }


def document_of_conversion(converted: "Converted", words: Catalogue) -> Json:
    """A conversion: what its files hold, and what they leave."""
    return {
        "version": VERSION,
        "command": "convert",
        "exit_code": 0,
        "file": _file(converted.file),
        "workspace": converted.workspace,
        "url": converted.url,
        "asked": converted.asked,
        "rows": converted.rows,
        "new": converted.new,
        "changed": converted.changed,
        "afterwards": converted.afterwards,
        "left_out": converted.left_out,
        "combinations": converted.combinations,
        "uploads": [
            {"file": str(upload.path), "records": upload.records, "groups": list(upload.groups)}
            for upload in converted.uploads
        ],
        "sequences": [list(pair) for pair in converted.sequences],
        "issues": [issue_document(issue, words) for issue in converted.issues],
        "requests": {"reads": converted.reads, "writes": 0},
        "files": [str(path) for path in converted.files],
    }


def document_of_template(path: Path) -> Json:
    """A template."""
    return {"version": VERSION, "command": "template", "exit_code": 0, "files": [str(path)]}


def document_of_sandbox(url: str, token: str) -> Json:
    """A practice server that is ready."""
    return {"version": VERSION, "command": "sandbox", "url": url, "token": token}


def document_of_error(error: ImporterError, words: Catalogue, *, masked: bool = True) -> Json:
    """Any command that could not be done."""
    return {"version": VERSION, "exit_code": error.exit_code, "error": _error(error, words, masked=masked)}


def document_of_jobs(jobs: Iterable["JobInfo"]) -> Json:
    """What ran, when, how it ended."""
    return {
        "version": VERSION,
        "jobs": [
            {
                "job": info.job,
                "state": info.state,
                "command": info.meta.get("command", "run"),
                **{
                    key: info.meta.get(key)
                    for key in ("undoes", "started", "finished", "workspace", "url", "file")
                },
            }
            for info in jobs
        ],
    }


def document_of_purge(gone: Iterable["Kept"], stays: Iterable["Kept"]) -> Json:
    """What was removed, and what stays because it is in use."""
    removed, kept = ([_kept(one) for one in some] for some in (gone, stays))
    return {
        "version": VERSION,
        "command": "purge",
        "exit_code": int(bool(kept)),
        "removed": removed,
        "kept": kept,
        "bytes": sum(one["bytes"] for one in removed),
    }


def _kept(one: "Kept") -> Json:
    return {"kind": one.kind, "path": str(one.path), "bytes": one.size}


def document_of_definitions(command: str, action: str, found: Sequence[Field] | Sequence[Group]) -> Json:
    """The fields or groups that there are, or that were made, changed or deleted. command: fields or groups."""
    return {
        "version": VERSION,
        "command": command,
        "action": action,
        "exit_code": 0,
        command: [definition_document(one) for one in found],
    }


def definition_document(one: Field | Group) -> Json:
    """A field or a group."""
    if isinstance(one, Field):
        return {"key": one.key, "label": one.label, "value_type": one.value_type}
    return {"uuid": one.uuid, "name": one.name, "count": one.count, "dynamic": one.dynamic}


def document_of_presets(presets: Iterable["Preset"]) -> Json:
    """The legacy exports that the program knows."""
    return {
        "version": VERSION,
        "presets": [{"name": preset.name, "title": preset.title} for preset in presets],
    }


def to_text(document: Json) -> str:
    """The document as it is printed: safe on any terminal, whatever its encoding."""
    return "\n".join(lines_of(document))


def lines_of(document: Json) -> Iterator[str]:
    """The document line by line, or several lines at once; a row is one line, so that no number of them is too many."""
    rows = document.get("rows")
    if not isinstance(rows, Iterator):
        yield json.dumps(document, indent=1, default=str)
        return
    others = json.dumps({**document, "rows": []}, indent=1, default=str)
    begin, end = others.rsplit("[]", 1)
    yield f"{begin}["
    line = ""
    for row in rows:
        if line:
            yield f"{line},"
        line = f"  {json.dumps(row, default=str)}"
    if line:
        yield line
    yield f" ]{end}"


def issue_document(issue: Issue, words: Catalogue) -> Json:
    """An issue with its sentences; `column` is the letter, where there is one."""
    value = issue.value
    document: Json = {
        "code": issue.code,
        "severity": str(issue.severity),
        "row": issue.row,
        "column": issue.letter or issue.column or None,
        "header": issue.column or None,
        "value": value
        if isinstance(value, str | int | float | bool | None)
        else str(getattr(value, "text", value)),
        "message": words.message(issue),
        "hint": words.hint(issue),
    }
    return document | {name: issue.details[name] for name in ("other_row",) if name in issue.details}


def _error(error: ImporterError, words: Catalogue, *, masked: bool = True) -> Json:
    document: Json = {"code": error.key, "message": words.explain(error, masked=masked)}
    if isinstance(error, Differs):
        document["comparison"] = [
            {"row": row, "attribute": one.attribute, "meant": one.meant, "found": one.found}
            for row, one in error.comparison
        ]
    return document


def _file(info: FileInfo) -> Json:
    shown = ("path", "kind", "encoding", "delimiter", "sheet", "header_row", "container", "member")
    return {name: getattr(info, name) for name in shown}


def _column(mapped: MappedColumn) -> Json:
    target = mapped.target
    return {
        "column": mapped.column.letter,
        "header": mapped.column.header,
        "target": str(target),
        "value_type": (target.value_type or "text") if target.kind == "field" else None,
        "reason": mapped.reason,
    }


def _record(record: Record, words: Catalogue) -> Json:
    return {
        "row": record.row,
        "status": record.status,
        "into": record.into,
        "contact": _contact(record.wanted),
        "issues": [issue_document(issue, words) for issue in record.issues],
    }


def _contact(wanted: Wanted) -> Json:
    """What a row wants: an absent key leaves, null clears."""
    contact: Json = {"uuid": wanted.uuid} if wanted.uuid else {}
    if wanted.name is not LEAVE:
        contact["name"] = wanted.name
    if wanted.language is not LEAVE:
        contact["language"] = wanted.language
    contact |= {"urns": list(wanted.urns), "groups": list(wanted.groups), "fields": dict(wanted.fields)}
    if wanted.groups_left:
        contact["groups_left"] = list(wanted.groups_left)
    return contact
