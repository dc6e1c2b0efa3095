"""The mirror's file: SQLite, readable by its owner only; one that is damaged is removed, to be made anew."""

import json
import re
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from importer.errors import MirrorFailed
from importer.journal.lock import make_private
from importer.model import Workspace

FORMAT = 6
BUSY_S = 20.0
"""So long one process waits while another one writes a page."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    modified INTEGER NOT NULL,     -- microseconds since 1970, by the server's clock
    content TEXT NOT NULL,         -- see `Forms`
    digest INTEGER NOT NULL,       -- of uuid and content, so that a damaged row is noticed
    read REAL NOT NULL,            -- when the server showed it, seconds since 1970
    walk INTEGER NOT NULL,         -- number of the latest walk that met it
    shares INTEGER NOT NULL DEFAULT 0,  -- whether another one may have, or have had, one of its keys
    groups TEXT NOT NULL,          -- the ids of its groups as in content, and by what damage to them is noticed
    look INTEGER                   -- see `looks_of`, NULL where it cannot be told by that
);
CREATE INDEX contacts_modified ON contacts (modified);
CREATE INDEX contacts_sharing ON contacts (id) WHERE shares;
CREATE INDEX contacts_looks ON contacts (groups, look, shares) WHERE look IS NOT NULL;
CREATE TABLE urns (key INTEGER NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (key, contact)) WITHOUT ROWID;
CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    members INTEGER NOT NULL DEFAULT 0,
    apart INTEGER NOT NULL DEFAULT 0    -- by how much the server counted more when all contacts had been read
);
CREATE TABLE shapes (id INTEGER PRIMARY KEY, keys TEXT NOT NULL UNIQUE);  -- keys of fields, JSON
CREATE TABLE habits (schemes TEXT PRIMARY KEY, contacts INTEGER NOT NULL) WITHOUT ROWID;
"""

_INDEX = "CREATE INDEX IF NOT EXISTS contacts_read ON contacts (read)"
"""So that whoever asks whether one was read long ago need not go through all. Older files are without."""

encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Damaged(Exception):
    """A row is not as it was written."""


def path_of(folder: Path, url: str, workspace: Workspace) -> Path:
    """Where the mirror of a workspace is; `url`: of its server."""
    host = re.sub(r"[^a-z0-9.-]", "_", urlsplit(url).hostname or "")
    return folder / f"{host}-{re.sub(r'[^a-z0-9-]', '_', workspace.uuid.lower())}.db"


def contacts_in(path: Path) -> tuple[int, float] | None:
    """How many contacts the mirror at `path` holds, and when it last caught up with the server, in seconds since 1970.

    None: there is none that holds all contacts. It is only looked at.
    """
    with (
        suppress(sqlite3.Error, ValueError, TypeError),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db,
    ):
        facts = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM meta")}
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == FORMAT and facts.get("whole"):
            return int(db.execute("SELECT count(*) FROM contacts").fetchone()[0]), float(facts["seen"])
    return None


def remove(path: Path) -> None:
    """Remove a mirror with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


class MirrorFile:
    """The file of one mirror, and a connection to it. Any thread may use it.

    is_there: whether it has been made ready by somebody else just now.
    db: to be used within `transaction`, or within `told` and `turn`.

    Raises:
        MirrorFailed: any method, if the file is damaged or the disk fails.
    """

    def __init__(self, path: Path, *, is_there: bool = False) -> None:
        self.path = path
        self.turn = threading.RLock()
        with self.told():
            if not is_there:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.parent.chmod(0o700)
                make_private(path)
            self.db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
            try:
                self.db.execute("PRAGMA cache_size = -16000")
                if not is_there:
                    self._prepare()
            except BaseException:
                self.db.close()
                raise
            weakref.finalize(self, self.db.close)

    def another(self) -> "MirrorFile":
        """Another connection to it."""
        return MirrorFile(self.path, is_there=True)

    def _prepare(self) -> None:
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            (version,) = self.db.execute("PRAGMA user_version").fetchone()
            if version != FORMAT:
                for (name,) in self.db.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                ).fetchall():
                    self.db.execute(f'DROP TABLE "{name}"')
                for statement in TABLES.split(";"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {FORMAT}")
            self.db.execute(_INDEX)

    def fact(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - JSON
        """What `set` has kept."""
        found = self.one("SELECT value FROM meta WHERE name = ?", (name,))
        return json.loads(found[0]) if found else default

    def set(self, **facts: object) -> None:
        """Keep facts about the mirror; within a transaction."""
        self.db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [(name, encode(fact)) for name, fact in facts.items()],
        )

    def one(self, sql: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a row
        """The first row that is found, or None."""
        with self.told(), self.turn:
            return self.db.execute(sql, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done in the block, or nothing; one within another is part of it."""
        with self.told(), self.turn:
            is_inner = self.db.in_transaction
            if is_inner:
                yield
                return
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into one error; a damaged one is removed, to be made anew."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise MirrorFailed("mirror-failed", path=str(self.path), reason=str(error)) from error
        except (sqlite3.Error, ValueError, Damaged) as error:
            remove(self.path)
            raise MirrorFailed("mirror-failed", path=str(self.path), reason=str(error)) from error
