"""report.xlsx of 100,000 rows: `report_book.py ours FOLDER` through our writer, `… hand FOLDER` with XlsxWriter alone.

Twenty columns: what became of the row, and its fifteen cells. One row of thirty has an issue.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from contacts import HEADERS, rows

COUNT = 100_000


def ours(path: Path) -> None:
    """The report's own writer."""
    from importer.issues import Issue
    from importer.messages import catalogue
    from importer.model import Column, FileInfo, Outcome, Row, Status, Summary
    from importer.writers.report_book import ReportBook
    from importer.writers.tally import Tally

    columns = [Column(index, header) for index, header in enumerate(HEADERS)]
    book, tally = ReportBook(path, columns, catalogue("en")), Tally()
    for number, cells in enumerate(rows(COUNT), 2):
        wrong = (Issue.of("phone-invalid", cells[1]).at(number, HEADERS[1], "B"),) if number % 30 == 0 else ()
        status = Status.INVALID if wrong else Status.CREATED
        outcome = Outcome(
            number, status, None if wrong else f"00000000-0000-4000-8000-{number:012}", (), wrong
        )
        tally.add(outcome)
        book.add(Row(number, tuple(cells)), outcome)
    book.close(Summary("", "run", FileInfo("x.csv", "csv"), "", "", datetime.now(UTC), rows=COUNT), tally)


def by_hand(path: Path) -> None:
    """The same cells, with the same colours and widths."""
    from xlsxwriter import Workbook

    book = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    sheet = book.add_worksheet()
    top, wrapped = book.add_format({"valign": "top"}), book.add_format({"valign": "top", "text_wrap": True})
    centred = book.add_format({"valign": "top", "align": "center"})
    green = book.add_format({"valign": "top", "bg_color": "#D3EFD6", "font_color": "#0B5A1E", "bold": True})
    red = book.add_format({"valign": "top", "bg_color": "#FBD0D0", "font_color": "#8C0D0D", "bold": True})
    shade = book.add_format({"valign": "top", "bg_color": "#FBD0D0"})
    for position, header in enumerate(("Row", "Status", "UUID", "Done", "Issues", *HEADERS)):
        sheet.write_string(0, position, header)
    for line, cells in enumerate(rows(COUNT), 1):
        is_wrong = (line + 1) % 30 == 0
        sheet.write_number(line, 0, line + 1, centred)
        sheet.write_string(line, 1, "invalid" if is_wrong else "created", red if is_wrong else green)
        if is_wrong:
            told = f"“{cells[1]}” is not a phone number that a person answers."
            sheet.write_string(line, 4, f"{told} Write it in full, like +55 82 99331-1220.", wrapped)
        else:
            sheet.write_string(line, 2, f"00000000-0000-4000-8000-{line + 1:012}", top)
        for position, cell in enumerate(cells, 5):
            if cell:
                sheet.write_string(line, position, cell, shade if is_wrong and position == 6 else top)
    sheet.autofilter(0, 0, COUNT, 19)
    book.close()


if __name__ == "__main__":
    {"ours": ours, "hand": by_hand}[sys.argv[1]](Path(sys.argv[2]) / f"report-{sys.argv[1]}.xlsx")
