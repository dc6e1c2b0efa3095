"""How a command shows what it has: on the screen for people, or as a document for programs."""

import sys
from typing import TYPE_CHECKING

import typer

from importer.cli.choices import Choices
from importer.issues import Phrase
from importer.messages import Catalogue

if TYPE_CHECKING:
    from importer.cli.screen import Screen
    from importer.model import Summary
    from importer.report import Report


def show_report(
    report: "Report", words: Catalogue, screen: "Screen | None", *, plan_is_shown: bool = False
) -> None:
    """A report of any kind. screen: None for programs. plan_is_shown: it has been, before the question."""
    if screen is None:
        from importer.cli.documents import document_of_report, to_text

        typer.echo(to_text(document_of_report(report, words)))
    elif report.summary.ended == "planned":
        if not plan_is_shown:
            show_plan(report, screen)
        screen.nothing_sent(report)
    elif report.summary.command == "undo":
        screen.undone(report)
    else:
        screen.result(report)


def destruction(summary: "Summary") -> dict[str, object]:
    """How many contacts a plan deletes and blocks, and groups it deletes, as the sentences about it name them."""
    acts, groups = summary.acts, len(summary.groups_deleted)
    return {
        "deletes": acts.get("delete", 0),
        "blocks": acts.get("block", 0),
        "groups": Phrase("screen.and-groups", {"count": groups}) if groups else "",
    }


def show_plan(report: "Report", screen: "Screen") -> None:
    """What would be done, or taken back."""
    if report.summary.command == "undo":
        screen.undo_plan(report)
    else:
        screen.plan(report)


def screen_for(choices: Choices, words: Catalogue, *, may_be_log: bool = False) -> "Screen":
    """The screen that the call asks for.

    may_be_log: what does not go to a terminal is kept somewhere, so that it names no contact unless asked to.
    """
    from importer.cli.screen import Screen

    colour = not choices.no_color and sys.stdout.isatty()
    masked = may_be_log and not choices.verbose and not sys.stdout.isatty()
    return Screen(words, colour=colour, verbose=choices.verbose, quiet=choices.quiet, masked=masked)
