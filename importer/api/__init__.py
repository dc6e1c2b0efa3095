"""The server side: a client that keeps its pace, waits, and repeats where that is safe.

A call goes `client` (what is asked) → `exchange` (sent in its turn, repeated, judged) → `wire` (read into our
words); `pace` says when (by a `shared_log`), `patience` how long, `faults` what failed, `refusal` what a 400 means.
"""

import importer.api._lean  # noqa: F401 - before anything imports httpx
from importer.api.address import is_loopback, read_address
from importer.api.calls import Requests
from importer.api.client import Client
from importer.api.connection import connect
from importer.api.crew import Crew
from importer.api.refusal import Refusal, Refused, in_words, refusal, refusals
from importer.api.waits import Waiting

__all__ = [
    "Client",
    "Crew",
    "Refusal",
    "Refused",
    "Requests",
    "Waiting",
    "connect",
    "in_words",
    "is_loopback",
    "read_address",
    "refusal",
    "refusals",
]
