"""An assistant that needs no models: it finds the words it was told to find."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime

from index.documents import Document, DocumentSummary, Passage, Span
from index.errors import QuestionError, UnknownDocument
from index.interface import Filter
from index.sentences import sentence_spans
from qa.models import Alternative, Answer, Citation, PassageHit, Sentence, Timings


def make_document(document_id: str, text: str, *, title: str | None = None, source: str | None = None) -> Document:
    """A document as the index would make it."""
    data = text.encode()
    return Document(
        id=document_id,
        title=document_id if title is None else title,
        source=f"/articles/{document_id}.txt" if source is None else source,
        sha256=hashlib.sha256(data).hexdigest(),
        text=text,
        added_at=datetime(2026, 11, 22, tzinfo=UTC),
        size=len(data),
    )


def make_citation(document: Document, start: int, end: int) -> Citation:
    """A citation of ``document.text[start:end]``."""
    around = next(
        (span for span in sentence_spans(document.text) if span.start <= start < span.end),
        Span(0, len(document.text)),
    )
    first, last = min(around.start, start), max(around.end, end)
    return Citation(
        document_id=document.id,
        title=document.title,
        source=document.source,
        sha256=document.sha256,
        page=document.page_at(start),
        start=start,
        end=end,
        text=document.text[start:end],
        sentence=Sentence(start=first, end=last, text=document.text[first:last]),
        score=1.0,
    )


class FakeIndex:
    """Documents in memory."""

    location = "/index"

    def __init__(self, documents: Sequence[Document]) -> None:
        self.held = {document.id: document for document in documents}

    def documents(self) -> list[DocumentSummary]:
        return [
            DocumentSummary(d.id, d.title, d.source, d.sha256, d.added_at, d.size, len(d.text), 1)
            for d in self.held.values()
        ]

    def document(self, document_id: str) -> Document:
        if document_id not in self.held:
            raise UnknownDocument(f"There is no document {document_id!r}. See them with: qa list")
        return self.held[document_id]

    def resolve(self, name: str, *, without: Set[str] = frozenset()) -> str:
        if name in without:
            raise UnknownDocument(f"There is no document {name!r}. See them with: qa list")
        return self.document(name).id

    def passage_count(self, within: Filter | None = None) -> int:
        """As many as documents."""
        return len(self.held) if within is None or within.documents is None else len(within.documents)

    def search(self, question: str, *, top: int, within: Filter | None = None) -> list[Passage]:
        """Documents that hold a word of the question, whole."""
        words = {word for word in question.lower().split() if len(word) > 3}
        chosen = [d for d in self.held.values() if within is None or not within.documents or d.id in within.documents]
        found = [d for d in chosen if words & set(d.text.lower().split())]
        return [Passage(d.id, 0, len(d.text), d.text, 1.0) for d in found[:top]]


class FakeAssistant:
    """Knows answers by question: for each a list of (document, words), the first the answer, the rest alternatives."""

    def __init__(
        self,
        documents: Sequence[Document],
        known: Mapping[str, Sequence[tuple[str, str]]],
        *,
        delay: float = 0.0,
        confidence: float = 0.93,
    ) -> None:
        self.index = FakeIndex(documents)
        self.known = {question.lower(): found for question, found in known.items()}
        self.delay = delay
        self.confidence = confidence

    def warm_up(self) -> None:
        """There is nothing to load."""

    def ask(
        self,
        question: str,
        *,
        wording: str | None = None,
        within: Filter | None = None,
        answer_all: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        if len(question) > 1000:
            raise QuestionError("The question is too long: 1,000 characters at the most.")
        for stage in ("searching", "reading"):
            if on_stage is not None:
                on_stage(stage)
            time.sleep(self.delay)
        found = self.known.get(question.strip().lower(), [])
        citations = [self._cite(name, words) for name, words in found]
        every = list(self.index.held.values())
        return Answer(
            question=question,
            standalone_question=question,
            answer=citations[0].text if citations else None,
            confidence=self.confidence if citations else 0.08,
            abstained=not citations,
            reason=None if citations else "No passage holds an answer that is likely enough.",
            citations=citations[:1],
            alternatives=[
                Alternative(answer=citation.text, confidence=0.2, citations=[citation]) for citation in citations[1:]
            ],
            passages=[
                PassageHit(document_id=d.id, start=0, end=min(len(d.text), 500), score=1.0, text=d.text[:500])
                for d in every[:1]
            ],
            timings_ms=Timings(retrieve=1, read=1, total=2),
        )

    def _cite(self, name: str, words: str) -> Citation:
        document = self.index.document(name)
        start = document.text.index(words)
        return make_citation(document, start, start + len(words))
