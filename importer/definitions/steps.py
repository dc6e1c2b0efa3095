"""What can be done with one field or group: one request each. A place is the row that asks for it."""

from dataclasses import dataclass

from importer.model import Field, Group, Place


@dataclass(frozen=True, slots=True)
class CreateField:
    """A field that is to be made."""

    place: Place
    field: Field


@dataclass(frozen=True, slots=True)
class UpdateField:
    """A field that gets another label or type."""

    place: Place
    before: Field
    after: Field

    @property
    def is_retyped(self) -> bool:
        """Whether its type is to be another."""
        return self.before.value_type != self.after.value_type


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """A group that is to be made."""

    place: Place
    name: str


@dataclass(frozen=True, slots=True)
class RenameGroup:
    """A group that gets another name."""

    place: Place
    group: Group  # as it was
    name: str


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """A group that is to go."""

    place: Place
    group: Group


Step = CreateField | UpdateField | CreateGroup | RenameGroup | DeleteGroup
