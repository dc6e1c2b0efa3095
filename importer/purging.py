"""What is kept on this machine, and its removal: journals, mirrors, what the page keeps, copies that were left behind.

Nothing that a running job uses is removed.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from importer.copies import copies_in
from importer.errors import Unusable
from importer.jobs import PAGE_LOCK, job_folder, mirror_folder, state_folder
from importer.journal import is_held, locked_files

EXPORTS, PAGE = "exports", "web"
"""Folders in the state folder."""


class Kept(Struct, frozen=True):
    """One thing that is kept.

    kind: journal, mirror, export (what one that was stopped has read), page (a file brought to it, with all that was
    made of it, or something else that it remembers) or copy (of a file that was being imported).
    path: its folder, or its file, which SQLite may have put others beside. size: in bytes. touched: when it was last
    written. in_use: by a job, or a page, that is running.
    """

    kind: str
    path: Path
    size: int
    touched: datetime
    in_use: bool


def find_kept(state: Path | None = None) -> list[Kept]:
    """All that is kept in the state folder; files that nobody knows are left out."""
    journals = list(locked_files(job_folder(state).path))
    some_run = any(in_use for _, in_use in journals)
    mirrors = ((path, some_run) for path in sorted(mirror_folder(state).glob("*.db")))
    exports = locked_files(state_folder(state) / EXPORTS)
    copies = copies_in(state_folder(state))
    page = _of_the_page(state_folder(state) / PAGE)
    kinds = (
        ("journal", journals),
        ("mirror", mirrors),
        ("export", exports),
        ("page", page),
        ("copy", copies),
    )
    return [_kept(kind, path, in_use) for kind, found in kinds for path, in_use in found]


def _of_the_page(folder: Path) -> Iterator[tuple[Path, bool]]:
    lock = folder / PAGE_LOCK
    runs = is_held(lock)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path != lock and not path.name.endswith(("-wal", "-shm", "-journal")):
            yield path, runs


def find_kept_of_job(job: str, state: Path | None = None) -> list[Kept]:
    """The journal of a job, named as `JobFolder.find` has it.

    Raises:
        Unusable: there is no such job.
    """
    path = job_folder(state).find(job).path
    return [one for one in find_kept(state) if one.path == path]


def remove_kept(kept: Iterable[Kept], state: Path | None = None) -> list[Kept]:
    """Remove what is not in use; returns what is gone.

    Raises:
        Unusable: something cannot be removed.
    """
    gone = []
    for one in kept:
        try:
            if not one.in_use and _remove(one, state):
                gone.append(one)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unusable("purge-failed", path=str(one.path), reason=reason) from None
    return gone


def _remove(one: Kept, state: Path | None) -> bool:
    if one.kind == "journal":
        return job_folder(state).remove(one.path)
    if one.path.is_dir():
        shutil.rmtree(one.path)
        return True
    for path in (*_files(one.path), one.path.with_suffix(".lock")):
        path.unlink(missing_ok=True)
    return True


def _kept(kind: str, path: Path, in_use: bool) -> Kept:
    stats = [file.stat() for file in _files(path)]
    touched = max((stat.st_mtime for stat in stats), default=0.0)
    return Kept(kind, path, sum(stat.st_size for stat in stats), datetime.fromtimestamp(touched, UTC), in_use)


def _files(path: Path) -> Iterator[Path]:
    """The files of a folder; a file with those that SQLite has put beside it."""
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    else:
        beside = (path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal"))
        yield from (file for file in beside if file.exists())
