"""Mapping files: read, refused by the line, written and read again."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import Unusable
from importer.mapping import Mapping, SavedMapping, make_mapping
from importer.mapping.files import OPTIONS, check_workspace, parse_mapping
from importer.mapping.saving import format_mapping
from importer.messages import catalogue
from importer.model import TARGET_KINDS, Column, Field, MappedColumn, Target, Workspace
from importer.options import Options
from importer.platform import VALUE_TYPES, WRITABLE_SCHEMES, is_group_name, is_key
from importer.targets import TargetRefused, format_target, label_for, parse_target, possible_label

FULL = """\
# made by hand
[workspace]
uuid = "11111111-2222-4333-8444-555555555555"
name = "Escola Modelo"

[options]
date_order = "dmy"
groups = "Alunos; Turma A"
create_without_key = true
header_row = 3

[columns]
"Nome  do aluno" = "name"
Celular = "phone"
"@c" = "field:turma:numeric"
"Sócio?" = "group:Sócios"

[constants]
language = "por"
"field:ano" = 2024
"field:inicio" = 2024-02-01
groups = ["VIP", "Novos"]

[values."Sexo"]
M = "Masculino"
F = "Feminino"
1 = true
"""


def test_a_mapping_file_is_read() -> None:
    saved = parse_mapping("\ufeff" + FULL)
    assert saved.columns == {
        "Nome do aluno": Target("name"),
        "Celular": Target("urn", "tel", plain=True),
        "@C": Target("field", "turma", "numeric"),
        "Sócio?": Target("group", "Sócios"),
    }
    assert saved.options == {
        "date_order": "dmy",
        "groups": ("Alunos", "Turma A"),
        "create_without_key": True,
        "header_row": 3,
    }
    assert saved.constants == (
        (Target("language"), "por"),
        (Target("field", "ano"), "2024"),
        (Target("field", "inicio"), "2024-02-01"),
        (Target("group", "VIP"), "true"),
        (Target("group", "Novos"), "true"),
    )
    assert saved.values == {"Sexo": {"M": "Masculino", "F": "Feminino", "1": "true"}}
    assert saved.workspace_name == "Escola Modelo"
    assert Options().over(saved.options).date_order == "dmy"


def test_an_empty_file_says_nothing() -> None:
    assert parse_mapping("") == SavedMapping()


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[columns]\nNome e sobrenome = 'name'\n", "mapping-syntax", 2),
        ("[columns]\nA = 'name'\n'A' = 'name'\n", "mapping-syntax", 3),
        ("[columns", "mapping-syntax", 1),
        ("\n\n[colunas]\nA = 'name'", "mapping-entry", 3),
        ("mode = 1", "mapping-entry", 1),
        ("[options]\n\nspeed = 'high'", "mapping-entry", 3),
        ("[workspace]\nuuid = ''\nhost = ''", "mapping-entry", 3),
        ("[options]\ndate_order = 'dym'", "mapping-option", 2),
        ("[options]\nheader_row = 'first'", "mapping-option", 2),
        ("[options]\ncountry = 'BR'\ngroups = 7", "mapping-option", 3),
        ("[options]\ngroups = [\n 'A',\n 7,\n]", "mapping-option", 2),
        ("[columns]\nA = 'name'\nB = 'nome'", "mapping-target", 3),
        ("[columns]\nA = 5", "mapping-target", 2),
        ("[columns]\nE-mail.1 = 'name'", "mapping-target", 2),
        ("[columns]\n'a = b' = 'urn:fax'", "mapping-scheme", 2),
        ("[columns]\nA = 'group:-VIP'", "mapping-group-name", 2),
        ("[columns]\nA = 'field:Nome completo'", "mapping-field-key", 2),
        ("[columns]\nA = 'field:groups'", "mapping-field-reserved", 2),
        ("[columns]\nA = 'field:idade:number'", "mapping-value-type", 2),
        ("[constants]\nlanguage = 'por'\nname = 'Ana'", "mapping-constant", 3),
        ("[constants]\n'field:x' = [1]", "mapping-text", 2),
        ("[constants]\ngroups = 'A; -B'", "mapping-group-name", 2),
        ("constants = 1", "mapping-text", 1),
        ("[values]\nSexo = 'M'", "mapping-text", 2),
        ("[values.Sexo]\nM = ['x']", "mapping-text", 2),
        ("[values.'S = x']\nF = 'y'\nM = {a = 1}", "mapping-text", 3),
        ("columns = 5", "mapping-text", 1),
        ("[columns]\nA = 'name'\n[options]\nlimit = 5\n[columns.B]\nx = 'name'", "mapping-entry", 4),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, key: str, line: int) -> None:
    """The first wrong line, in a sentence of the catalogue."""
    with pytest.raises(Unusable) as refusal:
        parse_mapping(text)
    assert (refusal.value.key, refusal.value.details["line"]) == (key, line)
    assert f"ine {line} " in catalogue().explain(refusal.value)


def test_the_remedy_names_what_an_option_can_be() -> None:
    with pytest.raises(Unusable, match="mapping-option") as refusal:
        parse_mapping("[options]\nphone_scheme = 'sms'")
    assert refusal.value.details["allowed"] == '"tel", "whatsapp", "both"'


def test_every_option_but_those_of_one_call_can_be_set() -> None:
    assert {"country", "phone_scheme", "preset", "new_fields"} <= OPTIONS.keys()
    assert not {"mapping", "output", "limit", "given"} & OPTIONS.keys()


def test_a_mapping_for_another_workspace_is_refused() -> None:
    saved = parse_mapping(FULL)
    check_workspace(saved, Workspace(uuid=saved.workspace_uuid))
    check_workspace(saved, Workspace(known=False))
    check_workspace(SavedMapping(), Workspace(uuid="other"))
    with pytest.raises(Unusable) as refusal:
        check_workspace(saved, Workspace(uuid="other", name="Loja"))
    assert "Escola Modelo" in catalogue().explain(refusal.value)


# ------------------------------------------------------------------------------------------------ targets

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,35}", fullmatch=True).filter(is_key)
GROUPS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64).filter(is_group_name)
SIMPLE = sorted(set(TARGET_KINDS) - {"urn", "group", "field"})
TARGETS = st.one_of(
    st.sampled_from([Target(kind) for kind in SIMPLE] + [Target("urn", "tel", plain=True)]),
    st.builds(Target, st.just("urn"), st.sampled_from(WRITABLE_SCHEMES)),
    st.builds(Target, st.just("group"), GROUPS),
    st.builds(Target, st.just("field"), KEYS, st.sampled_from([None, *VALUE_TYPES])),
)


@given(TARGETS)
def test_a_target_survives_its_text(target: Target) -> None:
    assert parse_target(format_target(target)) == target


@given(
    st.one_of(
        st.text(max_size=20).filter(lambda text: ":" not in text), st.text(max_size=8).map("urn:x{}".format)
    )
)
def test_other_texts_are_no_targets(text: str) -> None:
    if text.strip().casefold() not in (*SIMPLE, "phone"):
        with pytest.raises(TargetRefused) as refusal:
            parse_target(text)
        assert f"error.mapping-{refusal.value.key}" in catalogue().sentences


@given(st.text(max_size=50), st.sampled_from(["A", "ZZ", "XFD"]))
def test_a_proposed_label_can_always_be_had(text: str, letter: str) -> None:
    mapping = make_mapping(
        [Column(0, f"Field:{possible_label(text, letter)}"), Column(1, "URN:Tel")], [], Workspace(), Options()
    )
    assert not mapping.issues


@given(KEYS, st.text(max_size=10))
def test_a_label_gives_its_key(key: str, header: str) -> None:
    label = label_for(key, header)
    if label is None:
        assert "__" in key or key.endswith("_")
    else:
        mapping = make_mapping([Column(0, f"Field:{label}")], [], Workspace(), Options())
        assert mapping.columns[0].target.name == key


# --------------------------------------------------------------------------------------------- round trip


def again(mapping: Mapping, workspace: Workspace, options: Options) -> Mapping:
    """The same columns under the mapping file written for them."""
    saved = parse_mapping(format_mapping(mapping, workspace))
    return make_mapping([mapped.column for mapped in mapping.columns], [], workspace, options, saved)


def test_what_was_found_is_written_so_that_people_can_read_it() -> None:
    workspace = Workspace("Escola", uuid="u-1", fields=(Field("turma", "Turma"),))
    headers = ["Nome", "Celular", "Celular", "Turma", "", "Sala", "Import: Status", "E-mail"]
    columns = [Column(index, header) for index, header in enumerate(headers)]
    mapping = make_mapping(columns, [], workspace, Options())
    assert format_mapping(mapping, workspace, {"country": "BR", "limit": 5, "sheet": None}) == (
        '[workspace]\nuuid = "u-1"\nname = "Escola"\n\n'
        '[options]\ncountry = "BR"\n\n'
        '[columns]\n"Nome" = "name"\n"Celular" = "phone"\n"Turma" = "field:turma:text"\n"Sala" = "ignore"\n'
        '"E-mail" = "urn:mailto"\n'
    )


def test_columns_of_one_header_and_several_targets_go_by_letter() -> None:
    columns = [Column(0, "Fone"), Column(1, "fone*"), Column(2, "@A"), Column(3, "#")]
    mapping = Mapping(
        (
            MappedColumn(columns[0], Target("urn", "tel"), "mapping"),
            MappedColumn(columns[1], Target("urn", "ext"), "mapping"),
            MappedColumn(columns[2], Target("name"), "mapping"),
            MappedColumn(columns[3], Target("language"), "mapping"),
        )
    )
    saved = parse_mapping(format_mapping(mapping, Workspace()))
    assert list(saved.columns) == ["@A", "@B", "@C", "@D"]


HEADERS = st.lists(
    st.one_of(
        st.text(max_size=10).map(lambda text: " ".join(text.split())),
        st.sampled_from(
            ["Nome", "Celular", "celular*", "@B", "URN:Tel", "Field:Sala", "Cidade", "Group:A\x7f\u2028"]
        ),
    ),
    max_size=6,
)


@given(HEADERS, st.sampled_from([None, "create"]))
def test_a_written_mapping_gives_the_same_targets(headers: list[str], new_fields: str | None) -> None:
    options = Options(new_fields=new_fields)  # type: ignore[arg-type]
    columns = [Column(index, header) for index, header in enumerate(headers)]
    first = make_mapping(columns, [], Workspace(), options)
    second = again(first, Workspace(), options)
    assert [target_of(mapped) for mapped in second.columns] == [target_of(mapped) for mapped in first.columns]


def target_of(mapped: MappedColumn) -> Sequence[object]:
    target = mapped.target
    return target.kind, target.name, target.value_type, target.plain


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(st.characters(codec="utf-8"), max_size=8)), max_size=3),
    st.lists(st.sampled_from(["VIP", "Sócios; e", 'A "b"']), max_size=2, unique=True),
)
def test_constants_translations_and_options_survive(pairs: list[tuple[str, str]], groups: list[str]) -> None:
    translations = {key: value for key, value in pairs if key.isprintable()}
    saved = SavedMapping(
        columns={"A": Target("name")},
        options={"groups": tuple(groups), "create_without_key": True, "header_row": 2},
        constants=((Target("language"), "por"), *((Target("group", name), "true") for name in groups)),
        values={"A": translations} if translations else {},
    )
    mapping = make_mapping([Column(0, "A")], [], Workspace(), Options(), saved)
    found = parse_mapping(format_mapping(mapping, Workspace()))
    assert (found.columns, found.options, found.constants, found.values) == (
        saved.columns,
        saved.options,
        saved.constants,
        saved.values,
    )
