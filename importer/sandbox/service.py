"""What the endpoints share: the store, the clock, and how this workspace reads what is written."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct

from importer.sandbox.records import ACTIVE, Contact, Field, Group
from importer.sandbox.store import Store
from importer.sandbox.values import Reading


class Service(Struct, dict=True):
    """One workspace at work.

    settle_s: for so long new fields and groups are not known to the writer of contacts.
    """

    store: Store
    clock: Callable[[], float]
    settle_s: float = 0.0
    suspended: bool = False
    ninth_digit: bool = False

    @property
    def country(self) -> str | None:
        """Of the workspace."""
        return self.store.facts.country or None

    @cached_property
    def reading(self) -> Reading:
        """How dates are read."""
        zone = ZoneInfo(self.store.facts.timezone)
        return Reading(
            zone,
            self.store.facts.date_style,
            lambda: datetime.fromtimestamp(self.clock(), UTC).astimezone(zone),
        )

    def is_fresh(self, thing: Field | Group) -> bool:
        """Whether the writer of contacts does not yet know it.

        Its cache may have been filled just before the thing was made; the sandbox takes the worst case.
        """
        return 0 <= self.clock() - thing.made_at < self.settle_s

    def sort_into_dynamic(self, contact: Contact) -> None:
        """Let the contact join and leave dynamic groups by its values; one that is not active is in none."""
        groups = set(contact.groups)
        for group in self.store.groups.values():
            if group.query is None:
                continue
            if contact.status == ACTIVE and group.wants(contact.values):
                groups.add(group.id)
            else:
                groups.discard(group.id)
        contact.groups = frozenset(groups)

    def group_named(self, reference: str) -> Group | None:
        """By uuid, or by name in any case."""
        folded = reference.lower()
        for group in self.store.groups.values():
            if group.uuid == reference or group.name.lower() == folded:
                return group
        return None
