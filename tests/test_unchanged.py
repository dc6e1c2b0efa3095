"""importer.unchanged: what is told at a glance is what `decide` says of each row, and it is told of ordinary rows."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.check import Check
from importer.decisions import Rules, decide, decide_for
from importer.definitions.planning import DefinitionPlan
from importer.errors import MirrorFailed
from importer.mirror import Mirror
from importer.model import LEAVE, Block, Contact, Field, Group, ReadStretch, Record, Row, Workspace
from importer.options import Options
from importer.packed import Packed
from importer.plan import Plan
from importer.snapshot import Memory, Snapshot
from importer.steps import Decision
from importer.unchanged import Unchanged
from importer.wishes import Wishes

GROUPS = (Group("g1", "VIP"), Group("g2", "Clientes"), Group("g3", "Ativos", dynamic=True))
WORKSPACE = Workspace(
    "School", "BR", "America/Sao_Paulo", (Field("note", "Note"), Field("age", "Age", "numeric")), GROUPS, "w"
)
TARGETS = (
    "uuid", "name", "name.first", "name.last", "language", "phone", "urn:tel", "urn:whatsapp", "urn:ext",
    "groups", "group:VIP", "field:note", "field:note", "field:age",
)  # fmt: skip
UUIDS = [f"{digit * 8}-2222-4333-8444-555555555555" for digit in "1234"]
CELLS = {
    "uuid": ["", *UUIDS],
    "name": ["", "Ana", "Bia"],
    "name.first": ["", "Ana"],
    "name.last": ["", "Bia"],
    "language": ["", "por", "eng", "pt"],
    "phone": ["", "+5582990000001", "82990000002"],
    "urn:tel": ["", "+5582990000001", "+558290000001", "+12025550143", "+14165550143"],
    "urn:whatsapp": ["", "5582990000001"],
    "urn:ext": [str(number) for number in range(9)],
    "groups": ["", "VIP", "VIP", "vip; Clientes", "Clientes", "Ativos", "Novo", "-VIP", "--"],
    "group:VIP": ["", "sim", "não"],
    "field:note": ["", "a", "b", "a", "b", "--"],
    "field:age": ["", "7", "7.50"],
}
CHOSEN = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["update", "upsert", "create"]),
        "groups": st.sampled_from([("vip",), ("Novo",)]),
        "groups_mode": st.sampled_from(["add", "replace"]),
        "urns_mode": st.sampled_from(["add", "replace"]),
        "new_groups": st.sampled_from(["create", "error"]),
        "phone_scheme": st.sampled_from(["tel", "whatsapp", "both"]),
        "ninth_digit": st.sampled_from(["match", "keep"]),
    },
)
CONSTANTS = st.sampled_from([(), (), (("language", "por"), ("field:age", "7"))])
DEFINITIONS = st.sampled_from([
    DefinitionPlan(), DefinitionPlan(), DefinitionPlan(retyped=frozenset(["age"])),
    DefinitionPlan(names={"g1": "Nobre"}, renamed={"vip": "Nobre"}), DefinitionPlan(deleted={"clientes": "VIP"}),
])  # fmt: skip


def cells_of(targets: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.tuples(*(st.sampled_from(CELLS[target]) for target in targets))


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    """Columns and rows."""
    targets = draw(st.permutations(TARGETS))[: draw(st.integers(1, 6))]
    if not {"urn:ext", "uuid"}.intersection(targets):
        targets.append("urn:ext")
    rows = draw(st.lists(cells_of(targets), min_size=1, max_size=6))
    return targets, [Row(number, cells) for number, cells in enumerate(rows, 2)]


def as_wanted(record: Record, uuid: str) -> Contact:
    """A contact that has all that a row says."""
    wanted = record.wanted
    name, language = (None if said is LEAVE else said for said in (wanted.name, wanted.language))
    groups = tuple(group for group in GROUPS if group.name.casefold() in map(str.casefold, wanted.groups))
    moment = "2026-01-01T00:00:00.000000Z"
    return Contact(
        uuid, name, language, wanted.urns, groups, wanted.fields, created_on=moment, modified_on=moment
    )


def other(draw: st.DrawFn, contact: Contact) -> Contact:
    """The contact, or one that differs a little."""
    changes = {
        "name": st.sampled_from([contact.name, None, " Ana"]),
        "language": st.sampled_from([contact.language, None, "eng"]),
        "urns": st.sampled_from([contact.urns[::-1], contact.urns[1:], (*contact.urns, "ext:9"), ("ext:1",)]),
        "groups": st.sampled_from([contact.groups, (), GROUPS, GROUPS[1:]]),
        "fields": st.sampled_from([contact.fields, {}, contact.fields | {"age": "7", "note": None, "more": "x"}]),
        "blocked": st.booleans(),
    }  # fmt: skip
    name = draw(st.sampled_from([None, *changes]))
    return replace(contact, **{name: draw(changes[name])}) if name else contact


class Slow:
    """A portion of which nothing can be told at a glance."""

    plain, told, refused, settled = (), {}, {}, {}

    def __init__(self, portion):
        self.portion = portion

    wishes = Wishes(Packed.of(()), (), (), (), Packed.of(()), "upsert")

    def records(self, without=frozenset()):
        return self.portion.records()


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    return Mirror(tmp_path_factory.mktemp("mirror") / "m.db", WORKSPACE)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), file=files(), chosen=CHOSEN, constants=CONSTANTS, definitions=DEFINITIONS)
def test_what_is_told_at_a_glance_is_what_would_be_decided(
    data, file, chosen, constants, definitions, schema_for, mirror
):
    targets, rows = file
    options = Options(country="BR", **chosen)
    schema = schema_for(*targets, options=options, workspace=WORKSPACE, constants=constants)
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, options)
    records = list(check.records())
    found = data.draw(st.permutations(records))[:4]
    known = [
        other(data.draw, as_wanted(record, record.wanted.uuid or uuid))
        for record, uuid in zip(found, UUIDS, strict=False)
    ]
    memory = Memory(known)
    walk = mirror.begin_listing()
    mirror.put(memory, walk)
    mirror.end_listing(walk, 0, 0)
    rules = Rules.of(check.schema, WORKSPACE, options, definitions)
    by_row = {record.row: record for record in records}
    for contacts in (memory, mirror):
        snapshot = Snapshot.of(contacts, options.ninth_digit)
        for portion in check.portions():
            seen = Unchanged(rules).find(portion.plain, portion.wishes, contacts)
            for row in seen.meant.keys() - portion.settled.keys():
                record, contact = by_row[row], seen.kept.whole(seen.meant[row])
                decision = decide(record, snapshot, rules)
                assert decision == decide_for(record, contact, rules)
                assert row not in seen.same or decision == Decision(record, contact=contact)
            event(f"told of {'some' if seen.same else 'none'}")
        quick = Plan(check.portions, snapshot, rules, schema.new_fields, rows=len(rows))
        slow = Plan(lambda: map(Slow, check.portions()), snapshot, rules, schema.new_fields)
        assert list(quick.decisions()) == list(slow.decisions())
        assert list(quick.outcomes()) == list(slow.outcomes())
        assert (quick.new_groups, quick.new_fields) == (slow.new_groups, slow.new_fields)
        assert list(quick.totals.kinds) == list(slow.totals.kinds)
        for name in ("rows", "contact_writes", "urn_lists", "removals", "memberships", "countries", "issues"):
            assert getattr(quick.totals, name) == getattr(slow.totals, name)


ROW = ("Ana", "82990000001", "1", "por", "VIP; Clientes", "a", "7")
HEADERS = ("name", "urn:tel", "urn:ext", "language", "groups", "field:note", "field:age")
ANA = Contact(
    UUIDS[0], "Ana", "por", ("tel:+5582990000001", "ext:1"), GROUPS[:2], {"note": "a", "age": "7"},
    created_on="2026-01-01T00:00:00.000000Z", modified_on="2026-01-01T00:00:00.000000Z",
)  # fmt: skip


@pytest.mark.parametrize("uses_mirror", [True, False])
@pytest.mark.parametrize(
    ("contacts", "options", "definitions", "told", "status"),
    [
        pytest.param([ANA], {}, {}, "same", "unchanged", id="as wanted"),
        pytest.param([replace(ANA, fields=ANA.fields | {"more": "x"})], {}, {}, "same", "unchanged", id="more"),
        pytest.param([replace(ANA, urns=ANA.urns[::-1])], {}, {}, "same", "unchanged", id="other order"),
        pytest.param([replace(ANA, name="Bia")], {}, {}, "changed", "updated", id="other name"),
        pytest.param([replace(ANA, name=None)], {}, {}, "changed", "updated", id="no name"),
        pytest.param([replace(ANA, name=" Ana ")], {}, {}, "same", "unchanged", id="name with spaces"),
        pytest.param([replace(ANA, language="eng")], {}, {}, "changed", "updated", id="other language"),
        pytest.param([replace(ANA, fields={"note": "b", "age": "7"})], {}, {}, "changed", "updated", id="other value"),
        pytest.param([replace(ANA, fields={"age": "7"})], {}, {}, "changed", "updated", id="no value"),
        pytest.param([replace(ANA, fields={"note": "a", "age": "7.00"})], {}, {}, "same", "unchanged", id="number"),
        pytest.param([replace(ANA, name="Bia", blocked=True)], {}, {}, "changed", "updated", id="name of one blocked"),
        pytest.param([replace(ANA, name="Bia", groups=())], {}, {}, "", "updated", id="name, and groups to join"),
        pytest.param([replace(ANA, name="Bia", urns=ANA.urns[1:])], {}, {}, "", "updated", id="name and a new URN"),
        pytest.param([replace(ANA, urns=("tel:+558290000001", "ext:1"))], {}, {}, "", "unchanged", id="notation"),
        pytest.param([ANA, Contact(UUIDS[1], urns=("whatsapp:558290000001",), modified_on=ANA.modified_on)], {}, {},
                     "", "unchanged", id="another in another notation"),
        pytest.param([ANA, Contact(UUIDS[1], urns=("ext:1",), modified_on=ANA.modified_on)], {}, {},
                     "", "invalid", id="another has its URN"),
        pytest.param([replace(ANA, urns=(*ANA.urns, "ext:9"))], {"urns_mode": "replace"}, {},
                     "", "updated", id="URN to be taken"),
        pytest.param([ANA], {"action": "create"}, {}, "", "invalid", id="there is one"),
        pytest.param([ANA], {}, {"deleted": {"vip": "Clientes"}}, "", "invalid", id="group deleted"),
        pytest.param([ANA], {}, {"renamed": {"vip": "Nobre"}}, "", "invalid", id="renamed"),
        pytest.param([ANA], {}, {"retyped": frozenset(["age"])}, "", "updated", id="field of another type"),
    ],
)  # fmt: skip
def test_ordinary_rows_are_told(
    uses_mirror, contacts, options, definitions, told, status, schema_for, tmp_path
):
    """A glance that leaves everything to `decide` would be right, and of no use."""
    options = Options(country="BR", **options)
    schema = schema_for(*HEADERS, options=options, workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of([Row(2, ROW)]))], schema, options)
    known = Memory(contacts)
    if uses_mirror:
        known = Mirror(tmp_path / "m.db", WORKSPACE)
        known.put(contacts)
    rules = Rules.of(schema, WORKSPACE, options, DefinitionPlan(**definitions))
    (portion,) = check.portions()
    seen = Unchanged(rules).find(portion.plain, portion.wishes, known)
    assert ("same" if seen.same else "changed" if seen.changed else "") == told
    assert Plan(check.portions, Snapshot.of(known, "match"), rules).totals.rows[status] == 1


@pytest.mark.parametrize(("note", "status"), [("a", "updated"), (None, "unchanged")])
def test_a_row_that_clears_something_is_not_told(note, status, schema_for):
    """That takes something, where it is there."""
    schema = schema_for("name", "urn:ext", workspace=WORKSPACE, constants=(("field:note", "--"),))
    rules = Rules.of(schema, WORKSPACE, Options())
    check = Check(lambda: [ReadStretch(Block.of([Row(2, ("Bia", "1"))]))], schema, Options())
    (portion,) = check.portions()
    known = Snapshot([replace(ANA, name="Bia", fields=ANA.fields | {"note": note})])
    seen = Unchanged(rules).find(portion.plain, portion.wishes, known.contacts)
    assert (seen.meant, seen.same, seen.changed) == ({2: 0}, {}, set())
    totals = Plan(check.portions, known, rules).totals
    assert (totals.rows[status], totals.removals) == (1, int(status == "updated"))


def test_all_is_counted_of_rows_that_change_something(schema_for):
    """Where their numbers are from, what is told of them, and that they use the fields that are to be made."""
    headers = ("name", "urn:tel", "language", "groups", "field:new")
    schema = schema_for(*headers, workspace=WORKSPACE)
    rows = [Row(2, ("Bia", "+12025550143", "pt", "VIP", "x"))]
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, Options())
    known = Snapshot([replace(ANA, urns=("tel:+12025550143",))])
    (portion,) = check.portions()
    rules = Rules.of(schema, WORKSPACE, Options())
    assert Unchanged(rules).find(portion.plain, portion.wishes, known.contacts).changed == {2}
    plan = Plan(check.portions, known, rules, (Field("new", "New"),))
    assert plan.totals.countries == {"US": 1}
    assert plan.totals.issues == {"language-normalised": 1}
    assert [field.key for field in plan.new_fields] == ["new"]


def test_a_row_that_may_change_too_many_fields_is_not_told(schema_for, monkeypatch):
    monkeypatch.setattr("importer.platform.FIELDS_MAX", 1)
    schema = schema_for(*HEADERS, workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of([Row(2, ROW)]))], schema, Options())
    known = Snapshot([replace(ANA, fields={})])
    assert Plan(check.portions, known, Rules.of(schema, WORKSPACE, Options())).totals.rows["invalid"] == 1


@pytest.mark.parametrize(("name", "status"), [("Ana", "unchanged"), ("Bia", "updated")])
@pytest.mark.parametrize("has_uuid", [True, False])
def test_rows_that_others_are_sent_with_are_not_told(has_uuid, name, status, schema_for):
    """But they mean one contact, by its phone, or its UUID, and by its e-mail."""
    key = UUIDS[0] if has_uuid else "82990000001"
    rows = [Row(2, (name, key, "")), Row(3, ("", "", "1"))]
    schema = schema_for("name", "uuid" if has_uuid else "urn:tel", "urn:ext", workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, Options())
    plan = Plan(check.portions, Snapshot([ANA]), Rules.of(schema, WORKSPACE, Options()))
    assert [(line.status, line.into) for line in plan.outcomes()] == [(status, None), (status, 2)]
    assert (plan.totals.rows[status], plan.totals.contact_writes) == (2, int(status == "updated"))


def test_lines_come_in_the_order_of_rows(schema_for):
    """Whether they are told at a glance, held back or decided on, however many they are."""
    wrong = ("Ana", "not a number", "1", "", "", "", "")
    cells = [wrong if number % 299 == 1 else (*ROW[:2], str(number), *ROW[3:]) for number in range(900)]
    schema = schema_for(*HEADERS, workspace=WORKSPACE)
    rows = [Row(number, row) for number, row in enumerate(cells, 2)]
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, Options())
    plan = Plan(check.portions, Snapshot([ANA]), Rules.of(schema, WORKSPACE, Options()))
    for lines in (list(plan.outcomes()), [decision.outcome for decision in plan.decisions()]):
        assert [line.row for line in lines] == list(range(2, 902))
        assert [line.row - 2 for line in lines if line.status == "invalid"].count(300) == 1


def test_a_group_that_was_made_since_the_groups_were_read_is_planned(schema_for):
    """Though the contact is in it already."""
    schema = schema_for(*HEADERS, workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of([Row(2, ROW)]))], schema, Options())
    rules = Rules.of(schema, replace(WORKSPACE, groups=GROUPS[1:]), Options())
    assert Plan(check.portions, Snapshot([ANA]), rules).new_groups == ("VIP",)


def test_contacts_that_parted_are_told_again_when_all_were_listed(tmp_path):
    """The mirror keeps in mind who had somebody else's key until then."""
    other = Contact(UUIDS[1], urns=("ext:1",), modified_on=ANA.modified_on)
    parted = replace(other, urns=("ext:2",), modified_on="2026-01-02T00:00:00.000000Z")
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([ANA, other])
    assert mirror.sole(["", ANA.uuid, ""], ["ext:1", "ext:1", ""]).places == []
    mirror.put([parted])
    assert mirror.sole(["", ""], ["ext:1", "ext:2"]).places == []
    walk = mirror.begin_listing()
    mirror.put([ANA, parted], walk)
    mirror.end_listing(walk, 0, 0)
    kept = mirror.sole([parted.uuid, "", ""], ["ext:1", "ext:3", "ext:1"])
    assert dict(zip(kept.places, kept.uuids, strict=True)) == {0: parted.uuid, 2: ANA.uuid}


def found_by_looks(mirror, rows, schema_for, *headers, **options):
    """The numbers of the rows that how contacts look tells of."""
    options = Options(country="BR", **options)
    schema = schema_for(*headers, options=options, workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, options)
    (portion,) = check.portions()
    unchanged = Unchanged(Rules.of(schema, WORKSPACE, options))
    return unchanged.find(portion.plain, portion.wishes, mirror, mirror.looks(len(rows))).alike


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        pytest.param(ANA, True, id="as wanted"),
        pytest.param(replace(ANA, fields={"age": "7", "color": None, "note": "a"}), True, id="another shape"),
        pytest.param(replace(ANA, groups=GROUPS), True, id="in more groups"),
        pytest.param(replace(ANA, blocked=True), True, id="blocked"),
        pytest.param(replace(ANA, groups=GROUPS[:1]), False, id="in fewer groups"),
        pytest.param(replace(ANA, fields=ANA.fields | {"color": "red"}), False, id="says more"),
        pytest.param(replace(ANA, fields={"note": "a"}), False, id="says less"),
        pytest.param(replace(ANA, urns=ANA.urns[::-1]), False, id="URNs in another order"),
        pytest.param(replace(ANA, name="Ana\x1eBia"), False, id="odd"),
    ],
)
def test_looks_tell_of_contacts_that_are_just_as_their_row_says(contact, told, schema_for, tmp_path):
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([contact])
    assert found_by_looks(mirror, [Row(2, ROW)], schema_for, *HEADERS) == ({2} if told else set())
    # an update of the mirror counts
    mirror.put([replace(contact, name="Bia", modified_on="2026-01-02T00:00:00.000000Z")])
    assert found_by_looks(mirror, [Row(2, ROW)], schema_for, *HEADERS) == set()


def test_looks_tell_of_contacts_of_every_shape(schema_for, tmp_path):
    """A field was made since most of them were read, or since few of them were; most are tried first from then on."""
    people = [
        replace(ANA, uuid=f"{n:08}-2222-4333-8444-555555555555", urns=(f"ext:{n}",), groups=(), name=f"Ana {n}",
                language=None, fields={"note": "a"} | ({"color": None} if n % 5 == 4 else {}))
        for n in range(20)
    ]  # fmt: skip
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put(people)
    rows = [Row(n + 2, (f"Ana {n}", str(n), "a")) for n in range(20)]
    assert found_by_looks(mirror, rows, schema_for, "name", "urn:ext", "field:note") == set(range(2, 22))
    looks = mirror.looks(20)
    for _ in range(2):  # the second time in the other order
        asked = [f"ext:{n}\x1eAna {n}\x1e\x1ea".encode() for n in range(20)]
        assert None not in looks.groups_of(asked, ("note",))


def test_looks_tell_the_values_of_one_field_from_those_of_another(schema_for, tmp_path):
    """Where they stand depends on what other fields there are."""
    colored = replace(ANA, urns=("ext:1",), groups=(), language=None, fields={"color": "a", "note": None})
    zoned = replace(colored, uuid=UUIDS[1], urns=("ext:2",), fields={"note": "a", "zone": None})
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([colored, zoned])
    rows = [Row(number, ("Ana", urn, "a")) for number, urn in enumerate(("1", "2"), 2)]
    assert found_by_looks(mirror, rows, schema_for, "name", "urn:ext", "field:note") == {3}


def test_what_is_remembered_of_groups_may_be_forgotten(schema_for, tmp_path, monkeypatch):
    monkeypatch.setattr("importer.unchanged._MEMO_MAX", 0)
    people = [
        replace(ANA, uuid=uuid, urns=(f"ext:{number}",), groups=GROUPS[:number], name=None, language=None, fields={})
        for number, uuid in enumerate(UUIDS)
    ]  # fmt: skip
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put(people)
    schema = schema_for("urn:ext", "groups", workspace=WORKSPACE)
    unchanged = Unchanged(Rules.of(schema, WORKSPACE, Options()))
    for names, told in (("VIP", {3, 4, 5}), ("VIP; Clientes", {4, 5}), ("", {2, 3, 4, 5})):
        # some of the rows want what was wanted before
        rows = [Row(number + 2, (str(number), names if number else "VIP")) for number in range(4)]
        (portion,) = Check(lambda rows=rows: [ReadStretch(Block.of(rows))], schema, Options()).portions()
        assert set(unchanged.find(portion.plain, portion.wishes, mirror).same) == told - {2}
        assert unchanged.find(portion.plain, portion.wishes, mirror, mirror.looks(4)).alike == told - {2}


def test_looks_tell_of_nobody_who_shares_a_key(schema_for, tmp_path):
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([ANA, Contact(UUIDS[1], urns=("whatsapp:558290000001",), modified_on=ANA.modified_on)])
    assert found_by_looks(mirror, [Row(2, ROW)], schema_for, *HEADERS) == set()


def test_a_contact_of_whom_something_odd_is_kept_has_no_look(tmp_path):
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([replace(ANA, name="Ana\x1eBia")])
    assert mirror._file.one("SELECT look FROM contacts") == (None,)


def test_whoever_asks_about_few_rows_does_not_have_all_looks_read(tmp_path):
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([replace(ANA, uuid=f"c{number}", urns=(f"ext:{number}",)) for number in range(9)])
    assert (mirror.looks(1), bool(mirror.looks(2))) == (None, True)


def test_damage_to_the_groups_that_looks_have_is_noticed(tmp_path):
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([ANA])
    mirror._file.db.execute("UPDATE contacts SET groups = replace(groups, '1', '2')")
    with pytest.raises(MirrorFailed):
        mirror.looks(1)
    assert not mirror.path.exists()


@pytest.mark.parametrize("other", [("", "82990000001"), (ANA.uuid, "")])
def test_rows_that_mean_one_contact_are_sent_together_though_looks_tell_of_one(other, schema_for, tmp_path):
    """By its phone in both, which they share; by a UUID and by a phone, which only the contact shows."""
    mirror = Mirror(tmp_path / "m.db", WORKSPACE)
    mirror.put([Contact(ANA.uuid, "Ana", urns=ANA.urns[:1], modified_on=ANA.modified_on)])
    headers = ("name", "uuid", "urn:tel") if other[0] else ("name", "urn:ext", "urn:tel")
    rows = [Row(2, ("Ana", "", "82990000001")), Row(3, ("Ana", *other))]
    schema = schema_for(*headers, workspace=WORKSPACE)
    check = Check(lambda: [ReadStretch(Block.of(rows))], schema, Options(country="BR"))
    rules = Rules.of(schema, WORKSPACE, Options(country="BR"))
    plan = Plan(check.portions, Snapshot.of(mirror, "match"), rules, firsts=check.firsts, rows=2)
    assert [(line.status, line.into) for line in plan.outcomes()] == [("unchanged", None), ("unchanged", 2)]
    assert plan.totals.rows["unchanged"] == 2
