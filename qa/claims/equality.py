"""Whether two values are the same, in whatever words, and whether both can answer one question."""

import math
import re

from qa.claims.dates import LEADING, comparable_dates, same_date
from qa.claims.values import UNIT_CLASSES, Value

_TITLES_LIST = """president minister prime mr mrs ms dr doctor professor judge mayor general colonel captain sir king queen
director chief secretary governor senator inspector spokesman spokeswoman foreign defence defense interior"""
_TITLES = frozenset(_TITLES_LIST.split())
_MEASURES: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("km", "kilometr", "kilomet"), ("length", 1000.0)),
    **dict.fromkeys(("metr", "met", "m"), ("length", 1.0)),
    **dict.fromkeys(("centimetr", "centimet", "cm"), ("length", 0.01)),
    **dict.fromkeys(("mil", "mi"), ("length", 1609.344)),
    **dict.fromkeys(("foot", "feet", "ft"), ("length", 0.3048)),
    **dict.fromkeys(("tonn", "ton"), ("weight", 1000.0)),
    **dict.fromkeys(("kilo", "kilogram", "kilogramm", "kg"), ("weight", 1.0)),
    **dict.fromkeys(("lb", "lbs"), ("weight", 0.45359237)),
    **dict.fromkeys(("gram", "gramm"), ("weight", 0.001)),
    **dict.fromkeys(("hectar",), ("area", 10_000.0)),
    "acr": ("area", 4046.86),
    "m/s": ("speed", 1.0),
    "km/h": ("speed", 1 / 3.6),
    "mph": ("speed", 0.44704),
    "knot": ("speed", 1.852 / 3.6),
}
"""The stems of units of measure, what they measure, and how much one is."""
_SPELLED = {"st": "saint", "mt": "mount"}
_FURTHEST = 100.0
"""Largest quotient of two numbers of which one has no unit that can answer one question."""
_NEAR = 0.05
"""By what share a number may differ from one that is only about right."""
_LEAST_STEM = 4
_ROMAN = re.compile(r"[ivxlcdm]+")
_ENDINGS_OF_PEOPLE = frozenset({"n", "an", "ns", "ans", "i", "ian", "ese", "s"})
_SAME_SHARE = 0.01
"""By how much less than this a share may differ from a fraction in words that is the same."""
_SAME_TIME = 0.02
"""By what share one span of time may differ from another that is the same in other units."""


def equal(one: Value, other: Value) -> bool:
    """Whether two values are the same: equal numbers, dates that do not exclude each other, one name within the other."""
    if one.sort == "number" and other.sort == "number":
        return _equal_numbers(one, other)
    if one.sort == "date" and other.sort == "date":
        return same_date(one.key, other.key)
    if {one.sort, other.sort} == {"number", "date"}:
        # "1000" alone may be a year or a number; beside "1,000" it is a number.
        return one.key == other.key
    if "number" in (one.sort, other.sort) or "date" in (one.sort, other.sort):
        return False
    if one.key == other.key:
        return True
    mine, yours = _name_words(one.key), _name_words(other.key)
    if one.sort == "name" and other.sort == "name":
        return bool(mine) and bool(yours) and (mine <= yours or yours <= mine or _same_people(one.key, other.key))
    # Titles tell names apart from the rest of a naming; without a name they are all there is.
    shorter, longer = sorted(({w for w in value.key.split() if w not in LEADING} for value in (one, other)), key=len)
    return bool(shorter) and shorter <= longer


def _equal_numbers(one: Value, other: Value) -> bool:
    if _told_apart(one, other):
        return False
    if one.hours and other.hours:
        # Three months and ninety days are the same, as nobody counts the days of a month; 100 days and 101 are not.
        return _close(one.hours, other.hours) if _loosely_told(one, other) else math.isclose(one.hours, other.hours)
    if (measured := _measures(one, other)) is not None and _MEASURES[one.unit] != _MEASURES[other.unit]:
        return _close(*measured)
    return one.key == other.key or _same_share(one, other) or _nearly(one, other)


def _told_apart(one: Value, other: Value) -> bool:
    """Whether both tell what they measure, or their currency, and that differs: 500 kg is not 500 km, nor $5 €5."""
    mine, yours = (value.unit if value.unit in UNIT_CLASSES else _measured(value.unit) for value in (one, other))
    return ("" not in (mine, yours) and mine != yours) or (
        "" not in (one.currency, other.currency) and one.currency != other.currency
    )


def _measured(unit: str) -> str:
    """What is measured in a unit; empty where that is not known."""
    return _MEASURES[unit][0] if unit in _MEASURES else ""


def _loosely_told(one: Value, other: Value) -> bool:
    """Whether two spans of time are told in different units, or one of them as only about right or a bound."""
    # How many hours one is; of "no years and two months" that is not told.
    mine, yours = (value.hours / number if (number := float(value.key)) else 0.0 for value in (one, other))
    return one.rough or other.rough or not math.isclose(mine, yours, rel_tol=1e-6)


def _same_people(one: str, other: str) -> bool:
    """Whether one name is the other with an ending: Tuvara and the Tuvaran, but not Henry VII and Henry VIII."""
    *mine, one = one.split()
    *yours, other = other.split()
    if mine != yours or (_ROMAN.fullmatch(one) is not None and _ROMAN.fullmatch(other) is not None):
        return False
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _LEAST_STEM and longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS_OF_PEOPLE


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_TIME * max(one, other)


def _measures(one: Value, other: Value) -> tuple[float, float] | None:
    """Both numbers in one unit, where both measure the same in units that are known."""
    mine, yours = _MEASURES.get(one.unit), _MEASURES.get(other.unit)
    if mine is None or yours is None or mine[0] != yours[0]:
        return None
    return float(one.key) * mine[1], float(other.key) * yours[1]


def _same_share(one: Value, other: Value) -> bool:
    """Whether two numbers are one share; two thirds and 66 per cent are, but not 4.5 and 5.2 per cent."""
    if one.share is None or other.share is None:
        return False
    if one.fraction or other.fraction:
        return abs(one.share - other.share) < _SAME_SHARE
    return math.isclose(one.share, other.share)


def _nearly(one: Value, other: Value) -> bool:
    """Whether two numbers, one of which is only about right, lie near each other."""
    first, second = float(one.key), float(other.key)
    return (one.about or other.about) and abs(first - second) <= _NEAR * max(first, second)


def comparable(one: Value, other: Value) -> bool:
    """Whether two values can answer one question: of one sort, and numbers of units that are not known to differ."""
    if one.sort == "number" and other.sort == "number":
        if _measures(one, other) is not None or "0" in (one.key, other.key):
            return True
        classes = {unit for unit in (one.unit, other.unit) if unit in UNIT_CLASSES}
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


def of_one_sort(one: Value, other: Value) -> bool:
    """Whether two values are told alike, so that one can speak against the other: not a weekday and a day of the month, nor a
    date and how long something took."""
    if one.sort == other.sort == "date":
        return comparable_dates(one.key, other.key)
    return one.sort == other.sort


def _same_order(one: Value, other: Value) -> bool:
    """Whether one number can stand where the other does: not four beside 900 million."""
    first, second = sorted(float(value.key) for value in (one, other))
    return (
        first <= 0 or one.unit == other.unit != "" or "percent" in (one.unit, other.unit) or second / first <= _FURTHEST
    )


def _name_words(key: str) -> set[str]:
    words = {_SPELLED.get(word, word) for word in key.split() if word not in LEADING}
    plain = words - _TITLES
    return plain if plain else words
