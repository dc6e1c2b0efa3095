"""One job's journal.

A step's intent is written before it is sent and its outcome before the next one for the same row is; both survive a
killed process and, since every commit waits for the disk, a power cut. The file is readable by its owner only.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from importer.errors import Unusable
from importer.issues import Phrase
from importer.journal.forms import (
    Stored,
    contact_to_json,
    contacts_from_json,
    differences_to_json,
    dump,
    outcome_from_row,
    outcome_to_row,
)
from importer.journal.lock import Lock, Taken, make_private
from importer.model import Contact, Difference, Outcome

Lines = Iterable[tuple[Outcome, int]]
"""Lines of rows, and for how much each still waits."""

SCHEMA_VERSION = 2
"""1 had no table `checks`; such a journal is read as it is, and gets the table when its job goes on."""

CHECKS = """
CREATE TABLE checks (               -- rows whose contacts were read back
    row INTEGER PRIMARY KEY,
    differences TEXT NOT NULL       -- JSON: what is not as it was meant
);
"""

TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,            -- create-field, update-field, create-group, rename-group, delete-group,
                                   -- create, update, put-back, add, remove, block, unblock, delete
    rows TEXT NOT NULL,            -- JSON list of row numbers; of the sheet that the request names, where it does
    request TEXT NOT NULL,         -- JSON: what was sent
    before TEXT,                   -- JSON: the contacts as they were, for undo
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
    pending INTEGER NOT NULL       -- memberships and acts that are still to be sent
);
{CHECKS}"""

PUT = "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
STEPS = "SELECT id, kind, rows, request, before, answer FROM steps"

LOOK_S = 10.0
"""So long a reader waits for a writer that is just making, or clearing away, the file."""


class Step(Struct, frozen=True):
    """A request that was sent. before: see `Intent`. answer: what came of it; None: nobody saw it."""

    id: int
    kind: str
    rows: tuple[int, ...]
    request: Mapping[str, object]
    before: tuple[Contact, ...] = ()
    answer: object = None


class Intent(NamedTuple):
    """What is about to be sent.

    before: the contacts as they were, where it changes or deletes some; in the order of `rows`.
    """

    kind: str
    rows: Sequence[int]
    request: Mapping[str, object]
    before: Sequence[Contact] = ()


class Done(NamedTuple):
    """What came of a step, with the lines of its rows."""

    step: int
    answer: object
    lines: Lines = ()


def _step(stored: tuple[int, str, str, str, str | None, str | None]) -> Step:
    number, kind, rows, request, before, answer = stored
    return Step(
        number,
        kind,
        tuple(json.loads(rows)),
        json.loads(request),
        contacts_from_json(json.loads(before)) if before else (),
        json.loads(answer) if answer else None,
    )


def _image(before: Sequence[Contact]) -> str | None:
    return dump([contact_to_json(contact) for contact in before]) if before else None


def lock_of(path: Path) -> Path:
    """The lock of the journal at `path`."""
    return path.with_suffix(".lock")


def read_meta(db: sqlite3.Connection) -> dict[str, object]:
    """What `Journal.set` has kept."""
    return {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}


class Journal:
    """What one job has done. Any thread may write; a context manager.

    read_only: to look at a job that may be running.

    Raises:
        Unusable: another process has the job open, or the file cannot be used; any method, if the disk fails.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock: Lock | None = None
        self._turn = threading.RLock()
        with self._told():
            if not read_only:
                self._prepare()
            try:
                self._db = self._connect(read_only=read_only)
            except BaseException:
                self._release()
                raise

    def _prepare(self) -> None:
        """Keep other processes off, and see that the file is there."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock = Lock(lock_of(self.path))
        except Taken:
            raise Unusable("job-running", job=self.job) from None
        try:
            make_private(self.path)
        except BaseException:
            self._release()
            raise

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        mode = "ro" if read_only else "rw"
        uri = f"{self.path.resolve().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOOK_S, check_same_thread=False)
        try:
            if not read_only:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                # a process may have been killed between making the file and these
                if db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                    db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            version = self._version(db)
            if version < SCHEMA_VERSION and not read_only:
                db.executescript(f"BEGIN; {CHECKS} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            has_checks = version == SCHEMA_VERSION or not read_only
        except BaseException:
            db.close()
            raise
        joined = "LEFT JOIN checks USING (row)" if has_checks else ""
        differences = "checks.differences" if has_checks else "NULL"
        self._lines = f"SELECT rows.*, {differences} FROM rows {joined}"  # noqa: S608 - our own words only
        return db

    def _version(self, db: sqlite3.Connection) -> int:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (1, SCHEMA_VERSION):
            reason = Phrase("reason.version", {"version": version})
            raise Unusable("journal-unusable", path=str(self.path), reason=reason)
        return int(version)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self) -> None:
        """Let go of the file; threads that nobody waited for find it closed."""
        with self._turn:
            self._db.close()
        self._release()

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
        with self._told(), self._turn:
            return read_meta(self._db)

    def set(self, **facts: object) -> None:
        """Keep facts about the job; JSON values."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [(name, dump(fact)) for name, fact in facts.items()],
            )

    # ------------------------------------------------------------------------------------------- steps

    def note(self, done: Iterable[Done], intents: Iterable[Intent] = ()) -> list[int]:
        """Write down, all at once, what came of some steps and what is about to be sent; returns the ids of the latter.

        Once it returns, these may be sent.
        """
        answers, lines = list[tuple[str, int]](), list[Stored]()
        for one in done:
            answers.append((dump(one.answer), one.step))
            lines += [outcome_to_row(outcome, pending) for outcome, pending in one.lines]
        sent = datetime.now(UTC).timestamp()
        steps = [
            (kind, dump(list(rows)), dump(request), _image(before), sent)
            for kind, rows, request, before in intents
        ]
        if not (answers or steps):
            return []
        with self._transaction():
            if answers:
                self._db.executemany("UPDATE steps SET answer = ? WHERE id = ?", answers)
            if lines:
                self._db.executemany(PUT, lines)
            return [
                self._db.execute(
                    "INSERT INTO steps (kind, rows, request, before, sent) VALUES (?, ?, ?, ?, ?)", step
                ).lastrowid
                or 0
                for step in steps
            ]

    def begin(
        self, kind: str, rows: Sequence[int], request: Mapping[str, object], before: Sequence[Contact] = ()
    ) -> int:
        """Write down an `Intent`; returns the step's id."""
        (step,) = self.note((), [Intent(kind, rows, request, before)])
        return step

    def finish(self, step: int, answer: object, lines: Lines = ()) -> None:
        """Write down what came of a step; see `Done`."""
        self.note([Done(step, answer, lines)])

    def owe(self, step: int) -> None:
        """Write down that a step wrote to the wrong contact: what it did is to be put back, whoever goes on."""
        with self._transaction():
            self._db.execute("UPDATE steps SET kind = 'put-back' WHERE id = ?", (step,))

    def steps(self, *kinds: str, only_open: bool = False) -> Iterator[Step]:
        """Steps of these kinds, in the order of their sending. only_open: those whose answer nobody saw."""
        condition = "AND answer IS NULL" if only_open else ""
        with self._told():
            found = self._db.execute(
                f"{STEPS} WHERE kind IN (SELECT value FROM json_each(?)) {condition} ORDER BY id",  # noqa: S608
                (dump(kinds),),
            )
            yield from map(_step, found)

    def step(self, number: int) -> Step:
        """The step of an id."""
        with self._told(), self._turn:
            return _step(self._db.execute(f"{STEPS} WHERE id = ?", (number,)).fetchone())

    def open_steps(self, *kinds: str) -> list[Step]:
        """Steps of these kinds that were sent and whose answer nobody saw."""
        with self._turn:
            return list(self.steps(*kinds, only_open=True))

    def close_open_steps(self) -> None:
        """Note that the steps whose answer nobody saw have been settled since, by looking; but for what is owed."""
        with self._transaction():
            self._db.execute(
                "UPDATE steps SET answer = ? WHERE answer IS NULL AND kind <> 'put-back'", (dump("settled"),)
            )

    def answers(self, *kinds: str) -> list[tuple[str, dict[str, object]]]:
        """Kind and answer (a JSON object) of the steps of these kinds that have one, in order."""
        with self._told(), self._turn:
            found = self._db.execute(
                "SELECT kind, answer FROM steps WHERE answer LIKE '{%' AND kind IN "
                "(SELECT value FROM json_each(?)) ORDER BY id",
                (dump(kinds),),
            ).fetchall()
        return [(kind, json.loads(answer)) for kind, answer in found]

    # -------------------------------------------------------------------------------------------- rows

    def put(self, lines: Lines) -> None:
        """Write down lines of rows that needed no step, in one transaction."""
        stored = [outcome_to_row(outcome, pending) for outcome, pending in lines]
        with self._transaction():
            self._db.executemany(PUT, stored)

    def check(self, checks: Iterable[tuple[int, Sequence[Difference]]]) -> None:
        """Write down what was read back of rows' contacts and is not as it was meant."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO checks VALUES (?, ?)",
                [(row, dump(differences_to_json(differences))) for row, differences in checks],
            )

    def outcome(self, row: int) -> tuple[Outcome, int] | None:
        """The line of a row and for how much it still waits; None: nothing is known of it."""
        with self._told(), self._turn:
            found = self._db.execute(f"{self._lines} WHERE rows.row = ?", (row,)).fetchone()
        return outcome_from_row(found) if found else None

    def outcomes(self) -> Iterator[tuple[Outcome, int]]:
        """All lines, in row order."""
        with self._told():
            for found in self._db.execute(f"{self._lines} ORDER BY rows.row"):
                yield outcome_from_row(found)

    # ------------------------------------------------------------------------------------------ the disk

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told(), self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # on some errors SQLite has gone back by itself
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn whatever the disk does into a sentence that names the file."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise Unusable("journal-unusable", path=str(self.path), reason=str(error)) from error
