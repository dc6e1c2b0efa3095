"""The client: one method for each thing that the platform's API does."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Self, TypeVar

from msgspec.structs import replace

from importer import model, platform
from importer.api import wire
from importer.api.address import at_home
from importer.api.calls import Call, Repeat, Reply, Requests
from importer.api.exchange import Exchange
from importer.api.lending import Lending
from importer.api.pace import Log, Pace
from importer.api.refusal import Refusal, refusal
from importer.api.waits import Waiter
from importer.api.wire import ContactJson, FieldJson, GroupJson, Item, PageJson, WorkspaceJson
from importer.errors import Failing, Rejected, Unavailable

SCOPES = ("contacts", "other")

T = TypeVar("T")
Json = TypeVar("Json")
Body = Mapping[str, object]


class Client:
    """One workspace, as the server shows it. Safe to share between threads; a context manager.

    Beside what they say, all methods raise NotAllowed, Unavailable, Unusable (not the platform's API),
    Interrupted; those that write also Rejected and Failing, and those that make something Unsettled.
    """

    def __init__(
        self,
        http: Lending,
        base: str,
        waiter: Waiter,
        *,
        headers: Mapping[str, str] | None = None,
        settle_s: float,
        per_hour: int,
        logs: Mapping[str, Log] | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._http = http
        self._on_close = on_close
        self._base = base
        self.clock, self.settle_s = waiter.clock, settle_s
        self._paces = {
            scope: Pace(
                per_hour,
                clock=waiter.clock,
                wait=partial(waiter.wait, scope=scope),
                log=(logs or {}).get(scope),
                whole=platform.REQUESTS_PER_HOUR,
            )
            for scope in SCOPES
        }
        self._exchange = Exchange(http, base, headers or {}, waiter, self._paces, settle_s, random.random)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        self._on_close()

    @property
    def url(self) -> str:
        """The address of the API."""
        return self._base

    @property
    def requests(self) -> Requests:
        """Reads and writes that really left, repeats included."""
        return self._exchange.requests

    def time_for(self, scope: str, requests: int) -> float:
        """Seconds until so many more requests of a budget ("contacts" or "other") may have left.

        The two budgets run side by side. What sending takes is not in it.
        """
        return self._paces[scope].time_for(requests)

    # ----------------------------------------------------------------------------- workspace, fields, groups

    def workspace(self) -> model.Workspace:
        """The workspace, without its fields and groups."""
        return self._read(Call("workspace", "GET", "workspace"), WorkspaceJson).word()

    def list_fields(self) -> list[model.Field]:
        """All fields, newest first."""
        return [one.word() for one in self._list(Call("list_fields", "GET", "fields"), PageJson[FieldJson])]

    def create_field(self, label: str, value_type: str) -> model.Field:
        """Make a field; the server makes its key."""
        call = Call(
            "create_field", "POST", "fields",
            body={"label": label, "value_type": value_type}, repeat=Repeat.NEVER, makes_fresh=True,
        )  # fmt: skip
        return self._read(call, FieldJson).word()

    def update_field(self, key: str, label: str, value_type: str) -> model.Field:
        """Change label and type of a field; Missing if there is none of this key."""
        call = Call(
            "update_field", "POST", "fields", {"key": _named(key)},
            body={"label": label, "value_type": value_type}, makes_fresh=True,
        )  # fmt: skip
        return self._read(call, FieldJson).word()

    def list_groups(self) -> list[model.Group]:
        """All groups, newest first."""
        return [one.word() for one in self._list(Call("list_groups", "GET", "groups"), PageJson[GroupJson])]

    def create_group(self, name: str) -> model.Group:
        """Make a group. Never call it twice at once for one name: there may be two groups then."""
        call = Call(
            "create_group", "POST", "groups", body={"name": name}, repeat=Repeat.NEVER, makes_fresh=True
        )
        return self._read(call, GroupJson).word()

    def rename_group(self, uuid: str, name: str) -> model.Group:
        """Rename a group; Missing if there is none."""
        call = Call(
            "rename_group", "POST", "groups", {"uuid": _named(uuid)}, body={"name": name}, makes_fresh=True
        )
        return self._read(call, GroupJson).word()

    def delete_group(self, uuid: str) -> None:
        """Delete a group, its members stay contacts; Missing if there is none."""
        query = {"uuid": _named(uuid)}
        self._do(Call("delete_group", "DELETE", "groups", query, repeat=Repeat.UNTIL_GONE))

    # --------------------------------------------------------------------------------------------- contacts

    def contact_pages(
        self,
        *,
        limit: int = platform.BIG_PAGE,
        reverse: bool = True,
        after: str | None = None,
        before: str | None = None,
        group: str | None = None,
        deleted: bool = False,
    ) -> Iterator[list[model.Contact]]:
        """Walk over contacts by their modified_on; pages may be smaller than `limit`.

        reverse: the oldest change first: a contact changed meanwhile comes twice. Otherwise it is missed.
        after, before: ISO 8601, the moment itself included. group: name or uuid.
        deleted: those that were deleted, as empty shells, instead.
        """
        filters = {"after": after, "before": before, "group": group}
        query = {key: _named(value) for key, value in filters.items() if value is not None}
        query |= {"reverse": "true"} if reverse else {}
        query |= {"deleted": "true"} if deleted else {}
        for page in self._contact_pages(query, limit):
            yield [one.word() for one in page.results]

    def newest_contacts(self, limit: int) -> tuple[list[model.Contact], bool]:
        """A page of the contacts changed last, the latest first, and whether these are all."""
        page = next(self._contact_pages({}, limit))
        return [one.word() for one in page.results], page.next is None

    def _contact_pages(self, query: Mapping[str, str], limit: int) -> Iterator[PageJson[ContactJson]]:
        begun = False
        try:
            for page in self._pages(_listing(query, limit), PageJson[ContactJson]):
                begun = True
                yield page
        except Failing as error:
            if begun or limit <= platform.PAGE:
                raise self._unavailable(error) from None
            # a page as large as this may be what the server cannot manage
            yield from self._contact_pages(query, platform.PAGE)

    def find_contact(self, *, uuid: str | None = None, urn: str | None = None) -> model.Contact | None:
        """The contact with this uuid or URN, or None. Rejected if the URN's scheme is none."""
        query = _one_of(uuid, urn) | {"limit": "2"}

        def read(reply: Reply) -> model.Contact | None:
            found = wire.read(PageJson[ContactJson], reply.content).results
            if len(found) > 1:  # something on the way has dropped our query
                raise ValueError(len(found))
            return found[0].word() if found else None

        return self._ask(Call("find_contact", "GET", "contacts", query), read)

    def create_contact(self, body: Body) -> model.Contact:
        """Make a contact."""
        call = Call("create_contact", "POST", "contacts", body=body, repeat=Repeat.NEVER, uses_fresh=True)
        return self._read(call, ContactJson).word()

    def update_contact(self, uuid: str, body: Body) -> model.Contact:
        """Change what `body` names; Missing if there is no such contact."""
        query = {"uuid": _named(uuid)}
        return self._read(
            Call("update_contact", "POST", "contacts", query, body=body, uses_fresh=True), ContactJson
        ).word()

    def upsert_contact(self, urn: str, body: Body) -> tuple[model.Contact, bool]:
        """Change the contact with this URN or make it, and whether it was made.

        Unsettled: sending it again does no harm, but would no longer tell whether it was made.
        """

        def read(reply: Reply) -> tuple[model.Contact, bool]:
            return wire.read(ContactJson, reply.content).word(), reply.status == 201

        call = Call(
            "upsert_contact", "POST", "contacts", {"urn": _named(urn)},
            body=body, repeat=Repeat.NEVER, uses_fresh=True,
        )  # fmt: skip
        try:
            return self._exchange.perform(call, read)
        except Rejected as error:
            if refusal(error).why is not Refusal.URN_TAKEN:
                raise
            return self._exchange.perform(call, read)  # somebody else made it in the same moment

    def delete_contact(self, *, uuid: str | None = None, urn: str | None = None) -> None:
        """Delete a contact. Missing if there is none; a deleted one counts as one by uuid, not by URN."""
        query = _one_of(uuid, urn)
        self._do(Call("delete_contact", "DELETE", "contacts", query, repeat=Repeat.UNTIL_GONE))

    def contact_action(self, action: str, contacts: Sequence[str], group: str | None = None) -> None:
        """Do something to up to 100 contacts (uuids or URNs), all or none.

        action: add or remove with a group (name or uuid); block, unblock, interrupt, archive,
        archive_messages, delete without one. Unsettled comes of "delete" only.
        """
        if len(contacts) > platform.BATCH:
            raise ValueError(len(contacts))
        body: dict[str, object] = {"contacts": list(contacts), "action": action}
        body |= {} if group is None else {"group": group}
        # a deleted contact in it is a refusal of the whole
        repeat = Repeat.NEVER if action == "delete" else Repeat.FREELY
        self._do(Call("contact_action", "POST", "contact_actions", body=body, repeat=repeat, uses_fresh=True))

    # ---------------------------------------------------------------------------------------------- reading

    def _read(self, call: Call, shape: type[Json]) -> Json:
        return self._ask(call, lambda reply: wire.read(shape, reply.content))

    def _do(self, call: Call) -> None:
        self._ask(call, _nothing)

    def _ask(self, call: Call, read: Callable[[Reply], T]) -> T:
        try:
            return self._exchange.perform(call, read)
        except Failing as error:
            if call.method != "GET":
                raise
            raise self._unavailable(error) from None  # there is no other row to go on with

    def _list(self, call: Call, shape: type[PageJson[Item]]) -> Iterator[Item]:
        try:
            for page in self._pages(call, shape):
                yield from page.results
        except Failing as error:
            raise self._unavailable(error) from None

    def _pages(self, call: Call, shape: type[PageJson[Item]]) -> Iterator[PageJson[Item]]:
        def read(reply: Reply) -> tuple[PageJson[Item], str | None]:
            page = wire.read(shape, reply.content)
            return page, None if page.next is None else at_home(page.next, self._base)

        seen: set[str] = set()
        while True:
            page, address = self._exchange.perform(call, read)
            yield page
            if address is None:
                return
            if address in seen:  # a walk in a circle would never end
                raise Unavailable("unavailable-garbled", host=self._exchange.host)
            seen.add(address)
            call = replace(call, query={}, address=address)

    def _unavailable(self, error: Failing) -> Unavailable:
        return Unavailable(f"unavailable-{error.details['fault']}", host=self._exchange.host, **error.details)


def _listing(query: Mapping[str, str], limit: int) -> Call:
    return Call("contact_pages", "GET", "contacts", {**query, "limit": str(limit)})


def _nothing(reply: Reply) -> None:
    if reply.content.strip():
        raise ValueError(reply.status)


def _named(value: str) -> str:
    """The same; an empty filter would be ignored, and mean everything."""
    if not value.strip():
        raise ValueError(value)
    return value


def _one_of(uuid: str | None, urn: str | None) -> dict[str, str]:
    match uuid, urn:
        case str(), None:
            return {"uuid": _named(uuid)}
        case None, str():
            return {"urn": _named(urn)}
        case _:
            raise ValueError("either uuid or urn")
