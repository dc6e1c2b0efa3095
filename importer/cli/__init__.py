"""The command line: doors to what `run` does. Words in, words out; nothing is decided here."""

import sys

from importer.cli.choices import EMBEDDED
from importer.cli.commands import app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process. arguments: those of the process by default."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(args=with_sandbox_value(sys.argv[1:] if arguments is None else arguments))


def with_sandbox_value(arguments: list[str]) -> list[str]:
    """--sandbox takes a file or nothing: what follows is its file only if it is named like one."""
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] == "--sandbox":
            is_file = argument.lower().endswith((".db", ".sqlite", ".sqlite3"))
            found[-1] = f"--sandbox={argument if is_file else EMBEDDED}"
            if is_file:
                continue
        found.append(argument)
    if found and found[-1] == "--sandbox":
        found[-1] = f"--sandbox={EMBEDDED}"
    return found
