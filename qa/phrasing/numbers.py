"""The numbers in a text, by their value, so that "twelve" and "12", "30,000" and "30 thousand" are the same.

English number words and ordinals are read, and digits of every script. "one" is no number in "no one", "one another",
"one of" and "at one point", nor is an opening "First,". What a number counts is not looked at, but whether it is a percentage
is, and so is whether it says how long something is ("5m"), how many times as much, or which decade.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from qa.phrasing.numerals import Token, is_currency, tokens_of
from qa.phrasing.readings import Number, Reading, readings_of

_LINKS = frozenset({"to", "and", "or", "–"})


def numbers_in(text: str) -> set[Number]:
    """Every number in ``text``."""
    return set(_numbers(text))


@lru_cache(maxsize=64)
def _numbers(text: str) -> frozenset[Number]:
    tokens = tokens_of(text)
    alone = {
        Number("", Fraction(unicodedata.numeric(character)).limit_denominator(1000))
        for token in tokens
        if token.kind != "part"
        for character in token.text
        if unicodedata.category(character) in ("No", "Nl")
    }
    return frozenset(alone) | {reading.number for reading in _shared(list(readings_of(tokens)), tokens)}


def unknown_numbers(sentence: str, texts: Iterable[str]) -> set[Number]:
    """The numbers of ``sentence`` that stand in none of ``texts``."""
    known: set[Number] = set().union(*(numbers_in(text) for text in texts))
    return {number for number in numbers_in(sentence) if not _stands_in(number, known)}


def _stands_in(number: Number, known: set[Number]) -> bool:
    if number in known:
        return True
    if isinstance(number.value, str):
        return False
    if number.kind == "m":
        return Number("", number.value * 10**6) in known
    # The nineties are those of the last century, if it is not said.
    return number.kind == "decade" and bool(
        {Number("decade", number.value + 1900), Number("decade", number.value - 1900)} & known
    )


def _shared(readings: list[Reading], tokens: Sequence[Token]) -> list[Reading]:
    """The readings, with what the second of two is counted in given to the first too: "10-15%", "between 2 and 3 million"."""
    for place in range(len(readings) - 2, -1, -1):
        first, second = readings[place : place + 2]
        between = [token.word for token in tokens[first.after : second.start] if not is_currency(token)]
        is_range = not between and tokens[first.after].joint == "-"
        if (is_range or (len(between) == 1 and between[0] in _LINKS)) and not _is_in_name(tokens, first.start):
            before = [token.word for token in tokens[max(first.start - 2, 0) : first.start] if not is_currency(token)]
            readings[place] = _like(first, second, falls=before[-1:] == ["from"])
    return readings


def _is_in_name(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number belongs to the word before it: "G20", "F-16"."""
    return (
        at > 0 and tokens[at - 1].kind == "word" and tokens[at].joint in ("", "-") and not is_currency(tokens[at - 1])
    )


def _like(first: Reading, second: Reading, *, falls: bool) -> Reading:
    one, other = first.number.value, second.number.value
    if isinstance(one, str) or isinstance(other, str) or first.number.kind or first.scale != 1:
        return first
    # "In 2016 and 3 million": what is no range from less to more is two numbers.
    if second.number.kind not in ("", "%", "m") or not (falls or one < other / second.scale):
        return first
    return first._replace(number=Number(second.number.kind, one * second.scale), scale=second.scale)
