"""A command that writes: its plan is shown, a question asked, then it is done and its report shown."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import typer

from importer.cli.choices import Choices
from importer.cli.showing import screen_for, show_plan, show_report
from importer.cli.telling import stopping_politely
from importer.errors import Interrupted
from importer.messages import Catalogue

if TYPE_CHECKING:
    from importer.report import Report
    from importer.run import Confirm, Connection, Listener

    Work = Callable[["Connection", "Confirm", "Listener", threading.Event], "Report"]
    """What is to be done in a workspace; see `import_file`."""


def carry_out(
    work: "Work",
    choices: Choices,
    words: Catalogue,
    question: "Callable[[Report], bool]",
    *,
    dry_run: bool = False,
) -> NoReturn:
    """Do `work` and end the program as its report says. Ctrl-C stops it between two requests.

    question: is asked when the plan is shown; whether to go on. dry_run: nobody expects it to.
    """
    from importer.cli.connecting import connection
    from importer.cli.logs import listener_for

    screen = None if choices.as_json else screen_for(choices, words, may_be_log=True)
    shown = False

    def confirm(planned: "Report") -> bool:
        nonlocal shown
        bar.clear()
        if screen and not choices.quiet:
            show_plan(planned, screen)
            shown = True
        return not dry_run and question(planned)

    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        listener_for(choices, words) as bar,
        stopping_politely(
            words.say("screen.stopping"), is_writing=lambda: bar.has_started, log_json=choices.log_json
        ) as stop,
    ):
        report = work(workspace, confirm, bar, stop)
    show_report(report, words, screen, plan_is_shown=shown)
    declined = report.summary.ended == "planned" and not dry_run and report.exit_code == 0
    raise typer.Exit(Interrupted.exit_code if declined else report.exit_code)
