"""A template with the sheets of fields and groups: what the workspace has, in the form that `run` takes."""

import pytest

from importer.errors import Unusable
from importer.messages import LANGUAGES, catalogue
from importer.options import Options
from importer.run import import_file, workspace_of
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group
from importer.sandbox.hooks import make_dynamic_group
from importer.writers.templates import write_template


@pytest.mark.parametrize("language", LANGUAGES)
def test_run_as_it_is_it_changes_nothing(language, sandbox, connection, tmp_path):
    """Each field and group has its row, whatever it is called."""
    for label in ("Data de corte", "Age", "x_1"):
        make_field(sandbox._service, {"label": label, "value_type": "datetime" if "D" in label else "text"})
    for name in ("007", "1,5", "Turma É", "_", "Ação"):
        make_group(sandbox._service, {"name": name})
    make_dynamic_group(sandbox._service, "Adultos", "age > 17")
    path = tmp_path / "list.xlsx"
    write_template(path, catalogue(language), workspace_of(connection), definitions=True)
    report = import_file(path, Options(), connection)
    assert [str(line.outcome.status) for line in report.definitions] == ["unchanged"] * 9
    assert [line.outcome.issues for line in report.definitions] == [()] * 9
    assert (sandbox.writes, report.exit_code) == ([], 0)


def test_without_a_workspace_the_sheets_are_to_be_filled_in(tmp_path, sandbox, connection):
    path = tmp_path / "list.xlsx"
    write_template(path, catalogue("pt"), definitions=True)
    assert import_file(path, Options(), connection).definitions == ()
    with pytest.raises(Unusable) as caught:
        write_template(tmp_path / "list.csv", catalogue("pt"), definitions=True)
    assert caught.value.key == "template-definitions"
