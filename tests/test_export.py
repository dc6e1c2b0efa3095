"""What is exported comes back: imported unchanged it writes nothing, and what is edited is all that is written."""

import csv
import json
import signal
import subprocess
import sys
import time
import unicodedata
from collections import Counter

import httpx
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from importer import platform
from importer.cells import plain_text
from importer.errors import Unavailable, Unusable
from importer.layout import Layout, OwnHeaders, field_header
from importer.model import Contact, Field, Group, Status, Workspace
from importer.options import Options
from importer.run import Connection, Listener, export_contacts, import_file, plan_file
from importer.sandbox import Sandbox, SandboxOptions
from importer.schema import make_locale

UUIDS = "f519ca1f-8513-49ba-8896-22bf0420dec7", "989975f0-3bff-43d6-82c8-a6bbc201c938"
URNS = {
    "tel": ["tel:+5582993311220", "tel:+558233112200", "tel:+12025550123", "tel:993311220"],
    "whatsapp": ["whatsapp:5582993311221", "whatsapp:BR.1A2b", "whatsapp:21993311220", "whatsapp:12345678"],
    "mailto": ["mailto:ana@exemplo.com.br", "mailto:o'neil+x@exemplo.com"],
    "ext": [
        "ext:00042", "ext:--", "ext:a%23b%25c%3Fd", "ext:=1+1", "ext:ext:7", "ext:[example] x", "ext:' ’é",
        "ext:%23N/A",        "ext:a;b,c|d", 'ext:"quoted"', "ext:1e5", "ext:2020-01-31", "ext:x y#shown",
    ],
    "facebook": ["facebook:1234", "facebook:ref:abc;=d"],
    "instagram": ["instagram:77"],
    "twitter": ["twitter:ana_lima"],
    "twitterid": ["twitterid:123#ana"],
    "telegram": ["telegram:00123"],
    "viber": ["viber:aB12=="],
    "line": ["line:U123abc"],
    "wechat": ["wechat:o7 X"],
    "fcm": ["fcm:abc:def-ghi"],
    "jiochat": ["jiochat:12"],
    "freshchat": [f"freshchat:{UUIDS[0]}/{UUIDS[1]}"],
    "vk": ["vk:-12"],
    "rocketchat": ["rocketchat:1E+12"],
    "discord": ["discord:750841288886321253"],
    "slack": ["slack:U0123"],
    "teams": ["teams:a:1a:serviceURL:https://smba.trafficmanager.net/br/"],
}  # fmt: skip
TEXTS = [
    "007", "1.234", "1,5", "2020-01-31", "31/01/2020", "=1+1", "+5582993311220", "-3", "@SUM(A1)", "--", "[example] A",
    "'=x", '="007"', "#N/A", "####", "TRUE", "x" * 640, "a\nb\n\nc", "a\tb", '"', 'a"b""c', "a,b;c|d", "😀👩‍👩‍👧", "é",
    "nan", "None", "_x0041_", "<r>x</r>", " inner  blanks ", "a\x07b", "\u200b", "1e400", "a\r\nb", "0x1F", "1/2", "=",
    '=""', "e\u0301", "Err:502", "\u2028x", "9" * 20, "{=x}", "-x", "- ", "+", "A" * 32, "ﬁ", "\u202eabc",
]  # fmt: skip
NUMBERS = [
    "0",
    "-7.5",
    "1.234",
    "1234567",
    "0.1",
    "9" * 30,
    "1." + "3" * 40,
    "12.5",
    "-0.001",
    "100000000000000000000",
]
MOMENTS = [
    "2020-01-31T10:20:30.071299-03:00", "2020-01-31T10:20:00-03:00", "2020-01-31T10:20:00Z",
    "1890-05-01T00:00:00-03:06",
    "2018-11-04T00:30:00-02:00", "2018-02-17T23:30:00-03:00", "2018-02-17T23:30:00-02:00", "2999-01-01T00:00:00Z",
    "1900-01-15T00:00:00-03:00", "1990-05-17T00:00:00-03:00",
]  # fmt: skip
GROUPS = [
    "VIP", "A; B", 'Turma "Ouro"', "a,b", "Maio  2026", "+55 grupo"[1:], "Não é", "x" * 64, "0", "_x", "Group:VIP",
    "name\nbroken", "Família 👩\u200d👩\u200d👧",
]  # fmt: skip


def filled(sandbox, others):
    """A workspace with one of everything that may go wrong."""
    assert {*URNS} == {*platform.WRITABLE_SCHEMES}
    kinds = ("text", "numeric", "datetime", "state", "district", "ward")
    for label, kind in zip(("Nota", "Age", "Since", "Estado", "Distrito", "Bairro"), kinds, strict=True):
        others.post("fields.json", json={"label": label, "value_type": kind}).raise_for_status()
    for name in GROUPS:
        assert others.post("groups.json", json={"name": name}).status_code == 201, name
    sandbox.add_dynamic_group("Adultos", "age > 17")
    every = [urn for urns in URNS.values() for urn in urns]
    for place in range(max(len(TEXTS), len(every))):
        text = TEXTS[place % len(TEXTS)]
        body = {
            "name": text[:100].strip() if text.strip("\u200b ") else None,
            "language": ["por", "spa", None][place % 3],
            "urns": every[place : place + 1],
            "groups": [name for at, name in enumerate(GROUPS) if (place + at) % 4 == 0],
            "fields": {
                "nota": text,
                "age": NUMBERS[place % len(NUMBERS)],
                "since": MOMENTS[place % len(MOMENTS)],
                **dict.fromkeys(("estado", "distrito", "bairro"), "Alagoas"),
            },
        }
        answer = others.post("contacts.json", json=body)
        assert answer.status_code == 201, (answer.text, body)
    people = sandbox.contacts()
    for place, status in enumerate(("blocked", "stopped", "archived")):
        sandbox.set_status(people[place]["uuid"], status)
    others.post(
        "contacts.json", params={"uuid": people[4]["uuid"]}, json={"language": "POR"}
    ).raise_for_status()
    shared = {"urns": ["tel:+5511900000009", "mailto:duas@exemplo.com", "tel:+5511900000008"]}
    others.post("contacts.json", json=shared).raise_for_status()
    # the same numbers, another's: under another scheme, and without the ninth digit
    others.post("contacts.json", json={"urns": ["whatsapp:5511900000009"]}).raise_for_status()
    others.post("contacts.json", json={"urns": ["tel:+551190000008"]}).raise_for_status()
    others.post("contacts.json", json={"name": "Sem URN"}).raise_for_status()
    return sandbox.contacts()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_an_export_imported_unchanged_writes_nothing(suffix, sandbox, others, connection, tmp_path):
    before = filled(sandbox, others)
    sandbox.requests.clear()
    exported = export_contacts(tmp_path / f"all{suffix}", connection)
    assert exported.contacts == len(before)
    assert not sandbox.writes
    report = import_file(tmp_path / f"all{suffix}", Options(), connection)
    wrong = [
        (o.row, o.status, o.issues, o.changes) for _, o in report.lines() if o.status is not Status.UNCHANGED
    ]
    assert not wrong
    assert report.summary.rows == len(before)
    assert not sandbox.writes
    assert report.exit_code == 0
    # nothing is unchanged only because it was not read: but for our own columns each is taken for something
    passed_over = {one.column.header for one in report.mapped if one.target.kind == "ignore"}
    assert passed_over == {header for header in exported.headers if header.startswith("Import:")}
    assert len(report.mapped) == len(exported.headers)
    assert sandbox.contacts() == before
    assert not [issue for issue in report.issues if issue.is_error]


def as_people_see(contact):
    """A contact as another one made of the same cells would be."""
    fields = {key: value for key, value in contact["fields"].items() if value is not None}
    return {
        "name": contact["name"] and plain_text(contact["name"]),
        "language": contact["language"],
        "urns": sorted(urn.partition("#")[0] for urn in contact["urns"]),
        "groups": sorted(group["name"] for group in contact["groups"]),
        "fields": {key: plain_text(value) if key == "nota" else value for key, value in fields.items()},
    }


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_an_export_imported_elsewhere_makes_the_same_contacts(suffix, sandbox, others, connection, tmp_path):
    """Without their UUIDs, into a workspace that has the same fields and groups and nobody in them."""
    before = {contact["uuid"]: contact for contact in filled(sandbox, others)}
    path = tmp_path / f"all{suffix}"
    blanks = {one.blank.uuid for one in export_contacts(path, connection).blanks}
    rows = rows_of(path)
    mapping = tmp_path / "elsewhere.toml"
    mapping.write_text('[columns]\n"Contact UUID" = "ignore"\n')
    with Sandbox(SandboxOptions(rates=None)) as elsewhere:
        headers = {"Authorization": f"Token {elsewhere.token}"}
        with httpx.Client(
            base_url=f"{elsewhere.url}/api/v2/", headers=headers, trust_env=False, verify=False
        ) as there:
            for field in reversed(sandbox.fields()):
                body = {"label": field["label"], "value_type": field["value_type"]}
                there.post("fields.json", json=body).raise_for_status()
            for name in GROUPS:
                there.post("groups.json", json={"name": name}).raise_for_status()
        elsewhere.add_dynamic_group("Adultos", "age > 17")
        report = import_file(
            path, Options(mapping=mapping, create_without_key=True, any_workspace=True),
            Connection(elsewhere.url, elsewhere.token, settle_s=0),
        )  # fmt: skip
        made = {contact["uuid"]: contact for contact in elsewhere.contacts()}
    compared, apart = 0, rows[0].index("Import:Other URNs")
    rows_of_contact = Counter(outcome.uuid for _, outcome in report.lines())
    for (uuid, *cells), (_, outcome) in zip(rows[1:], report.lines(), strict=True):
        is_alone = rows_of_contact[outcome.uuid] == 1  # two whose numbers are one become one contact
        if outcome.status is Status.CREATED and uuid not in blanks and is_alone:
            compared += 1
            wanted, others_only = as_people_see(before[uuid]), (cells[apart - 1] or "").split("\n")
            # numbers that nobody can have stand in a column of our own, which an import passes over
            wanted["urns"] = [urn for urn in wanted["urns"] if urn not in others_only]
            assert as_people_see(made[outcome.uuid]) == wanted
    assert compared > 0.7 * len(before)  # all but those that share a number, or have a cell that says nothing


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_no_cell_says_is_told_and_little(suffix, sandbox, others, connection, tmp_path):
    """A language in capitals, which reading would put right, and days beyond those that a file may have."""
    filled(sandbox, others)
    exported = export_contacts(tmp_path / f"all{suffix}", connection)
    told = {(one.blank.header, one.blank.value[:4]) for one in exported.blanks}
    assert told <= {
        ("Language", "POR"),
        ("Field:Since", "1890"),
        ("Field:Since", "2999"),
        ("Field:Nota", "\u200b"),
    }
    assert ("Language", "POR") in told
    assert exported.blank_cells == len(exported.blanks)


def rows_of(path):
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = openpyxl.load_workbook(path)
    return [list(row) for row in book.active.iter_rows(values_only=True)]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_ten_edited_cells_are_ten_updates(suffix, sandbox, others, connection, tmp_path):
    filled(sandbox, others)
    path = tmp_path / f"all{suffix}"
    export_contacts(path, connection)
    rows = rows_of(path)
    at = rows[0].index("Field:Nota")
    edited = [row[0] for row in rows[10:20]]
    if suffix == ".csv":
        for row in rows[10:20]:
            row[at] = "editado"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.load_workbook(path)
        for line in range(11, 21):
            book.active.cell(line, at + 1, "editado")
        book.save(path)
    sandbox.requests.clear()
    report = import_file(path, Options(), connection)
    assert report.totals[Status.UPDATED] == len(sandbox.writes) == 10
    changed = {c["uuid"] for c in sandbox.contacts() if c["fields"]["nota"] == "editado"}
    assert changed == set(edited)


def test_cells_have_their_types(sandbox, others, connection, tmp_path):
    """Headers of the platform's convention; numbers, dates and yes/no are what they are; texts are texts."""
    others.post("fields.json", json={"label": "Age", "value_type": "numeric"})
    others.post("fields.json", json={"label": "Since", "value_type": "datetime"})
    others.post("groups.json", json={"name": "VIP"})
    fields = {"age": "41.5", "since": "2020-01-31T10:20:00-03:00"}
    urns = ["tel:+5582900000001", "tel:+5582900000002", "whatsapp:5582900000001"]
    others.post(
        "contacts.json", json={"name": "007", "urns": urns, "groups": ["VIP"], "fields": fields}
    ).raise_for_status()
    export_contacts(tmp_path / "all.xlsx", connection)
    header, row = rows_of(tmp_path / "all.xlsx")
    assert header == [
        "Contact UUID", "Name", "Language", "URN:Tel", "URN:Tel", "URN:Whatsapp", "Group:VIP", "Groups", "Field:Age",
        "Field:Since", "Import:Status", "Import:Other URNs",
    ]  # fmt: skip
    assert row[1:7] == ["007", None, "+5582900000001", "+5582900000002", "5582900000001", True]
    assert row[8] == 41.5
    assert row[9].isoformat() == "2020-01-31T10:20:00"
    assert row[10] == "active"


def test_two_hundred_and_fifty_fields(sandbox, others, connection, tmp_path):
    """Unchanged, nothing; changed in ten cells, ten updates, though a request takes a hundred fields only."""
    for number in range(250):
        others.post("fields.json", json={"label": f"Campo {number}", "value_type": "text"}).raise_for_status()
    keys = [field["key"] for field in sandbox.fields()]
    for person in range(3):
        answer = others.post("contacts.json", json={"name": f"P{person}", "urns": [f"ext:{person}"]}).json()
        for begin in (0, 100, 200):
            some = dict.fromkeys(keys[begin : begin + 100], "0" * 3 + str(person))
            others.post(
                "contacts.json", params={"uuid": answer["uuid"]}, json={"fields": some}
            ).raise_for_status()
    sandbox.requests.clear()
    path = tmp_path / "wide.xlsx"
    export_contacts(path, connection)
    assert import_file(path, Options(), connection).totals[Status.UNCHANGED] == 3
    assert not sandbox.writes
    book = openpyxl.load_workbook(path)
    for at, cell in enumerate(book.active[1], 1):
        if str(cell.value).startswith("Field:") and at % 25 == 0:
            book.active.cell(3, at, "novo")
    for at in (len(keys), len(keys) + 1):
        book.active.cell(4, at, "x")
    book.save(path)
    assert import_file(path, Options(), connection).totals[Status.UPDATED] == 2
    assert len(sandbox.writes) == 2
    for row in (2, 3, 4):
        for at in range(4, 254):
            book.active.cell(row, at, f"tudo {row}") if str(book.active.cell(1, at).value).startswith(
                "Field:"
            ) else None
    book.save(path)
    report = import_file(path, Options(), connection)
    told = [issue.code for _, outcome in report.lines() for issue in outcome.issues]
    assert told == ["too-many-fields"] * 3


def test_fields_whose_labels_mean_each_other():
    """A label that is another field's key, and one that says nothing: the key names the field, or nobody does."""
    fields = (Field("foo", "Qux"), Field("bar", "Foo"), Field("baz", "---"), Field("age", "Idade:numeric"))
    workspace = Workspace(fields=fields)
    assert [field_header(one, workspace) for one in fields] == [
        "Field:Qux",
        "Field:Foo",
        "Field:baz",
        "Field:age",
    ]
    twins = Workspace(fields=(Field("a_b", "X y"), Field("c", "A-B"), Field("d", "x-Y")))
    assert [field_header(one, twins) for one in twins.fields] == [None, "Field:A-B", "Field:x-Y"]


def test_groups_that_are_too_many_for_columns_share_one():
    groups = tuple(Group(f"u{number}", f"Turma {number}") for number in range(30))
    own = OwnHeaders("Status", "URNs", "a", "b", "c")
    locale = make_locale(Workspace(), Options())
    layout = Layout(Workspace(groups=groups), locale, (), {}, own, in_workbook=True, columns_max=20)
    assert layout.headers == ("Contact UUID", "Name", "Language", "Groups", "Import:Status", "Import:URNs")
    cells, blanks = layout.cells(Contact("1", groups=groups[:2]))
    assert (cells[3], blanks) == ('"Turma 0"; "Turma 1"', [])


# ------------------------------------------------------------------------------------------- which contacts


@pytest.fixture
def three(others):
    for label in ("Cidade", "Nota", "Cor"):
        others.post("fields.json", json={"label": label, "value_type": "text"}).raise_for_status()
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    return [
        others.post("contacts.json", json={"name": name, "urns": [f"ext:{name}"], "groups": groups}).json()
        for name, groups in (("Ana", ["VIP"]), ("Bia", []), ("Caio", ["VIP"]))
    ]


def test_a_group_some_fields_and_what_changed_since(three, others, connection, tmp_path):
    exported = export_contacts(tmp_path / "g.csv", connection, group="vip", fields=["cor", "Cidade"])
    assert [row[1] for row in rows_of(tmp_path / "g.csv")[1:]] == ["Ana", "Caio"]
    assert [header for header in exported.headers if header.startswith("Field:")] == [
        "Field:Cor",
        "Field:Cidade",
    ]
    export_contacts(tmp_path / "a.csv", connection, after=three[1]["modified_on"])
    assert [row[1] for row in rows_of(tmp_path / "a.csv")[1:]] == ["Bia", "Caio"]
    export_contacts(tmp_path / "b.csv", connection, after="2099-01-01")
    assert rows_of(tmp_path / "b.csv")[1:] == []


@pytest.mark.parametrize(
    ("more", "key"),
    [({"group": "Nenhum"}, "export-no-group"), ({"fields": ["cidade", "x"]}, "export-no-field"),
     ({"after": "ontem"}, "export-after"), ({"path": "a.pdf"}, "export-kind")],
)  # fmt: skip
def test_what_is_not_there_is_one_sentence(more, key, three, connection, tmp_path):
    path = tmp_path / more.pop("path", "a.csv")
    with pytest.raises(Unusable) as caught:
        export_contacts(path, connection, **more)
    assert caught.value.key == key
    assert not path.exists()


def test_a_file_that_is_there_stays(three, connection, tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(Unusable) as caught:
        export_contacts(tmp_path / "a.csv", connection)
    assert caught.value.key == "export-exists"
    assert (tmp_path / "a.csv").read_text() == "mine"
    export_contacts(tmp_path / "a.csv", connection, replace=True)
    assert len(rows_of(tmp_path / "a.csv")) == 4


def test_more_contacts_than_a_sheet_has_rows(three, connection, tmp_path):
    exported = export_contacts(tmp_path / "a.xlsx", connection, sheet_rows=2)
    assert [path.name for path in exported.files] == ["a.xlsx", "a-2.xlsx"]
    assert [[row[1] for row in rows_of(path)[1:]] for path in exported.files] == [["Ana", "Bia"], ["Caio"]]
    for path in exported.files:
        assert import_file(path, Options(), connection).summary.writes == 0
    (tmp_path / "b-2.xlsx").write_text("mine")
    with pytest.raises(Unusable):
        export_contacts(tmp_path / "b.xlsx", connection, sheet_rows=2)
    assert not (tmp_path / "b.xlsx").exists()


# ------------------------------------------------------------------------------------- cut off, and going on


class Failing(Listener):
    """Ends the program in the middle of the reading."""

    def __init__(self, after):
        self._after = after

    def reading(self, contacts):
        if contacts >= self._after:
            raise KeyboardInterrupt


@pytest.fixture
def many(others):
    others.post("groups.json", json={"name": "VIP"}).raise_for_status()
    for number in range(25):
        others.post(
            "contacts.json", json={"name": f"N{number}", "urns": [f"ext:{number}"], "groups": ["VIP"]}
        )


@pytest.mark.parametrize("after", [10, 20, 25])
def test_cut_off_it_goes_on_and_never_leaves_half_a_file(
    after, many, sandbox, others, connection, tmp_path, monkeypatch
):
    """What changed meanwhile is as it is now; who was deleted or has left the group is not there."""
    monkeypatch.setattr("importer.platform.BIG_PAGE", 5)
    path = tmp_path / "out" / "vip.csv"
    with pytest.raises(KeyboardInterrupt):
        export_contacts(path, connection, group="VIP", listener=Failing(after))
    assert not path.exists()
    read = len(sandbox.requests)
    people = sandbox.contacts()
    others.delete("contacts.json", params={"uuid": people[0]["uuid"]}).raise_for_status()
    others.post(
        "contacts.json", params={"uuid": people[1]["uuid"]}, json={"name": "Outra"}
    ).raise_for_status()
    others.post("contacts.json", params={"uuid": people[2]["uuid"]}, json={"groups": []}).raise_for_status()
    others.post(
        "contacts.json", json={"name": "Nova", "urns": ["ext:n"], "groups": ["VIP"]}
    ).raise_for_status()
    sandbox.requests.clear()
    export_contacts(path, connection, group="VIP")
    names = {row[1] for row in rows_of(path)[1:]}
    assert names == {"Outra", "Nova", *(f"N{number}" for number in range(3, 25))}
    pages = [one for one in sandbox.requests if one.path == "contacts.json"]
    assert len(pages) < read + 4
    left = [p.name for p in (tmp_path / "state" / "exports").iterdir() if p.suffix == ".db"]
    assert left == []
    assert [p.name for p in path.parent.iterdir()] == ["vip.csv"]


def test_it_is_resumed_where_it_was(many, sandbox, connection, tmp_path, monkeypatch):
    """A server that fails for long costs no page twice."""
    monkeypatch.setattr("importer.gather.before_late", lambda moment: moment or None)
    monkeypatch.setattr("importer.platform.BIG_PAGE", 5)
    last = len(sandbox.requests) + 8  # workspace, fields, groups, the newest contact, four pages
    sandbox.fault_plan = lambda number, method, path: (
        "500" if number > last and path == "contacts.json" else None
    )
    with pytest.raises(Unavailable):
        export_contacts(tmp_path / "a.csv", connection)
    sandbox.fault_plan = None
    sandbox.requests.clear()
    export_contacts(tmp_path / "a.csv", connection)
    assert len(rows_of(tmp_path / "a.csv")) == 26
    walked = [one for one in sandbox.requests if one.path == "contacts.json"]
    assert len(walked) <= 4


def test_killed_it_goes_on(many, sandbox, tmp_path, state):
    """kill -9 in the middle leaves no file; the same command writes all of it."""
    command = [sys.executable, "-m", "importer", "export", "-o", "all.csv", "--url", sandbox.url, "--quiet"]
    environment = {"WENI_TOKEN": sandbox.token, "WENI_STATE": str(state), "PATH": "/usr/bin"}
    sandbox.fault_plan = lambda number, method, path: "slow" if path == "contacts.json" else None
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    until = time.monotonic() + 120
    while len(sandbox.requests) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=120)
    assert not (tmp_path / "all.csv").exists()
    sandbox.fault_plan = None
    assert subprocess.run(command, cwd=tmp_path, env=environment, check=False, timeout=120).returncode == 0
    assert len(rows_of(tmp_path / "all.csv")) == 26


# ---------------------------------------------------------------------------------------- whatever there is

TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=40
) | st.sampled_from(TEXTS)
PERSON = st.fixed_dictionaries(
    {
        "name": TEXT.filter(lambda text: text.strip()) | st.none(),
        "nota": TEXT,
        "age": st.decimals(allow_nan=False, allow_infinity=False, places=4).map(lambda d: format(d, "f"))
        | st.sampled_from(NUMBERS),
        "since": st.datetimes().map(lambda at: f"{at.isoformat(timespec='microseconds')}-03:00")
        | st.sampled_from(MOMENTS),
        "ext": TEXT.filter(
            lambda text: text.strip() and "%" not in text and "#" not in text and "?" not in text
        ),
    }
)


@pytest.fixture(scope="module")
def workshop():
    with Sandbox(SandboxOptions(rates=None)) as server:
        yield server


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(people=st.lists(PERSON, min_size=1, max_size=12), name=TEXT, suffix=st.sampled_from([".xlsx", ".csv"]))
def test_whatever_a_workspace_holds_comes_back(people, name, suffix, workshop, tmp_path_factory):
    """Nothing is written, nothing held back, whatever the texts, numbers, moments and names of groups are."""
    import httpx

    workshop.reset()
    headers = {"Authorization": f"Token {workshop.token}"}
    with httpx.Client(
        base_url=f"{workshop.url}/api/v2/", headers=headers, trust_env=False, verify=False
    ) as client:
        for label, kind in (("Nota", "text"), ("Age", "numeric"), ("Since", "datetime")):
            client.post("fields.json", json={"label": label, "value_type": kind})
        has_group = client.post("groups.json", json={"name": name}).status_code == 201
        for person in people:
            fields = {key: person[key] for key in ("nota", "age", "since")}
            groups = [name.strip()] if has_group else []
            body = {
                "name": person["name"],
                "urns": [f"ext:{person['ext']}"],
                "groups": groups,
                "fields": fields,
            }
            answer = client.post("contacts.json", json=body)
            if answer.status_code != 201:
                client.post("contacts.json", json={"fields": fields})
    before = workshop.contacts()
    path = tmp_path_factory.mktemp("export") / f"all{suffix}"
    there = Connection(workshop.url, workshop.token, settle_s=0)
    export_contacts(path, there)
    report = plan_file(path, Options(), there)
    assert report.totals[Status.UNCHANGED] == len(before) == report.summary.rows, [
        (outcome.status, outcome.issues, outcome.changes, row.cells) for row, outcome in report.lines()
    ]
    assert workshop.contacts() == before


def test_texts_are_kept_as_they_are(sandbox, others, connection, tmp_path):
    """What people see in the exported file is the text, in Unicode's composed form."""
    others.post("fields.json", json={"label": "Nota", "value_type": "text"})
    for text in ("007", "=1+1", "😀", "a\nb", "e\u0301"):
        others.post("contacts.json", json={"fields": {"nota": text}, "urns": [f"ext:{text}"]})
    export_contacts(tmp_path / "all.xlsx", connection)
    header, *rows = rows_of(tmp_path / "all.xlsx")
    shown = [unicodedata.normalize("NFC", row[header.index("Field:Nota")]) for row in rows]
    assert shown == ["007", "=1+1", "😀", "a\nb", "é"]


def test_a_text_file_holds_nothing_that_is_calculated(sandbox, others, connection, tmp_path):
    """A spreadsheet program that opens it shows a text, and does not run it."""
    for text in ("=cmd|' /C calc'!A0", "@SUM(1)", "+cmd", "-2+3+cmd"):
        others.post("contacts.json", json={"name": text}).raise_for_status()
    export_contacts(tmp_path / "all.csv", connection)
    names = [row[1] for row in rows_of(tmp_path / "all.csv")[1:]]
    assert all(name.startswith('="') for name in names)


def test_the_command(weni_export, sandbox, three, tmp_path):
    code, out = weni_export("export", "-o", "all.xlsx", "--json")
    document = json.loads(out)
    assert (code, document["contacts"], document["files"]) == (0, 3, ["all.xlsx"])
    assert document["blanks"] == []
    code, out = weni_export("export", "-o", "all.xlsx")
    assert (code, "--force" in out) == (2, True)
    code, out = weni_export("export", "-o", "all.xlsx", "--force", "--lang", "pt")
    assert (code, "3 contatos" in out) == (0, True)
    assert rows_of(tmp_path / "all.xlsx")[0][-2:] == ["Import:Situação", "Import:Outras URNs"]


@pytest.fixture
def weni_export(capsys, monkeypatch, tmp_path, sandbox):
    from importer.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WENI_TOKEN", sandbox.token)

    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--url", sandbox.url])
        said = capsys.readouterr()
        return ended.value.code or 0, said.out + said.err

    return call
