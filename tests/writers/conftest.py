"""Rows, outcomes and a summary to report on."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from importer.model import FileInfo, Outcome, Summary

Summarise = Callable[..., Summary]
ReadSheet = Callable[..., Worksheet]


@pytest.fixture
def summarise() -> Summarise:
    """The summary of some outcomes."""

    def make(outcomes: Iterable[Outcome], **more: object) -> Summary:
        totals = Counter(outcome.status for outcome in outcomes)
        facts: dict[str, object] = {
            "job": "20261123-contatos",
            "command": "run",
            "file": FileInfo("contatos.csv", "csv", digest="00ff", encoding="utf-8", header_row=1),
            "workspace": "Exemplo",
            "url": "https://flows.example.com",
            "started": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
            "finished": datetime(2026, 11, 23, 12, 5, 9, tzinfo=UTC),
            "rows": sum(totals.values()),
            "totals": totals,
            **more,
        }
        return Summary(**facts)  # type: ignore[arg-type]

    return make


@pytest.fixture
def read_sheet() -> ReadSheet:
    """A sheet of a workbook, the first one if no name is given."""

    def read(path: Path, name: str | None = None) -> Worksheet:
        book = openpyxl.load_workbook(path)
        sheet = book[name] if name else book.worksheets[0]
        assert isinstance(sheet, Worksheet)
        return sheet

    return read
