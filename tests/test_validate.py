"""importer.validate: what a row says, and all that is wrong with it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.issues import Issue
from importer.model import LEAVE, ErrorCell, Record, Row, ShownNumber, Wanted
from importer.options import Options
from importer.schema import Schema
from importer.validate import check_row

SchemaFor = Callable[..., Schema]
UUID = "11111111-2222-4333-8444-555555555555"
PHONE = "+5582900000001"


@pytest.fixture(scope="session")
def checked(schema_for: SchemaFor) -> Callable[..., Record]:
    """A record of one row: keywords are options; cells go by their columns' targets."""

    def check(
        cells: dict[str, object],
        *,
        issues: tuple[Issue, ...] = (),
        constants: tuple[tuple[str, str], ...] = (),
        values: dict[str, dict[str, str]] | None = None,
        **options: object,
    ) -> Record:
        chosen = Options(**options)
        schema = schema_for(*cells, options=chosen, constants=constants, values=values)
        return check_row(Row(7, tuple(cells.values()), issues), schema, chosen)

    return check


def codes(record: Record) -> list[tuple[str, str]]:
    return [(issue.code, issue.letter) for issue in record.issues]


# ------------------------------------------------------------------------------------------- what it says


def test_a_whole_row(checked):
    record = checked(
        {"uuid": UUID.upper(), "name": " Ana  Exemplo ", "language": "POR", "urn:tel": "(82) 90000-0001",
         "urn:mailto": "Ana@Example.com", "groups": "VIP; Turma A, -Antigos", "group:Novos": "sim",
         "field:city": "Maceió", "field:age": "1.234,5", "field:since": "31/01/2024", "ignore": "x"},
    )  # fmt: skip
    assert record.wanted == Wanted(
        UUID, "Ana  Exemplo", "por", ("tel:+5582900000001", "mailto:ana@example.com"),
        ("VIP", "Turma A, -Antigos", "Novos"), (), False,
        {"city": "Maceió", "age": "1234.5", "since": "2024-01-31T00:00:00-03:00"},
    )  # fmt: skip
    assert (record.row, record.status, record.issues) == (7, "valid", ())


def test_a_blank_cell_says_nothing(checked):
    record = checked(
        {
            "uuid": UUID,
            "name": "",
            "language": None,
            "urn:tel": " ",
            "groups": "\u00a0",
            "group:VIP": "",
            "field:city": '="  "',
        }
    )
    assert record.wanted == Wanted(UUID)
    assert record.issues == ()


def test_a_marked_cell_clears(checked):
    record = checked({"uuid": UUID, "name": "--", "language": "--", "groups": " -- ", "field:age": "--"})
    assert record.wanted == Wanted(UUID, None, None, clear_groups=True, fields={"age": None})


@pytest.mark.parametrize("text", ["-", "---", "– –"])
def test_only_two_hyphens_clear(text, checked):
    assert checked({"uuid": UUID, "name": text}).wanted.name == text


@pytest.mark.parametrize("target", ["uuid", "urn:tel", "urn:mailto", "urns"])
def test_a_key_cannot_be_cleared(target, checked):
    record = checked({"name": "Ana", target: "--"})
    assert codes(record) == [("clear-on-key", "B")]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"name.first": "Ana", "name.middle": "Maria", "name.last": "Lima"}, "Ana Maria Lima"),
        ({"name.last": "Lima", "name.first": "Ana"}, "Ana Lima"),
        ({"name.first": "", "name.last": "Lima"}, "Lima"),
        ({"name.first": "", "name.last": " "}, LEAVE),
        ({"name.first": '=" "', "name.last": ""}, LEAVE),
        ({"name.first": "--", "name.last": "Lima"}, "Lima"),
        ({"name.first": "--", "name.last": ""}, None),
        ({"name": "Ana Lima", "name.first": "Bia"}, "Ana Lima"),
        ({"name": "", "name.first": "Bia"}, "Bia"),
        ({"name": "--", "name.first": "Bia"}, None),
    ],
)
def test_a_name_is_made_of_its_parts(cells, name, checked):
    assert checked({"uuid": UUID, **cells}).wanted.name == name


def test_a_group_column_only_ever_adds(checked):
    record = checked({"uuid": UUID, "group:VIP": "X", "group:Novos": "não"})
    assert (record.wanted.groups, record.wanted.groups_left) == (("VIP",), ())


def test_where_the_file_is_the_whole_truth_no_means_to_leave(checked):
    record = checked(
        {"uuid": UUID, "group:VIP": True, "group:Novos": "não", "group:A": ""}, groups_mode="replace"
    )
    assert (record.wanted.groups, record.wanted.groups_left) == (("VIP",), ("Novos",))


def test_names_that_differ_in_case_are_one_group(checked):
    record = checked({"uuid": UUID, "groups": "vip; Turma", "group:VIP": "1"}, groups=("TURMA", "Todos"))
    assert record.wanted.groups == ("TURMA", "Todos", "vip")


def test_what_every_row_gets(checked):
    constants = (
        ("language", "Português"),
        ("group:Novos", "true"),
        ("field:city", "Recife"),
        ("field:age", "--"),
    )
    record = checked({"uuid": UUID, "language": "eng", "groups": "VIP"}, constants=constants)
    assert record.wanted == Wanted(
        UUID, LEAVE, "eng", groups=("Novos", "VIP"), fields={"city": "Recife", "age": None}
    )
    record = checked({"uuid": UUID, "language": ""}, constants=constants)
    assert record.wanted.language == "por"


# ------------------------------------------------------------------------------------------------- phones


def test_area_and_country_go_with_the_phone_that_follows(checked):
    record = checked(
        {"tel.country": "55", "tel.area": "082", "phone": "90000-0001", "urn:tel": "+351 912 345 678"}
    )
    assert record.wanted.urns == ("tel:+5582900000001", "tel:+351912345678")


def test_a_mail_address_in_between_takes_no_area_code(checked):
    record = checked({"tel.area": "82", "urn:mailto": "ana@example.com", "phone": "90000-0001"})
    assert record.wanted.urns == ("mailto:ana@example.com", "tel:+5582900000001")
    record = checked({"tel.area": "82", "urn:mailto": "", "phone": "90000-0001"})
    assert record.wanted.urns == ("tel:+5582900000001",)


def test_an_area_code_is_that_of_one_phone(checked):
    record = checked({"tel.area": "82", "phone": "90000-0001", "urn:tel": "90000-0002"})
    assert codes(record) == [("phone-invalid", "C")]


def test_an_area_code_ends_with_its_own_phone(checked):
    """The area of a blank phone is not the next one's."""
    record = checked({"tel.area": "82", "phone": "", "urn:tel": "90000-0001"})
    assert codes(record) == [("phone-invalid", "C")]


def test_a_country_of_its_own_reads_the_number(checked):
    """(82) 90000-0001 would be Brazilian; with Portugal before it, it is not."""
    record = checked({"tel.country": "PT", "phone": "912345678"})
    assert record.wanted.urns == ("tel:+351912345678",)
    assert codes(checked({"tel.country": "PT", "phone": "(82) 90000-0001"})) == [("phone-invalid", "B")]
    assert codes(checked({"tel.country": "Atlantis", "phone": PHONE})) == [("phone-country-unknown", "A")]


@pytest.mark.parametrize(
    ("scheme", "urns"),
    [
        ("tel", ("tel:+5582900000001", "tel:+5582900000002")),
        ("whatsapp", ("whatsapp:5582900000001", "whatsapp:5582900000002")),
        (
            "both",
            ("tel:+5582900000001", "tel:+5582900000002", "whatsapp:5582900000001", "whatsapp:5582900000002"),
        ),
    ],
)
def test_a_plain_phone_column_goes_by_the_option(scheme, urns, checked):
    record = checked({"phone": "(82) 90000-0001 / 82 90000 0002"}, phone_scheme=scheme)
    assert (record.wanted.urns, record.issues) == (urns, ())
    named = checked({"urn:tel": PHONE}, phone_scheme=scheme)
    assert named.wanted.urns == ("tel:+5582900000001",)


def test_a_number_for_two_schemes_is_warned_of_once(checked):
    record = checked({"phone": "5582900000001.0"}, phone_scheme="both")
    assert codes(record) == [("phone-from-number", "A")]


def test_an_urn_that_the_server_takes_for_the_same_is_named_once(checked):
    record = checked({"urns": "twitterid:12#ana", "urn:twitterid": "12", "urn:tel": PHONE, "phone": PHONE})
    assert record.wanted.urns == ("twitterid:12#ana", "tel:+5582900000001")


# ------------------------------------------------------------------------------------------- translations


@pytest.mark.parametrize(
    ("cell", "value"),
    [("M", "Male"), (" M ", "Male"), ("m", "m"), (1, "One"), (1.0, "One"), (True, "Yes"), ("None", LEAVE),
     ("?", None), ("#N/A", "unknown"), (ErrorCell("#N/A"), "unknown"), (ShownNumber(7, "007"), "Bond")],
)  # fmt: skip
def test_a_mapping_file_translates_values(cell, value, checked):
    """By what the cell shows; into nothing, into the mark that clears, and away from an error."""
    translated = {
        "M": "Male",
        "1": "One",
        "true": "Yes",
        "None": "",
        "?": "--",
        "#N/A": "unknown",
        "007": "Bond",
    }
    record = checked({"uuid": UUID, "field:city": cell}, values={"field:city": translated})
    assert record.wanted.fields.get("city", LEAVE) == value
    assert record.issues == ()


@pytest.mark.parametrize(
    "target", ["name", "name.first", "language", "uuid", "urn:tel", "groups", "action", "tel.country"]
)
def test_a_value_translated_into_nothing_says_nothing(target, checked):
    record = checked({"urn:mailto": "ana@example.com", target: "n/d"}, values={target: {"n/d": ""}})
    assert record.wanted == Wanted(urns=("mailto:ana@example.com",))
    assert record.issues == ()


# ----------------------------------------------------------------------------------------- what is wrong


def test_all_that_is_wrong_is_told_at_its_cell_in_order(checked):
    record = checked(
        {"urn:tel": "123", "language": "klingonês", "urn:mailto": "ana", "group:VIP": "talvez", "field:age": "doze",
         "field:since": "31/02/2024", "uuid": "123", "name": "a" * 101}
    )  # fmt: skip
    assert codes(record) == [
        ("phone-invalid", "A"), ("language-unknown", "B"), ("urn-invalid", "C"), ("group-value-invalid", "D"),
        ("number-invalid", "E"), ("date-invalid", "F"), ("uuid-invalid", "G"), ("name-too-long", "H"),
    ]  # fmt: skip
    assert {issue.row for issue in record.issues} == {7}
    assert record.issues[0].column == "urn:tel"
    assert record.invalid


def test_a_row_needs_a_key(checked):
    record = checked({"name": "Ana", "urn:tel": ""})
    assert codes(record) == [("row-no-key", "")]


def test_a_missing_key_is_told_beside_what_else_is_wrong(checked):
    assert codes(checked({"urn:tel": "", "language": "xx-x"})) == [
        ("language-unknown", "B"),
        ("row-no-key", ""),
    ]


@pytest.mark.parametrize("target", ["urn:tel", "urns", "uuid", "urn:mailto"])
def test_a_wrong_key_is_not_told_twice(target, checked):
    record = checked({"name": "Ana", target: "?!"})
    assert [letter for _, letter in codes(record)] == ["B"]


def test_a_key_that_slipped_into_another_column_is_told_once(checked):
    """A row with a stray separator has its key elsewhere."""
    issue = Issue.of("row-too-long", PHONE).at(7, "", "C")
    assert codes(checked({"urn:tel": "", "name": "Ana"}, issues=(issue,))) == [("row-too-long", "C")]


def test_a_contact_without_a_key_is_made_knowingly(checked):
    assert checked({"name": "Ana", "urn:tel": ""}, create_without_key=True).status == "valid"


def test_a_row_that_says_nothing_makes_no_contact(checked):
    record = checked(
        {"name": " ", "urn:tel": "", "ignore": "x"},
        create_without_key=True,
        groups=("VIP",),
        constants=(("language", "por"),),
    )
    assert codes(record) == [("row-no-key", "")]


def test_a_joined_name_can_be_too_long(checked):
    record = checked({"uuid": UUID, "name.last": "b" * 60, "name.first": "a" * 60})
    assert codes(record) == [("name-too-long", "C")]
    assert record.issues[0].details["count"] == 121
    record = checked({"uuid": UUID, "name.first": "a" * 60, "name.middle": "b" * 39})
    assert (record.issues, len(record.wanted.name)) == ((), 100)


@pytest.mark.parametrize(("count", "told"), [(100, []), (101, [("too-many-urns", "B")])])
def test_a_contact_has_a_hundred_urns_at_most(count, told, checked):
    mails = [f"ana{number}@example.com" for number in range(count)]
    record = checked({"urn:tel": "", "urn:mailto": ";".join(mails), "name": "Ana"})
    assert codes(record) == told
    assert len(record.wanted.urns) == count


@pytest.mark.parametrize(("count", "told"), [(99, []), (100, [("too-many-groups", "B")])])
def test_a_row_names_a_hundred_groups_at_most(count, told, checked):
    names = ";".join(f"Turma {number}" for number in range(count))
    assert codes(checked({"urn:tel": "+5582993311220", "groups": names}, groups=("Todos",))) == told


def test_of_a_contact_that_is_there_a_row_may_name_more_groups(checked):
    """It joins them by requests of their own, which have no such limit."""
    names = ";".join(f"Turma {number}" for number in range(120))
    assert codes(checked({"uuid": UUID, "groups": names})) == []


@pytest.mark.parametrize(
    "cells", [{"groups": "VIP; -vip"}, {"groups": "-VIP", "group:VIP": "x"}, {"groups": "-Todos"}]
)
def test_a_row_cannot_join_and_leave_one_group(cells, checked):
    record = checked({"uuid": UUID, **cells}, groups=("Todos",))
    assert [code for code, _ in codes(record)] == ["row-conflict"]


def test_a_group_column_can_contradict_the_list_where_no_means_to_leave(checked):
    cells = {"uuid": UUID, "groups": "VIP", "group:VIP": "0"}
    assert codes(checked(cells)) == []
    assert codes(checked(cells, groups_mode="replace")) == [("row-conflict", "C")]


def test_a_row_that_repeats_the_header_is_no_record(checked):
    """Its cells are not judged."""
    issue = Issue.of("row-repeats-header").at(7)
    assert codes(checked({"urn:tel": "Phone", "language": "Language"}, issues=(issue,))) == [
        ("row-repeats-header", "")
    ]


def test_what_is_wrong_in_a_column_that_is_left_out_is_not_told(checked):
    issue = Issue.of("control-characters-removed", "x").at(7, "Notes", "B")
    record = checked({"uuid": UUID, "ignore": ErrorCell("#N/A"), "name": "Ana"}, issues=(issue,))
    assert record.issues == ()


def test_an_open_quote_in_a_column_that_is_left_out_spoils_the_row(checked):
    """It has swallowed the cells behind it."""
    issue = Issue.of("quote-unbalanced").at(7, "Notes", "B")
    record = checked({"uuid": UUID, "ignore": "x,Ana", "name": ""}, issues=(issue,))
    assert codes(record) == [("quote-unbalanced", "B")]
    assert record.invalid


# ------------------------------------------------------------------------------------------------- actions


@pytest.mark.parametrize(
    ("cell", "action"),
    [("", "upsert"), ("Upsert", "upsert"), ("create", "create"), ("CRIAR", "create"), ("crear", "create"),
     ("update", "update"), ("Atualizar", "update"), ("actualizar", "update"), ("Criar ou atualizar", "upsert"),
     ("delete", "delete"), ("EXCLUIR", "delete"), ("apagar", "delete"), ("eliminar", "delete"), ("borrar", "delete"),
     ("block", "block"), ("Bloquear", "block"), ("unblock", "unblock"), ("desbloquear", "unblock")],
)  # fmt: skip
def test_an_action_in_three_languages(cell, action, checked):
    record = checked({"uuid": UUID, "action": cell})
    assert (record.wanted.action, record.status) == (action, "valid")


@pytest.mark.parametrize("cell", ["skip", "Pular", "omitir", "ignorar"])
def test_a_row_to_skip_is_not_judged(cell, checked):
    record = checked({"urn:tel": "123", "action": cell, "language": "?"})
    assert (record.status, record.issues) == ("skipped", ())


@pytest.mark.parametrize("cell", ["remove", "remover", "quitar", "unsubscribe", "archive", "x"])
def test_what_we_do_not_do_is_refused_rather_than_guessed(cell, checked):
    """To remove somebody might mean from a group."""
    record = checked({"uuid": UUID, "action": cell})
    assert codes(record) == [("action-unknown", "B")]


@pytest.mark.parametrize("action", ["delete", "block", "unblock"])
def test_of_a_contact_that_is_only_to_go_nothing_but_its_keys_matters(action, checked):
    """Whatever else the row says, wrong or right, as exports do."""
    record = checked(
        {
            "name": "x" * 200,
            "urn:tel": PHONE,
            "language": "?",
            "groups": "VIP",
            "field:age": "many",
            "action": action,
        }
    )
    assert record.status == "valid"
    assert record.wanted == Wanted(urns=(f"tel:{PHONE}",), action=action)


@pytest.mark.parametrize("action", ["delete", "block", "unblock"])
def test_a_key_that_is_wrong_holds_back_even_what_is_only_to_go(action, checked):
    record = checked({"uuid": UUID, "urn:tel": "123", "name": "x" * 200, "action": action})
    assert codes(record) == [("phone-invalid", "B")]


@pytest.mark.parametrize("options", [{}, {"create_without_key": True, "groups": ("VIP",)}])
def test_nothing_is_deleted_without_a_key(options, checked):
    record = checked({"urn:tel": "", "name": "Ana", "action": "delete"}, **options)
    assert [code for code, _ in codes(record)] == ["row-no-key"]


def test_an_option_says_what_is_done_with_rows_that_say_nothing(checked):
    silent = checked({"uuid": UUID, "action": "", "name": "Ana"}, action="delete")
    assert silent.wanted == Wanted(UUID, action="delete")
    spoken = checked({"uuid": UUID, "action": "upsert", "name": "Ana"}, action="delete")
    assert spoken.wanted == Wanted(UUID, "Ana")


# ---------------------------------------------------------------------------------------------- promises

TARGETS = (
    "name", "name.first", "name.last", "language", "uuid", "urn:tel", "urn:whatsapp", "urn:mailto", "urn:ext", "urns",
    "phone", "tel.area", "tel.country", "groups", "group:VIP", "field:city", "field:age", "field:since", "action",
)  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["--", PHONE, "55", "(82) 90000-0001", "ana@example.com", "VIP; -Novos", "por", "sim", UUID, "12,5",
         "31/01/2024", "tel:+5582900000001", "skip", "1E+12", "#N/A", '=" "', "\x00", "\ud800", "'=1+1"]
    ),
    st.integers(-10, 10**16), st.floats(), st.booleans(), st.none(), st.datetimes(), st.dates(), st.times(),
    st.timedeltas(), st.just(ErrorCell("#REF!")), st.just(ShownNumber(7, "007")),
)  # fmt: skip


@given(
    cells=st.dictionaries(st.sampled_from(TARGETS), CELLS, min_size=1),
    scheme=st.sampled_from(["tel", "whatsapp", "both"]),
    without_key=st.booleans(),
)
def test_no_cell_makes_a_traceback(cells, scheme, without_key, checked):
    """Whatever stands in a row: issues have their places, and a valid record has a key and no blank text."""
    record = checked(cells, phone_scheme=scheme, create_without_key=without_key)
    assert all(issue.row == 7 for issue in record.issues)
    if record.status == "valid":
        wanted = record.wanted
        assert wanted.urns or wanted.uuid or without_key
        assert "" not in (wanted.name, wanted.language, wanted.uuid, *wanted.fields.values(), *wanted.groups)
        assert len(set(wanted.urns)) == len(wanted.urns)
        joined, left = ({name.casefold() for name in names} for names in (wanted.groups, wanted.groups_left))
        assert len(joined) == len(wanted.groups)
        assert not joined & left
