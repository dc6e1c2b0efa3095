"""The sandbox answers as the real server was seen to answer."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from importer.sandbox import Rates, Sandbox, SandboxOptions

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
NEEDS = {file.name: json.loads(file.read_text("utf-8")).get("needs", "") for file in FILES}
USUAL = [name for name, needs in NEEDS.items() if needs not in ("cache", "throttle:50")]
CACHED = [name for name, needs in NEEDS.items() if needs != "throttle:50" and name != "05-limits.json"]
THROTTLED = [name for name, needs in NEEDS.items() if needs == "throttle:50"]

Clock = Callable[[], float]
Play = Callable[..., list[str]]


@pytest.fixture(scope="module")
def usual(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(rates=None), clock) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def settling(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(rates=None, settle_s=5), clock) as sandbox:
        yield sandbox


def test_there_are_scenarios() -> None:
    """Every kind of run has some to play."""
    assert len(FILES) == 33
    assert len(USUAL) == 31
    assert THROTTLED


@pytest.mark.parametrize("name", USUAL)
def test_scenario(name: str, usual: Sandbox, clock: Clock, play: Play) -> None:
    """Answers of a server that knows new fields and groups at once."""
    assert play(name, usual, clock) == []


@pytest.mark.parametrize("name", CACHED)
def test_scenario_where_new_fields_and_groups_take_five_seconds(
    name: str, settling: Sandbox, clock: Clock, play: Play
) -> None:
    """The same answers, if the client waits; and the tell-tale ones, if it does not."""
    assert play(name, settling, clock, 5.2) == []


@pytest.mark.parametrize("name", THROTTLED)
def test_scenario_with_fifty_requests_an_hour(name: str, clock: Clock, play: Play) -> None:
    """Two budgets, and what counts in them."""
    with Sandbox(SandboxOptions(rates=Rates(50, 50)), clock) as sandbox:
        assert play(name, sandbox, clock) == []


def test_the_player_notices_wrong_answers(clock: Clock, play: Play) -> None:
    """A workspace that is suspended answers every POST otherwise than expected."""
    with Sandbox(SandboxOptions(rates=None, suspended=True), clock) as sandbox:
        assert len(play("01-fields-create.json", sandbox, clock)) > 10
