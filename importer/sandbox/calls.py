"""A request as the endpoints see it: query, and the body as one object."""

import json
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qsl

from msgspec import Struct

from importer.sandbox.answers import JSON_TYPE, detail, faulty_body

FORM_TYPE = "application/x-www-form-urlencoded"
LISTS = ("urns", "groups", "contacts")
"""Keys of a form that may stand in it more than once."""


class Call(Struct, frozen=True):
    """One request. query: the last of equal names. address: whole, without the query."""

    method: str
    address: str
    query: Mapping[str, str]
    content_type: str = ""
    content: bytes = b""

    def payload(self) -> Mapping[str, object]:
        """The object in the body; {} where there is none.

        Raises:
            Refused: no JSON or form, broken, not UTF-8, or no object.
        """
        if not self.content:
            return {}
        media_type = self.content_type.partition(";")[0].strip().lower()
        if media_type == JSON_TYPE:
            return _read_json(self.content)
        if media_type == FORM_TYPE:
            return _read_form(self.content)
        raise detail(415, f'Unsupported media type "{self.content_type}" in request.')


def read_query(query: bytes) -> dict[str, str]:
    """The parameters of an address; of equal names the last counts."""
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


def _no_constant(name: str) -> NoReturn:
    message = f"Out of range float values are not JSON compliant: {name}"
    raise ValueError(message)


def _read_json(content: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise detail(400, f"JSON parse error - {error}") from None
    if not isinstance(value, dict):
        raise faulty_body(f"Invalid data. Expected a dictionary, but got {type(value).__name__}.")
    return value


def _read_form(content: bytes) -> Mapping[str, object]:
    """A form: lists by repetition, values of fields as `fields[key]`."""
    body: dict[str, object] = {}
    items: dict[str, list[str]] = {}
    values: dict[str, str] = {}
    for key, value in parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True):
        if key in LISTS:
            items.setdefault(key, []).append(value)
        elif key.startswith("fields[") and key.endswith("]"):
            values[key[7:-1]] = value
        else:
            body[key] = value
    return {**body, **items, **({"fields": values} if values else {})}
