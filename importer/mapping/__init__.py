"""The mapping: what each column of a file is taken for, and why.

In this order: our own report columns, the mapping file, the platform's convention, the workspace's fields, a
recognised preset for its own headers, whole-header synonyms; then values and neighbours have their say.
"""

from collections import abc
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from msgspec import Struct, field

from importer.actions import ACTS
from importer.headers import is_system_header, normal_header, split_prefix, usual_target
from importer.issues import Issue, Phrase
from importer.mapping import fields
from importer.mapping.closest import closest_targets
from importer.mapping.guesses import Guess, guess_column
from importer.mapping.neighbours import heed_neighbours, heed_values
from importer.model import Column, MappedColumn, Target, Workspace
from importer.options import Options
from importer.platform import FIELDS_MAX
from importer.presets import Preset, preset_named, recognise
from importer.targets import IGNORE, split_type

Values = abc.Mapping[str, str]
"""What a mapping file translates: the cell's text → what it stands for."""

NO_PRESET = "none"
SAMPLES_SHOWN = 3
_CERTAIN = ("convention", "mapping", "field")
_ONCE = ("name", "name.first", "name.middle", "name.last", "language", "uuid", "action", "field")
_KEYS = ("uuid", "urn", "urns")


class SavedMapping(Struct, frozen=True, dict=True):
    """A mapping file, read. Its columns and values go by the header, or by @ and the column's letter.

    options: those that the file sets, by the names of `Options`. constants: what every row gets besides;
    a group has the value "true".
    """

    columns: abc.Mapping[str, Target] = field(default_factory=dict)
    options: abc.Mapping[str, object] = field(default_factory=dict)
    constants: tuple[tuple[Target, str], ...] = ()
    values: abc.Mapping[str, Values] = field(default_factory=dict)
    workspace_uuid: str = ""
    workspace_name: str = ""

    def entry_of(self, column: Column, entries: abc.Iterable[str]) -> str | None:
        """Which of `entries` (headers, or @ and a letter) means `column`: the exact one before a like one."""
        header, normal = column.header, normal_header(column.header)
        found = {entry for entry in entries if self._names(entry, column, normal)}
        exact = (f"@{column.letter}", header)
        return next((entry for entry in exact if entry in found), next(iter(sorted(found)), None))

    def target_of(self, header: str) -> str:
        """What a cleaned header names by this file, or else usually; "" if nothing. Letters are not heeded."""
        target = self._targets.get(header) or self._targets.get(normal_header(header))
        return str(target) if target else usual_target(header)

    def _names(self, entry: str, column: Column, normal: str) -> bool:
        if entry.startswith("@"):
            return entry == f"@{column.letter}"
        return entry == column.header or (bool(normal) and self._normals[entry] == normal)

    @cached_property
    def _targets(self) -> dict[str, Target]:
        named = {entry: target for entry, target in self.columns.items() if not entry.startswith("@")}
        return {normal: named[entry] for entry in named if (normal := normal_header(entry))} | named

    @cached_property
    def _normals(self) -> dict[str, str]:
        return {entry: normal_header(entry) for entry in (*self.columns, *self.values)}


class Mapping(Struct, frozen=True):
    """What a file's columns are taken for. Every target of a field has its key and label, and its type where the
    field is there or anybody has named one.

    columns: all of the table, in its order; those left out are `ignore`.
    preset: the legacy export that the file was taken for.
    options: what preset and mapping file set; flags and environment come before them.
    constants: what every row gets besides; a group has the value "true".
    values: translations by the column's header.
    made_for: UUID and name of the workspace that the mapping file was made for; "" where it names none.
    """

    columns: tuple[MappedColumn, ...]
    issues: tuple[Issue, ...] = ()
    preset: str | None = None
    options: abc.Mapping[str, object] = field(default_factory=dict)
    constants: tuple[tuple[Target, str], ...] = ()
    values: abc.Mapping[str, Values] = field(default_factory=dict)
    made_for: tuple[str, str] = ("", "")

    @property
    def constant_fields(self) -> tuple[str, ...]:
        """Keys of the fields among the constants."""
        return tuple(target.name for target, _ in self.constants if target.kind == "field")


def make_mapping(
    columns: Sequence[Column],
    samples: Sequence[Sequence[object]],
    workspace: Workspace,
    options: Options,
    saved: SavedMapping | None = None,
) -> Mapping:
    """Take each of `columns` for something, or for nothing, and tell what a person should know of it.

    samples: the cells of some rows, one for each column. A workspace that is not known has no fields.

    Raises:
        Unusable: `options.preset` names no preset.
    """
    saved = saved or SavedMapping()
    cells = [[row[at] for row in samples if at < len(row)] for at in range(len(columns))]
    guesses = [
        _guess(column, values, workspace, saved) for column, values in zip(columns, cells, strict=True)
    ]
    preset = _choose_preset(guesses, options)
    if preset:
        guesses = [_guess(guess.column, guess.cells, workspace, saved, preset) for guess in guesses]
    heed_values(guesses)
    heed_neighbours(guesses)
    _settle_fields(guesses, workspace, options)
    constants, constant_issues = _settle_constants(saved, workspace, options)
    _refuse_repeats(guesses, constants)
    _tell_unknown(guesses, workspace)
    values, missing = _values_by_header(columns, saved)
    told = [issue for guess in guesses for issue in guess.issues]
    issues = [*told, *constant_issues, *missing, *_tell_keys(guesses, constants, options)]
    return Mapping(
        tuple(guess.mapped() for guess in guesses),
        (*issues, *_tell_too_many_fields(guesses, constants)),
        preset.name if preset else None,
        {**(preset.options if preset else {}), **saved.options},
        tuple(constants),
        values,
        (saved.workspace_uuid, saved.workspace_name),
    )


def _guess(
    column: Column,
    cells: Sequence[object],
    workspace: Workspace,
    saved: SavedMapping,
    preset: Preset | None = None,
) -> Guess:
    entry = saved.entry_of(column, saved.columns)
    return guess_column(column, cells, workspace, preset, saved.columns[entry] if entry else None)


def _choose_preset(guesses: Sequence[Guess], options: Options) -> Preset | None:
    if options.preset == NO_PRESET:
        return None
    if options.preset:
        return preset_named(options.preset)
    open_to_it = any(guess.reason in ("synonym", "unknown") for guess in guesses)
    return recognise([guess.column.header for guess in guesses]) if open_to_it else None


# ------------------------------------------------------------------------------------------------- fields


def _settle_fields(guesses: Sequence[Guess], workspace: Workspace, options: Options) -> None:
    """Give every field column its field: those asked for by name first, then usual ones, then new ones."""
    taken: dict[str, Guess] = {}
    for guess in guesses:
        if guess.target.kind == "field" and guess.reason in _CERTAIN:
            _take(guess, _settle_named(guess, workspace, options), taken)
    for guess in guesses:
        if guess.target.kind == "field" and guess.is_usual:
            rival = taken.get(guess.target.name)
            if rival and rival.normal != guess.normal:  # two words for one thing: the first one has it
                guess.leave_out()
            else:
                settled = fields.usually_meant(guess.target, workspace, options, guess.column.header)
                _take(guess, settled, taken)
    for guess in guesses:
        if _is_unknown(guess) and not is_system_header(guess.column.header):
            settled = fields.made_of_header(guess.column.header, workspace, options)
            if settled.target:
                guess.reason = "new"
                _take(guess, settled, taken)


def _settle_named(guess: Guess, workspace: Workspace, options: Options) -> fields.Settled:
    if guess.reason == "convention":
        return fields.named_by_header(guess.target, workspace, options, guess.column.letter)
    header = guess.column.header if guess.reason == "mapping" else ""  # else it is the field's own name
    if (prefixed := split_prefix(header)) and prefixed[0] == "field":
        header, _ = split_type(prefixed[1])
    return fields.named_by_mapping(guess.target, workspace, options, header)


def _take(guess: Guess, settled: fields.Settled, taken: dict[str, Guess]) -> None:
    for issue in settled.issues:
        guess.issues.append(issue.at(column=guess.column.header, letter=guess.column.letter))
    if settled.target:
        guess.target = settled.target
        taken.setdefault(settled.target.name, guess)
    elif guess.is_usual:
        guess.leave_out()
    else:
        guess.target = IGNORE


def _is_unknown(guess: Guess) -> bool:
    """Whether nothing is known of its header; one that its values contradict is told already."""
    return guess.reason == "unknown" and guess.column.header != "" and not guess.contradicted


def _settle_constants(
    saved: SavedMapping, workspace: Workspace, options: Options
) -> tuple[list[tuple[Target, str]], list[Issue]]:
    constants: list[tuple[Target, str]] = []
    issues: list[Issue] = []
    for target, value in saved.constants:
        if target.kind != "field":
            constants.append((target, value))
            continue
        settled = fields.named_by_mapping(target, workspace, options, "")
        issues += settled.issues
        if settled.target:
            constants.append((settled.target, value))
    return constants, issues


# ------------------------------------------------------------------------------------------ what is told


def _refuse_repeats(guesses: Sequence[Guess], constants: Sequence[tuple[Target, str]]) -> None:
    """Two columns for what a contact has once are an error at the later one."""
    first = {str(target): "[constants]" for target, _ in constants if target.kind in _ONCE}
    for guess in guesses:
        if guess.target.kind not in _ONCE:
            continue
        target, letter = str(guess.target), guess.column.letter
        if target in first:
            guess.tell("header-duplicate", first=first[target], letter=letter, target=target)
        first.setdefault(target, letter)


def _tell_unknown(guesses: Sequence[Guess], workspace: Workspace) -> None:
    for guess in filter(_is_unknown, guesses):
        meant = [str(guess.asked)] if guess.asked and not guess.asked.kind.startswith("tel.") else []
        closest = dict.fromkeys((*meant, *closest_targets(guess.column.header, workspace)))
        samples = ", ".join(islice(guess.examples(), SAMPLES_SHOWN))
        guess.tell(
            "header-unknown",
            closest=", ".join(closest),
            samples=samples,
            such_as=Phrase("header.samples", {"samples": samples}) if samples else "",
            perhaps=Phrase("header.closest", {"targets": ", ".join(closest)}) if closest else "",
        )


def _tell_keys(
    guesses: Sequence[Guess], constants: Sequence[tuple[Target, str]], options: Options
) -> list[Issue]:
    kinds = {guess.target.kind for guess in guesses} - {"ignore", "tel.area", "tel.country"}
    if not kinds & set(_KEYS):
        told = any(issue.code == "urn-scheme-unknown" for guess in guesses for issue in guess.issues)
        return [] if told or options.create_without_key else [Issue.of("no-key-column")]
    alone = kinds == {"uuid"} and not constants and not options.groups and options.action not in ACTS
    return [Issue.of("only-key-column")] if alone else []


def _tell_too_many_fields(guesses: Sequence[Guess], constants: Sequence[tuple[Target, str]]) -> list[Issue]:
    targets = [*(guess.target for guess in guesses), *(target for target, _ in constants)]
    if any(target.kind == "uuid" for target in targets):
        return []  # the contacts are there, and of each only what differs is sent
    count = len({target.name for target in targets if target.kind == "field"})
    return [Issue.of("too-many-fields", count=count, limit=FIELDS_MAX)] if count > FIELDS_MAX else []


def _values_by_header(
    columns: Sequence[Column], saved: SavedMapping
) -> tuple[dict[str, Values], list[Issue]]:
    """The translations by header; an issue for each entry of the mapping file that means no column."""
    values: dict[str, Values] = {}
    meant: set[str | None] = set()
    for column in columns:
        entry = saved.entry_of(column, saved.values)
        if entry:
            values[column.header] = saved.values[entry]
        meant |= {entry, saved.entry_of(column, saved.columns)}
    entries = dict.fromkeys((*saved.columns, *saved.values))
    missing = [Issue.of("mapping-column-missing", entry) for entry in entries if entry not in meant]
    return values, missing
