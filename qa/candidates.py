"""Spans that the reader puts forward: carried back to their documents, cited, and told apart as answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import Document, Passage, PassageIndex, UnknownDocument, sentences_around
from qa.alike import answer_key
from qa.claims.equality import equal
from qa.claims.values import Value, value_of
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


class Sources:
    """The documents that passages are from, each fetched when it is first asked for.

    The index may have changed since the passages were found in it. A document whose text has other words at their offsets,
    or that is gone, is not given: what is said of the passages is not true of it.
    """

    def __init__(self, index: PassageIndex, passages: Sequence[Passage]) -> None:
        """Fetch from ``index``, in which ``passages`` were found; nothing is fetched yet."""
        self._index = index
        self._passages = passages
        self._fetched: dict[str, Document | None] = {}

    def get(self, document_id: str) -> Document | None:
        """The document of that id, which passages are from; ``None`` when it has changed or is gone."""
        if document_id not in self._fetched:
            self._fetched[document_id] = self._fetch(document_id)
        return self._fetched[document_id]

    @property
    def fetched(self) -> dict[str, Document]:
        """By id, all documents that were asked for and are as they were."""
        return {name: document for name, document in self._fetched.items() if document is not None}

    @property
    def changed(self) -> set[str]:
        """Ids of the documents that were asked for and have changed or are gone."""
        return {name for name, document in self._fetched.items() if document is None}

    def _fetch(self, document_id: str) -> Document | None:
        try:
            document = self._index.document(document_id)
        except UnknownDocument:
            return None
        own = [passage for passage in self._passages if passage.document_id == document_id]
        same = all(document.text[passage.start : passage.end] == passage.text for passage in own)
        return document if same else None


def in_document(span: ReadSpan, passage: Passage) -> Candidate:
    """``span``, which was found in ``passage``, in offsets of the passage's document."""
    return Candidate(
        passage.document_id, passage.start + span.start, passage.start + span.end, span.score, span.confidence
    )


def surroundings(text: str, passage: Passage, offset: int) -> tuple[str, int] | None:
    """What surrounds a place of a document, from the beginning of a sentence on, about as much as one window takes.

    Args:
        text: of the document.
        passage: of it.
        offset: of the place in the passage.

    Returns:
        It, and where the place is in it; ``None`` if it is no more than the passage.
    """
    place = passage.start + offset
    before = max(0, place - _BEFORE)
    start = sentences_around(text, before, place + 1).start if before else 0
    end = min(len(text), place + _AFTER)
    return (text[start:end], place - start) if start < passage.start or end > passage.end else None


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
    """Different answers, best first: of overlapping spans the best, and what is equal in several places (see
    :func:`qa.alike.answer_key`) as one answer."""
    kept: list[Candidate] = []
    for candidate in found:
        if not any(_overlap(candidate, better) for better in kept):
            kept.append(candidate)
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[Candidate, Citation]]] = {}
    for candidate in kept:
        citation = cite(documents[candidate.document_id], candidate.start, candidate.end, candidate.score)
        groups.setdefault(answer_key(citation.text), []).append((candidate, citation))
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
    said = {answer_key(claim.answer) for claim in claims}
    places = [citation for claim in claims for citation in claim.citations]
    figures = [value for place in places if (value := _value(place, documents)).sort in _COUNTED]
    return [
        other
        for other in alternatives
        if answer_key(other.answer) not in said
        and not any(_overlap(citation, place) for citation in other.citations for place in places)
        and not any(equal(value, _value(other.citations[0], documents)) for value in figures)
    ]


def _value(citation: Citation, documents: Mapping[str, Document]) -> Value:
    return value_of(documents[citation.document_id].text, citation.start, citation.end)


def _overlap(one: Candidate | Citation, other: Candidate | Citation) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end
