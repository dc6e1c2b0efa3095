"""The options that several commands share, declared once: how to read a file, where to bring it, how to tell.

A command is written with `choices: Choices` as its only further parameter; `with_choices` gives it the options
themselves. Each may also come from the environment, as WENI_ and its name.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import typer

from importer import platform
from importer.columns import parse_groups
from importer.options import Options

FILE, WORKSPACE, SHOWN = "How the file is read and imported", "The workspace", "What is shown"
EMBEDDED = ":memory:"
"""Value of --sandbox without a file."""


def _option(help_: str, panel: str, *names: str, env: str | None = None) -> "typer.models.OptionInfo":
    return typer.Option(*names, help=help_, rich_help_panel=panel, envvar=env, show_default=False)  # type: ignore[no-any-return]


def _file(help_: str, *names: str) -> "typer.models.OptionInfo":
    env = "WENI_" + names[0].lstrip("-").replace("-", "_").upper() if names else None
    return _option(help_, FILE, *names, env=env)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the shared options of one call say; None: not given."""

    # ---- the file
    country: Annotated[
        str | None, _file("Country of numbers without +, such as BR; `none`: refuse them.", "--country")
    ] = None
    timezone: Annotated[
        str | None, _file("Time zone of dates without one, such as America/Sao_Paulo.", "--timezone")
    ] = None
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd"] | None,
        _file("Order of day, month and year where a column does not show it.", "--date-order"),
    ] = None
    decimal: Annotated[Literal[",", "."] | None, _file("Decimal sign of numbers in text.", "--decimal")] = (
        None
    )
    sheet: Annotated[
        str | None, _file("Sheet of the workbook; by default the first with contacts.", "--sheet")
    ] = None
    header_row: Annotated[
        int | None, _file("Row that holds the headers, as the spreadsheet counts.", "--header-row")
    ] = None
    mapping: Annotated[Path | None, _file("Mapping file (TOML): header = target.", "--mapping")] = None
    any_workspace: Annotated[
        bool, _file("Take the mapping file even if it was made for another workspace.", "--any-workspace")
    ] = False
    preset: Annotated[str | None, _file("Read the file as an export of this program.", "--preset")] = None
    phone_scheme: Annotated[
        Literal["tel", "whatsapp", "both"] | None,
        _file("What plain phone columns become; tel by default.", "--phone-scheme"),
    ] = None
    ninth_digit: Annotated[
        Literal["match", "keep"] | None,
        _file(
            "Brazilian mobile numbers with and without the ninth digit: one contact's, the stored form kept "
            "(match, the default), or different contacts (keep).",
            "--ninth-digit",
        ),
    ] = None
    groups: Annotated[str | None, _file('Groups that everyone in the file joins: "A; B".', "--groups")] = None
    groups_mode: Annotated[
        Literal["add", "replace"] | None,
        _file("replace: a row's groups are all that its contact keeps.", "--groups-mode"),
    ] = None
    urns_mode: Annotated[
        Literal["add", "replace"] | None,
        _file("replace: a row's URNs are all that its contact keeps.", "--urns-mode"),
    ] = None
    new_fields: Annotated[
        Literal["create", "ignore", "error"] | None,
        _file(
            "Columns without a field in the workspace; by default those named Field:… or mapped are created.",
            "--new-fields",
        ),
    ] = None
    new_groups: Annotated[
        Literal["create", "error"] | None,
        _file("Groups that the workspace lacks; created by default.", "--new-groups"),
    ] = None
    duplicates: Annotated[
        Literal["merge", "first", "last", "error"] | None,
        _file("Several rows for one contact; merged by default where they agree.", "--duplicates"),
    ] = None
    create_without_key: Annotated[
        bool,
        _file("Create contacts of rows without phone, e-mail, other URN or UUID.", "--create-without-key"),
    ] = False
    limit: Annotated[int | None, _file("Take only the first N rows.", "--limit")] = None
    # ---- the workspace
    url: Annotated[str, _option("Address of the platform.", WORKSPACE, "--url", env="WENI_URL")] = (
        platform.DEFAULT_URL
    )
    workspace: Annotated[
        Path | None,
        _option(
            "What the workspace has, from a JSON file: country, timezone, fields, groups. For `check`.",
            WORKSPACE,
            "--workspace",
        ),
    ] = None
    token_file: Annotated[
        Path | None,
        _option(
            "File that holds the API token (else WENI_TOKEN, else you are asked).",
            WORKSPACE,
            "--token-file",
            env="WENI_TOKEN_FILE",
        ),
    ] = None
    insecure: Annotated[bool, _option("Allow plain http to another machine.", WORKSPACE, "--insecure")] = (
        False
    )
    sandbox: Annotated[
        str | None,
        _option(
            "Use an embedded practice workspace, kept in FILE.db if one is named.", WORKSPACE, "--sandbox"
        ),
    ] = None
    # ---- what is shown
    output: Annotated[
        Path | None,
        _option(
            "Folder of the report; NAME.import beside the file by default.",
            SHOWN,
            "--output",
            env="WENI_OUTPUT",
        ),
    ] = None
    as_json: Annotated[bool, _option("Print one JSON document and nothing else.", SHOWN, "--json")] = False
    quiet: Annotated[bool, _option("Print only what went wrong.", SHOWN, "--quiet", "-q")] = False
    verbose: Annotated[bool, _option("Print every issue and every change.", SHOWN, "--verbose", "-v")] = False
    no_color: Annotated[bool, _option("No colours.", SHOWN, "--no-color", env="NO_COLOR")] = False


_CHOSEN = (
    "country", "timezone", "date_order", "decimal", "sheet", "header_row", "mapping", "any_workspace", "preset",
    "phone_scheme", "ninth_digit", "groups_mode", "urns_mode", "new_fields", "new_groups", "duplicates", "create_without_key",
    "limit", "output",
)  # fmt: skip


def options_of(choices: Choices, **more: object) -> Options:
    """What was chosen, as the rest of the program takes it."""
    given = {name: value for name in _CHOSEN if (value := getattr(choices, name)) not in (None, False)}
    if choices.groups:
        joined, _ = parse_groups(choices.groups, [])
        given["groups"] = joined
    return Options(**given, **more, given=frozenset(given))  # type: ignore[arg-type]


def with_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` all the shared options in place of its parameter `choices`."""
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "choices"]
    hints = get_type_hints(Choices, include_extras=True)
    shared = [
        inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name]
        )
        for one in fields(Choices)
    ]

    @wraps(command)
    def with_all(*args: object, **given: object) -> None:
        chosen = {parameter.name: given.pop(parameter.name) for parameter in shared}
        command(*args, **given, choices=Choices(**chosen))  # type: ignore[arg-type]

    with_all.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    with_all.__annotations__ = {p.name: p.annotation for p in own} | hints
    return with_all
