"""fields, groups: what a workspace has, shown and changed by hand."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from importer.cli.app import app
from importer.cli.asking import ask
from importer.cli.choices import Choices, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.errors import Interrupted, Unusable

if TYPE_CHECKING:
    from importer.messages import Catalogue
    from importer.model import Field, Group

FieldAction = Literal["list", "create", "update"]
GroupAction = Literal["list", "create", "rename", "delete"]
ValueType = Literal["text", "numeric", "datetime", "state", "district", "ward"]
_WORKSPACE = ("url", "token_file", "insecure", "sandbox", "as_json", "lang")
_TAKES = {("fields", "create"): 1, ("fields", "update"): 1, ("groups", "create"): 1, ("groups", "rename"): 2,
          ("groups", "delete"): 1}  # fmt: skip
Names = Annotated[list[str] | None, typer.Argument(show_default=False)]


@app.command()
@with_some_choices(*_WORKSPACE)
@told
def fields(
    action: Annotated[FieldAction, typer.Argument(show_default=False)],
    names: Names = None,
    *,
    label: Annotated[str | None, typer.Option("--label", show_default=False)] = None,
    value_type: Annotated[ValueType | None, typer.Option("--type", show_default=False)] = None,
    choices: Choices,
) -> None:
    """`list_fields`, `create_field`, `update_field`."""
    from importer.cli.connecting import connection
    from importer.run import definitions

    words, given = words_of(choices.lang), _names("fields", action, names)
    if action == "update" and label is None and value_type is None:
        raise Unusable("call-missing", what="--label, --type")
    with connection(choices, words.say("screen.ask-token")) as workspace:
        match action:
            case "list":
                found = definitions.list_fields(workspace)
            case "create":
                found = [definitions.create_field(workspace, given[0], value_type or "text")]
            case "update":
                found = [definitions.update_field(workspace, given[0], label, value_type)]
    _show("fields", action, choices, found)


@app.command()
@with_some_choices(*_WORKSPACE)
@told
def groups(
    action: Annotated[GroupAction, typer.Argument(show_default=False)],
    names: Names = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    choices: Choices,
) -> None:
    """`list_groups`, `create_group`, `rename_group`, `delete_group`."""
    from importer.cli.connecting import connection
    from importer.run import definitions

    words, given = words_of(choices.lang), _names("groups", action, names)
    if action == "delete" and not yes and not sys.stdin.isatty():
        raise Unusable("needs-yes")
    with connection(choices, words.say("screen.ask-token")) as workspace:
        match action:
            case "list":
                found = definitions.list_groups(workspace)
            case "create":
                found = [definitions.create_group(workspace, given[0])]
            case "rename":
                found = [definitions.rename_group(workspace, *given)]
            case "delete":
                deleted = definitions.delete_group(
                    workspace, given[0], lambda group: yes or _agrees(group, words)
                )
                if deleted is None:
                    raise typer.Exit(Interrupted.exit_code)
                found = [deleted]
    _show("groups", action, choices, found)


def _names(command: str, action: str, names: Sequence[str] | None) -> list[str]:
    """The names that an action takes, just as many.

    Raises:
        Unusable: there are too few or too many, or one is blank.
    """
    given = [name for name in names or () if name.strip()]
    if len(given) != _TAKES.get((command, action), 0):
        raise Unusable(f"call-{command}", action=action)
    return given


def _agrees(group: "Group", words: "Catalogue") -> bool:
    return ask(words.say("screen.delete-group", name=group.name, count=group.count), words)


def _show(command: str, action: str, choices: Choices, found: "Sequence[Field] | Sequence[Group]") -> None:
    """What there is, or what was made, changed or deleted, one line each."""
    if choices.as_json:
        from importer.cli.documents import document_of_definitions, to_text

        typer.echo(to_text(document_of_definitions(command, action, found)))
        return
    from importer.cli.documents import definition_document

    for one in found:
        typer.echo("  ".join(str(value) for value in definition_document(one).values()))
