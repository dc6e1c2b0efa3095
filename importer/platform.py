"""Every limit and rule of the server, in one place: what the Weni Flows API v2 accepts.

All of it was read off the public documentation or seen on a running server (2026-11).
Lengths count characters, not bytes.
"""

import re
from functools import cache
from importlib import resources

DEFAULT_URL = "https://flows.weni.ai"
API_PATH = "/api/v2"

# --------------------------------------------------------------------------------------------- requests

REQUESTS_PER_HOUR = 2500
"""In each of two budgets (see `scope_of`), over a sliding window of `WINDOW_S`."""
WINDOW_S = 3600.0
THREADS = 4
"""Requests that we have under way at a time."""
ANSWER_S = 0.2
"""About what the server takes to answer a write."""
SETTLE_S = 5.0
"""For so long after a field or group was made, the server may refuse contacts that use it."""
BIG_PAGE = 1000
"""Contacts to ask for on one page; the documented default is `PAGE`."""
UPDATE_PAGE = 5000
"""The same for what has changed since, which mostly is little, and at times all that an hour has allowed."""
PAGE = 250
IMPORT_RECORDS = 25_000
"""Of one file of the platform's own import."""
BATCH = 100
"""Contacts in one contact_actions request."""


def scope_of(endpoint: str) -> str:
    """The budget that a request to `endpoint` draws on: "contacts" or "other"."""
    return "contacts" if endpoint == "contacts" else "other"


CSV_DELIMITER = ","
"""The one sign at which the platform splits a text file."""

# ----------------------------------------------------------------------------------------------- limits

NAME_MAX = 100
LABEL_MAX = 36
KEY_MAX = 36
GROUP_NAME_MAX = 64
VALUE_MAX = 640
URN_MAX = 255
"""The whole URN, scheme and colon included."""
EXT_MAX = 251
URNS_MAX = GROUPS_MAX = FIELDS_MAX = 100
"""In one request."""
WORKSPACE_FIELDS = WORKSPACE_GROUPS = 250
"""In a workspace, unless its owner was given more."""

# ---------------------------------------------------------------------------------------------- schemes

SCHEMES = (
    "tel", "whatsapp", "mailto", "ext", "facebook", "instagram", "twitter", "twitterid", "telegram",
    "viber", "line", "wechat", "fcm", "jiochat", "freshchat", "vk", "rocketchat", "discord",
    "weniwebchat", "slack", "teams",
)  # fmt: skip
WRITABLE_SCHEMES = tuple(scheme for scheme in SCHEMES if scheme != "weniwebchat")
PHONE_SCHEMES = ("tel", "whatsapp")

# --------------------------------------------------------------------------------------- fields, groups

VALUE_TYPES = ("text", "numeric", "datetime", "state", "district", "ward")
RESERVED_KEYS = frozenset(
    ("id", "uuid", "name", "first_name", "language", "groups", "created_on", "created_by", "modified_by",
     "is", "has", *SCHEMES)
)  # fmt: skip
LABEL_PATTERN = re.compile(rf"[A-Za-z0-9_ -]{{1,{LABEL_MAX}}}")
KEY_PATTERN = re.compile(rf"[a-z][a-z0-9_]{{0,{KEY_MAX - 1}}}")
GROUP_PATTERN = re.compile(rf"\w.{{0,{GROUP_NAME_MAX - 1}}}", re.DOTALL)


def key_of(label: str) -> str:
    """The key that the server makes of a field's label; valid only if `is_key` says so."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def is_key(key: str) -> bool:
    """Whether a field may have this key."""
    return KEY_PATTERN.fullmatch(key) is not None and key not in RESERVED_KEYS


def is_label(label: str) -> bool:
    """Whether a field may have this (trimmed) label, its key apart."""
    return LABEL_PATTERN.fullmatch(label) is not None and label == label.strip()


def is_group_name(name: str) -> bool:
    """Whether a group may have this name."""
    return GROUP_PATTERN.fullmatch(name) is not None and name == name.strip()


# -------------------------------------------------------------------------------------------- languages


@cache
def language_codes() -> frozenset[str]:
    """The ISO 639-3 codes that the server accepts: the list as published in 2020."""
    return _codes("languages-server.txt")


@cache
def retired_language_codes() -> frozenset[str]:
    """Those of `language_codes` that ISO 639-3 has withdrawn since."""
    return _codes("languages-retired.txt")


def _codes(name: str) -> frozenset[str]:
    return frozenset(resources.files("importer").joinpath("data", name).read_text("ascii").split())
