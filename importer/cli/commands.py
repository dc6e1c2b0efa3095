"""The commands, one function each."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.choices import Choices, options_of, with_choices
from importer.cli.telling import stopping_politely, told
from importer.errors import Interrupted, Unusable
from importer.messages import Catalogue, catalogue
from importer.options import Options

if TYPE_CHECKING:
    from importer.cli.screen import Screen
    from importer.report import Report

app = typer.Typer(
    name="weni-import",
    help="Brings contacts from spreadsheets into a Weni workspace: check, plan, run; run again to go on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[Path, typer.Argument(help="The spreadsheet.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="Folder of the report; JOB.import here by default.", show_default=False),
]


@app.command()
@with_choices
@told
def check(
    file: File,
    *,
    records: Annotated[
        bool, typer.Option("--records", help="With --json: every row as it would be sent.")
    ] = False,
    choices: Choices,
) -> None:
    """Read a file and tell all that is wrong with it. Offline; with a token it also knows the workspace."""
    from importer.cli.connecting import connection_if_any
    from importer.cli.documents import document_of_check, document_of_unusable, to_text
    from importer.examine import UNKNOWN, examine

    words, workspace = catalogue(), UNKNOWN
    if choices.workspace is not None:
        from importer.cli.workspaces import read_workspace_file

        workspace = read_workspace_file(choices.workspace)
    else:
        with connection_if_any(choices, words.say("screen.ask-token")) as connection:
            if connection is not None:
                from importer.run import workspace_of

                workspace = workspace_of(connection)
    try:
        examined = examine(file, options_of(choices), workspace)
    except Unusable as error:
        if not (choices.as_json and error.issue):
            raise
        document = document_of_unusable(error.issue, error.info, str(file), words, with_records=records)
        typer.echo(to_text(document))
        raise typer.Exit(Unusable.exit_code) from None
    if choices.as_json:
        typer.echo(to_text(document_of_check(examined, words, with_records=records)))
    else:
        _screen(choices, words).check(examined)
    if examined.check is None:
        raise typer.Exit(Unusable.exit_code)
    raise typer.Exit(int(examined.check.invalid > 0))


@app.command()
@with_choices
@told
def plan(file: File, *, choices: Choices) -> None:
    """Show what `run` would do now: read the workspace, write nothing."""
    _plan(file, choices)


@app.command()
@with_choices
@told
def run(
    file: File,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="The same as `plan`.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial/--all-or-nothing",
            help="Import the rows that are right, or nothing while any row is wrong.",
        ),
    ] = True,
    choices: Choices,
) -> None:
    """Check, plan, ask once, import; the same command again goes on where it stopped."""
    if dry_run:
        _plan(file, choices)
        return
    if not yes and not sys.stdin.isatty():
        raise Unusable("needs-yes")
    from importer.cli.connecting import connection
    from importer.cli.progress import Bar
    from importer.run import import_file

    words = catalogue()
    options = _with_output(options_of(choices, all_or_nothing=not partial), file)
    screen = None if choices.as_json else _screen(choices, words)
    shown = False

    def confirm(planned: "Report") -> bool:
        nonlocal shown
        bar.clear()
        if screen and not choices.quiet:
            screen.plan(planned)
            shown = True
        return yes or not planned.summary.writes or typer.confirm(words.say("screen.go-on"), err=True)

    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        Bar(words, silent=choices.quiet or choices.as_json) as bar,
        stopping_politely(is_writing=lambda: bar.has_started) as stop,
    ):
        report = import_file(file, options, workspace, confirm=confirm, listener=bar, stop=stop)
    _show_report(report, screen, plan_is_shown=shown)
    held_back = report.summary.command == "plan" and report.exit_code == 0
    raise typer.Exit(Interrupted.exit_code if held_back else report.exit_code)


def _plan(file: Path, choices: Choices) -> None:
    from importer.cli.connecting import connection
    from importer.cli.progress import Bar
    from importer.run import plan_file

    words = catalogue()
    options = _with_output(options_of(choices), file)
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        Bar(words, silent=choices.quiet or choices.as_json) as bar,
    ):
        report = plan_file(file, options, workspace, listener=bar)
    _show_report(report, None if choices.as_json else _screen(choices, words))
    raise typer.Exit(report.exit_code)


def _show_report(report: "Report", screen: "Screen | None", *, plan_is_shown: bool = False) -> None:
    if screen is None:
        from importer.cli.documents import document_of_report, to_text

        typer.echo(to_text(document_of_report(report, catalogue())))
    elif report.summary.command == "plan":
        if not plan_is_shown:
            screen.plan(report)
        screen.nothing_sent(report)
    else:
        screen.result(report)


def _with_output(options: Options, file: Path) -> Options:
    """The options with the default folder for the report: NAME.import beside the file."""
    return options if options.output else replace(options, output=file.with_name(f"{file.stem}.import"))


def _screen(choices: Choices, words: Catalogue) -> "Screen":
    from importer.cli.screen import Screen

    colour = not choices.no_color and sys.stdout.isatty()
    return Screen(words, colour=colour, verbose=choices.verbose, quiet=choices.quiet)


# --------------------------------------------------------------------------------------------------- jobs


@app.command()
@told
def jobs(*, as_json: AsJson = False) -> None:
    """List what ran, when, and how it ended."""
    from importer.jobs import job_folder

    found = job_folder().jobs()
    if as_json:
        from importer.cli.documents import document_of_jobs, to_text

        typer.echo(to_text(document_of_jobs(found)))
    elif found:
        _screen(Choices(), catalogue()).jobs(found)
    else:
        typer.echo(catalogue().say("screen.no-jobs"))


@app.command()
@told
def report(
    job: Annotated[str, typer.Argument(help="The job, or how its name begins; `last` is the latest.")],
    *,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Write a job's report again."""
    from importer.jobs import job_folder, report_again

    name = job_folder().find(job).job
    choices = Choices(as_json=as_json)
    again = report_again(name, output or Path(f"{name}.import"))
    _show_report(again, None if as_json else _screen(choices, catalogue()))


# ------------------------------------------------------------------------------------------------ sandbox


@app.command()
@told
def sandbox(
    *,
    db: Annotated[
        Path | None, typer.Option(help="Keep the workspace in this file; else it is gone at the end.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8700,
    token: Annotated[str, typer.Option(help="The API token of the practice workspace.")] = "sandbox",  # noqa: S107
    country: Annotated[str, typer.Option(help="Its country.")] = "BR",
    timezone: Annotated[str, typer.Option(help="Its time zone.")] = "America/Sao_Paulo",
    rate: Annotated[
        str, typer.Option(help="Requests an hour: contacts=2500/h,other=2500/h, or none.")
    ] = "contacts=2500/h,other=2500/h",
    settle: Annotated[float, typer.Option(help="Seconds until a new field or group can be used.")] = 0.0,
    latency: Annotated[int, typer.Option(help="Milliseconds that every answer takes longer.")] = 0,
    faults: Annotated[
        str, typer.Option(help="What goes wrong how often: 500=0.05,drop-after=0.05,seed=7, or mixed=0.3.")
    ] = "",
    preload: Annotated[
        Path | None, typer.Option(help="JSON file with fields, groups and contacts to begin with.")
    ] = None,
) -> None:
    """Start a practice server that answers like the platform."""
    from importer.sandbox import Sandbox, SandboxOptions, parse_faults, parse_rates

    words = catalogue()
    options = SandboxOptions(
        token=token,
        country=country,
        timezone=timezone,
        db=db,
        rates=parse_rates(rate),
        settle_s=settle,
        latency_ms=latency,
        faults=parse_faults(faults) if faults else None,
        preload=preload,
        host=host,
        port=port,
    )
    with stopping_politely("screen.sandbox-ends") as stop, Sandbox(options) as server:
        typer.echo(words.say("screen.sandbox", url=server.url, token=token))
        sys.stdout.flush()
        while not stop.wait(0.5):  # some systems let nothing interrupt a wait without an end
            pass
