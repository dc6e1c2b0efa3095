"""What the server does with fields and groups, reached through sheets: created, changed, renamed, deleted, refused.

The same cases as those of the sandbox's scenarios about fields and groups, each from a row to the workspace's state.
"""

import pytest

from importer.options import Options
from importer.run import import_file
from importer.sandbox.fields import make_field
from importer.sandbox.groups import make_group

FIELDS = {"age": ("Age", "numeric"), "city": ("City", "text")}
GROUPS = ("Turma A", "Turma B")

SERIES = {
    "fields-create": (
        "Fields",
        "Label|Type",
        "Data de corte|datetime",
        {**FIELDS, "data_de_corte": ("Data de corte", "datetime")},
    ),
    "fields-create-trimmed": (
        "Fields",
        "Label|Type",
        "  Bairro |text",
        {**FIELDS, "bairro": ("Bairro", "text")},
    ),
    "fields-create-key": (
        "Fields",
        "Label|Type",
        "A - b_C 9|text",
        {**FIELDS, "a_b_c_9": ("A - b_C 9", "text")},
    ),
    "fields-labels-taken": ("Fields", "Label|Action", "CITY|create", FIELDS),
    "fields-labels-accent": ("Fields", "Label", "Ação", FIELDS),
    "fields-labels-reserved": ("Fields", "Label", "Groups", FIELDS),
    "fields-labels-digit": ("Fields", "Label", "7 anos", FIELDS),
    "fields-labels-36": ("Fields", "Label", "x" * 36, {**FIELDS, "x" * 36: ("x" * 36, "text")}),
    "fields-labels-37": ("Fields", "Label", "x" * 37, FIELDS),
    "fields-update-label": ("Fields", "Label|Key", "Cidade|city", {**FIELDS, "city": ("Cidade", "text")}),
    "fields-update-case": ("Fields", "Label|Key", "CITY|city", {**FIELDS, "city": ("CITY", "text")}),
    "fields-update-unknown": ("Fields", "Label|Key", "X|CITY", FIELDS),
    "fields-update-taken": ("Fields", "Label|Key", "Age|city", FIELDS),
    "fields-retype": ("Fields", "Key|Type", "city|ward", {**FIELDS, "city": ("City", "ward")}),
    "fields-retype-unknown": ("Fields", "Key|Type", "city|date of birth", FIELDS),
    "fields-delete": ("Fields", "Key|Action", "city|delete", FIELDS),
    "groups-create": ("Groups", "Name", "Turma C", (*GROUPS, "Turma C")),
    "groups-create-letters": ("Groups", "Name", "_é 1", (*GROUPS, "_é 1")),
    "groups-create-sign": ("Groups", "Name", "(x)", GROUPS),
    "groups-create-64": ("Groups", "Name", "x" * 64, (*GROUPS, "x" * 64)),
    "groups-create-65": ("Groups", "Name", "x" * 65, GROUPS),
    "groups-create-taken": ("Groups", "Name|Action", "TURMA A|create", GROUPS),
    "groups-rename": ("Groups", "Name|New name", "Turma A|Turma C", ("Turma C", "Turma B")),
    "groups-rename-case": ("Groups", "Name|New name", "Turma A|TURMA A", ("TURMA A", "Turma B")),
    "groups-rename-taken": ("Groups", "Name|New name", "Turma A|turma b", GROUPS),
    "groups-rename-unknown": ("Groups", "UUID|New name", "00000000-0000-4000-8000-000000000000|X", GROUPS),
    "groups-delete": ("Groups", "Name|Action", "Turma A|delete", ("Turma B",)),
    "groups-delete-again": ("Groups", "Name|Action", "Turma Z|delete", GROUPS),
}


@pytest.mark.parametrize("name", SERIES)
def test_series(name, make_book, sandbox, connection):
    """What the server would refuse is not sent; all else is one request."""
    sheet, header, row, expected = SERIES[name]
    for label, value_type in FIELDS.values():
        make_field(sandbox._service, {"label": label, "value_type": value_type})
    for group in GROUPS:
        make_group(sandbox._service, {"name": group})
    import_file(make_book(**{sheet: (header, row)}), Options(allow_delete=None), connection)
    store = sandbox._service.store
    fields = {key: (one.label, one.value_type) for key, one in store.fields.items()}
    groups = [one.name for one in store.groups.values()]
    before = (FIELDS, list(GROUPS))
    assert (fields if sheet == "Fields" else tuple(groups)) == expected
    assert len(sandbox.writes) == int((fields, groups) != before)
    assert all(served.status < 400 for served in sandbox.writes)
