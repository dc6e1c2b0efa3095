"""The log of our own calls on disk, shared by all processes that draw on one budget.

The file is readable by its owner only and holds no token: an account is a digest made with a key of the file's own.
Its times are of a clock that nobody can set; it begins anew whenever the machine starts, so which start that was, and
what the wall clock showed, is in the file, too: by that the times are carried over.

No import stops because its pace cannot be kept: each process knows its own calls and goes by them as long as it must.
"""

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from importer import platform
from importer.api.pace import Blocked, MemoryLog
from importer.api.patience import ASKED_MAX_S
from importer.clock import start_of_steady
from importer.issues import Phrase

T = TypeVar("T")
Clock = Callable[[], float]
OnTrouble = Callable[[str | Phrase], None]
"""Is told why the log cannot be kept on disk; once for each time that it begins."""

LOCKED_S = 2.0
"""So long another process may take to note a call."""
AGAIN_S = 60.0
"""After so long it is tried again whether the file can be used."""
KEPT_S = 2 * platform.WINDOW_S
"""Calls older than this are struck out."""
SET_S = 0.2
"""By less the wall clock may be moved without a word: it is kept right that way."""

SCHEMA_VERSION = 1
TABLES = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE calls (account TEXT NOT NULL, sent REAL NOT NULL);
CREATE INDEX calls_sent ON calls (account, sent);
CREATE TABLE holds (account TEXT PRIMARY KEY, until REAL NOT NULL);
"""
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def forget(reason: str | Phrase) -> None:
    """Tell nobody."""


class PaceFile:
    """The file with the calls of all accounts; safe to share between threads.

    clock: the one that the times of its logs are of. wall, start: the time of day in seconds since 1970, and which
    start of the machine `clock` counts from.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        wall: Clock = time.time,
        start: str = "",
        on_trouble: OnTrouble = forget,
    ) -> None:
        self._path = path
        self._clock, self._wall = clock, wall
        self._start = start or start_of_steady()
        self._on_trouble = on_trouble
        self._db: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._again_at = float("-inf")
        self._unwritten: list[tuple[str, float]] = []
        self._accounts: dict[str, str] = {}  # how the file that is open calls them, by name

    def log(self, host: str, token: str, scope: str) -> "SharedLog":
        """The log of one budget: that of `token` at `host`, for "contacts" or "other"."""
        return SharedLog(self, f"{host}\n{token}\n{scope}")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
                self._accounts.clear()

    # ------------------------------------------------------------------------------------------- using it

    def use(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `work` makes of the file in one transaction; None: the file cannot be used just now."""
        with self._lock:
            if self._clock() < self._again_at:
                return None
            try:
                return self._try(work)
            except (OSError, sqlite3.Error) as error:
                self._give_up_for_now(error)
                return None

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._transact(work)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGED:
                raise
        except (LookupError, TypeError, ValueError):  # what the facts must be, they are not
            pass
        # a damaged file holds nothing that an hour does not bring back
        self.close()
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)
        return self._transact(work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            self._carry_over(db)
            if self._unwritten:
                missed = [(self.account(db, name), sent) for name, sent in self._unwritten]
                db.executemany("INSERT INTO calls VALUES (?, ?)", missed)
            done = work(db)
            db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        self._unwritten.clear()
        return done

    def _give_up_for_now(self, error: Exception) -> None:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
        first = self._again_at == float("-inf")
        self._again_at = self._clock() + AGAIN_S
        with suppress(sqlite3.Error):
            self.close()
        if first:
            self._on_trouble(Phrase("reason.locked") if busy else str(error))

    def remember(self, name: str, sent: float) -> None:
        """Keep a call that could not be noted, for when the file can be used again."""
        with self._lock:
            self._unwritten.append((name, sent))

    def forget(self, name: str, sent: float) -> None:
        """Strike out a call that was to be noted later."""
        with self._lock, suppress(ValueError):
            self._unwritten.remove((name, sent))

    # ------------------------------------------------------------------------------------------- the file

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            db = sqlite3.connect(self._path, isolation_level=None, timeout=LOCKED_S, check_same_thread=False)
            try:
                _prepare(db)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db

    def account(self, db: sqlite3.Connection, name: str) -> str:
        """How the file calls the account of this name: nobody can tell whose it is without the token."""
        if name not in self._accounts:
            (key,) = db.execute("SELECT value FROM facts WHERE key = 'key'").fetchone()
            digest = blake2b(name.encode(), key=bytes.fromhex(key), digest_size=16)
            self._accounts[name] = digest.hexdigest()
        return self._accounts[name]

    def _carry_over(self, db: sqlite3.Connection) -> None:
        """Make the file's times those of our clock, and keep in mind how far the wall clock is ahead of it."""
        ahead = self._wall() - self._clock()
        known = dict(db.execute("SELECT key, value FROM facts WHERE key IN ('start', 'ahead')").fetchall())
        if known.get("start") == self._start and abs(float(known["ahead"]) - ahead) <= SET_S:
            return
        if known and known.get("start") != self._start:
            moved = float(known["ahead"]) - ahead
            now = self._clock()
            # nothing was sent later than now, whatever the wall clock says; then it was set back since
            (latest,) = db.execute("SELECT max(sent) FROM calls").fetchone()
            moved = min(moved, now - latest) if latest is not None else moved
            if abs(moved) > SET_S:
                db.execute("UPDATE calls SET sent = sent + ?", (moved,))
            db.execute("UPDATE holds SET until = min(until + ?, ?)", (moved, now + ASKED_MAX_S))
        db.executemany(
            "INSERT OR REPLACE INTO facts VALUES (?, ?)", [("start", self._start), ("ahead", ahead)]
        )


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
        for table in ("facts", "calls", "holds"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in filter(str.strip, TABLES.split(";")):
            db.execute(statement)
        db.execute("INSERT INTO facts VALUES ('key', ?)", (secrets.token_hex(32),))
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


_IN_THE_WAY = """SELECT
    (SELECT until FROM holds WHERE account = ? AND until > ?),
    (SELECT sent FROM calls WHERE account = ? AND sent > ? ORDER BY sent DESC LIMIT 1 OFFSET ?)"""
_FREE = Blocked()


class SharedLog:
    """One budget's calls: in the file, and those of this process in memory as well; see `Log`."""

    def __init__(self, file: PaceFile, name: str) -> None:
        self._file = file
        self._name = name
        self._own = MemoryLog()

    def take(self, now: float, since: float, budget: int) -> Blocked | None:
        """See `Log`."""

        def note(db: sqlite3.Connection) -> Blocked:
            account = self._file.account(db, self._name)
            until, left = db.execute(_IN_THE_WAY, (account, now, account, since, budget - 1)).fetchone()
            if until is None and left is None:
                db.execute("INSERT INTO calls VALUES (?, ?)", (account, now))
                db.execute("DELETE FROM calls WHERE account = ? AND sent < ?", (account, now - KEPT_S))
            return Blocked(until, left or 0.0) if until is not None or left is not None else _FREE

        blocked = self._file.use(note)
        if blocked is None:
            blocked = self._own.take(now, since, budget)
            if blocked is None:
                self._file.remember(self._name, now)
            return blocked
        if blocked is not _FREE:
            return blocked
        self._own.note(now, since)
        return None

    def give_back(self, stamp: float) -> None:
        """See `Log`."""
        self._own.give_back(stamp)
        self._file.forget(self._name, stamp)

        def strike(db: sqlite3.Connection) -> bool:
            db.execute(
                "DELETE FROM calls WHERE rowid = (SELECT rowid FROM calls WHERE account = ? AND sent = ? LIMIT 1)",
                (self._file.account(db, self._name), stamp),
            )
            return True

        self._file.use(strike)

    def after(self, since: float) -> Sequence[float]:
        """See `Log`."""

        def read(db: sqlite3.Connection) -> list[float]:
            found = db.execute(
                "SELECT sent FROM calls WHERE account = ? AND sent > ? ORDER BY sent",
                (self._file.account(db, self._name), since),
            )
            return [sent for (sent,) in found]

        found = self._file.use(read)
        return self._own.after(since) if found is None else found

    def hold(self, until: float) -> None:
        """See `Log`."""
        self._own.hold(until)

        def keep(db: sqlite3.Connection) -> bool:
            db.execute(
                "INSERT INTO holds VALUES (?, ?) "
                "ON CONFLICT (account) DO UPDATE SET until = max(until, excluded.until)",
                (self._file.account(db, self._name), until),
            )
            return True

        self._file.use(keep)

    def held_until(self) -> float:
        """See `Log`."""

        def read(db: sqlite3.Connection) -> float:
            account = self._file.account(db, self._name)
            found = db.execute("SELECT until FROM holds WHERE account = ?", (account,)).fetchone()
            return float(found[0]) if found else float("-inf")

        found = self._file.use(read)
        return self._own.held_until() if found is None else found
