"""What can be done with one field or group: one request each. A place is the row that asks for it."""

from msgspec import Struct

from importer.model import Field, Group, Place


class CreateField(Struct, frozen=True):
    """A field that is to be made."""

    place: Place
    field: Field


class UpdateField(Struct, frozen=True):
    """A field that gets another label or type."""

    place: Place
    before: Field
    after: Field

    @property
    def is_retyped(self) -> bool:
        """Whether its type is to be another."""
        return self.before.value_type != self.after.value_type


class CreateGroup(Struct, frozen=True):
    """A group that is to be made."""

    place: Place
    name: str


class RenameGroup(Struct, frozen=True):
    """A group that gets another name."""

    place: Place
    group: Group  # as it was
    name: str


class DeleteGroup(Struct, frozen=True):
    """A group that is to go."""

    place: Place
    group: Group


Step = CreateField | UpdateField | CreateGroup | RenameGroup | DeleteGroup
