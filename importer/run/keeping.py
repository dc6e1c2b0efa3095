"""Contacts that a job deletes, kept beside its report before the first of them goes: in the form that `run` takes."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from importer.execution.earlier import DONE
from importer.messages import catalogue
from importer.model import OWN_PREFIX, Contact

if TYPE_CHECKING:
    from importer.journal import Journal
    from importer.run.planning import Planned

OWN_FACTS = ("created_on", "modified_on", "last_seen_on")
"""What only the server can write, in columns that an import passes over."""


def keep_deleted(planned: "Planned", journal: "Journal") -> Path | None:
    """Write all contacts that this job has deleted or is about to; None if there are none, or there is no folder.

    Imported, the file creates them anew; their UUIDs and states stand in columns of our own.

    Raises:
        Unusable: the file cannot be written.
    """
    options = planned.examined.options
    if options.output is None or not (planned.plan.totals.acts["delete"] or any(_deleted_before(journal))):
        return None
    from importer.layout import UUID, Layout, OwnHeaders, shape_of, widest
    from importer.schema import make_locale
    from importer.writers.export_files import ExportFiles, paths_for

    words, workspace = catalogue(options.language), planned.examined.workspace
    locale = make_locale(workspace, options)
    own = OwnHeaders(*(words.say(f"export.own.{name}") for name in OwnHeaders.__struct_fields__))
    shape = widest(shape_of(contact, locale) for contact in _contacts(planned, journal))
    layout = Layout(workspace, locale, workspace.fields[::-1], shape, own, in_workbook=True)
    headers = [OWN_PREFIX + header if header == UUID else header for header in layout.headers]
    count = sum(1 for _ in _contacts(planned, journal))
    paths = paths_for(options.output / f"deleted-{journal.job}.xlsx", count)
    facts = [OWN_PREFIX + name for name in OWN_FACTS]
    with ExportFiles(paths, (*headers, *facts), words.say("export.sheet")) as files:
        for contact in _contacts(planned, journal):
            cells, _ = layout.cells(contact)  # what no cell can say is in the journal
            files.add((*cells, *(getattr(contact, name) or None for name in OWN_FACTS)))
        files.close()
    return paths[0]


def _contacts(planned: "Planned", journal: "Journal") -> Iterator[Contact]:
    """Those that an earlier run of the job has deleted, and those that this one will."""
    kept: set[str] = set()
    acts = (decision.act for decision in planned.plan.decisions())
    planned_ones: Iterable[Contact] = (act.before for act in acts if act and act.action == "delete")
    for some in (_deleted_before(journal), planned_ones):
        for contact in some:
            if contact.uuid not in kept:
                kept.add(contact.uuid)
                yield contact


def _deleted_before(journal: "Journal") -> Iterator[Contact]:
    done = {outcome.row for outcome, pending in journal.outcomes() if outcome.status in DONE and not pending}
    for step in journal.steps("delete"):
        for row, contact in zip(step.rows, step.before, strict=True):
            if step.answer is None or row in done:
                yield contact
