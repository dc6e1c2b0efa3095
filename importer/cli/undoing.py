"""undo: the way back from an import."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.app import app
from importer.cli.asking import ask
from importer.cli.choices import Choices, read_rate, with_some_choices
from importer.cli.showing import screen_for, show_plan, show_report
from importer.cli.speaking import words_of
from importer.cli.telling import stopping_politely, told
from importer.errors import Interrupted, Unusable

if TYPE_CHECKING:
    from importer.report import Report


@app.command()
@with_some_choices(
    "url",
    "token_file",
    "rate",
    "insecure",
    "sandbox",
    "output",
    "as_json",
    "log_json",
    "quiet",
    "verbose",
    "lang",
    "no_color",
)
@told
def undo(
    job: str,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    choices: Choices,
) -> None:
    """`undo_job`, with a question before it writes."""
    if not (yes or dry_run or sys.stdin.isatty()):
        raise Unusable("needs-yes")
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for
    from importer.jobs import job_folder
    from importer.run import undo_job

    words, name = words_of(choices.lang), job_folder().find(job).job
    screen = None if choices.as_json else screen_for(choices, words, may_be_log=True)
    shown = False

    def confirm(planned: "Report") -> bool:
        nonlocal shown
        bar.clear()
        if screen and not choices.quiet:
            show_plan(planned, screen)
            shown = True
        if dry_run:
            return False
        return yes or not planned.summary.writes or ask(words.say("undo.go-on"), words)

    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as bar,
        stopping_politely(
            words.say("screen.stopping"), is_writing=lambda: bar.has_started, log_json=choices.log_json
        ) as stop,
    ):
        report = undo_job(
            name,
            workspace,
            output=choices.output or Path(f"{name}.undo"),
            language=words.language,
            rate=read_rate(choices.rate) if choices.rate else None,
            confirm=confirm,
            listener=bar,
            stop=stop,
        )
    show_report(report, words, screen, plan_is_shown=shown)
    declined = report.summary.ended == "planned" and not dry_run and report.exit_code == 0
    raise typer.Exit(Interrupted.exit_code if declined else report.exit_code)
