"""What a file is, by its content: its name may be wrong. Archives are unpacked to a file first.

The module of a format is loaded for a file that has it.
"""

import codecs
import gzip
import hashlib
import os
import re
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from msgspec.structs import replace

from importer.errors import Unusable
from importer.issues import Issue
from importer.model import FileInfo
from importer.readers.compound import MAGIC, CompoundFile
from importer.readers.damage import too_large, unpacked_limit, unreadable, whatever_breaks
from importer.readers.encodings import Encoding, find_encoding, zero_pattern
from importer.readers.package import Package
from importer.readers.sheets import Source
from importer.readers.text import open_text

_KINDS = {
    "": (), ".csv": ("csv",), ".txt": ("csv",), ".tsv": ("csv",), ".tab": ("csv",),
    ".xlsx": ("xlsx",), ".xltx": ("xlsx",), ".xlsm": ("xlsm",), ".xltm": ("xlsm",), ".xlsb": ("xlsb",),
    ".xls": ("xls",), ".xlt": ("xls",), ".ods": ("ods",), ".ots": ("ods",), ".fods": ("ods",),
    ".html": ("html",), ".htm": ("html",), ".xml": ("xml-2003", "ods"),
    ".gz": ("gzip",), ".zip": ("zip",),
}  # fmt: skip
"""Suffix of a name → the kinds that it promises; another suffix promises nothing."""

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
# only what no text begins with; other pictures and programs show by their control characters
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_NO_TABLES = (b"%PDF-", b"{\\rtf", b"Rar!\x1a")
_CONTROLS = (*range(9), *range(14, 27), *range(28, 32))
_HEAD = 1 << 13
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(r"<meta[^>]*?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_CHUNK = 1 << 20


def open_path(path: Path, shown: str) -> Source:
    """The sheets of a file. shown: the path as the user gave it. Raises Unusable; the caller closes the source."""
    info = FileInfo(shown, _promised(path.name))
    try:
        if path.is_dir():
            raise Unusable.file(Issue.of("file-is-folder", shown), info)
        if path.exists() and not path.is_file():  # a pipe or a device, which cannot be read twice
            raise unreadable("unknown", replace(info, kind="unknown"))
        with _digest_of(path) as digest:
            return _open(path, path.name, info).but(digest=digest())
    except FileNotFoundError as error:
        raise Unusable.file(Issue.of("file-not-found", shown), info) from error
    except PermissionError as error:
        raise Unusable.file(Issue.of("file-not-allowed", shown), info) from error
    except (OSError, ValueError) as error:  # a name that no file can have, a disk that fails
        raise unreadable("broken", info) from error


@contextmanager
def _digest_of(path: Path) -> Iterator[Callable[[], str]]:
    """What waits for the SHA-256 of a file, in hexadecimal, which a thread works out beside the rest.

    Raises:
        OSError, ValueError: when it is waited for, as elsewhere where the file is read.
    """
    found, failed = hashlib.sha256(), list[Exception]()

    def go_through() -> None:
        # reading and adding let the other thread work; after each piece this one may have to wait for it
        piece = memoryview(bytearray(_CHUNK))
        try:
            with path.open("rb", buffering=0) as stream:
                while size := stream.readinto(piece):
                    found.update(piece[:size])
        except (OSError, ValueError) as error:
            failed.append(error)

    thread = threading.Thread(target=go_through, daemon=True)
    thread.start()

    def digest() -> str:
        thread.join()
        if failed:
            raise failed[0]
        return found.hexdigest()

    try:
        yield digest
    finally:
        thread.join()


def _open(path: Path, name: str, info: FileInfo) -> Source:
    """The content of `path`, which goes by `name`, whether on the disk or in an archive."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head:
        raise Unusable.file(Issue.of("file-empty"), info)
    if head.startswith(_GZIP):
        return _unpack_gzip(path, name, info)
    if head.startswith(_ZIP):
        return _open_zip(path, name, info)
    if head.startswith(MAGIC):
        return _checked(_open_compound(path, name, info), name)
    if head.startswith(_PICTURES):
        raise unreadable("picture", replace(info, kind="unknown"))
    if head.startswith(_NO_TABLES) or _is_binary(head):
        raise unreadable("unknown", replace(info, kind="unknown"))
    return _checked(_open_text_kind(path, head, info), name)


def _open_text_kind(path: Path, head: bytes, info: FileInfo) -> Source:
    """Markup of the three kinds that hold tables, or delimited text."""
    text = _as_text(head)
    if text.lstrip().startswith("<"):
        from importer.readers.xml2003 import NAMESPACE, open_spreadsheet

        if NAMESPACE in text and "<html" not in text.lower():
            return open_spreadsheet(lambda: path.open("rb"), replace(info, kind="xml-2003"))
        if "urn:oasis:names:tc:opendocument" in text:
            from importer.readers.opendocument import open_document

            return open_document(lambda: path.open("rb"), replace(info, kind="ods"))
        if _MARKUP.match(text):
            return _open_html(path, text, replace(info, kind="html"))
    info = replace(info, kind="csv")
    with whatever_breaks(info):
        return open_text(path, info)


def _open_html(path: Path, head: str, info: FileInfo) -> Source:
    """A page says its encoding itself, unless it is UTF-8 anyway or has a mark."""
    from importer.readers.webpage import open_page

    with whatever_breaks(info):
        encoding = find_encoding(path)
        declared = _CHARSET.search(head)
        if encoding.issues and not encoding.start and declared and (name := _known_encoding(declared[1])):
            encoding = Encoding(name)
        return open_page(lambda: encoding.lines(path), info).but(*encoding.issues, encoding=encoding.name)


def _open_compound(path: Path, name: str, info: FileInfo) -> Source:
    from importer.readers.xls import STREAM, open_xls

    info = replace(info, kind="xls")
    with whatever_breaks(info):
        compound = CompoundFile(path)
    if "EncryptedPackage" in compound:
        promised = _promised(name)
        kind = promised if promised in ("xlsx", "xlsm", "xlsb") else "xlsx"
        raise Unusable.file(Issue.of("file-encrypted"), replace(info, kind=kind))
    if STREAM not in compound:
        raise unreadable("unknown", replace(info, kind="unknown"))
    return open_xls(compound, info)


# --------------------------------------------------------------------------------------------- archives


def _open_zip(path: Path, name: str, info: FileInfo) -> Source:
    """A workbook that is a zip archive, or an archive with a table in it."""
    promised = _promised(name)
    if promised in ("csv", "zip", "unknown"):
        promised = "xlsx"
    with whatever_breaks(replace(info, kind=promised)):
        package = Package(path)
        if found := package.workbook():
            main, kind = found
            info = replace(info, kind=kind)
            if kind == "xlsb":
                from importer.readers.xlsb import open_xlsb

                return _checked(open_xlsb(package, main, info), name)
            from importer.readers.ooxml import open_workbook

            return _checked(open_workbook(package, main, info), name)
        if _is_document(package):
            return _checked(_open_ods(package, replace(info, kind="ods")), name)
    if "[Content_Types].xml" in package or "mimetype" in package:  # a document of another kind
        raise unreadable("unknown", replace(info, kind="unknown"))
    if info.container:  # an archive within an archive
        raise unreadable("archive", info)
    return _unpack_zip(path, replace(info, kind="unknown"))


def _is_document(package: Package) -> bool:
    if "mimetype" not in package or "content.xml" not in package:
        return False
    from importer.readers.opendocument import MIME

    with package.open("mimetype") as stream:
        return stream.read(len(MIME)) == MIME


def _open_ods(package: Package, info: FileInfo) -> Source:
    from importer.readers.opendocument import open_document

    if "META-INF/manifest.xml" in package:
        with package.open("META-INF/manifest.xml") as stream:
            if b"encryption-data" in stream.read(_CHUNK):
                raise Unusable.file(Issue.of("file-encrypted"), info)

    def part(name: str) -> Callable[[], AbstractContextManager[IO[bytes]]]:
        return lambda: package.open(name)

    return open_document(part("content.xml"), info, part("styles.xml") if "styles.xml" in package else None)


def _unpack_zip(path: Path, info: FileInfo) -> Source:
    """The first member that is a table by its name, else the first that may be one."""
    with whatever_breaks(info), zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not _LITTER.search(member.filename)
        ]
        # a note (.txt) may stand before the table
        ranked = sorted(members, key=_unlikeliness)
        if not ranked or _unlikeliness(ranked[0]) > 2:
            raise unreadable("archive", info)
        member = ranked[0]
        if member.flag_bits & 1:
            raise Unusable.file(Issue.of("file-encrypted"), info)
        info = replace(info, container="zip", member=member.filename)
        with (
            archive.open(member) as packed,
            _unpacked(packed, member.compress_size, info) as (unpacked, close),
        ):
            return _closing(_open(unpacked, PurePosixPath(member.filename).name, info), close)


def _unlikeliness(member: zipfile.ZipInfo) -> int:
    suffix = PurePosixPath(member.filename).suffix.lower()
    if suffix in (".txt", ".xml", ".html", ".htm"):
        return 1
    if suffix in ("", ".gz", ".zip"):
        return 2
    return 0 if suffix in _KINDS else 3


def _unpack_gzip(path: Path, name: str, info: FileInfo) -> Source:
    if info.container:
        raise unreadable("archive", info)
    inner = name[:-3] if name.lower().endswith(".gz") else name
    info = replace(info, kind=_promised(inner), container="gzip")
    size = path.stat().st_size
    with (
        whatever_breaks(info),
        gzip.open(path, "rb") as packed,
        _unpacked(packed, size, info) as (unpacked, close),
    ):
        source = _closing(_open(unpacked, inner, info), close)
    mismatch = inner == name and name.lower().endswith(tuple(filter(None, _KINDS)))
    return source.but(_mismatch(name, "gzip")) if mismatch else source


@contextmanager
def _unpacked(
    packed: IO[bytes] | gzip.GzipFile, size: int, info: FileInfo
) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A file with what `packed` unpacks to, and how to remove it; an error in the block removes it too.

    size: the packed bytes. Only its owner may read the file.
    """
    limit, written = unpacked_limit(size), 0
    handle, name = tempfile.mkstemp(prefix="weni-import-")
    path = Path(name)

    def close() -> None:
        with suppress(PermissionError):  # Windows keeps a file that is still being read
            path.unlink(missing_ok=True)

    try:
        with os.fdopen(handle, "wb") as file:
            while written <= limit and (piece := packed.read(_CHUNK)):
                written += file.write(piece)
        if written > limit:
            raise too_large(limit, info)  # noqa: TRY301
        yield path, close
    except BaseException:
        close()
        raise


def _closing(source: Source, close: Callable[[], None]) -> Source:
    return Source(source.info, source.sheets, source.issues, close)


# ------------------------------------------------------------------------------------------ small facts


def _promised(name: str) -> str:
    """The kind that a name promises; csv where it promises none."""
    kinds = _KINDS.get(PurePosixPath(name).suffix.lower(), ())
    return kinds[0] if kinds and kinds[0] not in ("gzip", "zip") else "unknown" if kinds else "csv"


def _checked(source: Source, name: str) -> Source:
    """The source, with an issue if its name promises something else."""
    kinds = _KINDS.get(PurePosixPath(name).suffix.lower(), ())
    if not kinds or source.info.kind in kinds:
        return source
    return source.but(_mismatch(name, source.info.kind))


def _mismatch(name: str, kind: str) -> Issue:
    return Issue.of("file-type-mismatch", suffix=PurePosixPath(name).suffix.lower(), kind=kind)


def _is_binary(head: bytes) -> bool:
    """Whether there are more control characters than a damaged text would have; UTF-16 has zeros."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or zero_pattern(head):
        return False
    return sum(map(head.count, _CONTROLS)) > len(head) // 20 + 2


def _as_text(head: bytes) -> str:
    """The beginning of a file, well enough decoded to recognise markup."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf").replace("\0", "")


def _known_encoding(name: str) -> str | None:
    """Python's codec for what a page declares, if that is a text encoding; Latin-1 there means Windows-1252."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    return "cp1252" if found.name in ("iso8859-1", "ascii") else found.name
