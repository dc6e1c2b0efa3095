"""Mapping files, written: what was found, so that people can correct it and use it again."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Dict

from importer.headers import normal_header
from importer.mapping import Mapping, SavedMapping
from importer.mapping.files import OPTIONS
from importer.model import Target, Workspace
from importer.targets import IGNORE, format_target

_BARE = re.compile(r"[a-z_]+")


def format_mapping(mapping: Mapping, workspace: Workspace, options: Dict[str, object] | None = None) -> str:
    """The mapping file that gives this mapping again; it is made for `workspace`, or for the one that it was made for.

    options: those to keep besides the mapping's own, by the names of `Options`; others than `OPTIONS` and
    those that are None are left out.
    """
    kept = {"preset": mapping.preset, **mapping.options, **(options or {})}
    uuid, name = (workspace.uuid, workspace.name) if workspace.uuid else mapping.made_for
    return format_saved(
        SavedMapping(
            dict(_columns(mapping)),
            {name: value for name in OPTIONS if (value := kept.get(name)) is not None},
            mapping.constants,
            mapping.values,
            uuid,
            name,
        )
    )


def format_saved(saved: SavedMapping) -> str:
    """The mapping file of which `parse_mapping` makes this again."""
    made_for = {"uuid": saved.workspace_uuid, "name": saved.workspace_name}
    columns = ((entry, format_target(target)) for entry, target in saved.columns.items())
    sections = [
        _section("workspace", made_for.items() if saved.workspace_uuid else ()),
        _section("options", saved.options.items()),
        _section("columns", columns),
        _section("constants", _constants(saved.constants)),
        *(_section(f"values.{_toml(entry)}", values.items()) for entry, values in saved.values.items()),
    ]
    return "\n".join(filter(None, sections))


def _columns(mapping: Mapping) -> Iterator[tuple[str, Target]]:
    """An entry for each header; by letter where headers differ too little or TOML cannot hold them.

    None for what is wrong: it is left out for now, but nobody has decided that it shall be.
    """
    wrong = {issue.letter for issue in mapping.issues if issue.is_error}
    columns = [one for one in mapping.columns if one.target != IGNORE or one.column.letter not in wrong]
    targets: dict[str, set[str]] = {}
    for mapped in columns:
        targets.setdefault(normal_header(mapped.column.header), set()).add(format_target(mapped.target))
    written = set()
    for mapped in columns:
        header, target = mapped.column.header, format_target(mapped.target)
        if mapped.reason in ("blank", "own") or not _is_writable(target):
            continue
        normal = normal_header(header)
        clear = normal and len(targets[normal]) == 1 and _is_writable(header) and not header.startswith("@")
        entry = header if clear else f"@{mapped.column.letter}"
        if (normal if clear else entry) not in written:
            written.add(normal if clear else entry)
            yield entry, mapped.target


def _constants(constants: Sequence[tuple[Target, str]]) -> Iterator[tuple[str, str]]:
    return ((format_target(target), value) for target, value in constants)


def _section(name: str, lines: Iterable[tuple[str, object]]) -> str:
    written = [f"{key if _BARE.fullmatch(key) else _toml(key)} = {_toml(value)}\n" for key, value in lines]
    return f"[{name}]\n{''.join(written)}" if written else ""


def _toml(value: object) -> str:
    match value:
        case bool() | int() | float():
            return str(value).lower()
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            # a JSON text without \u escapes for letters is a TOML text as well, but for the DEL character
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


def _is_writable(text: str) -> bool:
    """Whether it is text that a file can hold; half a surrogate pair is not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)
