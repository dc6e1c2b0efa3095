"""URNs: what a cell says of how a contact is reached → the URN as the server stores it.

A scheme's rule stands in `_PATHS`, its sentence in the messages (urn-rule.<scheme>).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple, NoReturn

from importer import platform
from importer.cells import is_blank, is_clear, plain_number, read_text, split_values
from importer.issues import CellRefused, Issue, Phrase
from importer.model import ShownNumber
from importer.options import Locale, NinthDigit
from importer.phones import (
    LENGTH_WITHOUT_NINTH_DIGIT,
    is_written_as_number,
    match_forms,
    match_key,
    parse_phone,
)

SHORT = len("tel:") + LENGTH_WITHOUT_NINTH_DIGIT
"""So long is a phone's URN that may lack the ninth digit."""
_DIGITS = re.compile(r"[0-9]+")
_ANYTHING = re.compile(r"(?:[^%]|%(?:23|25|3F))+", re.DOTALL)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

_PATHS: dict[str, re.Pattern[str]] = {
    "whatsapp": re.compile(r"[0-9]{8,15}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+"),
    "mailto": re.compile(
        rf"(?=.{{1,64}}@)[a-z0-9!$&'*+/=^_`{{|}}~-]+(?:\.[a-z0-9!$&'*+/=^_`{{|}}~-]+)*@(?:{_LABEL}\.)+"
        r"(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})"
    ),
    "ext": _ANYTHING,
    "twitter": re.compile(r"[a-z0-9_]{1,15}"),
    "twitterid": re.compile(r"[0-9]+(?:#[a-z0-9_]{1,15})?"),
    "telegram": _DIGITS,
    "instagram": _DIGITS,
    "discord": _DIGITS,
    "jiochat": _DIGITS,
    "facebook": re.compile(rf"[0-9]+|ref:{_ANYTHING.pattern}", re.DOTALL),
    "viber": re.compile(r"[A-Za-z0-9_=]{1,24}"),
    "line": re.compile(r"[A-Za-z0-9_]{1,36}"),
    "freshchat": re.compile(f"{_UUID}/{_UUID}"),
    "teams": re.compile(r"a:[^\s:?#%]+:serviceURL:https://[^\s?#%]+"),
    "slack": _ANYTHING,
    "wechat": _ANYTHING,
    "fcm": _ANYTHING,
    "vk": _ANYTHING,
    "rocketchat": _ANYTHING,
}
"""What the server takes after the colon, once `_folded`; tel is left to `phones`, weniwebchat has none."""

_DROPPED = frozenset(("weniwebchat", "deleted", "line", "jiochat", "teams"))
"""Schemes of which an update drops what it would not take, instead of refusing it."""

_ESCAPED = str.maketrans({"%": "%25", "#": "%23", "?": "%3F"})
_NEXT_URN = re.compile(r"\s*(?::::|[;|,\n])\s*(?=[A-Za-z]+:(?!:))|[;|,\s]+$")
_BUSINESS_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+")
_SIMPLE = re.compile(r"mailto:[a-z0-9@._+-]++|ext:[A-Za-z0-9._-]++")
"""What is its own identity as it stands, as most URNs are that are no phones."""
_TEL_PUNCTUATION = re.compile(r"[\s().\-/]+")


def parse_urns(
    cell: object, scheme: str, locale: Locale, notes: list[Issue], *, area: str = ""
) -> tuple[str, ...]:
    """The URNs of a cell in a column of `scheme`, normalised, in their order, none twice.

    scheme: "" where the cell holds whole URNs. Cells of phones and mail addresses may hold several values,
    those of other schemes one.
    area: the area code that stands in a column of its own.

    Raises:
        CellRefused: clear-on-key, urn-invalid, what `parse_phone` and `read_text` raise.
    """
    if is_blank(cell):
        return ()
    if is_clear(cell):
        raise CellRefused("clear-on-key", cell)
    if scheme in platform.PHONE_SCHEMES:
        return _phones(_phone_text(cell, notes), scheme, locale, notes, area)
    text = read_text(cell, notes)
    if not text:
        return ()
    if scheme == "mailto":
        found = [_mail(value) for value in split_values(text, slash=False)]
    elif scheme:
        found = [_single(text, scheme)]
    else:
        found = [urn for part in _NEXT_URN.split(text) if part for urn in _whole(part, locale, notes)]
    return tuple(dict.fromkeys(found))


def normalise(urn: str) -> str:
    """A valid URN as the server stores it: scheme and case as they should be, no query; #display is kept."""
    return str(_parts(urn))


def identity(urn: str, ninth_digit: NinthDigit = "match") -> str:
    """Equal for URNs that mean one contact: a phone in any form and scheme, any case, any #display."""
    if (
        urn.startswith("tel:+") and urn[5:].isdecimal() and urn.isascii()
    ):  # most are, and in this form already
        has_two_forms = ninth_digit == "match" and len(urn) == SHORT
        return f"tel:{match_key(urn[4:])}" if has_two_forms else urn
    if _SIMPLE.fullmatch(urn):
        return urn
    parts = _parts(urn)
    phone = parts.phone
    if not phone:
        return f"{parts.scheme}:{parts.path}"
    return f"tel:{match_key(phone) if ninth_digit == 'match' else phone}"


def distinct(urns: Iterable[str]) -> tuple[str, ...]:
    """None that the server takes for the same as an earlier one, which differ in their #display only."""
    by_path: dict[str, str] = {}
    for urn in urns:
        by_path.setdefault(urn.partition("#")[0], urn)
    return tuple(by_path.values())


def is_plain(urn: str) -> bool:
    """Whether what stands behind the scheme says the whole URN, without display, and can be written."""
    scheme, _, path = urn.partition(":")
    return scheme in platform.WRITABLE_SCHEMES and "#" not in path and not is_clear(path)


def survives_update(urn: str) -> bool:
    """Whether the server keeps a stored URN when an update names it; others are dropped without a word."""
    scheme, path, _ = _parts(urn)
    if scheme not in _DROPPED:
        return True
    return scheme in _PATHS and _PATHS[scheme].fullmatch(path) is not None


def stored_forms(urn: str, ninth_digit: NinthDigit = "match") -> tuple[str, ...]:
    """Every URN under which the server may have what `urn` means, likeliest first."""
    parts = _parts(urn)
    phone = parts.phone
    plain = f"{parts.scheme}:{parts.path}"
    if not phone:
        return (plain,)
    forms = [plain]
    for form in match_forms(phone) if ninth_digit == "match" else (phone,):
        both = (f"tel:{form}", f"whatsapp:{form[1:]}")
        forms += both if parts.scheme == "tel" else both[::-1]
    return tuple(dict.fromkeys(forms))


# ------------------------------------------------------------------------------------------------ a cell


def _phone_text(cell: object, notes: list[Issue]) -> str:
    """The text of a phone cell. A number has all its digits; a date or a fraction is no phone."""
    if isinstance(cell, ShownNumber):
        return cell.shown.strip()
    if isinstance(cell, str):
        return read_text(cell, notes).removeprefix("'").lstrip()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        text = plain_number(cell)
        if text.isdecimal():
            return text
    else:
        text = read_text(cell, notes)
    raise CellRefused("phone-invalid", text)


def _phones(text: str, scheme: str, locale: Locale, notes: list[Issue], area: str) -> tuple[str, ...]:
    values = [text] if is_written_as_number(text) else split_values(text, slash=True)
    return tuple(dict.fromkeys(_phone(value, scheme, locale, notes, area) for value in values))


def _phone(value: str, scheme: str, locale: Locale, notes: list[Issue], area: str) -> str:
    value = _without_prefix(value, scheme)
    if scheme == "whatsapp" and _BUSINESS_ID.fullmatch(value):
        return _checked(value, scheme, value)
    phone = parse_phone(value, locale, notes, international=scheme == "whatsapp", area=area)
    return f"tel:{phone}" if scheme == "tel" else _checked(phone[1:], scheme, value)


def _mail(value: str) -> str:
    # marks that nobody sees come along when an address is copied from a page
    address = "".join(char for char in value if unicodedata.category(char) != "Cf")
    return _checked(_without_prefix(address, "mailto").lower(), "mailto", value)


def _single(text: str, scheme: str) -> str:
    """One value of any other scheme, as people write it: no URN yet, so nothing in it is special."""
    path = _without_prefix(text.removeprefix("'").strip(), scheme)
    if scheme == "twitterid":
        return _checked(path.lower(), scheme, text)
    return _checked(_folded(scheme, path).translate(_ESCAPED), scheme, text)


def _without_prefix(value: str, scheme: str) -> str:
    prefix = value[: len(scheme) + 1]
    # an id may well begin with EXT:
    own = prefix if scheme == "ext" else prefix.lower()
    return value[len(prefix) :].lstrip() if own == f"{scheme}:" else value


def _whole(text: str, locale: Locale, notes: list[Issue]) -> tuple[str, ...]:
    scheme, colon, path = text.partition(":")
    scheme = scheme.strip().lower()
    if not colon:
        _refuse("", text)
    if scheme in platform.PHONE_SCHEMES:
        path = path.partition("#")[0].partition("?")[0].strip()
        if not path:
            _refuse(scheme, text)
        return _phones(path, scheme, locale, notes, "")
    parts = _parts(text)
    if scheme == "twitterid" and parts.display:
        return (_checked(f"{parts.path}#{parts.display}", scheme, text),)
    return (_checked(parts.path, scheme, text),)


def _checked(path: str, scheme: str, value: str) -> str:
    """The URN of an escaped path.

    Raises:
        CellRefused: urn-invalid, where the server would not take it.
    """
    rule = _PATHS.get(scheme)
    urn = f"{scheme}:{path}"
    if rule is None or not rule.fullmatch(path) or len(urn) > platform.URN_MAX:
        _refuse(scheme, value)
    return urn


def _refuse(scheme: str, value: str) -> NoReturn:
    known = scheme in platform.SCHEMES
    facts = {} if known else {"schemes": ", ".join(platform.WRITABLE_SCHEMES)}
    rule = Phrase(f"urn-rule.{scheme}" if known else "urn-rule", facts)
    name = Phrase(f"urn-name.{scheme}") if known else scheme or "URN"
    raise CellRefused("urn-invalid", value, scheme=name, rule=rule)


# ------------------------------------------------------------------------------------------------- a URN


class _Parts(NamedTuple):
    scheme: str
    path: str
    display: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.path}#{self.display}" if self.display else f"{self.scheme}:{self.path}"

    @property
    def phone(self) -> str:
        """E.164 of a phone number under either scheme, else ""."""
        if self.scheme not in platform.PHONE_SCHEMES:
            return ""
        digits = self.path.removeprefix("+")
        return f"+{digits}" if _DIGITS.fullmatch(digits) else ""


def _parts(urn: str) -> _Parts:
    scheme, _, rest = urn.partition(":")
    rest, _, display = rest.partition("#")
    path = rest.partition("?")[0]
    scheme = scheme.strip().lower()
    display = display.strip()
    return _Parts(
        scheme, _folded(scheme, path.strip()), display.lower() if scheme == "twitterid" else display
    )


def _folded(scheme: str, path: str) -> str:
    """The path with everything made alike that the server makes alike."""
    if scheme == "tel":
        return _TEL_PUNCTUATION.sub("", path)
    if scheme == "twitter":
        return path.lower().lstrip("@ ")
    return path.lower() if scheme in ("mailto", "twitterid", "freshchat") else path
