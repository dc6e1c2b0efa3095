"""The endpoint groups: made, renamed, deleted; dynamic ones can be made by a hook only."""

from collections.abc import Mapping

from importer.platform import GROUP_NAME_MAX, WORKSPACE_GROUPS, is_group_name
from importer.sandbox.answers import Answer, detail, faulty_body, json_answer, missing, nothing
from importer.sandbox.calls import Call
from importer.sandbox.forms import Faulty, Form, read_short_text
from importer.sandbox.pages import newest_first, page_answer
from importer.sandbox.records import Group
from importer.sandbox.service import Service


def get(service: Service, call: Call) -> Answer:
    """All groups, or the one with `?uuid=` or `?name=` (the whole name, in any case)."""
    uuid, name = call.query.get("uuid", ""), call.query.get("name", "").strip().lower()
    if uuid and name:
        raise detail(400, "You may only specify one of the uuid, name parameters")
    groups = [
        group
        for group in service.store.groups.values()
        if (not uuid or group.uuid == uuid) and (not name or group.name.lower() == name)
    ]
    page, marks, cursor, more = newest_first(call, [(group.id, group) for group in groups])
    members = service.store.all_members() if len(page) > 1 else {}
    if len(page) == 1:
        members = {page[0].id: service.store.members(page[0])}
    return page_answer(
        call, [show(group, members.get(group.id, 0)) for group in page], marks, cursor, more=more
    )


def post(service: Service, call: Call) -> Answer:
    """Make a group, or rename the one with `?uuid=`."""
    if "uuid" not in call.query:
        return json_answer(201, show(make_group(service, call.payload()), 0))
    group = _find(service, call)
    # while there is no room for another group, none can be renamed either
    group.name = _read(service, call.payload(), group)
    service.store.save_group(group)
    return json_answer(200, show(group, service.store.members(group)))


def delete(service: Service, call: Call) -> Answer:
    """Delete the group with `?uuid=`."""
    if "uuid" not in call.query:
        raise detail(400, "URL must contain one of the following parameters: uuid")
    service.store.delete_group(_find(service, call))
    return nothing()


def make_group(service: Service, body: Mapping[str, object], query: str | None = None) -> Group:
    """A new group without members; `Refused` if it cannot be."""
    return service.store.add_group(_read(service, body, None), query, service.clock())


def _find(service: Service, call: Call) -> Group:
    for group in service.store.groups.values():
        if group.uuid == call.query["uuid"]:
            return group
    raise missing()


def _read(service: Service, body: Mapping[str, object], changed: Group | None) -> str:
    groups = service.store.groups

    def read_name(value: object) -> str:
        name = read_short_text(value, GROUP_NAME_MAX)
        if any(group.name.lower() == name.lower() for group in groups.values() if group is not changed):
            raise Faulty("This field must be unique.")
        if not is_group_name(name):
            raise Faulty("Name contains illegal characters.")
        return name

    form = Form(body)
    name = form.required("name", read_name, "")
    form.close()
    if len(groups) >= WORKSPACE_GROUPS:
        raise faulty_body(
            f"This org has {len(groups)} groups and the limit is {WORKSPACE_GROUPS}."
            " You must delete existing ones before you can create new ones."
        )
    return name


def show(group: Group, members: int) -> dict[str, object]:
    """As the server shows it."""
    return {
        "uuid": group.uuid,
        "name": group.name,
        "query": group.query,
        "status": "ready",
        "count": members,
    }
