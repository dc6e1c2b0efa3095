"""URNs as the server reads, checks and keeps them."""

import re
from collections.abc import Callable

from msgspec import Struct

from importer.platform import SCHEMES, URN_MAX
from importer.sandbox.tel import normalise_tel

KNOWN_SCHEMES = frozenset((*SCHEMES, "deleted"))
UNWRITABLE = frozenset(("weniwebchat", "deleted"))


class UnknownScheme(ValueError):
    """The text has no scheme that the server knows."""


class BadPath(ValueError):
    """The scheme is known, but does not have such paths."""


class Urn(Struct, frozen=True):
    """A URN in the form in which it is kept.

    late: "" for one that can be written; "dropped" and "crash" for one that passes the checks, but then
    fails: a new contact is refused, an update drops it or crashes.
    """

    scheme: str
    path: str
    display: str = ""
    late: str = ""

    @property
    def identity(self) -> str:
        """What is compared."""
        return f"{self.scheme}:{self.path}"

    def __str__(self) -> str:
        return f"{self.identity}#{self.display}" if self.display else self.identity


def identity_of(text: str) -> str:
    """Of a URN in the form in which it is kept."""
    return text.partition("#")[0]


def parse_urn(text: str, country: str | None) -> Urn:
    """Normalise a URN; a bare number becomes whatsapp:.

    Raises:
        UnknownScheme, BadPath.
    """
    scheme, colon, rest = text.strip().partition(":")
    if not colon:
        return _bare_number(text.strip(), country)
    if scheme not in KNOWN_SCHEMES:
        raise UnknownScheme(text)
    path, display = _split(rest)
    return _checked(scheme, path, display, country)


def parse_reference(text: str) -> str | None:
    """The identity that a URN in contact_actions means: no country is assumed, nothing is checked.

    None: no URN with a known scheme.
    """
    scheme, colon, rest = text.strip().partition(":")
    if not colon or scheme not in KNOWN_SCHEMES:
        return None
    try:
        path, _ = _split(rest)
    except BadPath:
        return None
    if scheme == "tel":
        path = normalise_tel(path, None) or re.sub(r"\D", "", path)
    elif scheme in KEPT_AS:
        path = KEPT_AS[scheme](path)
    return f"{scheme}:{path}"


def _split(rest: str) -> tuple[str, str]:
    """Path and display: `?…` is dropped, one `#…` is kept."""
    before, _, display = rest.partition("#")
    path = before.partition("?")[0].strip()
    display = display.partition("?")[0].strip()
    if not path or "#" in display:
        raise BadPath(rest)
    return path, display


def _bare_number(text: str, country: str | None) -> Urn:
    digits = text.removeprefix("+")
    if not re.fullmatch(r"[0-9]+", digits) or normalise_tel(text, country) is None:
        raise UnknownScheme(text)
    return _checked("whatsapp", digits, "", country)


_STRAY_PERCENT = re.compile(r"%(?!23|25|3F)")
"""A percent sign that is none of the three escapes in which the platform itself keeps `#`, `%` and `?`."""


def _checked(scheme: str, path: str, display: str, country: str | None) -> Urn:
    if scheme == "tel":
        number = normalise_tel(path, country)
        if number is None:
            raise BadPath(path)
        return Urn(scheme, number, display)
    path = KEPT_AS.get(scheme, str)(path)
    if scheme == "twitterid":
        display = display.removeprefix("@").lower()
    late = ""
    if scheme in UNWRITABLE or (scheme in LATE_PATHS and not LATE_PATHS[scheme].fullmatch(path)):
        late = "dropped"
    elif scheme in PATHS and not PATHS[scheme].fullmatch(path):
        raise BadPath(path)
    elif (scheme == "ext" and _STRAY_PERCENT.search(path)) or len(scheme) + 1 + len(path) > URN_MAX:
        late = "crash"
    return Urn(scheme, path, display, late)


KEPT_AS: dict[str, Callable[[str], str]] = {
    "mailto": str.lower,
    "twitter": lambda path: path.removeprefix("@").lower(),
}

_DIGITS = r"[0-9]+"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?"
_TOP_LABEL = r"(?:xn--[a-z0-9-]{1,59}|[a-z\u00a1-\uffff][a-z\u00a1-\uffff-]{0,61}[a-z\u00a1-\uffff])"

PATHS = {
    scheme: re.compile(pattern, re.DOTALL)
    for scheme, pattern in {
        "whatsapp": r"[0-9]{8,15}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+",
        "mailto": rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP_LABEL}",
        "twitter": r"[a-z0-9_]{1,15}",
        "twitterid": _DIGITS,
        "telegram": _DIGITS,
        "instagram": _DIGITS,
        "discord": _DIGITS,
        "facebook": rf"{_DIGITS}|ref:.*",
        "viber": r"[A-Za-z0-9_=]{1,24}",
        "freshchat": rf"{_UUID}/{_UUID}",
    }.items()
}
"""Paths that a scheme may have; the others take whatever is not empty."""

LATE_PATHS = {
    "line": re.compile(r"[A-Za-z0-9_]{1,36}"),
    "jiochat": re.compile(_DIGITS),
    "teams": re.compile(r"a:[^:]+:serviceURL:https://.+", re.DOTALL),
}
"""The same, but found wrong only when the contact is written."""
