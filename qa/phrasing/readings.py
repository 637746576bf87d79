"""The numbers in a text, one by one, with the words that each is written in."""

import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from qa.phrasing.numerals import (
    ADDED,
    DECADES,
    FRACTIONS,
    METRES,
    MULTIPLIED,
    PARTS,
    PERCENT_WORDS,
    SCALES,
    SOME,
    TIMES,
    VAGUE,
    Token,
    abbreviation,
    digits_value,
    words_at,
)

_QUARTERS = frozenset({"first", "second", "third", "fourth"})


class Number(NamedTuple):
    """A number.

    ``kind`` is "" or "%" for an exact one, "m" for one of metres or of an "m" that may mean millions, "several" for one like
    "dozens", "times" for one like "doubled" and "decade" for one like "1990s" or "nineties".
    """

    kind: str
    value: Fraction | str


class Reading(NamedTuple):
    """A number that is written in the tokens ``[start, after)``; its last words multiplied it by ``scale``."""

    number: Number
    scale: int
    start: int
    after: int


def readings_of(tokens: Sequence[Token]) -> Iterator[Reading]:
    """The numbers in a text of ``tokens``, in order, without those that :mod:`qa.phrasing.numbers` leaves out."""
    at = 0
    while at < len(tokens):
        reading = None if _counts_nothing(tokens, at) else _read(tokens, at)
        if reading is not None:
            yield reading
        at = at + 1 if reading is None else reading.after


def _read(tokens: Sequence[Token], at: int) -> Reading | None:
    """The number that is written from token ``at`` on, if one is."""
    word = tokens[at].word
    if word in SOME:
        return _some(tokens, at, 1, at + (2 if words_at(tokens, at + 1, 1) == ["of"] else 1))
    if word in VAGUE:
        after = at + 1
        following = words_at(tokens, after, 2)
        if following[:1] == ["of"] and following[-1] in VAGUE:
            return Reading(Number("several", Fraction(VAGUE[word] * VAGUE[following[-1]])), 1, at, after + 2)
        alone = Reading(Number("several", Fraction(VAGUE[word])), 1, at, after)
        return _some(tokens, at, VAGUE[word], after) or alone
    if word in DECADES:
        return Reading(Number("decade", Fraction(DECADES[word])), 1, at, at + 1)
    if word in TIMES:
        return Reading(Number("times", TIMES[word]), 1, at, at + 1)
    if tokens[at].kind == "digits":
        return _digits(tokens, at)
    return _part(tokens, at) or _words(tokens, at)


def _some(tokens: Sequence[Token], start: int, count: int, at: int) -> Reading | None:
    """ "several hundred thousand": the scales from ``at`` on, if there are any, make no exact number."""
    scale, after = _scale(tokens, at)
    return None if after == at else Reading(Number("several", Fraction(count * scale)), 1, start, after)


def _scale(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """What the scales from token ``at`` on multiply by, and the first token after them."""
    scale = 1
    while at < len(tokens) and tokens[at].word in SCALES:
        scale *= SCALES[tokens[at].word]
        at += 1
    return scale, at


def _digits(tokens: Sequence[Token], start: int) -> Reading:
    value = digits_value(tokens[start].text)
    at = start + 1
    if isinstance(value, str):
        return Reading(Number("", value), 1, start, at)
    following = words_at(tokens, at, 1)
    if following == ["s"] and tokens[at].joint == "" and value % 10 == 0:
        return Reading(Number("decade", value), 1, start, at + 1)
    if following and following[0] in PARTS:
        return _of_a_scale(tokens, value / PARTS[following[0]], start, at + 1)
    if at < len(tokens) and tokens[at].kind == "part" and tokens[at].joint == "":
        value += _sign_value(tokens[at])
        at += 1
    fraction, at = _and_a_fraction(tokens, at)
    value += fraction
    short = abbreviation(tokens, start, at)
    scale, at = _scale(tokens, at if short == 1 else at + 1)
    scale *= short
    fraction, at = _and_a_fraction(tokens, at)
    return _with_unit(tokens, (value + fraction) * scale, scale, start, at)


def _words(tokens: Sequence[Token], start: int) -> Reading | None:
    """A number in words: "two hundred and five", "thirty thousand", "two and a half million", "two thirds"."""
    at = start
    total, current, last, scale = Fraction(0), Fraction(0), 1, 1
    while at < len(tokens):
        begun = at > start
        fraction, after = _and_a_fraction(tokens, at) if begun else (Fraction(0), at)
        if after > at:
            # "two and a half million" adds to the two, "two million and a half" to the million.
            current, total = (current + fraction, total) if last == 1 else (current, total + fraction * last)
            at = after
            continue
        word = tokens[at].word
        joined = begun and word == "and"
        if joined:
            word = "".join(words_at(tokens, at + 1, 1))
        part = _counted_part(tokens, start, at) if begun else None
        if part is not None:
            return _of_a_scale(tokens, (total + current) * part, start, at + 1)
        if word in MULTIPLIED and not joined:
            last = MULTIPLIED[word]
            scale *= last
            if current == 0 and total > 0:  # "a thousand million"
                total *= last
            else:
                current = (current or Fraction(1)) * last
            if last >= 1000:
                total, current = total + current, Fraction(0)
        elif word in ADDED and (not begun or _continues(total, current, ADDED[word])):
            current += ADDED[word]
            last, scale = 1, 1
        else:
            break
        at += 2 if joined else 1
    return None if at == start else _with_unit(tokens, total + current, scale, start, at)


def _counted_part(tokens: Sequence[Token], start: int, at: int) -> Fraction | None:
    """What the word at ``at`` is a part of one of, if the number from ``start`` on counts it: "two thirds", "one quarter"."""
    word = tokens[at].word
    if word in PARTS:
        return Fraction(1, PARTS[word])
    if at != start + 1 or tokens[start].word != "one":
        return None
    return FRACTIONS[word] if word in FRACTIONS else Fraction(1, PARTS[f"{word}s"]) if f"{word}s" in PARTS else None


def _part(tokens: Sequence[Token], at: int) -> Reading | None:
    """A part of one: "half a million", "a quarter", "a third of them", "½"."""
    token = tokens[at]
    if token.kind == "part":
        return _of_a_scale(tokens, _sign_value(token), at, at + 1)
    # "the third quarter" is a time.
    if token.word in FRACTIONS and not (at > 0 and tokens[at - 1].word in _QUARTERS and token.word == "quarter"):
        return _of_a_scale(tokens, FRACTIONS[token.word], at, at + 1)
    if token.word in PARTS:
        return _of_a_scale(tokens, Fraction(1, PARTS[token.word]), at, at + 1)
    # "the third of May", "a third man" are ordinals.
    is_part = at > 0 and tokens[at - 1].word == "a" and words_at(tokens, at + 1, 1) == ["of"]
    if is_part and f"{token.word}s" in PARTS:
        return _of_a_scale(tokens, Fraction(1, PARTS[f"{token.word}s"]), at, at + 1)
    return None


def _sign_value(token: Token) -> Fraction:
    return Fraction(unicodedata.numeric(token.text)).limit_denominator(1000)


def _of_a_scale(tokens: Sequence[Token], part: Fraction, start: int, at: int) -> Reading:
    """A part that ends before token ``at``, of the scale that follows if one does: "half a million", "half a percent"."""
    following = at + (1 if words_at(tokens, at, 1) == ["of"] else 0)
    if words_at(tokens, following, 1) in (["a"], ["an"]):
        following += 1
    scale, after = _scale(tokens, following)
    return _with_unit(tokens, part * scale, scale, start, after if after > following or _unit(tokens, after)[0] else at)


def _and_a_fraction(tokens: Sequence[Token], at: int) -> tuple[Fraction, int]:
    """The half in "and a half", and the first token after it."""
    words = words_at(tokens, at, 3)
    if words[:2] == ["and", "a"] and words[-1] in FRACTIONS:
        return FRACTIONS[words[-1]], at + 3
    return Fraction(0), at


def _with_unit(tokens: Sequence[Token], value: Fraction, scale: int, start: int, at: int) -> Reading:
    kind, after = _unit(tokens, at)
    if words_at(tokens, at, 1) == ["m"] and tokens[start].kind == "digits" and tokens[at].text == "m":
        kind, after = "m", at + 1
    return Reading(Number(kind, value), scale, start, after)


def _unit(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The kind that the words from token ``at`` on give to a number, and the first token after them."""
    words = words_at(tokens, at, 2)
    if words == ["per", "cent"]:
        return "%", at + 2
    if words and (tokens[at].kind == "sign" or words[0] in PERCENT_WORDS):
        return "%", at + 1
    if words and words[0] in METRES:
        return "m", at + 1
    return ("times", at + 1) if words[:1] == ["fold"] else ("", at)


def _continues(total: Fraction, current: Fraction, value: Fraction) -> bool:
    """Whether ``value`` is the next part of a number: after "two hundred", "two thousand" or "thirty", not after "three"."""
    if value == 0:
        return False
    if current == 0:
        return total > 0
    last = current % 100
    return last == 0 or (last >= 20 and last % 10 == 0 and value < 10)


def _counts_nothing(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at ``at`` is a "one" that counts nothing, or only says that a list begins or goes on: "First, …"."""
    word = tokens[at].word
    after = "".join(words_at(tokens, at + 1, 1))
    if word in ("first", "second", "third"):
        return at == 0 and after == ","
    if word != "one":
        return False
    before = tokens[at - 1].word if at else ""
    if before == "at" and after in ("point", "time", "stage", "moment"):
        return True
    return before == "no" or after in ("another", "of")
