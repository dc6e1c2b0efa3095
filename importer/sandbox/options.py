"""How the sandbox is to behave, and the small grammars of --rate and --faults."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from importer.errors import Unusable
from importer.platform import REQUESTS_PER_HOUR

DateStyle = Literal["day_first", "month_first", "year_first"]

FAULT_KINDS = {
    "500": "a line of text, nothing is done",
    "502": "a gateway's page, nothing is done",
    "503": "a gateway's page, nothing is done",
    "504": "a gateway's page, though the work is done",
    "429": "with Retry-After, nothing is done",
    "429-bare": "without Retry-After, nothing is done",
    "429-wrong": "with a Retry-After that makes no sense, nothing is done",
    "drop-before": "the connection is closed without an answer, nothing is done",
    "drop-after": "the same, though the work is done",
    "reset-before": "the connection is reset, nothing is done",
    "reset-after": "the same, though the work is done",
    "slow": "done, and answered late and in two parts",
    "stall": "nothing is done, and for long nothing is answered; then the connection is closed",
    "html": "200 with a web page, as of a hotel's network; nothing is done",
    "html-500": "500 with a web page, nothing is done",
    "truncated": "done, but the connection is closed in the middle of the answer",
    "non-json": "done, but the body is no JSON",
}
"""What may go wrong with a request, and whether the server does the work."""

MIXED = "mixed"
"""In --faults: a chance that all kinds share."""


class Rates(Struct, frozen=True):
    """Requests that each budget allows in an hour. None: as many as come."""

    contacts: int | None = REQUESTS_PER_HOUR
    other: int | None = REQUESTS_PER_HOUR

    def of(self, scope: str) -> int | None:
        """The rate of the budget "contacts" or "other"."""
        return self.contacts if scope == "contacts" else self.other


class Faults(Struct, frozen=True):
    """Faults by chance, the same ones again for the same seed and the same order of requests.

    chances: kind (see `FAULT_KINDS`) → 0 to 1, together 1 at the most. slow_s: how late a slow answer is.
    retry_after_s: what a 429 asks for, whole seconds.
    """

    chances: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    slow_s: float = 0.5
    retry_after_s: int = 1


class SandboxOptions(Struct, frozen=True):
    """What the practice server is.

    country (ISO 3166), timezone (IANA), name, date_style: of a new workspace. In a file that holds one
    already, only those that differ from the defaults here are changed.
    db: the file that keeps the workspace; None: memory. preload: a JSON file that fills a new workspace.
    rates: None for no throttle. settle_s: for so long, writes that name a new field or group are refused.
    latency_ms: the least time that an answer takes. suspended: POST is refused.
    ninth_digit: Brazilian whatsapp: numbers with and without the ninth digit are one, as in some workspaces.
    port: 0 for any that is free.
    """

    token: str = "sandbox"  # noqa: S105 - opens nothing but this practice server
    country: str = "BR"
    timezone: str = "America/Sao_Paulo"
    name: str = "Sandbox"
    date_style: DateStyle = "day_first"
    db: Path | None = None
    rates: Rates | None = Rates()
    settle_s: float = 0.0
    latency_ms: float = 0.0
    faults: Faults | None = None
    preload: Path | None = None
    suspended: bool = False
    ninth_digit: bool = False
    host: str = "127.0.0.1"
    port: int = 0


def parse_rates(text: str) -> Rates | None:
    """What --rate means: `contacts=2500/h,other=2500/h`, each may be left out or `none`; or `none` alone.

    Raises:
        Unusable: sandbox-rate.
    """
    if text.strip().lower() == "none":
        return None
    rates: dict[str, int | None] = {}
    for part, key, value in _pairs(text):
        number = value.removesuffix("/h").strip()
        if key not in ("contacts", "other") or key in rates:
            raise Unusable("sandbox-rate", value=part)
        if value == "none":
            rates[key] = None
        elif number.isascii() and number.isdigit() and 0 < int(number) < 10**9:
            rates[key] = int(number)
        else:
            raise Unusable("sandbox-rate", value=part)
    if not rates:
        raise Unusable("sandbox-rate", value=text)
    return Rates(**rates)


def parse_faults(text: str) -> Faults:
    """What --faults means: `500=0.05,drop-after=0.1,seed=7`; `mixed=0.3` is shared by all kinds.

    Beside kinds and `seed` there are `slow-ms` and `retry-after` (seconds).

    Raises:
        Unusable: sandbox-faults-unknown, sandbox-faults-value, sandbox-faults-sum.
    """
    chances: dict[str, float] = {}
    numbers = {"seed": 0, "slow-ms": 500, "retry-after": 1}
    for part, key, value in _pairs(text):
        if key in numbers:
            numbers[key] = _whole(part, value)
        elif key == MIXED:
            share = _chance(part, value) / len(FAULT_KINDS)
            chances = {kind: chances.get(kind, 0.0) + share for kind in FAULT_KINDS}
        elif key in FAULT_KINDS:
            chances[key] = chances.get(key, 0.0) + _chance(part, value)
        else:
            known = ", ".join((*FAULT_KINDS, MIXED, *numbers))
            raise Unusable("sandbox-faults-unknown", value=part, known=known)
    if sum(chances.values()) > 1 + 1e-9:
        raise Unusable("sandbox-faults-sum", value=text)
    return Faults(chances, numbers["seed"], numbers["slow-ms"] / 1000, numbers["retry-after"])


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Each `key=value` of the list: as written, key, value."""
    for part in text.split(","):
        key, _, value = part.partition("=")
        yield part.strip(), key.strip().lower(), value.strip().lower()


def _chance(part: str, value: str) -> float:
    try:
        chance = float(value)
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:
        raise Unusable("sandbox-faults-value", value=part)
    return chance


def _whole(part: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Unusable("sandbox-faults-value", value=part)
    return int(value)
