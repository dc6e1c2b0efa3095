"""Files that are written aside and take their places together, so that no reader meets half a file.

They hold personal data: only their owner can read them.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from importer.errors import Unusable


def prepare_folder(folder: Path, names: Iterable[str] = (), about: str = "report") -> None:
    """Create `folder` if need be, and see that files can be made in it and those called `names` replaced.

    about: what the files are, as the sentences about a disk that fails have it.

    Raises:
        Unusable: they cannot; worth asking before hours of work.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Unusable(f"{about}-folder", folder=folder, reason=_reason(error)) from error
    for path in (folder / name for name in names):
        try:
            # Windows refuses to replace a file that a spreadsheet program holds open; so does this.
            with path.open("r+b"):
                pass
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Unusable(f"{about}-file", file=path, reason=_reason(error)) from error


class Drafts:
    """Files in the making, in a private folder inside `folder`: on the same disk, so that moving is at once.

    names: of all files that may be made, in the order of their publishing. about: see `prepare_folder`.
    """

    def __init__(self, folder: Path, names: tuple[str, ...], about: str = "report") -> None:
        prepare_folder(folder, names, about)
        self.folder = folder
        self.names = names
        self.about = about
        with self.told():
            self.aside = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))

    def path(self, name: str) -> Path:
        """Where the file that will be called `name` is to be written."""
        return self.aside / name

    def publish(self) -> tuple[Path, ...]:
        """Move the files to their places. Of an earlier time nothing stays: a name not drafted is removed."""
        done = []
        with self.told():
            for name in self.names:
                draft, place = self.path(name), self.folder / name
                if draft.exists():
                    draft.chmod(0o600)
                    draft.replace(place)
                    done.append(place)
                else:
                    place.unlink(missing_ok=True)
        self.discard()
        return tuple(done)

    def discard(self) -> None:
        """Remove whatever has not been published."""
        shutil.rmtree(self.aside, ignore_errors=True)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn a full or vanished disk into a sentence that names the folder.

        Raises:
            Unusable: instead of any OSError.
        """
        try:
            yield
        except OSError as error:
            raise Unusable(f"{self.about}-not-written", folder=self.folder, reason=_reason(error)) from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
