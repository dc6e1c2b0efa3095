"""Lists on pages, joined by whole addresses that hold a cursor."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from msgspec import Struct

from importer.platform import PAGE
from importer.sandbox.answers import Answer, detail, json_answer
from importer.sandbox.calls import Call

T = TypeVar("T")
LONGEST_PAGE = 10**9


class Cursor(Struct, frozen=True):
    """A place in a list: beside the item whose sorting value is `mark`, after it or (backward) before it."""

    mark: int
    backward: bool = False

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{'p' if self.backward else 'n'}={self.mark}".encode()).decode()


def read_cursor(query: Mapping[str, str]) -> Cursor | None:
    """The cursor of an address; None for the first page.

    Raises:
        Refused: 404, one that this server never made.
    """
    text = query.get("cursor", "")
    if not text:
        return None
    try:
        plain = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        plain = ""
    match = re.fullmatch(r"([np])=(\d{1,18})", plain, re.ASCII)
    if match is None:
        raise detail(404, "Invalid cursor.")
    return Cursor(int(match[2]), match[1] == "p")


def read_limit(query: Mapping[str, str]) -> int:
    """How many contacts a page has; what is no number above 0 is ignored."""
    text = query.get("limit", "").strip()
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return PAGE
    return min(int(text), LONGEST_PAGE) if len(text) < 10 else LONGEST_PAGE


def page_answer(
    call: Call, results: Sequence[object], marks: tuple[int, int] | None, cursor: Cursor | None, *, more: bool
) -> Answer:
    """A page. marks: the sorting values of its first and last item. more: in the direction it was read."""
    backward = cursor is not None and cursor.backward
    has_next = more or backward
    has_previous = more if backward else cursor is not None
    if marks is None and cursor is not None:
        marks = cursor.mark, cursor.mark
    first, last = marks or (0, 0)
    return json_answer(
        200,
        {
            "next": _address(call, Cursor(last)) if has_next else None,
            "previous": _address(call, Cursor(first, backward=True)) if has_previous else None,
            "results": results,
        },
    )


def newest_first(
    call: Call, items: Sequence[tuple[int, T]]
) -> tuple[list[T], tuple[int, int] | None, Cursor | None, bool]:
    """One page of fields or groups, given by id, oldest first: items, marks, cursor, more or not."""
    cursor = read_cursor(call.query)
    if cursor is not None and cursor.backward:
        found = [item for item in items if item[0] > cursor.mark]
        chosen, more = found[:PAGE][::-1], len(found) > PAGE
    else:
        found = [item for item in reversed(items) if cursor is None or item[0] < cursor.mark]
        chosen, more = found[:PAGE], len(found) > PAGE
    marks = (chosen[0][0], chosen[-1][0]) if chosen else None
    return [item for _, item in chosen], marks, cursor, more


def _address(call: Call, cursor: Cursor) -> str:
    query = {**call.query, "cursor": str(cursor)}
    return f"{call.address}?{urlencode(query)}"
