"""convert: the other road, by the platform's own import."""

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.app import File, app
from importer.cli.choices import Choices, options_of, with_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.errors import Unusable


@app.command()
@with_choices
@told
def convert(
    file: File, *, by_groups: Annotated[bool, typer.Option("--by-groups")] = False, choices: Choices
) -> None:
    """`convert_file`, shown; offline where the call names no workspace that could be asked."""
    from importer.cli.connecting import connection_if_any
    from importer.cli.logs import listener_for
    from importer.cli.workspaces import read_workspace_file
    from importer.model import Workspace
    from importer.run import convert_file

    words, options = words_of(choices.lang), options_of(choices)
    folder: Path = options.output or file.with_name(f"{file.stem}.convert")
    known = read_workspace_file(choices.workspace) if choices.workspace else Workspace(known=False)
    with (
        connection_if_any(choices, words.say("screen.ask-token")) as connection,
        listener_for(choices, words) as listener,
    ):
        converted = convert_file(
            file, options, connection, folder, workspace=known, by_groups=by_groups, listener=listener
        )
    if choices.as_json:
        from importer.cli.documents import document_of_conversion, to_text

        typer.echo(to_text(document_of_conversion(converted, words)))
    else:
        from importer.cli.digests import show_conversion
        from importer.cli.showing import screen_for

        show_conversion(screen_for(choices, words), converted, file)
    blocked = any(issue.is_error for issue in converted.issues)
    raise typer.Exit(Unusable.exit_code if blocked else 0)
