"""What an answer amounts to, so that equal answers in other words are known to be equal and different ones to differ."""

import re
from dataclasses import dataclass
from typing import Literal

from qa.claims.words import WORD, stem
from qa.evaluation.squad import normalise

Sort = Literal["number", "date", "name", "text"]
"""What a span looks like."""

_ONES_LIST = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_TENS_LIST = "twenty thirty forty fifty sixty seventy eighty ninety"
_TIMES_LIST = """january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday today tomorrow yesterday noon midnight morning evening night dawn dusk spring
summer autumn winter christmas easter"""
_SPANS_LIST = "second seconds minute minutes hour hours day days week weeks month months year years decade decades"
_LEADING_LIST = "of the a an about some around at least most more less than nearly almost over under only up to"
_DATE_LEADING_LIST = "in since by until from early late"
_OPENING_LIST = """the a an its his her their our my this that these those we i you he she it they some many several in on at
by for to from of and but or if when as with no not nobody there here both all each every one two three"""
_TITLES_LIST = """president minister prime mr mrs ms dr doctor professor judge mayor general colonel captain sir king queen
director chief secretary governor senator inspector spokesman spokeswoman foreign defence defense interior"""
_ONES = _ONES_LIST.split()
_TENS = dict(zip(_TENS_LIST.split(), range(20, 100, 10), strict=True))
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12}
_PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "dozen": 12.0}
_SMALL = {word: float(number) for number, word in enumerate(_ONES)} | {word: float(n) for word, n in _TENS.items()}
_NOTHING = re.compile(r"\b(?:none|nobody|no one|nothing|not (?:a single|one|any|paid))\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")

_TIMES = frozenset(_TIMES_LIST.split())
_RELATIVE = re.compile(
    r"\b(?:this|next|last|end of the|beginning of the|later this|earlier this|end of) (?:year|month|week)\b|\b(?:never)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_CLOCK = re.compile(r"\b\d{1,2}(?:[.:]\d\d)? ?(?:[ap]\.?m\b|o'clock)|\b\d{1,2}:\d\d\b", re.IGNORECASE)
_SPANS = frozenset(_SPANS_LIST.split())
_MONEY = re.compile(r"[$€£¥₽]|\b(?:dollars?|euros?|pounds?|cents?|yen|kroner|francs?|marks?|crowns?|rubles?|talers?)\b")
_PERCENT = re.compile(r"%|\bper ?cent\b|\bpercent\b|\bpercentage points?\b")
_LEADING = frozenset(_LEADING_LIST.split())
_DATE_LEADING = _LEADING | set(_DATE_LEADING_LIST.split())
_OPENING = frozenset(_OPENING_LIST.split())
_TITLES = frozenset(_TITLES_LIST.split())


@dataclass(frozen=True, slots=True)
class Value:
    """What a span amounts to.

    Attributes:
        sort: what it looks like.
        key: equal for equal values of one sort.
        unit: of a number: ``money``, ``percent``, ``time``, the stem of the noun counted, or empty if that is not told.
    """

    sort: Sort
    key: str
    unit: str = ""


def value_of(text: str, start: int, end: int) -> Value:
    """The value of the characters ``[start, end)`` of ``text``; the words after them may tell the unit."""
    span = text[start:end]
    words = [word.lower() for word in WORD.findall(span)]
    unit = _unit(span, text[end : end + 60])
    if _is_date(span, words) and unit != "time":
        return Value("date", _date_key(span, words))
    number = amount(span, text[end : end + 20])
    if number is not None:
        return Value("number", f"{number:.10g}", unit)
    if _is_name(span):
        return Value("name", normalise(span))
    return Value("text", normalise(span))


def amount(span: str, following: str = "") -> float | None:
    """The number that ``span`` gives, in digits or in words ("two million", "a tenth", "none"); ``None`` if it gives none.

    ``following`` is what comes after it, where a scale ("million") may stand.
    """
    if _NOTHING.search(span):
        return 0.0
    found = _DIGITS.search(span)
    if found is not None:
        number = float(found.group().replace(",", ""))
        rest = (span[found.end() :] + following).split()
        scale = _SCALES.get(rest[0].strip(".,;\"'”").lower()) if rest else None
        return number * scale if scale is not None else number
    words = WORD.findall(span.replace("-", " ").lower())
    total, current, seen = 0.0, 0.0, False
    for word in [*words, *(part.lower() for part in WORD.findall(following)[:1] if part.lower() in _SCALES and words)]:
        if word in _SMALL:
            current, seen = current + _SMALL[word], True
        elif word in _SCALES and (seen or word != words[0] or len(words) <= 2):
            current = (current if seen else 1.0) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
            seen = True
        elif word.rstrip("s") in _PARTS and not (current and word == "second"):
            current = (current if seen else 1.0) * _PARTS[word.rstrip("s")]
            seen = True
        elif seen and word not in {"and", "a", "an"}:
            break
    return total + current if seen else None


def equal(one: Value, other: Value) -> bool:
    """Whether two values are the same: equal numbers, dates that do not exclude each other, one name within the other."""
    if one.sort == "number" and other.sort == "number":
        return one.key == other.key
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


def comparable(one: Value, other: Value) -> bool:
    """Whether two values can answer one question: of one sort, and numbers of units that are not known to differ."""
    if one.sort == "number" and other.sort == "number":
        classes = {unit for unit in (one.unit, other.unit) if unit in {"money", "percent", "time"}}
        parts = "percent" in classes and all(float(v.key) <= 1.0 or v.unit == "percent" for v in (one, other))
        alike = not classes or one.unit == other.unit or "" in (one.unit, other.unit)
        return parts or (len(classes) < 2 and alike)
    if one.sort == other.sort == "date":
        return True
    if {one.sort, other.sort} == {"number", "date"}:
        # "three weeks" and "until the end of the year" both tell how long.
        return "time" in (one.unit, other.unit)
    return not {"number", "date"} & {one.sort, other.sort}


def _is_name(span: str) -> bool:
    """Whether there is a capital that the start of a sentence does not explain, or nothing but a capitalised word."""
    words = WORD.findall(span)
    while words and words[0].lower() in _OPENING:
        words = words[1:]
    return any(word[0].isupper() for word in words)


def _is_date(span: str, words: list[str]) -> bool:
    if any(word in _TIMES and (word != "may" or "May" in span) for word in words) or _RELATIVE.search(span):
        return True
    if _CLOCK.search(span):
        return True
    rest = [word for word in words if word not in _DATE_LEADING]
    return len(rest) == 1 and _YEAR.fullmatch(rest[0]) is not None


def _date_key(span: str, words: list[str]) -> str:
    parts = [word for word in words if word in _TIMES or word.isdigit()]
    relative = [match.group().lower().replace(" ", "-") for match in _RELATIVE.finditer(span)]
    return " ".join(sorted({*(part.lstrip("0") or part for part in parts), *relative}))


def _unit(span: str, following: str) -> str:
    reach = (span + following).split("\n", 1)[0]
    found = _DIGITS.search(span)
    # Only what comes right after the figure, so that the unit of a later figure is not taken.
    tail = reach[found.end() if found else 0 :]
    near = " ".join(tail.split()[:3])
    if _MONEY.search(span) or _MONEY.search(near):
        return "money"
    if _PERCENT.search(span) or _PERCENT.search(near):
        return "percent"
    counted = [word.lower() for word in WORD.findall(near)]
    for word in counted:
        if word in _SPANS:
            return "time"
    if re.match(r"\s*[.,;:!?\"”)]", reach[len(span) :]) and len(WORD.findall(span)) < 2:
        return ""
    others = _LEADING | _SMALL.keys() | _SCALES.keys() | _PARTS.keys()
    nouns = [word for word in counted if word not in others]
    return stem(nouns[0]) if nouns else ""


def _name_words(key: str) -> set[str]:
    words = {word for word in key.split() if word not in _LEADING}
    plain = words - _TITLES
    return plain if plain else words
