"""At a glance: rows whose contact is as they want it, or that just say something else of it. Of most rows of a list
that comes every week this is certain.

What is not certain at a glance, `decide` decides; of what is, it would say the same (tests/test_unchanged.py).
"""

from collections.abc import Iterable, Sequence, Set
from itertools import compress
from operator import and_, eq, gt
from typing import TypeVar

from msgspec import Struct

from importer import platform
from importer.cells import AMONG, BETWEEN
from importer.columns import same_value
from importer.decisions import Rules, memberships_of, unknown_groups
from importer.model import Contact, Group, Record, Wanted
from importer.snapshot import Contacts, Kept, Looks
from importer.wishes import CLEARED, Wishes

Thing = TypeVar("Thing")
_MEMO_MAX = 10_000


class Seen(Struct, frozen=True):
    """What a glance at rows tells, by their numbers. Its figures are places in `kept`.

    meant: the contact that a row certainly means, for it has all URNs of the row, and nobody else has any of them.
    same: the same of rows that change nothing. alike: further rows that change nothing; nobody knows who they mean, but
    it has just their URNs.
    changed: rows that change their contact's name, its language or values of fields, take nothing from it, and do
    nothing else. with_more: rows whose contact has more URNs than they.
    """

    alike: set[int]
    kept: Kept
    meant: dict[int, int]
    same: dict[int, int]
    changed: set[int]
    with_more: set[int]


class Unchanged:
    """Tells which rows want nothing new, or only to say something; remembers what they want of groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[tuple[str, ...], int], bool] = {}
        # the groups by their ids, which no others get as long as these are here
        self._met: dict[int, tuple[Group, ...] | None] = {}

    def find(
        self,
        numbers: Sequence[int],
        wishes: Wishes,
        contacts: Contacts,
        looks: Looks | None = None,
        apart: Set[int] = frozenset(),
    ) -> Seen:
        """What is to be told of rows with these numbers.

        looks: of the same contacts; only of rows without UUIDs. apart: numbers of rows of which nothing is to be told.
        """
        tells, alike = self._tells(wishes), set[int]()
        rest: Sequence[int] = range(len(wishes))
        if looks and tells:
            groups = looks.groups_of(wishes.rows.parts, wishes.keys)
            are_alike = self._have_groups(wishes.groups, groups)
            alike, rest = set(compress(numbers, are_alike)) - apart, _others(are_alike)
        rest = [at for at in rest if numbers[at] not in apart]
        parts = [row.partition(BETWEEN) for row in wishes.rows.some(rest)]
        kept = contacts.sole(wishes.uuids.some(rest), [urns.partition(AMONG)[0] for urns, _, _ in parts])
        rest, parts = _some(rest, kept.places), _some(parts, kept.places)
        numbers, names = _some(numbers, rest), _some(wishes.groups, rest)
        urns, said = [one for one, _, _ in parts], [one for _, _, one in parts]
        has_just = list(map(eq, urns, kept.urns))
        is_meant = has_just[:]
        for at in _others(has_just):
            is_meant[at] = _has_all(urns[at], kept.urns[at])
        with_more = set(compress(numbers, map(gt, is_meant, has_just)))
        places = list(zip(numbers, range(len(kept)), strict=True))
        meant = dict(compress(places, is_meant))
        if not tells:
            return Seen(alike, kept, meant, {}, set(), with_more)
        types = ("text", "text", *(self._rules.types.get(key, "text") for key in wishes.keys))
        are_told = map(and_, is_meant, self._have_groups(names, kept.groups))
        compared = compress(zip(places, said, kept.said(wishes.keys), strict=True), are_told)
        same, changed = dict[int, int](), set[int]()
        for (number, place), one, other in compared:
            says_more = one != other and _says_more(one, other, types)
            if says_more:
                changed.add(number)
            elif says_more is False:
                same[number] = place
        return Seen(alike, kept, meant, same, changed, with_more)

    def _tells(self, wishes: Wishes) -> bool:
        """Whether a contact that has what a row says is as the row wants it."""
        if wishes.action not in ("upsert", "update") or self._rules.options.urns_mode == "replace":
            return False
        return self._rules.definitions.retyped.isdisjoint(wishes.keys)

    def _have_groups(
        self, names: Sequence[tuple[str, ...]], groups: Sequence[tuple[Group, ...] | None]
    ) -> list[bool]:
        """Whether contacts with these groups are in those that rows want, and a row may name them; None: nobody is."""
        # by the identity of the groups, which are kept: many contacts have the same, and to hash them takes long
        asked = list(zip(names, map(id, groups), strict=True))
        if unknown := set(asked).difference(self._known):
            if len(self._known) > _MEMO_MAX:
                self._known, self._met, unknown = {}, {}, set(asked)
            self._met |= zip(map(id, groups), groups, strict=True)
            self._known |= {one: self._are_joined(one[0], self._met[one[1]]) for one in unknown}
        return list(map(self._known.__getitem__, asked))

    def _are_joined(self, names: tuple[str, ...], groups: tuple[Group, ...] | None) -> bool:
        if groups is None:
            return False
        wanted, contact = Wanted(groups=names), Contact("", groups=groups)
        if any(unknown_groups(wanted, self._rules)) or memberships_of(
            Record(0, wanted), contact, self._rules
        ):
            return False
        return all(name.casefold() in self._rules.groups for name in names)


def _has_all(wanted: str, has: str) -> bool:
    """Whether a contact has the URNs of a row."""
    return not wanted or set(wanted.split(AMONG)).issubset(has.split(AMONG))


def _says_more(wanted: str, has: str, types: Sequence[str]) -> bool | None:
    """Whether a row says something that its contact has not; None: that is not to be told at a glance.

    types: of the name, of the language, and of fields.
    """
    more = False
    for value_type, one, other in zip(types, wanted.split(BETWEEN), has.split(BETWEEN), strict=True):
        if one and one != other:
            if one == CLEARED:
                return None
            more = more or not same_value(value_type, one, other or None)
    return None if more and len(types) > platform.FIELDS_MAX else more


def _some(of_rows: Sequence[Thing], places: Iterable[int]) -> list[Thing]:
    return [of_rows[at] for at in places]


def _others(are_right: Sequence[bool]) -> list[int]:
    return [at for at, is_right in enumerate(are_right) if not is_right]
