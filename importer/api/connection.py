"""Opening a client: the address, the token and the environment become connections."""

import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from importer import platform
from importer.api.address import is_loopback, read_address, read_token
from importer.api.client import SCOPES, Client
from importer.api.lending import Lending
from importer.api.shared_log import OnTrouble, PaceFile, forget
from importer.api.waits import Clock, OnWait, Sleep, Waiter, silent
from importer.clock import steady
from importer.errors import Unusable
from importer.issues import Phrase

CONNECT_S, WRITE_S, READ_S = 10.0, 30.0, 60.0
"""Timeouts: of connecting, and of each piece sent or received."""
KEPT_OPEN_S = 4.0
"""Idle connections are dropped after this: a server that closes one in that moment loses us an answer."""


def connect(
    url: str,
    token: str,
    *,
    insecure: bool = False,
    settle_s: float = platform.SETTLE_S,
    per_hour: int = platform.REQUESTS_PER_HOUR,
    clock: Clock = steady,
    sleep: Sleep | None = None,
    on_wait: OnWait = silent,
    stop: threading.Event | None = None,
    pace_file: Path | None = None,
    on_unkept: OnTrouble = forget,
) -> Client:
    """A client for the workspace of `token`; nothing is sent yet.

    url: with or without the API's path. insecure: allows plain http to another machine.
    settle_s: seconds that the server needs to know a new field or group. per_hour: requests of each budget.
    sleep: None for a real one that `stop` ends.
    on_wait: told of every wait, from the thread that waits.
    pace_file: where our calls are noted for all processes of this machine; None: just in memory. on_unkept: told once
    if that file cannot be used; then it is memory, too.

    Raises:
        Unusable: the address, the token, the rate or the proxy that the environment names.
    """
    if per_hour < 1:
        raise Unusable("rate-invalid", value=per_hour)
    base, token = read_address(url, insecure=insecure), read_token(token)
    http = _open(base, token)
    waiter = Waiter(clock, sleep, threading.Event() if stop is None else stop, on_wait)
    if pace_file is None:
        return Client(http, base, waiter, settle_s=settle_s, per_hour=per_hour)
    file = PaceFile(pace_file, clock, on_trouble=on_unkept)
    logs = {scope: file.log(urlsplit(base).netloc, token, scope) for scope in SCOPES}
    return Client(http, base, waiter, settle_s=settle_s, per_hour=per_hour, logs=logs, on_close=file.close)


def _open(base: str, token: str) -> Lending:
    parts = urlsplit(base)
    options: dict[str, Any] = {
        "headers": {
            "Authorization": f"Token {token}",
            "Accept": "application/json",
            "User-Agent": f"weni-importer/{_version()}",
        },
        "timeout": httpx.Timeout(connect=CONNECT_S, write=WRITE_S, read=READ_S, pool=READ_S),
        "limits": httpx.Limits(max_connections=1, keepalive_expiry=KEPT_OPEN_S),
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "trust_env": not is_loopback(parts.hostname or ""),
    }
    try:
        # loading certificates takes a while: once for all, and without https not at all; no page leads elsewhere
        secure = parts.scheme == "https"
        options["verify"] = secure and httpx.create_ssl_context(trust_env=options["trust_env"])
        return Lending(lambda: httpx.Client(**options))
    except httpx.InvalidURL:
        raise Unusable("proxy-invalid", reason=Phrase("reason.no-address")) from None
    except (ValueError, ImportError) as error:
        raise Unusable("proxy-invalid", reason=type(error).__name__) from None


def _version() -> str:
    try:
        return version("weni-importer")
    except PackageNotFoundError:
        return "0"
