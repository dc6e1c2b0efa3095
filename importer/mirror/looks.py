"""How all contacts of a mirror look, in memory: which rows of a long file change nothing, told without reading anybody.

To look a contact up takes several times as long as to tell how one looks that is just as its row says.
"""

from collections.abc import Mapping, Sequence

from importer.mirror.forms import arranged, look_of
from importer.model import Group


class LoadedLooks:
    """See `Looks`. by_look: the groups of contacts. shapes: that they may have, see `Forms.shapes`."""

    def __init__(
        self, by_look: Mapping[int, tuple[Group, ...]], shapes: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._by_look = by_look
        self._shapes = list(shapes.items())[::-1]

    def groups_of(
        self, urns: Sequence[str], said: Sequence[str], keys: tuple[str, ...]
    ) -> dict[int, tuple[Group, ...]]:
        """See `Looks`."""
        found: dict[int, tuple[Group, ...]] = {}
        left = [at for at, of_row in enumerate(urns) if of_row]
        for number, (shape, has) in enumerate(self._shapes[:]):
            if not left or not set(keys).issubset(has):
                continue
            as_said = arranged(keys, has)
            groups = [self._by_look.get(look_of(shape, urns[at], as_said(said[at]))) for at in left]
            alike = {at: some for at, some in zip(left, groups, strict=True) if some is not None}
            left = [at for at, some in zip(left, groups, strict=True) if some is None]
            if len(alike) > len(found) and number:  # many have this shape: it is tried first from now on
                self._shapes.insert(0, self._shapes.pop(number))
            found |= alike
        return found
