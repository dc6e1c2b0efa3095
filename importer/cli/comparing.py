"""diff: where a file and the workspace differ."""

from typing import Annotated

import typer
from msgspec.structs import replace

from importer.cli.app import File, app
from importer.cli.choices import Choices, options_of, with_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told


@app.command()
@with_choices
@told
def diff(
    file: File,
    *,
    absent: Annotated[str | None, typer.Option("--absent", show_default=False)] = None,
    choices: Choices,
) -> None:
    """`compare_file`, shown."""
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for
    from importer.run import compare_file

    words, options = words_of(choices.lang), options_of(choices)
    folder = options.output or file.with_name(f"{file.stem}.diff")
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as bar,
    ):
        compared = compare_file(file, replace(options, output=folder), workspace, absent=absent, listener=bar)
    if choices.as_json:
        from importer.cli.documents import document_of_diff, to_text

        typer.echo(to_text(document_of_diff(compared, words)))
    else:
        from importer.cli.digests import show_comparison
        from importer.cli.showing import screen_for

        show_comparison(screen_for(choices, words), compared)
    raise typer.Exit(compared.exit_code)
