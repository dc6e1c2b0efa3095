"""sandbox: the practice server, until Ctrl-C."""

import sys
from pathlib import Path

import typer

from importer.cli.app import AsJson, Lang, app
from importer.cli.speaking import words_of
from importer.cli.telling import stopping_politely, told


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
    as_json: AsJson = False,
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
        if as_json:
            from importer.cli.documents import document_of_sandbox, to_text

            typer.echo(to_text(document_of_sandbox(server.url, token)))
        else:
            typer.echo(words.say("screen.sandbox", url=server.url, token=token))
        sys.stdout.flush()
        while not stop.wait(0.5):  # some systems let nothing interrupt a wait without an end
            pass
