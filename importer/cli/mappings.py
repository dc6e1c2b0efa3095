"""Mapping files, written by `check`: what a file's columns were taken for, to be corrected and used again."""

import os
import tempfile
from pathlib import Path

from importer.errors import Unusable
from importer.examine import Examined
from importer.mapping.saving import format_mapping
from importer.options import Options


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Do nothing, unless there is a file that nobody said to replace.

    Raises:
        Unusable: there is.
    """
    if path.exists() and not force:
        raise Unusable("mapping-exists", file=str(path))


def write_mapping(path: Path, examined: Examined, options: Options, *, force: bool) -> None:
    """Write the mapping of a file that was checked, with the options that were chosen for it.

    options: as the call gives them.

    Raises:
        Unusable: there is a file already (and no `force`), or it cannot be written; then nothing has changed.
    """
    chosen = {name: getattr(options, name) for name in options.chosen}
    text = format_mapping(examined.mapping, examined.workspace, chosen)
    written = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, delete=False
        ) as file:
            written = file.name
            file.write(text)
        Path(written).chmod(0o666 & ~_umask())  # it holds headers and no contact
        refuse_to_replace(path, force=force)
        Path(written).replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Unusable("mapping-not-written", file=str(path), reason=reason) from None
    finally:
        if written:
            Path(written).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
