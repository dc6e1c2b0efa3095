"""How outcomes, issues and contacts are kept: as JSON, and back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from importer.issues import Issue, Phrase, Severity
from importer.model import Change, Contact, DefinitionLine, Difference, Group, Outcome, Row, Status

Stored = Sequence[object]
"""A row of the table `rows`."""
Json = dict[str, object]


_encode = json.JSONEncoder(separators=(",", ":")).encode


def dump(value: object) -> str:
    """JSON in ASCII: a cell may hold half a surrogate pair, which no file takes."""
    return _encode(value)


def outcome_to_row(outcome: Outcome, pending: int) -> Stored:
    """A line as the table `rows` has it. pending: memberships and acts that it still awaits."""
    return (
        outcome.row,
        str(outcome.status),
        outcome.uuid,
        dump([_change_to_json(change) for change in outcome.changes]),
        dump([issue_to_json(issue) for issue in outcome.issues]),
        outcome.requests,
        outcome.into,
        pending,
    )


def outcome_from_row(stored: Stored) -> tuple[Outcome, int]:
    """What `outcome_to_row` made a row of, with what `differences_to_json` kept beside it (or None)."""
    row, status, uuid, changes, issues, requests, into, pending, differences = stored
    outcome = Outcome(
        _int(row),
        Status(str(status)),
        None if uuid is None else str(uuid),
        tuple(_change_from_json(change) for change in json.loads(str(changes))),
        tuple(issue_from_json(issue) for issue in json.loads(str(issues))),
        _int(requests),
        None if into is None else _int(into),
        None if differences is None else _differences_from_json(json.loads(str(differences))),
    )
    return outcome, _int(pending)


def _int(value: object) -> int:
    return int(str(value))


def _change_to_json(change: Change) -> Json:
    return {"attribute": change.attribute, "old": change.old, "new": change.new}


def _change_from_json(stored: Json) -> Change:
    return Change(str(stored["attribute"]), _value(stored["old"]), _value(stored["new"]))


def differences_to_json(differences: Iterable[Difference]) -> list[Json]:
    """What was read back of a row's contact and is not as meant."""
    return [{"attribute": one.attribute, "meant": one.meant, "found": one.found} for one in differences]


def _differences_from_json(stored: Iterable[Json]) -> tuple[Difference, ...]:
    return tuple(
        Difference(str(one["attribute"]), _value(one["meant"]), _value(one["found"])) for one in stored
    )


def _value(stored: object) -> object:
    return tuple(stored) if isinstance(stored, list) else stored


def definition_to_json(line: DefinitionLine) -> Json:
    """The line of a row of the sheets Fields and Groups, without its cells."""
    outcome = line.outcome
    return {
        "kind": line.kind,
        "sheet": line.sheet,
        "name": line.name,
        "row": outcome.row,
        "status": str(outcome.status),
        "uuid": outcome.uuid,
        "changes": [_change_to_json(change) for change in outcome.changes],
        "issues": [issue_to_json(issue) for issue in outcome.issues],
        "requests": outcome.requests,
    }


def definition_from_json(stored: Mapping[str, Any]) -> DefinitionLine:
    """The line that `definition_to_json` wrote."""
    outcome = Outcome(
        stored["row"],
        Status(stored["status"]),
        stored["uuid"],
        tuple(map(_change_from_json, stored["changes"])),
        tuple(map(issue_from_json, stored["issues"])),
        stored["requests"],
    )
    return DefinitionLine(stored["kind"], stored["sheet"], stored["name"], Row(outcome.row, ()), outcome)


# ---------------------------------------------------------------------------------------------- issues


def issue_to_json(issue: Issue) -> Json:
    """An issue as JSON; a value that JSON does not know becomes its text."""
    return {
        "code": issue.code,
        "severity": str(issue.severity),
        "row": issue.row,
        "column": issue.column,
        "letter": issue.letter,
        "value": _fact_to_json(issue.value),
        "details": {name: _fact_to_json(fact) for name, fact in issue.details.items()},
    }


def issue_from_json(stored: Json) -> Issue:
    """The issue that `issue_to_json` wrote."""
    row, details = stored["row"], stored["details"]
    return Issue(
        str(stored["code"]),
        Severity(str(stored["severity"])),
        row if isinstance(row, int) else None,
        str(stored["column"]),
        str(stored["letter"]),
        _fact_from_json(stored["value"]),
        {name: _fact_from_json(fact) for name, fact in details.items()} if isinstance(details, dict) else {},
    )


def _fact_to_json(fact: object) -> object:
    if isinstance(fact, Phrase):
        return {"say": fact.key, "facts": {name: _fact_to_json(one) for name, one in fact.facts.items()}}
    return fact if fact is None or isinstance(fact, str | int | float) else str(fact)


def _fact_from_json(stored: object) -> object:
    if isinstance(stored, dict):
        return Phrase(stored["say"], {name: _fact_from_json(one) for name, one in stored["facts"].items()})
    return stored


# --------------------------------------------------------------------------------------------- contacts


def contact_to_json(contact: Contact) -> Json:
    """A contact with all that the server shows of it."""
    return {
        "uuid": contact.uuid,
        "name": contact.name,
        "language": contact.language,
        "urns": list(contact.urns),
        "groups": [{"uuid": group.uuid, "name": group.name} for group in contact.groups],
        "fields": dict(contact.fields),
        "blocked": contact.blocked,
        "stopped": contact.stopped,
        "created_on": contact.created_on,
        "modified_on": contact.modified_on,
        "last_seen_on": contact.last_seen_on,
    }


def contact_from_json(stored: Mapping[str, object]) -> Contact:
    """The contact that `contact_to_json` wrote."""
    groups, fields = stored["groups"], stored["fields"]
    urns = stored["urns"]
    return Contact(
        str(stored["uuid"]),
        _text(stored["name"]),
        _text(stored["language"]),
        tuple(map(str, urns)) if isinstance(urns, list) else (),
        tuple(Group(one["uuid"], one["name"]) for one in groups) if isinstance(groups, list) else (),
        fields if isinstance(fields, dict) else {},
        blocked=bool(stored.get("blocked")),
        stopped=bool(stored.get("stopped")),
        created_on=str(stored.get("created_on", "")),
        modified_on=str(stored["modified_on"]),
        last_seen_on=str(stored.get("last_seen_on", "")),
    )


def contacts_from_json(stored: object) -> tuple[Contact, ...]:
    """The contacts of a step, as they were; journals of version 1 have one contact in place of a list."""
    some = [stored] if isinstance(stored, Mapping) else stored
    return tuple(map(contact_from_json, some)) if isinstance(some, list) else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
