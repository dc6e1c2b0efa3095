"""The program as Typer knows it; each module of commands puts its own into `app` when it is loaded.

What --help says of a command and of its options is in the catalogue.
"""

from collections.abc import Sequence
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from importer.cli.speaking import FLAG, VARIABLE, Command
from importer.errors import Unusable

FIRST = ("check", "plan", "run")
"""Commands that stand before all others."""
ROOMS = {
    "importing": FIRST, "comparing": ("diff",), "converting": ("convert",), "definitions": ("fields", "groups"),
    "exporting": ("export",), "jobs": ("jobs", "report"), "knowledge": ("presets", "workspace"), "purging": ("purge",),
    "sandbox": ("sandbox",), "schemas": ("schema",), "templates": ("template",), "undoing": ("undo",), "web": ("web",),
}  # fmt: skip
"""Which commands are in which module."""


class Commands(TyperGroup):
    """All commands; a name that is none of them is an error as any other."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - as Typer has it
        """Their names, in the order in which people come to need them."""
        names: list[str] = super().list_commands(ctx)
        return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as Typer has it
        """The command that the first of `args` names, with the rest of them.

        Raises:
            Unusable: there is no such command.
        """
        if args[0] not in self.commands:
            raise Unusable("call-no-command", value=args[0], known=", ".join(self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="weni-import",
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[Path, typer.Argument(show_default=False)]
AsJson = Annotated[bool, typer.Option("--json")]
Lang = Annotated[str | None, typer.Option(FLAG, envvar=VARIABLE, show_default=False)]


def program_for(arguments: Sequence[str] = ()) -> Command:
    """The program with what a call needs: the commands of the module of the one that comes first, else all of them."""
    asked = [room for room, commands in ROOMS.items() if arguments and arguments[0] in commands]
    names = {import_module(f"importer.cli.{room}").__name__ for room in asked or ROOMS}
    needed = copy(app)  # where more is loaded already, it would take its time
    needed.registered_commands = [
        one for one in app.registered_commands if getattr(one.callback, "__module__", "") in names
    ]
    return typer.main.get_group(needed)
