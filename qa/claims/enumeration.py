"""The parts of an enumeration: "A, B and C" is three answers."""

import re

from index import Span
from qa.claims.words import WORD

_DIVIDER = re.compile(r",\s+(?:and\s+|or\s+|as well as\s+)?|\s+(?:and|or|as well as)\s+|;\s+(?:and\s+)?")
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|said|says|which|who|that|not)\b")
_AND = re.compile(r"\b(?:and|or|as well as)\b|;")
_APART = 120
"""Most characters between two parts."""
_LONGEST = 8
"""Most words of one part."""


def parts_of(text: str, start: int, end: int) -> list[Span]:
    """The parts of the characters ``[start, end)`` of ``text``, if these are an enumeration; else an empty list.

    Parts are alike: all begin with a capital, or none needs to; none is long or has a verb of its own. A comma alone
    makes no enumeration ("Oslen, the capital"); its last part comes after "and" or "or".
    """
    cuts = list(_DIVIDER.finditer(text, start, end))
    if not cuts or not re.search(r"\b(?:and|or|as well as)\b", cuts[-1].group()):
        return []
    edges = [start, *(edge for cut in cuts for edge in cut.span()), end]
    parts = [Span(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True)]
    words = [text[part.start : part.end] for part in parts]
    if any(not WORD.search(part) or len(part.split()) > _LONGEST or _VERB.search(part) for part in words):
        return []
    # 'took "two heights and a village"': what is quoted as a whole is one part.
    if any(part.count('"') % 2 or part.count("“") != part.count("”") for part in words):
        return []
    named = [_is_named(part) for part in words]
    # The capital that a sentence begins with names nothing: "Apples, pears and plums".
    if len(parts) > 2 and not any(named[1:]) and not _is_named(words[0][1:]):
        named[0] = False
    return parts if all(named) or not any(named) else []


def _is_named(part: str) -> bool:
    """Whether a part has a capitalised word."""
    return any(word[0].isupper() for word in WORD.findall(part))


def coordinated(text: str, first: Span, second: Span) -> bool:
    """Whether two spans of one sentence stand side by side in an enumeration.

    "And" or "or" stands between them, with no sentence's end, or a comma with an "and" soon after: "X with A and Y with B",
    "A, B and C". A comma alone may be an apposition ("the president, Hana Rusk").
    """
    one, other = sorted((first, second), key=lambda span: span.start)
    between = text[one.end : other.start]
    if len(between) > _APART or re.search(r"[.!?]\s", between):
        return False
    if _AND.search(between) is not None:
        return True
    following = re.split(r"[.!?;]", text[other.end : other.end + _APART])[0]
    return "," in between and _AND.search(following) is not None
