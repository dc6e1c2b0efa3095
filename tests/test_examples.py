"""Example rows: left out as a whole, and refused in part."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cells import is_blank
from importer.examples import MARKS, is_example, is_marked, mark_example
from importer.messages import LANGUAGES
from importer.model import Row
from importer.options import Options
from importer.schema import Schema
from importer.validate import check_row

languages = st.sampled_from(LANGUAGES)
cells = st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.dates())


def test_every_language_has_a_mark() -> None:
    assert set(MARKS) == set(LANGUAGES)


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=5), language=languages)
def test_what_is_marked_is_an_example(texts: list[str], language: str) -> None:
    """Blank cells between do no harm."""
    marked = [mark_example(text, language) for text in texts]
    assert is_example(marked)
    assert is_example([None, *marked, "", "  "])


@given(row=st.lists(cells, max_size=6), language=languages)
def test_one_cell_of_its_own_makes_a_row_real(row: list[object], language: str) -> None:
    """However many marked cells stand beside it."""
    filled = [cell for cell in row if not is_blank(cell) and not is_marked(cell)]
    assert not is_example(filled)
    if filled:
        assert not is_example([mark_example("Ana", language), *filled])
        assert not is_example([*filled, mark_example("Ana", language)])


@pytest.mark.parametrize("blank", [(), (None,), ("", " ", None)])
def test_a_blank_row_is_no_example(blank: tuple[object, ...]) -> None:
    assert not is_example(blank)


@pytest.mark.parametrize(
    ("cell", "marked"),
    [("[exemplo] Ana", True), ("[EXEMPLO] Ana", True), (" [ejemplo]Ana", True), ("[example]", True),
     ("exemplo Ana", False), ("Ana [exemplo]", False), ("[exemple] Ana", False), ("[1] Ana", False), (None, False),
     (12, False), ("", False)],
)  # fmt: skip
def test_a_mark_stands_at_the_beginning(cell: object, marked: bool) -> None:
    assert is_marked(cell) is marked


def test_an_example_is_skipped_whatever_else_is_wrong_with_it(schema_for: Callable[..., Schema]) -> None:
    schema = schema_for("name", "urn:tel", "field:age")
    record = check_row(Row(2, ("[exemplo] Ana", "[exemplo] 1", "[exemplo] x")), schema, Options())
    assert (record.status, record.issues) == ("skipped", ())


def test_what_is_left_of_an_example_is_an_error_at_its_cell(schema_for: Callable[..., Schema]) -> None:
    """And none of it goes into the contact."""
    schema = schema_for("name", "urn:tel", "field:city")
    record = check_row(Row(2, ("Bia", "[exemplo] +55 82 90000-0001", "[exemplo] Maceió")), schema, Options())
    assert [(issue.code, issue.letter) for issue in record.issues] == [
        ("example-left", "B"),
        ("example-left", "C"),
    ]
    assert (record.wanted.urns, record.wanted.fields) == ((), {})
