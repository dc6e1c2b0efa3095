"""What is chosen, by a flag or in a mapping file, holds from the check to the last request."""

import pytest

from importer.model import Status
from importer.options import Options
from importer.run import import_file, plan_file

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
