"""A private file in which things are put aside while the program runs, so that nobody does the same work twice."""

import os
import pickle
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

Place = tuple[int, int]
"""Where a thing is in the file, and its length."""


class Shelf:
    """Things put aside. The file has no name: nobody else can open it, and it is gone when the program ends.

    folder: where it is kept. is_open: whether more can be put there; there may be no room.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.is_open = False
        self._turn = threading.Lock()
        self._end = 0
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed with the shelf
            weakref.finalize(self, self._file.close)
            self.is_open = True

    def another(self) -> "Shelf":
        """One in the same folder, which another process may fill while this one fills its own."""
        return Shelf(self._folder)

    def put(self, thing: object) -> Place | None:
        """Put a thing aside; None: there is no room."""
        packed = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        with self._turn:
            if self.is_open:
                with suppress(OSError):
                    self._file.seek(self._end)
                    left = memoryview(packed)
                    while left:
                        left = left[self._file.write(left) :]
                    self._end += len(packed)
                    return self._end - len(packed), len(packed)
            self.is_open = False
        return None

    def get(self, place: Place) -> Any:  # noqa: ANN401 - whatever was put there
        """The thing that was put there. Processes that share the shelf may ask at once."""
        at, length = place
        if sys.platform == "win32":  # where they do not share one
            with self._turn:
                self._file.seek(at)
                packed = self._file.read(length)
        else:
            packed = os.pread(self._file.fileno(), length, at)
        return pickle.loads(packed)  # noqa: S301 - written by this program just now
