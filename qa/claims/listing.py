"""Lists: the items of an enumeration that an answer is or belongs to, and items that stand apart from it."""

import re
from collections.abc import Sequence

from index import Span
from qa.claims.enumeration import divided, enumeration_at, is_one_name, more_after, parts_of
from qa.claims.equality import equal
from qa.claims.evidence import may_answer, weigh
from qa.claims.groups import Group
from qa.claims.places import Found, Place
from qa.claims.quotations import quotations
from qa.claims.signals import Asked, relation_of_speakers
from qa.claims.statements import asks_for_all_of_it
from qa.claims.words import allows_several, asks_for_several

LISTED = 0.2
"""From this probability on a place is taken for a further item of a list."""
BEHIND_SEVERAL = 2.5
"""How far below the best span (a calibrated logit) an enumeration around it may score where several are asked for."""
BEHIND_OPEN = 1.0
"""The same where the question may have one answer or several."""

_ANNOUNCING = re.compile(r"(?:\s+(?:of|like|such as|including)|\s*[:,–—-])\s+(?:the\s+)?")


def enumerated(question: str, best: Place) -> list[Group]:
    """A group for each part of the best place, if it is an enumeration, and for those that follow it."""
    text = best.document.text
    if _is_one_saying(question, best):
        return []
    parts = _longer(text, parts_of(text, best.start, best.end), best.end)
    if not asks_for_several(question):
        parts = [] if is_one_name(text, parts) else parts
    elif divided(text, best.start, best.end):
        parts = max(parts, enumeration_at(text, best.sentence, best.start, best.end), key=len)
    return [
        Group([Place(best.document, part.start, part.end, best.score, best.confidence, best.speakers)], best.confidence)
        for part in parts
    ]


def _is_one_saying(question: str, best: Place) -> bool:
    """Whether it is asked what somebody said, and the best place is quoted: "Ten men, a goal down, and the sun in it"."""
    if not asks_for_all_of_it(question):
        return False
    text = best.document.text
    end = text.find("\n", best.end)
    said = quotations(text, text.rfind("\n", 0, best.start) + 1, len(text) if end < 0 else end)
    return any(one.start <= best.start and best.end <= one.end for one in said)


def around(question: str, best: Place, found: Sequence[Found]) -> list[Group]:
    """A group for each part of an enumeration that the best place is one part of, the best place first.

    What shows that there is one is a span of the reader that reaches beyond the best place to other parts, unless it falls
    too far behind.
    """
    if not allows_several(question) or _is_one_saying(question, best):
        return []
    margin = BEHIND_SEVERAL if asks_for_several(question) else BEHIND_OPEN
    text = best.document.text
    own: list[Span] | None = None
    for one in found:
        if one.score < best.score - margin:
            break
        if one.document_id != best.document.id or not (one.start <= best.start and best.end <= one.end):
            continue
        if not divided(text, one.start, one.end):
            continue
        if own is None:
            own = enumeration_at(text, best.sentence, best.start, best.end)
        parts = max(_longer(text, parts_of(text, one.start, one.end), one.end), own, key=len)
        if not asks_for_several(question) and is_one_name(text, parts):
            continue
        mine = [part for part in parts if part.start < best.end and best.start < part.end]
        if len(mine) == 1:
            others = [
                Place(best.document, part.start, part.end, one.score, one.confidence, best.speakers) for part in parts
            ]
            likely = min(best.confidence, one.confidence)
            return [
                Group([best], best.confidence),
                *(Group([part], likely) for part in others if not part.overlaps(best)),
            ]
    return []


def _longer(text: str, parts: list[Span], end: int) -> list[Span]:
    """``parts`` of an enumeration that ends at ``end``, and one that is joined to it after that."""
    more = more_after(text, end) if parts else None
    return parts if more is None else [*parts, more]


def further_items(
    question: str, asked: Asked, best: Place, places: Sequence[Place], groups: Sequence[Group]
) -> list[Group]:
    """Items that stand apart from an enumeration."""
    if not asks_for_several(question):
        return []
    further: list[Group] = []
    for place in places[1:]:
        known = any(equal(item.value, place.value) for group in [*groups, *further] for item in group.places)
        likely = weigh(asked, best, place).answers
        fits = may_answer(groups[0].places[0], place) and relation_of_speakers(best, place) != "other"
        if not known and fits and likely >= LISTED and not _announces(place, groups):
            further.append(Group([place], min(best.confidence, likely)))
    return further


def _announces(place: Place, items: Sequence[Group]) -> bool:
    """Whether a place only says what or how many the items are: "Three lines: the 4, ...", "the villages of Tarra, ..."."""
    if place.value.sort == "number" and place.value.key == str(len(items)):
        return True
    first = min((item.places[0] for item in items), key=lambda one: one.start)
    if first.document.id != place.document.id or place.end > first.start:
        return False
    return _ANNOUNCING.fullmatch(first.document.text[place.end : first.start]) is not None
