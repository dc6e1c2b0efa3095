"""Rows about fields + the workspace → what is to be done with them. Pure."""

from msgspec.structs import replace

from importer import platform
from importer.actions import ACTION_WORDS
from importer.definitions.rules import check_label, check_room_for_field, same_field
from importer.definitions.steps import CreateField, UpdateField
from importer.definitions.wishes import RENAME_WORDS, Cells, Rows, Wish
from importer.headers import normal_header
from importer.issues import Issue
from importer.model import Change, Field, Status, Workspace

TYPE_WORDS: dict[str, str] = {
    **{value_type: value_type for value_type in platform.VALUE_TYPES},
    "texto": "text",
    **dict.fromkeys(("number", "numero", "numerico"), "numeric"),
    **dict.fromkeys(("date", "date time", "data", "data e hora", "fecha", "fecha y hora"), "datetime"),
    "estado": "state",
    **dict.fromkeys(("distrito",), "district"),
    **dict.fromkeys(("bairro", "barrio"), "ward"),
}
"""Normal form of a cell → the type of field."""

FIELD_ACTIONS = ("upsert", "create", "update", "skip")
_WORDS: dict[str, str] = {**ACTION_WORDS, **dict.fromkeys(RENAME_WORDS, "update")}


class FieldRows(Rows):
    """The rows of a sheet that lists fields."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._by_key = {one.key: one for one in workspace.fields}

    def take(self, cells: Cells) -> None:
        """See `Rows`."""
        label, key = cells.text("label"), cells.text("key")
        wish = Wish(cells, label or key)
        self.wishes.append(wish)
        if ACTION_WORDS.get(cells.text("action").casefold()) == "delete":
            cells.tell(Issue.of("field-delete"), "action")
            return
        action = cells.action(_WORDS, FIELD_ACTIONS)
        if action == "skip":
            wish.status, cells.issues = Status.SKIPPED, []
            return
        value_type = self._type(cells)
        if not (label or key or cells.is_wrong()):
            cells.tell(Issue.of("definition-no-name"), "label", "key")
        if cells.is_wrong():
            return
        found = self._find(label, key)
        if found is None:
            self._create(wish, Field(platform.key_of(label), label, value_type or "text"), key, action)
        elif action == "create":
            cells.tell(Issue.of("field-exists", found.label, field_key=found.key), "label", "key")
        else:
            after = replace(
                found,
                label=label if key and label else found.label,
                value_type=value_type or found.value_type,
            )
            self._update(wish, found, after)

    def _type(self, cells: Cells) -> str | None:
        text = cells.text("type")
        if not text:
            return None
        found = TYPE_WORDS.get(normal_header(text))
        if found is None:
            cells.tell(Issue.of("field-type-unknown", text, types=", ".join(platform.VALUE_TYPES)), "type")
        return found

    def _find(self, label: str, key: str) -> Field | None:
        """The field that a row is about: that of the key, else that of the label, in any case."""
        if key:
            return self._by_key.get(key)
        folded = label.casefold()
        return next((one for one in self.workspace.fields if one.label.casefold() == folded), None)

    def _create(self, wish: Wish, field: Field, key: str, action: str) -> None:
        cells = wish.cells
        if not self.workspace.known and not field.label:
            pass  # a field that is there, by its key
        elif not field.label or (action == "update" and self.workspace.known):
            cells.tell(Issue.of("field-missing", key or field.label), "key", "label")
        elif self.workspace.known and key and key != field.key:
            cells.tell(Issue.of("field-key-differs", key, made=field.key), "key")
        elif issue := check_label(field.label, self.workspace.fields):
            cells.tell(issue, "label")
        wish.about, wish.meaning = f"key {key or field.key}", (field.label, field.value_type)
        wish.claims = frozenset((field.label.casefold(), field.key)) if field.label else frozenset()
        wish.status = Status.CREATED
        wish.changes = (Change("label", None, field.label), Change("type", None, field.value_type))
        wish.step = CreateField(cells.place, field)

    def _update(self, wish: Wish, before: Field, after: Field) -> None:
        cells = wish.cells
        wish.name = after.label
        wish.about, wish.meaning = f"key {before.key}", after
        if after.label != before.label:
            others = [one for one in self.workspace.fields if one.key != before.key]
            if issue := check_label(after.label, others):
                cells.tell(issue, "label")
            if holder := same_field(after.label, others):
                wish.holder = f"key {holder.key}"
            wish.claims = frozenset((after.label.casefold(), platform.key_of(after.label)))
        if after.value_type != before.value_type:
            cells.tell(Issue.of("field-type-changes", old=before.value_type, new=after.value_type), "type")
        pairs = (("label", before.label, after.label), ("type", before.value_type, after.value_type))
        wish.changes = tuple(Change(name, old, new) for name, old, new in pairs if old != new)
        if wish.changes:
            wish.status, wish.step = Status.UPDATED, UpdateField(cells.place, before, after)

    def _settle_room(self) -> None:
        count = len(self.workspace.fields)
        for wish in self.wishes:
            if isinstance(wish.step, CreateField) and wish.is_open:
                if issue := check_room_for_field(count):
                    wish.cells.tell(issue, "label")
                count += not wish.cells.is_wrong()
