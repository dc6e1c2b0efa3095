"""importer.packed: texts come back as they were, and no two are the same bytes."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from importer.packed import Packed, as_bytes

TEXTS = st.text(st.sampled_from("aé–Žÿ\0\x1e\x1f\ud800")) | st.text(st.characters(exclude_characters="\x1d"))


@given(st.lists(TEXTS, max_size=6), st.data())
def test_texts_come_back(texts, data):
    packed = pickle.loads(pickle.dumps(Packed.of(texts)))
    places = data.draw(st.permutations(range(len(texts))))
    assert list(packed) == [packed[at] for at in range(len(packed))] == texts
    assert packed.some(places) == [texts[at] for at in places]
    assert packed.first == next(filter(None, texts), "")
    assert packed.parts == list(map(as_bytes, texts))  # whatever the others are


@given(TEXTS, TEXTS)
def test_no_two_are_the_same_bytes(one, other):
    assert (as_bytes(one) == as_bytes(other)) == (one == other)


def test_a_text_is_not_what_it_is_misread_as():
    """Names are mended so, and that is a change."""
    misread = "Žofia".encode().decode("latin-1")
    assert as_bytes(misread) != as_bytes("Žofia")
    assert as_bytes("\0" + misread) != as_bytes("Žofia")
