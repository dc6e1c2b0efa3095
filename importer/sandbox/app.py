"""The API as a Starlette application: who may call, how often, and which endpoint answers."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from importer.platform import API_PATH, scope_of
from importer.sandbox import actions, contacts, fields, groups, listing, workspace
from importer.sandbox.answers import Answer, Refused, detail, faulty_body, json_answer, page
from importer.sandbox.calls import Call, read_query
from importer.sandbox.service import Service
from importer.sandbox.throttle import Throttle

Endpoint = Callable[[Service, Call], Answer]

ENDPOINTS: dict[str, dict[str, Endpoint]] = {
    "contacts": {"GET": listing.get, "POST": contacts.post, "DELETE": contacts.delete},
    "fields": {"GET": fields.get, "POST": fields.post},
    "groups": {"GET": groups.get, "POST": groups.post, "DELETE": groups.delete},
    "contact_actions": {"POST": actions.post},
    "workspace": {"GET": workspace.get},
}
TOUCHED = "sandbox.touched"
"""In the scope of a request that was done: the uuids of the contacts it changed."""
JSON_RANGES = ("*/*", "application/*", "application/json")


class Api:
    """Everything below /api/v2/, as an ASGI application."""

    def __init__(self, service: Service, throttle: Throttle, token: str) -> None:
        self._service = service
        self._throttle = throttle
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, do it in one go, and answer."""
        request = Request(scope, receive)
        content = await request.body()
        # nothing is awaited while a request is done: two of them are never half done at once
        with self._service.store.lock:
            self._service.store.touched = set()
            answer = self._answer(request, content)
            scope[TOUCHED] = frozenset(self._service.store.touched)
        response = Response(answer.content, answer.status, answer.headers, answer.media_type)
        await response(scope, receive, send)

    def _answer(self, request: Request, content: bytes) -> Answer:
        name = request.scope["path"].removeprefix(f"{API_PATH}/")
        endpoint = name.removesuffix(".json")
        if endpoint not in ENDPOINTS:
            return page(404, "Not Found")
        try:
            self._let_in(request.headers, endpoint)
            if request.method in ("GET", "HEAD") and endpoint == name:
                # here people read the documentation; for programs it is an empty list
                return json_answer(200, [])
            return self._do(request, endpoint, content)
        except Refused as refused:
            return refused.answer

    def _let_in(self, headers: Mapping[str, str], endpoint: str) -> None:
        check_token(headers.get("authorization", ""), self._token)
        if not accepts_json(headers.get("accept", "")):
            raise detail(406, "Could not satisfy the request Accept header.")
        wait_s = self._throttle.admit(scope_of(endpoint))
        if wait_s is not None:
            seconds = "second" if wait_s == 1 else "seconds"
            sentence = f"Request was throttled. Expected available in {wait_s} {seconds}."
            raise detail(429, sentence, {"Retry-After": str(wait_s)})

    def _do(self, request: Request, endpoint: str, content: bytes) -> Answer:
        methods = ENDPOINTS[endpoint]
        # a HEAD is answered as the GET it stands for
        do = methods.get("GET" if request.method == "HEAD" else request.method)
        if do is None:
            sentence = f'Method "{request.method}" not allowed.'
            raise detail(405, sentence, {"Allow": ", ".join(methods)})
        if self._service.suspended and request.method == "POST":
            raise faulty_body("Sorry, your workspace is currently suspended.")
        call = Call(
            request.method,
            f"{request.url.scheme}://{request.url.netloc}{API_PATH}/{endpoint}.json",
            read_query(request.scope["query_string"]),
            request.headers.get("content-type", ""),
            content,
        )
        return do(self._service, call)


def make_app(api: ASGIApp, hooks: list[BaseRoute]) -> Starlette:
    """The API and the hooks beside it; anything else is a page that says 404."""

    async def not_found(_request: Request, _error: Exception) -> Response:
        answer = page(404, "Not Found")
        return Response(answer.content, answer.status, media_type=answer.media_type)

    handlers: dict[int | type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        404: not_found
    }
    app = Starlette(routes=[Mount(API_PATH, app=api), *hooks], exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


def check_token(header: str, token: str) -> None:
    """Let in whoever brings the token, as such or as the password of an e-mail address.

    Raises:
        Refused: 403, never 401.
    """
    words = header.split()
    keyword = words[0].lower() if words else ""
    if keyword == "token":
        if len(words) != 2:
            raise detail(403, "Invalid token header.")
        if words[1] != token:
            raise detail(403, "Invalid token")
    elif keyword == "basic":
        if len(words) != 2 or not _is_basic(words[1], token):
            raise detail(403, "Invalid token or email")
    else:
        raise detail(403, "Authentication credentials were not provided.")


def _is_basic(words: str, token: str) -> bool:
    try:
        user, _, password = base64.b64decode(words, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return False
    return "@" in user and password == token


def accepts_json(header: str) -> bool:
    """Whether an Accept header leaves room for JSON."""
    ranges = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    return not header.strip() or any(part in JSON_RANGES for part in ranges)
