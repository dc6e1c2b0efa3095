"""What no call of the API can do: empty the workspace, make a dynamic group, stop or archive a contact.

For programs on this machine only, and not for pages in its browser.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from importer.sandbox.answers import Refused
from importer.sandbox.groups import make_group
from importer.sandbox.records import DELETED, QUERY, STATUSES
from importer.sandbox.service import Service

PREFIX = "/_sandbox"
Hook = Callable[[Mapping[str, object]], None]


class Unfit(ValueError):
    """The hook cannot do what it was given."""


def make_dynamic_group(service: Service, name: object, query: object) -> None:
    """A group with a query (`age > 10`); it has no members until contacts are written.

    Raises:
        Unfit.
    """
    if not isinstance(query, str) or QUERY.fullmatch(query) is None:
        raise Unfit("query must be like: age > 10")
    try:
        make_group(service, {"name": name}, " ".join(query.split()))
    except Refused as refused:
        raise Unfit(refused.answer.content.decode()) from None


def change_status(service: Service, uuid: object, status: object) -> None:
    """Set the status of a contact (active, blocked, stopped, archived), and nothing else.

    Raises:
        Unfit.
    """
    contact = service.store.contact(uuid) if isinstance(uuid, str) else None
    if contact is None or contact.status == DELETED:
        raise Unfit("no such contact")
    if status not in STATUSES:
        raise Unfit(f"status must be one of {', '.join(STATUSES)}")
    before = contact.copy()
    contact.status = str(status)
    service.store.save_contact(contact, before)


def make_hooks(service: Service, reset: Callable[[], None]) -> list[BaseRoute]:
    """The routes: POST with a JSON object, answered with 204, or 400 and a sentence."""
    hooks: dict[str, Hook] = {
        "reset": lambda _: reset(),
        "dynamic-group": lambda body: make_dynamic_group(service, body.get("name"), body.get("query")),
        "contact-status": lambda body: change_status(service, body.get("uuid"), body.get("status")),
    }
    return [
        Route(f"{PREFIX}/{name}", _guarded(service, hook), methods=["POST"]) for name, hook in hooks.items()
    ]


def _guarded(service: Service, hook: Hook) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        if not _is_local(request):
            return JSONResponse({"detail": "Only programs on this machine may do that."}, 403)
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise Unfit("a JSON object is expected")
            with service.store.lock:
                hook(body)
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 400)
        return Response(status_code=204)

    return serve


def _is_local(request: Request) -> bool:
    """A program on this machine; a browser would name the page's origin."""
    try:
        local = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        local = False
    return local and "origin" not in request.headers
