"""At a glance: rows whose contact is as they want it. Of most rows of a list that comes every week this is certain.

What is not certain at a glance, `decide` decides; of what is, it would say the same (tests/test_unchanged.py).
"""

from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import and_, eq, gt
from typing import TypeVar

from msgspec import Struct

from importer.cells import AMONG, BETWEEN
from importer.decisions import Rules, memberships_of, unknown_groups
from importer.model import Contact, Group, Record, Wanted
from importer.snapshot import Contacts, Kept, Looks
from importer.wishes import Wishes

Thing = TypeVar("Thing")
_MEMO_MAX = 10_000


class Seen(Struct, frozen=True):
    """What a glance at rows tells, by their numbers. Its figures are places in `kept`.

    meant: the contact that a row certainly means, for it has all URNs of the row, and nobody else has any of them.
    same: the same of rows that change nothing. with_more: of those, whose contact has more URNs than the row.
    alike: further rows that change nothing; nobody knows who they mean, but it has just their URNs.
    """

    alike: set[int]
    kept: Kept
    meant: dict[int, int]
    same: dict[int, int]
    with_more: dict[int, int]


class Unchanged:
    """Tells which rows want nothing new; remembers what they want of groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[tuple[str, ...], int], tuple[tuple[Group, ...], bool]] = {}

    def find(
        self, numbers: Sequence[int], wishes: Wishes, contacts: Contacts, looks: Looks | None = None
    ) -> Seen:
        """What is to be told of rows with these numbers. looks: of the same contacts; only of rows without UUIDs."""
        urns, said, names, tells = list(_together(wishes)), wishes.said, wishes.groups, self._tells(wishes)
        groups = looks.groups_of(urns, said, wishes.keys) if looks and tells else {}
        alike = {at for at, some in groups.items() if self._has_groups(names[at], some)}
        rest = [at for at in range(len(wishes)) if at not in alike]
        kept = contacts.sole(_some(wishes.uuids, rest), _some(_first_urns(wishes), rest))
        alike_rows, rest = {numbers[at] for at in alike}, _some(rest, kept.places)
        numbers, urns, said, names = (
            _some(numbers, rest),
            _some(urns, rest),
            _some(said, rest),
            _some(names, rest),
        )
        has_just = list(map(eq, urns, kept.urns))
        is_meant = has_just[:]
        for at in _others(has_just):
            is_meant[at] = _has_all(urns[at], kept.urns[at])
        places = list(zip(numbers, range(len(kept)), strict=True))
        meant = dict(compress(places, is_meant))
        if not tells:
            return Seen(alike_rows, kept, meant, {}, {})
        has_said = list(kept.said(wishes.keys))
        is_same = list(map(eq, said, has_said))
        for at in _others(is_same):
            is_same[at] = _says_the_same(said[at], has_said[at])
        is_same = list(map(and_, map(and_, is_meant, is_same), map(self._has_groups, names, kept.groups)))
        has_more = dict(compress(places, map(gt, is_same, has_just)))
        return Seen(alike_rows, kept, meant, dict(compress(places, is_same)), has_more)

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


def _first_urns(wishes: Wishes) -> Sequence[str]:
    """The first URN of each row."""
    first: Sequence[str] = [""] * len(wishes)
    for number, urns in enumerate(wishes.urns):
        if number and all(first):
            break
        first = [one or urn for one, urn in zip(first, urns, strict=True)] if number else urns
    return first


def _some(of_rows: Sequence[Thing], places: Iterable[int]) -> list[Thing]:
    return [of_rows[at] for at in places]


def _others(are_right: Sequence[bool]) -> list[int]:
    return [at for at, is_right in enumerate(are_right) if not is_right]
