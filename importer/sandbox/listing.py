"""Lists of contacts: filters and orders."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from importer.sandbox.answers import Answer, detail
from importer.sandbox.calls import Call
from importer.sandbox.contacts import show
from importer.sandbox.pages import page_answer, read_cursor, read_limit
from importer.sandbox.service import Service
from importer.sandbox.store import Slice
from importer.sandbox.urns import BadPath, UnknownScheme, parse_urn

ORDERS = {
    "created_on": ("id", False),
    "-created_on": ("id", True),
    "modified_on": ("modified_on", False),
    "-modified_on": ("modified_on", True),
}
"""Column and whether it descends; contacts are numbered in the order in which they were made."""

NOTHING = "0"
"""The condition that no contact meets."""

Condition = tuple[str, tuple[object, ...]]


def get(service: Service, call: Call) -> Answer:
    """The contacts that meet every filter; `Refused` for a URN that is none and a cursor that is none."""
    query = call.query
    cursor = read_cursor(query)
    conditions = _conditions(service, query)
    latest_first = query.get("reverse") not in ("true", "1")
    column, descending = ORDERS.get(query.get("order_by", ""), ("modified_on", latest_first))
    part = Slice(
        tuple(sql for sql, _ in conditions),
        tuple(value for _, values in conditions for value in values),
        column,
        descending,
        None if cursor is None else cursor.mark,
        cursor is not None and cursor.backward,
    )
    found, more = service.store.page(part, read_limit(query))
    marks = None
    if found:
        marks = getattr(found[0], column), getattr(found[-1], column)
    return page_answer(call, [show(service.store, contact) for contact in found], marks, cursor, more=more)


def _conditions(service: Service, query: Mapping[str, str]) -> list[Condition]:
    deleted = query.get("deleted") in ("true", "1")
    conditions: list[Condition] = [("status = 'deleted'" if deleted else "status <> 'deleted'", ())]
    if uuid := query.get("uuid", "").strip():
        conditions.append(("uuid = ?", (uuid,)))
    if urn := query.get("urn", "").strip():
        conditions.append(_urn_condition(service, urn))
    if group := query.get("group", "").strip():
        conditions.append(_group_condition(service, group))
    if name := query.get("name", "").strip():
        conditions.append(("instr(folded, ?) > 0", (name.lower(),)))
    for parameter, sign in (("before", "<="), ("after", ">=")):
        if text := query.get(parameter, "").strip():
            moment = _micros(text)
            conditions.append((NOTHING, ()) if moment is None else (f"modified_on {sign} ?", (moment,)))
    return conditions


def _urn_condition(service: Service, text: str) -> Condition:
    try:
        urn = parse_urn(text, service.country)
    except UnknownScheme:
        raise detail(400, f"Invalid URN: {text}") from None
    except BadPath:
        return NOTHING, ()
    return "id = (SELECT contact FROM urns WHERE identity = ?)", (urn.identity,)


def _group_condition(service: Service, text: str) -> Condition:
    for group in service.store.groups.values():
        if text in (group.uuid, group.name):
            return "id IN (SELECT contact FROM members WHERE grp = ?)", (group.id,)
    return NOTHING, ()


def _micros(text: str) -> int | None:
    """Microseconds since 1970; None for what is no date. Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
