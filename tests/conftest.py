"""What all tests share: a practice server, a state folder of their own, and files made of a few lines."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from importer import platform
from importer.mapping import Mapping
from importer.model import Column, Field, MappedColumn, Workspace
from importer.options import Options
from importer.run import Connection
from importer.sandbox import Sandbox, SandboxOptions
from importer.schema import Schema, make_schema
from importer.targets import parse_target

# where nobody can look, the same code gets the same verdict; elsewhere every run tries new examples
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("usual", deadline=None)  # on a busy machine anything may take long
settings.load_profile("ci" if os.environ.get("CI") else "usual")

MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    # waiting for a disk, as journals do at every step, proves nothing
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    os.environ.setdefault("TMPDIR", str(MEMORY))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's jobs, token or settings."""
    for name in ("WENI_TOKEN", "WENI_URL", "WENI_TOKEN_FILE", "WENI_OUTPUT", "NO_COLOR", "WENI_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    folder = tmp_path / "state"
    monkeypatch.setenv("WENI_STATE", str(folder))
    return folder


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for new fields and groups: the practice server can use them at once."""
    monkeypatch.setattr(platform, "SETTLE_S", 0.0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An empty workspace in Brazil, without a throttle."""
    with Sandbox(SandboxOptions(rates=None)) as server:
        yield server


class LeapingClock:
    """A clock that leaps over every wait, so that no test sits through one. slept: all waits, in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds
            self.slept.append(seconds)


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
def connection(sandbox: Sandbox, clock: LeapingClock) -> Connection:
    return Connection(sandbox.url, sandbox.token, settle_s=0, clock=clock, sleep=clock.sleep)


@pytest.fixture
def others(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Somebody else who works in the same workspace."""
    headers = {"Authorization": f"Token {sandbox.token}"}
    base = f"{sandbox.url}/api/v2/"
    # certificates are not needed, and loading them takes most of a small test's time
    with httpx.Client(base_url=base, headers=headers, trust_env=False, verify=False) as client:
        yield client


Event = str | Callable[[], str | None] | None
"""What a request meets: a fault of the practice server, or something that happens just before, or nothing."""


@pytest.fixture
def meet(sandbox: Sandbox) -> Callable[..., None]:
    """Lets requests of a kind meet events, one each: `meet("POST", "contacts", "500", None, "drop-after")`.

    then: what all later ones meet.
    """
    plans: list[Callable[[str, str], Event]] = []

    def plan(number: int, method: str, path: str) -> str | None:
        for of_kind in plans:
            event = of_kind(method, path)
            if event is not None:
                return event() if callable(event) else event
        return None

    def add(method: str, endpoint: str, *events: Event, then: Event = None) -> None:
        left = list(events)

        def of_kind(asked: str, path: str) -> Event:
            if (asked, path) != (method, f"{endpoint}.json"):
                return None
            return left.pop(0) if left else then

        plans.append(of_kind)
        sandbox.fault_plan = plan

    return add


@pytest.fixture
def make_csv(tmp_path: Path) -> Callable[..., Path]:
    """A CSV file of the lines given."""

    def write(*lines: str, name: str = "contacts.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


BRAZIL = Workspace(
    country="BR",
    timezone="America/Sao_Paulo",
    fields=(
        Field("city", "City"), Field("age", "Age", "numeric"), Field("since", "Since", "datetime"),
        Field("until", "Until", "datetime"),
    ),
)  # fmt: skip


def _schema_for(
    *targets: str,
    options: Options | None = None,
    workspace: Workspace = BRAZIL,
    constants: tuple[tuple[str, str], ...] = (),
    values: dict[str, dict[str, str]] | None = None,
) -> Schema:
    columns = tuple(
        MappedColumn(Column(index, target), parse_target(target), "mapping")
        for index, target in enumerate(targets)
    )
    given = tuple((parse_target(target), text) for target, text in constants)
    return make_schema(
        Mapping(columns, constants=given, values=values or {}), workspace, options or Options()
    )


@pytest.fixture(scope="session")
def schema_for() -> Callable[..., Schema]:
    """The schema of columns with these targets, in a workspace in Brazil; each header is its target's text."""
    return _schema_for
