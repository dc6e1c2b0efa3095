"""The parts of an Open XML file (.xlsx, .xlsm, .xlsb): a zip archive whose members name each other."""

import posixpath
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from importer.readers.damage import too_large, unpacked_limit
from importer.readers.safexml import open_tags

WORKBOOK_TYPES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": "xlsx",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.template.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.addin.macroEnabled.main+xml": "xlsm",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.main": "xlsb",
}
_FIRST_TEXTS = 200_000


class Package:
    """The parts of an Open XML file by name; a part that unpacks to something absurd is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self._parts = {_key(info.filename): info for info in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def names(self) -> Iterator[str]:
        """The names of all parts, as they are compared."""
        return iter(self._parts)

    def open(self, name: str) -> IO[bytes]:
        """A stream of one part, to be closed; KeyError if there is no such part."""
        part = self._parts[_key(name)]
        limit = unpacked_limit(part.compress_size)
        if part.file_size > limit:  # zipfile reads no more than this size, whatever the stream holds
            raise too_large(limit)
        # each stream has the archive for itself, so that rows may be read twice at a time
        archive = zipfile.ZipFile(self.path)
        try:
            stream = archive.open(part)
        except BaseException:
            archive.close()
            raise
        closing = stream.close

        def close() -> None:
            closing()
            archive.close()

        stream.close = close  # type: ignore[method-assign]
        return stream

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """The relations of a part: id → (last part of their type, name of the other part)."""
        folder, base = posixpath.split(name)
        relations = f"{folder}/_rels/{base}.rels"
        if relations not in self:
            return {}
        with self.open(relations) as stream:
            return {
                attributes.get("Id", ""): (
                    attributes.get("Type", "").rpartition("/")[2],
                    posixpath.join(folder, attributes.get("Target", "")),
                )
                for _, tag, attributes in open_tags(stream)
                if tag == "Relationship"
            }

    def workbook(self) -> tuple[str, str] | None:
        """The name of the main part and its kind (xlsx, xlsm, xlsb); None if this is no workbook."""
        if "[Content_Types].xml" not in self:
            return None
        with self.open("[Content_Types].xml") as stream:
            for _, _, attributes in open_tags(stream):
                if kind := WORKBOOK_TYPES.get(attributes.get("ContentType", "")):
                    return attributes.get(
                        "PartName"
                    ) or f"xl/workbook.{'bin' if kind == 'xlsb' else 'xml'}", kind
        return None


class SharedTexts:
    """Texts by number. The first ones are kept as they are, all others as UTF-8 in one piece.

    That takes a third of the memory, and three times as long to get at.
    """

    def __init__(self) -> None:
        self.first: list[str] = []
        self._rest, self._ends = bytearray(), array("Q", [0])

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        if number < len(self.first):
            return self.first[number]
        place = number - _FIRST_TEXTS
        return self._rest[self._ends[place] : self._ends[place + 1]].decode("utf-8", "surrogatepass")

    def append(self, text: str) -> None:
        """Add the next text."""
        if len(self.first) < _FIRST_TEXTS:
            self.first.append(text)
        else:
            self._rest.extend(text.encode("utf-8", "surrogatepass"))
            self._ends.append(len(self._rest))


def _key(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/").lstrip("/")).lower()
