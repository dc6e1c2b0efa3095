"""A glance at the cells of one column in many rows: what those say of which no rule needs to be asked, one by one.

Each kind of column has a glance: a function of all its texts. It tells of which texts it cannot tell what they say, and
the rule of the column is asked about those; of all others it gives the values that the rule would give without a note,
but only to who wants them: whoever only checks a file does not.

The texts of a block are joined, and one pattern goes through them all (`shapes`): that takes a tenth of what matching
each of them takes. A column of few different texts is looked up. Tried, and slower: a memo for columns that are mostly
distinct; one pattern for a whole row; pandas' `factorize`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from importer.issues import Issue


class Unsure:
    """Stands for the value of a cell that says something unusual."""


UNSURE: Final = Unsure()

Texts = Sequence[str]
Said = Callable[[], Sequence[object]]
"""Gives the values of all texts; what it gives for those of which it cannot tell means nothing."""
Glance = Callable[[Texts, list[int]], Said]
"""Texts → their values; puts into the list where those stand of which it cannot tell."""
Rule = Callable[[object, list[Issue]], object]
"""A cell → its value; UNSURE where it says something unusual. Raises CellRefused."""


def no_glance(texts: Texts, unsure: list[int]) -> Said:
    """Nothing is to be seen of a column whose cells are all asked about."""
    unsure += [at for at, text in enumerate(texts) if text]
    return lambda: texts
