"""Ranking passages for a question: dense and lexical scores, fused, and the wording of the best.

The fused score of a passage is the weighted sum of its two standardized scores, each minus the mean and divided by the
standard deviation over all candidates. A passage's cosine is always known; its BM25 is 0 when it shares no word with the
question. To the best of them is added how well their wording fits (:mod:`index.wording`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.interface import Ranking
from index.wording import Wording


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage put forward by either ranking.

    ``key`` is its place in the stated total order, used where scores are equal: (document id, start, end).
    """

    id: int
    key: tuple[str, int, int]
    cosine: float
    bm25: float


def fuse(candidates: Sequence[Candidate], dense_weight: float = 0.5) -> list[tuple[Candidate, float]]:
    """Rank candidates by the weighted sum of their standardized scores.

    Args:
        candidates: each passage once.
        dense_weight: share of the cosine in the sum, in 0..1; the rest is BM25's.

    Returns:
        Candidates with their fused scores (mean 0 over all), highest first; equal scores by ``key`` ascending.

    Raises:
        ValueError: ``dense_weight`` is outside 0..1.
    """
    if not 0.0 <= dense_weight <= 1.0:
        raise ValueError(f"dense_weight is {dense_weight}, but must lie in 0..1")
    if not candidates:
        return []
    cosines = standardized(np.array([candidate.cosine for candidate in candidates], dtype=np.float64))
    words = standardized(np.array([candidate.bm25 for candidate in candidates], dtype=np.float64))
    # Rounded, so that the last bits of the arithmetic never decide between passages that are equally good.
    scores = np.round(dense_weight * cosines + (1.0 - dense_weight) * words, 9)
    return sorted(zip(candidates, scores.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0].key))


def best_fused(candidates: Sequence[Candidate], top: int, ranking: Ranking) -> list[tuple[Candidate, float]]:
    """The candidates whose texts :func:`reranked` needs to give the best ``top``, with their fused scores."""
    return fuse(candidates, ranking.dense_weight)[: max(top, ranking.compared)]


def reranked(
    question: str, fused: Sequence[tuple[Candidate, float]], texts: Sequence[str], ranking: Ranking
) -> list[tuple[Candidate, float, str]]:
    """Rank passages by their fused scores and by how well their wording fits.

    Args:
        question: free text.
        fused: the best candidates with their fused scores.
        texts: their texts, in the same order.
        ranking: what the shares of the wording weigh; ``compared`` of 0 leaves scores and order as they are.

    Returns:
        Candidates with their scores and texts, highest score first; equal scores by ``key`` ascending.
    """
    rows = [(candidate, score, text) for (candidate, score), text in zip(fused, texts, strict=True)]
    if not ranking.compared:
        return rows
    wording = Wording(question)
    scored: list[tuple[Candidate, float, str]] = []
    for candidate, score, text in rows:
        fit = wording.compared(text)
        more = ranking.pairs_weight * fit.pairs + ranking.coverage_weight * fit.coverage
        scored.append((candidate, round(score + more, 9), text))
    return sorted(scored, key=lambda row: (-row[1], row[0].key))


def standardized(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Z-scores of a one-dimensional float64 array: ``(x - mean) / standard deviation``; all 0 when all are equal."""
    deviation = float(scores.std())
    # Rounding leaves a tiny deviation between numbers that are equal in all but their last bits.
    if deviation <= 1e-12 * max(1.0, float(np.abs(scores).max())):
        return np.zeros_like(scores)
    centred: NDArray[np.float64] = (scores - scores.mean()) / deviation
    return centred
