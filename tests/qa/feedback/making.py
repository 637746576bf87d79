"""Entries for tests."""

from datetime import UTC, datetime
from typing import Any

from index.documents import Document
from qa.feedback.entries import Entry, Given, Place, ReaderFacts

READER = ReaderFacts(name="fake", version="1", sha256="f" * 64)


def place_of(document: Document, words: str, nth: int = 0) -> Place:
    """The ``nth`` place of ``words`` in a document."""
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(words, start + 1)
    return Place(
        document_id=document.id,
        title=document.title,
        sha256=document.sha256,
        start=start,
        end=start + len(words),
        text=words,
    )


def make_entry(verdict: Any, question: str, *places: Place, answer: str | None = "", **more: Any) -> Entry:
    """An entry about the answer at ``places``; ``answer=None`` makes it a refusal that showed them."""
    given = places[0].text if answer == "" and places else answer
    return Entry(
        id="e" * 32,
        time=datetime(2026, 11, 22, tzinfo=UTC),
        verdict=verdict,
        question=question,
        standalone_question=question,
        given=Given(answer=given, confidence=0.7, threshold=0.5, places=places),
        reader=READER,
        **more,
    )
