"""The workshop: the files on their way, and the work done for them on threads. Knows nothing of pages.

One piece of work at a time for each file: whoever asks for another meanwhile (a second tab, a double click) finds the
first one. The same file brought in twice is stopped by the lock of its job.
"""

import json
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from importer.desk import Desk, write_private
from importer.errors import ImporterError, Unusable
from importer.jobs import PAGE_LOCK, job_folder, state_folder
from importer.journal import JobInfo, Lock, Taken
from importer.model import Workspace
from importer.run import Connection, Headcount, count_contacts, report_of_desk
from importer.web.past import journals_of, key_of, title_of
from importer.web.tasks import TASKS, Task
from importer.web.visitors import Connected
from importer.web.work import Kind, Work

STOP_S = 20.0
"""So long the program waits at its end for requests under way."""
_NAME = re.compile(r"[0-9a-f]{16}")
_SUFFIXES = frozenset(
    (
        ".csv",
        ".txt",
        ".tsv",
        ".xlsx",
        ".xlsm",
        ".xlsb",
        ".xls",
        ".ods",
        ".xml",
        ".html",
        ".htm",
        ".gz",
        ".zip",
    )
)


class Workshop:
    """All files of one state folder.

    offered: a connection that the program was started with, if it was.
    """

    def __init__(self, state: Path | None, offered: Connection | None = None) -> None:
        self.state = state
        self.folder = state_folder(state) / "web"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self._lock: Lock | None = None
        with suppress(Taken):  # another page has it, which serves as well: nobody removes what it works on
            self._lock = Lock(self.folder / PAGE_LOCK)
        self.offered = offered
        self._desks: dict[str, Desk] = {}
        self._works: dict[str, Work] = {}
        self._threads: list[threading.Thread] = []
        self._turn = threading.RLock()
        self._practice: Any = None
        self._headcounts: dict[str, Headcount | None] = {}

    # -------------------------------------------------------------------------------------- workspaces

    def practice(self) -> Connection:
        """The workspace to practise with, which is started at need and stays until the program ends.

        Raises:
            Unusable: it cannot be started.
        """
        from importer.sandbox import Sandbox, SandboxOptions

        with self._turn:
            if self._practice is None:
                self._practice = Sandbox(SandboxOptions(db=self.folder / "practice.db"))
                self._practice.start()
            return Connection(self._practice.url, self._practice.token, settle_s=0)

    def saved(self) -> Connection | None:
        """The connection that somebody asked to keep."""
        try:
            kept = json.loads((self.folder / "connection.json").read_text("utf-8"))
            return Connection(str(kept["url"]), str(kept["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, connection: Connection | None) -> None:
        """Keep a connection in a file that only its owner can read; None: forget it."""
        path = self.folder / "connection.json"
        if connection is None:
            path.unlink(missing_ok=True)
        else:
            write_private(path, json.dumps({"url": connection.url, "token": connection.token}))

    def headcount(self, connected: Connected) -> Headcount | None:
        """How many contacts a workspace has, if that can be told; asked once, and again after each import."""
        uuid = connected.workspace.uuid
        if uuid not in self._headcounts:
            self._headcounts[uuid] = count_contacts(connected.connection, connected.workspace, self.state)
        return self._headcounts[uuid]

    def forget_headcount(self, workspace: Workspace) -> None:
        """Something has changed: whoever wants to know is to ask again."""
        self._headcounts.pop(workspace.uuid, None)

    # ------------------------------------------------------------------------------------------- desks

    def bring(self, fill: Callable[[Path], object], name: str, workspace: Workspace) -> tuple[str, Desk]:
        """A desk for a new file, with its name among desks. fill: puts the file where it is told to.

        name: what the user calls the file; the disk never sees it.
        """
        key = secrets.token_hex(8)
        folder = self.folder / key
        folder.mkdir(mode=0o700)
        suffix = Path(name.lower()).suffix
        source = folder / f"input{suffix if suffix in _SUFFIXES else ''}"
        try:
            fill(source)
            source.chmod(0o600)
            desk = Desk.make(folder, source, name, workspace)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._turn:
            self._desks[key] = desk
        return key, desk

    def bring_job(self, info: JobInfo, workspace: Workspace) -> tuple[str, Desk]:
        """The desk of a job of the command line, with its name; a new one has no report yet."""
        with self._turn:
            key = key_of(info.job)
            if desk := self.desk(key, workspace):
                return key, desk
            folder = self.folder / key
            folder.mkdir(mode=0o700, exist_ok=True)
            desk = Desk.make(folder, folder / "none", title_of(info), workspace)
            desk.keep(job=info.job, made=info.meta["started"], phase="stopped")
            self._desks[key] = desk
            return key, desk

    def desk(self, key: str, workspace: Workspace) -> Desk | None:
        """The desk of this name, if it belongs to the workspace."""
        if not _NAME.fullmatch(key):
            return None
        with self._turn:
            if key not in self._desks:
                with suppress(Unusable):
                    self._desks[key] = Desk(self.folder / key)
            desk = self._desks.get(key)
        return desk if desk and desk.get("workspace")["uuid"] == workspace.uuid else None

    def desks(self, workspace: Workspace) -> list[tuple[str, Desk]]:
        """All desks of a workspace, latest first."""
        keys = (folder.name for folder in self.folder.iterdir() if folder.is_dir())
        found = [(key, desk) for key in keys if (desk := self.desk(key, workspace))]
        return sorted(found, key=lambda one: str(one[1].get("made")), reverse=True)

    def remove(self, key: str, desk: Desk) -> bool:
        """Remove a file and all that was made of it, journals too; False while something is done for it."""
        with self._turn:
            if self.work(key):
                return False
            jobs = job_folder(self.state)
            if not all(jobs.remove(path) for path in list(journals_of(desk, jobs))):
                return False
            self._desks.pop(key, None)
            self._works.pop(key, None)
            desk.close()
            shutil.rmtree(desk.folder, ignore_errors=True)
            return True

    def phase(self, key: str, desk: Desk) -> str:
        """How far a file is: new, unusable, read, checked (its columns are decided), planned, importing, cut-off,
        stopped, done, undoing, undo-stopped, undone.
        """
        phase = str(desk.get("phase"))
        if phase == "undoing" and not self.work(key):
            return "undo-stopped"
        return "cut-off" if phase == "importing" and not self.work(key) else phase

    # -------------------------------------------------------------------------------- remembered mappings

    def remember(self, desk: Desk) -> None:
        """Keep what the columns are for files with the same headers."""
        folder = self.folder / "mappings"
        folder.mkdir(exist_ok=True, mode=0o700)
        write_private(folder / f"{desk.headers_digest}.toml", desk.mapping_text())

    def remembered(self, desk: Desk) -> str | None:
        """The mapping of files with the same headers."""
        try:
            return (self.folder / "mappings" / f"{desk.headers_digest}.toml").read_text("utf-8")
        except OSError:
            return None

    # -------------------------------------------------------------------------------------------- work

    def work(self, key: str) -> Work | None:
        """What is being done for a file just now."""
        work = self._works.get(key)
        return None if work is None or work.finished.is_set() else work

    def last_work(self, key: str) -> Work | None:
        """What is being, or was last, done for a file."""
        return self._works.get(key)

    def start(self, kind: Kind, key: str, desk: Desk, connected: Connected, language: str) -> Work:
        """Begin a piece of work, unless one is under way: then that one is meant."""
        with self._turn:
            if found := self.work(key):
                return found
            work = self._works[key] = Work(kind)
            # told before the thread runs: whoever asks next sees what goes on
            if kind in ("import", "undo"):
                desk.keep(phase="importing" if kind == "import" else "undoing")
            task = Task(self, work, desk, connected, language)
            thread = threading.Thread(target=self._carry_out, args=(task,), name=f"{kind}-{key}", daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()
            return work

    def _carry_out(self, task: Task) -> None:
        work, desk = task.work, task.desk
        try:
            TASKS[work.kind](task)
        except ImporterError as error:
            work.error = error
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise it to
            work.error = ImporterError(
                "fault", what=f"{type(error).__name__}: {error}", variable="WENI_DEBUG"
            )
        finally:
            if work.error and work.kind == "import":
                desk.keep(phase="stopped" if work.has_started else "planned")
            if work.error and work.kind == "undo":
                desk.keep(phase="undo-stopped")
            work.finished.set()
            work.version += 1

    def pause(self, key: str) -> None:
        """Ask what is under way to come to an end; an import can be gone on with."""
        if work := self.work(key):
            work.stop.set()

    def close(self) -> None:
        """Stop all that is under way, so that it can be gone on with, and let go of the files."""
        for work in self._works.values():
            work.stop.set()
        for thread in self._threads:
            thread.join(STOP_S)
        for desk in self._desks.values():
            desk.close()
        if self._practice is not None:
            self._practice.stop()
        if self._lock is not None:
            self._lock.release()

    def write_rows_to_mend(self, desk: Desk, language: str) -> Path | None:
        """The rows that are held back, as a workbook to mend; None if there are none."""
        folder = desk.folder / "to-mend"
        report = report_of_desk(desk, language, folder)
        return next((path for path in report.files if path.name == "failed.xlsx"), None)
