"""What platforms of this family do with an uploaded file: pyexcel row by row, each URN normalised, repeats looked for.

`python pyexcel_loop.py FILE` in the peers' environment. The encoding is detected over the whole file, as they do.
"""

import sys
from pathlib import Path

import chardet
import phonenumbers
import pyexcel

COUNTRY = "BR"


def normalise(scheme: str, value: str) -> str:
    """The URN of a cell; raises ValueError where it is none."""
    value = value.strip()
    if scheme != "tel":
        return f"{scheme}:{value.lower() if scheme == 'mailto' else value}"
    try:
        number = phonenumbers.parse(value, COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise ValueError(value) from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(value)
    return "tel:" + phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check(path: str) -> tuple[int, int, int]:
    """Rows, rows with a wrong URN, rows that repeat one."""
    settings = {}
    if path.endswith(".csv"):
        encoding = chardet.detect(Path(path).read_bytes())["encoding"] or "utf-8"
        settings = {"encoding": "utf-8" if encoding == "ascii" else encoding}
    rows = pyexcel.iget_array(file_name=path, **settings)
    headers = next(rows)
    schemes = [(at, h[4:].lower()) for at, h in enumerate(headers) if h.startswith("URN:")]
    seen: set[str] = set()
    count = wrong = repeated = 0
    for row in rows:
        count += 1
        try:
            urns = [normalise(scheme, str(row[at])) for at, scheme in schemes if at < len(row) and row[at]]
        except ValueError:
            wrong += 1
            continue
        repeated += any(urn in seen for urn in urns)
        seen.update(urns)
    return count, wrong, repeated


if __name__ == "__main__":
    print(*check(sys.argv[1]))
