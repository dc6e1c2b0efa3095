"""The endpoint fields: made from a label and a type, changed by key, never deleted."""

from collections.abc import Mapping

from importer.platform import LABEL_MAX, VALUE_TYPES, WORKSPACE_FIELDS, is_key, is_label, key_of
from importer.sandbox.answers import Answer, faulty_body, json_answer, missing
from importer.sandbox.calls import Call
from importer.sandbox.forms import Faulty, Form, read_short_text, read_text
from importer.sandbox.pages import newest_first, page_answer
from importer.sandbox.records import Field
from importer.sandbox.service import Service


def get(service: Service, call: Call) -> Answer:
    """All fields, or the one with `?key=`."""
    key = call.query.get("key", "")
    fields = [field for field in service.store.fields.values() if not key or field.key == key]
    shown, marks, cursor, more = newest_first(call, [(field.id, show(field)) for field in fields])
    return page_answer(call, shown, marks, cursor, more=more)


def post(service: Service, call: Call) -> Answer:
    """Make a field, or change the one with `?key=`."""
    if "key" not in call.query:
        return json_answer(201, show(make_field(service, call.payload())))
    field = service.store.fields.get(call.query["key"])
    if field is None:
        raise missing()
    label, value_type = _read(service, call.payload(), field)
    field.label, field.value_type = label, value_type
    service.store.save_field(field)
    return json_answer(200, show(field))


def make_field(service: Service, body: Mapping[str, object]) -> Field:
    """A new field; `Refused` if it cannot be."""
    label, value_type = _read(service, body, None)
    count = len(service.store.fields)
    if count >= WORKSPACE_FIELDS:
        raise faulty_body(
            f"This org has {count} contact fields and the limit is {WORKSPACE_FIELDS}."
            " You must delete existing ones before you can create new ones."
        )
    return service.store.add_field(key_of(label), label, value_type, service.clock())


def show(field: Field) -> dict[str, object]:
    """As the server shows it."""
    return {"key": field.key, "label": field.label, "value_type": field.value_type, "pinned": False}


def _read(service: Service, body: Mapping[str, object], changed: Field | None) -> tuple[str, str]:
    others = [field for field in service.store.fields.values() if field is not changed]

    def read_label(value: object) -> str:
        label = read_short_text(value, LABEL_MAX)
        if any(field.label.lower() == label.lower() for field in others):
            raise Faulty("This field must be unique.")
        if not is_label(label):
            raise Faulty("Can only contain letters, numbers and hypens.")
        key = key_of(label)
        if not is_key(key):
            raise Faulty(f'Generated key "{key}" is invalid or a reserved name.')
        if any(field.key == key for field in others):
            raise Faulty(f'Generated key "{key}" is already in use.')
        return label

    form = Form(body)
    label = form.required("label", read_label, "")
    value_type = form.required("value_type", _read_type, "")
    form.close()
    return label, value_type


def _read_type(value: object) -> str:
    value_type = read_text(value)
    if value_type not in VALUE_TYPES:
        raise Faulty(f'"{value_type}" is not a valid choice.')
    return value_type
