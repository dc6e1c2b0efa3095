"""importer.repeats: which rows mean the same contact, and what becomes of them."""

import itertools
import pickle
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.issues import Issue, Phrase
from importer.model import LEAVE, Contact, Record, Wanted
from importer.repeats import Repeats, clusters, keys_of, settle, settle_cluster, unite

TYPES = {"since": "datetime", "age": "numeric"}
UUIDS = [f"{digit * 8}-2222-4333-8444-555555555555" for digit in "123"]
NINE, EIGHT = "5582990000001", "558290000001"


def record(row: int, *urns: str, **wanted: object) -> Record:
    return Record(row, Wanted(urns=urns, **wanted))


def told(records: list[Record]) -> list[tuple[str, str, object]]:
    """Status, last issue and the row that it names."""
    return [
        (
            one.status,
            one.issues[-1].code if one.issues else "",
            one.issues[-1].details.get("other_row") if one.issues else None,
        )
        for one in records
    ]


# ------------------------------------------------------------------------------------- the same contact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Wanted(UUIDS[0]), Wanted(UUIDS[0], urns=("ext:1",))),
        (Wanted(urns=("ext:1", "ext:2")), Wanted(urns=("ext:3", "ext:2"))),
        (Wanted(urns=(f"tel:+{NINE}",)), Wanted(urns=(f"whatsapp:{NINE}",))),
        (Wanted(urns=(f"tel:+{NINE}",)), Wanted(urns=(f"tel:+{EIGHT}",))),
        (Wanted(urns=(f"whatsapp:{NINE}",)), Wanted(urns=(f"tel:+{EIGHT}",))),
        (Wanted(urns=("twitterid:1#ana",)), Wanted(urns=("twitterid:1#bia",))),
    ],
)
def test_keys_that_mean_one_contact(one, other):
    assert set(keys_of(one)) & set(keys_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Wanted(UUIDS[0]), Wanted(UUIDS[1])),
        (Wanted(urns=("ext:1",)), Wanted(urns=("telegram:1",))),
        (Wanted(urns=("ext:a",)), Wanted(urns=("ext:A",))),
        (
            Wanted(urns=("tel:+551133334444",)),
            Wanted(urns=("tel:+5511933334444",)),
        ),  # a landline has no ninth digit
        (Wanted(name="Ana"), Wanted(name="Ana")),
    ],
)
def test_keys_that_mean_two_contacts(one, other):
    assert not set(keys_of(one)) & set(keys_of(other))


@st.composite
def records(draw, **wanted: object) -> list[Record]:
    """Records of few keys, so that many share some."""
    count = draw(st.integers(1, 9))
    urns = st.lists(st.integers(0, 12).map("ext:{}".format), max_size=3, unique=True).map(tuple)
    said = st.fixed_dictionaries({"urns": urns}, optional=wanted)
    return [Record(row, Wanted(**draw(said))) for row in range(2, 2 + count)]


def components(records: list[Record]) -> set[frozenset[int]]:
    """Rows that hang together by their keys, found by walking from each."""
    rows_of = defaultdict(set)
    for one in records:
        for key in keys_of(one.wanted):
            rows_of[key].add(one.row)
    neighbours = {
        one.row: set[int]().union(*(rows_of[key] for key in keys_of(one.wanted))) for one in records
    }
    found = set()
    for start in neighbours:
        reached, todo = {start}, [start]
        while todo:
            new = neighbours[todo.pop()] - reached
            reached |= new
            todo += new
        found.add(frozenset(reached))
    return {rows for rows in found if len(rows) > 1}


@given(records())
def test_clusters_are_the_connected_components(rows):
    """Each once, in the order of rows; and no row of one was not suspected, nor overlooked."""
    found = clusters(rows)
    assert {frozenset(one.row for one in cluster) for cluster in found} == components(rows)
    assert all([one.row for one in cluster] == sorted(one.row for one in cluster) for cluster in found)
    suspects = {one.row for cluster in found for one in cluster}
    for elsewhere in (0, 2, 3):  # one in so many rows is noted by another process
        repeats, others = Repeats(), Repeats()
        for number, one in enumerate(rows):
            (others if elsewhere and number % elsewhere == 0 else repeats).note(one)
        repeats.merge(pickle.loads(pickle.dumps(others)))
        assert repeats.suspects == suspects
        keys = len({key for one in rows if not one.invalid for key in keys_of(one.wanted)})
        assert [repeats.has_more_than(count) for count in (keys - 1, keys)] == [True, False]
        assert repeats.keys == keys


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [(f"tel:+{NINE}", f"whatsapp:{NINE}", False), (f"tel:+{NINE}", f"tel:+{EIGHT}", False),
     (f"tel:+{NINE}", f"tel:+{NINE}", True)],
)  # fmt: skip
def test_a_uuid_tells_contacts_apart_that_share_a_number(one, other, together):
    """In a workspace one may have it as tel: and another as whatsapp:; only the very same URN cannot be two's."""
    found = clusters([record(2, one, uuid=UUIDS[0]), record(3, other, uuid=UUIDS[1])])
    assert bool(found) is together
    assert clusters([record(2, one, uuid=UUIDS[0]), record(3, other)])


def test_rows_that_hang_together_through_a_later_one():
    rows = [record(2, "ext:1"), record(3, "ext:2"), record(4, "ext:9"), record(5, "ext:1", "ext:2")]
    assert [[one.row for one in cluster] for cluster in clusters(rows)] == [[2, 3, 5]]


def test_a_row_with_an_error_and_one_to_skip_repeat_nothing():
    repeats = Repeats()
    wrong = replace(record(3, "ext:1"), issues=(Issue.of("phone-invalid").at(3),))
    for one in (record(2, "ext:1"), wrong, replace(record(4, "ext:1"), skipped=True)):
        repeats.note(one)
    assert repeats.suspects == set()


def test_contacts_that_a_noted_row_may_mean():
    repeats = Repeats()
    repeats.note(Record(2, Wanted(UUIDS[0], urns=(f"tel:+{NINE}",))))
    assert repeats.may_mean(Contact(UUIDS[0]))
    assert repeats.may_mean(Contact(UUIDS[1], urns=("ext:1", f"whatsapp:{EIGHT}")))
    assert not repeats.may_mean(Contact(UUIDS[1], urns=("ext:1",)))


# ------------------------------------------------------------------------------------------------ merging


def test_rows_that_agree_become_one():
    rows = [
        record(2, "ext:1", "ext:2", name="Ana", groups=("VIP",), fields={"city": "Recife"}),
        record(
            3,
            "ext:2",
            "ext:3",
            uuid=UUIDS[0],
            language="por",
            groups=("vip", "Novos"),
            groups_left=("Antigos",),
        ),
        record(4, "ext:1", fields={"city": "Recife", "age": None}),
    ]
    one, *others = settle_cluster(rows, "merge", TYPES)
    assert one.wanted == Wanted(
        UUIDS[0], "Ana", "por", ("ext:1", "ext:2", "ext:3"), ("VIP", "Novos"), ("Antigos",),
        fields={"city": "Recife", "age": None},
    )  # fmt: skip
    assert (one.row, one.into, one.status, one.issues) == (2, None, "valid", ())
    assert [(other.row, other.into, other.wanted) for other in others] == [
        (3, 2, rows[1].wanted),
        (4, 2, rows[2].wanted),
    ]
    assert told(others) == [("merged", "row-repeated", 2)] * 2


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ({"name": "Ana"}, {"name": "Bia"}, "name"),
        ({"name": "Ana"}, {"name": None}, "name"),
        ({"language": "por"}, {"language": "eng"}, "language"),
        ({"uuid": UUIDS[0]}, {"uuid": UUIDS[1]}, "uuid"),
        ({"fields": {"city": "Recife"}}, {"fields": {"city": "Natal"}}, "field"),
        ({"fields": {"city": "Recife"}}, {"fields": {"city": None}}, "field"),
        ({"fields": {"city": "1"}}, {"fields": {"city": "1.0"}}, "field"),
        ({"action": "create"}, {"action": "update"}, "action"),
        ({"action": "create"}, {}, "action"),
        ({"groups": ("VIP",)}, {"groups_left": ("vip",)}, "groups"),
        ({"groups": ("VIP",)}, {"clear_groups": True}, "groups"),
    ],
)
def test_rows_that_contradict_are_held_back(one, other, kind):
    for first, second in ((one, other), (other, one)):
        rows = [record(2, "ext:1", **first), record(5, "ext:1", **second)]
        settled = settle_cluster(rows, "merge", TYPES)
        assert told(settled) == [("invalid", "row-conflict", 5), ("invalid", "row-conflict", 2)]
        reason = settled[0].issues[-1].details["reason"]
        assert isinstance(reason, Phrase)
        assert reason.facts["reason"].key == f"conflict.{kind}"
        assert settled[0].wanted == rows[0].wanted
        assert reason.facts["row"] == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Ana"}, {"name": LEAVE}),
        ({"name": None}, {"name": None}),
        ({"groups": ("VIP",)}, {"groups": ("Novos",)}),
        ({"groups": ("VIP",)}, {"groups_left": ("Novos",)}),
        ({"groups": ("Todos", "VIP"), "clear_groups": True}, {"groups": ("todos",)}),
        ({"clear_groups": True}, {"groups_left": ("Novos",)}),
        (
            {"fields": {"since": "2024-01-31T00:00:00-03:00"}},
            {"fields": {"since": "2024-01-31T03:00:00+00:00"}},
        ),
        ({"fields": {"age": "1"}}, {"fields": {"city": "1"}}),
    ],
)
def test_rows_that_say_different_things_may_well_agree(one, other):
    for first, second in ((one, other), (other, one)):
        settled = settle_cluster([record(2, "ext:1", **first), record(3, "ext:1", **second)], "merge", TYPES)
        assert [single.status for single in settled] == ["valid", "merged"]


def test_the_row_that_is_named_says_something_else():
    """Two rows agree and a third does not: each is told of one that it contradicts, a bystander of another."""
    rows = [
        record(2, "ext:1", name="Ana"), record(3, "ext:1", name="Ana"), record(4, "ext:1"),
        record(5, "ext:1", name="Bia"),
    ]  # fmt: skip
    assert [other for _, _, other in told(settle_cluster(rows, "merge", TYPES))] == [5, 5, 2, 2]


def test_thousands_of_rows_with_one_number_are_settled_at_once():
    rows = [record(row, "ext:1", name=f"Nome {row}") for row in range(2, 4002)]
    assert {one.issues[-1].details["other_row"] for one in settle_cluster(rows, "merge", TYPES)} == {2, 3}


def test_what_is_too_much_together_is_held_back():
    urns = [f"ext:{number}" for number in range(101)]
    settled = settle_cluster([record(2, *urns[:60]), record(3, *urns[59:])], "merge", TYPES)
    assert told(settled) == [("invalid", "too-many-urns", None)] * 2
    groups = tuple(f"Turma {number}" for number in range(101))
    settled = settle_cluster(
        [record(2, "ext:1", groups=groups[:60]), record(3, "ext:1", groups=groups[60:])], "merge", TYPES
    )
    assert told(settled) == [("invalid", "too-many-groups", None)] * 2
    settled = settle_cluster([record(2, *urns[:60]), record(3, *urns[59:100])], "merge", TYPES)
    assert [one.status for one in settled] == ["valid", "merged"]


@pytest.mark.parametrize(
    ("duplicates", "found"),
    [
        ("first", [("valid", "", None), ("skipped", "row-left-out", 2), ("skipped", "row-left-out", 2)]),
        ("last", [("skipped", "row-left-out", 4), ("skipped", "row-left-out", 4), ("valid", "", None)]),
        (
            "error",
            [("invalid", "row-conflict", 3), ("invalid", "row-conflict", 2), ("invalid", "row-conflict", 2)],
        ),
    ],
)
@pytest.mark.parametrize("names", ["Ana Ana Ana", "Ana Bia Caio"])
def test_other_ways_with_duplicates(duplicates, found, names):
    """Whether they agree does not matter."""
    rows = [record(row, "ext:1", name=name) for row, name in enumerate(names.split(), 2)]
    settled = settle_cluster(rows, duplicates, TYPES)
    assert told(settled) == found
    assert [one.wanted for one in settled] == [one.wanted for one in rows]


def test_warnings_that_a_row_had_stay_with_it():
    note = Issue.of("language-normalised", "pt", code="por").at(3)
    rows = [record(2, "ext:1"), replace(record(3, "ext:1"), issues=(note,))]
    assert [[i.code for i in one.issues] for one in settle_cluster(rows, "merge", TYPES)] == [
        [], ["language-normalised", "row-repeated"],
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------- promises

WANTED = {
    "name": st.sampled_from([LEAVE, None, "Ana", "Bia"]),
    "language": st.sampled_from([LEAVE, "por"]),
    "groups": st.lists(st.sampled_from(["VIP", "Novos"]), unique=True).map(tuple),
    "groups_left": st.lists(st.sampled_from(["Antigos"]), max_size=1).map(tuple),
    "clear_groups": st.booleans(),
    "fields": st.dictionaries(st.sampled_from(["city", "age"]), st.sampled_from([None, "1", "2"])),
}


def meaning(wanted: Wanted) -> tuple[object, ...]:
    """What a contact becomes, without the order of URNs and groups."""
    sets = (wanted.urns, wanted.groups, wanted.groups_left, wanted.fields.items())
    said = (wanted.uuid, wanted.name, wanted.language, wanted.clear_groups, wanted.action)
    return (*said, *map(frozenset, sets))


@given(records(**WANTED), st.sampled_from(["merge", "first", "last", "error"]))
def test_every_row_is_settled_once_and_its_row_stays(rows, duplicates):
    settled = settle(rows, duplicates, TYPES)
    assert set(settled) == {one.row for cluster in clusters(rows) for one in cluster}
    assert all(row == one.row for row, one in settled.items())
    for cluster in clusters(rows):
        statuses = [settled[one.row].status for one in cluster]
        assert statuses.count("valid") <= 1
        assert "valid" in statuses or set(statuses) == {"invalid"}


@given(records(**WANTED), st.data())
def test_merging_goes_by_what_rows_say_and_not_by_their_order(rows, data):
    """The same rows in another order are merged to the same contact, or are all held back."""
    shuffled = data.draw(st.permutations(rows))
    renumbered = [replace(one, row=row) for row, one in enumerate(shuffled, 2)]

    def outcome(of: list[Record]) -> Counter[tuple[object, ...]]:
        return Counter(
            meaning(one.wanted) for one in settle(of, "merge", TYPES).values() if one.status != "merged"
        )

    assert outcome(rows) == outcome(renumbered)


@given(records(**WANTED))
def test_merging_again_changes_nothing(rows):
    merged = [one for one in settle(rows, "merge", TYPES).values() if one.status == "valid"]
    for one in merged:
        assert unite([one.wanted, one.wanted]) == one.wanted
        again = settle_cluster([one, replace(one, row=99)], "merge", TYPES)
        assert (again[0].wanted, again[1].into) == (one.wanted, one.row)
    assert settle(merged, "merge", TYPES) == {}


@given(records(**WANTED))
def test_what_is_merged_says_all_that_its_rows_say_and_nothing_else(rows):
    settled = settle(rows, "merge", TYPES)
    for cluster in clusters(rows):
        first = settled[cluster[0].row]
        if first.status != "valid":
            continue
        whole, parts = first.wanted, [one.wanted for one in cluster]
        for attribute in ("name", "language"):
            assert {getattr(part, attribute) for part in parts} - {LEAVE} == {getattr(whole, attribute)} - {
                LEAVE
            }
        for attribute in ("urns", "groups", "groups_left"):
            assert set(getattr(whole, attribute)) == set(
                itertools.chain(*(getattr(part, attribute) for part in parts))
            )
        assert set(whole.fields.items()) == {item for part in parts for item in part.fields.items()}
        assert whole.clear_groups == any(part.clear_groups for part in parts)


def test_a_row_that_says_a_key_twice_repeats_no_other():
    """As where the phone and the WhatsApp column hold the same number."""
    repeats = Repeats()
    repeats.note_keys([2, 3], [["tel:1", "tel:2"], ["tel:1", "tel:3"], ["", ""]])
    assert (repeats.suspects, repeats.keys) == (set(), 3)
    repeats.note_keys([4, 5], [["tel:4", "tel:4"], ["tel:5", "tel:2"]])
    assert repeats.suspects == {3, 4, 5}
