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
    rf"(?P<hour>{_WORDS}|1[0-2]|[1-9])\b(?!\s(?:minutes?|hours?|days?|weeks?|months?|years?|per cent|percent)\b)"
    rf"{_HALF_OF_DAY}?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?:five|ten|twenty|twenty-five|\d+)\s(?:to|before|after)\s\w+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+\.\d+")
_BARE = re.compile(rf"(?P<hour>\d{{1,2}}|{_WORDS})", re.IGNORECASE)
_HALF_DAY = 720
_BEFORE_NOON = re.compile(r"a\.?m\b|morning", re.IGNORECASE)
_AFTER_NOON = re.compile(r"p\.?m\b|afternoon|evening", re.IGNORECASE)
_SMALL_HOURS = 5


def clock_times(text: str, *, timed: bool = False) -> list[tuple[int, int, int]]:
    """Times of day that are told in full, as (start, end, minutes): characters of ``text``, and minutes after noon or midnight,
    in 0..719, as the half of the day is often left open (see :func:`half_of_day`). They do not overlap, and ascend.

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


def half_of_day(words: str) -> str:
    """The half of the day, "am" or "pm", that ``words``, one time as :func:`clock_times` finds it, tell; empty if left open."""
    if (time := _DIGITAL.match(words) or _FULL.match(words) or _SPOKEN.match(words)) is None:
        return ""
    hour = time["hour"].lower()
    told = int(hour) if hour.isdigit() else _NAMED[hour]
    if 12 < told < 24:
        return "pm"
    if _AFTER_NOON.search(words) is not None:
        return "pm"
    if _BEFORE_NOON.search(words) is not None:
        return "am"
    if words.lower().endswith("at night"):
        return "am" if told % 12 <= _SMALL_HOURS else "pm"
    # "03:15" is in the morning; "3:15" may be in the afternoon.
    digital = re.match(r"(?:0\d|0|24)[.:]", words)
    return "am" if digital is not None else ""


def bare_hour(words: str) -> int | None:
    """The minutes of "eight" or "20", as :func:`clock_times` counts them; ``None`` where the words say anything else."""
    match = _BARE.fullmatch(words)
    return None if match is None else _minutes(match.groupdict())


def clock_around(text: str, start: int, end: int) -> tuple[int, str] | None:
    """The minutes and the half of the day (empty if left open) of the time that the characters ``[start, end)`` are part of, as
    "eight" is in "half past eight"."""
    low = max(0, start - 24)
    for first, last, minutes in clock_times(text[low : end + 24], timed=True):
        if low + first < end and start < low + last:
            return minutes, half_of_day(text[low + first : low + last])
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
