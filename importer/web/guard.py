"""Who may ask, and from where: every request passes here before anything else looks at it.

The page listens on this machine, and so may any web site that the same browser shows. So a request must name a host
that is ours (a name that somebody else's DNS lets point here is refused), whatever changes something must come from
our own page, and all must bring the cookie that only the secret of the first address, or the password, gives.
"""

import asyncio
import hmac
import secrets
import threading
from collections.abc import Collection, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import urlencode

from starlette.datastructures import URL, Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.web.visitors import Visitor

SAFE = frozenset(("GET", "HEAD"))
OPEN = frozenset(("/files/app.css", "/files/app.js", "/files/icon.svg"))
"""What anybody may load: it says nothing of anybody."""
ENTER = "/enter"
GUESS_S = 1.0
"""So long a wrong password is answered late; others that are tried meanwhile wait in a line."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with none at all, browsers would not say where a form comes from
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Lets in who may come in, and gives every answer its headers.

    hosts: names that the page is reached by, in small letters. any_address: whether any IP address is one, too.
    secret: what the first address brings. password: "" for none.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        any_address: bool,
        cookie: str,
        secret: str,
        password: str,
    ) -> None:
        self._app = app
        self._hosts, self._any_address = frozenset(hosts), any_address
        self._cookie, self._secret, self._password = cookie, secret, password
        self._visitors: dict[str, Visitor] = {}
        self._turn = threading.Lock()
        self._guessing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        answer = await self._judge(scope, receive) or self._app
        await answer(scope, receive, send_with_headers)

    async def _judge(self, scope: Scope, receive: Receive) -> ASGIApp | None:
        """What to answer instead; None lets the request through."""
        headers = Headers(scope=scope)
        if not self._is_ours(headers.getlist("host")):
            return _refusal(421)
        if scope["method"] not in SAFE and not _is_from_here(headers):
            return _refusal(403)
        if scope["path"] in OPEN:
            return None
        query = QueryParams(scope["query_string"])
        if scope["method"] in SAFE and _is_same(query.get("key", ""), self._secret):
            rest = urlencode([(name, value) for name, value in query.multi_items() if name != "key"])
            return self._welcome(f"{scope['path']}?{rest}" if rest else scope["path"])
        visitor = self._visitor(headers)
        if visitor is None:
            if not self._password:
                scope["path"] = ENTER
                return None
            return await self._ask(scope, receive)
        scope.setdefault("state", {})["visitor"] = visitor
        return None

    def _is_ours(self, named: list[str]) -> bool:
        if len(named) != 1:
            return False
        host = (URL(f"http://{named[0]}").hostname or "").lower()
        return host in self._hosts or (self._any_address and _is_address(host))

    def _visitor(self, headers: Headers) -> Visitor | None:
        return next(
            (found for value in _cookies(headers, self._cookie) if (found := self._visitors.get(value))), None
        )

    def _welcome(self, path: str) -> Response:
        """A cookie for somebody new, and the way on."""
        value = secrets.token_urlsafe(32)
        with self._turn:
            self._visitors[value] = Visitor()
        # never to another host, whatever the path begins with
        answer = RedirectResponse("/" + path.lstrip("/\\"), 303)
        answer.set_cookie(self._cookie, value, httponly=True, samesite="strict", path="/")
        return answer

    async def _ask(self, scope: Scope, receive: Receive) -> Response | None:
        if scope["method"] != "POST" or scope["path"] != ENTER:
            scope["path"] = ENTER
            scope["method"] = "GET"
            return None
        form = await Request(scope, receive).form()
        given = form.get("password")
        async with self._guessing:
            if isinstance(given, str) and _is_same(given, self._password):
                return self._welcome("/")
            await asyncio.sleep(GUESS_S)
        scope["method"] = "GET"
        scope.setdefault("state", {})["wrong"] = True
        return None


def _refusal(status: int) -> Response:
    return Response(status_code=status, media_type="text/plain")


def _is_from_here(headers: Headers) -> bool:
    """Whether our own page sent it: browsers say where whatever changes something comes from."""
    origin = headers.get("origin", "")
    return origin.lower() == f"http://{headers.get('host', '')}".lower()


def _cookies(headers: Headers, name: str) -> Iterable[str]:
    for line in headers.getlist("cookie"):
        jar: Mapping[str, object] = {}
        try:
            jar = cookies = SimpleCookie(line)
        except CookieError:
            continue
        if name in jar:
            yield cookies[name].value


def _is_same(given: str, wanted: str) -> bool:
    """In a time that tells nothing of how near the guess was."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
