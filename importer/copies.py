"""A copy of the input for as long as an import reads it: that takes hours, and people go on working in theirs."""

import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path


class PrivateCopy:
    """A copy of the same name, which only its owner can read; `path` is the file itself where there can be none.

    folder: where it is kept, until `remove` or until the object of `keep_for` is gone.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self.path, self._aside = source, ""
        with suppress(OSError, ValueError):  # whoever reads the file says what is wrong with it
            if source.is_file():
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._aside = tempfile.mkdtemp(prefix="reading-", dir=folder)
                copy = Path(self._aside) / source.name
                shutil.copyfile(source, copy)
                self.path = copy

    def keep_for(self, reader: object) -> None:
        """Remove the copy when `reader` is gone, or the program ends."""
        if self._aside:
            weakref.finalize(reader, shutil.rmtree, self._aside, ignore_errors=True)

    def remove(self) -> None:
        """Remove the copy."""
        if self._aside:
            shutil.rmtree(self._aside, ignore_errors=True)
