"""Rows of a workbook as XML at once: XlsxWriter takes several times as long if it is asked for cell by cell.

What is written is what XlsxWriter writes, byte for byte. A row with a cell that is not ordinary is left to it.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from importer.writers.styles import NumberFormat, Styles
from importer.writers.texts import is_plain
from importer.writers.values import FIRST_DATE, is_exact

_MARKUP = re.compile("[&<>]")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - days are counted from it, from March 1900 on


class QuickRows:
    """The rows of one sheet, in order; some may be written by other means between them."""

    def __init__(self, sheet: Worksheet, styles: Styles, columns: int) -> None:
        self._sheet, self._styles = sheet, styles
        self._letters = [xl_col_to_name(position) for position in range(columns)]
        self._marks: dict[NumberFormat, str] = {}

    def add(self, line: int, cells: Sequence[object]) -> bool:
        """Write a row as `put_value` would; False: it has a cell that is not ordinary, and nothing is written.

        line: counts from 0.
        """
        sheet, number, parts = self._sheet, line + 1, list[str]()
        if sheet.table:
            sheet._write_single_row(line)  # noqa: SLF001 - what was written cell by cell and waits for the next row
        for letter, cell in zip(self._letters, cells, strict=True):
            if cell is None:
                continue
            said = self._said(cell)
            if said is None:
                return False
            parts.append(f'<c r="{letter}{number}"{said}</c>')
        sheet.previous_row = line
        if parts:
            sheet.dim_rowmax = line
            sheet.row_data_fh.write(f'<row r="{number}">{"".join(parts)}</row>')
        return True

    def _said(self, cell: object) -> str | None:
        """What stands in the cell's element after its place; None: it is not ordinary."""
        if isinstance(cell, str):
            if not cell or not is_plain(cell) or cell[0] == " " or cell[-1] == " " or "_x" in cell:
                return None
            if _MARKUP.search(cell):
                cell = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return f'{self._mark("@")} t="inlineStr"><is><t>{cell}</t></is>'
        if isinstance(cell, bool):
            return f'{self._mark("General")} t="b"><v>{cell:d}</v>'
        if isinstance(cell, int | float):
            return f"{self._mark('General')}><v>{float(cell)!r}</v>" if is_exact(cell) else None
        if isinstance(cell, datetime):
            if cell.tzinfo or cell.microsecond or cell.date() < FIRST_DATE:
                return None
            days = cell - _EPOCH
            shown = days.days + days.seconds / 86_400
            return f"{self._mark('yyyy-mm-dd hh:mm:ss')}><v>{shown:.16G}</v>"
        return None

    def _mark(self, number_format: NumberFormat) -> str:
        found = self._marks.get(number_format)
        if found is None:
            index = self._styles.cell(None, number_format)._get_xf_index()  # noqa: SLF001
            self._marks[number_format] = found = f' s="{index}"'
        return found
