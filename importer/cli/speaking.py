"""Which language a call is answered in, and help and complaints about the call itself in that language.

The flag --lang decides, else WENI_LANG, else the locale (LC_ALL, LC_MESSAGES, LANG), else it is English.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from importer.errors import ImporterError, Unusable
from importer.messages import Catalogue, catalogue, language_of, quote

FLAG, VARIABLE = "--lang", "WENI_LANG"
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")

# Some versions of Typer bring a click of their own and others use the one installed: no class is both.
Command: TypeAlias = Any
Parameter: TypeAlias = Any
Complaint: TypeAlias = Any


def words_of(language: str | None) -> Catalogue:
    """The sentences of the language that was chosen, or (None) of the environment's.

    Raises:
        Unusable: the program does not speak the one chosen.
    """
    chosen = language or os.environ.get(VARIABLE)
    return catalogue(chosen) if chosen else catalogue(_language_of_locale())


def words_for(arguments: Sequence[str]) -> Catalogue:
    """As `words_of`, going by arguments that nobody has looked at yet; what is no language counts for nothing."""
    given = [after for one, after in pairwise(arguments) if one == FLAG]
    given += [one.partition("=")[2] for one in arguments if one.startswith(f"{FLAG}=")]
    known = map(language_of, [*given, os.environ.get(VARIABLE, "")])
    return catalogue(next(filter(None, known), None) or _language_of_locale())


def after_command(arguments: Sequence[str]) -> list[str]:
    """The arguments with --lang behind the command, whose option it is; without it where there is no command."""
    rest, moved = list(arguments), list[str]()
    while rest and rest[0].partition("=")[0] == FLAG:
        count = 1 if "=" in rest[0] else 2
        moved, rest = [*moved, *rest[:count]], rest[count:]
    if rest and not rest[0].startswith("-"):
        return [*rest, *moved]
    return rest[:1]  # --help, or something that there is not


def _language_of_locale() -> str:
    """The first variable that is set decides, as it does for every program."""
    named = next(filter(None, map(os.environ.get, _LOCALE_VARIABLES)), "")
    return language_of(named) or "en"


# --------------------------------------------------------------------------------------------------- help


def put_help(program: Command, words: Catalogue) -> None:
    """Give a Typer program, its commands and their options their help. What the catalogue lacks stays as it is."""
    program.help = words.say("help.program")
    for name, command in program.commands.items():
        command.help = words.sentences.get(f"help.command.{name}", command.help)
        command.short_help = None
        command.rich_help_panel = words.say("help.panel.commands")
    for command in (program, *program.commands.values()):
        for parameter in parameters(command):
            _put_help(parameter, command.name, words)


def parameters(command: Command) -> Iterator[Parameter]:
    """Options and arguments of a command, --help among them."""
    import typer

    yield from command.params
    if shown := command.get_help_option(typer.Context(command, help_option_names=["-h", "--help"])):
        yield shown


def help_keys(parameter: Parameter, command: str) -> tuple[str, str]:
    """Where the help of an option stands in the catalogue: its own for this command, else that of all commands."""
    return f"help.option.{command}.{parameter.name}", f"help.option.{parameter.name}"


def _put_help(parameter: Parameter, command: str, words: Catalogue) -> None:
    found = (words.sentences.get(key) for key in help_keys(parameter, command))
    parameter.help = next(filter(None, found), parameter.help)
    kind = "arguments" if parameter.param_type_name == "argument" else "options"
    panel = getattr(parameter, "rich_help_panel", None) or kind
    parameter.rich_help_panel = words.sentences.get(f"help.panel.{panel}", panel)


# --------------------------------------------------------------------------------------------- complaints


def complaint(error: BaseException) -> ImporterError | None:
    """What Typer has against a call, as an error of ours; None if `error` is something else."""
    names = [one.__name__ for one in type(error).__mro__]
    if "ClickException" not in names:
        return None
    known = {name: make for name, make in _COMPLAINTS.items() if name in names}
    make = next((known[name] for name in names if name in known), _other)
    return make(error)


def _missing(error: Complaint) -> ImporterError:
    return Unusable("call-missing", what=_name(error.param))


def _bad_value(error: Complaint) -> ImporterError:
    if error.param is None or error.ctx is None:
        return _other(error)
    hint = get_type_hints(error.ctx.command.callback).get(error.param.name)
    kinds = [one for one in (get_args(hint) or (hint,)) if one is not type(None)]
    allowed = [quote(value) for kind in kinds if get_origin(kind) is Literal for value in get_args(kind)]
    kind = next((f"-{kind.__name__}" for kind in kinds if kind in (int, float)), "")
    if not allowed and not kind:
        return _other(error)
    return Unusable(f"call-value{kind}", option=_name(error.param), allowed=", ".join(allowed))


def _no_such_option(error: Complaint) -> ImporterError:
    return Unusable("call-no-option", option=error.option_name)


def _bad_option(error: Complaint) -> ImporterError:
    return Unusable("call-option", option=error.option_name)


def _other(error: Complaint) -> ImporterError:
    return Unusable("call", reason=error.format_message())


_COMPLAINTS = {
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "NoSuchOption": _no_such_option,
    "BadOptionUsage": _bad_option,
}


def _name(parameter: Parameter) -> str:
    """How a user knows a parameter: --decimal, FILE."""
    return str(parameter.opts[0]) if parameter.param_type_name == "option" else str(parameter.name).upper()
