"""Which of a flag, a mapping file, a preset and a default wins, and what a mapping file gives to every row."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.model import Field, Workspace
from importer.options import Options, parse_age

PHONE, MAIL = "tel:+5582900000001", "mailto:ana@example.com"
FIELDS = (Field("city", "City"), Field("age", "Age", "numeric"), Field("sex", "Sex"))
SCHOOL = Workspace("Escola", "BR", "America/Sao_Paulo", FIELDS, uuid="11111111-2222-4333-8444-555555555555")


def test_what_was_chosen_stays():
    chosen = Options(country="PT", duplicates="first")
    assert chosen.over({"country": "BR", "duplicates": "last", "limit": 3}) == Options(
        country="PT", duplicates="first", limit=3, given=frozenset({"limit"})
    )


def test_a_default_that_was_chosen_on_purpose_stays_too():
    given_ = Options(given=frozenset({"phone_scheme"}))
    assert given_.over({"phone_scheme": "whatsapp"}).phone_scheme == "tel"
    assert Options().over({"phone_scheme": "whatsapp"}).phone_scheme == "whatsapp"


VALUES = {
    "country": st.sampled_from([None, "BR", "PT"]),
    "phone_scheme": st.sampled_from(["tel", "whatsapp", "both"]),
    "duplicates": st.sampled_from(["merge", "first"]),
    "groups": st.sampled_from([(), ("VIP",)]),
}
SOME = st.fixed_dictionaries({}, optional=VALUES)


@given(chosen=SOME, first=SOME, second=SOME)
def test_of_several_sources_the_first_that_speaks_wins(chosen, first, second):
    """A flag before a mapping file before a preset, also where it names the default."""
    options = Options(**chosen, given=frozenset(chosen))
    merged = options.over({**second, **first})
    for name in VALUES:
        speaks = next((source for source in (chosen, first, second) if name in source), {})
        assert getattr(merged, name) == speaks.get(name, getattr(Options(), name))
    assert merged.over({**second, **first}) == merged


# -------------------------------------------------------------------------------------------- in a file


@pytest.fixture
def examined(make_csv: Callable[..., Path], tmp_path: Path) -> Callable[..., Examined]:
    """Lines of a file, examined with a mapping file of the text given."""

    def make(*lines: str, mapping: str = "", workspace: Workspace = SCHOOL, **chosen: object) -> Examined:
        path = tmp_path / "mapping.toml"
        path.write_text(mapping, "utf-8")
        options = Options(mapping=path, given=frozenset(chosen), **chosen)
        return examine(make_csv(*lines), options, workspace)

    return make


LINES = ("Nome,Telefone,Cidade,Cadastro", "Ana,82 90000-0001,M,31/01/2024")


def test_flags_come_before_the_mapping_file_and_that_before_the_workspace(examined):
    mapping = '[options]\ncountry = "BR"\nphone_scheme = "both"\nduplicates = "last"\ngroups = "Todos; VIP"\n'
    portugal = Workspace(country="PT", fields=FIELDS)
    found = examined(*LINES, mapping=mapping, workspace=portugal, duplicates="merge")
    assert (found.options.country, found.options.duplicates, found.options.limit) == ("BR", "merge", None)
    (record,) = found.require_check().records()
    assert record.wanted.urns == (PHONE, "whatsapp:5582900000001")
    assert record.wanted.groups == ("Todos", "VIP")
    (record,) = (
        examined(*LINES, mapping=mapping, phone_scheme="tel", groups=("Só este",)).require_check().records()
    )
    assert (record.wanted.urns, record.wanted.groups) == ((PHONE,), ("Só este",))


def test_the_first_rows_only(examined):
    mapping = "[options]\ncountry = 'BR'\n"
    found = examined(LINES[0], *[LINES[1]] * 5, mapping=mapping, limit=2)
    assert [row.number for row in found.rows()] == [2, 3]
    assert found.require_check().totals.rows.total() == 2


def test_constants_and_translated_values(examined):
    mapping = (
        '[columns]\n"Sexo" = "field:sex"\n"Cadastro" = "ignore"\n"Cidade" = "field:city"\n'
        '[constants]\nlanguage = "por"\ngroups = "Turma A; Turma B"\n"field:age" = 30\n'
        '[values.Sexo]\nM = "Masculino"\nF = "Feminino"\n"?" = ""\n'
        '[values.Cidade]\nM = "Maceió"\n'
    )
    records = list(
        examined(
            "Nome,Telefone,Cidade,Cadastro,Sexo", "Ana,82 90000-0001,M,x,F", "Bia,82 90000-0002,Recife,x,?",
            mapping=mapping,
        )
        .require_check()
        .records()
    )  # fmt: skip
    assert [record.issues for record in records] == [(), ()]
    assert {record.wanted.language for record in records} == {"por"}
    assert {record.wanted.groups for record in records} == {("Turma A", "Turma B")}
    assert [dict(record.wanted.fields) for record in records] == [
        {"age": "30", "city": "Maceió", "sex": "Feminino"}, {"age": "30", "city": "Recife"},
    ]  # fmt: skip


def test_a_constant_that_cannot_be_used_stops_the_file(examined):
    found = examined(*LINES, mapping='[constants]\n"field:age" = "doze"\n')
    assert found.check is None
    assert [issue.code for issue in found.issues if issue.is_error] == ["number-invalid"]
    with pytest.raises(Unusable) as raised:
        found.require_check()
    assert raised.value.issue == next(issue for issue in found.issues if issue.is_error)
    assert raised.value.info == found.table.info


def test_a_mapping_file_of_another_workspace_is_refused(examined):
    mapping = '[workspace]\nuuid = "99999999-2222-4333-8444-555555555555"\nname = "Outra"\n'
    with pytest.raises(Unusable) as raised:
        examined(*LINES, mapping=mapping)
    assert (raised.value.key, raised.value.details["made_for"]) == ("mapping-workspace", "Outra")
    assert examined(*LINES, mapping=mapping, any_workspace=True).require_check().invalid == 0
    assert examined(*LINES, mapping=mapping.replace("99999999", "11111111")).require_check().invalid == 0


def test_a_mapping_file_that_cannot_be_read(tmp_path, make_csv):
    (tmp_path / "latin.toml").write_bytes(b'[columns]\nNome = "\xe9"\n')
    for path in (tmp_path, tmp_path / "none.toml", tmp_path / "latin.toml"):
        with pytest.raises(Unusable) as raised:
            examine(make_csv(*LINES), Options(mapping=path))
        assert raised.value.key == "mapping-unreadable"
        assert raised.value.details["file"] == str(path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("12h", 43_200), (" 30D ", 2_592_000), ("8 w", 4_838_400), ("0d", 0)]
)
def test_ages(text, seconds):
    assert parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30 days", "100000w"])
def test_what_is_no_age(text):
    with pytest.raises(Unusable) as raised:
        parse_age(text)
    assert raised.value.key == "age-invalid"
