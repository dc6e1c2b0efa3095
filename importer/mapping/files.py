"""Mapping files, read: a small TOML text that people write, share and keep with the job.

[workspace]            # the one it was made for
uuid = "…"
name = "…"

[options]              # as on the command line
date_order = "dmy"

[columns]              # header, or @ and the column's letter = target
"Nome do aluno" = "name"
"@C" = "field:turma"

[constants]            # what every row gets besides
language = "por"
"field:origem" = "Matrículas 2024"
groups = ["Alunos"]

[values."Sexo"]        # what cells stand for
M = "Masculino"
"""

import re
import tomllib
from collections import abc
from datetime import date, time
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

from importer.errors import Unusable
from importer.headers import clean_header
from importer.mapping import SavedMapping
from importer.model import Target, Workspace
from importer.options import Options
from importer.targets import TargetRefused, parse_target

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_NOT_OF_FILES = ("mapping", "any_workspace", "corrections", "limit", "output", "title", "language", "given")
OPTIONS = {name: hint for name, hint in get_type_hints(Options).items() if name not in _NOT_OF_FILES}
"""The options that a mapping file may set, and their types."""

SECTIONS = ("workspace", "options", "columns", "constants", "values")
_CONSTANT_KINDS = ("language", "groups", "group", "field")
_LETTERS = re.compile(r"@[a-z]{1,3}", re.IGNORECASE)
_BARE = re.compile(r"[a-z_]+")
_PLACE = re.compile(r"at line (\d+)")


def check_workspace(saved: SavedMapping, workspace: Workspace) -> None:
    """Do nothing if `saved` was made for this workspace, or for none, or it is not known which one this is.

    Raises:
        Unusable: it was made for another one.
    """
    if saved.workspace_uuid and workspace.uuid and saved.workspace_uuid != workspace.uuid:
        made_for = saved.workspace_name or saved.workspace_uuid
        raise Unusable("mapping-workspace", made_for=made_for, workspace=workspace.name or workspace.uuid)


def parse_mapping(text: str) -> SavedMapping:
    """Read a mapping file.

    Raises:
        Unusable: it is no TOML, or says what no mapping file can say; `line` counts from 1.
    """
    from pydantic import ValidationError  # 0.06 s, and few calls have a mapping file

    text = text.removeprefix("\ufeff")
    try:
        source = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise Unusable("mapping-syntax", line=line) from None
    try:
        file: Any = _file_model().model_validate(source)
    except ValidationError as error:
        raise _first_problem(error.errors(), text) from None
    return SavedMapping(
        columns={_entry(header): target for header, target in file.columns.items()},
        options=file.options.model_dump(exclude_unset=True),
        constants=file.constants,
        values={_entry(header): values for header, values in file.values.items()},
        workspace_uuid=file.workspace.uuid,
        workspace_name=file.workspace.name,
    )


def _entry(header: str) -> str:
    """The letter of @c as a spreadsheet writes it; a header is cleaned as headers are."""
    return header.upper() if _LETTERS.fullmatch(header) else clean_header(header)


@cache
def _file_model() -> "type[BaseModel]":
    """What a mapping file may hold."""
    from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, create_model

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class MadeFor(Strict):
        uuid: str = ""
        name: str = ""

    option_fields: dict[str, Any] = {name: (hint, None) for name, hint in OPTIONS.items()}
    names_of_groups: Any = OPTIONS["groups"]
    option_fields["groups"] = (Annotated[names_of_groups, BeforeValidator(_split)], None)
    options = create_model("Options", __base__=Strict, **option_fields)
    sections: dict[str, Any] = {
        "workspace": (MadeFor, MadeFor()),
        "options": (options, options()),
        "columns": (dict[str, Annotated[Target, PlainValidator(_target_of)]], Field(default_factory=dict)),
        "constants": (Annotated[object, PlainValidator(_constants_of)], ()),
        "values": (
            dict[str, dict[str, Annotated[str, PlainValidator(_text_of)]]],
            Field(default_factory=dict),
        ),
    }
    return create_model("MappingFile", __base__=Strict, **sections)


def _target_of(value: object) -> Target:
    if not isinstance(value, str):
        raise TargetRefused("target", str(value))
    return parse_target(value)


def _text_of(value: object) -> str:
    """The text of a TOML value that can stand in a cell."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case date() | time():
            return value.isoformat()
        case _:
            raise TargetRefused("text", str(value))


def _split(value: object) -> object:
    """Names of groups in one text, as on the command line."""
    return [name.strip() for name in value.split(";") if name.strip()] if isinstance(value, str) else value


def _constants_of(source: object) -> tuple[tuple[Target, str], ...]:
    if not isinstance(source, dict):
        raise TargetRefused("text", str(source))
    constants: list[tuple[Target, str]] = []
    for entry, value in source.items():
        try:
            constants += _constant_of(entry, value)
        except TargetRefused as refusal:
            refusal.entry = entry
            raise
    return tuple(constants)


def _constant_of(entry: str, value: object) -> list[tuple[Target, str]]:
    """What one line of the constants gives each row: several groups, or one value."""
    target = parse_target(entry)
    if target.kind not in _CONSTANT_KINDS:
        raise TargetRefused("constant", entry)
    if target.kind != "groups":
        return [(target, _text_of(value))]
    names = _split(value)
    each = names if isinstance(names, list) else [names]
    return [(parse_target(f"group:{_text_of(name)}"), "true") for name in each]


# ----------------------------------------------------------------------------------------------- problems


def _first_problem(problems: abc.Sequence["ErrorDetails"], text: str) -> Unusable:
    """The sentence for the problem that stands first in the file."""
    found = [_explain(problem, text) for problem in problems]
    return min(found, key=lambda error: int(str(error.details["line"])))


def _explain(problem: "ErrorDetails", text: str) -> Unusable:
    place = tuple(str(step) for step in problem["loc"])
    refusal = problem.get("ctx", {}).get("error")
    if isinstance(refusal, TargetRefused):
        line = _line_of(text, (*place, refusal.entry) if refusal.entry else place)
        return Unusable(f"mapping-{refusal.key}", line=line, **refusal.details)
    section, name = place[0], place[1] if len(place) > 1 else ""
    line = _line_of(text, place[:2])
    if problem["type"] == "extra_forbidden":
        known = SECTIONS if not name else ("uuid", "name") if section == "workspace" else OPTIONS
        return Unusable("mapping-entry", line=line, value=name or section, names=", ".join(known))
    if section == "options" and name:
        allowed = _allowed(OPTIONS[name])
        return Unusable(
            "mapping-option", line=line, option=name, value=str(problem["input"]), allowed=allowed
        )
    return Unusable("mapping-text", line=line, value=name or section)


def _allowed(hint: object) -> str:
    """The values of an option as TOML writes them."""
    if get_origin(hint) is Literal:
        return ", ".join(f'"{value}"' for value in get_args(hint))
    if get_origin(hint) is tuple:
        return '["…", "…"]'
    if parts := [part for part in get_args(hint) if part is not type(None)]:
        return ", ".join(map(_allowed, parts))
    return {bool: "true, false", int: "1, 2, 3, …"}.get(hint, '"…"') if isinstance(hint, type) else '"…"'


def _line_of(text: str, place: tuple[str, ...]) -> int:
    """The number of the line on which the entry at `place` (section, key, …) begins, or nearly so."""
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("["):
            section = _keys(line) or section
            found = section
        else:
            ends = (at for at, char in enumerate(line) if char == "=")
            found = section + next(filter(None, (_keys(f"{line[:at]}= 0") for at in ends)), ())
        if len(found) >= len(place) and found[: len(place)] == place:
            return number
    return _line_of(text, place[:-1]) if len(place) > 1 else 1


def _keys(line: str) -> tuple[str, ...]:
    """The keys that one line of TOML names, from the outside in; none where it is no line by itself."""
    try:
        value: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
    return tuple(keys)
