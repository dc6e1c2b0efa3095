"""Patterns that go through all texts of a column at once, joined by line ends."""

import re
from collections.abc import Sequence


def joined(texts: Sequence[str]) -> str:
    """The texts, each between two line ends."""
    return "\n" + "\n".join(texts) + "\n"


def are_lines(text: str, count: int) -> bool:
    """Whether joined texts, so many of them, are a line each."""
    return text.count("\n") == count + 1


def with_prefix(text: str, prefix: str) -> list[str]:
    """Texts that are joined and a line each, with something in front of each that is not blank."""
    lines = text[:-1].replace("\n", f"\n{prefix}")
    if "\n\n" in text:
        if f"{prefix}\n" in text:
            return [line and prefix + line for line in text[1:-1].split("\n")]
        lines = f"{lines}\n".replace(f"{prefix}\n", "\n")[:-1]
    return lines[1:].split("\n")


class Shape:
    """What texts may look like; blank ones always do.

    pattern: takes back nothing that it took (possessive where it repeats anything): what it takes first is the text, or
    it is none. Digits and letters of classes are those of ASCII.
    """

    def __init__(self, pattern: str) -> None:
        self._in_a_row = re.compile(rf"(?:(?:{pattern})?+\n)*+", re.ASCII)

    def fits(self, text: str) -> bool:
        """Whether all texts, joined and a line each, have this shape."""
        return self._in_a_row.fullmatch(text, 1) is not None

    def misfits(self, text: str) -> dict[int, str]:
        """Of texts that are joined and a line each, those that have another shape, by where they stand."""
        found: dict[int, str] = {}
        begin, at = 1, 0
        while (end := self._end(text, begin)) < len(text):
            at += text.count("\n", begin, end)
            stop = text.index("\n", end)
            found[at] = text[end:stop]
            begin, at = stop + 1, at + 1
        return found

    def _end(self, text: str, begin: int) -> int:
        """Where those end that have the shape one after another; where they begin if there is none."""
        match = self._in_a_row.match(text, begin)
        return match.end() if match else begin
