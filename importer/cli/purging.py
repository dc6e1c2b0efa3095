"""purge: what is kept of jobs on this machine is removed."""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli.app import AsJson, Lang, app
from importer.cli.asking import ask
from importer.cli.speaking import words_of
from importer.cli.telling import told
from importer.errors import Interrupted, Unusable
from importer.messages import Catalogue

if TYPE_CHECKING:
    from importer.purging import Kept

UNITS = ("kB", "MB", "GB")


@app.command()
@told
def purge(
    job: Annotated[str | None, typer.Argument(show_default=False)] = None,
    *,
    older_than: Annotated[str | None, typer.Option("--older-than", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """`remove_kept`, with a question before it."""
    from importer.purging import remove_kept

    words = words_of(lang)
    chosen = _chosen(job, older_than, everything=everything)
    free = [one for one in chosen if not one.in_use]
    if free and not yes:
        if not sys.stdin.isatty():
            raise Unusable("purge-needs-yes")
        if not ask(words.say("purge.question", what=describe_kept(free, words)), words):
            raise typer.Exit(Interrupted.exit_code)
    gone = remove_kept(chosen)
    stays = [one for one in chosen if one not in gone]
    if as_json:
        from importer.cli.documents import document_of_purge, to_text

        typer.echo(to_text(document_of_purge(gone, stays)))
    else:
        typer.echo(
            words.say("purge.removed", what=describe_kept(gone, words))
            if gone
            else words.say("purge.nothing")
        )
        if stays:
            typer.echo(words.say("purge.in-use", what=describe_kept(stays, words)))
    raise typer.Exit(int(bool(stays)))


def _chosen(job: str | None, older_than: str | None, *, everything: bool) -> "list[Kept]":
    from importer.options import parse_age
    from importer.purging import find_kept, find_kept_of_job

    if sum((job is not None, older_than is not None, everything)) != 1:
        raise Unusable("purge-what")
    if job is not None:
        return find_kept_of_job(job)
    if older_than is None:
        return find_kept()
    before = datetime.now(UTC) - timedelta(seconds=parse_age(older_than))
    return [one for one in find_kept() if one.touched < before]


def describe_kept(kept: "list[Kept]", words: Catalogue) -> str:
    """How many of each kind, and how much they are: 2 journals, 1 mirror (3.4 MB)."""
    counts = (
        (kind, sum(one.kind == kind for one in kept))
        for kind in ("journal", "mirror", "export", "page", "copy")
    )
    parts = [words.say(f"purge.{kind}", count=count) for kind, count in counts if count]
    size, unit = sum(one.size for one in kept) / 1000, 0
    while size >= 1000 and unit + 1 < len(UNITS):
        size, unit = size / 1000, unit + 1
    return words.say("purge.size", what=", ".join(parts), number=f"{size:.1f}", unit=UNITS[unit])
