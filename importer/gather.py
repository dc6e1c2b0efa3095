"""Reads all contacts of a workspace, or of one group, into a spool; cut off anywhere, it goes on from there."""

from collections.abc import Callable

from msgspec import Struct

from importer import platform
from importer.api import Client
from importer.journal.spool import Spool
from importer.layout import shape_of
from importer.model import Contact
from importer.options import Locale
from importer.survey import before_late


class Asked(Struct, frozen=True):
    """Which contacts are meant. group: its UUID. after: changed at this moment (ISO 8601) or later."""

    group: str | None = None
    after: str | None = None


def gather(
    client: Client,
    spool: Spool,
    asked: Asked,
    locale: Locale,
    on_read: Callable[[int], None] = lambda _: None,
) -> None:
    """Put all contacts that are asked for into the spool, none that has gone meanwhile.

    The oldest change comes first, so that a contact which is changed meanwhile comes again and is not missed.
    """
    begun = spool.noted("begun")
    if begun is None:
        begun = _newest(client)
        spool.note(begun=begun)
    until = spool.noted("until") or ""
    starts = [moment for moment in (asked.after, before_late(until)) if moment]
    pages = client.contact_pages(
        limit=platform.BIG_PAGE, reverse=True, after=max(starts, default=None), group=asked.group
    )
    for page in pages:
        until = max([until, *(contact.modified_on for contact in page)])
        spool.put(((contact, shape_of(contact, locale)) for contact in page), until=until)
        on_read(len(spool))
    _drop_gone(client, spool, asked, before_late(begun))


def _newest(client: Client) -> str:
    """When the latest change was, by the server's clock; "" where there is no contact."""
    page: list[Contact] = next(client.contact_pages(limit=1, reverse=False), [])
    return page[0].modified_on if page else ""


def _drop_gone(client: Client, spool: Spool, asked: Asked, since: str | None) -> None:
    """Forget contacts that were deleted, or left the group, since the reading began."""
    if asked.group:
        for page in client.contact_pages(after=since):
            spool.drop(c.uuid for c in page if asked.group not in {group.uuid for group in c.groups})
    for page in client.contact_pages(after=since, deleted=True):
        spool.drop(contact.uuid for contact in page)
