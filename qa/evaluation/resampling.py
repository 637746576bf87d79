"""The bootstrap: how far a score would move if other questions had been asked.

**Method.** The percentile bootstrap (Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13) over
clusters: the questions of one context are not independent of each other, so whole contexts are drawn with replacement,
as many as there are, and all questions of a context come along as often as it was drawn (Davison and Hinkley 1997,
"Bootstrap methods and their application", section 3.8). A score is worked out on each of the 1,000 resamples; the 2.5th
and the 97.5th percentile of these numbers, interpolated linearly, are its 95 % interval.

Where all questions are of one context there is nothing to draw from; then single questions are drawn instead, and the
report says so (``unit``). That interval speaks of other questions on the same text, and not of other texts.

Scores that add up deviations without their signs, the calibration error above all, come out higher on a resample than on
the file itself, since every repetition deviates more; with few questions the score lies near the low end of its interval.

A resample on which a score is not defined (no question without an answer, say) is left out for that score. The generator
is NumPy's PCG64 with a fixed seed, so the same results always have the same intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
"""Number of resamples."""

SEED = 0
"""Seed of the generator."""

LEVEL = 0.95
"""Share of the resamples whose scores lie in an interval."""

Weights = NDArray[np.float64]
"""Of shape (resamples, questions): how often each question occurs in each resample, whole numbers from 0."""

_CHUNK_CELLS = 1_000_000  # weights in memory at a time: 8 MB


@dataclass(frozen=True, slots=True)
class Clusters:
    """What is drawn: ``labels`` has, for each question, the number of its cluster in ``0..count - 1``, int64."""

    labels: NDArray[np.int64]
    count: int
    unit: Literal["context", "question"]


def clusters_of(contexts: Sequence[int] | NDArray[np.integer]) -> Clusters:
    """The clusters of questions with these contexts; every question by itself if they all have the same one.

    Raises:
        ValueError: there are no questions.
    """
    if not len(contexts):
        raise ValueError("no question to draw from")
    distinct, labels = np.unique(np.asarray(contexts, dtype=np.int64), return_inverse=True)
    if len(distinct) == 1:
        return Clusters(np.arange(len(contexts), dtype=np.int64), len(contexts), "question")
    return Clusters(labels.astype(np.int64), len(distinct), "context")


def resamples(clusters: Clusters, number: int = RESAMPLES, seed: int = SEED) -> Iterator[Weights]:
    """The weights of ``number`` resamples, some of them at a time, always the same for the same arguments."""
    generator = np.random.Generator(np.random.PCG64(seed))
    at_once = max(1, _CHUNK_CELLS // max(clusters.count, len(clusters.labels)))
    for first in range(0, number, at_once):
        rows = min(at_once, number - first)
        drawn = generator.integers(clusters.count, size=(rows, clusters.count))
        # One count for all rows at once: the clusters of row r are numbered from r * count on.
        drawn += np.arange(rows)[:, np.newaxis] * clusters.count
        counts = np.bincount(drawn.ravel(), minlength=rows * clusters.count).reshape(rows, clusters.count)
        yield counts[:, clusters.labels].astype(np.float64)


def percentile_interval(samples: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float] | None:
    """The middle ``level`` of ``samples``, of shape (resamples,); NaN stands for "not defined" and is left out.

    Returns:
        (low, high), or ``None`` if no sample is defined.
    """
    defined = samples[~np.isnan(samples)]
    if len(defined) == 0:
        return None
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(defined, [tail, 100.0 - tail])
    return float(low), float(high)
