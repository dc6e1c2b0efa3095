"""What stands on the terminal of a comparison and of a conversion."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from importer.cli.screen import Screen
from importer.messages import quote

if TYPE_CHECKING:
    from importer.differences import Difference
    from importer.run import Compared, Converted

_COLOURS = {
    "same": "bright_black", "different": "cyan", "missing": "green", "skipped": "bright_black", "invalid": "red",
}  # fmt: skip


def show_comparison(screen: Screen, compared: "Compared") -> None:
    """How many rows and cells differ, some of them, and where all of them are."""
    from importer.differences import Standing

    words = screen.words
    if not screen.quiet:
        screen.file(compared.file, sum(compared.rows.values()))
    screen.file_issues(compared.issues)
    screen.kinds(compared.kinds)
    screen.heading(words.say("diff.title", workspace=compared.workspace or compared.url))
    counts = {one.value: compared.rows[one] for one in Standing if compared.rows.get(one)}
    width = max((len(words.number(count)) for count in counts.values()), default=1)
    for name, count in counts.items():
        number = typer.style(f"{words.number(count):>{width}}", fg=_COLOURS[name], bold=True)
        screen.line(f"  {number}  {words.say(f'diff.rows.{name}', count=count)}")
    if compared.cells:
        screen.paragraph(words.say("diff.cells", count=compared.cells))
    if compared.group is not None:
        screen.paragraph(words.say("diff.absent", count=compared.absent, group=compared.group), hanging="  ")
    shown = [one for one in compared.first if one.attribute != "contact"]
    if shown:
        screen.heading(words.say("diff.some"))
    for one in shown:
        screen.paragraph(_difference(screen, one), hanging="    ")
    _files(screen, compared.files)
    if compared.absent:
        key = "leave" if compared.can_leave else "no-leave"
        screen.paragraph(words.say(f"diff.{key}", group=compared.group), indent="")


def show_conversion(screen: Screen, converted: "Converted", file: Path) -> None:
    """What the files hold, what they cannot do, and what to do next."""
    words = screen.words
    if not screen.quiet:
        screen.file(converted.file, converted.rows)
    screen.file_issues(converted.issues)
    place = converted.workspace or converted.url
    screen.heading(
        words.say("convert.title", workspace=place) if place else words.say("convert.title-unasked")
    )
    for name in ("new", "changed", "afterwards", "left_out"):
        count: int = getattr(converted, name)
        key = f"{name}-unasked" if name in ("new", "changed") and not converted.asked else name
        screen.line(f"  {words.number(count):>9}  {words.say(f'convert.rows.{key}', count=count)}")
    if not converted.asked:
        screen.paragraph(words.say("convert.unasked"), mark=typer.style("!", fg="yellow"))
    if converted.apart < converted.combinations:
        key = "combinations-left" if converted.apart else "combinations"
        facts = {"count": converted.combinations, "apart": converted.apart}
        screen.paragraph(words.say(f"convert.{key}", **facts), mark=typer.style("!", fg="yellow"))
    for first, last in converted.sequences:
        text = words.say("convert.sequence", first=first, last=last)
        screen.paragraph(text, mark=typer.style("!", fg="yellow"))
    screen.line()
    for upload in converted.uploads:
        groups = ", ".join(upload.groups)
        text = (
            words.say("convert.for-groups", path=upload.path, groups=groups) if groups else str(upload.path)
        )
        screen.line(f"  {text}")
    screen.line()
    for step in ("upload", "by-groups" if converted.apart else "group", "then"):
        screen.paragraph(words.say(f"convert.{step}", file=file), indent="", hanging="  ")


def _difference(screen: Screen, one: "Difference") -> str:
    words, nothing = screen.words, screen.words.say("diff.nothing")
    place = one.column.header if one.column else one.attribute
    return words.say(
        "diff.cell",
        row=one.row,
        column=place,
        file=quote(one.in_file) if one.in_file else nothing,
        workspace=quote(one.in_workspace) if one.in_workspace else nothing,
    )


def _files(screen: Screen, files: tuple[Path, ...]) -> None:
    if files:
        screen.line()
    for path in files:
        screen.line(f"  {path}")
