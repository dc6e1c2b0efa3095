"""httpx without its command line, which it loads whoever imports it: that and what it draws with take a plan as long as
all else of httpx.
"""

import sys

_COMMAND_LINE = "httpx._main"
if "httpx" not in sys.modules:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment] # what a module that cannot be imported has there
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules[_COMMAND_LINE]
