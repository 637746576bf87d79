"""From the reader's spans to claims: who says what, and how the claims relate."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from index import Document, Span
from qa.claims.amounts import amount
from qa.claims.dates import LEADING
from qa.claims.enumeration import coordinated
from qa.claims.equality import equal, of_one_sort
from qa.claims.evidence import counts_else, may_answer, weigh
from qa.claims.groups import Group, without_reversal
from qa.claims.listing import LISTED, around, enumerated, further_items
from qa.claims.places import Found, Place, places_of, within_reach
from qa.claims.polarity import denies, negated, opposed
from qa.claims.signals import Asked, about_one_event, relation_of_speakers, same_speaker
from qa.claims.statements import statements
from qa.claims.values import value_of
from qa.claims.words import (
    WORD,
    Kind,
    allows_several,
    asks_for_several,
    content_words,
    coverage,
    kind_of,
    named_speaker,
)
from qa.models import Agreement, Citation, Claim

Cite = Callable[[Document, int, int, float], Citation]
"""Makes the citation of characters of a document, with a score."""

DIFFERING = 0.17
"""From this probability on a place is taken to answer a question in another way."""
DIFFERING_AGREED = 0.6
"""The same where two voices agree on the best answer."""
_PAST = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
"""When something happened is told by a date; when it will is told by "in three weeks" too."""
_AGREED = re.compile(r"\bagree[sd]? (?:that|on|about)\b|\b[Bb]oth (?:sides|parties|say|said)\b|\bundisputed\b")
SURE = 0.5
"""From this probability on the words of the question need not stand in the sentence, and a question that asks for several by
its form may have answers that differ."""
CLEAR = 0.7
"""From this probability on a place is another answer though no other speaker is found, or no denial."""
ASIDE = 0.4
"""From this probability on what is found for "why" or "what" differs though no other speaker is found."""
_TOLD = 0.2
"""Least share of the question's words in a sentence that answers yes or no."""
_PLAIN_VALUE = 30
"""Most characters of an answer that is nothing but a figure or a date."""
_FIGURES = frozenset({"", "money", "percent", "time"})
_UNRELATED = 0.1
"""Share of names that documents on one event have in common at the least."""
REPEATED = 0.15
"""From this probability on a place that has the same value as the best one is taken to say the same."""


def make_claims(
    question: str, found: Sequence[Found], documents: Mapping[str, Document], cite: Cite
) -> tuple[list[Claim], Agreement]:
    """The claims among the spans of an answer that is given.

    Args:
        question: what was asked.
        found: spans in document offsets, best first, at least one.
        documents: those that the spans stand in, by id.
        cite: makes citations.

    Returns:
        The claims, best first, at least one, and how they relate. The first one is that of ``found[0]`` or, where that is
        an enumeration, its first item.
    """
    asked, reached, places = compared(question, found, documents)
    best = places[0]
    groups = enumerated(question, best) or around(question, best, found)
    agreement: Agreement = "list"
    if groups and allows_several(question):
        groups += further_items(question, asked, best, places, groups)
    elif len(said := statements(question, best, reached)) > 1:
        groups = said
    else:
        groups, agreement = _related(question, asked, best, places)
    listed = agreement == "list"
    told = [without_reversal(question, asked.kind, group, listed=listed) for group in groups]
    return _with_newest([_claim(group, cite) for group in told]), agreement


def compared(
    question: str, found: Sequence[Found], documents: Mapping[str, Document]
) -> tuple[Asked, list[Place], list[Place]]:
    """What claims are made of.

    Args:
        question, found, documents: as for :func:`make_claims`.

    Returns:
        The question; the places that are not too far behind the best one; and of these the best one and those that may answer
        too, best first, which do not overlap.
    """
    asked = Asked(question, kind_of(question), tuple(content_words(question)))
    asked = replace(asked, kind=_answered(asked.kind, found[0], documents))
    reached = within_reach(found, documents)
    return asked, reached, _of_named_speaker(question, _telling(asked, places_of(reached, asked.kind)))


def comparable(asked: Asked, best: Place, place: Place) -> bool:
    """Whether a place can answer what the best one answers, by its sort and what it counts."""
    if asked.kind == "whether" or (asked.kind == "open" and not best.value.sort == place.value.sort == "number"):
        return True
    if asked.kind == "date" and _PAST.search(asked.text) and not of_one_sort(best.value, place.value):
        return False
    return may_answer(best, place) and not counts_else(asked, best, place)


def _answered(kind: Kind, best: Found, documents: Mapping[str, Document]) -> Kind:
    """The kind asked for, or that of the answer where the question leaves it open: "What fees do they get?" gets a number."""
    if kind != "open":
        return kind
    text = documents[best.document_id].text
    value = value_of(text, best.start, best.end)
    if best.end - best.start > _PLAIN_VALUE:
        return kind
    if value.sort == "date":
        return "date"
    # "Two gangs" are no answer to how many, and "the frost of 1986" is no number.
    words = [word for word in WORD.findall(text[best.start : best.end]) if word.lower() not in LEADING]
    figure = value.sort == "number" and value.unit in _FIGURES and words and amount(words[0]) is not None
    return "number" if figure else kind


def _telling(asked: Asked, places: list[Place]) -> list[Place]:
    """``places`` without those, after the first, that only repeat words of the question or name who speaks at the first."""
    best = places[0]
    naming = best.speaker
    return [
        place
        for place in places
        if place is best
        or (
            not (
                (words := content_words(place.text))
                and set(words) <= set(asked.words)
                and asked.kind not in {"number", "date", "whether"}
            )
            and not (
                naming is not None
                and place.document.id == best.document.id
                and place.start < naming.end
                and naming.start < place.end
            )
        )
    ]


def _of_named_speaker(question: str, places: list[Place]) -> list[Place]:
    """``places`` without those of other speakers, when the question asks for the words of one."""
    name = named_speaker(question)
    if name is None:
        return places
    theirs = [place for place in places if place.speaker is not None and same_speaker(name, place.speaker_text)]
    best = places[0]
    if not theirs:
        # Nobody is known to have said it, so nothing can be told apart.
        return [best, *(place for place in places[1:] if equal(best.value, place.value))]
    if best in theirs or best.speaker is None:
        return [best, *(place for place in theirs if place is not best)]
    # The reader read the speaker's name in the question too. Sentences name speakers in ways that are not all recognised
    # ("the statement"), so it is not overruled; but what others say is no other answer to this question.
    return [best]


def _related(question: str, asked: Asked, best: Place, places: Sequence[Place]) -> tuple[list[Group], Agreement]:
    """The best place, those that say the same, and either further items of a list or differing claims."""
    first = Group([best], best.confidence)
    items, differing = [first], [first]
    # "What fees do they get?" asks for several by its form, but for one figure by its answer.
    one = not allows_several(question) or asked.kind == "number"
    several = asks_for_several(question) and not one
    for place in places[1:]:
        if not comparable(asked, best, place) or _is_of_another_event(best, place):
            continue
        likely = weigh(asked, best, place)
        confidence = min(best.confidence, max(likely.answers, likely.differs))
        if max(likely.answers, likely.differs) < REPEATED:
            continue
        if asked.kind == "whether":
            told = coverage(list(asked.words), place.sentence_text) >= _TOLD or denies(place)
            against = opposed(best, place) or (likely.differs >= CLEAR and not (negated(best) and negated(place)))
            if (
                likely.differs >= DIFFERING
                and (told or likely.differs >= SURE)
                and against
                and _is_another_voice(differing, place)
            ):
                differing.append(Group([place], confidence))
            continue
        known = next((group for group in (*differing, *items[1:]) if equal(group.places[0].value, place.value)), None)
        if known is not None:
            known.places.append(place)
        elif not one and likely.answers >= LISTED and _is_item(best, place, several):
            items.append(Group([place], confidence))
        elif likely.differs >= (max(SURE, _needed(first)) if several else _needed(first)):
            # What was found for "why" and "what" is often another side of the matter, unless somebody else says it.
            clear = asked.kind != "open" or likely.differs >= ASIDE or relation_of_speakers(best, place) == "other"
            if clear and _is_another_voice(differing, place):
                differing.append(Group([place], confidence))
            elif likely.differs >= CLEAR:
                differing.append(Group([_unnamed(differing, place)], confidence))
    if len(items) > 1:
        return items, "list"
    if len(differing) > 1:
        return differing, "differing"
    return [first], "same" if len(first.places) > 1 else "single"


def _is_of_another_event(best: Place, place: Place) -> bool:
    """Whether a place of another document says something else there of something else, so that it need not be weighed."""
    if place.document.id == best.document.id or equal(best.value, place.value):
        return False
    return about_one_event(best, place) < _UNRELATED


def _needed(first: Group) -> float:
    """The probability from which on a place differs from the answer of ``first``."""
    if _AGREED.search(first.places[0].sentence_text) is not None:
        return DIFFERING_AGREED
    if len(first.places) > 1 and _is_another_voice([Group([first.places[0]], first.confidence)], first.places[1]):
        return DIFFERING_AGREED
    return DIFFERING


def _is_item(best: Place, place: Place, several: bool) -> bool:
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


def _claim(group: Group, cite: Cite) -> Claim:
    citations = [cite(place.document, place.start, place.end, place.score) for place in group.places]
    speakers = [
        None if (span := place.speaker) is None else cite(place.document, span.start, span.end, place.score)
        for place in group.places
    ]
    here = citations[0].document_id
    return Claim(
        answer=citations[0].text,
        # A heading names nobody ("18 troops killed"); its article tells below it whose figure that is.
        speaker=next((one for one in speakers if one is not None and one.document_id == here), None),
        citations=citations,
        speakers=speakers,
        dates=[place.document.date for place in group.places],
        confidence=group.confidence,
    )


def _with_newest(claims: list[Claim]) -> list[Claim]:
    """``claims`` with those of the newest document marked, where their documents have different dates."""
    dates = {date for claim in claims for date in claim.dates if date is not None}
    if len(dates) < 2:
        return claims
    newest = max(dates)
    return [claim.model_copy(update={"newest": newest in claim.dates}) for claim in claims]
