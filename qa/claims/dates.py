"""Dates: what is one, what it amounts to, and the whole phrase of time around a part of one."""

import re

from qa.claims.clock import clock_times, half_of_day
from qa.claims.words import WORD

_TIMES_LIST = """january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday today tomorrow yesterday tonight noon midnight morning afternoon evening night
dawn dusk weekend spring summer autumn winter christmas easter"""
_SPANS_LIST = "second seconds minute minutes hour hours day days week weeks month months year years decade decades"
_LEADING_LIST = "of the a an about some around at least most more less than nearly almost over under only up to"
_DATE_LEADING_LIST = "in since by until from early late"
_ORDINALS_LIST = "first second third fourth fifth sixth seventh eighth ninth tenth"
ORDINALS = {word: float(number) for number, word in enumerate(_ORDINALS_LIST.split(), start=1)}
"""Ordinal numbers in words."""
_SHORT_MONTHS = {name[:3]: name for name in _TIMES_LIST.split()[:12] if name[:3] not in {"mar", "may"}} | {
    "sept": "september"
}
_MONTHS = frozenset(_TIMES_LIST.split()[:12])
_WEEKDAYS = frozenset(_TIMES_LIST.split()[12:19])
_TIMES = frozenset(_TIMES_LIST.split()) | _SHORT_MONTHS.keys()
_PARTS_OF_DAY_LIST = "tonight morning afternoon evening night dawn dusk"
_PARTS_OF_DAY = frozenset(_PARTS_OF_DAY_LIST.split())
_TWELVE = {"noon": "pm", "midnight": "am"}
_CLOCK, _HALF = "clock-", "half-"
_YEAR_DIGITS = 4
_ERAS = frozenset({"bc", "ad", "bce", "ce"})
_RELATIVE = re.compile(
    r"\b(?:this|next|last|end of the|beginning of the|later this|earlier this|end of) (?:year|month|week)\b|\b(?:never)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)s?\b")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.IGNORECASE)
SPANS = frozenset(_SPANS_LIST.split())
"""Words for lengths of time."""
_JOINS = frozenset({"of", "at", "in", "on"})
_PARTS_OF_TIME = frozenset({"quarter", "half", "end", "beginning", "start", "middle", "mid"})
_BESIDE_TIMES = frozenset({"week", "month", "year", "next", "last", "this", "early", "late"})
_BESIDE_DATE = 4
LEADING = frozenset(_LEADING_LIST.split())
"""Words before a figure or a date that do not change what it is."""
_DATE_LEADING = LEADING | set(_DATE_LEADING_LIST.split())


def is_date(span: str, words: list[str]) -> bool:
    """Whether ``span``, whose words in lower case are ``words``, is a date or a time of day."""
    clocks = clock_times(span)
    if clocks:
        words = _words_outside(span, clocks)
    if any(word in _TIMES and (word != "may" or "May" in span) for word in words) or _RELATIVE.search(span):
        # "Would not discuss Sunday rosters" names a day, but is none.
        return len([word for word in words if not _tells_time(word)]) < _BESIDE_DATE
    if clocks:
        return True
    if _YEAR.search(span) and all(_tells_time(word) or word in _PARTS_OF_TIME for word in words):
        return True
    rest = [word for word in words if word not in _DATE_LEADING and word not in _ERAS]
    return len(rest) == 1 and _YEAR.fullmatch(rest[0]) is not None


def date_around(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The whole phrase of time around the characters ``[start, end)``: "the spring of 2022" around "2022".

    It stays within ``[low, high)`` and is ``(start, end)`` itself where no further word of time stands beside it.
    """
    for match in reversed(list(WORD.finditer(text, low, start))):
        gap = text[match.end() : start]
        word = match.group().lower()
        if gap.strip() or not (_dated(word) or word in _JOINS):
            break
        if not _dated(word) and not _dated_before(text, low, match.start()):
            break
        start = match.start()
    for match in WORD.finditer(text, end, high):
        word = match.group().lower()
        if text[end : match.start()].strip() or not (_dated(word) or word in _JOINS):
            break
        following = WORD.search(text, match.end(), high)
        if not _dated(word) and (
            following is None or text[match.end() : following.start()].strip() or not _dated(following.group().lower())
        ):
            break
        end = match.end()
    return start, end


def _dated(word: str) -> bool:
    return (
        word in _TIMES or word in _PARTS_OF_TIME or word in _BESIDE_TIMES or (word.isdigit() and len(word) in {1, 2, 4})
    )


def _dated_before(text: str, low: int, stop: int) -> bool:
    """Whether a word of time ends right before the character ``stop``."""
    words = list(WORD.finditer(text, max(low, stop - 20), stop))
    return bool(words) and not text[words[-1].end() : stop].strip() and _dated(words[-1].group().lower())


def _tells_time(word: str) -> bool:
    if word.isdigit() or word in _TIMES or word in SPANS or word in _DATE_LEADING or word in ORDINALS:
        return True
    return word in _ERAS or _YEAR.fullmatch(word) is not None


def date_key(span: str, words: list[str]) -> str:
    """What is equal for equal dates: the words of time in ``span``, whose words in lower case are ``words``, sorted."""
    clocks = clock_times(span)
    if clocks:
        words = _words_outside(span, clocks)
    words = [re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", word) for word in words]
    if not any(word in _PARTS_OF_TIME for word in words):
        # "The first of July" is 1 July, but "the first quarter" no day.
        words = [str(int(ORDINALS[word])) if word in ORDINALS else word for word in words]
    parts = [word for word in words if word in _TIMES or word in ORDINALS or word in _PARTS_OF_TIME or _numbers(word)]
    relative = [match.group().lower().replace(" ", "-") for match in _RELATIVE.finditer(span)]
    told = [clock_key(minutes, half_of_day(span[start:end])) for start, end, minutes in clocks]
    told.extend(clock_key(0, _TWELVE[part]) for part in parts if part in _TWELVE)
    parts = [_SHORT_MONTHS.get(part, part) for part in parts if part not in _TWELVE]
    return " ".join(sorted({*(part.lstrip("0") or part for part in parts), *relative, *" ".join(told).split()}))


def _words_outside(span: str, clocks: list[tuple[int, int, int]]) -> list[str]:
    """The words of ``span``, in lower case, that belong to none of ``clocks``."""
    starts, ends = [0, *(end for _, end, _ in clocks)], [*(start for start, _, _ in clocks), len(span)]
    rest = " ".join(span[start:end] for start, end in zip(starts, ends, strict=True))
    return [word.lower() for word in WORD.findall(rest)]


def same_date(one: str, other: str) -> bool:
    """Whether two keys of :func:`date_key` may be of one date: they have something in common, and nothing in one excludes the
    other, as another month would."""
    mine, yours = set(one.split()), set(other.split())
    if not mine & yours:
        return False
    for sort in {*map(_sort_of, mine)} & {*map(_sort_of, yours)}:
        first, second = ({word for word in words if _sort_of(word) == sort} for words in (mine, yours))
        if not (first <= second or second <= first):
            return False
    return True


def comparable_dates(one: str, other: str) -> bool:
    """Whether two keys of :func:`date_key` tell something of one sort, as a weekday and a day of the month do not, so that
    they can be held against each other; what is relative, or a season, can be held against anything."""
    mine, yours = ({_sort_of(word) for word in key.split()} for key in (one, other))
    return bool(mine & yours) or "else" in mine | yours


def _sort_of(word: str) -> str:
    """What a word of a key tells: the month, the day of the week or of the month, the year, the hour, the half or the part of a
    day, or something else."""
    if word.startswith(_CLOCK):
        return "clock"
    if word.startswith(_HALF):
        return "half of day"
    if word.isdigit() and len(word) < _YEAR_DIGITS:
        return "day"
    named = {"month": word in _MONTHS, "weekday": word in _WEEKDAYS, "year": _YEAR.fullmatch(word) is not None}
    named["part of day"] = word in _PARTS_OF_DAY
    return next((sort for sort, so in named.items() if so), "else")


def clock_key(minutes: int, half: str) -> str:
    """What stands for a time of day in :func:`date_key`, and for its half of the day where that is told; see
    :func:`qa.claims.clock.clock_times` and :func:`qa.claims.clock.half_of_day`."""
    return f"{_CLOCK}{minutes} {_HALF}{half}" if half else f"{_CLOCK}{minutes}"


def day_of_month(words: str) -> str | None:
    """The day that "the 24th" or "sixth" is, as :func:`date_key` has it; ``None`` of other words."""
    word = words.lower().removeprefix("on ").removeprefix("the ").strip()
    found = _DAY.fullmatch(word)
    if found is not None:
        return str(int(found[1]))
    return str(int(ORDINALS[word])) if word in ORDINALS else None


def _numbers(word: str) -> bool:
    return word.isdigit() or _YEAR.fullmatch(word) is not None
