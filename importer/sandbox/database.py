"""The SQLite database behind the store: its tables, its file, transactions, and facts of the workspace."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import asdict, replace

from importer.errors import Unusable
from importer.issues import Phrase

APPLICATION_ID = 0x57454E49
"""Marks our files: `WENI`."""
FORMAT = 1
BUSY_S = 0.5
"""How long to wait for another sandbox that may just be stopping."""

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE fields (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    value_type TEXT NOT NULL, made_at REAL NOT NULL
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, query TEXT,
    made_at REAL NOT NULL
);
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT, folded TEXT, language TEXT,
    status TEXT NOT NULL, field_values TEXT NOT NULL,
    created_on INTEGER NOT NULL, modified_on INTEGER NOT NULL UNIQUE
);
CREATE INDEX deleted_contacts ON contacts (modified_on) WHERE status = 'deleted';
CREATE TABLE urns (
    identity TEXT PRIMARY KEY, contact INTEGER NOT NULL, position INTEGER NOT NULL, urn TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX urns_of_contact ON urns (contact, position);
CREATE TABLE members (
    contact INTEGER NOT NULL, grp INTEGER NOT NULL, PRIMARY KEY (contact, grp)
) WITHOUT ROWID;
CREATE INDEX members_of_group ON members (grp, contact);
"""


class Facts(Struct):
    """What workspace.json tells of the workspace, beside its fields and groups."""

    name: str
    country: str
    timezone: str
    date_style: str
    uuid: str = ""


class Database:
    """One workspace's file, or memory. A file belongs to one process at a time.

    Raises:
        Unusable: sandbox-db-busy, sandbox-db-invalid.
    """

    def __init__(self, path: Path | None, facts: Facts) -> None:
        self._path = str(path)
        self._depth = 0
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path,
                timeout=BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise Unusable("sandbox-db-invalid", path=self._path, reason=str(error)) from error
        try:
            self._open(facts)
        except sqlite3.Error as error:
            self.close()
            key = "sandbox-db-busy" if "locked" in str(error) else "sandbox-db-invalid"
            raise Unusable(key, path=self._path, reason=str(error)) from error
        except Unusable:
            self.close()
            raise

    def _open(self, facts: Facts) -> None:
        # held until the end: a second sandbox on this file would not see what this one keeps in memory
        self.run("PRAGMA locking_mode = EXCLUSIVE")
        self.is_new = not self.count("SELECT COUNT(*) FROM sqlite_master")
        marks = (self.count("PRAGMA application_id"), self.count("PRAGMA user_version"))
        if not self.is_new and marks != (APPLICATION_ID, FORMAT):
            raise Unusable("sandbox-db-invalid", path=self._path, reason=Phrase("reason.something-else"))
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = OFF")
        with self.transaction():
            if self.is_new:
                for statement in SCHEMA.split(";"):
                    self.run(statement)
                self.run(f"PRAGMA application_id = {APPLICATION_ID}")
                self.run(f"PRAGMA user_version = {FORMAT}")
                self.keep_facts(replace(facts, uuid=str(uuid4())))
        self.facts = Facts(**dict(self.run("SELECT name, value FROM facts")))

    def close(self) -> None:
        """Put everything into the one file, and let go of it."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one is part of the outer."""
        if not self._depth:
            self.run("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if not self._depth:
                self.run("ROLLBACK")
            raise
        self._depth -= 1
        if not self._depth:
            self.run("COMMIT")

    def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """One statement."""
        return self._connection.execute(sql, values)

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for each row of values."""
        self._connection.executemany(sql, rows)

    def count(self, sql: str, values: Sequence[object] = ()) -> int:
        """The one number that a query gives."""
        return int(self.run(sql, values).fetchone()[0])

    def add(self, sql: str, values: Sequence[object]) -> int:
        """Insert a row; its number."""
        return self.run(sql, values).lastrowid or 0

    def keep_facts(self, facts: Facts) -> None:
        """Write down what the workspace is."""
        self.facts = facts
        self.run_each("INSERT OR REPLACE INTO facts VALUES (?, ?)", asdict(facts).items())
