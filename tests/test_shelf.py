"""importer.shelf: what is put aside comes back; where there is no room, it is read again."""

import errno
import os

from importer.check import Check
from importer.model import Block, ReadStretch, Row
from importer.options import Options
from importer.shelf import Shelf

NUMBERS = ("82990000001", "wrong", "82990000002", "82990000001")
ROWS = [Row(number, (name, NUMBERS[number - 2])) for number, name in enumerate(("Ana", "Bia", "", "Ana"), 2)]


class Full:
    """A file on a disk that has room for one write."""

    def __init__(self, file):
        self.writes, self.seek = iter([file.write]), file.seek

    def write(self, content):
        for write in self.writes:
            return write(content)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_was_put_aside_comes_back_in_any_order(tmp_path):
    shelf = Shelf(tmp_path / "new")
    places = [shelf.put(thing) for thing in ("one", ["two"], {"three": 3})]
    assert [shelf.get(places[at]) for at in (2, 0, 1)] == [{"three": 3}, "one", ["two"]]


def test_nobody_sees_a_file(tmp_path):
    shelf = Shelf(tmp_path / "new")
    shelf.put("secret")
    assert list((tmp_path / "new").iterdir()) == []
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_has_no_room(tmp_path):
    (tmp_path / "file").touch()
    shelf = Shelf(tmp_path / "file" / "new")
    assert (shelf.put("one"), shelf.is_open) == (None, False)


def test_rows_are_the_same_from_the_shelf_and_where_it_is_full(tmp_path, schema_for, monkeypatch):
    """The file is not read again, unless it must be."""
    schema, readings = schema_for("name", "urn:tel"), []

    def stretches():
        readings.append(1)
        return iter([ReadStretch(Block.of(ROWS[:2])), ReadStretch(Block.of(ROWS[2:]))])

    expected = list(Check(stretches, schema, Options()).records())
    readings.clear()
    check = Check(stretches, schema, Options(), shelf=Shelf(tmp_path))
    before = len(readings)
    assert [list(check.records()) for _ in range(2)] == [expected, expected]
    assert len(readings) == before
    shelf = Shelf(tmp_path)
    monkeypatch.setattr(shelf, "_file", Full(shelf._file))
    assert list(Check(stretches, schema, Options(), shelf=shelf).records()) == expected
    assert not shelf.is_open
