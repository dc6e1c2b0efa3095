"""The commands, one function each. What --help says of them and of their options is in the catalogue."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from importer.cli.asking import ask
from importer.cli.choices import Choices, options_of, with_choices, with_some_choices
from importer.cli.speaking import FLAG, VARIABLE, words_of
from importer.cli.telling import stopping_politely, told
from importer.errors import Interrupted, Unusable
from importer.messages import Catalogue
from importer.options import Options

if TYPE_CHECKING:
    from importer.cli.screen import Screen
    from importer.model import Workspace
    from importer.report import Report


class Commands(TyperGroup):
    """All commands; a name that is none of them is an error as any other."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as Typer has it
        """The command that the first of `args` names, with the rest of them.

        Raises:
            Unusable: there is no such command.
        """
        if args[0] not in self.commands:
            raise Unusable("call-no-command", value=args[0], known=", ".join(self.commands))
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="weni-import",
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[Path, typer.Argument(show_default=False)]
AsJson = Annotated[bool, typer.Option("--json")]
Lang = Annotated[str | None, typer.Option(FLAG, envvar=VARIABLE, show_default=False)]


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
    from importer.cli.documents import document_of_check, document_of_unusable, lines_of, to_text
    from importer.cli.mappings import refuse_to_replace, write_mapping
    from importer.examine import UNKNOWN, examine

    words, options = words_of(choices.lang), options_of(choices)
    if save_mapping is not None:
        refuse_to_replace(save_mapping, force=force)
    try:
        examined = examine(file, options, _workspace(choices, words) or UNKNOWN)
    except Unusable as error:
        if not (choices.as_json and error.issue):
            raise
        document = document_of_unusable(error.issue, error.info, str(file), words, with_records=records)
        typer.echo(to_text(document))
        raise typer.Exit(Unusable.exit_code) from None
    if save_mapping is not None:
        write_mapping(save_mapping, examined, options, force=force)
    if choices.as_json:
        for line in lines_of(document_of_check(examined, words, with_records=records)):
            typer.echo(line)
    else:
        screen = _screen(choices, words)
        screen.check(examined)
        if save_mapping is not None:
            screen.mapping_saved(save_mapping)
    if examined.check is None:
        raise typer.Exit(Unusable.exit_code)
    raise typer.Exit(int(examined.check.invalid > 0))


def _workspace(choices: Choices, words: Catalogue) -> "Workspace | None":
    """What the call's workspace has; None if the call names none, and nobody is asked for a token."""
    from importer.cli.connecting import connection_if_any

    if choices.workspace is not None:
        from importer.cli.workspaces import read_workspace_file

        return read_workspace_file(choices.workspace)
    with connection_if_any(choices, words.say("screen.ask-token")) as connection:
        if connection is None:
            return None
        from importer.run import workspace_of

        return workspace_of(connection)


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
    choices: Choices,
) -> None:
    """`import_file`, with a question before it writes."""
    if dry_run:
        _plan(file, choices)
        return
    if not yes and not sys.stdin.isatty():
        raise Unusable("needs-yes")
    from importer.cli.connecting import connection
    from importer.cli.progress import Bar
    from importer.run import import_file

    words = words_of(choices.lang)
    options = _with_output(options_of(choices, all_or_nothing=not partial), file)
    screen = None if choices.as_json else _screen(choices, words)
    shown = False

    def confirm(planned: "Report") -> bool:
        nonlocal shown
        bar.clear()
        if screen and not choices.quiet:
            screen.plan(planned)
            shown = True
        return yes or not planned.summary.writes or ask(words.say("screen.go-on"), words)

    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        Bar(words, silent=choices.quiet or choices.as_json) as bar,
        stopping_politely(words.say("screen.stopping"), is_writing=lambda: bar.has_started) as stop,
    ):
        report = import_file(file, options, workspace, confirm=confirm, listener=bar, stop=stop)
    _show_report(report, words, screen, plan_is_shown=shown)
    held_back = report.summary.command == "plan" and report.exit_code == 0
    raise typer.Exit(Interrupted.exit_code if held_back else report.exit_code)


def _plan(file: Path, choices: Choices) -> None:
    from importer.cli.connecting import connection
    from importer.cli.progress import Bar
    from importer.run import plan_file

    words = words_of(choices.lang)
    options = _with_output(options_of(choices), file)
    with (
        connection(choices, words.say("screen.ask-token")) as workspace,
        Bar(words, silent=choices.quiet or choices.as_json) as bar,
    ):
        report = plan_file(file, options, workspace, listener=bar)
    _show_report(report, words, None if choices.as_json else _screen(choices, words))
    raise typer.Exit(report.exit_code)


def _show_report(
    report: "Report", words: Catalogue, screen: "Screen | None", *, plan_is_shown: bool = False
) -> None:
    if screen is None:
        from importer.cli.documents import document_of_report, to_text

        typer.echo(to_text(document_of_report(report, words)))
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


# ---------------------------------------------------------------------------------------------- templates


@app.command()
@with_some_choices("url", "workspace", "token_file", "insecure", "sandbox", "lang")
@told
def template(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", show_default=False)],
    force: Annotated[bool, typer.Option("--force")] = False,
    choices: Choices,
) -> None:
    """`write_template`, for the workspace if the call names one."""
    from importer.writers.templates import write_template

    words = words_of(choices.lang)
    if output.exists() and not force:
        raise Unusable("template-exists", file=str(output))
    write_template(output, words, _workspace(choices, words))
    typer.echo(str(output))


# --------------------------------------------------------------------------------------------------- jobs


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
        _screen(Choices(), words).jobs(found)
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
    _show_report(again, words, None if as_json else _screen(choices, words))


# ------------------------------------------------------------------------------------------------ sandbox


@app.command()
@told
def sandbox(
    *,
    db: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8700,
    token: str = "sandbox",  # noqa: S107
    country: str = "BR",
    timezone: str = "America/Sao_Paulo",
    rate: str = "contacts=2500/h,other=2500/h",
    settle: float = 0.0,
    latency: int = 0,
    faults: str = "",
    preload: Path | None = None,
    lang: Lang = None,
) -> None:
    """A `Sandbox` until Ctrl-C."""
    from importer.sandbox import Sandbox, SandboxOptions, parse_faults, parse_rates

    words = words_of(lang)
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
    with stopping_politely(words.say("screen.sandbox-ends")) as stop, Sandbox(options) as server:
        typer.echo(words.say("screen.sandbox", url=server.url, token=token))
        sys.stdout.flush()
        while not stop.wait(0.5):  # some systems let nothing interrupt a wait without an end
            pass
