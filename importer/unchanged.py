"""At a glance: rows whose contact is as they want it. Of most rows of a list that comes every week this is certain.

What is not certain at a glance, `decide` decides; of what is, it would say the same (tests/test_unchanged.py).
"""

from collections.abc import Iterable, Sequence
from itertools import compress, repeat

from msgspec import Struct

from importer.cells import AMONG, BETWEEN
from importer.decisions import Rules, memberships_of, unknown_groups
from importer.model import Contact, Group, Record, Wanted
from importer.snapshot import Contacts, Kept
from importer.wishes import Wishes

_MEMO_MAX = 10_000


class Seen(Struct, frozen=True):
    """What a glance at rows tells, by their numbers. Its figures are places in `kept`.

    meant: the contact that a row certainly means, for it has all URNs of the row, and nobody else has any of them.
    same: the same of rows that change nothing.
    """

    kept: Kept
    meant: dict[int, int]
    same: dict[int, int]


class Unchanged:
    """Tells which rows want nothing new; remembers what they want of groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[tuple[str, ...], int], tuple[tuple[Group, ...], bool]] = {}

    def find(self, numbers: Sequence[int], wishes: Wishes, contacts: Contacts) -> Seen:
        """What is to be told of rows with these numbers."""
        kept = contacts.sole(_keys(wishes))
        is_found: Sequence[bool] = [True] * len(wishes)
        if len(kept) < len(wishes):
            found = set(kept.places)
            is_found = [at in found for at in range(len(wishes))]
        numbers = list(compress(numbers, is_found))
        is_meant = [
            wanted == has or _has_all(wanted, has)
            for wanted, has in zip(compress(_together(wishes), is_found), kept.urns, strict=True)
        ]
        meant = dict(compress(zip(numbers, range(len(kept)), strict=True), is_meant))
        if not self._tells(wishes):
            return Seen(kept, meant, {})
        is_same = [
            is_meant and (wanted == has or _says_the_same(wanted, has)) and self._has_groups(names, groups)
            for is_meant, wanted, has, names, groups in zip(
                is_meant,
                compress(wishes.said, is_found),
                kept.said(wishes.keys),
                compress(wishes.groups, is_found),
                kept.groups,
                strict=True,
            )
        ]
        return Seen(kept, meant, dict(compress(zip(numbers, range(len(kept)), strict=True), is_same)))

    def _tells(self, wishes: Wishes) -> bool:
        """Whether a contact that has what a row says is as the row wants it."""
        if wishes.action not in ("upsert", "update") or self._rules.options.urns_mode == "replace":
            return False
        return self._rules.definitions.retyped.isdisjoint(wishes.keys)

    def _has_groups(self, names: tuple[str, ...], groups: tuple[Group, ...]) -> bool:
        # by the identity of the groups, which are kept: many contacts have the same, and to hash them takes long
        asked = names, id(groups)
        known = self._known.get(asked)
        if known is None:
            if len(self._known) > _MEMO_MAX:
                self._known.clear()
            contact = Contact("", groups=groups)
            self._known[asked] = known = groups, self._are_joined(Wanted(groups=names), contact)
        return known[1]

    def _are_joined(self, wanted: Wanted, contact: Contact) -> bool:
        if any(unknown_groups(wanted, self._rules)) or memberships_of(
            Record(0, wanted), contact, self._rules
        ):
            return False
        return all(name.casefold() in self._rules.groups for name in wanted.groups)


def _together(wishes: Wishes) -> Iterable[str]:
    """The URNs of each row, with AMONG between."""
    if not wishes.urns:
        return repeat("", len(wishes))
    rows: Iterable[Iterable[str]] = zip(*wishes.urns, strict=True)
    if any("" in urns for urns in wishes.urns):
        rows = map(filter, repeat(None), rows)
    return map(AMONG.join, rows)


def _has_all(wanted: str, has: str) -> bool:
    """Whether a contact has the URNs of a row."""
    return not wanted or set(wanted.split(AMONG)).issubset(has.split(AMONG))


def _says_the_same(wanted: str, has: str) -> bool:
    """Whether a contact has what a row says, to the letter; "" being nothing."""
    return all(
        not one or one == other for one, other in zip(wanted.split(BETWEEN), has.split(BETWEEN), strict=True)
    )


def _keys(wishes: Wishes) -> Sequence[str]:
    """Of each row one key by which its contact is found: its UUID, or else its first URN."""
    keys = wishes.uuids
    for urns in wishes.urns:
        if all(keys):
            break
        keys = [key or urn for key, urn in zip(keys, urns, strict=True)]
    return keys
