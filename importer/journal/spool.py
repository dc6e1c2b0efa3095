"""Contacts put aside on the disk while they are read: a million of them fit, and a reading that was cut off goes on.

The file is readable by its owner only, and goes away when what it was for is done.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from importer.errors import Unusable
from importer.journal.forms import contact_from_json, contact_to_json, dump
from importer.journal.lock import Lock, Taken, make_private
from importer.model import Contact

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contacts (
    uuid TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    shape TEXT NOT NULL,           -- JSON: columns for URNs by scheme
    contact TEXT NOT NULL          -- JSON
) WITHOUT ROWID;
"""

Shaped = tuple[Contact, Mapping[str, int]]
"""A contact with the columns that its URNs need."""


class Spool:
    """A file of contacts, each once, as last seen; a context manager.

    Raises:
        Unusable: another process has it, or the file cannot be used; any method, if the disk fails.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                self._lock = Lock(path.with_suffix(".lock"))
            except Taken:
                raise Unusable("export-running") from None
            try:
                make_private(path)
                self._db = sqlite3.connect(path, isolation_level=None)
                self._db.executescript(_TABLES)
            except BaseException:
                self._lock.release()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._lock.release()

    def remove(self) -> None:
        """Delete the file: what it was for is done. Nothing more can be asked of it."""
        self._db.close()
        self._path.unlink(missing_ok=True)

    def note(self, **values: str) -> None:
        """Remember some words about the reading."""
        with self._told():
            self._note(values)

    def noted(self, key: str) -> str | None:
        """What was remembered; None: nothing yet."""
        with self._told():
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def put(self, page: Iterable[Shaped], **values: str) -> None:
        """Keep a page of contacts and, in the same moment, words about how far the reading has come."""
        rows = [
            (contact.uuid, contact.created_on, dump(shape), dump(contact_to_json(contact)))
            for contact, shape in page
        ]
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?)", rows)
            self._note(values)
            self._db.execute("COMMIT")

    def drop(self, uuids: Iterable[str]) -> None:
        """Forget contacts."""
        with self._told():
            self._db.executemany("DELETE FROM contacts WHERE uuid = ?", [(uuid,) for uuid in uuids])

    def __len__(self) -> int:
        with self._told():
            (count,) = self._db.execute("SELECT COUNT(*) FROM contacts").fetchone()
        return int(count)

    def shapes(self) -> Iterator[Counter[str]]:
        """Every different shape of the contacts."""
        with self._told():
            for (shape,) in self._db.execute("SELECT DISTINCT shape FROM contacts"):
                yield Counter(json.loads(shape))

    def contacts(self) -> Iterator[Contact]:
        """All contacts, oldest first."""
        with self._told():
            for (contact,) in self._db.execute("SELECT contact FROM contacts ORDER BY created, uuid"):
                yield contact_from_json(json.loads(contact))

    def _note(self, values: Mapping[str, str]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise Unusable("journal-unusable", path=str(self._path), reason=str(error)) from error
