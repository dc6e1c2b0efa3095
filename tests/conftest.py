"""What all tests share: a practice server, a state folder of their own, and files made of a few lines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from importer.run import Connection
from importer.sandbox import Sandbox, SandboxOptions


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's jobs, token or settings."""
    for name in ("WENI_TOKEN", "WENI_URL", "WENI_TOKEN_FILE", "WENI_OUTPUT", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "state"
    monkeypatch.setenv("WENI_STATE", str(folder))
    return folder


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An empty workspace in Brazil, without a throttle."""
    with Sandbox(SandboxOptions(rates=None)) as server:
        yield server


@pytest.fixture
def connection(sandbox: Sandbox) -> Connection:
    return Connection(sandbox.url, sandbox.token, settle_s=0)


@pytest.fixture
def make_csv(tmp_path: Path) -> Callable[..., Path]:
    """A CSV file of the lines given."""

    def write(*lines: str, name: str = "contacts.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
