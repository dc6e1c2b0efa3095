"""The catalogue: the same sentences with the same facts in every language, and no language inside another."""

import re
from string import Formatter

import pytest

from importer.errors import ImporterError, Unusable
from importer.issues import CATALOGUE, Issue, Phrase
from importer.messages import LANGUAGES, Catalogue, catalogue, language_of, placeholders, quote

ENGLISH = catalogue("en")
OTHERS = [language for language in LANGUAGES if language != "en"]

ALIKE = {
    "conflict.row", "report.attribute.urns", "report.change", "report.hours", "report.issues.place",
    "report.minutes", "report.replaced", "screen.definition",
    "template.defined.uuid", "report.set", "report.severity.error", "report.at",
    "purge.size", "template.header.group", "template.example.city", "template.no",
}  # fmt: skip
"""Sentences that may be the same in two languages; of the issues those without a word of their own may."""

ENGLISH_WORDS = {
    "the", "is", "are", "was", "were", "and", "not", "with", "this", "that", "from", "have", "has", "been", "its",
    "their", "your", "you", "which", "there", "when", "column", "row", "rows", "cell", "header", "workspace",
    "field", "contact", "contacts", "name", "write", "values", "again", "cannot",
}  # fmt: skip
"""Words that stand in no sentence of another language, unless they are the program's own terms."""

NAMES = re.compile(
    r"\n  [^\n]*|`[^`]*`|--[\w-]+( \w+)?|\b\w+[.:=][\w…][\w.:=/-]*|https?\S+|\bContact UUID\b|“[^”]*”|\"[^\"]*\""
)
"""What is the same in every language: commands, options, targets, headers, what is quoted."""


def texts(words: Catalogue) -> dict[str, str]:
    """Every text of a language; of an issue, the message and the hint."""
    issues = {
        f"{code} {part}": text
        for code, pair in words.issues.items()
        for part, text in zip(("message", "hint"), pair, strict=True)
    }
    return issues | dict(words.sentences)


def shown(text: str) -> set[str]:
    """The facts that a text shows; those that only choose a word of it are not among them."""
    return {name for _, name, spec, _ in Formatter().parse(text) if name and "|" not in str(spec)}


def agreeing(text: str) -> set[str]:
    return placeholders(text) - shown(text)


def test_every_code_has_its_sentences_and_no_others() -> None:
    assert set(ENGLISH.issues) == set(CATALOGUE)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert set(texts(catalogue(language))) == set(texts(ENGLISH))


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_the_same_facts_in_every_language(language: str) -> None:
    english, other = texts(ENGLISH), texts(catalogue(language))
    assert {key: shown(text) for key, text in other.items()} == {
        key: shown(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_fact_that_is_given_chooses_a_word(language: str) -> None:
    """It is shown in English, too, or it is the count that stands before the words of a total."""
    english = texts(ENGLISH)
    for key, text in texts(catalogue(language)).items():
        totals = r"(screen\.(check|plan|run)|undo\.(plan|done)|(diff|convert)\.rows|web\.plan)\."
        is_total = re.match(totals, key)
        assert agreeing(text) <= shown(english[key]) | ({"count"} if is_total else set()), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_filled(language: str) -> None:
    """A number has a form for one and one for several, and nothing is left of a placeholder."""
    words = catalogue(language)
    for key, text in texts(words).items():
        for _, name, spec, conversion in Formatter().parse(text):
            assert conversion is None or name is None, key
            assert not spec or spec in ",." or str(spec).count("|") == 1, key
        for number in (1, 2):
            said = words._fill(text, dict.fromkeys(placeholders(text), number))
            assert "{" not in said, key
            assert "|" not in said, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CATALOGUE)
def test_every_issue_can_be_told(language: str, code: str) -> None:
    words = catalogue(language)
    facts = placeholders("".join(words.issues[code])) - {"value", "row", "column", "letter"}
    issue = Issue.of(code, "=1+1", **dict.fromkeys(facts, Phrase("report.total"))).at(7, "Idade", "C")
    for said in (words.message(issue), words.hint(issue)):
        assert said[0] not in " .,"
        assert said.rstrip()[-1] in ".?:" or said.endswith(words.say("report.total"))
        assert "…" not in said.replace("=1+1…", "").replace(", …)", "")


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_was_left_in_english(language: str) -> None:
    """None is the same as in English, and none holds an English word outside quotes, names and options."""
    english = texts(ENGLISH)
    for key, text in texts(catalogue(language)).items():
        own = re.sub(r"\{[^}]*\}", "", text)
        if key not in ALIKE and re.search(r"[^\W\d_]{2}", own):
            assert text != english[key], key
        plain = NAMES.sub(" ", re.sub(r"\{[^}]*\}", "x", text))
        if key not in {"error.mapping-target", "error.mapping-constant", "help.option.workspace"}:
            assert not ENGLISH_WORDS & set(re.findall(r"\w+", plain.lower())), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_have_names_that_a_workbook_can_have(language: str) -> None:
    names = [text for key, text in catalogue(language).sentences.items() if ".sheet." in key]
    assert len(names) == 9
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")


def test_portuguese_speaks_to_you_and_spanish_to_usted() -> None:
    """No tu, no vosotros: one way to speak to people."""
    portuguese = " ".join(texts(catalogue("pt")).values()).lower()
    spanish = " ".join(texts(catalogue("es")).values()).lower()
    assert not re.search(r"\b(tu|teu|tua|contigo|ficheiro|ecrã|utilizador|registo)\b", portuguese)
    assert not re.search(r"\b(tú|tu|tus|vosotros|vuestro|ordenador|fichero|vos)\b", spanish)


@pytest.mark.parametrize(
    ("language", "number", "written"),
    [("en", 999, "999"), ("en", 1234567, "1,234,567"), ("pt", 999, "999"), ("pt", 2500, "2.500"),
     ("pt", 1234567, "1.234.567"), ("es", 2500, "2500"), ("es", 12345, "12\u00a0345"), ("es", -12345, "-12\u00a0345")],
)  # fmt: skip
def test_a_long_number_is_written_as_the_language_does(language: str, number: int, written: str) -> None:
    words = catalogue(language)
    assert words.number(number) == written
    assert written in words.say("screen.rows", count=number)


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [("en", "1 row", "2 rows"), ("pt", "1 linha", "2 linhas"), ("es", "1 fila", "2 filas")],
)
def test_one_is_not_several(language: str, one: str, several: str) -> None:
    words = catalogue(language)
    assert (words.say("screen.rows", count=1), words.say("screen.rows", count=2)) == (one, several)


@pytest.mark.parametrize(("language", "said"), [("en", "1.234"), ("pt", "1,234"), ("es", "1,234")])
def test_decimals_have_the_sign_of_the_language(language: str, said: str) -> None:
    """What could be a thousand or little more than one is told so that it can be only that."""
    issue = Issue.of("number-ambiguous", "1.234", one="1.234", other="1234")
    assert catalogue(language).message(issue).endswith(f" {said}.")


def test_a_row_is_numbered_as_the_spreadsheet_shows_it() -> None:
    assert "12345" in catalogue("pt").say("report.into", row=12345)


def test_a_fact_that_nobody_gave_is_a_gap() -> None:
    assert ENGLISH.say("screen.rows") == "… rows"
    assert catalogue("pt").say("report.into") == "Enviada junto com a linha …, do mesmo contato."


def test_a_fact_that_is_no_number_is_told_as_it_is() -> None:
    assert ENGLISH.say("screen.rows", count="many") == "many rows"


def test_a_phrase_inside_a_sentence_is_in_its_language() -> None:
    issue = Issue.of("urn-invalid", "ana", scheme=Phrase("urn-name.mailto"), rule=Phrase("urn-rule.mailto"))
    assert catalogue("pt").message(issue) == "“ana” não é um endereço de e-mail válido."
    assert catalogue("es").hint(issue).startswith("Escriba solo la dirección")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("pt", "pt"), ("pt-BR", "pt"), ("pt_BR.UTF-8", "pt"), ("PT-br", "pt"), ("es_419", "es"),
     ("es@euro", "es"), ("en_US", "en"), ("C", None), ("C.UTF-8", None), ("", None), ("de", None), ("ptx", None),
     ("español", None)],
)  # fmt: skip
def test_a_tag_or_locale_means_a_language_or_none(tag: str, language: str | None) -> None:
    assert language_of(tag) == language


def test_a_language_has_one_catalogue() -> None:
    assert catalogue("pt-BR") is catalogue("pt")
    assert [catalogue(language).language for language in LANGUAGES] == list(LANGUAGES)


def test_a_language_that_there_is_not_is_one_sentence() -> None:
    with pytest.raises(Unusable) as caught:
        catalogue("klingon")
    assert ENGLISH.explain(caught.value) == "The program does not speak klingon. It speaks en, pt, es."


def test_two_languages_at_once() -> None:
    """Nothing about a language is kept between two sentences."""
    error = ImporterError("rejected")
    said = [catalogue(language).explain(error) for language in ("pt", "es", "pt")]
    assert said[0] == said[2] != said[1]


def test_a_long_cell_is_quoted_in_part() -> None:
    assert quote("a\nb") == "“a b”"
    assert quote(None) == "“”"
    assert len(quote("x" * 100)) == 62
