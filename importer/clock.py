"""Time that nobody can set: for waits, and for what must be told apart by when it happened."""

import sys
import time
from pathlib import Path
from uuid import uuid4

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_OWN = uuid4().hex


def steady() -> float:
    """Seconds since the machine was started; every process reads the same, and those it was asleep count, too.

    Where the system has no such clock, sleep may not count.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


def start_of_steady() -> str:
    """Tells one start of the machine from another, as `steady` begins anew with each.

    Where the system does not say, it tells one process from another.
    """
    try:
        return _BOOT.read_text("ascii").strip() or _OWN
    except (OSError, UnicodeDecodeError):
        return _OWN
