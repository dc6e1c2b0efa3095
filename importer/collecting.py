"""How often the interpreter looks for garbage; for whoever has the process to itself."""

import gc

AT = 50_000
"""So many more objects there are before anybody looks for cycles among them."""


def collect_seldom() -> None:
    """A block of rows has thousands of objects, and no cycle: to look after every 700, as is usual, takes a tenth of a
    plan.
    """
    gc.set_threshold(AT)
