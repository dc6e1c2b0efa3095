"""Which workspace a command talks to: a real one with its token, or an embedded sandbox."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from importer.cli.choices import EMBEDDED, Choices
from importer.errors import Unusable
from importer.messages import Catalogue

if TYPE_CHECKING:
    from importer.model import Workspace
    from importer.run import Connection

TOKEN_VARIABLE = "WENI_TOKEN"  # noqa: S105 - its name, not its value


@contextmanager
def connection(choices: Choices, prompt: str) -> Iterator["Connection"]:
    """The workspace that `choices` name; an embedded sandbox ends with the context.

    prompt: what is shown where the token is asked for.

    Raises:
        Unusable: there is no token, and nobody to ask for it.
    """
    from importer.run import Connection

    if choices.sandbox is None:
        yield Connection(choices.url, _token(choices, prompt), choices.insecure)
        return
    from importer.sandbox import Sandbox, SandboxOptions

    db = None if choices.sandbox == EMBEDDED else Path(choices.sandbox)
    with Sandbox(SandboxOptions(db=db)) as sandbox:
        yield Connection(sandbox.url, sandbox.token, settle_s=0)


@contextmanager
def connection_if_any(choices: Choices, prompt: str) -> Iterator["Connection | None"]:
    """The workspace if the call names one, without asking for a token; None: stay offline."""
    if choices.sandbox is None and choices.token_file is None and not os.environ.get(TOKEN_VARIABLE):
        yield None
        return
    with connection(choices, prompt) as found:
        yield found


def workspace_named(choices: Choices, words: Catalogue) -> "Workspace | None":
    """What the call's workspace has; None if the call names none, and nobody is asked for a token."""
    if choices.workspace is not None:
        from importer.cli.workspaces import read_workspace_file

        return read_workspace_file(choices.workspace)
    with connection_if_any(choices, words.say("screen.ask-token")) as connection:
        if connection is None:
            return None
        from importer.run import workspace_of

        return workspace_of(connection)


def _token(choices: Choices, prompt: str) -> str:
    if choices.token_file is not None:
        return _read_token(choices.token_file)
    if token := os.environ.get(TOKEN_VARIABLE):
        return token
    if not sys.stdin.isatty():
        raise Unusable("token-missing")
    return getpass(prompt, sys.stderr)


def _read_token(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Unusable("token-file-open", file=str(path))
        return path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unusable("token-file-unreadable", file=str(path), reason=reason) from None
