"""XML from strangers: streamed, nothing kept, no entity ever declared or expanded."""

from collections.abc import Iterator
from typing import IO, TypeVar
from xml.parsers import expat

from importer.readers.damage import unreadable

T = TypeVar("T")

CHUNK = 1 << 16
TEXT_MAX = 2 * 2**20
"""Characters that one element may hold; no program writes a cell of more than 32,767."""


def parser(*, namespaces: bool = False) -> expat.XMLParserType:
    """An expat parser that refuses every declaration of an entity, which bombs and stolen files need.

    namespaces: names come as "namespace name", else as they stand, with their prefix.
    """
    made = expat.ParserCreate(namespace_separator=" ") if namespaces else expat.ParserCreate()
    made.buffer_text = True
    made.EntityDeclHandler = _refuse
    return made


def chunks(stream: IO[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """The bytes of `stream` in pieces."""
    while piece := stream.read(size):
        yield piece


def local(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def open_tags(stream: IO[bytes]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(parent, element, attributes) of every element, in order, names without prefixes.

    For the small parts of a workbook, whose facts are all in attributes. Raises ExpatError.
    """
    made, found, path = parser(), list[tuple[str, str, dict[str, str]]](), [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((path[-1], local(name), {local(key): value for key, value in attributes.items()}))
        path.append(local(name))

    made.StartElementHandler = start
    made.EndElementHandler = lambda _: path.pop()
    yield from run(made, stream, found)


def run(made: expat.XMLParserType, stream: IO[bytes], done: list[T]) -> Iterator[T]:
    """Feed `stream` to a parser and yield what its handlers append to `done`. Raises ExpatError."""
    for piece in chunks(stream):
        made.Parse(piece)
        if done:
            yield from done
            done.clear()
    made.Parse(b"", True)
    yield from done


def _refuse(*_: object) -> None:
    raise unreadable("entities")
