"""How all contacts of a mirror look, in memory: which rows of a long file change nothing, told without reading anybody.

To look a contact up takes several times as long as to tell how one looks that is just as its row says.
"""

from collections.abc import Mapping, Sequence

from importer.cells import BETWEEN
from importer.mirror.forms import arranged, looks_of
from importer.model import Group

_BETWEEN = BETWEEN.encode()


class LoadedLooks:
    """See `Looks`. by_look: the groups of contacts. shapes: that they may have, see `Forms.shapes`."""

    def __init__(
        self, by_look: Mapping[int, tuple[Group, ...]], shapes: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._by_look = by_look
        self._shapes = list(shapes.items())[::-1]

    def groups_of(self, rows: Sequence[bytes], keys: tuple[str, ...]) -> Sequence[tuple[Group, ...] | None]:
        """See `Looks`."""
        found: list[tuple[Group, ...] | None] = [None] * len(rows)
        left = list(range(len(rows)))
        for number, (shape, has) in enumerate(self._shapes[:]):
            if not left or not set(keys).issubset(has):
                continue
            asked = map(arranged(keys, has, _BETWEEN, before=3), [rows[at] for at in left])
            for at, some in zip(left, map(self._by_look.get, looks_of(shape, asked)), strict=True):
                found[at] = some
            others = [at for at in left if found[at] is None]
            if number and len(left) - len(others) > len(rows) - len(left):
                # more have this shape than those before: it is tried first from now on
                self._shapes.insert(0, self._shapes.pop(number))
            left = others
        return found
