"""The sheets of a workbook that list fields or groups; see `importer.definitions.sheets`."""

from collections.abc import Iterator

from msgspec.structs import replace

from importer.definitions.sheets import HEADERS, DefinitionSheet, find_columns, kind_named
from importer.headers import Knows, clean_header, normal_header
from importer.issues import Issue
from importer.model import OWN_PREFIX, Column, DefinitionKind, Row
from importer.options import Options
from importer.readers.locate import head_of, lists_contacts
from importer.readers.sheets import RawRow, Sheet, Source, is_blank


def split_off(source: Source, options: Options, knows: Knows) -> tuple[Source, tuple[DefinitionSheet, ...]]:
    """The file without its sheets of fields and groups, and these. A sheet that the user names lists contacts."""
    found: list[DefinitionSheet] = []
    others: list[Sheet] = []
    issues: list[Issue] = []
    for sheet in source.sheets:
        kind = kind_named(sheet.name) if sheet.visible and not _is_meant(sheet, options) else None
        read = _read(sheet, kind, knows) if kind else None
        if read:
            found.append(read)
            issues += _unknown_columns(read)
            continue
        others.append(sheet)
        if kind and head_of(sheet) and not lists_contacts(sheet, knows):
            issues.append(Issue.of("definition-unread", sheet.name, needed=_needed(kind)))
    return replace(source.but(*issues), sheets=others), tuple(found)


def _is_meant(sheet: Sheet, options: Options) -> bool:
    return bool(options.sheet and sheet.name and options.sheet.casefold() == sheet.name.casefold())


def _needed(kind: DefinitionKind) -> str:
    return "Label, Type" if kind == "field" else "Name, New name"


def _read(sheet: Sheet, kind: DefinitionKind, knows: Knows) -> DefinitionSheet | None:
    for head in head_of(sheet):
        says = find_columns(kind, head.cells, knows)
        if says is None:
            continue
        headers = ((index, clean_header(cell)) for index, cell in enumerate(head.cells))
        columns = tuple(
            Column(index, header) for index, header in headers if header and not header.startswith(OWN_PREFIX)
        )
        places = {says[one.index]: place for place, one in enumerate(columns) if one.index in says}
        rows = tuple(_rows(sheet, head.number, columns))
        return DefinitionSheet(kind, sheet.name or "", columns, places, rows)
    return None


def _rows(sheet: Sheet, header: int, columns: tuple[Column, ...]) -> Iterator[Row]:
    for raw in sheet.rows():
        if raw.number > header:
            cells = tuple(_cell(raw, one.index) for one in columns)
            if not all(map(is_blank, cells)):
                yield Row(raw.number, cells)


def _cell(raw: RawRow, index: int) -> object:
    return raw.cells[index] if index < len(raw.cells) else None


def _unknown_columns(sheet: DefinitionSheet) -> Iterator[Issue]:
    known = HEADERS[sheet.kind]
    for place, column in enumerate(sheet.columns):
        if place not in sheet.places.values() and normal_header(column.header) not in known:
            issue = Issue.of("definition-column", column.header, sheet=sheet.name)
            yield issue.at(column=f"{sheet.name}!{column.letter}")
