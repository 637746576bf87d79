"""Numbers in digits and in words, shares, and how long a span of time is."""

import re

from qa.claims.dates import ORDINALS
from qa.claims.words import WORD

_ONES_LIST = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_TENS_LIST = "twenty thirty forty fifty sixty seventy eighty ninety"
ONES = _ONES_LIST.split()
"""Numbers below twenty in words, in their order."""
_TENS = dict(zip(_TENS_LIST.split(), range(20, 100, 10), strict=True))
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12}
SHORT_SCALES = {
    "k": 1_000,
    **dict.fromkeys(("m", "mn", "mln"), 1_000_000),
    "bn": 1_000_000_000,
    "tn": 10**12,
}
"""The same right after a figure: "£5m"; without the sign of a currency "m" is for metres."""
PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "dozen": 12.0, "pair": 2.0}
_HOURS = {
    "second": 1 / 3600,
    "minute": 1 / 60,
    "hour": 1,
    "day": 24,
    "night": 24,
    "week": 168,
    "fortnight": 336,
    "month": 730.5,
}
_HOURS |= {"year": 8766, "decade": 87660}
SMALL = {word: float(number) for number, word in enumerate(ONES)} | {word: float(n) for word, n in _TENS.items()}
_NOTHING = re.compile(
    r"\b(?:none|nobody|no one|nothing|not (?:a (?:single|cent|penny|soul)|one|any|paid))\b", re.IGNORECASE
)
DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SHORT = re.compile(r"\s?(?P<scale>mn|mln|bn|tn|m|(?<!\s)k)\b", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"^\W*(?:about|around|some|nearly|almost|roughly|over|more than|fewer than|less than|only|just)\s+", re.IGNORECASE
)
_IN_ALL = re.compile(r"^\W*(?P<part>[\w-]+)\s+(?:in|out of)\s+(?:every\s+)?(?P<all>[\w-]+)\b", re.IGNORECASE)
ONE_SPAN = re.compile(r"\b(?:a|an)\s+(?:second|minute|hour|day|week|month|year|decade)\b", re.IGNORECASE)
# "A year and a half".
_AND_A_HALF = re.compile(r"\b(?:a|an|one)\s+(?:hour|day|week|month|year|decade)\s+and\s+a\s+half\b", re.IGNORECASE)
ORDINAL_SPAN = re.compile(
    rf"\b(?P<ordinal>{'|'.join(ORDINALS)})\s+(?:minute|hour|day|week|month|year)\b", re.IGNORECASE
)
_SPAN_NAMED = re.compile(rf"\b(?P<span>{'|'.join(_HOURS)})s?\b", re.IGNORECASE)
# "Two years and two months", "1 hour, 20 minutes".
_ONE_PART = rf"(?P<%s>\d+|an?|(?:[a-z]+ty-)?(?:{'|'.join(SMALL)}))\s+(?P<%s>{'|'.join(_HOURS)})s?"
_TWO_PARTS = re.compile(
    rf"\b{_ONE_PART % ('first', 'longer')}(?:,|,?\s+and)\s+{_ONE_PART % ('second', 'shorter')}\b", re.IGNORECASE
)


def hours_of(number: float, words: str) -> float:
    """How many hours ``number`` times the first span of time named in ``words`` are, with what is told beside it ("two years
    and two months"); 0 if none is named."""
    parts = _TWO_PARTS.search(words)
    if parts is None:
        return number * _span_hours(words)
    return _part_hours(parts["first"], parts["longer"]) + _part_hours(parts["second"], parts["shorter"])


def _part_hours(count: str, span: str) -> float:
    number = amount(count)
    return (1.0 if number is None else number) * _HOURS[span.lower()]  # "a month" is one


def _span_hours(words: str) -> float:
    found = _SPAN_NAMED.search(words)
    return 0.0 if found is None else float(_HOURS[found["span"].lower()])


def amount(span: str, following: str = "") -> float | None:
    """The number that ``span`` gives, in digits or in words ("two million", "a tenth", "none"); ``None`` if it gives none.

    ``following`` is what comes after it, where a scale ("million") may stand.
    """
    if _NOTHING.search(span):
        return 0.0
    if (share := share_of(span)) is not None:
        return share
    if (ordinal := ORDINAL_SPAN.search(span)) is not None:
        return ORDINALS[ordinal["ordinal"].lower()]
    if _AND_A_HALF.search(span) is not None:
        return 1.5
    found = DIGITS.search(span)
    if found is not None:
        number = float(found.group().replace(",", ""))
        if (short := _SHORT.match(span[found.end() :] + following)) is not None:
            word = short["scale"].lower()
            if word != "m" or span[: found.start()].rstrip().endswith(("$", "€", "£", "¥", "₽", "₹")):
                return number * SHORT_SCALES[word]
        rest = (span[found.end() :] + following).split()
        scale = SCALES.get(rest[0].strip(".,;\"'”").lower()) if rest else None
        return number * scale if scale is not None else number
    words = WORD.findall(span.replace("-", " ").lower())
    total, current, seen = 0.0, 0.0, False
    for word in [*words, *(part.lower() for part in WORD.findall(following)[:1] if part.lower() in SCALES and words)]:
        if word in SMALL:
            current, seen = current + SMALL[word], True
        elif word in SCALES and (seen or word != words[0] or len(words) <= 2 or words[1] == "and"):
            current = (current if seen else 1.0) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, 0.0
            seen = True
        elif word == "half" and current >= 1:
            current += 0.5
        elif word.rstrip("s") in PARTS and not (current and word == "second"):
            current = (current if seen else 1.0) * PARTS[word.rstrip("s")]
            seen = True
        elif seen and word not in {"and", "a", "an"}:
            break
    if not seen and ONE_SPAN.search(span):
        return 1.0
    return total + current if seen else None


def share_of(span: str) -> float | None:
    """The share that "seven in ten" is; ``None`` if ``span`` is nothing of the kind."""
    found = _IN_ALL.match(_ROUGHLY.sub("", span))
    if found is None:
        return None
    numbers = [_plain_number(found[name]) for name in ("part", "all")]
    part, whole = numbers
    return part / whole if part is not None and whole is not None and 0 < part <= whole and whole < 1000 else None


def _plain_number(word: str) -> float | None:
    return float(word) if word.isdigit() else SMALL.get(word.lower(), SCALES.get(word.lower()))
