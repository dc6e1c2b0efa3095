"""Refusals: what a 400 means, told by the keys of its body and the few strings to know. Pure."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from importer.errors import Rejected


class Refusal(StrEnum):
    """Why the server will not do it; the weightiest first."""

    SUSPENDED = "suspended"  # the workspace takes no writes
    NOT_SETTLED = "not-settled"  # a field or group just made; nothing was done, repeat in some seconds
    URN_TAKEN = "urn-taken"  # a URN belongs to another contact, or stands there twice
    CONTACT_UNKNOWN = "contact-unknown"
    CONTACT_NOT_ACTIVE = "contact-not-active"  # blocked, stopped or archived: joins no group
    GROUP_DYNAMIC = "group-dynamic"
    GROUP_UNKNOWN = "group-unknown"
    FIELD_UNKNOWN = "field-unknown"
    EXISTS = "exists"  # a field or group of this name
    KEY_UNUSABLE = "key-unusable"  # the key made of a label is taken, reserved or not valid
    FULL = "full"  # no room for one more field or group
    OTHER = "other"


class Refused(Struct, frozen=True):
    """One thing that the server holds against a request.

    key: of the body, with a point where it goes deeper: "name", "urns.1", "fields.age"; "" for none.
    names: what it is about, as far as the server says: contacts (uuid or URN), groups, field keys.
    sentence: the server's words.
    """

    why: Refusal
    key: str
    names: tuple[str, ...] = ()
    sentence: str = ""


class _Mark(Struct, frozen=True):
    """How one is recognised: the body's key and the beginning of the sentence; the names follow it."""

    why: Refusal
    keys: tuple[str, ...]
    pattern: re.Pattern[str]


def _mark(why: Refusal, keys: str, pattern: str) -> _Mark:
    return _Mark(why, tuple(keys.split()), re.compile(pattern, re.DOTALL))


_MARKS = (
    _mark(Refusal.URN_TAKEN, "urns", r"URN belongs to another contact"),
    _mark(Refusal.URN_TAKEN, "error", r"URNs in use by other contacts"),
    _mark(Refusal.NOT_SETTLED, "error", r"unknown contact field '(?P<names>[^']*)'"),
    _mark(Refusal.NOT_SETTLED, "error", r"unknown contact group '(?P<names>[^']*)'"),
    _mark(Refusal.FIELD_UNKNOWN, "fields", r"Invalid contact field key: (?P<names>.*)"),
    _mark(Refusal.GROUP_UNKNOWN, "groups group", r"No such object: (?P<names>.*)"),
    _mark(Refusal.CONTACT_UNKNOWN, "contacts", r"No such object: (?P<names>.*)"),
    _mark(Refusal.GROUP_DYNAMIC, "groups group", r"Contact group must not be dynamic: (?P<names>.*)"),
    _mark(Refusal.EXISTS, "label name", r"This field must be unique"),
    _mark(Refusal.KEY_UNUSABLE, "label", r'Generated key "(?P<names>[^"]*)"'),
    _mark(Refusal.FULL, "non_field_errors", r"This org has \d+ (contact fields|groups) and the limit is"),
    _mark(
        Refusal.CONTACT_NOT_ACTIVE,
        "non_field_errors",
        r"Non-active contacts cannot be added to groups(: (?P<names>.*))?",
    ),
)

_CREATES = ("create_contact", "create_field", "create_group")


def refusals(error: Rejected) -> tuple[Refused, ...]:
    """All that the server holds against the request, the weightiest first; never empty."""
    found = [_recognise(key, sentence, error.call) for key, sentence in sentences(error.body)]
    order = list(Refusal)
    return tuple(sorted(found, key=lambda one: order.index(one.why))) or (Refused(Refusal.OTHER, ""),)


def refusal(error: Rejected) -> Refused:
    """The weightiest of `refusals`."""
    return refusals(error)[0]


def in_words(error: Rejected) -> str:
    """The server's own sentences on one line, each behind its key; "" if it sent none."""
    told = sentences(error.body)
    words = "; ".join(sentence if key in _WHOLE else f"{key}: {sentence}" for key, sentence in told)
    return " ".join(words.split())


_WHOLE = ("detail", "error", "non_field_errors")
"""Keys of the answer's own, not of the body's."""


def sentences(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The sentences of a refusal, each with the place in the body that it is about ("urns.1")."""
    for key, value in body.items():
        yield from _within(key, value)


def _within(key: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield key, " ".join(value.split())
        case list():
            for item in value:
                yield from _within(key, item)
        case dict():
            for inner, item in value.items():
                yield from _within(f"{key}.{inner}", item)
        case _:
            pass


def _recognise(key: str, sentence: str, call: str) -> Refused:
    top = key.partition(".")[0]
    for mark in _MARKS:
        if top in mark.keys and (match := mark.pattern.match(sentence)):
            return Refused(mark.why, key, _names(mark.why, match.groupdict().get("names") or ""), sentence)
    if top == "non_field_errors" and call in _CREATES:
        # our bodies are objects, so of all that stands under this key only this is left for something new
        return Refused(Refusal.SUSPENDED, key, (), sentence)
    return Refused(Refusal.OTHER, key, (), sentence)


def _names(why: Refusal, text: str) -> tuple[str, ...]:
    # only the uuids of contacts come as a list; a comma may belong to the name of a group
    parts = text.split(",") if why is Refusal.CONTACT_NOT_ACTIVE else [text]
    return tuple(name for name in (part.strip() for part in parts) if name)
