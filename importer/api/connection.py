"""Opening a client: the address, the token and the environment become connections."""

import threading
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

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
from importer.version import VERSION

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
    http = _open(base)
    waiter = Waiter(clock, sleep, threading.Event() if stop is None else stop, on_wait)
    headers = {
        "Authorization": f"Token {token}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"weni-importer/{VERSION}",
    }
    if pace_file is None:
        return Client(http, base, waiter, headers=headers, settle_s=settle_s, per_hour=per_hour)
    file = PaceFile(pace_file, clock, on_trouble=on_unkept)
    logs = {scope: file.log(urlsplit(base).netloc, token, scope) for scope in SCOPES}
    return Client(
        http,
        base,
        waiter,
        headers=headers,
        settle_s=settle_s,
        per_hour=per_hour,
        logs=logs,
        on_close=file.close,
    )


def _open(base: str) -> Lending:
    parts = urlsplit(base)
    trust_env = not is_loopback(parts.hostname or "")
    limits = httpx.Limits(max_connections=1, keepalive_expiry=KEPT_OPEN_S)
    try:
        proxy = proxy_for(parts) if trust_env else None
        # loading certificates takes a while: once for all, and without https not at all; no page leads elsewhere
        verify = parts.scheme == "https" and httpx.create_ssl_context(trust_env=trust_env)
        return Lending(lambda: httpx.HTTPTransport(verify=verify, limits=limits, proxy=proxy))
    except httpx.InvalidURL:
        raise Unusable("proxy-invalid", reason=Phrase("reason.no-address")) from None
    except (ValueError, ImportError) as error:
        raise Unusable("proxy-invalid", reason=type(error).__name__) from None


def proxy_for(parts: SplitResult) -> httpx.Proxy | None:
    """The proxy that the environment names for the server."""
    named = getproxies()
    address = named.get(parts.scheme) or named.get("all")
    if not address or proxy_bypass(parts.netloc):
        return None
    return httpx.Proxy(address if "://" in address else f"http://{address}")
