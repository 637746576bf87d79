"""What an answer amounts to, so that equal answers in other words are known to be equal and different ones to differ."""

import re
from dataclasses import dataclass
from typing import Literal

from qa.claims.amounts import DIGITS, ONE_SPAN, ORDINAL_SPAN, PARTS, SCALES, SMALL, amount, share_of, span_hours
from qa.claims.clock import bare_hour, clock_around
from qa.claims.dates import LEADING, SPANS, clock_key, date_key, day_of_month, is_date
from qa.claims.words import WORD, stem
from qa.evaluation.squad import normalise

Sort = Literal["number", "date", "name", "text"]
"""What a span looks like."""

_OPENING_LIST = """the a an its his her their our my this that these those we i you he she it they some many several in on at
by for to from of and but or if when as with no not nobody there here both all each every one two three"""
_TITLES_LIST = """president minister prime mr mrs ms dr doctor professor judge mayor general colonel captain sir king queen
director chief secretary governor senator inspector spokesman spokeswoman foreign defence defense interior"""

_MONEY = re.compile(
    r"[$€£¥₽₹]|\b(?:dollars?|euros?|pounds?|cents?|yen|yuan|kron[aeo]r?|francs?|marks?|crowns?|roubles?|rubles?|talers?|pesos?"
    r"|rupees?|guilders?|zlotys?|liras?|lire|dinars?|dirhams?|reais|rand|shekels?|pence|usd|eur|gbp)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"%|\bper ?cent\b|\bpercent\b|\bpercentage points?\b")
_ABOUT_WORDS = r"(?:about|around|some|roughly|approximately|nearly|almost|close to)"
_ABOUT = re.compile(rf"\b{_ABOUT_WORDS}\s+$", re.IGNORECASE)
_ABOUT_WITHIN = re.compile(rf"{_ABOUT_WORDS}\b", re.IGNORECASE)
_SAME_TIME = 0.02
"""By what share one span of time may differ from another that is the same in other units."""
_NEAR = 0.05
"""By what share a number may differ from one that is only about right."""
_UNIT_ENDS_LIST = """on in at to from by for with had have has was were is are be been and or but that which who while as since
after before per not so when where because if will would could than said says"""
_UNIT_ENDS = frozenset(_UNIT_ENDS_LIST.split())
_UNIT_SKIPPED_LIST = """more other new further additional such its his her their our these those badly st nd rd th few several
now then today them alone nothing"""
_UNIT_SKIPPED = frozenset(_UNIT_SKIPPED_LIST.split())
_UNIT_CLASSES = frozenset({"money", "percent", "time"})
_MEASURES: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("km", "kilometr", "kilomet"), ("length", 1000.0)),
    **dict.fromkeys(("metr", "met"), ("length", 1.0)),
    **dict.fromkeys(("centimetr", "centimet", "cm"), ("length", 0.01)),
    "mil": ("length", 1609.344),
    **dict.fromkeys(("foot", "feet"), ("length", 0.3048)),
    **dict.fromkeys(("tonn", "ton"), ("weight", 1000.0)),
    **dict.fromkeys(("kilo", "kilogram", "kilogramm", "kg"), ("weight", 1.0)),
    **dict.fromkeys(("gram", "gramm"), ("weight", 0.001)),
    **dict.fromkeys(("hectar",), ("area", 10_000.0)),
    "acr": ("area", 4046.86),
}
"""The stems of units of measure, what they measure, and how much one is."""
_LONG = 9
_FURTHEST = 100.0
"""Largest quotient of two numbers of which one has no unit that can answer one question."""
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
    "around",
)
_OPENING = frozenset(_OPENING_LIST.split())
_TITLES = frozenset(_TITLES_LIST.split())


@dataclass(frozen=True, slots=True)
class Value:
    """What a span amounts to.

    Attributes:
        sort: what it looks like.
        key: equal for equal values of one sort.
        unit: of a number: ``money``, ``percent``, ``time``, the stem of the noun counted, or empty if that is not told.
        about: whether a number is said to be only about right.
        hours: how long a number of days or years is; 0 when that is not told.
    """

    sort: Sort
    key: str
    unit: str = ""
    about: bool = False
    hours: float = 0.0


def value_of(text: str, start: int, end: int) -> Value:
    """The value of the characters ``[start, end)`` of ``text``; the words after them may tell the unit."""
    span = text[start:end]
    words = [word.lower() for word in WORD.findall(span)]
    unit = _unit(span, text[end : end + 60])
    if is_date(span, words) and unit != "time":
        return Value("date", date_key(span, words))
    number = amount(span, text[end : end + 20])
    if number is not None and len(words) < _LONG:
        if number == 0 and unit not in _UNIT_CLASSES:
            unit = ""  # "nothing" is none of whatever is counted
        about = _ABOUT.search(text[max(0, start - 24) : start]) or _ABOUT_WITHIN.match(span)
        hours = number * span_hours(span + text[end : end + 20]) if unit == "time" else 0.0
        return Value("number", f"{number:.10g}", unit, about is not None, hours)
    if _is_name(span):
        return Value("name", normalise(span))
    return Value("text", normalise(span))


def time_of(text: str, start: int, end: int) -> Value:
    """As :func:`value_of` for an answer to when something happened, where "eight" is an hour and "the sixth" a day."""
    value = value_of(text, start, end)
    if value.sort == "date":
        return value
    minutes = clock_around(text, start, end)
    words = text[start:end].lower()
    for lead in _BEFORE_HOUR:
        words = words.removeprefix(f"{lead} ")
    if minutes is None and value_of(text, end - len(words), end).unit in {"", "time"}:
        minutes = bare_hour(words)
    if minutes is not None and len(words.split()) < _LONG:
        return Value("date", clock_key(minutes))
    day = day_of_month(words)
    return value if day is None else Value("date", day)


def equal(one: Value, other: Value) -> bool:
    """Whether two values are the same: equal numbers, dates that do not exclude each other, one name within the other."""
    if one.sort == "number" and other.sort == "number":
        shares = _as_share(one), _as_share(other)
        if one.hours and other.hours:
            # Three months and ninety days are the same, as nobody counts the days of a month.
            return _close(one.hours, other.hours)
        if (measured := _measures(one, other)) is not None and one.unit != other.unit:
            return _close(*measured)
        return one.key == other.key or _same_share(*shares) or _nearly(one, other)
    if one.sort == "date" and other.sort == "date":
        mine, yours = set(one.key.split()), set(other.key.split())
        return bool(mine & yours) and (mine <= yours or yours <= mine)
    if {one.sort, other.sort} == {"number", "date"}:
        # "1000" alone may be a year or a number; beside "1,000" it is a number.
        return one.key == other.key
    if "number" in (one.sort, other.sort) or "date" in (one.sort, other.sort):
        return False
    if one.key == other.key:
        return True
    mine, yours = _name_words(one.key), _name_words(other.key)
    if one.sort == "name" and other.sort == "name":
        return bool(mine) and bool(yours) and (mine <= yours or yours <= mine)
    shorter, longer = sorted((mine, yours), key=len)
    return bool(shorter) and shorter <= longer


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_TIME * max(one, other)


def _measures(one: Value, other: Value) -> tuple[float, float] | None:
    """Both numbers in one unit, where both measure the same in units that are known."""
    mine, yours = _MEASURES.get(one.unit), _MEASURES.get(other.unit)
    if mine is None or yours is None or mine[0] != yours[0]:
        return None
    return float(one.key) * mine[1], float(other.key) * yours[1]


def _same_share(one: float | None, other: float | None) -> bool:
    """Whether two shares are the same; two thirds and 66 per cent are."""
    return one is not None and other is not None and abs(one - other) < 0.01


def _nearly(one: Value, other: Value) -> bool:
    """Whether two numbers, one of which is only about right, lie near each other."""
    first, second = float(one.key), float(other.key)
    return (one.about or other.about) and abs(first - second) <= _NEAR * max(first, second)


def _as_share(value: Value) -> float | None:
    """The share that a number in percent or below one is, in 0..1, to a thousandth."""
    number = float(value.key)
    if value.unit == "percent":
        return round(number if _is_part(number) else number / 100, 3)
    return round(number, 3) if _is_part(number) and value.unit not in {"money", "time"} else None


def _is_part(number: float) -> bool:
    return 0 < number < 1


def comparable(one: Value, other: Value) -> bool:
    """Whether two values can answer one question: of one sort, and numbers of units that are not known to differ."""
    if one.sort == "number" and other.sort == "number":
        if _measures(one, other) is not None or "0" in (one.key, other.key):
            return True
        classes = {unit for unit in (one.unit, other.unit) if unit in _UNIT_CLASSES}
        if not _same_order(one, other):
            return False
        parts = "percent" in classes and all(float(v.key) <= 1.0 or v.unit == "percent" for v in (one, other))
        alike = not classes or one.unit == other.unit or "" in (one.unit, other.unit)
        return parts or (len(classes) < 2 and alike)
    if one.sort == other.sort == "date":
        return True
    if {one.sort, other.sort} == {"number", "date"}:
        # "three weeks" and "until the end of the year" both tell how long.
        return "time" in (one.unit, other.unit)
    return not {"number", "date"} & {one.sort, other.sort}


def _same_order(one: Value, other: Value) -> bool:
    """Whether one number can stand where the other does: not four beside 900 million."""
    first, second = sorted(float(value.key) for value in (one, other))
    return (
        first <= 0 or one.unit == other.unit != "" or "percent" in (one.unit, other.unit) or second / first <= _FURTHEST
    )


def _is_name(span: str) -> bool:
    """Whether there is a capital that the start of a sentence does not explain, or nothing but a capitalised word."""
    words = WORD.findall(span)
    while words and words[0].lower() in _OPENING:
        words = words[1:]
    return any(word[0].isupper() for word in words)


def _unit(span: str, following: str) -> str:
    reach = (span + following).split("\n", 1)[0]
    if share_of(span) is not None:
        return "percent"
    found = DIGITS.search(span)
    # Only what comes right after the figure, so that the unit of a later figure is not taken.
    tail = reach[found.end() if found else 0 :]
    near = " ".join(re.split(r"[,;:.!?()\"”](?!\d)", tail)[0].split()[:3])
    if _PERCENT.search(span) or _PERCENT.match(near.removeprefix("and a half ")):
        return "percent"
    if _MONEY.search(span):
        return "money"
    nouns = _counted(near, within=found is None and len(WORD.findall(span)) > 1)
    if nouns and _MONEY.fullmatch(nouns[0]):
        return "money"
    if not nouns and (part := amount(span)) is not None and _is_part(part):
        return "percent"
    if (nouns and nouns[0] in SPANS) or ORDINAL_SPAN.search(span) or ONE_SPAN.search(span):
        return "time"
    return stem(nouns[0]) if nouns else ""


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


def _name_words(key: str) -> set[str]:
    words = {word for word in key.split() if word not in LEADING}
    plain = words - _TITLES
    return plain if plain else words
