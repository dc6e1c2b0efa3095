"""Whatever a file holds, reading it ends in rows or in one clear reason."""

import hashlib
import os
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from importer.errors import Unusable
from importer.messages import catalogue
from importer.options import Options
from importer.readers import content, open_table

CORPUS = Path(__file__).parent.parent / "corpus"
SAMPLES = sorted(
    path for path in CORPUS.iterdir() if path.suffix not in (".json", "") and path.name != ".gitattributes"
)
ROUNDS = 1500


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, cut out, doubled, overwritten, or the rest left off."""
    text = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(6):
            case 0 if at < len(text):
                text[at] ^= 1 << chance.randrange(8)
            case 1:
                del text[at : at + chance.randrange(1, 50)]
            case 2:
                text[at:at] = text[at : at + chance.randrange(1, 200)]
            case 3 if chance.random() < 0.3:
                del text[at:]
            case 4:
                text[at : at + 1] = bytes([chance.choice(b'\x00\xff"\n\r,;<>&')])
            case _:
                other = chance.randrange(len(text) + 1)
                text[at : at + 4] = text[other : other + 4]
    return bytes(text)


def mutate_parts(content: bytes, chance: random.Random) -> bytes:
    """The same within an archive, so that it is not only the archive that breaks."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    chosen = chance.choice(list(parts))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            hit = name == chosen or ("sheet1" in name and chance.random() < 0.5)
            archive.writestr(name, mutate(part, chance) if hit else part)
    return packed.getvalue()


@pytest.mark.parametrize("part", range(4))
def test_damaged_files_are_read_or_refused(part, tmp_path):
    """Mutated samples raise nothing but Unusable, with an issue that can be said; rows fit their columns."""
    chance = random.Random(part)
    english, outcomes = catalogue(), set()
    for _ in range(ROUNDS // 4):
        sample = chance.choice(SAMPLES)
        content = sample.read_bytes()
        inside = zipfile.is_zipfile(sample) and chance.random() < 0.8
        path = tmp_path / f"x{sample.suffix}"
        path.write_bytes(mutate_parts(content, chance) if inside else mutate(content, chance))
        refused = None
        try:
            with open_table(path, Options()) as table:
                width = len(table.columns)
                assert all(len(row.cells) == width for row in table.rows())
        except Unusable as error:
            refused = error
        outcomes.add(refused.issue.code if refused else "read")
        assert refused is None or english.explain(refused)
        assert refused is None or refused.info.path == str(path)
    assert {"read", "file-unreadable"} <= outcomes


def test_files_that_are_not_there(tmp_path, read):
    """Each has its own sentence."""
    nothing, folder = tmp_path / "no.csv", tmp_path / "folder.csv"
    folder.mkdir()
    assert read(nothing).refused == "file-not-found"
    assert read(str(nothing)).issues[0].value == str(nothing)
    assert read(folder).refused == "file-is-folder"
    assert read("a\0b.csv").refused in ("file-unreadable", "file-not-found")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this system's folders")
def test_a_pipe_is_no_file(tmp_path, read):
    """Rows are read more than once; nothing waits for what a pipe may give."""
    os.mkfifo(tmp_path / "pipe.csv")
    assert read(tmp_path / "pipe.csv").refused == "file-unreadable"


def test_a_file_that_may_not_be_read(tmp_path, read, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("Nome;Celular\nAna;1\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert read(path).refused == "file-not-allowed"


def test_the_facts_of_a_file(tmp_path, read):
    path = tmp_path / "x.csv"
    path.write_bytes(b"Nome;Celular\nAna;1\n")
    found = read(str(path))
    assert found.info.path == str(path)
    assert found.info.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_that_goes_away_while_it_is_read(tmp_path):
    """Rows end in a clear reason, as everything else does."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"Nome;Celular\nAna;1\n")
    with open_table(path, Options()) as table:
        path.unlink()
        with pytest.raises(Unusable):
            list(table.rows())


@pytest.mark.slow
def test_a_long_text_needs_little_memory(tmp_path):
    """A text of any length is opened and read in a few megabytes."""
    import tracemalloc

    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Nome;Celular;Cidade\n")
        file.writelines(f"Pessoa {number};5511900000001;São Paulo\n" for number in range(100_000))
    tracemalloc.start()
    with open_table(path, Options()) as table:
        assert sum(1 for _ in table.rows()) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * 2**20


def test_the_digest_is_that_of_the_whole_file(tmp_path, read):
    path = tmp_path / "contatos.csv"
    path.write_bytes(b"Nome,Telefone\n" + b"Ana,+5582993311220\n" * 150_000)
    assert path.stat().st_size > 2 * content._CHUNK
    with open_table(path, Options()) as table:
        assert table.info.digest == hashlib.sha256(path.read_bytes()).hexdigest()
