"""Reading a file in one call."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from importer.errors import Unusable
from importer.issues import Issue
from importer.model import Column, FileInfo, Row
from importer.options import Options
from importer.readers import open_table

CORPUS = Path(__file__).parent.parent / "corpus"


class Reading(NamedTuple):
    """All that a file gave; `refused` is why it could not be used."""

    info: FileInfo | None
    columns: tuple[Column, ...]
    issues: tuple[Issue, ...]
    rows: list[Row]
    refused: str | None = None

    @property
    def codes(self) -> list[str]:
        return [issue.code for issue in self.issues]

    @property
    def headers(self) -> list[str]:
        return [column.header for column in self.columns]

    @property
    def cells(self) -> list[tuple[object, ...]]:
        return [row.cells for row in self.rows]

    @property
    def numbers(self) -> list[int]:
        return [row.number for row in self.rows]


def read_all(source: object, options: Options | None = None) -> Reading:
    """The whole file; twice, since rows must be the same each time."""
    try:
        with open_table(source, options or Options()) as table:  # type: ignore[arg-type]
            rows = list(table.rows())
            assert list(table.rows()) == rows
            return Reading(table.info, table.columns, table.issues, rows)
    except Unusable as error:
        issue = error.issue
        return Reading(error.info, (), (issue,) if issue else (), [], issue.code if issue else "no issue")


@pytest.fixture(scope="session")
def read() -> Callable[..., Reading]:
    """Read a path or a frame."""
    return read_all


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[..., Reading]:
    """Read a text, or bytes, as a file of this name."""

    def reading(content: str | bytes, name: str = "contacts.csv", **options: object) -> Reading:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_all(path, Options(**options))  # type: ignore[arg-type]

    return reading


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of dirty spreadsheets."""
    return CORPUS
