"""The options that several commands share, declared once: how to read a file, where to bring it, how to tell.

A command is written with `choices: Choices` as its only further parameter; `with_choices` gives it the options
themselves. Each may also come from the environment, as WENI_ and its name. Their help is in the catalogue.
"""

import inspect
import re
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import typer
from msgspec import Struct

from importer import platform
from importer.cli.speaking import FLAG, VARIABLE, words_of
from importer.columns import parse_groups
from importer.errors import Unusable
from importer.messages import quote
from importer.model import Action
from importer.options import Options, parse_age

FILE, WORKSPACE, SHOWN = "file", "workspace", "shown"
"""Parts of the help; their titles, as every option's help, are in the catalogue (help.panel.…, help.option.…)."""
EMBEDDED = ":memory:"
"""Value of --sandbox without a file."""


def _option(panel: str, *names: str, env: str | None = None) -> "typer.models.OptionInfo":
    return typer.Option(*names, rich_help_panel=panel, envvar=env, show_default=False)  # type: ignore[no-any-return]


def _file(*names: str) -> "typer.models.OptionInfo":
    env = "WENI_" + names[0].lstrip("-").replace("-", "_").upper() if names else None
    return _option(FILE, *names, env=env)


class Choices(Struct, frozen=True):
    """What the shared options of one call say; None: not given."""

    # ---- the file
    country: Annotated[str | None, _file("--country")] = None
    timezone: Annotated[str | None, _file("--timezone")] = None
    date_order: Annotated[Literal["dmy", "mdy", "ymd"] | None, _file("--date-order")] = None
    decimal: Annotated[Literal[",", "."] | None, _file("--decimal")] = None
    sheet: Annotated[str | None, _file("--sheet")] = None
    header_row: Annotated[int | None, _file("--header-row")] = None
    mapping: Annotated[Path | None, _file("--mapping")] = None
    any_workspace: Annotated[bool, _file("--any-workspace")] = False
    corrections: Annotated[Path | None, _file("--corrections")] = None
    preset: Annotated[str | None, _file("--preset")] = None
    phone_scheme: Annotated[Literal["tel", "whatsapp", "both"] | None, _file("--phone-scheme")] = None
    ninth_digit: Annotated[Literal["match", "keep"] | None, _file("--ninth-digit")] = None
    groups: Annotated[str | None, _file("--groups")] = None
    groups_mode: Annotated[Literal["add", "replace"] | None, _file("--groups-mode")] = None
    urns_mode: Annotated[Literal["add", "replace"] | None, _file("--urns-mode")] = None
    new_fields: Annotated[Literal["create", "ignore", "error"] | None, _file("--new-fields")] = None
    new_groups: Annotated[Literal["create", "error"] | None, _file("--new-groups")] = None
    duplicates: Annotated[Literal["merge", "first", "last", "error"] | None, _file("--duplicates")] = None
    action: Annotated[Action | None, _file("--action")] = None
    create_without_key: Annotated[bool, _file("--create-without-key")] = False
    strict: Annotated[bool, _file("--strict")] = False
    limit: Annotated[int | None, _file("--limit")] = None
    after_convert: Annotated[bool, _file("--after-convert")] = False
    # ---- the workspace
    url: Annotated[str, _option(WORKSPACE, "--url", env="WENI_URL")] = platform.DEFAULT_URL
    workspace: Annotated[Path | None, _option(WORKSPACE, "--workspace")] = None
    token_file: Annotated[Path | None, _option(WORKSPACE, "--token-file", env="WENI_TOKEN_FILE")] = None
    insecure: Annotated[bool, _option(WORKSPACE, "--insecure")] = False
    sandbox: Annotated[str | None, _option(WORKSPACE, "--sandbox")] = None
    no_mirror: Annotated[bool, _option(WORKSPACE, "--no-mirror", env="WENI_NO_MIRROR")] = False
    mirror_max_age: Annotated[
        str | None, _option(WORKSPACE, "--mirror-max-age", env="WENI_MIRROR_MAX_AGE")
    ] = None
    rate: Annotated[str | None, _option(WORKSPACE, "--rate", env="WENI_RATE")] = None
    # ---- what is shown
    output: Annotated[Path | None, _option(SHOWN, "--output", env="WENI_OUTPUT")] = None
    as_json: Annotated[bool, _option(SHOWN, "--json")] = False
    log_json: Annotated[bool, _option(SHOWN, "--log-json", env="WENI_LOG_JSON")] = False
    quiet: Annotated[bool, _option(SHOWN, "--quiet", "-q")] = False
    verbose: Annotated[bool, _option(SHOWN, "--verbose", "-v")] = False
    lang: Annotated[str | None, _option(SHOWN, FLAG, env=VARIABLE)] = None
    no_color: Annotated[bool, _option(SHOWN, "--no-color", env="NO_COLOR")] = False


_CHOSEN = (
    "country", "timezone", "date_order", "decimal", "sheet", "header_row", "mapping", "any_workspace", "corrections",
    "preset", "phone_scheme", "ninth_digit", "groups_mode", "urns_mode", "new_fields", "new_groups",
    "duplicates", "action", "create_without_key", "strict", "limit", "after_convert", "output",
)  # fmt: skip


def options_of(choices: Choices, **more: object) -> Options:
    """What was chosen, as the rest of the program takes it.

    Raises:
        Unusable: the program does not speak the language chosen, or a rate or an age is none.
    """
    given = {name: value for name in _CHOSEN if (value := getattr(choices, name)) not in (None, False)}
    if choices.groups:
        joined, _ = parse_groups(choices.groups, [])
        given["groups"] = joined
    if choices.no_mirror or choices.sandbox == EMBEDDED:  # of which nothing is left afterwards
        given["mirror"] = False
    if choices.mirror_max_age is not None:
        given["mirror_max_age_s"] = parse_age(choices.mirror_max_age)
    if choices.rate:
        given["rate"] = read_rate(choices.rate)
    language = words_of(choices.lang).language
    return Options(**given, **more, language=language, given=frozenset(given))  # type: ignore[arg-type]


def read_rate(text: str) -> int:
    """Requests an hour: "60%" of what the platform allows, "1500/h" or "1500".

    Raises:
        Unusable: it is none of these, or less than one request.
    """
    found = re.fullmatch(r"0*(\d{1,6})\s*(%|/\s*h)?", text.strip(), re.ASCII)
    number = int(found[1]) if found else 0
    if found and found[2] == "%":
        number = platform.REQUESTS_PER_HOUR * number // 100 if number <= 100 else 0
    if number < 1:
        raise Unusable("rate-invalid", value=quote(text))
    return number


def with_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` all the shared options in place of its parameter `choices`."""
    return _with(command, Choices.__struct_fields__)


def with_some_choices(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these of the shared options in place of its parameter `choices`."""
    return lambda command: _with(command, names)


def _with(command: Callable[..., None], names: Collection[str]) -> Callable[..., None]:
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "choices"]
    hints = get_type_hints(Choices, include_extras=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
        for name, default in zip(Choices.__struct_fields__, Choices.__struct_defaults__, strict=True)
        if name in names
    ]

    @wraps(command)
    def with_all(*args: object, **given: object) -> None:
        chosen = {parameter.name: given.pop(parameter.name) for parameter in shared}
        command(*args, **given, choices=Choices(**chosen))  # type: ignore[arg-type]

    with_all.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    with_all.__annotations__ = {p.name: p.annotation for p in own} | {p.name: p.annotation for p in shared}
    return with_all
