"""Errors for people: whatever a command raises becomes one sentence and the exit code that fits."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import PurePath
from typing import Any

import typer

from importer.cli.choices import Choices
from importer.cli.speaking import FLAG, words_for
from importer.errors import ImporterError, Interrupted
from importer.messages import Catalogue

DEBUG_VARIABLE = "WENI_DEBUG"


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Let `command` raise what it likes: the user gets a sentence, never a traceback (unless WENI_DEBUG is set)."""

    @wraps(command)
    def with_sentence(*args: object, **given: object) -> None:
        choices = given.get("choices")
        asked = choices if isinstance(choices, Choices) else Choices(**_known(given))
        try:
            command(*args, **given)
        except (typer.Exit, BrokenPipeError):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if not isinstance(error, ImporterError | KeyboardInterrupt) and os.environ.get(DEBUG_VARIABLE):
                raise
            words = words_for([FLAG, asked.lang or ""])  # a language that there is not is told in another
            code = tell(
                _as_ours(error),
                words,
                as_json=asked.as_json,
                log_json=asked.log_json,
                masked=not asked.verbose,
            )
            raise typer.Exit(code) from None

    return with_sentence


def tell(
    error: ImporterError,
    words: Catalogue,
    *,
    as_json: bool = False,
    log_json: bool = False,
    masked: bool = True,
) -> int:
    """Say what went wrong, on stderr for people, on stdout for programs; returns the exit code that fits.

    log_json: what is on stderr is for programs, too. masked: see `Catalogue.explain`.
    """
    if log_json:
        from importer.cli.logs import log_line

        line = log_line(
            "error",
            "error",
            code=error.key,
            message=words.explain(error, masked=masked),
            exit_code=error.exit_code,
        )
        print(line, file=sys.stderr)
    if as_json:
        from importer.cli.documents import document_of_error, to_text

        print(to_text(document_of_error(error, words, masked=masked)))
    elif not log_json:
        print(words.explain(error, masked=masked), file=sys.stderr)
    return error.exit_code


def _known(given: Mapping[str, object]) -> dict[str, Any]:
    """What a command without the shared options has of them."""
    return {name: given[name] for name in ("as_json", "log_json", "lang") if name in given}


def _as_ours(error: BaseException) -> ImporterError:
    match error:
        case ImporterError():
            return error
        case KeyboardInterrupt() | typer.Abort():
            return Interrupted("interrupted")
        case _:
            # its own text may hold a cell; where it arose is what a bug report needs
            *_, place = traceback.extract_tb(error.__traceback__)
            what = f"{type(error).__name__} ({PurePath(place.filename).name}, line {place.lineno})"
            return ImporterError("fault", what=what, variable=DEBUG_VARIABLE)


@contextmanager
def stopping_politely(
    sentence: str, is_writing: Callable[[], bool] = lambda: True, *, log_json: bool = False
) -> Iterator[threading.Event]:
    """An event that Ctrl-C (or a request to end) sets, so that what is under way comes to an end.

    While nothing is written there is nothing to end, and the second time is meant: then it stops at once.
    sentence: what is said when the event is set. log_json: as a line of the log.
    """
    stop = threading.Event()

    def ask_to_stop(*_: object) -> None:
        if stop.is_set() or not is_writing():
            raise KeyboardInterrupt
        stop.set()
        if log_json:
            from importer.cli.logs import log_line

            print(log_line("info", "stopping", message=sentence), file=sys.stderr, flush=True)
        else:
            print(f"\n{sentence}", file=sys.stderr, flush=True)

    signals = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(one, ask_to_stop) for one in signals]
    try:
        yield stop
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)
