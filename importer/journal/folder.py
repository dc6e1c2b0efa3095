"""The folder of all jobs: which there are, what is known of them, and the journal of one."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from importer.errors import Unusable
from importer.issues import Phrase
from importer.journal.book import Journal, lock_of, read_meta
from importer.journal.lock import Lock, Taken, is_held

OPENING_S = 10.0
"""So long one process waits while another looks for its job; that takes milliseconds."""


class JobInfo(Struct, frozen=True):
    """What is known of a job without reading its rows. Times are UTC.

    state: running, cut-off (its process ended without a word), stopped, complete, undone (or about to be).
    """

    job: str
    path: Path
    meta: Mapping[str, object]
    state: str


class JobFolder:
    """The folder of all jobs; readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, fingerprint: str, now: datetime) -> Journal:
        """The journal of the unfinished job with this fingerprint, or that of a new job.

        fingerprint: what makes two runs the same job (input, mapping, options, workspace).

        Raises:
            Unusable: the job is running already, or the folder cannot be written.
        """
        # two runs that begin in the same moment find, or make, the same journal
        with self._alone():
            if info := self.unfinished(fingerprint):
                return Journal(info.path)
            journal = Journal(self._new_path(fingerprint, now))
            journal.set(job=journal.job, fingerprint=fingerprint, started=now.isoformat(), state="running")
            return journal

    def unfinished(self, fingerprint: str) -> JobInfo | None:
        """The job with this fingerprint that was not carried to its end, if there is one.

        Raises:
            Unusable: some process is busy with it.
        """
        for info in self.jobs():
            if info.meta["fingerprint"] == fingerprint and info.state not in ("complete", "undone"):
                if info.state == "running":
                    raise Unusable("job-running", job=info.job)
                return info
        return None

    def undo_of(self, job: str) -> JobInfo | None:
        """The job that takes this one back, if there is one."""
        return next((info for info in self.jobs() if info.meta.get("undoes") == job), None)

    def _new_path(self, fingerprint: str, now: datetime) -> Path:
        job = name = f"{now:%Y%m%d-%H%M%S}-{fingerprint[:6]}"
        number = 1
        while (path := self.path / f"{name}.db").exists():
            number += 1
            name = f"{job}-{number}"
        return path

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            # it may be older, or its parents' access may have been copied to it
            self.path.chmod(0o700)
            lock = Lock(self.path / "jobs.lock", OPENING_S)
        except (OSError, sqlite3.Error) as error:
            raise Unusable("journal-unusable", path=str(self.path), reason=str(error)) from error
        except Taken:
            raise Unusable("journal-unusable", path=str(self.path), reason=Phrase("reason.locked")) from None
        try:
            yield
        finally:
            lock.release()

    def jobs(self) -> list[JobInfo]:
        """All jobs, latest first; files that are no journals, or were just about to be, are passed over."""
        return sorted(self.latest(), key=lambda info: (str(info.meta["started"]), info.job), reverse=True)

    def latest(self) -> Iterator[JobInfo]:
        """The same one by one, by the second in which they began: whoever wants a few need not look into thousands."""
        for path in sorted(self.path.glob("*.db"), key=lambda path: path.name, reverse=True):
            if info := _look_at(path):
                yield info

    def remove(self, path: Path) -> bool:
        """Remove the journal at `path`; False if some process has it open."""
        with self._alone():
            try:
                lock = Lock(lock_of(path))
            except Taken:
                return False
            try:
                for end in ("", "-wal", "-shm"):
                    path.with_name(path.name + end).unlink(missing_ok=True)
            finally:
                lock.release()
            lock_of(path).unlink(missing_ok=True)
        return True

    def find(self, job: str) -> JobInfo:
        """The job of this name, or the only one whose name begins so; "last" is the latest.

        Raises:
            Unusable: there is none, or several.
        """
        jobs = self.jobs()
        if job == "last" and jobs:
            return jobs[0]
        named = [info for info in jobs if info.job == job] or [
            info for info in jobs if info.job.startswith(job)
        ]
        if len(named) != 1:
            raise Unusable("job-unclear" if named else "job-unknown", job=job)
        return named[0]


def locked_files(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The files of a folder that have locks, damaged ones too, and whether some process has one open."""
    return ((path, is_held(lock_of(path))) for path in sorted(folder.glob("*.db")))


def _look_at(path: Path) -> JobInfo | None:
    with (
        suppress(sqlite3.Error, ValueError),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db,
    ):
        meta = read_meta(db)
        if "fingerprint" in meta and "started" in meta:
            state = str(meta.get("state", "running"))
            if state == "running" and not is_held(lock_of(path)):
                state = "cut-off"
            if "undone_by" in meta:
                state = "undone"
            return JobInfo(path.stem, path, meta, state)
    return None
