"""From the reader's spans to claims: who says what, and how the claims relate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from index import Document
from qa.claims.amounts import amount
from qa.claims.dates import LEADING
from qa.claims.equality import equal
from qa.claims.groups import Group, without_reversal
from qa.claims.judging import Comparer
from qa.claims.listing import around, enumerated, further_items
from qa.claims.places import Found, Place, places_of, within_reach
from qa.claims.relating import related
from qa.claims.signals import Asked, same_speaker
from qa.claims.statements import statements
from qa.claims.values import value_of
from qa.claims.words import WORD, Kind, allows_several, content_words, kind_of, named_speaker
from qa.models import Agreement, Citation, Claim

Cite = Callable[[Document, int, int, float], Citation]
"""Makes the citation of characters of a document, with a score."""

_PLAIN_VALUE = 30
"""Most characters of an answer that is nothing but a figure or a date."""
_FIGURES = frozenset({"", "money", "percent", "time"})


def make_claims(
    question: str,
    found: Sequence[Found],
    documents: Mapping[str, Document],
    cite: Cite,
    comparer: Comparer | None = None,
) -> tuple[list[Claim], Agreement]:
    """The claims among the spans of an answer that is given.

    Args:
        question: what was asked.
        found: spans in document offsets, best first, at least one.
        documents: those that the spans stand in, by id.
        cite: makes citations.
        comparer: weighs the words around places; without one only their signals count.

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
        groups, agreement = related(question, asked, best, places, comparer)
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
