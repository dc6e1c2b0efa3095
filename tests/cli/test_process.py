"""The command line as a process of its own: what it loads, and how it takes signals."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import chain

import pytest

from importer.sandbox import Faults, Sandbox, SandboxOptions

LONG_S = 120
"""Nobody waits for so long; it is for a busy machine."""
HEAVY = {
    "pandas",
    "numpy",
    "openpyxl",
    "xlsxwriter",
    "httpx",
    "pydantic",
    "starlette",
    "uvicorn",
    "rapidfuzz",
    "tqdm",
}


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that a call of the program has imported when it ends."""
    script = (
        "import sys\nfrom importer.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(' '.join({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


def test_help_loads_nothing_heavy():
    assert loaded("--help") & (HEAVY | {"phonenumbers"}) == set()


def test_check_of_a_text_file_loads_nothing_heavy(make_csv):
    assert not loaded("check", str(make_csv("Name,URN:Tel", "Ana,+5582900000001"))) & (
        HEAVY | {"dataclasses"}
    )


def test_requests_load_httpx_without_its_command_line():
    script = (
        "import sys, importer.api\nprint(*{'httpx', 'httpx._main', 'rich', 'pygments'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["httpx"]


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter there")
@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(signal_sent, tmp_path, make_csv, state):
    path = make_csv("Name,URN:Tel", *(f"Nome {n},+55829000000{n:02d}" for n in range(80)))
    with Sandbox(SandboxOptions(rates=None, faults=Faults(slow_s=1))) as sandbox:
        # so slow from the eighth on that the end cannot come before the signal
        sandbox.fault_plan = lambda number, method, where: (
            "slow" if method == "POST" and len(sandbox.contacts()) >= 8 else None
        )
        environment = os.environ | {
            "WENI_TOKEN": sandbox.token,
            "WENI_URL": sandbox.url,
            "WENI_STATE": str(state),
        }
        command = [sys.executable, "-m", "importer", "run", str(path), "--yes", "--json"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
        until = time.monotonic() + LONG_S
        while len(sandbox.contacts()) < 8 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal_sent)
        out, err = process.communicate(timeout=LONG_S)
        assert process.returncode == 4
        assert "Stopping" in err
        assert "Traceback" not in err
        document = json.loads(out)
        written = document["totals"]["created"]
        assert document["ended"] == "stopped"
        assert 8 <= written == len(sandbox.contacts()) < 80
        assert written + document["totals"]["not-sent"] == 80
        sandbox.fault_plan = None
        again = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert again.returncode == 0
        assert json.loads(again.stdout)["totals"]["created"] == len(sandbox.contacts()) == 80


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter there")
@pytest.mark.parametrize("kind", ["slow", "stall"])
def test_a_second_ctrl_c_waits_for_nobody_and_loses_nothing(kind, tmp_path, make_csv, state):
    """The requests under way take a minute, and the server may have done what they ask for."""
    path = make_csv("Name,URN:Tel", *(f"Nome {n},+55829000000{n:02d}" for n in range(40)))
    with Sandbox(SandboxOptions(rates=None, faults=Faults(slow_s=1200))) as sandbox:
        sandbox.fault_plan = lambda number, method, where: (
            kind if method == "POST" and len(sandbox.contacts()) >= 10 else None
        )
        environment = os.environ | {
            "WENI_TOKEN": sandbox.token,
            "WENI_URL": sandbox.url,
            "WENI_STATE": str(state),
        }
        command = [sys.executable, "-m", "importer", "run", str(path), "--yes"]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        until = time.monotonic() + LONG_S
        while sum(one.fault == kind for one in list(sandbox.requests)) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = ""
        while "again to stop at once" not in said:
            said += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        _, err = process.communicate(timeout=LONG_S)
        assert time.monotonic() - asked < LONG_S
        assert process.returncode == 4
        assert err.strip() == "Stopped. Nothing is lost: run the same command again to go on."
        sandbox.fault_plan = None
        again = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=tmp_path)
        assert again.returncode == 0
        urns = [urn for contact in sandbox.contacts() for urn in contact["urns"]]
        assert len(urns) == len(set(urns)) == 40


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter there")
def test_the_sandbox_command_ends_with_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "importer", "sandbox", "--port", "0", "--db", str(tmp_path / "w.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LONG_S)
    assert (process.returncode, err.strip()) == (0, "The practice workspace is closing.")


def test_a_call_loads_the_module_of_its_command_and_help_all_of_them():
    from importer.cli.app import ROOMS, program_for

    assert sorted(program_for().commands) == sorted(chain(*ROOMS.values()))
    script = (
        "import sys\nfrom importer.cli.app import ROOMS, program_for\nprint(*program_for(['presets']).commands)\n"
        "print(*{room for room in ROOMS if f'importer.cli.{room}' in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["presets", "workspace", "knowledge"]


def test_a_process_of_its_own_looks_seldom_for_garbage_and_not_at_its_end():
    script = (
        "import atexit, gc\nfrom importer.collecting import AT, collect_seldom\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 1000, gc.get_count()[0] < 1000))\n"
        "collect_seldom()\nprint(gc.get_threshold()[0] == AT)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3
