"""The other road: decisions → rows of the platform's own import form, and what that form cannot say. Pure.

The platform's own import is not throttled; it takes workbooks of up to 25,000 records with a header row of
Contact UUID, Name, Language, URN:…, Field:…. A blank cell leaves a value, `--` clears it. It cannot put each row into
groups of its own, take anything away from lists, or say what became of a row; `run --after-convert` does that. All
contacts of a file can be put into a group, so that rows of the same groups may have files of their own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from importer import platform
from importer.cells import CLEAR
from importer.layout import LANGUAGE, NAME, UUID, widest
from importer.model import LEAVE, Field, Record
from importer.options import Options
from importer.steps import Body, CreateContact, Decision, UpdateContact
from importer.urns import is_plain

SEQUENCE = 250
"""So many numbers in sequence in one import make the platform take an unverified workspace for a spammer's."""
SETS_MAX = 20
"""Combinations of groups that get files of their own, each of which somebody has to upload by hand."""

Groups = tuple[str, ...]
"""Names that a contact is to join, in order; two spellings of one are two."""


class Entry(Struct, frozen=True):
    """A record of the platform's own import. uuid: of a contact that is there; None: it is to be made.

    cells: by attribute (name, language, field:KEY). urns: of a new contact all; of another all that it shall have, or
    none where they stay. groups: to be joined. rest: whether something else is left for afterwards.
    """

    row: int
    uuid: str | None
    cells: Mapping[str, str]
    urns: tuple[str, ...]
    rest: bool
    groups: Groups = ()


def entry_of(decision: Decision) -> Entry | None:
    """The record of a row; None: nothing of it can take this road (or there is nothing to do)."""
    step = decision.step
    if not isinstance(step, CreateContact | UpdateContact) or decision.record.wanted.action != "upsert":
        return None
    uuid = step.contact.uuid if isinstance(step, UpdateContact) else None
    urns = _urns_of(step)
    if uuid is None and not urns:  # nobody could say which contact it made
        return None
    said = dict(_values(step.body))
    cells = {attribute: text for attribute, text in said.items() if text is not None}
    if not cells and not urns:
        return None
    joined = step.body.get("groups")
    groups = [*(map(str, joined) if isinstance(joined, list) else ())]
    groups += [member.group for member in decision.memberships if member.joins]
    is_whole = len(cells) == len(said) and all(member.joins for member in decision.memberships)
    rest = not is_whole or ("urns" in step.body and not urns)
    return Entry(decision.record.row, uuid, cells, urns, rest, tuple(sorted(groups)))


def entry_of_record(record: Record, options: Options) -> Entry | None:
    """The record of a row of which nobody knows whether its contact is there: all that the row says.

    None: nothing of it can take this road, or only a workspace that is known could tell.
    """
    wanted = record.wanted
    urns = wanted.urns if all(map(is_plain, wanted.urns)) else ()
    if record.status != "valid" or wanted.action != "upsert" or not (urns or wanted.uuid):
        return None
    body: Body = {"fields": dict(wanted.fields)}
    body |= {key: value for key in ("name", "language") if (value := getattr(wanted, key)) is not LEAVE}
    said = dict(_values(body))
    cells = {attribute: text for attribute, text in said.items() if text is not None}
    if not cells and not urns:
        return None
    leaves = (
        wanted.clear_groups
        or bool(wanted.groups_left)
        or (options.groups_mode == "replace" and bool(wanted.groups))
    )
    rest = len(cells) < len(said) or leaves or urns != wanted.urns or options.urns_mode == "replace"
    return Entry(record.row, wanted.uuid, cells, urns, rest, tuple(sorted(wanted.groups)))


def with_files(combinations: Counter[Groups], most: int = SETS_MAX) -> frozenset[Groups]:
    """The combinations that get files of their own: those of the most contacts."""
    return frozenset(groups for groups, _ in combinations.most_common(most))


def _values(body: Body) -> Iterator[tuple[str, str | None]]:
    """What a body says by attribute, as a cell says it; None where a cell would clear the value instead."""
    values: dict[str, object] = {name: body[name] for name in ("name", "language") if name in body}
    fields = body.get("fields")
    for key, value in fields.items() if isinstance(fields, dict) else ():
        values[f"field:{key}"] = value
    for attribute, value in values.items():
        yield attribute, CLEAR if value is None else None if value == CLEAR else str(value)


def _urns_of(step: CreateContact | UpdateContact) -> tuple[str, ...]:
    """The URNs of a step; none where that form cannot say one of them, or would have to take one away."""
    listed = step.body.get("urns")
    urns = tuple(map(str, listed)) if isinstance(listed, list) else ()
    only_adds = isinstance(step, CreateContact) or set(step.contact.urns) <= set(urns)
    return urns if only_adds and all(map(is_plain, urns)) else ()


def needs_afterwards(decision: Decision) -> bool:
    """Whether the API has something to do for a row though no record is made of it."""
    return bool(decision.step or decision.memberships or decision.act)


class ImportForm:
    """The header row and the rows of one kind of files: new contacts, or contacts that are there.

    entries: all of them, gone through once. fields: of the workspace and new ones, by key.
    """

    def __init__(self, entries: Iterable[Entry], fields: Mapping[str, Field]) -> None:
        self._attributes: dict[str, None] = {}
        self._shape: dict[str, int] = {}
        self._has_uuid = False
        for entry in entries:
            self._has_uuid = self._has_uuid or entry.uuid is not None
            self._attributes |= dict.fromkeys(entry.cells)
            self._shape = widest((self._shape, _schemes(entry.urns)))
        self._fields = [key for key in self._attributes if key.startswith("field:")]
        self._labels = {f"field:{key}": field.label or key for key, field in fields.items()}
        self._schemes = [scheme for scheme in platform.WRITABLE_SCHEMES if self._shape.get(scheme)]

    @property
    def headers(self) -> tuple[str, ...]:
        """The header row: no cell of it is blank."""
        return (
            *([UUID] if self._has_uuid else []),
            *(
                header
                for header, name in ((NAME, "name"), (LANGUAGE, "language"))
                if name in self._attributes
            ),
            *(f"URN:{scheme}" for scheme in self._schemes for _ in range(self._shape[scheme])),
            *(f"Field:{self._labels.get(key, key.removeprefix('field:'))}" for key in self._fields),
        )

    def cells(self, entry: Entry) -> list[str | None]:
        """The cells of a record, one for each header; all are texts, so that none is calculated or rounded."""
        by_scheme: dict[str, list[str]] = {scheme: [] for scheme in self._schemes}
        for urn in entry.urns:
            scheme, _, path = urn.partition(":")
            by_scheme[scheme].append(path)
        names = [name for name in ("name", "language") if name in self._attributes]
        return [
            *([entry.uuid] if self._has_uuid else []),
            *(entry.cells.get(name) for name in names),
            *(
                cell
                for scheme, paths in by_scheme.items()
                for cell in (*paths, *[None] * (self._shape[scheme] - len(paths)))
            ),
            *(entry.cells.get(key) for key in self._fields),
        ]


def sequences(urns: Iterable[str], least: int = SEQUENCE) -> Iterator[tuple[str, str]]:
    """First and last of each run of so many phone numbers or more that follow each other."""
    numbers = sorted({number for urn in urns if (number := _number(urn))})
    begin = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            if at - begin >= least:
                yield f"+{numbers[begin]}", f"+{numbers[at - 1]}"
            begin = at


def _number(urn: str) -> int:
    """The number of a phone, 0 of any other URN."""
    scheme, _, path = urn.partition(":")
    digits = path.removeprefix("+")
    return int(digits) if scheme in platform.PHONE_SCHEMES and digits.isascii() and digits.isdecimal() else 0


def _schemes(urns: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for urn in urns:
        scheme = urn.partition(":")[0]
        counts[scheme] = counts.get(scheme, 0) + 1
    return counts
