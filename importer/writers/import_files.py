"""Workbooks for the platform's own import: new-1.xlsx, new-2.xlsx, changed-1.xlsx …, so many records each."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from importer.messages import Catalogue
from importer.writers.drafts import Drafts
from importer.writers.export_files import ExportFiles


class ImportFiles:
    """Writes records into as many files as they need; nothing is seen in `folder` before `close`.

    Files that an earlier conversion has left there under these names go away.

    Raises:
        Unusable: the folder or an older file in it cannot be written; any method, if the disk fails.
    """

    def __init__(self, folder: Path, words: Catalogue, records: int) -> None:
        self._title, self._records = words.say("convert.sheet"), records
        older = sorted(path.name for path in folder.glob("*.xlsx") if _is_ours(path.stem))
        self._drafts = Drafts(folder, tuple(older), "convert")
        self._names: list[str] = []
        self._open: ExportFiles | None = None
        self._kind, self._rows, self._older = "", 0, older

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._open.__exit__(kind, error, trace)
        self._drafts.discard()

    def add(self, kind: str, headers: Sequence[str], cells: Sequence[object]) -> None:
        """Write a record of a kind (new, changed); all of one kind come one after the other."""
        if kind != self._kind or self._rows == self._records:
            self._begin(kind, headers)
        if self._open:
            self._open.add(cells)
        self._rows += 1

    def close(self) -> tuple[Path, ...]:
        """Finish the files and put them in the place of older ones."""
        self._finish()
        self._drafts.names = (*self._names, *(name for name in self._older if name not in self._names))
        return self._drafts.publish()

    def _begin(self, kind: str, headers: Sequence[str]) -> None:
        self._finish()
        number = 1 + sum(name.startswith(f"{kind}-") for name in self._names)
        self._names.append(f"{kind}-{number}.xlsx")
        self._open = ExportFiles((self._drafts.path(self._names[-1]),), headers, self._title)
        self._kind, self._rows = kind, 0

    def _finish(self) -> None:
        if self._open:
            self._open.close()
            self._open = None


def _is_ours(stem: str) -> bool:
    kind, _, number = stem.partition("-")
    return kind in ("new", "changed") and number.isdecimal()
