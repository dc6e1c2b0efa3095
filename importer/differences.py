"""Differences: where a file and the workspace say different things, cell by cell. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from importer.model import Change, Column, Outcome, Status

CONTACT = "contact"
"""Attribute of a difference that is about the whole contact: the workspace does not have it."""


class Standing(StrEnum):
    """How a row stands against the workspace."""

    SAME = "same"
    DIFFERENT = "different"
    MISSING = "missing"
    SKIPPED = "skipped"
    INVALID = "invalid"


_STANDINGS = {
    Status.UNCHANGED: Standing.SAME,
    Status.UPDATED: Standing.DIFFERENT,
    Status.CREATED: Standing.MISSING,
    Status.SKIPPED: Standing.SKIPPED,
    Status.INVALID: Standing.INVALID,
}


class Difference(Struct, frozen=True):
    """One cell that says something else than the workspace. attribute: as in `Change`, or CONTACT.

    in_file, in_workspace: None where there is nothing; of URNs and groups only those that the other side lacks.
    """

    row: int
    uuid: str | None
    attribute: str
    column: Column | None
    in_file: str | None
    in_workspace: str | None


def standing_of(outcome: Outcome) -> Standing:
    """How a row stands; outcome: what a plan has for it. What a plan would do otherwise is a difference, too."""
    return _STANDINGS.get(outcome.status, Standing.DIFFERENT)


def differences(outcome: Outcome, columns: Mapping[str, Column]) -> Iterator[Difference]:
    """The cells of a row that differ.

    columns: by the key of a request's body ("name", "urns:tel", "fields.age").
    """
    match standing_of(outcome):
        case Standing.MISSING:
            yield Difference(outcome.row, None, CONTACT, None, None, None)
        case Standing.DIFFERENT:
            for change in outcome.changes:
                in_file, in_workspace = _sides(change)
                column = _column(change, in_file, columns)
                yield Difference(outcome.row, outcome.uuid, change.attribute, column, in_file, in_workspace)
        case _:
            return


def _sides(change: Change) -> tuple[str | None, str | None]:
    """What the file has, and what the workspace."""
    old, new = change.old, change.new
    if isinstance(old, tuple) and isinstance(new, tuple):
        only_new = ", ".join(str(one) for one in new if one not in old)
        only_old = ", ".join(str(one) for one in old if one not in new)
        return only_new or None, only_old or None
    return (None if new is None else str(new)), (None if old is None else str(old))


def _column(change: Change, in_file: str | None, columns: Mapping[str, Column]) -> Column | None:
    kind, _, key = change.attribute.partition(":")
    if kind == "field":
        return columns.get(f"fields.{key}")
    if kind == "urns":
        scheme = (in_file or "").partition(":")[0]
        return columns.get(f"urns:{scheme}") or columns.get("urns")
    return columns.get(kind)
