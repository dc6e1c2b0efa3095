"""export: the workspace's contacts as a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.app import app
from importer.cli.choices import Choices, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told

_Text = Annotated[str | None, typer.Option(show_default=False)]


@app.command()
@with_some_choices(
    "url", "token_file", "insecure", "sandbox", "as_json", "log_json", "quiet", "lang", "no_color"
)
@told
def export(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", show_default=False)],
    group: _Text = None,
    fields: _Text = None,
    after: _Text = None,
    force: Annotated[bool, typer.Option("--force")] = False,
    choices: Choices,
) -> None:
    """`export_contacts`, shown."""
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for
    from importer.run import export_contacts

    words = words_of(choices.lang)
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as bar,
    ):
        exported = export_contacts(
            output,
            workspace,
            group=group,
            fields=None if fields is None else [name.strip() for name in fields.split(",") if name.strip()],
            after=after,
            replace=force,
            language=words.language,
            listener=bar,
        )
    if choices.as_json:
        from importer.cli.documents import document_of_export, to_text

        typer.echo(to_text(document_of_export(exported)))
    else:
        from importer.cli.showing import screen_for

        screen_for(choices, words).exported(exported)
