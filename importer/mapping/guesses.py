"""What each header means by itself: first the user's word, then the platform's, then what is usual."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from importer.evidence import Look, look_of
from importer.headers import clean_header, is_system_header, normal_header, split_prefix
from importer.issues import Issue
from importer.likeness import Names, did_you_mean
from importer.mapping.fields import find_field
from importer.model import OWN_PREFIX, Column, MappedColumn, Target, Workspace
from importer.platform import WRITABLE_SCHEMES, is_group_name
from importer.presets import Preset
from importer.synonyms import LANDLINE, find_synonym
from importer.targets import IGNORE, PHONE, parse_target, split_type

SHOWN = 60
"""Characters of a value that an issue quotes."""

_CONVENTION = {
    "name": Target("name"),
    "contact name": Target("name"),
    "language": Target("language"),
    "contact language": Target("language"),
    "uuid": Target("uuid"),
    "contact uuid": Target("uuid"),
}
_SCHEME = re.compile(r"\w+")


class Guess:
    """A column and what it is taken for so far; `cells` are some of its values.

    reason, note: as in MappedColumn. asked: the target that was meant before the column was left out.
    """

    def __init__(self, column: Column, cells: Sequence[object]) -> None:
        self.column = column
        self.cells = cells
        self.normal = normal_header(column.header)
        self.target = IGNORE
        self.reason = "unknown"
        self.note = ""
        self.separator = ""
        self.asked: Target | None = None
        self.issues: list[Issue] = []

    @cached_property
    def looks(self) -> Sequence[Look]:
        """What each of its cells looks like; of most columns nobody asks."""
        return tuple(map(look_of, self.cells))

    @property
    def is_phone(self) -> bool:
        """Whether its cells are phone numbers."""
        return self.target.kind == "urn" and self.target.name in ("tel", "whatsapp")

    @property
    def is_usual(self) -> bool:
        """Whether only habit speaks for it, so that neighbours and values may speak against it."""
        return self.reason in ("synonym", "preset")

    @property
    def contradicted(self) -> bool:
        """Whether its values speak against its header, so that it is nothing until a person says what."""
        return any(issue.code == "header-contradicted" for issue in self.issues)

    def examples(self) -> Iterator[str]:
        """Different values of it, as an issue quotes them: on one line and not too long."""
        filled = (cell for cell, look in zip(self.cells, self.looks, strict=True) if look is not Look.BLANK)
        return iter(dict.fromkeys(clean_header(cell)[:SHOWN] for cell in filled))

    def tell(self, code: str, value: object = None, **details: object) -> None:
        """Add an issue of this column."""
        issue = Issue.of(code, self.column.header if value is None else value, **details)
        self.issues.append(issue.at(column=self.column.header, letter=self.column.letter))

    def leave_out(self, note: str = "") -> None:
        """Take it for nothing."""
        if self.target != IGNORE:
            self.asked = self.target
        self.target, self.reason, self.note = IGNORE, "unknown", note

    def mapped(self) -> MappedColumn:
        """What becomes of it."""
        return MappedColumn(self.column, self.target, self.reason, self.note, self.separator)


def guess_column(
    column: Column,
    cells: Sequence[object],
    workspace: Workspace,
    preset: Preset | None = None,
    named: Target | None = None,
) -> Guess:
    """What `column` means without its neighbours. `named`: what the mapping file says of it.

    A field's target has the label (of a `Field:` header) or the key that was asked for; which field of the
    workspace that is, is settled later.
    """
    guess = Guess(column, cells)
    header = column.header
    if header.casefold().startswith(OWN_PREFIX.casefold()):
        guess.reason = "own"
    elif named is not None:
        guess.target, guess.reason = named, "mapping"
        if (rule := preset and preset.rule_of(header)) and rule.target == named:
            guess.separator = rule.separator
    elif not header:
        guess.reason = "blank"
    elif not _by_convention(guess) and not _by_field(guess, workspace):
        _by_habit(guess, preset)
    return guess


def _by_convention(guess: Guess) -> bool:
    """The platform's own way to name columns: URN:Tel, Field:Nick Name, Group:VIP, Contact UUID, Name."""
    target = None
    if prefixed := split_prefix(guess.column.header):
        target = PREFIXED[prefixed[0]](guess, prefixed[1])
    elif not is_system_header(guess.column.header):
        target = _CONVENTION.get(guess.normal)
    if target is None:
        return False
    guess.target, guess.reason = target, "convention"
    return True


def _urn_column(guess: Guess, scheme: str) -> Target | None:
    if scheme.lower() in WRITABLE_SCHEMES:
        return Target("urn", scheme.lower())
    if not _SCHEME.fullmatch(scheme):
        return None
    schemes, close = ", ".join(WRITABLE_SCHEMES), Names(WRITABLE_SCHEMES).closest(scheme)
    guess.tell("urn-scheme-unknown", scheme, schemes=schemes, suggestion=did_you_mean(close))
    guess.asked = Target("urn", scheme.lower())
    return IGNORE


def _field_column(_guess: Guess, text: str) -> Target | None:
    label, value_type = split_type(text)
    return Target("field", label=label, value_type=value_type) if label else None


def _group_column(guess: Guess, name: str) -> Target | None:
    if not name:
        return None
    if is_group_name(name):
        return Target("group", name)
    guess.tell("group-name-invalid", name)
    return IGNORE


PREFIXED = {"urn": _urn_column, "field": _field_column, "group": _group_column}


def _by_field(guess: Guess, workspace: Workspace) -> bool:
    """A field of the workspace by its key or label, whatever the header usually means."""
    found = find_field(guess.column.header, workspace)
    if found is None:
        return False
    guess.target, guess.reason = Target("field", found.key), "field"
    usual = find_synonym(guess.normal)
    if usual and not usual.target.startswith(("field:", "ignore")):
        guess.tell("header-guessed", target=f"field:{found.key}", evidence=found.label)
    return True


def _by_habit(guess: Guess, preset: Preset | None) -> None:
    """A recognised preset's word for its own headers, else a synonym."""
    if preset and (rule := preset.rule_of(guess.column.header)):
        guess.target, guess.separator = rule.target, rule.separator
        guess.reason = "preset"
        guess.note = f"{preset.name}: {rule.reason}" if rule.reason else preset.name
        return
    found = None if is_system_header(guess.column.header) else find_synonym(guess.normal)
    if found is None:
        return
    guess.reason, guess.note = "synonym", found.language
    guess.target = SPECIAL.get(found.target) or parse_target(found.target.removesuffix(LANDLINE))
    if guess.target == PHONE and guess.normal.startswith("urn "):
        guess.target = Target("urn", "tel")


SPECIAL: Mapping[str, Target] = {"urn:tel": PHONE, "contact": Target("contact")}
"""Targets of synonyms that are no targets of mapping files; `contact` lasts until the values have decided."""
