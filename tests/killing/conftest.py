"""Imports in processes of their own, and their being killed at each of their requests."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
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

    def finish(self, file: Path, sandbox: Sandbox, state: Path, **more: object) -> dict:
        """What an import that nobody kills tells."""
        self.start(file, sandbox, state, **more)
        assert self.wait() == 0
        return json.loads(self.result.read_text())

    def wait(self) -> int:
        return json.loads(self.process.stdout.readline())["ended"]

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(self.child, signal.SIGKILL)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def remember(sandbox: Sandbox) -> Callable[[], None]:
    """Makes the workspace what it is now, whenever it is called, with an empty log."""
    store, kept = sandbox._service.store, sqlite3.connect(":memory:", check_same_thread=False)
    with store.lock:
        store._db._connection.backup(kept)
        fields, groups = deepcopy(store.fields), deepcopy(store.groups)

    def restore() -> None:
        with store.lock:
            kept.backup(store._db._connection)
            store.fields, store.groups = deepcopy(fields), deepcopy(groups)
            sandbox._line.reset()

    return restore


Meets = Callable[[int, str, str], None]
"""Is told of each request, by number, method and path, before it is served."""


@pytest.fixture
def killed_everywhere(runner: "Runner", tmp_path: Path) -> Callable[..., Iterator[tuple[str, dict]]]:
    """An import that is killed at each of its requests, once before and once after the server has done its work, and
    goes on: where that was, and what the run tells that has ended; first, of one that nobody kills, where is "".

    meanwhile: makes what happens at the requests of an import, killed or not. state: is copied for each.
    first: the method of the first request at which it is killed.
    """

    def kill(
        file: Path,
        sandbox: Sandbox,
        *,
        meanwhile: Callable[[], Meets] = lambda: lambda *_: None,
        state: Path | None = None,
        first: str = "GET",
        **more: object,
    ) -> Iterator[tuple[str, dict]]:
        restore = remember(sandbox)
        restore()

        def folder(name: str) -> Path:
            if state:
                shutil.copytree(state, tmp_path / name)
            return tmp_path / name

        sandbox.fault_plan = meanwhile()
        clean = runner.finish(file, sandbox, folder("clean"), **more)
        requests = list(sandbox.requests)
        yield "", clean
        methods = [request.method for request in requests]
        for number, request in enumerate(requests[methods.index(first) :], methods.index(first) + 1):
            # after what only reads the server is as before it
            for moment in ("drop-before", "drop-after") if request.writes else ("drop-before",):
                restore()
                where, meets = f"{number}-{moment}", meanwhile()

                def strike(count, method, path, at=number, moment=moment, meets=meets):
                    meets(count, method, path)
                    if count == at:
                        runner.kill()
                        return moment
                    return None

                sandbox.fault_plan = strike
                there = folder(where)
                runner.start(file, sandbox, there, **more)
                assert runner.wait() == -signal.SIGKILL, where
                sandbox.fault_plan = meets
                yield where, runner.finish(file, sandbox, there, **more)

    return kill


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
