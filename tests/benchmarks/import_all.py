"""Imports a file as `run` does, without the server's limit of requests: `import_all.py FILE URL STATE`.

Everything else is as a user has it: check, plan, journal, requests, report.
"""

import sys
from pathlib import Path

from importer.options import Options
from importer.run import Connection, import_file

UNLIMITED = 10**9


def main(file: str, url: str, state: str) -> None:
    """Import the file."""
    connection = Connection(url, "token", settle_s=0)
    options = Options(country="BR", canary=0, rate=UNLIMITED)
    print(dict(import_file(Path(file), options, connection, state=Path(state)).totals))


if __name__ == "__main__":
    main(*sys.argv[1:])
