"""Creates contacts with rapidpro-python, one after the other: `rapidpro_loop.py BODIES URL`, a JSON body a line."""

import json
import sys
from pathlib import Path

from temba_client.v2 import TembaClient


def main(bodies: str, url: str) -> None:
    """Create each."""
    client = TembaClient(url, "token", user_agent="bench")
    with Path(bodies).open("rb") as lines:
        for line in lines:
            client.create_contact(**json.loads(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
