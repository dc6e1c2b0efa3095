"""The words of our workbooks that depend on more than one sentence."""

from importer.messages import Catalogue
from importer.model import OWN_PREFIX, Outcome, Status
from importer.wording import describe_changes, describe_differences


def own_header(name: str, catalogue: Catalogue) -> str:
    """The header of a column that we add; a file that comes back is read without it."""
    return OWN_PREFIX + catalogue.say(f"report.header.{name}")


def status_words(status: Status, catalogue: Catalogue, *, dry_run: bool) -> str:
    """A status as people read it: created; in a plan: would be created."""
    writes = status in (Status.CREATED, Status.UPDATED, Status.DELETED)
    return catalogue.say(f"report.{'planned' if dry_run and writes else 'status'}.{status}")


def describe_done(outcome: Outcome, catalogue: Catalogue) -> str:
    """What was done for a row, "" for nothing."""
    parts = (
        "" if outcome.into is None else catalogue.say("report.into", row=outcome.into),
        describe_changes(outcome.changes, catalogue),
        describe_differences(outcome.differences, catalogue),
    )
    return "\n".join(filter(None, parts))
