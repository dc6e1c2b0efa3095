"""The other road: workbooks for the platform's own import, and what `--after-convert` adds, end in the same workspace.

The platform's own import is played here by its rules: it reads the workbooks and writes contacts into the practice
workspace's store, past the API and its throttle.
"""

import json

import httpx
import openpyxl
import pytest

from importer import platform
from importer.conversion import sequences
from importer.model import Status
from importer.options import Options
from importer.run import Connection, convert_file, import_file
from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.calls import Call
from importer.sandbox.contacts import make_contact
from importer.sandbox.contacts import post as post_contact

PHONE = "+55829000{:05d}"


def play_import(sandbox, files, others):
    """What the platform does with an uploaded workbook; refuses what it would refuse."""
    seen = set()
    for path in files:
        rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
        header, records = rows[0], rows[1:]
        assert all(header), "a blank header is refused"
        assert any(name.startswith("URN:") or name == "Contact UUID" for name in header)
        assert set(header) != {"Contact UUID"}
        assert 0 < len(records) <= 25_000
        for cells in records:
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
                        others.post(
                            "fields.json", json={"label": rest, "value_type": "text"}
                        ).raise_for_status()
                    key = next(f["key"] for f in sandbox.fields() if f["label"] == rest)
                    body["fields"][key] = value
                else:
                    assert name in ("Name", "Language")
                    body[name.lower()] = value
            for key in (uuid, *body["urns"]):
                assert key is None or key not in seen, "a repeated record is refused"
                seen.add(key)
            store(sandbox, uuid, body)


def store(sandbox, uuid, body):
    service = sandbox._service
    with service.store.lock:
        if uuid is None:
            make_contact(service, body)
            return
        if not body["urns"]:
            del body["urns"]
        call = Call("POST", "", {"uuid": uuid}, "application/json", json.dumps(body).encode())
        assert post_contact(service, call).status == 200


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
