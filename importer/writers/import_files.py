"""Workbooks for the platform's own import: new-1.xlsx, new-2.xlsx, changed-1.xlsx …, so many records each."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from importer.messages import Catalogue
from importer.writers.drafts import Drafts
from importer.writers.export_files import ExportFiles

LIST = "convert-uploads.csv"
"""Which file is for which groups, where they have files of their own."""


class Upload(Struct, frozen=True):
    """A file to be uploaded. groups: that all its contacts are to join."""

    path: Path
    records: int
    groups: tuple[str, ...]


class _Open(Struct):
    """A file in the making."""

    name: str
    groups: tuple[str, ...]
    file: ExportFiles
    records: int = 0


class ImportFiles:
    """Writes records into as many files as they need; nothing is seen in `folder` before `close`.

    Files that an earlier conversion has left there under these names go away.

    Raises:
        Unusable: the folder or an older file in it cannot be written; any method, if the disk fails.
    """

    def __init__(self, folder: Path, words: Catalogue, records: int) -> None:
        self._words, self._records = words, records
        older = sorted(path.name for path in folder.glob("*.*") if _is_ours(path))
        self._drafts = Drafts(folder, tuple(older), "convert")
        self._open: dict[tuple[str, ...], _Open] = {}  # by groups
        self._done: list[_Open] = []
        self._kind, self._older = "", older

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._open.values():
            one.file.__exit__(kind, error, trace)
        self._drafts.discard()

    def add(
        self, kind: str, headers: Sequence[str], cells: Sequence[object], groups: tuple[str, ...] = ()
    ) -> None:
        """Write a record of a kind (new, changed); all of one kind come one after the other.

        groups: those of its file.
        """
        if kind != self._kind:
            self._finish()
            self._kind = kind
        one = self._open.get(groups)
        if one is None or one.records == self._records:
            self._finish(groups)
            one = self._begin(headers, groups)
        one.file.add(cells)
        one.records += 1

    def close(self) -> tuple[Upload, ...]:
        """Finish the files and put them in the place of older ones."""
        self._finish()
        names = [one.name for one in self._done]
        if any(one.groups for one in self._done):
            self._write_list()
            names.append(LIST)
        self._drafts.names = (*names, *(name for name in self._older if name not in names))
        self._drafts.publish()
        return tuple(Upload(self._drafts.folder / one.name, one.records, one.groups) for one in self._done)

    def _begin(self, headers: Sequence[str], groups: tuple[str, ...]) -> _Open:
        number = 1 + sum(one.name.startswith(f"{self._kind}-") for one in (*self._done, *self._open.values()))
        name = f"{self._kind}-{number}.xlsx"
        file = ExportFiles((self._drafts.path(name),), headers, self._words.say("convert.sheet"))
        self._open[groups] = one = _Open(name, groups, file)
        return one

    def _finish(self, *only: tuple[str, ...]) -> None:
        """Finish what is open, or only the file of these groups."""
        for groups in only or tuple(self._open):
            if one := self._open.pop(groups, None):
                one.file.close()
                self._done.append(one)
        self._done.sort(key=lambda one: _order(one.name))

    def _write_list(self) -> None:
        say = self._words.say
        with self._drafts.told(), self._drafts.path(LIST).open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file)
            lines.writerow([say(f"convert.list.{name}") for name in ("file", "records", "groups")])
            lines.writerows((one.name, one.records, "; ".join(one.groups)) for one in self._done)


def _order(name: str) -> tuple[bool, int]:
    """New contacts first, then by number."""
    kind, _, number = Path(name).stem.partition("-")
    return kind != "new", int(number)


def _is_ours(path: Path) -> bool:
    kind, _, number = path.stem.partition("-")
    return path.name == LIST or (path.suffix == ".xlsx" and kind in ("new", "changed") and number.isdecimal())
