"""importer.schema: a mapping joined with a workspace and options."""

from zoneinfo import ZoneInfo

import pytest

from importer.errors import Unusable
from importer.mapping import Mapping
from importer.model import LEAVE, Column, Field, MappedColumn, Row, Target, Wanted, Workspace
from importer.options import Options
from importer.schema import make_locale, make_schema


def test_each_column_knows_where_it_stands_and_its_type(schema_for):
    schema = schema_for("ignore", "field:age", "name", "field:city")
    assert [(column.position, str(column.target), column.value_type) for column in schema.columns] == [
        (1, "field:age", "numeric"), (2, "name", "text"), (3, "field:city", "text"),
    ]  # fmt: skip
    assert schema.ignored == {"A"}
    assert schema.types == {"age": "numeric", "city": "text"}
    assert schema.new_fields == ()


def test_the_type_of_a_field_that_is_there_wins(schema_for):
    """A header or mapping file can type new fields only."""
    schema = schema_for("field:city:numeric", "field:height:numeric")
    assert schema.types == {"city": "text", "height": "numeric"}
    assert schema.new_fields == (Field("height", "height", "numeric"),)


def test_a_field_is_new_once_though_two_things_use_it(schema_for):
    schema = schema_for("field:height", constants=(("field:weight:numeric", "12"), ("field:height", "1")))
    assert [field.key for field in schema.new_fields] == ["height", "weight"]


def test_a_new_field_has_the_label_that_the_mapping_gives(schema_for):
    target = Target("field", "height", label="Height in cm")
    column = MappedColumn(Column(0, "Height (cm)"), target, "convention")
    schema = make_schema(Mapping((column,)), Workspace(), Options())
    assert schema.new_fields == (Field("height", "Height in cm", "text"),)


def test_a_type_that_we_do_not_know_is_sent_as_it_stands(schema_for):
    workspace = Workspace(fields=(Field("place", "Place", "location"),))
    assert schema_for("field:place", workspace=workspace).types == {"place": "text"}


@pytest.mark.parametrize(
    ("target", "option", "schemes"),
    [
        ("phone", "tel", ("tel",)),
        ("phone", "whatsapp", ("whatsapp",)),
        ("phone", "both", ("tel", "whatsapp")),
        ("urn:tel", "whatsapp", ("tel",)),
        ("urn:mailto", "both", ("mailto",)),
        ("urns", "both", ()),
        ("name", "both", ()),
    ],
)
def test_which_schemes_a_column_gives(target, option, schemes, schema_for):
    column = schema_for(target, options=Options(phone_scheme=option)).columns[0]
    assert column.schemes == schemes
    assert column.is_phone == (target in ("phone", "urn:tel"))


def test_a_cell_is_translated_by_its_own_columns_values(schema_for):
    schema = schema_for("name", "field:city", values={"field:city": {"M": "Maceió"}})
    row = Row(2, ("M", " M "))
    assert [column.cell(row) for column in schema.columns] == ["M", "Maceió"]


# ------------------------------------------------------------------------------------------------ constants


def test_what_every_row_gets(schema_for):
    """Values of constants are read as cells are; the mark clears, blank says nothing."""
    schema = schema_for(
        "uuid",
        options=Options(groups=(" Todos ", "VIP")),
        constants=(
            ("language", "Português"), ("group:vip", "true"), ("group:Novos", "true"), ("field:age", "1.234,5"),
            ("field:since", "31/01/2024"), ("field:city", "--"), ("field:until", ""),
        ),
    )  # fmt: skip
    (told,) = schema.issues
    assert (told.code, told.column) == ("language-normalised", "[constants] language")
    assert schema.constants == Wanted(
        language="por",
        groups=("Todos", "VIP", "Novos"),
        fields={"age": "1234.5", "since": "2024-01-31T00:00:00-03:00", "city": None},
    )


@pytest.mark.parametrize(("text", "language"), [("--", None), (" ", LEAVE), ("eng", "eng")])
def test_the_language_of_every_row(text, language, schema_for):
    assert schema_for("uuid", constants=(("language", text),)).constants.language == language


@pytest.mark.parametrize(
    ("constant", "code"),
    [
        (("language", "klingonês"), "language-unknown"),
        (("field:age", "doze"), "number-invalid"),
        (("field:since", "03/04/2024"), "date-ambiguous"),
        (("field:city", "x" * 641), "value-too-long"),
    ],
)
def test_a_constant_that_cannot_be_used_stops_the_file(constant, code, schema_for):
    issue = schema_for("uuid", constants=(constant,)).issues[0]
    assert (issue.code, issue.column, issue.is_error) == (code, f"[constants] {constant[0]}", True)


@pytest.mark.parametrize("name", ["", " ", "-VIP", "x" * 65])
def test_a_group_for_everyone_needs_a_name_that_it_can_have(name, schema_for):
    issue = schema_for("uuid", options=Options(groups=("VIP", name))).issues[0]
    assert (issue.code, issue.column, issue.value) == ("group-name-invalid", "--groups", name.strip())


@pytest.mark.parametrize(
    ("there", "new", "full"), [(248, 2, False), (249, 2, True), (250, 0, False), (260, 1, True)]
)
def test_a_workspace_has_room_for_so_many_fields(there, new, full, schema_for):
    workspace = Workspace(fields=tuple(Field(f"old_{number}", f"Old {number}") for number in range(there)))
    schema = schema_for("uuid", *(f"field:new_{number}" for number in range(new)), workspace=workspace)
    assert [issue.code for issue in schema.issues] == ["workspace-fields-full"] * full
    if full:
        assert schema.issues[0].details == {"count": new, "room": max(0, 250 - there), "limit": 250}


# ------------------------------------------------------------------------------------------------- locale

PORTUGAL = Workspace(country="PT", timezone="Europe/Lisbon")


@pytest.mark.parametrize(
    ("workspace", "options", "country", "zone"),
    [
        (PORTUGAL, Options(), "PT", "Europe/Lisbon"),
        (PORTUGAL, Options(country="br", timezone="America/Bahia"), "BR", "America/Bahia"),
        (PORTUGAL, Options(country="none"), None, "Europe/Lisbon"),
        (PORTUGAL, Options(country="None"), None, "Europe/Lisbon"),
        (Workspace(), Options(), None, "UTC"),
        (Workspace(country=""), Options(), None, "UTC"),
        (Workspace(country="AQ"), Options(), None, "UTC"),  # no number begins there
    ],
)
def test_options_come_before_the_workspace(workspace, options, country, zone):
    locale = make_locale(workspace, options)
    assert (locale.country, locale.zone) == (country, ZoneInfo(zone))


def test_the_rest_of_the_locale_is_the_options():
    locale = make_locale(PORTUGAL, Options(date_order="mdy", decimal=",", phone_scheme="both"))
    assert (locale.date_order, locale.decimal, locale.phone_scheme) == ("mdy", ",", "both")


@pytest.mark.parametrize("country", ["XX", "BRA", "Brasil", "55"])
def test_an_option_must_name_a_country(country):
    with pytest.raises(Unusable) as raised:
        make_locale(PORTUGAL, Options(country=country))
    assert (raised.value.key, raised.value.details) == ("country-unknown", {"value": country.upper()})


@pytest.mark.parametrize(
    "zone", ["America", "Mars/Base", "../etc/passwd", "/etc/localtime", "a\0b", "São Paulo"]
)
def test_a_time_zone_must_exist(zone):
    for workspace, options in ((PORTUGAL, Options(timezone=zone)), (Workspace(timezone=zone), Options())):
        with pytest.raises(Unusable) as raised:
            make_locale(workspace, options)
        assert (raised.value.key, raised.value.details) == ("timezone-unknown", {"value": zone})
