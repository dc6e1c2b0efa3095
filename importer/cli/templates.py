"""template: a spreadsheet to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.app import app
from importer.cli.choices import Choices, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.errors import Unusable


@app.command()
@with_some_choices("url", "workspace", "token_file", "insecure", "sandbox", "as_json", "lang")
@told
def template(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", show_default=False)],
    force: Annotated[bool, typer.Option("--force")] = False,
    with_definitions: Annotated[bool, typer.Option("--with-definitions")] = False,
    choices: Choices,
) -> None:
    """`write_template`, for the workspace if the call names one."""
    from importer.cli.connecting import workspace_named
    from importer.writers.templates import write_template

    words = words_of(choices.lang)
    if output.exists() and not force:
        raise Unusable("template-exists", file=str(output))
    write_template(output, words, workspace_named(choices, words), definitions=with_definitions)
    if choices.as_json:
        from importer.cli.documents import document_of_template, to_text

        typer.echo(to_text(document_of_template(output)))
    else:
        typer.echo(str(output))
