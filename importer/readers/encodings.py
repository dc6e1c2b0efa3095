"""Which encoding a text has: by its mark, UTF-8, UTF-16 by its zeros, else the code page that makes words."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from msgspec import Struct

from importer.issues import Issue
from importer.readers.damage import unreadable

Place = tuple[int, int]
"""Where some bytes of a file begin, and how many they are."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 16
"""Bytes; more of them would be asked of the system anew, and a new page costs more than reading it."""
_SAMPLE = 1 << 16
_PIECE = 1 << 17
"""Bytes; some hundreds of rows, which stay near the processor while their columns are read."""
_LINE_MAX = 64 * 2**20
_LINES_TO_WEIGH = 2000
_NON_ASCII = re.compile(rb"[\x80-\xff]")

# UTF-8 of Â or Ã, then of what Windows-1252 or Latin-1 makes of a second byte. Quotation marks and dashes may
# truly follow a capital Ã, so they count only within a word.
_TWICE = re.compile(
    rb"\xc3[\x82\x83](?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]"
    rb"|\xe2(?:\x80[\x9a\x9e\xa0\xa1\xb0\xb9]|\x82\xac|\x84\xa2)"
    rb"|\xe2\x80[\x93\x94\x98\x99\x9c\x9d\xa2\xa6\xba](?=[A-Za-z]))"
)
_AROUND = re.compile(rb"[^\s,;|\"]{0,40}\Z")
_AFTER = re.compile(rb"[^\s,;|\"]{0,40}")


class Encoding(Struct, frozen=True):
    """How a text is encoded. name: as told to the user. start: bytes of its mark.

    by_line: each line is UTF-8 or else in this code page.
    """

    name: str
    start: int = 0
    by_line: str | None = None
    issues: tuple[Issue, ...] = ()

    def lines(self, path: Path) -> Iterator[str]:
        """The lines with their ends (CR LF, LF or CR), without byte order marks."""
        return chain.from_iterable(split_lines(text_of(piece)) for piece, _ in self.placed_pieces(path))

    def placed_pieces(self, path: Path) -> Iterator[tuple[bytes, Place | None]]:
        """The same, many whole lines at a time and in UTF-8, so that who does not look at them need not decode them;
        with their places, by which `piece` gives them once more; None where only one after another can be.

        A line end is one byte of its own in all encodings but those of two or four bytes.
        """
        with path.open("rb") as stream:
            stream.seek(self.start)
            if self.name.startswith(("utf-16", "utf-32")):
                yield from ((_without_marks(_piece_of(text)), None) for text in self._decoded(stream))
                return
            start = self.start
            for data in whole_lines(stream):
                yield self._in_utf8(data), (start, len(data))
                start += len(data)

    def piece(self, path: Path, place: Place) -> bytes:
        """The piece at a place."""
        start, size = place
        with path.open("rb") as stream:
            stream.seek(start)
            return self._in_utf8(stream.read(size))

    def _in_utf8(self, lines: bytes) -> bytes:
        if page := self.by_line:
            lines = _piece_of(
                "".join([_utf8_or_page(line, page) for line in lines.splitlines(keepends=True)])
            )
        elif self.name != "utf-8":
            errors = "importer-byte" if self.name.startswith("cp") else "replace"
            lines = _piece_of(lines.decode(self.name, errors))
        return _without_marks(lines)

    def _decoded(self, stream: IO[bytes]) -> Iterator[str]:
        decode = codecs.getincrementaldecoder(self.name)("replace").decode
        held: list[str] = []  # of a line whose end is still to come
        while data := stream.read(_PIECE):
            text = decode(data)
            # a CR at the end of what has come may be half of a line end
            end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
            if end:
                yield "".join([*held, text[:end]])
                held.clear()
            held.append(text[end:])
        if rest := "".join([*held, decode(b"", True)]):
            yield rest


def text_of(piece: bytes) -> str:
    """The text of a piece. What is no UTF-8 has come into the file since its encoding was found."""
    return piece.decode("utf-8", "replace")


def _piece_of(text: str) -> bytes:
    """The piece of a text. A page may name an encoding that gives half a character, which has no place in UTF-8."""
    return text.encode("utf-8", "replace")


def _without_marks(piece: bytes) -> bytes:
    if (
        codecs.BOM_UTF8[0] not in piece
    ):  # few texts have that byte, and to look for one is quicker than for three
        return piece
    return piece.replace(codecs.BOM_UTF8, b"")


def whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a stream, many lines at a time with their ends: CR LF, LF, or CR alone."""
    held: list[bytes] = []  # of a line whose end is still to come
    while data := stream.read(_PIECE):
        # a CR at the end of what has come may be half of a line end
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
        if end:
            yield b"".join([*held, data[:end]])
            held.clear()
        held.append(data[end:])
    if rest := b"".join(held):
        yield rest


def _utf8_or_page(line: bytes, page: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode(page, "importer-byte")


def split_lines(text: str) -> list[str]:
    """The lines with their ends: CR LF, LF or CR."""
    return list(io.StringIO(text, newline=""))


def byte_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream with their ends: CR LF, LF, or CR alone."""
    rest = b""
    while piece := stream.read(_CHUNK):
        lines = (rest + piece).splitlines(keepends=True)
        # the last one may go on, or its CR be followed by LF
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        if len(rest) > _LINE_MAX:
            raise unreadable("unknown")
        yield from lines
    if rest:
        yield rest


def find_encoding(path: Path) -> Encoding:
    """The encoding of a text file; its bytes are passed over, not held. Raises Unusable, OSError."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            if name != "utf-8":
                return Encoding(name, len(mark))
            found = _utf8_or_else(path)
            return Encoding(found.name, len(mark), found.by_line, found.issues)
    if wide := zero_pattern(head):
        return Encoding(wide, issues=(Issue.of("encoding-guessed", encoding=wide),))
    return _utf8_or_else(path)


def zero_pattern(head: bytes) -> str | None:
    """UTF-16 without a mark, by its zeros at every other place; None if the bytes are something else.

    Digits, delimiters and Latin letters have them, whatever script the names are in. head: the first bytes.
    """
    half = len(head) // 2
    even, odd = head[: 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    name, many, few = ("utf-16-le", odd, even) if odd > even else ("utf-16-be", even, odd)
    if not half or many < 0.2 * half or few > many / 4:
        return None
    try:
        # a character outside the first plane may be cut in two
        codecs.getincrementaldecoder(name)().decode(head[: 2 * half])
    except UnicodeDecodeError:
        return None
    return name


def _utf8_or_else(path: Path) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    damaged: str | None = None
    since_end = 0
    tail = b""
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                return _by_lines(path)
            end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            since_end = since_end + len(piece) if end < 0 else len(piece) - end
            if since_end > _LINE_MAX:
                raise unreadable("unknown")
            if damaged is None and b"\xc3" in piece:
                damaged = _encoded_twice(tail + piece)
            tail = piece[-64:]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _by_lines(path)
    return Encoding("utf-8", issues=(Issue.of("text-mojibake", damaged),) if damaged else ())


def _encoded_twice(text: bytes) -> str | None:
    """The first word that was encoded twice, as it stands."""
    if found := _TWICE.search(text):
        before, after = _AROUND.search(text, 0, found.start()), _AFTER.match(text, found.end())
        word = (before[0] if before else b"") + found[0] + (after[0] if after else b"")
        return word.decode("utf-8", "ignore")
    return None


def _by_lines(path: Path) -> Encoding:
    """Not all is UTF-8: a code page, or lines of both kinds."""
    good = bad = other = 0
    weighed: list[bytes] = []
    with path.open("rb") as stream:
        for line in byte_lines(stream):
            if line.isascii():
                other += 1
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                if len(weighed) < _LINES_TO_WEIGH:
                    weighed.append(line)
    page = "cp1252" if good > bad else _code_page(b"".join(weighed))
    if not good:
        return Encoding(page, issues=(Issue.of("encoding-guessed", encoding=page),))
    name = "utf-8" if good + other > bad else page
    return Encoding(name, by_line=page, issues=(Issue.of("encoding-mixed"),))


# ------------------------------------------------------------------------------------------- code pages

_PAGES = ("cp1252", "cp850")
_LETTERS = dict.fromkeys("áéíóúâêôãõñçà", 3) | dict.fromkeys("èìòùîûäëïöü", 1)
"""How likely a letter is, the languages of our users taken together."""
_SIGNS = frozenset("–—“”‘’…€ªº°•«»¿¡®©™·§£´¨\u00a0\u00ad")


def _code_page(text: bytes) -> str:
    """The code page under which the letters make words; cp1252 where neither does better."""
    return max(_PAGES, key=lambda page: _sense(text.decode(page, "importer-byte")))


def _sense(text: str) -> int:
    """How much of a text reads like Portuguese, Spanish, French or English, by its letters beyond ASCII."""
    sense = 0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        at, char = found.start(), found[0]
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if char.lower() in _LETTERS and char.isalpha():
            sense += _fit(char, before, after)
        elif char.isalpha() and char not in "ªº":
            sense -= 1
        elif char in _SIGNS:
            # a sign between two letters cuts a word in two; º and ª end one
            sense += -3 if before.isalpha() and after.isalpha() else 1
        else:
            sense -= 4
    return sense


_AFTER_CEDILLA = frozenset("aouáàâãóòôõúùü")
"""Letters before which a cedilla has a use."""


def _fit(char: str, before: str, after: str) -> int:
    """A letter with an accent within its word: capitals begin words or stand among capitals."""
    if not (before.isalpha() or after.isalpha()):
        return 0
    if char in "çÇ" and after.isalpha() and after.lower() not in _AFTER_CEDILLA:
        return -2
    among_capitals = before.isupper() and (after.isupper() or not after.isalpha())
    begins = not before.isalpha()
    fits = begins or among_capitals if char.isupper() else not (before.isupper() and after.isupper())
    return _LETTERS[char.lower()] if fits else -2


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    """Bytes that a code page leaves open become control characters, as browsers do."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("importer-byte", _one_byte)
