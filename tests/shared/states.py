"""A workspace as tests compare it: all of it, but for what differs from run to run; and what befalls it in between."""

from uuid import uuid4

from importer.sandbox import Sandbox
from importer.sandbox.contacts import erase
from importer.sandbox.groups import make_group


def state_of(sandbox: Sandbox, known_by: str = "uuid", *, opted_out: str = "stopped") -> tuple:
    """Contacts and the members of each group, without times, groups by name, and values where there are some.

    known_by: "uuid", or "urn" for the first one, where contacts may have been made anew; "": nothing, a list of them.
    opted_out: what one that was stopped is now.
    """
    found = []
    for contact in sandbox.contacts():
        shown = {key: contact[key] for key in ("name", "language", "urns")} | {
            "status": "blocked" if contact["blocked"] else opted_out if contact["stopped"] else "active",
            "groups": sorted(group["name"] for group in contact["groups"]),
            "fields": {key: value for key, value in contact["fields"].items() if value is not None},
        }
        found.append(({"uuid": contact["uuid"], "urn": contact["urns"][:1]}.get(known_by), shown))
    groups = {group["name"]: group["count"] for group in sandbox.groups()}
    if not known_by:
        return sorted((shown for _, shown in found), key=str), groups
    return {known if known_by == "uuid" else known[0]: shown for known, shown in found}, groups


def fields_of(sandbox: Sandbox) -> dict[str, tuple[str, str]]:
    """Labels and types of all fields, by key."""
    return {one.key: (one.label, one.value_type) for one in sandbox._service.store.fields.values()}


def everything_of(sandbox: Sandbox) -> tuple:
    """Contacts that nothing but what they have tells apart, groups and fields."""
    return (*state_of(sandbox, known_by=""), fields_of(sandbox))


def delete(sandbox: Sandbox, uuid: str) -> None:
    """Somebody deletes a contact while a request is being served: by no request, which would wait for that one."""
    store = sandbox._service.store
    with store.lock:
        erase(store, store.contact(uuid))


def crowd(sandbox: Sandbox, count: int, group: str = "") -> None:
    """Contacts, modified a second apart, put straight into a workspace that has none: Nome 0, ext:n0 and so on."""
    store, latest = sandbox._service.store, int(sandbox._service.clock() * 1_000_000)
    with store.lock, store.transaction():
        times = [latest - (count - n) * 1_000_000 for n in range(count)]
        contacts = [
            (n + 1, str(uuid4()), f"Nome {n}", f"nome {n}", "active", "{}", time, time)
            for n, time in enumerate(times)
        ]
        own = "id, uuid, name, folded, status, field_values, created_on, modified_on"
        store._db.run_each(f"INSERT INTO contacts ({own}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", contacts)
        urns = [(f"ext:n{n}", n + 1, 0, f"ext:n{n}") for n in range(count)]
        store._db.run_each("INSERT INTO urns VALUES (?, ?, ?, ?)", urns)
        if group:
            of = make_group(sandbox._service, {"name": group}).id
            store._db.run_each("INSERT INTO members VALUES (?, ?)", [(n + 1, of) for n in range(count)])
