"""Reading the keys of a body, and gathering what is wrong with each, so that all is reported at once."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, TypeVar

from importer.sandbox.answers import faulty

T = TypeVar("T")
D = TypeVar("D")


class Absent(Enum):
    """The value of a key that the body does not name."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Faulty(ValueError):
    """One value is wrong. `body`: a list of sentences, or a table of such lists by index or key."""

    def __init__(self, body: str | Mapping[str, object]) -> None:
        super().__init__(body)
        self.body: object = [body] if isinstance(body, str) else body


class Form:
    """The body of a POST while it is read."""

    def __init__(self, body: Mapping[str, object]) -> None:
        self._body = body
        self._faults: dict[str, object] = {}

    def required(self, key: str, read: Callable[[object], T], instead: T) -> T:
        """What `read` makes of the key; `instead` where it is faulty or not there, which is a fault too."""
        if key not in self._body:
            self.refuse(key, "This field is required.")
            return instead
        return self.optional(key, read, instead)

    def optional(self, key: str, read: Callable[[object], T], instead: D) -> T | D:
        """The same, but the key may be left out."""
        if key in self._body:
            try:
                return read(self._body[key])
            except Faulty as fault:
                self._faults[key] = fault.body
        return instead

    def refuse(self, key: str, sentence: str) -> None:
        """Note a fault of `key`."""
        self._faults[key] = [sentence]

    def close(self) -> None:
        """Raise `Refused` with all faults, if there are any."""
        if self._faults:
            raise faulty(self._faults)


def read_text(value: object) -> str:
    """A text, trimmed; a number as Python prints it. Not blank.

    Raises:
        Faulty: null, true, a list, an object, blank, or what cannot be stored.
    """
    text = read_any_text(value)
    if not text:
        raise Faulty("This field may not be blank.")
    return text


def read_any_text(value: object) -> str:
    """The same, but it may be blank."""
    if value is None:
        raise Faulty("This field may not be null.")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Faulty("Not a valid string.")
    text = str(value).strip()
    if "\x00" in text:
        raise Faulty("Null characters are not allowed.")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Faulty("Surrogate characters are not allowed.")
    return text


def read_short_text(value: object, longest: int) -> str:
    """`read_text` of at most so many characters."""
    text = read_text(value)
    if len(text) > longest:
        raise Faulty(f"Ensure this field has no more than {longest} characters.")
    return text


def read_items(value: object, longest: int) -> list[object]:
    """A list of at most so many items."""
    if value is None:
        raise Faulty("This field may not be null.")
    if not isinstance(value, list):
        raise Faulty(f'Expected a list of items but got type "{type(value).__name__}".')
    if len(value) > longest:
        raise Faulty(f"This field can only contain up to {longest} items.")
    return value
