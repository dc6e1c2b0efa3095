"""A sample of every known export: recognised by its header row, mapped and read without any option.

Those that the corpus has no file of are beside this one, NAME.csv with NAME.json: what comes of each row.
"""

import json
from pathlib import Path

import pytest

from importer.cli.documents import document_of_check, to_text
from importer.examine import Examined, examine
from importer.messages import catalogue
from importer.options import Options
from importer.presets import presets

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"
OWN = {path.stem: path for path in sorted(HERE.glob("*.csv"))}
FROM_CORPUS = {
    "activecampaign": "src-activecampaign.csv", "brevo": "src-brevo.csv", "chatwoot": "src-chatwoot.csv",
    "google": "src-google-new.csv", "google-old": "src-google-old.csv", "hubspot": "src-hubspot.csv",
    "kobotoolbox": "src-kobo.csv", "mailchimp": "src-mailchimp.csv", "moodle": "src-moodle.csv",
    "outlook-en": "src-outlook-en.csv", "outlook-pt-br": "src-outlook-pt.csv", "pipedrive": "src-pipedrive-pt.xlsx",
    "rd-station": "src-rd-station.csv", "salesforce-report": "src-salesforce-report.csv",
    "shopify": "src-shopify.csv", "vtex": "src-vtex-customers.xls", "weni": "src-platform-export.xlsx",
    "whatsapp-groups": "src-whatsapp-group.csv", "woocommerce": "src-woocommerce.csv", "zoho": "src-zoho.csv",
}  # fmt: skip
BRAZIL = Options(country="BR", timezone="America/Sao_Paulo", new_fields="create")


def rows_of(examined: Examined) -> list[dict]:
    """Each row with its contact, or with the first error that holds it back."""
    document = json.loads(to_text(document_of_check(examined, catalogue("en"), with_records=True)))
    assert not document["blocked"], document["issues"]
    rows = []
    for row in document["rows"]:
        errors = [issue["code"] for issue in row["issues"] if issue["severity"] == "error"]
        rows.append(
            {"row": row["row"], **({"problem": errors[0]} if errors else {"contact": row["contact"]})}
        )
    return rows


def test_every_preset_has_a_sample():
    assert {preset.name for preset in presets()} == FROM_CORPUS.keys() | OWN.keys()
    assert not FROM_CORPUS.keys() & OWN.keys()


@pytest.mark.parametrize("name", OWN)
def test_a_sample_is_understood(name):
    """Names, numbers, addresses, groups and fields, by the header row alone."""
    examined = examine(OWN[name], BRAZIL)
    assert examined.mapping.preset == name
    assert rows_of(examined) == json.loads((HERE / f"{name}.json").read_text("utf-8"))["rows"]


@pytest.mark.parametrize(("name", "file"), FROM_CORPUS.items())
def test_a_file_of_the_corpus_is_understood_without_a_mapping(name, file):
    """Who is meant is right before anybody has chosen fields; a date may still have to be asked about."""
    expected = json.loads((CORPUS / f"{file}.expect.json").read_text("utf-8"))
    said = expected["options"]
    options = Options(country=said["default_country"] or "none", timezone=said["timezone"])
    examined = examine(CORPUS / file, options)
    assert examined.mapping.preset == name
    came = {row["row"]: row.get("contact") for row in rows_of(examined)}
    assert came.keys() == {row["row"] for row in expected["rows"]}
    for row in expected["rows"]:
        if row["result"] == "contact":
            contact, wanted = came[row["row"]], row["contact"]
            assert contact["urns"] == wanted["urns"]
            assert sorted(contact["groups"]) == sorted(wanted["groups"])
            assert {key: contact.get(key) for key in ("name", "language", "uuid")} == {
                key: wanted.get(key) for key in ("name", "language", "uuid")
            }


@pytest.mark.parametrize("name", OWN)
def test_no_other_preset_takes_the_sample(name):
    """Each header row gives its own source away by more headers than any other's."""
    headers = [column.header for column in examine(OWN[name], BRAZIL).table.columns]
    likeness = {preset.name: preset.likeness(headers) for preset in presets()}
    best = likeness.pop(name)
    assert all(other < best for other in likeness.values()), likeness
