"""What is chosen, by a flag or in a mapping file, holds from the check to the last request."""

import pytest

from importer.model import Status
from importer.options import Options
from importer.run import Connection, import_file, plan_file
from importer.sandbox import Sandbox, SandboxOptions

HEADER = "Nome;Celular;Groups"
ANA = "Ana Exemplo;+55 82 90000-0001;Clientes"


@pytest.fixture
def mapping(tmp_path):
    """A mapping file of the text given."""

    def write(text):
        path = tmp_path / "mapping.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def contacts(sandbox):
    return {contact["name"]: contact for contact in sandbox.contacts()}


def test_a_mapping_file_can_make_the_file_the_whole_truth(make_csv, mapping, sandbox, connection):
    import_file(make_csv(HEADER, ANA), Options(), connection)
    options = Options(mapping=mapping('[options]\ngroups_mode = "replace"\n'))
    path = make_csv(HEADER, ANA.replace("Clientes", "VIP"))
    (_, outcome), *_ = plan_file(path, options, connection).lines()
    assert [(change.old, change.new) for change in outcome.changes] == [(("Clientes",), ("VIP",))]
    import_file(path, options, connection)
    assert [group["name"] for group in contacts(sandbox)["Ana Exemplo"]["groups"]] == ["VIP"]


def test_a_mapping_file_can_ask_for_all_or_nothing(make_csv, mapping, sandbox, connection):
    options = Options(mapping=mapping("[options]\nall_or_nothing = true\n"))
    report = import_file(make_csv(HEADER, ANA, "Beto;123;"), options, connection)
    assert (report.totals[Status.INVALID], sandbox.writes) == (1, [])


NEW, OLD = "+5582990000001", "+558290000001"
"""A mobile number with the ninth digit, and the same as it was before."""


def test_a_number_with_and_without_the_ninth_digit_is_one_contact(make_csv, sandbox, connection):
    """By default both forms match, and the one that is stored stays."""
    path = make_csv("Nome;Celular", f"Ana;{OLD}", f"Ana;{NEW}")
    assert import_file(path, Options(), connection).totals[Status.CREATED] == 2  # rows, of one contact
    assert {name: one["urns"] for name, one in contacts(sandbox).items()} == {
        "Ana": [f"tel:{OLD}", f"tel:{NEW}"]
    }
    report = import_file(make_csv("Nome;Celular", f"Ana;{NEW}"), Options(), connection)
    assert report.totals[Status.UNCHANGED] == 1


def test_both_forms_of_a_number_can_be_kept_apart(make_csv, sandbox, connection):
    """In the file, against the workspace, and when it runs again; no digit is added or dropped."""
    keep = Options(ninth_digit="keep")
    import_file(make_csv("Nome;Celular", f"Ana;{OLD}"), keep, connection)
    path = make_csv("Nome;Celular", f"Ana nova;{NEW}", f"Ana antiga;{OLD}")
    report = import_file(path, keep, connection)
    assert (report.totals[Status.CREATED], report.totals[Status.UPDATED]) == (1, 1)
    assert {name: one["urns"] for name, one in contacts(sandbox).items()} == {
        "Ana antiga": [f"tel:{OLD}"],
        "Ana nova": [f"tel:{NEW}"],
    }
    before = len(sandbox.writes)
    assert import_file(path, keep, connection).totals[Status.UNCHANGED] == 2
    assert len(sandbox.writes) == before


def test_a_lost_creation_is_looked_for_by_the_same_rule(make_csv, sandbox, connection):
    """The contact with the other form of the number is not taken for the one whose answer was lost."""
    keep, lost = Options(ninth_digit="keep"), []

    def lose_the_first(number, method, path):
        if method == "POST" and not lost:
            lost.append(path)
            return "drop-before"
        return None

    import_file(make_csv("Nome;Celular", f"Ana;{OLD}"), keep, connection)
    sandbox.fault_plan = lose_the_first
    import_file(make_csv("Nome;Celular", f"Beto;{NEW}"), keep, connection)
    assert lost
    assert {name: one["urns"] for name, one in contacts(sandbox).items()} == {
        "Ana": [f"tel:{OLD}"],
        "Beto": [f"tel:{NEW}"],
    }


def test_a_server_that_takes_both_forms_for_one_says_so(make_csv):
    """Where the workspace itself tells no difference, a number that was kept apart is another contact's."""
    keep = Options(ninth_digit="keep")
    with Sandbox(SandboxOptions(rates=None, ninth_digit=True)) as server:
        connection = Connection(server.url, server.token, settle_s=0)
        import_file(make_csv("Nome;URN:Whatsapp", f"Ana;{OLD}"), keep, connection)
        report = import_file(make_csv("Nome;URN:Ext;URN:Whatsapp", f"Beto;B1;{NEW}"), keep, connection)
        ((_, line),) = report.lines()
        assert [(issue.code, issue.severity) for issue in line.issues] == [("refused", "error")]
        report = import_file(make_csv("Nome;URN:Whatsapp", f"Beto;{NEW}"), keep, connection)
        ((_, line),) = report.lines()
        (issue,) = line.issues
        assert (issue.code, issue.value, issue.letter) == ("urn-taken", f"whatsapp:{NEW[1:]}", "B")
        assert list(contacts(server)) == ["Ana"]
