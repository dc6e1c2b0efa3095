"""How often the interpreter looks for garbage; for whoever has the process to itself."""

import atexit
import gc

AT = 200_000
"""So many more objects there are before anybody looks for cycles among them."""


def collect_seldom() -> None:
    """A block of rows has thousands of objects, and no cycle: to look after every 700, as is usual, takes a tenth of a
    plan. Whoever looks goes through all keys of a file; so nobody does at the end, when all is gone anyway.
    """
    gc.set_threshold(AT)
    atexit.register(gc.freeze)
