"""The numbers in a text, by their value, so that "twelve" and "12", "30,000" and "30 thousand" are the same.

English number words and ordinals are read, and digits of every script. "one" is no number in "no one", "one another" and
"one of". What a number counts is not looked at, but whether it is a percentage is.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

_UP_TO_19 = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_UP_TO_19TH = """
zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth
"""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_ADDED: dict[str, Fraction] = {
    **{word: Fraction(value) for value, word in enumerate(_UP_TO_19.split())},
    **{word: Fraction(value) for value, word in enumerate(_UP_TO_19TH.split())},
    **{word: Fraction(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **{f"{word[:-1]}ieth": Fraction(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)},
    "half": Fraction(1, 2),
    "twice": Fraction(2),
    "thrice": Fraction(3),
}
_MULTIPLIED: dict[str, int] = {**_SCALES, **{f"{word}th": value for word, value in _SCALES.items() if word != "dozen"}}
_VAGUE: dict[str, int] = {"tens": 10, **{f"{word}s": value for word, value in _SCALES.items()}}

_DIGITS = r"\d{1,3}(?P<gap>[,.'’\u00a0\u202f])\d{3}(?:(?P=gap)\d{3})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(rf"(?P<digits>{_DIGITS})|(?P<word>[^\W\d_]+)|(?P<sign>%)|(?P<other>\S)")
_PERCENT = {"percent", "pct"}
_LONGEST = 40  # digits; what is longer is an identifier, and converting it would take long


class Number(NamedTuple):
    """A number: ``kind`` is "" or "%" for an exact one, "several" for one like "dozens"."""

    kind: str
    value: Fraction | str


def numbers_in(text: str) -> set[Number]:
    """Every number in ``text``."""
    tokens = [(match.lastgroup or "", match.group()) for match in _tokens(text)]
    found: set[Number] = {
        Number("", Fraction(unicodedata.numeric(character)).limit_denominator(1000))
        for character in text
        if unicodedata.category(character) in ("No", "Nl")
    }
    at = 0
    while at < len(tokens):
        values, after = _read(tokens, at)
        if after == at:
            word = tokens[at][1].casefold()
            if word in _VAGUE:
                found.add(Number("several", Fraction(_VAGUE[word])))
            at += 1
            continue
        percent = _is_percent(tokens, after)
        for place, value in enumerate(values):
            found.add(Number("%" if percent and place == len(values) - 1 else "", value))
        at = after
    return found


def _tokens(text: str) -> Iterator[re.Match[str]]:
    # White space parts tokens and a hyphen between words does the same: "thirty-five".
    return (match for match in _TOKEN.finditer(text) if match.group() not in ("-", "‐", "‑"))


def _is_percent(tokens: list[tuple[str, str]], at: int) -> bool:
    following = [token.casefold() for _, token in tokens[at : at + 2]]
    return bool(following) and (following[0] == "%" or following[0] in _PERCENT or following == ["per", "cent"])


def _read(tokens: list[tuple[str, str]], at: int) -> tuple[list[Fraction | str], int]:
    """The numbers that are written from token ``at`` on without a break, and the first token after them."""
    kind, token = tokens[at]
    if kind == "digits":
        value = _digits(token)
        after = at + 1
        while isinstance(value, Fraction) and after < len(tokens) and tokens[after][1].casefold() in _SCALES:
            value *= _SCALES[tokens[after][1].casefold()]
            after += 1
        return [value], after
    if _is_pronoun(tokens, at):
        return [], at
    values: list[Fraction | str] = []
    total, current, begun = Fraction(0), Fraction(0), False
    while at < len(tokens):
        word = tokens[at][1].casefold()
        if word == "and" and begun and at + 1 < len(tokens) and _is_number_word(tokens[at + 1][1]):
            at += 1
            continue
        if word in _MULTIPLIED:
            scale = _MULTIPLIED[word]
            current = (current or Fraction(1)) * scale
            if scale >= 1000:
                total, current = total + current, Fraction(0)
        elif word in _ADDED:
            value = _ADDED[word]
            if begun and not _continues(total, current, value):
                values.append(total + current)
                total, current = Fraction(0), Fraction(0)
            current += value
        else:
            break
        begun, at = True, at + 1
    return ([*values, total + current] if begun else []), at


def _continues(total: Fraction, current: Fraction, value: Fraction) -> bool:
    """Whether ``value`` is the next part of a number: after "two hundred", "two thousand" or "thirty", not after "three"."""
    if value.denominator != 1 or value == 0:
        return False
    if current == 0:
        return total > 0
    last = current % 100
    return last == 0 or (last >= 20 and last % 10 == 0 and value < 10)


def _is_number_word(token: str) -> bool:
    return token.casefold() in _ADDED or token.casefold() in _MULTIPLIED


def _is_pronoun(tokens: list[tuple[str, str]], at: int) -> bool:
    """Whether the "one" at ``at`` counts nothing."""
    if tokens[at][1].casefold() != "one":
        return False
    before = tokens[at - 1][1].casefold() if at else ""
    after = tokens[at + 1][1].casefold() if at + 1 < len(tokens) else ""
    return before == "no" or after in ("another", "of")


def _digits(token: str) -> Fraction | str:
    """The value of a number in digits; a comma before exactly three digits parts thousands, a single full stop decimals."""
    if len(token) > _LONGEST:
        return token
    gaps = [character for character in token if not character.isdigit()]
    if not gaps:
        return Fraction(int(token))
    # "1,234.5" and "1.234,5": the last mark is the decimal one if it differs from the first, or is the only full stop.
    last = gaps[-1]
    decimals = len(token) - 1 - token.rindex(last)
    is_decimal = last in ".," and gaps.count(last) == 1 and (len(gaps) > 1 or decimals != 3 or last == ".")
    whole, part = (token[: -decimals - 1], token[-decimals:]) if is_decimal else (token, "")
    value = Fraction(int("".join(character for character in whole if character.isdigit())))
    return value + Fraction(int(part), 10 ** len(part)) if part else value
