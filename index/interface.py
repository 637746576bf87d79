"""What an index of passages can do, wherever it is kept."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.chunking import ChunkingSettings, passage_spans
from index.documents import Document, DocumentSummary, Passage, Span
from index.encoder import Encoder
from index.errors import InputError, UnknownDocument

OnProgress = Callable[[int, int], None]
"""Called with (passages done, passages in all)."""

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents a question is asked of; every condition that is set has to hold.

    Attributes:
        documents: ids of documents.
        sources: patterns of the documents' sources, with ``*``, ``?`` and ``[...]`` as in a shell; one has to match.
        since, until: first and last date, as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, both included whole: until 2020
            takes in all of 2020. Documents without a date are left out when either is set.
    """

    documents: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None

    @property
    def everything(self) -> bool:
        """Whether no condition is set."""
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Ranking:
    """How passages are ranked.

    Attributes:
        dense_weight: share of the cosine in the fused score, 0..1: 1 ranks by meaning alone, 0 by words alone.
        candidates: how many passages each of the two rankings puts forward for fusion.
        compared: how many of the best fused passages have their wording compared with the question's; 0 for none.
        pairs_weight, coverage_weight: what a full share of each (see :class:`index.wording.Fit`) adds to the fused score.

    The weights were fitted on training questions and rounded; benchmarks/RETRIEVAL.md has the figures.
    """

    dense_weight: float = 0.6
    candidates: int = 100
    compared: int = 30
    pairs_weight: float = 1.0
    coverage_weight: float = 2.0


def check_date(text: str) -> str:
    """``text``, which is a date as :class:`Filter` takes it.

    Raises:
        InputError: it is not.
    """
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        raise InputError(f"{text!r} is no date. Write it as 2020, 2020-05 or 2020-05-31.") from None
    return text


class PassageIndex(ABC):
    """Documents, cut into passages that are searchable by question.

    Implementations are safe to use from several threads, and from several processes at once. Each change is visible
    whole or not at all.
    """

    encoder: Encoder

    @property
    @abstractmethod
    def location(self) -> str:
        """Where it is kept, as it is given to ``--index``."""

    @abstractmethod
    def bytes_stored(self) -> int:
        """How much room it takes where it is kept, in bytes."""

    @abstractmethod
    def settings(self) -> dict[str, str]:
        """What the index was made with: ``format``, ``generation``, ``encoder``, ``encoder_fingerprint``,
        ``max_tokens``, ``overlap_tokens``."""

    @abstractmethod
    def documents(self) -> list[DocumentSummary]:
        """All documents, by title, then id."""

    @abstractmethod
    def document(self, document_id: str) -> Document:
        """One document with its text.

        Raises:
            UnknownDocument: the index has no document of that id.
        """

    @abstractmethod
    def document_from(self, source: str) -> DocumentSummary | None:
        """The document that was made from the file or address ``source``; ``None`` when there is none."""

    @abstractmethod
    def put(self, documents: Sequence[Document], on_progress: OnProgress | None = None) -> None:
        """Add documents, replacing those that have the same id; all of them become visible at once.

        Args:
            documents: with ids that differ.
            on_progress: called while passages are embedded.

        Raises:
            InputError: two documents have the same id or source, or one has the id or the source of another in the index.
        """

    @abstractmethod
    def remove(self, document_ids: Sequence[str]) -> None:
        """Remove documents and everything derived from them, at once.

        Raises:
            UnknownDocument: one of them is not in the index; then none is removed.
        """

    @abstractmethod
    def search(
        self, question: str, *, top: int, within: Filter | None = None, ranking: Ranking | None = None
    ) -> list[Passage]:
        """The passages most likely to answer ``question``.

        Args:
            question: free text; nothing in it is taken as query syntax.
            top: how many at the most.
            within: which documents to look at; all when ``None``.
            ranking: how to rank; the measured default when ``None``.

        Returns:
            Passages by the score of ``ranking``, highest first; equal scores by (document id, start, end).

        Raises:
            UnknownDocument: ``within`` names a document that the index does not have.
        """

    @abstractmethod
    def passage_count(self, within: Filter | None = None) -> int:
        """How many passages :meth:`search` chooses from: all, or those of the documents that ``within`` takes in.

        Raises:
            UnknownDocument: ``within`` names a document that the index does not have.
        """

    @abstractmethod
    def optimise(self, on_progress: OnProgress | None = None) -> bool:
        """Make searching faster where the index has grown enough to need it; returns whether anything was done.

        Readers and writers go on meanwhile. Costs next to nothing when there is nothing to do.
        """

    @abstractmethod
    def rebuild(self, on_progress: OnProgress | None = None) -> None:
        """Make passages, word index and vectors anew from the stored texts, with this index's encoder.

        Args:
            on_progress: called with (characters done, characters in all).
        """

    @abstractmethod
    def problems(self) -> list[str]:
        """What is wrong with the index, a line each; an empty list when nothing is."""

    def resolve(self, name: str, *, whole: bool = False, without: Set[str] = frozenset()) -> str:
        """The id of the document meant by ``name``: an id or the start of one, a path, a file name or a title.

        Args:
            name: what a person calls it.
            whole: whether the start of an id is not enough.
            without: ids of documents that go by no name.

        Raises:
            UnknownDocument: no document goes by that name, or several do.
        """
        summaries = [summary for summary in self.documents() if summary.id not in without]
        try:
            paths = (name, str(Path(name).resolve()))
        except (OSError, ValueError):  # no path can be called so: it has a NUL, say
            paths = (name, name)
        tests: list[Callable[[DocumentSummary], bool]] = [
            lambda summary: summary.id == name,
            lambda summary: summary.source in paths,
            lambda summary: Path(summary.source).name == name or summary.title == name,
            lambda summary: bool(name) and summary.id.startswith(name),
        ]
        started = [summary.id for summary in summaries if tests[-1](summary)]
        for test in tests[:-1] if whole else tests:
            found = [summary.id for summary in summaries if test(summary)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownDocument(
                    f"Several documents go by {name!r}: {', '.join(found[:5])}. Use one of these ids."
                )
        meant = f" Did you mean {' or '.join(started[:3])}?" if started else ""
        raise UnknownDocument(f"There is no document {name!r}.{meant} See them with: qa list")

    def chunk(self, text: str) -> list[Span]:
        """The passages that this index makes of ``text``."""
        settings = self.settings()
        sizes = ChunkingSettings(int(settings["max_tokens"]), int(settings["overlap_tokens"]))
        return passage_spans(text, self.encoder.token_spans, sizes)

    def embedded_text(self, document: Document, span: Span) -> str:
        """What the vector of a passage is made from: its text."""
        return document.text[span.start : span.end]

    def embed(
        self, documents: Sequence[Document], on_progress: OnProgress | None = None
    ) -> tuple[list[list[Span]], NDArray[np.float32]]:
        """Passages of each document, and the vectors of all passages in order, float32 of shape (passages, dimension)."""
        spans = [self.chunk(document.text) for document in documents]
        texts = [
            self.embedded_text(document, span)
            for document, passages in zip(documents, spans, strict=True)
            for span in passages
        ]
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if on_progress is not None:
                on_progress(done, len(texts))

        return spans, self.encoder.encode(texts, advance)
