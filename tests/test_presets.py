"""Known exports are recognised by their header rows and mapped as their sources mean them."""

import json
from pathlib import Path

import pytest

from importer.errors import Unusable
from importer.mapping import make_mapping
from importer.model import TARGET_KINDS, Column, Workspace
from importer.options import Options
from importer.presets import Preset, preset_named, presets, recognise

CORPUS = Path(__file__).parent / "corpus"
FROM_CORPUS = {
    "activecampaign": "src-activecampaign.csv",
    "brevo": "src-brevo.csv",
    "chatwoot": "src-chatwoot.csv",
    "google": "src-google-new.csv",
    "google-old": "src-google-old.csv",
    "hubspot": "src-hubspot.csv",
    "kobotoolbox": "src-kobo.csv",
    "mailchimp": "src-mailchimp.csv",
    "moodle": "src-moodle.csv",
    "outlook-en": "src-outlook-en.csv",
    "outlook-pt-br": "src-outlook-pt.csv",
    "pipedrive": "src-pipedrive-pt.xlsx",
    "rd-station": "src-rd-station.csv",
    "salesforce-report": "src-salesforce-report.csv",
    "shopify": "src-shopify.csv",
    "vtex": "src-vtex-customers.xls",
    "weni": "src-platform-export.xlsx",
    "whatsapp-groups": "src-whatsapp-group.csv",
    "woocommerce": "src-woocommerce.csv",
    "zoho": "src-zoho.csv",
}

# Header rows that the corpus has no file of: `header=target`, or a bare header that is left out.
ROWS = {
    "google-outlook": (
        "First Name=name.first,Middle Name=name.middle,Last Name=name.last,Title,Suffix,Initials,"
        "Web Page,Gender=field:gender,Birthday=field:birth_date,Anniversary,Location,"
        "Language=language,Internet Free Busy,Notes=field:notes,E-mail Address=urn:mailto,"
        "E-mail 2 Address=urn:mailto,E-mail 3 Address=urn:mailto,Primary Phone=urn:tel,"
        "Home Phone=urn:tel,Home Phone 2=urn:tel,Mobile Phone=urn:tel,Pager,Home Fax,Home Address,"
        "Home Street,Company Main Phone,Business Phone=urn:tel,Business Phone 2=urn:tel,Business Fax,"
        "Assistant's Phone,Company=field:company,Job Title=field:job_title,Department,Callback,"
        "Car Phone,ISDN,Radio Phone,TTY/TDD Phone,Telex,User 1,Categories=groups"
    ),
    "outlook-web": (
        "First Name=name.first,Middle Name=name.middle,Last Name=name.last,Title,Suffix,Nickname,"
        "Given Yomi,Surname Yomi,E-mail Address=urn:mailto,E-mail 2 Address=urn:mailto,"
        "E-mail 3 Address=urn:mailto,Home Phone=urn:tel,Home Phone 2=urn:tel,Business Phone=urn:tel,"
        "Business Phone 2=urn:tel,Mobile Phone=urn:tel,Car Phone,Other Phone=urn:tel,"
        "Primary Phone=urn:tel,Pager,Business Fax,Home Fax,Other Fax,Company Main Phone,Callback,"
        "Radio Phone,Telex,TTY/TDD Phone,IMAddress,Job Title=field:job_title,Department,"
        "Company=field:company,Office Location,Manager's Name,Assistant's Name,Assistant's Phone,"
        "Company Yomi,Business Street,Business City,Business State,Business Postal Code,"
        "Business Country/Region,Home Street,Home City=field:city,Home State=field:state,"
        "Home Postal Code=field:postal_code,Home Country/Region=field:country,Other Street,Other City,"
        "Other State,Other Postal Code,Other Country/Region,Personal Web Page,Spouse,Schools,Hobby,"
        "Location,Web Page,Birthday=field:birth_date,Anniversary,Notes=field:notes"
    ),
    "outlook-pt-pt": (
        "Título,Primeiro nome=name.first,Outros nomes/apelidos=name.middle,Apelido=name.last,Sufixo,"
        "Empresa=field:company,Departamento,Cargo=field:job_title,Telemóvel=urn:tel,"
        "Telefone da residência=urn:tel,Telefone da empresa=urn:tel,2º telefone da empresa=urn:tel,"
        "Telefone principal=urn:tel,Outro telefone=urn:tel,Telefone principal da empresa,"
        "Fax da empresa,Endereço de correio electrónico=urn:mailto,"
        "Endereço do correio electrónico 2=urn:mailto,Tipo de correio electrónico,"
        "Nome a apresentar para o correio electrónico,Data de nascimento=field:birth_date,Aniversário,"
        "Categorias=groups,Sexo=field:gender,Localidade da residência=field:city,"
        "Localidade da empresa,Distrito da residência=field:state,"
        "Código postal da residência=field:postal_code,Notas=field:notes,Número do BI"
    ),
    "outlook-es": (
        "Title,Nombre=name.first,Segundo nombre=name.middle,Apellidos=name.last,Suffix,"
        "Organización=field:company,Department,Puesto=field:job_title,Mobile Phone=urn:tel,"
        "Particular=urn:tel,Teléfono del trabajo=urn:tel,Business Phone 2=urn:tel,"
        "Teléfono principal=urn:tel,Otro teléfono=urn:tel,Número de centralita de la organización,"
        "Business Fax,Home Fax,E-mail Address=urn:mailto,Dirección de correo electrónico 2=urn:mailto,"
        "Dirección del correo electrónico 3=urn:mailto,E-mail Type,"
        "Nombre de pantalla de correo electrónico,Birthday=field:birth_date,Anniversary,"
        "Categorías=groups,Género=field:gender,Home City=field:city,Ciudad de trabajo,Otra ciudad,"
        "Home State=field:state,Home Postal Code=field:postal_code,Notes=field:notes,"
        "Government ID Number"
    ),
    "outlook-fr": (
        "Prénom=name.first,Deuxième prénom=name.middle,Nom=name.last,Suffixe,Société=field:company,"
        "Service,Titre=field:job_title,Tél. mobile=urn:tel,Téléphone (domicile)=urn:tel,"
        "Téléphone (bureau)=urn:tel,Téléphone 2 (bureau)=urn:tel,Téléphone principal=urn:tel,"
        "Téléphone (autre)=urn:tel,Téléphone société,Télécopie (bureau),"
        "Adresse de messagerie=urn:mailto,Adresse de messagerie 2=urn:mailto,Type de messagerie,"
        "Nom complet de l'adresse de messagerie,Anniversaire=field:birth_date,"
        "Anniversaire de mariage ou fête,Catégories=groups,Sexe=field:gender,"
        "Ville (domicile)=field:city,Ville (bureau),Dép/Région (domicile)=field:state,"
        "Code postal (domicile)=field:postal_code,Notes=field:notes,Code gouvernement"
    ),
    "salesforce-objects": (
        "Id,FirstName=name.first,LastName=name.last,Email=urn:mailto,Phone=urn:tel,"
        "MobilePhone=urn:tel,Company=field:company,LeadSource,Status,OwnerId"
    ),
    "kommo": (
        "ID,Nome=name,Empresa do contato=field:company,Telefone comercial=urn:tel,"
        "Telefone celular=urn:tel,Email comercial=urn:mailto,Email pessoal=urn:mailto,Etapa,"
        "Usuário responsável,Tags=groups,Criado em"
    ),
    "leadlovers": (
        "Nome=name,E-mail=urn:mailto,Telefone=urn:tel,Empresa=field:company,Cidade=field:city,"
        "Estado=field:state,Mensagem,Data de Nascimento=field:birth_date,Score,Tags=groups,"
        "Observações=field:notes"
    ),
    "zendesk": (
        "name=name,email=urn:mailto,external_id=urn:ext,details,notes=field:notes,phone=urn:tel,role,"
        "restriction,organization=field:company,tags=groups"
    ),
    # variants of sources that the corpus has in another form
    "chatwoot ": "id,name=name,email=urn:mailto,phone_number=urn:tel",
    "pipedrive ": (
        "Person - Name=name,Person - Labels=groups,Person - Phone - Work=urn:tel,"
        "Person - Phone - Mobile=urn:tel,Person - Email - Home=urn:mailto,Person - Owner,Deal - Title"
    ),
    "shopify ": (
        "First Name=name.first,Last Name=name.last,Email=urn:mailto,Accepts Email Marketing,"
        "Company=field:company,Address1,Address2,City=field:city,Province=field:state,Province Code,"
        "Country=field:country,Country Code,Zip=field:postal_code,Phone=urn:tel,Accepts SMS Marketing,"
        "Total Spent=field:total_spent,Total Orders=field:total_orders,Tags=groups,Note=field:notes,"
        "Tax Exempt"
    ),
    "hubspot ": (
        "Record ID,First Name=name.first,Last Name=name.last,Email=urn:mailto,"
        "Phone Number=urn:tel,Mobile Phone Number=urn:tel,Contact owner,Last Activity Date,"
        "Lead Status,Marketing contact status,City=field:city,Create Date=field:create_date,"
        "Associated Company IDs"
    ),
    "weni ": "Contact UUID=uuid,Name=name,URNs=urns,Language=language,Created On,Last Seen On",
    "google ": (
        "First Name=name.first,Last Name=name.last,File As,Organization Name=field:company,"
        "Labels=groups,E-mail 1 - Label,E-mail 1 - Value=urn:mailto,Phone 1 - Label,"
        "Phone 1 - Value=urn:tel,Phone 12 - Label,Phone 12 - Value=urn:tel,Address 2 - City,"
        "Website 1 - Label,Website 1 - Value"
    ),
}


def columns_of(headers: list[str]) -> list[Column]:
    return [Column(index, header) for index, header in enumerate(headers)]


def test_every_preset_has_a_sample() -> None:
    assert {preset.name for preset in presets()} == {*FROM_CORPUS, *(name.strip() for name in ROWS)}


@pytest.mark.parametrize(("name", "file"), FROM_CORPUS.items())
def test_corpus_files_are_recognised(name: str, file: str) -> None:
    """Each by its own header row only; what has to be found of its columns is in test_mapping."""
    expected = json.loads((CORPUS / f"{file}.expect.json").read_text("utf-8"))
    found = recognise([column["header"] for column in expected["columns"]])
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(("name", "row"), ROWS.items())
def test_header_rows_are_recognised_and_mapped(name: str, row: str) -> None:
    expected = [header.partition("=")[::2] for header in row.split(",")]
    columns = columns_of([header for header, _ in expected])
    mapping = make_mapping(columns, [], Workspace(), Options(new_fields="create"))
    assert mapping.preset == name.strip()
    assert [(mapped.column.header, str(mapped.target)) for mapped in mapping.columns] == [
        (header, target or "ignore") for header, target in expected
    ]
    assert not mapping.issues


def test_other_files_are_not_taken_for_an_export() -> None:
    for path in CORPUS.glob("*.expect.json"):
        expected = json.loads(path.read_text("utf-8"))
        if not path.name.startswith("src-"):
            assert recognise([column["header"] for column in expected["columns"]]) is None


def test_a_preset_can_be_forced_and_switched_off() -> None:
    columns = columns_of(["Particular", "Nombre", "URN:Ext"])
    forced = make_mapping(columns, [], Workspace(), Options(preset="outlook-pt-br"))
    assert (forced.preset, str(forced.columns[0].target)) == ("outlook-pt-br", "ignore")
    google = columns_of(["File As", "Labels", "Phone 1 - Label", "Phone 1 - Value", "Organization Name"])
    assert make_mapping(google, [], Workspace(), Options()).preset == "google"
    assert make_mapping(google, [], Workspace(), Options(preset="none")).preset is None


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Unusable) as refusal:
        preset_named("sap")
    assert refusal.value.key == "preset-unknown"
    assert "rd-station" in str(refusal.value.details["names"])


def test_convention_and_fields_come_before_a_preset() -> None:
    columns = columns_of(["_id", "_uuid", "_status", "__version__", "Field:Start", "URN:Tel", "Contact UUID"])
    mapping = make_mapping(columns, [], Workspace(), Options())
    assert mapping.preset == "kobotoolbox"
    assert [str(mapped.target) for mapped in mapping.columns[4:]] == ["field:start", "urn:tel", "uuid"]


def test_a_program_s_own_header_is_not_its_namesake() -> None:
    kobo = preset_named("kobotoolbox")
    assert kobo.rule_of("_tags") is not None
    assert kobo.rule_of("Tags") is None


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_a_preset_is_sound(preset: Preset) -> None:
    """It can be recognised, says why it leaves columns out, and its options are options."""
    assert preset.title
    assert preset.least >= 2
    for form, rule in preset.rules.items():
        assert form
        assert rule.target.kind in TARGET_KINDS
        assert (rule.target.kind == "ignore") == bool(rule.reason)
        if rule.separator:
            assert rule.target.kind == "groups"
    Options(**preset.options)  # type: ignore[arg-type]


def test_what_is_left_out_says_why_and_separators_are_known() -> None:
    columns = columns_of(["Email Address", "OPTIN_IP", "LEID", "EUID", "GMTOFF", "DSTOFF", "TAGS"])
    mapping = make_mapping(columns, [], Workspace(), Options())
    assert (mapping.columns[1].reason, mapping.columns[1].note) == ("preset", "mailchimp: consent")
    assert mapping.columns[6].separator == ","


def test_the_date_order_of_a_source_is_an_option_of_the_mapping() -> None:
    columns = columns_of(["EMAIL", "SMS", "SMS_BLACKLISTED", "EMAIL_BLACKLISTED", "ADDED_TIME"])
    assert make_mapping(columns, [], Workspace(), Options()).options == {"date_order": "dmy"}
