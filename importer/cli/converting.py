"""convert: the other road, by the platform's own import."""

from pathlib import Path

import typer

from importer.cli.app import File, app
from importer.cli.choices import Choices, options_of, with_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.errors import Unusable


@app.command()
@with_choices
@told
def convert(file: File, *, choices: Choices) -> None:
    """`convert_file`, shown."""
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for
    from importer.run import convert_file

    words, options = words_of(choices.lang), options_of(choices)
    folder: Path = options.output or file.with_name(f"{file.stem}.convert")
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as listener,
    ):
        converted = convert_file(file, options, workspace, folder, listener=listener)
    if choices.as_json:
        from importer.cli.documents import document_of_conversion, to_text

        typer.echo(to_text(document_of_conversion(converted, words)))
    else:
        from importer.cli.digests import show_conversion
        from importer.cli.showing import screen_for

        show_conversion(screen_for(choices, words), converted, file)
    blocked = any(issue.is_error for issue in converted.issues)
    raise typer.Exit(Unusable.exit_code if blocked else 0)
