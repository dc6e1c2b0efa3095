"""Phone numbers as people everywhere dial and write them, many of them wrongly; made of libphonenumber's own metadata.

Made to be many: a number takes some microseconds, far less than to ask libphonenumber about it.
"""

import random
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from re import _parser as patterns

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

REGIONS = sorted(SUPPORTED_REGIONS)

Chance = Callable[[], float]
"""At least 0, less than 1."""
Maker = Callable[[Chance], str]

_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


class Region:
    """What people dial in a region. examples: of its numbers, one of each kind; prefix: that within the country."""

    def __init__(self, name: str) -> None:
        self._metadata = metadata = PhoneMetadata.metadata_for_region(name, None)
        self._kinds = [kind for kind in (getattr(metadata, kind) for kind in _KINDS) if kind]
        self.examples = [kind.example_number for kind in self._kinds if kind.example_number]
        self.code = str(metadata.country_code)
        self.prefix = metadata.national_prefix or "0"
        self.same_code = COUNTRY_CODE_TO_REGION_CODE[metadata.country_code]

    @cached_property
    def makers(self) -> list[Maker]:
        """Of its numbers, one of each kind."""
        found = [kind.national_number_pattern for kind in self._kinds]
        return [maker(pattern) for pattern in found if pattern]

    @cached_property
    def any_prefix(self) -> Maker:
        """Of what may be dialled in front within the country: a prefix, the code of a carrier."""
        return maker(self._metadata.national_prefix_for_parsing or self.prefix)

    @cached_property
    def abroad(self) -> Maker:
        """Of what is dialled in front to leave the country."""
        return maker(self._metadata.international_prefix or "00")

    @staticmethod
    @cache
    def of(name: str) -> "Region":
        """That of a country, ISO 3166."""
        return Region(name)


class Writer:
    """Somebody in a region who writes down numbers of all regions, and mistakes some of them."""

    def __init__(self, region: str, seed: object) -> None:
        choice = random.Random(f"{region} {seed}")
        self._chance = choice.random
        self._home = Region.of(region)
        same_code = self._home.same_code
        others = (same_code[0], choice.choice(same_code), "BR", "US", *choice.choices(REGIONS, k=4))
        self._others = [Region.of(other) for other in others]

    def texts(self, count: int) -> list[str]:
        """Cells of a column of numbers."""
        return [self._text() for _ in range(count)]

    def _text(self) -> str:
        chance = self._chance
        called = self._home if chance() < 0.8 else one_of(self._others, chance)
        number = one_of(called.makers, chance)(chance)
        if chance() < 0.4:
            number = mistaken(number, chance)
        dial = one_of(_ORDINARY_WAYS if chance() < 0.5 else _WAYS, chance)
        return in_writing(dial(called, self._home, number, chance), chance)


def one_of(things, chance: Chance):
    """Any of them."""
    return things[int(chance() * len(things))]


# --------------------------------------------------------------------------------------------- of a pattern


def maker(pattern: str) -> Maker:
    """Makes texts that a pattern matches; each of its branches is as likely as the others beside it."""
    return _in_a_row(patterns.parse(pattern))


def _in_a_row(parsed: Iterable[tuple[object, object]]) -> Maker:
    makers = [_maker(str(what), of) for what, of in parsed]
    return makers[0] if len(makers) == 1 else lambda chance: "".join([make(chance) for make in makers])


def _maker(what: str, of) -> Maker:
    match what:
        case "LITERAL":
            return lambda _: chr(of)
        case "IN":
            signs = "".join(sign for kind, value in of for sign in _signs(str(kind), value))
            return lambda chance: one_of(signs, chance)
        case "BRANCH":
            return _any_of([_in_a_row(branch) for branch in of[1]])
        case "SUBPATTERN":
            return _in_a_row(of[-1])
        case "MAX_REPEAT":
            least, most, inner = of
            if "CATEGORY_DIGIT" in str(inner):
                return _any_of([_digits(times) for times in range(least, most + 1)])
            return _any_of([_in_a_row([*inner] * times) for times in range(least, most + 1)])
        case "AT":
            return lambda _: ""
    raise AssertionError(f"a pattern of the metadata has {what}, of which nothing can be made here")


def _signs(kind: str, value) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return "".join(map(chr, range(value[0], value[1] + 1)))
    assert str(value) == "CATEGORY_DIGIT", value
    return "0123456789"


def _any_of(makers: list[Maker]) -> Maker:
    return makers[0] if len(makers) == 1 else lambda chance: one_of(makers, chance)(chance)


def _digits(count: int) -> Maker:
    limit, shape = 10**count, f"%0{count}d"
    return lambda chance: shape % (chance() * limit) if count else ""


# ------------------------------------------------------------------------------------------------ mistakes


def mistaken(number: str, chance: Chance) -> str:
    """A number with digits changed, put in or left out, zeros in front, no beginning, or quite another end."""
    for _ in range(1 + int(chance() * 2)):
        at, digit = int(chance() * (len(number) + 1)), one_of("0123456789", chance)
        number = one_of(_MISTAKES, chance)(number, at, digit, chance) or digit
    return number


_MISTAKES = (
    lambda number, at, digit, chance: number[:at] + number[at + 1 :],
    lambda number, at, digit, chance: number[:at] + digit + number[at:],
    lambda number, at, digit, chance: number[:at] + digit + number[at + 1 :],
    lambda number, at, digit, chance: number[:at] + _digits(len(number) - at)(chance),
    lambda number, at, digit, chance: "0" * (1 + at % 3) + number,
    lambda number, at, digit, chance: number[:at],
    lambda number, at, digit, chance: number[at % 5 :],  # without the code of an area, say
)


# ------------------------------------------------------------------------------------------- ways of dialling

_WAYS = (
    lambda called, home, number, chance: f"+{called.code}{number}",
    lambda called, home, number, chance: number,
    lambda called, home, number, chance: called.prefix + number,
    lambda called, home, number, chance: called.code + number,
    lambda called, home, number, chance: "0" + number,
    lambda called, home, number, chance: f"+{called.code}{called.prefix}{number}",
    lambda called, home, number, chance: called.code + called.prefix + number,
    lambda called, home, number, chance: f"00{called.code}{number}",
    lambda called, home, number, chance: f"00{called.code}{called.prefix}{number}",
    lambda called, home, number, chance: home.abroad(chance) + called.code + number,
    lambda called, home, number, chance: called.abroad(chance) + home.code + number,
    lambda called, home, number, chance: called.any_prefix(chance)[: 1 + int(chance() * 6)] + number,
    lambda called, home, number, chance: f"+{called.code}{called.any_prefix(chance)}{number}",
)
_ORDINARY_WAYS = _WAYS[:3]


def in_all_ways(region: str, number: str, chance: Chance) -> list[str]:
    """A national number as people dial it; internationally first, then as it is."""
    here = Region.of(region)
    return [way(here, here, number, chance) for way in _WAYS]


# ------------------------------------------------------------------------------------------------ in writing


def in_writing(number: str, chance: Chance) -> str:
    """A number as people write it: mostly with some punctuation, seldom with more."""
    style = chance()
    if style < 0.4:
        return number
    if style < 0.97:
        return _punctuated(number, chance, " -()")
    return one_of(_SELDOM, chance)(number, chance)


def _punctuated(number: str, chance: Chance, signs: str) -> str:
    number = _with(number, one_of(signs, chance), chance)
    while chance() < 0.4:
        number = _with(number, one_of(signs, chance), chance)
    return number


def _with(number: str, sign: str, chance: Chance) -> str:
    at = int(chance() * (len(number) + 1))
    return number[:at] + sign + number[at:]


_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10"  # of six scripts


def _in_another_script(number: str, chance: Chance) -> str:
    zero = ord(one_of(_ZEROS, chance))
    return number.translate({ord("0") + digit: chr(zero + digit) for digit in range(10)})


_SELDOM = (
    lambda number, chance: one_of(("", "-", "--", "()", "+", "n/a"), chance),
    lambda number, chance: f"{number}{one_of((' ext. ', 'x', ';ext=', ' ramal ', '#', '/', ','), chance)}12",
    lambda number, chance: f"{one_of(('tel:', 'Tel. ', chr(39)), chance)}{number}",
    lambda number, chance: f"{number}.0",
    lambda number, chance: f"{number[:1]}.{number[1:12]}E+{len(number) - 1}",
    lambda number, chance: _punctuated(number, chance, "[].,/+x\t\u00a0\u2010\u2013\u200e\u202c\uff08\u00b2"),
    _in_another_script,
    lambda number, chance: _punctuated(number, chance, "\u0661\u0967\uff11"),
)
