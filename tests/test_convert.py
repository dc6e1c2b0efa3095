"""The other road: workbooks for the platform's own import, and what `--after-convert` adds, end in the same workspace.

The platform's own import is played here by its rules: it reads the workbooks and writes contacts into the practice
workspace's store, past the API and its throttle.
"""

import json

import httpx
import openpyxl
import pytest

from importer import platform
from importer.conversion import SETS_MAX, sequences
from importer.errors import Unusable
from importer.model import Field, Status, Workspace
from importer.options import Options
from importer.run import Connection, convert_file, import_file
from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.calls import Call
from importer.sandbox.contacts import make_contact
from importer.sandbox.contacts import post as post_contact

PHONE = "+55829000{:05d}"


def play_import(sandbox, files, others, groups=()):
    """What the platform does with an uploaded workbook; refuses what it would refuse.

    groups: chosen there, for all contacts of the file.
    """
    seen = set()
    for path in files:
        header, *records = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        assert all(header), "a blank header is refused"
        assert any(name.startswith("URN:") or name == "Contact UUID" for name in header)
        assert set(header) != {"Contact UUID"}
        assert 0 < len(records) <= 25_000
        for cells in records:
            uuid, body = read_record(sandbox, header, cells, others)
            for key in (uuid, *body["urns"]):
                assert key is None or key not in seen, "a repeated record is refused"
                seen.add(key)
            uuid = store(sandbox, uuid, body)
            for group in groups:
                join(others, uuid, group)


def read_record(sandbox, header, cells, others):
    """The UUID that a record names, and its contact; a field that is not there is made."""
    body, uuid = {"urns": [], "fields": {}}, None
    for name, cell in zip(header, cells, strict=True):
        assert cell is None or isinstance(cell, str), "another cell would be read in its own way"
        kind, _, rest = name.partition(":")
        if not cell:
            continue
        value = None if cell == "--" else cell
        if name == "Contact UUID":
            uuid = cell
        elif kind == "URN":
            assert cell != "--"
            assert rest in platform.WRITABLE_SCHEMES
            body["urns"].append(f"{rest}:{cell}")
        elif kind == "Field":
            if platform.key_of(rest) not in {f["key"] for f in sandbox.fields()}:
                others.post("fields.json", json={"label": rest, "value_type": "text"}).raise_for_status()
            key = next(f["key"] for f in sandbox.fields() if f["label"] == rest)
            body["fields"][key] = value
        else:
            assert name in ("Name", "Language")
            body[name.lower()] = value
    return uuid, body


def store(sandbox, uuid, body):
    """Make a contact, or change the one that has the UUID or a URN; returns its UUID."""
    service, there = sandbox._service, sandbox.contacts()
    holders = [uuid] if uuid else [c["uuid"] for c in there if {*c["urns"]} & {*body["urns"]}]
    with service.store.lock:
        if holders:
            if not uuid or not body["urns"]:
                del body["urns"]
            call = Call("POST", "", {"uuid": holders[0]}, "application/json", json.dumps(body).encode())
            assert post_contact(service, call).status == 200
            return holders[0]
        return make_contact(service, body).uuid


def join(others, uuid, group):
    if not others.get("groups.json", params={"name": group}).json()["results"]:
        others.post("groups.json", json={"name": group}).raise_for_status()
    body = {"contacts": [uuid], "action": "add", "group": group}
    others.post("contact_actions.json", json=body).raise_for_status()


def state(sandbox):
    """The workspace as people see it, without what differs between any two."""
    return sorted(
        (
            c["name"] or "", c["language"] or "", sorted(c["urns"]), sorted(g["name"] for g in c["groups"]),
            sorted((key, value) for key, value in c["fields"].items() if value is not None),
        )
        for c in sandbox.contacts()
    )  # fmt: skip


def prepared(others):
    for label, kind in (("Cidade", "text"), ("Nascimento", "datetime"), ("Pontos", "numeric")):
        others.post("fields.json", json={"label": label, "value_type": kind}).raise_for_status()
    others.post("groups.json", json={"name": "Antigos"}).raise_for_status()
    for number in range(40):
        body = {
            "name": f"Velho {number}", "language": "por", "urns": [f"whatsapp:{PHONE.format(number)[1:]}"],
            "groups": ["Antigos"], "fields": {"cidade": "Recife", "pontos": "1"},
        }  # fmt: skip
        others.post("contacts.json", json=body).raise_for_status()


def rows():
    """Old ones with changes, removals and groups; new ones; one without a key; texts that that form cannot say."""
    lines = ["Name,Language,URN:Tel,URN:Mailto,Groups,Field:Cidade,Field:Nascimento,Field:Pontos,Field:Nota"]
    for number in range(40):
        city = ("--", "Natal", '"=""--"""', "")[number % 4]
        groups = ("VIP; Turma A", "-Antigos", "", "Antigos")[number % 4]
        mail = f"v{number}@example.com" if number % 3 == 0 else ""
        lines.append(
            f"Velho {number},por,{PHONE.format(number)},{mail},{groups},{city},1990-05-17,2.5,n{number}"
        )
    lines += [
        f"Novo {number},spa,{PHONE.format(number)},,{'VIP' if number % 2 else 'VIP; Turma A'},"
        f"Olinda,2001-02-03,{number},007"
        for number in range(100, 220)
    ]
    return [*lines, "Sem telefone,,,,VIP,Patos,,,"]


def test_both_roads_end_in_the_same_workspace(make_csv, sandbox, others, connection, tmp_path, clock):
    path, options = make_csv(*rows()), Options(create_without_key=True)
    prepared(others)
    with Sandbox(SandboxOptions(rates=None)) as plain:
        headers = {"Authorization": f"Token {plain.token}"}
        with httpx.Client(
            base_url=f"{plain.url}/api/v2/", headers=headers, trust_env=False, verify=False
        ) as there:
            prepared(there)
        import_file(path, options, Connection(plain.url, plain.token, settle_s=0))
        wanted = state(plain)
        of_plain = len(plain.writes) - 44
    sandbox.requests.clear()
    converted = convert_file(path, options, connection, tmp_path / "c", records=50)
    assert not sandbox.writes
    assert [file.name for file in converted.files] == [
        "new-1.xlsx",
        "new-2.xlsx",
        "new-3.xlsx",
        "changed-1.xlsx",
    ]
    assert (converted.new, converted.changed, converted.rows) == (120, 40, 161)
    play_import(sandbox, converted.files, others)
    sandbox.requests.clear()
    report = import_file(path, Options(create_without_key=True, after_convert=True), connection)
    assert report.exit_code == 0
    assert state(sandbox) == wanted
    writes = [one for one in sandbox.writes if one.path != "fields.json"]
    by_hundreds = [one for one in writes if one.path == "contact_actions.json"]
    # VIP and Turma A joined, Antigos left; the two groups; "--" as a text; the one without a key
    assert len(by_hundreds) == 4
    assert len(writes) == 4 + 2 + 10 + 1 < of_plain / 5
    sandbox.requests.clear()
    again = import_file(path, Options(after_convert=True), connection)
    assert not [one for one in sandbox.writes if one.path == "contact_actions.json"]
    assert again.totals[Status.UNCHANGED] == 160


def test_what_has_not_arrived_is_told_and_not_created(make_csv, sandbox, others, connection, tmp_path):
    path = make_csv("Name,URN:Tel,Groups", *(f"N{n},{PHONE.format(n)},VIP" for n in range(6)))
    converted = convert_file(path, Options(), connection, tmp_path / "c", records=4)
    play_import(sandbox, converted.files[:1], others)
    sandbox.requests.clear()
    report = import_file(path, Options(after_convert=True), connection)
    assert [(str(o.status), [i.code for i in o.issues]) for _, o in report.lines()] == [
        *[("updated", [])] * 4, *[("invalid", ["not-arrived"])] * 2,
    ]  # fmt: skip
    assert {one.path for one in sandbox.writes} == {"groups.json", "contact_actions.json"}
    assert len(sandbox.contacts()) == 4


def test_converting_again_leaves_no_file_of_before(make_csv, connection, tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    path = make_csv("Name,URN:Tel", *(f"N{n},{PHONE.format(n)}" for n in range(6)))
    convert_file(path, Options(), connection, folder, records=2)
    assert sorted(one.name for one in folder.iterdir()) == [
        "new-1.xlsx",
        "new-2.xlsx",
        "new-3.xlsx",
        "notes.txt",
    ]
    convert_file(path, Options(), connection, folder)
    assert sorted(one.name for one in folder.iterdir()) == ["new-1.xlsx", "notes.txt"]


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (range(249), []),
        (range(250), [(PHONE.format(0), PHONE.format(249))]),
        (
            [*range(250), *range(300, 700)],
            [(PHONE.format(0), PHONE.format(249)), (PHONE.format(300), PHONE.format(699))],
        ),
        (range(0, 1000, 2), []),
    ],
)
def test_numbers_that_follow_each_other_are_told(numbers, found):
    urns = [f"tel:{PHONE.format(number)}" for number in numbers]
    assert list(sequences(reversed(urns))) == found
    assert list(sequences([*urns, "mailto:a@example.com", *urns])) == found


# ------------------------------------------------------------------------------------- files for groups


def uploads(converted):
    return [(upload.path.name, upload.records, upload.groups) for upload in converted.uploads]


def test_files_for_each_combination_of_groups(make_csv, sandbox, others, connection, tmp_path):
    """Uploaded into their groups they leave nothing for afterwards but removals, and end in the same workspace."""
    path = make_csv(*rows()[:-1])
    prepared(others)
    with Sandbox(SandboxOptions(rates=None)) as plain:
        headers = {"Authorization": f"Token {plain.token}"}
        with httpx.Client(
            base_url=f"{plain.url}/api/v2/", headers=headers, trust_env=False, verify=False
        ) as there:
            prepared(there)
        import_file(path, Options(), Connection(plain.url, plain.token, settle_s=0))
        wanted = state(plain)
    folder = tmp_path / "c"
    converted = convert_file(path, Options(), connection, folder, by_groups=True, records=50)
    assert uploads(converted) == [
        ("new-1.xlsx", 50, ("Turma A", "VIP")),
        ("new-2.xlsx", 50, ("VIP",)),
        ("new-3.xlsx", 10, ("Turma A", "VIP")),
        ("new-4.xlsx", 10, ("VIP",)),
        ("changed-1.xlsx", 10, ("Turma A", "VIP")),
        ("changed-2.xlsx", 30, ()),
    ]
    assert (converted.combinations, converted.apart) == (2, 2)
    assert converted.afterwards == 20  # the removals, and the cells that are "--" as a text
    listed = (folder / "convert-uploads.csv").read_text("utf-8-sig").splitlines()
    assert listed[:3] == ["File,Contacts,Groups", "new-1.xlsx,50,Turma A; VIP", "new-2.xlsx,50,VIP"]
    for upload in converted.uploads:
        play_import(sandbox, [upload.path], others, upload.groups)
    sandbox.requests.clear()
    assert import_file(path, Options(after_convert=True), connection).exit_code == 0
    assert state(sandbox) == wanted
    assert len([one for one in sandbox.writes if one.path == "contact_actions.json"]) == 1
    assert len(sandbox.writes) == 1 + 10
    convert_file(path, Options(), connection, folder)
    assert "convert-uploads.csv" not in {one.name for one in folder.iterdir()}


def test_too_many_combinations_leave_the_smallest_for_afterwards(make_csv, connection, tmp_path):
    """Somebody has to upload each file by hand."""
    lines = [f"N{n},{PHONE.format(n)},G{n // 2:02}" for n in range(2 * SETS_MAX + 1)]
    path = make_csv("Name,URN:Tel,Groups", *lines)
    converted = convert_file(path, Options(), connection, tmp_path / "c", by_groups=True)
    assert uploads(converted) == [
        *((f"new-{n + 1}.xlsx", 2, (f"G{n:02}",)) for n in range(SETS_MAX)),
        (f"new-{SETS_MAX + 1}.xlsx", 1, ()),
    ]
    assert (converted.combinations, converted.apart, converted.afterwards) == (SETS_MAX + 1, SETS_MAX, 1)


# ----------------------------------------------------------------------------------- without a workspace


def test_without_a_workspace_all_that_a_row_says_is_in_the_file(
    make_csv, sandbox, others, connection, tmp_path
):
    """Contacts that are there are found by their URN; what only a workspace could tell is in no file."""
    uuid = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    path = make_csv(
        "Contact UUID,Name,URN:Tel,Groups,Field:Nascimento:datetime,Field:Nota,Action",
        ",Nova,+5582900000001,VIP,2001-02-03,007,",
        ",Velho Novo Nome,+5582900000002,-Antigos,,--,upsert",
        f"{uuid},Pelo UUID,,,,n,",
        ",Só se existe,+5582900000004,,,,update",
        ",Torta,12,,,,",
        ",,+5582900000006,,,,delete",
    )
    others.post("fields.json", json={"label": "Nascimento", "value_type": "datetime"}).raise_for_status()
    others.post("fields.json", json={"label": "Nota", "value_type": "text"}).raise_for_status()
    body = {"name": "Velho", "urns": ["tel:+5582900000002"], "fields": {"nota": "x"}}
    others.post("contacts.json", json=body).raise_for_status()
    with pytest.raises(Unusable) as error:
        convert_file(path, Options(), None, tmp_path / "c")
    assert error.value.key == "convert-timezone"
    options = Options(timezone="America/Sao_Paulo")
    converted = convert_file(path, options, None, tmp_path / "c", by_groups=True)
    assert uploads(converted) == [
        ("new-1.xlsx", 1, ("VIP",)), ("new-2.xlsx", 1, ()), ("changed-1.xlsx", 1, ()),
    ]  # fmt: skip
    assert (converted.asked, converted.rows, converted.new, converted.changed) == (False, 6, 2, 1)
    assert (converted.afterwards, converted.left_out) == (3, 3)  # a group left; update; delete
    sandbox.requests.clear()
    play_import(sandbox, converted.files[:1], others, ("VIP",))
    play_import(sandbox, converted.files[1:2], others)
    there = {contact["name"]: contact for contact in sandbox.contacts()}
    assert there["Nova"]["fields"] == {"nascimento": "2001-02-03T00:00:00.000000-02:00", "nota": "007"}
    assert there["Velho Novo Nome"]["fields"]["nota"] is None
    rows = list(openpyxl.load_workbook(converted.files[2]).active.iter_rows(values_only=True))
    assert rows == [("Contact UUID", "Name", "Field:Nota"), (uuid, "Pelo UUID", "n")]


def test_replacing_lists_is_left_for_afterwards_where_nobody_knows_them(make_csv, tmp_path):
    path = make_csv("Name,URN:Tel,Groups", f"Ana,{PHONE.format(1)},VIP", f"Eva,{PHONE.format(2)},")
    for options, left in (
        (Options(groups_mode="replace"), 1), (Options(urns_mode="replace"), 2), (Options(), 1),
    ):  # fmt: skip
        assert convert_file(path, options, None, tmp_path / "c").afterwards == left
    assert convert_file(path, Options(), None, tmp_path / "c", by_groups=True).afterwards == 0


def test_the_sheet_of_labels_that_the_workspace_file_knows(make_csv, tmp_path):
    known = Workspace(timezone="America/Sao_Paulo", fields=(Field("nasceu", "Nasceu em", "datetime"),))
    path = make_csv("Name,URN:Tel,Nasceu em", f"Ana,{PHONE.format(1)},2001-02-03")
    (file,) = convert_file(path, Options(), None, tmp_path / "c", workspace=known).files
    rows = list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))
    assert rows[0] == ("Name", "URN:tel", "Field:Nasceu em")
    assert rows[1][2] == "2001-02-03T00:00:00-02:00"
