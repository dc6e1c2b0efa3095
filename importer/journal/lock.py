"""Locks between processes, which the system drops when their owner dies, however it dies."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path


class Taken(Exception):
    """Another process has the lock."""


class Lock:
    """An exclusive transaction on a file of its own, which stays behind empty: others may be waiting on it.

    wait_s: how long to wait for another owner; as long as a look at it takes at least.

    Raises:
        Taken: another process has it. OSError, sqlite3.Error: the file cannot be used.
    """

    def __init__(self, path: Path, wait_s: float = 0.1) -> None:
        make_private(path)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=wait_s, check_same_thread=False)
        try:
            self._db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._db.close()
            if is_busy(error):
                raise Taken from None
            raise

    def release(self) -> None:
        """Let others have it."""
        self._db.close()


def is_held(path: Path) -> bool:
    """Whether some process has the lock just now."""
    if not path.exists():
        return False
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as db:
            db.execute("SELECT 1 FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        return is_busy(error)
    return False


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error only says that another connection has the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def make_private(path: Path) -> None:
    """Make a file that only its owner can read, if it is not there.

    One that is there is not even opened: closing it would drop the locks that this process has on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
