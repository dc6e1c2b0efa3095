"""Templates: spreadsheets to fill in, in the platform's header convention, with a page that explains them.

The files in `templates/` are written by this module; a test keeps them so.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from importer.errors import Unusable
from importer.messages import Catalogue
from importer.model import Column

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FILLABLE_ROWS = 10_000
"""So far down the lists to choose from reach."""

_GUIDE_WIDTH = 100


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to fill in.

    about: part of the key of the sentence that explains it. example: its cell in row 2.
    """

    header: str
    about: str
    example: str | int | date
    number_format: Literal["@", "General", "yyyy-mm-dd"] = "@"


# Blanks and hyphens keep a spreadsheet program from taking the numbers of the CSV file for numbers.
COLUMNS = (
    TemplateColumn("Name", "name", "Ana Exemplo"),
    TemplateColumn("Language", "language", "por"),
    TemplateColumn("URN:Tel", "tel", "+55 82 90000-0001"),
    TemplateColumn("URN:Whatsapp", "whatsapp", "+55 82 90000-0001"),
    TemplateColumn("URN:Mailto", "mailto", "ana@example.com"),
    TemplateColumn("URN:Ext", "ext", "CRM-0001"),
    TemplateColumn("Groups", "groups", "Clientes; VIP"),
    TemplateColumn("Field:City", "text", "Maceió"),
    TemplateColumn("Field:Birth Date:datetime", "datetime", date(1990, 5, 17), "yyyy-mm-dd"),
    TemplateColumn("Field:Points:numeric", "numeric", 120, "General"),
)
MORE = (
    ("Contact UUID", "uuid"),
    ("Group:VIP", "group"),
    ("URN:Telegram", "scheme"),
)
"""Headers that the template does without."""
LANGUAGES = {
    "por": "Português", "spa": "Español", "eng": "English", "fra": "Français", "ita": "Italiano",
    "deu": "Deutsch", "grn": "Avañe'ẽ", "que": "Runasimi", "hat": "Kreyòl ayisyen", "zho": "中文",
    "jpn": "日本語", "ara": "العربية",
}  # fmt: skip
"""Codes to choose from, with the languages' own names."""


def write_template(path: Path, catalogue: Catalogue) -> None:
    """Write a template to `path`, a workbook or a text file as its suffix says; in place of an older one.

    Raises:
        Unusable: the suffix is neither .xlsx nor .csv, or the file cannot be written.
    """
    writers = {".xlsx": _write_workbook, ".csv": _write_csv}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise Unusable("template-kind", file=path.name)
    try:
        # Touched first: it must not come out half way through that the place is not ours.
        path.open("ab").close()
        write(path, catalogue)
    except OSError as error:
        raise Unusable("template-not-written", file=path, reason=error.strerror or str(error)) from error


def _write_csv(path: Path, catalogue: Catalogue) -> None:
    """Comma and UTF-8 with a byte order mark: what the platform and spreadsheet programs both take."""
    del catalogue  # a text file has no room for explanations
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.header for column in COLUMNS)
        writer.writerow(column.example for column in COLUMNS)


def _write_workbook(path: Path, catalogue: Catalogue) -> None:
    from xlsxwriter import Workbook

    from importer.writers.sheets import fit_on_paper

    with Workbook(str(path)) as book:
        # The day of writing would make every copy another file.
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        _add_form(book, catalogue)
        _add_guide(book, catalogue)
        for sheet in book.worksheets():
            fit_on_paper(sheet)


def _add_form(book: "Workbook", catalogue: Catalogue) -> None:
    sheet = book.add_worksheet(catalogue.say("template.sheet.contacts"))
    header = book.add_format({"bold": True, "bg_color": "#DCE7E9", "bottom": 1})
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for position, column in enumerate(COLUMNS):
        # The whole column, so that + and leading zeros stay wherever somebody types them.
        style = book.add_format({"num_format": column.number_format})
        sheet.set_column(position, position, max(len(column.header), len(str(column.example))) + 3, style)
        sheet.write_string(0, position, column.header, header)
        _write_example(book, sheet, position, column)
        if column.about == "language":
            _offer_languages(sheet, position, catalogue)


def _write_example(book: "Workbook", sheet: "Worksheet", position: int, column: TemplateColumn) -> None:
    style = book.add_format(
        {"num_format": column.number_format, "italic": True, "font_color": "#5A6B70", "align": "left"}
    )
    if isinstance(column.example, date):
        sheet.write_datetime(1, position, column.example, style)
    elif isinstance(column.example, int):
        sheet.write_number(1, position, column.example, style)
    else:
        sheet.write_string(1, position, column.example, style)


def _offer_languages(sheet: "Worksheet", position: int, catalogue: Catalogue) -> None:
    """A list to choose from that lets other codes pass: there are thousands."""
    sheet.data_validation(
        1, position, FILLABLE_ROWS, position,
        {
            "validate": "list",
            "source": list(LANGUAGES),
            "error_type": "warning",
            "error_message": catalogue.say("template.language-unlisted"),
        },
    )  # fmt: skip


def _add_guide(book: "Workbook", catalogue: Catalogue) -> None:
    """The explaining sheet. No cell begins with a header, so that no reader takes it for a table."""
    from importer.writers.sheets import set_height, texts_high

    sheet = book.add_worksheet(catalogue.say("template.sheet.guide"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 1, _GUIDE_WIDTH)
    styles = {
        "title": book.add_format({"bold": True, "font_size": 15}),
        "section": book.add_format({"bold": True, "font_size": 12, "bottom": 1}),
        "label": book.add_format({"bold": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "plain": book.add_format({"valign": "top"}),
    }
    for line, cells in enumerate(_guide_lines(catalogue)):
        for position, (text, style) in enumerate(cells):
            sheet.write_string(line, position, text, styles[style])
            if style == "text":
                set_height(sheet, line, texts_high(text, _GUIDE_WIDTH))


def _guide_lines(catalogue: Catalogue) -> Iterator[list[tuple[str, str]]]:
    say = catalogue.say
    yield [(say("template.guide.title"), "title")]
    for name in ("example", "row", "again", "blank", "header"):
        yield [(say(f"template.guide.{name}"), "plain")]
    yield []
    yield [(say("template.guide.columns"), "section")]
    for position, column in enumerate(COLUMNS):
        place = say("template.guide.column", letter=Column(position, "").letter, header=column.header)
        yield [(place, "label"), (say(f"template.column.{column.about}", example=column.example), "text")]
    yield []
    yield [(say("template.guide.more"), "section")]
    for header, about in MORE:
        yield [(say("template.guide.new", header=header), "label"), (say(f"template.column.{about}"), "text")]
    yield []
    yield [(say("template.guide.languages"), "section")]
    for code, name in LANGUAGES.items():
        yield [(f"{code} – {name}", "label")]
