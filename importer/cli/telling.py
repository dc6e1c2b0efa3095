"""Errors for people: whatever a command raises becomes one sentence and the exit code that fits."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import typer

from importer.cli.choices import Choices
from importer.errors import ImporterError, Interrupted
from importer.messages import catalogue

DEBUG_VARIABLE = "WENI_DEBUG"
BROKEN = 2
"""Exit code of a fault of our own."""


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Let `command` raise what it likes: the user gets a sentence, never a traceback (unless WENI_DEBUG is set)."""

    @wraps(command)
    def with_sentence(*args: object, **given: object) -> None:
        choices = given.get("choices")
        as_json = bool(given.get("as_json") or (isinstance(choices, Choices) and choices.as_json))
        try:
            command(*args, **given)
        except ImporterError as error:
            tell(error, as_json=as_json)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            tell(Interrupted("interrupted"), as_json=as_json)
            raise typer.Exit(Interrupted.exit_code) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            what = f"{type(error).__name__}: {error}"
            tell(ImporterError("fault", what=what, variable=DEBUG_VARIABLE), as_json=as_json)
            raise typer.Exit(BROKEN) from None

    return with_sentence


def tell(error: ImporterError, *, as_json: bool = False) -> None:
    """Say what went wrong: on stderr for people, on stdout for programs."""
    words = catalogue()
    if as_json:
        from importer.cli.documents import document_of_error, to_text

        print(to_text(document_of_error(error, words)))
    else:
        print(words.explain(error), file=sys.stderr)


@contextmanager
def stopping_politely(
    sentence: str = "screen.stopping", is_writing: Callable[[], bool] = lambda: True
) -> Iterator[threading.Event]:
    """An event that Ctrl-C (or a request to end) sets, so that what is under way comes to an end.

    While nothing is written there is nothing to end, and the second time is meant: then it stops at once.
    sentence: the key of what is said when the event is set.
    """
    stop = threading.Event()

    def ask_to_stop(*_: object) -> None:
        if stop.is_set() or not is_writing():
            raise KeyboardInterrupt
        stop.set()
        print(f"\n{catalogue().say(sentence)}", file=sys.stderr, flush=True)

    signals = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(one, ask_to_stop) for one in signals]
    try:
        yield stop
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)
