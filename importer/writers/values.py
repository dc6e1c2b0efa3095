"""A cell of the file written again as what it was, so that reading it gives the same."""

from datetime import date, datetime, time, timedelta

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from importer.issues import Severity
from importer.model import ErrorCell, UncalculatedCell
from importer.writers.sheets import put_text
from importer.writers.styles import NumberFormat, Styles
from importer.writers.texts import text_of

_EXACT_INTEGERS = 2**53
FIRST_DATE = date(1900, 3, 1)
"""Before it, spreadsheet programs count the days differently."""
_ERROR_VALUES = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")


def put_value(
    sheet: Worksheet,
    line: int,
    position: int,
    cell: object,
    styles: Styles,
    shade: Severity | None,
    cut_mark: str,
) -> None:
    """Write a cell with its type; what a workbook has no type for becomes text that says the same.

    An error stays an error, and a formula that was never calculated becomes one: its references would point
    at other rows now, and as a text it would be imported.
    """

    def style(number_format: NumberFormat) -> Format:
        return styles.cell(shade, number_format)

    if cell is None:
        if shade:
            sheet.write_blank(line, position, None, style("General"))
    elif isinstance(cell, bool):
        sheet.write_boolean(line, position, cell, style("General"))
    elif isinstance(cell, int | float) and is_exact(cell):
        sheet.write_number(line, position, _Exact(cell), style("General"))
    elif isinstance(cell, ErrorCell | UncalculatedCell):
        text = str(cell) if str(cell) in _ERROR_VALUES else _ERROR_VALUES[0]
        sheet.write_formula(line, position, f"={text}", style("General"), text)
    elif number_format := _date_format(cell):
        sheet.write_datetime(line, position, cell, style(number_format))
    elif text := text_of(cell):
        put_text(sheet, line, position, text, style("@"), cut_mark, drop_controls=True)
    else:
        # Whatever is typed into the blank cell of a text file is to stay as typed.
        sheet.write_blank(line, position, None, style("@"))


class _Exact(float):
    """A number that is written with all its digits; XlsxWriter would stop at the sixteenth."""

    def __format__(self, specification: str) -> str:
        return repr(float(self))


def is_exact(number: float) -> bool:
    """Whether a cell of a workbook holds all of the number."""
    return abs(number) <= _EXACT_INTEGERS if isinstance(number, int) else abs(number) < float("inf")


def _date_format(cell: object) -> NumberFormat | None:
    """None: no date, or one that a workbook cannot hold."""
    match cell:
        case datetime():
            held = cell.tzinfo is None and not cell.microsecond and cell.date() >= FIRST_DATE
            return "yyyy-mm-dd hh:mm:ss" if held else None
        case date():
            return "yyyy-mm-dd" if cell >= FIRST_DATE else None
        case time():
            return "hh:mm:ss" if cell.tzinfo is None and not cell.microsecond else None
        case timedelta():
            return "[h]:mm:ss" if cell >= timedelta() and not cell.microseconds else None
        case _:
            return None
