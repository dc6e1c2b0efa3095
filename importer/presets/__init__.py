"""Known legacy exports: what the columns of a source mean, one TOML file each; adding one is adding a file.

A preset is recognised by its header row. Its file holds

    title, telltale (headers that give it away), least (how many of them), without (headers that rule it out), and,
    read only of a preset that the file is of:
    [columns]     header = target, as in mapping files
    [ignored]     reason = headers that are left out
    [separators]  header = what stands between the values of a cell, where that is certain
    [options]     what holds for every file of the source

In a header `#` stands for a number and `*` for anything. Headers are compared in the normal form; one that
begins with `_` belongs to a program and is never taken for its namesake without.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from operator import itemgetter

from msgspec import Struct

from importer.errors import Unusable
from importer.headers import is_system_header, normal_header
from importer.model import Target
from importer.targets import IGNORE, parse_target

_ANY, _NUMBER = "qzanyzq", "qznumberzq"  # stand-ins that the normal form leaves alone


class Rule(Struct, frozen=True):
    """What a preset says of a header. reason: why it is left out. separator: "" where any may stand."""

    target: Target
    reason: str = ""
    separator: str = ""


class Preset(Struct, frozen=True):
    """A known source. `name` is that of its file and what --preset takes; `title` is for people.

    tables: what its file holds besides, TOML.
    """

    name: str
    title: str
    telltale: frozenset[str]
    least: int
    without: frozenset[str]
    tables: str

    @property
    def rules(self) -> Mapping[str, Rule]:
        """What it says, by the pattern of a header."""
        return _rules(self.tables)

    @property
    def options(self) -> Mapping[str, object]:
        """What holds for every file of the source."""
        return dict(tomllib.loads(self.tables).get("options", {}))

    def rule_of(self, header: str) -> Rule | None:
        """What the preset says of a cleaned header; None if it does not know it."""
        form = _form(header)
        found = self.rules.get(form)
        return found or next((rule for pattern, rule in self.rules.items() if _fits(form, pattern)), None)

    def likeness(self, headers: Sequence[str]) -> int:
        """How many different headers give it away; 0 where they are too few or one rules it out."""
        forms = {_form(header) for header in headers if header}
        if _among(forms, self.without):
            return 0
        count = _among(forms, self.telltale)
        return count if count >= self.least else 0


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, by name."""
    files = (file for file in resources.files("importer.presets").iterdir() if file.name.endswith(".toml"))
    texts = sorted((file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files)
    return tuple(_parse(name, text) for name, text in texts)


def preset_named(name: str) -> Preset:
    """The preset of this name.

    Raises:
        Unusable: there is none.
    """
    for preset in presets():
        if preset.name == name.strip().casefold():
            return preset
    raise Unusable("preset-unknown", value=name, names=", ".join(preset.name for preset in presets()))


def recognise(headers: Sequence[str]) -> Preset | None:
    """The preset whose source most likely wrote this header row, or None."""
    likeness, best = max(((preset.likeness(headers), preset) for preset in presets()), key=itemgetter(0))
    return best if likeness else None


def _parse(name: str, text: str) -> Preset:
    top, tables = text[: (at := text.index("\n["))], text[at:]  # nothing of the top may stand below a table
    source = tomllib.loads(top)
    return Preset(
        name,
        source["title"],
        frozenset(map(_pattern, source["telltale"])),
        source["least"],
        frozenset(map(_pattern, source.get("without", ()))),
        tables,
    )


@cache
def _rules(tables: str) -> Mapping[str, Rule]:
    source = tomllib.loads(tables)
    separators: dict[str, str] = source.get("separators", {})
    rules = {
        header: Rule(parse_target(target), separator=separators.get(header, ""))
        for header, target in source.get("columns", {}).items()
    }
    for reason, headers in source.get("ignored", {}).items():
        rules |= {header: Rule(IGNORE, reason) for header in headers}
    return {_pattern(header): rule for header, rule in rules.items()}


@lru_cache(maxsize=1000)
def _form(header: str) -> str:
    """The normal form, with the underscore of a program's own headers."""
    return ("_" if is_system_header(header) else "") + normal_header(header)


def _pattern(header: str) -> str:
    """The form of a preset's header, with * and # where they stood."""
    return _form(header.replace("*", _ANY).replace("#", _NUMBER)).replace(_ANY, "*").replace(_NUMBER, "#")


def _among(forms: set[str], patterns: frozenset[str]) -> int:
    """How many forms fit one of the patterns."""
    wide = [pattern for pattern in patterns if "*" in pattern or "#" in pattern]
    others = forms - patterns if wide else set()
    return len(forms & patterns) + sum(any(_fits(form, pattern) for pattern in wide) for form in others)


def _fits(form: str, pattern: str) -> bool:
    if "*" not in pattern and "#" not in pattern:
        return form == pattern
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\#", r"\d{1,3}"), form) is not None
