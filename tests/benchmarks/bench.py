"""Measures the importer beside its peers and writes RESULTS.md: `make bench`.

Each program is a process of its own. What counts for `check` and `plan`, which use two processors, is the time that
somebody waits; for all else the processor time, as the operating system tells it, for the machine may be busy with
other things. Pairs take turns, so that a slow minute slows both; a ratio is the median of the pairs' ratios.
"""

import os
import platform as machine
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path

import certifi
from msgspec import Struct

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "bench"
PEERS = BUILD / "peers"
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
RUN_ROWS = 5_000
LARGEST = int(os.environ.get("BENCH_ROWS", "1000000"))

sys.path.insert(0, str(HERE))
from contacts import write_csv  # noqa: E402
from planning import WORKSPACE  # noqa: E402


class Run(Struct, frozen=True):
    """What one process took: processor and elapsed time in seconds, peak memory in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


CPU, ELAPSED = attrgetter("cpu_s"), attrgetter("wall_s")


def run(
    command: Sequence[str | Path], *, fresh: Path | None = None, env: Mapping[str, str] | None = None
) -> Run:
    """Run a command to its end; what it prints is thrown away. fresh: a folder that is not to be there before."""
    if fresh:
        shutil.rmtree(fresh, ignore_errors=True)
    # as a program is that was installed: compiled before it is run
    env = {name: value for name, value in (env or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024)


def middle(runs: Sequence[Run]) -> Run:
    """The medians."""
    return Run(
        statistics.median(one.cpu_s for one in runs),
        statistics.median(one.wall_s for one in runs),
        max(one.peak_mb for one in runs),
    )


def pair(
    ours: Sequence[str | Path],
    theirs: Sequence[str | Path],
    *,
    fresh: Path | None = None,
    env: Mapping[str, str] | None = None,
    time_of: Callable[[Run], float] = CPU,
    runs: int = RUNS,
) -> tuple[Run, Run, float]:
    """Medians of both in turn, and the median of how much of their time ours takes. fresh, env: see `run`."""
    pairs = [(run(ours, fresh=fresh, env=env), run(theirs, env=env)) for _ in range(runs)]
    ratio = statistics.median(time_of(one) / time_of(other) for one, other in pairs)
    return middle([one for one, _ in pairs]), middle([other for _, other in pairs]), ratio


def contacts(rows: int, kind: str = "csv") -> Path:
    """A file of so many rows, made where it is not there yet."""
    path = BUILD / f"contacts-{rows}.{kind}"
    if not path.exists():
        text = BUILD / f"contacts-{rows}.csv"
        if not text.exists():
            write_csv(text, rows)
        if kind == "xlsx":
            _to_xlsx(text, path)
    return path


def _to_xlsx(text: Path, path: Path) -> None:
    import csv

    from xlsxwriter import Workbook

    book = Workbook(path, {"constant_memory": True, "tmpdir": str(BUILD)})
    sheet = book.add_worksheet()
    with text.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.reader(file)):
            for position, cell in enumerate(row):
                sheet.write_string(line, position, cell)
    book.close()


def check(path: Path) -> list[str | Path]:
    """Our check of a file, with everything that it shows."""
    return [sys.executable, "-m", "importer", "check", path, "--country", "BR"]


def peer(name: str, *arguments: str | Path) -> list[str | Path]:
    """A peer's program, in the environment of the peers."""
    return [PEERS / "bin" / "python", HERE / "peers" / name, *arguments]


class Table:
    """The table of targets in the making."""

    def __init__(self) -> None:
        self.lines = ["| measured | target | found | met |", "|---|---|---|---|"]

    def add(self, measured: str, target: str, found: str, *, met: bool) -> None:
        """Add a line, and show it."""
        self.lines.append(f"| {measured} | {target} | {found} | {'yes' if met else 'no'} |")
        print(self.lines[-1], flush=True)


def measure_check(table: Table) -> None:
    """check beside the pyexcel loop and frictionless."""
    for kind, name, program, share in (
        ("csv", "a pyexcel + phonenumbers loop", "pyexcel_loop.py", 20),
        ("csv", "frictionless", "frictionless_check.py", 8),
        ("xlsx", "a pyexcel + phonenumbers loop", "pyexcel_loop.py", 6),
    ):
        path = contacts(100_000, kind)
        ours, theirs, ratio = pair(check(path), peer(program, path), time_of=ELAPSED)
        table.add(
            f"check of 100,000 rows as {kind.upper()}, beside {name}",
            f"at most 1/{share} of its time",
            f"1/{1 / ratio:.1f} ({ours.wall_s:.2f} s to {theirs.wall_s:.1f} s; "
            f"processor time {ours.cpu_s:.2f} s to {theirs.cpu_s:.1f} s)",
            met=ratio <= 1 / share,
        )
        if kind == "xlsx":
            table.add("its peak memory", "400 MB", f"{ours.peak_mb:.0f} MB", met=ours.peak_mb <= 400)


SIZES = [rows for rows in (10_000, 100_000, 1_000_000) if rows <= LARGEST]


def grow(name: str, runs_of: Callable[[int], list[Run]], curve: list[str]) -> dict[int, Run]:
    """What more and more rows take; a line for each goes into `curve`."""
    found: dict[int, Run] = {}
    for rows in SIZES:
        found[rows] = one = middle(runs_of(rows))
        curve.append(f"| {name} | {rows:,} | {one.cpu_s:.2f} s | {one.wall_s:.2f} s | {one.peak_mb:.0f} MB |")
        print(curve[-1], flush=True)
    return found


def measure_growth(table: Table) -> list[str]:
    """Check and plan of more and more rows; returns the growth curve."""
    curve = ["| | rows | processor time | elapsed | peak memory |", "|---|---|---|---|---|"]
    found = grow("check", lambda rows: [run(check(contacts(rows))) for _ in range(RUNS)], curve)
    measure_plan(table, curve)
    if 1_000_000 in found:
        growth = found[1_000_000].cpu_s / found[100_000].cpu_s
        table.add(
            "growth of check from 100,000 to 1,000,000 rows", "x 10.5", f"x {growth:.1f}", met=growth <= 10.5
        )
        peak = found[1_000_000].peak_mb
        table.add("peak memory of check of 1,000,000 rows", "500 MB", f"{peak:.0f} MB", met=peak <= 500)
    return curve


def measure_plan(table: Table, curve: list[str]) -> None:
    """plan against a mirror that has all contacts, beside check of the same file."""
    with answering(workspace=WORKSPACE) as port:
        url = f"http://127.0.0.1:{port}"

        def plan(rows: int) -> list[str | Path]:
            return [
                sys.executable,
                HERE / "planning.py",
                "plan",
                contacts(rows),
                url,
                BUILD / f"state-{rows}",
            ]

        def runs_of(rows: int) -> list[Run]:
            state = BUILD / f"state-{rows}"
            run([sys.executable, HERE / "planning.py", "mirror", contacts(rows), url, state], fresh=state)
            return [run(plan(rows)) for _ in range(RUNS)]

        grow("plan", runs_of, curve)
        if 100_000 in SIZES:
            ours, base, ratio = pair(plan(100_000), check(contacts(100_000)), time_of=ELAPSED)
            table.add(
                "plan of 100,000 rows against 100,000 contacts in a mirror, beside check",
                "at most x 2",
                f"x {ratio:.1f} ({ours.wall_s:.2f} s to {base.wall_s:.2f} s; "
                f"processor time {ours.cpu_s:.2f} s to {base.cpu_s:.2f} s)",
                met=ratio <= 2,
            )
            table.add("its peak memory", "600 MB", f"{ours.peak_mb:.0f} MB", met=ours.peak_mb <= 600)


@contextmanager
def answering(*certificate: Path, workspace: str = "") -> Iterator[str]:
    """A server that answers everything at once; gives its port. workspace: its UUID."""
    server = subprocess.Popen(
        [sys.executable, HERE / "answering.py", *certificate],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"BENCH_WORKSPACE": workspace},
    )
    assert server.stdout
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


def import_all(url: str) -> list[str | Path]:
    """Our import of a file into the workspace at `url`."""
    return [sys.executable, HERE / "import_all.py", contacts(RUN_ROWS), url, BUILD / "state"]


def measure_run(table: Table, bodies: Path) -> None:
    """run beside a loop that only posts the bodies of its requests, which are kept in a file."""
    state = BUILD / "state"
    with answering() as port:
        url = f"http://127.0.0.1:{port}"
        run(import_all(url), fresh=state)
        _write_bodies(state, bodies)
        importer, loop, ratio = pair(
            import_all(url), [sys.executable, HERE / "httpx_loop.py", bodies, url], fresh=state
        )
        table.add(
            f"run of {RUN_ROWS:,} rows, beside an httpx loop that posts the same bodies",
            "at most x 3",
            f"x {ratio:.1f} ({importer.cpu_s:.1f} s to {loop.cpu_s:.1f} s)",
            met=ratio <= 3,
        )


def measure_https(table: Table, bodies: Path) -> None:
    """run over https beside rapidpro-python; once, for that one takes minutes."""
    # a name that is not taken for this machine, so that the certificates of the environment count
    host = socket.gethostname()
    subprocess.run(
        [PEERS / "bin" / "python", "-m", "trustme", "--dir", BUILD, "--identities", host, "--quiet"],
        check=True,
    )
    # beside all the usual authorities: reading those is a part of what a program takes
    bundle = BUILD / "authorities.pem"
    bundle.write_text(Path(certifi.where()).read_text() + (BUILD / "client.pem").read_text())
    variables = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(bundle))
    trusted = os.environ | {"NO_PROXY": "*"} | variables
    with answering(BUILD / "server.pem", BUILD / "server.key") as port:
        url = f"https://{host}:{port}"
        importer, loop, ratio = pair(
            import_all(url), peer("rapidpro_loop.py", bodies, url), fresh=BUILD / "state", env=trusted, runs=1
        )
        table.add(
            "the same over https, beside rapidpro-python (one run)",
            "at most 1/10",
            f"1/{1 / ratio:.1f} ({importer.cpu_s:.1f} s to {loop.cpu_s:.1f} s)",
            met=ratio <= 1 / 10,
        )


def _write_bodies(state: Path, bodies: Path) -> None:
    """What the importer has posted, from its journal."""
    (journal,) = (state / "jobs").glob("*.db")
    with closing(sqlite3.connect(journal)) as db, bodies.open("w", encoding="ascii") as file:
        for (body,) in db.execute("SELECT request FROM steps WHERE kind = 'create' ORDER BY id"):
            file.write(f"{body}\n")


def measure_report(table: Table) -> None:
    """report.xlsx beside the same by hand."""
    ours, theirs, ratio = pair(
        [sys.executable, HERE / "report_book.py", "ours", BUILD],
        [sys.executable, HERE / "report_book.py", "hand", BUILD],
    )
    table.add(
        "report.xlsx of 100,000 rows x 20 columns, beside XlsxWriter by hand",
        "at most x 1.2",
        f"x {ratio:.2f} ({ours.cpu_s:.1f} s to {theirs.cpu_s:.1f} s)",
        met=ratio <= 1.2,
    )
    table.add("its peak memory", "200 MB", f"{ours.peak_mb:.0f} MB", met=ours.peak_mb <= 200)


def main() -> None:
    """Measure all, and write the results."""
    BUILD.mkdir(parents=True, exist_ok=True)
    table = Table()
    measure_check(table)
    curve = measure_growth(table)
    bodies = BUILD / "bodies.jsonl"
    measure_run(table, bodies)
    measure_https(table, bodies)
    measure_report(table)
    write_results(table, curve)


def write_results(table: Table, curve: Sequence[str]) -> None:
    """Write RESULTS.md. curve: see `measure_growth`."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("phonenumbers", "XlsxWriter", "httpx"))
    peers = subprocess.check_output(
        [PEERS / "bin" / "python", "-m", "pip", "list", "--format=freeze"], text=True
    ).splitlines()
    named = [
        line
        for line in peers
        if line.split("==")[0] in ("frictionless", "pyexcel", "pyexcel-xlsx", "rapidpro-python")
    ]
    (HERE / "RESULTS.md").write_text(
        "\n".join(
            [
                "# Results",
                "",
                "Written by `make bench`; see there how it is measured. "
                f"Medians of {RUNS}, on {os.cpu_count()} cores ({machine.machine()}, {machine.system()}).",
                f"Python {machine.python_version()}, {versions}; {', '.join(named)}.",
                "",
                *table.lines,
                "",
                "## check and plan, by rows",
                "",
                *curve,
                "",
            ]
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
