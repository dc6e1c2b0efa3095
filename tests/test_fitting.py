"""Types: a new text field whose values would all fit one is asked about, and nothing else is."""

from datetime import date

import pytest

from importer.fitting import Fitting
from importer.mapping import Mapping
from importer.model import Column, Field, MappedColumn, Row, ShownNumber, Target, Workspace
from importer.options import Options
from importer.schema import make_schema


def suggested(cells, *, target=None, workspace=None, options=None):
    """The type that is suggested for a column of these cells; "" if none is."""
    target = target or Target("field", "saldo", None, "Saldo")
    mapping = Mapping((MappedColumn(Column(0, "Saldo"), target, "convention"),))
    fitting = Fitting(make_schema(mapping, workspace or Workspace(), options or Options()).columns)
    for number, cell in enumerate(cells, 2):
        fitting.note(Row(number, (cell,)))
    issues = list(fitting.issues())
    assert all(
        (issue.code, issue.column, issue.letter) == ("field-type-possible", "Saldo", "A") for issue in issues
    )
    return issues[0].details["value_type"] if issues else ""


@pytest.mark.parametrize(
    ("value_type", "cells"),
    [
        ("numeric", ["1", "2,5", "-3"]),
        ("numeric", ["R$ 1.234,50", "0", "", None, "--", "12"]),
        ("numeric", [1, 2.5, 3]),
        ("numeric", ["1.234", "2.345", "3.456"]),  # one thousand or one and a bit: asked when it is a number
        ("datetime", ["31/12/2024", "01/02/2024", "15/03/2024 10:30"]),
        ("datetime", ["2024-12-31", "2024-01-01T10:00:00Z", date(2024, 1, 1)]),
        ("datetime", ["01/02/2024", "03/04/2024", "05/06/2024"]),  # the order is asked when it is a datetime
        ("", ["31/12/2024", "12/31/2024", "01/01/2024"]),  # no order fits all
        ("", ["1", "2", "três"]),
        ("", ["1", "2"]),  # too few to tell
        ("", ["", None, "--", " "]),
        ("", ["01310100", "20040002", "30130000"]),  # codes are no amounts
        ("", ["12345678901", "23456789012", "34567890123"]),
        ("", [12345678901, 23456789012, 34567890123]),
        ("", [ShownNumber(1310100, "01310-100")] * 3),
        ("", ["2024", "31/12/2024", "1"]),
        ("", [True, False, True]),
        ("", ["sim", "não", "sim"]),
    ],
)
def test_what_values_fit(value_type, cells):
    assert suggested(cells) == value_type


def test_a_named_type_is_not_questioned():
    """Be it named in the file or because the field is there."""
    assert suggested(["1", "2", "3"], target=Target("field", "saldo", "text", "Saldo")) == ""
    assert suggested(["1", "2", "3"], target=Target("name")) == ""


def test_the_order_of_the_options_counts_for_nothing():
    """A column in the other order still is one of dates."""
    assert suggested(["12/31/2024"] * 3, options=Options(date_order="dmy")) == "datetime"


@pytest.mark.parametrize(
    ("header", "fields", "told"),
    [
        ("Field:Saldo", (), ["field-type-possible"]),
        ("Field:Saldo:text", (), []),
        ("Field:Saldo:numeric", (), []),
        ("Field:Saldo", (Field("saldo", "Saldo", "text"),), []),
        ("Field:Saldos", (Field("saldo", "Saldo", "text"),), ["field-similar", "field-type-possible"]),
    ],
)
def test_a_file_is_asked_about_where_the_workspace_is_known(header, fields, told, make_csv):
    from importer.examine import UNKNOWN, examine

    rows = [f"Ana;+55 82 90000-000{digit};{digit + 1}0,5" for digit in range(4)]
    path = make_csv(f"Name;URN:Tel;{header}", *rows)
    examined = examine(path, Options(), Workspace(fields=fields))
    assert [issue.code for issue in examined.issues] == told
    assert not any(issue.is_error for issue in examined.issues)
    assert examine(path, Options(), UNKNOWN).issues == ()
