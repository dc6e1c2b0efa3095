"""Connections to the server, each lent to one request at a time.

httpx could share one pool of them between threads, but httpcore's pool may close a connection that another thread has
just begun to use (encode/httpcore#1110): that thread then waits for its whole timeout, and its answer is lost.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx


class Lending:
    """Makes a client, with one connection, whenever all that there are are lent; safe to share between threads."""

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle = [make()]
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[httpx.Client]:
        """A client that nobody else uses meanwhile: the one used last, whose connection is most likely open."""
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client or self._make()
        try:
            yield client
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(client)
            if not keep:
                client.close()

    def close(self) -> None:
        """Close every connection; those that are lent are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()
