"""The requests that whole jobs take, counted at the practice server, beside those of one request a row."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct
from states import crowd

from importer import platform
from importer.model import Status
from importer.options import Options
from importer.run import Connection, import_file
from importer.sandbox import Sandbox, SandboxOptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

README = Path(__file__).parent.parent / "README.md"
MEMBERS, CROWD = 10_000, 100_000


class Clock:
    """Time that passes in waits only, so that nothing depends on how quick this machine is."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Figure(Struct, frozen=True):
    """What a job of so many rows took."""

    rows: int
    reads: int
    writes: int

    @property
    def requests(self) -> int:
        return self.reads + self.writes


def table(*lines: str, header: str = "Name,URN:Ext,Groups") -> str:
    return "\n".join((header, *lines)) + "\n"


def people(count: int, *, of: int = 1, name: str = "Nome {}", groups: str = "All") -> str:
    """A row for every contact; every `of`-th one has another name."""
    return table(*(f"{(name if n % of == 0 else 'Nome {}').format(n)},n{n},{groups}" for n in range(count)))


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    """What each job took, in an order in which each finds what it needs."""
    folder = tmp_path_factory.mktemp("figures")
    found: dict[str, Figure] = {}

    def job(name: str, sandbox: Sandbox, content: str, status: Status, **options: object) -> None:
        clock, path = Clock(), folder / f"{name}.csv"
        path.write_text(content, "utf-8")
        connection = Connection(sandbox.url, sandbox.token, clock=clock, sleep=clock.sleep)
        before = len(sandbox.requests)
        report = import_file(path, Options(**options), connection, state=folder / "state")
        served = sandbox.requests[before:]
        writes = sum(one.writes for one in served)
        assert report.exit_code == 0
        assert report.totals[status] > 0
        found[name] = Figure(report.summary.rows, len(served) - writes, writes)

    header = "Name,URN:Ext,Groups,Field:City"
    new = table(*(f"Novo {n},n{n},VIP,Recife" for n in range(1_000)), header=header)
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        job("new", sandbox, new, Status.CREATED)
        job("new again", sandbox, new, Status.UNCHANGED)
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        crowd(sandbox, MEMBERS, "All")
        job("same, no mirror", sandbox, people(MEMBERS), Status.UNCHANGED, mirror=False)
        job("same, first time", sandbox, people(MEMBERS), Status.UNCHANGED)
        job("same", sandbox, people(MEMBERS), Status.UNCHANGED)
        job("weekly", sandbox, people(MEMBERS, of=100, name="Outro {}"), Status.UPDATED)
        weekly = people(MEMBERS, of=100, name="Outro {}", groups="All; VIP")
        job("group", sandbox, weekly, Status.UPDATED)
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        crowd(sandbox, CROWD)
        few = (f"Outro {n},n{n * 4_999}," if n % 2 else f"Novo {n},novo{n}," for n in range(20))
        job("few", sandbox, table(*few), Status.CREATED)
    return found


BOUNDS: dict[str, Callable[[Figure], int]] = {
    "new": lambda f: f.rows + 1 + 1 + 6,  # a field, a group
    "new again": lambda _: 6,
    "same, no mirror": lambda _: MEMBERS // platform.BIG_PAGE + 6,
    "same, first time": lambda _: MEMBERS // platform.BIG_PAGE + 6,
    "same": lambda _: 6,
    "weekly": lambda _: MEMBERS // 100 + 6,
    "group": lambda f: 100 + 1 + f.reads,  # the group is made first
    "few": lambda f: 20 + f.writes + 6,
}


@pytest.mark.parametrize("name", BOUNDS)
def test_no_job_takes_more_requests_than_it_should(name: str, figures: dict[str, Figure]) -> None:
    assert figures[name].requests <= BOUNDS[name](figures[name])


def test_reading_takes_a_handful(figures: dict[str, Figure]) -> None:
    assert figures["group"].reads <= 6
    assert figures["few"].reads <= 20 + 6


TOLD = {
    "new": "1,000 new rows into an empty workspace, with a new field and a new group",
    "new again": "the same file again",
    "same, no mirror": "10,000 rows, nothing to change, 10,000 contacts, `--no-mirror`",
    "same, first time": "the same, keeping a mirror",
    "same": "the same again, with the mirror",
    "weekly": "the same a week later, 1% of the rows changed",
    "group": "these 10,000 contacts into one more group",
    "few": "20 rows, half of them new, in a workspace of 100,000 contacts",
}


def test_the_table_in_the_readme(figures: dict[str, Figure]) -> None:
    """It has the figures as they are; a stale one is written again, then the test fails."""
    lines = ["| job | one request a row | this program: writes | reads |", "|---|---|---|---|"]
    lines += [
        f"| {told} | {figures[name].rows:,} | {figures[name].writes:,} | {figures[name].reads:,} |"
        for name, told in TOLD.items()
    ]
    text = README.read_text("utf-8")
    pattern = re.compile(r"(<!-- begin: figures -->\n)(.*?)(<!-- end: figures -->)", re.DOTALL)
    match = pattern.search(text)
    assert match
    made = "\n".join(lines)
    if match[2].strip() != made:
        README.write_text(pattern.sub(lambda m: f"{m[1]}{made}\n{m[3]}", text), "utf-8")
        pytest.fail("the block figures was stale and has been written again: commit it")
