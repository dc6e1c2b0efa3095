"""The command line: doors to what `run` does. Words in, words out; nothing is decided here."""

import sys

from importer.cli.app import app, program_for
from importer.cli.choices import EMBEDDED
from importer.cli.speaking import after_command, complaint, put_help, words_for
from importer.cli.telling import tell
from importer.collecting import collect_seldom
from importer.errors import ImporterError, Unusable


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process. arguments: those of the process by default."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    collect_seldom()
    given = with_sandbox_value(sys.argv[1:] if arguments is None else arguments)
    words = words_for(given)
    machines = {"as_json": "--json" in given, "log_json": "--log-json" in given}
    given = after_command(given)
    program = program_for(given)
    put_help(program, words)
    try:
        code = program.main(given or ["--help"], prog_name=app.info.name, standalone_mode=False)
    except ImporterError as error:
        code = tell(error, words, **machines)
    except Exception as error:
        if (found := complaint(error)) is None:
            raise
        code = tell(found, words, **machines)
    sys.exit(code if given else Unusable.exit_code)


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
