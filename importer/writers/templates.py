"""Templates: spreadsheets to fill in, with lists to choose from, an example and a page that explains them.

The files in `templates/` are written by this module; a test keeps them so.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import Unusable
from importer.examples import MARKS, mark_example
from importer.messages import Catalogue
from importer.model import Column, Workspace
from importer.platform import VALUE_TYPES
from importer.writers.template_columns import LANGUAGES, TemplateColumn, further_columns, template_columns

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FILLABLE_ROWS = 10_000
"""So far down the lists to choose from reach."""

DELIMITERS = {"en": ",", "pt": ";", "es": ";"}
"""What spreadsheet programs take text files to be separated by where the language is spoken."""

_GUIDE_WIDTH = 100
_BOLD_WIDTH = 1.15  # of usual characters
_LIST_MAX = 255
"""Characters of a list that stands in its rule; a longer one takes a sheet of its own."""


def write_template(
    path: Path, words: Catalogue, workspace: Workspace | None = None, *, definitions: bool = False
) -> None:
    """Write a template to `path`, a workbook or a text file as its suffix says; in place of an older one.

    workspace: whose fields and groups are its columns; None: the usual columns.
    definitions: with sheets that list fields and groups, those of the workspace filled in; in a workbook only.

    Raises:
        Unusable: the suffix is neither .xlsx nor .csv, or the file cannot be written.
    """
    writers = {".xlsx": _write_workbook, ".csv": _write_csv}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise Unusable("template-kind", file=path.name)
    if definitions and write is _write_csv:
        raise Unusable("template-definitions", file=path.name)
    listed = (workspace or Workspace()) if definitions else None
    try:
        # Touched first: it must not come out half way through that the place is not ours.
        path.open("ab").close()
        write(path, template_columns(words, workspace), words, listed)
    except OSError as error:
        raise Unusable("template-not-written", file=path, reason=error.strerror or str(error)) from error


def _write_csv(path: Path, columns: Sequence[TemplateColumn], words: Catalogue, _: Workspace | None) -> None:
    """UTF-8 with a byte order mark, by which spreadsheet programs know it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=DELIMITERS[words.language])
        writer.writerow(column.header for column in columns)
        writer.writerow(mark_example(column.example, words.language) for column in columns)


def _write_workbook(
    path: Path, columns: Sequence[TemplateColumn], words: Catalogue, listed: Workspace | None
) -> None:
    from xlsxwriter import Workbook

    from importer.writers.sheets import fit_on_paper

    with Workbook(str(path)) as book:
        # The day of writing would make every copy another file.
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        form = _add_form(book, columns, words)
        _add_guide(book, columns, words)
        _add_choices(book, form, columns, words)
        if listed:
            _add_fields(book, listed, words)
            _add_groups(book, listed, words)
        for sheet in book.worksheets():
            fit_on_paper(sheet)


def _add_fields(book: "Workbook", workspace: Workspace, words: Catalogue) -> None:
    """The workspace's fields, oldest first: imported as they are, they change nothing."""
    rows = [(one.label, one.value_type, one.key) for one in reversed(workspace.fields)]
    sheet = _add_list(book, "fields", ("label", "type", "key"), rows, words)
    sheet.data_validation(1, 1, FILLABLE_ROWS, 1, {"validate": "list", "source": list(VALUE_TYPES)})


def _add_groups(book: "Workbook", workspace: Workspace, words: Catalogue) -> None:
    """The workspace's groups, oldest first."""
    rows = [(one.uuid, one.name) for one in reversed(workspace.groups)]
    sheet = _add_list(book, "groups", ("uuid", "name", "new-name", "action"), rows, words)
    actions = [words.say(f"template.action.{one}") for one in ("create", "delete", "skip")]
    sheet.data_validation(1, 3, FILLABLE_ROWS, 3, {"validate": "list", "source": actions})


def _add_list(
    book: "Workbook", name: str, says: Sequence[str], rows: Sequence[Sequence[str]], words: Catalogue
) -> "Worksheet":
    sheet = book.add_worksheet(words.say(f"template.sheet.{name}"))
    header = book.add_format({"bold": True, "bg_color": "#DCE7E9", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for position, one in enumerate(says):
        title = words.say(f"template.defined.{one}")
        wide = max(len(title), *(len(row[position]) for row in rows if position < len(row)), 12)
        sheet.set_column(position, position, wide + 2, text)
        sheet.write_string(0, position, title, header)
    for line, row in enumerate(rows, 1):
        for position, cell in enumerate(row):
            sheet.write_string(line, position, cell, text)
    return sheet


def _add_form(book: "Workbook", columns: Sequence[TemplateColumn], words: Catalogue) -> "Worksheet":
    sheet = book.add_worksheet(words.say("template.sheet.contacts"))
    header = book.add_format({"bold": True, "bg_color": "#DCE7E9", "bottom": 1})
    example = book.add_format({"num_format": "@", "italic": True, "font_color": "#5A6B70", "align": "left"})
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for position, column in enumerate(columns):
        # The whole column, so that + and leading zeros stay wherever somebody types them.
        style = book.add_format({"num_format": column.number_format})
        text = mark_example(column.example, words.language)
        sheet.set_column(position, position, max(len(column.header), len(text)) + 2, style)
        sheet.write_string(0, position, column.header, header)
        sheet.write_string(1, position, text, example)
    return sheet


def _add_choices(
    book: "Workbook", form: "Worksheet", columns: Sequence[TemplateColumn], words: Catalogue
) -> None:
    """Lists to choose from, which let other texts pass: there are thousands of languages, and new groups."""
    lists: Worksheet | None = None
    for position, column in enumerate(columns):
        if not column.choices:
            continue
        source: list[str] | str = list(column.choices)
        if not _fits_in_rule(column.choices):
            if lists is None:
                lists = book.add_worksheet(words.say("template.sheet.lists"))
                lists.hide()
            source = _write_list(lists, position, column.choices)
        told = "language" if column.about == "language" else "yes-no"
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "warning",
            "error_message": "" if column.freely else words.say(f"template.{told}-unlisted"),
            "show_error": not column.freely,
        }
        form.data_validation(1, position, FILLABLE_ROWS, position, rule)


def _fits_in_rule(choices: Sequence[str]) -> bool:
    together = ",".join(choices)
    return len(together) <= _LIST_MAX and together.count(",") < len(choices) and '"' not in together


def _write_list(sheet: "Worksheet", position: int, choices: Sequence[str]) -> str:
    """Write a list into a column of its own; returns where it is, as a formula says it."""
    for line, choice in enumerate(choices):
        sheet.write_string(line, position, choice)
    letter = Column(position, "").letter
    return f"='{sheet.get_name()}'!${letter}$1:${letter}${len(choices)}"


def _add_guide(book: "Workbook", columns: Sequence[TemplateColumn], words: Catalogue) -> None:
    """The explaining sheet. No cell begins with a header, so that no reader takes it for a table."""
    from importer.writers.sheets import set_height, texts_high

    sheet = book.add_worksheet(words.say("template.sheet.guide"))
    sheet.hide_gridlines(2)
    lines = list(_guide_lines(columns, words))
    longest = max(len(text) for cells in lines for text, style in cells if style == "label")
    sheet.set_column(0, 0, min(longest * _BOLD_WIDTH, _GUIDE_WIDTH))
    sheet.set_column(1, 1, _GUIDE_WIDTH)
    styles = {
        "title": book.add_format({"bold": True, "font_size": 15}),
        "section": book.add_format({"bold": True, "font_size": 12, "bottom": 1}),
        "label": book.add_format({"bold": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "plain": book.add_format({"valign": "top"}),
    }
    for line, cells in enumerate(lines):
        for position, (text, style) in enumerate(cells):
            sheet.write_string(line, position, text, styles[style])
            if style == "text":
                set_height(sheet, line, texts_high(text, _GUIDE_WIDTH))


def _guide_lines(columns: Sequence[TemplateColumn], words: Catalogue) -> Iterator[list[tuple[str, str]]]:
    say = words.say
    yield [(say("template.guide.title"), "title")]
    for name in ("example", "row", "again", "blank", "header"):
        yield [(say(f"template.guide.{name}", mark=MARKS[words.language]), "plain")]
    yield []
    yield [(say("template.guide.columns"), "section")]
    said: set[str] = set()
    for position, column in enumerate(columns):
        place = say("template.guide.column", letter=Column(position, "").letter, header=column.header)
        about = "" if column.about in said else say(f"template.column.{column.about}", example=column.example)
        said.add(column.about)
        yield [(place, "label"), (about, "text")]
    yield []
    yield [(say("template.guide.more"), "section")]
    for header, about in further_columns(words, columns):
        yield [(say("template.guide.new", header=header), "label"), (say(f"template.column.{about}"), "text")]
    yield []
    yield [(say("template.guide.languages"), "section")]
    for code, name in LANGUAGES.items():
        yield [(f"{code} – {name}", "label")]
