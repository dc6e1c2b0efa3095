"""What can be chosen from lists: targets, countries, languages; each with its name in the visitor’s language."""

import gettext
from collections.abc import Sequence
from functools import cache

from importer.headers import clean_header
from importer.messages import Catalogue
from importer.model import MappedColumn, Workspace
from importer.platform import WRITABLE_SCHEMES, is_key, key_of
from importer.repairs import CHOICE, COUNTRY, LANGUAGE, Offer
from importer.targets import format_target, label_for, plain_label

Choice = tuple[str, str]
"""A value and its name."""
MAIN_SCHEMES = ("tel", "whatsapp", "mailto", "ext")
GUESSED_LOCALES = {"pt": "pt_BR", "es": "es"}


def targets(
    columns: Sequence[MappedColumn], workspace: Workspace, words: Catalogue
) -> dict[str, list[tuple[str, list[Choice]]]]:
    """For each column, by its letter, what it may be: titles with their choices."""

    def say(key: str) -> str:
        return words.say(f"web.target.{key}")

    def urns(schemes: Sequence[str]) -> list[Choice]:
        names = ((scheme, words.say(f"urn-name.{scheme}")) for scheme in schemes)
        return [(f"urn:{scheme}", name[:1].upper() + name[1:]) for scheme, name in names]

    simple = ("name", "name.first", "name.middle", "name.last", "language", "groups")
    fields = [(f"field:{field.key}", field.label) for field in workspace.fields]
    groups = [(f"group:{group.name}", group.name) for group in workspace.groups if not group.dynamic]
    known = [
        (say("title.contact"), [(kind, say(kind)) for kind in simple]),
        (say("title.keys"), [("phone", say("phone")), *urns(MAIN_SCHEMES), ("uuid", say("uuid"))]),
        (say("title.fields"), fields),
        (say("title.groups"), groups),
        (
            say("title.more"),
            [
                *((kind, say(kind)) for kind in ("tel.area", "tel.country", "urns", "action")),
                *urns([scheme for scheme in WRITABLE_SCHEMES if scheme not in MAIN_SCHEMES]),
            ],
        ),
    ]
    return {mapped.column.letter: _of_column(mapped, known, words, workspace) for mapped in columns}


def _of_column(
    mapped: MappedColumn, known: list[tuple[str, list[Choice]]], words: Catalogue, workspace: Workspace
) -> list[tuple[str, list[Choice]]]:
    found = [(words.say("web.target.title.none"), [("ignore", words.say("web.target.ignore"))]), *known]
    own = _own_field(mapped.column.header)
    there = {field.key for field in workspace.fields}
    if own and own not in there:
        label = label_for(own, mapped.column.header) or own
        new = [
            (f"field:{own}:{kind}", words.say(f"web.target.new-{kind}", label=label))
            for kind in ("text", "numeric", "datetime")
        ]
        found.insert(2, (words.say("web.target.title.new"), new))
    target = format_target(mapped.target)
    values = {value for _, choices in found for value, _ in choices}
    if target not in values:
        found.insert(1, (words.say("web.target.title.now"), [(target, _named(mapped, words))]))
    return [(title, choices) for title, choices in found if choices]


def _own_field(header: str) -> str:
    """The key that a field of this header would have; "" if none can."""
    key = key_of(plain_label(clean_header(header)))[:36].rstrip("_")
    return key if is_key(key) else ""


def _named(mapped: MappedColumn, words: Catalogue) -> str:
    target = mapped.target
    if target.kind == "field":
        kind = target.value_type or "text"
        key = f"web.target.new-{kind if kind in ('text', 'numeric', 'datetime') else 'text'}"
        return words.say(key, label=target.label or target.name)
    return target.label or target.name or target.kind


@cache
def countries(language: str) -> list[Choice]:
    """Countries with their calling code, by name."""
    import pycountry
    from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

    named = [
        (code, f"{_translated(language, found.name)} (+{country_code_for_region(code)})")
        for code in SUPPORTED_REGIONS
        if (found := pycountry.countries.get(alpha_2=code))
    ]
    return sorted(named, key=lambda one: one[1])


def country_name(code: str, language: str) -> str:
    """What a country is called; "" if there is none such."""
    import pycountry

    found = pycountry.countries.get(alpha_2=code) if code else None
    return _translated(language, found.name) if found else ""


def _translated(language: str, name: str) -> str:
    import pycountry

    locale = GUESSED_LOCALES.get(language)
    if locale is None:
        return name
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [locale], fallback=True).gettext(name)


def languages() -> list[Choice]:
    """Usual languages; any other one can be written into the cells."""
    from importer.writers.template_columns import LANGUAGES

    return [(code, f"{name} ({code})") for code, name in LANGUAGES.items()]


def calling_code(country: str) -> str:
    """Of a country, as 55; "" if there is none such."""
    from phonenumbers import country_code_for_region

    code = country_code_for_region(country) if len(country) == len("BR") else 0
    return str(code) if code else ""


def is_possible(offer: Offer, choice: str) -> bool:
    """Whether this can be chosen with an offer."""
    from importer.platform import language_codes

    match offer.asks:
        case "":
            return True
        case _ if offer.asks == CHOICE:
            return choice in offer.choices
        case _ if offer.asks == COUNTRY:
            return bool(calling_code(choice))
        case _ if offer.asks == LANGUAGE:
            return choice in language_codes()
    return False
