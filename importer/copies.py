"""A copy of the input for as long as an import reads it: that takes hours, and people go on working in theirs."""

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from importer.journal import Lock, is_held

PREFIX = "reading-"
LOCK = ".in-use"
"""In the folder of a copy; held by the process that made it, however that ends."""


class PrivateCopy:
    """A copy of the same name, which only its owner can read; `path` is the file itself where there can be none.

    folder: where it is kept, until `remove` or until the object of `keep_for` is gone.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self.path, self._aside = source, ""
        self._lock: Lock | None = None
        with suppress(
            OSError, ValueError, sqlite3.Error
        ):  # whoever reads the file says what is wrong with it
            if source.is_file():
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._aside = tempfile.mkdtemp(prefix=PREFIX, dir=folder)
                self._lock = Lock(Path(self._aside) / LOCK)
                copy = Path(self._aside) / source.name
                shutil.copyfile(source, copy)
                self.path = copy

    def keep_for(self, reader: object) -> None:
        """Remove the copy when `reader` is gone, or the program ends."""
        if self._aside:
            weakref.finalize(reader, _remove, self._aside, self._lock)

    def remove(self) -> None:
        """Remove the copy."""
        if self._aside:
            _remove(self._aside, self._lock)


def _remove(aside: str, lock: Lock | None) -> None:
    if lock is not None:
        lock.release()
    shutil.rmtree(aside, ignore_errors=True)


def copies_in(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The folders of copies, those that a killed process has left among them, and whether one is in use."""
    for path in sorted(folder.glob(f"{PREFIX}*")):
        if path.is_dir():
            yield path, is_held(path / LOCK)
