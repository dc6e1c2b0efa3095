"""The question that is asked before anything is written, and the number where contacts are to be deleted."""

import sys

from importer.errors import Interrupted
from importer.messages import Catalogue

_YES = frozenset(("y", "yes", "s", "sim", "sí", "si"))
_NO = frozenset(("", "n", "no", "não", "nao"))


def ask_number(number: int, question: str) -> bool:
    """Whether the user types just this number.

    Raises:
        Interrupted: the input ended.
    """
    print(f"{question} ", end="", file=sys.stderr, flush=True)
    said = sys.stdin.readline()
    if not said:
        raise Interrupted("interrupted")
    return said.strip() == str(number)


def ask(question: str, words: Catalogue) -> bool:
    """Whether the user says yes, in any of the program's languages; asks again where it is neither yes nor no.

    Raises:
        Interrupted: the input ended.
    """
    while True:
        print(f"{question} {words.say('screen.yes-or-no')} ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
        if not said:
            raise Interrupted("interrupted")
        answer = said.strip().casefold()
        if answer in _YES | _NO:
            return answer in _YES
