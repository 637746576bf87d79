"""Documents and spans for tests, without an index or a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index import Document
from qa.candidates import cite
from qa.claims import make_claims
from qa.claims.speakers import Speakers
from qa.models import Agreement, Claim


@dataclass(frozen=True, slots=True)
class Found:
    """A span as the reader hands it over."""

    document_id: str
    start: int
    end: int
    score: float
    confidence: float


def document(text: str, name: str = "one", date: str | None = None) -> Document:
    """A document of that text."""
    return Document(
        name, name.title(), f"{name}.txt", "0" * 64, text, datetime(2024, 1, 1, tzinfo=UTC), len(text), (), date
    )


def at(where: Document, words: str, score: float, occurrence: int = 0) -> Found:
    """The span of ``words`` in a document, with a score."""
    start = -1
    for _ in range(occurrence + 1):
        start = where.text.index(words, start + 1)
    return Found(where.id, start, start + len(words), score, 1 / (1 + 2.718281828**-score))


def claims_of(question: str, found: Sequence[Found], *documents: Document) -> tuple[list[Claim], Agreement]:
    """The claims among ``found``, best first."""
    ranked = sorted(found, key=lambda one: -one.score)
    return make_claims(question, ranked, {one.id: one for one in documents}, cite)


def speaker(text: str, words: str) -> str | None:
    """The words of ``text`` that name who says ``words``."""
    start = text.index(words)
    span = Speakers(text, start, start + len(words)).speaker(start, start + len(words))
    return None if span is None else text[span.start : span.end]
