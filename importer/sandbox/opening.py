"""Which workspace a sandbox starts with: a new one, or the one of its file, and what it is."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from importer.errors import Unusable
from importer.sandbox.database import Facts
from importer.sandbox.options import SandboxOptions
from importer.sandbox.preload import Preload
from importer.sandbox.store import Store
from importer.sandbox.values import DATES

USUAL = SandboxOptions()


def open_store(options: SandboxOptions, clock: Callable[[], float]) -> tuple[Store, Preload | None]:
    """The workspace with its facts as they are to be, and what a new one is to be filled with."""
    preload = None if options.preload is None else Preload(options.preload)
    told = {} if preload is None else preload.facts
    facts = Facts(**{**_facts_of(USUAL), **told, **_changed_facts(options)})
    _check_facts(facts)
    store = Store(options.db, clock, facts)
    if not store.is_new and _changed_facts(options):
        store.facts = replace(store.facts, **_changed_facts(options))
    return store, preload


def _facts_of(options: SandboxOptions) -> dict[str, str]:
    return {name: getattr(options, name) for name in Facts.__struct_fields__ if name != "uuid"}


def _changed_facts(options: SandboxOptions) -> dict[str, str]:
    """What the options say otherwise than by default."""
    return {name: value for name, value in _facts_of(options).items() if value != getattr(USUAL, name)}


def _check_facts(facts: Facts) -> None:
    try:
        ZoneInfo(facts.timezone)
    except (KeyError, OSError, ValueError) as error:
        raise Unusable("sandbox-timezone", value=facts.timezone) from error
    if facts.date_style not in DATES:
        raise Unusable("sandbox-date-style", value=facts.date_style, known=", ".join(DATES))
