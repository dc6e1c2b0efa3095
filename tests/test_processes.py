"""importer.processes: what a second process does beside is what this one would have done."""

import subprocess
import sys
import threading

import pytest

from importer.processes import can_share

LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="only there a process begins with what another one knows"
)

WORK = """
import os, signal
from importer.processes import beside

def work():
    {work}
    return os.getpid()

with beside(work) as result:
    assert (result() != os.getpid()) == {elsewhere}
"""


@LINUX
@pytest.mark.parametrize(
    ("work", "elsewhere"),
    [("pass", True), ("os.kill(os.getpid(), signal.SIGKILL) if os.getpid() != FIRST else None", False)],
    ids=["well", "killed"],
)
def test_what_the_second_process_does_not_do_the_first_one_does(work, elsewhere):
    program = "import os; FIRST = os.getpid()" + WORK.format(work=work, elsewhere=elsewhere)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@LINUX
def test_an_error_is_raised_as_if_there_were_one_process_only():
    program = WORK.format(work="raise LookupError('lost')", elsewhere=True)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.count("Traceback") == 1
    assert ended.stderr.endswith("LookupError: lost\n")


def test_with_threads_beside_there_is_no_second_process():
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    assert not can_share()
    over.set()
    other.join()


CHECKS = """
import json, sys
from pathlib import Path
import importer.check as checks
from importer.examine import examine
from importer.model import Field, Workspace
from importer.options import Options
from importer.shelf import Shelf

def told(path, alone, shelf=None):
    checks._ALONE = 1
    checks.can_share = lambda: not alone
    checks.beside = counting if not alone else None
    options = Options(country="BR", duplicates="merge")
    examined = examine(path, options, Workspace(fields=(Field("note", "Note"),)), shelf)
    check = examined.require_check()
    return {
        "totals": dict(+check.totals.rows), "groups": sorted(check.groups.items()), "keys": check.repeats.keys,
        "kinds": [(kind.example.code, kind.example.row, kind.count, kind.rows) for kind in check.totals.kinds],
        "asked": [issue.code for issue in examined.issues],
        "orders": [c.locale.date_order for c in check.schema.columns],
        "records": [repr(record) for record in check.records()],
    }

began, beside = [], checks.beside
def counting(work):
    began.append(work)
    return beside(work)

one, two = told(Path(sys.argv[1]), True), told(Path(sys.argv[1]), False)
assert one == two, [key for key in one if one[key] != two[key]]
assert began, "it was not shared"
three = told(Path(sys.argv[1]), False, Shelf(Path(sys.argv[1]).parent))
assert one == three, "what was put aside is something else"
print(json.dumps({key: one[key] for key in ("totals", "groups", "asked", "orders")}))
"""


@LINUX
def test_a_check_in_two_processes_is_that_of_one(tmp_path):
    """Errors, repeats, first spellings, the order of dates and the types of new fields come of all rows."""
    lines = ["Nome,Telefone,Grupos,Desde,Nova,Obs"]
    for number in range(6000):
        name = f'"Silva, Ana {number}"' if number % 900 == 7 else f"Ana {number}"
        phone = "12" if number % 400 == 3 else f"+55829{number % 5800:08}"
        group = ("Turma A", "TURMA A", "Turma B")[(number // 2000) % 3]
        day = f"{1 + number % 12:02}/{1 + number % 12:02}/2024" if number < 5990 else "31/12/2024"
        lines.append(f"{name},{phone},{group},{day},{number},{'nota ' * (number % 30)}")
    path = tmp_path / "contatos.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", CHECKS, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "turma a" in ended.stdout
