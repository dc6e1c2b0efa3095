"""Imports in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from importer.sandbox import Sandbox


class Runner:
    """Imports in forked processes; see runner.py."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = Path(__file__).with_name("runner.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.child = 0

    def start(self, file: Path, sandbox: Sandbox, state: Path, **more: object) -> None:
        job = {"file": str(file), "url": sandbox.url, "token": sandbox.token, "state": str(state)}
        self.result = self.folder / "result.json"
        self.result.unlink(missing_ok=True)
        self.process.stdin.write(json.dumps({**job, "result": str(self.result), **more}) + "\n")
        self.process.stdin.flush()
        self.child = json.loads(self.process.stdout.readline())["child"]

    def wait(self) -> int:
        return json.loads(self.process.stdout.readline())["ended"]

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(self.child, signal.SIGKILL)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Runner]]:
    """Makes them."""
    made = list[Runner]()

    def make() -> Runner:
        made.append(Runner(tmp_path_factory.mktemp("results")))
        return made[-1]

    yield make
    for runner in made:
        runner.close()


@pytest.fixture(scope="module")
def runner(runners: Callable[[], Runner]) -> Runner:
    return runners()
