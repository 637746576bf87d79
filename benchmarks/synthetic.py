"""A large index of made-up articles whose words and vectors behave like real ones.

An article is ten paragraphs, each of three to six sentences drawn from real texts; each paragraph is a passage, and its
vector is the normalised sum of its sentences' vectors. So words are as frequent as in real texts, and passages as near to
each other as their contents are. Only the real sentences are embedded; a million passages need no more of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import Document, Encoder, Span, sentence_spans
from index.interface import OnProgress
from index.local import LocalIndex
from qa.evaluation.datasets import load_dataset

PASSAGES = 10
"""Passages of an article."""
_GROUP = 1000
"""Articles that are made visible together."""


class SentencePool:
    """Real sentences with their vectors: float32 of shape (sentences, dimension)."""

    def __init__(self, sentences: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Take them as they are."""
        self.sentences = list(sentences)
        self.vectors = vectors

    @classmethod
    def read(
        cls, paths: Sequence[Path], encoder: Encoder, work: Path, on_progress: Callable[[int, int], None]
    ) -> SentencePool:
        """The sentences of the contexts of question files, or of plain texts, embedded once and kept in ``work``."""
        texts: dict[str, None] = {}
        for path in paths:
            if path.suffix == ".txt":
                texts[path.read_text(encoding="utf-8")] = None
            else:
                texts.update(dict.fromkeys(context.text for context in load_dataset(path).contexts))
        sentences: dict[str, None] = {}
        for text in texts:
            for span in sentence_spans(text):
                sentence = " ".join(text[span.start : span.end].split())
                if 20 <= len(sentence) <= 400:
                    sentences[sentence] = None
        kept = work / f"sentences-{sha256(chr(0).join(sentences).encode()).hexdigest()[:12]}.npy"
        if kept.exists():
            return cls(list(sentences), np.load(kept, allow_pickle=False))
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            on_progress(done, len(sentences))

        vectors = encoder.encode(list(sentences), advance)
        np.save(kept, vectors, allow_pickle=False)
        return cls(list(sentences), vectors)

    def article(self, number: int, rng: np.random.Generator) -> tuple[Document, list[Span], NDArray[np.float32]]:
        """Article ``number`` with its passages and their vectors."""
        parts: list[str] = []
        spans: list[Span] = []
        vectors = np.empty((PASSAGES, self.vectors.shape[1]), dtype=np.float32)
        at = 0
        for place in range(PASSAGES):
            # Neighbours in the pool come from one text, so a passage has a subject, as real ones have.
            first = int(rng.integers(len(self.sentences)))
            rows = [
                (first + step * int(rng.integers(1, 4))) % len(self.sentences)
                for step in range(int(rng.integers(3, 7)))
            ]
            text = " ".join(self.sentences[row] for row in rows)
            parts.append(text)
            spans.append(Span(at, at + len(text)))
            at += len(text) + 2
            total = self.vectors[rows].sum(axis=0)
            vectors[place] = total / np.linalg.norm(total)
        name = f"made-up-{number}"
        text = "\n\n".join(parts)
        digest = sha256(text.encode()).hexdigest()
        return (
            Document(name, f"Article {number}", f"made-up:{number}", digest, text, datetime.now(UTC), len(text)),
            spans,
            vectors,
        )


class SyntheticIndex(LocalIndex):
    """A local index that is told the passages and vectors of what is put into it."""

    prepared: tuple[list[list[Span]], NDArray[np.float32]]

    def embed(
        self, documents: Sequence[Document], on_progress: OnProgress | None = None
    ) -> tuple[list[list[Span]], NDArray[np.float32]]:
        """What :meth:`fill` has prepared."""
        del documents, on_progress
        return self.prepared

    def fill(self, pool: SentencePool, passages: int, seed: int = 5) -> Iterator[tuple[int, float]]:
        """Add articles up to that many passages; gives the number of passages and the seconds so far after each group."""
        held = sum(summary.passages for summary in self.documents())
        seconds = 0.0
        for first in range(held // PASSAGES, passages // PASSAGES, _GROUP):
            rng = np.random.default_rng([seed, first])
            made = [pool.article(number, rng) for number in range(first, min(first + _GROUP, passages // PASSAGES))]
            self.prepared = ([spans for _, spans, _ in made], np.concatenate([vectors for _, _, vectors in made]))
            began = time.perf_counter()
            self.put([document for document, _, _ in made])
            seconds += time.perf_counter() - began
            yield min((first + _GROUP) * PASSAGES, passages), seconds
