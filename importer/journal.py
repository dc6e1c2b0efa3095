"""The journal: one SQLite file a job, which says what has been done, so that a stopped job can go on.

A step's intent is written before it is sent and its outcome before the next one for the same row is; both survive a
killed process and, since every commit waits for the disk, a power cut. The files are readable by their owner only.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from importer.errors import Unusable
from importer.issues import Issue, Phrase, Severity
from importer.model import Change, Outcome, Status

SCHEMA_VERSION = 1

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,            -- create-field, create-group, create, update, add, remove
    rows TEXT NOT NULL,            -- JSON list of row numbers
    request TEXT NOT NULL,         -- JSON: what was sent
    before TEXT,                   -- JSON: the contact as it was, for undo
    sent REAL NOT NULL,            -- seconds since 1970
    answer TEXT                    -- JSON: what came of it; NULL while it is not known
);
CREATE INDEX steps_open ON steps (id) WHERE answer IS NULL;
CREATE TABLE rows (
    row INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    uuid TEXT,
    changes TEXT NOT NULL,
    issues TEXT NOT NULL,
    requests INTEGER NOT NULL,
    into_row INTEGER,
    pending INTEGER NOT NULL       -- memberships that are still to be sent; 0: the row is settled
);
CREATE INDEX rows_open ON rows (row) WHERE pending > 0;
"""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """What is known of a job without reading its rows. Times are UTC."""

    job: str
    path: Path
    meta: Mapping[str, object]

    @property
    def state(self) -> str:
        """Running (or cut off), stopped, complete."""
        return str(self.meta.get("state", "running"))


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that was sent by a run which ended before it saw the answer."""

    id: int
    kind: str
    rows: tuple[int, ...]
    request: Mapping[str, object]
    sent: float


# ------------------------------------------------------------------------------------------------ folder


class JobFolder:
    """The folder of all jobs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, fingerprint: str, now: datetime) -> "Journal":
        """The journal of the unfinished job with this fingerprint, or that of a new job.

        fingerprint: what makes two runs the same job (input, mapping, options, workspace).

        Raises:
            Unusable: the job is running already, or the folder cannot be written.
        """
        for info in self.jobs():
            if info.meta.get("fingerprint") == fingerprint and info.state != "complete":
                return Journal(info.path)
        job = f"{now:%Y%m%d-%H%M%S}-{fingerprint[:6]}"
        number = 1
        while (path := self.path / f"{job}.db").exists():
            number += 1
            job = f"{now:%Y%m%d-%H%M%S}-{fingerprint[:6]}-{number}"
        journal = Journal(path)
        journal.set(job=job, fingerprint=fingerprint, started=now.isoformat(), state="running")
        return journal

    def jobs(self) -> list[JobInfo]:
        """All jobs, latest first; files that are no journals are passed over."""
        found = []
        for path in sorted(self.path.glob("*.db"), reverse=True):
            with (
                suppress(sqlite3.Error),
                closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db,
            ):
                found.append(JobInfo(path.stem, path, _meta(db)))
        return sorted(found, key=lambda info: str(info.meta.get("started", "")), reverse=True)

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
            raise Unusable("job-unknown" if not named else "job-unclear", job=job)
        return named[0]


def _meta(db: sqlite3.Connection) -> dict[str, object]:
    return {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}


# ----------------------------------------------------------------------------------------------- journal


class Journal:
    """What one job has done. Any thread may write; a context manager.

    Raises:
        Unusable: another process has the job open, or the file cannot be used.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open, or make, the journal at `path`; `read_only` to look at a job that may be running."""
        self.path = path
        self._lock: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        try:
            self._db = self._look_at() if read_only else self._take()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
        except (OSError, sqlite3.Error) as error:
            self._release_lock()
            raise Unusable("journal-unusable", path=str(path), reason=str(error)) from error
        if version != SCHEMA_VERSION:
            self.close()
            raise Unusable("journal-unusable", path=str(path), reason=f"version {version}")

    def _look_at(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def _take(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_lock()
        is_new = not self.path.exists() or self.path.stat().st_size == 0
        if is_new:
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        if is_new:
            db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        return db

    def _take_lock(self) -> None:
        """An exclusive transaction on a file beside the journal: the system drops it when the process dies."""
        lock_path = self.path.with_suffix(".lock")
        self._lock = sqlite3.connect(lock_path, isolation_level=None, timeout=0)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._release_lock()
            raise Unusable("job-running", job=self.path.stem) from None

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        self._release_lock()  # the lock's file stays: another process may be waiting on it

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------ the job

    @property
    def job(self) -> str:
        """The job's name."""
        return self.path.stem

    @property
    def meta(self) -> dict[str, object]:
        """What `set` has kept."""
        return _meta(self._db)

    def set(self, **facts: object) -> None:
        """Keep facts about the job; JSON values."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in facts.items()]
            )

    # ------------------------------------------------------------------------------------------- steps

    def begin(
        self, kind: str, rows: Sequence[int], request: Mapping[str, object], before: object = None
    ) -> int:
        """Write down what is about to be sent; returns the step's id."""
        sent = datetime.now(UTC).timestamp()
        with self._transaction():
            cursor = self._db.execute(
                "INSERT INTO steps (kind, rows, request, before, sent) VALUES (?, ?, ?, ?, ?)",
                (kind, _dump(list(rows)), _dump(request), None if before is None else _dump(before), sent),
            )
        return cursor.lastrowid or 0

    def finish(self, step: int, answer: object, outcomes: Iterable[tuple[Outcome, int]] = ()) -> None:
        """Write down what came of a step, with the lines of its rows (and how many memberships they await)."""
        with self._transaction():
            self._db.execute("UPDATE steps SET answer = ? WHERE id = ?", (_dump(answer), step))
            self._put(outcomes)

    def open_steps(self) -> list[OpenStep]:
        """Steps that were sent and whose answer nobody saw."""
        found = self._db.execute(
            "SELECT id, kind, rows, request, sent FROM steps WHERE answer IS NULL ORDER BY id"
        )
        return [
            OpenStep(id_, kind, tuple(json.loads(rows)), json.loads(request), sent)
            for id_, kind, rows, request, sent in found
        ]

    def close_open_steps(self) -> None:
        """Note that the steps whose answer nobody saw have been settled since, by looking."""
        with self._transaction():
            self._db.execute("UPDATE steps SET answer = ? WHERE answer IS NULL", (_dump("settled"),))

    def answers(self, *kinds: str) -> Iterator[tuple[str, dict[str, object]]]:
        """Kind and answer (a JSON object) of the steps of these kinds that have one, in order."""
        for kind, answer in self._db.execute(
            "SELECT kind, answer FROM steps WHERE answer LIKE '{%' AND kind IN "
            "(SELECT value FROM json_each(?)) ORDER BY id",
            (_dump(list(kinds)),),
        ):
            yield kind, json.loads(answer)

    # -------------------------------------------------------------------------------------------- rows

    def put(self, outcomes: Iterable[tuple[Outcome, int]]) -> None:
        """Write down lines of rows that needed no step, in one transaction."""
        with self._transaction():
            self._put(outcomes)

    def _put(self, outcomes: Iterable[tuple[Outcome, int]]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    o.row,
                    o.status,
                    o.uuid,
                    _dump([asdict(change) for change in o.changes]),
                    _dump([issue_to_json(issue) for issue in o.issues]),
                    o.requests,
                    o.into,
                    pending,
                )
                for o, pending in outcomes
            ),
        )

    def outcome(self, row: int) -> tuple[Outcome, int] | None:
        """The line of a row and how many memberships it still awaits; None: nothing was done for it."""
        found = self._db.execute("SELECT * FROM rows WHERE row = ?", (row,)).fetchone()
        return _outcome(found) if found else None

    def outcomes(self) -> Iterator[tuple[Outcome, int]]:
        """All lines, in row order."""
        for found in self._db.execute("SELECT * FROM rows ORDER BY row"):
            yield _outcome(found)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._writing:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


# ------------------------------------------------------------------------------------------- JSON forms


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _outcome(found: Sequence[object]) -> tuple[Outcome, int]:
    row, status, uuid, changes, issues, requests, into, pending = found
    return (
        Outcome(
            row,  # type: ignore[arg-type]
            Status(str(status)),
            uuid,  # type: ignore[arg-type]
            tuple(_change(change) for change in json.loads(str(changes))),
            tuple(issue_from_json(issue) for issue in json.loads(str(issues))),
            requests,  # type: ignore[arg-type]
            into,  # type: ignore[arg-type]
        ),
        int(str(pending)),
    )


def _change(stored: Mapping[str, object]) -> Change:
    def back(value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    return Change(str(stored["attribute"]), back(stored["old"]), back(stored["new"]))


def issue_to_json(issue: Issue) -> dict[str, object]:
    """An issue as JSON that `issue_from_json` reads back; a cell's value becomes its text."""
    value = issue.value
    plain = (
        value if isinstance(value, str | int | float | bool | None) else str(getattr(value, "text", value))
    )
    details = {name: _phrase_to_json(fact) for name, fact in issue.details.items()}
    return {
        "code": issue.code,
        "severity": issue.severity,
        "row": issue.row,
        "column": issue.column,
        "letter": issue.letter,
        "value": plain,
        "details": details,
    }


def issue_from_json(stored: Mapping[str, object]) -> Issue:
    """The issue that `issue_to_json` wrote."""
    details = stored["details"]
    assert isinstance(details, dict)  # noqa: S101
    facts = {name: _phrase_from_json(fact) for name, fact in details.items()}
    issue = Issue.of(str(stored["code"]), stored["value"], **facts)
    row = stored["row"]
    placed = issue.at(row if isinstance(row, int) else None, str(stored["column"]), str(stored["letter"]))
    return replace(placed, severity=Severity(str(stored["severity"])))


def _phrase_to_json(fact: object) -> object:
    if isinstance(fact, Phrase):
        return {"say": fact.key, "facts": {name: _phrase_to_json(f) for name, f in fact.facts.items()}}
    return fact


def _phrase_from_json(stored: object) -> object:
    if isinstance(stored, dict):
        return Phrase(stored["say"], {name: _phrase_from_json(f) for name, f in stored["facts"].items()})
    return stored
