"""What a header means in its file: values and neighbours may decide what the header alone does not."""

import re
from collections.abc import Sequence

from importer.actions import ACTION_WORDS
from importer.evidence import MOST, Look, share
from importer.mapping.guesses import Guess
from importer.model import ShownNumber, Target
from importer.synonyms import synonyms_of
from importer.targets import IGNORE, PHONE

_AGAINST_PHONE = (Look.MAIL, Look.YES_NO, Look.DATE, Look.WORDS, Look.NUMBER)
_AGAINST_MAIL = (Look.PHONE, Look.YES_NO, Look.DATE, Look.NUMBER)
_AGAINST_WORDS = (Look.MAIL, Look.PHONE, Look.DATE)
_ENOUGH = 2
"""Values that it takes to contradict a header; a single odd one is that row's issue."""

_WHOLE_NAMES = frozenset(("name", "nome", "nombre"))
_HOUSE_NUMBERS = frozenset(("numero", "number"))
_STREETS = frozenset(
    ("endereco", "endereco residencial", "endereco comercial", "logradouro", "rua", "avenida", "bairro",
     "morada", "complemento", "direccion", "domicilio", "calle", "colonia", "barrio", "address", "address 1",
     "address line 1", "street", "street address", "mailing street", "home street", "adresse", "rue")
)  # fmt: skip
_PORTUGAL = frozenset(
    ("telemovel", "numero de telemovel", "localidade", "morada", "codigo postal", "distrito", "concelho",
     "freguesia", "nif", "contribuinte", "correio electronico", "endereco de correio electronico")
)  # fmt: skip
_AREA = re.compile(r"\(?0?\d{1,4}\)?(?:\.0)?")
_COUNTRY = re.compile(r"\(?(?:\+|00)?[1-9]\d{0,3}\)?(?:\.0)?")


def heed_values(guesses: Sequence[Guess]) -> None:
    """Leave out columns whose values are of another kind than their header usually means, and say so."""
    for guess in guesses:
        if guess.is_usual and _contradicted(guess):
            asked, note = guess.target, guess.note
            guess.leave_out(note)
            guess.tell("header-contradicted", target=str(asked), evidence=next(guess.examples(), ""))


def heed_neighbours(guesses: Sequence[Guess]) -> None:
    """Settle the headers whose meaning depends on the columns beside them."""
    _contacts(guesses)
    _actions(guesses)
    _house_numbers(guesses)
    _portuguese_last_names(guesses)
    _french_last_names(guesses)
    _first_names(guesses)
    _parts_of_numbers(guesses)


def _contradicted(guess: Guess) -> bool:
    filled = sum(look is not Look.BLANK for look in guess.looks)
    return filled >= _ENOUGH and share(guess.looks, *_against(guess)) >= MOST


def _against(guess: Guess) -> tuple[Look, ...]:
    if guess.is_phone:
        return _AGAINST_PHONE
    match guess.target:
        case Target(kind="urn", name="mailto"):
            return _AGAINST_MAIL
        case Target(kind="name" | "name.first" | "name.middle" | "name.last" | "language" | "groups"):
            return _AGAINST_WORDS
        case _:
            return ()


def _contacts(guesses: Sequence[Guess]) -> None:
    """Contato is a phone as often as a name: the values decide, and without any it is a question."""
    for guess in guesses:
        if guess.target.kind != "contact":
            continue
        has_name = any(other.target.kind.startswith("name") for other in guesses)
        for look, target in (
            (Look.PHONE, PHONE),
            (Look.MAIL, Target("urn", "mailto")),
            (Look.WORDS, Target("name")),
        ):
            if share(guess.looks, look) > 1 / 2 and not (target.kind == "name" and has_name):
                guess.target = target
                guess.tell("header-guessed", target=str(target), evidence=next(guess.examples(), ""))
                break
        else:
            guess.target = IGNORE  # not to be suggested either
            guess.leave_out()


def _actions(guesses: Sequence[Guess]) -> None:
    """A column Action is ours only if it says anything that we know to do; what else it says its rows are told."""
    for guess in guesses:
        if guess.target.kind == "action" and guess.reason == "synonym":
            said = {str(cell).strip().casefold() for cell in guess.cells if cell is not None} - {""}
            if said and said.isdisjoint(ACTION_WORDS):
                guess.leave_out()


def _house_numbers(guesses: Sequence[Guess]) -> None:
    """Número beside a street is a house number, unless its values are phones."""
    if not any(guess.normal in _STREETS for guess in guesses):
        return
    for guess in guesses:
        looks_like_phones = share(guess.looks, Look.PHONE) > 1 / 2
        if guess.normal in _HOUSE_NUMBERS and guess.is_usual and guess.is_phone and not looks_like_phones:
            guess.leave_out()


def _portuguese_last_names(guesses: Sequence[Guess]) -> None:
    """Apelido is the last name in Portugal and a nickname in Brazil."""
    if any(guess.target.kind == "name.last" for guess in guesses):
        return
    sign = next((guess for guess in guesses if guess.normal in _PORTUGAL), None)
    for guess in guesses:
        if sign and guess.normal == "apelido" and guess.reason == "unknown":
            guess.target, guess.reason, guess.note = Target("name.last"), "synonym", "pt"
            guess.tell("header-guessed", target="name.last", evidence=sign.column.header)


def _french_last_names(guesses: Sequence[Guess]) -> None:
    """Nom is the last name beside a first name."""
    first = next((guess for guess in guesses if guess.target.kind == "name.first"), None)
    for guess in guesses:
        if first and guess.normal == "nom" and guess.is_usual and guess.target.kind == "name":
            guess.target = Target("name.last")
            guess.tell("header-guessed", target="name.last", evidence=first.column.header)


def _first_names(guesses: Sequence[Guess]) -> None:
    """Nome beside a last name, and no first name, is the first name."""
    kinds = {guess.target.kind for guess in guesses}
    if "name.last" not in kinds or "name.first" in kinds:
        return
    whole = [guess for guess in guesses if guess.target.kind == "name" and guess.reason != "mapping"]
    if len(whole) == 1 and whole[0].normal in _WHOLE_NAMES:
        whole[0].target = Target("name.first")


def _parts_of_numbers(guesses: Sequence[Guess]) -> None:
    """DDD and DDI go in front of the phone column that follows; elsewhere they are nothing."""
    for guess, following in reversed([*zip(guesses, [*guesses, None][1:], strict=True)]):
        if guess.reason != "synonym":
            continue
        before_phone = following is not None and following.is_phone
        before_area = following is not None and following.target.kind == "tel.area"
        if guess.target.kind == "tel.area":
            if not before_phone or not _all_fit(guess, _AREA):
                guess.leave_out()
        elif guess.normal in _country_codes():
            fits = (before_phone or before_area) and _all_fit(guess, _COUNTRY)
            if fits:
                guess.target = Target("tel.country")
            elif guess.target.kind == "tel.country":
                guess.leave_out()


def _country_codes() -> tuple[str, ...]:
    return (*synonyms_of("tel.country"), "country code")


def _all_fit(guess: Guess, pattern: re.Pattern[str]) -> bool:
    """Whether (nearly) all filled cells fit."""
    filled = [
        cell.shown if isinstance(cell, ShownNumber) else str(cell).strip()
        for cell, look in zip(guess.cells, guess.looks, strict=True)
        if look is not Look.BLANK
    ]
    return sum(pattern.fullmatch(text) is not None for text in filled) >= MOST * len(filled)
