"""web: the page, until Ctrl-C."""

import os
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

from importer.cli.app import app
from importer.cli.choices import Choices, with_some_choices
from importer.cli.speaking import words_of
from importer.cli.telling import stopping_politely, told
from importer.errors import Unusable
from importer.issues import Phrase


@app.command()
@with_some_choices("url", "token_file", "insecure", "sandbox", "lang")
@told
def web(
    *,
    port: int = 8600,
    host: str = "127.0.0.1",
    password_file: Annotated[Path | None, typer.Option("--password-file", show_default=False)] = None,
    browser: bool = True,
    choices: Choices,
) -> None:
    """A `Page` until Ctrl-C; with the workspace that the call names, if it names one."""
    from importer.cli.connecting import connection_if_any
    from importer.web import Page, PageOptions

    words = words_of(choices.lang)
    password = _password(password_file) if password_file else ""
    with (
        stopping_politely(words.say("web.terminal.ends")) as stop,
        connection_if_any(choices, words.say("screen.ask-token")) as connection,
        Page(PageOptions(host, port, password, connection, words.language)) as page,
    ):
        typer.echo(words.say("web.terminal.open", url=page.url))
        if not page.options.is_local:
            typer.echo(words.say("web.terminal.exposed", host=host), err=True)
        sys.stdout.flush()
        if browser:
            import webbrowser

            webbrowser.open(page.url)
        while not stop.wait(0.5):  # some systems let nothing interrupt a wait without an end
            pass


def _password(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Unusable("password-file", file=str(path), reason=Phrase("reason.open"))
        password = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unusable("password-file", file=str(path), reason=reason) from None
    if not password:
        raise Unusable("password-file", file=str(path), reason=Phrase("reason.empty"))
    return password
