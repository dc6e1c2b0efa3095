"""Did you mean: which of the known names comes closest to one that is not known."""

import re
from collections.abc import Iterable

from importer.headers import normal_header
from importer.issues import Phrase

ENOUGH = 80.0
"""From 0 to 100, by rapidfuzz's ratio; below it a likeness is chance."""

_MARKS = re.compile(r"\d+|\b(?:[a-z]|[ivx]+)\b")
"""What tells names apart on purpose: numbers, single letters and Roman numbers, as in Turma 1, Turma B, Fase II."""
_LOOKED_AT = 8


def did_you_mean(name: str) -> Phrase | str:
    """The question for a sentence's end; "" where there is nothing to ask."""
    return Phrase("did-you-mean", {"other": name}) if name else ""


class Names:
    """Known names, to find the one that was meant by another."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_form = {form: name for name in names if (form := normal_header(name))}

    def closest(self, name: str) -> str:
        """The known name most like `name`, whatever its case, accents and punctuation; "" if none comes near.

        Turma 2 is not meant by Turma 1: names with other numbers or letters in them are other names.
        """
        form = normal_header(name)
        if not form or not self._by_form:
            return ""
        from rapidfuzz import fuzz, process  # 0.05 s, and few files need it

        near = process.extract(
            form, self._by_form.keys(), scorer=fuzz.ratio, score_cutoff=ENOUGH, limit=_LOOKED_AT
        )
        marks = _MARKS.findall(form)
        return next((self._by_form[known] for known, _, _ in near if _MARKS.findall(known) == marks), "")
