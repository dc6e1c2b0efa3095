"""Example rows: what a template shows, and nobody imports.

Each cell of an example begins with a mark, so that none of it can be taken for real, even where somebody writes over
half of the row: a row is left out as an example only if all its filled cells are marked, and a marked cell beside
others is an error.
"""

from collections.abc import Iterable

from importer.cells import is_blank

MARKS = {"en": "[example]", "pt": "[exemplo]", "es": "[ejemplo]"}
"""By the language of the template; each is understood in any."""

_MARKS = tuple(MARKS.values())


def mark_example(text: str, language: str) -> str:
    """`text` as the cell of an example."""
    return f"{MARKS[language]} {text}"


def is_marked(cell: object) -> bool:
    """Whether a cell is one of an example."""
    if not isinstance(cell, str) or "[" not in cell[:2]:
        return False
    return cell.strip().casefold().startswith(_MARKS)


def is_example(cells: Iterable[object]) -> bool:
    """Whether a row is an example: some of its cells are filled, and all of these are marked."""
    found = False
    for cell in cells:
        if is_marked(cell):
            found = True
        elif not is_blank(cell):
            return False
    return found
