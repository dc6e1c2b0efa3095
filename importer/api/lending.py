"""Connections to the server, each lent to one request at a time.

httpx could share one pool of them between threads, but httpcore's pool may close a connection that another thread has
just begun to use (encode/httpcore#1110): that thread then waits for its whole timeout, and its answer is lost.

What is lent is httpx's transport: its client would go through cookies, redirects and logins for each request, of which
this API has none, and takes a third of the time.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx


class Lending:
    """Makes a transport, with one connection, when all that there are are lent; safe to share between threads."""

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle = [make()]
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """A transport that nobody else uses meanwhile: the one used last, whose connection is most likely open."""
        with self._lock:
            transport = self._idle.pop() if self._idle else None
        transport = transport or self._make()
        try:
            yield transport
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(transport)
            if not keep:
                transport.close()

    def close(self) -> None:
        """Close every connection; those that are lent are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for transport in idle:
            transport.close()
