"""jobs, report: what ran, and its report again."""

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.app import AsJson, Lang, app
from importer.cli.choices import Choices
from importer.cli.showing import screen_for, show_report
from importer.cli.speaking import words_of
from importer.cli.telling import told


@app.command()
@told
def jobs(*, as_json: AsJson = False, lang: Lang = None) -> None:
    """The journals, one line each."""
    from importer.jobs import job_folder

    words, found = words_of(lang), job_folder().jobs()
    if as_json:
        from importer.cli.documents import document_of_jobs, to_text

        typer.echo(to_text(document_of_jobs(found)))
    elif found:
        screen_for(Choices(), words).jobs(found)
    else:
        typer.echo(words.say("screen.no-jobs"))


@app.command()
@told
def report(
    job: str,
    *,
    output: Annotated[Path | None, typer.Option("--output", show_default=False)] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """`report_again`, shown."""
    from importer.jobs import job_folder, report_again

    words, name = words_of(lang), job_folder().find(job).job
    choices = Choices(as_json=as_json)
    again = report_again(name, output or Path(f"{name}.import"), language=words.language)
    show_report(again, words, None if as_json else screen_for(choices, words))
