"""Spans made fit to be shown: none of small words alone or over two cells of a table, and no half pair of quotation marks."""

import re
from collections.abc import Sequence

from qa.candidates import Candidate

_SMALL_LIST = """a an the of in on at to from by with for as than into onto upon per via among amongst between through during
within and or but nor so because if that which who whom whose while when where whether although though since until his her its
their our my your them"""
_SMALL = frozenset(_SMALL_LIST.split())
"""Words that answer nothing by themselves; "no", "none", "not", "both", "all" may, and so may "before" and "up"."""
_WORD = re.compile(r"\w+")
_CELLS = re.compile(r"\s\|\s")
_PAIRS = (("“", "”"), ("«", "»"), ("„", "“"))
_OPENING = re.compile(r"(?<![^\s(\[—–-])\"(?=[^\s\"])")
_CLOSING = re.compile(r"(?<=[^\s\"])\"(?!\w)")
_INCHES = re.compile(r"\d\"$")
_SINGLE_OPENING = re.compile(r"(?<![^\s(\[—–\"“-])(?P<mark>['‘])(?=\w)")
_SINGLE_CLOSING = re.compile(r"['’](?!\w)")


def worth_showing(found: Sequence[Candidate], texts: Sequence[str], threshold: float) -> list[Candidate]:
    """``found`` without spans that say nothing: marks, small words, and what stands in two cells of a table.

    Args:
        found: candidates, best first.
        texts: for each its words.
        threshold: the confidence from which on the reader gives an answer. The best span stays if it reaches that, so that what
            is refused is the reader's to decide, unless it has no letter or digit.

    Returns:
        Those that say something, in the same order; all where none does.
    """
    kept = [
        one
        for place, (one, text) in enumerate(zip(found, texts, strict=True))
        if _says_something(text) or (place == 0 and one.confidence >= threshold and any(map(str.isalnum, text)))
    ]
    return kept if kept else list(found)


def _says_something(text: str) -> bool:
    return (
        any(map(str.isalnum, text)) and not _SMALL.issuperset(_WORD.findall(text.lower())) and not _CELLS.search(text)
    )


def whole_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """The characters ``[start, end)`` of ``text`` without half a pair of quotation marks.

    A mark at an end whose partner is not in the span is left out, and the closing one right behind it is taken in where the
    opening one is within. Marks in the middle without a partner stay, as a span cannot leave them out.

    Returns:
        Where the span begins and ends then, which is never empty where it was not.
    """
    low, high = _whole_straight(text, start, end)
    for opening, closing in _PAIRS:
        if opening in text[low:high] or closing in text[low:high]:
            low, high = _whole_pair(text, low, high, opening, closing)
    opened = list(_SINGLE_OPENING.finditer(text, low, high))
    if opened and not _SINGLE_CLOSING.search(text, opened[-1].end(), high):
        closing = "’" if opened[-1]["mark"] == "‘" else "'"
        if text.startswith(closing, high) and not text[high + 1 : high + 2].isalnum():
            high += 1
        elif opened[-1].start() == low:
            low += 1
    while low < high and text[low].isspace():
        low += 1
    while low < high and text[high - 1].isspace():
        high -= 1
    return (low, high) if _WORD.search(text, low, high) else (start, end)


def _whole_straight(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    if words.count('"') % 2 == 0:
        return start, end
    behind = text[end : end + 1] == '"'
    opened = [mark.start() for mark in _OPENING.finditer(text, start, end)]
    closed = [mark.start() for mark in _CLOSING.finditer(text, start, min(len(text), end + 1)) if mark.start() < end]
    if len(opened) > len(closed) and behind:
        return start, end + 1
    if words[0] == '"' and len(opened) > len(closed):
        return start + 1, end
    if words[-1] == '"' and len(closed) > len(opened) and not _is_inches(text, start, end):
        return start, end - 1
    return start, end


def _is_inches(text: str, start: int, end: int) -> bool:
    """Whether the mark that ends a span is one of inches: a figure is before it, and no quotation is open in its line."""
    line = text.rfind("\n", 0, start) + 1
    return _INCHES.search(text, start, end) is not None and text.count('"', line, start) % 2 == 0


def _whole_pair(text: str, start: int, end: int, opening: str, closing: str) -> tuple[int, int]:
    words = text[start:end]
    missing = words.count(opening) - words.count(closing)
    if missing == 1 and text.startswith(closing, end):
        return start, end + 1
    if missing == 1 and words.startswith(opening):
        return start + 1, end
    if missing == -1 and words.endswith(closing):
        return start, end - 1
    return start, end
