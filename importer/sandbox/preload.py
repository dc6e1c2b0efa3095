"""Filling a new workspace from a JSON file.

`{"fields": [{label or key, value_type}], "groups": [name or {name}], "contacts": [{name, language, urns,
groups, fields}]}`, and perhaps `name`, `country`, `timezone`, `date_style` of the workspace. All of it may be
as the API shows it; what nobody can write (uuids, times) is ignored.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from importer.errors import Unusable
from importer.issues import Phrase
from importer.platform import VALUE_TYPES, is_key
from importer.sandbox.actions import set_status
from importer.sandbox.answers import Refused
from importer.sandbox.contacts import make_contact
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group
from importer.sandbox.hooks import Unfit, make_dynamic_group
from importer.sandbox.records import BLOCKED, STOPPED
from importer.sandbox.service import Service

FACTS = ("name", "country", "timezone", "date_style")
PARTS = ("fields", "groups", "contacts")
CONTACT_KEYS = ("name", "language", "urns", "groups", "fields", "blocked", "stopped")
IGNORED = {
    "fields": ("pinned", "featured", "type", "usages"),
    "groups": ("uuid", "status", "count", "dynamic", "system"),
    "contacts": ("uuid", "created_on", "modified_on", "last_seen_on", "status", "flow"),
}
"""What answers of the API hold, but nobody can write."""


class Preload:
    """The content of a preload file, its outline checked.

    Raises:
        Unusable: sandbox-preload-unreadable, sandbox-preload-invalid.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            content = json.loads(path.read_text("utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise Unusable("sandbox-preload-unreadable", path=str(path), reason=str(error)) from error
        if not isinstance(content, dict):
            raise self._invalid("$", Phrase("preload.object"))
        for key, value in content.items():
            if key in PARTS and not isinstance(value, list):
                raise self._invalid(key, Phrase("preload.list"))
            if key in FACTS and not isinstance(value, str):
                raise self._invalid(key, Phrase("preload.text"))
        self._content: Mapping[str, object] = content

    @property
    def facts(self) -> dict[str, str]:
        """What the file says of the workspace itself."""
        return {key: str(self._content[key]) for key in FACTS if key in self._content}

    def fill(self, service: Service) -> None:
        """Make every field, group and contact of the file, all or nothing.

        They are older than the sandbox, so they are known at once to the writer of contacts.
        """
        settle_s, service.settle_s = service.settle_s, 0.0
        clock, service.clock = service.clock, lambda: clock() - settle_s
        try:
            with service.store.transaction():
                self._each("fields", lambda item: self._field(service, item))
                self._each("groups", lambda item: self._group(service, item))
                self._each("contacts", lambda item: self._contact(service, item))
        finally:
            service.settle_s, service.clock = settle_s, clock

    def _each(self, part: str, make: Callable[[dict[str, object]], None]) -> None:
        for place, item in self._items(part):
            try:
                make({key: value for key, value in item.items() if key not in IGNORED[part]})
            except Refused as refused:
                raise self._invalid(place, refused.answer.content.decode()) from None
            except _Misfit as misfit:
                raise self._invalid(place, misfit.phrase) from None
            except Unfit as error:
                raise self._invalid(place, str(error)) from None

    def _items(self, part: str) -> Iterator[tuple[str, dict[str, object]]]:
        items = self._content.get(part, [])
        for place, item in enumerate(items if isinstance(items, list) else []):
            if part == "groups" and isinstance(item, str):
                yield f"{part}[{place}]", {"name": item}
            elif isinstance(item, dict):
                yield f"{part}[{place}]", item
            else:
                raise self._invalid(f"{part}[{place}]", Phrase("preload.object"))

    def _field(self, service: Service, item: dict[str, object]) -> None:
        _only(item, ("key", "label", "value_type"))
        key, value_type = item.get("key"), item.get("value_type", "text")
        label = item.get("label", key)
        if not isinstance(key, str) or "label" not in item:
            make_field(service, {"label": label, "value_type": value_type})
        elif not is_key(key) or key in service.store.fields or value_type not in VALUE_TYPES:
            raise _Misfit(Phrase("preload.field"))
        else:
            # its label may have been changed since it was made, so the key does not follow from it
            service.store.add_field(key, str(label), str(value_type), service.clock())

    def _group(self, service: Service, item: dict[str, object]) -> None:
        _only(item, ("name", "query"))
        if item.get("query"):
            make_dynamic_group(service, item.get("name"), item["query"])
        else:
            make_group(service, {"name": item.get("name")})

    def _contact(self, service: Service, item: dict[str, object]) -> None:
        _only(item, CONTACT_KEYS)
        body = {key: value for key, value in item.items() if key not in ("blocked", "stopped")}
        if isinstance(groups := body.get("groups"), list):
            dynamic = {group.name for group in service.store.groups.values() if group.query is not None}
            names = [group.get("name") if isinstance(group, dict) else group for group in groups]
            body["groups"] = [name for name in names if name not in dynamic]
        contact = make_contact(service, body)
        for key, status in (("blocked", BLOCKED), ("stopped", STOPPED)):
            if item.get(key):
                set_status(service, contact, status)

    def _invalid(self, place: str, reason: Phrase | str) -> Unusable:
        return Unusable("sandbox-preload-invalid", path=str(self._path), place=place, reason=reason)


class _Misfit(ValueError):
    """An item of the file cannot be; `phrase` says why."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.key)
        self.phrase = phrase


def _only(item: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in item:
        if key not in keys:
            raise _Misfit(Phrase("preload.key", {"key": key, "known": ", ".join(keys)}))
