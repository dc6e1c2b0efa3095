"""The mirror: what it saves, what it sees, and that nobody is harmed where it is wrong."""

import json
import random
import sqlite3
import stat
import tracemalloc
from contextlib import closing, suppress

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from importer import platform, survey
from importer.errors import ImporterError
from importer.mirror import Mirror, moment_of
from importer.mirror.forms import digest_of, key_of, keys_of, new_key_of
from importer.model import Contact, Group, Record, Status, Wanted, Workspace
from importer.options import Options
from importer.run import import_file, plan_file, undo_job
from importer.snapshot import Snapshot

PAGE = 5
PLAIN = Options(mirror=False)


@pytest.fixture
def small_pages(monkeypatch):
    """What holds for pages of 1,000 holds for pages of 5. The practice server's changes are seen at once."""
    monkeypatch.setattr(platform, "BIG_PAGE", PAGE)
    monkeypatch.setattr(platform, "UPDATE_PAGE", PAGE)
    monkeypatch.setattr(platform, "PAGE", PAGE)
    monkeypatch.setattr(survey, "LATE_S", 0.0)
    monkeypatch.setattr(survey, "FEW_LOOKUPS", 0)
    monkeypatch.setattr(survey, "LOOKUPS_MAX", 0)  # so that everything is listed


@pytest.fixture
def people(others):
    """So many contacts, all in group All, every second one in Odd."""

    def make(count):
        for label in ("City", "Age"):
            others.post("fields.json", json={"label": label, "value_type": "text"}).raise_for_status()
        for name in ("All", "Odd"):
            others.post("groups.json", json={"name": name}).raise_for_status()
        for n in range(count):
            body = {
                "name": f"Nome {n}",
                "urns": [f"ext:n{n}"],
                "groups": ["All", "Odd"] if n % 2 else ["All"],
                "fields": {"city": "Recife"},
            }
            others.post("contacts.json", json=body).raise_for_status()

    return make


def rows_of(count, name="Nome {n}", groups="All"):
    return [f"{name.format(n=n)},n{n},{groups}" for n in range(count)]


HEADER = "Name,URN:Ext,Groups"


def told(report):
    """All that a plan says of the rows and of the whole."""
    summary = report.summary
    return (
        [outcome for _, outcome in report.lines()],
        (summary.writes, summary.fields_created, summary.groups_created, summary.file_issues),
    )


def uuid_of(sandbox, name):
    return next(contact["uuid"] for contact in sandbox.contacts() if contact["name"] == name)


def way(report):
    return report.summary.costs.ways.taken


@pytest.fixture
def plan_both(sandbox, connection):
    """A plan made with the mirror; it equals the one made without. Returns the report, and what reading cost."""

    def make(path, **options):
        before = len(sandbox.requests)
        report = plan_file(path, Options(**options), connection)
        cost = len(sandbox.requests) - before
        assert told(report) == told(plan_file(path, replace(PLAIN, **options), connection))
        return report, cost

    return make


def test_the_next_run_asks_for_changes_only(make_csv, people, others, plan_both, small_pages):
    people(42)
    path = make_csv(HEADER, *rows_of(42))
    report, cost = plan_both(path)
    assert (way(report), cost) == ("listing", 3 + 1 + 9)
    report, cost = plan_both(path)
    assert (way(report), cost) == ("update", 3 + 2)
    others.post("contacts.json", params={"urn": "ext:n7"}, json={"name": "Outro"}).raise_for_status()
    report, cost = plan_both(path)
    assert (way(report), cost) == ("update", 3 + 2)
    assert report.totals[Status.UPDATED] == 1


@pytest.mark.parametrize("is_new", [False, True])
def test_a_urn_that_has_moved_though_whoever_lost_it_does_not_show(
    is_new, make_csv, people, others, sandbox, connection, small_pages
):
    """Its row is not written to the contact that had it."""
    people(42)
    path = make_csv(HEADER, *rows_of(42))
    plan_file(path, Options(), connection)
    store, uuid = sandbox._service.store, uuid_of(sandbox, "Nome 7")
    modified = store.contact(uuid).modified_on
    body = {"urns": ["ext:n7"], "name": "Ladra", "groups": ["All"]}
    if is_new:
        others.post("contacts.json", params={"uuid": uuid}, json={"urns": []}).raise_for_status()
        others.post("contacts.json", json=body).raise_for_status()
    else:
        thief = uuid_of(sandbox, "Nome 20")
        others.post("contacts.json", params={"uuid": thief}, json=body).raise_for_status()
    with store.lock:
        store._db.run("UPDATE contacts SET modified_on = ? WHERE uuid = ?", (modified, uuid))
    path, plans = make_csv(HEADER, "Nova,n7,All", name="b.csv"), []
    report = import_file(path, Options(), connection, confirm=lambda plan: plans.append(way(plan)) or True)
    assert (plans, report.totals[Status.UPDATED]) == (["listing"], 1)
    assert (uuid_of(sandbox, "Nome 7"), len([c for c in sandbox.contacts() if c["name"] == "Nova"])) == (
        uuid,
        1,
    )


@pytest.mark.parametrize("has_heir", [True, False])
def test_a_urn_that_has_moved_though_nobody_shows(
    has_heir, make_csv, people, sandbox, connection, small_pages
):
    """The answer shows that another contact was meant: it is put back, and the row goes where it belongs."""
    people(42)
    plan_file(make_csv(HEADER, *rows_of(42)), Options(), connection)
    store, loser = sandbox._service.store, uuid_of(sandbox, "Nome 7")
    before = {c["uuid"]: {**c, "modified_on": None} for c in sandbox.contacts()}
    owner = uuid_of(sandbox, "Nome 20") if has_heir else None
    with store.lock:
        if owner:
            sql = "UPDATE urns SET contact = ? WHERE contact = ?"
            store._db.run(sql, (store.contact(owner).id, store.contact(loser).id))
        else:
            store._db.run("DELETE FROM urns WHERE contact = ?", (store.contact(loser).id,))

    rows = ["Nova,n7,Odd,Natal", "Outra,n9,Odd,Natal"]
    path = make_csv(f"{HEADER},Field:City", *rows, name="b.csv")
    report = import_file(path, Options(), connection)
    after = {c["uuid"]: {**c, "modified_on": None} for c in sandbox.contacts()}
    (nova,) = (c for c in after.values() if c["name"] == "Nova")
    assert after[loser] == {**before[loser], "urns": []}
    assert ("ext:n7" in nova["urns"], nova["fields"]["city"]) == (True, "Natal")
    assert nova["uuid"] == (owner or nova["uuid"])
    assert "Odd" in {group["name"] for group in nova["groups"]}
    lines = [outcome for _, outcome in report.lines()]
    assert [str(o.status) for o in lines] == ["updated" if owner else "created", "updated"]
    assert lines[0].uuid == nova["uuid"]
    undo_job(report.summary.job, connection)
    undone = {c["uuid"]: {**c, "modified_on": None} for c in sandbox.contacts()}
    assert undone[loser] == {**before[loser], "urns": []}
    if owner:
        assert undone[owner] == {**before[owner], "urns": ["ext:n20", "ext:n7"]}
    # nobody trusts what was known any more
    assert way(plan_file(path, Options(), connection)) == "listing"


def test_what_our_own_run_wrote_is_in_it(make_csv, people, connection, sandbox, plan_both, small_pages):
    people(20)
    path = make_csv(HEADER, *rows_of(20, "Novo {n}", "All; VIP"))
    assert import_file(path, Options(), connection).totals[Status.UPDATED] == 20
    report, _ = plan_both(path)
    assert (way(report), report.totals[Status.UNCHANGED]) == ("update", 20)


def test_a_small_workspace_needs_none(make_csv, people, plan_both, state):
    people(3)
    report, cost = plan_both(make_csv(HEADER, *rows_of(3)))
    assert (way(report), cost) == ("listing", 3 + 1)
    assert report.summary.costs.ways.listing == 1


def test_a_workspace_that_the_run_itself_fills(make_csv, connection, sandbox, plan_both, small_pages):
    path = make_csv(HEADER, *rows_of(20))
    assert import_file(path, Options(), connection).totals[Status.CREATED] == 20
    report, _ = plan_both(path)
    assert (way(report), report.totals[Status.UNCHANGED]) == ("update", 20)


def test_it_belongs_to_its_owner_only(make_csv, people, connection, state, small_pages):
    people(12)
    plan_file(make_csv(HEADER, *rows_of(12)), Options(), connection)
    folder = state / "mirrors"
    files = list(folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    (path,) = (path for path in files if path.suffix == ".db")
    assert path.name.startswith("127.0.0.1-")


def test_doing_without(make_csv, people, connection, state, small_pages):
    people(12)
    report = plan_file(make_csv(HEADER, *rows_of(12)), PLAIN, connection)
    assert way(report) == "listing"
    assert not (state / "mirrors").exists()


# --------------------------------------------------------------------------------- what cannot be trusted


def test_an_old_one_is_made_anew(make_csv, people, plan_both, small_pages):
    people(12)
    path = make_csv(HEADER, *rows_of(12))
    plan_both(path)
    assert way(plan_both(path, mirror_max_age_s=3600)[0]) == "update"
    assert way(plan_both(path, mirror_max_age_s=-1)[0]) == "listing"
    assert way(plan_both(path)[0]) == "update"


def change_meta(state, **facts):
    (path,) = (state / "mirrors").glob("*.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for name, fact in facts.items():
            db.execute("UPDATE meta SET value = ? WHERE name = ?", (json.dumps(fact), name))


@pytest.mark.parametrize(
    "facts",
    [
        {"seen": 9e9},  # a clock was set back since
        {"place": ["another", "BR", "America/Sao_Paulo"]},
        {"whole": False},
        {"fields": [["city", "text"], ["age", "numeric"]]},
        {"fields": [["age", "text"], ["city", "text"]]},
        {"fields": [["gone", "text"], ["city", "text"], ["age", "text"]]},
    ],
)
def test_one_that_is_not_of_the_workspace_as_it_is(facts, make_csv, people, plan_both, state, small_pages):
    people(12)
    path = make_csv(HEADER, *rows_of(12))
    plan_both(path)
    change_meta(state, **facts)
    assert way(plan_both(path)[0]) == "listing"
    assert way(plan_both(path)[0]) == "update"


def test_a_workspace_that_was_set_back(make_csv, people, plan_both, sandbox, small_pages):
    """The contacts changed last are not there as they were."""
    people(12)
    path = make_csv(HEADER, *rows_of(12))
    plan_both(path)
    sandbox.reset()
    people(9)
    report, _ = plan_both(path)
    assert way(report) == "listing"
    assert report.totals[Status.CREATED] == 3


def test_a_membership_that_came_unseen(make_csv, people, plan_both, sandbox, small_pages):
    """Should the server once not count it as a change of the contact: the group's size tells."""
    people(12)
    path = make_csv(HEADER, *rows_of(12, groups="All; Odd"))
    plan_both(path)
    store = sandbox._service.store
    with store.lock:
        store._db.run("DELETE FROM members WHERE grp = (SELECT id FROM groups WHERE name = 'Odd')")
    report, _ = plan_both(path)
    assert way(report) == "listing"
    assert way(plan_both(path)[0]) == "update"


@pytest.mark.parametrize("damage", ["header", "middle", "empty", "row", "other"])
def test_a_damaged_one_is_made_anew(damage, make_csv, people, plan_both, state, small_pages):
    people(40)
    path = make_csv(HEADER, *rows_of(40))
    plan_both(path)
    (file,) = (state / "mirrors").glob("*.db")
    content = file.read_bytes()
    match damage:
        case "header":
            file.write_bytes(b"\0" * 100 + content[100:])
        case "middle":
            half = len(content) // 8
            file.write_bytes(content[:half] + b"\xff" * (len(content) - 2 * half) + content[-half:])
        case "empty":
            file.write_bytes(b"")
        case "other":
            file.write_text("no database at all\n" * 1000)
        case "row":
            with closing(sqlite3.connect(file, isolation_level=None)) as db:
                db.execute("UPDATE contacts SET content = replace(content, 'Nome 7', 'Nome 8')")
    assert plan_both(path)[0].totals[Status.UNCHANGED] == 40
    assert plan_both(path)[0].totals[Status.UNCHANGED] == 40
    assert way(plan_both(path)[0]) == "update"


def test_a_folder_that_cannot_be_written(make_csv, people, plan_both, state, small_pages):
    state.mkdir()
    (state / "mirrors").write_text("in the way")
    people(12)
    assert way(plan_both(make_csv(HEADER, *rows_of(12)))[0]) == "listing"


def test_a_disk_that_fills_up(make_csv, people, plan_both, monkeypatch, small_pages):
    people(12)
    path = make_csv(HEADER, *rows_of(12))

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Mirror, "_put", full)
    assert way(plan_both(path)[0]) == "listing"


# -------------------------------------------------------------------------------- read again before writing


def wronged(state, before, after):
    """Make the mirror say something else, as if it had missed a change."""
    (path,) = (state / "mirrors").glob("*.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for uuid, content in db.execute("SELECT uuid, content FROM contacts").fetchall():
            changed = content.replace(before, after)
            db.execute(
                "UPDATE contacts SET content = ?, digest = ? WHERE uuid = ?",
                (changed, digest_of(uuid, changed), uuid),
            )


def test_what_gets_other_urns_is_read_again(make_csv, people, connection, sandbox, state, small_pages):
    """A URN that the mirror has missed is not lost."""
    people(22)
    path = make_csv("URN:Ext,URN:Mailto", "n3,tres@example.com", "n4,quatro@example.com", "n9,")
    plan_file(path, Options(), connection)
    wronged(state, "ext:n3\x1e", "ext:n3\x1fext:more\x1e")
    before = len(sandbox.requests)
    report = import_file(path, Options(), connection)
    assert report.totals[Status.UPDATED] == 2
    urns = {contact["name"]: contact["urns"] for contact in sandbox.contacts()}
    assert urns["Nome 3"] == ["ext:n3", "mailto:tres@example.com"]
    # a page for both of them; then, as one was not as expected, everything
    reads = [served for served in sandbox.requests[before:] if not served.writes]
    assert len(reads) == 3 + 2 + 1 + 1 + 5 + 1


def test_what_is_deleted_is_read_again(make_csv, people, connection, sandbox, state, small_pages):
    """It is somebody else who has the URN, which the mirror has missed."""
    people(22)
    path = make_csv("URN:Ext,Action", "n3,delete", "n20,delete")
    plan_file(path, Options(), connection)
    wronged(state, "ext:n3\x1e", "ext:tmp\x1e")
    wronged(state, "ext:n4\x1e", "ext:n3\x1e")
    with closing(sqlite3.connect(*(state / "mirrors").glob("*.db"), isolation_level=None)) as db:
        of = dict(db.execute("SELECT substr(content, 1, instr(content, char(0x1e)) - 1), id FROM contacts"))
        for urn in ("ext:n3", "ext:tmp"):
            db.execute("UPDATE OR IGNORE urns SET key = ? WHERE contact = ?", (key_of(urn), of[urn]))
    import_file(path, Options(allow_delete=2), connection)
    left = {contact["name"] for contact in sandbox.contacts()}
    assert {f"Nome {n}" for n in range(22)} - left == {"Nome 3", "Nome 20"}


@pytest.mark.parametrize("wrong", ["urns", "clock"])
def test_a_surprising_answer(wrong, make_csv, people, connection, sandbox, state, plan_both, small_pages):
    """A contact that has other URNs than it should, or is newer than the latest change: everything is read anew."""
    people(22)
    path = make_csv(HEADER, "Outro,n3,All", *(["Novo,new,All"] if wrong == "clock" else []))
    plan_file(path, Options(), connection)
    if wrong == "urns":
        wronged(state, "ext:n3\x1e", "ext:n3\x1fext:more\x1e")
    else:
        clock = sandbox._service.store._clock
        sandbox._service.store._clock = lambda: clock() - 3600
        sandbox._service.store._last_tick -= 3600 * 10**6
    report = import_file(path, Options(), connection)
    assert report.exit_code == 0
    assert way(plan_both(path)[0]) == "listing"


def test_what_was_read_long_ago_is_read_again(make_csv, people, connection, sandbox, state, small_pages):
    """In pages, where that is cheaper; and then it has just been read."""
    people(42)
    path = make_csv(HEADER, *rows_of(42))
    plan_file(path, Options(), connection)
    changed = make_csv(HEADER, *rows_of(12, "Outro {n}"), "Outro 40,n40,", name="changed.csv")
    reads = [_reads(changed, connection, sandbox) for _ in range(2)]
    (file,) = (state / "mirrors").glob("*.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE contacts SET read = read - ?", (survey.RECHECK_S + 1,))
    reads += [_reads(changed, connection, sandbox) for _ in range(2)]
    # 0 to 4, 5 to 9, 10 and 11, and 40 for itself
    assert reads == [5, 5, 5 + 4, 5]


def _reads(path, connection, sandbox):
    before = len(sandbox.requests)
    report = plan_file(path, Options(), connection)
    assert way(report) == "update"
    return len(sandbox.requests) - before


# ------------------------------------------------------------------------------------- as a store of contacts

WORKSPACE = Workspace("Escola", groups=(Group("g2", "Dois"), Group("g1", "Um")), uuid="u")


def contact(n, modified=0, **more):
    known = {"name": f"Nome {n}", "urns": (f"ext:n{n}",), "modified_on": moment_of(10**15 + n + modified)}
    return Contact(f"c{n}", **(known | more))


def test_contacts_come_back_as_they_were(tmp_path):
    """Groups oldest first, those that are gone left out, by the names they have now."""
    one = Mirror(tmp_path / "m.db", WORKSPACE)
    groups = (Group("g1", "Um"), Group("g2", "Dois"), Group("g3", "Novo"))
    fields = {"city": "São \ud800 Paulo", "age": "1"}
    stored = contact(
        1, language="por", urns=("tel:+5582990000001", "ext:a#b"), groups=groups, fields=fields, blocked=True,
        created_on="2026-11-22T12:06:23.379398Z",
    )  # fmt: skip
    one.put([stored, contact(2, stopped=True)])
    assert one.contact("c1") == stored
    assert one.contact("c2") == contact(2, stopped=True)
    assert one.contact("c3") is None
    assert list(one.sharing("whatsapp:558290000001")) == [stored]
    renamed = replace(WORKSPACE, groups=(Group("g1", "Primeiro"),))
    other = Mirror(tmp_path / "m.db", renamed)
    assert other.contact("c1").groups == (Group("g1", "Primeiro"),)
    assert not other.counts_as([Group("g1", "Primeiro", count=2)])
    assert other.counts_as([Group("g1", "Primeiro", count=1), Group("g9", "Vazio", count=0)])


TEXTS = (
    st.text(max_size=4)
    | st.text('\x1a\x1e\x1f"\ud800 a', max_size=4)
    | st.sampled_from(["tel:+5582990000001", "a\nb"])
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        Contact, st.just("c1"), st.none() | TEXTS, st.none() | TEXTS, st.lists(TEXTS, max_size=3).map(tuple),
        fields=st.dictionaries(TEXTS, st.none() | TEXTS, max_size=3), blocked=st.booleans(), stopped=st.booleans(),
        created_on=TEXTS, modified_on=st.just("2026-11-22T12:06:23.379398Z"),
    )
)  # fmt: skip
def test_whatever_a_contact_says_comes_back(tmp_path, stored):
    one = Mirror(tmp_path / "m.db", WORKSPACE)
    one.put([stored])
    for mirror in (one, Mirror(tmp_path / "m.db", WORKSPACE)):
        found = mirror.contact("c1")
        assert found == stored


def test_what_was_seen_later_counts(tmp_path):
    """Two processes at once: neither undoes what the other has seen."""
    one, other = (Mirror(tmp_path / "m.db", WORKSPACE) for _ in range(2))
    walk = one.begin_listing()
    one.put([contact(1), contact(2), contact(3)], walk)
    one.end_listing(walk, 10**15, 0)
    later = other.begin_walk()
    other.put([contact(1, 5, name="Outra", urns=("ext:x",))], later)
    one.put([contact(1)], walk)
    assert [found.name for found in one.sharing("ext:x")] == ["Outra"]
    assert list(one.sharing("ext:n1")) == []
    assert other.contact("c1") == one.contact("c1")


def test_a_listing_forgets_what_it_has_not_met(tmp_path):
    """But not what another process has read since it began."""
    now = [1000.0]
    one, other = (Mirror(tmp_path / "m.db", WORKSPACE, wall=lambda: now[0]) for _ in range(2))
    one.put([contact(1), contact(2)], one.begin_walk())
    now[0] += 1
    walk = one.begin_listing()
    assert not one.is_trusted(9e9)
    now[0] += 1
    other.put([contact(3)], other.begin_walk() - 2)
    one.put([contact(2)], walk)
    one.end_listing(walk, 5, 6)
    assert one.is_trusted(9e9)
    assert {n for n in range(1, 4) if one.contact(f"c{n}")} == {2, 3}
    assert (one.until, one.deleted_until, len(one)) == (5, 6, 2)
    assert list(one.sharing("ext:n1")) == []
    now[0] -= 2
    assert not one.is_trusted(9e9)


def test_habits_and_members_are_counted(tmp_path):
    one, groups = Mirror(tmp_path / "m.db", WORKSPACE), (Group("g1", "Um"),)
    one.put([contact(n, urns=(f"whatsapp:55829000000{n:02}",), groups=groups) for n in range(12)])
    one.put([contact(3, 1, urns=("tel:+5582900000003", "whatsapp:5582900000003"))])
    one.remove(["c4", "c5", "c99"])
    assert one.habits() == {frozenset(["whatsapp"]): 9, frozenset(["tel", "whatsapp"]): 1}
    assert one.counts_as([Group("g1", "Um", count=9)])
    one.take_counts([Group("g1", "Um", count=11)])
    assert one.counts_as([Group("g1", "Um", count=11)])


def test_it_takes_no_memory_for_contacts(tmp_path):
    """Neither while it is filled nor while rows ask for all of them."""
    count = 8_000
    one = Mirror(tmp_path / "m.db", WORKSPACE)
    tracemalloc.start()
    try:
        for begin in range(0, count, 1000):
            one.put([contact(n, fields={"city": "Recife" * 10}) for n in range(begin, begin + 1000)])
        records = (Record(n, Wanted(urns=(f"ext:n{n}",))) for n in range(count))
        snapshot = Snapshot.of(one, "match")
        found = sum(len(snapshot.meant(record.wanted)) for record in one.ahead(records))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == count
    assert peak < 6_000_000  # as objects they take more than twice as much


# ---------------------------------------------------------------------------- whatever others do meanwhile

KEYS = [f"ext:n{n}" for n in range(40)] + [
    "tel:+5582900000001",
    "tel:+5582900000002",
    "whatsapp:5582900000001",
]
NAMES = ["Ana", "Bia", "Caio"]
GROUPS = ["Um", "Dois", "Tres", "Dyn"]
VALUES = ["1", "2.50", "x", "2020-01-31T10:00:00-03:00", None]


class Others:
    """Somebody else at work in the same workspace, at random."""

    def __init__(self, sandbox, client, seed):
        self._sandbox, self._client, self._random = sandbox, client, random.Random(seed)

    def work(self, edits):
        for _ in range(edits):
            # some of what they try is refused, and changes nothing
            (work,) = self._random.choices(
                [self.create, self.change, self.take_urns, self.delete, self.act, self.join, self.set_status,
                 self.make_group, self.change_group, self.make_field, self.change_field],
                [12, 8, 6, 2, 3, 8, 2, 2, 1, 1, 0.3],
            )  # fmt: skip
            work()

    def post(self, path, body, **query):
        return self._client.post(f"{path}.json", params=query, json=body)

    def some(self, things, most=3):
        return self._random.sample(things, self._random.randint(0, min(most, len(things))))

    def uuids(self):
        return [contact["uuid"] for contact in self._sandbox.contacts()]

    def uuid(self):
        return self._random.choice(self.uuids() or ["none"])

    def body(self):
        fields = {field["key"]: self._random.choice(VALUES) for field in self.some(self._sandbox.fields())}
        groups = [g["name"] for g in self.some(self._sandbox.groups()) if not g["query"]]
        return {"name": self._random.choice(NAMES), "fields": fields, "groups": groups}

    def create(self):
        self.post("contacts", self.body() | {"urns": self.some(KEYS)})

    def change(self):
        self.post("contacts", dict([self._random.choice(list(self.body().items()))]), uuid=self.uuid())

    def take_urns(self):
        self.post("contacts", {"urns": self.some(KEYS)}, uuid=self.uuid())

    def delete(self):
        self._client.delete("contacts.json", params={"uuid": self.uuid()})

    def act(self):
        action = self._random.choice(["block", "unblock", "unblock", "delete", "archive"])
        self.post("contact_actions", {"contacts": self.some(self.uuids()), "action": action})

    def join(self):
        group = self._random.choice(GROUPS)
        action = self._random.choice(["add", "add", "remove"])
        self.post(
            "contact_actions", {"contacts": self.some(self.uuids(), 9), "action": action, "group": group}
        )

    def make_group(self):
        name = self._random.choice(GROUPS)
        if name != "Dyn":
            self.post("groups", {"name": name})
        elif not any(group["name"] == name for group in self._sandbox.groups()):
            self._sandbox.add_dynamic_group(name, "age > 1")

    def change_group(self):
        for group in self.some(self._sandbox.groups(), 1):
            if self._random.random() < 0.5:
                self._client.delete("groups.json", params={"uuid": group["uuid"]})
            else:
                self.post("groups", {"name": self._random.choice(GROUPS)}, uuid=group["uuid"])

    def make_field(self):
        self.post("fields", {"label": self._random.choice(["Age", "City"]), "value_type": "numeric"})

    def change_field(self):
        for field in self.some(self._sandbox.fields(), 1):
            value_type = self._random.choice(["text", "numeric", "datetime"])
            self.post("fields", {"label": field["label"], "value_type": value_type}, key=field["key"])

    def set_status(self):
        status = self._random.choice(["active", "stopped", "archived", "blocked"])
        with suppress(ValueError):
            self._sandbox.set_status(self.uuid(), status)

    def rows(self):
        """A file of some rows, about contacts that are there and others."""
        lines = []
        for _ in range(self._random.randint(1, 8)):
            uuid = self.uuid() if self._random.random() < 0.2 else ""
            urn = "" if uuid and self._random.random() < 0.5 else self._random.choice(KEYS)
            groups = "; ".join(("-" if self._random.random() < 0.3 else "") + g for g in self.some(GROUPS))
            age = self._random.choice(["", "1", "2.5", "--"])
            name = self._random.choice([*NAMES, ""])
            lines.append(f'{"" if uuid == "none" else uuid},{urn},{name},"{groups}",{age}')
        return ["Contact UUID,URN,Name,Groups,Field:Age", *lines]


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    seed=st.integers(0, 2**32),
    modes=st.tuples(st.sampled_from(["add", "replace"]), st.sampled_from(["add", "replace"])),
    rounds=st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=4),
)
def test_a_plan_with_the_mirror_is_one_without(
    seed, modes, rounds, make_csv, sandbox, others, connection, plan_both, small_pages
):
    """Whatever others do between two runs, and whatever our own runs have done."""
    sandbox.reset()
    by_others = Others(sandbox, others, seed)
    for _ in range(20):
        by_others.create()
    by_others.work(20)
    options = {"groups_mode": modes[0], "urns_mode": modes[1], "duplicates": "first"}
    for edits, runs in [(0, False), *rounds]:
        by_others.work(edits)
        path = make_csv(*by_others.rows())
        with suppress(ImporterError):  # a plan may need more groups than there can be, or a type that differs
            report, _ = plan_both(path, **options)
            event(way(report))
            if runs:
                import_file(path, Options(**options), connection)


URNS = st.one_of(
    st.sampled_from(
        ["", "tel:+5582990000001", "tel:+558290000001", "tel:+1", "tel:+", "tel:+12a", "tel:+٣٤"]
    ),
    st.sampled_from(["tel:" + "9" * 30, "tel:+" + "9" * 18, "tel:+" + "9" * 19, "tel:x\ntel:+1", "TEL:+12"]),
    st.sampled_from(["whatsapp:5582990000001", "mailto:ana@example.com", "ext:", "ext:1#Ana", "ext:tel:+1"]),
    st.from_regex(r"tel:\+[0-9]{10,14}", fullmatch=True),
    st.text().map("ext:{}".format),
)


@given(st.lists(URNS, max_size=8))
def test_keys_of_many_are_those_of_each(urns):
    assert json.loads(keys_of(urns)) == [new_key_of(urn) if urn else None for urn in urns]


def test_nobody_goes_through_all_contacts_to_find_one_read_long_ago(tmp_path):
    """Nor in the file of an earlier version, which has no index for that."""
    path = tmp_path / "m.db"
    Mirror(path, Workspace(uuid="w"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP INDEX contacts_read")
    mirror = Mirror(path, Workspace(uuid="w"))
    mirror.put(
        [Contact("c1", created_on="2026-01-01T00:00:00.000000Z", modified_on="2026-01-01T00:00:00.000000Z")]
    )
    assert (mirror.read_before(0), mirror.read_before(mirror.wall() + 1)) == (False, True)
    with closing(sqlite3.connect(path)) as db:
        steps = db.execute("EXPLAIN QUERY PLAN SELECT 1 FROM contacts WHERE read < 0").fetchall()
    assert all("contacts_read" in step for *_, step in steps)
