"""What the user can choose, in one small object shared by the Python API, the command line and the page."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from importer.errors import Unusable
from importer.model import Action

DateOrder = Literal["dmy", "mdy", "ymd"]
PhoneScheme = Literal["tel", "whatsapp", "both"]
NinthDigit = Literal["match", "keep"]
"""Whether a Brazilian mobile number with its ninth digit and without it is one contact's, or two are meant."""


NO_COUNTRY = "none"
"""For `Options.country`: numbers without + or 00 are refused, whatever the workspace's country."""


class Options(Struct, frozen=True):
    """How a file is read, checked and imported. None: decided by the file or the workspace.

    country: ISO 3166, two letters, or "none". timezone: of the IANA database.
    decimal: "," or "."; date_order decides 03/04/2020 where a column alone does not.
    header_row: as a spreadsheet counts, from 1. groups: names that every contact of the file joins.
    new_fields: None creates those that a `Field:` header or the mapping names; "create" those of unknown
    headers too; "ignore" none (the column is left out); "error" none (the file is refused).
    after_convert: the platform's own import has brought the contacts; none of those is created again.
    strict: what would be repaired or assumed is an error. limit: the first so many rows.
    canary: how many of the first contacts are read back before the others are sent; None: some, where it takes long.
    verify: every contact that was written is read back afterwards.
    given: names of options that were chosen on purpose, be it the default.
    ninth_digit: "match", a Brazilian mobile number with it and without it is one contact's; "keep", it is two's.
    action: what is done with rows whose cells say nothing else. allow_delete: so many contacts may be deleted or
    blocked; None: as many as the plan shows to whoever confirms it.
    any_workspace: take the mapping file even if it was made for another workspace.
    preset: the name of the legacy export that the file is; "none" for none; None to recognise it.
    rate: requests an hour of each of the server's two budgets; None: all that it allows.
    corrections: a file with what people wrote over the cells; see `importer.corrections`.
    title: what the file is called in what is told; its path by default.
    language: of the sentences in the report: en, pt or es.
    mirror: keep a copy of the workspace's contacts on this machine, so that the next run reads only what changed.
    mirror_max_age_s: one that was listed as a whole longer ago, in seconds, is made anew.
    """

    country: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    decimal: Literal[",", "."] | None = None
    sheet: str | None = None
    header_row: int | None = None
    mapping: Path | None = None
    any_workspace: bool = False
    corrections: Path | None = None
    preset: str | None = None
    phone_scheme: PhoneScheme = "tel"
    ninth_digit: NinthDigit = "match"
    groups: tuple[str, ...] = ()
    groups_mode: Literal["add", "replace"] = "add"
    urns_mode: Literal["add", "replace"] = "add"
    new_fields: Literal["create", "ignore", "error"] | None = None
    new_groups: Literal["create", "error"] = "create"
    duplicates: Literal["merge", "first", "last", "error"] = "merge"
    action: Action = "upsert"
    allow_delete: int | None = 0
    create_without_key: bool = False
    strict: bool = False
    after_convert: bool = False
    all_or_nothing: bool = False
    canary: int | None = None
    verify: bool = False
    limit: int | None = None
    rate: int | None = None
    output: Path | None = None
    title: str | None = None
    language: str = "en"
    mirror: bool = True
    mirror_max_age_s: float = 30 * 24 * 3600.0
    given: frozenset[str] = frozenset()

    @property
    def chosen(self) -> frozenset[str]:
        """Names of the options that somebody has chosen."""
        plain = Options()
        return self.given.union(
            name for name in self.__struct_fields__ if getattr(self, name) != getattr(plain, name)
        )

    def over(self, defaults: Mapping[str, object]) -> "Options":
        """These options, with those of `defaults` (by name) where nothing was chosen."""
        taken: dict[str, Any] = {name: value for name, value in defaults.items() if name not in self.chosen}
        return replace(self, **taken, given=self.given | taken.keys())


_UNITS_S = {"h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0}


def parse_age(text: str) -> float:
    """The seconds of an age such as 12h, 30d or 2w.

    Raises:
        Unusable: it is none.
    """
    match = re.fullmatch(r"([0-9]{1,5})\s*([hdw])", text.strip().lower())
    if match is None:
        raise Unusable("age-invalid", value=text)
    return int(match[1]) * _UNITS_S[match[2]]


def _this_year() -> int:
    return datetime.now(UTC).year


class Locale(Struct, frozen=True):
    """How the cells of one file are to be read: the options joined with what the workspace says.

    country: None where a number must bring its country code. decimal, date_order: None, go by the value
    alone and refuse what could be read in two ways. this_year: two-digit years after it are 19xx.
    """

    country: str | None
    zone: tzinfo
    date_order: DateOrder | None = None
    decimal: Literal[",", "."] | None = None
    phone_scheme: PhoneScheme = "tel"
    this_year: int = field(default_factory=_this_year)
