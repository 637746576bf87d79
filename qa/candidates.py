"""Spans that the reader puts forward: carried back to their documents, cited, and told apart as answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import Document, Passage, sentences_around
from qa.claims.equality import equal
from qa.claims.values import Value, value_of
from qa.evaluation.squad import normalise
from qa.models import Alternative, Citation, Claim, Sentence
from qa.reader import ReadSpan

_COUNTED = frozenset({"number", "date"})
"""Sorts of values that are the same in other words too."""
_BEFORE, _AFTER = 700, 800
"""Characters before and after an answer that are read once more with it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span in document offsets, with the reader's score and confidence."""

    document_id: str
    start: int
    end: int
    score: float
    confidence: float


def in_document(span: ReadSpan, passage: Passage) -> Candidate:
    """``span``, which was found in ``passage``, in offsets of the passage's document."""
    return Candidate(
        passage.document_id, passage.start + span.start, passage.start + span.end, span.score, span.confidence
    )


def surroundings(text: str, passage: Passage, offset: int) -> str | None:
    """What surrounds a place of a document, from the beginning of a sentence on, about as much as one window takes.

    Args:
        text: of the document.
        passage: of it.
        offset: of the place in the passage.

    Returns:
        ``None`` if that is no more than the passage.
    """
    place = passage.start + offset
    before = max(0, place - _BEFORE)
    start = sentences_around(text, before, place + 1).start if before else 0
    end = min(len(text), place + _AFTER)
    return text[start:end] if start < passage.start or end > passage.end else None


def cite(document: Document, start: int, end: int, score: float) -> Citation:
    """The citation of the characters ``[start, end)`` of ``document``."""
    sentence = sentences_around(document.text, start, end)
    return Citation(
        document_id=document.id,
        title=document.title,
        source=document.source,
        sha256=document.sha256,
        page=document.page_at(start),
        start=start,
        end=end,
        text=document.text[start:end],
        sentence=Sentence(start=sentence.start, end=sentence.end, text=document.text[sentence.start : sentence.end]),
        score=score,
    )


def different_answers(found: Sequence[Candidate], documents: Mapping[str, Document]) -> list[Alternative]:
    """Different answers, best first: of overlapping spans the best, and equal words in several places as one answer."""
    kept: list[Candidate] = []
    for candidate in found:
        if not any(_overlap(candidate, better) for better in kept):
            kept.append(candidate)
    groups: dict[str, list[tuple[Candidate, Citation]]] = {}
    for candidate in kept:
        citation = cite(documents[candidate.document_id], candidate.start, candidate.end, candidate.score)
        groups.setdefault(normalise(citation.text), []).append((candidate, citation))
    return [
        Alternative(
            answer=group[0][1].text,
            confidence=group[0][0].confidence,
            citations=[citation for _, citation in group],
        )
        for group in groups.values()
    ]


def unclaimed(
    alternatives: Sequence[Alternative], claims: Sequence[Claim], documents: Mapping[str, Document]
) -> list[Alternative]:
    """Those of ``alternatives`` that none of ``claims``, which are shown before them, has said already, be it in digits or in
    words. ``documents`` are those that all of them stand in, by id."""
    said = {normalise(claim.answer) for claim in claims}
    places = [citation for claim in claims for citation in claim.citations]
    figures = [value for place in places if (value := _value(place, documents)).sort in _COUNTED]
    return [
        other
        for other in alternatives
        if normalise(other.answer) not in said
        and not any(_overlap(citation, place) for citation in other.citations for place in places)
        and not any(equal(value, _value(other.citations[0], documents)) for value in figures)
    ]


def _value(citation: Citation, documents: Mapping[str, Document]) -> Value:
    return value_of(documents[citation.document_id].text, citation.start, citation.end)


def _overlap(one: Candidate | Citation, other: Candidate | Citation) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end
