"""Targets as text: the grammar of mapping files, and the labels and keys that fields may have."""

import re
import unicodedata
from typing import Any

from importer.model import TARGET_KINDS, Target
from importer.platform import (
    LABEL_MAX,
    RESERVED_KEYS,
    VALUE_TYPES,
    WRITABLE_SCHEMES,
    is_group_name,
    is_key,
    is_label,
    key_of,
)

PHONE = Target("urn", "tel", plain=True)
"""A phone column that names no scheme; mapping files call it `phone`."""
IGNORE = Target("ignore")

_SIMPLE = frozenset(TARGET_KINDS) - {"urn", "group", "field"}


class TargetRefused(ValueError):
    """A text is no target. `key`: target, scheme, group-name, field-key, field-reserved or value-type.

    entry: the line of a mapping file that has it, where that is not the text itself.
    """

    def __init__(self, key: str, value: str, **details: object) -> None:
        super().__init__(key)
        self.key = key
        self.entry = ""
        self.details: dict[str, Any] = {"value": value, **details}


def parse_target(text: str) -> Target:
    """The target that a mapping file names.

    One of: name, name.first, name.middle, name.last, language, uuid, urn:SCHEME, urns, phone, tel.area,
    tel.country, groups, group:NAME, field:KEY, field:KEY:TYPE, action, ignore.

    Raises:
        TargetRefused: it is none of these, or no scheme, group or field can have that name.
    """
    kind, _, rest = (part.strip() for part in text.partition(":"))
    kind = kind.casefold()
    if not rest:
        if kind == "phone":
            return PHONE
        if kind in _SIMPLE:
            return Target(kind)
    elif kind == "urn":
        return _parse_urn(rest)
    elif kind == "group":
        if not is_group_name(rest):
            raise TargetRefused("group-name", rest)
        return Target("group", rest)
    elif kind == "field":
        return _parse_field(rest)
    raise TargetRefused("target", text)


def format_target(target: Target) -> str:
    """The text of which `parse_target` makes this target again (but for a field's label)."""
    if target.plain:
        return "phone"
    return f"{target}:{target.value_type}" if target.kind == "field" and target.value_type else str(target)


def split_type(text: str) -> tuple[str, str | None]:
    """("Age", "numeric") of "Age:numeric"; the type is None where none is named."""
    head, _, tail = text.rpartition(":")
    value_type = tail.strip().lower()
    return (head.strip(), value_type) if head.strip() and value_type in VALUE_TYPES else (text.strip(), None)


def plain_label(text: str) -> str:
    """`text` with only the characters that a label may have: without accents, others as blanks."""
    letters = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^A-Za-z0-9_ -]", " ", "".join(letters)).split())


def possible_label(text: str, letter: str) -> str:
    """A label near to `text` that a field can have; made of the column's letter where nothing is left."""
    label = plain_label(text)
    if not label[:1].isalpha():
        label = f"col {letter} {label}".strip()
    label = label[:LABEL_MAX].strip()
    return label if is_label(label) and is_key(key_of(label)) else f"col {letter}"


def label_for(key: str, header: str = "") -> str | None:
    """A label of which the server makes `key`: the header if it gives it; None if no label does."""
    for label in (plain_label(header), key.replace("_", " ").capitalize()):
        if key_of(label) == key and is_label(label):
            return label
    return None


def _parse_urn(scheme: str) -> Target:
    if scheme.lower() not in WRITABLE_SCHEMES:
        raise TargetRefused("scheme", scheme, schemes=", ".join(WRITABLE_SCHEMES))
    return Target("urn", scheme.lower())


def _parse_field(text: str) -> Target:
    key, colon, value_type = (part.strip() for part in text.partition(":"))
    if colon and value_type.lower() not in VALUE_TYPES:
        raise TargetRefused("value-type", value_type, types=", ".join(VALUE_TYPES))
    key = key.lower()
    if key in RESERVED_KEYS:
        raise TargetRefused("field-reserved", key)
    if not is_key(key):
        raise TargetRefused("field-key", key)
    return Target("field", key, value_type.lower() or None)
