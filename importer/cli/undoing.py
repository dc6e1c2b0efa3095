"""undo: the way back from an import."""

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.app import app
from importer.cli.asking import ask
from importer.cli.choices import Choices, read_rate, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.cli.writing import carry_out
from importer.errors import Unusable

if TYPE_CHECKING:
    from importer.report import Report
    from importer.run import Confirm, Connection, Listener


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
    from importer.jobs import job_folder
    from importer.run import undo_job

    words, name = words_of(choices.lang), job_folder().find(job).job

    def question(planned: "Report") -> bool:
        return yes or not planned.summary.writes or ask(words.say("undo.go-on"), words)

    def work(
        workspace: "Connection", confirm: "Confirm", listener: "Listener", stop: threading.Event
    ) -> "Report":
        return undo_job(
            name,
            workspace,
            output=choices.output or Path(f"{name}.undo"),
            language=words.language,
            rate=read_rate(choices.rate) if choices.rate else None,
            confirm=confirm,
            listener=listener,
            stop=stop,
        )

    carry_out(work, choices, words, question, dry_run=dry_run)
