"""Posts bodies and does nothing else: `httpx_loop.py BODIES URL`, a JSON body a line."""

import sys
from pathlib import Path

import httpx


def main(bodies: str, url: str) -> None:
    """Post each."""
    headers = {"Authorization": "Token token", "Content-Type": "application/json"}
    with httpx.Client(headers=headers, trust_env=False) as client, Path(bodies).open("rb") as lines:
        for line in lines:
            client.post(f"{url}/api/v2/contacts.json", content=line).raise_for_status()


if __name__ == "__main__":
    main(*sys.argv[1:])
