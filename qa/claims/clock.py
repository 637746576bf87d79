"""Times of day, in digits and in words, so that "half past eight" and "20:30" are known to be one."""

import re

_HOURS_LIST = "one two three four five six seven eight nine ten eleven twelve"
_NAMED = {word: number for number, word in enumerate(_HOURS_LIST.split(), start=1)}
_MINUTES = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
_WORDS = "|".join(_NAMED)
_HALF_OF_DAY = r"(?:\s?[ap]\.?m\b\.?|\so['’]clock\b|\sin the (?:morning|afternoon|evening)\b|\sat night\b)"
_DIGITAL = re.compile(rf"\b(?P<hour>\d{{1,2}})[.:](?P<minute>[0-5]\d)(?![\d%]){_HALF_OF_DAY}?", re.IGNORECASE)
_FULL = re.compile(rf"\b(?P<hour>\d{{1,2}}|{_WORDS}){_HALF_OF_DAY}", re.IGNORECASE)
_SPOKEN = re.compile(
    rf"\b(?P<part>half|(?:a )?quarter|twenty-five|five|ten|twenty|\d{{1,2}})(?:\sminutes?)?\s(?P<side>past|to|before|after)\s"
    rf"(?P<hour>{_WORDS}|1[0-2]|[1-9])\b(?!\s(?:minutes?|hours?|days?|weeks?|months?|years?|per cent|percent)\b)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?:five|ten|twenty|twenty-five|\d+)\s(?:to|before|after)\s\w+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.\d+")
_BARE = re.compile(rf"(?P<hour>\d{{1,2}}|{_WORDS})", re.IGNORECASE)
_HALF_DAY = 720


def clock_times(text: str, *, timed: bool = False) -> list[tuple[int, int, int]]:
    """Times of day that are told in full, as (start, end, minutes): characters of ``text``, and minutes after noon or midnight,
    in 0..719, as the half of the day is often left open. They do not overlap, and ascend.

    ``timed`` is whether a time is looked for, so that "five to ten" is one; else it may count people, and "7.15" kilometres.
    """
    found: list[tuple[int, int, int]] = []
    for pattern in (_SPOKEN, _DIGITAL, _FULL):
        for match in pattern.finditer(text):
            if not timed and (_RANGE.fullmatch(match.group()) or _DECIMAL.fullmatch(match.group())):
                continue
            minutes = _minutes(match.groupdict())
            if minutes is not None and not any(match.start() < end and start < match.end() for start, end, _ in found):
                found.append((match.start(), match.end(), minutes))
    return sorted(found)


def bare_hour(words: str) -> int | None:
    """The minutes of "eight" or "20", as :func:`clock_times` counts them; ``None`` where the words say anything else."""
    match = _BARE.fullmatch(words)
    return None if match is None else _minutes(match.groupdict())


def clock_around(text: str, start: int, end: int) -> int | None:
    """The minutes of the time that the characters ``[start, end)`` are part of, as "eight" is in "half past eight"."""
    low = max(0, start - 24)
    for first, last, minutes in clock_times(text[low : end + 24], timed=True):
        if low + first < end and start < low + last:
            return minutes
    return None


def _minutes(parts: dict[str, str | None]) -> int | None:
    told = str(parts["hour"]).lower()
    hour = int(told) if told.isdigit() else _NAMED[told]
    if hour > 24:
        return None
    minute = int(parts.get("minute") or 0)
    part = parts.get("part")
    if part is not None:
        word = part.lower().removeprefix("a ")
        minute = int(word) if word.isdigit() else _MINUTES[word]
        if str(parts["side"]).lower() in {"to", "before"}:
            minute = -minute
    return (hour * 60 + minute) % _HALF_DAY
