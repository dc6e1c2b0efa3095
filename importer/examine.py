"""A file → read, mapped and checked against what is known of a workspace. Sends nothing."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from importer.check import Check
from importer.definitions.planning import DefinitionPlan, plan_definitions
from importer.errors import Unusable
from importer.examples import is_example
from importer.fitting import Fitting
from importer.issues import Issue
from importer.mapping import Mapping, SavedMapping, make_mapping
from importer.mapping.files import check_workspace, parse_mapping
from importer.messages import catalogue
from importer.model import Block, ReadStretch, Row, Stretch, Workspace
from importer.options import Options
from importer.questions import groups_meant
from importer.readers import Table, open_table
from importer.schema import make_schema
from importer.shelf import Shelf

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = Workspace(known=False)
SAMPLE_ROWS = 200
"""Rows whose values the mapping looks at."""


class Examined(Struct, frozen=True):
    """A file that was read, mapped and checked.

    workspace: as the contacts will find it: with what the file does to fields and groups, which is in `definitions`.
    check: None where an issue of the file as a whole stops everything.
    """

    table: Table
    mapping: Mapping
    workspace: Workspace
    options: Options
    issues: tuple[Issue, ...]
    check: Check | None = None
    definitions: DefinitionPlan = field(default_factory=DefinitionPlan)

    def rows(self) -> Iterator[Row]:
        """The file's rows, as many as the options allow."""
        return (row for stretch in self.stretches() for block in stretch.blocks() for row in block.rows())

    def stretches(self) -> Iterator[Stretch]:
        """The same, each stretch to be read by itself."""
        if self.options.limit is None:
            return self.table.stretches()
        return map(ReadStretch, self._first_blocks(self.options.limit))

    def _first_blocks(self, left: int) -> Iterator[Block]:
        for block in self.table.blocks():
            if left <= 0:
                return
            yield block.only(range(min(left, len(block))))
            left -= len(block)

    def require_check(self) -> Check:
        """The check.

        Raises:
            Unusable: there is none; the error names the first reason.
        """
        if self.check is None:
            first = next(issue for issue in self.issues if issue.is_error)
            raise Unusable.file(first, self.table.info)
        return self.check


def examine(
    source: "Path | str | pd.DataFrame",
    options: Options,
    workspace: Workspace = UNKNOWN,
    shelf: Shelf | None = None,
) -> Examined:
    """Read, map and check a file. shelf: see `Check`.

    Raises:
        Unusable: the file cannot be read, or an option does not fit.
    """
    catalogue(options.language)  # refused now, rather than when a report is to be told in it
    saved = _saved_mapping(options)
    if not options.any_workspace:
        check_workspace(saved, workspace)
    options = options.over(saved.options)
    table = open_table(source, options, saved.target_of)
    definitions = plan_definitions(table.definitions, workspace)
    workspace = definitions.after
    sample = [row.cells for row in islice(table.rows(), SAMPLE_ROWS) if not is_example(row.cells)]
    # without a column there is nothing to map, and nothing is missing
    mapping = make_mapping(table.columns, sample, workspace, options, saved) if table.columns else Mapping(())
    options = options.over(mapping.options)
    schema = make_schema(mapping, workspace, options)
    issues = (*table.issues, *mapping.issues, *schema.issues)
    if options.strict:
        issues = tuple(issue.strictly() for issue in issues)
    examined = Examined(table, mapping, workspace, options, issues, definitions=definitions)
    if any(issue.is_error for issue in issues):
        return examined
    # of a workspace that nobody knows no field is new
    fitting = Fitting(schema.columns) if workspace.known else Fitting()
    check = Check(examined.stretches, schema, options, fitting, shelf, is_shared=table.is_text)
    asked = [*check.fitting.issues()]
    if options.new_groups != "error":  # else it is an error of each row that names one
        asked += groups_meant(check.groups, workspace.groups)
    return replace(examined, check=check, issues=(*issues, *asked))


def _saved_mapping(options: Options) -> SavedMapping:
    if options.mapping is None:
        return SavedMapping()
    try:
        text = options.mapping.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable("mapping-unreadable", file=str(options.mapping), reason=str(error)) from None
    return parse_mapping(text)
