"""Commands that show what the program knows of other programs' files, and what a workspace has."""

import typer

from importer.cli.app import AsJson, Lang, app
from importer.cli.choices import Choices, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told


@app.command()
@told
def presets(*, as_json: AsJson = False, lang: Lang = None) -> None:  # noqa: ARG001 - the names are the same in any
    """The presets, shown."""
    from importer.presets import presets as known

    if as_json:
        from importer.cli.documents import document_of_presets, to_text

        typer.echo(to_text(document_of_presets(known())))
        return
    widest = max(len(preset.name) for preset in known())
    for preset in known():
        typer.echo(f"{preset.name:<{widest}}  {preset.title}")


@app.command()
@with_some_choices("url", "token_file", "insecure", "sandbox", "as_json", "lang")
@told
def workspace(*, choices: Choices) -> None:
    """`workspace_of`, shown."""
    from importer.cli.connecting import connection
    from importer.run import workspace_of

    words = words_of(choices.lang)
    with connection(choices, words.say("screen.ask-token")) as found:
        shown = workspace_of(found)
    if choices.as_json:
        from importer.cli.documents import to_text
        from importer.cli.workspaces import document_of_workspace

        typer.echo(to_text(document_of_workspace(shown)))
    else:
        from importer.cli.screen import Screen

        Screen(words, colour=False).workspace(shown)
