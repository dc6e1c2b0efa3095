"""Damages samples at random and checks them, as a program of its own, so that neither a hang nor a memory that runs
over takes anything else with it:

    python tests/fuzz/fuzzing.py --seed 7 --files 5000
    python tests/fuzz/fuzzing.py --seed 7 --only 1234 --keep damaged.xlsx

Prints one JSON line for what goes wrong and one at the end, and ends with 1 if anything went wrong.
"""

import argparse
import faulthandler
import gzip
import json
import random
import re
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path.insert(0, str(TESTS.parent))

from importer.cli.documents import document_of_check, lines_of  # noqa: E402
from importer.errors import Unusable  # noqa: E402
from importer.examine import examine  # noqa: E402
from importer.messages import catalogue  # noqa: E402
from importer.model import Field, Group, Workspace  # noqa: E402
from importer.options import Options  # noqa: E402

SLOWEST_S = 10.0
MOST_BYTES = 1 << 30
ADDRESSES = 4 << 30
"""What the process may reserve, of which it uses a part."""
LARGEST = 1 << 18
"""Bytes of a damaged file."""

SAMPLES = sorted(
    path
    for folder in ("corpus", "presets")
    for path in (TESTS / folder).iterdir()
    if path.suffix not in ("", ".json", ".py") and path.name != ".gitattributes"
)
WORKSPACE = Workspace(
    "Fuzz",
    "BR",
    "America/Sao_Paulo",
    (Field("city", "Cidade"), Field("age", "Idade", "numeric"), Field("since", "Desde", "datetime")),
    (Group("", "Clientes"), Group("", "Adultos", dynamic=True)),
)
CHOICES = (
    Options(new_fields="create"),
    Options(new_fields="create", strict=True, ninth_digit="keep"),
    Options(country="none", new_groups="error", duplicates="last"),
    Options(phone_scheme="both", create_without_key=True, duplicates="error", groups_mode="replace"),
)

# -------------------------------------------------------------------------------------------------- damage

_TAG = re.compile(rb"<[^<>]{1,200}>")
_NUMBER = re.compile(rb"\d+")
_NUMBERS = (
    b"0", b"-1", b"1", b"255", b"65536", b"1048577", b"2147483648", b"99999999999999999999", b"1e309", b"NaN",
)  # fmt: skip
_PIECES = (
    b"\x00", b"\xff", b'"', b"\r", b"\n", b"\r\n", b",", b";", b"\t", b"|", b"'", b"<", b">", b"&", b"&#0;",
    b"&#x110000;", b"]]>", b"<!--", b"<![CDATA[", b'<!DOCTYPE a [<!ENTITY b "b">]>', b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xc3", b"\xed\xa0\x80", b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"sep=;\r\n",
    b"Nome;Celular\n", b"<table>", b"--", b"+55 82 90000-0001", b"12/31/2024", b"#N/A", b'="1"',
    "\u202e".encode(), "\u0000".encode("utf-16-le"),
)  # fmt: skip


def damage(content: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, cut, doubled, moved, overwritten; a few times, at random places."""
    for _ in range(chance.choice((1, 1, 1, 2, 4, 15))):
        content = chance.choice(_DAMAGES)(content, chance)[:LARGEST]
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice((1, 3, 40))):
        if found:
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _cut(content: bytes, chance: random.Random) -> bytes:
    begin, end = _slice(content, chance)
    return content[:begin] + content[end:]


def _cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: _slice(content, chance)[chance.randrange(2)]]


def _double(content: bytes, chance: random.Random) -> bytes:
    begin, end = _slice(content, chance)
    return content[:end] + content[begin:end] * chance.choice((1, 1, 2, 10, 500)) + content[end:]


def _move(content: bytes, chance: random.Random) -> bytes:
    begin, end = _slice(content, chance)
    to = chance.randrange(len(content) + 1)
    return content[:to] + content[begin:end] + content[to:]


def _put(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return (
        content[:at]
        + chance.choice(_PIECES) * chance.choice((1, 1, 1, 30))
        + content[at + chance.randrange(3) :]
    )


def _renumber(content: bytes, chance: random.Random) -> bytes:
    """A number in the text becomes another one: a row, a column, a count, an index, a style, a value."""
    return _replace_one(content, _NUMBER, chance, lambda _: chance.choice(_NUMBERS))


def _retag(content: bytes, chance: random.Random) -> bytes:
    """A tag is lost, comes twice, is closed at once, or turns into another one of the file."""
    tags = _TAG.findall(content)
    if not tags:
        return content
    change = chance.randrange(4)
    other = chance.choice(tags)
    return _replace_one(
        content, _TAG, chance, lambda tag: (b"", tag + tag, tag[:-1].rstrip(b"/") + b"/>", other)[change]
    )


def _replace_one(
    content: bytes, pattern: re.Pattern[bytes], chance: random.Random, by: Callable[[bytes], bytes]
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    one = chance.choice(found)
    return content[: one.start()] + by(one[0]) + content[one.end() :]


def _slice(content: bytes, chance: random.Random) -> tuple[int, int]:
    begin = chance.randrange(len(content) + 1)
    return begin, min(len(content), begin + chance.choice((1, 2, 8, 60, 700, 20_000)))


_DAMAGES = (_flip, _cut, _cut_off, _double, _move, _put, _renumber, _retag)


def damaged(sample: Path, chance: random.Random) -> bytes:
    """A sample's bytes, damaged on the outside or, where it is packed, within."""
    content = sample.read_bytes()
    inside = chance.random() < 0.7
    if inside and content.startswith(b"\x1f\x8b"):
        return gzip.compress(damage(gzip.decompress(content), chance), 1, mtime=0)
    if inside and zipfile.is_zipfile(BytesIO(content)):
        return _damaged_within(content, chance)
    if chance.random() < 0.03:
        return content[: len(content) // 2] + chance.choice(SAMPLES).read_bytes()
    return damage(content, chance)


def _damaged_within(content: bytes, chance: random.Random) -> bytes:
    """One or several members of an archive are damaged, or one is lost or comes under another's name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    names = list(members)
    if chance.random() < 0.05:
        del members[chance.choice(names)]
    elif chance.random() < 0.05:
        members[chance.choice(names)] = members[chance.choice(names)]
    else:
        tables = [name for name in names if re.search(r"sheet\d|content\.xml|sharedStrings|\.csv", name)]
        for name in (
            chance.sample(names, 1) if chance.random() < 0.4 or not tables else [chance.choice(tables)]
        ):
            members[name] = damage(members[name], chance)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED, 1)
    return packed.getvalue()


# ---------------------------------------------------------------------------------------------------- check


def check(path: Path, options: Options) -> str:
    """What comes of a file, in a word: the code of what makes it unusable, "blocked" or "checked".

    Everything that `check --json --records` does is done.
    """
    words = catalogue()
    try:
        examined = examine(path, options, WORKSPACE)
        document = document_of_check(examined, words, with_records=True)
        lines = sum(1 for _ in lines_of(document))
    except Unusable as error:
        return (
            f"{error.issue.code if error.issue else error.key}{'' if words.explain(error) else ' (untold)'}"
        )
    finally:
        with suppress(NameError, UnboundLocalError):
            examined.table.close()
    totals = document["totals"]
    assert totals["rows"] == sum(count for name, count in totals.items() if name != "rows")
    assert document["blocked"] or lines == totals["rows"] + 2
    return "blocked" if document["blocked"] else "checked"


def case(seed: int, number: int) -> tuple[Path, bytes, Options]:
    """The damaged file of this number: the sample, its bytes, the options. Always the same for the same numbers."""
    chance = random.Random(f"{seed}/{number}")
    sample = chance.choice(SAMPLES)
    return sample, damaged(sample, chance), chance.choice(CHOICES)


def main() -> int:
    """Check damaged files until there are enough; what is wrong is printed at once."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--files", type=int, default=1000)
    reader.add_argument("--only", type=int)
    reader.add_argument("--keep", type=Path, help="with --only: leave the damaged file here")
    given = reader.parse_args()
    limit_memory()
    outcomes: Counter[str] = Counter()
    wrong, slowest_s = 0, 0.0
    numbers = range(given.files) if given.only is None else (given.only,)
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            sample, content, options = case(given.seed, number)
            path = Path(folder) / f"x{sample.suffix}"
            path.write_bytes(content)
            if given.keep:
                given.keep.write_bytes(content)
            told = {"seed": given.seed, "number": number, "sample": sample.name, "bytes": len(content)}
            faulthandler.dump_traceback_later(30 * SLOWEST_S, exit=True)
            begun = time.process_time()
            try:
                outcomes[check(path, options)] += 1
            except BaseException:
                wrong += 1
                print(json.dumps({**told, "raised": traceback.format_exc()}), flush=True)
            took_s = time.process_time() - begun
            faulthandler.cancel_dump_traceback_later()
            slowest_s = max(slowest_s, took_s)
            if took_s > SLOWEST_S:
                wrong += 1
                print(json.dumps({**told, "took_s": round(took_s, 1)}), flush=True)
    most_bytes = memory_used()
    wrong += most_bytes > MOST_BYTES
    summary = {
        "files": len(numbers),
        "wrong": wrong,
        "slowest_s": round(slowest_s, 2),
        "memory_mb": most_bytes >> 20,
    }
    print(json.dumps({**summary, "outcomes": dict(outcomes.most_common())}), flush=True)
    return int(wrong > 0)


def limit_memory() -> None:
    """Keep a file that takes all memory from taking the machine with it, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def memory_used() -> int:
    """The most bytes that this process has had at once; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


if __name__ == "__main__":
    sys.exit(main())
