"""What an answer amounts to: a number with its unit, a date, a name, or only words."""

import re
from dataclasses import dataclass
from typing import Literal

from qa.claims.amounts import (
    DIGITS,
    ONE_SPAN,
    ONES,
    ORDINAL_SPAN,
    PARTS,
    SCALES,
    SHORT_SCALES,
    SMALL,
    amount,
    hours_of,
    share_of,
)
from qa.claims.clock import bare_hour, clock_around
from qa.claims.dates import LEADING, SPANS, clock_key, date_key, day_of_month, is_date
from qa.claims.words import WORD, stem
from qa.evaluation.squad import normalise

Sort = Literal["number", "date", "name", "text"]
"""What a span looks like."""

_OPENING_LIST = """the a an its his her their our my this that these those we i you he she it they some many several in on at
by for to from of and but or if when as with no not nobody there here both all each every one two three"""

_MONEY = re.compile(
    r"[$€£¥₽₹]|\b(?:dollars?|euros?|pounds?|cents?|yen|yuan|kron[aeo]r?|francs?|marks?|crowns?|roubles?|rubles?|talers?|pesos?"
    r"|rupees?|guilders?|zlotys?|liras?|lire|dinars?|dirhams?|reais|rand|shekels?|pence|usd|eur|gbp)\b",
    re.IGNORECASE,
)
_CURRENCIES = {
    **dict.fromkeys(("$", "usd"), "dollar"),
    **dict.fromkeys(("€", "eur"), "euro"),
    **dict.fromkeys(("£", "gbp"), "pound"),
    **dict.fromkeys(("₽", "ruble"), "rouble"),
    **dict.fromkeys(("krona", "krone", "kronor", "kroner"), "crown"),
    **{"₹": "rupee", "lire": "lira", "reai": "real"},
    # Yen or yuan, and parts of several.
    **dict.fromkeys(("¥", "cent", "pence"), ""),
}
"""Words for currencies without a plural's s, where these are not the currency's name."""
_SPEEDS = {
    "km/h": r"km/h|kmh|kph|kilomet(?:re|er)s? (?:an|per) hour",
    "mph": r"mph|miles? (?:an|per) hour",
    "m/s": r"m/s|met(?:re|er)s? (?:a|per) second",
    "knot": r"knots?",
}
_SPEED = re.compile(rf"\s*\b(?:{'|'.join(rf'({pattern})' for pattern in _SPEEDS.values())})\b", re.IGNORECASE)
_PERCENT = re.compile(r"%|\bper ?cent\b|\bpercent\b|\bpercentage points?\b")
_ABOUT_WORDS = r"(?:about|around|some|roughly|approximately|nearly|almost|close to)"
_ABOUT = re.compile(rf"\b{_ABOUT_WORDS}\s+$", re.IGNORECASE)
_ABOUT_WITHIN = re.compile(rf"{_ABOUT_WORDS}\b", re.IGNORECASE)
_BOUND_WORDS = r"(?:more than|less than|fewer than|over|under|at least|at most|up to|no more than|just)"
_ROUGH = re.compile(rf"\b(?:{_ABOUT_WORDS}|{_BOUND_WORDS})\s+$", re.IGNORECASE)
_ROUGH_WITHIN = re.compile(rf"(?:{_ABOUT_WORDS}|{_BOUND_WORDS})\b", re.IGNORECASE)
_SIGNS = "$€£¥₽₹"
_TENS = r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
_NUMBER_BEFORE = re.compile(rf"\b{_TENS}-$", re.IGNORECASE)
_IN_ALL_AFTER = re.compile(
    r"\s(?:in|out of)\s(?:every\s)?(?:two|three|four|five|six|seven|eight|nine|ten|a hundred|\d{1,3})\b", re.IGNORECASE
)
_NUMBER_AFTER = re.compile(rf"(?<=ty)-(?:{'|'.join(ONES)})\b", re.IGNORECASE)
_UNIT_ENDS_LIST = """on in at to from by for with had have has was were is are be been and or but that which who while as since
after before per not so when where because if will would could than said says"""
_UNIT_ENDS = frozenset(_UNIT_ENDS_LIST.split())
_UNIT_SKIPPED_LIST = """more other new further additional such its his her their our these those badly st nd rd th few several
now then today them alone nothing"""
_UNIT_SKIPPED = frozenset(_UNIT_SKIPPED_LIST.split()) | (SHORT_SCALES.keys() - {"m"})
UNIT_CLASSES = frozenset({"money", "percent", "time"})
"""Units that exclude each other and what is counted."""
_LONG = 9
_BEFORE_HOUR = (
    "just",
    "shortly",
    "soon",
    "only",
    "at",
    "by",
    "on",
    "from",
    "until",
    "before",
    "after",
    "past",
    "about",
)
_OPENING = frozenset(_OPENING_LIST.split())


@dataclass(frozen=True, slots=True)
class Value:
    """What a span amounts to.

    Attributes:
        sort: what it looks like.
        key: equal for equal values of one sort.
        unit: of a number: ``money``, ``percent``, ``time``, the stem of the noun counted, or empty if that is not told.
        about: whether a number is said to be only about right.
        hours: how long a number of days or years is; 0 when that is not told.
        rough: whether a number is said to be only about right or a bound ("more than").
        currency: of an amount of money, empty if that is not told.
        share: the number in 0..1 that a part of something is, told in per cent or otherwise; ``None`` for other numbers.
        fraction: whether that is told as a fraction ("two thirds"), which no percentage but comes near to.
    """

    sort: Sort
    key: str
    unit: str = ""
    about: bool = False
    hours: float = 0.0
    rough: bool = False
    currency: str = ""
    share: float | None = None
    fraction: bool = False


def value_of(text: str, start: int, end: int) -> Value:
    """The value of the characters ``[start, end)`` of ``text``; the words after them may tell the unit."""
    start, end = _whole_number(text, start, end)
    span = text[start:end]
    words = [word.lower() for word in WORD.findall(span)]
    after = text[end : end + 60]
    unit = _unit(span, after)
    if is_date(span, words) and unit != "time":
        return Value("date", date_key(span, words))
    number = amount(span, text[end : end + 20])
    if number is not None and len(words) < _LONG:
        if number == 0 and unit not in UNIT_CLASSES:
            unit = ""  # "nothing" is none of whatever is counted
        about = _ABOUT.search(text[max(0, start - 24) : start]) or _ABOUT_WITHIN.match(span)
        hours = hours_of(number, span + text[end : end + 20]) if unit == "time" else 0.0
        rough = _ROUGH.search(text[max(0, start - 24) : start]) or _ROUGH_WITHIN.match(span)
        percent = _in_percent(span, _near(span, after))
        part = is_part(number) and not percent
        share = number / 100 if percent else number if part and unit not in {"money", "time"} else None
        return Value(
            "number",
            f"{number:.10g}",
            unit,
            about is not None,
            hours,
            rough is not None,
            _currency(span, _near(span, after)) if unit == "money" else "",
            share,
            fraction=part and (DIGITS.search(span) is None or share_of(span) is not None),
        )
    if _is_name(span):
        return Value("name", normalise(span))
    return Value("text", normalise(span))


def _whole_number(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the rest of a number that it cuts, as "forty" of "forty-six", "six" of "six in ten", and "5" of "£5m"."""
    if start > 0 and text[start - 1] in _SIGNS and text[start : start + 1].isdigit():
        start -= 1
    ahead, behind = _NUMBER_BEFORE.search(text, max(0, start - 9), start), _NUMBER_AFTER.match(text, end)
    start, end = start if ahead is None else ahead.start(), end if behind is None else behind.end()
    share = _IN_ALL_AFTER.match(text, end)
    return start, end if share is None or share_of(text[start : share.end()]) is None else share.end()


def time_of(text: str, start: int, end: int) -> Value:
    """As :func:`value_of` for an answer to when something happened, where "eight" is an hour and "the sixth" a day."""
    value = value_of(text, start, end)
    if value.sort == "date":
        return value
    told = clock_around(text, start, end)
    words = text[start:end].lower()
    for lead in _BEFORE_HOUR:
        words = words.removeprefix(f"{lead} ")
    if told is None and value_of(text, end - len(words), end).unit in {"", "time"}:
        hour = bare_hour(words)
        told = None if hour is None else (hour, "")
    if told is not None and len(words.split()) < _LONG:
        return Value("date", clock_key(*told))
    day = day_of_month(words)
    return value if day is None else Value("date", day)


def _is_name(span: str) -> bool:
    """Whether there is a capital that the start of a sentence does not explain, or nothing but a capitalised word."""
    words = WORD.findall(span)
    while words and words[0].lower() in _OPENING:
        words = words[1:]
    return any(word[0].isupper() for word in words)


def _unit(span: str, following: str) -> str:
    if share_of(span) is not None:
        return "percent"
    found = DIGITS.search(span)
    near = _near(span, following)
    if _in_percent(span, near):
        return "percent"
    if _MONEY.search(span):
        return "money"
    speed = _SPEED.match(near) if found else _SPEED.search(span) or _SPEED.match(following)
    if speed is not None and speed.lastindex is not None:
        return list(_SPEEDS)[speed.lastindex - 1]
    nouns = _counted(near, within=found is None and len(WORD.findall(span)) > 1)
    if nouns and _MONEY.fullmatch(nouns[0]):
        return "money"
    if not nouns and (part := amount(span)) is not None and is_part(part):
        return "percent"
    if (nouns and nouns[0] in SPANS) or ORDINAL_SPAN.search(span) or ONE_SPAN.search(span):
        return "time"
    return stem(nouns[0]) if nouns else ""


def _near(span: str, following: str) -> str:
    """The three words that come right after the figure, so that the unit of a later figure is not taken."""
    reach = (span + following).split("\n", 1)[0]
    found = DIGITS.search(span)
    tail = reach[found.end() if found else 0 :]
    return " ".join(re.split(r"[,;:.!?()\"”](?!\d)", tail)[0].split()[:3])


def _in_percent(span: str, near: str) -> bool:
    """Whether a figure is told in per cent; ``near`` is what comes right after it."""
    return _PERCENT.search(span) is not None or _PERCENT.match(near.removeprefix("and a half ")) is not None


def _currency(span: str, near: str) -> str:
    """The currency that ``span``, or what comes right after its figure, names first; empty if none is known."""
    found = _MONEY.search(span) or _MONEY.search(near)
    if found is None:
        return ""
    word = found.group().lower().removesuffix("s")
    return _CURRENCIES.get(word, word)


def _counted(near: str, *, within: bool) -> list[str]:
    """The words in lower case after a figure that may name what is counted, up to one that cannot belong to it."""
    skipped = LEADING | SMALL.keys() | SCALES.keys() | PARTS.keys() | _UNIT_SKIPPED | {"and", "a", "half"}
    found = []
    for word in (word.lower() for word in WORD.findall(near.replace("-", " "))):
        if word in _UNIT_ENDS and not (within and word == "and"):
            break
        if word not in skipped and not word.isdigit():
            found.append(word)
    return found


def is_part(number: float) -> bool:
    """Whether a number is a share of something, not all of it and not nothing."""
    return 0 < number < 1
