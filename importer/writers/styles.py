"""The colours and number formats of our workbooks."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from importer.issues import Issue, Severity
from importer.model import Status

STATUS_COLOURS = {  # background, letters
    Status.CREATED: ("#D3EFD6", "#0B5A1E"),
    Status.UPDATED: ("#D6E6F7", "#123F6D"),
    Status.UNCHANGED: ("#ECECEC", "#4A4A4A"),
    Status.DELETED: ("#E3D7EE", "#4B2670"),
    Status.SKIPPED: ("#ECECEC", "#4A4A4A"),
    Status.KEPT: ("#FFF0C2", "#6B5200"),
    Status.INVALID: ("#FBD0D0", "#8C0D0D"),
    Status.REFUSED: ("#F9D9C0", "#7A3603"),
    Status.NOT_SENT: ("#FFF0C2", "#6B5200"),
}
ISSUE_COLOURS = {Severity.ERROR: "#FBD0D0", Severity.WARNING: "#FFF0C2"}

OWN_HEADER = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1D4F5C"}
FILE_HEADER = {"bold": True, "bg_color": "#DCE7E9", "bottom": 1}

NumberFormat = Literal["General", "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss", "[h]:mm:ss"]


class Styles:
    """The formats of one workbook, each made when it is first asked for."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.own_header = self._make(**OWN_HEADER)
        self.file_header = self._make(**FILE_HEADER)
        self.top = self._make()
        self.centred = self._make(align="center")
        self.left = self._make(align="left")
        self.wrapped = self._make(text_wrap=True)
        self.title = self._make(bold=True, font_size=15)
        self.section = self._make(bold=True, font_size=12, bottom=1)
        self.label = self._make(bold=True)
        self.total = self._make(bold=True, align="center", top=1)
        self.status = cache(self._status)
        self.cell = cache(self._cell)

    def _make(self, **properties: object) -> Format:
        return self._book.add_format({"valign": "top", **properties})

    def _status(self, status: Status) -> Format:
        background, letters = STATUS_COLOURS[status]
        return self._make(bg_color=background, font_color=letters, bold=True)

    def _cell(self, severity: Severity | None, number_format: NumberFormat = "General") -> Format:
        """A cell of the file; coloured if something is wrong with it."""
        colour = {} if severity is None else {"bg_color": ISSUE_COLOURS[severity]}
        return self._make(num_format=number_format, **colour)


def shades(issues: Iterable[Issue], positions: Mapping[str, int]) -> dict[int, Severity]:
    """The worst severity by position, for the cells that something is wrong with.

    positions: of the columns, by letter.
    """
    found: dict[int, Severity] = {}
    for issue in issues:
        position = positions.get(issue.letter)
        if position is not None and found.get(position) is not Severity.ERROR:
            found[position] = issue.severity
    return found
