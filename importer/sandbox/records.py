"""What the sandbox keeps of a workspace: fields, groups, contacts."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from importer.sandbox.urns import identity_of
from importer.sandbox.values import Value

ACTIVE, BLOCKED, STOPPED, ARCHIVED, DELETED = "active", "blocked", "stopped", "archived", "deleted"
STATUSES = (ACTIVE, BLOCKED, STOPPED, ARCHIVED)

QUERY = re.compile(r"\s*([a-z][a-z0-9_]*)\s*>\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
"""The only kind of query that dynamic groups of the sandbox understand: `age > 10`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Field(Struct):
    """A contact field. made_at: seconds since 1970."""

    id: int
    key: str
    label: str
    value_type: str
    made_at: float


class Group(Struct):
    """A group; a dynamic one has a query."""

    id: int
    uuid: str
    name: str
    query: str | None
    made_at: float

    def wants(self, values: Mapping[str, Value]) -> bool:
        """Whether an active contact with these values is a member by the query."""
        match = QUERY.fullmatch(self.query or "")
        if match is None or match[1] not in values:
            return False
        number = values[match[1]].decimal
        return number is not None and number > Decimal(match[2])


class Contact(Struct):
    """A contact. urns: as they are kept, in order; groups: ids; times: microseconds since 1970."""

    id: int
    uuid: str
    name: str | None
    language: str | None
    status: str
    values: dict[str, Value]
    urns: tuple[str, ...]
    groups: frozenset[int]
    created_on: int
    modified_on: int

    @property
    def identities(self) -> tuple[str, ...]:
        """Its URNs as they are compared."""
        return tuple(map(identity_of, self.urns))

    def copy(self) -> "Contact":
        """To compare with, after changes."""
        return replace(self, values=dict(self.values))

    def differs(self, before: "Contact") -> bool:
        """Whether anything is not as it was, but for when it was changed."""
        return replace(self, modified_on=before.modified_on) != before


def show_time(micros: int) -> str:
    """As created_on: UTC, six decimals."""
    return (EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds") + "Z"
