"""The list of documents: filtered, sorted and cut into pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.documents import DocumentSummary
from index.loading import MEMBER

SortKey = Literal["title", "source", "size", "added", "date", "passages"]
Status = Literal["ready", "missing"]

_KEYS: dict[SortKey, Callable[[DocumentSummary], Any]] = {
    "title": lambda summary: summary.title.casefold(),
    "source": lambda summary: summary.source.casefold(),
    "size": lambda summary: summary.size,
    "added": lambda summary: summary.added_at,
    "date": lambda summary: "" if summary.date is None else summary.date,
    "passages": lambda summary: summary.passages,
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list: ``documents`` of the ``matching`` ones, of ``total`` in all, and how many passages these have."""

    documents: list[DocumentSummary]
    matching: list[str]
    total: int
    passages: int


def list_documents(
    summaries: Sequence[DocumentSummary],
    *,
    words: str = "",
    sort: SortKey = "title",
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> Listing:
    """One page of ``summaries``.

    Args:
        summaries: all documents.
        words: each of them has to stand in the title or the source; upper and lower case are alike.
        sort: what to sort by; equal ones stay in order of title and id.
        descending: the highest first.
        offset, limit: the first of the page, and how many it has.
    """
    asked = words.casefold().split()
    matching = [
        summary
        for summary in summaries
        if all(word in f"{summary.title}\n{summary.source}".casefold() for word in asked)
    ]
    matching.sort(key=lambda summary: (summary.title.casefold(), summary.id))
    matching.sort(key=_KEYS[sort], reverse=descending)
    return Listing(
        matching[offset : offset + limit],
        [summary.id for summary in matching],
        len(summaries),
        sum(summary.passages for summary in summaries),
    )


def status_of(summary: DocumentSummary) -> Status:
    """Whether the file that a document came from is still there; a document without a file is always ready."""
    path = Path(summary.source.split(MEMBER, 1)[0])
    try:
        return "missing" if path.is_absolute() and not path.exists() else "ready"
    except (OSError, ValueError):
        return "missing"
