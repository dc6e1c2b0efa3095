"""The columns of a template: the usual ones, or those of one workspace."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from importer.columns import parse_groups
from importer.issues import CellRefused
from importer.mapping.fields import find_field
from importer.messages import Catalogue, catalogue
from importer.model import Field, Workspace

LANGUAGES = {
    "por": "Português", "spa": "Español", "eng": "English", "fra": "Français", "ita": "Italiano",
    "deu": "Deutsch", "grn": "Avañe'ẽ", "que": "Runasimi", "hat": "Kreyòl ayisyen", "zho": "中文",
    "jpn": "日本語", "ara": "العربية",
}  # fmt: skip
"""Codes to choose from, with the languages' own names."""

GROUP_COLUMNS = 20
"""So many groups of a workspace have a column each; more are a list to choose from in one column."""

NumberFormat = Literal["@", "General", "yyyy-mm-dd"]

_PHONE, _MAIL, _CODE, _DATE, _NUMBER = "+55 82 90000-0001", "ana@example.com", "CRM-0001", "1990-05-17", "120"
_STANDARD = ("name", "language", "tel", "whatsapp", "mailto", "ext")
_EXAMPLES = {
    "tel": _PHONE, "whatsapp": _PHONE, "mailto": _MAIL, "ext": _CODE, "datetime": _DATE, "numeric": _NUMBER,
}  # fmt: skip
_FORMATS: dict[str, NumberFormat] = {"datetime": "yyyy-mm-dd", "numeric": "General"}


class TemplateColumn(Struct, frozen=True):
    """A column to fill in.

    about: part of the key of the sentence that explains it. example: its cell in the example, still without mark.
    choices: to choose from; other texts pass, with a word about it unless `freely`.
    """

    header: str
    about: str
    example: str
    number_format: NumberFormat = "@"
    choices: tuple[str, ...] = ()
    freely: bool = False


def template_columns(words: Catalogue, workspace: Workspace | None) -> tuple[TemplateColumn, ...]:
    """The columns of a template in the language of `words`; None: for any workspace."""
    standard = [_column(about, words, workspace) for about in _STANDARD]
    if workspace is None:
        usual = [_column(about, words, None) for about in ("groups", "group", "datetime", "numeric")]
        city = TemplateColumn(words.say("template.header.text"), "text", words.say("template.example.city"))
        return (*standard, *usual[:2], city, *usual[2:])
    return (*standard, *_groups(words, workspace), *_fields(words, workspace))


def further_columns(words: Catalogue, columns: Sequence[TemplateColumn]) -> Iterator[tuple[str, str]]:
    """Headers that a template with these columns does without, with what they are about."""
    there = {column.about for column in columns}
    yield "Contact UUID", "uuid"
    for about in ("groups", "group", "text", "datetime", "numeric"):
        if about not in there:
            yield words.say(f"template.header.{about}"), about
    yield "URN:Telegram", "scheme"


def _column(about: str, words: Catalogue, workspace: Workspace | None) -> TemplateColumn:
    header = words.say(f"template.header.{about}")
    if workspace and find_field(header, workspace):
        # a field of this name would take the column; the platform's own name for it always holds
        header = catalogue("en").say(f"template.header.{about}")
    choices = {"language": tuple(LANGUAGES), "group": _yes_no(words)}.get(about, ())
    example = _EXAMPLES.get(about) or words.say(
        f"template.{'yes' if about == 'group' else f'example.{about}'}"
    )
    return TemplateColumn(header, about, example, _FORMATS.get(about, "@"), choices)


def _groups(words: Catalogue, workspace: Workspace) -> Iterator[TemplateColumn]:
    names = [group.name for group in workspace.groups if not group.dynamic]
    if len(names) > GROUP_COLUMNS:
        choices = tuple(filter(None, map(_as_cell, names)))
        header = _column("groups", words, workspace).header
        yield TemplateColumn(
            header, "groups", choices[0] if choices else names[0], choices=choices, freely=True
        )
        return
    for name in names:
        yield TemplateColumn(f"Group:{name}", "group", words.say("template.yes"), choices=_yes_no(words))


def _as_cell(name: str) -> str:
    """A group's name as the cell of a column of groups; "" if none says it."""
    for text in (name, f'"{name}"'):
        try:
            if parse_groups(text, []) == ((name,), ()):
                return text
        except CellRefused:
            continue
    return ""


def _fields(words: Catalogue, workspace: Workspace) -> Iterator[TemplateColumn]:
    for field in workspace.fields:
        if field.value_type == "text":
            yield TemplateColumn(f"Field:{field.label}", "text", words.say("template.example.text"))
        elif field.value_type in _FORMATS:  # nobody can write the others: they need the platform's maps
            yield _typed(field)


def _typed(field: Field) -> TemplateColumn:
    kind = field.value_type
    return TemplateColumn(f"Field:{field.label}:{kind}", kind, _EXAMPLES[kind], _FORMATS[kind])


def _yes_no(words: Catalogue) -> tuple[str, str]:
    return words.say("template.yes"), words.say("template.no")
