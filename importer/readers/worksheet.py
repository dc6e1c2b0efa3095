"""The rows of a worksheet's XML, in one streaming pass and flat memory.

An XML parser reads what is out of the ordinary, `RowForms` the rows that are like earlier ones. Neither says what a
cell means: that is `CellValues`.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import IO

from importer.model import ErrorCell, UncalculatedCell
from importer.readers.damage import unreadable
from importer.readers.formats import PLAIN, NumberFormat
from importer.readers.package import SharedTexts
from importer.readers.rowforms import Convert, RowForms
from importer.readers.safexml import TEXT_MAX, chunks, parser
from importer.readers.sheets import Part, RawRow, index_of
from importer.readers.values import exact_numbers, iso_moment, under_format, unescape

_ROW_END = "</row>"
_PIECE = 1 << 19
"""Bytes; some hundreds of rows, so that their columns are long."""
_ROW_MAX = 2**20
"""Characters of a row that are waited for; a longer one is the parser's, piece by piece."""
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)

_Given = tuple[dict[str, str], str | None, str | None]
"""A cell as the XML has it: attributes, value, formula; None where there is none, "" where it is empty."""


def is_true(text: str | None) -> bool:
    """Whether an attribute or value says yes."""
    return text in ("1", "true", "on")


class CellValues:
    """What the texts of cells mean under their type and their style."""

    def __init__(self, texts: SharedTexts, formats: list[NumberFormat], *, epoch_1904: bool) -> None:
        self._texts, self._formats, self._epoch_1904 = texts, formats, epoch_1904

    def converter(self, kind: str | None, style: str | None) -> Convert:
        """What makes values of the texts of cells with these attributes t and s."""
        match kind:
            case None | "n":
                return self._numbers(int(style or 0))
            case "s":
                return self._shared
            case "str" | "inlineStr":
                return _unescaped
            case "b":
                return lambda texts: [is_true(text.strip()) for text in texts]
            case "e":
                return lambda texts: list(map(ErrorCell, texts))
            case "d":
                return lambda texts: list(map(iso_moment, texts))
            case _:
                return lambda texts: texts

    def _shared(self, texts: Sequence[str]) -> list[str]:
        places, first = list(map(int, texts)), self._texts.first
        if min(places) >= 0 and max(places) < len(first):
            return list(map(first.__getitem__, places))
        return [self._texts[place] for place in places]

    def _numbers(self, style: int) -> Convert:
        kind = self._formats[style] if 0 <= style < len(self._formats) else PLAIN
        if kind.plain:
            return exact_numbers

        under = partial(under_format, kind=kind, epoch_1904=self._epoch_1904)
        formatted = lru_cache(maxsize=10_000)(under)  # days repeat
        return lambda texts: list(map(formatted, exact_numbers(texts)))


def _unescaped(texts: Sequence[str]) -> Sequence[str]:
    return list(map(unescape, texts)) if "_x" in "\n".join(texts) else texts


def _last_number(part: Part) -> int:
    return part.number if isinstance(part, RawRow) else part.numbers[-1]


class Reading:
    """One pass over a worksheet. Raises ValueError, LookupError, ExpatError and Unusable where it is broken."""

    def __init__(self, values: CellValues) -> None:
        self._values = values
        self._converters: dict[tuple[str | None, str | None], Convert] = {}
        self._index_by_letters: dict[str, int] = {}
        self._number = 0
        self._done: list[Part] = []
        self._fed = 0
        self._row_ended = -1  # where the parser has found the end of a row
        self._parser = parser()
        self._parser.StartElementHandler = self._begin

    def parts(self, stream: IO[bytes]) -> Iterator[Part]:
        """The rows, in the order of the file."""
        pieces = chunks(stream, _PIECE)
        first = next(pieces, b"")
        if first.startswith((b"\xff\xfe", b"\xfe\xff")) or _OTHER_ENCODING.match(
            first.lstrip(codecs.BOM_UTF8)
        ):
            yield from self._parsed(first, pieces)
            return
        forms, decoder, done = RowForms(self._converter), codecs.getincrementaldecoder("utf-8")(), self._done
        text, between = "", False  # what is left over; whether it begins right behind a row
        piece = first
        while piece:
            text, at = text + decoder.decode(piece), 0
            while True:
                if between:
                    at = forms.take(text, at, done)
                end = text.find(_ROW_END, at) + len(_ROW_END)
                if end < len(_ROW_END):
                    break
                was_between, odd = between, text[at:end]
                between, at = self._feed(odd), end
                if between:
                    forms.learn(odd if was_between else odd[odd.rfind("<row ") :])
            text = text[at:]
            if len(text) > _ROW_MAX:
                between, text = self._feed(text), ""
            if done:
                self._number = _last_number(done[-1])
                yield from done
                done.clear()
            piece = next(pieces, b"")
        self._feed(text + decoder.decode(b"", final=True))
        self._parser.Parse(b"", True)
        yield from done

    def _parsed(self, first: bytes, pieces: Iterator[bytes]) -> Iterator[Part]:
        """The rows of a sheet in another encoding than UTF-8."""
        piece = first
        while piece:
            self._parser.Parse(piece)
            yield from self._done
            self._done.clear()
            piece = next(pieces, b"")
        self._parser.Parse(b"", True)
        yield from self._done

    def _feed(self, text: str) -> bool:
        """Let the parser have a piece; whether it ends with the end of a row, and not with what only looks so."""
        data = text.encode()
        self._parser.Parse(data)
        self._fed += len(data)
        return self._row_ended == self._fed - len(_ROW_END)

    def _begin(self, name: str, _: dict[str, str]) -> None:
        """The root element tells the prefix of all names."""
        prefix, colon, base = name.rpartition(":")
        if base != "worksheet":
            raise unreadable("broken")
        self._bind(prefix + colon)

    def _bind(self, prefix: str) -> None:  # noqa: C901
        """Set the handlers. They are closures, and ask in the order of frequency: each call counts here."""
        cell_tag, value_tag, text_tag, formula_tag = (prefix + tag for tag in ("c", "v", "t", "f"))
        row_tag, heard_tag = prefix + "row", prefix + "rPh"
        made, put_row = self._parser, self._put_row
        row: dict[str, str] = {}
        given: list[_Given] = []
        cell: dict[str, str] = {}
        text: str | None = None
        formula: str | None = None
        taking = aside = heard = False  # the text of a value, of a formula, of what is said for the ear

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, given, cell, text, formula, taking, aside, heard
            if name == value_tag or (name == text_tag and not heard):
                taking, text = True, text or ""
            elif name == cell_tag:
                cell, text, formula = attributes, None, None
            elif name == formula_tag:
                aside, formula = True, ""
            elif name == row_tag:
                row, given = attributes, []
            elif name == heard_tag:
                heard = True

        def end(name: str) -> None:
            nonlocal taking, aside, heard
            if name == value_tag:
                taking = False
            elif name == cell_tag:
                given.append((cell, text, formula))
            elif name == row_tag:
                put_row(row, given)
                self._row_ended = made.CurrentByteIndex
            elif name == heard_tag:
                heard = False
            else:
                taking = aside = False

        def data(piece: str) -> None:
            nonlocal text, formula
            if taking:
                if not text:
                    text = piece
                elif len(text) < TEXT_MAX:
                    text += piece
                else:
                    raise unreadable("broken")
            elif aside:
                formula = (formula or "") + piece[:1000]

        made.StartElementHandler = start
        made.EndElementHandler = end
        made.CharacterDataHandler = data

    def _put_row(self, row: dict[str, str], given: list[_Given]) -> None:
        """Make values of the cells of a row, and put them in their places."""
        before = _last_number(self._done[-1]) if self._done else self._number
        number = self._number = int(row["r"]) if "r" in row else before + 1
        digits, indexes = len(str(number)), self._index_by_letters
        cells: list[object] = []
        column = -1
        for attributes, text, formula in given:
            column += 1
            if reference := attributes.get("r"):
                letters = reference[:-digits]
                if letters not in indexes:
                    indexes[letters] = index_of(letters)
                column = indexes[letters]
            kind = attributes.get("t")
            value: object
            if text:
                (value,) = self._converter(kind, attributes.get("s"))((text,))
            # a formula with an empty text for its result has an empty value of type str
            elif formula is None or (kind == "str" and text is not None):
                continue
            else:
                value = UncalculatedCell(f"={formula[:1000]}" if formula else "=")
            missing = column - len(cells)
            if missing < 0:  # out of order
                cells[column] = value
                continue
            if missing:
                cells.extend([None] * missing)
            cells.append(value)
        self._done.append(RawRow(number, cells, is_true(row.get("hidden"))))

    def _converter(self, kind: str | None, style: str | None) -> Convert:
        found = self._converters.get((kind, style))
        if found is None:
            found = self._converters[kind, style] = self._values.converter(kind, style)
        return found
