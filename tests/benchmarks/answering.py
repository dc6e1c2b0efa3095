"""A server that answers every request at once and does nothing, so that what is measured is the client.

`python tests/benchmarks/answering.py [CERTIFICATE KEY]` prints its port and serves until it is killed. Whatever is
looked for is not there; whatever is written is taken. With a certificate it speaks TLS. The workspace has no UUID, so
that nobody keeps a mirror of it, unless BENCH_WORKSPACE gives it one.
"""

import asyncio
import itertools
import json
import os
import ssl
import sys

from contacts import HEADERS

FIELDS = [
    {"key": name.lower(), "label": name, "value_type": kind or "text"}
    for _, name, kind in (f"{header}:".split(":")[:3] for header in HEADERS if header.startswith("Field:"))
]
GROUPS = [
    {"uuid": f"00000000-0000-4000-8000-00000000000{number}", "name": name, "query": None, "count": 0}
    for number, name in enumerate(("Clientes", "VIP", "Turma A", "Turma B", "Boletim"))
]
ANSWERS = {
    "workspace": {
        "uuid": os.environ.get("BENCH_WORKSPACE", ""),
        "name": "Bench",
        "country": "BR",
        "timezone": "America/Sao_Paulo",
    },
    "fields": {"next": None, "previous": None, "results": FIELDS},
    "groups": {"next": None, "previous": None, "results": GROUPS},
    "contacts": {"next": None, "previous": None, "results": []},
}
NUMBERS = itertools.count(1)


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < end + 4 + length:
                return
            self._read = self._read[end + 4 + length :]
            self._transport.write(answer(head))


def answer(head: bytes) -> bytes:
    """The answer to a request, by its first line."""
    method, path, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
    endpoint = path.partition(b".json")[0].rpartition(b"/")[2].decode()
    if method == b"get":
        status, body = b"200 OK", json.dumps(ANSWERS[endpoint]).encode()
    elif endpoint == "contacts":
        uuid = f"00000000-0000-4000-9000-{next(NUMBERS):012}"
        made = {"uuid": uuid, "name": "", "language": None, "urns": [], "groups": [], "fields": {}}
        times = {"created_on": "2026-01-01T00:00:00.000000Z", "modified_on": "2026-01-01T00:00:00.000000Z"}
        status, body = b"201 Created", json.dumps(made | times).encode()
    else:
        return b"HTTP/1.1 204 No Content\r\n\r\n"
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status, len(body), body,
    )  # fmt: skip


async def serve(context: ssl.SSLContext | None) -> None:
    """Serve until the process ends."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*sys.argv[1:3])
    asyncio.run(serve(tls))
