"""What a plan asks: things that may well be right, but that nobody should find out about afterwards."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from importer.issues import Issue
from importer.likeness import Names
from importer.model import Contact, Group
from importer.options import Options
from importer.platform import PHONE_SCHEMES
from importer.schema import Schema
from importer.snapshot import scheme_of

NEARLY_ALL = 0.9
"""The share of a workspace's contacts that makes a scheme its habit."""
ENOUGH = 10
"""Contacts with a phone number that it takes to speak of a habit."""


def groups_meant(named: Mapping[str, str], groups: Iterable[Group]) -> Iterator[Issue]:
    """A question for each group to be created that is nearly called like one that is there.

    named: by casefolded name, the groups that a file speaks of. groups: the workspace's.
    """
    there = {group.name.casefold(): group.name for group in groups}
    names = Names(there.values())
    for key, name in named.items():
        if key not in there and (close := names.closest(name)):
            yield Issue.of("group-similar", name, other=close)


class PhoneHabit:
    """Under which scheme a workspace keeps its contacts' phone numbers, going by the contacts that were read."""

    def __init__(self, contacts: Counter[frozenset[str]] | None = None) -> None:
        self._contacts = Counter(contacts)  # by the schemes of a contact's numbers

    def note(self, contact: Contact) -> None:
        """Count a contact."""
        schemes = frozenset(map(scheme_of, contact.urns)).intersection(PHONE_SCHEMES)
        if schemes:
            self._contacts[schemes] += 1

    def question(self, schema: Schema, options: Options) -> Iterator[Issue]:
        """Where nobody has chosen: whether phone columns are meant to have another scheme than nearly all contacts."""
        if not any(column.any_scheme for column in schema.columns):
            return
        (other,) = set(PHONE_SCHEMES) - {options.phone_scheme}
        all_of_them = self._contacts.total()
        share = self._contacts[frozenset((other,))] / all_of_them if all_of_them >= ENOUGH else 0.0
        if share >= NEARLY_ALL:
            yield Issue.of(
                "phone-scheme-differs", scheme=options.phone_scheme, other=other, share=int(100 * share)
            )
