"""Finite sets of texts of digits, such as the numbers that a country has: made of patterns, and written as one again.

A set is kept as an automaton, and so is the pattern that is written of it: it reads a digit at a time and never has to
choose. What took several patterns that look at a number one after another is told by one that reads it once.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NewType

Digits = NewType("Digits", int)
"""A set, known to the `DigitSets` that made it, where equal ones are the same. What it leads to has lower numbers."""

_Arc = tuple[int, Digits]
"""Signs that may come next, a bit for each, and what may come after any of them."""

NOTHING = Digits(0)
_DONE = Digits(1)

_END = 1 << 10
"""The bit of the end of a text; those of digits are below it."""
_ANY = _END - 1

_NONE = "(?!)"
_TOKENS = re.compile(r"\\d|\[(?:\d(?:-\d)?)+\]|\d|\(\?!\)|\(\?:|[()|$]|(?:\?|\{\d+(?:,\d+)?\})(?![?{])")
_OPENING = ("(", "(?:")
_SIGNS = {r"\d": _ANY, "$": _END, _NONE: 0}
_RANGES = re.compile(r"(\d)(?:-(\d))?")

_FEW = 3
"""So many digits in a row are read as fast one by one."""


class DigitSets:
    """Makes sets, and writes them as patterns.

    They are of whole texts; or of beginnings, after which anything may come. Patterns that it reads know digits, their
    classes, groups, alternatives, repetitions, and the end as `$`.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[bool, frozenset[tuple[Digits, int]]], Digits] = {}
        self._stops: list[bool] = []
        self._arcs: list[Sequence[_Arc]] = []
        self._lengths: list[int] = []
        self._eithers: dict[tuple[Digits, Digits], Digits] = {}
        self._boths: dict[tuple[Digits, Digits], Digits] = {}
        self._withouts: dict[tuple[Digits, Digits], Digits] = {}
        self._steps: dict[_Arc, Digits] = {}
        self._make(())
        self._make((), stops=True)
        self._end = self._step((_END, _DONE))

    def whole(self, pattern: str, lengths: Iterable[int] = ()) -> Digits:
        """What a pattern matches from beginning to end; of these lengths, if any are given.

        Raises:
            ValueError: there is more in the pattern than is known here.
        """
        found = self._matched(pattern, self._end)
        allowed = sum(1 << length for length in lengths if length >= 0)
        return self._within(found, allowed) if lengths else found

    def beginnings(self, pattern: str) -> Digits:
        """What a pattern may match where a text begins, but for nothing at all.

        Raises:
            ValueError: there is more in the pattern than is known here.
        """
        return self._make(self._arcs[self._matched(pattern, _DONE)])

    def either(self, *sets: Digits) -> Digits:
        """What is in any of them."""
        arcs = [arc for one in sets for arc in self._arcs[one]]
        signs = 0
        for mask, _ in arcs:
            if signs & mask:
                found = NOTHING
                for one in sets:
                    found = self._either(found, one)
                return found
            signs |= mask
        return self._make(arcs, stops=any(self._stops[one] for one in sets))

    def both(self, one: Digits, other: Digits) -> Digits:
        """Whole texts that are, or begin, like one of the other set."""
        if one == other or not one or self._stops[other]:
            return one
        if not other:
            return NOTHING
        found = self._boths.get((one, other))
        if found is None:
            arcs = [
                (mask & signs, self.both(then, there))
                for mask, then in self._arcs[one]
                for signs, there in self._arcs[other]
                if mask & signs
            ]
            found = self._boths[one, other] = self._make(arcs)
        return found

    def without(self, one: Digits, other: Digits) -> Digits:
        """Whole texts that neither are nor begin like one of the other set."""
        if not one or not other:
            return one
        if one == other or self._stops[other]:
            return NOTHING
        found = self._withouts.get((one, other))
        if found is None:
            arcs = []
            for mask, then in self._arcs[one]:
                for signs, there in self._arcs[other]:
                    if common := mask & signs:
                        arcs.append((common, self.without(then, there)))
                        mask &= ~signs
                arcs.append((mask, then))
            found = self._withouts[one, other] = self._make(arcs)
        return found

    def after(self, digits: str, one: Digits, other: Digits) -> Digits:
        """Whole texts that begin, with these digits in front, with no other of the beginnings than those digits."""
        for digit in digits[:-1]:
            other = self._next(other, digit)
            if self._stops[other]:
                return NOTHING
        return self.without(one, self._make(self._arcs[self._next(other, digits[-1])]))

    def _next(self, one: Digits, digit: str) -> Digits:
        return next((then for mask, then in self._arcs[one] if mask >> int(digit) & 1), NOTHING)

    def _make(self, arcs: Iterable[_Arc], *, stops: bool = False) -> Digits:
        signs: dict[Digits, int] = {}
        for mask, then in arcs:
            if mask and then:
                signs[then] = signs.get(then, 0) | mask
        key = (stops, frozenset(signs.items()))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = Digits(len(self._arcs))
            lengths = int(stops)
            for then, mask in signs.items():
                lengths |= self._lengths[then] << (mask != _END)
            self._stops.append(stops)
            self._arcs.append([(mask, then) for then, mask in signs.items()])
            self._lengths.append(lengths)
        return made

    def _step(self, arc: _Arc) -> Digits:
        """What there is behind one arc."""
        made = self._steps.get(arc)
        if made is None:
            made = self._steps[arc] = self._make([arc])
        return made

    def _either(self, one: Digits, other: Digits) -> Digits:
        if one == other or not other:
            return one
        if not one:
            return other
        key = (one, other) if one < other else (other, one)
        found = self._eithers.get(key)
        if found is None:
            arcs = []
            taken = 0
            for mask, then in self._arcs[one]:
                for signs, there in self._arcs[other]:
                    if common := mask & signs:
                        arcs.append((common, self._either(then, there)))
                        mask &= ~signs
                        taken |= common
                arcs.append((mask, then))
            arcs += [(signs & ~taken, there) for signs, there in self._arcs[other]]
            stops = self._stops[one] or self._stops[other]
            found = self._eithers[key] = self._make(arcs, stops=stops)
        return found

    def _within(self, one: Digits, lengths: int) -> Digits:
        """Whole texts of these lengths, a bit for each."""
        if not self._lengths[one] & ~lengths:
            return one
        if not self._lengths[one] & lengths:
            return NOTHING
        return self._make(
            [(mask, self._within(then, lengths >> (mask != _END))) for mask, then in self._arcs[one]]
        )

    # ----------------------------------------------------------------------------------- patterns, read from their end

    def _matched(self, pattern: str, then: Digits) -> Digits:
        tokens = _TOKENS.findall(pattern)
        if "".join(tokens) != pattern or tokens.count(")") != sum(map(tokens.count, _OPENING)):
            raise ValueError(pattern)
        return self._alternatives(tokens, len(tokens), then)[0]

    def _alternatives(self, tokens: Sequence[str], at: int, then: Digits) -> tuple[Digits, int]:
        """What stands between an opening parenthesis and there, and then another; where it begins."""
        found = []
        row = then
        while at and tokens[at - 1] not in _OPENING:
            if tokens[at - 1] == "|":
                found.append(row)
                row, at = then, at - 1
            else:
                row, at = self._item(tokens, at, row)
        return self.either(*found, row) if found else row, at

    def _item(self, tokens: Sequence[str], at: int, then: Digits) -> tuple[Digits, int]:
        """What the last item before there matches, and then another; where it begins."""
        counts = _counts(tokens[at - 1])
        few, many = counts or (1, 1)
        last = at - 2 if counts else at - 1
        found, begin = then, last
        for turn in range(many):
            if tokens[last] == ")":
                taken, opening = self._alternatives(tokens, last, found)
                begin = opening - 1
            else:
                taken = self._step((_signs(tokens[last]), found))
            found = self.either(taken, then) if turn < many - few else taken
        return found, begin

    # ------------------------------------------------------------------------------------------------ patterns, written

    def pattern(self, one: Digits) -> str:
        """The pattern of whole texts. It takes back nothing that it took."""
        return _Writing(self._arcs, self._end).between(one, self._end) if one else _NONE


class _Writing:
    """Writes sets as a pattern, whose ways part where a digit tells them apart, and are one again where they meet."""

    def __init__(self, arcs: Sequence[Sequence[_Arc]], end: Digits) -> None:
        self._all, self._end = arcs, end
        self._arcs: dict[Digits, list[_Arc]] = {end: []}
        self._texts = {end: 1}
        self._meets = {end: end}

    def between(self, one: Digits, until: Digits) -> str:
        """The pattern of the ways from one to another that all of them pass."""
        self._look(one)
        written = ""
        while one != until:
            if len(self._arcs[one]) == 1:
                digits, one = self._along(*self._arcs[one][0], until)
                written += digits
            else:
                meet = self._meets[one]
                written += f"(?:{'|'.join(self._way(signs, then, meet) for signs, then in self._arcs[one])})"
                one = meet
        return written

    def _way(self, signs: int, then: Digits, until: Digits) -> str:
        if signs == _END:
            return ""
        digits, then = self._along(signs, then, until)
        return digits + self.between(then, until)

    def _along(self, signs: int, then: Digits, until: Digits) -> tuple[str, Digits]:
        """The pattern of digits that are any of the same, one after another; and what comes next."""
        few = 1
        while then != until and self._signs(then) == [signs]:
            few, then = few + 1, self._arcs[then][0][1]
        many, last = few, then
        while last != until and self._signs(last) == [signs, _END]:
            many, last = many + 1, self._arcs[last][0][1]
        return _repeated(signs, few, many if last == self._end else few), last if last == self._end else then

    def _signs(self, one: Digits) -> list[int]:
        return [signs for signs, _ in self._arcs[one]]

    def _look(self, one: Digits) -> None:
        """Take note of what may come next, that of the most texts first, and of where all its ways meet."""
        if one in self._meets:
            return
        texts: dict[_Arc, int] = {}
        meet = NOTHING
        for signs, then in self._all[one]:
            if signs == _END:
                then = self._end
            self._look(then)
            texts[signs, then] = 0 if signs == _END else signs.bit_count() * self._texts[then]
            meet = self._meeting(meet or then, then)
        self._arcs[one] = sorted(texts, key=texts.__getitem__, reverse=True)
        self._texts[one] = sum(texts.values()) + (_END in self._signs(one))
        self._meets[one] = meet

    def _meeting(self, one: Digits, other: Digits) -> Digits:
        while one != other:
            if one > other:
                one = self._meets[one]
            else:
                other = self._meets[other]
        return one


@cache
def _counts(sign: str) -> tuple[int, int] | None:
    """How often what is before it is repeated, at least and at most; None if it does not say."""
    if sign == "?":
        return 0, 1
    if sign[0] != "{":
        return None
    few, _, many = sign[1:-1].partition(",")
    return int(few), int(many or few)


@cache
def _signs(sign: str) -> int:
    """The bits of what it stands for."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    signs = 0
    for first, last in _RANGES.findall(sign):
        signs |= (2 << int(last or first)) - (1 << int(first))
    return signs


@cache
def _repeated(signs: int, few: int, many: int) -> str:
    """The pattern of digits that are any of some, so often."""
    # a category is compiled faster than a class, and read slower
    digit = r"\d" if signs == _ANY and many <= _FEW else _class(signs)
    if few < many:
        return f"{digit}{{{few},{many}}}+"
    return digit * few if few < _FEW else f"{digit}{{{few}}}+"


@cache
def _class(signs: int) -> str:
    """The pattern of one digit that is any of some."""
    found = ""
    for run in re.finditer("1+", f"{signs:010b}"[::-1]):
        first, last = run.start(), run.end() - 1
        found += f"{first}" if first == last else f"{first}{'-' * (last - first > 1)}{last}"
    return f"[{found}]" if len(found) > 1 else found
