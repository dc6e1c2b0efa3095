"""Reading: a file or a DataFrame becomes a table of true cells.

`content` finds out what a file is and opens it as sheets of raw rows, one module a format; `locate` finds the
table in them; `table` gives its rows, with what went wrong in reading them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from importer.corrections import Corrections, parse_corrections
from importer.errors import Unusable
from importer.headers import Knows, usual_target
from importer.options import Options
from importer.readers.content import open_path
from importer.readers.definitions import split_off
from importer.readers.locate import find_place
from importer.readers.table import NoContacts, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Table", "open_table"]


def open_table(source: "Path | str | pd.DataFrame", options: Options, knows: Knows = usual_target) -> Table:
    """The table in a file or a DataFrame, to be closed after use.

    knows: what a header names, where more is known than what is usual.

    Raises:
        Unusable: with an issue that says why the file cannot be read, and what is known of it (`info`).
    """
    if isinstance(source, str | Path):
        opened = open_path(Path(source), str(source))
    else:
        from importer.readers.frame import open_frame

        opened = open_frame(source)
    try:
        source_of_contacts, definitions = split_off(opened, options, knows)
        try:
            place = find_place(source_of_contacts, options, knows)
        except Unusable:
            if options.sheet or not any(sheet.rows for sheet in definitions):
                raise
            return NoContacts(source_of_contacts, definitions)
        return Table(source_of_contacts, place, _corrections(options), definitions)
    except Unusable as error:
        opened.close()
        error.info = error.info or opened.info
        raise
    except BaseException:
        opened.close()
        raise


def _corrections(options: Options) -> Corrections:
    if options.corrections is None:
        return Corrections()
    try:
        text = options.corrections.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unusable("corrections-unreadable", file=str(options.corrections), reason=reason) from None
    return parse_corrections(text)
