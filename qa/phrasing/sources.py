"""The numbered sources that an LLM may draw on: what the answer cites, each with the passage around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # qa.models has a field of this package, so it must not be imported from here
    from qa.models import Answer, Citation, PassageHit

MAX_SOURCES = 12
"""More would not help a small model, and its context is short."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters ``[start, end)`` of a document."""

    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What ``[number]`` stands for.

    Attributes:
        number: counted from 1.
        citation: the cited words.
        speaker: the words that name who says so, if the article tells.
        pieces: the passage that the citation stands in, and the sentence of the speaker if it stands elsewhere. What is
            written with this number is checked against these.
    """

    number: int
    citation: "Citation"
    speaker: "Citation | None"
    pieces: tuple[Piece, ...]


def cited_sources(answer: "Answer") -> tuple[Source, ...]:
    """The places that ``answer`` cites, numbered through as they are shown: claim after claim, in each the best first.

    Without claims these are the answer's citations. At most :data:`MAX_SOURCES` are given; a refused answer has none.
    """
    return tuple(
        Source(number, citation, speaker, _pieces(citation, speaker, answer.passages))
        for number, (citation, speaker) in enumerate(islice(_cited(answer), MAX_SOURCES), start=1)
    )


def _cited(answer: "Answer") -> Iterator[tuple["Citation", "Citation | None"]]:
    if answer.answer is None:
        return
    if not answer.claims:
        yield from ((citation, None) for citation in answer.citations)
    for claim in answer.claims:
        yield from zip(claim.citations, claim.speakers, strict=True)


def _pieces(citation: "Citation", speaker: "Citation | None", passages: "list[PassageHit]") -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for cited in (citation,) if speaker is None else (citation, speaker):
        if not any(_holds(piece, cited) for piece in pieces):
            around = next((_piece(passage) for passage in passages if _holds(passage, cited)), None)
            sentence = cited.sentence
            pieces.append(around or Piece(cited.document_id, sentence.start, sentence.end, sentence.text))
    return tuple(pieces)


def _piece(passage: "PassageHit") -> Piece:
    return Piece(passage.document_id, passage.start, passage.end, passage.text)


def _holds(place: "Piece | PassageHit", citation: "Citation") -> bool:
    return place.document_id == citation.document_id and place.start <= citation.start and citation.end <= place.end
