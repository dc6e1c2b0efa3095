"""What stops the program or a request, sorted by what the caller does about it.

ImporterError
├── Unusable          the input or the options; exit code 2
├── NotAllowed        the token, the workspace (403); exit code 3
├── Unavailable       the server could not be reached for long; stop, run again later; exit code 4
├── Interrupted       the user stopped it; run again later; exit code 4
├── MirrorFailed      our copy of the contacts; do without it, or run again; exit code 4
├── Differs           contacts that were read back are not as they were meant; exit code 4
└── RequestFailed     one request; the row's outcome, the next one goes on
    ├── Rejected      400: faulty, do not repeat
    ├── Missing       404: no such thing
    ├── Unsettled     the answer was lost after the request had left: it may or may not be done
    └── Failing       the server fails on this request again and again, but answers others
"""

from collections.abc import Mapping, Sequence

from importer.issues import Issue
from importer.model import Difference, FileInfo


class ImporterError(Exception):
    """Anything this program raises on purpose. `key` names its sentence in `messages`."""

    exit_code = 2

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key, details)
        self.key = key
        self.details = details


class Unusable(ImporterError):
    """The input or the options cannot be used; `issue` says what is wrong with the file, if it is that.

    info: what is known of that file all the same.
    """

    def __init__(
        self, key: str, issue: Issue | None = None, info: FileInfo | None = None, **details: object
    ) -> None:
        super().__init__(key, **details)
        self.issue = issue
        self.info = info

    @classmethod
    def file(cls, issue: Issue, info: FileInfo | None = None) -> "Unusable":
        """The file cannot be used, for the reason that `issue` tells."""
        return cls("unusable-file", issue, info)


class NotAllowed(ImporterError):
    """The server does not accept the token (403)."""

    exit_code = 3


class Unavailable(ImporterError):
    """The server cannot be reached, or has failed for too long. Nothing is lost: run again later."""

    exit_code = 4


class Interrupted(ImporterError):
    """The user stopped the program. Nothing is lost: run again to go on."""

    exit_code = 4


class MirrorFailed(ImporterError):
    """Our copy of the workspace's contacts cannot be used. Nothing is lost: do without it, or run again."""

    exit_code = 4


class Differs(ImporterError):
    """Contacts that were read back are not as they were meant, so that no others are sent. Nothing is lost.

    comparison: the rows, each with one thing that differs.
    """

    exit_code = 4

    def __init__(
        self, key: str, comparison: Sequence[tuple[int, Difference]] = (), **details: object
    ) -> None:
        super().__init__(key, **details)
        self.comparison = tuple(comparison)


class RequestFailed(ImporterError):
    """One request failed in a way that does not concern the next one."""


class Rejected(RequestFailed):
    """400: the server will not do this.

    body: its JSON answer ({} where there was none). call: the client's method that asked, as
    "create_contact"; what a body means may depend on it.
    """

    def __init__(self, body: Mapping[str, object], call: str = "") -> None:
        super().__init__("rejected", body=body)
        self.body = body
        self.call = call


class Missing(RequestFailed):
    """404: there is no such contact, field or group."""


class Unsettled(RequestFailed):
    """The answer was lost after the request had left; look before sending it again."""


class Failing(RequestFailed):
    """The server fails on this one request again and again, but answers others; it may be done in part."""
