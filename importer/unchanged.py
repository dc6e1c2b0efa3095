"""At a glance: rows whose contact is as they want it. Of most rows of a list that comes every week this is certain.

What is not certain at a glance, `decide` decides; of what is, it would say the same (tests/test_unchanged.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from importer.decisions import Rules, memberships_of, unknown_groups
from importer.model import LEAVE, Contact, Group, Record, Wanted
from importer.plain_rows import Wishes
from importer.snapshot import Contacts, Kept

_MEMO_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
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
        if len(kept) < len(wishes):
            found = set(kept.places)
            is_found = [at in found for at in range(len(wishes))]
            numbers, wishes = list(compress(numbers, is_found)), wishes.only(is_found)
        places = range(len(kept))
        of_urns = [
            [not urn or urn in has for urn, has in zip(urns, kept.urns, strict=True)] for urns in wishes.urns
        ]
        is_meant = list(map(all, zip(*of_urns, strict=True))) if of_urns else [True] * len(kept)
        meant = dict(compress(zip(numbers, places, strict=True), is_meant))
        if wishes.action not in ("upsert", "update") or self._rules.options.urns_mode == "replace":
            return Seen(kept, meant, {})
        has_groups = map(self._has_groups, wishes.groups, kept.groups)
        is_same = map(all, zip(is_meant, has_groups, self._have(wishes, kept), strict=True))
        return Seen(kept, meant, dict(compress(zip(numbers, places, strict=True), is_same)))

    def _have(self, wishes: Wishes, kept: Kept) -> list[bool]:
        """Of each row, whether its contact has the name, language and fields that it says, to the letter."""
        retyped = self._rules.definitions.retyped
        never: Sequence[object] = [object()] * len(kept)
        fields = (never if key in retyped else kept.fields(key) for key in wishes.fields)
        wanted = zip(wishes.names, wishes.languages, *wishes.fields.values(), strict=True)
        kept_ones = zip(kept.names, kept.languages, *fields, strict=True)
        return [
            want == has  # most often, and at once
            or all(one is LEAVE or one == "" or one == other for one, other in zip(want, has, strict=True))
            for want, has in zip(wanted, kept_ones, strict=True)
        ]

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


def _keys(wishes: Wishes) -> Sequence[str]:
    """Of each row one key by which its contact is found: its UUID, or else its first URN."""
    keys = [uuid or "" for uuid in wishes.uuids]
    for urns in wishes.urns:
        if all(keys):
            break
        keys = [key or urn for key, urn in zip(keys, urns, strict=True)]
    return keys
