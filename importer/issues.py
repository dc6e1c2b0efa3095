"""Issues: what can be wrong with a file, a row or an import, and how bad each is.

An issue holds the facts; its sentences are made from `messages` when it is shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace


class Severity(StrEnum):
    """An error holds its row (or the whole file) back; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


_E, _W = Severity.ERROR, Severity.WARNING

CATALOGUE: dict[str, Severity] = {
    # the file as a whole
    "file-not-found": _E,
    "file-is-folder": _E,
    "file-not-allowed": _E,
    "file-empty": _E,
    "file-unreadable": _E,
    "file-encrypted": _E,
    "file-too-large": _E,
    "file-type-mismatch": _W,
    "no-records": _E,
    "header-missing": _E,
    "header-duplicate": _E,
    "header-empty": _W,
    "header-unknown": _W,
    "header-guessed": _W,
    "header-contradicted": _W,
    "mapping-column-missing": _W,
    "sheet-missing": _E,
    "sheet-choice": _W,
    "hidden-rows": _W,
    "hidden-columns": _W,
    "encoding-guessed": _W,
    "encoding-mixed": _W,
    "text-mojibake": _W,
    "cells-hold-delimited-text": _W,
    "no-key-column": _E,
    "only-key-column": _E,
    "urn-scheme-unknown": _E,
    "field-reserved": _E,
    "field-label-invalid": _E,
    "field-unknown": _E,
    "field-type-differs": _W,
    "field-type-possible": _W,
    "field-similar": _W,
    "too-many-fields": _E,
    "workspace-fields-full": _E,
    "workspace-groups-full": _E,
    # fields and groups, by hand or in sheets of their own
    "field-label-wrong": _E,
    "field-exists": _E,
    "field-missing": _E,
    "field-key-differs": _E,
    "field-type-unknown": _E,
    "field-type-changes": _W,
    "field-delete": _E,
    "fields-full": _E,
    "group-name-wrong": _E,
    "group-exists": _E,
    "group-missing": _E,
    "group-unclear": _E,
    "group-name-differs": _E,
    "definition-held": _E,
    "group-new-name-missing": _E,
    "group-new-name-unwanted": _E,
    "group-absent": _W,
    "group-query-lost": _W,
    "groups-full": _E,
    "definition-unread": _W,
    "definition-column": _W,
    "definition-no-name": _E,
    "definition-action": _E,
    "definition-repeated": _W,
    "definition-conflict": _E,
    "group-renamed": _E,
    "group-deleted": _E,
    "definitions-left-out": _W,
    # a row as a whole
    "row-no-key": _E,
    "row-conflict": _E,
    "row-repeated": _W,
    "row-left-out": _W,
    "row-held-back": _E,
    "row-too-long": _E,
    "row-too-short": _W,
    "row-repeats-header": _E,
    "quote-unbalanced": _E,
    "too-many-urns": _E,
    "too-many-groups": _E,
    # a cell
    "cell-error": _E,
    "formula-not-calculated": _E,
    "control-characters-removed": _W,
    "text-not-storable": _E,
    "clear-on-key": _E,
    "example-left": _E,
    "uuid-invalid": _E,
    "name-too-long": _E,
    "language-unknown": _E,
    "language-normalised": _W,
    "language-retired": _W,
    "phone-invalid": _E,
    "phone-no-country": _E,
    "phone-precision-lost": _E,
    "phone-from-number": _W,
    "phone-country-assumed": _W,
    "phone-missing-ninth-digit": _W,
    "urn-invalid": _E,
    "group-name-invalid": _E,
    "group-value-invalid": _E,
    "number-invalid": _E,
    "number-ambiguous": _E,
    "number-precision-lost": _E,
    "date-invalid": _E,
    "date-ambiguous": _E,
    "value-too-long": _E,
    "value-not-known": _E,
    "phone-country-unknown": _E,
    "action-unknown": _E,
    # against the workspace
    "uuid-not-found": _E,
    "contact-exists": _E,
    "contact-missing": _E,
    "contact-absent": _W,
    "not-arrived": _E,
    "group-unknown": _E,
    "group-similar": _W,
    "phone-scheme-differs": _W,
    "group-dynamic": _E,
    "contact-blocked": _E,
    "urn-taken": _E,
    "urn-would-be-lost": _E,
    # while importing
    "refused": _E,
    "group-refused": _E,
    "contact-gone": _E,
    "put-back": _W,
    "not-put-back": _E,
    # while taking an import back
    "definition-changed": _W,
    "definition-gone": _W,
    "definition-name-taken": _W,
    "group-stays": _W,
    "group-remade": _W,
    "group-not-remade": _W,
    "field-stays": _W,
    "changed-since": _W,
    "used-since": _W,
    "deleted-since": _W,
    "not-brought-back": _W,
    "was-stopped": _W,
    "not-taken-back": _E,
}
"""Every issue code and its usual severity."""

REPAIRS = frozenset((
    "encoding-guessed", "encoding-mixed", "cells-hold-delimited-text", "sheet-choice", "header-guessed",
    "field-label-invalid", "row-too-short", "control-characters-removed", "language-normalised",
    "phone-from-number", "phone-country-assumed", "phone-missing-ninth-digit",
))  # fmt: skip
"""Warnings that say that something was repaired or assumed; where the user is strict they are errors."""


class Issue(Struct, frozen=True):
    """One thing wrong.

    row: as the spreadsheet counts; None: the file or a column as a whole.
    column, letter: the header as written and the column's letter, "" where no column is concerned.
    value: the cell as read, or the part of it that is wrong.
    details: what the sentences need besides, such as other_row or suggestion; texts, numbers and Phrases.
    """

    code: str
    severity: Severity
    row: int | None = None
    column: str = ""
    letter: str = ""
    value: object = None
    details: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, /, value: object = None, **details: object) -> Self:
        """An issue with its usual severity; KeyError if the catalogue has no such code."""
        return cls(code, CATALOGUE[code], value=value, details=details)

    def at(self, row: int | None = None, column: str = "", letter: str = "") -> "Issue":
        """The same issue with its place."""
        return Issue(self.code, self.severity, row, column, letter, self.value, self.details)

    def strictly(self) -> "Issue":
        """The same issue, but an error if it tells of a repair."""
        return replace(self, severity=Severity.ERROR) if self.code in REPAIRS else self

    @property
    def is_error(self) -> bool:
        """Whether it holds its row or file back."""
        return self.severity is Severity.ERROR


class Phrase(Struct, frozen=True):
    """A part of a sentence that depends on the language: a key of the sentences, with its facts."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


class CellRefused(ValueError):
    """A cell cannot be used; `issue` (still without its place) says why."""

    def __init__(self, code: str, /, value: object = None, **details: object) -> None:
        super().__init__(code)
        self.issue = Issue.of(code, value, **details)
