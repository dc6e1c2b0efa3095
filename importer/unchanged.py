"""At a glance: rows whose contact is as they want it. Of most rows of a list that comes every week this is certain.

What is not certain at a glance, `decide` decides; of what is, it would say the same (tests/test_unchanged.py).
"""

from collections.abc import Sequence

from importer.decisions import Rules, memberships_of, unknown_groups
from importer.model import LEAVE, Contact, Group, Record, Wanted
from importer.plain_rows import Wishes
from importer.snapshot import Contacts

_MEMO_MAX = 10_000


class Unchanged:
    """Tells which rows want nothing new; remembers what they want of groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[tuple[str, ...], int], tuple[tuple[Group, ...], bool]] = {}

    def find(self, wishes: Wishes, contacts: Contacts) -> dict[int, Contact]:
        """By position, rows that certainly change nothing, and the contact that each means."""
        if wishes.action not in ("upsert", "update") or self._rules.options.urns_mode == "replace":
            return {}
        meant = contacts.sole(_keys(wishes))
        places = [at for at, contact in enumerate(meant) if contact is not None]
        found = [contact for contact in meant if contact is not None]
        if len(found) < len(wishes):
            wishes = wishes.only(places)
        return {
            at: contact
            for at, contact, sure in zip(places, found, self._are_sure(wishes, found), strict=True)
            if sure
        }

    def _are_sure(self, wishes: Wishes, contacts: Sequence[Contact]) -> list[bool]:
        """Of each row, whether its contact has all that it says, to the letter."""
        columns = [
            [want is LEAVE or want == one.name for want, one in zip(wishes.names, contacts, strict=True)],
            [
                want is LEAVE or want == one.language
                for want, one in zip(wishes.languages, contacts, strict=True)
            ],
            list(map(self._has_groups, wishes.groups, contacts)),
        ]
        columns += (
            [not urn or urn in one.urns for urn, one in zip(urns, contacts, strict=True)]
            for urns in wishes.urns
        )
        fields = [one.fields for one in contacts]
        for key, values in wishes.fields.items():
            if key in self._rules.definitions.retyped:
                columns.append([value == "" for value in values])
            else:
                columns.append(
                    [value == "" or value == has.get(key) for value, has in zip(values, fields, strict=True)]
                )
        return list(map(all, zip(*columns, strict=True)))

    def _has_groups(self, names: tuple[str, ...], contact: Contact) -> bool:
        # by the identity of its groups, which are kept: many contacts have the same, and to hash them takes long
        asked = names, id(contact.groups)
        known = self._known.get(asked)
        if known is None:
            if len(self._known) > _MEMO_MAX:
                self._known.clear()
            self._known[asked] = known = contact.groups, self._are_joined(Wanted(groups=names), contact)
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
