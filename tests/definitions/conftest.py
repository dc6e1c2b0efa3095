"""Workbooks of several sheets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Path]:
    """A workbook: each sheet by its name, its rows as lines of cells with | between them."""

    def write(name: str = "list.xlsx", /, **sheets: tuple[str, ...]) -> Path:
        book = Workbook()
        book.remove(book.active)
        for title, lines in sheets.items():
            sheet = book.create_sheet(title.replace("_", " "))
            for number, line in enumerate(lines, 1):
                for column, text in enumerate(line.split("|"), 1):
                    if text:
                        sheet.cell(number, column, text)
        path = tmp_path / name
        book.save(path)
        return path

    return write
