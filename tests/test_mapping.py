"""Columns and what they are taken for."""

import json
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.issues import Issue
from importer.mapping import Mapping, SavedMapping, make_mapping
from importer.model import Column, Field, Group, ShownNumber, Target, Workspace
from importer.options import Options
from importer.platform import FIELDS_MAX
from importer.targets import parse_target

SIDECARS = sorted((Path(__file__).parent / "corpus").glob("*.expect.json"))
MAPPED = ("field-", "header-", "no-key", "only-key", "urn-", "too-many-fields")
EMPTY = Workspace()
CREATE = Options(new_fields="create")


def take(
    *headers: str,
    rows: Sequence[Sequence[object]] = (),
    workspace: Workspace = EMPTY,
    options: Options | None = None,
    saved: SavedMapping | None = None,
) -> Mapping:
    columns = [Column(index, header) for index, header in enumerate(headers)]
    return make_mapping(columns, rows, workspace, options or Options(), saved)


def targets(mapping: Mapping) -> list[str]:
    return [str(column.target) for column in mapping.columns]


def codes(mapping: Mapping) -> list[str]:
    return [issue.code for issue in mapping.issues]


def issue_of(mapping: Mapping, code: str) -> Issue:
    [issue] = [issue for issue in mapping.issues if issue.code == code]
    return issue


# ------------------------------------------------------------------------------------------------- corpus


def index_of(letters: str) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1


def is_choice(column: Dict[str, object]) -> bool:
    """Whether the target is the user's choice, so that it is not to be found."""
    target = str(column["target"])
    return target.startswith("field:") or target == "ignore" or column.get("auto") is False


def chosen(columns: Sequence[Dict[str, object]]) -> SavedMapping:
    """What the user of the corpus has chosen, as the mapping file of its player says it."""
    entries = {}
    for column in filter(is_choice, columns):
        target, value_type = str(column["target"]), column.get("value_type", "text")
        by_header = str(column["header"]).startswith("Field:") and value_type == "text"
        if not by_header and column["header"]:
            is_field = target.startswith("field:")
            entries[f"@{column['column']}"] = parse_target(f"{target}:{value_type}" if is_field else target)
    return SavedMapping(entries)


@pytest.mark.parametrize("sidecar", SIDECARS, ids=lambda path: path.name.removesuffix(".expect.json"))
@pytest.mark.parametrize("with_choices", [True, False])
def test_corpus(sidecar: Path, with_choices: bool) -> None:
    """Targets are found from the header row alone, and the user's choices change none of the others."""
    expected = json.loads(sidecar.read_text("utf-8"))
    given_options = expected["options"]
    fields = tuple(Field(key, key.capitalize()) for key in given_options["known_fields"])
    columns = [Column(index_of(column["column"]), column["header"]) for column in expected["columns"]]
    mapping = make_mapping(
        columns,
        [],
        Workspace(fields=fields),
        Options(new_fields="create" if given_options["create_fields"] else "error"),
        chosen(expected["columns"]) if with_choices else None,
    )
    problems = [problem for problem in expected["file_problems"] if problem["class"].startswith(MAPPED)]
    blocking = [problem.get("column") for problem in problems if problem["severity"] == "error"]
    for column, mapped in zip(expected["columns"], mapping.columns, strict=True):
        if column["column"] not in blocking and (with_choices or not is_choice(column)):
            assert column["target"] == str(mapped.target)
            if column["target"].startswith("field:"):
                assert column["value_type"] == (mapped.target.value_type or "text")
    errors = {(issue.code, issue.letter or None) for issue in mapping.issues if issue.is_error}
    if with_choices and columns:
        of_headers = {(p["class"], p.get("column")) for p in problems if p["class"] != "header-empty"}
        assert {pair for pair in of_headers if pair[0] != "field-label-invalid"} <= errors
        assert errors <= of_headers


# --------------------------------------------------------------------------------------------- convention


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("URN:Tel", Target("urn", "tel")),
        ("URN: Whatsapp", Target("urn", "whatsapp")),
        ("urn:twitterid", Target("urn", "twitterid")),
        ("Contact UUID", Target("uuid")),
        ("UUID", Target("uuid")),
        ("Name", Target("name")),
        ("LANGUAGE", Target("language")),
        ("Group:VIP", Target("group", "VIP")),
        ("Group: Leads 2024", Target("group", "Leads 2024")),
        ("Field:Nick Name", Target("field", "nick_name", None, "Nick Name")),
        ("field: Age:numeric", Target("field", "age", "numeric", "Age")),
        ("Field:Ratio a:b", Target("field", "ratio_a_b", None, "Ratio a b")),
    ],
)
def test_the_platforms_convention(header: str, expected: Target) -> None:
    mapping = take(header, "URN:Ext")
    assert (expected, "convention") == (mapping.columns[0].target, mapping.columns[0].reason)


def test_our_own_columns_are_left_out() -> None:
    mapping = take("Import: Status", "URN:Tel", "Import: Nome")
    assert targets(mapping) == ["ignore", "urn:tel", "ignore"]
    assert [column.reason for column in mapping.columns] == ["own", "convention", "own"]
    assert not mapping.issues


def test_an_unknown_scheme_is_told_with_the_known_ones() -> None:
    mapping = take("Nome", "URN:Fax")
    issue = issue_of(mapping, "urn-scheme-unknown")
    assert (issue.value, issue.letter, issue.column) == ("Fax", "B", "URN:Fax")
    assert "whatsapp" in str(issue.details["schemes"])
    assert codes(mapping) == ["urn-scheme-unknown"]


def test_a_group_column_needs_the_name_of_a_group() -> None:
    assert codes(take("Celular", "Group:-VIP")) == ["group-name-invalid"]
    assert codes(take("Celular", "Field:")) == ["header-unknown"]
    assert targets(take("Celular", "Group:")) == ["urn:tel", "groups"]


# ------------------------------------------------------------------------------------------------- fields

TURMA = Workspace(fields=(Field("turma", "Turma", "text"), Field("idade", "Idade do aluno", "numeric")))


@pytest.mark.parametrize(
    "header", ["Turma", "TURMA*", "Field:Turma", "field:turma", "idade", "Idade do Aluno", "Field:Idade"]
)
def test_fields_of_the_workspace_are_known_by_key_and_label(header: str) -> None:
    mapping = take("Celular", header, workspace=TURMA)
    found = mapping.columns[1].target
    assert (found.name, found.value_type, found.label) in [
        (field.key, field.value_type, field.label) for field in TURMA.fields
    ]
    assert "field-unknown" not in codes(mapping)


def test_a_field_comes_before_a_synonym_and_that_is_told() -> None:
    workspace = Workspace(fields=(Field("idioma", "Idioma"),))
    mapping = take("Celular", "Idioma", workspace=workspace)
    assert str(mapping.columns[1].target) == "field:idioma"
    assert issue_of(mapping, "header-guessed").letter == "B"


def test_the_type_of_a_field_stays() -> None:
    mapping = take("Celular", "Field:Idade:datetime", workspace=TURMA)
    assert mapping.columns[1].target.value_type == "numeric"
    issue = issue_of(mapping, "field-type-differs")
    assert issue.details == {"existing": "numeric", "wanted": "datetime"}
    assert not issue.is_error


def test_an_accent_in_a_label_is_repaired_and_told() -> None:
    mapping = take("Celular", "Field:Profissão do avô")
    assert (
        mapping.columns[1].target.name,
        mapping.columns[1].target.label,
    ) == ("profissao_do_avo", "Profissao do avo")
    issue = issue_of(mapping, "field-label-invalid")
    assert (issue.is_error, issue.details["label"]) == (False, "Profissao do avo")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Field:Groups", "field-reserved"),
        ("Field:URN", None),
        ("Field:Tel", "field-reserved"),
        ("Field:#$^%", "field-label-invalid"),
        ("Field:2024", "field-label-invalid"),
        ("Field:" + 37 * "a", "field-label-invalid"),
        ("Field:" + 36 * "a", None),
    ],
)
def test_labels_that_no_field_can_have(header: str, code: str | None) -> None:
    mapping = take("Celular", header)
    assert ([code] if code else []) == codes(mapping)
    assert all(issue.is_error for issue in mapping.issues)
    if code == "field-label-invalid":  # what is proposed would do
        proposed = issue_of(mapping, code).details["label"]
        assert codes(take("Celular", f"Field:{proposed}")) == []


@pytest.mark.parametrize(
    ("new_fields", "expected", "told"),
    [
        (None, ["field:sala", "ignore", "ignore"], ["header-unknown", "header-unknown"]),
        ("create", ["field:sala", "field:city", "field:turno"], []),
        ("ignore", ["ignore"] * 3, ["field-unknown", "header-unknown", "header-unknown"]),
        ("error", ["ignore"] * 3, ["field-unknown", "header-unknown", "header-unknown"]),
    ],
)
def test_new_fields(new_fields: str | None, expected: list[str], told: list[str]) -> None:
    """Only an error where the user said so, only for what is asked for by name."""
    mapping = take("Celular", "Field:Sala", "Cidade", "Turno", options=Options(new_fields=new_fields))  # type: ignore[arg-type]
    assert expected == targets(mapping)[1:]
    assert sorted(told) == sorted(codes(mapping))
    assert (new_fields == "error") == any(issue.is_error for issue in mapping.issues)


def test_a_usual_field_is_used_where_the_workspace_has_it() -> None:
    workspace = Workspace(fields=(Field("city", "Town", "text"),))
    mapping = take("Celular", "Cidade", workspace=workspace)
    assert Target("field", "city", "text", "Town") == mapping.columns[1].target
    assert not mapping.issues


def test_two_words_for_one_field_do_not_block_the_file() -> None:
    mapping = take("Celular", "CPF", "RG", options=CREATE)
    assert targets(mapping) == ["urn:tel", "field:document", "field:rg"]
    assert not mapping.issues


def test_a_program_s_own_columns_never_become_fields() -> None:
    mapping = take("Celular", "_uuid", "_tags", "__version__", "Sala", options=CREATE)
    assert targets(mapping) == ["urn:tel", "ignore", "ignore", "ignore", "field:sala"]


def test_too_many_fields() -> None:
    full = [f"Field:q{number}" for number in range(FIELDS_MAX)]
    assert codes(take("Celular", *full)) == []
    assert codes(take("Celular", *full, "Field:more")) == ["too-many-fields"]


# -------------------------------------------------------------------------------------------- whole files


def test_what_a_contact_has_once_stands_in_one_column() -> None:
    mapping = take("Nome", "Celular", "Cliente", "Celular", "Grupos", "Tags", "Group:VIP")
    assert codes(mapping) == ["header-duplicate"]
    issue = mapping.issues[0]
    assert (
        issue.letter,
        issue.column,
        issue.details["first"],
        issue.details["target"],
    ) == ("C", "Cliente", "A", "name")


@pytest.mark.parametrize("header", ["Field:Sala", "Idioma", "UUID", "Primeiro nome"])
def test_the_same_header_twice(header: str) -> None:
    assert codes(take("Celular", header, header)) == ["header-duplicate"]


def test_a_file_needs_a_key_and_something_to_import() -> None:
    assert codes(take("Nome", "Grupos")) == ["no-key-column"]
    assert codes(take("Nome", "Grupos", options=Options(create_without_key=True))) == []
    assert codes(take("Contact UUID", "ID")) == ["only-key-column"]
    assert codes(take("Contact UUID", options=Options(groups=("VIP",)))) == []
    assert codes(take("Celular")) == []
    assert codes(take("URNs", "Name")) == []


def test_the_platforms_export_comes_back_without_a_word() -> None:
    workspace = Workspace(fields=(Field("turma", "Turma"),), groups=(Group("u", "Alunos"),))
    headers = (
        "Contact UUID,Name,Language,Created On,Last Seen On,"
        "URN:Mailto,URN:Tel,URN:Tel,Field:Turma,Group:Alunos"
    )
    mapping = take(*headers.split(","), workspace=workspace)
    assert not mapping.issues
    assert mapping.preset == "weni"
    assert targets(mapping)[3:8] == ["ignore", "ignore", "urn:mailto", "urn:tel", "urn:tel"]


def test_an_unknown_header_is_told_with_values_and_what_comes_close() -> None:
    workspace = Workspace(fields=(Field("matricula_em", "Matrícula em"),))
    mapping = take(
        "Celular",
        "Telefonne",
        "Matricula  um",
        rows=[["", "a", ""], ["", "a", 1], ["", "b", 2]],
        workspace=workspace,
    )
    first, second = mapping.issues
    assert (first.code, first.letter, first.details["samples"]) == ("header-unknown", "B", "a, b")
    assert "urn:tel" in str(first.details["closest"])
    assert str(second.details["closest"]).startswith("field:matricula_em")


def test_quoted_values_are_short_and_on_one_line() -> None:
    rows = [[ShownNumber(7, "007"), ""], ["a\nb " + 99 * "c", ""], [None, ""]]
    issue = issue_of(take("Sala", "Celular", rows=rows), "header-unknown")
    assert issue.details["samples"] == "007, a b " + 56 * "c"


def test_unknown_workspaces_have_no_fields() -> None:
    mapping = take("Celular", "Cidade", workspace=Workspace(known=False))
    assert targets(mapping) == ["urn:tel", "ignore"]
    assert issue_of(mapping, "header-unknown").details["closest"] == "field:city"


# ------------------------------------------------------------------------------------ synonyms and context


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("Celular", True),
        ("Phone 2", True),
        ("URN_Tel", False),
        ("Telefone fixo", False),
        ("Home Phone", False),
    ],
)
def test_phones_are_plain_unless_they_name_their_scheme_or_are_landlines(header: str, plain: bool) -> None:
    assert Target("urn", "tel", plain=plain) == take(header).columns[0].target


CONTEXTS = [
    ("Nome,Sobrenome,Celular", "name.first,name.last,urn:tel"),
    ("Nome,Sobrenome,Primeiro nome,Celular", "name,name.last,name.first,urn:tel"),
    ("Nombre,Apellidos,Móvil", "name.first,name.last,urn:tel"),
    ("Name,Surname,Phone", "name.first,name.last,urn:tel"),
    ("Nome completo,Sobrenome,Celular", "name,name.last,urn:tel"),
    ("Nom,Prénom,Portable", "name.last,name.first,urn:tel"),
    ("Nom,Portable", "name,urn:tel"),
    ("Nome,Apelido,Telemóvel", "name.first,name.last,urn:tel"),
    ("Nome,Apelido,Celular", "name,ignore,urn:tel"),
    ("Nome,Endereço,Número,Celular", "name,ignore,ignore,urn:tel"),
    ("Name,Number", "name,urn:tel"),
    ("Nome,DDD,Celular", "name,tel.area,urn:tel"),
    ("DDI,DDD,Celular", "tel.country,tel.area,urn:tel"),
    ("Country Code,WhatsApp", "tel.country,urn:whatsapp"),
    ("Celular,DDD,Nome", "urn:tel,ignore,name"),
    ("DDI,Nome,Celular", "ignore,name,urn:tel"),
    ("Celular,Sobrenome,Action", "urn:tel,name.last,action"),
]


@pytest.mark.parametrize(("headers", "expected"), CONTEXTS)
def test_neighbours_decide(headers: str, expected: str) -> None:
    assert expected.split(",") == targets(take(*headers.split(",")))


def test_a_house_number_is_a_phone_if_its_values_are() -> None:
    phones = [["Rua A", "(11) 90000-0001"], ["Rua B", 5511900000002]]
    assert targets(take("Endereço", "Número", rows=phones))[1] == "urn:tel"
    assert targets(take("Endereço", "Número", rows=[["Rua A", 12], ["Rua B", "s/n"]]))[1] == "ignore"


@pytest.mark.parametrize(
    ("headers", "values", "expected"),
    [
        ("Contato,Nome", ["(11) 90000-0001", 5511900000002], "urn:tel"),
        ("Contato,Celular", ["Ana de Teste", "Bento Modelo"], "name"),
        ("Contacto,Nombre", ["a@example.com", ""], "urn:mailto"),
        ("Contato,Nome", ["Ana de Teste", "Bento Modelo"], "ignore"),
        ("Contato,Nome", [], "ignore"),
        ("Contact,Phone", ["Ana de Teste"], "name"),
    ],
)
def test_contato_is_what_its_values_are(headers: str, values: list[object], expected: str) -> None:
    mapping = take(*headers.split(","), rows=[[value, ""] for value in values])
    assert expected == targets(mapping)[0]
    told = [issue for issue in mapping.issues if issue.letter == "A"]
    assert ["header-unknown" if expected == "ignore" else "header-guessed"] == [issue.code for issue in told]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Telefone", ["ana@example.com", "bento@example.com"]),
        ("WhatsApp", ["Sim", "Não", "sim"]),
        ("WhatsApp", [True, False]),
        ("WhatsApp", ["0", 1]),
        ("Particular", ["Falso", "Falso"]),
        ("Celular", ["Vivo", "Claro", "Tim"]),
        ("E-mail", ["(11) 90000-0001", "+55 11 90000-0002"]),
        ("Email", ["yes", "no"]),
        ("Cliente", ["ana@example.com", "bento@example.com"]),
    ],
)
def test_values_can_contradict_a_header(header: str, values: list[object]) -> None:
    mapping = take(header, "URN:Ext", rows=[[value, "1"] for value in values], options=CREATE)
    assert targets(mapping)[0] == "ignore"
    assert codes(mapping) == ["header-contradicted"]
    assert str(values[0]) == issue_of(mapping, "header-contradicted").details["evidence"]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Telefone", ["ana@example.com", "(11) 90000-0001"]),
        ("Telefone", ["ana@example.com"]),
        ("Telefone", ["", None, "123456"]),
        ("E-mail", ["não tem", "sem e-mail"]),
        ("URN:Tel", ["ana@example.com", "bento@example.com"]),
        ("Celular", ["5,58E+12", "5511900000001.0"]),
    ],
)
def test_doubtful_values_are_the_rows_matter(header: str, values: list[object]) -> None:
    mapping = take(header, "Name", rows=[[value, ""] for value in values])
    assert targets(mapping)[0].startswith("urn:")
    assert not mapping.issues


def test_an_action_column_says_what_we_know_to_do() -> None:
    assert targets(take("Celular", "Action", rows=[["", "update"], ["", "Skip"]]))[1] == "action"
    assert targets(take("Celular", "Ação", rows=[["", "update"], ["", "remover"]]))[1] == "action"
    assert targets(take("Celular", "Ação", rows=[["", "Campanha B"], ["", "Campanha A"]]))[1] == "ignore"


# Header → beginnings of targets that it must not have.
FALSE_FRIENDS = {
    "name": (
        "Sobrenome|Apelido|Nickname|Apodo|Surnom|Título|Title|Titre|Tratamento|Puesto|Nome da mãe|"
        "Nome do pai|Nombre de la madre|Mother's name|Nome do responsável|Nome do assistente|"
        "Nome do gerente|Manager's Name|Assistant's Name|Contact owner|Dono do Lead|Vendedor|"
        "Nome da empresa|Nome fantasia|Company Name|Account Name|Organization Name|Nome do grupo|"
        "Group Name|Nome do arquivo|File name|Nome da campanha|Username|Nome de usuário|"
        "Nome social da empresa|File As|Yomi Name|Phonetic First Name|Name Prefix|Name Suffix|"
        "Maiden Name|Contato|Contacto"
    ),
    "urn:mailto": (
        "Nome para exibição do email|E-mail Display Name|Nombre de pantalla de correo electrónico|"
        "Email consent|Aceita e-mail?|Email marketing|Accepts Email Marketing|Email Opt Out|"
        "EMAIL_BLACKLISTED|Status para comunicação por email|Email status|Tipo de email|E-mail Type|"
        "E-mail 1 - Type|E-mail 1 - Label|Data de envio do email|Last email date|Email enviado|"
        "Endereço|Dirección|Address|Endereço residencial|Logradouro"
    ),
    "urn:tel": (
        "Cancelado|Cancelamento|Celebração|Célula|Tipo de telefone|Phone type|Phone 1 - Type|"
        "Phone 1 - Label|Operadora|Carrier|DDD|DDI|Código do país|Country Code|Ramal|Extension|"
        "Telefone da mãe|Telefone do responsável|Telefone de emergência|Emergency phone|"
        "Assistant's Phone|Telefone do vendedor|Telefone da loja|Fax|Home Fax|Business Fax|Pager|"
        "Telex|TTY/TDD Phone|ISDN|Callback|Car Phone|Radio Phone|Telefone válido?|Aceita WhatsApp?|"
        "Tem WhatsApp|WhatsApp opt-in|Accepts SMS Marketing|SMS_BLACKLISTED|SMS consent|"
        "Accepts WhatsApp Marketing|Nº|Num|Número do pedido|Número do contrato|Nº da matrícula|"
        "Order number|Número de filhos|Número de série|CPF número"
    ),
    "urn:whatsapp": (
        "Telefone fixo|Home Phone|Landline|Teléfono fijo|Telefone válido?|Aceita WhatsApp?|"
        "Tem WhatsApp|WhatsApp opt-in|Data do WhatsApp|Última mensagem WhatsApp|Grupo do WhatsApp|"
        "Link do WhatsApp"
    ),
    "urn:ext": "ID|Id|_id|Index|#|Seq",
    "uuid": "UUID do aparelho|_uuid|Session UUID|Company UUID",
    "language": "Language of form|Linguagem de programação|Idioma do curso|País|Country|Locale country|Sexo",
    "field:state": "Estado civil|Estado do pedido|Status|Situação|Stage|Estágio no funil",
    "field:birth_date": (
        "Data do cadastro|Data de criação|Created On|Data da última compra|Anniversary|Fecha|Date|"
        "Data da primeira conversão|Datas especiais|Anniversaire de mariage ou fête|"
        "Mês de aniversário|Dia de aniversário|Idade"
    ),
    "field:city": "Cidade natal|Cidade da loja|Business City",
    "groups": (
        "Grupo sanguíneo|Grupo de risco|Grupo econômico|Tag Manager|Grupo familiar|"
        "Categoria do produto|Lista de preço|Lista de desejos|Segmento da empresa|Sexo"
    ),
}


@pytest.mark.parametrize(
    ("header", "never"),
    [(header, never) for never, headers in FALSE_FRIENDS.items() for header in headers.split("|")],
)
@pytest.mark.parametrize("options", [Options(), CREATE])
def test_false_friends_never_map_nor_are_they_suggested(header: str, never: str, options: Options) -> None:
    mapping = take(header, "URN:Viber", options=options)
    found, *_ = targets(mapping)
    assert found != never if never == "name" else not found.startswith(never)
    for issue in mapping.issues:
        assert never not in str(issue.details.get("closest", "")).split(", ")


# ------------------------------------------------------------------------------------------- mapping files


def test_the_mapping_file_has_the_first_word() -> None:
    saved = SavedMapping(
        {"Nome": Target("ignore"), "Sala": parse_target("field:sala:numeric"), "@C": Target("name")}
    )
    mapping = take("NOME", "Sala", "URN:Tel", "Celular", saved=saved)
    assert targets(mapping) == ["ignore", "field:sala", "name", "urn:tel"]
    assert (mapping.columns[1].target.value_type, mapping.columns[1].target.label) == ("numeric", "Sala")
    assert [column.reason for column in mapping.columns][:3] == ["mapping"] * 3


def test_a_letter_comes_before_a_header_and_an_exact_one_before_a_like_one() -> None:
    saved = SavedMapping(
        {"celular": Target("urn", "ext"), "Celular": Target("urn", "tel"), "@B": Target("ignore")}
    )
    assert targets(take("Celular", "Celular", "celular", saved=saved)) == ["urn:tel", "ignore", "urn:ext"]


def test_lines_without_a_column_are_told() -> None:
    saved = SavedMapping({"Sala": Target("ignore"), "@Z": Target("ignore")}, values={"Sexo": {"M": "x"}})
    mapping = take("Celular", saved=saved)
    assert [issue.value for issue in mapping.issues] == ["Sala", "@Z", "Sexo"]
    assert {"mapping-column-missing"} == set(codes(mapping))


def test_a_new_field_of_the_mapping_is_named_like_its_column_where_that_gives_its_key() -> None:
    saved = SavedMapping(
        {
            "Profissão": parse_target("field:profissao"),
            "Total gasto": parse_target("field:total_spent:numeric"),
        }
    )
    mapping = take("Celular", "Profissão", "Total gasto", saved=saved)
    assert [column.target.label for column in mapping.columns[1:]] == ["Profissao", "Total spent"]
    assert codes(mapping) == ["field-label-invalid"]


def test_a_key_that_no_label_gives_cannot_be_made() -> None:
    saved = SavedMapping({"X": Target("field", "a__b")})
    assert "field-label-invalid" in codes(take("Celular", "X", saved=saved))
    workspace = Workspace(fields=(Field("a__b", "A"),))
    assert codes(take("Celular", "X", saved=saved, workspace=workspace)) == []


def test_constants_are_settled_like_columns() -> None:
    saved = SavedMapping(
        constants=(
            (Target("field", "origem"), "2024"),
            (Target("group", "VIP"), "true"),
            (Target("language"), "por"),
        )
    )
    mapping = take("Contact UUID", saved=saved)
    assert Target("field", "origem", None, "Origem") == mapping.constants[0][0]
    assert mapping.constant_fields == ("origem",)
    assert codes(mapping) == []
    assert codes(take("Contact UUID", "Idioma", saved=saved)) == ["header-duplicate"]
    assert "field-unknown" in codes(take("Contact UUID", saved=saved, options=Options(new_fields="error")))


def test_translations_go_by_the_header() -> None:
    saved = SavedMapping(values={"sexo": {"M": "Masculino"}, "@C": {"1": "sim"}})
    mapping = take("Celular", "Sexo", "Turno", saved=saved, options=CREATE)
    assert mapping.values == {"Sexo": {"M": "Masculino"}, "Turno": {"1": "sim"}}


# ---------------------------------------------------------------------------------------------- properties

HEADERS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["Nome", "Celular", "Sobrenome", "URN:Tel", "Contato", "DDD", "Número", "Rua", "Cidade", "Action"]
    ),
    st.builds("{}:{}".format, st.sampled_from(["URN", "Field", "Group"]), st.text(max_size=40)),
)
CELLS = st.one_of(st.none(), st.text(max_size=8), st.integers(), st.booleans(), st.just("ana@example.com"))


@given(
    st.lists(HEADERS, max_size=6),
    st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=3),
    st.sampled_from([None, "create", "ignore", "error"]),
)
def test_any_header_row_has_a_mapping(
    headers: list[str], rows: list[list[object]], new_fields: str | None
) -> None:
    """Every column has a target of the grammar; a field has key and label; a wrong one is told."""
    mapping = take(*headers, rows=rows, options=Options(new_fields=new_fields))  # type: ignore[arg-type]
    assert headers == [column.column.header for column in mapping.columns]
    for column in mapping.columns:
        if column.target.kind == "field":
            assert column.target.label
        assert parse_target(str(column.target)).kind == column.target.kind
        if column.reason == "unknown" and column.target.kind == "ignore":
            told = [issue.code for issue in mapping.issues if issue.letter == column.column.letter]
            assert {"header-unknown", "header-contradicted"} & {*told}
