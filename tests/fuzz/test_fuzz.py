"""Damaged files: whatever they hold, a check ends in rows or in one clear reason, soon and in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from importer.issues import CATALOGUE

FUZZING = Path(__file__).with_name("fuzzing.py")
FILES = int(os.environ.get("WENI_FUZZ", "500"))


@pytest.mark.parametrize(
    ("seed", "files"),
    [(0, 250), pytest.param(1, FILES, marks=[pytest.mark.slow, pytest.mark.timeout(900)])],
)
def test_damaged_files_are_checked_or_refused(seed, files):
    """No traceback, ten seconds of work and a gigabyte at most; what goes wrong can be done again by number."""
    done = subprocess.run(
        [sys.executable, FUZZING, "--seed", str(seed), "--files", str(files)],
        capture_output=True,
        text=True,
    )
    *wrong, summary = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, wrong, done.stderr) == (0, [], "")
    assert summary["files"] == files
    assert {"checked", "blocked", "file-unreadable", "header-missing", "file-empty"} <= summary[
        "outcomes"
    ].keys()
    assert summary["outcomes"].keys() - {"checked", "blocked"} <= CATALOGUE.keys()


def test_the_same_numbers_give_the_same_damage(tmp_path):
    """So that what went wrong once goes wrong again."""
    for name in ("one", "other"):
        call = [sys.executable, FUZZING, "--seed", "3", "--only", "5", "--keep", tmp_path / name]
        subprocess.run(call, capture_output=True, timeout=60, check=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
