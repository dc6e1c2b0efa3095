"""Compound files (OLE 2), the container of .xls and of encrypted workbooks: their streams by name."""

import struct
from pathlib import Path

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA  # from here on sector numbers mean something else
_STREAM, _ROOT = 2, 5


class CompoundFile:
    """The whole file in memory: .xls ends at 65,536 rows. Raises struct.error, ValueError, LookupError."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        if not self._bytes.startswith(MAGIC):
            raise ValueError(MAGIC)
        shift, mini_shift = struct.unpack_from("<HH", self._bytes, 30)
        if not (7 <= shift <= 16 and 4 <= mini_shift < shift):
            raise ValueError(shift)
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        directory, self._mini_below, mini_table = struct.unpack_from("<I4xII", self._bytes, 48)
        self._table = self._sector_table()
        self._mini_table = _numbers(self._chain(mini_table))
        self._entries: dict[str, tuple[int, int]] = {}
        root = (_FREE, 0)
        entries = self._chain(directory)
        for at in range(0, len(entries) - 127, 128):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            start, size = struct.unpack_from("<II", entries, at + 116)
            if kind == _STREAM:
                name = entries[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
                self._entries.setdefault(name, (start, size))
            elif kind == _ROOT:
                root = start, size
        self._mini = self._chain(root[0])

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of a stream."""
        start, size = self._entries[name]
        if size < self._mini_below:
            chain = _follow(start, self._mini_table, len(self._mini) // self._mini_size + 1)
            step = self._mini_size
            return b"".join(self._mini[at * step : at * step + step] for at in chain)[:size]
        return self._chain(start)[:size]

    def _sector(self, number: int) -> bytes:
        begin = (number + 1) * self._size
        return self._bytes[begin : begin + self._size]

    def _sector_table(self) -> tuple[int, ...]:
        """Which sector follows which; the list of its own sectors begins in the header."""
        numbers = list(struct.unpack_from("<109I", self._bytes, 76))
        (further,) = struct.unpack_from("<I", self._bytes, 68)
        for _ in range(len(self._bytes) // self._size + 1):
            if further >= _FREE:
                break
            more = _numbers(self._sector(further))
            numbers += more[:-1]
            further = more[-1] if more else _FREE
        return _numbers(b"".join(self._sector(number) for number in numbers if number < _FREE))

    def _chain(self, start: int) -> bytes:
        most = len(self._bytes) // self._size + 1
        return b"".join(map(self._sector, _follow(start, self._table, most)))


def _follow(start: int, table: tuple[int, ...], most: int) -> list[int]:
    """The sectors of a chain; one that goes in circles or out of the file ends there."""
    chain: list[int] = []
    while start < min(_FREE, len(table)) and len(chain) < most:
        chain.append(start)
        start = table[start]
    return chain


def _numbers(text: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(text) // 4}I", text[: len(text) // 4 * 4])
