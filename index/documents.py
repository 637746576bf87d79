"""Documents and passages: the first two links of the chain of offsets.

All offsets are counted in Unicode code points (Python ``str`` indices) of a document's canonical text.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a paged document: the characters ``[start, end)`` of the canonical text stand on it.

    ``number`` counts from 1; ``label`` is what is printed on the page ("iv"), or ``None``.
    """

    number: int
    start: int
    end: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article with its one canonical text.

    Attributes:
        id: name of the document in the index: lower-case letters, digits and hyphens only.
        title: what to show people.
        source: where it came from, a path as the user may open it.
        sha256: hexadecimal SHA-256 of the source bytes.
        text: the canonical text that every offset points into.
        added_at: when it was added, in UTC.
        size: length of the source in bytes.
        pages: page map in ascending order; empty for formats without pages.
        date: when it was written, as far as the source says: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    """

    id: str
    title: str
    source: str
    sha256: str
    text: str
    added_at: datetime
    size: int
    pages: tuple[Page, ...] = ()
    date: str | None = None

    def page_at(self, offset: int) -> int | None:
        """Number of the page on which the character at ``offset`` stands; ``None`` for formats without pages."""
        for page in self.pages:
            if page.start <= offset < page.end:
                return page.number
        return None


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text, for listings. ``characters`` and ``passages`` are counts, ``date`` is as in a document."""

    id: str
    title: str
    source: str
    sha256: str
    added_at: datetime
    size: int
    characters: int
    passages: int
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``[start, end)`` of some text, ``0 <= start < end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A searchable slice ``[start, end)`` of a document, with the score it was found with (higher is better).

    ``text`` is cut from the canonical text when the passage is read from the index, so it cannot drift from it.
    """

    document_id: str
    start: int
    end: int
    text: str
    score: float
