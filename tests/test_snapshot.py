"""importer.snapshot: which contacts of the workspace a row means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.model import Contact, Wanted
from importer.snapshot import Memory, Snapshot
from importer.urns import identity

NINE, EIGHT = "5582990000001", "558290000001"
ANA, BIA, CAIO = (f"{digit * 8}-2222-4333-8444-555555555555" for digit in "123")


def contacts(**urns: str) -> Snapshot:
    return Snapshot(Contact(name, urns=tuple(text.split())) for name, text in urns.items())


@pytest.mark.parametrize(
    ("stored", "urn", "found"),
    [
        # just this one
        ({"a": f"tel:+{NINE}", "b": f"tel:+{EIGHT}"}, f"tel:+{NINE}", "a"),
        ({"a": f"tel:+{NINE}", "b": f"whatsapp:{NINE}"}, f"whatsapp:{NINE}", "b"),
        # else the same number in another notation under its scheme
        ({"a": f"tel:+{EIGHT}", "b": f"whatsapp:{NINE}"}, f"tel:+{NINE}", "a"),
        ({"a": f"tel:+{NINE}", "b": f"whatsapp:{EIGHT}"}, f"whatsapp:{NINE}", "b"),
        # else under the other scheme
        ({"a": f"whatsapp:{EIGHT}"}, f"tel:+{NINE}", "a"),
        ({"a": f"whatsapp:{EIGHT}", "b": f"whatsapp:{NINE}"}, f"tel:+{NINE}", "ab"),
        # a contact with two notations is one
        ({"a": f"whatsapp:{EIGHT} whatsapp:{NINE}"}, f"tel:+{NINE}", "a"),
        ({"a": "mailto:ana@example.com"}, "mailto:ana@example.com", "a"),
        ({"a": "twitterid:12#ana"}, "twitterid:12#bia", "a"),
        ({"a": "tel:+5582900000001#home"}, "tel:+5582900000001", "a"),
        ({"a": "ext:12"}, "telegram:12", ""),
        ({}, "ext:12", ""),
    ],
)
def test_who_has_an_urn(stored, urn, found):
    assert [contact.uuid for contact in contacts(**stored).holders(urn)] == list(found)


def test_a_row_with_a_uuid_means_that_contact_whatever_its_urns():
    snapshot = Snapshot([Contact(ANA, urns=("ext:1",)), Contact(BIA, urns=("ext:2",))])
    assert [one.uuid for one in snapshot.meant(Wanted(BIA, urns=("ext:1",)))] == [BIA]
    assert snapshot.meant(Wanted(CAIO, urns=("ext:1",))) == []


def test_a_row_without_one_means_the_contacts_of_its_urns():
    snapshot = Snapshot([Contact(ANA, urns=("ext:1", "ext:3")), Contact(BIA, urns=("ext:2",))])
    assert [one.uuid for one in snapshot.meant(Wanted(urns=("ext:3", "ext:1", "ext:9")))] == [ANA]
    assert [one.uuid for one in snapshot.meant(Wanted(urns=("ext:2", "ext:1")))] == [BIA, ANA]
    assert snapshot.meant(Wanted(name="Ana")) == []


def test_what_was_seen_later_counts():
    """A contact that comes again while the list is walked has changed meanwhile."""
    kept = Memory([Contact(ANA, "Ana", urns=("ext:1", "ext:2"))])
    snapshot = Snapshot.of(kept, "match")
    kept.add(Contact(ANA, "Ana Lima", urns=("ext:2", "ext:3")))
    kept.add(Contact(BIA, urns=("ext:1",)))
    assert [one.uuid for one in snapshot.holders("ext:1")] == [BIA]
    assert [one.name for one in snapshot.holders("ext:3")] == ["Ana Lima"]
    assert len(kept) == 2


def test_a_contact_that_is_gone_has_nothing():
    kept = Memory([Contact(ANA, urns=("ext:1", f"tel:+{NINE}", f"tel:+{EIGHT}"))])
    snapshot = Snapshot.of(kept, "match")
    kept.forget(ANA)
    kept.forget(ANA)
    assert snapshot.holders("ext:1") == snapshot.holders(f"tel:+{NINE}") == []
    assert list(kept) == []


URNS = [
    f"tel:+{NINE}",
    f"tel:+{EIGHT}",
    f"whatsapp:{NINE}",
    f"whatsapp:{EIGHT}",
    "ext:1",
    "ext:2",
    "mailto:a@example.com",
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([ANA, BIA, CAIO]), st.none() | st.lists(st.sampled_from(URNS), unique=True).map(tuple)
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from(URNS))
def test_whatever_was_added_and_forgotten_the_holders_are_those_who_have_it(steps, urn):
    kept, has = Memory(), dict[str, tuple[str, ...]]()
    snapshot = Snapshot.of(kept, "match")
    for uuid, urns in steps:
        if urns is None:
            kept.forget(uuid)
            has.pop(uuid, None)
        else:
            kept.add(Contact(uuid, urns=urns))
            has[uuid] = urns
    alike = {uuid for uuid, urns in has.items() if any(identity(one) == identity(urn) for one in urns)}
    exact = {uuid for uuid, urns in has.items() if urn in urns}
    found = [contact.uuid for contact in snapshot.holders(urn)]
    assert len(found) == len(set(found))
    assert set(found) == exact if exact else set(found) <= alike and bool(found) == bool(alike)
