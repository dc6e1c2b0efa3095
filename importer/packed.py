"""Many texts as one, which is quickly put aside, read back and compared; each is taken out when somebody wants it."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

_AFTER = "\x1d"
"""Stands behind each text. No text of a cell has such characters."""
_MARK = "\0"


def as_bytes(text: str) -> bytes:
    """A text in Latin-1, which takes a tenth of the time, or, where that does not do, behind a mark in UTF-8.

    Without the mark two texts might be the same: many have been misread as Latin-1, and are mended.
    """
    if not text.startswith(_MARK):
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            pass
    return _MARK.encode() + text.encode("utf-8", "surrogatepass")


def _text(part: bytes) -> str:
    if part.startswith(_MARK.encode()):
        return part[len(_MARK) :].decode("utf-8", "surrogatepass")
    return part.decode("latin-1")


class Packed:
    """Texts. together: all of them as bytes, see `as_bytes`, each with something behind it."""

    def __init__(self, together: bytes) -> None:
        self.together = together

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Packed":
        """These texts."""
        texts = (*texts, "")
        together = _AFTER.join(texts)
        if _MARK not in together:
            try:
                return cls(together.encode("latin-1"))
            except UnicodeEncodeError:
                pass
        return cls(_AFTER.encode().join(map(as_bytes, texts)))

    def __reduce__(self) -> tuple[Callable[[bytes], "Packed"], tuple[bytes]]:
        return Packed, (self.together,)

    @cached_property
    def parts(self) -> list[bytes]:
        """Each of the texts, as bytes."""
        return self.together.split(_AFTER.encode())[:-1]

    @property
    def first(self) -> str:
        """The first text that is not empty; "" where all are."""
        return _text(self.together.lstrip(_AFTER.encode()).partition(_AFTER.encode())[0])

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, at: int) -> str:
        return _text(self.parts[at])

    def __iter__(self) -> Iterator[str]:
        if _MARK.encode() in self.together:
            return map(_text, self.parts)
        return iter(self.together.decode("latin-1").split(_AFTER)[:-1])

    def some(self, places: Iterable[int]) -> list[str]:
        """The texts at these places."""
        return [_text(self.parts[at]) for at in places]
