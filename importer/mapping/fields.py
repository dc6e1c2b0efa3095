"""Which field of the workspace a column means, or what field is to be made for it."""

from functools import cache

from msgspec import Struct

from importer.headers import normal_header
from importer.issues import Issue, Severity
from importer.likeness import Names, did_you_mean
from importer.model import Field, Target, Workspace
from importer.options import Options
from importer.platform import RESERVED_KEYS, is_key, is_label, key_of
from importer.targets import label_for, plain_label, possible_label


class Settled(Struct, frozen=True):
    """The field's target with key, type and label, or None where there is none to import into; and why."""

    target: Target | None
    issues: tuple[Issue, ...] = ()


def find_field(text: str, workspace: Workspace) -> Field | None:
    """The field whose label or key is `text` in the normal form of headers."""
    return _fields_by_name(workspace.fields).get(normal_header(text))


@cache
def _fields_by_name(fields: tuple[Field, ...]) -> dict[str, Field]:
    by_key = {normal_header(field.key): field for field in fields}
    by_label = {normal_header(field.label): field for field in fields}
    return {name: field for name, field in (by_key | by_label).items() if name}


@cache
def _names_of_fields(fields: tuple[Field, ...]) -> Names:
    return Names(field.label for field in fields)


def named_by_header(asked: Target, workspace: Workspace, options: Options, letter: str) -> Settled:
    """The field of a `Field:` header; `asked` has its label, and its type if the header names one."""
    label, issues = asked.label, []
    plain = plain_label(label)
    if plain != label:
        issues.append(_as_warning(Issue.of("field-label-invalid", label, label=plain)))
    if existing := find_field(label, workspace) or find_field(plain, workspace):
        return _existing(existing, asked.value_type, issues)
    key = key_of(plain)
    if key in RESERVED_KEYS:
        return Settled(None, (Issue.of("field-reserved", label),))
    if not is_key(key) or not is_label(plain):
        possible = possible_label(plain, letter)
        return Settled(None, (Issue.of("field-label-invalid", label, label=possible),))
    return _new(Target("field", key, asked.value_type, plain), workspace, options, issues)


def named_by_mapping(asked: Target, workspace: Workspace, options: Options, header: str) -> Settled:
    """The field whose key `asked` has; a new one is called like the column if that gives the key."""
    issues = []
    if header != plain_label(header) and key_of(plain_label(header)) == asked.name:
        issues.append(_as_warning(Issue.of("field-label-invalid", header, label=plain_label(header))))
    if existing := _by_key(asked.name, workspace):
        return _existing(existing, asked.value_type, issues)
    label = label_for(asked.name, header)
    if label is None:
        possible = possible_label(asked.name, "A")
        return Settled(None, (Issue.of("field-label-invalid", asked.name, label=possible),))
    return _new(Target("field", asked.name, asked.value_type, label), workspace, options, issues)


def usually_meant(asked: Target, workspace: Workspace, options: Options, header: str) -> Settled:
    """The field that a header usually means: only one that is there, unless new ones are wanted at large."""
    if existing := _by_key(asked.name, workspace):
        return _existing(existing, None, [])
    label = label_for(asked.name, header)
    if options.new_fields != "create" or label is None:
        return Settled(None)
    return _new(Target("field", asked.name, asked.value_type, label), workspace, options, [])


def made_of_header(header: str, workspace: Workspace, options: Options) -> Settled:
    """A text field for a header that nothing is known of, where such are wanted and it can have the name."""
    label = plain_label(header)
    key = key_of(label)
    if options.new_fields != "create" or not is_key(key) or not is_label(label):
        return Settled(None)
    if existing := _by_key(key, workspace):
        return _existing(existing, None, [])
    told = [_as_warning(Issue.of("field-label-invalid", header, label=label))] if label != header else []
    return _new(Target("field", key, None, label), workspace, options, told)


def _by_key(key: str, workspace: Workspace) -> Field | None:
    return next((field for field in workspace.fields if field.key == key), None)


def _existing(field: Field, wanted: str | None, issues: list[Issue]) -> Settled:
    if wanted and wanted != field.value_type:
        told = Issue.of("field-type-differs", field.label, existing=field.value_type, wanted=wanted)
        issues = [*issues, told]
    return Settled(Target("field", field.key, field.value_type, field.label), tuple(issues))


def _new(target: Target, workspace: Workspace, options: Options, issues: list[Issue]) -> Settled:
    close = _names_of_fields(workspace.fields).closest(target.label)
    unknown = Issue.of("field-unknown", target.label, suggestion=did_you_mean(close))
    match options.new_fields:
        case "error":
            return Settled(None, (*issues, unknown))
        case "ignore":
            return Settled(None, (*issues, _as_warning(unknown)))
        case _:
            similar = [Issue.of("field-similar", target.label, other=close)] if close else []
            return Settled(target, (*issues, *similar))


def _as_warning(issue: Issue) -> Issue:
    return Issue(issue.code, Severity.WARNING, value=issue.value, details=issue.details)
