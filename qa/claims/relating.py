"""How the places that may answer a question relate to the best one: they say the same, are further items, or differ."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import Span
from qa.claims.enumeration import coordinated
from qa.claims.equality import equal, of_one_sort
from qa.claims.evidence import Likelihood, counts_else, may_answer, weigh_all
from qa.claims.groups import Group
from qa.claims.judging import Comparer, judged
from qa.claims.listing import LISTED
from qa.claims.places import Place
from qa.claims.polarity import denies, negated, opposed
from qa.claims.signals import Asked, about_one_event, relation_of_speakers
from qa.claims.words import allows_several, asks_for_several, coverage
from qa.models import Agreement


@dataclass(frozen=True, slots=True)
class Bars:
    """Probabilities in 0..1 from which on a place differs from the best one.

    Attributes:
        differs: in general.
        clear: though no other speaker is found, or no denial.
        aside: what is found for "why" or "what", though no other speaker is found.
        doubtful: what is of another sort than the best one, or counts something else, as far as the signals tell; ``None`` if
            that is left out.
        no_item: where a list is asked for, from here on it is another claim and no item of the list.
    """

    differs: float
    clear: float
    aside: float
    doubtful: float | None
    no_item: float


SIGNALS = Bars(differs=0.17, clear=0.7, aside=0.4, doubtful=None, no_item=1.0)
"""Where nothing but the signals is known."""
WORDS = Bars(differs=0.25, clear=0.6, aside=0.3, doubtful=0.5, no_item=0.5)
"""Where the words around both places were compared too, which tells more surely."""
MOST = 8
"""How many places beside the best one are weighed at the most: the best ones."""
DIFFERING_AGREED = 0.6
"""The same where two voices agree on the best answer."""
SURE = 0.5
"""From this probability on the words of the question need not stand in the sentence, and a question that asks for several by
its form may have answers that differ."""
REPEATED = 0.15
"""From this probability on a place that has the same value as the best one is taken to say the same."""
_PAST = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
"""When something happened is told by a date; when it will is told by "in three weeks" too."""
_AGREED = re.compile(r"\bagree[sd]? (?:that|on|about)\b|\b[Bb]oth (?:sides|parties|say|said)\b|\bundisputed\b")
_TOLD = 0.2
"""Least share of the question's words in a sentence that answers yes or no."""
_UNRELATED = 0.1
"""Share of names that documents on one event have in common at the least."""


def comparable(asked: Asked, best: Place, place: Place) -> bool:
    """Whether a place can answer what the best one answers, by its sort and what it counts."""
    if asked.kind == "whether" or (asked.kind == "open" and not best.value.sort == place.value.sort == "number"):
        return True
    if asked.kind == "date" and _PAST.search(asked.text) and not of_one_sort(best.value, place.value):
        return False
    return may_answer(best, place) and not counts_else(asked, best, place)


def related(
    question: str, asked: Asked, best: Place, places: Sequence[Place], comparer: Comparer | None
) -> tuple[list[Group], Agreement]:
    """The best place, those that say the same, and either further items of a list or differing claims.

    Args:
        question: what was asked.
        asked: the same with what is compared of it.
        best: the place of the answer.
        places: it and those that may answer too, best first.
        comparer: weighs the words around places; without one only their signals count.
    """
    bars = SIGNALS if comparer is None else WORDS
    first = Group([best], best.confidence)
    items, differing = [first], [first]
    # "What fees do they get?" asks for several by its form, but for one figure by its answer.
    one = not allows_several(question) or asked.kind == "number"
    several = asks_for_several(question) and not one
    for place, likely in _weighed(asked, best, places, comparer, bars):
        confidence = min(best.confidence, max(likely.answers, likely.differs))
        if max(likely.answers, likely.differs) < REPEATED:
            continue
        if asked.kind == "whether":
            if _answers_otherwise(asked, best, place, likely, bars) and _is_another_voice(differing, place):
                differing.append(Group([place], confidence))
            continue
        known = next((group for group in (*differing, *items[1:]) if equal(group.places[0].value, place.value)), None)
        if known is not None:
            known.places.append(place)
        elif (
            not one
            and likely.answers >= LISTED
            and likely.differs < bars.no_item
            and _is_item(best, place, several=several)
        ):
            items.append(Group([place], confidence))
        elif likely.differs >= (max(SURE, _needed(first, bars)) if several else _needed(first, bars)):
            # What was found for "why" and "what" is often another side of the matter, unless somebody else says it.
            clear = asked.kind != "open" or likely.differs >= bars.aside or relation_of_speakers(best, place) == "other"
            if clear and _is_another_voice(differing, place):
                differing.append(Group([place], confidence))
            elif likely.differs >= bars.clear:
                differing.append(Group([_unnamed(differing, place)], confidence))
    if len(items) > 1:
        return items, "list"
    if len(differing) > 1:
        return differing, "differing"
    return [first], "same" if len(first.places) > 1 else "single"


def _weighed(
    asked: Asked, best: Place, places: Sequence[Place], comparer: Comparer | None, bars: Bars
) -> list[tuple[Place, Likelihood]]:
    """The places beside the best one that may count, and how likely they answer too and differ."""
    beside, doubtful = [], []
    for place in places[1 : 1 + MOST]:
        doubt = not comparable(asked, best, place)
        if (not doubt or bars.doubtful is not None) and not _is_of_another_event(best, place):
            beside.append(place)
            doubtful.append(doubt)
    likely = weigh_all(asked, best, beside)
    if comparer is not None:
        likely = judged(asked, best, beside, likely, comparer)
    return [
        (place, how)
        for place, how, doubt in zip(beside, likely, doubtful, strict=True)
        if not doubt or (bars.doubtful is not None and how.differs >= bars.doubtful)
    ]


def _answers_otherwise(asked: Asked, best: Place, place: Place, likely: Likelihood, bars: Bars) -> bool:
    """Whether a place says no where the best one says yes, or yes where it says no."""
    told = coverage(list(asked.words), place.sentence_text) >= _TOLD or denies(place)
    against = opposed(best, place) or (likely.differs >= bars.clear and not (negated(best) and negated(place)))
    return likely.differs >= bars.differs and (told or likely.differs >= SURE) and against


def _is_of_another_event(best: Place, place: Place) -> bool:
    """Whether a place of another document says something else there of something else, so that it need not be weighed."""
    if place.document.id == best.document.id or equal(best.value, place.value):
        return False
    return about_one_event(best, place) < _UNRELATED


def _needed(first: Group, bars: Bars) -> float:
    """The probability from which on a place differs from the answer of ``first``."""
    if _AGREED.search(first.places[0].sentence_text) is not None:
        return DIFFERING_AGREED
    if len(first.places) > 1 and _is_another_voice([Group([first.places[0]], first.confidence)], first.places[1]):
        return DIFFERING_AGREED
    return bars.differs


def _is_item(best: Place, place: Place, *, several: bool) -> bool:
    """Whether a place is a further item beside the best one, and not what somebody else says."""
    if relation_of_speakers(best, place) == "other":
        return False
    beside = best.document.id == place.document.id and best.sentence.start == place.sentence.start
    if not beside or several:
        return several
    return best.value.sort == "name" and coordinated(best.document.text, _span(best), _span(place))


def _is_another_voice(groups: Sequence[Group], place: Place) -> bool:
    """Whether a place differs from all claims so far in who speaks or in the document."""
    voices = [other for group in groups for other in group.places]
    return all(
        relation_of_speakers(other, place) in {"other", "one"} or other.document.id != place.document.id
        for other in voices
    )


def _unnamed(groups: Sequence[Group], place: Place) -> Place:
    """``place`` without its speaker, where that is one who says something else in ``groups``: nobody says both."""
    known = any(relation_of_speakers(other, place) == "same" for group in groups for other in group.places)
    return replace(place, unnamed=True) if known else place


def _span(place: Place) -> Span:
    return Span(place.start, place.end)
