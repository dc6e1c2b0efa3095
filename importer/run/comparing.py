"""A file and a workspace → where they differ. Writes nothing to the workspace."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from importer.errors import Unusable
from importer.issues import Issue
from importer.kinds import Kind, Kinds
from importer.messages import catalogue
from importer.model import FileInfo
from importer.options import Options
from importer.run.connection import QUIET, Connection, Listener, connected
from importer.run.importing import columns_by_key
from importer.run.planning import Planned, make_plan
from importer.run.reporting import issues_with_left_out

if TYPE_CHECKING:
    import pandas as pd

    from importer.api import Client
    from importer.differences import Difference, Standing
    from importer.model import Contact, Group
    from importer.writers.difference_files import DifferenceFiles

SHOWN = 8
"""Differences that are kept to be shown at once."""


class Compared(Struct, frozen=True):
    """What a comparison found.

    rows: by how they stand. cells: that differ. first: some of the differences. group: of which the file was compared
    as the whole list; absent: its contacts that the file does not have; can_leave: whether a sheet can take them out.
    """

    file: FileInfo
    workspace: str
    url: str
    rows: "Mapping[Standing, int]"
    cells: int
    first: "tuple[Difference, ...]"
    issues: tuple[Issue, ...]
    kinds: tuple[Kind, ...]
    reads: int
    group: str | None = None
    absent: int = 0
    can_leave: bool = True
    files: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 the file and the workspace say the same; 1 they do not, or a row cannot be compared."""
        from importer.differences import Standing

        unlike = (Standing.DIFFERENT, Standing.MISSING, Standing.INVALID)
        return int(self.absent > 0 or any(self.rows.get(one) for one in unlike))


def compare_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    *,
    absent: str | None = None,
    listener: Listener = QUIET,
) -> Compared:
    """Compare every cell that a file has with the workspace. `options.output` is the folder for the files, if any.

    absent: a group, by name or UUID, whose contacts the file ought to have all of.

    Raises:
        Unusable: the file cannot be used, an option does not fit, or there is no such group.
        NotAllowed, Unavailable, Interrupted: the workspace cannot be read to the end.
    """
    with connected(connection, listener) as client:
        group = _group(client, absent)
        planned = make_plan(source, replace(options, output=None), client, listener)
        if options.output is None:
            compared = _compare(planned, None)
            count = sum(1 for _ in _absent(client, planned, group)) if group else 0
        else:
            from importer.writers.difference_files import DifferenceFiles

            with DifferenceFiles(options.output, catalogue(options.language)) as files:
                compared = _compare(planned, files)
                count = files.add_absent(_absent(client, planned, group), _leave(group)) if group else 0
                compared = replace(compared, files=files.close())
        return replace(
            compared,
            url=connection.url,
            group=group.name if group else None,
            absent=count,
            can_leave=group is not None and _leave(group) is not None,
            reads=client.requests.reads,
        )


def _compare(planned: Planned, files: "DifferenceFiles | None") -> Compared:
    """Every row against the workspace."""
    from importer.differences import Standing, differences, standing_of

    examined, kinds, rows = planned.examined, Kinds(), Counter[Standing]()
    columns, cells = columns_by_key(examined), 0
    first: list[Difference] = []
    for outcome in planned.plan.outcomes():
        standing = standing_of(outcome)
        found = list(differences(outcome, columns))
        rows[standing] += 1
        kinds.add(outcome.issues)
        cells += len(found) if standing is Standing.DIFFERENT else 0
        first += found[: SHOWN - len(first)]
        if files and (found or standing is Standing.INVALID):
            files.add(outcome, standing, found)
    info, workspace, issues = examined.table.info, examined.workspace.name, issues_with_left_out(examined)
    return Compared(info, workspace, "", rows, cells, tuple(first), issues, tuple(kinds), 0)


def _group(client: "Client", name: str | None) -> "Group | None":
    """Asked for first, so that nobody waits for hours to hear that there is none."""
    if name is None:
        return None
    from importer.layout import choose_group

    groups = tuple(client.list_groups())
    if found := choose_group(name, groups):
        return found
    raise Unusable("export-no-group", value=name, known=", ".join(one.name for one in groups[::-1]) or "–")


def _leave(group: "Group") -> str | None:
    """The cell by which a contact leaves the group; None: a query fills it, or no cell can say its name."""
    from importer.escapes import groups_to_leave_cell

    return None if group.dynamic else groups_to_leave_cell(group.name)


def _absent(client: "Client", planned: Planned, group: "Group") -> "Iterator[Contact]":
    """The group's contacts that no row means, nor would mean if what is wrong with it were mended."""
    from importer.repeats import keys_of
    from importer.urns import identity

    examined = planned.examined
    ninth_digit = examined.options.ninth_digit
    named = {
        hash(key)
        for record in examined.require_check().records()
        for key in keys_of(record.wanted, ninth_digit)
    }
    seen: set[str] = set()  # a contact that changes meanwhile comes twice
    for page in client.contact_pages(group=group.uuid):
        for contact in page:
            keys = (f"uuid:{contact.uuid}", *(identity(urn, ninth_digit) for urn in contact.urns))
            if contact.uuid not in seen and not any(hash(key) in named for key in keys):
                seen.add(contact.uuid)
                yield contact
