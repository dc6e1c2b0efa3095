"""The bar: what is waited for and until when, of which budget, and how long it takes from there."""

import io
import re
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from importer.api import Waiting
from importer.cli.progress import Bar
from importer.messages import LANGUAGES, catalogue

HOUR = 3600.0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def make_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Makes stderr a terminal; to be called within the test, as pytest changes it between fixtures and test."""

    def make() -> Terminal:
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        return screen

    return make


def client(**seconds: float) -> SimpleNamespace:
    """Knows how long so many requests of a budget take."""
    return SimpleNamespace(time_for=lambda scope, requests: seconds.get(scope, 0.0) if requests else 0.0)


def waiting(scope: str, seconds: float, reason: str = "pace") -> Waiting:
    return Waiting(reason, seconds, 0.0, scope)


def shown(screen: io.StringIO, bar: Bar) -> str:
    """The line as it stands when it is drawn next."""
    bar._bar.refresh()
    return re.split(r"[\r\n]", screen.getvalue().rstrip())[-1]


def clock_in(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(time.time() + seconds))


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "waiting until {}"), ("pt", "esperando até {}"), ("es", "en espera hasta las {}")],
)
def test_it_says_until_when_by_the_clock(language, said, make_terminal):
    terminal = make_terminal()
    with Bar(catalogue(language)) as bar:
        bar.started(100, 0, client(contacts=2 * HOUR))
        at = clock_in(HOUR)
        bar.waiting(waiting("contacts", HOUR))
        assert said.format(at) in shown(terminal, bar)
        assert "2 h" in shown(terminal, bar)  # and how long all of it takes


def test_each_budget_waits_for_itself(make_terminal):
    """The one that goes on does not hide what the other waits for, and each says which it is."""
    terminal = make_terminal()
    with Bar(catalogue("en")) as bar:
        bar.started(100, 5, client(contacts=HOUR))
        at = clock_in(HOUR)
        bar.waiting(waiting("contacts", HOUR))
        bar.done(1, "other")
        assert f"contacts: waiting until {at}" in shown(terminal, bar)
        bar.waiting(waiting("other", 60, "throttled"))
        assert re.search(
            r"contacts: waiting until .* · groups: waiting until \S+, as the", shown(terminal, bar)
        )
        bar.done(1, "contacts")
        bar.done(1, "other")
        assert "waiting" not in shown(terminal, bar)


def test_the_time_left_is_that_of_the_slower_budget(make_terminal):
    terminal = make_terminal()
    with Bar(catalogue("en")) as bar:
        bar.started(100, 5, client(contacts=HOUR, other=3 * HOUR))
        assert "3 h" in shown(terminal, bar)
        bar.done(5, "other")
        assert "1 h" in shown(terminal, bar)


def test_other_threads_that_wait_for_the_same_are_not_told_again(capsys):
    bar = Bar(catalogue("en"))
    for _ in range(4):
        bar.waiting(waiting("contacts", HOUR))
    bar.waiting(waiting("other", HOUR))
    bar.waiting(waiting("contacts", 1.0))
    assert capsys.readouterr().err.count("waiting until") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pace_that_cannot_be_kept_is_a_line(language, capsys):
    Bar(catalogue(language)).pace_not_kept("disk I/O error")
    assert "(disk I/O error)" in capsys.readouterr().err
    Bar(catalogue(language), silent=True).pace_not_kept("disk I/O error")
    assert capsys.readouterr().err == ""
