"""check, plan, run: a file on its way into the workspace."""

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from importer.cli.app import File, app
from importer.cli.asking import ask, ask_number
from importer.cli.choices import Choices, options_of, with_choices
from importer.cli.showing import destruction, screen_for, show_report
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.cli.writing import carry_out
from importer.errors import Unusable
from importer.options import Options

if TYPE_CHECKING:
    from importer.report import Report
    from importer.run import Confirm, Connection, Listener


@app.command()
@with_choices
@told
def check(
    file: File,
    *,
    records: Annotated[bool, typer.Option("--records")] = False,
    save_mapping: Annotated[Path | None, typer.Option("--save-mapping", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force")] = False,
    choices: Choices,
) -> None:
    """`examine`, shown."""
    from importer.cli.connecting import workspace_named
    from importer.examine import UNKNOWN, examine

    words, options = words_of(choices.lang), options_of(choices)
    if save_mapping is not None:
        from importer.cli.mappings import refuse_to_replace, write_mapping

        refuse_to_replace(save_mapping, force=force)
    try:
        examined = examine(file, options, workspace_named(choices, words) or UNKNOWN)
    except Unusable as error:
        if not (choices.as_json and error.issue):
            raise
        from importer.cli.documents import document_of_unusable, to_text

        document = document_of_unusable(error.issue, error.info, str(file), words, with_records=records)
        typer.echo(to_text(document))
        raise typer.Exit(Unusable.exit_code) from None
    if save_mapping is not None:
        write_mapping(save_mapping, examined, options, force=force)
    if choices.as_json:
        from importer.cli.documents import document_of_check, lines_of

        for line in lines_of(document_of_check(examined, words, with_records=records)):
            typer.echo(line)
    else:
        screen = screen_for(choices, words)
        screen.check(examined)
        if save_mapping is not None:
            screen.mapping_saved(save_mapping)
    if examined.check is None:
        raise typer.Exit(Unusable.exit_code)
    raise typer.Exit(int(examined.check.invalid > 0))


@app.command()
@with_choices
@told
def plan(file: File, *, choices: Choices) -> None:
    """`plan_file`, shown."""
    _plan(file, choices)


@app.command()
@with_choices
@told
def run(
    file: File,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    partial: Annotated[bool, typer.Option("--partial/--all-or-nothing")] = True,
    allow_delete: Annotated[
        int | None, typer.Option("--allow-delete", envvar="WENI_ALLOW_DELETE", show_default=False)
    ] = None,
    canary: Annotated[int | None, typer.Option("--canary", min=0, show_default=False)] = None,
    verify: Annotated[bool, typer.Option("--verify")] = False,
    choices: Choices,
) -> None:
    """`import_file`, with a question before it writes."""
    if dry_run:
        _plan(file, choices)
        return
    if not yes and not sys.stdin.isatty():
        raise Unusable("needs-yes")
    if allow_delete is not None and allow_delete < 0:
        raise Unusable("allow-delete-negative")
    from importer.run import import_file

    words = words_of(choices.lang)
    # whoever is at a terminal is asked for the number
    allowed = 0 if yes and allow_delete is None else allow_delete
    asked = {"all_or_nothing": not partial, "allow_delete": allowed, "canary": canary, "verify": verify}
    options = _with_output(options_of(choices, **asked), file)

    def question(planned: "Report") -> bool:
        summary = planned.summary
        if yes or not summary.writes:
            return True
        if allowed is None and (count := summary.destroyed):
            return ask_number(count, words.say("screen.ask-number", count=count, **destruction(summary)))
        return ask(words.say("screen.go-on"), words)

    def work(
        workspace: "Connection", confirm: "Confirm", listener: "Listener", stop: threading.Event
    ) -> "Report":
        return import_file(file, options, workspace, confirm=confirm, listener=listener, stop=stop)

    carry_out(work, choices, words, question)


def _plan(file: Path, choices: Choices) -> None:
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for
    from importer.run import plan_file

    words = words_of(choices.lang)
    options = _with_output(options_of(choices), file)
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as bar,
    ):
        report = plan_file(file, options, workspace, listener=bar)
    show_report(report, words, None if choices.as_json else screen_for(choices, words, may_be_log=True))
    raise typer.Exit(report.exit_code)


def _with_output(options: Options, file: Path) -> Options:
    """The options with the default folder for the report: NAME.import beside the file."""
    return options if options.output else replace(options, output=file.with_name(f"{file.stem}.import"))
