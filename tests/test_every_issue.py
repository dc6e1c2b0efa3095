"""Every issue has a sample: a file of the corpus, or the least that brings it about."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from importer.decisions import Rules
from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.issues import CATALOGUE
from importer.model import Contact, Field, Group, Workspace
from importer.options import Options
from importer.plan import Plan
from importer.snapshot import Snapshot

CORPUS = Path(__file__).parent / "corpus"
IN_CORPUS = frozenset(
    code
    for path in CORPUS.glob("*.expect.json")
    for code in re.findall(r'"class": "([a-z-]+)"', path.read_text("utf-8"))
)
ANA, BIA = "f519ca1f-8513-49ba-8896-22bf0420dec7", "989975f0-3bff-43d6-82c8-a6bbc201c938"
TEL, OTHER = "tel:+5582900000001", "tel:+5582900000002"
PHONE = "+5582900000001"
SCHOOL = Workspace(
    "Escola",
    "BR",
    "America/Sao_Paulo",
    (Field("city", "Cidade"), Field("age", "Idade", "numeric"), Field("ward", "Bairro", "ward")),
    (Group("", "Clientes VIP"), Group("", "Adultos", dynamic=True)),
)
CODES = ("1", "2,5", "3")

# lines of a file, and options where any are needed
CHECKED: dict[str, tuple[tuple[str, ...], dict[str, object]]] = {
    "header-unknown": (("Nome;Celular;Apelido do gato", f"Ana;{PHONE};Mia"), {}),
    "header-guessed": (("Contato;Nome", f"{PHONE};Ana"), {}),
    "header-contradicted": (
        ("Nome;Telefone;E-mail", *[f"Ana;a{n}@example.com;b{n}@example.com" for n in CODES]),
        {},
    ),
    "mapping-column-missing": (
        ("Nome;Celular", f"Ana;{PHONE}"),
        {"mapping": '[columns]\nTurma = "ignore"\n'},
    ),
    "sheet-missing": (("Nome;Celular", f"Ana;{PHONE}"), {"sheet": "Plan2"}),
    "field-type-differs": (("Field:Idade:datetime;URN:Tel", f";{PHONE}"), {}),
    "field-type-possible": (("URN:Tel;Field:Saldo", *[f"+558290000000{n[0]};{n}" for n in CODES]), {}),
    "field-similar": (("URN:Tel;Field:Cidad", f"{PHONE};Natal"), {}),
    "row-repeated": (("Nome;Celular", f"Ana;{PHONE}", f"Ana;{PHONE}"), {}),
    "row-left-out": (("Nome;Celular", f"Ana;{PHONE}", f"Bia;{PHONE}"), {"duplicates": "first"}),
    "language-retired": (("Language;URN:Tel", f"ais;{PHONE}"), {}),
    "value-not-known": (("Bairro;URN:Tel", f"Centro;{PHONE}"), {}),
    "phone-country-unknown": (("DDI;Celular", f"999;{PHONE}", "55;82900000002", *["55;82900000003"] * 9), {}),
    "action-unknown": (("Nome;URN:Tel;Action", f"Ana;{PHONE};remove", f"Bia;{OTHER[4:]};delete"), {}),
    "group-similar": (("Groups;URN:Tel", f"Cliente VIP;{PHONE}"), {}),
}

# the same, against these contacts
PLANNED: dict[str, tuple[tuple[str, ...], dict[str, object], tuple[Contact, ...]]] = {
    "row-held-back": (
        ("Nome;Celular;Action", f"Ana;{PHONE};create", f"Ana;{PHONE};create"), {}, (Contact(ANA, urns=(TEL,)),)
    ),
    "uuid-not-found": (("Contact UUID;Nome", f"{ANA};Ana"), {}, ()),
    "contact-exists": (("Nome;URN:Tel;Action", f"Ana;{PHONE};create"), {}, (Contact(ANA, urns=(TEL,)),)),
    "contact-missing": (("Nome;URN:Tel;Action", f"Ana;{PHONE};update"), {}, ()),
    "contact-absent": (("URN:Tel;Action", f"{PHONE};delete"), {}, ()),
    "not-arrived": (("Nome;URN:Tel", f"Ana;{PHONE}"), {"after_convert": True}, ()),
    "group-unknown": (("Groups;URN:Tel", f"Cliente VIP;{PHONE}"), {"new_groups": "error"}, ()),
    "group-dynamic": (("Groups;URN:Tel", f"Adultos;{PHONE}"), {}, ()),
    "contact-blocked": (
        ("Groups;URN:Tel", f"Clientes VIP;{PHONE}"), {}, (Contact(ANA, urns=(TEL,), blocked=True),)
    ),
    "urn-would-be-lost": (
        ("URN:Tel;URN:Ext", f"{PHONE};1"), {}, (Contact(ANA, urns=(TEL, "weniwebchat:1")),)
    ),
}  # fmt: skip

ELSEWHERE = {
    # of files that are no tables, of limits that take a large workspace, and of what happens while importing
    "file-not-found": "readers/test_reading_damage.py",
    "file-is-folder": "readers/test_reading_damage.py",
    "file-not-allowed": "readers/test_reading_damage.py",
    "file-too-large": "readers/test_reading_formats.py",
    "text-not-storable": "test_cells.py",
    "example-left": "test_examples.py",
    "workspace-fields-full": "test_schema.py",
    "workspace-groups-full": "test_plan.py",
    "phone-scheme-differs": "test_questions.py",
    **dict.fromkeys(
        (
            "field-label-wrong",
            "field-exists",
            "field-missing",
            "field-key-differs",
            "field-type-unknown",
            "field-type-changes",
            "field-delete",
            "fields-full",
            "group-name-wrong",
            "group-exists",
            "group-missing",
            "group-unclear",
            "group-name-differs",
            "definition-held",
            "group-new-name-missing",
            "group-new-name-unwanted",
            "group-absent",
            "group-query-lost",
            "groups-full",
            "definition-no-name",
            "definition-action",
            "definition-repeated",
            "definition-conflict",
        ),
        "definitions/test_definition_planning.py",
    ),
    **dict.fromkeys(("definition-unread", "definition-column"), "definitions/test_definition_sheets.py"),
    **dict.fromkeys(
        ("group-renamed", "group-deleted", "definitions-left-out"), "definitions/test_definition_runs.py"
    ),
    **dict.fromkeys(
        (
            "definition-changed",
            "definition-gone",
            "definition-name-taken",
            "group-stays",
            "group-remade",
            "group-not-remade",
            "field-stays",
        ),
        "definitions/test_definition_undo.py",
    ),
    "urn-taken": "test_import_options.py",
    "refused": "execution/test_contacts.py",
    "contact-gone": "execution/test_contacts.py",
    "put-back": "execution/test_amends.py",
    "not-put-back": "execution/test_amends.py",
    "group-refused": "execution/test_batches.py",
    "changed-since": "test_undo.py",
    "used-since": "test_undo.py",
    "deleted-since": "test_undo.py",
    "not-brought-back": "test_undo_acts.py",
    "was-stopped": "test_undo_acts.py",
    "not-taken-back": "test_undo.py",
}


@pytest.fixture
def examined(make_csv, tmp_path) -> Callable[..., Examined]:
    def make(lines, chosen) -> Examined:
        options = dict(chosen)
        if mapping := options.get("mapping"):
            options["mapping"] = tmp_path / "mapping.toml"
            options["mapping"].write_text(mapping, "utf-8")
        return examine(make_csv(*lines), Options(**options), SCHOOL)

    return make


def test_every_issue_has_a_sample():
    assert CATALOGUE.keys() == IN_CORPUS | CHECKED.keys() | PLANNED.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("code", CHECKED)
def test_a_check_tells(code, examined):
    lines, chosen = CHECKED[code]
    try:
        found = examined(lines, chosen)
    except Unusable as error:
        issues = [error.issue]
    else:
        records = found.check.records() if found.check else ()
        issues = [*found.issues, *(issue for record in records for issue in record.issues)]
    assert code in {issue.code for issue in issues}
    assert all(issue.severity == CATALOGUE[code] for issue in issues if issue.code == code)


@pytest.mark.parametrize("code", PLANNED)
def test_a_plan_tells(code, examined):
    lines, chosen, contacts = PLANNED[code]
    check = examined(lines, chosen).require_check()
    plan = Plan(check.portions, Snapshot(contacts), Rules.of(check.schema, SCHOOL, Options(**chosen)))
    assert code in {issue.code for outcome in plan.outcomes() for issue in outcome.issues}


@pytest.mark.parametrize(("code", "file"), ELSEWHERE.items())
def test_other_samples_are_where_they_are_said_to_be(code, file):
    assert f'"{code}"' in (CORPUS.parent / file).read_text("utf-8")
