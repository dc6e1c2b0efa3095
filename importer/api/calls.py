"""Calls and replies: what is asked of the server, what came back, and whether asking twice does harm."""

from collections.abc import Mapping
from enum import Enum

import httpx
from msgspec import Struct, field

from importer import platform


class Repeat(Enum):
    """What it means to send a request again whose answer was lost."""

    FREELY = "freely"  # the same as once
    UNTIL_GONE = "until gone"  # the same, but a 404 then says that it is done
    NEVER = "never"  # may do it twice


class Call(Struct, frozen=True):
    """A request to be made.

    name: of the client's method. address: a whole one, instead of endpoint and query.
    uses_fresh: writes that may name a new field or group. makes_fresh: makes or changes one.
    """

    name: str
    method: str
    endpoint: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    address: str = ""
    repeat: Repeat = Repeat.FREELY
    uses_fresh: bool = False
    makes_fresh: bool = False

    @property
    def scope(self) -> str:
        """The budget that it draws on."""
        return platform.scope_of(self.endpoint)


class Reply(Struct, frozen=True):
    """What the server answered. took_s: seconds from sending to its last byte."""

    status: int
    headers: httpx.Headers
    content: bytes
    took_s: float


class Requests(Struct, frozen=True):
    """Requests that really left, repeats included."""

    reads: int = 0
    writes: int = 0
