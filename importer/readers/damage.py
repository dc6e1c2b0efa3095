"""Refusing files: the sentences for what cannot be read, and the bounds of what is unpacked."""

import csv
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers.expat import ExpatError

from importer.errors import Unusable
from importer.issues import Issue, Phrase
from importer.model import FileInfo

UNPACKED_FLOOR = 128 * 2**20
UNPACKED_FACTOR = 150
"""Unpacked bytes that a part may have: the floor, or so many times the packed bytes.

Sheets seldom shrink to less than a thirtieth; rows of styled blanks, the worst seen, to a hundredth.
"""

BROKEN = (
    zipfile.BadZipFile, zlib.error, ExpatError, EOFError, OSError, struct.error, csv.Error,
    LookupError, ValueError, ArithmeticError, AssertionError, RuntimeError, NotImplementedError,
)  # fmt: skip
"""What the parsers of the standard library raise on damaged files (UnicodeError is a ValueError)."""


def unreadable(reason: str, info: FileInfo | None = None) -> Unusable:
    """The file is no table: `reason` is the last part of the key of its sentence."""
    return Unusable.file(Issue.of("file-unreadable", reason=Phrase(f"unreadable.{reason}")), info)


def too_large(limit: int, info: FileInfo | None = None) -> Unusable:
    """The file unpacks to more than `limit` bytes."""
    return Unusable.file(Issue.of("file-too-large", limit=f"{limit // 2**20} MB"), info)


def unpacked_limit(packed: int) -> int:
    """Bytes that a part of so many packed bytes may unpack to."""
    return max(UNPACKED_FLOOR, UNPACKED_FACTOR * packed)


@contextmanager
def whatever_breaks(info: FileInfo | None) -> Iterator[None]:
    """Tells damage that a parser meets as an unusable file; Unusable passes, completed by `info`.

    Fit for generators: what the consumer throws in does not come here, only what the parser raises.
    """
    try:
        yield
    except Unusable as error:
        error.info = error.info or info
        raise
    except BROKEN as error:
        raise unreadable("broken", info) from error
