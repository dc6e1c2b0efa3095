"""Mapping files, presets and workspace files: written by one command, read by another."""

import json

import pytest

from importer.mapping.files import OPTIONS, parse_mapping
from importer.presets import presets
from importer.sandbox import Sandbox, SandboxOptions

OLD_SYSTEM = (
    "Relatório 07;;;",
    "Kod;Nr. (1);Salto;Data",
    "Ana;90000-0001;10;03/04/2024",
    "Beto;90000-0002;20;05/06/2024",
)


@pytest.fixture
def preloaded(tmp_path, monkeypatch):
    """A workspace with fields and groups, whose token is in the environment."""
    preload = tmp_path / "preload.json"
    content = {
        "fields": [{"label": "Turma", "value_type": "text"}, {"label": "Idade", "value_type": "numeric"}],
        "groups": [{"name": "Clientes VIP"}, {"name": "Adultos", "query": "idade > 17"}],
    }
    preload.write_text(json.dumps(content), "utf-8")
    with Sandbox(SandboxOptions(preload=preload, name="Escola Ção", rates=None)) as server:
        monkeypatch.setenv("WENI_URL", server.url)
        monkeypatch.setenv("WENI_TOKEN", server.token)
        yield server


# --------------------------------------------------------------------------------------- saved mappings


def test_what_was_found_is_saved_with_what_was_chosen(weni, make_csv, tmp_path):
    path = make_csv("Nome;Celular;Obs. internas", "Ana;+5582900000001;x")
    done = weni("check", path, "--country", "BR", "--strict", "--save-mapping", "found.toml")
    assert (done.code, "found.toml" in done.out) == (0, True)
    assert (tmp_path / "found.toml").read_text("utf-8") == (
        '[options]\ncountry = "BR"\nstrict = true\n\n'
        '[columns]\n"Nome" = "name"\n"Celular" = "phone"\n"Obs. internas" = "ignore"\n'
    )


def test_a_mapping_is_corrected_saved_and_used_again(weni, make_csv, tmp_path):
    """By header row, header, letter and option, in the file that is saved again."""
    path = make_csv(*OLD_SYSTEM)
    assert weni("check", path, "--header-row", 2, "--country", "BR", "--save-mapping", "a.toml").code == 2
    first = (tmp_path / "a.toml").read_text("utf-8")
    assert "header_row = 2" in first
    corrected = first.replace('"Kod" = "ignore"', '"Kod" = "name"').replace(
        '(1)" = "ignore"', '(1)" = "phone"'
    )
    corrected = corrected.replace('"Data" = "ignore"', '"Data" = "field:desde:datetime"')
    (tmp_path / "a.toml").write_text(corrected + '\n[values."Salto"]\n10 = "dez"\n', "utf-8")
    done = weni(
        "check", path, "--mapping", "a.toml", "--date-order", "dmy", "--timezone", "UTC",
        "--save-mapping", "b.toml", "--json",
        "--records",
    )  # fmt: skip
    again = weni("check", path, "--mapping", "b.toml", "--json", "--records")
    assert again.out == done.out
    rows = json.loads(again.out)["rows"]
    assert [(row["contact"]["name"], row["contact"]["fields"]) for row in rows] == [
        ("Ana", {"desde": "2024-04-03T00:00:00+00:00"}),
        ("Beto", {"desde": "2024-06-05T00:00:00+00:00"}),
    ]
    assert parse_mapping((tmp_path / "b.toml").read_text("utf-8")).values == {"Salto": {"10": "dez"}}


def test_a_file_is_not_replaced_unasked(weni, make_csv, tmp_path):
    """Nor is anything read before that is said."""
    saved = tmp_path / "mine.toml"
    saved.write_text("# mine\n")
    refused = weni("check", "nowhere.csv", "--save-mapping", saved)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert saved.read_text() == "# mine\n"
    path = make_csv("Nome;Celular", "Ana;+5582900000001")
    assert weni("check", path, "--save-mapping", saved, "--force").code == 0
    assert saved.read_text("utf-8").startswith("[columns]\n")
    assert [file.name for file in tmp_path.glob("*.toml*")] == ["mine.toml"]


def test_a_folder_that_is_not_there(weni, make_csv):
    done = weni("check", make_csv("Nome;Celular", "Ana;+5582900000001"), "--save-mapping", "no/m.toml")
    assert (done.code, "no/m.toml" in done.err) == (2, True)


def test_json_stays_one_document(weni, make_csv, tmp_path):
    path = make_csv("Nome;Celular", "Ana;+5582900000001")
    assert json.loads(weni("check", path, "--json", "--save-mapping", "m.toml").out)["blocked"] is False
    assert (tmp_path / "m.toml").exists()


def test_a_mapping_remembers_its_workspace(weni, make_csv, preloaded, monkeypatch, tmp_path):
    """It is refused for another one, until the user says that it fits; offline, what it was made for stays."""
    path = make_csv("Nome;Celular;Turma", "Ana;+5582900000001;A")
    assert weni("check", path, "--save-mapping", "school.toml").code == 0
    saved = parse_mapping((tmp_path / "school.toml").read_text("utf-8"))
    assert (saved.workspace_name, bool(saved.workspace_uuid)) == ("Escola Ção", True)
    assert weni("check", path, "--mapping", "school.toml").code == 0
    with Sandbox(SandboxOptions(name="Outra")) as other:
        monkeypatch.setenv("WENI_URL", other.url)
        refused = weni("check", path, "--mapping", "school.toml")
        assert (refused.code, "Escola Ção" in refused.err, "--any-workspace" in refused.err) == (
            2,
            True,
            True,
        )
        assert weni("check", path, "--mapping", "school.toml", "--any-workspace").code == 0
    monkeypatch.delenv("WENI_TOKEN")
    assert weni("check", path, "--mapping", "school.toml", "--save-mapping", "again.toml").code == 0
    again = parse_mapping((tmp_path / "again.toml").read_text("utf-8"))
    assert (again.workspace_uuid, again.workspace_name) == (saved.workspace_uuid, saved.workspace_name)


def test_whether_another_workspace_is_allowed_is_said_each_time():
    assert "any_workspace" not in OPTIONS


# ------------------------------------------------------------------------------------------------ presets


def test_presets_are_listed(weni):
    lines = weni("presets").out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == [preset.name for preset in presets()]
    assert any("Google Contacts" in line for line in lines)
    listed = json.loads(weni("presets", "--json").out)["presets"]
    assert listed[0].keys() == {"name", "title"}
    assert len(listed) == len(lines)


def test_a_preset_is_forced_by_name(weni, make_csv):
    path = make_csv("Particular,Nombre,URN:Ext", "+5582900000001,Ana,X1")
    document = json.loads(weni("check", path, "--preset", "outlook-es", "--json").out)
    assert [column["target"] for column in document["columns"]] == ["urn:tel", "name.first", "urn:ext"]
    refused = weni("check", path, "--preset", "sap")
    assert (refused.code, "outlook-es" in refused.err) == (2, True)


# -------------------------------------------------------------------------------------------- workspaces


def test_a_workspace_is_shown(weni, preloaded):
    shown = weni("workspace")
    assert shown.code == 0
    for said in (
        "Escola Ção",
        "BR",
        "America/Sao_Paulo",
        "turma",
        "Idade",
        "numeric",
        "Clientes VIP",
        "Adultos",
    ):
        assert said in shown.out


def test_a_workspace_file_stands_for_the_workspace(weni, preloaded, make_csv, tmp_path, monkeypatch):
    """A check against the file says what a check against the workspace says."""
    path = make_csv("Nome;Celular;Turma;idade", "Ana;90000-0001;A;30", "Beto;82 90000-0002;B;trinta")
    live = json.loads(weni("check", path, "--json", "--records").out)
    file = tmp_path / "escola.json"
    file.write_text(weni("workspace", "--json").out, "utf-8")
    monkeypatch.delenv("WENI_TOKEN")
    offline = weni("check", path, "--json", "--records", "--workspace", file)
    assert json.loads(offline.out) == live
    assert [column["target"] for column in live["columns"]][2:] == ["field:turma", "field:idade"]
    assert live["totals"]["invalid"] == 2


def test_a_workspace_file_is_the_workspace(preloaded, weni, tmp_path):
    """Whatever is known of it comes back, groups that a query fills among them."""
    from importer.cli.workspaces import read_workspace_file
    from importer.run import Connection, workspace_of

    file = tmp_path / "escola.json"
    file.write_text(weni("workspace", "--json").out, "utf-8")
    assert read_workspace_file(file) == workspace_of(Connection(preloaded.url, preloaded.token))


def test_no_token_no_workspace(weni):
    assert weni("workspace", "--json").code == 2
